//! What does scaling all weights by one factor do to the precision of a code?
//!
//! A unit with mean g f and variance g²f'²v_i + F g f + v_o has J(g) = g²f'²/(g²f'²v_i + F g f + v_o): output noise that
//! does not care about the signal makes J ∼ g², Poisson-like noise J ∼ g, input noise leaves 1/v_i whatever the gain.
//! With a power law V = φ meanᵅ the linear part goes as g^(2−α) and the part in the variance does not move at all.
//!
//! ```
//! use homeostat::coding::fisher::ScaledUnit;
//! let unit = ScaledUnit { mean: 10.0, slope: 4.0, input_variance: 0.04, fano: 1.0, output_variance: 25.0 };
//! assert!(unit.fisher(2.0)? > unit.fisher(1.0)? && unit.fisher(2.0)? < unit.limit()?);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::Result;

/// A unit with noise before its gain, noise that grows with its mean, and noise after it (counts in a window of 1 s).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledUnit {
    /// Mean f at gain 1.
    pub mean: f64,
    /// Slope f' at gain 1, per stimulus unit.
    pub slope: f64,
    /// Variance v_i of the input noise, in squared stimulus units.
    pub input_variance: f64,
    /// Fano factor F of the noise that grows with the mean.
    pub fano: f64,
    /// Variance v_o of the noise after the gain.
    pub output_variance: f64,
}

impl ScaledUnit {
    /// The linear Fisher information at gain g, per squared stimulus unit.
    pub fn fisher(&self, gain: f64) -> Result<f64> {
        checks::not_negative("the gain", gain)?;
        checks::not_negative("the mean", self.mean)?;
        checks::not_negative("the input variance", self.input_variance)?;
        checks::not_negative("the Fano factor", self.fano)?;
        checks::not_negative("the output variance", self.output_variance)?;
        let signal = (gain * checks::finite("the slope", self.slope)?).powi(2);
        if signal == 0.0 {
            return Ok(0.0);
        }
        let noise = signal * self.input_variance + self.fano * gain * self.mean + self.output_variance;
        Ok(signal / checks::positive("the noise", noise)?)
    }
    /// The least upper bound over all gains, 1/v_i; infinite without input noise.
    pub fn limit(&self) -> Result<f64> {
        Ok(1.0 / checks::not_negative("the input variance", self.input_variance)?)
    }
}

/// A unit whose variance is a power of its mean, V = φ meanᵅ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLawUnit {
    /// Mean f at gain 1.
    pub mean: f64,
    /// Slope f' at gain 1.
    pub slope: f64,
    /// Factor φ.
    pub phi: f64,
    /// Exponent α (1: Poisson-like).
    pub alpha: f64,
}

impl PowerLawUnit {
    /// The linear part f'²/V at gain g; it goes as g^(2−α).
    pub fn linear(&self, gain: f64) -> Result<f64> {
        let mean = checks::positive("the mean", gain * self.mean)?;
        let variance = checks::positive("φ", self.phi)? * mean.powf(checks::finite("α", self.alpha)?);
        Ok((gain * self.slope).powi(2) / variance)
    }
    /// The part ½(V'/V)² = ½(αf'/f)² that the change of variance tells; no gain changes it.
    pub fn from_variance(&self) -> Result<f64> {
        Ok(0.5 * (self.alpha * self.slope / checks::positive("the mean", self.mean)?).powi(2))
    }
    /// The whole Gaussian Fisher information at gain g.
    pub fn fisher(&self, gain: f64) -> Result<f64> {
        Ok(self.linear(gain)? + self.from_variance()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use proptest::prelude::*;

    const UNIT: ScaledUnit =
        ScaledUnit { mean: 10.0, slope: 4.0, input_variance: 0.04, fano: 1.0, output_variance: 25.0 };

    #[test]
    fn theory_c09_scaling() {
        printed(UNIT.fisher(0.5).unwrap(), 0.1326259947);
        printed(UNIT.fisher(1.0).unwrap(), 0.4489337823);
        printed(UNIT.fisher(2.0).unwrap(), 1.345668629);
        printed(UNIT.limit().unwrap(), 25.0);
        let power = PowerLawUnit { mean: 10.0, slope: 4.0, phi: 1.0, alpha: 1.5 };
        printed(power.fisher(1.0).unwrap(), 0.6859644256);
    }

    #[test]
    fn limit_c09_regimes() {
        let slope = |unit: ScaledUnit| (unit.fisher(1.01).unwrap() / unit.fisher(1.0).unwrap()).ln() / 1.01f64.ln();
        close(slope(ScaledUnit { input_variance: 0.0, fano: 0.0, ..UNIT }), 2.0, 1e-12);
        close(slope(ScaledUnit { input_variance: 0.0, output_variance: 0.0, ..UNIT }), 1.0, 1e-12);
        close(slope(ScaledUnit { fano: 0.0, output_variance: 0.0, ..UNIT }), 0.0, 1e-12);
        close(UNIT.fisher(1e9).unwrap(), 25.0, 1e-6);
    }

    proptest! {
        #[test]
        fn law_c09_slope_is_two_minus_alpha(alpha in 0.0f64..2.0, g in 0.1f64..10.0) {
            let unit = PowerLawUnit { mean: 10.0, slope: 4.0, phi: 0.7, alpha };
            let slope = (unit.linear(2.0 * g).unwrap() / unit.linear(g).unwrap()).log2();
            prop_assert!((slope - (2.0 - alpha)).abs() < 1e-12);
        }
        #[test]
        fn law_c09_gain_never_hurts(g in 0.0f64..100.0, factor in 1.0f64..3.0) {
            prop_assert!(UNIT.fisher(g * factor).unwrap() >= UNIT.fisher(g).unwrap());
        }
    }
}
