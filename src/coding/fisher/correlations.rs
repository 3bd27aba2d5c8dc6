//! Which correlations limit what a population knows, however large it is?
//!
//! Noise that looks like a change of the stimulus, Σ = Σ₀ + ε f'f'ᵀ, leaves J = J₀/(1 + εJ₀) < 1/ε. Uniform correlation
//! c at variance v gives J = [|f'|² − c(Σf')²/(1 − c + Nc)]/(v(1 − c)), which it can also raise.
//! Sources: Moreno-Bote et al. 2014; Abbott & Dayan 1999.
//!
//! ```
//! use homeostat::coding::fisher::limited_fisher;
//! assert_eq!(limited_fisher(100.0, 0.01)?, 50.0);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::{Error, Result};

/// J₀/(1 + εJ₀): Fisher information after differential correlations of strength ε are added.
pub fn limited_fisher(j0: f64, epsilon: f64) -> Result<f64> {
    checks::not_negative("J₀", j0)?;
    checks::not_negative("ε", epsilon)?;
    Ok(j0 / (1.0 + epsilon * j0))
}

/// 1/ε: what no population exceeds in the presence of differential correlations of strength ε.
pub fn differential_ceiling(epsilon: f64) -> Result<f64> {
    Ok(1.0 / checks::positive("ε", epsilon)?)
}

/// Linear Fisher information of units with one variance and one pairwise correlation.
pub fn uniform_correlation_fisher(slopes: &[f64], variance: f64, correlation: f64) -> Result<f64> {
    checks::all_finite("the slopes", slopes)?;
    checks::positive("the variance", variance)?;
    checks::finite("the correlation", correlation)?;
    let n = slopes.len() as f64;
    let common = 1.0 - correlation + n * correlation;
    if correlation >= 1.0 || common <= 0.0 {
        return Err(Error::domain(
            "the correlation",
            format!("is {correlation}: no such covariance"),
            "it lies in (−1/(N − 1), 1)",
        ));
    }
    let square: f64 = slopes.iter().map(|f| f * f).sum();
    let sum: f64 = slopes.iter().sum();
    Ok((square - correlation * sum * sum / common) / (variance * (1.0 - correlation)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::fisher::linear_fisher;
    use crate::coding::ledger::printed;
    use nalgebra::{DMatrix, DVector};
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    #[test]
    fn theory_c07_limits() {
        let angles: Vec<f64> = (0..50).map(|i| TAU * f64::from(i) / 50.0).collect();
        let slopes: Vec<f64> = angles.iter().map(|a| 2.0 * (a - 0.2).cos()).collect();
        let s0 =
            DMatrix::from_diagonal(&DVector::from_iterator(50, angles.iter().map(|a| 1.0 + 0.5 * a.sin().powi(2))));
        let j0 = linear_fisher(&slopes, &s0).unwrap();
        printed(j0, 89.24683671);
        printed(limited_fisher(j0, 0.01).unwrap(), 47.15895825);
        let f = DVector::from_vec(slopes.clone());
        let noisy = &s0 + &f * f.transpose() * 0.01;
        printed(linear_fisher(&slopes, &noisy).unwrap(), 47.15895825);
        let five = [1.0, 1.5, 2.0, 2.5, 3.0];
        printed(uniform_correlation_fisher(&five, 1.5, 0.2).unwrap(), 9.490740741);
        printed(uniform_correlation_fisher(&five, 1.5, 0.0).unwrap(), 15.0);
    }

    proptest! {
        #[test]
        fn law_c07_closed_forms_equal_the_matrix(f in prop::collection::vec(-2.0f64..2.0, 6), c in -0.15f64..0.9, v in 0.2f64..3.0, eps in 0.0f64..1.0) {
            let cov = DMatrix::from_fn(6, 6, |i, j| if i == j { v } else { v * c });
            let direct = linear_fisher(&f, &cov).unwrap();
            prop_assert!((uniform_correlation_fisher(&f, v, c).unwrap() - direct).abs() < 1e-10 * direct.max(1.0));
            let fv = DVector::from_vec(f.clone());
            let limited = limited_fisher(direct, eps).unwrap();
            prop_assert!((linear_fisher(&f, &(&cov + &fv * fv.transpose() * eps)).unwrap() - limited).abs() < 1e-9 * limited.max(1.0));
            prop_assert!(eps == 0.0 || limited < differential_ceiling(eps).unwrap());
        }

        #[test]
        fn law_c07_correlation_helps_an_opponent_code(c in 0.01f64..0.9) {
            // Σf' = 0: the common noise is orthogonal to the signal.
            let opponent = [1.0, -1.0, 2.0, -2.0];
            prop_assert!(uniform_correlation_fisher(&opponent, 1.0, c).unwrap() > 10.0);
        }
    }

    #[test]
    fn law_impossible_correlations_are_refused() {
        assert!(uniform_correlation_fisher(&[1.0, 1.0, 1.0], 1.0, -0.5).is_err());
        assert!(uniform_correlation_fisher(&[1.0, 1.0], 1.0, 1.0).is_err());
        assert!(limited_fisher(-1.0, 0.1).is_err());
    }
}
