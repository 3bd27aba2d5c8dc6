//! How wrong is the chosen estimator on data of this size and shape?
//!
//! It is run on sets with known information, as many samples of as many variables as the data: normal ones with the
//! correlations of the data, the same with its margins, the fitted copula, and the data with the pairing broken, where the
//! truth is 0. What it gets wrong there, it will not get right on the data.
//!
//! ```
//! use homeostat::coding::estimators::{Continuous, Points, self_check};
//! use homeostat::num::Stream;
//! let mut draws = Stream::new(1, &[]);
//! let x: Vec<f64> = (0..100).map(|_| draws.normal()).collect();
//! let y: Vec<f64> = x.iter().map(|x| x + draws.normal()).collect();
//! let options = Continuous { surrogates: 4, ..Continuous::default() };
//! let found = self_check(&Points::column(&x)?, &Points::column(&y)?, &options, 6, 1)?;
//! assert_eq!(found.rows.len(), 4);
//! assert_eq!(found.rows[3].truth, 0.0);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::copula::Copula;
use super::counts::Counts;
use super::discrete::plugin_information;
use super::{Continuous, Correction, Points, discrete_information, information};
use crate::coding::resampling::Exchange;
use crate::field::{Error, Result, Table, Unit};
use crate::num::{Estimate, Stream};
use rayon::prelude::*;
use std::f64::consts::LN_2;

/// What an estimator says about surrogate data of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Which surrogates.
    pub name: String,
    /// Their information in bits.
    pub truth: f64,
    /// Mean of the corrected answers less the truth, in bits, with its error over the runs.
    pub bias: Estimate,
    /// Standard deviation of the corrected answers over the runs, in bits.
    pub scatter: f64,
    /// The mean standard error that the answers state, in bits.
    pub stated: f64,
    /// The fraction of the intervals value ± 1.96 se that hold the truth.
    pub coverage: f64,
}

/// What an estimator says about surrogate data.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfCheck {
    /// One row per kind of surrogate.
    pub rows: Vec<Checked>,
}

impl SelfCheck {
    /// The largest bias found, without its sign, in bits.
    pub fn worst_bias(&self) -> f64 {
        self.rows.iter().map(|r| r.bias.value.abs()).fold(0.0, f64::max)
    }
    /// One row per kind of surrogate.
    pub fn table(&self) -> Table {
        let bit = || Unit { symbol: "bit".into(), ..Unit::NONE };
        let column = |f: &dyn Fn(&Checked) -> f64| self.rows.iter().map(f).collect::<Vec<f64>>();
        Table::new()
            .text("surrogate", self.rows.iter().map(|r| r.name.clone()).collect())
            .number("truth", bit(), column(&|r| r.truth))
            .number("bias", bit(), column(&|r| r.bias.value))
            .number("bias se", bit(), column(&|r| r.bias.se))
            .number("scatter", bit(), column(&|r| r.scatter))
            .number("stated se", bit(), column(&|r| r.stated))
            .number("coverage", Unit::NONE, column(&|r| r.coverage))
    }
}

/// Runs an estimate on `runs` surrogate sets of one kind; a run that is refused is an error.
pub(super) fn row(
    name: String,
    truth: f64,
    runs: usize,
    one: impl Fn(usize) -> Result<Estimate> + Sync,
) -> Result<Checked> {
    if runs < 2 {
        return Err(Error::usage(
            format!("{runs} runs of a self-check"),
            "take 2 or more, 20 for a bias worth its name",
        ));
    }
    let all: Vec<Result<Estimate>> = (0..runs).into_par_iter().map(&one).collect();
    let found: Vec<Estimate> = all.into_iter().collect::<Result<_>>()?;
    let n = runs as f64;
    let mean = found.iter().map(Estimate::corrected).sum::<f64>() / n;
    let scatter = (found.iter().map(|e| (e.corrected() - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let how = format!("mean over {runs} surrogates; {}", found[0].how);
    Ok(Checked {
        name,
        truth,
        bias: Estimate::new(mean - truth, "bit", scatter / n.sqrt(), runs, how),
        scatter,
        stated: found.iter().map(|e| e.se).sum::<f64>() / n,
        coverage: found.iter().filter(|e| e.z(truth).abs() <= 1.96).count() as f64 / n,
    })
}

/// Runs [`information`] with these options on surrogates of the data. Errors: those of the estimator, fewer than 2 runs.
pub fn self_check(x: &Points, y: &Points, options: &Continuous, runs: usize, seed: u64) -> Result<SelfCheck> {
    // Whatever the data refuse, their surrogates would hide.
    let plain = information(x, y, &Continuous { surrogates: 0, ..*options })?;
    if !plain.value.is_finite() || plain.se == 0.0 {
        return Err(Error::domain("a self-check", plain.how, "there is nothing to estimate"));
    }
    let (x, y) = (x.without_constants(), y.without_constants());
    let n = x.len();
    let (sx, sy) = (x.normal_scores(), y.normal_scores());
    let normal = Copula::normal(&sx, &sy)?;
    let fitted = Copula::fit(&sx, &sy, options.seed)?;
    let truth = normal.normal_nats().unwrap_or(f64::NAN) / LN_2;
    let drawn = |model: &Copula, word: u64, r: usize| {
        let (a, b, _) = model.sample(n, &mut Stream::new(seed, &[0xc4ec, word, r as u64]));
        (a, b)
    };
    let plain = |r: usize| {
        let (a, b) = drawn(&normal, 1, r);
        information(&a, &b, options)
    };
    let margins = |r: usize| {
        let (a, b) = drawn(&normal, 2, r);
        information(&a.with_margins(&x), &b.with_margins(&y), options)
    };
    let own = |r: usize| {
        let (a, b) = drawn(&fitted, 3, r);
        information(&a.with_margins(&x), &b.with_margins(&y), options)
    };
    let broken = |r: usize| information(&x, &y.select(&Exchange::Samples.order(n, seed, r)), options);
    // The truth of the fitted copula by its own density: 40 000 samples.
    let (_, _, density) = fitted.sample(40_000, &mut Stream::new(seed, &[0xc4ec, 4]));
    let fitted_truth = density.iter().sum::<f64>() / density.len() as f64 / LN_2;
    Ok(SelfCheck {
        rows: vec![
            row("normal, the correlations of the data".into(), truth, runs, plain)?,
            row("the same with the margins of the data".into(), truth, runs, margins)?,
            row(format!("fitted: {}", fitted.name()), fitted_truth, runs, own)?,
            row("the data, pairing broken".into(), 0.0, runs, broken)?,
        ],
    })
}

/// The same for labels: samples drawn from the observed joint frequencies, whose information is known, and the data with
/// the pairing broken.
pub fn discrete_self_check(x: &[u32], y: &[u32], correction: Correction, runs: usize, seed: u64) -> Result<SelfCheck> {
    let counts = Counts::new(x, y)?;
    let n = x.len();
    let truth = plugin_information(&counts) / LN_2;
    let tuned = |r: usize| {
        let mut draws = Stream::new(seed, &[0xc4ed, r as u64]);
        let picked: Vec<usize> = (0..n).map(|_| draws.index(n)).collect();
        let pick = |v: &[u32]| picked.iter().map(|&i| v[i]).collect::<Vec<u32>>();
        discrete_information(&pick(x), &pick(y), correction, seed)
    };
    let broken = |r: usize| {
        let order = Exchange::Samples.order(n, seed, r);
        let moved: Vec<u32> = order.iter().map(|&i| y[i]).collect();
        discrete_information(x, &moved, correction, seed)
    };
    Ok(SelfCheck {
        rows: vec![
            row("the observed frequencies".into(), truth, runs, tuned)?,
            row("the data, pairing broken".into(), 0.0, runs, broken)?,
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_finds_the_bias_of_plain_neighbours_and_of_the_plug_in() {
        // Strong dependence and few samples: without surrogates the estimate is far too small, and the check says so.
        let mut draws = Stream::new(2, &[]);
        let mut side = |noise: &[f64]| -> Vec<Vec<f64>> {
            (0..4).map(|_| noise.iter().map(|z| z + 0.6 * draws.normal()).collect()).collect()
        };
        let common: Vec<f64> = (0..150).map(|i| ((i * 37 % 150) as f64 / 150.0 - 0.5) * 4.0).collect();
        let (x, y) = (side(&common), side(&common));
        let points = |c: &[Vec<f64>]| Points::columns(&c.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        let options = Continuous { surrogates: 0, ..Continuous::default() };
        let found = self_check(&points(&x), &points(&y), &options, 8, 1).unwrap();
        assert!(found.rows[0].bias.value < -0.15, "{:?}", found.rows[0]);
        assert!(found.rows[3].truth == 0.0 && found.worst_bias() >= found.rows[0].bias.value.abs());
        assert_eq!(found.table().rows(), 4);
        // Labels: the plug-in's null bias of 7·9/2n nats and more is found.
        let a: Vec<u32> = (0..160).map(|i| i % 8).collect();
        let b: Vec<u32> = (0..160).map(|i| (i * i / 7) % 10).collect();
        let found = discrete_self_check(&a, &b, Correction::MillerMadow, 20, 1).unwrap();
        let plain = discrete_self_check(&a, &b, Correction::PlugIn, 20, 1).unwrap();
        assert!(plain.rows[1].scatter > 0.0 && found.rows[1].bias.value.abs() < 0.2);
    }

    #[test]
    fn law_nothing_to_check_is_refused() {
        let x = Points::column(&(0..100).map(|i| (i as f64 * 0.7).sin()).collect::<Vec<_>>()).unwrap();
        let flat = Points::column(&[1.0; 100]).unwrap();
        assert!(self_check(&x, &flat, &Continuous::default(), 4, 1).is_err());
        assert!(self_check(&x, &x, &Continuous::default(), 4, 1).is_err());
    }
}
