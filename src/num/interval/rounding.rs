//! Which is the nearest f64 not above (not below) the exact result? Sharp rounding without changing the rounding mode.
//!
//! The rounded result comes with its exact error (a sum by Knuth's two-sum, a product, quotient and root by the fused
//! multiply-add); its sign says on which side the exact result lies, so that an exact result stays a point.
//! Where the error itself could underflow ([`TINY`]) the result is moved by one unit in the last place instead.
//!
//! Source: Rump, Ogita, Morikura and Oishi 2016 (the idea); IEEE 754 for the operations.

/// Below this size the error of a product may be no f64.
const TINY: f64 = 1e-290;

/// One of two directions to round in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Towards {
    /// Down, to −∞.
    Below,
    /// Up, to ∞.
    Above,
}
use Towards::{Above, Below};

impl Towards {
    /// `rounded` moved to the safe side, given the sign of exact − rounded.
    fn settle(self, rounded: f64, error: f64) -> f64 {
        match self {
            Below if error < 0.0 => rounded.next_down(),
            Above if error > 0.0 => rounded.next_up(),
            _ => rounded,
        }
    }
    /// `rounded`, an overflow or a result whose error is not known, moved by one unit; never across zero against the
    /// known `sign` of the exact result.
    fn widen(self, rounded: f64, sign: f64) -> f64 {
        match self {
            Below if sign > 0.0 => rounded.next_down().max(0.0),
            Below => rounded.next_down(),
            Above if sign < 0.0 => rounded.next_up().min(-0.0),
            Above => rounded.next_up(),
        }
    }
    /// The side on which nothing is known.
    fn unknown(self) -> f64 {
        if self == Below { f64::NEG_INFINITY } else { f64::INFINITY }
    }
    /// −1 below, 1 above.
    pub(super) fn sign(self) -> f64 {
        if self == Below { -1.0 } else { 1.0 }
    }
    /// a + b.
    pub(super) fn add(self, a: f64, b: f64) -> f64 {
        let s = a + b;
        if s.is_nan() {
            return self.unknown();
        }
        if !s.is_finite() {
            // An infinite end stays; an overflow of finite ends is beyond the largest number.
            return if a.is_finite() && b.is_finite() { self.widen(s, 0.0) } else { s };
        }
        let t = s - a;
        self.settle(s, (a - (s - t)) + (b - t))
    }
    /// a b, with 0 · ∞ = 0: an infinite end is a bound, not a value.
    pub(super) fn mul(self, a: f64, b: f64) -> f64 {
        if a == 0.0 || b == 0.0 {
            return 0.0;
        }
        let p = a * b;
        if !p.is_finite() {
            return if a.is_finite() && b.is_finite() { self.widen(p, 0.0) } else { p };
        }
        match p.abs() > TINY {
            true => self.settle(p, a.mul_add(b, -p)),
            false => self.widen(p, a.signum() * b.signum()),
        }
    }
    /// a/b for b ≠ 0, with a/∞ = 0 and ∞/∞ unknown.
    pub(super) fn div(self, a: f64, b: f64) -> f64 {
        if a == 0.0 {
            return 0.0;
        }
        let q = a / b;
        if q.is_nan() {
            return self.unknown();
        }
        if !a.is_finite() || !b.is_finite() {
            return q;
        }
        let sign = a.signum() * b.signum();
        if !q.is_finite() {
            return self.widen(q, 0.0);
        }
        match a.abs() > TINY && q.abs() > f64::MIN_POSITIVE {
            // a − q b, whose sign over that of b is the sign of the error.
            true => self.settle(q, (-q).mul_add(b, a) * b.signum()),
            false => self.widen(q, sign),
        }
    }
    /// √a for a ≥ 0.
    pub(super) fn sqrt(self, a: f64) -> f64 {
        let s = a.sqrt();
        if a == 0.0 || !s.is_finite() {
            return s;
        }
        match a > TINY {
            true => self.settle(s, (-s).mul_add(s, a)),
            // Scaled by powers of two, which is exact.
            false => self.sqrt(a * 2f64.powi(108)) * 2f64.powi(-54),
        }
    }
    /// A result known to `ulps` units in the last place, moved by as many.
    pub(super) fn by_ulps(self, x: f64, ulps: u32) -> f64 {
        (0..ulps).fold(x, |x, _| if self == Below { x.next_down() } else { x.next_up() })
    }
}
