//! Does a code stay readable while arousal moves its gain?
//!
//! Two stimuli project to c·m_i + N(0, 1), m = M ∓ d'/2, and are read with the threshold M learned at c = 1. Frozen:
//! P(c) = ½[Φ(cd'/2 + (c−1)M) + Φ(cd'/2 − (c−1)M)]. Dividing by c repairs the threshold; it repairs the signal-to-noise
//! ratio only if the noise comes before the gain. A shared gain that fluctuates, Σ = S + σ_c²ff', costs
//! σ_c²(f'ᵀS⁻¹f)²/(1 + σ_c²fᵀS⁻¹f), which is nothing when total activity does not depend on the stimulus.
//! Sources: Carandini & Heeger 2012; Goris et al. 2014; Ecker et al. 2011.
//!
//! ```
//! use homeostat::coding::fisher::Context;
//! let code = Context { dprime: 2.0, mean: 3.0 };
//! assert!(code.frozen(0.5)? < code.normalised_late(0.5)? && code.normalised_late(0.5)? < code.normalised_early()?);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::information::phi;
use crate::field::Result;
use nalgebra::DMatrix;

/// Two stimuli read through a gain that depends on context.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Context {
    /// d' at gain 1.
    pub dprime: f64,
    /// The mean M of the two projections, where the threshold is.
    pub mean: f64,
}

impl Context {
    /// Fraction correct at gain c with the frozen threshold, noise after the gain.
    pub fn frozen(&self, c: f64) -> Result<f64> {
        let (half, shift) = self.parts(c)?;
        Ok(0.5 * (phi(c * half + shift) + phi(c * half - shift)))
    }
    /// Fraction correct after division by c, noise before the gain: Φ(d'/2), whatever c.
    pub fn normalised_early(&self) -> Result<f64> {
        Ok(phi(checks::finite("d'", self.dprime)? / 2.0))
    }
    /// Fraction correct at gain c after division by c, noise after the gain: Φ(cd'/2).
    pub fn normalised_late(&self, c: f64) -> Result<f64> {
        let (half, _) = self.parts(c)?;
        Ok(phi(c * half))
    }
    /// [`frozen`](Context::frozen) averaged over gains c ~ N(1, `sd`²).
    pub fn frozen_average(&self, sd: f64) -> Result<f64> {
        checks::not_negative("the spread of the gain", sd)?;
        let (half, _) = self.parts(1.0)?;
        let one = |m: f64| phi(half / (1.0 + (sd * m).powi(2)).sqrt());
        Ok(0.5 * (one(self.mean - half) + one(self.mean + half)))
    }
    /// [`normalised_late`](Context::normalised_late) averaged over gains c ~ N(1, `sd`²).
    pub fn normalised_late_average(&self, sd: f64) -> Result<f64> {
        checks::not_negative("the spread of the gain", sd)?;
        let (half, _) = self.parts(1.0)?;
        Ok(phi(half / (1.0 + (sd * half).powi(2)).sqrt()))
    }
    fn parts(&self, c: f64) -> Result<(f64, f64)> {
        checks::finite("the gain", c)?;
        checks::finite("d'", self.dprime)?;
        Ok((self.dprime / 2.0, (c - 1.0) * checks::finite("the mean projection", self.mean)?))
    }
}

/// Linear Fisher information with shared gain noise of variance `gain_variance`, for any private covariance S.
pub fn shared_gain_fisher(rates: &[f64], slopes: &[f64], private: &DMatrix<f64>, gain_variance: f64) -> Result<f64> {
    checks::same_length("rates and slopes", rates.len(), slopes.len())?;
    checks::same_length("rates and covariance", rates.len(), private.nrows())?;
    checks::all_finite("the rates", rates)?;
    checks::all_finite("the slopes", slopes)?;
    checks::not_negative("the gain variance", gain_variance)?;
    let factor = checks::covariance("the private covariance", private)?;
    let (j0, mixed) = (checks::inner(&factor, slopes, slopes), checks::inner(&factor, slopes, rates));
    Ok(j0 - gain_variance * mixed * mixed / (1.0 + gain_variance * checks::inner(&factor, rates, rates)))
}

/// What shared gain noise costs independent Poisson-like units in a window of 1 s: σ_c²(Σf')²/(1 + σ_c²Σf).
/// It is 0 when the total activity does not change with the stimulus.
pub fn shared_gain_loss(rates: &[f64], slopes: &[f64], gain_variance: f64) -> Result<f64> {
    checks::same_length("rates and slopes", rates.len(), slopes.len())?;
    for &rate in rates {
        checks::not_negative("a rate", rate)?;
    }
    checks::all_finite("the slopes", slopes)?;
    checks::not_negative("the gain variance", gain_variance)?;
    let total: f64 = slopes.iter().sum();
    Ok(gain_variance * total * total / (1.0 + gain_variance * rates.iter().sum::<f64>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::fisher::{VonMises, poisson_fisher};
    use crate::coding::ledger::{close, printed};
    use nalgebra::DVector;
    use proptest::prelude::*;

    const CODE: Context = Context { dprime: 2.0, mean: 3.0 };

    #[test]
    fn theory_c10_contexts() {
        for (c, p) in [(0.5, 0.567952561), (0.8, 0.7492515251), (1.0, 0.8413447461), (1.5, 0.749325051)] {
            printed(CODE.frozen(c).unwrap(), p);
        }
        for (c, p) in [(0.5, 0.6914624613), (0.8, 0.7881446014), (1.5, 0.9331927987)] {
            printed(CODE.normalised_late(c).unwrap(), p);
        }
        printed(CODE.frozen_average(0.2).unwrap(), 0.802989997);
        printed(CODE.normalised_early().unwrap(), 0.8413447461);
        printed(CODE.normalised_late_average(0.2).unwrap(), 0.8366002162);
    }

    #[test]
    fn theory_c10_shared_gain() {
        let code = VonMises::tiled(32, 20.0, 2.0, 1.0);
        let (rates, slopes) = (code.rates(0.3), code.slopes(0.3));
        let j0 = poisson_fisher(&rates, &slopes, 1.0).unwrap();
        printed(j0, 231.1651175);
        // Even tiling keeps total activity constant: the noise costs nothing.
        assert!(shared_gain_loss(&rates, &slopes, 0.05).unwrap() < 1e-9);
        let (rates, slopes) = (&rates[..20], &slopes[..20]);
        let j0 = poisson_fisher(rates, slopes, 1.0).unwrap();
        printed(j0, 122.4807234);
        printed(j0 - shared_gain_loss(rates, slopes, 0.05).unwrap(), 81.79728436);
        let private = DMatrix::from_diagonal(&DVector::from_column_slice(rates));
        printed(shared_gain_fisher(rates, slopes, &private, 0.05).unwrap(), 81.79728436);
    }

    proptest! {
        #[test]
        fn law_c10_frozen_is_never_better(c in 0.01f64..3.0, mean in -5.0f64..5.0, d in 0.1f64..4.0) {
            let code = Context { dprime: d, mean };
            prop_assert!(code.frozen(c).unwrap() <= code.normalised_late(c).unwrap() + 1e-15);
        }
        #[test]
        fn law_c10_equals_the_full_matrix(f in prop::collection::vec(0.5f64..5.0, 4), d in prop::collection::vec(-2.0f64..2.0, 4), v in 0.0f64..1.0) {
            let private = DMatrix::from_diagonal(&DVector::from_column_slice(&f));
            let fv = DVector::from_column_slice(&f);
            let full = crate::coding::fisher::linear_fisher(&d, &(&private + &fv * fv.transpose() * v)).unwrap();
            let short = shared_gain_fisher(&f, &d, &private, v).unwrap();
            prop_assert!((full - short).abs() < 1e-11 * full.max(1.0));
        }
    }

    #[test]
    fn theory_c10_average_is_the_integral() {
        let (sd, points) = (0.2, 4000);
        let (lo, hi) = (-8.0, 8.0);
        let h = (hi - lo) / f64::from(points);
        let average: f64 = (0..=points)
            .map(|i| {
                let z = lo + h * f64::from(i);
                (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt() * CODE.frozen(1.0 + sd * z).unwrap() * h
            })
            .sum();
        close(average, CODE.frozen_average(sd).unwrap(), 1e-10);
    }
}
