//! How is a phase plane drawn? Flow in grey, a colour for each nullcline, fixed points by their stability.

use super::axis::Axis;
use super::marks::{Line, Points, Shape};
use super::palette::Ink;
use super::panel::Panel;
use super::results::unit_label;
use super::text::symbol;
use crate::dynamics::{PhasePlane, Stability};

/// Two variables against each other: flow, nullclines, separatrices, trajectories and fixed points.
pub fn phase_plane(plane: &PhasePlane) -> Panel {
    let factor = [0, 1].map(|k: usize| plane.variables[k].1.factor);
    let shown = |p: &[f64; 2]| [p[0] / factor[0], p[1] / factor[1]];
    let axis = |k: usize| {
        let (name, unit) = &plane.variables[k];
        let (lo, hi) = plane.ranges[k];
        Axis::linear(&symbol(name), &unit_label(unit)).range(lo / factor[k], hi / factor[k])
    };
    let line = |name: &str, curves: &[Vec<[f64; 2]>]| {
        let (x, y) = joined(curves.iter().map(|c| c.iter().map(&shown)));
        Line::new(name, &x, &y)
    };
    let mut panel = Panel::new(axis(0), axis(1)).add(arrows(plane, factor).ink(Ink::Muted).width(0.4));
    for (k, hue) in [(0, 0), (1, 4)] {
        let name = format!("{} rests", symbol(&plane.variables[k].0));
        panel = panel.add(line(&name, &plane.nullclines[k]).ink(Ink::Hue(hue)).width(1.3));
    }
    for (stable, name, ink) in [(true, "stable manifold", Ink::Unstable), (false, "unstable manifold", Ink::Stable)] {
        let curves: Vec<_> =
            plane.separatrices.iter().filter(|s| s.stable == stable).map(|s| s.curve.clone()).collect();
        if !curves.is_empty() {
            panel = panel.add(line(name, &curves).ink(ink).dashed());
        }
    }
    if !plane.trajectories.is_empty() {
        panel = panel.add(line("trajectory", &plane.trajectories).ink(Ink::Theory).width(0.8));
    }
    for (stability, shape) in [
        (Stability::Stable, Shape::Disc),
        (Stability::Saddle, Shape::Diamond),
        (Stability::Unstable, Shape::Ring),
        (Stability::Marginal, Shape::Cross),
    ] {
        let here = plane.fixed_points.iter().filter(|(_, s)| *s == stability).map(|(at, _)| shown(at));
        let (x, y): (Vec<f64>, Vec<f64>) = here.map(|p| (p[0], p[1])).unzip();
        if !x.is_empty() {
            panel = panel.add(Points::new(stability.name(), &x, &y).shape(shape).ink(Ink::Theory).size(1.1));
        }
    }
    panel
}

/// Curves one after the other, with a gap between them.
fn joined(curves: impl Iterator<Item = impl Iterator<Item = [f64; 2]>>) -> (Vec<f64>, Vec<f64>) {
    let gap = [f64::NAN, f64::NAN];
    let all: Vec<[f64; 2]> = curves.flat_map(|c| c.chain(std::iter::once(gap))).collect();
    all.into_iter().map(|p| (p[0], p[1])).unzip()
}

/// The direction of the flow, as arrows of one length.
fn arrows(plane: &PhasePlane, factor: [f64; 2]) -> Line {
    let widths = plane.ranges.map(|(lo, hi)| hi - lo);
    let length = 0.6 / (plane.flow.len() as f64).sqrt().max(1.0);
    let strokes = plane.flow.iter().filter_map(|(at, rate)| {
        let v = [rate[0] / widths[0], rate[1] / widths[1]];
        let speed = v[0].hypot(v[1]);
        let u = [v[0] / speed * length, v[1] / speed * length];
        // From the middle: (along, across) in lengths of the arrow.
        let place = |along: f64, across: f64| {
            let k = |i: usize, side: f64| (at[i] + widths[i] * (along * u[i] + side * across * u[1 - i])) / factor[i];
            [k(0, -1.0), k(1, 1.0)]
        };
        let head = [place(0.2, 0.16), place(0.5, 0.0), place(0.2, -0.16)];
        (speed > 0.0).then(|| [place(-0.5, 0.0), place(0.5, 0.0)].into_iter().chain([[f64::NAN; 2]]).chain(head))
    });
    let (x, y) = joined(strokes);
    Line::new("", &x, &y)
}
