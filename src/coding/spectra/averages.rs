//! What can K independent averages show?
//!
//! A spectrum of K averages is χ² with 2K degrees of freedom. Its coherence with true value γ² is Beta(J + 1, K − 1)
//! with J negative-binomial(K, γ²) (Goodman 1957), which gives its exact mean, spread and quantiles. For no coherence:
//! mean 1/K, variance (K − 1)/K²(K + 1), exceeded with probability p at 1 − p^{1/(K−1)}. Whatever the coherence,
//! E[−ln(1 − estimate)] = −ln(1 − γ²) + 1/(K − 1): the spurious information is the same in every bin.
//!
//! ```
//! use homeostat::coding::spectra::Averages;
//! let ten = Averages::new(10.0)?;
//! assert!((ten.significance_level(0.05)? - 0.2831288356).abs() < 1e-10);
//! assert!((ten.spurious_bits() - 0.160299449).abs() < 1e-9);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::root;
use crate::coding::resampling::{Confidence, inside};
use crate::field::{Error, Result};
use crate::num::special::ln_gamma;
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::f64::consts::LN_2;

/// The number K of independent averages behind a spectrum; half its degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Averages(f64);

/// Above this coherence the leading order is used: it is right to (1 − γ²)² there.
const NEAR_ONE: f64 = 0.9995;

impl Averages {
    /// K averages, a finite number of 1 or more (not necessarily whole).
    pub fn new(k: f64) -> Result<Self> {
        if k.is_finite() && k >= 1.0 - 1e-9 {
            return Ok(Averages(k.max(1.0)));
        }
        Err(Error::domain("the number of averages", format!("is {k}"), "take longer data or more tapers"))
    }
    /// Those of K segments that overlap by half, each under Hann's periodic window: relative variance
    /// (1/K)(1 + 2 (K − 1)/K ρ²), ρ = 1/6 (Welch 1967).
    pub fn welch(segments: usize) -> Result<Self> {
        let k = segments as f64;
        Averages::new(k / (1.0 + 2.0 * (k - 1.0) / k / 36.0))
    }
    /// K.
    pub fn count(self) -> f64 {
        self.0
    }
    /// The degrees of freedom 2K of a spectrum.
    pub fn degrees(self) -> f64 {
        2.0 * self.0
    }
    /// The variance of a spectrum over its squared mean, 1/K.
    pub fn relative_variance(self) -> f64 {
        1.0 / self.0
    }
    /// The interval for a spectrum that was found to be `power`: 2K S/χ².
    pub fn power_interval(self, power: f64, level: f64) -> Result<Confidence> {
        let tail = 0.5 * (1.0 - inside(level)?);
        checks::not_negative("a power", power)?;
        let chi = ChiSquared::new(self.degrees())
            .map_err(|e| Error::domain("the degrees of freedom", e.to_string(), "take more averages"))?;
        let scale = self.degrees() * power;
        Ok(Confidence { low: scale / chi.inverse_cdf(1.0 - tail), high: scale / chi.inverse_cdf(tail), level })
    }
    /// The coherence that none exceeds with probability `p`; 1 with a single average, which shows nothing.
    pub fn significance_level(self, p: f64) -> Result<f64> {
        let p = inside(p)?;
        Ok(if self.0 <= 1.0 { 1.0 } else { 1.0 - p.powf(1.0 / (self.0 - 1.0)) })
    }
    /// The probability that no coherence gives an estimate of `found` or more.
    pub fn coherence_p(self, found: f64) -> Result<f64> {
        let found = checks::within("a coherence", found, 0.0, 1.0)?;
        Ok((1.0 - found).powf(self.0 - 1.0))
    }
    /// Mean and variance of the estimate when the coherence is `truth`. Exact below 0.9995.
    pub fn coherence_moments(self, truth: f64) -> Result<(f64, f64)> {
        let g = checks::within("a coherence", truth, 0.0, 1.0)?;
        let k = self.0;
        if g > NEAR_ONE {
            return Ok((g + (1.0 - g).powi(2) / k, 2.0 * g * (1.0 - g).powi(2) / k));
        }
        let mean = self.over(g, |j| (j + 1.0) / (j + k));
        let square = self.over(g, |j| (j + 1.0) * (j + 2.0) / ((j + k) * (j + k + 1.0)));
        Ok((mean, (square - mean * mean).max(0.0)))
    }
    /// The coherence whose estimates have the mean `found`; 0 if even no coherence has a larger one.
    pub fn unbiased_coherence(self, found: f64) -> Result<f64> {
        let found = checks::within("a coherence", found, 0.0, 1.0)?;
        if self.0 <= 1.0 {
            return Err(Error::domain("a coherence", "one average is always coherent", "take more averages"));
        }
        if found <= 1.0 / self.0 {
            return Ok(0.0);
        }
        // The mean grows with the truth from 1/K to 1; `found` itself has a larger mean.
        let off = |g: f64| self.coherence_moments(g).map_or(f64::NAN, |m| m.0 - found);
        if found > NEAR_ONE { Ok(found - (1.0 - found).powi(2) / self.0) } else { root("coherence", off, 0.0, found) }
    }
    /// The interval of coherences for which an estimate of `found` is not unusual, from the exact distribution.
    pub fn coherence_interval(self, found: f64, level: f64) -> Result<Confidence> {
        let tail = 0.5 * (1.0 - inside(level)?);
        let found = checks::within("a coherence", found, 0.0, 1.0)?;
        if self.0 <= 1.0 || found >= 1.0 {
            return Ok(Confidence { low: if self.0 <= 1.0 { 0.0 } else { found }, high: 1.0, level });
        }
        // Larger truths make estimates below `found` rarer.
        let end = |p: f64| -> Result<f64> {
            let off = |g: f64| self.coherence_cdf(g, found) - p;
            if off(0.0) <= 0.0 {
                return Ok(0.0);
            }
            // Step towards 1 until the end is bracketed.
            let (mut lo, mut hi) = (0.0, found.min(NEAR_ONE));
            while off(hi) >= 0.0 {
                if hi >= NEAR_ONE {
                    return Ok(1.0);
                }
                (lo, hi) = (hi, (1.0 - 0.25 * (1.0 - hi)).min(NEAR_ONE));
            }
            root("coherence interval", off, lo, hi)
        };
        Ok(Confidence { low: end(1.0 - tail)?, high: end(tail)?, level })
    }
    /// The probability of an estimate below `found` when the coherence is `truth` (at most 0.9995).
    fn coherence_cdf(self, truth: f64, found: f64) -> f64 {
        // I_c(j + 2, K − 1) = I_c(j + 1, K − 1) − t_j, t_j = t_{j−1} c (j + K − 1)/(j + 1), t_0 = (K − 1) c (1 − c)^{K−1}.
        let (k, c) = (self.0, found);
        let mut below = 1.0 - (1.0 - c).powf(k - 1.0);
        let mut term = (k - 1.0) * c * (1.0 - c).powf(k - 1.0);
        let mut place = 0;
        self.over(truth, |j| {
            while place < j as usize {
                below = (below - term).max(0.0);
                place += 1;
                let a = place as f64;
                term *= c * (a + k - 1.0) / (a + 1.0);
            }
            below
        })
    }
    /// 1/((K − 1) ln 2): what K averages add to −log₂(1 − coherence) on average, in bits.
    pub fn spurious_bits(self) -> f64 {
        1.0 / ((self.0 - 1.0) * LN_2)
    }
    /// The mean of f(J) over the negative binomial distribution of J.
    fn over(self, g: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
        let k = self.0;
        if g == 0.0 {
            return f(0.0);
        }
        let (mean, sd) = (k * g / (1.0 - g), (k * g).sqrt() / (1.0 - g));
        // The upper tail falls off like gʲ.
        let (first, last) = ((mean - 9.0 * sd).max(0.0) as usize, (mean + 30.0 + 8.0 * sd + 45.0 / (1.0 - g)) as usize);
        let start = first as f64;
        let log = ln_gamma(k + start) - ln_gamma(k) - ln_gamma(start + 1.0) + start * g.ln() + k * (-g).ln_1p();
        let (mut weight, mut norm, mut sum) = (log.exp(), 0.0, 0.0);
        for j in first..=last {
            let j = j as f64;
            norm += weight;
            sum += weight * f(j);
            weight *= g * (k + j) / (j + 1.0);
        }
        sum / norm
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use crate::num::Stream;
    use nalgebra::Complex;

    #[test]
    fn theory_c23_no_coherence() {
        let ten = Averages::new(10.0).unwrap();
        let (mean, variance) = ten.coherence_moments(0.0).unwrap();
        printed(mean, 0.1);
        printed(variance, 0.008181818182);
        printed(ten.significance_level(0.05).unwrap(), 0.2831288356);
        printed(ten.spurious_bits(), 0.160299449);
        close(ten.coherence_p(0.2831288356).unwrap(), 0.05, 1e-9);
        let welch = Averages::welch(15).unwrap();
        printed(welch.relative_variance(), 0.07012345679);
        printed(welch.degrees(), 28.52112676);
    }

    #[test]
    fn theory_c23_any_coherence() {
        // K = 8 averages of two complex normal numbers with coherence 0.5: mean, variance, and the constant bias of
        // −ln(1 − c), each within 4.5 standard errors of 10 000 draws.
        let (k, truth, runs) = (8, 0.5f64, 10_000);
        let mut draws = Stream::new(4, &[]);
        let mut normal = || Complex::new(draws.normal(), draws.normal());
        let mut found = Vec::new();
        for _ in 0..runs {
            let (mut xx, mut yy, mut xy) = (0.0, 0.0, Complex::new(0.0, 0.0));
            for _ in 0..k {
                let (x, noise) = (normal(), normal());
                let y = x * truth.sqrt() + noise * (1.0 - truth).sqrt();
                xx += x.norm_sqr();
                yy += y.norm_sqr();
                xy += x * y.conj();
            }
            found.push(xy.norm_sqr() / (xx * yy));
        }
        let eight = Averages::new(8.0).unwrap();
        let n = f64::from(runs);
        let (mean, variance) = eight.coherence_moments(truth).unwrap();
        let average = found.iter().sum::<f64>() / n;
        assert!((average - mean).abs() < 4.5 * (variance / n).sqrt(), "{average} {mean}");
        let spread = found.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n;
        assert!((spread / variance - 1.0).abs() < 0.07, "{spread} {variance}");
        let bits = found.iter().map(|c| -(1.0 - c).ln()).sum::<f64>() / n;
        assert!((bits - 2f64.ln() - 1.0 / 7.0).abs() < 4.5 * 0.5 / n.sqrt(), "{bits}");
        let sample: Vec<f64> = found.iter().copied().take(400).collect();
        let inside = sample.iter().filter(|c| eight.coherence_interval(**c, 0.9).unwrap().contains(truth)).count();
        assert!((inside as f64 - 360.0).abs() < 4.5 * 36f64.sqrt(), "{inside}");
    }

    #[test]
    fn cross_coherence_distribution() {
        // mpmath 1.3.0: quadrature of (K − 1)(1 − g)^K (1 − c)^{K−2} ₂F₁(K, K; 1; g c) from 0 to c.
        for (k, g, c, want) in [
            (8.0, 0.5, 0.4, 0.20985787094105038),
            (3.0, 0.9, 0.95, 0.6028155711803367),
            (20.0, 0.05, 0.1, 0.6077379134910132),
        ] {
            close(Averages::new(k).unwrap().coherence_cdf(g, c), want, 1e-11);
        }
    }

    #[test]
    fn law_unbiasing_inverts_the_mean() {
        for k in [2.0, 7.5, 40.0] {
            let a = Averages::new(k).unwrap();
            for truth in [0.0, 0.02, 0.3, 0.9, 0.99] {
                let (mean, _) = a.coherence_moments(truth).unwrap();
                close(a.unbiased_coherence(mean).unwrap(), truth, 1e-9);
            }
            assert_eq!(a.unbiased_coherence(0.5 / k).unwrap(), 0.0);
        }
    }

    #[test]
    fn cross_power_interval() {
        // scipy 1.17.1: chi2.ppf(0.975, 30), chi2.ppf(0.025, 30) = 46.979242243671, 16.790772265566.
        let got = Averages::new(15.0).unwrap().power_interval(2.0, 0.95).unwrap();
        close(got.low, 60.0 / 46.979_242_243_671, 1e-10);
        close(got.high, 60.0 / 16.790_772_265_566, 1e-10);
    }

    #[test]
    fn law_bad_requests_are_refused() {
        assert!(Averages::new(0.5).is_err() && Averages::new(f64::NAN).is_err() && Averages::welch(0).is_err());
        let one = Averages::new(1.0).unwrap();
        assert!(one.unbiased_coherence(0.5).is_err() && one.significance_level(0.05).unwrap() == 1.0);
        assert!(Averages::new(4.0).unwrap().coherence_moments(1.2).is_err());
    }
}
