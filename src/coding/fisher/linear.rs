//! What is the Fisher information of a population with known tuning and noise?
//!
//! Gaussian noise: J = f'ᵀΣ⁻¹f' + ½ tr[(Σ⁻¹Σ')²], of which the first term is the linear part. Independent Poisson counts
//! in a window T: J = T Σ f'²/f. Sources: Seung & Sompolinsky 1993; Abbott & Dayan 1999; Brunel & Nadal 1998.
//!
//! ```
//! use homeostat::coding::fisher::linear_fisher;
//! let slopes = [1.0, 2.0];
//! let noise = nalgebra::dmatrix![1.0, 0.5; 0.5, 1.0];
//! assert!((linear_fisher(&slopes, &noise)? - 4.0).abs() < 1e-14);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::Result;
use nalgebra::{DMatrix, DVector};

/// f'ᵀΣ⁻¹f': slopes per stimulus unit, covariance of the responses; result per squared stimulus unit.
pub fn linear_fisher(slopes: &[f64], covariance: &DMatrix<f64>) -> Result<f64> {
    checks::same_length("slopes and covariance", slopes.len(), covariance.nrows())?;
    checks::all_finite("the slopes", slopes)?;
    let factor = checks::covariance("the covariance", covariance)?;
    Ok(checks::inner(&factor, slopes, slopes))
}

/// The weights Σ⁻¹f' of the best linear decoder, up to a factor.
pub fn linear_decoder(slopes: &[f64], covariance: &DMatrix<f64>) -> Result<Vec<f64>> {
    checks::same_length("slopes and covariance", slopes.len(), covariance.nrows())?;
    checks::all_finite("the slopes", slopes)?;
    let factor = checks::covariance("the covariance", covariance)?;
    Ok(factor.solve(&DVector::from_column_slice(slopes)).iter().copied().collect())
}

/// f'ᵀΣ⁻¹f' + ½ tr[(Σ⁻¹Σ')²] of Gaussian responses whose covariance changes with the stimulus (`change` = dΣ/ds).
pub fn gaussian_fisher(slopes: &[f64], covariance: &DMatrix<f64>, change: &DMatrix<f64>) -> Result<f64> {
    let linear = linear_fisher(slopes, covariance)?;
    checks::symmetric("the change of the covariance", change)?;
    checks::same_length("covariance and its change", covariance.nrows(), change.nrows())?;
    let relative = checks::covariance("the covariance", covariance)?.solve(change);
    Ok(linear + 0.5 * (&relative * &relative).trace())
}

/// T Σ f'²/f of independent Poisson counts: rates in Hz, slopes in Hz per stimulus unit, window in s.
///
/// A silent unit tells nothing if it stays silent; one that is silent and about to fire tells infinitely much, which is
/// an error.
pub fn poisson_fisher(rates: &[f64], slopes: &[f64], window: f64) -> Result<f64> {
    checks::same_length("rates and slopes", rates.len(), slopes.len())?;
    checks::not_negative("the window", window)?;
    let mut sum = 0.0;
    for (&rate, &slope) in rates.iter().zip(slopes) {
        checks::not_negative("a rate", rate)?;
        checks::finite("a slope", slope)?;
        if slope != 0.0 {
            sum += slope * slope / checks::positive("the rate of a unit whose tuning is not flat", rate)?;
        }
    }
    Ok(window * sum)
}

/// d' = ds √J for stimuli ds apart.
pub fn dprime_from_fisher(j: f64, ds: f64) -> Result<f64> {
    Ok(checks::finite("the stimulus difference", ds)? * checks::not_negative("the Fisher information", j)?.sqrt())
}

/// ½ log₂(1 + J σ²) in bits: exact for a Gaussian stimulus of standard deviation `prior` read by a linear Gaussian code.
pub fn linear_information(j: f64, prior: f64) -> Result<f64> {
    crate::coding::information::gaussian_rate(checks::not_negative("J", j)? * prior * prior)
}

/// ½ log₂(J σ²) in bits: the large-population approximation for a Gaussian stimulus; only for J σ² above 1.
pub fn brunel_nadal_information(j: f64, prior: f64) -> Result<f64> {
    let ratio = checks::not_negative("J", j)? * prior * prior;
    checks::within("J σ²", ratio, 1.0, f64::MAX)?;
    Ok(0.5 * ratio.log2())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use proptest::prelude::*;

    #[test]
    fn theory_c06_information_of_a_fine_code() {
        printed(linear_information(25.0, 1.0).unwrap(), 2.350219859);
        printed(brunel_nadal_information(1.0, 5.0).unwrap(), 2.321928095);
        assert!(brunel_nadal_information(0.5, 1.0).is_err());
    }

    #[test]
    fn law_c06_maximum_likelihood_reaches_the_bound() {
        // The best linear decoder has the variance 1/J.
        let slopes = [1.0, -0.5, 2.0];
        let noise = DMatrix::from_row_slice(3, 3, &[1.0, 0.2, 0.1, 0.2, 0.8, -0.1, 0.1, -0.1, 1.5]);
        let w = DVector::from_vec(linear_decoder(&slopes, &noise).unwrap());
        let gain = w.dot(&DVector::from_column_slice(&slopes));
        let variance = (w.transpose() * &noise * &w)[(0, 0)] / (gain * gain);
        close(variance * linear_fisher(&slopes, &noise).unwrap(), 1.0, 1e-14);
    }

    proptest! {
        #[test]
        fn law_invertible_mixing_changes_nothing(m in prop::collection::vec(-1.0f64..1.0, 9), f in prop::collection::vec(-2.0f64..2.0, 3)) {
            let mix = DMatrix::from_row_slice(3, 3, &m) + DMatrix::identity(3, 3) * 4.0;
            let noise = DMatrix::from_row_slice(3, 3, &[1.0, 0.2, 0.1, 0.2, 0.8, -0.1, 0.1, -0.1, 1.5]);
            let change = DMatrix::from_row_slice(3, 3, &[0.3, 0.1, 0.0, 0.1, 0.2, 0.2, 0.0, 0.2, -0.4]);
            let plain = gaussian_fisher(&f, &noise, &change).unwrap();
            let mixed: Vec<f64> = (&mix * DVector::from_vec(f)).iter().copied().collect();
            let turn = |c: &DMatrix<f64>| { let t = &mix * c * mix.transpose(); (&t + t.transpose()) * 0.5 };
            let got = gaussian_fisher(&mixed, &turn(&noise), &turn(&change)).unwrap();
            prop_assert!((got - plain).abs() < 1e-11 * plain.max(1.0));
        }

        #[test]
        fn law_independent_units_add(a in 0.1f64..5.0, b in 0.1f64..5.0, va in 0.1f64..3.0, vb in 0.1f64..3.0) {
            let both = linear_fisher(&[a, b], &DMatrix::from_diagonal(&DVector::from_vec(vec![va, vb]))).unwrap();
            prop_assert!((both - a * a / va - b * b / vb).abs() < 1e-12 * both);
            let poisson = poisson_fisher(&[va, vb], &[a, b], 2.0).unwrap();
            prop_assert!((poisson - 2.0 * (a * a / va + b * b / vb)).abs() < 1e-12 * poisson);
        }
    }

    #[test]
    fn law_silent_and_singular_are_refused() {
        assert_eq!(poisson_fisher(&[0.0, 1.0], &[0.0, 1.0], 1.0).unwrap(), 1.0);
        assert!(poisson_fisher(&[0.0], &[1.0], 1.0).is_err());
        assert!(linear_fisher(&[1.0, 0.0], &DMatrix::from_element(2, 2, 1.0)).is_err());
        assert!(linear_fisher(&[f64::NAN], &DMatrix::identity(1, 1)).is_err());
        assert!(linear_fisher(&[1.0, 0.0], &DMatrix::from_row_slice(2, 2, &[1.0, 0.9, 0.1, 1.0])).is_err());
    }
}
