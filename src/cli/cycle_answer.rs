//! How are cycles told? Lines for people, an object for programs, panels of a figure.

use super::model;
use super::shell::{short, within};
use crate::dynamics::cycles::{Cycle, CycleBranch, CycleStop, LimitKind, PhaseResponse, phase_response};
use crate::error::elided;
use crate::field::Field;
use crate::figures::{self, Panel};
use crate::lang::Model;
use crate::num::vanishes;
use serde_json::{Map, Value, json};

/// The lines that tell of a branch of cycles.
pub fn lines(branch: &CycleBranch, sizes: &[f64]) -> Vec<String> {
    let (name, unit) = &branch.parameter;
    let at = |c: &Cycle| format!("{name} = {}, period {} s", short(c.parameter / unit.factor), short(c.period));
    let (first, last) = (&branch.points[0], &branch.points[branch.points.len() - 1]);
    let mut lines = vec![format!(
        "cycles: {} orbits, from {} ({}) to {} ({})",
        branch.points.len(),
        at(first),
        branch.started.name(),
        at(last),
        branch.stopped.name()
    )];
    for event in &branch.events {
        let angle = event.angle.map_or(String::new(), |a| format!(", angle {} rad", short(a)));
        let (from, to) = (event.between.0.min(event.between.1), event.between.0.max(event.between.1));
        let seen = match event.verified {
            true => String::new(),
            false => {
                format!(" (seen between {} and {}, not verified)", short(from / unit.factor), short(to / unit.factor))
            }
        };
        lines.push(format!("  {} at {}{angle}{seen}", event.kind.name(), at(&event.cycle)));
    }
    if branch.still > 0 {
        lines.push(format!(
            "  {} further crossings of +1 where the parameter stands still to rounding were not taken for events",
            branch.still
        ));
    }
    for (end, cycle) in [(&branch.started, first), (&branch.stopped, last)] {
        if *end == CycleStop::Canard {
            lines.push(format!(
                "  a canard explosion at {name} = {}: the orbit changes while the parameter stands still to rounding; \
                 cycles beyond it are reached from a simulation: --cycle-at {name}=VALUE",
                short(cycle.parameter / unit.factor)
            ));
        }
    }
    if branch.limit.as_ref().is_some_and(|limit| limit.kind == LimitKind::Unknown) {
        lines.push("  the period grows; no law of a homoclinic or saddle-node limit was confirmed".into());
    }
    if let Some(limit) = branch.limit.as_ref().filter(|limit| limit.kind != LimitKind::Unknown) {
        let places: Vec<String> = branch
            .variables
            .iter()
            .zip(limit.at.iter().zip(sizes))
            .map(|((name, unit), (&x, &size))| {
                format!("{name} = {}", short(if vanishes(x, size) { 0.0 } else { x / unit.factor }))
            })
            .collect();
        let (at, error) = (limit.parameter / unit.factor, limit.error / unit.factor);
        let near = elided(&places);
        let mut line =
            format!("  towards {} at {name} = {} ± {error:.0e}, near {near}", limit.kind.name(), within(at, error));
        // At a saddle-node there is no saddle.
        if limit.kind != LimitKind::SaddleNode && limit.saddle_quantity.is_finite() {
            line += &format!("; saddle quantity {} Hz", short(limit.saddle_quantity));
        }
        lines.push(line);
    }
    lines
}

/// The phase response of a stable orbit, where the branch has one: the last that is not much slower than the fastest.
fn response(model: &Model, branch: &CycleBranch) -> Option<PhaseResponse> {
    let fastest = branch.points.iter().map(|c| c.period).fold(f64::INFINITY, f64::min);
    let stable = branch.points.iter().rev().find(|c| c.stable && c.period < 3.0 * fastest)?;
    phase_response(model, stable).ok()
}

/// The panels beside a diagram: orbits, and the phase response of the first branch that has one.
pub fn panels(model: &Model, branches: &[CycleBranch], shown: &str, sizes: &[f64]) -> Vec<Panel> {
    let variables = &model.names().variables;
    let size =
        |name: &str| variables.iter().zip(sizes).find(|(q, _)| q.name == name).map_or(0.0, |(q, s)| s / q.unit.factor);
    let other = variables.iter().map(|q| q.name.as_str()).find(|n| *n != shown);
    let orbits = other.and_then(|other| {
        figures::orbits(branches, shown, other).ok().map(|p| p.sized_x(size(shown)).sized_y(size(other)))
    });
    let responses = branches.iter().find_map(|b| response(model, b));
    orbits.into_iter().chain(responses.and_then(|r| figures::phase_response(&r, shown).ok())).collect()
}

fn complex(values: &[nalgebra::Complex<f64>]) -> Value {
    values.iter().map(|m| json!([m.re, m.im])).collect()
}

fn orbit(model: &Model, c: &Cycle) -> Value {
    let names = &model.names().variables;
    let extremes: Map<_, _> =
        names.iter().zip(&c.extremes).map(|(q, (lo, hi))| (q.name.clone(), json!([lo, hi]))).collect();
    json!({"parameter": c.parameter, "period": c.period, "extremes": extremes, "multipliers": complex(&c.multipliers),
        "stable": c.stable})
}

/// A branch of cycles as design.md writes it, with its limit and the phase response of a stable orbit.
pub fn branch(model: &Model, branch: &CycleBranch) -> Value {
    let events = branch.events.iter().map(|e| {
        let mut event = orbit(model, &e.cycle);
        event["kind"] = json!(e.kind.name());
        event["verified"] = json!(e.verified);
        event["defining"] = json!(e.defining);
        event["between"] = json!([e.between.0, e.between.1]);
        if let Some(angle) = e.angle {
            event["angle"] = json!(angle);
        }
        event
    });
    let mut answer = json!({"kind": "cycle", "points": branch.points.iter().map(|c| orbit(model, c)).collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(), "started": branch.started.name(), "stopped": branch.stopped.name(),
        "unresolved_crossings": branch.still});
    if let Some(limit) = &branch.limit {
        answer["limit"] = json!({"kind": limit.kind.name(), "parameter": limit.parameter, "error": limit.error,
            "state": model::values(&model.names().variables, &limit.at), "eigenvalues": complex(&limit.eigenvalues),
            "saddle_quantity": limit.saddle_quantity, "distance": limit.distance});
    }
    if let Some(response) = response(model, branch) {
        let phases: Vec<f64> = (0..100).map(|k| f64::from(k) / 100.0).collect();
        let z: Vec<Vec<f64>> = phases.iter().map(|&s| response.at(s)).collect();
        let column = |i: usize| z.iter().map(|row| row[i]).collect::<Vec<_>>();
        let names = model.names().variables.iter().enumerate();
        let columns: Map<_, _> = names.map(|(i, q)| (q.name.clone(), json!(column(i)))).collect();
        answer["phase_response"] = json!({"period": response.period, "phase": phases, "z": columns,
            "defect": response.defect});
    }
    answer
}
