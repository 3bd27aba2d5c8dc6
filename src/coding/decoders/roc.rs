//! How often is a response to the signal larger than one without it, and how sure is that?
//!
//! AUC = P(X₁ > X₀) + ½P(X₁ = X₀), by ranks. Its error after DeLong, DeLong & Clarke-Pearson 1988: the variances, over
//! trials of each side, of the fraction of the other side that a trial beats. d' = (m₁ − m₀)/s with the pooled s is too
//! large by the factor 1/J(ν), J = Γ(ν/2)/[√(ν/2) Γ((ν − 1)/2)] (Hedges 1981).
//!
//! ```
//! use homeostat::coding::decoders::roc;
//! let found = roc(&[1.0, 2.0, 3.0], &[2.5, 3.5, 4.5])?;
//! assert!((found.area.value - 8.0 / 9.0).abs() < 1e-15);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::resampling::{Confidence, inside};
use crate::field::{Error, Result};
use crate::num::Estimate;
use crate::num::special::{ln_gamma, probit};

/// A receiver operating characteristic.
#[derive(Clone, Debug, PartialEq)]
pub struct Roc {
    /// The area under the curve with DeLong's error. An area of exactly 0 or 1 has an error of 0 there, although the
    /// truth may lie inside: use [`Roc::interval`].
    pub area: Estimate,
    /// (false alarms, hits) for every criterion, from (0, 0) to (1, 1).
    pub curve: Vec<(f64, f64)>,
    trials: (usize, usize),
}

impl Roc {
    /// An interval that stays between 0 and 1: normal on the scale ln(A/(1 − A)); for perfect separation, from where it
    /// would still be seen with the probability 1 − level by as many pairs as the smaller side has trials.
    pub fn interval(&self, level: f64) -> Result<Confidence> {
        let level = inside(level)?;
        let a = self.area.value;
        let few = self.trials.0.min(self.trials.1) as f64;
        let edge = ((1.0 - level) / 2.0).powf(1.0 / few);
        if a >= 1.0 {
            return Ok(Confidence { low: edge, high: 1.0, level });
        }
        if a <= 0.0 {
            return Ok(Confidence { low: 0.0, high: 1.0 - edge, level });
        }
        let z = probit(0.5 + 0.5 * level);
        let (centre, width) = ((a / (1.0 - a)).ln(), z * self.area.se / (a * (1.0 - a)));
        let back = |l: f64| 1.0 / (1.0 + (-l).exp());
        Ok(Confidence { low: back(centre - width), high: back(centre + width), level })
    }
}

/// The curve and area for responses without (`none`) and with (`signal`) the signal; ties count one half.
///
/// Errors: fewer than two trials on a side, NaN.
pub fn roc(none: &[f64], signal: &[f64]) -> Result<Roc> {
    for (side, x) in [("responses without the signal", none), ("responses with the signal", signal)] {
        checks::all_finite(side, x)?;
        if x.len() < 2 {
            return Err(Error::domain(side, format!("{} trials are too few", x.len()), "give two or more"));
        }
    }
    let sorted = |x: &[f64]| {
        let mut x = x.to_vec();
        x.sort_by(f64::total_cmp);
        x
    };
    let (low, high) = (sorted(none), sorted(signal));
    // The fraction of `others` below each of `x`, ties as one half.
    let beats = |x: &[f64], others: &[f64]| -> Vec<f64> {
        let one = |v: &f64| {
            let (below, up_to) = (others.partition_point(|o| o < v), others.partition_point(|o| o <= v));
            0.5 * (below + up_to) as f64 / others.len() as f64
        };
        x.iter().map(one).collect()
    };
    let (wins, losses) = (beats(signal, &low), beats(none, &high));
    let (m, n) = (signal.len() as f64, none.len() as f64);
    let area = wins.iter().sum::<f64>() / m;
    let spread = |v: &[f64], mean: f64| v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (v.len() as f64 - 1.0);
    let variance = spread(&wins, area) / m + spread(&losses, 1.0 - area) / n;
    let mut all = [low.as_slice(), high.as_slice()].concat();
    all.sort_by(f64::total_cmp);
    all.dedup();
    let above = |x: &[f64], c: f64| (x.len() - x.partition_point(|v| *v < c)) as f64 / x.len() as f64;
    let mut curve = vec![(0.0, 0.0)];
    curve.extend(all.iter().rev().map(|&c| (above(&low, c), above(&high, c))));
    let count = none.len() + signal.len();
    let how = format!("area under the ROC curve, DeLong, {} and {} trials", none.len(), signal.len());
    Ok(Roc { area: Estimate::new(area, "", variance.sqrt(), count, how), curve, trials: (none.len(), signal.len()) })
}

/// d' of two sets of responses with a common variance, its error, and the bias of few trials.
///
/// The error is that of the noncentral t distribution, exact for normal responses at the estimated d'. Errors: fewer than
/// two trials on a side or five in all, NaN, responses that never vary.
pub fn sample_dprime(none: &[f64], signal: &[f64]) -> Result<Estimate> {
    let (m, n) = (none.len() as f64, signal.len() as f64);
    for (side, x) in [("responses without the signal", none), ("responses with the signal", signal)] {
        checks::all_finite(side, x)?;
        if x.len() < 2 || none.len() + signal.len() < 5 {
            return Err(Error::domain(side, format!("{} trials are too few", x.len()), "give three or more"));
        }
    }
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let squares = |x: &[f64]| x.iter().map(|v| (v - mean(x)).powi(2)).sum::<f64>();
    let nu = m + n - 2.0;
    let variance = (squares(none) + squares(signal)) / nu;
    if variance == 0.0 {
        return Err(Error::domain("d'", "the responses never vary within a side", "d' is infinite or not defined"));
    }
    let value = (mean(signal) - mean(none)) / variance.sqrt();
    let factor = (ln_gamma(0.5 * nu) - ln_gamma(0.5 * (nu - 1.0))).exp() / (0.5 * nu).sqrt();
    let truth = value * factor;
    // Var(t)·(1/m + 1/n) for noncentral t: ν/(ν − 2)(1/m + 1/n + δ²) − (δ/J)².
    let var = nu / (nu - 2.0) * (1.0 / m + 1.0 / n + truth * truth) - value * value;
    let how = format!("d' with pooled variance, {} and {} trials", none.len(), signal.len());
    Ok(Estimate::new(value, "", (var.max(0.0)).sqrt() * factor, none.len() + signal.len(), how)
        .with_bias(value - truth))
}
