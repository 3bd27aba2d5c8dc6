//! How is the chain closed? Its ends are joined, one more row per scalar is given, and one small system is left.

use super::elimination::Eliminated;
use super::mesh::DEGREE;
use crate::num::linalg::{Kernel, Size, dot, factor, sized, substitute};
use nalgebra::DMatrix;

/// The chain with its closing conditions: x_N = S x_0 + …, and as many rows as there are scalars.
pub struct Closed {
    signs: Vec<f64>,
    /// The rows at the inner nodes, kept for the right-hand sides: scalars × inner nodes per interval.
    inner: Vec<f64>,
    /// t_j with t_j T = row at mesh point j, after elimination: scalars × size per mesh point.
    shares: Vec<f64>,
    /// The rows at the last mesh point: scalars × size.
    end: Vec<f64>,
    small: Vec<f64>,
    pivots: Vec<usize>,
}

/// A linear condition on nodes and scalars.
#[derive(Clone)]
pub struct Row {
    /// One weight per variable and node.
    pub nodes: DMatrix<f64>,
    /// One weight per scalar.
    pub scalars: Vec<f64>,
    /// What the weighted sum must be.
    pub value: f64,
}

/// What the three kinds of equations lack.
pub struct Gap {
    /// Per interval and equation of it.
    pub inside: Vec<f64>,
    /// x_N − S x_0.
    pub ends: Vec<f64>,
    /// The rows.
    pub rows: Vec<f64>,
}

impl Gap {
    /// At the ends; what is lacking inside these intervals is still to come, and the rows are fulfilled.
    pub fn new(ends: Vec<f64>, intervals: usize, scalars: usize) -> Self {
        Gap { inside: Vec::with_capacity(intervals * DEGREE * ends.len()), ends, rows: vec![0.0; scalars] }
    }
    /// In the rows alone.
    pub fn of_rows(rows: Vec<f64>, variables: usize, intervals: usize) -> Self {
        Gap { inside: vec![0.0; intervals * DEGREE * variables], ends: vec![0.0; variables], rows }
    }
}

impl Eliminated {
    /// Closes the chain with x_N = signs · x_0 and one row per scalar; `None` if that is singular.
    pub fn close(&self, signs: &[f64], rows: &[Row]) -> Option<Closed> {
        assert_eq!(rows.len(), self.k, "one row per scalar");
        sized(self.d, Close { chain: self, signs, rows })
    }
}

impl Closed {
    /// The nodes (size × nodes) and scalars that fill the gap of the chain that was closed; `None` if the system is singular.
    pub fn solve(&self, chain: &Eliminated, gap: &Gap) -> Option<(DMatrix<f64>, Vec<f64>)> {
        sized(chain.d, Solve { closed: self, chain, gap })
    }
}

struct Close<'a> {
    chain: &'a Eliminated,
    signs: &'a [f64],
    rows: &'a [Row],
}

impl Kernel for Close<'_> {
    type Output = Option<Closed>;
    #[inline(always)]
    fn run(self, d: impl Size) -> Option<Closed> {
        let Close { chain, signs, rows } = self;
        let (d, k, n) = (d.get(), chain.k, chain.n);
        let inside = (DEGREE - 1) * d;
        let mut corner: Vec<f64> = rows.iter().flat_map(|r| r.scalars.iter().copied()).collect();
        let mut mesh = vec![0.0; (n + 1) * k * d];
        let mut inner = vec![0.0; n * k * inside];
        for (r, weights) in rows.iter().map(|r| r.nodes.as_slice()).enumerate() {
            for j in 0..=n {
                let at = &mut mesh[(j * k + r) * d..][..d];
                at.copy_from_slice(&weights[j * DEGREE * d..][..d]);
                if j == n {
                    break;
                }
                let here = &weights[(j * DEGREE + 1) * d..][..inside];
                inner[(j * k + r) * inside..][..inside].copy_from_slice(here);
                for (c, w) in here.iter().enumerate().filter(|(_, w)| **w != 0.0) {
                    let from = chain.row(j, 1 + c / d, c % d);
                    at.iter_mut().zip(from).for_each(|(a, f)| *a += w * f);
                    corner[r * k..(r + 1) * k].iter_mut().zip(&from[d..]).for_each(|(a, f)| *a += w * f);
                }
            }
        }
        let mut shares = vec![0.0; n.saturating_sub(1) * k * d];
        for j in 1..n {
            let link = chain.link(j);
            for r in 0..k {
                // t T = row, from the left: T is upper triangular.
                let t = &mut shares[((j - 1) * k + r) * d..][..d];
                for c in 0..d {
                    let known: f64 = (0..c).map(|i| t[i] * link.row(i)[c]).sum();
                    t[c] = (mesh[(j * k + r) * d + c] - known) / link.row(c)[c];
                }
                for (i, t) in t.iter().enumerate() {
                    let row = link.row(i);
                    (0..d).for_each(|c| mesh[r * d + c] -= t * row[d + c]);
                    (0..d).for_each(|c| mesh[((j + 1) * k + r) * d + c] -= t * row[2 * d + c]);
                    (0..k).for_each(|c| corner[r * k + c] -= t * row[3 * d + c]);
                }
            }
        }
        let end = mesh[n * k * d..].to_vec();
        let size = d + k;
        let mut small = vec![0.0; size * size];
        for i in 0..size {
            let row = &mut small[i * size..][..size];
            let (first, last, by) = match i < d {
                true => {
                    let left = &chain.last[i * (2 * d + k)..][..2 * d + k];
                    (&left[..d], &left[d..2 * d], &left[2 * d..])
                }
                false => (&mesh[(i - d) * d..][..d], &end[(i - d) * d..][..d], &corner[(i - d) * k..][..k]),
            };
            (0..d).for_each(|c| row[c] = first[c] + last[c] * signs[c]);
            row[d..].copy_from_slice(by);
        }
        let mut pivots = vec![0; size];
        small.iter().all(|v| v.is_finite()).then_some(())?;
        factor(&mut small, &mut pivots)?;
        Some(Closed { signs: signs.to_vec(), inner, shares, end, small, pivots })
    }
}

struct Solve<'a> {
    closed: &'a Closed,
    chain: &'a Eliminated,
    gap: &'a Gap,
}

impl Kernel for Solve<'_> {
    type Output = Option<(DMatrix<f64>, Vec<f64>)>;
    #[inline(always)]
    fn run(self, size: impl Size) -> Self::Output {
        let Solve { closed, chain, gap } = self;
        let (d, k, n) = (size.get(), chain.k, chain.n);
        let rows = DEGREE * d;
        let inside = rows - d;
        let minus = |to: &mut f64, a: &[f64], b: &[f64]| *to -= dot(a, b);
        let mut alone = gap.inside.clone();
        chain.alone(size, &mut alone);
        let mut beta = gap.rows.clone();
        for j in 0..n {
            for (r, beta) in beta.iter_mut().enumerate() {
                minus(beta, &closed.inner[(j * k + r) * inside..][..inside], &alone[j * rows..][..inside]);
            }
        }
        // Above what is left of the chain, below the next interval.
        let mut work = vec![0.0; 2 * d];
        work[..d].copy_from_slice(&alone[inside..rows]);
        let mut upper = vec![0.0; n * d];
        for j in 1..n {
            work[d..].copy_from_slice(&alone[j * rows + inside..][..d]);
            chain.link(j).turn(&mut work);
            upper[j * d..][..d].copy_from_slice(&work[..d]);
            for (r, beta) in beta.iter_mut().enumerate() {
                minus(beta, &closed.shares[((j - 1) * k + r) * d..][..d], &work[..d]);
            }
            work.copy_within(d.., 0);
        }
        let mut small = vec![0.0; d + k];
        small[..d].copy_from_slice(&work[..d]);
        small[d..].copy_from_slice(&beta);
        (0..d).for_each(|i| minus(&mut small[i], &chain.last[i * (2 * d + k) + d..][..d], &gap.ends));
        (0..k).for_each(|r| minus(&mut small[d + r], &closed.end[r * d..][..d], &gap.ends));
        substitute(&closed.small, &closed.pivots, &mut small);
        let (first, q) = (small[..d].to_vec(), small[d..].to_vec());
        let mut nodes = DMatrix::zeros(d, n * DEGREE + 1);
        let x = nodes.as_mut_slice();
        x[..d].copy_from_slice(&first);
        (0..d).for_each(|i| x[n * rows + i] = closed.signs[i] * first[i] + gap.ends[i]);
        for j in (1..n).rev() {
            let link = chain.link(j);
            for i in (0..d).rev() {
                let row = link.row(i);
                let mut value = upper[j * d + i];
                minus(&mut value, &row[d..2 * d], &first);
                minus(&mut value, &row[2 * d..3 * d], &x[(j + 1) * rows..][..d]);
                minus(&mut value, &row[3 * d..], &q);
                minus(&mut value, &row[i + 1..d], &x[j * rows + i + 1..][..d - i - 1]);
                x[j * rows + i] = value / row[i];
            }
        }
        for j in 0..n {
            let (left, right) = x[j * rows..].split_at_mut(d);
            for (c, value) in right[..inside].iter_mut().enumerate() {
                let from = chain.row(j, 1 + c / d, c % d);
                *value = alone[j * rows + c] + dot(&from[..d], left) + dot(&from[d..], &q);
            }
        }
        nodes.iter().chain(q.iter()).all(|v| v.is_finite()).then_some((nodes, q))
    }
}
