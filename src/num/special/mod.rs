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

#[cfg(test)]
mod tests {
    use super::*;

    /// mpmath 1.3.0 at 60 digits.
    #[test]
    fn cross_dawson_and_quantiles() {
        for (x, want) in DAWSON_VALUES {
            assert!((dawson(x) / want - 1.0).abs() < 2e-15, "dawson({x})");
            assert_eq!(dawson(-x), -dawson(x));
        }
        for (p, want) in PROBIT_VALUES {
            assert!((probit(p) - want).abs() < 4e-15 * want.abs().max(0.1), "probit({p}): {} {want}", probit(p));
        }
        for (x, want) in LOG_CDF_VALUES {
            // The rounding of x/√2 alone moves the far tail by x² u.
            let allowed = 2e-15 + x * x * f64::EPSILON / 2.0;
            assert!((log_normal_cdf(x) / want - 1.0).abs() < allowed, "ln Phi({x}): {} {want}", log_normal_cdf(x));
        }
    }
    const DAWSON_VALUES: [(f64, f64); 7] = [
        (0.01, 0.009999333359999238),
        (0.5, 0.4244363835020223),
        (1.0, 0.5380795069127684),
        (2.0, 0.30134038892379195),
        (4.0, 0.12934800123600512),
        (9.0, 0.05590504672435046),
        (25.0, 0.020016038554466407),
    ];
    const PROBIT_VALUES: [(f64, f64); 8] = [
        (1e-300, -37.0470962993612),
        (1e-20, -9.262340089798407),
        (1e-05, -4.264890793922825),
        (0.025, -1.9599639845400543),
        (0.2, -0.8416212335729142),
        (0.49, -0.025068908258711057),
        (0.7, 0.5244005127080407),
        (0.999, 3.090232306167813),
    ];
    const LOG_CDF_VALUES: [(f64, f64); 6] = [
        (-100.0, -5005.524208694205),
        (-20.0, -203.91715537109727),
        (-3.0, -6.607726221510349),
        (-0.5, -1.1759117615936185),
        (1.0, -0.17275377902344988),
        (6.0, -9.865876455243758e-10),
    ];

    #[test]
    fn law_quantiles_invert_the_distribution() {
        for k in 1..1000 {
            let p = k as f64 / 1000.0;
            assert!((normal_cdf(probit(p)) / p - 1.0).abs() < 4e-15, "{p}");
        }
        assert_eq!((probit(0.0), probit(1.0), probit(0.5)), (f64::NEG_INFINITY, f64::INFINITY, 0.0));
        assert!(probit(-0.1).is_nan() && probit(1.1).is_nan() && probit(f64::NAN).is_nan());
    }

    #[test]
    fn limit_integral_where_it_overflows() {
        // ln of the integral approaches b² − ln b far to the right; elsewhere it is the logarithm.
        let (b, far) = (100.0_f64, log_erfcx_integral(-3.0, 100.0));
        assert!((far - (b * b - b.ln())).abs() < 1e-4);
        let near = erfcx_integral(-3.0, 4.0).ln();
        assert!((log_erfcx_integral(-3.0, 4.0) - near).abs() < 1e-14 * near);
        assert_eq!(erfcx_integral(2.0, 2.0), 0.0);
        assert_eq!(erfcx_integral(1.0, -2.0), -erfcx_integral(-2.0, 1.0));
        assert_eq!(erfcx_integral(0.0, 30.0), f64::INFINITY);
        assert!(erfcx_integral(0.0, 26.64).is_finite());
        assert!(erfcx_integral(f64::NAN, 1.0).is_nan());
    }
}
