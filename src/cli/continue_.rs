//! How do fixed points and cycles move when a parameter changes?

use super::Outcome;
use super::model::{self, ModelArgs};
use super::shell::{Answer, Shell, render};
use crate::dynamics::continuation::{Branch, EventKind, Options, Vary, follow};
use crate::dynamics::cycles::{CycleBranch, CycleOptions, from_hopf};
use crate::dynamics::{FixedPoints, Search, fixed_points};
use crate::field::{Error, Field, Result};
use crate::figures::{self, Figure};
use crate::lang::Model;
use serde_json::{Value, json};

/// Follow fixed points, and the cycles born at Hopf points, in a parameter
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The branches start from every proven fixed point in the region. Special points are located by Newton's method \
    and checked again from the returned point.\n\nExamples:\n  \
    homeostat continue neuron+bcm --vary tau_theta='1 s:30 s'\n  \
    homeostat continue neuron+bcm --vary tau_theta=1:30 --cycles --out diagram.svg"
)]
pub struct Continue {
    #[command(flatten)]
    model: ModelArgs,
    /// The parameter and its range
    #[arg(long, value_name = "P=LO:HI")]
    vary: String,
    /// Where to look for a variable, instead of its declared range
    #[arg(long, value_name = "VAR=LO:HI")]
    range: Vec<String>,
    /// Follow the cycles from every Hopf point too
    #[arg(long)]
    cycles: bool,
    /// The variable that the figure shows; the first without it
    #[arg(long, value_name = "VAR")]
    show: Option<String>,
}

impl Continue {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let model = self.model.load()?;
        let names = model.names();
        let (parameter, range) = model::range("--vary", &names.parameters, "parameter", &self.vary)?;
        let region = model::region(&model, &self.range)?;
        let mut p = names.defaults();
        p[parameter] = p[parameter].clamp(range.0, range.1);
        let shown = match &self.show {
            Some(name) => names.variable(name)?,
            None => 0,
        };
        let search = Search { stop: Some(super::interrupt::flag_ref()), ..Search::default() };
        let found = fixed_points(&model, &p, &region, &search)?;
        if found.points.is_empty() {
            return Err(Error::usage(
                format!(
                    "there is no fixed point in the region at {} = {}",
                    names.parameters[parameter].name, p[parameter]
                ),
                "widen the region with --range, or set the parameter to a value where there is one",
            ));
        }
        let vary = Vary::new(parameter, range);
        let branches = branches(&model, &p, &found, &vary)?;
        let mut cycles = Vec::new();
        for event in branches.iter().flat_map(|b| &b.events).filter(|_| self.cycles) {
            if event.kind == EventKind::Hopf && event.check.is_some() {
                match from_hopf(&model, &p, event, &vary, &CycleOptions::default()) {
                    Ok(branch) => cycles.push(branch),
                    Err(e) => shell.warn(&format!("cycles from the Hopf point at {}: {e}", event.parameter)),
                }
            }
        }
        shell.answer(&answer(&model, &branches, &cycles, &names.variables[shown].name)?)?;
        Ok(Outcome::Done)
    }
}

/// One branch through every fixed point, each branch once.
fn branches(model: &Model, p: &[f64], found: &FixedPoints, vary: &Vary) -> Result<Vec<Branch>> {
    let mut branches: Vec<Branch> = Vec::new();
    let at = p[vary.parameter()];
    for point in &found.points {
        let known = branches.iter().any(|b| b.passes(at, &point.at));
        if !known {
            branches.push(follow(model, p, &point.at, vary, &Options::default())?);
        }
    }
    Ok(branches)
}

fn answer(model: &Model, branches: &[Branch], cycles: &[CycleBranch], shown: &str) -> Result<Answer> {
    let mut head = Vec::new();
    for (k, branch) in branches.iter().enumerate() {
        let (first, last) = &branch.stopped;
        head.push(format!(
            "branch {}: {} points, ends: {} and {}",
            k + 1,
            branch.points.len(),
            first.name(),
            last.name()
        ));
        if !branch.events.is_empty() {
            head.extend(render(&branch.event_table()).lines().map(|l| format!("  {l}")));
        }
    }
    for branch in cycles {
        head.push(format!("cycles: {} orbits, end: {}", branch.points.len(), branch.stopped.name()));
        let line = |c: &crate::dynamics::cycles::Cycle| {
            format!("{} = {}, period {} s", branch.parameter.0, c.parameter, c.period)
        };
        head.extend(branch.events.iter().map(|e| format!("  {} at {}", e.kind.name(), line(&e.cycle))));
    }
    let mut object = model::head(model);
    object.remove("parameters");
    object.insert("parameter".into(), json!(branches[0].parameter.0));
    let equilibria = branches.iter().map(|b| equilibrium(model, b));
    object
        .insert("branches".into(), json!(equilibria.chain(cycles.iter().map(|c| cycle(model, c))).collect::<Vec<_>>()));
    let panel = branches.iter().map(|b| figures::branch(b, shown)).collect::<Result<Vec<_>>>()?.into_iter().next();
    Ok(Answer {
        head,
        table: Some(branches[0].table()),
        json: Value::Object(object),
        figure: panel.map(|p| Figure::single(p).to_svg()),
        ..Answer::default()
    })
}

fn equilibrium(model: &Model, branch: &Branch) -> Value {
    let variables = &model.names().variables;
    let state = |x: &[f64]| model::values(variables, x);
    let points =
        branch.points.iter().map(|q| json!({"parameter": q.parameter, "state": state(&q.at), "stable": q.stable}));
    let events = branch.events.iter().map(|e| {
        let mut event = json!({"kind": e.kind.name(), "parameter": e.parameter, "state": state(&e.at), "verified": e.check.is_some()});
        if let Some(omega) = e.omega {
            event["omega"] = json!(omega);
            event["first_lyapunov"] = json!(e.first_lyapunov);
        }
        event
    });
    json!({"kind": "equilibrium", "points": points.collect::<Vec<_>>(), "events": events.collect::<Vec<_>>(),
        "stopped": branch.stopped.1.name(), "started": branch.stopped.0.name()})
}

fn cycle(model: &Model, branch: &CycleBranch) -> Value {
    let names = &model.names().variables;
    let point = |c: &crate::dynamics::cycles::Cycle| {
        let extremes: serde_json::Map<_, _> =
            names.iter().zip(&c.extremes).map(|(q, (lo, hi))| (q.name.clone(), json!([lo, hi]))).collect();
        let multipliers: Vec<_> = c.multipliers.iter().map(|m| json!([m.re, m.im])).collect();
        json!({"parameter": c.parameter, "period": c.period, "extremes": extremes, "multipliers": multipliers, "stable": c.stable})
    };
    let events = branch.events.iter().map(|e| {
        json!({"kind": e.kind.name(), "parameter": e.cycle.parameter, "period": e.cycle.period, "verified": e.verified})
    });
    json!({"kind": "cycle", "points": branch.points.iter().map(point).collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(), "stopped": branch.stopped.name()})
}
