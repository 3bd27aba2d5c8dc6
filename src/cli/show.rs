//! What is a model made of? Equations, variables, parameters, facts and sources.

use super::Outcome;
use super::model::{self, ModelArgs};
use super::shell::{Answer, Shell, render, short};
use crate::field::{Field, Pace, Quantity, Result, Table};
use crate::lang::latex;
use serde_json::{Value, json};

/// Show a model: equations, units, parameters, facts, sources
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  homeostat show bcm\n  homeostat show neuron+bcm\n  homeostat show neuron+bcm --latex\n  \
    homeostat show neuron+bcm --time-window\n  homeostat show neuron+bcm --time-window --over tau_theta='1 ms:1 day'"
)]
pub struct Show {
    #[command(flatten)]
    model: ModelArgs,
    /// Print the equations as LaTeX
    #[arg(long)]
    latex: bool,
    /// Tell how fast and how slow each homeostatic time constant may be
    #[arg(long)]
    time_window: bool,
    /// With --time-window: search this parameter in this range, instead of all homeostatic ones in their declared ranges
    #[arg(long, value_name = "P=LO:HI", requires = "time_window")]
    over: Vec<String>,
    /// With --time-window: where to look for a variable's fixed points, instead of its declared range
    #[arg(long, value_name = "VAR=LO:HI", requires = "time_window")]
    range: Vec<String>,
}

impl Show {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        if let Some(part) = model::part(&self.model.model)?.filter(|_| !self.time_window) {
            return self.part(shell, &part);
        }
        let model = self.model.load()?;
        if self.time_window {
            return super::time_window::run(shell, &model, &self.over, &self.range);
        }
        let names = model.names();
        let equations: Vec<String> = match self.latex {
            true => model.equations().iter().map(latex::equation).collect(),
            false => model.equations().iter().map(|e| e.to_string()).collect(),
        };
        if self.latex && !shell.json {
            shell.answer(&Answer { head: equations, ..Answer::default() })?;
            return Ok(Outcome::Done);
        }
        let mut head = vec![names.model.clone(), String::new()];
        head.extend(model.parts().iter().map(|p| format!("  {:<12} {}: {}", p.kind.word(), p.name, p.title)));
        head.push("\nequations".into());
        head.extend(equations.iter().map(|e| format!("  {e}")));
        head.push("\nvariables".into());
        head.extend(indented(&quantities(&names.variables)));
        head.push("\nparameters".into());
        head.extend(indented(&quantities(&names.parameters)));
        if !model.facts().is_empty() {
            head.push("\nfacts".into());
            head.extend(model.facts().iter().map(|f| format!("  {}", f.says)));
        }
        head.push(format!("\nsources: {}", model.sources().join(", ")));
        let mut object = model::head(&model);
        let described = |list: &[Quantity]| Value::Array(list.iter().map(description).collect());
        object.insert("equations".into(), json!(model.equations().iter().map(|e| e.to_string()).collect::<Vec<_>>()));
        object.insert("latex".into(), json!(model.equations().iter().map(latex::equation).collect::<Vec<_>>()));
        object.insert("variables".into(), described(&names.variables));
        object.insert("parameter_details".into(), described(&names.parameters));
        object.insert("readouts".into(), described(&names.readouts));
        object.insert("sources".into(), json!(model.sources()));
        let table = Some(quantities(&names.parameters));
        let answer = Answer { head, json: Value::Object(object), table, ..Answer::default() };
        // The parameters are the rows of a file; on the terminal they stand in the text.
        shell.answer_text(&answer)?;
        Ok(Outcome::Done)
    }
    /// A part that is no model by itself.
    fn part(&self, shell: &Shell, part: &crate::lang::Part) -> Result<Outcome> {
        let mut head = vec![format!("{} ({}): {}", part.name, part.kind.word(), part.title), String::new()];
        head.extend(part.about.trim().lines().map(|l| format!("  {l}")));
        head.push("\nequations".into());
        head.extend(part.equations.iter().map(|e| format!("  {e}")));
        if !part.ports.is_empty() {
            head.push("\nports".into());
            head.extend(part.ports.iter().map(|p| format!("  {}: {}", p.name, p.about)));
        }
        if !part.parameters.is_empty() {
            head.push("\nparameters".into());
            head.extend(part.parameters.iter().map(|p| format!("  {}: {}", p.name, p.about)));
        }
        head.push(format!("\nsources: {}", part.sources.join(", ")));
        head.push(format!("attach it to a circuit: homeostat show CIRCUIT+{}", part.name));
        let json = json!({"name": part.name, "kind": part.kind.word(), "title": part.title, "about": part.about,
            "equations": part.equations.iter().map(|e| e.to_string()).collect::<Vec<_>>(), "sources": part.sources});
        shell.answer(&Answer { head, json, ..Answer::default() })?;
        Ok(Outcome::Done)
    }
}

fn pace(p: Option<Pace>) -> &'static str {
    match p {
        None => "",
        Some(Pace::Neural) => "neural",
        Some(Pace::Plastic) => "plastic",
        Some(Pace::Homeostatic) => "homeostatic",
    }
}

fn quantities(list: &[Quantity]) -> Table {
    let shown = |q: &Quantity, v: f64| match q.unit.is_none() {
        true => short(v / q.unit.factor),
        false => format!("{} {}", short(v / q.unit.factor), q.unit),
    };
    let range =
        |q: &Quantity| q.range.map_or(String::new(), |(lo, hi)| format!("{} to {}", shown(q, lo), shown(q, hi)));
    let column = |f: &dyn Fn(&Quantity) -> String| list.iter().map(f).collect::<Vec<_>>();
    Table::new()
        .text("name", column(&|q| q.name.clone()))
        .text("value", column(&|q| shown(q, q.value)))
        .text("range", column(&range))
        .text("pace", column(&|q| pace(q.pace).into()))
        .text("about", column(&|q| q.about.clone()))
}

fn indented(table: &Table) -> Vec<String> {
    render(table).lines().map(|l| format!("  {l}")).collect()
}

fn description(q: &Quantity) -> Value {
    json!({"name": q.name, "value": q.value, "unit": q.unit.to_string(), "range": q.range.map(|(a, b)| json!([a, b])),
        "pace": pace(q.pace), "about": q.about})
}
