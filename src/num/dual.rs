//! What is the derivative of an equation? A dual number v + d ε, ε² = 0, carries it along.

use super::{Interval, Scalar};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value and one directional derivative, over any scalar: `Dual` for Jacobians, `Dual<Interval>` for their
/// enclosures, `Dual<Dual>` for second derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<T = f64> {
    /// The value.
    pub v: T,
    /// The derivative along the chosen direction.
    pub d: T,
}

impl<T: Scalar> Dual<T> {
    /// A value with a given derivative.
    pub fn new(v: T, d: T) -> Self {
        Dual { v, d }
    }
    /// The variable that derivatives are taken in: derivative one.
    pub fn variable(v: T) -> Self {
        Dual { v, d: T::constant(1.0) }
    }
    /// A value that does not depend on the variable.
    pub fn fixed(v: T) -> Self {
        Dual { v, d: T::constant(0.0) }
    }
    fn chain(self, v: T, slope: T) -> Self {
        Dual { v, d: self.d * slope }
    }
}

impl<T: Scalar> Neg for Dual<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Dual { v: -self.v, d: -self.d }
    }
}
impl<T: Scalar> Add for Dual<T> {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Dual { v: self.v + o.v, d: self.d + o.d }
    }
}
impl<T: Scalar> Sub for Dual<T> {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Dual { v: self.v - o.v, d: self.d - o.d }
    }
}
impl<T: Scalar> Mul for Dual<T> {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Dual { v: self.v * o.v, d: self.d * o.v + self.v * o.d }
    }
}
impl<T: Scalar> Div for Dual<T> {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        // A quotient that vanishes because o is infinite has no slope, however steep o is.
        let v = self.v / o.v;
        Dual { v, d: (self.d - v.zero_wins(o.d)) / o.v }
    }
}
impl<T: Scalar> Add<f64> for Dual<T> {
    type Output = Self;
    fn add(self, o: f64) -> Self {
        Dual { v: self.v + o, d: self.d }
    }
}
impl<T: Scalar> Sub<f64> for Dual<T> {
    type Output = Self;
    fn sub(self, o: f64) -> Self {
        Dual { v: self.v - o, d: self.d }
    }
}
impl<T: Scalar> Mul<f64> for Dual<T> {
    type Output = Self;
    fn mul(self, o: f64) -> Self {
        Dual { v: self.v * o, d: self.d * o }
    }
}
impl<T: Scalar> Div<f64> for Dual<T> {
    type Output = Self;
    fn div(self, o: f64) -> Self {
        Dual { v: self.v / o, d: self.d / o }
    }
}

impl<T: Scalar> Scalar for Dual<T> {
    fn constant(x: f64) -> Self {
        Dual::fixed(T::constant(x))
    }
    fn enclosed(nearby: f64, within: Interval) -> Self {
        Dual::fixed(T::enclosed(nearby, within))
    }
    fn exp(self) -> Self {
        let e = self.v.exp();
        self.chain(e, e)
    }
    fn ln(self) -> Self {
        Dual { v: self.v.ln(), d: self.d / self.v }
    }
    fn sqrt(self) -> Self {
        let s = self.v.sqrt();
        Dual { v: s, d: self.d / (s * 2.0) }
    }
    fn tanh(self) -> Self {
        let t = self.v.tanh();
        self.chain(t, if T::ENCLOSES { self.v.tanh_slope() } else { (T::constant(1.0) - t) * (t + 1.0) })
    }
    fn erf(self) -> Self {
        self.chain(self.v.erf(), (-self.v.powi(2)).exp() * FRAC_2_SQRT_PI)
    }
    fn erfcx(self) -> Self {
        let y = self.v.erfcx();
        self.chain(y, self.v * y * 2.0 - FRAC_2_SQRT_PI)
    }
    fn erfcx_integral(self, b: Self) -> Self {
        Dual { v: self.v.erfcx_integral(b.v), d: b.d * (-b.v).erfcx() - self.d * (-self.v).erfcx() }
    }
    fn normal_cdf(self) -> Self {
        let density = (-self.v.powi(2) * 0.5).exp() * (0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2);
        self.chain(self.v.normal_cdf(), density)
    }
    fn zero_wins(self, o: Self) -> Self {
        Dual { v: self.v.zero_wins(o.v), d: self.d.zero_wins(o.v) + self.v.zero_wins(o.d) }
    }
    fn siegert(mu: Self, sigma: Self, tau_m: Self, tau_ref: Self, theta: Self, v_reset: Self) -> Self {
        super::special::siegert_dual([mu, sigma, tau_m, tau_ref, theta, v_reset])
    }
    fn hill(self, k: Self, n: Self) -> Self {
        // With u = x/k: ∂/∂u = n u^(n−1)/(1 + u^n)², ∂/∂n = u^n ln u/(1 + u^n)².
        let u = self / k;
        let rest = (T::constant(1.0) / (u.v.powf(n.v) + 1.0)).powi(2);
        let (along, by_n) = (rest.zero_wins(n.v * u.v.powf(n.v - 1.0)), rest.zero_wins(u.v.pow_ln(n.v)));
        Dual { v: self.v.hill(k.v, n.v), d: u.d.zero_wins(along) + n.d.zero_wins(by_n) }
    }
    fn sin(self) -> Self {
        self.chain(self.v.sin(), self.v.cos())
    }
    fn cos(self) -> Self {
        self.chain(self.v.cos(), -self.v.sin())
    }
    fn atan(self) -> Self {
        Dual { v: self.v.atan(), d: self.d / (self.v.powi(2) + 1.0) }
    }
    fn sigmoid(self) -> Self {
        let s = self.v.sigmoid();
        self.chain(s, if T::ENCLOSES { self.v.sigmoid_slope() } else { s * (-self.v).sigmoid() })
    }
    fn logistic_as_written(self) -> Self {
        match T::ENCLOSES {
            true => self.chain(self.v.logistic_as_written(), -self.v.sigmoid_slope()),
            false => Self::constant(1.0) / (self.exp() + 1.0),
        }
    }
    fn softplus_as_written(self) -> Self {
        match T::ENCLOSES {
            true => self.chain(self.v.softplus_as_written(), self.v.sigmoid()),
            false => (self.exp() + 1.0).ln(),
        }
    }
    fn softplus(self) -> Self {
        self.chain(self.v.softplus(), self.v.sigmoid())
    }
    fn relu(self) -> Self {
        self.chain(self.v.relu(), self.v.step())
    }
    fn step(self) -> Self {
        self.chain(self.v.step(), self.v.step_slope())
    }
    fn step_slope(self) -> Self {
        self.chain(self.v.step_slope(), self.v.step_slope())
    }
    fn abs(self) -> Self {
        self.chain(self.v.abs(), self.v.step() * 2.0 - 1.0)
    }
    fn max(self, o: Self) -> Self {
        let s = (o.v - self.v).step();
        Dual { v: self.v.max(o.v), d: self.d + (o.d - self.d) * s }
    }
    fn min(self, o: Self) -> Self {
        let s = (self.v - o.v).step();
        Dual { v: self.v.min(o.v), d: self.d + (o.d - self.d) * s }
    }
    fn powi(self, n: i32) -> Self {
        match n {
            0 => Self::constant(1.0),
            _ => self.chain(self.v.powi(n), self.v.powi(n - 1) * n as f64),
        }
    }
    fn powc(self, c: f64) -> Self {
        match c == 0.0 {
            true => Self::constant(1.0),
            false => self.chain(self.v.powc(c), self.v.powc(c - 1.0) * c),
        }
    }
    fn powf(self, p: Self) -> Self {
        let slope = p.v * self.v.powf(p.v - 1.0);
        Dual { v: self.v.powf(p.v), d: self.d * slope + p.d * self.v.pow_ln(p.v) }
    }
    fn pow_ln(self, p: Self) -> Self {
        // d/dx x^p ln x = x^(p−1) (p ln x + 1); d/dp = x^p ln² x.
        let value = self.v.pow_ln(p.v);
        let slope = p.v * self.v.pow_ln(p.v - 1.0) + self.v.powf(p.v - 1.0);
        Dual { v: value, d: self.d * slope + p.d * value.zero_wins(self.v.ln()) }
    }
}
