//! Where does a model rest? All fixed points in a box, with proof.

use super::Outcome;
use super::model::{self, ModelArgs};
use super::shell::{Answer, Shell};
use crate::dynamics::{FixedPoint, FixedPoints, PlaneOptions, Proof, Region, Search, fixed_points, phase_plane, sizes};
use crate::field::{Field, Names, Result};
use crate::figures::{self, Figure};
use crate::lang::Model;
use crate::num::Interval;
use serde_json::{Map, Value, json};

/// Find all fixed points in a box, with proof
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Every fixed point is enclosed in a box that is proven to hold exactly one; what cannot be decided is \
    listed as undecided, and the list is complete only when nothing is. \
    With two variables, --out FILE.svg draws the phase plane.\n\nExamples:\n  \
    homeostat fixed-points neuron+bcm\n  \
    homeostat fixed-points ei+istdp@w_ei --set rho0='8 Hz' --json\n  \
    homeostat fixed-points feedforward+hebb+scaling --range w_0=0:5 --range w_1=0:5\n  \
    homeostat fixed-points fitzhugh_nagumo --start v=1 --out plane.svg"
)]
pub struct FixedPointsOf {
    #[command(flatten)]
    model: ModelArgs,
    /// Where to look for a variable, instead of its declared range
    #[arg(long, value_name = "VAR=LO:HI")]
    range: Vec<String>,
    /// Look at no more than this many boxes
    #[arg(long, default_value_t = Search::default().boxes, value_name = "N")]
    boxes: usize,
}

impl FixedPointsOf {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let model = self.model.load()?;
        let region = model::region(&model, &self.range)?;
        let names = model.names();
        let progress = shell.progress("boxes looked at");
        let search = Search {
            boxes: self.boxes,
            stop: Some(super::interrupt::flag_ref()),
            progress: Some(&|done, waiting| progress.tell(done as u64, (done + waiting) as u64)),
            ..Search::default()
        };
        let found = fixed_points(&model, &names.defaults(), &region, &search)?;
        progress.end();
        let mut object = model::head(&model);
        let ends = region.ranges().iter().map(|(lo, hi)| json!([lo, hi]));
        object.insert("box".into(), keyed(names, ends));
        object.insert("complete".into(), json!(found.complete));
        object.insert("points".into(), json!(found.points.iter().map(|p| point(names, p)).collect::<Vec<_>>()));
        let undecided = found.undecided.iter().map(|u| json!({"box": boxed(names, &u.hull), "why": u.why}));
        object.insert("undecided".into(), json!(undecided.collect::<Vec<_>>()));
        let sizes = sizes(&model, found.points.iter().map(|q| (names.defaults(), q.at.clone())));
        shell.answer(&Answer {
            head: vec![headline(&found), String::new()],
            table: Some(found.table().sized(&names.variables, &sizes)),
            foot: found.undecided.iter().map(|u| undecided_line(names, u)).collect(),
            json: Value::Object(object),
            figure: self.plane(shell, &model, &region, &found)?,
        })?;
        Ok(Outcome::Done)
    }
    /// The phase plane of a model with two variables, if a figure is wanted.
    fn plane(&self, shell: &Shell, model: &Model, region: &Region, found: &FixedPoints) -> Result<Option<String>> {
        let names = model.names();
        let wanted = shell.out.as_ref().is_some_and(|path| path.extension().is_some_and(|e| e == "svg"));
        if !wanted || names.variables.len() != 2 {
            return Ok(None);
        }
        let start = names.start();
        let starts = if region.contains(&start) { vec![[start[0], start[1]]] } else { Vec::new() };
        let options = PlaneOptions { starts, ..PlaneOptions::default() };
        let plane = phase_plane(model, &names.defaults(), region, &found.points, &options)?;
        plane.remarks.iter().for_each(|remark| shell.warn(remark));
        Ok(Some(Figure::single(figures::phase_plane(&plane)).height(76.0).to_svg()))
    }
}

fn headline(found: &FixedPoints) -> String {
    let proven = found.points.iter().filter(|p| p.proof == Proof::Unique).count();
    let all = found.points.len();
    let plural = if all == 1 { "" } else { "s" };
    match found.complete {
        true => {
            format!("{all} fixed point{plural}, each proven unique in its box; the rest of the region is proven empty")
        }
        false => format!(
            "{all} fixed point{plural}, {proven} of them proven; {} place{} undecided",
            found.undecided.len(),
            if found.undecided.len() == 1 { "" } else { "s" }
        ),
    }
}

fn undecided_line(names: &Names, u: &crate::dynamics::Undecided) -> String {
    let ends = names.variables.iter().zip(&u.hull).map(|(q, i)| {
        let f = q.unit.factor;
        format!("{} in [{}, {}]", q.name, super::shell::short(i.lo() / f), super::shell::short(i.hi() / f))
    });
    format!("undecided: {}: {}", ends.collect::<Vec<_>>().join(", "), u.why)
}

/// Values by the variables' names.
fn keyed(names: &Names, values: impl Iterator<Item = Value>) -> Value {
    Value::Object(names.variables.iter().map(|q| q.name.clone()).zip(values).collect::<Map<_, _>>())
}

fn boxed(names: &Names, hull: &[Interval]) -> Value {
    keyed(names, hull.iter().map(|i| json!([i.lo(), i.hi()])))
}

/// A fixed point as JSON, the shape that design and documentation promise.
pub fn point(names: &Names, p: &FixedPoint) -> Value {
    let proof = match &p.proof {
        Proof::Unique => "unique".to_string(),
        Proof::Unproven(why) => format!("unproven: {why}"),
    };
    json!({
        "state": model::values(&names.variables, &p.at),
        "enclosure": boxed(names, &p.enclosure),
        "proof": proof,
        "eigenvalues": p.eigenvalues.iter().map(|(re, im)| json!([re, im])).collect::<Vec<_>>(),
        "stability": p.stability.name(),
        "stability_proof": p.stability_proven,
        "residual": p.residual,
    })
}
