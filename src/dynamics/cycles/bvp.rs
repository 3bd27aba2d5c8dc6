//! Which equations make a polynomial a periodic orbit? Collocation of du/ds = g(u; q) on [0, 1].
//!
//! The equations hold at the Gauss points; the ends are joined by u_i(1) = ± u_i(0); the scalars q (period, parameters,
//! …) are fixed by as many linear conditions.

use super::closed::{Gap, Row};
use super::elimination::{Chain, Eliminated};
use super::flow::First;
use super::mesh::{DEGREE, Orbit, Rule, Transfer};
use crate::num::{Dual, Fan, LANES, Lanes};
use std::ops::Range;

/// A function and its scalars, in scaled coordinates.
#[derive(Clone, Debug)]
pub struct Unknown {
    pub orbit: Orbit,
    pub q: Vec<f64>,
}

impl Unknown {
    /// self + step · direction.
    pub fn moved(&self, direction: &Unknown, step: f64) -> Self {
        let mut moved = self.clone();
        moved.orbit.nodes.zip_apply(&direction.orbit.nodes, |a, b| *a += step * b);
        moved.q.iter_mut().zip(&direction.q).for_each(|(a, b)| *a += step * b);
        moved
    }
    pub fn scaled(&self, factor: f64) -> Self {
        let mut scaled = self.clone();
        scaled.orbit.nodes.iter_mut().chain(&mut scaled.q).for_each(|v| *v *= factor);
        scaled
    }
    /// ∫⟨u, v⟩ ds + q·q'.
    pub fn dot(&self, other: &Unknown, rule: &Rule) -> f64 {
        let scalars: f64 = self.q.iter().zip(&other.q).map(|(a, b)| a * b).sum();
        self.orbit.dot(&other.orbit, rule) + scalars
    }
    /// The same on another mesh.
    pub fn on(&self, transfer: &Transfer) -> Self {
        Unknown { orbit: transfer.carry(&self.orbit), q: self.q.clone() }
    }
    /// The largest entry.
    pub fn size(&self) -> f64 {
        self.q.iter().fold(self.orbit.nodes.amax(), |a, b| a.max(b.abs()))
    }
}

/// g and its derivatives at some places, one place after the other, and room to compute them in.
#[derive(Default)]
pub struct Local {
    pub g: Vec<f64>,
    /// ∂g/∂u by rows.
    pub jacobian: Vec<f64>,
    /// ∂g/∂q by rows.
    pub by: Vec<f64>,
    /// What a field alone contributes.
    pub first: First,
    pub room: Room,
}

/// Where a field's arguments and values stand while they are computed.
#[derive(Default)]
pub struct Room {
    pub fans: [Vec<Fan<Lanes>>; 3],
    pub seconds: [Vec<Fan<Dual>>; 3],
    pub lanes: [Vec<Lanes>; 3],
}

/// The equations du/ds = g(u; q).
pub trait Equations {
    /// Variables, scalars.
    fn sizes(&self) -> (usize, usize);
    /// ±1 per variable: u(1) = sign u(0).
    fn signs(&self) -> Vec<f64>;
    /// g at the places `u`, which stand one after the other, into `local.g`.
    fn values(&self, u: &[f64], q: &[f64], local: &mut Local);
    /// g and its derivatives at the places `u`, into `local`.
    fn derivatives(&self, u: &[f64], q: &[f64], local: &mut Local);
    /// All conditions on the scalars but the last one, relative to a neighbouring solution.
    fn conditions(&self, reference: &Unknown, rule: &Rule) -> Vec<Row>;
}

/// How many intervals are looked at together: their Gauss points fill whole lanes.
const TOGETHER: usize = LANES;

/// What the equations lack at the Gauss points of some intervals, where a function has this slope on the unit interval.
fn lacks<'a>(
    orbit: &'a Orbit,
    intervals: Range<usize>,
    slope: &'a [f64],
    g: &'a [f64],
) -> impl Iterator<Item = f64> + 'a {
    let rows = DEGREE * orbit.variables();
    let widths = intervals.flat_map(move |j| std::iter::repeat_n(orbit.width(j), rows));
    g.iter().zip(slope).zip(widths).map(|((g, slope), h)| h * g - slope)
}

/// The blocks of intervals of an orbit.
fn blocks(orbit: &Orbit) -> impl Iterator<Item = Range<usize>> + use<> {
    let n = orbit.intervals();
    (0..n).step_by(TOGETHER).map(move |from| from..n.min(from + TOGETHER))
}

/// The equations linearised at `at`, and what they lack there.
pub fn linearise(equations: &dyn Equations, at: &Unknown, rule: &Rule) -> Option<(Eliminated, Gap)> {
    let (d, k) = equations.sizes();
    let orbit = &at.orbit;
    let mut chain = Chain::new(d, k, orbit.intervals(), rule);
    let mut gap = Gap::new(ends(equations, at), orbit.intervals(), k);
    let (mut local, mut u, mut slope) = (Local::default(), Vec::new(), Vec::new());
    for intervals in blocks(orbit) {
        orbit.combine_each(intervals.clone(), &rule.value, &mut u);
        orbit.combine_each(intervals.clone(), &rule.slope, &mut slope);
        equations.derivatives(&u, &at.q, &mut local);
        gap.inside.extend(lacks(orbit, intervals.clone(), &slope, &local.g));
        let fours = local.jacobian.chunks(4 * DEGREE * d * d).zip(local.by.chunks(4 * DEGREE * d * k));
        for (first, (jacobians, by)) in intervals.step_by(4).zip(fours) {
            chain.put(first, orbit, rule, jacobians, by);
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
    let orbit = &at.orbit;
    let mut gap = Gap::new(ends(equations, at), orbit.intervals(), equations.sizes().1);
    let (mut local, mut u, mut slope) = (Local::default(), Vec::new(), Vec::new());
    for intervals in blocks(orbit) {
        orbit.combine_each(intervals.clone(), &rule.value, &mut u);
        orbit.combine_each(intervals.clone(), &rule.slope, &mut slope);
        equations.values(&u, &at.q, &mut local);
        gap.inside.extend(lacks(orbit, intervals, &slope, &local.g));
    }
    gap
}

/// g at the mesh points.
pub fn along(equations: &dyn Equations, at: &Unknown) -> Vec<f64> {
    let d = at.orbit.variables();
    let x: Vec<f64> = at.orbit.nodes.as_slice().chunks(d).step_by(DEGREE).flatten().copied().collect();
    let mut local = Local::default();
    equations.values(&x, &at.q, &mut local);
    local.g
}
