//! How is a stability map put into words and rows?

use super::stability_map::{StabilityMap, Verdict};
use crate::field::Table;

/// What is proven, in one sentence.
pub(super) fn sentence(map: &StabilityMap) -> String {
    let ranges: Vec<String> = map
        .over
        .iter()
        .zip(&map.parameters)
        .map(|((_, (lo, hi)), (name, unit))| {
            let symbol = if unit.is_none() { String::new() } else { format!(" {unit}") };
            format!("{name} in [{}, {}]{symbol}", lo / unit.factor, hi / unit.factor)
        })
        .collect();
    let ranges = ranges.join(" and ");
    match map.everywhere() {
        Some(Verdict::Stable) => {
            format!("for every {ranges} the fixed point exists, is unique in the region and is stable")
        }
        Some(Verdict::Unstable) => {
            format!("for every {ranges} the fixed point exists, is unique in the region and is unstable")
        }
        Some(Verdict::Empty) => format!("for every {ranges} there is no fixed point in the region"),
        Some(Verdict::Several { points, stable }) => {
            format!("for every {ranges} there are {points} fixed points in the region, of which {stable} are stable")
        }
        _ => {
            let parts: Vec<String> = [
                ("stable", "one fixed point that is stable"),
                ("unstable", "one fixed point that is unstable"),
                ("several", "several fixed points"),
                ("empty", "no fixed point"),
                ("undecided", "undecided"),
            ]
            .iter()
            .filter(|(kind, _)| map.cells.iter().any(|c| c.verdict.name() == *kind))
            .map(|(kind, words)| format!("{words} in {:.2} %", 100.0 * map.share(kind)))
            .collect();
            format!("over {ranges} it is proven: {}", parts.join(", "))
        }
    }
}

/// One row per cell.
pub(super) fn table(map: &StabilityMap) -> Table {
    let mut table = Table::new();
    for (k, (name, unit)) in map.parameters.iter().enumerate() {
        let ends = |f: &dyn Fn(&(f64, f64)) -> f64| map.cells.iter().map(|c| f(&c.ranges[k]) / unit.factor).collect();
        table = table.number(&format!("{name}_low"), unit.clone(), ends(&|r| r.0)).number(
            &format!("{name}_high"),
            unit.clone(),
            ends(&|r| r.1),
        );
    }
    let counts = |verdict: Verdict| match verdict {
        Verdict::Stable => (1.0, 1.0),
        Verdict::Unstable => (1.0, 0.0),
        Verdict::Empty => (0.0, 0.0),
        Verdict::Several { points, stable } => (points as f64, stable as f64),
        Verdict::Undecided => (f64::NAN, f64::NAN),
    };
    let none = crate::field::Unit::NONE;
    table
        .text("verdict", map.cells.iter().map(|c| c.verdict.name().to_string()).collect())
        .number("fixed_points", none.clone(), map.cells.iter().map(|c| counts(c.verdict).0).collect())
        .number("stable", none.clone(), map.cells.iter().map(|c| counts(c.verdict).1).collect())
        .number("share", none, map.cells.iter().map(|c| c.share).collect())
}
