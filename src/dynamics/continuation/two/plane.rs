//! Which curves are there in a plane of two parameters? One through every event of a diagram, and through every point
//! at which another one is born.

use super::super::branch::{Event, EventKind, Stopped};
use super::super::diagram::{Diagram, DiagramOptions};
use super::super::extended::Extended;
use super::super::follow::{Options, Vary};
use super::super::locate::unit;
use super::curve::Curve;
use super::system::{CurveKind, System};
use super::walk::{Spot, Trace, Walker, passes};
use crate::dynamics::Region;
use crate::field::{Error, Field, Result};
use nalgebra::DVector;
use std::sync::atomic::Ordering;

/// Curves of special points in the plane of two parameters.
#[derive(Clone, Debug)]
pub struct Plane {
    /// The curves, each once.
    pub curves: Vec<Curve>,
    /// What was left out, and why; that the two parameters act as one.
    pub notes: Vec<String>,
}

/// The curves through every verified fold, Hopf point and branch point of a diagram in `vary`, while `and` moves too,
/// and through the Bogdanov–Takens, zero-Hopf and Hopf–Hopf points that are met on the way.
///
/// `p` are the parameters of the diagram. Errors: a parameter or range that makes no sense, the same parameter twice, a
/// value of the second parameter outside its range.
pub fn curves(
    field: &dyn Field,
    p: &[f64],
    all: &Diagram,
    vary: &Vary,
    and: &Vary,
    region: &Region,
    options: &DiagramOptions,
) -> Result<Plane> {
    vary.check(field)?;
    and.check(field)?;
    let names = field.names();
    let (first, second) = (&names.parameters[vary.parameter()], &names.parameters[and.parameter()]);
    if vary.parameter() == and.parameter() {
        let what = format!("`{}` is given twice", first.name);
        return Err(Error::usage(what, "a plane needs two different parameters"));
    }
    let (lo, hi) = and.range();
    let at = p[and.parameter()];
    if !(lo..=hi).contains(&at) {
        let [at, lo, hi] = [at, lo, hi].map(|v| second.unit.rounded(v));
        let what = format!("`{}` = {at} lies outside its range {lo} to {hi}", second.name);
        return Err(Error::usage(what, "set it to a value inside of the range: the curves start there"));
    }
    let points = || all.branches.iter().flat_map(|b| &b.points);
    let spread = |i: usize| {
        let (low, high) =
            points().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), q| (a.min(q.at[i]), b.max(q.at[i])));
        if high > low { high - low } else { 0.0 }
    };
    let widths = region.widths();
    let ranges = [vary.range(), and.range()];
    // Along a curve the state moves farther than along one branch.
    let sizes = widths.iter().enumerate().map(|(i, w)| spread(i).clamp(0.1 * w, *w));
    let scale = sizes.chain(ranges.iter().map(|(lo, hi)| hi - lo)).collect();
    let problem = Extended::new(field, p, &[vary.parameter(), and.parameter()], scale);
    let room = region.ranges().iter().zip(&widths).map(|(r, w)| (r.0 - 0.1 * w, r.1 + 0.1 * w)).collect();
    let branch = Options { region: Some(room), ..options.branch.clone() };
    let mut maker =
        Maker { problem: &problem, walker: Walker { ranges, options: &branch }, traces: Vec::new(), notes: Vec::new() };
    for event in all.branches.iter().flat_map(|b| &b.events) {
        if options.search.stop.is_some_and(|s| s.load(Ordering::Relaxed)) {
            maker.notes.push("interrupted: what was found until then is kept".into());
            break;
        }
        maker.through(event, at);
    }
    maker.born();
    let parameters = [first, second].map(|q| (q.name.clone(), q.unit.clone()));
    let variables: Vec<_> = names.variables.iter().map(|q| (q.name.clone(), q.unit.clone())).collect();
    match maker.traces.iter().find_map(|t| collinear(&problem, t)) {
        Some(0.0) => maker.notes.push(format!("`{}` does not move the equations along the whole curve", second.name)),
        Some(_) => {
            let what = "move the equations in one direction along the whole curve: together they are one parameter";
            maker.notes.push(format!("`{}` and `{}` {what}", first.name, second.name));
        }
        None => {}
    }
    let curves = maker.traces.iter().map(|t| Curve::of(t, parameters.clone(), variables.clone())).collect();
    Ok(Plane { curves, notes: maker.notes })
}

struct Maker<'a> {
    problem: &'a Extended<'a>,
    walker: Walker<'a>,
    traces: Vec<Trace<'a>>,
    notes: Vec<String>,
}

impl<'a> Maker<'a> {
    /// The curve through an event of the diagram.
    fn through(&mut self, event: &Event, other: f64) {
        let kind = match event.kind {
            EventKind::Fold => CurveKind::Fold,
            EventKind::Hopf => CurveKind::Hopf,
            EventKind::BranchPoint if event.coefficient("corank").is_none() => CurveKind::BranchPoint,
            _ => return,
        };
        let z = self.problem.coordinates_of(&event.at, &[event.parameter, other]);
        let place = format!("the {} at {}", event.kind.name(), self.place(&z));
        if event.check.is_none() {
            self.notes.push(format!("{place} was not verified: no curve starts there"));
            return;
        }
        if !self.follow(kind, &z, event.omega.unwrap_or(0.0)) {
            self.notes.push(format!("{place}: no curve could be started"));
        }
    }
    /// The curves born at points of codimension two.
    fn born(&mut self) {
        let mut k = 0;
        while k < self.traces.len() && self.traces.len() < 64 {
            let on = self.traces[k].points[0].system.kind;
            let marks: Vec<_> =
                self.traces[k].marks.iter().map(|(d, _)| d.clone()).filter(|d| d.check.is_some()).collect();
            k += 1;
            for mark in marks {
                let second = mark.omegas.last().copied().unwrap_or(0.0);
                let (kind, omega) = match (mark.kind, on) {
                    (EventKind::BogdanovTakens | EventKind::ZeroHopf, CurveKind::Fold) => (CurveKind::Hopf, second),
                    (EventKind::BogdanovTakens | EventKind::ZeroHopf, _) => (CurveKind::Fold, 0.0),
                    (EventKind::HopfHopf, _) => (CurveKind::Hopf, second),
                    _ => continue,
                };
                let before = self.traces.len();
                let started = self.follow(kind, &mark.z, omega);
                if self.traces.len() > before {
                    self.traces[before].born(&mark);
                }
                if !started {
                    let place = format!("the {} at {}", mark.kind.name(), self.place(&mark.z));
                    self.notes.push(format!("{place}: the {} through it could not be followed", kind.name()));
                }
            }
        }
    }
    /// Follow one curve both ways, unless one of those before passes here. False if it could not be started.
    fn follow(&mut self, kind: CurveKind, z: &DVector<f64>, omega: f64) -> bool {
        let m = self.problem.coordinates();
        let system = System::new(self.problem, kind, z, omega);
        let started = system.and_then(|s| {
            let u = s.unknowns_of(z, omega);
            let up = if kind == CurveKind::Hopf && omega == 0.0 { m } else { m - 1 };
            self.walker.start(s, &u, up)
        });
        let Some(first) = started else { return false };
        let known = |t: &Trace| t.points[0].system.kind == kind && same(t, &first);
        if self.traces.iter().any(known) {
            return true;
        }
        let ahead = self.walker.walk(&first, 1.0);
        let trace = match ahead.stopped.1 {
            Stopped::Closed => Trace { stopped: (Stopped::Closed, Stopped::Closed), ..ahead },
            // At a Bogdanov–Takens point the Hopf curve begins.
            _ if kind == CurveKind::Hopf && omega == 0.0 => {
                Trace { stopped: (Stopped::BogdanovTakens, ahead.stopped.1), ..ahead }
            }
            _ => Trace::join(self.walker.walk(&first, -1.0), ahead),
        };
        self.traces.push(trace);
        true
    }
    fn place(&self, z: &DVector<f64>) -> String {
        format!("({:.6}, {:.6})", self.problem.parameter(z, 0), self.problem.parameter(z, 1))
    }
}

/// Does a trace of the same kind pass here? κ is counted in different units by different systems, so it is brought over.
fn same(trace: &Trace, at: &Spot) -> bool {
    let mut u = at.u.clone();
    let m = at.system.problem.coordinates();
    if at.system.kind == CurveKind::Hopf {
        u[m] *= (at.system.rate / trace.points[0].system.rate).powi(2);
    }
    if at.system.kind == CurveKind::BranchPoint {
        // The sign of w is a convention.
        let flipped = DVector::from_fn(u.len(), |i, _| if i >= m { -u[i] } else { u[i] });
        return passes(trace, &u) || passes(trace, &flipped);
    }
    passes(trace, &u)
}

/// The factor with which ∂F/∂μ is ∂F/∂λ along the whole curve, and with them the Jacobian's slopes: a parameter that
/// moves no fixed point on the curve may still move its eigenvalues.
fn collinear(problem: &Extended, trace: &Trace) -> Option<f64> {
    let n = problem.variables();
    let mut factor: Option<f64> = None;
    // Without second derivatives of the field the slopes are differences, good to six digits.
    let parallel = |a: &[f64], b: &[f64], factor: f64, digits: f64| {
        let size = |v: &[f64]| v.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        let rest = a.iter().zip(b).fold(0.0_f64, |m, (a, b)| m.max((b - a * factor).abs()));
        rest <= digits * size(b)
    };
    let all = trace.points.len() > 2
        && trace.points.iter().all(|spot| {
            let z = spot.z();
            let full = problem.jacobian(&z);
            let (a, b) = (full.column(n).into_owned(), full.column(n + 1).into_owned());
            let here = a.dot(&b) / a.norm_squared();
            let before = *factor.get_or_insert(here);
            let slope = |k: usize| problem.bend(&z, &unit(n + 2, n + k)).columns(0, n).into_owned();
            parallel(a.as_slice(), b.as_slice(), here, 1e-10)
                && (here - before).abs() <= 1e-10 * before.abs()
                && parallel(slope(0).as_slice(), slope(1).as_slice(), here, 1e-6)
        });
    factor.filter(|_| all)
}
