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
}

/// Forwards the methods of a `Field` through `over` (rates per time, noise per root of time) and `spread` (readouts).
macro_rules! forward {
    ($kind:ident; rates: $($rate:ident $s:ty),*; noise: $($noise:ident $t:ty),*; read: $($read:ident $u:ty),*) => {
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
        }
    };
}
pub(super) use forward;

forward! {
    Frozen;
    rates: rate f64, push Dual, fan Fan, second Fan<Dual>, jet Jet, jet5 Jet<6>, interval Interval, push_interval Dual<Interval>, lanes Lanes;
    noise: noise f64, noise_push Dual, noise_lanes Lanes;
    read: read f64, read_push Dual
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
}
forward! {
    Scaled;
    rates: rate f64, push Dual, fan Fan, second Fan<Dual>, jet Jet, jet5 Jet<6>, interval Interval, push_interval Dual<Interval>, lanes Lanes;
    noise: noise f64, noise_push Dual, noise_lanes Lanes;
    read: read f64, read_push Dual
}
