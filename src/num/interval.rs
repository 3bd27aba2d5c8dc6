//! Between which two numbers does the true value lie, whatever the rounding? An outward-rounded interval.
//!
//! Arithmetic widens every inexact end by one unit in the last place; the elementary functions come from the
//! platform-independent `libm`, whose error is below one unit in the last place, and are widened by [`WIDEN`] of them.
//! A function asked outside its domain answers with the whole line, from which nothing can be proven.

use super::Scalar;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// By how many units in the last place the result of an elementary function is widened on each side.
const WIDEN: u32 = 2;

/// A closed interval [lo, hi]; the ends may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    lo: f64,
    hi: f64,
}

fn down(x: f64) -> f64 {
    x.next_down()
}
fn up(x: f64) -> f64 {
    x.next_up()
}
fn down_by(x: f64, n: u32) -> f64 {
    (0..n).fold(x, |x, _| x.next_down())
}
fn up_by(x: f64, n: u32) -> f64 {
    (0..n).fold(x, |x, _| x.next_up())
}

impl Interval {
    /// The whole line: nothing is known.
    pub const ENTIRE: Interval = Interval { lo: f64::NEG_INFINITY, hi: f64::INFINITY };

    /// The interval [lo, hi]; a NaN or ends in the wrong order give the whole line.
    pub fn new(lo: f64, hi: f64) -> Self {
        if lo <= hi { Interval { lo, hi } } else { Self::ENTIRE }
    }
    /// The single number `x`.
    pub fn point(x: f64) -> Self {
        Self::new(x, x)
    }
    /// The lower end.
    pub fn lo(self) -> f64 {
        self.lo
    }
    /// The upper end.
    pub fn hi(self) -> f64 {
        self.hi
    }
    /// A number in the middle (finite also for half-infinite intervals).
    pub fn mid(self) -> f64 {
        match (self.lo.is_finite(), self.hi.is_finite()) {
            (true, true) => (0.5 * self.lo + 0.5 * self.hi).clamp(self.lo, self.hi),
            (true, false) => f64::max(2.0 * self.lo, 1.0),
            (false, true) => f64::min(2.0 * self.hi, -1.0),
            (false, false) => 0.0,
        }
    }
    /// hi − lo, rounded up.
    pub fn width(self) -> f64 {
        if self.lo == self.hi { 0.0 } else { up(self.hi - self.lo) }
    }
    /// The largest absolute value.
    pub fn mag(self) -> f64 {
        self.lo.abs().max(self.hi.abs())
    }
    /// The smallest absolute value.
    pub fn mig(self) -> f64 {
        if self.contains(0.0) { 0.0 } else { self.lo.abs().min(self.hi.abs()) }
    }
    /// Is `x` inside?
    pub fn contains(self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }
    /// Is the whole of `self` inside `other`?
    pub fn is_subset(self, other: Self) -> bool {
        other.lo <= self.lo && self.hi <= other.hi
    }
    /// Is `self` strictly inside `other`, touching neither end?
    pub fn is_interior(self, other: Self) -> bool {
        other.lo < self.lo && self.hi < other.hi
    }
    /// Are both ends finite?
    pub fn is_finite(self) -> bool {
        self.lo.is_finite() && self.hi.is_finite()
    }
    /// The common part, if there is one.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let (lo, hi) = (self.lo.max(other.lo), self.hi.min(other.hi));
        (lo <= hi).then_some(Interval { lo, hi })
    }
    /// The smallest interval around both.
    pub fn hull(self, other: Self) -> Self {
        Interval { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }
    /// Both halves, cut at `at`.
    pub fn split(self, at: f64) -> (Self, Self) {
        (Interval { lo: self.lo, hi: at }, Interval { lo: at, hi: self.hi })
    }
    /// An increasing function of the ends, widened, and limited to the range [floor, ceiling] of the function.
    fn increasing(self, f: impl Fn(f64) -> f64, floor: f64, ceiling: f64) -> Self {
        let lo = down_by(f(self.lo), WIDEN).max(floor);
        let hi = up_by(f(self.hi), WIDEN).min(ceiling);
        Self::new(lo, hi)
    }
}

/// A product of ends, with 0 · ∞ = 0: the infinite end is a bound, not a value.
fn times(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 { 0.0 } else { a * b }
}

impl Neg for Interval {
    type Output = Self;
    fn neg(self) -> Self {
        Interval { lo: -self.hi, hi: -self.lo }
    }
}
impl Add for Interval {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        // Adding an exact zero is exact; everything else is widened.
        if o.lo == 0.0 && o.hi == 0.0 {
            return self;
        }
        if self.lo == 0.0 && self.hi == 0.0 {
            return o;
        }
        Interval::new(down(self.lo + o.lo), up(self.hi + o.hi))
    }
}
impl Sub for Interval {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self + -o
    }
}
impl Mul for Interval {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        if (self.lo == 0.0 && self.hi == 0.0) || (o.lo == 0.0 && o.hi == 0.0) {
            return Interval::point(0.0);
        }
        if o.lo == 1.0 && o.hi == 1.0 {
            return self;
        }
        if self.lo == 1.0 && self.hi == 1.0 {
            return o;
        }
        let p = [times(self.lo, o.lo), times(self.lo, o.hi), times(self.hi, o.lo), times(self.hi, o.hi)];
        let lo = p.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = p.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // An exact zero end stays zero unless it is an underflow.
        Interval::new(down(lo), up(hi))
    }
}
impl Div for Interval {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        if o.lo == 1.0 && o.hi == 1.0 {
            return self;
        }
        if o.contains(0.0) {
            return Interval::ENTIRE;
        }
        if self.lo == 0.0 && self.hi == 0.0 {
            return self;
        }
        // 1/o first would round twice; the four quotients round once.
        let q = [self.lo / o.lo, self.lo / o.hi, self.hi / o.lo, self.hi / o.hi];
        if q.iter().any(|x| x.is_nan()) {
            return Interval::ENTIRE;
        }
        let lo = q.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Interval::new(down(lo), up(hi))
    }
}
impl Add<f64> for Interval {
    type Output = Self;
    fn add(self, o: f64) -> Self {
        self + Interval::point(o)
    }
}
impl Sub<f64> for Interval {
    type Output = Self;
    fn sub(self, o: f64) -> Self {
        self - Interval::point(o)
    }
}
impl Mul<f64> for Interval {
    type Output = Self;
    fn mul(self, o: f64) -> Self {
        self * Interval::point(o)
    }
}
impl Div<f64> for Interval {
    type Output = Self;
    fn div(self, o: f64) -> Self {
        self / Interval::point(o)
    }
}

impl Scalar for Interval {
    fn constant(x: f64) -> Self {
        Interval::point(x)
    }
    fn exp(self) -> Self {
        self.increasing(libm::exp, 0.0, f64::INFINITY)
    }
    fn ln(self) -> Self {
        if self.lo < 0.0 {
            return Interval::ENTIRE;
        }
        self.increasing(libm::log, f64::NEG_INFINITY, f64::INFINITY)
    }
    fn sqrt(self) -> Self {
        if self.lo < 0.0 {
            return Interval::ENTIRE;
        }
        self.increasing(f64::sqrt, 0.0, f64::INFINITY)
    }
    fn tanh(self) -> Self {
        self.increasing(libm::tanh, -1.0, 1.0)
    }
    fn erf(self) -> Self {
        self.increasing(libm::erf, -1.0, 1.0)
    }
    fn erfcx(self) -> Self {
        // Decreasing; its error is below ERFCX_ULPS.
        let at = |x: f64| super::special::erfcx(x);
        let ulps = super::special::ERFCX_ULPS;
        Self::new(down_by(at(self.hi), ulps).max(0.0), up_by(at(self.lo), ulps))
    }
    fn erfcx_integral(self, b: Self) -> Self {
        // The integrand is positive: decreasing in the lower limit, increasing in the upper one.
        let error = super::special::INTEGRAL_RELATIVE;
        let lo = super::special::erfcx_integral(self.hi, b.lo);
        let hi = super::special::erfcx_integral(self.lo, b.hi);
        Self::new(down(lo - lo.abs().min(f64::MAX) * error), up(hi + hi.abs().min(f64::MAX) * error))
    }
    fn siegert(mu: Self, sigma: Self, tau_m: Self, tau_ref: Self, theta: Self, v_reset: Self) -> Self {
        super::special::siegert_interval([mu, sigma, tau_m, tau_ref, theta, v_reset])
    }
    fn sin(self) -> Self {
        Interval::new(-1.0, 1.0)
    }
    fn cos(self) -> Self {
        Interval::new(-1.0, 1.0)
    }
    fn atan(self) -> Self {
        self.increasing(libm::atan, f64::NEG_INFINITY, f64::INFINITY)
    }
    fn sigmoid(self) -> Self {
        let one = Interval::point(1.0);
        let at = |x: f64| one / ((-Interval::point(x)).exp() + 1.0);
        Interval::new(at(self.lo).lo.max(0.0), at(self.hi).hi.min(1.0))
    }
    fn softplus(self) -> Self {
        let at = |x: f64| {
            let tail = Interval::point(libm::log1p(libm::exp(-x.abs())));
            Interval::point(f64::max(x, 0.0)) + Interval::new(down_by(tail.lo, 8).max(0.0), up_by(tail.hi, 8))
        };
        Interval::new(at(self.lo).lo.max(0.0), at(self.hi).hi)
    }
    fn relu(self) -> Self {
        Interval::new(self.lo.max(0.0), self.hi.max(0.0))
    }
    fn step(self) -> Self {
        Interval::new(if self.lo > 0.0 { 1.0 } else { 0.0 }, if self.hi < 0.0 { 0.0 } else { 1.0 })
    }
    fn step_slope(self) -> Self {
        if self.contains(0.0) { Interval::ENTIRE } else { Interval::point(0.0) }
    }
    fn abs(self) -> Self {
        Interval::new(self.mig(), self.mag())
    }
    fn max(self, o: Self) -> Self {
        Interval::new(self.lo.max(o.lo), self.hi.max(o.hi))
    }
    fn min(self, o: Self) -> Self {
        Interval::new(self.lo.min(o.lo), self.hi.min(o.hi))
    }
    fn powi(self, n: i32) -> Self {
        if n < 0 {
            return Interval::point(1.0) / self.powi(-n);
        }
        // x^n of one end by repeated interval multiplication: rigorous for every n.
        let of = |x: f64| {
            let (mut power, mut base, mut e) = (Interval::point(1.0), Interval::point(x), n);
            while e > 0 {
                if e & 1 == 1 {
                    power = power * base;
                }
                e >>= 1;
                if e > 0 {
                    base = base * base;
                }
            }
            power
        };
        match n {
            0 => Interval::point(1.0),
            1 => self,
            _ if n % 2 == 1 => of(self.lo).hull(of(self.hi)),
            _ => {
                let (small, large) = (of(self.mig()), of(self.mag()));
                Interval::new(small.lo.max(0.0), large.hi)
            }
        }
    }
    fn powc(self, c: f64) -> Self {
        self.powf(Interval::point(c))
    }
    fn powf(self, p: Self) -> Self {
        if self.lo < 0.0 {
            return Interval::ENTIRE;
        }
        (p * self.ln()).exp()
    }
    fn pow_ln(self, p: Self) -> Self {
        // On [0, 1] x^p ln x is bounded by 1/(e p); the plain product would be unbounded at zero.
        if self.lo == 0.0 && p.lo > 0.0 {
            let dip = up(1.0 / (p.lo * 2.7));
            let top = if self.hi > 1.0 { (self.powf(p) * Interval::point(self.hi).ln()).hi } else { 0.0 };
            return Interval::new(-dip, f64::max(top, 0.0));
        }
        self.powf(p) * self.ln()
    }
}
