//! How is a branch of periodic orbits followed? As a branch of fixed points is, with an adaptive mesh.

use super::branch::{Cycle, CycleBranch, CycleEvent, CycleEventKind, CycleStop};
use super::mesh::{Orbit, Rule};
use super::multipliers::product_eigenvalues;
use super::system::{Collocation, Linear, Unknown};
use crate::dynamics::continuation::{Event, EventKind, Vary};
use crate::field::{Error, Field, Result};
use crate::num::linalg::eigen;
use nalgebra::Complex;
use std::f64::consts::TAU;

/// How a branch of periodic orbits is followed. Lengths are in scaled coordinates.
#[derive(Clone, Debug)]
pub struct CycleOptions {
    /// Mesh intervals.
    pub intervals: usize,
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
}

impl Default for CycleOptions {
    fn default() -> Self {
        CycleOptions { intervals: 24, step: 0.02, step_min: 1e-7, step_max: 0.2, points: 200, period_max: 200.0 }
    }
}

/// A converged orbit with its direction along the branch.
struct Here {
    u: Unknown,
    tangent: Unknown,
    multipliers: Vec<Complex<f64>>,
    trivial_error: f64,
    steps: usize,
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
    let names = field.names();
    let n = names.variables.len();
    let mut at = p.to_vec();
    at[vary.parameter()] = hopf.parameter;
    let pairs = eigen(&field.jacobian(&hopf.at, &at))?;
    let near = |k: usize| (pairs.values[k] - Complex::new(0.0, omega)).norm();
    let k = (0..n).min_by(|&a, &b| near(a).total_cmp(&near(b))).unwrap_or(0);
    let scale: Vec<f64> = (0..n)
        .map(|i| match hopf.at[i].abs().max(names.variables[i].value.abs()) {
            s if s > 1e-12 => s,
            _ => 1.0,
        })
        .collect();
    let q: Vec<Complex<f64>> = (0..n).map(|i| pairs.right[(i, k)] / scale[i]).collect();
    let size = q.iter().map(|c| c.norm_sqr()).sum::<f64>().sqrt();
    let (lo, hi) = vary.range();
    let problem = Collocation {
        field,
        p: at.clone(),
        free: vary.parameter(),
        scale: scale.clone(),
        period_scale: TAU / omega,
        parameter_scale: hi - lo,
        rule: Rule::new(),
    };
    let mesh = Orbit::uniform(options.intervals);
    let centre = Unknown {
        orbit: Orbit::from_fn(mesh.clone(), n, |_, i| hopf.at[i] / scale[i]),
        period: 1.0,
        parameter: hopf.parameter / (hi - lo),
    };
    let turning = Orbit::from_fn(mesh, n, |t, i| (q[i] / size * Complex::new(0.0, TAU * t).exp()).re);
    let mut tangent = Unknown { orbit: turning, period: 0.0, parameter: 0.0 };
    let length = tangent.dot(&tangent, &problem.rule).sqrt();
    tangent = Unknown { orbit: Orbit { nodes: &tangent.orbit.nodes / length, ..tangent.orbit }, ..tangent };
    let walker = Walker { problem, options, range: (lo, hi) };
    let first = walker.first(&centre, &tangent).ok_or(Error::NoConvergence {
        method: "Newton's method for the first periodic orbit",
        steps: 12,
        residual: f64::NAN,
        last: hopf.at.clone(),
    })?;
    let (points, events, stopped) = walker.walk(first);
    let quantity = &names.parameters[vary.parameter()];
    Ok(CycleBranch {
        parameter: (quantity.name.clone(), quantity.unit.clone()),
        variables: names.variables.iter().map(|q| (q.name.clone(), q.unit.clone())).collect(),
        points,
        events,
        stopped,
    })
}

struct Walker<'a> {
    problem: Collocation<'a>,
    options: &'a CycleOptions,
    range: (f64, f64),
}

impl Walker<'_> {
    /// The first small orbit; its size is reduced until Newton's method accepts it.
    fn first(&self, centre: &Unknown, tangent: &Unknown) -> Option<Here> {
        let mut size = self.options.step;
        (0..12).find_map(|_| {
            let here = self.correct(&centre.moved(tangent, size), tangent, &tangent.orbit);
            size *= 0.5;
            here
        })
    }
    /// Newton's method in the hyperplane through `guess` normal to `normal`.
    fn correct(&self, guess: &Unknown, normal: &Unknown, reference: &Orbit) -> Option<Here> {
        let mut u = guess.clone();
        for steps in 1..=12 {
            let linear = self.problem.linear(&u, guess, normal, reference)?;
            u = u.moved(&linear.step, 1.0);
            let size = linear.step.orbit.nodes.amax().max(linear.step.period.abs()).max(linear.step.parameter.abs());
            if !size.is_finite() || size > 1e3 || u.period <= 0.0 {
                return None;
            }
            if size < 1e-10 {
                let settled = self.problem.linear(&u, &u, normal, reference)?;
                if settled.residual > 1e-8 {
                    return None;
                }
                let (multipliers, trivial_error) = multipliers(&settled)?;
                return Some(Here { u, tangent: settled.tangent, multipliers, trivial_error, steps });
            }
        }
        None
    }
    fn advance(&self, from: &Here, step: f64) -> Option<Here> {
        let here = self.correct(&from.u.moved(&from.tangent, step), &from.tangent, &from.u.orbit)?;
        (here.tangent.dot(&from.tangent, &self.problem.rule) > 0.8).then_some(here)
    }
    /// The same orbit on a mesh that fits it.
    fn refit(&self, here: Here) -> Here {
        let ones = vec![1.0; self.problem.scale.len()];
        let mesh = here.u.orbit.adapted_mesh(&ones);
        let on = |u: &Unknown| Unknown { orbit: u.orbit.on(mesh.clone()), ..u.clone() };
        let (u, tangent) = (on(&here.u), on(&here.tangent));
        match self.correct(&u, &tangent, &u.orbit) {
            Some(fitted) => {
                let forward = fitted.tangent.dot(&tangent, &self.problem.rule);
                let tangent = if forward < 0.0 { fitted.tangent.moved(&fitted.tangent, -2.0) } else { fitted.tangent };
                Here { tangent, steps: here.steps, ..fitted }
            }
            None => here,
        }
    }
    fn cycle(&self, here: &Here) -> Cycle {
        let scale = &self.problem.scale;
        let extremes = (0..scale.len())
            .map(|i| {
                let (lo, hi) = here.u.orbit.extremes(i);
                (lo * scale[i], hi * scale[i])
            })
            .collect();
        Cycle {
            parameter: here.u.parameter * self.problem.parameter_scale,
            period: here.u.period * self.problem.period_scale,
            extremes,
            stable: here.multipliers.iter().all(|m| m.norm() < 1.0),
            multipliers: here.multipliers.clone(),
            trivial_error: here.trivial_error,
            orbit: here.u.orbit.clone(),
            scale: scale.clone(),
        }
    }
    fn walk(&self, first: Here) -> (Vec<Cycle>, Vec<CycleEvent>, CycleStop) {
        let mut here = self.refit(first);
        let (mut points, mut events) = (vec![self.cycle(&here)], Vec::new());
        let mut step = self.options.step;
        while points.len() < self.options.points {
            let Some(next) = self.advance(&here, step) else {
                step *= 0.5;
                if step < self.options.step_min {
                    let why = "failed: Newton's method at the smallest step".to_string();
                    return (points, events, CycleStop::Failed(why));
                }
                continue;
            };
            events.extend(self.events(&here, &next, step));
            let steps = next.steps;
            here = self.refit(next);
            points.push(self.cycle(&here));
            let cycle = &points[points.len() - 1];
            if cycle.parameter < self.range.0 || cycle.parameter > self.range.1 {
                // The last orbit is put on the end of the range.
                points.pop();
                if let Some(last) = self.at_end(&here) {
                    points.push(self.cycle(&last));
                }
                return (points, events, CycleStop::Range);
            }
            let size = |c: &Cycle| {
                c.extremes.iter().zip(&self.problem.scale).map(|((lo, hi), s)| (hi - lo) / s).fold(0.0, f64::max)
            };
            if points.len() > 4 && size(cycle) < 0.5 * size(&points[0]) {
                return (points, events, CycleStop::Shrunk);
            }
            if here.u.period > self.options.period_max {
                return (points, events, CycleStop::Period);
            }
            step *= match steps {
                0..=3 => 1.4,
                4..=6 => 1.0,
                _ => 0.6,
            };
            step = step.clamp(self.options.step_min, self.options.step_max);
        }
        (points, events, CycleStop::Points)
    }
    /// The orbit at the end of the range that was just crossed: Newton with the parameter as the condition.
    fn at_end(&self, here: &Here) -> Option<Here> {
        let end =
            if here.u.parameter * self.problem.parameter_scale > self.range.1 { self.range.1 } else { self.range.0 };
        let zero = Orbit { nodes: &here.u.orbit.nodes * 0.0, mesh: here.u.orbit.mesh.clone() };
        let normal = Unknown { orbit: zero, period: 0.0, parameter: 1.0 };
        let slope = here.tangent.parameter;
        let mut guess = here.u.moved(&here.tangent, (end / self.problem.parameter_scale - here.u.parameter) / slope);
        guess.parameter = end / self.problem.parameter_scale;
        self.correct(&guess, &normal, &here.u.orbit)
    }
    /// What happened between two neighbouring orbits a step apart.
    fn events(&self, a: &Here, b: &Here, step: f64) -> Vec<CycleEvent> {
        type Test = fn(&Here) -> f64;
        let fold: Test = |h| h.tangent.parameter;
        let doubling: Test = |h| h.multipliers.iter().map(|m| (m + 1.0).norm() * (m.re + 1.0).signum()).product();
        let torus: Test =
            |h| h.multipliers.iter().filter(|m| m.im > 0.0).map(|m| m.norm() - 1.0).fold(f64::NAN, nearest_to_zero);
        let kinds =
            [(CycleEventKind::Fold, fold), (CycleEventKind::PeriodDoubling, doubling), (CycleEventKind::Torus, torus)];
        let mut found = Vec::new();
        for (kind, test) in kinds {
            if test(a) * test(b) < 0.0
                && let Some(at) = self.locate(a, b, step, test)
            {
                let defining = match kind {
                    CycleEventKind::Fold => distance(&at, |m| (m - 1.0).norm()),
                    CycleEventKind::PeriodDoubling => distance(&at, |m| (m + 1.0).norm()),
                    CycleEventKind::Torus => test(&at).abs(),
                };
                // Next to a fold two multipliers meet at one, where each is known to the root of rounding only.
                let allowed = if kind == CycleEventKind::Fold { 1e-3 } else { 1e-5 };
                found.push(CycleEvent { kind, cycle: self.cycle(&at), defining, verified: defining < allowed });
            }
        }
        found
    }
    /// The orbit between two neighbours at which `test` is zero: the Illinois form of regula falsi along the tangent.
    fn locate(&self, a: &Here, b: &Here, step: f64, test: fn(&Here) -> f64) -> Option<Here> {
        let (mut low, mut high) = ((0.0, test(a)), (step, test(b)));
        let mut best = None;
        for _ in 0..40 {
            let s = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
            let at = self.advance(a, s)?;
            let value = test(&at);
            let done = value.abs() < 1e-11 || (high.0 - low.0).abs() < 1e-12 * step;
            if value * low.1 < 0.0 {
                high = (s, value);
                low.1 *= 0.5;
            } else {
                low = (s, value);
                high.1 *= 0.5;
            }
            best = Some(at);
            if done {
                break;
            }
        }
        best
    }
}

fn nearest_to_zero(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.abs() < a.abs() { b } else { a }
}

fn distance(here: &Here, of: impl Fn(&Complex<f64>) -> f64) -> f64 {
    here.multipliers.iter().map(of).fold(f64::INFINITY, f64::min)
}

/// The multipliers without the trivial one, by descending modulus, and how far the trivial one is from one.
fn multipliers(linear: &Linear) -> Option<(Vec<Complex<f64>>, f64)> {
    let mut values = product_eigenvalues(&linear.maps)?;
    let far = |m: &Complex<f64>| (m - 1.0).norm();
    let k = (0..values.len()).min_by(|&a, &b| far(&values[a]).total_cmp(&far(&values[b])))?;
    let trivial = far(&values.remove(k));
    Some((values, trivial))
}
