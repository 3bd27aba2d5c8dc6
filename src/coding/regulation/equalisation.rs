//! What is lost when a saturating response no longer fits the statistics of its input?
//!
//! Input s logistic with location m and scale b, response r = 1/(1 + e^(−a(s − θ))), small output noise σ. With κ = ab and
//! d = a(m − θ) the information is −Δ − log₂(σ√(2πe)) + o(1), Δ = KL(κL + d ‖ L), L logistic; the fit κ = 1, d = 0 makes
//! r uniform. Threshold only: Δ = d coth(d/2) − 2 nats. Sources: Laughlin 1981; Stemmler & Koch 1999;
//! Nadal & Parga 1994.
//!
//! ```
//! use homeostat::coding::regulation::mismatch_loss;
//! assert_eq!(mismatch_loss(1.0, 0.0)?.value, 0.0);
//! assert!((mismatch_loss(1.0, 2.0)?.value - 0.903228908).abs() < 1e-9);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::information::{additive_noise_information, phi};
use crate::coding::quadrature::{Integral, integrate};
use crate::field::Result;
use crate::num::Scalar;
use std::f64::consts::{E, LN_2, PI};

/// The bits Δ lost to a gain mismatch κ = ab and a threshold mismatch d = a(m − θ).
pub fn mismatch_loss(kappa: f64, d: f64) -> Result<Integral> {
    checks::positive("κ", kappa)?;
    checks::finite("d", d)?;
    if kappa == 1.0 {
        // d coth(d/2) − 2, whose two terms cancel at small d.
        let nats = if d.abs() < 0.1 {
            let q = d * d;
            q / 6.0 * (1.0 - q / 60.0 * (1.0 - q / 42.0 * (1.0 - q / 40.0)))
        } else {
            d / (0.5 * d).tanh() - 2.0
        };
        return Ok(Integral { value: nats / LN_2, error: 4.0 * f64::EPSILON * (1.0 + d.abs()) });
    }
    // Δ = −ln κ − 2 + E[2 softplus(κL + d) − κL − d], over u uniform, L = ln(u/(1 − u)); even in d after averaging.
    let integrand = |l: f64| {
        let x = kappa * l + d;
        let density = l.sigmoid() * (-l).sigmoid();
        // 2 softplus(x) − x = |x| + 2 ln(1 + e^(−|x|)).
        density * (x.abs() + 2.0 * (-x.abs()).exp().ln_1p())
    };
    // Two pieces, so that the turning point of |x| is an end.
    let kink = -d / kappa;
    let left = integrate("Δ", integrand, f64::NEG_INFINITY, kink, 1e-13)?;
    let right = integrate("Δ", integrand, kink, f64::INFINITY, 1e-13)?;
    let nats = left.value + right.value - kappa.ln() - 2.0;
    Ok(Integral { value: nats.max(0.0), error: left.error + right.error }.scaled(1.0 / LN_2))
}

/// The information in bits of the equalised response (uniform on [0, 1]) in Gaussian output noise σ.
pub fn equalised_information(sigma: f64) -> Result<Integral> {
    checks::positive("σ", sigma)?;
    let density = |r: f64| phi(r / sigma) - phi((r - 1.0) / sigma);
    let noise = (sigma * (2.0 * PI * E).sqrt()).log2();
    additive_noise_information(density, (-12.0 * sigma, 1.0 + 12.0 * sigma), noise, 1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};
    use proptest::prelude::*;

    #[test]
    fn theory_c03_losses() {
        digits(mismatch_loss(1.0, 2.0).unwrap().value, 0.903228908, 9);
        digits(mismatch_loss(2.0, 0.0).unwrap().value, 0.64697006, 8);
        close(mismatch_loss(2.0, 0.0).unwrap().value, (PI - 2.0 - LN_2) / LN_2, 1e-12);
        printed(mismatch_loss(0.5, 0.0).unwrap().value, 0.3807899891);
        digits(mismatch_loss(0.5, 2.0).unwrap().value, 1.49856125, 9);
        printed(equalised_information(0.01).unwrap().value, 4.622821369);
    }

    #[test]
    fn limit_c03_small_threshold_shift() {
        for d in [1e-4f64, 0.05, 0.0999, 0.1001] {
            let nats = mismatch_loss(1.0, d).unwrap().value * LN_2;
            assert!((nats / (d * d / 6.0) - 1.0).abs() < d * d / 50.0 + 1e-10, "{d}");
        }
        // The closed form and the integral meet at κ = 1.
        close(mismatch_loss(1.0 + 1e-12, 1.3).unwrap().value, mismatch_loss(1.0, 1.3).unwrap().value, 1e-11);
    }

    proptest! {
        #[test]
        fn law_c03_positive_even_and_zero_only_at_the_fit(kappa in 0.2f64..4.0, d in -4.0f64..4.0) {
            let (plus, minus) = (mismatch_loss(kappa, d).unwrap().value, mismatch_loss(kappa, -d).unwrap().value);
            prop_assert!(plus >= 0.0 && (plus - minus).abs() < 1e-11);
            prop_assert!(plus > 1e-4 * ((kappa - 1.0).powi(2).min(0.1) + d * d) - 1e-12);
        }
    }
}
