//! What does an equation look like to third order along a direction? A truncated Taylor series carries it along.
//!
//! A jet holds the coefficients c_0 … c_{N−1} of f(x + t u) = Σ c_k t^k, so that the k-th directional derivative is
//! k! c_k. The multilinear forms of normal-form theory follow by polarisation.

use super::Scalar;
use std::array::from_fn;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A Taylor series in one direction with `N` coefficients: `Jet` is of third order, `Jet<6>` of fifth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet<const N: usize = 4>(pub [f64; N]);

impl<const N: usize> Jet<N> {
    /// The point `x` moving along the direction `u`.
    pub fn line(x: f64, u: f64) -> Self {
        Jet(from_fn(|k| match k {
            0 => x,
            1 => u,
            _ => 0.0,
        }))
    }
    /// The k-th directional derivative k! c_k.
    pub fn derivative(&self, k: usize) -> f64 {
        self.0[k] * (1..=k).map(|i| i as f64).product::<f64>()
    }
    /// The series y with y_0 given and y' = s x', where `s` may depend on the y computed so far:
    /// k y_k = Σ_{j=1..k} j x_j s_{k−j}.
    fn integrate(self, y0: f64, mut slope: impl FnMut(&Self, usize) -> f64) -> Self {
        let mut y = Jet([0.0; N]);
        y.0[0] = y0;
        let mut s = [0.0; N];
        for k in 1..N {
            s[k - 1] = slope(&y, k - 1);
            y.0[k] = (1..=k).map(|j| j as f64 * self.0[j] * s[k - j]).sum::<f64>() / k as f64;
        }
        y
    }
    /// The series f(x) given f(x_0) and the series of f'(x).
    fn primitive(self, y0: f64, slope: Self) -> Self {
        self.integrate(y0, |_, k| slope.0[k])
    }
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Jet(self.0.map(f))
    }
    /// The coefficient k of the product a b.
    fn convolve(a: &Self, b: &Self, k: usize) -> f64 {
        (0..=k).map(|j| a.0[j] * b.0[k - j]).sum()
    }
    /// Sine and cosine together.
    fn sin_cos(self) -> (Self, Self) {
        let (mut s, mut c) = (Jet([0.0; N]), Jet([0.0; N]));
        (s.0[0], c.0[0]) = self.0[0].sin_cos();
        for k in 1..N {
            let term = |y: &Self| (1..=k).map(|j| j as f64 * self.0[j] * y.0[k - j]).sum::<f64>() / k as f64;
            let (ds, dc) = (term(&c), -term(&s));
            (s.0[k], c.0[k]) = (ds, dc);
        }
        (s, c)
    }
}

impl<const N: usize> Neg for Jet<N> {
    type Output = Self;
    fn neg(self) -> Self {
        self.map(|a| -a)
    }
}
impl<const N: usize> Add for Jet<N> {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Jet(from_fn(|k| self.0[k] + o.0[k]))
    }
}
impl<const N: usize> Sub for Jet<N> {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Jet(from_fn(|k| self.0[k] - o.0[k]))
    }
}
impl<const N: usize> Mul for Jet<N> {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Jet(from_fn(|k| Self::convolve(&self, &o, k)))
    }
}
impl<const N: usize> Div for Jet<N> {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        let mut q = Jet([0.0; N]);
        for k in 0..N {
            let known: f64 = (0..k).map(|j| q.0[j] * o.0[k - j]).sum();
            q.0[k] = (self.0[k] - known) / o.0[0];
        }
        q
    }
}
impl<const N: usize> Add<f64> for Jet<N> {
    type Output = Self;
    fn add(mut self, o: f64) -> Self {
        self.0[0] += o;
        self
    }
}
impl<const N: usize> Sub<f64> for Jet<N> {
    type Output = Self;
    fn sub(mut self, o: f64) -> Self {
        self.0[0] -= o;
        self
    }
}
impl<const N: usize> Mul<f64> for Jet<N> {
    type Output = Self;
    fn mul(self, o: f64) -> Self {
        self.map(|a| a * o)
    }
}
impl<const N: usize> Div<f64> for Jet<N> {
    type Output = Self;
    fn div(self, o: f64) -> Self {
        self.map(|a| a / o)
    }
}

impl<const N: usize> Scalar for Jet<N> {
    fn constant(x: f64) -> Self {
        Self::line(x, 0.0)
    }
    fn exp(self) -> Self {
        self.integrate(Scalar::exp(self.0[0]), |y, k| y.0[k])
    }
    fn ln(self) -> Self {
        self.primitive(Scalar::ln(self.0[0]), Self::constant(1.0) / self)
    }
    fn sqrt(self) -> Self {
        let mut y = Jet([0.0; N]);
        y.0[0] = self.0[0].sqrt();
        for k in 1..N {
            let known: f64 = (1..k).map(|j| y.0[j] * y.0[k - j]).sum();
            y.0[k] = (self.0[k] - known) / (2.0 * y.0[0]);
        }
        y
    }
    fn tanh(self) -> Self {
        self.integrate(Scalar::tanh(self.0[0]), |y, k| if k == 0 { 1.0 } else { 0.0 } - Self::convolve(y, y, k))
    }
    fn erf(self) -> Self {
        let slope = (-(self * self)).exp() * FRAC_2_SQRT_PI;
        self.primitive(Scalar::erf(self.0[0]), slope)
    }
    fn erfcx(self) -> Self {
        self.integrate(Scalar::erfcx(self.0[0]), |y, k| {
            2.0 * Self::convolve(&self, y, k) - if k == 0 { FRAC_2_SQRT_PI } else { 0.0 }
        })
    }
    fn erfcx_integral(self, b: Self) -> Self {
        let value = self.0[0].erfcx_integral(b.0[0]);
        let lower = self.primitive(0.0, (-self).erfcx());
        b.primitive(value, (-b).erfcx()) - lower
    }
    fn normal_cdf(self) -> Self {
        let density = (-(self * self) * 0.5).exp() * (0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2);
        self.primitive(self.0[0].normal_cdf(), density)
    }
    fn hill(self, k: Self, n: Self) -> Self {
        let one = Self::constant(1.0);
        let mut hill = one - one / ((self / k).powf(n) + 1.0);
        hill.0[0] = self.0[0].hill(k.0[0], n.0[0]);
        hill
    }
    fn siegert(mu: Self, sigma: Self, tau_m: Self, tau_ref: Self, theta: Self, v_reset: Self) -> Self {
        super::special::siegert_jet([mu, sigma, tau_m, tau_ref, theta, v_reset])
    }
    fn sin(self) -> Self {
        self.sin_cos().0
    }
    fn cos(self) -> Self {
        self.sin_cos().1
    }
    fn atan(self) -> Self {
        self.primitive(Scalar::atan(self.0[0]), Self::constant(1.0) / (self * self + 1.0))
    }
    fn sigmoid(self) -> Self {
        self.integrate(Scalar::sigmoid(self.0[0]), |y, k| y.0[k] - Self::convolve(y, y, k))
    }
    fn softplus(self) -> Self {
        self.primitive(Scalar::softplus(self.0[0]), self.sigmoid())
    }
    fn relu(self) -> Self {
        let on = Scalar::step(self.0[0]);
        self.map(|a| a * on)
    }
    fn step(self) -> Self {
        Self::constant(Scalar::step(self.0[0]))
    }
    fn step_slope(self) -> Self {
        Self::constant(Scalar::step_slope(self.0[0]))
    }
    fn abs(self) -> Self {
        let sign = 2.0 * Scalar::step(self.0[0]) - 1.0;
        self.map(|a| a * sign)
    }
    fn max(self, o: Self) -> Self {
        self + (o - self).relu()
    }
    fn min(self, o: Self) -> Self {
        self - (self - o).relu()
    }
    fn powi(self, n: i32) -> Self {
        let mut power = Self::constant(1.0);
        let (mut base, mut e) = (self, n.unsigned_abs());
        while e > 0 {
            if e & 1 == 1 {
                power = power * base;
            }
            base = base * base;
            e >>= 1;
        }
        if n < 0 { Self::constant(1.0) / power } else { power }
    }
    fn powc(self, c: f64) -> Self {
        // A whole exponent is a product, also where x is zero.
        if c == c.trunc() && c.abs() <= 64.0 {
            return self.powi(c as i32);
        }
        // x y' = c y x', coefficient by coefficient.
        let mut y = Jet([0.0; N]);
        y.0[0] = self.0[0].powc(c);
        for k in 1..N {
            let sum: f64 = (1..=k).map(|j| (c * j as f64 - (k - j) as f64) * self.0[j] * y.0[k - j]).sum();
            y.0[k] = sum / (k as f64 * self.0[0]);
        }
        y
    }
    fn powf(self, p: Self) -> Self {
        if p.0[1..].iter().all(|&c| c == 0.0) { self.powc(p.0[0]) } else { (p * self.ln()).exp() }
    }
    fn pow_ln(self, p: Self) -> Self {
        self.powf(p) * self.ln()
    }
}
