//! How is a chain of intervals solved with work that grows with its length only? Condensation and orthogonal sweeps.
//!
//! On interval j the equations read L_j x_{j,0} + A_j (x_{j,1} … x_{j,m}) + B_j q = r_j for the nodes x and a few scalars
//! q. The inner nodes are eliminated first, which leaves x_{j+1} = G_j x_j + H_j q + e_j at the mesh points. The mesh
//! points are then eliminated one after the other by orthogonal transformations of two neighbouring equations, which are
//! stable for growing and shrinking directions alike (Wright 1992); products of the G_j are never formed. What remains
//! is one small system for x_0 and q (`closed`). The factors serve for any number of right-hand sides and of closing
//! conditions.

use super::mesh::{DEGREE, Rule};
use crate::num::linalg::{Size, factor, finish, mirror, reflect, sized};
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
    /// The equations δ' = J δ + b q at the Gauss points of interval j, of width h, with J and b by rows.
    pub fn put(&mut self, j: usize, h: f64, rule: &Rule, jacobians: &[f64], by: &[f64]) {
        let size = DEGREE * self.size * width(self.size, self.scalars);
        let block = &mut self.blocks[j * size..][..size];
        let trace = sized!(self.size, d => put(block, d, self.scalars, h, rule, jacobians, by));
        self.trace += h * trace;
    }
}

/// Writes the block of one interval; the answer is the weighted sum of tr J.
#[inline(always)]
fn put(block: &mut [f64], d: impl Size, k: usize, h: f64, rule: &Rule, jacobians: &[f64], by: &[f64]) -> f64 {
    let d = d.get();
    let (rows, width) = (DEGREE * d, width(d, k));
    let mut trace = 0.0;
    for (at, row) in block.chunks_exact_mut(width).enumerate() {
        let (c, i) = (at / d, at % d);
        let (value, slope) = (&rule.value[c], &rule.slope[c]);
        let partials = &jacobians[at * d..][..d];
        let (inner, beside) = row.split_at_mut(rows);
        for (node, to) in inner.chunks_exact_mut(d).enumerate() {
            for l in 0..d {
                to[l] = -h * partials[l] * value[node + 1];
            }
            to[i] += slope[node + 1];
        }
        for l in 0..d {
            beside[l] = h * partials[l] * value[0];
        }
        beside[i] -= slope[0];
        beside[d..d + k].iter_mut().zip(&by[at * k..]).for_each(|(to, by)| *to = h * by);
        beside[d + k..].fill(0.0);
        trace += rule.weight[c] * partials[i];
    }
    trace
}

/// The factored chain.
pub struct Eliminated {
    pub(super) d: usize,
    pub(super) k: usize,
    pub(super) n: usize,
    /// The triangular factors of A_j and, beside them, −A_j⁻¹ [L_j B_j].
    blocks: Vec<f64>,
    pub(super) pivots: Vec<usize>,
    /// The elimination of mesh points 1 … n − 1, one after the other.
    links: Vec<f64>,
    /// P x_0 + Q x_N + R q = s, what is left of the chain: rows of 2 d + k.
    pub(super) last: Vec<f64>,
    /// ∫ tr ∂g/∂u ds.
    pub trace: f64,
}

/// Eliminates the inner nodes of every interval; `None` if one is singular or something is not finite.
#[inline(always)]
fn condense(blocks: &mut [f64], pivots: &mut [usize], d: impl Size, k: usize) -> Option<()> {
    let (rows, width) = (DEGREE * d.get(), width(d.get(), k));
    for (block, pivots) in blocks.chunks_exact_mut(rows * width).zip(pivots.chunks_exact_mut(rows)) {
        factor(block, pivots)?;
        finish(block, rows);
        let maps = &block[(rows - d.get()) * width..];
        maps.iter().all(|v| v.is_finite()).then_some(())?;
    }
    Some(())
}

/// The elimination of one mesh point: T x_j + P x_0 + X x_{j+1} + R q = s, T triangular; rows of 3 d + k, and below them
/// the mirrors of the orthogonal transformation, 2 d each.
#[derive(Clone, Copy)]
pub(super) struct Link<'a> {
    d: usize,
    k: usize,
    all: &'a [f64],
}

impl<'a> Link<'a> {
    fn size(d: usize, k: usize) -> usize {
        d * (3 * d + k) + 2 * d * d
    }
    pub(super) fn row(self, i: usize) -> &'a [f64] {
        &self.all[i * (3 * self.d + self.k)..][..3 * self.d + self.k]
    }
    /// Applies the transformation to 2 d numbers.
    pub(super) fn turn(self, x: &mut [f64]) {
        let d = self.d;
        for (c, mirror) in self.all[d * (3 * d + self.k)..].chunks_exact(2 * d).enumerate() {
            reflect(&mirror[c..], &mut x[c..]);
        }
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
        sized!(d, d => condense(&mut blocks, &mut pivots, d, k))?;
        let mut all = Eliminated { d, k, n, blocks, pivots, links: Vec::new(), last: Vec::new(), trace: chain.trace };
        sized!(d, d => all.sweep(d));
        Some(all)
    }
    /// Its memory, for the next one.
    pub fn done(self, rule: &Rule) {
        rule.spare.borrow_mut().push(self.blocks);
    }
    pub(super) fn block(&self, j: usize) -> &[f64] {
        let size = DEGREE * self.d * width(self.d, self.k);
        &self.blocks[j * size..][..size]
    }
    pub(super) fn row(&self, j: usize, node: usize, i: usize) -> &[f64] {
        let width = width(self.d, self.k);
        &self.block(j)[((node - 1) * self.d + i) * width + DEGREE * self.d..][..self.d + self.k]
    }
    /// The elimination of mesh point j > 0.
    pub(super) fn link(&self, j: usize) -> Link<'_> {
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
    #[inline(always)]
    fn sweep(&mut self, d: impl Size) {
        let (d, k) = (d.get(), self.k);
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
        let mut axis = vec![0.0; 2 * d];
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
                (c..2 * d).for_each(|i| axis[i] = work[i * width + c]);
                // Two maps without a common column leave nothing to turn.
                mirror(&mut axis[c..]);
                for col in c..width {
                    let along: f64 = (c..2 * d).map(|i| axis[i] * work[i * width + col]).sum();
                    (c..2 * d).for_each(|i| work[i * width + col] -= 2.0 * along * axis[i]);
                }
                links[mirrors + c * 2 * d..][c..2 * d].copy_from_slice(&axis[c..]);
            }
            links[mirrors - d * width..mirrors].copy_from_slice(&work[..d * width]);
            work.copy_within(d * width.., 0);
        }
        self.links = links;
        self.last = (0..d).flat_map(|i| work[i * width + d..(i + 1) * width].to_vec()).collect();
    }
}
