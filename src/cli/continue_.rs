//! How do fixed points and cycles move when a parameter changes?

use super::Outcome;
use super::cycle_answer;
use super::model::{self, ModelArgs};
use super::shell::{Answer, Shell, render, short};
use crate::dynamics::Search;
use crate::dynamics::continuation::{Branch, Diagram, DiagramOptions, Vary, diagram};
use crate::dynamics::cycles::{CycleBranch, CycleOptions, family};
use crate::field::{Field, Result, Table, Unit, Values};
use crate::figures::{self, Figure, Panel};
use crate::lang::Model;
use serde_json::{Value, json};

/// Follow fixed points, and the cycles born at Hopf points, in a parameter
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The branches start from every proven fixed point in the region, are switched at branch points, and are compared \
    with the proven list of fixed points between all special points. Special points are located by Newton's method and \
    checked again from the returned point.\n\nExamples:\n  \
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
        let p = names.defaults();
        let shown = match &self.show {
            Some(name) => names.variable(name)?,
            None => 0,
        };
        let search = Search { stop: Some(super::interrupt::flag_ref()), ..DiagramOptions::default().search };
        let vary = Vary::new(parameter, range);
        let all = diagram(&model, &p, &vary, &region, &DiagramOptions { search, ..DiagramOptions::default() })?;
        let branches = &all.branches;
        let hopfs: Vec<_> = branches.iter().flat_map(|b| &b.events).filter(|_| self.cycles).collect();
        let options = CycleOptions { stop: Some(super::interrupt::flag_ref()), ..CycleOptions::default() };
        let cycles = family(&model, &p, &hopfs, &vary, &options)?;
        cycles.notes.iter().for_each(|note| shell.warn(note));
        let cycles = cycles.branches;
        shell.answer_text(&answer(&model, parameter, &all, &cycles, &names.variables[shown].name)?)?;
        Ok(Outcome::Done)
    }
}

fn answer(model: &Model, parameter: usize, all: &Diagram, cycles: &[CycleBranch], shown: &str) -> Result<Answer> {
    let branches = &all.branches;
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
    head.push(verdict(all));
    head.extend(all.missing.iter().map(|m| format!("  {m}")));
    head.extend(cycles.iter().flat_map(cycle_answer::lines));
    let mut object = model::head(model);
    object.remove("parameters");
    object.insert("parameter".into(), json!(model.names().parameters[parameter].name));
    object.insert("complete".into(), json!(all.complete));
    let checked = all.checked.iter().map(
        |c| json!({"parameter": c.parameter, "fixed_points": c.fixed_points, "passing": c.passing, "proven": c.proven}),
    );
    object.insert("checked".into(), checked.collect());
    object.insert("missing".into(), json!(all.missing));
    let equilibria = branches.iter().map(|b| equilibrium(model, b));
    object.insert(
        "branches".into(),
        json!(equilibria.chain(cycles.iter().map(|c| cycle_answer::branch(model, c))).collect::<Vec<_>>()),
    );
    let panel = figures::bifurcations(branches, cycles, shown).ok();
    Ok(Answer {
        head,
        table: Some(points(branches)),
        json: Value::Object(object),
        figure: panel.map(|p| drawn(p, cycle_answer::panels(model, cycles, shown)).to_svg()),
        ..Answer::default()
    })
}

/// The diagram, with panels beside it where there are any.
fn drawn(diagram: Panel, beside: Vec<Panel>) -> Figure {
    match beside.is_empty() {
        true => Figure::single(diagram),
        false => Figure::row(std::iter::once(diagram).chain(beside)),
    }
}

/// Is the diagram complete, and where was that checked?
fn verdict(all: &Diagram) -> String {
    let counts: Vec<String> =
        all.checked.iter().map(|c| format!("{} at {}", c.fixed_points, short(c.parameter))).collect();
    match all.complete {
        true => format!("complete: one branch through every proven fixed point ({})", counts.join(", ")),
        false => format!("not shown to be complete (fixed points found: {}):", counts.join(", ")),
    }
}

/// The points of all branches as rows, with the number of the branch.
fn points(branches: &[Branch]) -> Table {
    let number = |k: usize, b: &Branch| vec![(k + 1) as f64; b.points.len()];
    let numbers = branches.iter().enumerate().flat_map(|(k, b)| number(k, b)).collect();
    let tables: Vec<Table> = branches.iter().map(Branch::table).collect();
    let mut all = Table::new().number("branch", Unit::NONE, numbers);
    for (c, column) in tables.first().map(|t| t.columns()).unwrap_or_default().iter().enumerate() {
        let parts = tables.iter().map(|t| &t.columns()[c].values);
        all = match column.values {
            Values::Flag(_) => all.flag(
                &column.name,
                parts.flat_map(|v| if let Values::Flag(f) = v { f.clone() } else { vec![] }).collect(),
            ),
            _ => {
                let numbers = parts.flat_map(|v| if let Values::Number(x) = v { x.clone() } else { vec![] }).collect();
                all.number(&column.name, column.unit.clone(), numbers)
            }
        };
    }
    all
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
