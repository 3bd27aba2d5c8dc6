//! What do neuromodulators change in a code when they act as gains?
//!
//! Acetylcholine raises the feedforward gain g_f and lowers the recurrent one g_r, noradrenaline raises both:
//! I = ½ log₂(1 + g_f²σ_s²/(g_f²σ_i² + g_r²σ_r² + σ_o²)). A logistic unit y = 1/(1 + e^(−g(x ± d'/2))) + σ_o z read at ½
//! gains accuracy from its slope only because noise comes after it: without it the map is monotone and the accuracy is
//! Φ(d'/2) at every gain. Sources: Hasselmo 2006; Servan-Schreiber et al. 1990; Aston-Jones & Cohen 2005.
//!
//! ```
//! use homeostat::coding::regulation::ModulatedChannel;
//! let rest = ModulatedChannel { signal: 1.0, input_noise: 0.3, recurrent_noise: 0.8, output_noise: 0.5 };
//! assert!(rest.information(1.5, 0.5)? > rest.information(1.5, 1.5)?);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::information::{gaussian_rate, phi};
use crate::coding::quadrature::integrate;
use crate::field::Result;
use crate::num::Scalar;
use std::f64::consts::PI;

/// A linear channel with feedforward input, recurrent noise and output noise (standard deviations).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModulatedChannel {
    /// Standard deviation σ_s of the signal.
    pub signal: f64,
    /// Noise σ_i that arrives with the signal.
    pub input_noise: f64,
    /// Noise σ_r from the recurrent input.
    pub recurrent_noise: f64,
    /// Noise σ_o at the output.
    pub output_noise: f64,
}

impl ModulatedChannel {
    /// Bits at feedforward gain `gf` and recurrent gain `gr`.
    pub fn information(&self, gf: f64, gr: f64) -> Result<f64> {
        for x in [self.signal, self.input_noise, self.recurrent_noise, self.output_noise] {
            checks::not_negative("a standard deviation", x)?;
        }
        checks::not_negative("the feedforward gain", gf)?;
        checks::not_negative("the recurrent gain", gr)?;
        let noise = (gf * self.input_noise).powi(2) + (gr * self.recurrent_noise).powi(2) + self.output_noise.powi(2);
        gaussian_rate((gf * self.signal).powi(2) / checks::positive("the noise", noise)?)
    }
    /// The limit when both gains grow together, in bits.
    pub fn common_gain_limit(&self) -> Result<f64> {
        ModulatedChannel { output_noise: 0.0, ..*self }.information(1.0, 1.0)
    }
}

/// A logistic unit with noise at its output, told apart at threshold ½.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoisyLogisticUnit {
    /// d' of the input.
    pub dprime: f64,
    /// Output noise σ_o, in units of the largest response.
    pub output_noise: f64,
}

impl NoisyLogisticUnit {
    /// Fraction correct at gain g.
    pub fn accuracy(&self, gain: f64) -> Result<f64> {
        checks::finite("d'", self.dprime)?;
        checks::not_negative("the output noise", self.output_noise)?;
        checks::positive("the gain", gain)?;
        if self.output_noise == 0.0 {
            return self.bound();
        }
        let integrand = |z: f64| {
            let response = (gain * (z + 0.5 * self.dprime)).sigmoid();
            (-0.5 * z * z).exp() / (2.0 * PI).sqrt() * phi((response - 0.5) / self.output_noise)
        };
        Ok(integrate("the accuracy", integrand, -12.0, 12.0, 1e-13)?.value)
    }
    /// What no gain exceeds: Φ(d'/2).
    pub fn bound(&self) -> Result<f64> {
        Ok(phi(0.5 * checks::finite("d'", self.dprime)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{digits, printed};
    use proptest::prelude::*;

    const REST: ModulatedChannel =
        ModulatedChannel { signal: 1.0, input_noise: 0.3, recurrent_noise: 0.8, output_noise: 0.5 };

    #[test]
    fn theory_c29_modulators() {
        digits(REST.information(1.0, 1.0).unwrap(), 0.507323388, 9);
        printed(REST.information(1.5, 0.5).unwrap(), 1.112246972);
        printed(REST.information(1.5, 1.5).unwrap(), 0.5651041986);
        printed(REST.common_gain_limit().unwrap(), 0.6224018344);
    }

    #[test]
    fn theory_c29_logistic_unit() {
        let unit = NoisyLogisticUnit { dprime: 1.0, output_noise: 0.2 };
        printed(unit.accuracy(1.0).unwrap(), 0.6453364155);
        printed(unit.accuracy(4.0).unwrap(), 0.6843589427);
        printed(unit.bound().unwrap(), 0.6914624613);
        let silent = NoisyLogisticUnit { output_noise: 0.0, ..unit };
        assert_eq!(silent.accuracy(3.0).unwrap(), unit.bound().unwrap());
    }

    proptest! {
        #[test]
        fn law_c29_gain_before_late_noise_never_hurts(g in 0.1f64..6.0, d in 0.1f64..3.0, noise in 0.01f64..1.0) {
            let unit = NoisyLogisticUnit { dprime: d, output_noise: noise };
            let (a, b) = (unit.accuracy(g).unwrap(), unit.accuracy(1.2 * g).unwrap());
            prop_assert!(a <= b + 1e-12 && b <= unit.bound().unwrap() + 1e-12);
            prop_assert!(REST.information(g, 1.0).unwrap() <= REST.information(1.2 * g, 1.0).unwrap());
        }
    }
}
