//! What does the fast system do while the slow one stands still? And what is a model without its units?
//!
//! [`frozen`] makes variables into parameters: dx/dt = f(x; p, y) with y held. What was a slow state can then be varied,
//! continued and mapped like any parameter: the fast subsystem of a slow-fast analysis.
//! [`scaled`] measures every variable in a size of its own and time in another: u = x/s, τ = t/T, du/dτ = (T/s) f(s u).
//! Both are [`Field`]s over every kind of number, so every method takes them.
//!
//! ```
//! use homeostat::dynamics::frozen;
//! use homeostat::field::{Field, Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// A rate and its slow threshold: dr/dt = −r + tanh(2r − θ), dθ/dt = 0.01 r.
//! struct Adapting(Names);
//! impl Law for Adapting {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], _p: &[S], dx: &mut [S]) {
//!         dx[0] = (x[0] * 2.0 - x[1]).tanh() - x[0];
//!         dx[1] = x[0] * 0.01;
//!     }
//! }
//! let names = Names::new("adapting", [Quantity::plain("r", 0.0), Quantity::plain("theta", 0.3)], []);
//! let model = Adapting(names);
//! let fast = frozen(&model, &["theta"])?;
//! assert_eq!(fast.names().defaults(), [0.3]);
//! assert_eq!(fast.jacobian(&[0.0], &[0.0])[(0, 0)], 1.0); // two states: −1 + 2 > 0
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::error::{Error, Result};
use crate::field::{Field, Names, Unit};
use crate::num::{Dual, Fan, Interval, Jet, Lanes, Scalar};

/// A field some of whose variables are parameters.
pub struct Frozen<'a> {
    field: &'a dyn Field,
    names: Names,
    /// The places of the variables that move, in the whole field.
    moving: Vec<usize>,
    /// The places of those that are held.
    held: Vec<usize>,
}

/// `field` with the named variables held: they become the last parameters, in the order given.
///
/// # Errors
/// An unknown name, a name given twice, or nothing left that moves.
pub fn frozen<'a>(field: &'a dyn Field, variables: &[&str]) -> Result<Frozen<'a>> {
    let whole = field.names();
    let (moving, held) = split(whole, variables)?;
    let mut names = whole.clone();
    names.variables = moving.iter().map(|&i| whole.variables[i].clone()).collect();
    names.parameters.extend(held.iter().map(|&i| whole.variables[i].clone()));
    names.model = format!("{} with {} held", whole.model, variables.join(", "));
    Ok(Frozen { field, names, moving, held })
}

/// The places of the other variables and of the named ones.
pub(crate) fn split(names: &Names, variables: &[&str]) -> Result<(Vec<usize>, Vec<usize>)> {
    let named: Result<Vec<usize>> = variables.iter().map(|name| names.variable(name)).collect();
    let named = named?;
    if (1..named.len()).any(|i| named[..i].contains(&named[i])) {
        return Err(Error::usage("a variable is named twice", "name each once"));
    }
    let others: Vec<usize> = (0..names.variables.len()).filter(|i| !named.contains(i)).collect();
    if others.is_empty() {
        return Err(Error::usage("no variable is left that moves", "leave at least one"));
    }
    Ok((others, named))
}

impl Frozen<'_> {
    /// The whole state and the parameters of the whole field.
    fn spread<S: Scalar>(&self, x: &[S], p: &[S]) -> (Vec<S>, Vec<S>) {
        let own = p.len() - self.held.len();
        let mut whole = vec![S::constant(0.0); x.len() + self.held.len()];
        self.moving.iter().zip(x).for_each(|(&i, v)| whole[i] = *v);
        self.held.iter().zip(&p[own..]).for_each(|(&i, v)| whole[i] = *v);
        (whole, p[..own].to_vec())
    }
    /// The hard bounds of the variables that move.
    fn limits(&self, p: &[f64]) -> Vec<(usize, f64, f64)> {
        let own = p.len() - self.held.len();
        let place = |variable: usize| self.moving.iter().position(|&i| i == variable);
        let all = self.field.bounds(&p[..own]).into_iter();
        all.filter_map(|(variable, low, high)| place(variable).map(|at| (at, low, high))).collect()
    }
    /// Calls `whole_rate` on the whole field and keeps `per` entries of every variable that moves.
    fn over<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S], per: usize, _: f64, of: impl Fn(&[S], &[S], &mut [S])) {
        let (whole, own) = self.spread(x, p);
        let mut all = vec![S::constant(0.0); whole.len() * per];
        of(&whole, &own, &mut all);
        for (row, &i) in self.moving.iter().enumerate() {
            out[row * per..(row + 1) * per].copy_from_slice(&all[i * per..(i + 1) * per]);
        }
    }
    fn sources(&self) -> usize {
        self.names.noises.len()
    }
    /// Speeds and shapes of the variables that move: a held variable stands in no speed.
    fn speeds(&self, x: &[Side], p: &[Side], c: &mut [Side], g: &mut [Side]) {
        let (whole, own) = self.spread(x, p);
        let mut all = vec![Dual::fixed(Interval::ENTIRE); 2 * whole.len()];
        let (speeds, shapes) = all.split_at_mut(whole.len());
        self.field.factored_interval(&whole, &own, speeds, shapes);
        for (row, &i) in self.moving.iter().enumerate() {
            (c[row], g[row]) = (speeds[i], shapes[i]);
        }
    }
}
/// A number in a proof.
type Side = Dual<Interval>;

/// Forwards the methods of a `Field` through `over` (rates per time, noise per root of time), `spread` (readouts) and, where
/// there is one, a method for speeds and shapes.
macro_rules! forward {
    ($kind:ident; rates: $($rate:ident $s:ty),*; noise: $($noise:ident $t:ty),*; read: $($read:ident $u:ty),*
     $(; speeds: $speeds:ident)?) => {
        impl Field for $kind<'_> {
            fn names(&self) -> &Names {
                &self.names
            }
            fn bounds(&self, p: &[f64]) -> Vec<(usize, f64, f64)> {
                self.limits(p)
            }
            $(fn $rate(&self, x: &[$s], p: &[$s], dx: &mut [$s]) {
                self.over(x, p, dx, 1, 1.0, |x, p, dx| self.field.$rate(x, p, dx));
            })*
            $(fn $noise(&self, x: &[$t], p: &[$t], g: &mut [$t]) {
                self.over(x, p, g, self.sources(), 0.5, |x, p, g| self.field.$noise(x, p, g));
            })*
            $(fn $read(&self, x: &[$u], p: &[$u], out: &mut [$u]) {
                let (x, p) = self.spread(x, p);
                self.field.$read(&x, &p, out);
            })*
            $(fn factored_interval(
                &self,
                x: &[Dual<Interval>],
                p: &[Dual<Interval>],
                c: &mut [Dual<Interval>],
                g: &mut [Dual<Interval>],
            ) {
                self.$speeds(x, p, c, g);
            })?
        }
    };
}
pub(super) use forward;

forward! {
    Frozen;
    rates: rate f64, push Dual, fan Fan, second Fan<Dual>, jet Jet, jet5 Jet<6>, interval Interval, push_interval Dual<Interval>, lanes Lanes;
    noise: noise f64, noise_push Dual, noise_lanes Lanes;
    read: read f64, read_push Dual;
    speeds: speeds
}

/// A field in variables and a time without units.
pub struct Scaled<'a> {
    field: &'a dyn Field,
    names: Names,
    sizes: Vec<f64>,
    time: f64,
}

/// `field` in u = x/size and τ = t/`time`, all dimensionless; parameters and readouts stay as they are.
///
/// # Errors
/// Sizes or a time that are not positive and finite, or not one size per variable (coherent units, s).
pub fn scaled<'a>(field: &'a dyn Field, sizes: &[f64], time: f64) -> Result<Scaled<'a>> {
    let mut names = field.names().clone();
    let positive = |v: &f64| *v > 0.0 && v.is_finite();
    if sizes.len() != names.variables.len() || !sizes.iter().all(positive) || !positive(&time) {
        return Err(Error::usage("sizes and time must be positive", "give one size per variable, and one time"));
    }
    for (q, s) in names.variables.iter_mut().zip(sizes) {
        q.unit = Unit::NONE;
        q.value /= s;
        q.range = q.range.map(|(lo, hi)| (lo / s, hi / s));
    }
    names.model = format!("{}, scaled", names.model);
    Ok(Scaled { field, names, sizes: sizes.to_vec(), time })
}

impl Scaled<'_> {
    /// The hard bounds in the new sizes.
    fn limits(&self, p: &[f64]) -> Vec<(usize, f64, f64)> {
        let scaled = |(at, low, high): (usize, f64, f64)| (at, low / self.sizes[at], high / self.sizes[at]);
        self.field.bounds(p).into_iter().map(scaled).collect()
    }
    fn spread<S: Scalar>(&self, x: &[S], p: &[S]) -> (Vec<S>, Vec<S>) {
        (x.iter().zip(&self.sizes).map(|(x, s)| *x * *s).collect(), p.to_vec())
    }
    fn over<S: Scalar>(
        &self,
        x: &[S],
        p: &[S],
        out: &mut [S],
        per: usize,
        power: f64,
        of: impl Fn(&[S], &[S], &mut [S]),
    ) {
        let (whole, p) = self.spread(x, p);
        of(&whole, &p, out);
        let time = self.time.powf(power);
        for (row, s) in self.sizes.iter().enumerate() {
            out[row * per..(row + 1) * per].iter_mut().for_each(|v| *v = *v * time / *s);
        }
    }
    fn sources(&self) -> usize {
        self.names.noises.len()
    }
    /// Speeds and shapes: the sizes and the time are part of the speed.
    fn speeds(&self, x: &[Side], p: &[Side], c: &mut [Side], g: &mut [Side]) {
        let (whole, p) = self.spread(x, p);
        self.field.factored_interval(&whole, &p, c, g);
        c.iter_mut().zip(&self.sizes).for_each(|(c, s)| *c = *c * self.time / *s);
    }
}
forward! {
    Scaled;
    rates: rate f64, push Dual, fan Fan, second Fan<Dual>, jet Jet, jet5 Jet<6>, interval Interval, push_interval Dual<Interval>, lanes Lanes;
    noise: noise f64, noise_push Dual, noise_lanes Lanes;
    read: read f64, read_push Dual;
    speeds: speeds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::testing::Whole;
    use crate::dynamics::{MapOptions, Region, Verdict, stability_map};
    use crate::field::{Law, Quantity};

    /// τ_r dr/dt = q (3 − r − θ), dq/dt = r − q, τ dθ/dt = r²/y₀ − θ.
    struct Sliding(Names);
    impl Law for Sliding {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            let mut c = [S::constant(1.0); 3];
            self.factored(x, p, &mut c, dx);
            (0..3).for_each(|i| dx[i] = dx[i] * c[i]);
        }
        fn factored<S: Scalar>(&self, x: &[S], p: &[S], c: &mut [S], g: &mut [S]) {
            let one = S::constant(1.0);
            (c[0], c[1], c[2]) = (one / p[0], one, one / p[1]);
            g[0] = x[1] * (-x[0] - x[2] + 3.0);
            g[1] = x[0] - x[1];
            g[2] = x[0].square() / p[2] - x[2];
        }
    }

    /// With q held the rest is r + r²/y₀ = 3 whatever both time constants are, and stable: trace < 0 < determinant. Over
    /// three decades of both that is one cell, also without units; a field that knows of no speeds takes many.
    #[test]
    fn theory_time_constants_move_no_fixed_point_of_a_derived_field() {
        let plain = |names: &[&str]| names.iter().map(|n| Quantity::plain(n, 1.0)).collect::<Vec<_>>();
        let field = Sliding(Names::new("sliding", plain(&["r", "trace", "theta"]), plain(&["tau_r", "tau", "y0"])));
        let both = [(0, (0.05, 50.0)), (1, (0.05, 50.0))];
        let map = |field: &dyn Field, p: &[f64], over: &[(usize, (f64, f64))], size: f64| {
            let ends = |(lo, hi)| (lo / size, hi / size);
            let region = Region::new([ends((0.1, 8.0)), ends((0.1, 8.0))]).unwrap();
            stability_map(field, p, over, &region, &MapOptions::default()).unwrap()
        };
        let held = frozen(&field, &["trace"]).unwrap();
        let p = [1.0, 1.0, 2.0, 1.5];
        let fast = map(&held, &p, &both, 1.0);
        assert_eq!((fast.cells.len(), fast.everywhere()), (1, Some(Verdict::Stable)));
        let without_units = scaled(&held, &[4.0, 4.0], 0.3).unwrap();
        let fast = map(&without_units, &p, &both, 4.0);
        assert_eq!((fast.cells.len(), fast.everywhere()), (1, Some(Verdict::Stable)));
        let blind = Whole(Sliding(field.names().clone()));
        assert!(map(&frozen(&blind, &["trace"]).unwrap(), &p, &both[1..], 1.0).cells.len() > 1);
        // Speed times shape is the rate, sizes and time included.
        let number = |v: &[f64]| v.iter().map(|&v| Dual::fixed(Interval::point(v))).collect::<Vec<_>>();
        let (x, p) = ([0.3, 0.7], [0.2, 5.0, 2.0, 1.5]);
        let (mut c, mut g, mut rate) = (number(&x), number(&x), [0.0; 2]);
        without_units.factored_interval(&number(&x), &number(&p), &mut c, &mut g);
        without_units.rate(&x, &p, &mut rate);
        for i in 0..2 {
            let (both, rate) = (c[i].v * g[i].v, rate[i]);
            assert!(both.lo() - 1e-13 <= rate && rate <= both.hi() + 1e-13 && both.width() < 1e-13, "{both:?} {rate}");
        }
    }
}
