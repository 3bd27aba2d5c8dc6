//! What is the true value to thirty digits? Double-double arithmetic and series, an oracle for tests only.
//!
//! A number is an unevaluated sum of two f64. The functions use Taylor series, continued fractions and Newton's method
//! on their inverse, and share no code with the functions under test.

use std::f64::consts::{FRAC_PI_2, LN_2};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// high + low, |low| ≤ ulp(high)/2.
#[derive(Clone, Copy, Debug)]
pub struct Double {
    pub high: f64,
    pub low: f64,
}

fn two_sum(a: f64, b: f64) -> Double {
    let s = a + b;
    let t = s - a;
    Double { high: s, low: (a - (s - t)) + (b - t) }
}
impl From<f64> for Double {
    fn from(high: f64) -> Self {
        Double { high, low: 0.0 }
    }
}
impl Neg for Double {
    type Output = Self;
    fn neg(self) -> Self {
        Double { high: -self.high, low: -self.low }
    }
}
impl Add for Double {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        let (s, t) = (two_sum(self.high, o.high), two_sum(self.low, o.low));
        let s = two_sum(s.high, s.low + t.high);
        two_sum(s.high, s.low + t.low)
    }
}
impl Sub for Double {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self + -o
    }
}
impl Mul for Double {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        let p = self.high * o.high;
        let e = self.high.mul_add(o.high, -p) + (self.high * o.low + self.low * o.high);
        two_sum(p, e)
    }
}
impl Div for Double {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        let first = self.high / o.high;
        let rest = self - o * first.into();
        let second = rest.high / o.high;
        let rest = rest - o * second.into();
        two_sum(first, second) + (rest.high / o.high).into()
    }
}

/// ln 2, π and 2/√π to 32 digits.
const LN2: Double = Double { high: LN_2, low: 2.3190468138462996e-17 };
const PI: Double = Double { high: 2.0 * FRAC_PI_2, low: 1.2246467991473532e-16 };

impl Double {
    fn scale(self, power: i32) -> Self {
        Double { high: libm::scalbn(self.high, power), low: libm::scalbn(self.low, power) }
    }
    pub fn sqrt(self) -> Self {
        let s: Double = self.high.sqrt().into();
        s + (self - s * s) / (s + s)
    }
    fn two_over_sqrt_pi() -> Self {
        Double::from(2.0) / PI.sqrt()
    }
    /// Σ terms until they vanish; `next(k, term)` gives the term k from the one before.
    fn series(first: Self, next: impl Fn(f64, Self) -> Self) -> Self {
        let (mut sum, mut term, mut k) = (first, first, 1.0);
        while term.high.abs() > 1e-34 * sum.high.abs() && k < 2000.0 {
            term = next(k, term);
            sum = sum + term;
            k += 1.0;
        }
        sum
    }
    pub fn exp(self) -> Self {
        let k = (self.high / LN_2).round();
        let r = (self - LN2 * k.into()).scale(-6);
        let mut e = Self::series(1.0.into(), |k, t| t * r / k.into());
        for _ in 0..6 {
            e = e * e;
        }
        e.scale(k as i32)
    }
    pub fn ln(self) -> Self {
        let mut y: Double = self.high.ln().into();
        for _ in 0..2 {
            // Newton for e^y = x with the quotient's ln1p to second order.
            let q = self * (-y).exp() - 1.0.into();
            y = y + q - q * q * 0.5.into();
        }
        y
    }
    /// ln(1 + x) for x > −1/2, with relative precision.
    pub fn ln_1p(self) -> Self {
        if self.high.abs() > 0.1 {
            return (self + 1.0.into()).ln();
        }
        let z = self / (self + 2.0.into());
        let z2 = z * z;
        let (mut sum, mut power, mut k) = (z, z, 3.0);
        while power.high.abs() > 1e-34 * z.high.abs() && k < 200.0 {
            power = power * z2;
            sum = sum + power / k.into();
            k += 2.0;
        }
        sum + sum
    }
    /// e^x − 1 with relative precision.
    fn exp_m1(self) -> Self {
        match self.high.abs() < 0.3 {
            true => Self::series(self, |k, t| t * self / (k + 1.0).into()),
            false => self.exp() - 1.0.into(),
        }
    }
    pub fn tanh(self) -> Self {
        let t = (self + self).exp_m1();
        t / (t + 2.0.into())
    }
    pub fn sigmoid(self) -> Self {
        let e = self.exp();
        e / (e + 1.0.into())
    }
    pub fn softplus(self) -> Self {
        self.exp().ln_1p()
    }
    /// e^(−x²) Σ 2^n x^(2n+1)/(2n+1)!!, all terms of one sign.
    pub fn erf(self) -> Self {
        let x2 = self * self;
        let sum = Self::series(self, |k, t| t * x2 * 2.0.into() / (2.0 * k + 1.0).into());
        Self::two_over_sqrt_pi() * (-x2).exp() * sum
    }
    pub fn erfcx(self) -> Self {
        if self.high < 2.0 {
            return (self * self).exp() * (Double::from(1.0) - self.erf());
        }
        // The continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + …, from behind.
        let n = (3000.0 / (self.high * self.high)).clamp(20.0, 800.0) as i32;
        let fraction = (1..=n).rev().fold(self, |f, k| self + Double::from(0.5 * k as f64) / f);
        Self::two_over_sqrt_pi() * 0.5.into() / fraction
    }
    pub fn normal_cdf(self) -> Self {
        let z = -self / Double::from(2.0).sqrt();
        match z.high > 0.0 {
            true => (-z * z).exp() * z.erfcx() * 0.5.into(),
            false => Double::from(1.0) - (-self).normal_cdf(),
        }
    }
    /// sin and cos of |x| < 1000.
    pub fn sin_cos(self) -> (Self, Self) {
        let k = (self.high / FRAC_PI_2).round();
        let r = self - PI * (0.5 * k).into();
        let r2 = -(r * r);
        let s = Self::series(r, |k, t| t * r2 / (2.0 * k * (2.0 * k + 1.0)).into());
        let c = Self::series(1.0.into(), |k, t| t * r2 / (2.0 * k * (2.0 * k - 1.0)).into());
        match (k as i64).rem_euclid(4) {
            0 => (s, c),
            1 => (c, -s),
            2 => (-s, -c),
            _ => (-c, s),
        }
    }
    pub fn atan(self) -> Self {
        // Newton (with its cubic convergence) for tan y = x: tan(x's angle − y) = (x cos − sin)/(cos + x sin).
        let mut y: Double = self.high.atan().into();
        for _ in 0..2 {
            let (s, c) = y.sin_cos();
            y = y + (self * c - s) / (c + self * s);
        }
        y
    }
    pub fn powf(self, p: Self) -> Self {
        (p * self.ln()).exp()
    }
    /// ∫ₐᵇ erfcx(−u) du by Taylor series, whose coefficients follow from E' = 2uE + 2/√π.
    pub fn erfcx_integral(a: f64, b: f64) -> Self {
        let (mut sum, mut at) = (Double::from(0.0), a);
        while at < b {
            let h = (0.2 / (1.0 + at.abs())).min(b - at);
            let end = if at + h >= b { b } else { at + h };
            let h = Double::from(end) - at.into();
            let u = Double::from(at);
            let (mut before, mut now, mut power) = (Double::from(0.0), (-u).erfcx(), h);
            for k in 0..60 {
                sum = sum + now * power / (k as f64 + 1.0).into();
                let mut next = (u * now + before) * 2.0.into();
                if k == 0 {
                    next = next + Self::two_over_sqrt_pi();
                }
                (before, now) = (now, next / (k as f64 + 1.0).into());
                power = power * h;
                if k > 3 && now.high.abs() * power.high.abs() < 1e-33 * sum.high.abs() {
                    break;
                }
            }
            at = end;
        }
        sum
    }
}
