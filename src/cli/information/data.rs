//! What does a table of data tell, by which estimator, and can that estimator be trusted here?

use super::estimator::{Estimator, Sides, words};
use crate::cli::Outcome;
use crate::cli::shell::{Answer, Shell, short};
use crate::cli::validate::matching;
use crate::coding::estimators::{InWindow, Points, Window, discrete_report, sliding_information, windows_table};
use crate::coding::resampling::{Confidence, Draw, Leave, bootstrap, jackknife};
use crate::data::{self, DataSet, ReadOptions};
use crate::field::{Error, Result};
use crate::figures::{Axis, Band, Figure, Ink, Line, Panel};
use crate::num::Estimate;
use serde_json::json;
use std::f64::consts::LN_2;
use std::path::Path;

/// What is asked of data.
#[derive(clap::Args, Debug)]
pub struct DataArgs {
    /// Columns of X
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub x: Vec<String>,
    /// Columns of Y
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub y: Vec<String>,
    /// Columns that are known already: I(X;Y|given)
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    given: Vec<String>,
    /// ksg1, ksg2, lnc, gaussian, copula, mixed, conditional, transfer-entropy, plug-in, miller-madow, panzeri-treves,
    /// quadratic-extrapolation, shuffle-subtraction, grassberger, chao-shen, nsb; chosen by the data without it
    #[arg(long, value_name = "NAME")]
    estimator: Option<String>,
    /// Neighbours of a neighbour estimator
    #[arg(long, default_value_t = 4, value_name = "K")]
    pub k: usize,
    /// Steps back of a transfer entropy: lags of the source
    #[arg(long, default_value = "1", value_name = "N,…", value_delimiter = ',')]
    pub lags: Vec<usize>,
    /// Steps back of a transfer entropy: the target's own past
    #[arg(long, default_value = "1", value_name = "N,…", value_delimiter = ',')]
    pub memory: Vec<usize>,
    /// Test against so many broken pairings
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub permutations: usize,
    /// Shuffle runs of so many neighbouring rows together, for series that remember
    #[arg(long, value_name = "ROWS", requires = "permutations", conflicts_with = "shift")]
    pub block: Option<usize>,
    /// Turn one series against the other by at least so many rows instead
    #[arg(long, value_name = "ROWS", requires = "permutations")]
    pub shift: Option<usize>,
    /// A 95 % interval from redrawn rows: bootstrap for labels, jackknife for neighbours, which copies would mislead
    #[arg(long)]
    interval: bool,
    /// Over the course of the recording: windows of so many rows, one every so many (a fifth of the length without that)
    #[arg(long, value_name = "ROWS[:EVERY]", conflicts_with_all = ["permutations", "interval", "self_check"])]
    window: Option<String>,
    /// Run the estimator on data of the same size and shape whose information is known, and report the bias found there
    #[arg(long)]
    self_check: bool,
    /// bit or nat
    #[arg(long, default_value = "bit", value_name = "UNIT")]
    unit: String,
}

impl DataArgs {
    pub fn run(&self, file: &str, shell: &Shell) -> Result<Outcome> {
        let scale = match self.unit.as_str() {
            "bit" => 1.0,
            "nat" => LN_2,
            other => {
                return Err(Error::usage(format!("--unit {other}: information is in bit or nat"), "write bit or nat"));
            }
        };
        let set = data::read(Path::new(file), &ReadOptions::default())?;
        let sides = Sides {
            x: points(&set, "--x", &self.x)?,
            y: points(&set, "--y", &self.y)?,
            given: if self.given.is_empty() { None } else { Some(points(&set, "--given", &self.given)?) },
        };
        let estimator = Estimator::chosen(self.estimator.as_deref(), &sides)?;
        if let Some(text) = &self.window {
            shell.answer(&self.over_time(estimator, &sides, text, shell.seed, scale)?)?;
            return Ok(Outcome::Done);
        }
        let found = estimator.estimate(self, &sides, shell.seed, true)?;
        // What an estimator warns of is in its description, each after a semicolon.
        let mut warnings: Vec<String> =
            found.how.split("; ").filter_map(|part| part.strip_prefix("warning: ").map(String::from)).collect();
        if found.bias.is_nan() && found.se != 0.0 {
            warnings.push("the bias is not known: --self-check measures it on surrogates".into());
        }
        if found.value.is_infinite() {
            warnings.push("infinite: one side determines the other".into());
        }
        let mut answer = Answer::default();
        answer.head.push(format!("{}  {}", estimator.measure(), shown(&found, scale, &self.unit)));
        answer.head.push(format!("estimator  {}: {}, {} rows", estimator.name(), found.how, found.n));
        answer.json = json!({
            "measure": estimator.measure(), "estimator": estimator.name(), "unit": self.unit, "value": found.value * scale,
            "se": found.se * scale, "bias": found.bias * scale, "n": found.n, "how": found.how,
        });
        if self.interval {
            let (kind, interval) = self.redrawn(estimator, &sides, &found, shell.seed)?;
            let (low, high) = (interval.low * scale, interval.high * scale);
            answer.head.push(format!("95 % interval  {} to {} {} ({kind})", short(low), short(high), self.unit));
            answer.json["interval"] = json!({"low": low, "high": high, "level": interval.level, "how": kind});
        }
        if self.permutations > 0 {
            let test = estimator.test(self, &sides, shell.seed)?;
            answer.head.push(format!("p  {} ({})", short(test.p.value), test.p.how));
            answer.json["p"] = json!(test.p.value);
            answer.json["permutations"] = json!(self.permutations);
        }
        if self.self_check {
            let check = estimator.check(self, &sides, shell.seed)?;
            answer.head.push(format!("self-check on {} surrogates each, in bits", check.rows[0].bias.n));
            let row = |r: &crate::coding::estimators::Checked| {
                json!({"surrogate": r.name, "truth": r.truth * scale, "bias": r.bias.value * scale,
                    "se": r.bias.se * scale, "scatter": r.scatter * scale, "coverage": r.coverage, "runs": r.bias.n})
            };
            answer.json["self_check"] = check.rows.iter().map(row).collect();
            answer.table = Some(check.table());
        } else if matches!(estimator, Estimator::Labels(_)) && found.se > 0.0 {
            let report = discrete_report(&words(&sides.x)?, &words(&sides.y)?, 50, shell.seed)?;
            answer.head.push("all corrections, beside their mean over 50 shuffled pairings, in bits".into());
            let row = |(i, (correction, e)): (usize, &(crate::coding::estimators::Correction, Option<Estimate>))| {
                let value = e.as_ref().map(|e| e.value * scale);
                json!({"correction": correction.name(), "value": value, "null": report.null[i] * scale})
            };
            answer.json["corrections"] = report.estimates.iter().enumerate().map(row).collect();
            answer.table = Some(report.table());
        }
        answer.json["warnings"] = json!(warnings);
        warnings.iter().for_each(|w| shell.warn(w));
        shell.answer(&answer)?;
        Ok(Outcome::Done)
    }
    /// A 95 % interval, and how it was found.
    fn redrawn(
        &self,
        estimator: Estimator,
        sides: &Sides,
        found: &Estimate,
        seed: u64,
    ) -> Result<(String, Confidence)> {
        let n = sides.x.len();
        let again = |rows: &[usize]| Ok(estimator.estimate(self, &sides.select(rows), seed, false)?.value);
        if matches!(estimator, Estimator::Labels(_)) {
            let draw = self.block.map_or(Draw::Samples, Draw::Blocks);
            let drawn = bootstrap(n, draw, 400, seed, again)?;
            return Ok(("bootstrap, 400 draws, bias-corrected and accelerated".into(), drawn.bca(0.95)?));
        }
        let groups = 20.min(n / 4).max(2);
        let error = jackknife(n, Leave::Groups(groups), seed, again)?.estimate.se;
        // Around the estimate itself: the bias that a jackknife finds for neighbours is mostly scatter.
        let centre = Estimate { se: error, ..found.clone() };
        Ok((format!("jackknife, {groups} runs of rows left out"), Confidence::normal(&centre, 0.95)?))
    }
    /// The estimate in windows, as rows and a figure.
    fn over_time(&self, estimator: Estimator, sides: &Sides, text: &str, seed: u64, scale: f64) -> Result<Answer> {
        let number = |part: &str| part.trim().parse::<usize>().ok().filter(|v| *v > 0);
        let (length, every) = match text.split_once(':') {
            Some((length, every)) => (number(length), number(every)),
            None => (number(text), number(text).map(|l| l.div_ceil(5))),
        };
        let (Some(length), Some(step)) = (length, every) else {
            return Err(Error::usage(format!("--window {text}: these are no rows"), "write --window 200 or 200:50"));
        };
        let window = Window { length, step };
        let found = match estimator {
            Estimator::Real(_) => {
                sliding_information(&sides.x, &sides.y, &estimator.options(self, seed, true), window)?
            }
            _ => window.over(sides.x.len(), |rows| {
                estimator.estimate(self, &sides.select(&rows.collect::<Vec<_>>()), seed, true)
            })?,
        };
        if let Some(InWindow { estimate: Err(e), .. }) =
            found.first().filter(|_| found.iter().all(|w| w.estimate.is_err()))
        {
            return Err(Error::domain("every window", e.to_string(), "take longer windows"));
        }
        let head = vec![format!(
            "{} in {} windows of {length} rows, {}, in bits",
            estimator.measure(),
            found.len(),
            estimator.name()
        )];
        let row = |w: &InWindow| match &w.estimate {
            Ok(e) => json!({"start": w.start, "end": w.end, "value": e.value * scale, "se": e.se * scale,
                "bias": e.bias * scale, "n": e.n}),
            Err(e) => json!({"start": w.start, "end": w.end, "refused": e.to_string()}),
        };
        let json = json!({"measure": estimator.measure(), "estimator": estimator.name(), "unit": self.unit,
            "windows": found.iter().map(row).collect::<Vec<_>>()});
        let figure = Some(course(&found, estimator.measure()).to_svg());
        Ok(Answer { head, table: Some(windows_table(&found)), json, figure, ..Answer::default() })
    }
}

/// The estimate over the rows of the recording, with a band of two standard errors.
fn course(found: &[InWindow], measure: &str) -> Figure {
    let seen: Vec<(f64, &Estimate)> = found
        .iter()
        .filter_map(|w| Some((0.5 * (w.start + w.end) as f64, w.estimate.as_ref().ok()?)))
        .filter(|(_, e)| e.value.is_finite())
        .collect();
    let of = |f: &dyn Fn(&Estimate) -> f64| seen.iter().map(|(_, e)| f(e)).collect::<Vec<f64>>();
    let at: Vec<f64> = seen.iter().map(|(at, _)| *at).collect();
    let (low, high) = (of(&|e| e.corrected() - 2.0 * e.se), of(&|e| e.corrected() + 2.0 * e.se));
    let panel = Panel::new(Axis::linear("row", ""), Axis::linear(measure, "bit").including(0.0))
        .add(Band::new("± 2 s.e.", &at, &low, &high))
        .add(Line::new("estimate", &at, &of(&Estimate::corrected)).ink(Ink::Data));
    Figure::single(panel)
}

fn points(set: &DataSet, flag: &str, patterns: &[String]) -> Result<Points> {
    if patterns.is_empty() {
        return Err(Error::usage(format!("{flag} names no column"), "name columns: --x a --y b"));
    }
    let all: Vec<&str> = set.table.columns().iter().map(|c| c.name.as_str()).collect();
    let mut columns = Vec::new();
    for pattern in patterns {
        for name in matching(&all, pattern.trim())? {
            columns.push(set.numbers(&name)?);
        }
    }
    Points::columns(&columns)
}

fn shown(e: &Estimate, scale: f64, unit: &str) -> String {
    Estimate { value: e.value * scale, se: e.se * scale, bias: e.bias * scale, unit: unit.into(), ..e.clone() }
        .to_string()
}
