//! How do cycles look, and when are they easily shifted? Orbits in the plane of two variables, phase responses.

use super::axis::Axis;
use super::marks::{Line, Rule};
use super::palette::Ink;
use super::panel::Panel;
use super::results::unit_label;
use super::text::symbol;
use crate::dynamics::cycles::{Cycle, CycleBranch, PhaseResponse};
use crate::error::{Error, nearest};
use crate::field::{Result, Unit};

/// How many orbits of a branch are drawn.
const SHOWN: usize = 5;
/// The smallest orbit that is drawn, relative to the widest.
const TINY: f64 = 0.1;

/// Some orbits of branches of cycles over two variables: solid where stable, dashed where not.
///
/// Errors: no such variable; no branch.
pub fn orbits(branches: &[CycleBranch], x: &str, y: &str) -> Result<Panel> {
    let first =
        branches.first().ok_or_else(|| Error::usage("a figure without cycles", "follow at least one branch"))?;
    let index = |name: &str| -> Result<usize> {
        let names = || first.variables.iter().map(|(n, _)| n.as_str());
        names().position(|n| n == name).ok_or_else(|| Error::unknown("variable", name, nearest(name, names())))
    };
    let (i, j) = (index(x)?, index(y)?);
    let axis = |k: usize| Axis::linear(&symbol(&first.variables[k].0), &unit_label(&first.variables[k].1));
    let factor = |k: usize| first.variables[k].1.factor;
    let mut panel = Panel::new(axis(i), axis(j));
    // What is about to vanish in a Hopf point would be a dot.
    let swing = |c: &Cycle, k: usize| c.extremes[k].1 - c.extremes[k].0;
    let cycles = || branches.iter().flat_map(|b| &b.points);
    let widest = |k: usize| cycles().map(|c| swing(c, k)).fold(0.0, f64::max);
    let (wide, high) = (widest(i), widest(j));
    let seen = |c: &&Cycle| swing(c, i) > TINY * wide || swing(c, j) > TINY * high;
    let mut shown: Vec<&Cycle> = Vec::new();
    for branch in branches {
        let all: Vec<&Cycle> = branch.points.iter().filter(seen).collect();
        let count = SHOWN.min(all.len());
        shown.extend((0..count).map(|s| all[if count == 1 { 0 } else { s * (all.len() - 1) / (count - 1) }]));
    }
    for wanted in [true, false] {
        for cycle in shown.iter().filter(|c| c.stable == wanted) {
            let places = outline(cycle, [(i, wide), (j, high)]);
            let column = |k: usize| places.iter().map(|p| p[k] / factor(k)).collect::<Vec<_>>();
            let name = if cycle.stable { "stable cycle" } else { "unstable cycle" };
            let line = Line::new(name, &column(i), &column(j)).ink(Ink::Hue(if cycle.stable { 2 } else { 4 }));
            panel = panel.add(if cycle.stable { line.width(0.9) } else { line.width(0.9).dashed() });
        }
    }
    Ok(panel)
}

/// The orbit as a closed line whose pieces are short in the plane of two variables of these sizes. A slow orbit is fast
/// somewhere: even steps in time would draw corners there.
fn outline(cycle: &Cycle, plane: [(usize, f64); 2]) -> Vec<Vec<f64>> {
    let far = |a: &[f64], b: &[f64]| plane.iter().any(|&(k, size)| (b[k] - a[k]).abs() > 0.01 * size);
    let mesh = cycle.mesh();
    let mut line = vec![(0.0, cycle.at(0.0))];
    for ends in mesh.windows(2) {
        let mut waiting = vec![ends[1], 0.5 * (ends[0] + ends[1])];
        while let Some(&phase) = waiting.last() {
            let (last, from) = &line[line.len() - 1];
            // A piece is cut at most down to a hundredth of its mesh interval.
            if phase - last > 0.01 * (ends[1] - ends[0]) && far(from, &cycle.at(phase)) {
                waiting.push(0.5 * (last + phase));
                continue;
            }
            line.push((phase, cycle.at(phase)));
            waiting.pop();
        }
    }
    line.into_iter().map(|(_, x)| x).collect()
}

/// The phase response to a push of one variable, over one period.
///
/// Errors: no such variable.
pub fn phase_response(response: &PhaseResponse, variable: &str) -> Result<Panel> {
    let names = || response.variables.iter().map(|(n, _)| n.as_str());
    let k = names()
        .position(|n| n == variable)
        .ok_or_else(|| Error::unknown("variable", variable, nearest(variable, names())))?;
    let unit = &response.variables[k].1;
    let phases: Vec<f64> = (0..=400).map(|s| f64::from(s) / 400.0).collect();
    let z: Vec<f64> = phases.iter().map(|&s| response.at(if s == 1.0 { 0.0 } else { s })[k] * unit.factor).collect();
    let per = if unit.is_none() { String::new() } else { format!("/{}", unit_label(unit)) };
    let label = format!("advance per push of {}", symbol(variable));
    let y = Axis::linear(&label, &format!("{}{per}", unit_label(&Unit::SECOND)));
    Ok(Panel::new(Axis::linear("phase", ""), y)
        .add(Rule::horizontal("", 0.0))
        .add(Line::new("phase response", &phases, &z).ink(Ink::Theory).width(1.3)))
}
