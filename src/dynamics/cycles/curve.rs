//! How does a special cycle move in two parameters? Curves of cycle folds, period doublings and torus bifurcations.
//!
//! The extended equations of the special orbit with one parameter more are followed as any curve is. Where a curve turns
//! back in both parameters there is a cusp; where the angle of the pair passes a strong resonance it is found by the secant
//! method along the curve and named; where a second multiplier becomes critical that is told at the next point.

use super::branch::{Cycle, CycleEvent, CycleEventKind, CycleStop};
use super::bvp::Unknown;
use super::flow::Flow;
use super::follow::{CycleOptions, check_range};
use super::mesh::Rule;
use super::special::{Critical, Special};
use super::tracker::{Tracker, at_orbit};
use super::walk::{Here, Walker};
use crate::dynamics::continuation::Vary;
use crate::field::{Error, Field, Result, Table, Unit};
use std::f64::consts::{FRAC_PI_2, PI, TAU};
use std::sync::atomic::Ordering;

/// A point of a two-parameter curve.
#[derive(Clone, Debug)]
pub struct CurvePoint {
    /// The two parameters (coherent units).
    pub parameters: (f64, f64),
    /// The special orbit there.
    pub cycle: Cycle,
    /// The angle of the critical pair, rad, on a torus curve.
    pub angle: Option<f64>,
}

/// A special point of a two-parameter curve.
#[derive(Clone, Debug)]
pub struct CurveEvent {
    /// `cusp-of-cycles`, `fold-flip`, `resonance-1:1`, … `resonance-1:4`, `generalized-hopf`.
    pub kind: &'static str,
    /// The point.
    pub point: CurvePoint,
    /// Was it located? Else it was seen between this point and the one before: a second multiplier that becomes critical is
    /// told from the signs at the two, and so is what the secant method does not find.
    pub located: bool,
}

/// A curve of special cycles in two parameters.
#[derive(Clone, Debug)]
pub struct CycleCurve {
    /// Which special cycle.
    pub kind: CycleEventKind,
    /// The parameters' names and units.
    pub parameters: [(String, Unit); 2],
    /// The points in order.
    pub points: Vec<CurvePoint>,
    /// The special points in order.
    pub events: Vec<CurveEvent>,
    /// Why it ends at its first point.
    pub started: CycleStop,
    /// Why it ends at its last point.
    pub stopped: CycleStop,
}

impl CycleCurve {
    /// The name used in tables and JSON: `cycle-fold-curve`, …
    pub fn name(&self) -> String {
        format!("{}-curve", self.kind.name())
    }
    /// The points as rows: both parameters, the period, and whether all other multipliers are inside the unit circle.
    pub fn table(&self) -> Table {
        let column = |f: &dyn Fn(&CurvePoint) -> f64| self.points.iter().map(f).collect::<Vec<_>>();
        let [(one, unit), (other, other_unit)] = &self.parameters;
        Table::new()
            .number(one, unit.clone(), column(&|c| c.parameters.0 / unit.factor))
            .number(other, other_unit.clone(), column(&|c| c.parameters.1 / other_unit.factor))
            .number("period", Unit::SECOND, column(&|c| c.cycle.period))
    }
}

/// The curve of a special cycle (a verified fold, period doubling or torus) in two parameters, both ways.
///
/// `one` is the parameter that the event was found in. Errors: an event that is not verified or of another kind, twice the
/// same parameter, ranges that make no sense, a curve that cannot be started.
pub fn cycle_curve(
    field: &dyn Field,
    event: &CycleEvent,
    one: &Vary,
    other: &Vary,
    options: &CycleOptions,
) -> Result<CycleCurve> {
    options.check()?;
    let kind = match event.kind {
        CycleEventKind::Fold => Critical::Fold,
        CycleEventKind::PeriodDoubling => Critical::Doubling,
        CycleEventKind::Torus => Critical::Torus,
        _ => return Err(unlocated(event)),
    };
    let (true, Some((vector, extra))) = (event.verified, &event.vector) else { return Err(unlocated(event)) };
    let names = field.names();
    let cycle = &event.cycle;
    let ranges = [check_range(names, &cycle.p, one)?, check_range(names, &cycle.p, other)?];
    let free = vec![one.parameter(), other.parameter()];
    if free[0] == free[1] {
        let what = format!("`{}` is given twice", names.parameters[free[0]].name);
        return Err(Error::usage(what, "a curve needs two different parameters"));
    }
    for (&k, (lo, hi)) in free.iter().zip(&ranges) {
        if !(*lo..=*hi).contains(&cycle.p[k]) {
            let what = format!("`{}` = {} lies outside its range {lo} to {hi}", names.parameters[k].name, cycle.p[k]);
            return Err(Error::usage(what, "start inside of the range"));
        }
    }
    let widths: Vec<f64> = ranges.iter().map(|(lo, hi)| hi - lo).collect();
    let mut q = vec![1.0, cycle.p[free[0]] / widths[0], cycle.p[free[1]] / widths[1]];
    q.extend((kind != Critical::Doubling).then_some(*extra));
    let flow =
        Flow { field, p: cycle.p.clone(), free: free.clone(), scale: cycle.scale.clone(), time: cycle.period, widths };
    let special = Special { flow, kind };
    let walker = Walker {
        equations: &special,
        rule: Rule::new(),
        tolerance: options.tolerance,
        intervals: (options.intervals, options.intervals_max.max(options.intervals)),
    };
    let guess = Unknown { orbit: cycle.orbit.above(vector), q };
    let first = walker.at_scalar(guess.clone(), 2, &guess).ok_or(Error::NoConvergence {
        method: "Newton's method for the first point of the two-parameter curve",
        steps: 25,
        residual: f64::NAN,
        last: cycle.at(0.0),
    })?;
    let curve = Curve { walker, options, ranges, kind };
    let again = |sign: f64| -> Option<Here> {
        let here = curve.walker.at_scalar(first.u.clone(), 2, &first.u)?;
        Some(Here { tangent: first.tangent.scaled(sign), ..here })
    };
    let (mut points, mut events, started) = match again(-1.0) {
        Some(here) => curve.walk(here),
        None => (Vec::new(), Vec::new(), CycleStop::Failed("failed: the first point could not be repeated".into())),
    };
    points.reverse();
    events.reverse();
    points.pop();
    let (ahead, found, stopped) = curve.walk(first);
    points.extend(ahead);
    events.extend(found);
    let named = |k: usize| (names.parameters[k].name.clone(), names.parameters[k].unit.clone());
    Ok(CycleCurve { kind: event.kind, parameters: [named(free[0]), named(free[1])], points, events, started, stopped })
}

fn unlocated(event: &CycleEvent) -> Error {
    Error::usage(
        format!(
            "the {} at {} is not a located fold, period doubling or torus",
            event.kind.name(),
            event.cycle.parameter
        ),
        "start from an event that was verified",
    )
}

struct Curve<'a> {
    walker: Walker<'a, Special<'a>>,
    options: &'a CycleOptions,
    ranges: [(f64, f64); 2],
    kind: Critical,
}

impl Curve<'_> {
    /// What is reported of a point; `None` if its orbit is not confirmed.
    fn point(&self, here: &Here) -> Option<CurvePoint> {
        let flow = &self.walker.equations.flow;
        let parameters = (here.u.q[1] * flow.widths[0], here.u.q[2] * flow.widths[1]);
        let p = flow.parameters(&here.u.q[1..3]);
        let base = Flow { p, free: flow.free[..1].to_vec(), widths: flow.widths[..1].to_vec(), ..flow.clone() };
        let tracker = Tracker::new(&base, self.options, self.ranges[0]);
        let u = Unknown { orbit: here.u.orbit.part(0, flow.variables()), q: here.u.q[..2].to_vec() };
        let at = at_orbit(&base, &u, &u, &tracker.walker)?;
        let angle = (self.kind == Critical::Torus).then(|| here.u.q[3]);
        Some(CurvePoint { parameters, cycle: tracker.cycle(&at), angle })
    }
    fn walk(&self, first: Here) -> (Vec<CurvePoint>, Vec<CurveEvent>, CycleStop) {
        let mut here = self.walker.refitted(&first).unwrap_or(first);
        let (mut points, mut events) = (Vec::new(), Vec::new());
        let Some(start) = self.point(&here) else {
            return (points, events, CycleStop::Failed("failed: the first orbit is not confirmed".into()));
        };
        points.push(start);
        let mut step = self.options.step;
        while points.len() < self.options.points {
            if self.options.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return (points, events, CycleStop::Interrupted);
            }
            here = self.walker.ahead(here, step);
            let Some(next) = self.walker.advance(&here, step) else {
                step *= 0.5;
                if step < self.options.step_min {
                    let (a, b) = points[points.len() - 1].parameters;
                    let why = format!("failed at ({a}, {b}): Newton's method at the smallest step");
                    return (points, events, CycleStop::Failed(why));
                }
                continue;
            };
            if let Some((k, edge)) = self.beyond(&next) {
                let share = (edge - here.u.q[k]) / (next.u.q[k] - here.u.q[k]);
                let mut guess = here.u.moved(&next.u.moved(&here.u, -1.0), share);
                guess.q[k] = edge;
                let last = self.walker.at_scalar(guess, k, &here.u);
                points.extend(last.and_then(|last| self.point(&last)));
                return (points, events, CycleStop::Range);
            }
            let Some(point) = self.point(&next) else {
                return (points, events, CycleStop::Failed("failed: an orbit of the curve is not confirmed".into()));
            };
            let before = &points[points.len() - 1];
            events.extend(self.events(&here, before, &next, &point, step));
            let swing =
                |c: &Cycle| c.extremes.iter().zip(&c.scale).map(|((lo, hi), s)| (hi - lo) / s).fold(0.0, f64::max);
            let shrunk = swing(&point.cycle) < 0.2 * self.options.step;
            let angle = point.angle;
            points.push(point);
            let last = &points[points.len() - 1];
            if shrunk {
                events.push(CurveEvent { kind: "generalized-hopf", point: last.clone(), located: false });
                return (points, events, CycleStop::Shrunk);
            }
            if let Some(angle) = angle.map(|a| a.rem_euclid(TAU)).filter(|a| *a >= PI || *a <= 0.0) {
                let kind = if angle > 1.5 * PI || angle <= 0.0 { "1:1" } else { "1:2" };
                return (points, events, CycleStop::Failed(format!("at a strong resonance {kind}")));
            }
            if last.cycle.period > self.options.period_max * points[0].cycle.period {
                return (points, events, CycleStop::Period);
            }
            let effort = next.effort;
            here = self.walker.refitted(&next).unwrap_or(next);
            step *= match effort {
                0..=8 => 1.4,
                9..=12 => 1.0,
                _ => 0.6,
            };
            step = step.clamp(self.options.step_min, self.options.step_max);
        }
        (points, events, CycleStop::Points)
    }
    /// The parameter (1 or 2) that left its range, and the edge.
    fn beyond(&self, here: &Here) -> Option<(usize, f64)> {
        let widths = &self.walker.equations.flow.widths;
        (0..2).find_map(|k| {
            let (lo, hi) = (self.ranges[k].0 / widths[k], self.ranges[k].1 / widths[k]);
            let v = here.u.q[k + 1];
            (v < lo || v > hi).then_some((k + 1, if v < lo { lo } else { hi }))
        })
    }
    fn events(&self, a: &Here, pa: &CurvePoint, b: &Here, pb: &CurvePoint, step: f64) -> Vec<CurveEvent> {
        let mut found = Vec::new();
        let mut look = |kind: &'static str, test: &dyn Fn(&Here) -> f64| {
            let ends = (test(a), test(b));
            if ends.0 * ends.1 < 0.0 {
                let at = self.walker.illinois(a, ends, step, test, 1e-9, 60).filter(|at| test(at).abs() < 1e-6);
                let point = at.and_then(|at| self.point(&at));
                let located = point.is_some();
                found.push(CurveEvent { kind, point: point.unwrap_or_else(|| pb.clone()), located });
            }
        };
        let ahead = (a.tangent.q[1], a.tangent.q[2]);
        look("cusp-of-cycles", &|h: &Here| h.tangent.q[1] * ahead.0 + h.tangent.q[2] * ahead.1);
        if self.kind == Critical::Torus {
            look("resonance-1:3", &|h: &Here| h.u.q[3] - TAU / 3.0);
            look("resonance-1:4", &|h: &Here| h.u.q[3] - FRAC_PI_2);
            return found;
        }
        // The parity of real multipliers beyond ±1, the critical one left out.
        let own = if self.kind == Critical::Fold { 1.0 } else { -1.0 };
        let beyond = |point: &CurvePoint, side: f64| {
            let real = point.cycle.multipliers.iter().filter(|m| m.im == 0.0);
            let mut values: Vec<f64> = real.map(|m| m.re).collect();
            let far = |v: &f64| (v - own).abs();
            if let Some(k) = (0..values.len()).min_by(|&x, &y| far(&values[x]).total_cmp(&far(&values[y]))) {
                values.remove(k);
            }
            values.iter().map(|v| side * v - 1.0).fold(1.0, |sign, v| sign * if v > 0.0 { -1.0 } else { 1.0 })
        };
        for (side, kind) in [(-own, "fold-flip"), (own, if own > 0.0 { "resonance-1:1" } else { "resonance-1:2" })] {
            if beyond(pa, side) != beyond(pb, side) {
                found.push(CurveEvent { kind, point: pb.clone(), located: false });
            }
        }
        found
    }
}
