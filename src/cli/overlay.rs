//! Do noisy simulations lie on the branches? Ensembles at several parameter values, beside the diagram.

use super::shell::{Shell, render, rows};
use crate::dynamics::continuation::{Branch, Vary};
use crate::dynamics::{Ensemble, ensemble};
use crate::field::{Error, Field, Result};
use crate::figures::{Ink, Panel, Points, Shape};
use crate::lang::Model;
use crate::num::linalg::eigenvalues;
use crate::validate::{AgainstBranches, Options, Simulated, Tolerance, Verdict, against_branches, stable_states};
use serde_json::{Value, json};

/// Members of every ensemble: independent runs, whose errors are put together.
const MEMBERS: usize = 16;
/// A run in relaxation times of the state it starts from: the transient, the whole, and the distance of samples.
const TRANSIENT: f64 = 10.0;
const WHOLE: f64 = 60.0;
const EVERY: f64 = 0.2;
/// Steps in the fastest time of the state.
const STEPS: f64 = 40.0;
/// The largest number of steps of a run.
const LONGEST: f64 = 3e6;

/// Simulates from every stable state at `count` values inside of the range, and judges the averages of a variable.
pub fn overlay(
    model: &Model,
    shell: &Shell,
    vary: &Vary,
    branches: &[Branch],
    variable: usize,
    count: usize,
    tolerance: Tolerance,
) -> Result<AgainstBranches> {
    let names = model.names();
    if names.noises.is_empty() {
        return Err(Error::usage(
            format!("`{}` has no noise, and its simulation would be the branch itself", names.model),
            "add a term with xi to an equation, or leave --simulate out",
        ));
    }
    if count == 0 {
        return Err(Error::usage("--simulate 0: there is nothing to simulate", "ask for at least one value"));
    }
    let quantity = &names.variables[variable];
    let parameter = &names.parameters[vary.parameter()];
    let (low, high) = vary.range();
    let mut p = names.defaults();
    let mut averages = Vec::new();
    let progress = shell.progress("parameter values simulated");
    for k in 0..count {
        let value = low + (high - low) * (k as f64 + 0.5) / count as f64;
        p[vary.parameter()] = value;
        progress.tell(k as u64, count as u64);
        let states = branches.iter().flat_map(|b| stable_states(model, &p, vary.parameter(), b, value));
        for (s, state) in states.enumerate() {
            let spectrum = eigenvalues(&model.jacobian(&state, &p))?;
            let relaxation = 1.0 / spectrum.iter().map(|e| -e.re).fold(f64::INFINITY, f64::min);
            let dt = 1.0 / (STEPS * spectrum.iter().map(|e| e.norm()).fold(0.0, f64::max));
            if WHOLE * relaxation / dt > LONGEST {
                shell.warn(&format!(
                    "{} = {}: a run would take {:.0e} steps, and is left away",
                    parameter.name,
                    value / parameter.unit.factor,
                    WHOLE * relaxation / dt
                ));
                continue;
            }
            let options = Ensemble {
                members: MEMBERS,
                dt,
                seed: shell.seed,
                words: vec![k as u64, s as u64],
                record_every: EVERY * relaxation,
                interrupt: Some(super::interrupt::flag()),
                ..Ensemble::default()
            };
            let run = ensemble(model, &p, &state, WHOLE * relaxation, &options)?;
            if let Some(lost) = run.lost.first() {
                shell.warn(&format!(
                    "{} of {MEMBERS} runs left the finite numbers in `{}`",
                    run.lost.len(),
                    lost.variable
                ));
                continue;
            }
            let settled = run.t.iter().take_while(|t| **t < TRANSIENT * relaxation).count();
            let paths = (0..MEMBERS).map(|member| {
                let path = run.path(&quantity.name, member)?;
                Ok(path[settled..].iter().map(|v| v / quantity.unit.factor).collect())
            });
            averages.push(Simulated::of_runs(value, &paths.collect::<Result<Vec<Vec<f64>>>>()?, &quantity.unit)?);
        }
    }
    progress.end();
    if averages.is_empty() {
        return Err(Error::usage(
            "no branch is stable at any of the simulated values",
            "widen the range, or follow the cycles instead",
        ));
    }
    let options = Options { tolerance, ..Options::default() };
    against_branches(model, &names.defaults(), vary, branches, &quantity.name, &averages, &options)
}

/// The lines for the terminal: a row for every average, and the verdict on all.
pub fn lines(report: &AgainstBranches) -> Vec<String> {
    let count = report.points.len();
    let mut lines: Vec<String> = render(&report.table()).lines().map(|l| format!("  {l}")).collect();
    lines.insert(0, "simulations".into());
    lines.push(format!(
        "simulations: {} (error level {}, corrected for {count} comparison{})",
        report.verdict(),
        report.level,
        if count == 1 { "" } else { "s" }
    ));
    lines
}

/// The same for programs.
pub fn json(report: &AgainstBranches) -> Value {
    json!({"verdict": report.verdict().to_string(), "level": report.level, "points": rows(&report.table())})
}

/// The averages on the diagram, ± 2 standard errors; crosses where they disagree.
pub fn draw(panel: Panel, report: &AgainstBranches) -> Panel {
    let [(_, unit), _] = &report.axes;
    [("simulated ± 2 s.e.", false, Shape::Disc, Ink::Data), ("disagrees", true, Shape::Cross, Ink::Unstable)]
        .into_iter()
        .fold(panel, |panel, (name, disagrees, shape, ink)| {
            let here: Vec<_> =
                report.points.iter().filter(|p| (p.verdict == Verdict::Disagrees) == disagrees).collect();
            let x: Vec<f64> = here.iter().map(|p| p.simulated.parameter / unit.factor).collect();
            let y: Vec<f64> = here.iter().map(|p| p.simulated.mean.corrected()).collect();
            let bars: Vec<f64> = here.iter().map(|p| 2.0 * p.simulated.mean.se).collect();
            match x.is_empty() {
                true => panel,
                false => panel.add(Points::new(name, &x, &y).error(&bars).shape(shape).ink(ink)),
            }
        })
}
