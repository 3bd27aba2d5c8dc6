//! How are many members evaluated at once? A fixed number of `f64` side by side, one instruction stream.

use super::Scalar;
use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// How many members one [`Lanes`] holds.
pub const LANES: usize = 16;

/// [`LANES`] numbers that go through the same equation together.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))] // Whole lines of the cache, and vector instructions may read them where they are.
pub struct Lanes(pub [f64; LANES]);

impl Lanes {
    // In place: the compiler turns this loop into vector instructions, and a new array into copies.
    #[inline(always)]
    fn map(mut self, f: impl Fn(f64) -> f64) -> Self {
        self.0.iter_mut().for_each(|a| *a = f(*a));
        self
    }
    #[inline(always)]
    fn zip(mut self, o: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        self.0.iter_mut().zip(&o.0).for_each(|(a, b)| *a = f(*a, *b));
        self
    }
}

impl Neg for Lanes {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|a| -a)
    }
}
impl Add for Lanes {
    type Output = Self;
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        self.zip(o, |a, b| a + b)
    }
}
impl Sub for Lanes {
    type Output = Self;
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        self.zip(o, |a, b| a - b)
    }
}
impl Mul for Lanes {
    type Output = Self;
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        self.zip(o, |a, b| a * b)
    }
}
impl Div for Lanes {
    type Output = Self;
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        self.zip(o, |a, b| a / b)
    }
}
impl Add<f64> for Lanes {
    type Output = Self;
    #[inline(always)]
    fn add(self, o: f64) -> Self {
        self.map(|a| a + o)
    }
}
impl Sub<f64> for Lanes {
    type Output = Self;
    #[inline(always)]
    fn sub(self, o: f64) -> Self {
        self.map(|a| a - o)
    }
}
impl Mul<f64> for Lanes {
    type Output = Self;
    #[inline(always)]
    fn mul(self, o: f64) -> Self {
        self.map(|a| a * o)
    }
}
impl Div<f64> for Lanes {
    type Output = Self;
    #[inline(always)]
    fn div(self, o: f64) -> Self {
        self.map(|a| a / o)
    }
}

impl Scalar for Lanes {
    fn constant(x: f64) -> Self {
        Lanes([x; LANES])
    }
    fn exp(self) -> Self {
        self.map(Scalar::exp)
    }
    fn ln(self) -> Self {
        self.map(Scalar::ln)
    }
    fn sqrt(self) -> Self {
        self.map(Scalar::sqrt)
    }
    fn tanh(self) -> Self {
        self.map(Scalar::tanh)
    }
    fn erf(self) -> Self {
        self.map(Scalar::erf)
    }
    fn erfcx(self) -> Self {
        self.map(Scalar::erfcx)
    }
    fn erfcx_integral(self, b: Self) -> Self {
        self.zip(b, Scalar::erfcx_integral)
    }
    fn zero_wins(self, o: Self) -> Self {
        self.zip(o, Scalar::zero_wins)
    }
    fn siegert(mu: Self, sigma: Self, tau_m: Self, tau_ref: Self, theta: Self, v_reset: Self) -> Self {
        Lanes(from_fn(|i| Scalar::siegert(mu.0[i], sigma.0[i], tau_m.0[i], tau_ref.0[i], theta.0[i], v_reset.0[i])))
    }
    fn normal_cdf(self) -> Self {
        self.map(Scalar::normal_cdf)
    }
    fn hill(self, k: Self, n: Self) -> Self {
        Lanes(from_fn(|i| self.0[i].hill(k.0[i], n.0[i])))
    }
    fn sin(self) -> Self {
        self.map(Scalar::sin)
    }
    fn cos(self) -> Self {
        self.map(Scalar::cos)
    }
    fn atan(self) -> Self {
        self.map(Scalar::atan)
    }
    fn sigmoid(self) -> Self {
        self.map(Scalar::sigmoid)
    }
    fn softplus(self) -> Self {
        self.map(Scalar::softplus)
    }
    fn relu(self) -> Self {
        self.map(Scalar::relu)
    }
    fn step(self) -> Self {
        self.map(Scalar::step)
    }
    fn step_slope(self) -> Self {
        self.map(Scalar::step_slope)
    }
    fn abs(self) -> Self {
        self.map(Scalar::abs)
    }
    fn max(self, o: Self) -> Self {
        self.zip(o, Scalar::max)
    }
    fn min(self, o: Self) -> Self {
        self.zip(o, Scalar::min)
    }
    #[inline(always)]
    fn powi(self, n: i32) -> Self {
        self.map(|a| Scalar::powi(a, n))
    }
    fn powc(self, c: f64) -> Self {
        self.map(|a| a.powc(c))
    }
    fn powf(self, p: Self) -> Self {
        self.zip(p, Scalar::powf)
    }
    fn pow_ln(self, p: Self) -> Self {
        self.zip(p, Scalar::pow_ln)
    }
}
