//! Between which two numbers does the true value lie, whatever the rounding? An outward-rounded interval.
//!
//! * Sums, products, quotients and roots are rounded sharply: each end is the nearest f64 on the safe side, and exact
//!   results stay points.
//! * The elementary functions come from the platform-independent `libm` and are widened by a bound on its error that
//!   stands, with its argument, beside each function in `interval/functions.rs`; the bounds are tested against two
//!   independent oracles.
//! * A function asked outside its domain answers with the whole line, from which nothing can be proven.
//!   At the edge of the domain it answers with its limit: 1/[0, 2] = [1/2, ∞], ln [0, 1] = [−∞, 0].
//!   There is no empty interval: [`Interval::intersect`] says `None`.
//!
//! Since an enclosure of a derivative is the whole line wherever its function is undefined, a proof that needs a bounded
//! derivative (Newton, Krawczyk) cannot succeed on a box that leaves the domain.

#[cfg(test)]
mod double_double;
mod functions;
mod rounding;
#[cfg(test)]
mod tests;

use rounding::Towards::{Above, Below};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A closed interval [lo, hi]; the ends may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    lo: f64,
    hi: f64,
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
            (true, false) => f64::max(2.0 * self.lo, 1.0).min(f64::MAX),
            (false, true) => f64::min(2.0 * self.hi, -1.0).max(f64::MIN),
            (false, false) => 0.0,
        }
    }
    /// hi − lo, rounded up.
    pub fn width(self) -> f64 {
        Above.add(self.hi, -self.lo)
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
        Interval { lo: Below.add(self.lo, o.lo), hi: Above.add(self.hi, o.hi) }
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
        // Two products are enough unless both factors change their sign.
        let (a, b, c, d) = (self.lo, self.hi, o.lo, o.hi);
        if a >= 0.0 {
            let (low, high) = (if c >= 0.0 { a } else { b }, if d >= 0.0 { b } else { a });
            return Interval { lo: Below.mul(low, c), hi: Above.mul(high, d) };
        }
        if b <= 0.0 {
            return -(-self * o);
        }
        if c >= 0.0 {
            return Interval { lo: Below.mul(a, d), hi: Above.mul(b, d) };
        }
        if d <= 0.0 {
            return Interval { lo: Below.mul(b, c), hi: Above.mul(a, c) };
        }
        Interval { lo: Below.mul(a, d).min(Below.mul(b, c)), hi: Above.mul(a, c).max(Above.mul(b, d)) }
    }
}
impl Div for Interval {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        let (a, b, c, d) = (self.lo, self.hi, o.lo, o.hi);
        if d < 0.0 || (d == 0.0 && c < 0.0) {
            return -self / -o;
        }
        if c > 0.0 {
            return Interval {
                lo: Below.div(a, if a >= 0.0 { d } else { c }),
                hi: Above.div(b, if b >= 0.0 { c } else { d }),
            };
        }
        // The divisor touches zero from above, so the quotient is unbounded on one side; inside, on both.
        match c == 0.0 && d > 0.0 {
            true if a > 0.0 => Interval { lo: Below.div(a, d), hi: f64::INFINITY },
            true if b < 0.0 => Interval { lo: f64::NEG_INFINITY, hi: Above.div(b, d) },
            _ => Interval::ENTIRE,
        }
    }
}
impl Add<f64> for Interval {
    type Output = Self;
    fn add(self, o: f64) -> Self {
        Interval { lo: Below.add(self.lo, o), hi: Above.add(self.hi, o) }
    }
}
impl Sub<f64> for Interval {
    type Output = Self;
    fn sub(self, o: f64) -> Self {
        self + -o
    }
}
impl Mul<f64> for Interval {
    type Output = Self;
    fn mul(self, o: f64) -> Self {
        match (o > 0.0, o < 0.0) {
            (true, _) => Interval { lo: Below.mul(self.lo, o), hi: Above.mul(self.hi, o) },
            (_, true) => Interval { lo: Below.mul(self.hi, o), hi: Above.mul(self.lo, o) },
            _ => self * Interval::point(o),
        }
    }
}
impl Div<f64> for Interval {
    type Output = Self;
    fn div(self, o: f64) -> Self {
        match o > 0.0 {
            true => Interval { lo: Below.div(self.lo, o), hi: Above.div(self.hi, o) },
            false => self / Interval::point(o),
        }
    }
}
