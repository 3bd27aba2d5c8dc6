//! How wrong can an elementary function be, and on which side? The functions of intervals, each with its bound.
//!
//! u is half a unit in the last place of 1, 2⁻⁵³; an error of one ulp is at most 2u relative.
//!
//! | function | computed by | bound, ulp | argument |
//! |---|---|---|---|
//! | exp, ln, erf, sin, cos, atan | `libm` | 2 | documented below 1 |
//! | tanh | `libm` from expm1 | 4 | t/(t + 2): expm1 2u, its weight 2/(t + 2) ≤ 1 for t > 0 and ≤ 1.5 for −0.4 < t < 0, sum and quotient u each |
//! | sigmoid | 1/(1 + e^(−x)), e^x/(1 + e^x) | 4 | exp 2u, its weight ≤ 1, sum and quotient u each |
//! | softplus | max(x, 0) + ln1p(e^(−\\|x\\|)) | 4 | the tail: exp 2u with weight ≤ 1, ln1p 2u; the sum is rounded outwards |
//! | σ', tanh' | 4e/(1 + e)², e = e^(−a\\|x\\|) | 10 | exp 2u, its weight (1 − e)/(1 + e) ≤ 1, two sums, product and quotient u each; 4 exact |
//! | x^p | `libm::pow` | 2 | documented below 0.7 |
//! | erfcx | own series | 12 | see `special/erfcx.rs` |
//! | Φ | erfcx and e^(−x²/2) | 14 | erfcx 8u, its argument 2u with weight ≤ 1, exp 3u, product u |
//! | ∫ erfcx | own sum | 2·10⁻¹⁴ relative | see `special/siegert_integral.rs` |
//!
//! Units are those of the computed result, so a result in the next binade below costs twice as many; the bounds leave
//! that factor. Results below the normal range keep an error of a few of their (absolute) units.

use super::Interval;
use super::rounding::Towards::{self, Above, Below};
use crate::num::Scalar;
use crate::num::special;
use std::f64::consts::PI;

/// Bound on the functions that `libm` documents to be wrong by less than one unit in the last place.
const LIBM: u32 = 2;
/// Bound on tanh, the logistic function and the tail of softplus.
const COMPOSED: u32 = 4;
/// Bound on the slopes of the logistic function and of tanh, and on the same from plain numbers by another formula.
const HUMP: u32 = 10;

impl Interval {
    /// An increasing function, known to `ulps` units, with values in [floor, ceiling] and f(exact.0) = exact.1.
    fn increasing(self, f: impl Fn(f64) -> f64, ulps: u32, range: (f64, f64), exact: (f64, f64)) -> Self {
        let at = |x: f64, side: Towards| match x == exact.0 {
            true => exact.1,
            false => side.by_ulps(f(x), ulps).clamp(range.0, range.1),
        };
        Interval::new(at(self.lo, Below), at(self.hi, Above))
    }
    /// 4 e/(1 + e)² · `top` with e = e^(−a|x|), which is `top` at zero and falls to both sides.
    fn hump(self, a: f64, top: f64) -> Self {
        let f = |x: f64| {
            let e = libm::exp(-a * x.abs());
            4.0 * top * e / ((1.0 + e) * (1.0 + e))
        };
        let (left, right) = (f(self.lo), f(self.hi));
        let high = if self.contains(0.0) { top } else { left.max(right) };
        Interval { lo: Below.by_ulps(left.min(right), HUMP).max(0.0), hi: Above.by_ulps(high, HUMP) }
    }
    /// π.
    fn pi() -> Self {
        Interval { lo: PI, hi: PI.next_up() }
    }
    /// A sine or cosine: the hull of its values at the ends and of the extrema ±1 at (k + shift) π between them.
    fn wave(self, f: impl Fn(f64) -> f64, shift: f64, exact: (f64, f64)) -> Self {
        let whole = Interval { lo: -1.0, hi: 1.0 };
        if self.mag() > 1e9 || self.hi - self.lo > 7.0 {
            return whole;
        }
        let end = |x: f64| {
            let (y, point) = (f(x), x == exact.0);
            let at = |side: Towards| if point { exact.1 } else { side.by_ulps(y, LIBM).clamp(-1.0, 1.0) };
            Interval { lo: at(Below), hi: at(Above) }
        };
        // Every k that may lie between the ends, and perhaps one that does not: more is sound.
        let turns = self / Self::pi() - shift;
        let mut hull = end(self.lo).hull(end(self.hi));
        for k in turns.lo.ceil() as i64..=turns.hi.floor() as i64 {
            hull = hull.hull(Interval::point(if k % 2 == 0 { 1.0 } else { -1.0 }));
        }
        hull
    }
    /// x^p of two numbers, x ≥ 0.
    fn power(x: f64, p: f64) -> Self {
        // Adding zero turns −0 into 0.
        let x = x + 0.0;
        let y = libm::pow(x, p);
        match x == 0.0 || x == 1.0 || p == 0.0 || p == 1.0 || x == f64::INFINITY {
            true => Interval::point(y),
            false => Interval { lo: Below.by_ulps(y, LIBM).max(0.0), hi: Above.by_ulps(y, LIBM) },
        }
    }
    /// x^n of a number by repeated multiplication.
    fn whole_power(x: f64, n: u32) -> Self {
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
    }
    /// x^p ln x of two numbers, x ≥ 0, with the limits at 0 and ∞.
    fn power_ln(x: f64, p: f64) -> Self {
        Self::power(x, p) * Interval::point(x).ln()
    }
    /// The logarithms at which x^p ln x has its extremum for a fixed p ≠ 0, and the value there: −1/p, −1/(e p).
    fn dip(p: f64) -> (Self, Self) {
        let e = Interval::point(1.0).exp();
        let at = -Interval::point(1.0) / Interval::point(p);
        (at, at / e)
    }
}

impl Scalar for Interval {
    const ENCLOSES: bool = true;
    fn constant(x: f64) -> Self {
        Interval::point(x)
    }
    fn enclosed(_nearby: f64, within: Interval) -> Self {
        within
    }
    fn exp(self) -> Self {
        self.increasing(libm::exp, LIBM, (0.0, f64::INFINITY), (0.0, 1.0))
    }
    fn ln(self) -> Self {
        if self.lo < 0.0 {
            return Interval::ENTIRE;
        }
        // libm::log(0) = −∞, below which nothing is.
        self.increasing(libm::log, LIBM, (f64::NEG_INFINITY, f64::INFINITY), (1.0, 0.0))
    }
    fn sqrt(self) -> Self {
        if self.lo < 0.0 {
            return Interval::ENTIRE;
        }
        Interval { lo: Below.sqrt(self.lo), hi: Above.sqrt(self.hi) }
    }
    fn tanh(self) -> Self {
        self.increasing(libm::tanh, COMPOSED, (-1.0, 1.0), (0.0, 0.0))
    }
    fn erf(self) -> Self {
        self.increasing(libm::erf, LIBM, (-1.0, 1.0), (0.0, 0.0))
    }
    fn erfcx(self) -> Self {
        // Decreasing.
        let f = |x: f64| special::erfcx(-x);
        (-self).increasing(f, special::ERFCX_ULPS, (0.0, f64::INFINITY), (0.0, 1.0))
    }
    fn erfcx_integral(self, b: Self) -> Self {
        // The integrand is positive: decreasing in the lower limit, increasing in the upper one.
        let at = |a: f64, b: f64, side: Towards| {
            let value = special::erfcx_integral(a, b);
            // An overflow is beyond the largest number, unless a limit of integration is infinite.
            match value.is_finite() || !a.is_finite() || !b.is_finite() {
                true => {
                    side.by_ulps(side.add(value, side.mul(value.abs(), side.sign() * special::INTEGRAL_RELATIVE)), 1)
                }
                false => value.signum() * if (value > 0.0) == (side == Below) { 1e308 } else { f64::INFINITY },
            }
        };
        let (lo, hi) = (at(self.hi, b.lo, Below), at(self.lo, b.hi, Above));
        if self == b && self.lo == self.hi { Interval::point(0.0) } else { Interval::new(lo, hi) }
    }
    fn siegert(mu: Self, sigma: Self, tau_m: Self, tau_ref: Self, theta: Self, v_reset: Self) -> Self {
        special::siegert_interval([mu, sigma, tau_m, tau_ref, theta, v_reset])
    }
    fn sin(self) -> Self {
        self.wave(libm::sin, 0.5, (0.0, 0.0))
    }
    fn cos(self) -> Self {
        self.wave(libm::cos, 0.0, (0.0, 1.0))
    }
    fn atan(self) -> Self {
        let half_pi = Self::pi().hi * 0.5;
        self.increasing(libm::atan, LIBM, (-half_pi, half_pi), (0.0, 0.0))
    }
    fn sigmoid(self) -> Self {
        let f = |x: f64| {
            let e = libm::exp(-x.abs());
            if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
        };
        self.increasing(f, COMPOSED, (0.0, 1.0), (0.0, 0.5))
    }
    fn sigmoid_slope(self) -> Self {
        self.hump(1.0, 0.25)
    }
    fn tanh_slope(self) -> Self {
        // The formula for plain numbers loses digits to 1 − t; its result shall be inside too.
        let slope = self.hump(2.0, 1.0);
        Interval { lo: (slope.lo - 2e-15).max(0.0), hi: slope.hi + 2e-15 }
    }
    fn softplus(self) -> Self {
        let at = |x: f64, side: Towards| {
            let tail = side.by_ulps(libm::log1p(libm::exp(-x.abs())), COMPOSED).max(0.0);
            side.add(x.max(0.0), tail)
        };
        Interval::new(at(self.lo, Below), at(self.hi, Above))
    }
    fn normal_cdf(self) -> Self {
        self.increasing(special::normal_cdf, special::NORMAL_CDF_ULPS, (0.0, 1.0), (0.0, 0.5))
    }
    fn relu(self) -> Self {
        Interval { lo: self.lo.max(0.0), hi: self.hi.max(0.0) }
    }
    fn step(self) -> Self {
        match (self.lo, self.hi) {
            (0.0, 0.0) => Interval::point(0.5),
            (lo, hi) => {
                let low = if lo > 0.0 {
                    1.0
                } else if lo == 0.0 {
                    0.5
                } else {
                    0.0
                };
                let high = if hi < 0.0 {
                    0.0
                } else if hi == 0.0 {
                    0.5
                } else {
                    1.0
                };
                Interval { lo: low, hi: high }
            }
        }
    }
    fn step_slope(self) -> Self {
        if self.contains(0.0) { Interval::ENTIRE } else { Interval::point(0.0) }
    }
    fn abs(self) -> Self {
        Interval { lo: self.mig(), hi: self.mag() }
    }
    fn max(self, o: Self) -> Self {
        Interval { lo: self.lo.max(o.lo), hi: self.hi.max(o.hi) }
    }
    fn min(self, o: Self) -> Self {
        Interval { lo: self.lo.min(o.lo), hi: self.hi.min(o.hi) }
    }
    fn powi(self, n: i32) -> Self {
        let of = |x: f64| Self::whole_power(x, n.unsigned_abs());
        let power = match n {
            0 => return Interval::point(1.0),
            1 => return self,
            _ if n % 2 != 0 => of(self.lo).hull(of(self.hi)),
            _ => {
                let (small, large) = (of(self.mig()), of(self.mag()));
                Interval { lo: small.lo.max(0.0), hi: large.hi }
            }
        };
        if n < 0 { Interval::point(1.0) / power } else { power }
    }
    fn powc(self, c: f64) -> Self {
        match c {
            0.5 => self.sqrt(),
            _ if c == c.trunc() && c.abs() <= 64.0 => self.powi(c as i32),
            _ => self.powf(Interval::point(c)),
        }
    }
    fn powf(self, p: Self) -> Self {
        if self.lo < 0.0 {
            return Interval::ENTIRE;
        }
        // x^p = exp(p ln x), and p ln x is extreme at the corners of a box.
        let corner = |x: f64| Self::power(x, p.lo).hull(Self::power(x, p.hi));
        corner(self.lo).hull(corner(self.hi))
    }
    fn pow_ln(self, p: Self) -> Self {
        if self.lo < 0.0 {
            return Interval::ENTIRE;
        }
        // Increasing in p, since ∂/∂p = x^p ln² x. In L = ln x it is L e^(pL), with one minimum (p > 0) or maximum
        // (p < 0) at L = −1/p: the ends, and that extremum unless it surely lies outside.
        let l = self.ln();
        let lowest = Self::power_ln(self.lo, p.lo).lo.min(Self::power_ln(self.hi, p.lo).lo);
        let highest = Self::power_ln(self.lo, p.hi).hi.max(Self::power_ln(self.hi, p.hi).hi);
        let lo = match p.lo > 0.0 {
            true => Some(Self::dip(p.lo)).filter(|d| d.0.intersect(l).is_some()).map_or(lowest, |d| lowest.min(d.1.lo)),
            false => lowest,
        };
        let hi = match p.hi < 0.0 {
            true => {
                Some(Self::dip(p.hi)).filter(|d| d.0.intersect(l).is_some()).map_or(highest, |d| highest.max(d.1.hi))
            }
            false => highest,
        };
        Interval::new(lo, hi)
    }
    fn hill(self, k: Self, n: Self) -> Self {
        // q/(1 + q) with q = (x/k)^n is increasing in q, and q is tight.
        let q = (self / k).powf(n);
        if q.lo < 0.0 {
            return Interval::ENTIRE;
        }
        let at = |q: f64, side: Towards, other: Towards, outwards: fn(f64) -> f64| {
            if q == 0.0 || q == f64::INFINITY {
                return if q == 0.0 { 0.0 } else { 1.0 };
            }
            // Two more units in the last place, so that the same formula in plain numbers, with its two roundings of
            // half a unit each, is inside too.
            outwards(outwards(side.div(q, other.add(1.0, q)))).clamp(0.0, 1.0)
        };
        Interval { lo: at(q.lo, Below, Above, f64::next_down), hi: at(q.hi, Above, Below, f64::next_up) }
    }
}
