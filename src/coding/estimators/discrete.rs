//! How much do two sequences of labels tell about each other, and how much of that is bias?
//!
//! The plug-in information of few samples is too large, by about (m_x − 1)(m_y − 1)/2n nats when nothing is shared. No
//! single correction is best both for tuned and for untuned data, so [`discrete_report`](super::discrete_report) shows all of them, each beside
//! what it says when the pairing is shuffled.
//!
//! ```
//! use homeostat::coding::estimators::{Correction, discrete_information};
//! let stimulus: Vec<u32> = (0..200).map(|i| i % 4).collect();
//! let copied = discrete_information(&stimulus, &stimulus, Correction::PlugIn, 1)?;
//! assert!((copied.value - 2.0).abs() < 1e-14);
//! let constant = discrete_information(&stimulus, &[7; 200], Correction::MillerMadow, 1)?;
//! assert_eq!(constant.value, 0.0);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::corrections::{extrapolated, panzeri_treves, shuffled};
use super::counts::Counts;
use super::entropies::{entropy_estimate, plugin};
use crate::field::{Error, Result};
use crate::num::Estimate;
use std::f64::consts::LN_2;

/// How the bias of few samples is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// Not at all: the information of the observed frequencies.
    PlugIn,
    /// Miller 1955: every entropy grows by (m − 1)/2n nats, m the labels seen.
    MillerMadow,
    /// Panzeri & Treves 1996: less [Σ_x (R_x − 1) − (R − 1)]/2n nats, R_x the number of responses that x can
    /// cause, estimated from those seen.
    PanzeriTreves,
    /// Strong et al. 1998: the value at 1/n = 0 of a parabola through all, halves and quarters of the samples.
    QuadraticExtrapolation,
    /// Less the mean of shuffled pairings; too small where responses are tuned.
    ShuffleSubtraction,
    /// Grassberger 2003 entropies.
    Grassberger,
    /// Chao & Shen 2003 entropies.
    ChaoShen,
    /// Nemenman, Shafee & Bialek 2002 entropies of Y and of Y given each X.
    Nsb,
}

impl Correction {
    /// All of them, in the order of a report.
    pub const ALL: [Correction; 8] = [
        Correction::PlugIn,
        Correction::MillerMadow,
        Correction::PanzeriTreves,
        Correction::QuadraticExtrapolation,
        Correction::ShuffleSubtraction,
        Correction::Grassberger,
        Correction::ChaoShen,
        Correction::Nsb,
    ];
    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Correction::PlugIn => "plug-in",
            Correction::MillerMadow => "miller-madow",
            Correction::PanzeriTreves => "panzeri-treves",
            Correction::QuadraticExtrapolation => "quadratic-extrapolation",
            Correction::ShuffleSubtraction => "shuffle-subtraction",
            Correction::Grassberger => "grassberger",
            Correction::ChaoShen => "chao-shen",
            Correction::Nsb => "nsb",
        }
    }
}

/// Shuffled pairings whose mean is subtracted.
const SHUFFLES: usize = 50;

/// I(X;Y) in bits of two label sequences. `seed` matters only where samples are shuffled or divided.
///
/// 0 exactly if one side is constant. Refused: fewer than 4 samples; a corrected value above the smaller corrected entropy.
pub fn discrete_information(x: &[u32], y: &[u32], correction: Correction, seed: u64) -> Result<Estimate> {
    let counts = Counts::new(x, y)?;
    let n = x.len();
    if n < 4 {
        return Err(Error::domain("the information", format!("{n} samples are too few"), "give at least 4"));
    }
    let how = format!("{}, {} × {} labels", correction.name(), counts.x.len(), counts.y.len());
    if counts.x.len() == 1 || counts.y.len() == 1 {
        return Ok(Estimate::new(0.0, "bit", 0.0, n, how + ": one side is constant, which is 0 exactly"));
    }
    let plain = plugin_information(&counts);
    let leading = ((counts.x.len() - 1) * (counts.y.len() - 1)) as f64 / (2 * n) as f64;
    let nats = match correction {
        Correction::PlugIn => plain,
        Correction::PanzeriTreves => plain - panzeri_treves(&counts),
        Correction::QuadraticExtrapolation => extrapolated(x, y, plain, seed)?,
        Correction::ShuffleSubtraction => plain - shuffled(x, y, SHUFFLES, seed)?.iter().sum::<f64>() / SHUFFLES as f64,
        Correction::Nsb => conditional_form(&counts, correction)?,
        _ => {
            let h = |c: &[u64]| entropy_estimate(c, correction, c.len());
            (h(&counts.x)? + h(&counts.y)? - h(&counts.joint())?) * LN_2
        }
    };
    let bits = nats / LN_2;
    let own = if correction == Correction::Nsb { Correction::Nsb } else { entropy_kind(correction) };
    let bound =
        entropy_estimate(&counts.x, own, counts.x.len())?.min(entropy_estimate(&counts.y, own, counts.y.len())?);
    if bits > bound + 1e-9 {
        return Err(Error::domain(
            "the information",
            format!("{} gives {bits:.4} bit, above the smaller entropy {bound:.4}", correction.name()),
            "use another correction or more samples",
        ));
    }
    let bias = if correction == Correction::PlugIn { leading / LN_2 } else { f64::NAN };
    Ok(Estimate::new(bits, "bit", standard_error(&counts, plain), n, how).with_bias(bias))
}

/// The entropies that go with a correction of informations.
fn entropy_kind(correction: Correction) -> Correction {
    match correction {
        Correction::PanzeriTreves | Correction::QuadraticExtrapolation | Correction::ShuffleSubtraction => {
            Correction::MillerMadow
        }
        other => other,
    }
}

/// The information of the observed frequencies in nats.
pub(super) fn plugin_information(counts: &Counts) -> f64 {
    (plugin(&counts.x) + plugin(&counts.y) - plugin(&counts.joint())).max(0.0)
}

/// H(Y) − Σ p(x) H(Y|x) in nats, all labels of Y being possible for every x.
fn conditional_form(counts: &Counts, correction: Correction) -> Result<f64> {
    let labels = counts.y.len();
    let mut bits = entropy_estimate(&counts.y, correction, labels)?;
    for (part, total) in counts.given_x().iter().zip(&counts.x) {
        bits -= entropy_estimate(part, correction, labels)? * *total as f64 / counts.n as f64;
    }
    Ok(bits * LN_2)
}

/// The standard error in bits: spread of the information density, plus that of χ² where nothing is shared.
fn standard_error(counts: &Counts, plain: f64) -> f64 {
    let n = counts.n as f64;
    let square: f64 = counts
        .pairs
        .iter()
        .map(|&(a, b, c)| {
            let density = (c as f64 * n / (counts.x[a as usize] as f64 * counts.y[b as usize] as f64)).ln();
            c as f64 / n * density * density
        })
        .sum();
    let freedom = ((counts.x.len() - 1) * (counts.y.len() - 1)) as f64;
    ((square - plain * plain).max(0.0) / n + freedom / (2.0 * n * n)).sqrt() / LN_2
}

#[cfg(test)]
#[path = "discrete_tests.rs"]
mod tests;
