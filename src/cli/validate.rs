//! Does a recording agree with a theory?

use super::Outcome;
use super::model;
use super::shell::{Answer, Shell};
use crate::data::{self, Missing, ReadOptions};
use crate::dynamics::{Search, fixed_points};
use crate::field::{Error, Field, Quantity, Result, Unit, nearest, parse_quantity};
use crate::figures::{self, Compared, Figure, symbol};
use crate::lang::Model;
use crate::num::Estimate;
use crate::validate::{
    Discard, Judgement, Mapping, Options, Prediction, Recording, Report, Tolerance, Verdict, What, judge,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Judge a recording against a theory: agrees, disagrees, or cannot tell
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The theory is a model, whose stable fixed point (proven) and eigenvalues give the predictions, or a number: \
    r=5 Hz.\nExit code: 0 agrees, 1 disagrees, 0 with a warning where the recording cannot tell.\n\nExamples:\n  \
    homeostat validate data/bcm_rate/stable_S1.csv --against leaky+bcm --set y0='10 Hz' --set x='1 Hz' --set gain=1 --set tau_w='20 ms' --set tau_theta='1 s' --range w=1:50 --column r='y_*' --column w='w_*' --column theta='theta_*' --unit 'y_*=Hz' --unit 'theta_*=Hz' --judge stationary,ringing\n  \
    homeostat validate run.csv --against 'rate_E_hz=5 Hz' --discard '30 s' --tolerance '5 %'"
)]
pub struct Validate {
    /// The recording: CSV or Parquet, one row per time
    data: PathBuf,
    /// A model, or QUANTITY=VALUE for a number of your own
    #[arg(long, value_name = "MODEL|QUANTITY=VALUE")]
    against: Vec<String>,
    /// A parameter of the model: --set tau_theta='1 s'
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Which columns hold a quantity: r=rate_hz, or r='y_*' for several repetitions
    #[arg(long, value_name = "QUANTITY=COLUMNS")]
    column: Vec<String>,
    /// The unit of a column that does not say it: y_0=Hz, or 'y_*=Hz'
    #[arg(long, value_name = "COLUMN=UNIT")]
    unit: Vec<String>,
    /// What is judged: stationary, relaxation, ringing, frequency; stationary without it
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    judge: Vec<String>,
    /// Where to look for the model's fixed point, instead of the declared ranges
    #[arg(long, value_name = "VAR=LO:HI")]
    range: Vec<String>,
    /// How large a difference does not matter: '5 %' or '0.2 Hz'
    #[arg(long, default_value = "5 %", value_name = "TOLERANCE")]
    tolerance: String,
    /// Leave away the beginning: '30 s'; without it a rule finds the transient
    #[arg(long, value_name = "T")]
    discard: Option<String>,
    /// Read missing values as such instead of refusing the file
    #[arg(long)]
    missing: bool,
}

impl Validate {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        if self.against.is_empty() {
            return Err(Error::usage(
                "there is nothing to compare with",
                "name a theory: --against MODEL or --against 'r=5 Hz'",
            ));
        }
        let mut options = ReadOptions::default();
        if self.missing {
            options.missing = Missing::AsNan;
        }
        let headers = data::read(&self.data, &options)?;
        let columns: Vec<&str> = headers.table.columns().iter().map(|c| c.name.as_str()).collect();
        for text in &self.unit {
            let (column, unit) = named("--unit", text)?;
            for name in matching(&columns, column)? {
                options.units.insert(name, unit.into());
            }
        }
        let data = data::read(&self.data, &options)?;
        let mut mapping = Mapping::default();
        for text in &self.column {
            let (quantity, column) = named("--column", text)?;
            mapping.columns.insert(quantity.into(), matching(&columns, column)?);
        }
        let predictions = self.predictions(&mapping.columns, &columns)?;
        let mut quantities: Vec<&str> = predictions.iter().map(|p| p.quantity.as_str()).collect();
        quantities.extend(predictions.iter().flat_map(|p| p.with.iter().map(String::as_str)));
        quantities.sort_unstable();
        quantities.dedup();
        let recording = Recording::new(&data, &quantities, &mapping)?;
        let report = judge(
            &recording,
            &predictions,
            &Options {
                tolerance: tolerance(&self.tolerance)?,
                discard: match &self.discard {
                    Some(text) => Discard::Seconds(model::time("--discard", text)?),
                    None => Discard::Rule,
                },
                ..Options::default()
            },
        )?;
        if let Some(warning) = report.warning() {
            shell.warn(&warning);
        }
        shell.answer(&answer(&report))?;
        Ok(if report.verdict() == Verdict::Disagrees { Outcome::Disagrees } else { Outcome::Done })
    }
    /// The predictions of every theory that was named.
    fn predictions(&self, mapped: &BTreeMap<String, Vec<String>>, columns: &[&str]) -> Result<Vec<Prediction>> {
        let mut all = Vec::new();
        for theory in &self.against {
            match theory.split_once('=') {
                Some((quantity, value)) => {
                    let (value, unit) = parse_quantity(value)?;
                    let value = value / unit.factor;
                    all.push(Prediction::new(quantity.trim(), What::Stationary, value, unit));
                }
                None => {
                    let mut model = model::open(theory)?;
                    for text in &self.set {
                        let (name, value) = named("--set", text)?;
                        model.set(name, value)?;
                    }
                    all.extend(self.of_model(&model, mapped, columns)?);
                }
            }
        }
        Ok(all)
    }
    /// What the model's only stable fixed point predicts for the quantities that the recording has.
    fn of_model(
        &self,
        model: &Model,
        mapped: &BTreeMap<String, Vec<String>>,
        columns: &[&str],
    ) -> Result<Vec<Prediction>> {
        let (names, p) = (model.names(), model.names().defaults());
        let found = fixed_points(model, &p, &model::region(model, &self.range)?, &Search::default())?;
        let stable = found.stable();
        let [rest] = stable.as_slice() else {
            return Err(Error::usage(
                format!("{} has {} stable fixed points in the region", names.model, stable.len()),
                "narrow the region to one of them with --range; homeostat fixed-points lists them",
            ));
        };
        let mut readouts = vec![0.0; names.readouts.len()];
        model.read(&rest.at, &p, &mut readouts);
        let known: Vec<(&Quantity, f64)> =
            names.variables.iter().zip(rest.at.iter().copied()).chain(names.readouts.iter().zip(readouts)).collect();
        let recorded = |name: &str| {
            mapped.contains_key(name)
                || columns.iter().any(|c| *c == name || c.strip_prefix(name).is_some_and(numbered))
        };
        let here: Vec<&(&Quantity, f64)> = known.iter().filter(|(q, _)| recorded(&q.name)).collect();
        if here.is_empty() {
            let have: Vec<&str> = known.iter().map(|(q, _)| q.name.as_str()).collect();
            return Err(Error::usage(
                format!("the recording has no column for any of {}", have.join(", ")),
                "say which column is which: --column r=rate_hz",
            ));
        }
        let proven = if rest.stability_proven { "fixed point and stability proven" } else { "fixed point proven" };
        let (re, im) = rest.eigenvalues.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f64::NAN, 0.0));
        let state: Vec<&str> =
            here.iter().map(|(q, _)| q.name.as_str()).filter(|n| names.variable(n).is_ok()).collect();
        let asked: Vec<&str> =
            if self.judge.is_empty() { vec!["stationary"] } else { self.judge.iter().map(String::as_str).collect() };
        let mut all = Vec::new();
        for what in asked {
            let leading = |what: What, value: f64, unit: Unit| -> Result<Prediction> {
                let Some((first, others)) = state.split_first() else {
                    return Err(Error::usage(
                        format!("{} needs a recorded state variable", what.name()),
                        "map one with --column",
                    ));
                };
                let mut prediction = Prediction::new(first, what, value, unit).with(others);
                prediction.trust = "eigenvalue of the linearised model".into();
                Ok(prediction)
            };
            match what {
                "stationary" => all.extend(here.iter().map(|(q, value)| {
                    let mut prediction =
                        Prediction::new(&q.name, What::Stationary, value / q.unit.factor, q.unit.clone());
                    prediction.trust = proven.into();
                    prediction
                })),
                "relaxation" => all.push(leading(What::RelaxationTime, -1.0 / re, Unit::SECOND)?),
                "ringing" => all.push(leading(What::Ringing, im.abs() / std::f64::consts::TAU, Unit::HERTZ)?),
                "frequency" => all.push(leading(What::Frequency, im.abs() / std::f64::consts::TAU, Unit::HERTZ)?),
                other => {
                    let words = ["stationary", "relaxation", "ringing", "frequency"];
                    return Err(Error::unknown("thing to judge", other, nearest(other, words)));
                }
            }
        }
        Ok(all)
    }
}

/// `_0`, `_12`, `_hz`: what may follow a quantity's name in a header.
fn numbered(rest: &str) -> bool {
    rest.starts_with('_') && rest.len() > 1 && rest[1..].chars().all(|c| c.is_ascii_digit())
}

/// NAME and VALUE of NAME=VALUE.
fn named<'a>(flag: &str, text: &'a str) -> Result<(&'a str, &'a str)> {
    let parts = text.split_once('=').map(|(a, b)| (a.trim(), b.trim()));
    parts.filter(|(a, b)| !a.is_empty() && !b.is_empty()).ok_or_else(|| {
        Error::usage(format!("{flag} {text}: there is no `=` between two names"), format!("write {flag} NAME=VALUE"))
    })
}

/// The columns that a name, or a name with `*` at its end, stands for.
pub fn matching(columns: &[&str], pattern: &str) -> Result<Vec<String>> {
    let found: Vec<String> = match pattern.strip_suffix('*') {
        Some(head) => columns.iter().filter(|c| c.starts_with(head)).map(|c| c.to_string()).collect(),
        None => columns.iter().filter(|c| **c == pattern).map(|c| c.to_string()).collect(),
    };
    match found.is_empty() {
        true => Err(Error::unknown("column", pattern, nearest(pattern.trim_end_matches('*'), columns.iter().copied()))),
        false => Ok(found),
    }
}

/// `5 %` or `0.2 Hz`.
pub(super) fn tolerance(text: &str) -> Result<Tolerance> {
    if let Some(number) = text.trim().strip_suffix('%') {
        let wrong = || Error::usage(format!("--tolerance {text}: `{}` is not a number", number.trim()), "write '5 %'");
        return Ok(Tolerance::Percent(number.trim().parse().map_err(|_| wrong())?));
    }
    let (value, unit) = parse_quantity(text)?;
    Ok(Tolerance::Absolute(value / unit.factor))
}

fn answer(report: &Report) -> Answer {
    let judgements = report.judgements.iter().map(|j| {
        let p = &j.prediction;
        json!({
            "quantity": p.quantity, "what": p.what.name(), "theory": p.value, "unit": p.unit.to_string(), "trust": p.trust,
            "measured": j.measured.as_ref().map(|m| json!({"value": m.value, "se": m.se, "n": m.n, "how": m.how})),
            "half_width": j.half_width, "band": j.band, "p_agree": j.p_agree, "p_disagree": j.p_disagree,
            "detectable": j.detectable, "verdict": j.verdict.to_string(), "remarks": j.remarks,
        })
    });
    let json = json!({"file": report.file, "level": report.level, "verdict": report.verdict().to_string(),
        "judgements": judgements.collect::<Vec<_>>(), "remarks": report.remarks});
    Answer {
        head: report.sentences().into_iter().chain([String::new()]).collect(),
        table: Some(report.table()),
        foot: vec![String::new(), format!("verdict: {}", report.verdict().to_string())],
        json: Value::clone(&json),
        figure: Some(figure(report).to_svg()),
    }
}

/// Every measured value relative to its prediction, with the band that counts as the same.
fn figure(report: &Report) -> Figure {
    let judged: Vec<_> = report.judgements.iter().filter(|j| j.prediction.value != 0.0).collect();
    let name = |j: &Judgement| match j.prediction.what {
        What::Stationary => symbol(&j.prediction.quantity),
        what => format!("{} {}", symbol(&j.prediction.quantity), what.name()),
    };
    let names: Vec<String> = judged.iter().map(|j| name(j)).collect();
    let rows: Vec<Compared> = judged
        .iter()
        .zip(&names)
        .filter_map(|(j, name)| {
            let measured = j.measured.as_ref()?;
            let percent = 100.0 / j.prediction.value;
            let scaled = Estimate::new(measured.value * percent, "%", measured.se * percent.abs(), measured.n, "");
            Some(Compared { name, theory: 100.0, measured: scaled, tolerance: j.band * percent.abs() })
        })
        .collect();
    Figure::single(figures::comparison("deviation from theory", "%", &rows))
}
