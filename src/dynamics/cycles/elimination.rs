//! How is a chain of intervals solved with work that grows with its length only? Condensation and orthogonal sweeps.
//!
//! On interval j the equations read L_j x_{j,0} + A_j (x_{j,1} … x_{j,m}) + B_j q = r_j for the nodes x and a few scalars
//! q. The inner nodes are eliminated first, which leaves x_{j+1} = G_j x_j + H_j q + e_j at the mesh points. The mesh
//! points are then eliminated one after the other by orthogonal transformations of two neighbouring equations, which are
//! stable for growing and shrinking directions alike (Wright 1992); products of the G_j are never formed. What remains
//! is one small system for x_0 and q (`closed`). The factors serve for any number of right-hand sides and of closing
//! conditions.

use super::mesh::{DEGREE, Orbit, Rule};
use crate::num::linalg::four::{self, Four};
use crate::num::linalg::{Kernel, Size, mirror, reflect, sized};
use nalgebra::{DMatrix, DVector};
use std::array::from_fn;

/// The equations of all intervals before they are factored.
pub struct Chain {
    /// Variables at a node.
    size: usize,
    /// How many scalars q.
    scalars: usize,
    /// How many intervals.
    intervals: usize,
    /// Four intervals side by side, and then the next four: m · size rows of [A_j, −L_j, −B_j].
    blocks: Vec<Four>,
    /// ∫ tr ∂g/∂u ds, which the chain keeps for the check of Liouville's formula.
    trace: f64,
}

/// How long a row of a block is.
fn width(d: usize, k: usize) -> usize {
    DEGREE * d + d + k
}

impl Chain {
    /// Room for so many intervals, whose equations are then [`put`](Self::put).
    pub fn new(size: usize, scalars: usize, intervals: usize, rule: &Rule) -> Self {
        let mut blocks = rule.spare.borrow_mut().pop().unwrap_or_default();
        blocks.resize(intervals.div_ceil(4) * DEGREE * size * width(size, scalars), [0.0; 4]);
        Chain { size, scalars, intervals, blocks, trace: 0.0 }
    }
    /// The equations δ' = J δ + b q at the Gauss points of up to four intervals from `first` on, a multiple of four, with J
    /// and b by rows, one place after the other.
    pub fn put(&mut self, first: usize, mesh: &Orbit, rule: &Rule, jacobians: &[f64], by: &[f64]) {
        let (d, k) = (self.size, self.scalars);
        let size = DEGREE * d * width(d, k);
        let block = &mut self.blocks[first / 4 * size..][..size];
        let count = jacobians.len() / (DEGREE * d * d);
        // The last interval stands in the places that are left over.
        let h = from_fn(|lane| mesh.width(first + lane.min(count - 1)));
        let traces = sized(d, Put { block, scalars: k, h, count, rule, jacobians, by });
        traces[..count].iter().for_each(|trace| self.trace += trace);
    }
}

/// Writes the blocks of four intervals; the answer is ∫ tr J over each.
struct Put<'a> {
    block: &'a mut [Four],
    scalars: usize,
    h: Four,
    count: usize,
    rule: &'a Rule,
    jacobians: &'a [f64],
    by: &'a [f64],
}

impl Kernel for Put<'_> {
    type Output = Four;
    #[inline(always)]
    fn run(self, d: impl Size) -> Four {
        let Put { block, scalars: k, h, count, rule, jacobians, by } = self;
        let d = d.get();
        let (rows, width) = (DEGREE * d, width(d, k));
        let of = |all: &[f64], at: usize, size: usize, l: usize| -> Four {
            from_fn(|lane| h[lane] * all[(lane.min(count - 1) * rows + at) * size + l])
        };
        let mut traces = [0.0; 4];
        for (at, row) in block.chunks_exact_mut(width).enumerate() {
            let (c, i) = (at / d, at % d);
            let (value, slope) = (&rule.value[c], &rule.slope[c]);
            let (inner, beside) = row.split_at_mut(rows);
            for l in 0..d {
                let partial = of(jacobians, at, d, l);
                for node in 0..DEGREE {
                    inner[node * d + l] = partial.map(|a| -a * value[node + 1]);
                }
                beside[l] = partial.map(|a| a * value[0]);
                if l == i {
                    (0..4).for_each(|lane| traces[lane] += rule.weight[c] * partial[lane]);
                }
            }
            for node in 0..DEGREE {
                inner[node * d + i].iter_mut().for_each(|x| *x += slope[node + 1]);
            }
            beside[i].iter_mut().for_each(|x| *x -= slope[0]);
            (0..k).for_each(|l| beside[d + l] = of(by, at, k, l));
        }
        traces
    }
}

/// The factored chain.
pub struct Eliminated {
    pub(super) d: usize,
    pub(super) k: usize,
    pub(super) n: usize,
    /// The triangular factors of A_j and, beside them, −A_j⁻¹ [L_j B_j], of four intervals side by side.
    blocks: Vec<Four>,
    pivots: Vec<usize>,
    /// The same −A_j⁻¹ [L_j B_j], one interval after the other.
    maps: Vec<f64>,
    /// The elimination of mesh points 1 … n − 1, one after the other.
    links: Vec<f64>,
    /// P x_0 + Q x_N + R q = s, what is left of the chain: rows of 2 d + k.
    pub(super) last: Vec<f64>,
    /// ∫ tr ∂g/∂u ds.
    pub trace: f64,
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
        let Chain { size: d, scalars: k, intervals: n, blocks, trace } = chain;
        let rows = DEGREE * d;
        let pivots = vec![0; n.div_ceil(4) * rows];
        let maps = vec![0.0; n * rows * (d + k)];
        let mut all = Eliminated { d, k, n, blocks, pivots, maps, links: Vec::new(), last: Vec::new(), trace };
        sized(d, Condense(&mut all))?;
        sized(d, Sweep(&mut all));
        Some(all)
    }
    /// Its memory, for the next one.
    pub fn done(self, rule: &Rule) {
        rule.spare.borrow_mut().push(self.blocks);
    }
    /// What every inner node has without its left neighbour and the scalars, in place of what the intervals lack.
    #[inline(always)]
    pub(super) fn alone(&self, d: impl Size, inside: &mut [f64]) {
        let (rows, width) = (DEGREE * d.get(), width(d.get(), self.k));
        let mut right = vec![[0.0; 4]; rows];
        let blocks = self.blocks.chunks_exact(rows * width).zip(self.pivots.chunks_exact(rows));
        for ((block, pivots), inside) in blocks.zip(inside.chunks_mut(4 * rows)) {
            for (lane, inside) in inside.chunks_exact(rows).enumerate() {
                right.iter_mut().zip(inside).for_each(|(to, x)| to[lane] = *x);
            }
            four::substitute(block, pivots, &mut right);
            for (lane, inside) in inside.chunks_exact_mut(rows).enumerate() {
                inside.iter_mut().zip(&right).for_each(|(to, x)| *to = x[lane]);
            }
        }
    }
    pub(super) fn row(&self, j: usize, node: usize, i: usize) -> &[f64] {
        let width = self.d + self.k;
        &self.maps[((j * DEGREE + node - 1) * self.d + i) * width..][..width]
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
}

/// Eliminates the inner nodes of every interval; `None` if one is singular or something is not finite.
struct Condense<'a>(&'a mut Eliminated);

impl Kernel for Condense<'_> {
    type Output = Option<()>;
    #[inline(always)]
    fn run(self, d: impl Size) -> Option<()> {
        let Eliminated { k, blocks, pivots, maps, .. } = self.0;
        let (rows, width, beside) = (DEGREE * d.get(), width(d.get(), *k), d.get() + *k);
        let blocks = blocks.chunks_exact_mut(rows * width).zip(pivots.chunks_exact_mut(rows));
        for ((block, pivots), maps) in blocks.zip(maps.chunks_mut(4 * rows * beside)) {
            four::factor(block, pivots)?;
            for (lane, map) in maps.chunks_exact_mut(rows * beside).enumerate() {
                for (row, to) in block.chunks_exact(width).zip(map.chunks_exact_mut(beside)) {
                    to.iter_mut().zip(&row[rows..]).for_each(|(to, x)| *to = x[lane]);
                }
            }
        }
        maps.iter().all(|v| v.is_finite()).then_some(())
    }
}

/// Eliminates the mesh points, one after the other.
struct Sweep<'a>(&'a mut Eliminated);

impl Kernel for Sweep<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, d: impl Size) {
        let (d, all) = (d.get(), self.0);
        let k = all.k;
        let width = 3 * d + k;
        // Rows of [x_j | x_0 | x_{j+1} | q]: above what is left of the chain before, below interval j.
        let mut work = vec![0.0; 2 * d * width];
        let mut links = Vec::with_capacity(all.n.saturating_sub(1) * Link::size(d, k));
        let interval = |all: &Eliminated, j: usize, i: usize, row: &mut [f64], from: usize| {
            let map = all.row(j, DEGREE, i);
            (0..d).for_each(|c| row[from + c] = -map[c]);
            row[2 * d + i] = 1.0;
            (0..k).for_each(|c| row[3 * d + c] = -map[d + c]);
        };
        (0..d).for_each(|i| interval(all, 0, i, &mut work[i * width..][..width], d));
        let mut axis = vec![0.0; 2 * d];
        for j in 1..all.n {
            for i in 0..d {
                let row = &mut work[i * width..][..width];
                row.copy_within(2 * d..3 * d, 0);
                row[2 * d..3 * d].fill(0.0);
                let below = &mut work[(d + i) * width..][..width];
                below.fill(0.0);
                interval(all, j, i, below, 0);
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
        all.links = links;
        all.last = (0..d).flat_map(|i| work[i * width + d..(i + 1) * width].to_vec()).collect();
    }
}
