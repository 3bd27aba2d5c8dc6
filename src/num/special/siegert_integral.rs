//! What is ∫ₐᵇ erfcx(−u) du = ∫ₐᵇ e^(u²) (1 + erf u) du, the integral of the Siegert formula, for any a and b?
//!
//! The integrand is positive and grows like 2 e^(u²) to the right and decays like 1/(√π |u|) to the left, so that one
//! quadrature rule cannot serve. Three parts do:
//!
//! * *left of zero*, with p = −b, q = −a: ∫ₚ^q erfcx = ln((1 + βq)/(1 + βp))/√π + r(q) − r(p), where β = 2 e^(γ/2)
//!   makes the smooth remainder r vanish at 0 and at infinity;
//! * *right of zero*, scaled by e^(−b²): 2 (D(b) − e^(a² − b²) D(a)) − e^(−b²) ∫ₐᵇ erfcx(u) du with Dawson's D;
//! * *where the ends are near to each other*, a twelve-point Gauss–Legendre rule, whose error is below 10⁻¹⁷ there,
//!   since all differences would cancel.
//!
//! Nothing overflows before e^(b²) does, and the logarithm never does.
//!
//! **Error.** Relative error of the integral at most [`INTEGRAL_RELATIVE`], given exact a and b. With u = 2⁻⁵³: D is wrong
//! by less than 60u (its series has the slope 16 at worst), and e^(a² − b²) ≤ e⁻² amplifies that by less than 1.2; r is
//! wrong by less than 4u in size, where the left integral is at least 1/3; erfcx by 12u; e^(b²) by 3u.
//! The largest error met in the tests is 3 × 10⁻¹⁵.

use super::FRAC_2_SQRT_PI;
use super::erfcx::{chebyshev, dawson, erfcx, exp_square, square};
use super::tables::{GAUSS, HISTORY};

/// The bound on the relative error of [`erfcx_integral`].
pub const INTEGRAL_RELATIVE: f64 = 2e-14;

/// e⁸.
const E8: f64 = 2980.957987041728;
/// 2 e^(γ/2).
const BETA: f64 = 2.669136503058769;

/// ∫ₐᵇ erfcx(−u) du; negative if b < a, infinite where the result overflows (b above about 26.6) and for a = −∞.
pub fn erfcx_integral(a: f64, b: f64) -> f64 {
    match (a.partial_cmp(&b), b > 0.0) {
        (None, _) => f64::NAN,
        (Some(std::cmp::Ordering::Equal), _) => 0.0,
        (Some(std::cmp::Ordering::Greater), _) => -erfcx_integral(b, a),
        (_, false) => left(-b, -a),
        (_, true) if b > 1e3 => f64::INFINITY,
        (_, true) => match b < 26.0 {
            true => exp_square(b) * scaled(a, b),
            // e^(b²) may overflow where the integral, smaller by about b, does not.
            false => {
                let (high, low) = square(b);
                let e = libm::exp(high - 8.0);
                e * scaled(a, b) * (1.0 + low) * E8
            }
        },
    }
}

/// ln ∫ₐᵇ erfcx(−u) du for a < b, where the integral itself may overflow; NaN for b < a.
pub fn log_erfcx_integral(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() || b.is_nan() {
        return f64::NAN;
    }
    match b > 0.0 {
        true => {
            let (high, low) = square(b);
            high + (low + scaled(a, b).ln())
        }
        false => left(-b, -a).ln(),
    }
}

/// e^(−b²) ∫ₐᵇ erfcx(−u) du for a < b, b > 0.
pub(super) fn scaled(a: f64, b: f64) -> f64 {
    let decay = 1.0 / exp_square(b);
    if a < 0.0 {
        return scaled(0.0, b) + decay * left(0.0, -a);
    }
    if b * (b - a) <= 2.0 {
        // e^(u² − b²) from the product (u − b)(u + b), whose relative error is small, not from the squares.
        let half = 0.5 * (b - a);
        let at = |below: f64| {
            let u = b - below;
            2.0 * libm::exp(-below * (u + b)) - decay * erfcx(u)
        };
        return half * gauss(|x| at(half * (1.0 - x)));
    }
    let both = dawson(b) - libm::exp((a - b) * (a + b)) * dawson(a);
    2.0 * both - if decay > 0.0 { decay * left(a, b) } else { 0.0 }
}

/// ∫ₚ^q erfcx(v) dv for 0 ≤ p < q.
fn left(p: f64, q: f64) -> f64 {
    let width = q - p;
    if width <= 1.0 + p {
        let (middle, half) = (p + 0.5 * width, 0.5 * width);
        return half * gauss(|x| erfcx(middle + half * x));
    }
    let remainder =
        |x: f64| if x > 1e17 { 0.0 } else { 2.0 * x / (x + 1.0) * chebyshev(&HISTORY, (x - 1.0) / (x + 1.0)) };
    0.5 * FRAC_2_SQRT_PI * libm::log1p(width / (1.0 / BETA + p)) + (remainder(q) - remainder(p))
}

/// ∫₋₁¹ f by twelve points, the small terms first.
fn gauss(f: impl Fn(f64) -> f64) -> f64 {
    GAUSS.iter().rev().map(|&(x, w)| w * (f(-x) + f(x))).sum()
}
