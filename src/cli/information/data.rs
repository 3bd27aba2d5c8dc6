//! What does a table of data tell, by which estimator, and can that estimator be trusted here?

use crate::cli::Outcome;
use crate::cli::shell::{Answer, Shell};
use crate::cli::validate::matching;
use crate::coding::estimators::{
    Continuous, Correction, Method, Points, conditional_information, discrete_information, information, labels,
    mixed_information, transfer_entropy,
};
use crate::coding::resampling::{Exchange, permutation_test};
use crate::data::{self, DataSet, ReadOptions};
use crate::field::{Error, Result, nearest};
use crate::num::{Estimate, Stream};
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
    /// ksg1, ksg2, gaussian, copula, mixed, conditional, transfer-entropy, plug-in, miller-madow, panzeri-treves,
    /// quadratic-extrapolation, shuffle-subtraction, grassberger, chao-shen, nsb; chosen by the data without it
    #[arg(long, value_name = "NAME")]
    estimator: Option<String>,
    /// Neighbours of a neighbour estimator
    #[arg(long, default_value_t = 4, value_name = "K")]
    k: usize,
    /// Steps back of a transfer entropy: lags of the source
    #[arg(long, default_value = "1", value_name = "N,…", value_delimiter = ',')]
    lags: Vec<usize>,
    /// Steps back of a transfer entropy: the target's own past
    #[arg(long, default_value = "1", value_name = "N,…", value_delimiter = ',')]
    memory: Vec<usize>,
    /// Test against so many shuffled pairings
    #[arg(long, default_value_t = 0, value_name = "N")]
    permutations: usize,
    /// Shuffle runs of so many neighbouring rows together, for series that remember
    #[arg(long, value_name = "ROWS", requires = "permutations")]
    block: Option<usize>,
    /// Run the estimator on Gaussian data of the same size and correlations, and report the bias found there
    #[arg(long)]
    self_check: bool,
    /// bit or nat
    #[arg(long, default_value = "bit", value_name = "UNIT")]
    unit: String,
}

/// The names that `--estimator` takes, besides the corrections of discrete ones.
const NAMES: [&str; 7] = ["ksg1", "ksg2", "gaussian", "copula", "mixed", "conditional", "transfer-entropy"];

/// The two sides.
struct Sides {
    x: Points,
    y: Points,
    given: Option<Points>,
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
        let estimator = self.chosen(&sides)?;
        let found = self.estimate(&estimator, &sides, shell.seed)?;
        let mut warnings = Vec::new();
        if found.bias.is_nan() {
            warnings.push("the bias is not known: --self-check measures it on surrogates".to_string());
        }
        if found.value.is_infinite() {
            warnings.push("infinite: one side determines the other".to_string());
        }
        let mut head = vec![format!("{}  {}", self.measure(&estimator), shown(&found, scale, &self.unit))];
        head.push(format!("estimator  {estimator}: {}, {} rows", found.how, found.n));
        let mut object = json!({
            "measure": self.measure(&estimator), "estimator": estimator, "unit": self.unit, "value": found.value * scale,
            "se": found.se * scale, "bias": found.bias * scale, "n": found.n, "how": found.how,
        });
        if self.permutations > 0 {
            let exchange = self.block.map_or(Exchange::Samples, Exchange::Blocks);
            let statistic = |order: &[usize]| {
                let y = sides.y.select(order);
                let turned = Sides { x: sides.x.clone(), y, given: sides.given.clone() };
                self.estimate_plain(&estimator, &turned, shell.seed).map(|e| e.value)
            };
            let test = permutation_test(sides.x.len(), exchange, self.permutations, shell.seed, statistic)?;
            head.push(format!("p  {} ({})", crate::cli::shell::short(test.p.value), test.p.how));
            object["p"] = json!(test.p.value);
            object["permutations"] = json!(self.permutations);
        }
        if self.self_check {
            let check = self.check(&estimator, &sides, shell.seed)?;
            head.push(format!(
                "self-check  bias {} where the truth is {}",
                shown(&check.0, scale, &self.unit),
                crate::cli::shell::short(check.1 * scale)
            ));
            object["self_check"] = json!({"truth": check.1 * scale, "bias": check.0.value * scale, "se": check.0.se * scale, "runs": check.0.n});
        }
        object["warnings"] = json!(warnings);
        warnings.iter().for_each(|w| shell.warn(w));
        shell.answer(&Answer { head, json: object, ..Answer::default() })?;
        Ok(Outcome::Done)
    }
    fn measure(&self, estimator: &str) -> &'static str {
        match estimator {
            "transfer-entropy" => "transfer entropy",
            "conditional" => "conditional mutual information",
            _ => "mutual information",
        }
    }
    /// The estimator that was named, or the one that the data ask for.
    fn chosen(&self, sides: &Sides) -> Result<String> {
        if let Some(name) = &self.estimator {
            let known = NAMES.iter().copied().chain(Correction::ALL.iter().map(|c| c.name()));
            if !known.clone().any(|n| n == name) {
                return Err(Error::unknown("estimator", name, nearest(name, known)));
            }
            if sides.given.is_some() && name != "conditional" {
                return Err(Error::usage(
                    format!("--estimator {name} knows no condition"),
                    "use --estimator conditional, or leave --given out",
                ));
            }
            return Ok(name.clone());
        }
        if sides.given.is_some() {
            return Ok("conditional".into());
        }
        Ok(match (few_values(&sides.x), few_values(&sides.y)) {
            (true, true) => Correction::PanzeriTreves.name().into(),
            (false, false) => "ksg1".into(),
            _ => "mixed".into(),
        })
    }
    fn estimate(&self, estimator: &str, sides: &Sides, seed: u64) -> Result<Estimate> {
        self.with(estimator, sides, seed, Continuous::default().surrogates)
    }
    /// The same without the surrogates that measure the bias.
    fn estimate_plain(&self, estimator: &str, sides: &Sides, seed: u64) -> Result<Estimate> {
        self.with(estimator, sides, seed, 0)
    }
    fn with(&self, estimator: &str, sides: &Sides, seed: u64, surrogates: usize) -> Result<Estimate> {
        let (x, y) = (&sides.x, &sides.y);
        let neighbours =
            |method| information(x, y, &Continuous { method, k: self.k, surrogates, seed, ..Continuous::default() });
        match estimator {
            "ksg1" => neighbours(Method::Ksg1),
            "ksg2" => neighbours(Method::Ksg2),
            "gaussian" => neighbours(Method::Gaussian),
            "copula" => neighbours(Method::Copula),
            "mixed" => {
                // The side with few values is the label.
                let (label, real) = if few_values(x) || !few_values(y) { (x, y) } else { (y, x) };
                mixed_information(&labels(one("mixed", label)?)?, real, self.k)
            }
            "conditional" => match &sides.given {
                Some(given) => conditional_information(x, y, given, self.k),
                None => Err(Error::usage("there is no condition", "name its columns: --given COLS")),
            },
            "transfer-entropy" => transfer_entropy(
                one("transfer-entropy", x)?,
                one("transfer-entropy", y)?,
                &self.lags,
                &self.memory,
                self.k,
            ),
            name => {
                let correction = Correction::ALL.into_iter().find(|c| c.name() == name);
                let correction =
                    correction.ok_or_else(|| Error::usage(format!("no estimator {name}"), "see --help"))?;
                discrete_information(&words(x)?, &words(y)?, correction, seed)
            }
        }
    }
    /// The bias on Gaussian data with the size and the correlations of these, and the truth there.
    fn check(&self, estimator: &str, sides: &Sides, seed: u64) -> Result<(Estimate, f64)> {
        let correction = Correction::ALL.iter().any(|c| c.name() == estimator);
        if correction || matches!(estimator, "mixed" | "conditional" | "transfer-entropy") {
            return Err(Error::usage(
                format!("--self-check makes Gaussian data, which {estimator} is not made for"),
                "use ksg1, ksg2, gaussian or copula, or test with --permutations",
            ));
        }
        let copula = Continuous { method: Method::Copula, ..Continuous::default() };
        let like = information(&sides.x, &sides.y, &copula)?.corrected().max(0.0);
        // One pair of variables carries it all; the others are noise on either side.
        let rho = (1.0 - 4f64.powf(-like)).sqrt().min(0.999_999);
        let truth = -0.5 * (1.0 - rho * rho).log2();
        let errors = (0..16).map(|run| {
            let (x, y) = surrogates(sides, rho, &mut Stream::new(seed, &[0x5e1f, run]))?;
            Ok(self.estimate(estimator, &Sides { x, y, given: None }, seed)?.corrected() - truth)
        });
        let errors = errors.collect::<Result<Vec<f64>>>()?;
        let n = errors.len() as f64;
        let mean = errors.iter().sum::<f64>() / n;
        let se = (errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (n * (n - 1.0))).sqrt();
        Ok((Estimate::new(mean, "bit", se, errors.len(), "mean error on surrogates"), truth))
    }
}

/// Gaussian data of the same size and dimensions, the first variables of both sides correlated by `rho`.
fn surrogates(sides: &Sides, rho: f64, draws: &mut Stream) -> Result<(Points, Points)> {
    let n = sides.x.len();
    let mut normal = || (0..n).map(|_| draws.normal()).collect::<Vec<f64>>();
    let x: Vec<Vec<f64>> = (0..sides.x.dimension()).map(|_| normal()).collect();
    let mut y: Vec<Vec<f64>> = (0..sides.y.dimension()).map(|_| normal()).collect();
    let rest = (1.0 - rho * rho).sqrt();
    y[0].iter_mut().zip(&x[0]).for_each(|(y, x)| *y = rho * x + rest * *y);
    let points = |columns: &[Vec<f64>]| Points::columns(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
    Ok((points(&x)?, points(&y)?))
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

/// Are there so few different values that they are labels?
fn few_values(points: &Points) -> bool {
    let n = points.len();
    (0..points.dimension()).all(|i| {
        let mut sorted = points.variable(i).to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        sorted.len() * 10 <= n
    })
}

fn one<'a>(estimator: &str, points: &'a Points) -> Result<&'a [f64]> {
    match points.dimension() {
        1 => Ok(points.variable(0)),
        d => Err(Error::usage(format!("--estimator {estimator}: {d} columns where one is meant"), "name one column")),
    }
}

/// A label for every combination of values.
fn words(points: &Points) -> Result<Vec<u32>> {
    let each = (0..points.dimension()).map(|i| labels(points.variable(i))).collect::<Result<Vec<_>>>()?;
    let rows: Vec<Vec<u32>> = (0..points.len()).map(|r| each.iter().map(|c| c[r]).collect()).collect();
    let mut sorted = rows.clone();
    sorted.sort();
    sorted.dedup();
    Ok(rows.iter().map(|row| sorted.partition_point(|s| s < row) as u32).collect())
}

fn shown(e: &Estimate, scale: f64, unit: &str) -> String {
    Estimate { value: e.value * scale, se: e.se * scale, bias: e.bias * scale, unit: unit.into(), ..e.clone() }
        .to_string()
}
