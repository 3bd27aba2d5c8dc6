//! What can be asked of every model, whatever it is made of?
//!
//! A [`Field`] is a vector field with names: dx/dt = f(x; p), variables x, parameters p, readouts, and, where there is
//! noise, dx = f dt + G dW (Itô). Methods take `&dyn Field` and never know which model they were given.
//! A model written in Rust implements [`Law`], one generic function, and is a `Field` over every kind of number.
//!
//! ```
//! use homeostat::field::{Field, Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// Homeostatic scaling of one weight: dw/dt = (r0 − x w) w/τ.
//! struct Scaling(Names);
//! impl Law for Scaling {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = (p[0] - x[0]) * x[0] * 0.1; }
//! }
//! let model = Scaling(Names::new("scaling", [Quantity::plain("w", 1.0)], [Quantity::plain("r0", 5.0)]));
//! let field: &dyn Field = &model;
//! let jacobian = field.jacobian(&[5.0], &[5.0]);
//! assert_eq!(jacobian[(0, 0)], -0.5);
//! ```

mod law;
mod names;
mod table;
mod unit;
mod unit_names;
mod unit_show;
pub(crate) mod unit_text;
mod unit_value;

pub use crate::error::{Error, Place, Result, nearest};
pub use law::Law;
pub use names::{Names, Pace, Quantity};
pub(crate) use names::{stated, unknown};
pub use table::{Column, Table, Values};
pub use unit::Unit;
pub use unit_value::parse_quantity;

use crate::num::{Dual, FAN, Fan, Interval, Jet, LANES, Lanes};
use nalgebra::DMatrix;

/// A vector field with names: what every method asks of every model.
///
/// `x` has one entry per variable, `p` one per parameter, in the order of [`Names`], all in the coherent units of
/// [`Unit`] (s, Hz, V, …). What a field does not offer answers soundly: intervals with the whole line (nothing can be
/// proven), jets with NaN (no normal form), no readouts, no noise.
///
/// *To add one*: implement [`Law`] (everything follows), or here [`names`](Field::names), [`rate`](Field::rate) and
/// [`push`](Field::push).
pub trait Field: Send + Sync {
    /// Variables, parameters, readouts and noise sources, with units.
    fn names(&self) -> &Names;
    /// dx/dt at x.
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]);
    /// dx/dt and its derivative along the direction that `x` and `p` carry.
    fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]);
    /// dx/dt and its derivatives along the [`FAN`] directions that `x` and `p` carry.
    fn fan(&self, x: &[Fan], p: &[Fan], dx: &mut [Fan]) {
        let mut out = vec![Dual::fixed(0.0); dx.len()];
        for k in 0..FAN {
            let along = |all: &[Fan]| all.iter().map(|a| a.along(k)).collect::<Vec<_>>();
            self.push(&along(x), &along(p), &mut out);
            dx.iter_mut().zip(&out).for_each(|(all, one)| (all.v, all.d[k]) = (one.v, one.d));
        }
    }
    /// dx/dt and its second derivatives along the direction u that the duals carry and each direction e of the fan:
    /// `d[k].d` is B(u, e_k). By polarisation of [`jet`](Field::jet) unless a field has them at once.
    fn second(&self, x: &[Fan<Dual>], p: &[Fan<Dual>], dx: &mut [Fan<Dual>]) {
        for k in 0..FAN {
            let [plus, minus] = [1.0, -1.0].map(|sign| {
                let line = |a: &Fan<Dual>| Jet::line(a.v.v, a.v.d + sign * a.d[k].v);
                let (x, p): (Vec<Jet>, Vec<Jet>) = (x.iter().map(line).collect(), p.iter().map(line).collect());
                let mut out = vec![Jet([0.0; 4]); dx.len()];
                self.jet(&x, &p, &mut out);
                out
            });
            for ((all, a), b) in dx.iter_mut().zip(&plus).zip(&minus) {
                all.v = Dual::new(a.0[0], 0.5 * (a.0[1] + b.0[1]));
                all.d[k] = Dual::new(0.5 * (a.0[1] - b.0[1]), 0.5 * (a.0[2] - b.0[2]));
            }
        }
    }
    /// dx/dt as a third-order Taylor series along a line.
    fn jet(&self, _x: &[Jet], _p: &[Jet], dx: &mut [Jet]) {
        dx.fill(Jet([f64::NAN; 4]));
    }
    /// dx/dt as a fifth-order Taylor series along a line.
    fn jet5(&self, _x: &[Jet<6>], _p: &[Jet<6>], dx: &mut [Jet<6>]) {
        dx.fill(Jet([f64::NAN; 6]));
    }
    /// An enclosure of dx/dt over a box of states and parameters.
    fn interval(&self, _x: &[Interval], _p: &[Interval], dx: &mut [Interval]) {
        dx.fill(Interval::ENTIRE);
    }
    /// An enclosure of dx/dt and of its derivative along a direction, over a box.
    fn push_interval(&self, _x: &[Dual<Interval>], _p: &[Dual<Interval>], dx: &mut [Dual<Interval>]) {
        dx.fill(Dual::new(Interval::ENTIRE, Interval::ENTIRE));
    }
    /// Enclosures of speeds c and shapes g, dxᵢ/dt = cᵢ(p) gᵢ(x; p), with their derivatives along a direction, over a
    /// box. Speeds depend on parameters only; without more knowledge they are 1.
    fn factored_interval(
        &self,
        x: &[Dual<Interval>],
        p: &[Dual<Interval>],
        c: &mut [Dual<Interval>],
        g: &mut [Dual<Interval>],
    ) {
        c.fill(Dual::fixed(Interval::point(1.0)));
        self.push_interval(x, p, g);
    }
    /// The same with derivatives along the [`FAN`] directions that `x` and `p` carry.
    fn factored_fan(&self, x: &[Fan<Interval>], p: &[Fan<Interval>], c: &mut [Fan<Interval>], g: &mut [Fan<Interval>]) {
        let mut out = [c.len(), g.len()].map(|n| vec![Dual::fixed(Interval::ENTIRE); n]);
        for k in 0..FAN {
            let along = |all: &[Fan<Interval>]| all.iter().map(|a| a.along(k)).collect::<Vec<_>>();
            let [speeds, shapes] = &mut out;
            self.factored_interval(&along(x), &along(p), speeds, shapes);
            for (all, one) in c.iter_mut().zip(speeds).chain(g.iter_mut().zip(shapes)) {
                (all.v, all.d[k]) = (one.v, one.d);
            }
        }
    }
    /// The same rates with sums that several of them read as further variables s, which come last, and with the equations
    /// ds/dt = D(x) − s: over a box of parameters both have the same fixed points, those of the lifted field with
    /// s = D(x). A box is narrowed in many variables at once where s is cut. `None` where that does not pay.
    fn lifted(&self, _p: &[Interval]) -> Option<Box<dyn Field>> {
        None
    }
    /// dx/dt of [`LANES`] members at once.
    fn lanes(&self, x: &[Lanes], p: &[Lanes], dx: &mut [Lanes]) {
        let (mut xi, mut pi, mut di) = (vec![0.0; x.len()], vec![0.0; p.len()], vec![0.0; dx.len()]);
        for lane in 0..LANES {
            xi.iter_mut().zip(x).for_each(|(a, b)| *a = b.0[lane]);
            pi.iter_mut().zip(p).for_each(|(a, b)| *a = b.0[lane]);
            self.rate(&xi, &pi, &mut di);
            dx.iter_mut().zip(&di).for_each(|(a, b)| a.0[lane] = *b);
        }
    }
    /// dx/dt of [`LANES`] members at once, and its derivatives along the [`FAN`] directions that `x` and `p` carry.
    fn fan_lanes(&self, x: &[Fan<Lanes>], p: &[Fan<Lanes>], dx: &mut [Fan<Lanes>]) {
        let mut out = vec![Fan::fixed(0.0); dx.len()];
        for lane in 0..LANES {
            let one = |all: &[Fan<Lanes>]| all.iter().map(|a| a.member(lane)).collect::<Vec<_>>();
            self.fan(&one(x), &one(p), &mut out);
            for (all, one) in dx.iter_mut().zip(&out) {
                all.v.0[lane] = one.v;
                all.d.iter_mut().zip(one.d).for_each(|(all, one)| all.0[lane] = one);
            }
        }
    }
    /// The readouts (rates, currents, … defined by algebra) at x.
    fn read(&self, _x: &[f64], _p: &[f64], _out: &mut [f64]) {}
    /// The readouts and their derivative along a direction.
    fn read_push(&self, _x: &[Dual], _p: &[Dual], _out: &mut [Dual]) {}
    /// Hard bounds with parameters `p`: (place of the variable, floor, ceiling), coherent units. At a bound the rate has
    /// no outward part, so no trajectory leaves; a method that makes steps must not step over one.
    fn bounds(&self, _p: &[f64]) -> Vec<(usize, f64, f64)> {
        Vec::new()
    }

    /// The Itô noise matrix G at x, row-major: variables × noise sources, per √s.
    fn noise(&self, _x: &[f64], _p: &[f64], _g: &mut [f64]) {}
    /// The noise matrix and its derivative along a direction.
    fn noise_push(&self, _x: &[Dual], _p: &[Dual], _g: &mut [Dual]) {}
    /// The noise matrix of [`LANES`] members at once.
    fn noise_lanes(&self, x: &[Lanes], p: &[Lanes], g: &mut [Lanes]) {
        let (mut xi, mut pi, mut gi) = (vec![0.0; x.len()], vec![0.0; p.len()], vec![0.0; g.len()]);
        for lane in 0..LANES {
            xi.iter_mut().zip(x).for_each(|(a, b)| *a = b.0[lane]);
            pi.iter_mut().zip(p).for_each(|(a, b)| *a = b.0[lane]);
            self.noise(&xi, &pi, &mut gi);
            g.iter_mut().zip(&gi).for_each(|(a, b)| a.0[lane] = *b);
        }
    }

    /// The Jacobian ∂f/∂x at x, variables × variables, exact to rounding.
    fn jacobian(&self, x: &[f64], p: &[f64]) -> DMatrix<f64> {
        let n = self.names().variables.len();
        let mut jacobian = DMatrix::zeros(n, n);
        let mut xd: Vec<Dual> = x.iter().map(|&v| Dual::fixed(v)).collect();
        let pd: Vec<Dual> = p.iter().map(|&v| Dual::fixed(v)).collect();
        let mut out = vec![Dual::fixed(0.0); n];
        for j in 0..n {
            xd[j].d = 1.0;
            self.push(&xd, &pd, &mut out);
            xd[j].d = 0.0;
            out.iter().enumerate().for_each(|(i, o)| jacobian[(i, j)] = o.d);
        }
        jacobian
    }
    /// The derivative ∂f/∂p_k at x.
    fn parameter_derivative(&self, x: &[f64], p: &[f64], k: usize) -> Vec<f64> {
        let xd: Vec<Dual> = x.iter().map(|&v| Dual::fixed(v)).collect();
        let mut pd: Vec<Dual> = p.iter().map(|&v| Dual::fixed(v)).collect();
        pd[k].d = 1.0;
        let mut out = vec![Dual::fixed(0.0); x.len()];
        self.push(&xd, &pd, &mut out);
        out.iter().map(|o| o.d).collect()
    }
}
