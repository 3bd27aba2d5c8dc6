//! Where is what in a plane of two parameters? Curves of special points, and below them the certified map.

use super::answers::stability_panel;
use super::axis::Axis;
use super::marks::{Line, Points, Shape};
use super::palette::Ink;
use super::panel::Panel;
use super::results::unit_label;
use super::text::symbol;
use crate::dynamics::StabilityMap;
use crate::dynamics::continuation::{Curve, CurveKind, CurvePoint, EventKind};
use crate::error::Error;
use crate::field::Result;

/// Curves of folds, Hopf points (solid: supercritical, dashed: subcritical) and branch points, with a symbol at every
/// point of codimension two; over a certified map of the same two parameters, if one is given.
///
/// Errors: nothing to draw; a map of other parameters.
pub fn parameter_plane(curves: &[Curve], map: Option<&StabilityMap>) -> Result<Panel> {
    let first = curves.first().ok_or_else(|| Error::usage("a plane without curves", "follow at least one"))?;
    let [(name, unit), (other, scale)] = &first.parameters;
    let mut panel = match map {
        Some(map) if map.parameters.len() == 2 && map.parameters[0].0 == *name && map.parameters[1].0 == *other => {
            stability_panel(map)
        }
        Some(_) => {
            return Err(Error::usage("a map of other parameters", format!("map {name} and {other}, in this order")));
        }
        None => {
            Panel::new(Axis::linear(&symbol(name), &unit_label(unit)), Axis::linear(&symbol(other), &unit_label(scale)))
        }
    };
    for curve in curves {
        let word = match curve.kind {
            CurveKind::Fold => "folds",
            CurveKind::Hopf => "Hopf points",
            CurveKind::BranchPoint => "branch points",
        };
        for (below, points) in stretches(&curve.points) {
            let (x, y): (Vec<f64>, Vec<f64>) =
                points.iter().map(|q| (q.parameter / unit.factor, q.other / scale.factor)).unzip();
            let ink = match curve.kind {
                CurveKind::Fold => Ink::Theory,
                CurveKind::Hopf => Ink::Hue(0),
                CurveKind::BranchPoint => Ink::Hue(3),
            };
            let above = points[0].first_lyapunov.is_some_and(|l1| l1 < 0.0);
            let name = match (below, above) {
                (true, _) => format!("{word}, subcritical"),
                (_, true) => format!("{word}, supercritical"),
                _ => word.to_string(),
            };
            let line = Line::new(&name, &x, &y).ink(ink).width(1.3);
            panel = panel.add(if below { line.dashed() } else { line });
        }
    }
    for (kind, word, shape) in [
        (EventKind::Cusp, "cusp", Shape::Triangle),
        (EventKind::BogdanovTakens, "Bogdanov–Takens", Shape::Disc),
        (EventKind::GeneralizedHopf, "generalized Hopf", Shape::Square),
        (EventKind::ZeroHopf, "zero-Hopf", Shape::Diamond),
        (EventKind::HopfHopf, "Hopf–Hopf", Shape::Ring),
    ] {
        let events = curves.iter().flat_map(|c| &c.events).filter(|e| e.kind == kind);
        let (x, y): (Vec<f64>, Vec<f64>) = events.map(|e| (e.parameter / unit.factor, e.other / scale.factor)).unzip();
        if !x.is_empty() {
            panel = panel.add(Points::new(word, &x, &y).shape(shape).ink(Ink::Unstable).size(1.0));
        }
    }
    Ok(panel)
}

/// Runs with a positive first Lyapunov coefficient, and without; each reaches to the first point of the next.
fn stretches(points: &[CurvePoint]) -> Vec<(bool, &[CurvePoint])> {
    let below = |q: &CurvePoint| q.first_lyapunov.is_some_and(|l1| l1 > 0.0);
    let mut found = Vec::new();
    let mut start = 0;
    while start < points.len() {
        let now = below(&points[start]);
        let end = (start..points.len()).find(|&i| below(&points[i]) != now).unwrap_or(points.len());
        found.push((now, &points[start..(end + 1).min(points.len())]));
        start = end;
    }
    found
}
