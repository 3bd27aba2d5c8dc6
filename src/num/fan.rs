//! How are several derivatives of an equation had for one evaluation? A value with its slopes along [`FAN`] directions.
//!
//! Over duals the slopes carry second derivatives: one direction of the dual against each direction of the fan.

use super::{Dual, Interval, Lanes, Scalar};
use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// How many directions one [`Fan`] holds.
pub const FAN: usize = 4;

/// A value and its derivatives along [`FAN`] directions: the expensive functions are evaluated once for all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fan<T = f64> {
    /// The value.
    pub v: T,
    /// The derivative along each direction.
    pub d: [T; FAN],
}

impl<T: Scalar> Fan<T> {
    /// A value that depends on no direction.
    pub fn fixed(v: T) -> Self {
        Fan { v, d: [T::constant(0.0); FAN] }
    }
    /// One of its directions alone.
    pub fn along(self, direction: usize) -> Dual<T> {
        Dual::new(self.v, self.d[direction])
    }
    fn chain(self, f: impl Fn(Dual<T>) -> Dual<T>) -> Self {
        let at = f(Dual::variable(self.v));
        Fan { v: at.v, d: self.d.map(|d| d * at.d) }
    }
    fn both(self, o: Self, f: impl Fn(Dual<T>, Dual<T>) -> Dual<T>) -> Self {
        let (a, b) = (f(Dual::variable(self.v), Dual::fixed(o.v)), f(Dual::fixed(self.v), Dual::variable(o.v)));
        Fan { v: a.v, d: from_fn(|k| self.d[k].zero_wins(a.d) + o.d[k].zero_wins(b.d)) }
    }
    fn product(self, o: Self) -> Self {
        self.slopes(self.v * o.v, |k| self.d[k] * o.v + self.v * o.d[k])
    }
    fn quotient(self, o: Self) -> Self {
        // As for `Dual`: a quotient that vanishes because o is infinite has no slope, however steep o is.
        let v = self.v / o.v;
        self.slopes(v, |k| (self.d[k] - v.zero_wins(o.d[k])) / o.v)
    }
    fn slopes(self, v: T, slope: impl Fn(usize) -> T) -> Self {
        Fan { v, d: from_fn(slope) }
    }
}

impl Fan<Lanes> {
    /// One of its members alone.
    pub fn member(self, lane: usize) -> Fan {
        Fan { v: self.v.0[lane], d: self.d.map(|d| d.0[lane]) }
    }
}

impl<T: Scalar> Neg for Fan<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Fan { v: -self.v, d: self.d.map(|d| -d) }
    }
}
impl<T: Scalar> Add for Fan<T> {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        self.slopes(self.v + o.v, |k| self.d[k] + o.d[k])
    }
}
impl<T: Scalar> Sub for Fan<T> {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self.slopes(self.v - o.v, |k| self.d[k] - o.d[k])
    }
}
impl<T: Scalar> Mul for Fan<T> {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        self.product(o)
    }
}
impl<T: Scalar> Div for Fan<T> {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        self.quotient(o)
    }
}
impl<T: Scalar> Add<f64> for Fan<T> {
    type Output = Self;
    fn add(self, o: f64) -> Self {
        Fan { v: self.v + o, d: self.d }
    }
}
impl<T: Scalar> Sub<f64> for Fan<T> {
    type Output = Self;
    fn sub(self, o: f64) -> Self {
        Fan { v: self.v - o, d: self.d }
    }
}
impl<T: Scalar> Mul<f64> for Fan<T> {
    type Output = Self;
    fn mul(self, o: f64) -> Self {
        Fan { v: self.v * o, d: self.d.map(|d| d * o) }
    }
}
impl<T: Scalar> Div<f64> for Fan<T> {
    type Output = Self;
    fn div(self, o: f64) -> Self {
        Fan { v: self.v / o, d: self.d.map(|d| d / o) }
    }
}

impl<T: Scalar> Scalar for Fan<T> {
    fn constant(x: f64) -> Self {
        Fan::fixed(T::constant(x))
    }
    fn enclosed(nearby: f64, within: Interval) -> Self {
        Fan::fixed(T::enclosed(nearby, within))
    }
    fn exp(self) -> Self {
        self.chain(Scalar::exp)
    }
    fn ln(self) -> Self {
        self.chain(Scalar::ln)
    }
    fn sqrt(self) -> Self {
        self.chain(Scalar::sqrt)
    }
    fn tanh(self) -> Self {
        self.chain(Scalar::tanh)
    }
    fn erf(self) -> Self {
        self.chain(Scalar::erf)
    }
    fn erfcx(self) -> Self {
        self.chain(Scalar::erfcx)
    }
    fn erfcx_integral(self, b: Self) -> Self {
        self.both(b, Scalar::erfcx_integral)
    }
    fn siegert(mu: Self, sigma: Self, tau_m: Self, tau_ref: Self, theta: Self, v_reset: Self) -> Self {
        let one = |k| {
            let [a, b, c, d, e, f] = [mu, sigma, tau_m, tau_ref, theta, v_reset].map(|x| x.along(k));
            Dual::siegert(a, b, c, d, e, f)
        };
        let all: [Dual<T>; FAN] = from_fn(one);
        Fan { v: all[0].v, d: all.map(|x| x.d) }
    }
    fn normal_cdf(self) -> Self {
        self.chain(Scalar::normal_cdf)
    }
    fn zero_wins(self, o: Self) -> Self {
        let slope = |k: usize| self.d[k].zero_wins(o.v) + self.v.zero_wins(o.d[k]);
        self.slopes(self.v.zero_wins(o.v), slope)
    }
    fn hill(self, k: Self, n: Self) -> Self {
        (self / k).both(n, |u, n| u.hill(Dual::constant(1.0), n))
    }
    fn sin(self) -> Self {
        self.chain(Scalar::sin)
    }
    fn cos(self) -> Self {
        self.chain(Scalar::cos)
    }
    fn atan(self) -> Self {
        self.chain(Scalar::atan)
    }
    fn sigmoid(self) -> Self {
        self.chain(Scalar::sigmoid)
    }
    fn softplus(self) -> Self {
        self.chain(Scalar::softplus)
    }
    fn logistic_as_written(self) -> Self {
        match T::ENCLOSES {
            true => self.chain(Scalar::logistic_as_written),
            false => Self::constant(1.0) / (self.exp() + 1.0),
        }
    }
    fn softplus_as_written(self) -> Self {
        match T::ENCLOSES {
            true => self.chain(Scalar::softplus_as_written),
            false => (self.exp() + 1.0).ln(),
        }
    }
    fn relu(self) -> Self {
        self.chain(Scalar::relu)
    }
    fn step(self) -> Self {
        self.chain(Scalar::step)
    }
    fn step_slope(self) -> Self {
        self.chain(Scalar::step_slope)
    }
    fn abs(self) -> Self {
        self.chain(Scalar::abs)
    }
    fn max(self, o: Self) -> Self {
        self.both(o, Scalar::max)
    }
    fn min(self, o: Self) -> Self {
        self.both(o, Scalar::min)
    }
    fn powi(self, n: i32) -> Self {
        self.chain(|x| Scalar::powi(x, n))
    }
    fn powc(self, c: f64) -> Self {
        self.chain(|x| x.powc(c))
    }
    fn powf(self, p: Self) -> Self {
        self.both(p, Scalar::powf)
    }
    fn pow_ln(self, p: Self) -> Self {
        self.both(p, Scalar::pow_ln)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every function of a scalar at once; x and y positive.
    fn all<S: Scalar>(x: S, y: S) -> S {
        let smooth = x.exp() + x.ln() * y.sqrt() - x.tanh() / (y + 2.0) + x.erf() * y.sin() + y.cos() - x.atan();
        let gain = x.sigmoid() + y.softplus() + (x - y).relu() + (x - y).abs() + x.max(y) * 2.0 - x.min(y) / 3.0;
        let power = x.powi(3) + y.powc(1.5) + x.powf(y) + x.hill(y, x + 1.0) + x.pow_ln(y) + x.normal_cdf();
        let rate = S::siegert(x * 0.01, y * 0.005, x * 0.02, y * 0.002, y * 0.02, x * 0.001);
        smooth + gain + power + x.erfcx() + x.erfcx_integral(y) + rate * 1e-3 + x.zero_wins(y)
    }

    /// Over duals: the second derivatives are those of nested duals.
    #[test]
    fn law_a_fan_of_duals_has_the_mixed_derivatives() {
        let (x, y) = (0.7, 1.4);
        let (u, e) = ([0.3, -1.1], [[1.0, 0.0], [0.0, 1.0], [0.5, -2.0], [1.5, 0.25]]);
        let fan = |v: f64, i: usize| Fan { v: Dual::new(v, u[i]), d: e.map(|e| Dual::fixed(e[i])) };
        let together = all(fan(x, 0), fan(y, 1));
        for (k, e) in e.iter().enumerate() {
            let nested = |v: f64, i: usize| Dual::new(Dual::new(v, u[i]), Dual::fixed(e[i]));
            let one = all(nested(x, 0), nested(y, 1));
            for (a, b) in [(together.d[k].d, one.d.d), (together.d[k].v, one.d.v), (together.v.d, one.v.d)] {
                assert!((a - b).abs() <= 1e-13 * (1.0 + b.abs()), "{k}: {a} {b}");
            }
        }
    }

    #[test]
    fn law_a_fan_of_lanes_holds_as_many_fans() {
        let lanes = |from: f64, step: f64| Lanes(from_fn(|k| from + step * k as f64));
        let fan = |v: Lanes, shift: f64| Fan { v, d: from_fn(|k| lanes(shift - 0.4 * k as f64, 0.1)) };
        let (x, y) = (fan(lanes(0.3, 0.11), 1.0), fan(lanes(1.9, -0.07), -0.5));
        let together = all(x, y);
        for lane in 0..crate::num::LANES {
            let (one, alone) = (together.member(lane), all(x.member(lane), y.member(lane)));
            for (a, b) in one.d.into_iter().chain([one.v]).zip(alone.d.into_iter().chain([alone.v])) {
                assert!((a - b).abs() <= 1e-13 * (1.0 + b.abs()), "{lane}: {a} {b}");
            }
        }
    }

    /// No direction is enclosed noticeably worse than by a dual alone, and the values are the same.
    #[test]
    fn law_every_direction_of_intervals_is_enclosed_as_by_a_dual() {
        let slopes = [1.0, 0.0, -0.7, 2.0];
        for (lo, hi) in [(0.4, 0.4), (0.3, 0.5), (0.2, 1.9), (-1.0, 2.0)] {
            let at = Interval::new(lo, hi);
            let fan = Fan { v: at, d: slopes.map(Interval::point) };
            let both = |k: usize| {
                let dual = Dual::new(at, Interval::point(slopes[k]));
                [
                    (fan.logistic_as_written().along(k), dual.logistic_as_written()),
                    (fan.softplus_as_written().along(k), dual.softplus_as_written()),
                    (fan.sigmoid().along(k), dual.sigmoid()),
                    (fan.tanh().along(k), dual.tanh()),
                    ((fan.powi(3) / (fan.powi(2) + 1.0)).along(k), dual.powi(3) / (dual.powi(2) + 1.0)),
                ]
            };
            for (fan, dual) in (0..FAN).flat_map(both) {
                assert_eq!(fan.v, dual.v);
                let near = |a: f64, b: f64| (a - b).abs() <= 16.0 * f64::EPSILON * (1.0 + b.abs());
                assert!(near(fan.d.lo(), dual.d.lo()) && near(fan.d.hi(), dual.d.hi()), "{fan:?} {dual:?}");
            }
        }
    }

    #[test]
    fn law_every_direction_is_that_of_a_dual() {
        for (x, y) in [(0.4, 1.3), (1.7, 0.6), (0.9, 2.2)] {
            let (dx, dy) = ([1.0, 0.0, -0.7, 2.0], [0.0, 1.0, 0.3, 0.5]);
            let fan = all(Fan { v: x, d: dx }, Fan { v: y, d: dy });
            for k in 0..FAN {
                let dual = all(Dual::new(x, dx[k]), Dual::new(y, dy[k]));
                assert_eq!(fan.v.to_bits(), dual.v.to_bits());
                assert!(
                    (fan.d[k] - dual.d).abs() <= 64.0 * f64::EPSILON * (1.0 + dual.d.abs()),
                    "{k}: {fan:?} {dual:?}"
                );
            }
        }
    }
}
