//! How well can two stimuli be told apart, and how many bits is that?
//!
//! Two equally likely stimuli whose responses are N(±d'/2, 1): one look is right with probability Φ(d'/2), a choice
//! between two looks with Φ(d'/√2), and one look carries I = 1 − E_z log₂(1 + e^(−d'²/2 − d'z)) bits, about d'²/(8 ln 2)
//! when d' is small. Source: Green & Swets 1966.
//!
//! ```
//! use homeostat::coding::information::{dprime_information, two_alternative_accuracy, yes_no_accuracy};
//! assert!((yes_no_accuracy(1.0)? - 0.6914624613).abs() < 1e-10);
//! assert!((two_alternative_accuracy(1.0)? - 0.7602499389).abs() < 1e-10);
//! assert!((dprime_information(1.0)? - 0.1607472198).abs() < 1e-10);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::integrate;
use crate::field::Result;
use std::f64::consts::{FRAC_1_SQRT_2, LN_2, PI};

/// Φ(x) with full relative accuracy in the lower tail.
pub(crate) fn phi(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The fraction correct Φ(d'/2) of one look with an unbiased criterion.
pub fn yes_no_accuracy(dprime: f64) -> Result<f64> {
    Ok(phi(checks::finite("d'", dprime)? / 2.0))
}

/// The fraction correct Φ(d'/√2) of a choice between two looks; also the area under the ROC curve.
pub fn two_alternative_accuracy(dprime: f64) -> Result<f64> {
    Ok(phi(checks::finite("d'", dprime)? * FRAC_1_SQRT_2))
}

/// The area under the ROC curve of two normal distributions with means m and standard deviations s:
/// Φ((m₁ − m₀)/√(s₀² + s₁²)).
pub fn gaussian_auc(m0: f64, s0: f64, m1: f64, s1: f64) -> Result<f64> {
    checks::not_negative("a standard deviation", s0)?;
    checks::not_negative("a standard deviation", s1)?;
    let width = checks::positive("the sum of the variances", s0 * s0 + s1 * s1)?.sqrt();
    Ok(phi(checks::finite("the difference of the means", m1 - m0)? / width))
}

/// What a yes/no observer's hits and false alarms say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Criterion {
    /// d' = Φ⁻¹(hits) − Φ⁻¹(false alarms).
    pub dprime: f64,
    /// The criterion c = −½[Φ⁻¹(hits) + Φ⁻¹(false alarms)]; 0 is unbiased.
    pub criterion: f64,
}

/// d' and criterion from the probabilities of a hit and of a false alarm, both strictly between 0 and 1.
pub fn yes_no_dprime(hits: f64, false_alarms: f64) -> Result<Criterion> {
    let quantile = |what: &str, p: f64| -> Result<f64> {
        checks::within(what, p, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)?;
        let guess = -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * p);
        // One Newton step on Φ makes the library's start accurate to rounding.
        let slope = (-0.5 * guess * guess).exp() / (2.0 * PI).sqrt();
        Ok(if slope > 0.0 { guess - (phi(guess) - p) / slope } else { guess })
    };
    let (h, f) = (quantile("the hit rate", hits)?, quantile("the false-alarm rate", false_alarms)?);
    Ok(Criterion { dprime: h - f, criterion: -0.5 * (h + f) })
}

/// I(d') in bits: what one look at N(±d'/2, 1) tells about which of the two it was.
pub fn dprime_information(dprime: f64) -> Result<f64> {
    let d = checks::finite("d'", dprime)?.abs();
    if d == 0.0 {
        return Ok(0.0);
    }
    if d > 40.0 {
        return Ok(1.0);
    }
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    let integrand = |z: f64| {
        let weight = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
        weight * (LN_2 - softplus(-0.5 * d * d - d * z))
    };
    // Below this the integral loses relative accuracy and the series is exact to 1e-12.
    if d >= 1e-2 {
        return Ok(integrate("I(d')", integrand, -40.0, 40.0, 1e-13)?.value / LN_2);
    }
    // The binary-input Gaussian channel at the signal-to-noise ratio q = d²/4, in nats: q/2 (1 − q/2 + 2q²/3 − …).
    let q = 0.25 * d * d;
    Ok(0.5 * q * (1.0 - 0.5 * q * (1.0 - 4.0 / 3.0 * q)) / LN_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use proptest::prelude::*;

    #[test]
    fn theory_c06_dprime() {
        for (d, bits) in [(0.5, 0.04372996294), (1.0, 0.1607472198), (2.0, 0.4859441541), (3.0, 0.7599790078)] {
            printed(dprime_information(d).unwrap(), bits);
        }
        printed(yes_no_accuracy(1.0).unwrap(), 0.6914624613);
        printed(two_alternative_accuracy(1.0).unwrap(), 0.7602499389);
        close(gaussian_auc(0.0, 1.0, 1.0, 1.0).unwrap(), two_alternative_accuracy(1.0).unwrap(), 1e-15);
    }

    #[test]
    fn limit_c06_small_and_large() {
        for d in [1e-6, 1e-4, 9e-3] {
            let got = dprime_information(d).unwrap() / (d * d / (8.0 * LN_2));
            assert!((got - 1.0).abs() < 0.2 * d * d, "{d}: {got}");
        }
        // The series and the integral meet.
        let (below, above) = (dprime_information(0.009_999_999).unwrap(), dprime_information(0.010_000_001).unwrap());
        assert!((below / above - 1.0).abs() < 1e-6);
        close(dprime_information(39.0).unwrap(), 1.0, 1e-13);
    }

    #[test]
    fn theory_criterion_is_recovered() {
        let (d, c) = (1.7, 0.4);
        let found = yes_no_dprime(phi(d / 2.0 - c), phi(-d / 2.0 - c)).unwrap();
        close(found.dprime, d, 1e-13);
        close(found.criterion, c, 1e-13);
        assert!(yes_no_dprime(1.0, 0.2).is_err());
        assert!(yes_no_dprime(f64::NAN, 0.2).is_err());
    }

    proptest! {
        #[test]
        fn law_c06_in_range_and_increasing(d in 0.0f64..12.0) {
            let (a, b) = (dprime_information(d).unwrap(), dprime_information(d + 0.1).unwrap());
            prop_assert!((0.0..=1.0).contains(&a) && b > a - 1e-13);
            // Fano: the information bounds the accuracy from below.
            let right = yes_no_accuracy(d).unwrap();
            let fano = 1.0 - crate::coding::information::binary_entropy(right).unwrap();
            prop_assert!(a >= fano - 1e-12);
        }
    }
}
