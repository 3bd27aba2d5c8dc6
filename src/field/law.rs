//! How is a model written in Rust? As one function, generic over the number.

use super::{Field, Names};
use crate::num::{Dual, Fan, Interval, Jet, Lanes, Scalar};

/// A vector field written once for every kind of number.
///
/// *To add one*: implement [`law_names`](Law::law_names) and [`rates`](Law::rates); readouts and noise where there are
/// any. It is then a [`Field`] over values, lanes, duals, jets and intervals.
pub trait Law: Send + Sync {
    /// Variables, parameters, readouts and noise sources.
    fn law_names(&self) -> &Names;
    /// dx/dt.
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]);
    /// dx/dt taken apart into speeds and shapes, dxᵢ/dt = cᵢ(p) gᵢ(x; p); without it all speeds are 1. A proof over a
    /// range of a time constant gets farther when it knows that this moves no fixed point.
    fn factored<S: Scalar>(&self, x: &[S], p: &[S], c: &mut [S], g: &mut [S]) {
        c.fill(S::constant(1.0));
        self.rates(x, p, g);
    }
    /// The same law with sums as further variables: [`Field::lifted`].
    fn lift(&self, _p: &[Interval]) -> Option<Box<dyn Field>> {
        None
    }
    /// The readouts.
    fn readouts<S: Scalar>(&self, _x: &[S], _p: &[S], _out: &mut [S]) {}
    /// Hard bounds with parameters `p`: (place of the variable, floor, ceiling). The rates must respect them: no outward
    /// rate at a bound.
    fn limits(&self, _p: &[f64]) -> Vec<(usize, f64, f64)> {
        Vec::new()
    }
    /// The Itô noise matrix, variables × sources, row-major.
    fn diffusion<S: Scalar>(&self, _x: &[S], _p: &[S], _g: &mut [S]) {}
}

impl<L: Law> Field for L {
    fn names(&self) -> &Names {
        self.law_names()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        self.rates(x, p, dx);
    }
    fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]) {
        self.rates(x, p, dx);
    }
    fn fan(&self, x: &[Fan], p: &[Fan], dx: &mut [Fan]) {
        self.rates(x, p, dx);
    }
    fn second(&self, x: &[Fan<Dual>], p: &[Fan<Dual>], dx: &mut [Fan<Dual>]) {
        self.rates(x, p, dx);
    }
    fn jet(&self, x: &[Jet], p: &[Jet], dx: &mut [Jet]) {
        self.rates(x, p, dx);
    }
    fn jet5(&self, x: &[Jet<6>], p: &[Jet<6>], dx: &mut [Jet<6>]) {
        self.rates(x, p, dx);
    }
    fn interval(&self, x: &[Interval], p: &[Interval], dx: &mut [Interval]) {
        self.rates(x, p, dx);
    }
    fn push_interval(&self, x: &[Dual<Interval>], p: &[Dual<Interval>], dx: &mut [Dual<Interval>]) {
        self.rates(x, p, dx);
    }
    fn factored_interval(
        &self,
        x: &[Dual<Interval>],
        p: &[Dual<Interval>],
        c: &mut [Dual<Interval>],
        g: &mut [Dual<Interval>],
    ) {
        self.factored(x, p, c, g);
    }
    fn factored_fan(&self, x: &[Fan<Interval>], p: &[Fan<Interval>], c: &mut [Fan<Interval>], g: &mut [Fan<Interval>]) {
        self.factored(x, p, c, g);
    }
    fn lifted(&self, p: &[Interval]) -> Option<Box<dyn Field>> {
        self.lift(p)
    }
    fn lanes(&self, x: &[Lanes], p: &[Lanes], dx: &mut [Lanes]) {
        self.rates(x, p, dx);
    }
    fn fan_lanes(&self, x: &[Fan<Lanes>], p: &[Fan<Lanes>], dx: &mut [Fan<Lanes>]) {
        self.rates(x, p, dx);
    }
    fn bounds(&self, p: &[f64]) -> Vec<(usize, f64, f64)> {
        self.limits(p)
    }
    fn read(&self, x: &[f64], p: &[f64], out: &mut [f64]) {
        self.readouts(x, p, out);
    }
    fn read_push(&self, x: &[Dual], p: &[Dual], out: &mut [Dual]) {
        self.readouts(x, p, out);
    }
    fn noise(&self, x: &[f64], p: &[f64], g: &mut [f64]) {
        self.diffusion(x, p, g);
    }
    fn noise_push(&self, x: &[Dual], p: &[Dual], g: &mut [Dual]) {
        self.diffusion(x, p, g);
    }
    fn noise_lanes(&self, x: &[Lanes], p: &[Lanes], g: &mut [Lanes]) {
        self.diffusion(x, p, g);
    }
}
