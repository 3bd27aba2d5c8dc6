//! Which equations make a polynomial a periodic orbit? Collocation of du/ds = g(u; q) on [0, 1], and Newton's method.
//!
//! The equations hold at the Gauss points; the ends are joined by u_i(1) = ± u_i(0); the scalars q (period, parameters,
//! …) are fixed by as many linear conditions. A factored Jacobian is used again for as long as the steps shrink fast.

use super::elimination::{Chain, Closed, Eliminated, Gap, Row};
use super::mesh::{DEGREE, Orbit, Rule};
use crate::num::{Dual, Fan};
use nalgebra::DMatrix;

/// A function and its scalars, in scaled coordinates.
#[derive(Clone, Debug)]
pub struct Unknown {
    pub orbit: Orbit,
    pub q: Vec<f64>,
}

impl Unknown {
    /// self + step · direction.
    pub fn moved(&self, direction: &Unknown, step: f64) -> Self {
        let orbit = Orbit { mesh: self.orbit.mesh.clone(), nodes: &self.orbit.nodes + &direction.orbit.nodes * step };
        Unknown { orbit, q: self.q.iter().zip(&direction.q).map(|(a, b)| a + step * b).collect() }
    }
    pub fn scaled(&self, factor: f64) -> Self {
        let orbit = Orbit { mesh: self.orbit.mesh.clone(), nodes: &self.orbit.nodes * factor };
        Unknown { orbit, q: self.q.iter().map(|v| v * factor).collect() }
    }
    /// ∫⟨u, v⟩ ds + q·q'.
    pub fn dot(&self, other: &Unknown, rule: &Rule) -> f64 {
        let row = product(&other.orbit, rule, false);
        row.dot(&self.orbit.nodes) + self.q.iter().zip(&other.q).map(|(a, b)| a * b).sum::<f64>()
    }
    /// The same on another mesh.
    pub fn on(&self, mesh: &[f64]) -> Self {
        Unknown { orbit: self.orbit.on(mesh.to_vec()), q: self.q.clone() }
    }
    fn size(&self) -> f64 {
        self.q.iter().fold(self.orbit.nodes.amax(), |a, b| a.max(b.abs()))
    }
}

/// The weights of u ↦ ∫⟨u, v⟩ ds, or of u ↦ ∫⟨u, v'⟩ ds, over the nodes.
pub fn product(v: &Orbit, rule: &Rule, slopes: bool) -> DMatrix<f64> {
    let n = v.variables();
    let mut row = DMatrix::zeros(n, v.nodes.ncols());
    let mut at_point = vec![0.0; n];
    for j in 0..v.intervals() {
        for c in 0..DEGREE {
            // The width of the interval cancels against the slope's.
            let (table, h) = if slopes { (&rule.slope[c], 1.0) } else { (&rule.value[c], v.width(j)) };
            v.combine(j, table, &mut at_point);
            for k in 0..=DEGREE {
                let share = h * rule.weight[c] * rule.value[c][k];
                at_point.iter().enumerate().for_each(|(i, x)| row[(i, j * DEGREE + k)] += share * x);
            }
        }
    }
    row
}

/// Values and derivatives of g at one place, and room to compute them in.
#[derive(Default)]
pub struct Local {
    pub g: Vec<f64>,
    /// ∂g/∂u in rows.
    pub jacobian: Vec<f64>,
    /// ∂g/∂q in rows.
    pub by: Vec<f64>,
    pub x: Vec<Fan>,
    pub p: Vec<Fan>,
    pub out: Vec<Fan>,
    pub seconds: [Vec<Fan<Dual>>; 3],
    pub plain: [Vec<f64>; 2],
}

/// The equations du/ds = g(u; q).
pub trait Equations {
    /// Variables, scalars.
    fn sizes(&self) -> (usize, usize);
    /// ±1 per variable: u(1) = sign u(0).
    fn signs(&self) -> Vec<f64>;
    /// g, into `local.g`.
    fn value(&self, u: &[f64], q: &[f64], local: &mut Local);
    /// g and its derivatives, into `local`.
    fn derivatives(&self, u: &[f64], q: &[f64], local: &mut Local);
    /// All conditions on the scalars but the last one, relative to a neighbouring solution.
    fn conditions(&self, reference: &Unknown, rule: &Rule) -> Vec<Row>;
}

/// The equations linearised at `at`, and what they lack there.
pub fn linearise(equations: &dyn Equations, at: &Unknown, rule: &Rule) -> Option<(Eliminated, Gap)> {
    let (d, k) = equations.sizes();
    let (n, rows) = (at.orbit.intervals(), DEGREE * d);
    let mut chain = Chain::new(d, k, n);
    let mut gap = Gap { inside: vec![0.0; n * rows], ends: ends(equations, at), rows: vec![0.0; k] };
    let mut local = Local::default();
    let (mut u, mut slope) = (vec![0.0; d], vec![0.0; d]);
    for j in 0..n {
        let h = at.orbit.width(j);
        for c in 0..DEGREE {
            at.orbit.combine(j, &rule.value[c], &mut u);
            at.orbit.combine(j, &rule.slope[c], &mut slope);
            equations.derivatives(&u, &at.q, &mut local);
            chain.put(j, c, h, rule, |i, l| local.jacobian[i * d + l]);
            for (i, slope) in slope.iter().enumerate() {
                let row = j * rows + c * d + i;
                gap.inside[row] = h * local.g[i] - slope;
                (0..k).for_each(|l| chain.by[row * k + l] = -h * local.by[i * k + l]);
            }
        }
    }
    gap.inside.iter().all(|v| v.is_finite()).then_some(())?;
    Some((Eliminated::new(chain)?, gap))
}

fn ends(equations: &dyn Equations, at: &Unknown) -> Vec<f64> {
    let (nodes, last) = (&at.orbit.nodes, at.orbit.nodes.ncols() - 1);
    equations.signs().iter().enumerate().map(|(i, s)| s * nodes[(i, 0)] - nodes[(i, last)]).collect()
}

/// What the equations lack at `at`.
pub fn gap(equations: &dyn Equations, at: &Unknown, rule: &Rule) -> Gap {
    let (d, k) = equations.sizes();
    let n = at.orbit.intervals();
    let mut gap = Gap { inside: Vec::with_capacity(n * DEGREE * d), ends: ends(equations, at), rows: vec![0.0; k] };
    let mut local = Local::default();
    let (mut u, mut slope) = (vec![0.0; d], vec![0.0; d]);
    for j in 0..n {
        let h = at.orbit.width(j);
        for c in 0..DEGREE {
            at.orbit.combine(j, &rule.value[c], &mut u);
            at.orbit.combine(j, &rule.slope[c], &mut slope);
            equations.value(&u, &at.q, &mut local);
            gap.inside.extend(local.g.iter().zip(&slope).map(|(g, s)| h * g - s));
        }
    }
    gap
}

/// What the rows lack at `at`.
pub fn rows_gap(rows: &[Row], at: &Unknown) -> Vec<f64> {
    let lacks =
        |r: &Row| r.value - r.nodes.dot(&at.orbit.nodes) - r.scalars.iter().zip(&at.q).map(|(a, b)| a * b).sum::<f64>();
    rows.iter().map(lacks).collect()
}

/// A solution with the chain linearised at it.
pub struct Solved {
    pub at: Unknown,
    pub chain: Eliminated,
    /// Newton steps, those with a new factorisation counted three times.
    pub effort: usize,
}

/// How small a step is when Newton's method is done, relative to the solution.
pub const SETTLED: f64 = 1e-9;
const STEPS: usize = 25;

/// Newton's method from `start`.
///
/// The answer was checked: a full Newton step at it, with a new Jacobian, is smaller than [`SETTLED`].
pub fn newton(equations: &dyn Equations, start: Unknown, rows: &[Row], rule: &Rule) -> Option<Solved> {
    let signs = equations.signs();
    let step = |closed: &Closed, lacks: &Gap, u: &Unknown| -> Option<(Unknown, f64)> {
        let (nodes, q) = closed.solve(lacks)?;
        let move_ = Unknown { orbit: Orbit { mesh: u.orbit.mesh.clone(), nodes }, q };
        let size = move_.size() / (1.0 + u.size());
        size.is_finite().then(|| (u.moved(&move_, 1.0), size))
    };
    let mut u = start;
    let mut effort = 0;
    let mut last = f64::INFINITY;
    let mut worse = 0;
    for _ in 0..STEPS {
        let (chain, mut lacks) = linearise(equations, &u, rule)?;
        lacks.rows = rows_gap(rows, &u);
        let closed = chain.close(&signs, rows)?;
        let (next, size) = step(&closed, &lacks, &u)?;
        effort += 3;
        if size > 10.0 {
            return None;
        }
        worse = if size > last { worse + 1 } else { 0 };
        if worse > 3 {
            return None;
        }
        u = next;
        last = size;
        if size < SETTLED {
            return Some(Solved { at: u, chain, effort });
        }
        // Next to the solution the same chain brings the rest.
        if size < 3e-2 {
            for _ in 0..5 {
                let mut lacks = gap(equations, &u, rule);
                lacks.rows = rows_gap(rows, &u);
                let Some((next, size)) = step(&closed, &lacks, &u) else { break };
                effort += 1;
                if size > 0.3 * last {
                    break;
                }
                u = next;
                last = size;
                if size < 0.01 * SETTLED {
                    break;
                }
            }
            last = f64::INFINITY;
        }
    }
    None
}
