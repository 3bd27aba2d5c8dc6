//! What does a linear channel with Gaussian noise before and after its gain carry?
//!
//! One unit: y = g(s + ξ) + η gives I = ½ log₂(1 + g²σ_s²/(g²σ_ξ² + σ_η²)). A population y = aW(s + ξ) + η gives
//! ½ log₂ det(1 + (a²WΣ_ξWᵀ + Σ_η)⁻¹ a²WΣ_sWᵀ). Noise before the gain cannot be undone by it; noise after it can.
//! Sources: Shannon 1948; van Hateren 1992.
//!
//! ```
//! use homeostat::coding::information::GaussianChannel;
//! let unit = GaussianChannel { gain: 1.0, signal: 1.0, input_noise: 0.5, output_noise: 1.0 };
//! assert!(unit.information()? < unit.limit()?);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::DMatrix;

/// ½ log₂(1 + snr): the information of one Gaussian variable seen with the signal-to-noise (variance) ratio `snr`.
pub fn gaussian_rate(snr: f64) -> Result<f64> {
    checks::not_negative("the signal-to-noise ratio", snr)?;
    Ok(0.5 * snr.ln_1p() / std::f64::consts::LN_2)
}

/// One linear unit y = gain·(s + ξ) + η; all widths are standard deviations in the unit of the input (η: of the output).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianChannel {
    /// Gain g.
    pub gain: f64,
    /// Standard deviation of the signal.
    pub signal: f64,
    /// Standard deviation of the noise before the gain.
    pub input_noise: f64,
    /// Standard deviation of the noise after the gain.
    pub output_noise: f64,
}

impl GaussianChannel {
    /// I(s; y) in bits.
    pub fn information(&self) -> Result<f64> {
        checks::finite("the gain", self.gain)?;
        for (what, x) in self.widths() {
            checks::not_negative(what, x)?;
        }
        let signal = (self.gain * self.signal).powi(2);
        let noise = (self.gain * self.input_noise).powi(2) + self.output_noise.powi(2);
        match (signal > 0.0, noise > 0.0) {
            (false, _) => Ok(0.0),
            (true, true) => gaussian_rate(signal / noise),
            (true, false) => Err(no_noise()),
        }
    }
    /// The least upper bound of the information over all gains, ½ log₂(1 + σ_s²/σ_ξ²), in bits.
    pub fn limit(&self) -> Result<f64> {
        if self.input_noise == 0.0 && self.signal > 0.0 {
            return Err(no_noise());
        }
        GaussianChannel { gain: 1.0, output_noise: 0.0, ..*self }.information()
    }
    /// The same unit when its whole input (signal and input noise) is scaled by q, the gain frozen.
    pub fn driven(&self, q: f64) -> Self {
        GaussianChannel { signal: self.signal * q, input_noise: self.input_noise * q, ..*self }
    }
    /// The same unit after homeostasis of the driven variance: g²(σ_s² + σ_ξ²) = `variance`.
    pub fn regulated(&self, variance: f64) -> Result<Self> {
        checks::not_negative("the variance set point", variance)?;
        let input = checks::positive("the input variance", self.signal.powi(2) + self.input_noise.powi(2))?;
        Ok(GaussianChannel { gain: (variance / input).sqrt(), ..*self })
    }
    fn widths(&self) -> [(&'static str, f64); 3] {
        [
            ("the signal's standard deviation", self.signal),
            ("the input noise", self.input_noise),
            ("the output noise", self.output_noise),
        ]
    }
}

fn no_noise() -> Error {
    Error::domain("the information", "there is no noise: it is infinite", "give the noise that limits the channel")
}

/// A linear population y = gain·W(s + ξ) + η.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianPopulation {
    /// Weights W, outputs × inputs.
    pub weights: DMatrix<f64>,
    /// Covariance of the signal s.
    pub signal: DMatrix<f64>,
    /// Covariance of the input noise ξ.
    pub input_noise: DMatrix<f64>,
    /// Covariance of the output noise η, positive definite.
    pub output_noise: DMatrix<f64>,
}

impl GaussianPopulation {
    /// I(s; y) in bits at a common gain.
    pub fn information(&self, gain: f64) -> Result<f64> {
        checks::finite("the gain", gain)?;
        let w = &self.weights;
        checks::same_length("weights and signal", w.ncols(), self.signal.nrows())?;
        checks::same_length("weights and input noise", w.ncols(), self.input_noise.nrows())?;
        checks::same_length("weights and output noise", w.nrows(), self.output_noise.nrows())?;
        checks::symmetric("the signal covariance", &self.signal)?;
        checks::symmetric("the input noise covariance", &self.input_noise)?;
        let noise = w * &self.input_noise * w.transpose() * (gain * gain) + &self.output_noise;
        let total = w * &self.signal * w.transpose() * (gain * gain) + &noise;
        let noise = checks::covariance("the noise covariance", &noise)?;
        let total = checks::covariance("the response covariance", &total)?;
        Ok(((checks::ln_det(&total) - checks::ln_det(&noise)) * 0.5 / std::f64::consts::LN_2).max(0.0))
    }
    /// The limit of a large gain for weights of full column rank: ½ log₂ det(1 + Σ_sΣ_ξ⁻¹), in bits.
    pub fn limit(&self) -> Result<f64> {
        let (inputs, outputs) = (self.weights.ncols(), self.weights.nrows());
        if self.weights.rank(1e-10 * self.weights.amax()) < inputs {
            return Err(Error::domain(
                "the weights",
                format!("{outputs} × {inputs} without full column rank"),
                "give independent columns",
            ));
        }
        let noise = checks::covariance("the input noise covariance", &self.input_noise)?;
        let total = checks::covariance("the input covariance", &(&self.signal + &self.input_noise))?;
        Ok((checks::ln_det(&total) - checks::ln_det(&noise)) * 0.5 / std::f64::consts::LN_2)
    }
}

/// I(X;Y) in bits of jointly Gaussian variables: the first `split` rows of the covariance are X, the others Y.
pub fn gaussian_information(covariance: &DMatrix<f64>, split: usize) -> Result<f64> {
    let n = covariance.nrows();
    if split == 0 || split >= n {
        return Err(Error::usage(format!("{split} of {n} variables on one side"), "both sides need a variable"));
    }
    let all = checks::covariance("the joint covariance", covariance)?;
    let x = checks::covariance("the covariance of X", &covariance.view((0, 0), (split, split)).into_owned())?;
    let rest = n - split;
    let y = checks::covariance("the covariance of Y", &covariance.view((split, split), (rest, rest)).into_owned())?;
    let nats = 0.5 * (checks::ln_det(&x) + checks::ln_det(&y) - checks::ln_det(&all));
    Ok((nats / std::f64::consts::LN_2).max(0.0))
}

/// I(X;Y|Z) in bits of jointly Gaussian variables: `x` rows of X, then `y` rows of Y, the others Z.
pub fn gaussian_conditional_information(covariance: &DMatrix<f64>, x: usize, y: usize) -> Result<f64> {
    let n = covariance.nrows();
    if x == 0 || y == 0 || x + y >= n {
        return Err(Error::usage(format!("{x} + {y} of {n} variables"), "X, Y and Z each need a variable"));
    }
    let part = |rows: &[usize]| {
        let c = DMatrix::from_fn(rows.len(), rows.len(), |i, j| covariance[(rows[i], rows[j])]);
        Ok::<f64, Error>(checks::ln_det(&checks::covariance("a part of the covariance", &c)?))
    };
    let (xs, ys, zs): (Vec<usize>, Vec<usize>, Vec<usize>) =
        ((0..x).collect(), (x..x + y).collect(), (x + y..n).collect());
    let with = |a: &[usize]| [a, &zs].concat();
    let all: Vec<usize> = (0..n).collect();
    let nats = 0.5 * (part(&with(&xs))? + part(&with(&ys))? - part(&zs)? - part(&all)?);
    Ok((nats / std::f64::consts::LN_2).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use proptest::prelude::*;

    const UNIT: GaussianChannel = GaussianChannel { gain: 1.0, signal: 1.0, input_noise: 0.5, output_noise: 1.0 };

    #[test]
    fn theory_c01_gain_change() {
        printed(UNIT.information().unwrap(), 0.4239984533);
        printed(UNIT.limit().unwrap(), 1.160964047);
        let frozen = UNIT.driven(0.25);
        printed(frozen.information().unwrap(), 0.04307832187);
        printed(frozen.regulated(1.25).unwrap().information().unwrap(), 0.4239984533);
        let weak = GaussianChannel { signal: 0.25, ..UNIT };
        printed(weak.information().unwrap(), 0.03519466395);
        let restored = weak.regulated(1.25).unwrap();
        close(restored.gain, 2.0, 1e-15);
        printed(restored.information().unwrap(), 0.08496250072);
        let (all, lost) = (UNIT.information().unwrap(), weak.information().unwrap());
        printed((restored.information().unwrap() - lost) / (all - lost), 0.1280024479);
    }

    #[test]
    fn limit_c01_large_gain() {
        let loud = GaussianChannel { gain: 1e6, ..UNIT };
        close(loud.information().unwrap(), UNIT.limit().unwrap(), 1e-10);
        let weights = DMatrix::from_row_slice(3, 2, &[1.0, 0.2, -0.3, 0.9, 0.4, 0.4]);
        let population = GaussianPopulation {
            weights,
            signal: DMatrix::from_row_slice(2, 2, &[1.0, 0.3, 0.3, 2.0]),
            input_noise: DMatrix::from_row_slice(2, 2, &[0.2, 0.05, 0.05, 0.1]),
            output_noise: DMatrix::identity(3, 3),
        };
        close(population.information(1e4).unwrap(), population.limit().unwrap(), 1e-5);
        assert_eq!(population.information(0.0).unwrap(), 0.0);
    }

    #[test]
    fn law_c01_joint_covariance_says_the_same() {
        let (s, y) = (1.0, 1.0 + 0.25 + 1.0);
        let joint = DMatrix::from_row_slice(2, 2, &[s, 1.0, 1.0, y]);
        close(gaussian_information(&joint, 1).unwrap(), UNIT.information().unwrap(), 1e-14);
    }

    #[test]
    fn law_no_noise_is_infinite_and_said() {
        let clean = GaussianChannel { input_noise: 0.0, output_noise: 0.0, ..UNIT };
        assert!(clean.information().unwrap_err().to_string().contains("infinite"));
        let itself = DMatrix::from_element(2, 2, 1.0);
        assert!(matches!(gaussian_information(&itself, 1), Err(Error::Singular { .. })));
        assert!(GaussianChannel { signal: f64::NAN, ..UNIT }.information().is_err());
    }

    proptest! {
        #[test]
        fn law_c01_drive_and_inverse_gain_cancel(q in 0.05f64..20.0, g in 0.1f64..10.0, si in 0.0f64..2.0, so in 0.1f64..2.0) {
            let unit = GaussianChannel { gain: g, signal: 1.0, input_noise: si, output_noise: so };
            let undone = GaussianChannel { gain: g / q, ..unit.driven(q) };
            prop_assert!((unit.information().unwrap() - undone.information().unwrap()).abs() < 1e-13);
            // More gain never hurts.
            let more = GaussianChannel { gain: 1.1 * g, ..unit };
            prop_assert!(more.information().unwrap() >= unit.information().unwrap() - 1e-15);
        }

        #[test]
        fn law_conditional_of_independent_z_is_plain(rho in -0.95f64..0.95) {
            let c = DMatrix::from_row_slice(3, 3, &[1.0, rho, 0.0, rho, 1.0, 0.0, 0.0, 0.0, 2.0]);
            let plain = -0.5 * (1.0 - rho * rho).log2();
            prop_assert!((gaussian_conditional_information(&c, 1, 1).unwrap() - plain).abs() < 1e-13);
        }
    }
}
