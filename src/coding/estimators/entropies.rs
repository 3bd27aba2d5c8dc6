//! How large is the entropy behind a histogram, when many labels were seen once or never?
//!
//! The plug-in entropy is too small by about (m − 1)/2n nats. Miller & Madow add that; Grassberger 2003 corrects every
//! count; Chao & Shen 2003 weigh what was seen by the estimated coverage; Nemenman, Shafee & Bialek 2002 average over
//! Dirichlet priors that are flat in entropy. The expected plug-in entropy of a known distribution is an exact sum.
//!
//! ```
//! use homeostat::coding::estimators::expected_plugin_entropy;
//! assert!((expected_plugin_entropy(&[0.25; 4], 20)? - 1.885977024).abs() < 1e-9);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::digamma::digamma;
use super::discrete::Correction;
use super::nsb::nsb_entropy;
use crate::coding::checks;
use crate::coding::special::binomial_probability;
use crate::field::{Error, Result};
use nalgebra::DMatrix;
use std::f64::consts::LN_2;

/// The entropy in bits behind counts, with a correction that is one of entropies: plug-in, Miller–Madow, Grassberger,
/// Chao–Shen or NSB. `labels` is the number of possible labels (needed by NSB; at least those seen).
pub fn entropy_estimate(counts: &[u64], correction: Correction, labels: usize) -> Result<f64> {
    let seen: Vec<u64> = counts.iter().copied().filter(|&c| c > 0).collect();
    if seen.is_empty() {
        return Err(Error::usage("there is no count", "give at least one sample"));
    }
    if labels < seen.len() {
        return Err(Error::usage(format!("{labels} possible labels but {} seen", seen.len()), "give at least as many"));
    }
    if seen.len() == 1 && correction != Correction::Nsb {
        return Ok(0.0);
    }
    let nats = match correction {
        Correction::PlugIn => plugin(&seen),
        Correction::MillerMadow => plugin(&seen) + (seen.len() - 1) as f64 / (2 * seen.iter().sum::<u64>()) as f64,
        Correction::Grassberger => grassberger(&seen),
        Correction::ChaoShen => chao_shen(&seen),
        Correction::Nsb => nsb_entropy(&seen, labels)?,
        other => {
            return Err(Error::usage(
                format!("{other:?} corrects informations, not entropies"),
                "choose another correction",
            ));
        }
    };
    Ok(nats / LN_2)
}

/// −Σ p ln p in nats.
pub(super) fn plugin(counts: &[u64]) -> f64 {
    let n = counts.iter().sum::<u64>() as f64;
    // ln n − Σ c ln c/n has one rounding per count.
    n.ln() - counts.iter().filter(|&&c| c > 1).map(|&c| c as f64 * (c as f64).ln()).sum::<f64>() / n
}

/// Grassberger 2003 in nats: ln n − Σ c G(c)/n, G(c) = ψ(c) + ½(−1)^c [ψ((c+1)/2) − ψ(c/2)].
fn grassberger(counts: &[u64]) -> f64 {
    let n = counts.iter().sum::<u64>() as f64;
    let g = |c: u64| {
        let (c, sign) = (c as f64, if c.is_multiple_of(2) { 1.0 } else { -1.0 });
        digamma(c) + 0.5 * sign * (digamma(0.5 * (c + 1.0)) - digamma(0.5 * c))
    };
    n.ln() - counts.iter().map(|&c| c as f64 * g(c)).sum::<f64>() / n
}

/// Chao & Shen 2003 in nats.
fn chao_shen(counts: &[u64]) -> f64 {
    let n = counts.iter().sum::<u64>() as f64;
    let once = counts.iter().filter(|&&c| c == 1).count() as f64;
    // If everything was seen once the coverage would be 0: pretend that one was seen twice.
    let coverage = 1.0 - once.min(n - 1.0) / n;
    let term = |&c: &u64| {
        let p = coverage * c as f64 / n;
        let seen = -(n * (-p).ln_1p()).exp_m1();
        -p * p.ln() / seen
    };
    counts.iter().map(term).sum()
}

/// The exact mean in bits of the plug-in entropy of n samples from a distribution.
pub fn expected_plugin_entropy(p: &[f64], n: usize) -> Result<f64> {
    checks::distribution("the distribution", p)?;
    checks::positive("the number of samples", n as f64)?;
    let one = |&p: &f64| -> f64 {
        let term = |k: usize| {
            let q = k as f64 / n as f64;
            -binomial_probability(k, n, p) * q * q.ln()
        };
        (1..n).map(term).sum()
    };
    Ok(p.iter().map(one).sum::<f64>() / LN_2)
}

/// The exact mean in bits of the plug-in information of n samples from a joint distribution; its difference from the
/// true information is the bias.
pub fn expected_plugin_information(joint: &DMatrix<f64>, n: usize) -> Result<f64> {
    let (row, column) = (joint.column_sum(), joint.row_sum());
    let x = expected_plugin_entropy(row.as_slice(), n)?;
    let y = expected_plugin_entropy(column.transpose().as_slice(), n)?;
    Ok(x + y - expected_plugin_entropy(joint.as_slice(), n)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};

    #[test]
    fn theory_c24_plugin_bias() {
        printed(expected_plugin_entropy(&[0.25; 4], 20).unwrap(), 1.885977024);
        printed(2.0 - 3.0 / (40.0 * LN_2), 1.891797872);
        let joint = DMatrix::from_fn(4, 4, |_, j| 0.25 * [0.4, 0.3, 0.2, 0.1][j]);
        printed(expected_plugin_information(&joint, 100).unwrap(), 0.07040758456);
        printed(9.0 / (200.0 * LN_2), 0.06492127684);
    }

    #[test]
    fn limit_all_corrections_vanish_with_many_samples() {
        let counts = [400_000, 300_000, 200_000, 100_000];
        let truth = plugin(&counts) / LN_2;
        for c in [Correction::MillerMadow, Correction::Grassberger, Correction::ChaoShen, Correction::Nsb] {
            close(entropy_estimate(&counts, c, 4).unwrap(), truth, 1e-5);
        }
    }

    #[test]
    fn theory_corrections_by_hand() {
        // Counts 1, 1, 2: plug-in 1.5 bits; Miller–Madow adds 2/(8 ln 2).
        let counts = [1, 1, 2];
        close(entropy_estimate(&counts, Correction::PlugIn, 3).unwrap(), 1.5, 1e-15);
        close(entropy_estimate(&counts, Correction::MillerMadow, 3).unwrap(), 1.5 + 0.25 / LN_2, 1e-15);
        // Grassberger's G(1) = −γ − ln 2 and G(2) = 2 − γ − ln 2.
        let g1 = -0.577_215_664_901_532_9 - LN_2;
        let want = (4f64.ln() - (2.0 * g1 + 2.0 * (g1 + 2.0)) / 4.0) / LN_2;
        close(entropy_estimate(&counts, Correction::Grassberger, 3).unwrap(), want, 1e-14);
        assert_eq!(entropy_estimate(&[7], Correction::ChaoShen, 1).unwrap(), 0.0);
        assert!(entropy_estimate(&[], Correction::PlugIn, 1).is_err());
        assert!(entropy_estimate(&[1, 1], Correction::Nsb, 1).is_err());
        assert!(entropy_estimate(&[1, 1], Correction::ShuffleSubtraction, 2).is_err());
    }
}
