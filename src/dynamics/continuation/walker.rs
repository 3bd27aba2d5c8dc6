//! How is one step made? Predict on the cubic through the last two points, correct by Newton's method, adapt the step.
//!
//! One factorisation of the bordered Jacobian [J F_λ; tᵀ] gives the last Newton step, the next tangent and the sign that
//! changes where another branch crosses; the eigenvalues are computed once for every accepted point.

use super::branch::{Branch, BranchPoint, Event, EventKind, Stopped};
use super::corner::CORNER;
use super::extended::Extended;
use super::follow::{Options, Vary};
use super::proof::prove;
use crate::field::{Error, Field, Names, Result, stated};
use crate::num::linalg::{Factored, eigenvalues, null_vector};
use nalgebra::{Complex, DVector};

/// A point with what is needed to compare it with its neighbour.
#[derive(Clone)]
pub(super) struct Here {
    pub z: DVector<f64>,
    pub tangent: DVector<f64>,
    pub eigenvalues: Vec<Complex<f64>>,
    /// sign det [J F_λ; tᵀ]: changes where another branch crosses. Zero at a branch point itself.
    pub crossing: f64,
    /// The size of [J F_λ], 1/s.
    pub speed: f64,
}

impl Here {
    pub fn unstable(&self) -> usize {
        self.eigenvalues.iter().filter(|l| l.re > 0.0).count()
    }
    /// The complex pair nearest to the imaginary axis.
    pub fn pair(&self) -> Option<Complex<f64>> {
        let complex = self.eigenvalues.iter().filter(|l| l.im > 0.0 && !nearly_real(l));
        complex.min_by(|x, y| x.re.abs().total_cmp(&y.re.abs())).copied()
    }
    /// The sign of Π (λ_i + λ_j) over i < j: changes at a Hopf point (and at a neutral saddle).
    pub fn pairs(&self) -> f64 {
        let mut sign = 1.0;
        for (i, a) in self.eigenvalues.iter().enumerate() {
            if nearly_real(a) {
                let others = self.eigenvalues[i + 1..].iter().filter(|b| nearly_real(b));
                others.for_each(|b| sign *= (a.re + b.re).signum());
            } else if a.im > 0.0 {
                sign *= a.re.signum();
            }
        }
        sign
    }
}

/// A double real eigenvalue, which rounding may have split into a pair.
pub(super) fn nearly_real(l: &Complex<f64>) -> bool {
    l.im.abs() <= 1e-7 * l.re.abs()
}

/// An event with its coordinates; it lies between the points `after − 1` and `after` of its trace.
#[derive(Clone)]
pub(super) struct Marked {
    pub event: Event,
    pub z: DVector<f64>,
    pub after: usize,
}

/// A branch in scaled coordinates.
pub(super) struct Trace {
    pub points: Vec<Here>,
    pub marks: Vec<Marked>,
    pub stopped: (Stopped, Stopped),
}

impl Trace {
    /// Two walks from one point, the first turned round.
    pub fn join(back: Trace, ahead: Trace) -> Trace {
        let shift = back.points.len() - 1;
        let turned = back.marks.into_iter().rev().map(|m| Marked { after: shift + 1 - m.after, ..m });
        let moved = ahead.marks.into_iter().map(|m| Marked { after: shift + m.after, ..m });
        let marks = turned.chain(moved).collect();
        let reversed = back.points.into_iter().rev().map(|h| Here { tangent: -h.tangent, crossing: -h.crossing, ..h });
        let points = reversed.chain(ahead.points.into_iter().skip(1)).collect();
        Trace { points, marks, stopped: (back.stopped.1, ahead.stopped.1) }
    }
}

/// What became of a step.
enum Step {
    Made(Here, usize),
    /// The point was reached, but the curve turned too much on the way.
    Turned(Here),
    Lost,
}

/// Newton's method arrived: the point, how many steps, and the factors of the bordered Jacobian of the last one.
pub(super) struct Corrected {
    pub z: DVector<f64>,
    pub steps: usize,
    factored: Factored,
}

pub(super) struct Walker<'a> {
    pub names: &'a Names,
    pub problem: Extended<'a>,
    pub range: (f64, f64),
    pub options: &'a Options,
    parameter: usize,
}

impl<'a> Walker<'a> {
    pub fn new(field: &'a dyn Field, problem: Extended<'a>, vary: &Vary, options: &'a Options) -> Self {
        Walker { names: field.names(), problem, range: vary.range(), options, parameter: vary.parameter() }
    }
    /// The name of the parameter that moves.
    pub fn parameter_name(&self) -> &str {
        &self.names.parameters[self.parameter].name
    }
    /// A value of that parameter in words.
    pub fn shown(&self, value: f64) -> String {
        self.names.parameters[self.parameter].unit.rounded(value)
    }
    /// The unit vector along the parameter.
    pub fn upwards(&self) -> DVector<f64> {
        let n = self.problem.variables();
        DVector::from_fn(n + 1, |i, _| if i == n { 1.0 } else { 0.0 })
    }
    /// A trace in the units of the field, with as many points as make it look smooth.
    pub fn branch(&self, trace: Trace) -> Branch {
        let trace = self.smooth(trace);
        let point = |h: &Here| BranchPoint {
            // The end of the range is the end, whatever the scaling rounds.
            parameter: self.problem.parameter(&h.z, 0).clamp(self.range.0, self.range.1),
            at: self.problem.state(&h.z),
            stable: h.eigenvalues.iter().all(|l| l.re < 0.0),
            eigenvalues: h.eigenvalues.clone(),
        };
        let quantity = &self.names.parameters[self.parameter];
        Branch {
            parameter: (quantity.name.clone(), quantity.unit.clone()),
            variables: self.names.variables.iter().map(|q| (q.name.clone(), q.unit.clone())).collect(),
            points: trace.points.iter().map(point).collect(),
            events: trace.marks.iter().map(|m| self.proven(&trace, m)).collect(),
            stopped: trace.stopped,
        }
    }
    /// A marked event with its proof.
    fn proven(&self, trace: &Trace, m: &Marked) -> Event {
        let checked = m.event.check.is_some();
        let proof = checked.then(|| {
            // The tangent where the parameter would stand still if the tangent were linear between the neighbours.
            let n = self.problem.variables();
            let [a, b] = [m.after - 1, m.after].map(|k| &trace.points[k].tangent);
            prove(&self.problem, &m.z, &(a * b[n].abs() + b * a[n].abs()), m.event.kind, self.parameter)
        });
        let proof = proof.flatten();
        Event { after: m.after, proof, ..m.event.clone() }
    }
    /// The starting point, corrected at its parameter value.
    pub fn start(&self, x: &[f64], at: f64) -> Result<Here> {
        let n = self.problem.variables();
        let guess = self.problem.coordinates_of(x, &[at]);
        let mut rate = vec![0.0; n];
        self.problem.field().rate(x, &self.problem.parameters(&guess), &mut rate);
        if let Some(k) = rate.iter().position(|v| !v.is_finite()) {
            return Err(Error::domain(
                format!("d{}/dt", self.names.variables[k].name),
                format!("it is {} at the start of the branch, {}", rate[k], self.place(&guess)),
                "start where the equations are defined",
            ));
        }
        // At a fold the parameter cannot be held; the tangent of the guess can.
        let tangent = || null_vector(&self.problem.jacobian(&guess)).map(|v| v.vector).ok();
        let found = self.correct(&guess, &self.upwards()).or_else(|| self.correct(&guess, &tangent()?));
        let failed = || Error::NoConvergence {
            method: "Newton's method at the start of the branch",
            steps: 20,
            residual: self.problem.value(&guess).norm(),
            last: x.to_vec(),
        };
        let found = found.ok_or_else(failed)?;
        let mut tangent = null_vector(&self.problem.jacobian(&found.z))?.vector;
        if tangent[n] < 0.0 {
            tangent = -tangent;
        }
        self.at(found.z, &tangent).ok_or_else(failed)
    }
    /// Newton's method in the hyperplane through `guess` normal to `normal`.
    pub fn correct(&self, guess: &DVector<f64>, normal: &DVector<f64>) -> Option<Corrected> {
        let n = self.problem.variables();
        let mut z = guess.clone();
        let mut last = f64::INFINITY;
        for steps in 1..=20 {
            let (mut right, matrix) = self.problem.bordered(&z, normal);
            right[n] = normal.iter().zip(z.iter().zip(guess)).map(|(t, (z, g))| t * (z - g)).sum();
            let factored = Factored::of(matrix).ok()?;
            factored.solve_in_place(&mut right);
            z -= &right;
            let size = right.norm() / (1.0 + z.norm());
            if !size.is_finite() || (steps > 3 && size > 2.0 * last) {
                return None;
            }
            // Convergence is seen to be quadratic, and the next step would be below rounding.
            if size < 1e-12 || (size < 1e-8 && steps > 1 && size * (size / last).powi(2) < 1e-15) {
                return Some(Corrected { z, steps, factored });
            }
            last = size;
        }
        None
    }
    /// A corrected point with its tangent, on the side of the normal of the hyperplane.
    pub(super) fn arrive(&self, found: Corrected) -> Option<Here> {
        let mut tangent = self.upwards();
        found.factored.solve_in_place(&mut tangent);
        tangent.normalize_mut();
        // det [J; tᵀ] is linear in t: its sign is the same for the row that was factored and for the tangent.
        self.seen(found.z, tangent, found.factored.sign())
    }
    /// The point `z` of the curve with a known tangent.
    fn at(&self, z: DVector<f64>, tangent: &DVector<f64>) -> Option<Here> {
        let (_, matrix) = self.problem.bordered(&z, tangent);
        let crossing = Factored::of(matrix).map_or(0.0, |f| f.sign());
        self.seen(z, tangent.clone(), crossing)
    }
    /// A branch point with the tangent of one of its branches.
    pub fn at_branch_point(&self, z: &DVector<f64>, tangent: &DVector<f64>) -> Option<Here> {
        self.seen(z.clone(), tangent.clone(), 0.0)
    }
    /// A point with what is told by its Jacobian.
    fn seen(&self, z: DVector<f64>, tangent: DVector<f64>, crossing: f64) -> Option<Here> {
        let mut jacobian = self.problem.jacobian(&z);
        let speed = jacobian.norm();
        jacobian.resize_horizontally_mut(self.problem.variables(), 0.0);
        Some(Here { z, tangent, eigenvalues: eigenvalues(&jacobian).ok()?, crossing, speed })
    }
    /// The next point at arc length `step`; `before` is the one before `from`.
    fn advance(&self, before: Option<&Here>, from: &Here, step: f64) -> Step {
        let found = self.correct(&predicted(before, from, step), &from.tangent);
        let Some((steps, next)) = found.and_then(|f| Some((f.steps, self.arrive(f)?))) else {
            return Step::Lost;
        };
        // A turn of more than about 25 degrees or a jump: the step was too long.
        let moved = next.z.metric_distance(&from.z);
        match next.tangent.dot(&from.tangent) < 0.9 || moved > 1.5 * step {
            true => Step::Turned(next),
            false => Step::Made(next, steps),
        }
    }
    /// Follow the branch in one direction; the first point is `first`.
    pub fn walk(&self, first: &Here, direction: f64) -> Trace {
        let turned =
            || Here { tangent: &first.tangent * direction, crossing: first.crossing * direction, ..first.clone() };
        let mut trace = Trace { points: vec![turned()], marks: Vec::new(), stopped: (Stopped::Range, Stopped::Points) };
        let mut step = self.options.step;
        while trace.points.len() <= self.options.points {
            let after = trace.points.len();
            let (here, before) = (&trace.points[after - 1], after.checked_sub(2).map(|k| &trace.points[k]));
            let (mut next, steps) = match self.advance(before, here, step) {
                Step::Made(next, steps) => (next, steps),
                // However short the step, the direction changes: a corner, over which the curve goes on.
                Step::Turned(next) if step < 1e-6 && self.kinked(here, &next) => (next, 9),
                Step::Turned(_) | Step::Lost => {
                    step *= 0.5;
                    if step >= self.options.step_min {
                        continue;
                    }
                    let Some(next) = self.corner(here) else {
                        trace.stopped.1 = Stopped::Failed(self.why(here));
                        return trace;
                    };
                    step = CORNER;
                    (next, 9)
                }
            };
            // The end of the range is a point of the branch.
            let (lo, hi) = self.range;
            let value = self.problem.parameter(&next.z, 0);
            let end = if value < lo { Some(lo) } else { (value > hi).then_some(hi) };
            if let Some(end) = end {
                match self.at_parameter(here, &next, end / (hi - lo)) {
                    Some(last) => next = last,
                    None => {
                        trace.stopped.1 = Stopped::Failed(format!(
                            "the end of the range was not reached from {}",
                            self.place(&here.z)
                        ));
                        return trace;
                    }
                }
            }
            let mut found = self.events(here, &next);
            let unexplained = found.iter().any(|(e, _)| e.kind == EventKind::Unexplained);
            if unexplained && step > 1e3 * self.options.step_min && end.is_none() {
                step *= 0.25;
                continue;
            }
            let turn = next.tangent.dot(&here.tangent);
            if found.is_empty() {
                found = self.twins(&mut trace, &next);
            }
            let after = trace.points.len();
            trace.marks.extend(found.into_iter().map(|(event, z)| Marked { event, z, after }));
            let left = self.outside(&next.z);
            let closed = trace.points.len() > 4
                && next.z.metric_distance(&first.z) < 0.75 * step
                && (next.tangent.dot(&first.tangent) * direction) > 0.9;
            if closed {
                // It ends where it began, exactly, so that nothing is passed twice or left out.
                next = turned();
            }
            let stopped = match (end, left, closed) {
                (Some(_), _, _) => Some(Stopped::Range),
                (_, Some(variable), _) => Some(Stopped::Region(variable)),
                (_, _, true) => Some(Stopped::Closed),
                _ => None,
            };
            if let Some(stopped) = stopped {
                trace.points.push(next);
                trace.stopped.1 = stopped;
                return trace;
            }
            step *= match steps {
                0..=3 if turn > 0.995 => 1.5,
                0..=5 if turn > 0.97 => 1.0,
                _ => 0.6,
            };
            let pace = self.problem.pace(&next.z, &next.tangent);
            step = step.clamp(self.options.step_min, self.options.step_max / pace);
            trace.points.push(next);
        }
        trace
    }
    /// The point between two neighbours whose scaled parameter is `target`.
    pub fn at_parameter(&self, a: &Here, b: &Here, target: f64) -> Option<Here> {
        let n = self.problem.variables();
        let share = (target - a.z[n]) / (b.z[n] - a.z[n]);
        let mut guess = &a.z + (&b.z - &a.z) * share;
        guess[n] = target;
        let found = self.correct(&guess, &self.upwards())?;
        self.at(found.z, &b.tangent)
    }
    /// The point of the curve in the plane that cuts the chord between two neighbours at `share`.
    pub fn between(&self, a: &Here, b: &Here, share: f64) -> Option<Here> {
        let chord = (&b.z - &a.z).try_normalize(0.0)?;
        let found = self.correct(&on_chord(a, b, share), &chord)?;
        self.arrive(found)
    }
    /// The variable that left the region, if one did.
    fn outside(&self, z: &DVector<f64>) -> Option<String> {
        let region = self.options.region.as_ref()?;
        let x = self.problem.state(z);
        let i = (0..x.len()).find(|&i| x[i] < region[i].0 || x[i] > region[i].1)?;
        Some(self.names.variables[i].name.clone())
    }
    /// A point in words, in the units that are shown.
    pub fn place(&self, z: &DVector<f64>) -> String {
        let state = self.problem.state(z);
        let parameter = &self.names.parameters[self.parameter];
        let value = self.problem.parameter(z, 0);
        let all = std::iter::once((parameter, value)).chain(self.names.variables.iter().zip(state));
        stated(all)
    }
}

/// Where the cubic through two points with their tangents leads beyond the second; the tangent alone at the start and where
/// the cubic would bend away from it.
fn predicted(before: Option<&Here>, from: &Here, step: f64) -> DVector<f64> {
    let mut straight = from.z.clone();
    straight.axpy(step, &from.tangent, 1.0);
    let Some(before) = before else { return straight };
    let length = from.z.metric_distance(&before.z);
    let bent = cubic(from, before, -length, -step / length);
    match length > 0.0 && bent.metric_distance(&straight) <= 0.25 * step {
        true => bent,
        false => straight,
    }
}

/// The point over the chord between two neighbours at `share`, on the cubic that has their tangents; on the chord itself
/// where a tangent stands too steep on it.
pub(super) fn on_chord(a: &Here, b: &Here, share: f64) -> DVector<f64> {
    let chord = &b.z - &a.z;
    let length = chord.norm();
    let along = [a, b].map(|h| h.tangent.dot(&chord));
    match along[0].abs().min(along[1].abs()) > 0.8 * length && along[0] * along[1] > 0.0 {
        true => cubic(a, b, length.copysign(along[0]), share),
        false => &a.z + chord * share,
    }
}

/// Hermite's cubic through two points, which have this arc length between them in the direction of their tangents.
fn cubic(a: &Here, b: &Here, length: f64, share: f64) -> DVector<f64> {
    let (s, t) = (share, share - 1.0);
    let mut point = &a.z * (t * t * (1.0 + 2.0 * s));
    point.axpy(s * s * (3.0 - 2.0 * s), &b.z, 1.0);
    point.axpy(length * s * t * t, &a.tangent, 1.0);
    point.axpy(length * s * s * t, &b.tangent, 1.0);
    point
}
