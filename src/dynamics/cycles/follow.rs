//! Where does a branch of periodic orbits start? At a Hopf point, as a small turning ellipse.

use super::branch::{CycleBranch, CycleStop};
use super::bvp::Unknown;
use super::flow::Flow;
use super::mesh::Orbit;
use super::tracker::Tracker;
use super::walk::Here;
use crate::dynamics::continuation::{Event, EventKind, Vary};
use crate::field::{Error, Field, Names, Result};
use crate::num::linalg::eigen;
use nalgebra::Complex;
use std::f64::consts::TAU;
use std::sync::atomic::AtomicBool;

/// How a branch of periodic orbits is followed. Lengths are in scaled coordinates.
#[derive(Clone, Debug)]
pub struct CycleOptions {
    /// The smallest number of mesh intervals.
    pub intervals: usize,
    /// The largest number of mesh intervals.
    pub intervals_max: usize,
    /// The wanted error of the orbit between the mesh points, relative to the swing of each variable. Meshes are made for
    /// it, and made again where it is missed by a factor of two. Periods and multipliers, which live at the mesh points,
    /// are better: about its power 7/4.
    pub tolerance: f64,
    /// The first step.
    pub step: f64,
    /// The smallest step before giving up.
    pub step_min: f64,
    /// The largest step.
    pub step_max: f64,
    /// The largest number of orbits.
    pub points: usize,
    /// The longest period, in units of the first one.
    pub period_max: f64,
    /// How many generations of doubled and crossing branches a [`family`](super::family) follows.
    pub generations: usize,
    /// Set to true from outside to end a branch at the orbit it has reached.
    pub stop: Option<&'static AtomicBool>,
}

impl Default for CycleOptions {
    fn default() -> Self {
        CycleOptions {
            intervals: 10,
            intervals_max: 240,
            tolerance: 3e-7,
            step: 0.02,
            step_min: 1e-7,
            step_max: 0.1,
            points: 200,
            period_max: 200.0,
            generations: 3,
            stop: None,
        }
    }
}

impl CycleOptions {
    /// Refuses options that make no sense.
    pub(super) fn check(&self) -> Result<()> {
        let lengths = [self.step_min, self.step, self.step_max, self.tolerance, self.period_max];
        let positive = lengths.iter().all(|v| *v > 0.0 && v.is_finite());
        let ordered = self.step_min <= self.step && self.step <= self.step_max;
        if !positive || !ordered || self.intervals < 3 || self.points == 0 {
            return Err(Error::usage(
                "the options for following cycles make no sense",
                "lengths are positive with step_min ≤ step ≤ step_max, intervals at least 3, points at least 1",
            ));
        }
        Ok(())
    }
}

/// The parameter's range, if it makes sense.
pub(super) fn check_range(names: &Names, p: &[f64], vary: &Vary) -> Result<(f64, f64)> {
    let Some(quantity) = names.parameters.get(vary.parameter()) else {
        return Err(Error::usage(format!("there is no parameter number {}", vary.parameter()), "give its index"));
    };
    if p.len() != names.parameters.len() {
        let what = format!("{} parameter values for {} parameters", p.len(), names.parameters.len());
        return Err(Error::usage(what, "give one value per parameter"));
    }
    let (lo, hi) = vary.range();
    if !(lo < hi && lo.is_finite() && hi.is_finite()) {
        return Err(Error::usage(format!("the range {lo} to {hi} of `{}` is empty", quantity.name), "give LO:HI"));
    }
    Ok((lo, hi))
}

/// The size of each variable: what it is at the start or usually.
pub(super) fn sizes(names: &Names, at: &[f64]) -> Vec<f64> {
    let size = |(x, q): (&f64, &crate::field::Quantity)| match x.abs().max(q.value.abs()) {
        s if s > 1e-12 => s,
        _ => 1.0,
    };
    at.iter().zip(&names.variables).map(size).collect()
}

/// The branch of periodic orbits that is born at a Hopf point.
///
/// `p` are the parameters of the branch the event was found on. Errors: an event that is not a located Hopf point, or a
/// first orbit that is not reached. A branch that ends is not an error: [`CycleBranch::stopped`] says why.
pub fn from_hopf(
    field: &dyn Field,
    p: &[f64],
    hopf: &Event,
    vary: &Vary,
    options: &CycleOptions,
) -> Result<CycleBranch> {
    let (Some(omega), EventKind::Hopf) = (hopf.omega, hopf.kind) else {
        return Err(Error::usage(
            format!("the {} at {} is not a located Hopf point", hopf.kind.name(), hopf.parameter),
            "start from an event of kind hopf that was verified",
        ));
    };
    options.check()?;
    let names = field.names();
    let (lo, hi) = check_range(names, p, vary)?;
    let n = names.variables.len();
    let mut at = p.to_vec();
    at[vary.parameter()] = hopf.parameter;
    let pairs = eigen(&field.jacobian(&hopf.at, &at))?;
    let near = |k: usize| (pairs.values[k] - Complex::new(0.0, omega)).norm();
    let k = (0..n).min_by(|&a, &b| near(a).total_cmp(&near(b))).unwrap_or(0);
    let scale = sizes(names, &hopf.at);
    let q: Vec<Complex<f64>> = (0..n).map(|i| pairs.right[(i, k)] / scale[i]).collect();
    let size = q.iter().map(|c| c.norm_sqr()).sum::<f64>().sqrt();
    let flow = Flow { field, p: at, free: vec![vary.parameter()], scale, time: TAU / omega, widths: vec![hi - lo] };
    let tracker = Tracker::new(&flow, options, (lo, hi));
    let mesh = Orbit::uniform(options.intervals);
    let centre = Unknown {
        orbit: Orbit::from_fn(mesh.clone(), n, |_, i| hopf.at[i] / flow.scale[i]),
        q: vec![1.0, hopf.parameter / (hi - lo)],
    };
    let turning = Orbit::from_fn(mesh, n, |t, i| (q[i] / size * Complex::new(0.0, TAU * t).exp()).re);
    let tangent = Unknown { orbit: turning, q: vec![0.0; 2] };
    let length = tangent.dot(&tangent, &tracker.walker.rule).sqrt();
    let first = tracker.leave(&centre, &tangent.scaled(1.0 / length)).ok_or(Error::NoConvergence {
        method: "Newton's method for the first periodic orbit",
        steps: 12,
        residual: f64::NAN,
        last: hopf.at.clone(),
    })?;
    let walked = tracker.walk(first);
    Ok(tracker.branch(CycleStop::Shrunk, walked))
}

/// The branch of periodic orbits through one near `orbit`, followed both ways.
///
/// `orbit` gives a state (coherent units) at each phase in [0, 1], `period` (s) is a guess too; `p` holds the value of
/// the varied parameter at which the first orbit is looked for. Errors: a request that makes no sense, or no orbit there.
pub fn from_guess(
    field: &dyn Field,
    p: &[f64],
    orbit: &dyn Fn(f64) -> Vec<f64>,
    period: f64,
    vary: &Vary,
    options: &CycleOptions,
) -> Result<CycleBranch> {
    options.check()?;
    let shape = Orbit::from_states(Orbit::uniform(4 * options.intervals), orbit);
    let mesh = shape.adapted_mesh(2 * options.intervals);
    through(field, p, shape.on(mesh), period, vary, options)
}

/// The same from a guess on its mesh (coherent units).
pub(super) fn through(
    field: &dyn Field,
    p: &[f64],
    shape: Orbit,
    period: f64,
    vary: &Vary,
    options: &CycleOptions,
) -> Result<CycleBranch> {
    options.check()?;
    let names = field.names();
    let (lo, hi) = check_range(names, p, vary)?;
    let at = p[vary.parameter()];
    if !(lo..=hi).contains(&at) {
        let name = &names.parameters[vary.parameter()].name;
        let what = format!("`{name}` = {at} lies outside its range {lo} to {hi}");
        return Err(Error::usage(what, "start inside of the range"));
    }
    if !(period > 0.0 && period.is_finite()) {
        return Err(Error::usage(format!("a period of {period} s"), "give a positive one"));
    }
    let largest: Vec<f64> = shape.nodes.row_iter().map(|r| r.amax()).collect();
    let scale = sizes(names, &largest);
    let flow = Flow { field, p: p.to_vec(), free: vec![vary.parameter()], scale, time: period, widths: vec![hi - lo] };
    let tracker = Tracker::new(&flow, options, (lo, hi));
    let last = shape.at(0.0);
    let mut scaled = shape;
    scaled.nodes.row_iter_mut().zip(&flow.scale).for_each(|(mut row, s)| row /= *s);
    let guess = Unknown { orbit: scaled, q: vec![1.0, at / (hi - lo)] };
    let missed = || Error::NoConvergence {
        method: "Newton's method for a periodic orbit near the guess",
        steps: 25,
        residual: f64::NAN,
        last: last.clone(),
    };
    let here = tracker.walker.at_scalar(guess.clone(), 1, &guess).ok_or_else(missed)?;
    let (here, cycle) = tracker.settle(tracker.walker.fitted(here, 1.0), &mut 0.0);
    // A state of rest solves the equations too, but nothing slides along it: it has no multiplier of one.
    if cycle.trivial_error.is_nan() || cycle.trivial_error > 1e-2 {
        return Err(Error::NoConvergence {
            method: "Newton's method for a periodic orbit found a state of rest, or no orbit that its multipliers confirm:",
            steps: 25,
            residual: cycle.trivial_error,
            last: cycle.at(0.0),
        });
    }
    tracker.both_ways(here)
}

impl Tracker<'_> {
    /// The branch through an orbit, from one end to the other.
    pub fn both_ways(&self, here: Here) -> Result<CycleBranch> {
        let ahead = if here.tangent.q[1] < 0.0 { here.tangent.scaled(-1.0) } else { here.tangent.clone() };
        let again = |direction: Unknown| {
            let at = self.walker.at_scalar(here.u.clone(), 1, &here.u);
            at.map(|h| Here { tangent: direction, ..h }).ok_or(Error::NoConvergence {
                method: "Newton's method for a periodic orbit that was found before",
                steps: 25,
                residual: f64::NAN,
                last: here.u.orbit.at(0.0),
            })
        };
        let back = self.walk(again(ahead.scaled(-1.0))?);
        if back.stopped == CycleStop::Closed || self.options.points == 1 {
            let stopped = back.stopped.clone();
            return Ok(self.branch(stopped, back));
        }
        let forth = self.walk(again(ahead)?);
        let started = back.stopped;
        let points = back.points.into_iter().skip(1).rev().chain(forth.points).collect();
        let events = back.events.into_iter().rev().chain(forth.events).collect();
        let still = back.still + forth.still;
        Ok(self.branch(started, super::tracker::Walked { points, events, still, stopped: forth.stopped }))
    }
    /// The first orbit in this direction; the distance is reduced until Newton's method accepts it.
    pub fn leave(&self, centre: &Unknown, direction: &Unknown) -> Option<Here> {
        let mut size = self.options.step;
        (0..12).find_map(|_| {
            let here = self.walker.correct(centre.moved(direction, size), direction, direction);
            size *= 0.5;
            here
        })
    }
}
