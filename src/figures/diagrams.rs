//! What changes where? A bifurcation diagram: fixed points, cycles and special points over one parameter.

use super::axis::Axis;
use super::marks::{Line, Points, Shape};
use super::palette::Ink;
use super::panel::Panel;
use super::results::unit_label;
use super::text::symbol;
use crate::dynamics::continuation::{Branch, BranchPoint, EventKind};
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
    for branch in cycles {
        let stretches = stretches(&branch.points, |c: &Cycle| c.stable);
        for (stable, points) in stretches {
            for side in [|c: &Cycle, k: usize| c.extremes[k].0, |c: &Cycle, k: usize| c.extremes[k].1] {
                let (x, y) = frame.places(points.iter().map(|c| (c.parameter, side(c, k))));
                let name = if stable { "stable cycle" } else { "unstable cycle" };
                let line = Line::new(name, &x, &y).ink(Ink::Hue(if stable { 2 } else { 4 })).width(1.1);
                panel = panel.add(if stable { line } else { line.dashed() });
            }
        }
    }
    for branch in branches {
        for (stable, points) in stretches(&branch.points, |q: &BranchPoint| q.stable) {
            let (x, y) = frame.places(points.iter().map(|q| (q.parameter, q.at[k])));
            let line = if stable { Line::new("stable", &x, &y) } else { Line::new("unstable", &x, &y).dashed() };
            panel = panel.add(line.ink(if stable { Ink::Theory } else { Ink::Unstable }).width(1.3));
        }
    }
    for (kind, name, shape) in [
        (EventKind::Fold, "fold", Shape::Disc),
        (EventKind::Hopf, "Hopf", Shape::Square),
        (EventKind::BranchPoint, "branch point", Shape::Diamond),
        (EventKind::Kink, "kink", Shape::Triangle),
        (EventKind::Unexplained, "not located", Shape::Cross),
    ] {
        let events = branches.iter().flat_map(|b| &b.events).filter(|e| e.kind == kind);
        let (x, y) = frame.places(events.map(|e| (e.parameter, e.at[k])));
        if !x.is_empty() {
            panel = panel.add(Points::new(name, &x, &y).shape(shape).ink(Ink::Data).size(1.0));
        }
    }
    for (kind, name, shape) in [
        (CycleEventKind::Fold, "fold of cycles", Shape::Ring),
        (CycleEventKind::PeriodDoubling, "period doubling", Shape::Triangle),
        (CycleEventKind::Torus, "torus", Shape::Square),
        (CycleEventKind::BranchPoint, "branch point of cycles", Shape::Disc),
    ] {
        let events = cycles.iter().flat_map(|b| &b.events).filter(|e| e.kind == kind && e.verified);
        let both = events.flat_map(|e| [e.cycle.extremes[k].0, e.cycle.extremes[k].1].map(|v| (e.cycle.parameter, v)));
        let (x, y) = frame.places(both);
        if !x.is_empty() {
            panel = panel.add(Points::new(name, &x, &y).shape(shape).ink(Ink::Hue(3)).size(1.0));
        }
    }
    // Where a branch of cycles ends with an infinite period: at the fixed point that the last orbit passes.
    for (kinds, name) in [
        (&[LimitKind::Homoclinic, LimitKind::SaddleFocus][..], "homoclinic"),
        (&[LimitKind::SaddleNode], "saddle-node on cycle"),
    ] {
        let limits = cycles.iter().filter_map(|b| b.limit.as_ref()).filter(|l| kinds.contains(&l.kind));
        let (x, y) = frame.places(limits.map(|l| (l.parameter, l.at[k])));
        if !x.is_empty() {
            panel = panel.add(Points::new(name, &x, &y).shape(Shape::Diamond).ink(Ink::Hue(3)).size(1.2));
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

/// Runs of one stability; each reaches to the first point of the next, so that the curve has no gaps.
fn stretches<T>(points: &[T], stable: impl Fn(&T) -> bool) -> Vec<(bool, &[T])> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < points.len() {
        let now = stable(&points[start]);
        let end = (start..points.len()).find(|&i| stable(&points[i]) != now).unwrap_or(points.len());
        found.push((now, &points[start..(end + 1).min(points.len())]));
        start = end;
    }
    found
}
