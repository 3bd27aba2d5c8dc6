//! Does scaling keep a memory where subtraction erases it, and how much longer does it live?
//!
//! Multiplying all weights keeps their correlation with the old ones at 1. Subtracting b from weights ~ Exp(1) and
//! clipping at 0 leaves the cosine e^(−b/2)(b+2)/2 and silences 1 − e^(−b). A decaying trace read through a gain,
//! y = G[S₀e^(−t/τ) + synaptic noise σ_i²(1 − e^(−2t/τ))] + σ_o z: homeostasis of the mean weight makes G = e^(t/τ), which
//! beats the readout's noise and not the synapses'. Sources: Turrigiano et al. 1998; Toyoizumi et al. 2014.
//!
//! ```
//! use homeostat::coding::memory::ScaledTrace;
//! let trace = ScaledTrace { strength: 10.0, synaptic_noise: 0.5, readout_noise: 1.0, tau: 100.0 };
//! assert!(trace.regulated_lifetime(1.0)? > 1.36 * trace.frozen_lifetime(1.0)?);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::{Error, Result};

/// A trace that decays, with noise in the synapses and at the readout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledTrace {
    /// Strength S₀ when just stored.
    pub strength: f64,
    /// Stationary standard deviation σ_i of the synaptic noise.
    pub synaptic_noise: f64,
    /// Standard deviation σ_o of the noise at the readout.
    pub readout_noise: f64,
    /// Decay time τ in s.
    pub tau: f64,
}

impl ScaledTrace {
    /// SNR at age t (s) with a frozen gain.
    pub fn frozen_snr(&self, t: f64) -> Result<f64> {
        self.snr(t, 1.0)
    }
    /// SNR at age t (s) with the gain that homeostasis of the mean weight gives, e^(t/τ).
    pub fn regulated_snr(&self, t: f64) -> Result<f64> {
        self.snr(t, (checks::not_negative("the age", t)? / self.tau).exp())
    }
    /// The age (s) at which the frozen SNR falls to `threshold`.
    pub fn frozen_lifetime(&self, threshold: f64) -> Result<f64> {
        let (s, i, o) = self.squares(threshold)?;
        Ok(0.5 * self.tau * ((s + i) / checks::positive("the noise", i + o)?).ln())
    }
    /// The age (s) at which the regulated SNR falls to `threshold`; infinite without synaptic noise.
    pub fn regulated_lifetime(&self, threshold: f64) -> Result<f64> {
        let (s, i, o) = self.squares(threshold)?;
        Ok(0.5 * self.tau * ((s + i - o) / i).ln())
    }
    fn snr(&self, t: f64, gain: f64) -> Result<f64> {
        self.squares(1.0)?;
        let left = (-checks::not_negative("the age", t)? / self.tau).exp();
        let synapses = self.synaptic_noise.powi(2) * (1.0 - left * left);
        let readout = (self.readout_noise / gain).powi(2);
        Ok(self.strength * left / checks::positive("the noise", synapses + readout)?.sqrt())
    }
    /// S₀² and the two noise variances times θ², if the trace starts above the threshold.
    fn squares(&self, threshold: f64) -> Result<(f64, f64, f64)> {
        checks::positive("the decay time", self.tau)?;
        checks::positive("the threshold", threshold)?;
        let s = checks::positive("the strength", self.strength)?.powi(2);
        let i = (threshold * checks::not_negative("the synaptic noise", self.synaptic_noise)?).powi(2);
        let o = (threshold * checks::not_negative("the readout noise", self.readout_noise)?).powi(2);
        if s < o {
            return Err(Error::domain("the trace", "is below the threshold from the start", "lower the threshold"));
        }
        Ok((s, i, o))
    }
}

/// Cosine of weights ~ Exp(1) with what subtracting b leaves of them.
pub fn subtraction_cosine(b: f64) -> Result<f64> {
    checks::not_negative("b", b)?;
    Ok((-0.5 * b).exp() * (b + 2.0) / 2.0)
}

/// Correlation of weights ~ Exp(1) with what subtracting b leaves of them.
pub fn subtraction_correlation(b: f64) -> Result<f64> {
    checks::not_negative("b", b)?;
    // e^(−b)(1+b)/√(2e^(−b) − e^(−2b)), divided through by e^(−b) so that nothing underflows.
    Ok((1.0 + b) * (-0.5 * b).exp() / (2.0 - (-b).exp()).sqrt())
}

/// The fraction of weights ~ Exp(1) that subtracting b silences.
pub fn subtraction_silenced(b: f64) -> Result<f64> {
    Ok(-(-checks::not_negative("b", b)?).exp_m1())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use crate::coding::quadrature::integrate;

    const TRACE: ScaledTrace = ScaledTrace { strength: 10.0, synaptic_noise: 0.5, readout_noise: 1.0, tau: 100.0 };

    #[test]
    fn theory_c15_scaling_and_subtraction() {
        printed(subtraction_cosine(0.5).unwrap(), 0.9735009788);
        printed(subtraction_correlation(0.5).unwrap(), 0.989621062);
        printed(subtraction_silenced(0.5).unwrap(), 0.3934693403);
        let (frozen, regulated) = (TRACE.frozen_lifetime(1.0).unwrap(), TRACE.regulated_lifetime(1.0).unwrap());
        printed(frozen, 219.2261757);
        printed(regulated, 299.196814);
        printed(regulated / frozen, 1.364785993);
        printed(TRACE.frozen_snr(60.0).unwrap(), 5.063601956);
        printed(TRACE.regulated_snr(60.0).unwrap(), 7.955499252);
        close(TRACE.frozen_snr(frozen).unwrap(), 1.0, 1e-13);
        close(TRACE.regulated_snr(regulated).unwrap(), 1.0, 1e-13);
    }

    #[test]
    fn theory_c15_moments_by_quadrature() {
        let b = 0.8;
        let mean =
            |f: &dyn Fn(f64) -> f64| integrate("f", |w| (-w).exp() * f(w), b, f64::INFINITY, 1e-13).unwrap().value;
        let (cross, square, first) = (mean(&|w| w * (w - b)), mean(&|w| (w - b).powi(2)), mean(&|w| w - b));
        close(subtraction_cosine(b).unwrap(), cross / (2.0 * square).sqrt(), 1e-11);
        close(subtraction_correlation(b).unwrap(), (cross - first) / (square - first * first).sqrt(), 1e-11);
    }

    #[test]
    fn limit_c15_no_synaptic_noise_is_forever() {
        let clean = ScaledTrace { synaptic_noise: 0.0, ..TRACE };
        assert_eq!(clean.regulated_lifetime(1.0).unwrap(), f64::INFINITY);
        assert!(TRACE.frozen_lifetime(20.0).is_err());
    }
}
