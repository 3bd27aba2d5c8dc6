//! How is a chain of intervals solved with work that grows with its length only? Condensation and orthogonal sweeps.
//!
//! On interval j the equations read L_j x_{j,0} + A_j (x_{j,1} … x_{j,m}) + B_j q = r_j for the nodes x and a few scalars
//! q. The inner nodes are eliminated first, which leaves x_{j+1} = G_j x_j + H_j q + e_j at the mesh points. The mesh
//! points are then eliminated one after the other by orthogonal transformations of two neighbouring equations, which are
//! stable for growing and shrinking directions alike (Wright 1992); products of the G_j are never formed. What remains
//! is one small system for x_0 and q. The factors serve for any number of right-hand sides and of closing conditions.

use super::mesh::{DEGREE, Rule};
use crate::num::linalg::{dot, factor, finish, substitute};
use nalgebra::{DMatrix, DVector};

/// The equations of all intervals before they are factored.
pub struct Chain {
    /// Variables at a node.
    size: usize,
    /// How many scalars q.
    scalars: usize,
    /// One interval after the other: m · size rows of [`width`].
    blocks: Vec<f64>,
    /// ∫ tr ∂g/∂u ds, which the chain keeps for the check of Liouville's formula.
    trace: f64,
}

/// How long a row of a block is: [A_j, −L_j, −B_j], and zeros up to a multiple of four.
fn width(d: usize, k: usize) -> usize {
    (DEGREE * d + d + k).next_multiple_of(4)
}

impl Chain {
    /// Room for so many intervals, whose equations are then [`put`](Self::put).
    pub fn new(size: usize, scalars: usize, intervals: usize, rule: &Rule) -> Self {
        let mut blocks = rule.spare.borrow_mut().pop().unwrap_or_default();
        blocks.resize(intervals * DEGREE * size * width(size, scalars), 0.0);
        Chain { size, scalars, blocks, trace: 0.0 }
    }
    /// The equations δ' = J δ + b q at Gauss point c of interval j, with J and b by rows.
    pub fn put(&mut self, j: usize, c: usize, h: f64, rule: &Rule, jacobian: &[f64], by: &[f64]) {
        let (d, k) = (self.size, self.scalars);
        let (rows, width) = (DEGREE * d, width(d, k));
        let mut trace = 0.0;
        let block = &mut self.blocks[(j * rows + c * d) * width..][..d * width];
        for (i, row) in block.chunks_exact_mut(width).enumerate() {
            let (inner, beside) = row.split_at_mut(rows);
            for (l, partial) in jacobian[i * d..][..d].iter().enumerate() {
                let entry = -h * partial;
                for (node, value) in rule.value[c][1..].iter().enumerate() {
                    inner[node * d + l] = entry * value;
                }
                beside[l] = -entry * rule.value[c][0];
            }
            for (node, slope) in rule.slope[c][1..].iter().enumerate() {
                inner[node * d + i] += slope;
            }
            beside[i] -= rule.slope[c][0];
            beside[d..d + k].iter_mut().zip(&by[i * k..]).for_each(|(to, by)| *to = h * by);
            beside[d + k..].fill(0.0);
            trace += jacobian[i * d + i];
        }
        self.trace += h * rule.weight[c] * trace;
    }
}

/// The factored chain.
pub struct Eliminated {
    d: usize,
    k: usize,
    n: usize,
    /// The triangular factors of A_j and, beside them, −A_j⁻¹ [L_j B_j].
    blocks: Vec<f64>,
    pivots: Vec<usize>,
    /// The elimination of mesh points 1 … n − 1, one after the other.
    links: Vec<f64>,
    /// P x_0 + Q x_N + R q = s, what is left of the chain: rows of 2 d + k.
    last: Vec<f64>,
    /// ∫ tr ∂g/∂u ds.
    pub trace: f64,
}

/// The elimination of one mesh point: T x_j + P x_0 + X x_{j+1} + R q = s, T triangular; rows of 3 d + k, and below them
/// the mirrors of the orthogonal transformation, 2 d each.
#[derive(Clone, Copy)]
struct Link<'a> {
    d: usize,
    k: usize,
    all: &'a [f64],
}

impl<'a> Link<'a> {
    fn size(d: usize, k: usize) -> usize {
        d * (3 * d + k) + 2 * d * d
    }
    fn row(self, i: usize) -> &'a [f64] {
        &self.all[i * (3 * self.d + self.k)..][..3 * self.d + self.k]
    }
    /// Applies the transformation to 2 d numbers.
    fn turn(self, x: &mut [f64]) {
        let d = self.d;
        for (c, mirror) in self.all[d * (3 * d + self.k)..].chunks_exact(2 * d).enumerate() {
            let along: f64 = mirror[c..].iter().zip(&x[c..]).map(|(m, x)| m * x).sum();
            mirror[c..].iter().zip(&mut x[c..]).for_each(|(m, x)| *x -= 2.0 * along * m);
        }
    }
}

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
    /// Nothing known inside, the rows fulfilled.
    pub fn new(ends: Vec<f64>, scalars: usize) -> Self {
        Gap { inside: Vec::new(), ends, rows: vec![0.0; scalars] }
    }
}

impl Eliminated {
    /// Factors the chain; `None` if an interval is singular or something is not finite.
    pub fn new(chain: Chain) -> Option<Self> {
        let (d, k, mut blocks) = (chain.size, chain.scalars, chain.blocks);
        let rows = DEGREE * d;
        let size = rows * width(d, k);
        let n = blocks.len() / size;
        let mut pivots = vec![0; n * rows];
        for (block, pivots) in blocks.chunks_exact_mut(size).zip(pivots.chunks_exact_mut(rows)) {
            factor(block, pivots)?;
            finish(block, rows);
            let maps = &block[(rows - d) * width(d, k)..];
            maps.iter().all(|v| v.is_finite()).then_some(())?;
        }
        let mut all = Eliminated { d, k, n, blocks, pivots, links: Vec::new(), last: Vec::new(), trace: chain.trace };
        all.sweep();
        Some(all)
    }
    /// Its memory, for the next one.
    pub fn done(self, rule: &Rule) {
        rule.spare.borrow_mut().push(self.blocks);
    }
    fn block(&self, j: usize) -> &[f64] {
        let size = DEGREE * self.d * width(self.d, self.k);
        &self.blocks[j * size..][..size]
    }
    fn row(&self, j: usize, node: usize, i: usize) -> &[f64] {
        let width = width(self.d, self.k);
        &self.block(j)[((node - 1) * self.d + i) * width + DEGREE * self.d..][..self.d + self.k]
    }
    /// The elimination of mesh point j > 0.
    fn link(&self, j: usize) -> Link<'_> {
        let size = Link::size(self.d, self.k);
        Link { d: self.d, k: self.k, all: &self.links[(j - 1) * size..][..size] }
    }
    /// Variables at a node.
    pub fn variables(&self) -> usize {
        self.d
    }
    /// How many intervals.
    pub fn intervals(&self) -> usize {
        self.n
    }
    /// Row i of G_j: how a deviation is carried over interval j.
    pub fn map_row(&self, j: usize, i: usize) -> &[f64] {
        &self.row(j, DEGREE, i)[..self.d]
    }
    /// G_{N−1} … G_0: how a deviation is carried around.
    pub fn around(&self) -> DMatrix<f64> {
        let map = |j: usize| DMatrix::from_fn(self.d, self.d, |i, c| self.map_row(j, i)[c]);
        (0..self.n).fold(DMatrix::identity(self.d, self.d), |m, j| map(j) * m)
    }
    /// How a deviation at the start is carried along: its values at all nodes.
    pub fn carry(&self, start: &DVector<f64>) -> DMatrix<f64> {
        let mut nodes = DMatrix::zeros(self.d, self.n * DEGREE + 1);
        nodes.set_column(0, start);
        for j in 0..self.n {
            for node in 1..=DEGREE {
                for i in 0..self.d {
                    let from = self.row(j, node, i);
                    nodes[(i, j * DEGREE + node)] = (0..self.d).map(|c| from[c] * nodes[(c, j * DEGREE)]).sum();
                }
            }
        }
        nodes
    }
    fn sweep(&mut self) {
        let (d, k) = (self.d, self.k);
        let width = 3 * d + k;
        // Rows of [x_j | x_0 | x_{j+1} | q]: above what is left of the chain before, below interval j.
        let mut work = vec![0.0; 2 * d * width];
        let mut links = Vec::with_capacity(self.n.saturating_sub(1) * Link::size(d, k));
        let interval = |all: &Self, j: usize, i: usize, row: &mut [f64], from: usize| {
            let map = all.row(j, DEGREE, i);
            (0..d).for_each(|c| row[from + c] = -map[c]);
            row[2 * d + i] = 1.0;
            (0..k).for_each(|c| row[3 * d + c] = -map[d + c]);
        };
        (0..d).for_each(|i| interval(self, 0, i, &mut work[i * width..][..width], d));
        let mut mirror = vec![0.0; 2 * d];
        for j in 1..self.n {
            for i in 0..d {
                let row = &mut work[i * width..][..width];
                row.copy_within(2 * d..3 * d, 0);
                row[2 * d..3 * d].fill(0.0);
                let below = &mut work[(d + i) * width..][..width];
                below.fill(0.0);
                interval(self, j, i, below, 0);
            }
            let mirrors = links.len() + d * width;
            links.resize(links.len() + Link::size(d, k), 0.0);
            for c in 0..d {
                let norm = (c..2 * d).map(|i| work[i * width + c].powi(2)).sum::<f64>().sqrt();
                let top = work[c * width + c];
                (c..2 * d).for_each(|i| mirror[i] = work[i * width + c]);
                mirror[c] += norm.copysign(top);
                let length = mirror[c..].iter().map(|m| m * m).sum::<f64>().sqrt();
                // Two maps without a common column leave nothing to turn.
                if length > 0.0 {
                    mirror[c..].iter_mut().for_each(|m| *m /= length);
                }
                for col in c..width {
                    let along: f64 = (c..2 * d).map(|i| mirror[i] * work[i * width + col]).sum();
                    (c..2 * d).for_each(|i| work[i * width + col] -= 2.0 * along * mirror[i]);
                }
                links[mirrors + c * 2 * d..][c..2 * d].copy_from_slice(&mirror[c..]);
            }
            links[mirrors - d * width..mirrors].copy_from_slice(&work[..d * width]);
            work.copy_within(d * width.., 0);
        }
        self.links = links;
        self.last = (0..d).flat_map(|i| work[i * width + d..(i + 1) * width].to_vec()).collect();
    }
    /// Closes the chain with x_N = signs · x_0 and one row per scalar; `None` if that is singular.
    pub fn close(&self, signs: &[f64], rows: &[Row]) -> Option<Closed> {
        let (d, k, n) = (self.d, self.k, self.n);
        assert_eq!(rows.len(), k, "one row per scalar");
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
                    let from = self.row(j, 1 + c / d, c % d);
                    at.iter_mut().zip(from).for_each(|(a, f)| *a += w * f);
                    corner[r * k..(r + 1) * k].iter_mut().zip(&from[d..]).for_each(|(a, f)| *a += w * f);
                }
            }
        }
        let mut shares = vec![0.0; n.saturating_sub(1) * k * d];
        for j in 1..n {
            let link = self.link(j);
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
                    let left = &self.last[i * (2 * d + k)..][..2 * d + k];
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

impl Closed {
    /// The nodes (size × nodes) and scalars that fill the gap of the chain that was closed; `None` if the system is singular.
    pub fn solve(&self, chain: &Eliminated, gap: &Gap) -> Option<(DMatrix<f64>, Vec<f64>)> {
        let (d, k, n) = (chain.d, chain.k, chain.n);
        let rows = DEGREE * d;
        let inside = rows - d;
        let minus = |to: &mut f64, a: &[f64], b: &[f64]| *to -= dot(a, b);
        // What every inner node has without its left neighbour and the scalars.
        let mut alone = gap.inside.clone();
        for j in 0..n {
            substitute(chain.block(j), &chain.pivots[j * rows..][..rows], &mut alone[j * rows..][..rows]);
        }
        let mut beta = gap.rows.clone();
        for j in 0..n {
            for (r, beta) in beta.iter_mut().enumerate() {
                minus(beta, &self.inner[(j * k + r) * inside..][..inside], &alone[j * rows..][..inside]);
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
                minus(beta, &self.shares[((j - 1) * k + r) * d..][..d], &work[..d]);
            }
            work.copy_within(d.., 0);
        }
        let mut small = vec![0.0; d + k];
        small[..d].copy_from_slice(&work[..d]);
        small[d..].copy_from_slice(&beta);
        (0..d).for_each(|i| minus(&mut small[i], &chain.last[i * (2 * d + k) + d..][..d], &gap.ends));
        (0..k).for_each(|r| minus(&mut small[d + r], &self.end[r * d..][..d], &gap.ends));
        substitute(&self.small, &self.pivots, &mut small);
        let (first, q) = (small[..d].to_vec(), small[d..].to_vec());
        let mut nodes = DMatrix::zeros(d, n * DEGREE + 1);
        let x = nodes.as_mut_slice();
        x[..d].copy_from_slice(&first);
        (0..d).for_each(|i| x[n * rows + i] = self.signs[i] * first[i] + gap.ends[i]);
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
