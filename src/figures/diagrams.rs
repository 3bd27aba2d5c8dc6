//! What changes where? A bifurcation diagram: fixed points, cycles and special points over one parameter.

use super::axis::Axis;
use super::marks::{Line, Points, Shape};
use super::palette::Ink;
use super::panel::Panel;
use super::results::unit_label;
use super::text::symbol;
use crate::dynamics::continuation::{Branch, Event, EventKind};
use crate::dynamics::cycles::{Cycle, CycleBranch, CycleEventKind, LimitKind};
use crate::error::{Error, nearest};
use crate::field::{Result, Unit};

/// One branch: solid where stable, dashed where not, with a symbol at every event.
///
/// Errors: no such variable.
pub fn branch(branch: &Branch, variable: &str) -> Result<Panel> {
    bifurcations(std::slice::from_ref(branch), &[], variable)
}

/// A diagram of several branches of one model, and of the extremes of its cycles.
///
/// Errors: no such variable; nothing to draw.
pub fn bifurcations(branches: &[Branch], cycles: &[CycleBranch], variable: &str) -> Result<Panel> {
    let nothing = || Error::usage("a diagram without branches", "follow at least one");
    let one = branches.first().map(|b| (&b.parameter, &b.variables));
    let (parameter, variables) = one.or(cycles.first().map(|c| (&c.parameter, &c.variables))).ok_or_else(nothing)?;
    let names = || variables.iter().map(|(n, _)| n.as_str());
    let k = names()
        .position(|n| n == variable)
        .ok_or_else(|| Error::unknown("variable", variable, nearest(variable, names())))?;
    let frame = Frame { x: &parameter.1, y: &variables[k].1 };
    let x = Axis::linear(&symbol(&parameter.0), &unit_label(frame.x));
    let mut panel = Panel::new(x, Axis::linear(&symbol(variable), &unit_label(frame.y)));
    // In the order of the legend: fixed points before cycles, stable before unstable.
    for wanted in [true, false] {
        for branch in branches {
            let course = course(branch, k);
            for (_, points) in stretches(&course, |q: &(f64, f64, bool)| q.2).filter(|(s, _)| *s == wanted) {
                let (x, y) = frame.places(points.iter().map(|q| (q.0, q.1)));
                let line = if wanted { Line::new("stable", &x, &y) } else { Line::new("unstable", &x, &y).dashed() };
                panel = panel.add(line.ink(if wanted { Ink::Theory } else { Ink::Unstable }).width(1.3));
            }
        }
    }
    for wanted in [true, false] {
        for branch in cycles {
            for (_, points) in stretches(&branch.points, |c: &Cycle| c.stable).filter(|(s, _)| *s == wanted) {
                for side in [|c: &Cycle, k: usize| c.extremes[k].0, |c: &Cycle, k: usize| c.extremes[k].1] {
                    let (x, y) = frame.places(points.iter().map(|c| (c.parameter, side(c, k))));
                    let name = if wanted { "stable cycle" } else { "unstable cycle" };
                    let line = Line::new(name, &x, &y).ink(Ink::Hue(if wanted { 2 } else { 4 })).width(1.1);
                    panel = panel.add(if wanted { line } else { line.dashed() });
                }
            }
        }
    }
    // What marks cycles lies below what marks fixed points, and is open or small: much of it may fall into one place.
    for (kinds, name) in [
        (&[LimitKind::Homoclinic, LimitKind::SaddleFocus][..], "homoclinic"),
        (&[LimitKind::SaddleNode], "saddle-node on cycle"),
    ] {
        let ended = cycles.iter().filter_map(|b| Some((b.points.last()?, b.limit.as_ref()?)));
        let limits = ended.filter(|(_, limit)| kinds.contains(&limit.kind));
        let (x, y) = frame.places(limits.flat_map(|(last, limit)| {
            let (low, high) = last.extremes[k];
            // An extreme that meets the fixed point is there in the limit.
            let meets = |v: f64| if (v - limit.at[k]).abs() < 0.05 * (high - low) { limit.at[k] } else { v };
            [(limit.parameter, meets(low)), (limit.parameter, meets(high))]
        }));
        if !x.is_empty() {
            panel = panel.add(Points::new(name, &x, &y).shape(Shape::OpenDiamond).ink(Ink::Hue(3)).size(1.3));
        }
    }
    for (kind, name, shape, size) in [
        (CycleEventKind::PeriodDoubling, "period doubling", Shape::Triangle, 0.8),
        (CycleEventKind::Fold, "fold of cycles", Shape::Ring, 0.9),
        (CycleEventKind::Torus, "torus", Shape::Square, 0.9),
        (CycleEventKind::BranchPoint, "branch point of cycles", Shape::Disc, 0.9),
    ] {
        let events = cycles.iter().flat_map(|b| &b.events).filter(|e| e.kind == kind && e.verified);
        let both = events.flat_map(|e| [e.cycle.extremes[k].0, e.cycle.extremes[k].1].map(|v| (e.cycle.parameter, v)));
        let (x, y) = frame.places(both);
        if !x.is_empty() {
            panel = panel.add(Points::new(name, &x, &y).shape(shape).ink(Ink::Hue(3)).size(size));
        }
    }
    let events = cycles.iter().flat_map(|b| &b.events).filter(|e| !e.verified);
    let both = events.flat_map(|e| [e.cycle.extremes[k].0, e.cycle.extremes[k].1].map(|v| (e.cycle.parameter, v)));
    let (x, y) = frame.places(both);
    if !x.is_empty() {
        panel = panel.add(Points::new("cycle, not located", &x, &y).shape(Shape::Cross).ink(Ink::Hue(3)).size(0.9));
    }
    for (kind, name, shape) in [
        (EventKind::Fold, "fold", Shape::Disc),
        (EventKind::Hopf, "Hopf", Shape::Square),
        (EventKind::BranchPoint, "branch point", Shape::Diamond),
        (EventKind::Kink, "kink", Shape::Triangle),
        (EventKind::Pole, "pole", Shape::Ring),
        (EventKind::HopfHopf, "Hopf–Hopf", Shape::Ring),
        (EventKind::Unexplained, "not located", Shape::Cross),
    ] {
        // What could not be verified is not drawn as what it may be.
        let located = |e: &&Event| e.check.is_some() || matches!(e.kind, EventKind::Kink | EventKind::Pole);
        let drawn = |e: &&Event| if located(e) { e.kind == kind } else { kind == EventKind::Unexplained };
        let events = branches.iter().flat_map(|b| &b.events).filter(drawn);
        let (x, y) = frame.places(events.map(|e| (e.parameter, e.at[k])));
        if !x.is_empty() {
            panel = panel.add(Points::new(name, &x, &y).shape(shape).ink(Ink::Data).size(1.0));
        }
    }
    Ok(panel)
}

/// The units of the axes.
struct Frame<'a> {
    x: &'a Unit,
    y: &'a Unit,
}

impl Frame<'_> {
    /// Coordinates in the units that are shown.
    fn places(&self, points: impl Iterator<Item = (f64, f64)>) -> (Vec<f64>, Vec<f64>) {
        points.map(|(p, v)| (p / self.x.factor, v / self.y.factor)).unzip()
    }
}

/// The points of a branch over one variable, and whether they are stable, with the located special points among them: the
/// stability changes there, and not at the next point of the branch.
fn course(branch: &Branch, k: usize) -> Vec<(f64, f64, bool)> {
    let mut all = Vec::new();
    for (i, q) in branch.points.iter().enumerate() {
        let here = branch.events.iter().filter(|e| e.after == i && e.check.is_some());
        all.extend(here.map(|e| (e.parameter, e.at[k], q.stable)));
        all.push((q.parameter, q.at[k], q.stable));
    }
    all
}

/// Runs of one stability; each reaches to the first point of the next, so that the curve has no gaps.
fn stretches<T>(points: &[T], stable: impl Fn(&T) -> bool) -> impl Iterator<Item = (bool, &[T])> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < points.len() {
        let now = stable(&points[start]);
        let end = (start..points.len()).find(|&i| stable(&points[i]) != now).unwrap_or(points.len());
        found.push((now, &points[start..(end + 1).min(points.len())]));
        start = end;
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::continuation::{Options, Vary, follow};
    use crate::field::{Law, Names, Quantity};
    use crate::num::Scalar;

    /// dx/dt = λ − x²: a fold at the origin, between two points of the branch.
    struct Saddle(Names);
    impl Law for Saddle {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            dx[0] = p[0] - x[0].square();
        }
    }

    #[test]
    fn theory_the_line_changes_where_the_stability_does() {
        let field = Saddle(Names::new("saddle", [Quantity::plain("x", 1.0)], [Quantity::plain("lambda", 1.0)]));
        let branch = follow(&field, &[1.0], &[1.0], &Vary::new(0, (-1.0, 1.0)), &Options::default()).expect("a branch");
        let course = course(&branch, 0);
        assert!(
            course.iter().all(|(p, x, stable)| (p - x * x).abs() < 1e-9 && (x.abs() < 1e-9 || *stable == (*x > 0.0)))
        );
        for (_, points) in stretches(&course, |q: &(f64, f64, bool)| q.2) {
            let nearest = points.iter().map(|q| q.1.abs()).fold(f64::INFINITY, f64::min);
            assert!(nearest < 1e-9, "both lines reach the fold, {nearest}");
            assert!(points.iter().all(|q| q.1 > -1e-9) || points.iter().all(|q| q.1 < 1e-9), "and none goes past it");
        }
    }
}
