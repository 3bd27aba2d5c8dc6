//! What does a whole answer look like? The figure of a run, an ensemble, a map of stability.

use super::maps::{Class, Region, Regions};
use super::marks::{Band, Line};
use super::results::{trajectory, unit_label};
use super::{Axis, Figure, Ink, Panel, symbol};
use crate::dynamics::{EnsembleResult, StabilityMap, Trajectory, Verdict as MapVerdict};
use crate::field::{Names, Quantity, Result, Unit};

/// A run: its variables over time, one panel for each unit.
///
/// Errors: as [`trajectory`].
pub fn run(run: &Trajectory) -> Result<Figure> {
    let panels = by_unit(&run.names).into_iter().map(|group| {
        let names: Vec<&str> = group.iter().map(|q| q.name.as_str()).collect();
        trajectory(run, &names)
    });
    Ok(Figure::row(panels.collect::<Result<Vec<_>>>()?))
}

/// An ensemble: the mean of each variable over its members, with a band of one standard deviation.
pub fn spread(run: &EnsembleResult) -> Figure {
    let table = run.table();
    Figure::row(by_unit(&run.names).into_iter().map(|group| {
        let label = if let [one] = group.as_slice() { symbol(&one.name) } else { String::new() };
        let empty = Panel::new(Axis::linear("time", "s"), Axis::linear(&label, &unit_label(&group[0].unit)));
        group.iter().enumerate().fold(empty, |panel, (k, quantity)| {
            let column = |what: &str| table.numbers(&format!("{} {what}", quantity.name)).unwrap_or_default().to_vec();
            let (mean, sd) = (column("mean"), column("sd"));
            let edge = |sign: f64| mean.iter().zip(&sd).map(|(m, s)| m + sign * s).collect::<Vec<f64>>();
            let ink = Ink::Hue(k);
            panel
                .add(Band::new("± s.d.", &run.t, &edge(-1.0), &edge(1.0)).ink(ink))
                .add(Line::new(&format!("mean {}", symbol(&quantity.name)), &run.t, &mean).ink(ink))
        })
    }))
}

/// A certified map over the first two parameters that were varied (one parameter: a strip).
pub fn stability_map(map: &StabilityMap) -> Figure {
    Figure::single(stability_panel(map)).height(if map.parameters.len() < 2 { 35.0 } else { 70.0 })
}

/// The panel of a certified map, ready for the curve that theory draws through it.
pub fn stability_panel(map: &StabilityMap) -> Panel {
    let axis = |k: usize| {
        let (name, unit) = &map.parameters[k];
        let (lo, hi) = map.over[k].1;
        Axis::linear(&symbol(name), &unit_label(unit)).range(lo / unit.factor, hi / unit.factor)
    };
    let shown = |k: usize, (lo, hi): (f64, f64)| {
        let factor = map.parameters[k].1.factor;
        (lo / factor, hi / factor)
    };
    let flat = map.parameters.len() < 2;
    let boxes: Vec<Region> = map
        .cells
        .iter()
        .map(|cell| Region {
            x: shown(0, cell.ranges[0]),
            y: if flat { (0.0, 1.0) } else { shown(1, cell.ranges[1]) },
            class: match cell.verdict {
                MapVerdict::Stable => Class::Stable,
                MapVerdict::Unstable => Class::Unstable,
                MapVerdict::Several { stable: 0, .. } => Class::NoneStable,
                MapVerdict::Several { stable: 1, .. } => Class::OneStable,
                MapVerdict::Several { .. } => Class::Multistable,
                MapVerdict::Empty => Class::Empty,
                MapVerdict::Undecided => Class::Undecided,
            },
        })
        .collect();
    let y = if flat { Axis::linear("", "").range(0.0, 1.0).named(Vec::<(f64, String)>::new()) } else { axis(1) };
    Panel::new(axis(0), y).add(Regions::new(&boxes))
}

/// The variables in groups of one unit, in their order.
fn by_unit(names: &Names) -> Vec<Vec<&Quantity>> {
    let mut groups: Vec<(&Unit, Vec<&Quantity>)> = Vec::new();
    for q in &names.variables {
        match groups.iter_mut().find(|(unit, _)| **unit == q.unit) {
            Some((_, group)) => group.push(q),
            None => groups.push((&q.unit, vec![q])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{MapCell, Stopped};

    #[test]
    fn theory_every_verdict_of_a_map_is_drawn_as_what_it_is() {
        let several = |stable| MapVerdict::Several { points: 3, stable };
        let verdicts = [MapVerdict::Stable, several(0), several(1), several(2), MapVerdict::Empty];
        let cells = verdicts.iter().enumerate().map(|(k, &verdict)| MapCell {
            ranges: vec![(k as f64, k as f64 + 1.0)],
            verdict,
            share: 0.2,
        });
        let map = StabilityMap {
            over: vec![(0, (0.0, 5.0))],
            parameters: vec![("p".into(), Unit::NONE)],
            cells: cells.collect(),
            stopped: Stopped::Finished,
            looked_at: 5,
        };
        let svg = stability_map(&map).to_svg();
        let words = ["several, none stable", "several, one stable", "several stable", "no fixed point"];
        assert!(words.iter().all(|word| svg.contains(word)) && !svg.contains("undecided"), "{svg}");
    }
}
