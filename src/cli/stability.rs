//! Is a model stable, at a point or for every parameter in a box?

use super::Outcome;
use super::fixed_points::point;
use super::model::{self, ModelArgs};
use super::shell::{Answer, Shell, short};
use crate::dynamics::{FixedPoints, MapOptions, Region, Search, StabilityMap, fixed_points, stability_map};
use crate::field::{Field, Result, Table, Unit};
use crate::figures;
use crate::lang::Model;
use serde_json::{Value, json};

/// Tell the stability of every fixed point, at a point or proven over a box of parameters
#[derive(clap::Args, Debug)]
#[command(
    after_help = "With --over the box of parameters is cut into cells; in each, the number of fixed points in the region and \
    their stability are proven for every parameter value, or the cell is undecided.\n\nExamples:\n  \
    homeostat stability neuron+bcm\n  \
    homeostat stability neuron+bcm --over tau_theta='1 s:30 s' --range w=0.1:5 --range theta=1:50\n  \
    homeostat stability neuron+bcm --over tau_theta=1:30 --over y0=1:10 --out map.svg"
)]
pub struct StabilityOf {
    #[command(flatten)]
    model: ModelArgs,
    /// A parameter and its range; repeat it for a box
    #[arg(long, value_name = "P=LO:HI")]
    over: Vec<String>,
    /// Where to look for a variable, instead of its declared range
    #[arg(long, value_name = "VAR=LO:HI")]
    range: Vec<String>,
    /// Look at no more than this many cells
    #[arg(long, default_value_t = MapOptions::default().cells, value_name = "N")]
    cells: usize,
}

impl StabilityOf {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let model = self.model.load()?;
        let region = model::region(&model, &self.range)?;
        let p = model.names().defaults();
        if self.over.is_empty() {
            let search = Search { stop: Some(super::interrupt::flag_ref()), ..Search::default() };
            let found = fixed_points(&model, &p, &region, &search)?;
            shell.answer(&at_a_point(&model, &found))?;
            return Ok(Outcome::Done);
        }
        let names = model.names();
        let over = self
            .over
            .iter()
            .map(|text| model::range("--over", names, "parameter", text))
            .collect::<Result<Vec<_>>>()?;
        let map = map(shell, &model, &over, &region, self.cells)?;
        shell.answer(&over_a_box(&model, &map))?;
        Ok(Outcome::Done)
    }
}

/// The certified map of a model over a box of parameters, with its progress; an interruption ends it early.
pub fn map(
    shell: &Shell,
    model: &Model,
    over: &[(usize, (f64, f64))],
    region: &Region,
    cells: usize,
) -> Result<StabilityMap> {
    let progress = shell.progress("cells");
    let options = MapOptions {
        cells,
        stop: Some(super::interrupt::flag_ref()),
        progress: Some(&|done, waiting| progress.tell(done as u64, (done + waiting) as u64)),
        ..MapOptions::default()
    };
    let map = stability_map(model, &model.names().defaults(), over, region, &options)?;
    progress.end();
    Ok(map)
}

fn at_a_point(model: &Model, found: &FixedPoints) -> Answer {
    let names = model.names();
    // Rows: the point's number, the real and the imaginary part.
    let rows: Vec<[f64; 3]> = found
        .points
        .iter()
        .enumerate()
        .flat_map(|(k, p)| p.eigenvalues.iter().map(move |e| [(k + 1) as f64, e.0, e.1]))
        .collect();
    let number = |column: usize| rows.iter().map(|r| r[column]).collect::<Vec<_>>();
    let table = Table::new()
        .number("point", Unit::NONE, number(0))
        .number("eigenvalue_re", Unit::HERTZ, number(1))
        .number("eigenvalue_im", Unit::HERTZ, number(2));
    let head = found.points.iter().enumerate().map(|(k, p)| {
        let at = names.variables.iter().zip(&p.at).map(|(q, x)| format!("{} = {}", q.name, short(x / q.unit.factor)));
        let proven = if p.stability_proven { "proven" } else { "not proven" };
        format!("{}: {} ({proven}) at {}", k + 1, p.stability.name(), at.collect::<Vec<_>>().join(", "))
    });
    let mut object = model::head(model);
    object.insert("complete".into(), json!(found.complete));
    object.insert("points".into(), json!(found.points.iter().map(|p| point(names, p)).collect::<Vec<_>>()));
    let foot = if found.complete { vec![] } else { vec!["the list of fixed points is not complete".into()] };
    Answer {
        head: head.chain([String::new()]).collect(),
        table: Some(table),
        foot,
        json: Value::Object(object),
        figure: None,
    }
}

fn over_a_box(model: &Model, map: &StabilityMap) -> Answer {
    let mut object = model::head(model);
    let over = map.parameters.iter().zip(&map.over).map(|((name, _), (_, (lo, hi)))| (name.clone(), json!([lo, hi])));
    object.insert("over".into(), Value::Object(over.collect()));
    let share = ["stable", "unstable", "several", "empty", "undecided"].map(|w| (w.to_string(), json!(map.share(w))));
    object.insert("share".into(), Value::Object(share.into_iter().collect()));
    let cells = map.cells.iter().map(|c| {
        let ranges = c.ranges.iter().map(|(lo, hi)| json!([lo, hi])).collect::<Vec<_>>();
        json!({"ranges": ranges, "verdict": c.verdict.name(), "share": c.share})
    });
    object.insert("cells".into(), json!(cells.collect::<Vec<_>>()));
    let figure = (map.over.len() == 2).then(|| figures::stability_map(map).to_svg());
    let (table, head) = (Some(map.table()), vec![map.sentence()]);
    // A map of one parameter is read as a list, one of several as a sentence and a figure.
    let foot = if map.cells.len() > 40 {
        vec![format!("{} cells; --out FILE.csv has them all", map.cells.len())]
    } else {
        vec![]
    };
    let table = if map.cells.len() > 40 { (None, table) } else { (table, None) };
    Answer { head, table: table.0.or(table.1), foot, json: Value::Object(object), figure }
}
