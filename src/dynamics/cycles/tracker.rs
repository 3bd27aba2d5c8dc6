//! How is a branch of periodic orbits followed, and what happens between two neighbouring orbits?

use super::branch::{Cycle, CycleBranch, CycleEvent, CycleEventKind, CycleStop};
use super::bvp::{Equations, Unknown, linearise};
use super::events::{Beside, Between, Seen};
use super::flow::Flow;
use super::follow::CycleOptions;
use super::homoclinic::{Limit, LimitKind, arrived, limit, spirals, waits_at_saddle};
use super::mesh::{DEGREE, Orbit, Rule, Transfer};
use super::multipliers::Multipliers;
use super::newton::SETTLED;
use super::transport::{apart, beside, between};
use super::turned::{centred, half_way, turned_over};
use super::walk::{Here, Walker};
use nalgebra::Complex;
use std::sync::atomic::Ordering;

/// A branch of periodic orbits on its way.
pub struct Tracker<'a> {
    pub walker: Walker<'a, Flow<'a>>,
    pub options: &'a CycleOptions,
    /// The parameter's range, scaled.
    pub range: (f64, f64),
    /// Did the branch leave a period doubling? Then it may come back to the orbit it was doubled from.
    pub doubled: bool,
}

/// A move of the parameter, relative to its range, that is not told from none: Newton's method is done a little below.
pub const UNMOVED: f64 = 4.0 * SETTLED;
/// A branch creeps where so many orbits go by less than this share of the way that it went while the parameter stood still.
const CREEPING: usize = 25;
const CREEPS: f64 = 0.05;
/// How far apart the first and the last orbit of an explosion are at least, relative to their size or period.
const EXPLODED: f64 = 0.25;
/// How small the turns of the parameter, or its moves, relative to its range, must have become to extrapolate their limit.
const WIGGLE: f64 = 1e-4;

/// The cosine of the angle up to which a direction turns in a step of a smooth curve.
const SMOOTH: f64 = 0.99;
/// A period is long when it has grown by this factor.
const LONG: f64 = 3.0;
/// Towards a saddle a branch is straight up to this cosine: without a fold behind it, steps are longer by this factor.
const STRAIGHT: f64 = 0.9999;
const LONGER: f64 = 1.6;
/// A branch slides where its orbits move by less than this share of what they move by at the same phases.
const SLIDES: f64 = 0.5;
/// An orbit is solved for again where it misses the wanted error by this factor: its mesh was made to meet it.
const MISSED: f64 = 2.0;
/// The wanted error of the multipliers, relative to that of the polynomials.
const MULTIPLIERS: f64 = 0.3;

/// The step before.
struct Before {
    here: Here,
    step: f64,
    /// What had been seen at its start.
    seen: (usize, usize),
}

/// One end of a branch.
pub struct Walked {
    pub points: Vec<Cycle>,
    pub events: Vec<CycleEvent>,
    pub still: usize,
    pub stopped: CycleStop,
}

impl<'a> Tracker<'a> {
    pub fn new(flow: &'a Flow<'a>, options: &'a CycleOptions, range: (f64, f64)) -> Self {
        let width = flow.widths[0];
        let walker = Walker {
            equations: flow,
            rule: Rule::new(),
            tolerance: options.tolerance,
            intervals: (options.intervals, options.intervals_max.max(options.intervals)),
        };
        Tracker { walker, options, range: (range.0 / width, range.1 / width), doubled: false }
    }
    /// What is reported of an orbit.
    pub fn cycle(&self, here: &Here) -> Cycle {
        let flow = self.walker.equations;
        let orbit = &here.u.orbit;
        let scaled = |(lo, hi): (f64, f64), s: &f64| (lo * s, hi * s);
        let extremes = orbit.extremes().into_iter().zip(&flow.scale).map(|(e, s)| scaled(e, s)).collect();
        let lost = || {
            let others = vec![Complex::from(f64::NAN); flow.variables() - 1];
            Multipliers { others, trivial_error: f64::NAN, product_error: f64::NAN }
        };
        let Multipliers { others: multipliers, trivial_error, product_error } =
            here.multipliers().cloned().unwrap_or_else(lost);
        Cycle {
            parameter: here.u.q[1] * flow.widths[0],
            period: here.u.q[0] * flow.time,
            extremes,
            stable: multipliers.iter().all(|m| m.norm() < 1.0),
            product_error,
            multipliers,
            trivial_error,
            error: orbit.error(),
            p: flow.parameters(&here.u.q[1..]),
            orbit: orbit.clone(),
            scale: flow.scale.clone(),
        }
    }
    /// The branch from `first` on, in the direction of its tangent; `first` is among the points.
    pub fn walk(&self, first: Here) -> Walked {
        let mut futile = 0.0;
        let (mut here, cycle) = self.settle(self.walker.fitted(first, 1.0), &mut futile);
        let mut points = vec![cycle];
        let mut seen = Seen::default();
        let mut before: Option<Before> = None;
        let mut step = self.options.step;
        let (period, ahead) = (here.u.q[0], here.tangent.q[1]);
        let end = |points, seen: Seen, stopped| Walked { points, events: seen.events, still: seen.still, stopped };
        while points.len() < self.options.points {
            if self.options.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return end(points, seen, CycleStop::Interrupted);
            }
            // A long period is followed in steps of its own size.
            let grown = (here.u.q[0] / period).max(1.0);
            let straight = here.turn > STRAIGHT && turning_points(&seen.events).next().is_none();
            let stretch = if straight && grown > LONG { LONGER * grown } else { grown };
            here = self.walker.ahead(here, step * stretch);
            let Some(next) = self.walker.advance(&here, step * stretch) else {
                step *= 0.5;
                if step < self.options.step_min {
                    let at = here.u.q[1] * self.walker.equations.widths[0];
                    let why = format!("failed at {at}: Newton's method at the smallest step");
                    return end(points, seen, CycleStop::Failed(why));
                }
                continue;
            };
            // Only a small orbit can have shrunk to a point within one step.
            let towards = (1.0 - here.tangent.q.iter().map(|q| q * q).sum::<f64>()).max(0.0).sqrt();
            let small = size(&points[points.len() - 1]) < 4.0 * step * stretch * towards;
            if small && turned_over(&here.u.orbit, &next.u.orbit, centred) {
                return end(points, seen, CycleStop::Shrunk);
            }
            if self.doubled && turned_over(&here.u.orbit, &next.u.orbit, half_way) {
                return end(points, seen, CycleStop::Undoubled);
            }
            let lambda = next.u.q[1];
            if lambda < self.range.0 || lambda > self.range.1 {
                // The last orbit is put on the end of the range.
                let edge = if lambda > self.range.1 { self.range.1 } else { self.range.0 };
                if let Some(last) = self.at_edge(&here, &next, edge) {
                    let step = distance(&self.walker, &here, &last);
                    self.tell(&mut before, Between { a: &here, b: &last, step }, &mut seen);
                    points.push(self.cycle(&last));
                }
                return end(points, seen, CycleStop::Range);
            }
            let at = self.tell(&mut before, Between { a: &here, b: &next, step: step * stretch }, &mut seen);
            let (effort, turn) = (next.effort, next.turn);
            let (settled, cycle) = self.settle(next, &mut futile);
            let last = std::mem::replace(&mut here, settled);
            points.push(cycle);
            if self.wiggles_out(&here, period, &seen.events, &points[points.len() - 1]) {
                return end(points, seen, CycleStop::Period);
            }
            let moved = (here.u.q[1] - last.u.q[1]).abs();
            let grows = here.u.q[0] > LONG * period && here.u.q[0] > 1.01 * last.u.q[0];
            if grows && self.at_limit(moved, &points, &seen.events) {
                return end(points, seen, CycleStop::Period);
            }
            if self.creeps(&points) {
                let at_saddle = waits_at_saddle(self.walker.equations.field, &points[points.len() - 1]);
                return end(points, seen, if at_saddle { CycleStop::Period } else { CycleStop::Canard });
            }
            if let Some(stopped) = self.stop(&here, ahead, &points, period) {
                return end(points, seen, stopped);
            }
            let gone = self.see_whether_it_slides(&last, &mut here, step * stretch);
            before = Some(Before { here: last, step: step * stretch, seen: at });
            step = gone / stretch;
            // A drawn branch shall look smooth, and two events shall not fall into one step.
            step *= match effort {
                0..=12 if turn > SMOOTH => 1.4,
                0..=15 if turn > 0.95 => 1.0,
                _ => 0.6,
            };
            step = step.clamp(self.options.step_min, self.options.step_max);
        }
        end(points, seen, CycleStop::Points)
    }
    /// Does the branch slide from here on? It does where the direction turns although states at places that belong together
    /// hardly move. The answer is the length of the step behind, as the next one is measured.
    fn see_whether_it_slides(&self, last: &Here, here: &mut Here, step: f64) -> f64 {
        if !last.slides && here.turn > SMOOTH {
            return step;
        }
        let between = apart(&last.u, &beside(&last.u, &here.u, &self.walker.equations.signs()), &self.walker.rule);
        let fixed = if last.slides { along_tangent(&self.walker, last, here) } else { step };
        here.slides = between < SLIDES * fixed;
        if here.slides { between } else { fixed }
    }
    /// What happened in a step is added to `seen`; so is what the step before hid, now that an orbit behind it is known.
    /// The answer is how much had been seen at the start of this step.
    fn tell(&self, before: &mut Option<Before>, between: Between, seen: &mut Seen) -> (usize, usize) {
        let beside = before.take().map(|last| {
            let earlier = Between { a: &last.here, b: between.a, step: last.step };
            let behind = Beside::new(last.step + between.step, between.b);
            if earlier.suspect(&behind).is_some() {
                seen.events.truncate(last.seen.0);
                seen.still = last.seen.1;
                seen.extend(self.events(earlier, Some(&behind)));
            }
            let beside = Beside::new(-last.step, &last.here);
            last.here.chain.done(&self.walker.rule);
            beside
        });
        let at = (seen.events.len(), seen.still);
        seen.extend(self.events(between, beside.as_ref()));
        at
    }
    /// Has the parameter come to its limit by ever smaller turns to and fro, the orbit waiting at a saddle-focus? It has too
    /// where the turns are no longer told apart.
    fn wiggles_out(&self, here: &Here, period: f64, events: &[CycleEvent], last: &Cycle) -> bool {
        let turns: Vec<(f64, f64)> = turning_points(events).collect();
        let [.., (a, _), (b, _), (c, _)] = turns[..] else { return false };
        let width = self.walker.equations.widths[0];
        let field = self.walker.equations.field;
        // A branch that has left its turns behind goes on.
        let left = (last.parameter - c).abs();
        if left < UNMOVED * width && arrived(field, last, &turns, UNMOVED * width) {
            return true;
        }
        let shrinks = (c - b).abs() < (b - a).abs() && left <= (c - b).abs();
        let small = (c - b).abs() < WIGGLE * width && shrinks && turns.len() > 3;
        // A branch of orbits that go round several times starts with a long period.
        small && (here.u.q[0] > LONG * period && waits_at_saddle(field, last) || spirals(field, last, &turns))
    }
    /// Has the parameter come to its limit at a saddle, so that nothing more is to be learnt? It has where it moves no more,
    /// and before, where the limit is known as well as if it did.
    fn at_limit(&self, moved: f64, points: &[Cycle], events: &[CycleEvent]) -> bool {
        let flow = self.walker.equations;
        let last = &points[points.len() - 1];
        if moved < UNMOVED {
            return waits_at_saddle(flow.field, last);
        }
        // Far from it there is no need to ask.
        if moved > 0.1 * WIGGLE {
            return false;
        }
        let turns: Vec<f64> = turning_points(events).map(|(parameter, _)| parameter).collect();
        let known = |l: &Limit| {
            let left = (last.parameter - l.parameter).abs();
            l.kind == LimitKind::Homoclinic && l.error < UNMOVED * flow.widths[0] && left < WIGGLE * flow.widths[0]
        };
        limit(flow.field, points, &turns).as_ref().is_some_and(known)
    }
    /// The orbit on a mesh that fits it and its multipliers, and what is reported of it.
    ///
    /// `futile` is the doubt that a finer mesh did not allay: what comes from rounding and from the growth of deviations
    /// along a long orbit is no reason to refine.
    pub fn settle(&self, here: Here, futile: &mut f64) -> (Here, Cycle) {
        let mut cycle = self.cycle(&here);
        let mut here = here;
        let doubt = |here: &Here, cycle: &Cycle| {
            // In the plane the multiplier does not come from a product.
            let product = if cycle.multipliers.len() == 1 { 0.0 } else { cycle.product_error };
            let lacks = (product / (1.0 + here.chain.trace.abs())).max(cycle.trivial_error);
            // Multipliers are of order 2m where the polynomials are of order m + 1.
            let power = (DEGREE + 1) as f64 / (2 * DEGREE) as f64;
            self.walker.tolerance * (lacks.min(1.0) / (MULTIPLIERS * self.walker.tolerance)).powf(power)
        };
        here.doubt = doubt(&here, &cycle);
        for _ in 0..4 {
            let fine = cycle.error < MISSED * self.walker.tolerance;
            if fine && here.doubt < (MISSED * self.walker.tolerance).max(4.0 * *futile) {
                break;
            }
            let Some(mut finer) = self.walker.refitted(&here) else { break };
            let again = self.cycle(&finer);
            finer.doubt = doubt(&finer, &again);
            if fine && finer.doubt > 0.5 * here.doubt {
                *futile = here.doubt;
                break;
            }
            std::mem::replace(&mut here, finer).chain.done(&self.walker.rule);
            cycle = again;
        }
        (here, cycle)
    }
    /// Has a canard explosion taken the branch as far as its steps carry it?
    ///
    /// The parameter stands still from the orbit on since which it has kept within its resolution. That is no less than the
    /// error of the orbits: deviations grow along the repelling sheet as e^{c/ε}, and their errors with them. An explosion
    /// makes an orbit one of another size meanwhile; what is merely walked in small steps stays what it is.
    fn creeps(&self, points: &[Cycle]) -> bool {
        let last = &points[points.len() - 1];
        let resolution = UNMOVED.max(self.walker.tolerance) * self.walker.equations.widths[0];
        let still = points.iter().rev().take_while(|c| (c.parameter - last.parameter).abs() < resolution).count();
        let went = |orbits: usize| last.apart(&points[points.len() - orbits]);
        still > CREEPING && went(still) > EXPLODED && went(CREEPING) < CREEPS * went(still)
    }
    fn stop(&self, here: &Here, ahead: f64, points: &[Cycle], period: f64) -> Option<CycleStop> {
        let last = size(&points[points.len() - 1]);
        if points.len() > 4 && last < 0.5 * size(&points[0]) && last < self.options.step {
            return Some(CycleStop::Shrunk);
        }
        if here.u.q[0] > self.options.period_max * period {
            return Some(CycleStop::Period);
        }
        // Back at the start: it lies within the ball over the last step, and the branch heads the same way.
        let [first, _, .., before, cycle] = points else { return None };
        let moved = |c: &Cycle| (c.parameter - first.parameter) / self.walker.equations.widths[0];
        let both = cycle.differs(first).zip(before.differs(first)).map(|(a, b)| a * b).sum::<f64>();
        let home = both + moved(cycle) * moved(before) < 0.0 && here.tangent.q[1] * ahead > 0.0;
        home.then_some(CycleStop::Closed)
    }
    /// The orbit at an edge of the range, between two neighbours.
    fn at_edge(&self, a: &Here, b: &Here, edge: f64) -> Option<Here> {
        let share = (edge - a.u.q[1]) / (b.u.q[1] - a.u.q[1]);
        let mut guess = between(&a.u, &b.u, share, &self.walker.equations.signs())?;
        guess.q[1] = edge;
        let mut last = self.walker.at_scalar(guess.clone(), 1, &guess)?;
        if last.tangent.q[1] * (b.u.q[1] - a.u.q[1]) < 0.0 {
            last.tangent = last.tangent.scaled(-1.0);
        }
        Some(last)
    }
    /// A whole branch from its parts.
    pub fn branch(&self, started: CycleStop, walked: Walked) -> CycleBranch {
        let flow = self.walker.equations;
        let names = flow.field.names();
        let quantity = &names.parameters[flow.free[0]];
        let long = walked.points[walked.points.len() - 1].period > 5.0 * walked.points[0].period;
        let ended = match walked.stopped {
            CycleStop::Period => true,
            CycleStop::Failed(_) => long,
            _ => false,
        };
        let turns: Vec<f64> = turning_points(&walked.events).map(|(parameter, _)| parameter).collect();
        let towards = ended.then(|| limit(flow.field, &walked.points, &turns)).flatten();
        CycleBranch {
            limit: towards,
            parameter: (quantity.name.clone(), quantity.unit.clone()),
            variables: names.variables.iter().map(|q| (q.name.clone(), q.unit.clone())).collect(),
            points: walked.points,
            events: walked.events,
            still: walked.still,
            started,
            stopped: walked.stopped,
        }
    }
}

/// Where the parameter turns, in order along the branch, and the period there.
fn turning_points(events: &[CycleEvent]) -> impl Iterator<Item = (f64, f64)> {
    events.iter().filter(|e| e.kind == CycleEventKind::Fold).map(|e| (e.cycle.parameter, e.cycle.period))
}

/// The largest swing of a variable, scaled.
fn size(cycle: &Cycle) -> f64 {
    cycle.extremes.iter().zip(&cycle.scale).map(|((lo, hi), s)| (hi - lo) / s).fold(0.0, f64::max)
}

/// How far `b` is from `a`: between places that belong together where the branch slides, else along the tangent at `a`.
pub fn distance(walker: &Walker<Flow>, a: &Here, b: &Here) -> f64 {
    match a.slides {
        true => apart(&a.u, &beside(&a.u, &b.u, &walker.equations.signs()), &walker.rule),
        false => along_tangent(walker, a, b),
    }
}

/// How far `b` is from `a` along the tangent there, at the same phases.
fn along_tangent(walker: &Walker<Flow>, a: &Here, b: &Here) -> f64 {
    let same = a.u.orbit.mesh == b.u.orbit.mesh;
    let onto = || b.u.on(&Transfer::new(&b.u.orbit.mesh, a.u.orbit.mesh.clone()));
    let apart = if same { b.u.moved(&a.u, -1.0) } else { onto().moved(&a.u, -1.0) };
    apart.dot(&a.tangent, &walker.rule).abs()
}

/// The orbit `u`, linearised there and not moved any more; `None` if it is no orbit.
pub fn at_orbit(flow: &Flow, u: &Unknown, tangent: &Unknown, walker: &Walker<Flow>) -> Option<Here> {
    let (chain, gap) = linearise(flow, u, &walker.rule)?;
    let size = gap.inside.iter().chain(&gap.ends).fold(0.0f64, |a, b| a.max(b.abs()));
    let tangent =
        Unknown { orbit: Orbit { mesh: u.orbit.mesh.clone(), ..tangent.orbit.clone() }, q: tangent.q.clone() };
    (size < 10.0 * SETTLED * (1.0 + u.q[0])).then(|| Here::new(flow, u.clone(), tangent, chain, 0))
}
