//! How is a curve of special points followed? As a branch is, with the system's own unknowns.

use super::super::branch::Stopped;
use super::super::follow::Options;
use super::super::linear::Linear;
use super::super::normal_form::first_lyapunov;
use super::codim2::{self, Degenerate};
use super::system::{CurveKind, Solved, System};
use crate::num::linalg::{Factored, eigenvalues, null_vector};
use nalgebra::{Complex, DMatrix, DVector};
use std::cell::OnceCell;

/// A point of a curve with what its special points are recognised by.
#[derive(Clone)]
pub struct Spot<'a> {
    pub u: DVector<f64>,
    pub tangent: DVector<f64>,
    /// The equations with borders that fit here.
    pub system: System<'a>,
    pub v: DVector<f64>,
    pub w: DVector<f64>,
    pub eigenvalues: Vec<Complex<f64>>,
    l1: OnceCell<Option<f64>>,
}

impl Spot<'_> {
    pub fn z(&self) -> DVector<f64> {
        self.system.coordinates(&self.u)
    }
    /// The value of one of the two parameters, in its unit.
    pub fn parameter(&self, which: usize) -> f64 {
        self.system.problem.parameter(&self.u, which)
    }
    /// The first Lyapunov coefficient on a Hopf curve, computed when it is first asked for.
    pub fn l1(&self) -> Option<f64> {
        let omega = self.omega().filter(|w| *w > 0.0);
        *self.l1.get_or_init(|| first_lyapunov(&Linear::at(self.system.problem, &self.z()), omega?))
    }
    /// ω on a Hopf curve.
    pub fn omega(&self) -> Option<f64> {
        (self.system.kind == CurveKind::Hopf).then(|| self.system.kappa(&self.u).max(0.0).sqrt())
    }
}

/// A curve as it was followed.
pub struct Trace<'a> {
    pub points: Vec<Spot<'a>>,
    pub marks: Vec<(Degenerate<'a>, usize)>,
    pub stopped: (Stopped, Stopped),
}

impl<'a> Trace<'a> {
    /// Marks the point of codimension two that the curve was started from.
    pub fn born(&mut self, at: &Degenerate<'a>) {
        let far = |s: &Spot| (s.z() - &at.z).norm();
        let nearest = (0..self.points.len()).min_by(|&i, &j| far(&self.points[i]).total_cmp(&far(&self.points[j])));
        let known = |d: &Degenerate| d.kind == at.kind && (&d.z - &at.z).norm() < 1e-6;
        if let (Some(after), false) = (nearest, self.marks.iter().any(|(d, _)| known(d))) {
            let place = self.marks.partition_point(|(_, k)| *k <= after);
            self.marks.insert(place, (Degenerate { ends: false, ..at.clone() }, after));
        }
    }
    /// Two walks from one point, the first turned round.
    pub fn join(back: Trace<'a>, ahead: Trace<'a>) -> Trace<'a> {
        let shift = back.points.len() - 1;
        let turned = back.marks.into_iter().rev().map(|(d, after)| (d, shift + 1 - after));
        let marks = turned.chain(ahead.marks.into_iter().map(|(d, after)| (d, shift + after))).collect();
        let points = back.points.into_iter().rev().chain(ahead.points.into_iter().skip(1)).collect();
        Trace { points, marks, stopped: (back.stopped.1, ahead.stopped.1) }
    }
}

/// Where a curve may go and how it is followed.
pub struct Walker<'a> {
    pub ranges: [(f64, f64); 2],
    pub options: &'a Options,
}

impl Walker<'_> {
    /// A first point near `u`, with its tangent; `up` is the unknown that shall grow along it.
    pub fn start<'a>(&self, system: System<'a>, u: &DVector<f64>, up: usize) -> Option<Spot<'a>> {
        let mut tangent = null_vector(&system.solve(u)?.matrix).ok()?.vector;
        let u = correct(&system, u, &tangent)?.0;
        let solved = system.solve(&u)?;
        tangent = null_vector(&solved.matrix).ok()?.vector;
        if tangent[up] < 0.0 {
            tangent = -tangent;
        }
        spot(system, u, tangent, solved)
    }
    /// Follow the curve in one direction.
    pub fn walk<'a>(&self, first: &Spot<'a>, direction: f64) -> Trace<'a> {
        let mut here = first.clone();
        here.tangent *= direction;
        let mut trace =
            Trace { points: vec![here.clone()], marks: Vec::new(), stopped: (Stopped::Range, Stopped::Points) };
        let mut step = self.options.step;
        while trace.points.len() <= self.options.points {
            let Some((mut next, steps)) = advance(&here, step) else {
                step *= 0.5;
                if step < self.options.step_min {
                    let place = [0, 1].map(|k| format!("{:.6}", here.parameter(k)));
                    let why = format!(
                        "Newton's method does not arrive at the smallest step from ({}, {})",
                        place[0], place[1]
                    );
                    trace.stopped.1 = Stopped::Failed(why);
                    return trace;
                }
                continue;
            };
            let mut end = None;
            if let Some((coordinate, target)) = self.border(&here, &next) {
                match at_border(&here, &next, coordinate, target) {
                    Some(last) => (next, end) = (last, Some(Stopped::Range)),
                    None => {
                        trace.stopped.1 = Stopped::Failed("the border of the ranges was not reached".into());
                        return trace;
                    }
                }
            }
            let after = trace.points.len();
            let found = codim2::between(&here, &next);
            // A Hopf curve ends where its pair becomes real.
            if let Some(last) = found.iter().find(|d| d.ends).and_then(|d| d.spot.clone()) {
                trace.marks.extend(found.into_iter().map(|d| (d, after)));
                trace.points.push(last);
                trace.stopped.1 = Stopped::BogdanovTakens;
                return trace;
            }
            trace.marks.extend(found.into_iter().map(|d| (d, after)));
            let left = self.outside(&next);
            let closed = trace.points.len() > 4
                && (&next.u - &first.u).norm() < 0.75 * step
                && next.tangent.dot(&first.tangent) * direction > 0.9;
            if closed {
                next = Spot { tangent: &first.tangent * direction, ..first.clone() };
            }
            let turn = next.tangent.dot(&here.tangent).min(turn(&here, &next.tangent, step));
            trace.points.push(next.clone());
            let stop = end.or(left.map(Stopped::Region)).or(closed.then_some(Stopped::Closed));
            if let Some(stop) = stop {
                trace.stopped.1 = stop;
                return trace;
            }
            here = next;
            step *= match steps {
                0..=3 if turn > 0.995 => 1.5,
                0..=5 if turn > 0.97 => 1.0,
                _ => 0.6,
            };
            let pace = here.system.problem.pace(&here.u, &here.tangent);
            step = step.clamp(self.options.step_min, self.options.step_max / pace);
        }
        trace
    }
    /// The first border of the ranges between two points: which coordinate, and its scaled value.
    fn border(&self, a: &Spot, b: &Spot) -> Option<(usize, f64)> {
        let n = a.system.problem.variables();
        let crossings = (0..2).filter_map(|k| {
            let (lo, hi) = self.ranges[k];
            let value = b.parameter(k);
            let end = if value < lo {
                lo
            } else if value > hi {
                hi
            } else {
                return None;
            };
            let target = end / (hi - lo);
            Some(((target - a.u[n + k]) / (b.u[n + k] - a.u[n + k]), n + k, target))
        });
        crossings.min_by(|x, y| x.0.total_cmp(&y.0)).map(|(_, coordinate, target)| (coordinate, target))
    }
    fn outside(&self, spot: &Spot) -> Option<String> {
        let region = self.options.region.as_ref()?;
        let problem = spot.system.problem;
        let x = problem.state(&spot.u);
        let i = (0..x.len()).find(|&i| x[i] < region[i].0 || x[i] > region[i].1)?;
        Some(problem.field().names().variables[i].name.clone())
    }
}

/// Newton's method in the hyperplane through `guess` normal to `normal`: the point, the steps, the next tangent.
fn correct(
    system: &System,
    guess: &DVector<f64>,
    normal: &DVector<f64>,
) -> Option<(DVector<f64>, usize, DVector<f64>)> {
    let mut u = guess.clone();
    let mut last = f64::INFINITY;
    let size = u.len();
    for steps in 1..=15 {
        let solved = system.solve(&u)?;
        let mut matrix = DMatrix::zeros(size, size);
        matrix.view_mut((0, 0), (size - 1, size)).copy_from(&solved.matrix);
        matrix.row_mut(size - 1).copy_from(&normal.transpose());
        let mut right = DVector::zeros(size);
        right.rows_mut(0, size - 1).copy_from(&solved.value);
        right[size - 1] = normal.dot(&(&u - guess));
        let factored = Factored::of(matrix).ok()?;
        let delta = factored.solve(&right);
        u -= &delta;
        let moved = delta.norm() / (1.0 + u.norm());
        if !moved.is_finite() || (steps > 3 && moved > 2.0 * last) {
            return None;
        }
        if moved < 1e-12 || (moved < 1e-8 && moved < 1e-2 * last) {
            let up = DVector::from_fn(size, |i, _| if i == size - 1 { 1.0 } else { 0.0 });
            return Some((u, steps, factored.solve(&up).normalize()));
        }
        last = moved;
    }
    None
}

fn spot(system: System, u: DVector<f64>, tangent: DVector<f64>, solved: Solved) -> Option<Spot> {
    let z = system.coordinates(&u);
    let eigenvalues = eigenvalues(&system.problem.square(&z)).ok()?;
    let system = if system.kind == CurveKind::BranchPoint { system } else { system.refreshed(&solved) };
    Some(Spot { u, tangent, v: solved.v, w: solved.w, system, eigenvalues, l1: OnceCell::new() })
}

/// The cosine between what is drawn of two tangents, where a step moves enough to show a corner; one otherwise.
fn turn(from: &Spot, tangent: &DVector<f64>, step: f64) -> f64 {
    let [a, b] = [&from.tangent, tangent].map(|t| from.system.coordinates(t));
    let lengths = (a.norm(), b.norm());
    let shows = step * lengths.0.max(lengths.1) > 5e-3;
    if shows { a.dot(&b) / (lengths.0 * lengths.1) } else { 1.0 }
}

/// The next point at arc length `step`, and how many Newton steps it took.
fn advance<'a>(from: &Spot<'a>, step: f64) -> Option<(Spot<'a>, usize)> {
    let (u, steps, tangent) = correct(&from.system, &(&from.u + &from.tangent * step), &from.tangent)?;
    let moved = (&u - &from.u).norm();
    if tangent.dot(&from.tangent) < 0.9 || turn(from, &tangent, step) < 0.9 || moved > 1.5 * step {
        return None;
    }
    let solved = from.system.solve(&u)?;
    // With ⟨b, w⟩ = ⟨c, v⟩ = 1 a longer vector has turned away from its border: by more than about 50 degrees its sign
    // could be lost, and with it a change of sign of what is computed from it.
    if from.system.kind == CurveKind::Fold && solved.v.norm().max(solved.w.norm()) > 1.5 {
        return None;
    }
    Some((spot(from.system.clone(), u, tangent, solved)?, steps))
}

/// The point in the plane that cuts the chord between two neighbours at `share`, with the borders of the first.
pub fn between<'a>(a: &Spot<'a>, b: &Spot<'a>, share: f64) -> Option<Spot<'a>> {
    let chord = (&b.u - &a.u).try_normalize(0.0)?;
    let (u, _, tangent) = correct(&a.system, &(&a.u + (&b.u - &a.u) * share), &chord)?;
    let solved = a.system.solve(&u)?;
    spot(a.system.clone(), u, tangent, solved)
}

fn at_border<'a>(a: &Spot<'a>, b: &Spot<'a>, coordinate: usize, target: f64) -> Option<Spot<'a>> {
    let share = (target - a.u[coordinate]) / (b.u[coordinate] - a.u[coordinate]);
    let mut guess = &a.u + (&b.u - &a.u) * share;
    guess[coordinate] = target;
    let normal = DVector::from_fn(guess.len(), |i, _| if i == coordinate { 1.0 } else { 0.0 });
    let (u, _, _) = correct(&a.system, &guess, &normal)?;
    let solved = a.system.solve(&u)?;
    spot(a.system.clone(), u, b.tangent.clone(), solved)
}

/// Does a trace pass through the unknowns `u` of the same system?
pub fn passes(trace: &Trace, u: &DVector<f64>) -> bool {
    trace.points.windows(2).any(|pair| {
        let chord = &pair[1].u - &pair[0].u;
        let length = chord.norm().max(f64::MIN_POSITIVE);
        let along = (u - &pair[0].u).dot(&chord) / (length * length);
        let guess = &pair[0].u + &chord * along;
        let near = (-0.05..=1.05).contains(&along) && (u - &guess).norm() < 0.5 * length;
        // With the borders of the nearer end: far from it they may fit another solution.
        let nearer = &pair[usize::from(along > 0.5)].system;
        near && correct(nearer, &guess, &(chord / length))
            .is_some_and(|(found, _, _)| (found - u).norm() < 1e-6 * (1.0 + u.norm()))
    })
}
