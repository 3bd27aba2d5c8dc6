//! How much do two sets of real variables tell about each other, from samples?
//!
//! The default counts neighbours ([`Method::Ksg1`], Kraskov, Stögbauer & Grassberger 2004). Neighbours lose information
//! where the dependence is strong or the dimension high, and no formula says how much. So, by default:
//!
//! * variables are brought to normal scores, which takes heavy tails and units away without changing the information;
//! * the distribution with known information that is most like the samples is fitted (normal and Student-t copulas,
//!   mixtures of normals), samples of the same number are drawn from it, and the mean error that the same estimator makes
//!   on those is the stated bias, which [`Estimate::corrected`] takes off. Where the fit is poor, so is the bias: the
//!   answer names what was fitted, and warns where more than a third of the answer is correction;
//! * where the corrected estimate disagrees with the information of the fit, the data have structure that it lacks and its
//!   bias is not theirs: the bias is then extrapolated from what half of the samples lose, its whole size counts as error,
//!   and the answer warns that the truth may be larger.
//!
//! [`self_check`](super::self_check) shows what is left of the error on further data with known truth.

use super::Points;
use super::ksg::{Pair, mean_and_spread};
use super::normal::{Canonical, gaussian_estimate};
use super::surrogates::surrogates;
use crate::field::{Error, Result};
use crate::num::{Estimate, Stream};
use std::f64::consts::LN_2;

/// Which estimator of the information between real variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// Kraskov et al., first version.
    Ksg1,
    /// Kraskov et al., second version.
    Ksg2,
    /// The second version with its correction for local non-uniformity (Gao et al. 2015), for dependence so strong that the
    /// samples lie along a ridge; needs more neighbours than variables.
    Lnc,
    /// Correlations only: exact for Gaussian variables, a lower bound for others with Gaussian margins.
    Gaussian,
    /// Correlations of normal scores: exact for a Gaussian copula, blind to what correlations do not show.
    Copula,
}

/// How to estimate the information between real variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Continuous {
    /// The estimator.
    pub method: Method,
    /// Number of neighbours k.
    pub k: usize,
    /// Use the variables as they are instead of their normal scores.
    pub raw: bool,
    /// How many surrogate data sets measure the bias of neighbour estimators; 0 leaves it unknown.
    pub surrogates: usize,
    /// Seed of the surrogates.
    pub seed: u64,
}

impl Default for Continuous {
    /// First version, 4 neighbours, normal scores, 12 surrogates.
    fn default() -> Self {
        Continuous { method: Method::Ksg1, k: 4, raw: false, surrogates: 12, seed: 1 }
    }
}

/// I(X;Y) in bits.
///
/// 0 exactly if one side is constant; infinite if one variable determines another monotonically. Refused: fewer than
/// 5(k + 1) samples; a value shared by more than a twentieth of the samples (use labels instead); more than k samples that
/// coincide in all variables.
pub fn information(x: &Points, y: &Points, options: &Continuous) -> Result<Estimate> {
    let (x, y) = match prepared(x, y, options)? {
        Prepared::Answer(answer) => return Ok(answer),
        Prepared::Points(x, y) => (x, y),
    };
    match options.method {
        Method::Gaussian | Method::Copula => gaussian_estimate(&x, &y, options.method == Method::Copula),
        _ => {
            let pair = Pair::new(&x, &y, options)?;
            let n = x.len();
            let (mean, spread) = mean_and_spread(&pair.local(options, None)?);
            // Samples share neighbours, so the terms are dependent: their spread is widened by what the battery shows.
            let mut variance = spread * spread * (1.6 + 100.0 / n as f64) / n as f64;
            let mut how = describe(options);
            let mut bias = f64::NAN;
            if options.surrogates > 0 {
                let found = surrogates(&x, &y, options)?;
                // The information density of the fit, the error of its surrogates, and that of their mean.
                // Their scatter is itself an estimate, which the variance of a t distribution accounts for.
                let runs = options.surrogates as f64;
                if runs > 3.0 {
                    let unsure = (1.0 + 1.0 / runs) * (runs - 1.0) / (runs - 3.0);
                    variance = found.density / n as f64 + found.scatter * unsure;
                }
                bias = found.bias / LN_2;
                how += &format!("; bias from {} surrogates of a {}", options.surrogates, found.family);
                let unexplained = (mean - found.bias - found.model).abs();
                if unexplained > 2.0 * variance.sqrt() {
                    // The fit is not like the data: its bias is not theirs.
                    match halved(&x, &y, options, mean)? {
                        Some((extrapolated, factor)) => {
                            bias = extrapolated / LN_2;
                            // The difference of n and n/2 scatters too, and the order of the extrapolation is assumed.
                            variance = variance * (1.0 + 0.5 * factor * factor) + extrapolated * extrapolated;
                            how +=
                                ", which does not explain what neighbours see; bias instead from half of the samples";
                        }
                        None => variance += (0.5 * unexplained).powi(2),
                    }
                    how += "; warning: the fit does not explain what neighbours see, and less surely what they miss: the \
                            truth may be larger";
                }
                if (bias * LN_2).abs() > (0.5 * mean.abs()).max(2.0 * variance.sqrt()) {
                    how += "; warning: more than a third of the corrected value is correction";
                }
            }
            if mean > 0.8 * pair.ceiling(options.k) {
                how += "; warning: near the most that this many samples can show, the truth may be larger";
            }
            Ok(Estimate::new(mean / LN_2, "bit", variance.sqrt() / LN_2, n, how).with_bias(bias))
        }
    }
}

/// The bias in nats that the decline from n to n/2 samples extrapolates to, and the factor on that decline.
///
/// Neighbours of a smooth density in d dimensions are biased by order n^(−2/d), so I_n − I_{n/2} is 2^(2/d) − 1 of it.
/// `None` if half of the samples are too few.
fn halved(x: &Points, y: &Points, options: &Continuous, mean: f64) -> Result<Option<(f64, f64)>> {
    let n = x.len();
    if enough(n / 2, options.k).is_err() {
        return Ok(None);
    }
    let mut order: Vec<usize> = (0..n).collect();
    Stream::new(options.seed, &[0x4a1f]).shuffle(&mut order);
    let half = |rows: &[usize]| -> Result<f64> {
        let (x, y) = (x.select(rows), y.select(rows));
        let (x, y) = if options.raw { (x, y) } else { (x.normal_scores(), y.normal_scores()) };
        Ok(mean_and_spread(&Pair::new(&x, &y, options)?.local(options, None)?).0)
    };
    let (first, second) = order.split_at(n / 2);
    let decline = mean - 0.5 * (half(first)? + half(second)?);
    let factor = 1.0 / (2f64.powf(2.0 / (x.dimension() + y.dimension()) as f64) - 1.0);
    // Fewer samples show less; what seems the opposite is scatter.
    Ok(Some((-factor * decline.max(0.0), factor)))
}

/// What is left to estimate.
pub(super) enum Prepared {
    Answer(Estimate),
    Points(Points, Points),
}

fn describe(options: &Continuous) -> String {
    let name = match options.method {
        Method::Ksg1 => "ksg1",
        Method::Ksg2 => "ksg2",
        Method::Lnc => "ksg2 with local non-uniformity",
        Method::Gaussian => "gaussian",
        Method::Copula => "gaussian copula",
    };
    format!("{name}, k = {}, {}", options.k, if options.raw { "raw values" } else { "normal scores" })
}

/// Refuses what cannot be estimated, answers what is known without estimating, transforms the rest.
pub(super) fn prepared(x: &Points, y: &Points, options: &Continuous) -> Result<Prepared> {
    let n = x.len();
    if n != y.len() {
        return Err(Error::usage(format!("{n} samples of X and {} of Y", y.len()), "give as many of both"));
    }
    enough(n, options.k)?;
    let (x, y) = (x.without_constants(), y.without_constants());
    if x.dimension() == 0 || y.dimension() == 0 {
        let how = format!("{}: one side is constant, which is 0 exactly", describe(options));
        return Ok(Prepared::Answer(Estimate::new(0.0, "bit", 0.0, n, how)));
    }
    if x.determines(&y) {
        let how = format!("{}: one variable determines another, which is infinite", describe(options));
        return Ok(Prepared::Answer(Estimate::new(f64::INFINITY, "bit", f64::NAN, n, how)));
    }
    not_tied(&x, options.k, "X")?;
    not_tied(&y, options.k, "Y")?;
    if Canonical::of(&x, &y)?.determined() {
        let how = format!("{}: a combination of X is one of Y, which is infinite", describe(options));
        return Ok(Prepared::Answer(Estimate::new(f64::INFINITY, "bit", f64::NAN, n, how)));
    }
    let scored = !options.raw && options.method != Method::Gaussian;
    Ok(if scored { Prepared::Points(x.normal_scores(), y.normal_scores()) } else { Prepared::Points(x, y) })
}

pub(super) fn enough(n: usize, k: usize) -> Result<()> {
    if k == 0 {
        return Err(Error::usage("no neighbour is asked for", "take k of 1 or more"));
    }
    let least = 5 * (k + 1);
    if n < least {
        return Err(Error::domain(
            "the information",
            format!("{n} samples are too few for k = {k}"),
            format!("give {least} or more"),
        ));
    }
    Ok(())
}

pub(super) fn not_tied(points: &Points, k: usize, side: &str) -> Result<()> {
    let (heaviest, n) = (points.heaviest_tie(), points.len());
    if heaviest > (n / 20).max(k) {
        return Err(Error::domain(
            side,
            format!("{heaviest} of {n} samples share one value: this is not a continuous variable"),
            "take it as labels: a discrete estimator, or the mixed one if the other side is continuous",
        ));
    }
    Ok(())
}

#[cfg(test)]
#[path = "continuous_tests.rs"]
mod tests;
