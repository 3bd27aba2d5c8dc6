//! What must a number be able to do so that an equation can be evaluated over it?

use super::Interval;
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number that an equation can be evaluated over.
///
/// There is no comparison: an interval is neither above nor below its neighbour.
/// Non-smooth laws use [`relu`](Scalar::relu), [`clip`](Scalar::clip), [`step`](Scalar::step), which are right for
/// every scalar.
///
/// *To add one*: implement the arithmetic, [`constant`](Scalar::constant) and the functions without a default.
pub trait Scalar:
    Copy
    + Debug
    + Send
    + Sync
    + 'static
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// Does it hold a set of numbers, so that a formula that reads x once is better than one that reads it twice?
    const ENCLOSES: bool = false;
    /// The number `x`, exactly.
    fn constant(x: f64) -> Self;
    /// A constant that is no f64, known to lie in `within`: `nearby` for scalars that round.
    fn enclosed(nearby: f64, _within: Interval) -> Self {
        Self::constant(nearby)
    }
    /// e^x.
    fn exp(self) -> Self;
    /// Natural logarithm; undefined at and below zero.
    fn ln(self) -> Self;
    /// Square root; undefined below zero.
    fn sqrt(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Error function 2/√π ∫₀ˣ e^(−t²) dt.
    fn erf(self) -> Self;
    /// Scaled complementary error function e^(x²) erfc(x).
    fn erfcx(self) -> Self;
    /// ∫ₐᵇ erfcx(−u) du = ∫ₐᵇ e^(u²)(1 + erf u) du, the integral of the Siegert formula, with `a = self`.
    fn erfcx_integral(self, b: Self) -> Self;
    /// Sine (radian).
    fn sin(self) -> Self;
    /// Cosine (radian).
    fn cos(self) -> Self;
    /// Arc tangent.
    fn atan(self) -> Self;
    /// Logistic function 1/(1 + e^(−x)).
    fn sigmoid(self) -> Self;
    /// ln(1 + e^x).
    fn softplus(self) -> Self;
    /// 1/(1 + e^x) by these operations, where an equation says so.
    fn logistic_as_written(self) -> Self {
        Self::constant(1.0) / (self.exp() + 1.0)
    }
    /// ln(1 + e^x) by these operations, where an equation says so.
    fn softplus_as_written(self) -> Self {
        (self.exp() + 1.0).ln()
    }
    /// The derivative of the logistic function, σ(x) σ(−x), which keeps its digits in both tails.
    fn sigmoid_slope(self) -> Self {
        self.sigmoid() * (-self).sigmoid()
    }
    /// The derivative of tanh: (1 − t)(1 + t) keeps its digits better than 1 − t².
    fn tanh_slope(self) -> Self {
        let t = self.tanh();
        (Self::constant(1.0) - t) * (t + 1.0)
    }
    /// max(x, 0).
    fn relu(self) -> Self;
    /// Heaviside step: 0 below zero, 1 above, 1/2 at zero.
    fn step(self) -> Self;
    /// The derivative of [`step`](Scalar::step): 0 away from the jump, unbounded across it.
    fn step_slope(self) -> Self;
    /// |x|.
    fn abs(self) -> Self;
    /// The larger of two.
    fn max(self, other: Self) -> Self;
    /// The smaller of two.
    fn min(self, other: Self) -> Self;
    /// x^n for an integer n, exact in sign and in the even powers of intervals.
    fn powi(self, n: i32) -> Self;
    /// x^c for a constant c; x must not be negative.
    fn powc(self, c: f64) -> Self;
    /// x^p; x must not be negative.
    fn powf(self, p: Self) -> Self;
    /// x^p ln x, the derivative of x^p in p, with its limit 0 at x = 0.
    fn pow_ln(self, p: Self) -> Self;

    /// The firing rate of a leaky integrate-and-fire neuron in white noise; see [`siegert`](super::special::siegert).
    fn siegert(mu: Self, sigma: Self, tau_m: Self, tau_ref: Self, theta: Self, v_reset: Self) -> Self {
        let integral = ((v_reset - mu) / sigma).erfcx_integral((theta - mu) / sigma);
        Self::constant(1.0) / (tau_ref + tau_m * integral * super::special::SQRT_PI)
    }
    /// self · other, where an exact zero wins over an overflow: 0 · ∞ = 0.
    fn zero_wins(self, other: Self) -> Self {
        self * other
    }
    /// x².
    fn square(self) -> Self {
        self.powi(2)
    }
    /// Standard normal distribution function (1 + erf(x/√2))/2.
    fn normal_cdf(self) -> Self {
        ((self * std::f64::consts::FRAC_1_SQRT_2).erf() + 1.0) * 0.5
    }
    /// x limited to [lo, hi].
    fn clip(self, lo: Self, hi: Self) -> Self {
        self.max(lo).min(hi)
    }
    /// Hill function x^n/(x^n + k^n); x and k must not be negative.
    fn hill(self, k: Self, n: Self) -> Self {
        // Written in x/k, one appearance of the variable, so that intervals stay tight.
        let one = Self::constant(1.0);
        one - one / ((self / k).powf(n) + 1.0)
    }
}

impl Scalar for f64 {
    fn constant(x: f64) -> Self {
        x
    }
    fn exp(self) -> Self {
        f64::exp(self)
    }
    fn ln(self) -> Self {
        f64::ln(self)
    }
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
    fn tanh(self) -> Self {
        f64::tanh(self)
    }
    fn erf(self) -> Self {
        libm::erf(self)
    }
    fn erfcx(self) -> Self {
        super::special::erfcx(self)
    }
    fn erfcx_integral(self, b: Self) -> Self {
        super::special::erfcx_integral(self, b)
    }
    fn normal_cdf(self) -> Self {
        super::special::normal_cdf(self)
    }
    fn hill(self, k: Self, n: Self) -> Self {
        let q = Scalar::powf(self / k, n);
        if q == f64::INFINITY { 1.0 } else { q / (1.0 + q) }
    }
    fn zero_wins(self, other: Self) -> Self {
        if self == 0.0 && !other.is_nan() { 0.0 } else { self * other }
    }
    fn siegert(mu: Self, sigma: Self, tau_m: Self, tau_ref: Self, theta: Self, v_reset: Self) -> Self {
        super::special::siegert_f64(mu, sigma, tau_m, tau_ref, theta, v_reset)
    }
    fn sin(self) -> Self {
        f64::sin(self)
    }
    fn cos(self) -> Self {
        f64::cos(self)
    }
    fn atan(self) -> Self {
        f64::atan(self)
    }
    fn sigmoid(self) -> Self {
        // Both branches are free of overflow.
        if self >= 0.0 {
            1.0 / (1.0 + f64::exp(-self))
        } else {
            let e = f64::exp(self);
            e / (1.0 + e)
        }
    }
    fn softplus(self) -> Self {
        f64::max(self, 0.0) + f64::exp(-f64::abs(self)).ln_1p()
    }
    fn relu(self) -> Self {
        if self > 0.0 { self } else { self * 0.0 }
    }
    fn step(self) -> Self {
        if self > 0.0 {
            1.0
        } else if self < 0.0 {
            0.0
        } else {
            0.5 + self * 0.0
        }
    }
    fn step_slope(self) -> Self {
        self * 0.0
    }
    fn abs(self) -> Self {
        f64::abs(self)
    }
    fn max(self, other: Self) -> Self {
        if self.is_nan() || other.is_nan() { f64::NAN } else { f64::max(self, other) }
    }
    fn min(self, other: Self) -> Self {
        if self.is_nan() || other.is_nan() { f64::NAN } else { f64::min(self, other) }
    }
    #[inline(always)] // The exponent is nearly always known where it is called.
    fn powi(self, n: i32) -> Self {
        // By repeated squaring: the same on every machine, which the standard library does not promise.
        match n {
            0 => 1.0,
            1 => self,
            2 => self * self,
            3 => self * self * self,
            _ => {
                let (mut power, mut base, mut e) = (1.0, self, n.unsigned_abs());
                while e > 0 {
                    if e & 1 == 1 {
                        power *= base;
                    }
                    base *= base;
                    e >>= 1;
                }
                if n < 0 { 1.0 / power } else { power }
            }
        }
    }
    fn powc(self, c: f64) -> Self {
        f64::powf(self, c)
    }
    fn powf(self, p: Self) -> Self {
        f64::powf(self, p)
    }
    fn pow_ln(self, p: Self) -> Self {
        if self == 0.0 && p > 0.0 { 0.0 } else { f64::powf(self, p) * f64::ln(self) }
    }
}
