//! What do time windows look like? A bar for each over the logarithm of the parameter: proven stable, unstable, undecided.

use super::maps::{Class, Region, Regions};
use super::marks::{Points, Shape};
use super::results::unit_label;
use super::{Axis, Figure, Ink, Panel, symbol};
use crate::dynamics::time_window::{Edge, Proven, TimeWindow};
use crate::field::Unit;

/// One bar per window search, in the order given, with `names` beside them; parameters of different units get panels of
/// their own. A disc is the present value, a diamond a verified bound.
pub fn time_windows(all: &[TimeWindow], names: &[String]) -> Figure {
    let mut groups: Vec<(&Unit, Vec<usize>)> = Vec::new();
    for (k, window) in all.iter().enumerate() {
        match groups.iter_mut().find(|(unit, _)| **unit == window.parameter.1) {
            Some((_, group)) => group.push(k),
            None => groups.push((&window.parameter.1, vec![k])),
        }
    }
    let most = groups.iter().map(|(_, group)| group.len()).max().unwrap_or(1);
    let panels: Vec<Panel> = groups.iter().map(|(unit, group)| panel(all, names, unit, group)).collect();
    let columns = panels.len().clamp(1, 2);
    let figure = if columns == 1 {
        Figure::wide(panels.into_iter().next().unwrap_or_else(empty))
    } else {
        Figure::grid(columns, panels)
    };
    figure.height(26.0 + 7.0 * most as f64)
}

fn empty() -> Panel {
    Panel::new(Axis::log("", ""), Axis::linear("", ""))
}

/// The bars of one unit, the first on top.
fn panel(all: &[TimeWindow], names: &[String], unit: &Unit, group: &[usize]) -> Panel {
    let row = |at: usize| (group.len() - at) as f64;
    let label = match unit.same_dimension(&Unit::SECOND) {
        true => "time constant".to_string(),
        false => group.first().map_or(String::new(), |&k| symbol(&all[k].parameter.0)),
    };
    let ticks = group.iter().enumerate().map(|(at, &k)| (row(at), names.get(k).cloned().unwrap_or_default()));
    let y = Axis::linear("", "").range(0.4, group.len() as f64 + 0.6).named(ticks);
    let ends =
        group.iter().map(|&k| all[k].searched).fold((f64::INFINITY, 0.0_f64), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    let x = Axis::log(&label, &unit_label(unit)).range(ends.0 / unit.factor, ends.1 / unit.factor);
    let mut boxes = Vec::new();
    let (mut present, mut bounds) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for (at, &k) in group.iter().enumerate() {
        let window = &all[k];
        boxes.extend(window.certified.iter().map(|c| Region {
            x: (c.range.0 / unit.factor, c.range.1 / unit.factor),
            y: (row(at) - 0.3, row(at) + 0.3),
            class: match c.proven {
                Proven::Stable => Class::Stable,
                Proven::Unstable => Class::Unstable,
                Proven::Undecided => Class::Undecided,
            },
        }));
        present.0.push(window.value / unit.factor);
        present.1.push(row(at));
        let verified = |e: &&Edge| e.is_bound() && e.verified;
        for edge in window.windows.iter().flat_map(|w| [&w.lower, &w.upper]).filter(verified) {
            bounds.0.push(edge.value / unit.factor);
            bounds.1.push(row(at));
        }
    }
    Panel::new(x, y)
        .add(Regions::new(&boxes))
        .add(Points::new("located bound", &bounds.0, &bounds.1).shape(Shape::Diamond).ink(Ink::Theory).size(1.0))
        .add(Points::new("present value", &present.0, &present.1).ink(Ink::Data).size(0.9))
}
