//! How is a curve followed? Predict along the tangent, correct by Newton, look at what changed, adapt the step.

use super::branch::{Branch, BranchPoint, Event, EventKind, Stopped};
use super::extended::Extended;
use super::locate::{self, Located};
use super::normal_form;
use crate::field::{Error, Field, Result};
use crate::num::linalg::{Factored, eigenvalues, null_vector};
use nalgebra::{Complex, DMatrix, DVector};

/// Which parameter moves, and how far.
#[derive(Clone, Debug)]
pub struct Vary {
    parameter: usize,
    range: (f64, f64),
}

impl Vary {
    /// The parameter with this index, over this range (coherent units).
    pub fn new(parameter: usize, range: (f64, f64)) -> Self {
        Vary { parameter, range }
    }
    /// The parameter's index.
    pub fn parameter(&self) -> usize {
        self.parameter
    }
    /// The parameter's range.
    pub fn range(&self) -> (f64, f64) {
        self.range
    }
}

/// How a branch is followed. Lengths are in scaled coordinates: the whole range of the parameter is one.
#[derive(Clone, Debug)]
pub struct Options {
    /// The first step.
    pub step: f64,
    /// The smallest step before giving up.
    pub step_min: f64,
    /// The largest step.
    pub step_max: f64,
    /// The largest number of points in each direction.
    pub points: usize,
    /// Where the variables may go (coherent units); `None` for anywhere.
    pub region: Option<Vec<(f64, f64)>>,
}

impl Default for Options {
    fn default() -> Self {
        Options { step: 0.01, step_min: 1e-9, step_max: 0.05, points: 2000, region: None }
    }
}

/// A point with what is needed to compare it with its neighbour.
#[derive(Clone)]
struct Here {
    z: DVector<f64>,
    tangent: DVector<f64>,
    eigenvalues: Vec<Complex<f64>>,
    /// sign det [J F_λ; tᵀ]: changes where another branch crosses.
    crossing: f64,
}

impl Here {
    fn unstable(&self) -> usize {
        self.eigenvalues.iter().filter(|l| l.re > 0.0).count()
    }
    /// The complex pair nearest to the imaginary axis.
    fn pair(&self) -> Option<Complex<f64>> {
        let complex = self.eigenvalues.iter().filter(|l| l.im > 0.0);
        complex.min_by(|x, y| x.re.abs().total_cmp(&y.re.abs())).copied()
    }
    /// The sign of Π (λ_i + λ_j) over i < j: changes at a Hopf point (and at a neutral saddle).
    fn pairs(&self) -> f64 {
        let reals: Vec<f64> = self.eigenvalues.iter().filter(|l| l.im == 0.0).map(|l| l.re).collect();
        let mut sign: f64 = self.eigenvalues.iter().filter(|l| l.im > 0.0).map(|l| l.re.signum()).product();
        for (i, a) in reals.iter().enumerate() {
            reals[i + 1..].iter().for_each(|b| sign *= (a + b).signum());
        }
        sign
    }
}

/// The branch of fixed points through `start` (a fixed point at the parameters `p`), followed both ways.
///
/// Errors: a parameter or range that makes no sense, or a start from which no fixed point is found. A branch that ends
/// is not an error: [`Branch::stopped`] says why.
pub fn follow(field: &dyn Field, p: &[f64], start: &[f64], vary: &Vary, options: &Options) -> Result<Branch> {
    let names = field.names();
    let (lo, hi) = vary.range;
    let Some(quantity) = names.parameters.get(vary.parameter) else {
        return Err(Error::usage(format!("there is no parameter number {}", vary.parameter), "give its index"));
    };
    if !(lo < hi && lo.is_finite() && hi.is_finite()) {
        return Err(Error::usage(format!("the range {lo} to {hi} of `{}` is empty", quantity.name), "give LO:HI"));
    }
    let at = p[vary.parameter];
    if !(lo..=hi).contains(&at) {
        let what = format!("`{}` = {at} lies outside its range {lo} to {hi}", quantity.name);
        return Err(Error::usage(what, "start inside of the range"));
    }
    let size = |i: usize, x: f64| match x.abs().max(names.variables[i].value.abs()) {
        s if s > 1e-12 => s,
        _ => 1.0,
    };
    let scale: Vec<f64> = start.iter().enumerate().map(|(i, &x)| size(i, x)).chain([hi - lo]).collect();
    let units = scale[..start.len()].to_vec();
    let problem = Extended::new(field, p, &[vary.parameter], scale);
    let walker = Walker { problem, vary, options, units };
    let first = walker.start(start, at)?;
    let (back, events_back, stopped_back) = walker.walk(&first, -1.0);
    let closed = stopped_back == Stopped::Closed;
    let (ahead, events_ahead, stopped_ahead) =
        if closed { (Vec::new(), Vec::new(), Stopped::Closed) } else { walker.walk(&first, 1.0) };
    let points = back.iter().rev().chain([&first]).chain(&ahead).map(|h| walker.point(h)).collect();
    let events = events_back.into_iter().rev().chain(events_ahead).collect();
    Ok(Branch {
        parameter: (quantity.name.clone(), quantity.unit.clone()),
        variables: names.variables.iter().map(|q| (q.name.clone(), q.unit.clone())).collect(),
        points,
        events,
        stopped: (stopped_back, stopped_ahead),
    })
}

struct Walker<'a> {
    problem: Extended<'a>,
    vary: &'a Vary,
    options: &'a Options,
    units: Vec<f64>,
}

impl Walker<'_> {
    fn point(&self, h: &Here) -> BranchPoint {
        BranchPoint {
            parameter: self.problem.parameter(&h.z, 0),
            at: self.problem.state(&h.z),
            stable: h.eigenvalues.iter().all(|l| l.re < 0.0),
            eigenvalues: h.eigenvalues.clone(),
        }
    }
    /// The starting point, corrected at its parameter value.
    fn start(&self, x: &[f64], at: f64) -> Result<Here> {
        let n = self.problem.variables();
        let guess = self.problem.coordinates_of(x, &[at]);
        let fixed = DVector::from_fn(n + 1, |i, _| if i == n { 1.0 } else { 0.0 });
        // At a fold the parameter cannot be held; the tangent of the guess can.
        let tangent = || null_vector(&self.problem.jacobian(&guess)).map(|v| v.vector).ok();
        let z = self.correct(&guess, &fixed).or_else(|| self.correct(&guess, &tangent()?));
        let failed = || Error::NoConvergence {
            method: "Newton's method at the start of the branch",
            steps: 20,
            residual: self.problem.value(&guess).norm(),
            last: x.to_vec(),
        };
        let (z, _) = z.ok_or_else(failed)?;
        let mut tangent = null_vector(&self.problem.jacobian(&z))?.vector;
        if tangent[n] < 0.0 {
            tangent = -tangent;
        }
        self.here(z, tangent).ok_or_else(failed)
    }
    /// Newton's method in the hyperplane through `guess` normal to `normal`; the point and the number of steps.
    fn correct(&self, guess: &DVector<f64>, normal: &DVector<f64>) -> Option<(DVector<f64>, usize)> {
        let n = self.problem.variables();
        let mut z = guess.clone();
        let mut last = f64::INFINITY;
        for step in 1..=20 {
            let (f, jacobian) = (self.problem.value(&z), self.problem.jacobian(&z));
            let mut right = DVector::zeros(n + 1);
            right.rows_mut(0, n).copy_from(&f);
            right[n] = normal.dot(&(&z - guess));
            let delta = Factored::new(&bordered(&jacobian, normal)).ok()?.solve(&right);
            z -= &delta;
            let size = delta.norm() / (1.0 + z.norm());
            if !size.is_finite() || (step > 3 && size > 2.0 * last) {
                return None;
            }
            if size < 1e-12 {
                return Some((z, step));
            }
            last = size;
        }
        (last < 1e-9).then_some((z, 20))
    }
    fn here(&self, z: DVector<f64>, tangent: DVector<f64>) -> Option<Here> {
        let jacobian = self.problem.jacobian(&z);
        let n = self.problem.variables();
        let eigenvalues = eigenvalues(&jacobian.columns(0, n).into_owned()).ok()?;
        let crossing = bordered(&jacobian, &tangent).lu().determinant().signum();
        Some(Here { z, tangent, eigenvalues, crossing })
    }
    /// The next point at arc length `step`; `None` if it was not reached or the curve turned too much.
    fn advance(&self, from: &Here, step: f64) -> Option<(Here, usize)> {
        let (z, steps) = self.correct(&(&from.z + &from.tangent * step), &from.tangent)?;
        let bordered = bordered(&self.problem.jacobian(&z), &from.tangent);
        let n = self.problem.variables();
        let last = DVector::from_fn(n + 1, |i, _| if i == n { 1.0 } else { 0.0 });
        let tangent = Factored::new(&bordered).ok()?.solve(&last).normalize();
        // A turn of more than about 25 degrees or a jump: the step was too long.
        let moved = (&z - &from.z).norm();
        if tangent.dot(&from.tangent) < 0.9 || moved > 1.5 * step {
            return None;
        }
        Some((self.here(z, tangent)?, steps))
    }
    /// Follow the branch in one direction.
    fn walk(&self, first: &Here, direction: f64) -> (Vec<Here>, Vec<Event>, Stopped) {
        let n = self.problem.variables();
        let (mut points, mut events): (Vec<Here>, Vec<Event>) = (Vec::new(), Vec::new());
        let mut here = first.clone();
        here.tangent *= direction;
        here.crossing *= direction;
        let mut step = self.options.step;
        while points.len() < self.options.points {
            let Some((mut next, steps)) = self.advance(&here, step) else {
                step *= 0.5;
                if step < self.options.step_min {
                    return (points, events, Stopped::Failed("Newton's method at the smallest step".into()));
                }
                continue;
            };
            // The end of the range is a point of the branch.
            let (lo, hi) = (self.vary.range.0, self.vary.range.1);
            let value = self.problem.parameter(&next.z, 0);
            let end = if value < lo { Some(lo) } else { (value > hi).then_some(hi) };
            if let Some(end) = end {
                match self.at_parameter(&here, &next, end / (hi - lo)) {
                    Some(last) => next = last,
                    None => return (points, events, Stopped::Failed("the end of the range was not reached".into())),
                }
            }
            let found = self.events(&here, &next);
            let unexplained = found.iter().any(|e| e.kind == EventKind::Unexplained);
            if unexplained && step > 1e3 * self.options.step_min && end.is_none() {
                step *= 0.25;
                continue;
            }
            events.extend(found);
            let left = self.outside(&next);
            let closed = points.len() > 3
                && (&next.z - &first.z).norm() < 0.75 * step
                && (next.tangent.dot(&first.tangent) * direction) > 0.9;
            points.push(next.clone());
            match (end, left, closed) {
                (Some(_), _, _) => return (points, events, Stopped::Range),
                (_, Some(variable), _) => return (points, events, Stopped::Region(variable)),
                (_, _, true) => return (points, events, Stopped::Closed),
                _ => {}
            }
            let turn = next.tangent.dot(&here.tangent);
            here = next;
            step *= match steps {
                0..=3 if turn > 0.995 => 1.5,
                0..=5 if turn > 0.97 => 1.0,
                _ => 0.6,
            };
            step = step.clamp(self.options.step_min, self.options.step_max);
            debug_assert_eq!(here.tangent.len(), n + 1);
        }
        (points, events, Stopped::Points)
    }
    /// The point between two neighbours whose scaled parameter is `target`.
    fn at_parameter(&self, a: &Here, b: &Here, target: f64) -> Option<Here> {
        let n = self.problem.variables();
        let share = (target - a.z[n]) / (b.z[n] - a.z[n]);
        let mut guess = &a.z + (&b.z - &a.z) * share;
        guess[n] = target;
        let fixed = DVector::from_fn(n + 1, |i, _| if i == n { 1.0 } else { 0.0 });
        let (z, _) = self.correct(&guess, &fixed)?;
        self.here(z, b.tangent.clone())
    }
    fn outside(&self, h: &Here) -> Option<String> {
        let region = self.options.region.as_ref()?;
        let x = self.problem.state(&h.z);
        let i = (0..x.len()).find(|&i| x[i] < region[i].0 || x[i] > region[i].1)?;
        Some(format!("variable {i}"))
    }
    /// What happened between two neighbouring points.
    fn events(&self, a: &Here, b: &Here) -> Vec<Event> {
        let n = self.problem.variables();
        let mut found = Vec::new();
        let mut explained = 0;
        let folds = |h: &Here| h.tangent[n];
        if let Some((a, b)) = self.bracket(a, b, folds, |_, _, halvings| halvings >= 3) {
            let at = locate::fold(&self.problem, &between(&a, &b, folds));
            found.push(self.event(EventKind::Fold, at, &a, &b));
            explained += 1;
        }
        let crosses = |h: &Here| h.crossing;
        if let Some((a, b)) = self.bracket(a, b, crosses, |_, _, halvings| halvings >= 6) {
            let at = locate::branch_point(&self.problem, &between(&a, &b, crosses));
            found.push(self.event(EventKind::BranchPoint, at, &a, &b));
            explained += 1;
        }
        // Near a Hopf point the pair is complex; at a neutral saddle it stays real however near one looks.
        let both = |a: &Here, b: &Here, halvings| halvings >= 40 || (a.pair().is_some() && b.pair().is_some());
        if let Some((a, b)) = self.bracket(a, b, Here::pairs, both)
            && let (Some(pair), Some(_)) = (a.pair(), b.pair())
        {
            let at = locate::hopf(&self.problem, &between(&a, &b, |h| h.pair().map_or(0.0, |l| l.re)), pair.im);
            found.push(self.event(EventKind::Hopf, at, &a, &b));
            explained += 2;
        }
        if a.unstable().abs_diff(b.unstable()) > explained {
            found.push(self.event(EventKind::Unexplained, None, a, b));
        }
        found
    }
    /// A smaller stretch of the branch over which `test` still changes its sign: halved until `enough`.
    fn bracket(
        &self,
        a: &Here,
        b: &Here,
        test: impl Fn(&Here) -> f64,
        enough: impl Fn(&Here, &Here, usize) -> bool,
    ) -> Option<(Here, Here)> {
        if test(a) * test(b) >= 0.0 {
            return None;
        }
        let (mut a, mut b) = (a.clone(), b.clone());
        let mut halvings = 0;
        while !enough(&a, &b, halvings) {
            let Some(middle) = self.middle(&a, &b) else { break };
            let earlier = test(&a) * test(&middle) < 0.0;
            *(if earlier { &mut b } else { &mut a }) = middle;
            halvings += 1;
        }
        Some((a, b))
    }
    /// The point of the branch in the plane that halves the chord between two neighbours.
    fn middle(&self, a: &Here, b: &Here) -> Option<Here> {
        let chord = (&b.z - &a.z).try_normalize(0.0)?;
        let (z, _) = self.correct(&((&a.z + &b.z) * 0.5), &chord)?;
        let n = self.problem.variables();
        let last = DVector::from_fn(n + 1, |i, _| if i == n { 1.0 } else { 0.0 });
        let tangent = Factored::new(&bordered(&self.problem.jacobian(&z), &chord)).ok()?.solve(&last).normalize();
        self.here(z, tangent)
    }
    /// The event at a located point, checked again from that point; between the neighbours if it was not located.
    fn event(&self, kind: EventKind, at: Option<Located>, a: &Here, b: &Here) -> Event {
        let span = (&b.z - &a.z).norm();
        let middle = (&a.z + &b.z) * 0.5;
        let near = at.filter(|l| (&l.z - &middle).norm() <= 2.0 * span);
        let z = near.as_ref().map_or(&middle, |l| &l.z);
        let omega = near.as_ref().and_then(|l| l.omega);
        let l1 = omega.and_then(|w| normal_form::first_lyapunov(&self.problem, z, w, &self.units));
        let speed = b.eigenvalues.iter().map(|l| l.norm()).fold(1e-300, f64::max);
        let check = near.as_ref().and_then(|_| match kind {
            EventKind::Fold => normal_form::fold_check(&self.problem, z),
            EventKind::Hopf => normal_form::hopf_check(&self.problem, z, omega?, l1),
            EventKind::BranchPoint => normal_form::branch_tangents(&self.problem, z).map(|(_, check)| check),
            EventKind::Unexplained => None,
        });
        let check = check.filter(|c| c.residual < 1e-9 * (1.0 + speed) && c.defining < 1e-6 * (1.0 + speed));
        Event {
            kind,
            parameter: self.problem.parameter(z, 0),
            at: self.problem.state(z),
            omega,
            first_lyapunov: l1,
            check,
        }
    }
}

/// The point between two neighbours where a test that changes sign linearly would be zero.
fn between(a: &Here, b: &Here, test: impl Fn(&Here) -> f64) -> DVector<f64> {
    let (fa, fb) = (test(a), test(b));
    let share = if fa * fb < 0.0 { fa / (fa - fb) } else { 0.5 };
    &a.z + (&b.z - &a.z) * share
}

/// The n × (n + 1) Jacobian with one more row.
fn bordered(jacobian: &DMatrix<f64>, row: &DVector<f64>) -> DMatrix<f64> {
    let (n, m) = jacobian.shape();
    let mut matrix = DMatrix::zeros(n + 1, m);
    matrix.view_mut((0, 0), (n, m)).copy_from(jacobian);
    matrix.row_mut(n).copy_from(&row.transpose());
    matrix
}
