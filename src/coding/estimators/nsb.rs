//! What is the entropy when the prior must not decide it?
//!
//! A Dirichlet prior with concentration β over K labels fixes the entropy to ξ(β) = ψ(Kβ + 1) − ψ(β + 1) almost surely.
//! Averaging over β with the weight dξ/dβ makes the prior flat in entropy; the evidence of the counts,
//! Γ(Kβ)/Γ(n + Kβ) Π Γ(c + β)/Γ(β), then chooses β. The integral runs over ln β, around the peak of its integrand.
//! Source: Nemenman, Shafee & Bialek 2002.

use super::digamma::{digamma, ln_gamma, trigamma};
use crate::field::{Error, Result};

/// The posterior mean entropy in nats of counts over `labels` possible labels.
pub(super) fn nsb_entropy(counts: &[u64], labels: usize) -> Result<f64> {
    if labels == 1 {
        return Ok(0.0);
    }
    let (n, k) = (counts.iter().sum::<u64>() as f64, labels as f64);
    // Equal counts are weighed together.
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let groups: Vec<(f64, f64)> = sorted.chunk_by(|a, b| a == b).map(|run| (run[0] as f64, run.len() as f64)).collect();
    let unseen = k - counts.len() as f64;
    let log_weight = |u: f64| {
        let b = u.exp();
        let evidence: f64 = groups.iter().map(|&(c, m)| m * (ln_gamma(c + b) - ln_gamma(b))).sum();
        // ln Γ(Kβ) − ln Γ(n + Kβ), and the flat prior in ξ with the measure β du.
        let slope = k * trigamma(k * b + 1.0) - trigamma(b + 1.0);
        evidence + ln_gamma(k * b) - ln_gamma(n + k * b) + slope.max(f64::MIN_POSITIVE).ln() + u
    };
    let mean_entropy = |u: f64| {
        let b = u.exp();
        let total = n + k * b;
        let seen: f64 = groups.iter().map(|&(c, m)| m * (c + b) * digamma(c + b + 1.0)).sum();
        digamma(total + 1.0) - (seen + unseen * b * digamma(b + 1.0)) / total
    };
    // The peak on a grid wide enough for any data, then the window where the weight is not negligible.
    let grid: Vec<f64> = (0..=240).map(|i| -30.0 + 0.2 * f64::from(i)).collect();
    let logs: Vec<f64> = grid.iter().map(|&u| log_weight(u)).collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let near = |l: &f64| *l > top - 45.0;
    let first = logs.iter().position(near).unwrap_or(0).saturating_sub(1);
    let last = (logs.iter().rposition(near).unwrap_or(grid.len() - 1) + 1).min(grid.len() - 1);
    let (lo, hi) = (grid[first], grid[last]);
    // The trapezoidal rule converges geometrically for such a peak and does not mind the noise of ln Γ.
    let mut previous = f64::NAN;
    for doubling in 0..8 {
        let points = 200 << doubling;
        let (mut norm, mut sum) = (0.0, 0.0);
        for i in 0..=points {
            let u = lo + (hi - lo) * f64::from(i) / f64::from(points);
            let weight = (log_weight(u) - top).exp();
            norm += weight;
            sum += weight * mean_entropy(u);
        }
        let mean = sum / norm;
        if (mean - previous).abs() <= 1e-10 * mean.max(1e-3) {
            return Ok(mean);
        }
        previous = mean;
    }
    Err(Error::NoConvergence { method: "NSB entropy", steps: 25_600, residual: f64::NAN, last: vec![previous] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn cross_nsb_values() {
        // mpmath 1.3.0, the same integral with 30 digits.
        close(nsb_entropy(&[4, 2, 3, 1], 10).unwrap(), 1.58516189789996, 1e-8);
        close(nsb_entropy(&[1, 1, 1, 1, 1], 100).unwrap(), 3.58927095920894, 1e-8);
        close(nsb_entropy(&[50, 30, 100, 20], 4).unwrap(), 1.21216985635596, 1e-8);
    }

    #[test]
    fn law_finite_for_any_counts() {
        for counts in [vec![1], vec![160], vec![20; 8], vec![1; 160], vec![100_000, 1, 1]] {
            for labels in [counts.len(), counts.len() + 1, 1000] {
                let h = nsb_entropy(&counts, labels).unwrap();
                assert!(h >= 0.0 && h <= (labels as f64).ln() + 1e-9, "{counts:?} {labels}: {h}");
            }
        }
    }
}
