//! Which functions does a theory of rates and noise need beyond the elementary ones, and how exact are they?
//!
//! | function | what | relative error |
//! |---|---|---|
//! | [`erfcx`] | e^(x²) erfc(x) | [`ERFCX_ULPS`] ulp |
//! | [`dawson`] | e^(−x²) ∫₀ˣ e^(u²) du | 10⁻¹⁴ |
//! | [`erfcx_integral`], [`log_erfcx_integral`] | ∫ₐᵇ erfcx(−u) du and its logarithm | [`INTEGRAL_RELATIVE`] |
//! | [`siegert`], [`log_siegert`] | firing rate of a leaky integrate-and-fire neuron in white noise | 10⁻¹³ |
//! | [`normal_cdf`] | Φ(x), in the lower tail too | [`NORMAL_CDF_ULPS`] ulp |
//! | [`probit`] | quantile of the normal distribution | 10⁻¹⁴ |
//! | [`log_normal_cdf`] | logarithm of the normal distribution function | 10⁻¹⁴ |
//! | [`ln_gamma`], [`digamma`] | logarithm of Γ and its derivative | `statrs` |
//!
//! ```
//! use homeostat::num::{Dual, special::siegert};
//! // mu 15 mV, sigma 5 mV, tau_m 20 ms, tau_ref 2 ms, theta 20 mV, V_reset 10 mV, all in V and s.
//! let rate = siegert(0.015, 0.005, 0.020, 0.002, 0.020, 0.010);
//! assert!((rate - 9.460799805759).abs() < 1e-11);
//! // The slope in the mean input, in Hz/V.
//! let of = |x: f64| Dual::fixed(x);
//! let slope = siegert(Dual::variable(0.015), of(0.005), of(0.020), of(0.002), of(0.020), of(0.010)).d;
//! assert!((slope / 2907.291063152 - 1.0).abs() < 1e-11);
//! ```

mod erfcx;
mod siegert;
mod siegert_integral;
mod tables;

pub use erfcx::{ERFCX_ULPS, NORMAL_CDF_ULPS, dawson, erfcx, log_normal_cdf, normal_cdf};
pub use siegert::{log_siegert, siegert};
pub(super) use siegert::{siegert_dual, siegert_f64, siegert_interval, siegert_jet};
pub use siegert_integral::{INTEGRAL_RELATIVE, erfcx_integral, log_erfcx_integral};
pub use statrs::function::gamma::{digamma, ln_gamma};

use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2};

/// √π.
pub(super) const SQRT_PI: f64 = 1.772453850905516;

/// The quantile function of the standard normal distribution: the x below which a normal number lies with
/// probability `p`. −∞ at 0, ∞ at 1, NaN outside [0, 1].
pub fn probit(p: f64) -> f64 {
    if p.is_nan() || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        // 1 − p is exact here.
        return -probit(1.0 - p);
    }
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    // A first guess, then Newton's method (with its second-order term) for ln Φ(x) = ln p, which is nearly a parabola.
    let mut x = -SQRT_2 * statrs::function::erf::erfc_inv(2.0 * p);
    for _ in 0..2 {
        let (excess, hazard) = (log_normal_cdf(x) - p.ln(), FRAC_2_SQRT_PI / SQRT_2 / erfcx(-x / SQRT_2));
        let newton = excess / hazard;
        let step = newton / (1.0 + 0.5 * newton * (x + hazard));
        if step.is_finite() {
            x -= step;
        }
    }
    x
}
