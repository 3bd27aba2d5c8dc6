//! Which estimator is meant, what does it say, and how is it tested?

use super::data::DataArgs;
use crate::coding::estimators::{
    Continuous, Correction, Method, Points, SelfCheck, conditional_information, conditional_self_check,
    conditional_test, discrete_information, discrete_self_check, discrete_test, information, information_test, labels,
    mixed_information, mixed_self_check, self_check, transfer_entropy, transfer_test,
};
use crate::coding::resampling::{Exchange, PermutationTest, permutation_test};
use crate::field::{Error, Result, nearest};
use crate::num::Estimate;

/// The two sides, and what is known already.
pub(super) struct Sides {
    pub x: Points,
    pub y: Points,
    pub given: Option<Points>,
}

impl Sides {
    /// The rows with these numbers.
    pub fn select(&self, rows: &[usize]) -> Sides {
        let given = self.given.as_ref().map(|g| g.select(rows));
        Sides { x: self.x.select(rows), y: self.y.select(rows), given }
    }
    fn given(&self) -> Result<&Points> {
        self.given.as_ref().ok_or_else(|| Error::usage("there is no condition", "name its columns: --given COLS"))
    }
    /// The labels of the side with few values, and the other side.
    fn label_and_real(&self) -> Result<(Vec<u32>, &Points)> {
        let (label, real) =
            if few_values(&self.x) || !few_values(&self.y) { (&self.x, &self.y) } else { (&self.y, &self.x) };
        Ok((labels(one("mixed", label)?)?, real))
    }
}

/// An estimator by its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Estimator {
    Real(Method),
    Mixed,
    Conditional,
    Transfer,
    Labels(Correction),
}

/// Those that are not corrections of labels.
const NAMED: [(&str, Estimator); 8] = [
    ("ksg1", Estimator::Real(Method::Ksg1)),
    ("ksg2", Estimator::Real(Method::Ksg2)),
    ("lnc", Estimator::Real(Method::Lnc)),
    ("gaussian", Estimator::Real(Method::Gaussian)),
    ("copula", Estimator::Real(Method::Copula)),
    ("mixed", Estimator::Mixed),
    ("conditional", Estimator::Conditional),
    ("transfer-entropy", Estimator::Transfer),
];

impl Estimator {
    /// The estimator that was named, or the one that the data ask for.
    pub fn chosen(name: Option<&str>, sides: &Sides) -> Result<Self> {
        let Some(name) = name else {
            return Ok(match (&sides.given, few_values(&sides.x), few_values(&sides.y)) {
                (Some(_), _, _) => Estimator::Conditional,
                (None, true, true) => Estimator::Labels(Correction::PanzeriTreves),
                (None, false, false) => Estimator::Real(Method::Ksg1),
                _ => Estimator::Mixed,
            });
        };
        let corrections = Correction::ALL.into_iter().map(|c| (c.name(), Estimator::Labels(c)));
        let mut all = NAMED.into_iter().chain(corrections);
        let found = all.clone().find(|(known, _)| *known == name).map(|(_, e)| e);
        let found =
            found.ok_or_else(|| Error::unknown("estimator", name, nearest(name, all.by_ref().map(|(n, _)| n))))?;
        if sides.given.is_some() && found != Estimator::Conditional {
            let help = "use --estimator conditional, or leave --given out";
            return Err(Error::usage(format!("--estimator {name} knows no condition"), help));
        }
        Ok(found)
    }
    pub fn name(self) -> &'static str {
        match self {
            Estimator::Labels(correction) => correction.name(),
            // Every other one is in the list.
            other => NAMED.iter().find(|(_, e)| *e == other).map_or("", |(name, _)| name),
        }
    }
    pub fn measure(self) -> &'static str {
        match self {
            Estimator::Transfer => "transfer entropy",
            Estimator::Conditional => "conditional mutual information",
            _ => "mutual information",
        }
    }
    /// Its options; without surrogates, which measure the bias, where many estimates are made.
    pub fn options(self, asked: &DataArgs, seed: u64, surrogates: bool) -> Continuous {
        let plain = Continuous::default();
        let method = if let Estimator::Real(method) = self { method } else { plain.method };
        Continuous { method, k: asked.k, seed, surrogates: if surrogates { plain.surrogates } else { 0 }, ..plain }
    }
    pub fn estimate(self, asked: &DataArgs, sides: &Sides, seed: u64, surrogates: bool) -> Result<Estimate> {
        let (x, y, k) = (&sides.x, &sides.y, asked.k);
        match self {
            Estimator::Real(_) => information(x, y, &self.options(asked, seed, surrogates)),
            Estimator::Mixed => {
                let (label, real) = sides.label_and_real()?;
                mixed_information(&label, real, k)
            }
            Estimator::Conditional => conditional_information(x, y, sides.given()?, k),
            Estimator::Transfer => transfer_entropy(
                one("transfer-entropy", x)?,
                one("transfer-entropy", y)?,
                &asked.lags,
                &asked.memory,
                k,
            ),
            Estimator::Labels(correction) => discrete_information(&words(x)?, &words(y)?, correction, seed),
        }
    }
    /// The estimate beside those for broken pairings.
    pub fn test(self, asked: &DataArgs, sides: &Sides, seed: u64) -> Result<PermutationTest> {
        let (x, y, k, times) = (&sides.x, &sides.y, asked.k, asked.permutations);
        let exchange = match (asked.block, asked.shift) {
            (Some(rows), _) => Exchange::Blocks(rows),
            (_, Some(rows)) => Exchange::Shifts(rows),
            _ => Exchange::Samples,
        };
        match self {
            Estimator::Real(_) => information_test(x, y, &self.options(asked, seed, false), exchange, times, seed),
            Estimator::Mixed => {
                let (label, real) = sides.label_and_real()?;
                permutation_test(label.len(), exchange, times, seed, |order| {
                    Ok(mixed_information(&label, &real.select(order), k)?.value)
                })
            }
            Estimator::Conditional if exchange != Exchange::Samples => Err(Error::usage(
                "a conditional test exchanges rows that are alike in what is given, not blocks or shifts",
                "leave --block and --shift out, or use --estimator transfer-entropy for series",
            )),
            Estimator::Conditional => conditional_test(x, y, sides.given()?, k, times, seed),
            Estimator::Transfer => {
                let (source, target) = (one("transfer-entropy", x)?, one("transfer-entropy", y)?);
                transfer_test(source, target, &asked.lags, &asked.memory, k, exchange, times, seed)
            }
            Estimator::Labels(_) => discrete_test(&words(x)?, &words(y)?, exchange, times, seed),
        }
    }
    /// The estimator on data of this size and shape whose information is known.
    pub fn check(self, asked: &DataArgs, sides: &Sides, seed: u64) -> Result<SelfCheck> {
        const RUNS: usize = 20;
        let (x, y, k) = (&sides.x, &sides.y, asked.k);
        match self {
            Estimator::Real(_) => self_check(x, y, &self.options(asked, seed, true), RUNS, seed),
            Estimator::Mixed => {
                let (label, real) = sides.label_and_real()?;
                mixed_self_check(&label, real, k, RUNS, seed)
            }
            Estimator::Conditional => conditional_self_check(x, y, sides.given()?, k, RUNS, seed),
            Estimator::Transfer => Err(Error::usage(
                "--self-check knows no series to compare a transfer entropy with",
                "test with --permutations and --shift, or give shifted columns with --given",
            )),
            Estimator::Labels(correction) => discrete_self_check(&words(x)?, &words(y)?, correction, RUNS, seed),
        }
    }
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
pub(super) fn words(points: &Points) -> Result<Vec<u32>> {
    let each = (0..points.dimension()).map(|i| labels(points.variable(i))).collect::<Result<Vec<_>>>()?;
    let rows: Vec<Vec<u32>> = (0..points.len()).map(|r| each.iter().map(|c| c[r]).collect()).collect();
    let mut sorted = rows.clone();
    sorted.sort();
    sorted.dedup();
    Ok(rows.iter().map(|row| sorted.partition_point(|s| s < row) as u32).collect())
}
