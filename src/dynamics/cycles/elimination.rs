//! How is a chain of intervals solved with work that grows with its length only? Condensation and orthogonal sweeps.
//!
//! On interval j the equations read L_j x_{j,0} + A_j (x_{j,1} … x_{j,m}) + B_j q = r_j for the nodes x and a few scalars
//! q. The inner nodes are eliminated first, which leaves x_{j+1} = G_j x_j + H_j q + e_j at the mesh points. The mesh
//! points are then eliminated one after the other by orthogonal transformations of two neighbouring equations, which are
//! stable for growing and shrinking directions alike (Wright 1992); products of the G_j are never formed. What remains
//! is one small system for x_0 and q. The factors serve for any number of right-hand sides and of closing conditions.

use super::mesh::{DEGREE, Rule};
use nalgebra::{DMatrix, DVector};

/// The equations of all intervals before they are factored; matrices in rows, one interval after the other.
pub struct Chain {
    /// Variables at a node.
    pub size: usize,
    /// How many scalars q.
    pub scalars: usize,
    /// L_j: (m · size) × size each.
    pub left: Vec<f64>,
    /// A_j: (m · size) × (m · size) each.
    pub inner: Vec<f64>,
    /// B_j: (m · size) × scalars each.
    pub by: Vec<f64>,
    /// ∫ tr ∂g/∂u ds, which the chain keeps for the check of Liouville's formula.
    pub trace: f64,
}

impl Chain {
    /// Room for so many intervals, all zero.
    pub fn new(size: usize, scalars: usize, intervals: usize) -> Self {
        let rows = intervals * DEGREE * size;
        let (left, inner) = (vec![0.0; rows * size], vec![0.0; rows * size * DEGREE]);
        Chain { size, scalars, left, inner, by: vec![0.0; rows * scalars], trace: 0.0 }
    }
    /// The equations δ' = J δ at Gauss point c of interval j.
    pub fn put(&mut self, j: usize, c: usize, h: f64, rule: &Rule, jacobian: &dyn Fn(usize, usize) -> f64) {
        let d = self.size;
        let rows = DEGREE * d;
        self.trace += h * rule.weight[c] * (0..d).map(|i| jacobian(i, i)).sum::<f64>();
        for i in 0..d {
            let row = j * rows + c * d + i;
            for l in 0..d {
                let entry = -h * jacobian(i, l);
                let diagonal = if i == l { 1.0 } else { 0.0 };
                let at_node = |node: usize| diagonal * rule.slope[c][node] + entry * rule.value[c][node];
                self.left[row * d + l] = at_node(0);
                (1..=DEGREE).for_each(|node| self.inner[row * rows + (node - 1) * d + l] = at_node(node));
            }
        }
    }
}

/// The factored chain.
pub struct Eliminated {
    d: usize,
    k: usize,
    n: usize,
    lu: Vec<f64>,
    pivots: Vec<usize>,
    /// −A_j⁻¹ [L_j B_j], rows of d + k.
    fill: Vec<f64>,
    links: Vec<Link>,
    /// P x_0 + Q x_N + R q = s, what is left of the chain.
    last: (DMatrix<f64>, DMatrix<f64>, DMatrix<f64>),
    /// ∫ tr ∂g/∂u ds.
    pub trace: f64,
}

/// The elimination of one mesh point: T x_j + P x_0 + X x_{j+1} + R q = s, T triangular.
struct Link {
    turn: DMatrix<f64>,
    triangle: DMatrix<f64>,
    first: DMatrix<f64>,
    next: DMatrix<f64>,
    by: DMatrix<f64>,
}

/// The chain with its closing conditions: x_N = S x_0 + …, and as many rows as there are scalars.
pub struct Closed<'a> {
    chain: &'a Eliminated,
    signs: Vec<f64>,
    /// The rows at the inner nodes, kept for the right-hand sides.
    inner: Vec<DMatrix<f64>>,
    /// t_j with t_j T = row at mesh point j, after elimination: scalars × size per mesh point.
    shares: Vec<DMatrix<f64>>,
    end: DMatrix<f64>,
    small: nalgebra::LU<f64, nalgebra::Dyn, nalgebra::Dyn>,
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

impl Eliminated {
    /// Factors the chain; `None` if an interval is singular or something is not finite.
    pub fn new(chain: Chain) -> Option<Self> {
        let (d, k) = (chain.size, chain.scalars);
        let (rows, width) = (DEGREE * d, d + k);
        let n = chain.left.len() / (rows * d);
        let mut lu = chain.inner;
        let mut pivots = vec![0; n * rows];
        let mut fill = vec![0.0; n * rows * width];
        for j in 0..n {
            let a = &mut lu[j * rows * rows..][..rows * rows];
            let p = &mut pivots[j * rows..][..rows];
            factor(a, p)?;
            let target = &mut fill[j * rows * width..][..rows * width];
            for r in 0..rows {
                let row = j * rows + r;
                (0..d).for_each(|c| target[r * width + c] = -chain.left[row * d + c]);
                (0..k).for_each(|c| target[r * width + d + c] = -chain.by[row * k + c]);
            }
            substitute(a, p, target, width);
        }
        if !fill.iter().all(|v| v.is_finite()) {
            return None;
        }
        let last = Default::default();
        let mut all = Eliminated { d, k, n, lu, pivots, fill, links: Vec::new(), last, trace: chain.trace };
        all.sweep();
        Some(all)
    }
    fn row(&self, j: usize, node: usize, i: usize) -> &[f64] {
        let width = self.d + self.k;
        &self.fill[(j * DEGREE * self.d + (node - 1) * self.d + i) * width..][..width]
    }
    /// G_j: how a deviation is carried over interval j.
    pub fn map(&self, j: usize) -> DMatrix<f64> {
        DMatrix::from_fn(self.d, self.d, |i, c| self.row(j, DEGREE, i)[c])
    }
    /// G_0, …, G_{N−1}.
    pub fn maps(&self) -> Vec<DMatrix<f64>> {
        (0..self.n).map(|j| self.map(j)).collect()
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
        let by = |j: usize, all: &Self| DMatrix::from_fn(d, k, |i, c| -all.row(j, DEGREE, i)[d + c]);
        let (mut p, mut q, mut r) = (-self.map(0), DMatrix::identity(d, d), by(0, self));
        for j in 1..self.n {
            let map = self.map(j);
            let stacked = DMatrix::from_fn(2 * d, d, |i, c| if i < d { q[(i, c)] } else { -map[(i - d, c)] });
            let qr = stacked.qr();
            let triangle = qr.r();
            let mut turn = DMatrix::identity(2 * d, 2 * d);
            qr.q_tr_mul(&mut turn);
            let (left, right) = (turn.columns(0, d), turn.columns(d, d));
            let first = left * &p;
            let by = left * &r + right * by(j, self);
            let part = |m: &DMatrix<f64>, lower: bool| m.rows(if lower { d } else { 0 }, d).into_owned();
            let next = right.into_owned();
            (p, q, r) = (part(&first, true), part(&next, true), part(&by, true));
            self.links.push(Link {
                triangle,
                first: part(&first, false),
                next: part(&next, false),
                by: part(&by, false),
                turn,
            });
        }
        self.last = (p, q, r);
    }
    /// Closes the chain with x_N = signs · x_0 and one row per scalar; `None` if that is singular.
    pub fn close(&self, signs: &[f64], rows: &[Row]) -> Option<Closed<'_>> {
        let (d, k) = (self.d, self.k);
        assert_eq!(rows.len(), k, "one row per scalar");
        let mut corner = DMatrix::from_fn(k, k, |r, c| rows[r].scalars[c]);
        let mut mesh: Vec<DMatrix<f64>> = Vec::with_capacity(self.n + 1);
        let mut inner = Vec::with_capacity(self.n);
        for j in 0..=self.n {
            let mut at = DMatrix::from_fn(k, d, |r, i| rows[r].nodes[(i, j * DEGREE)]);
            if j < self.n {
                let inside =
                    DMatrix::from_fn(k, (DEGREE - 1) * d, |r, c| rows[r].nodes[(c % d, j * DEGREE + 1 + c / d)]);
                for c in 0..(DEGREE - 1) * d {
                    let from = self.row(j, 1 + c / d, c % d);
                    for r in 0..k {
                        let w = inside[(r, c)];
                        (0..d).for_each(|i| at[(r, i)] += w * from[i]);
                        (0..k).for_each(|i| corner[(r, i)] += w * from[d + i]);
                    }
                }
                inner.push(inside);
            }
            mesh.push(at);
        }
        let mut shares = Vec::with_capacity(self.n);
        for (j, link) in self.links.iter().enumerate().map(|(j, l)| (j + 1, l)) {
            // t T = row, from the left: T is upper triangular.
            let mut t = mesh[j].clone();
            for c in 0..d {
                for r in 0..k {
                    let known: f64 = (0..c).map(|i| t[(r, i)] * link.triangle[(i, c)]).sum();
                    t[(r, c)] = (t[(r, c)] - known) / link.triangle[(c, c)];
                }
            }
            mesh[0] -= &t * &link.first;
            mesh[j + 1] -= &t * &link.next;
            corner -= &t * &link.by;
            shares.push(t);
        }
        let (p, q, r) = &self.last;
        let end = mesh[self.n].clone();
        let small = DMatrix::from_fn(d + k, d + k, |i, c| match (i < d, c < d) {
            (true, true) => p[(i, c)] + q[(i, c)] * signs[c],
            (true, false) => r[(i, c - d)],
            (false, true) => mesh[0][(i - d, c)] + end[(i - d, c)] * signs[c],
            (false, false) => corner[(i - d, c - d)],
        });
        if !small.iter().all(|v| v.is_finite()) {
            return None;
        }
        Some(Closed { chain: self, signs: signs.to_vec(), inner, shares, end, small: small.lu() })
    }
}

impl Closed<'_> {
    /// The nodes (size × nodes) and scalars that fill the gap; `None` if the system is singular.
    pub fn solve(&self, gap: &Gap) -> Option<(DMatrix<f64>, Vec<f64>)> {
        let chain = self.chain;
        let (d, k, n) = (chain.d, chain.k, chain.n);
        let rows = DEGREE * d;
        // What every inner node has without its left neighbour and the scalars.
        let mut alone = gap.inside.clone();
        for j in 0..n {
            let lu = &chain.lu[j * rows * rows..][..rows * rows];
            substitute(lu, &chain.pivots[j * rows..][..rows], &mut alone[j * rows..][..rows], 1);
        }
        let ahead = |j: usize| DVector::from_column_slice(&alone[(j + 1) * rows - d..(j + 1) * rows]);
        let mut beta = DVector::from_column_slice(&gap.rows);
        for (j, inside) in self.inner.iter().enumerate() {
            beta -= inside * DVector::from_column_slice(&alone[j * rows..(j + 1) * rows - d]);
        }
        let mut s = ahead(0);
        let mut upper = Vec::with_capacity(n);
        for (j, link) in chain.links.iter().enumerate() {
            let turned = link.turn.columns(0, d) * &s + link.turn.columns(d, d) * ahead(j + 1);
            let top = turned.rows(0, d).into_owned();
            s = turned.rows(d, d).into_owned();
            beta -= &self.shares[j] * &top;
            upper.push(top);
        }
        let ends = DVector::from_column_slice(&gap.ends);
        let top = s - &chain.last.1 * &ends;
        let bottom = beta - &self.end * &ends;
        let right = DVector::from_fn(d + k, |i, _| if i < d { top[i] } else { bottom[i - d] });
        let small = self.small.solve(&right)?;
        let (first, q) = (small.rows(0, d).into_owned(), small.rows(d, k).into_owned());
        let mut nodes = DMatrix::zeros(d, n * DEGREE + 1);
        (0..d).for_each(|i| {
            nodes[(i, 0)] = first[i];
            nodes[(i, n * DEGREE)] = self.signs[i] * first[i] + ends[i];
        });
        for j in (1..n).rev() {
            let link = &chain.links[j - 1];
            let known =
                &upper[j - 1] - &link.first * &first - &link.next * nodes.column((j + 1) * DEGREE) - &link.by * &q;
            nodes.set_column(j * DEGREE, &link.triangle.solve_upper_triangular(&known)?);
        }
        for j in 0..n {
            for node in 1..DEGREE {
                for i in 0..d {
                    let from = chain.row(j, node, i);
                    let by: f64 = (0..k).map(|c| from[d + c] * q[c]).sum();
                    let on: f64 = (0..d).map(|c| from[c] * nodes[(c, j * DEGREE)]).sum();
                    nodes[(i, j * DEGREE + node)] = alone[j * rows + (node - 1) * d + i] + on + by;
                }
            }
        }
        nodes.iter().chain(q.iter()).all(|v| v.is_finite()).then(|| (nodes, q.iter().copied().collect()))
    }
}

/// P A = L U in place, rows swapped for the largest pivot; `None` for a singular matrix.
fn factor(a: &mut [f64], pivots: &mut [usize]) -> Option<()> {
    let n = pivots.len();
    for c in 0..n {
        let best = (c..n).max_by(|&i, &j| a[i * n + c].abs().total_cmp(&a[j * n + c].abs()))?;
        pivots[c] = best;
        if best != c {
            (0..n).for_each(|i| a.swap(c * n + i, best * n + i));
        }
        let top = a[c * n + c];
        if top == 0.0 || !top.is_finite() {
            return None;
        }
        let (above, below) = a.split_at_mut((c + 1) * n);
        let pivot_row = &above[c * n..];
        for row in below.chunks_exact_mut(n) {
            if row[c] != 0.0 {
                let share = row[c] / top;
                row[c] = share;
                row[c + 1..].iter_mut().zip(&pivot_row[c + 1..]).for_each(|(x, y)| *x -= share * y);
            }
        }
    }
    Some(())
}

/// Solves with the factors for right-hand sides in rows of `width`.
fn substitute(lu: &[f64], pivots: &[usize], right: &mut [f64], width: usize) {
    let n = pivots.len();
    for (c, &p) in pivots.iter().enumerate() {
        if p != c {
            (0..width).for_each(|i| right.swap(c * width + i, p * width + i));
        }
    }
    for r in 1..n {
        let (above, here) = right.split_at_mut(r * width);
        for (c, row) in above.chunks_exact(width).enumerate() {
            let share = lu[r * n + c];
            here[..width].iter_mut().zip(row).for_each(|(x, y)| *x -= share * y);
        }
    }
    for r in (0..n).rev() {
        let (above, below) = right.split_at_mut((r + 1) * width);
        let here = &mut above[r * width..];
        for (c, row) in below.chunks_exact(width).enumerate() {
            let share = lu[r * n + r + 1 + c];
            here.iter_mut().zip(row).for_each(|(x, y)| *x -= share * y);
        }
        here.iter_mut().for_each(|x| *x /= lu[r * n + r]);
    }
}
