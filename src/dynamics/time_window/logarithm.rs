//! How is a parameter followed over decades? By its logarithm: equal steps are then equal ratios.

use crate::dynamics::frozen::forward;
use crate::field::{Error, Field, Names, Result, Unit};
use crate::num::{Dual, Interval, Jet, Lanes, Scalar};

/// A field one of whose parameters is given by its natural logarithm.
pub struct Logarithmic<'a> {
    field: &'a dyn Field,
    names: Names,
    place: usize,
}

/// `field` with the parameter at `place` replaced by its logarithm (of its value in the coherent unit).
///
/// # Errors
/// A parameter that does not exist, or whose value is not positive.
pub fn logarithmic(field: &dyn Field, place: usize) -> Result<Logarithmic<'_>> {
    let mut names = field.names().clone();
    let count = names.parameters.len();
    let Some(quantity) = names.parameters.get_mut(place) else {
        return Err(Error::usage(format!("there is no parameter {place}"), format!("there are {count}")));
    };
    if !(quantity.value > 0.0 && quantity.value.is_finite()) {
        let what = format!("the parameter `{}`", quantity.name);
        return Err(Error::domain(what, format!("{} has no logarithm", quantity.value), "give a positive value"));
    }
    quantity.name = format!("ln {}", quantity.name);
    quantity.value = quantity.value.ln();
    quantity.range = quantity.range.filter(|(lo, _)| *lo > 0.0).map(|(lo, hi)| (lo.ln(), hi.ln()));
    quantity.unit = Unit::NONE;
    Ok(Logarithmic { field, names, place })
}

impl<'a> Logarithmic<'a> {
    /// The field of the parameter itself.
    pub fn inner(&self) -> &'a dyn Field {
        self.field
    }
    /// The parameters of the field itself.
    pub fn inside(&self, p: &[f64]) -> Vec<f64> {
        self.spread(&[], p).1
    }
    fn limits(&self, p: &[f64]) -> Vec<(usize, f64, f64)> {
        self.field.bounds(&self.inside(p))
    }
    fn spread<S: Scalar>(&self, x: &[S], p: &[S]) -> (Vec<S>, Vec<S>) {
        let mut own = p.to_vec();
        own[self.place] = own[self.place].exp();
        (x.to_vec(), own)
    }
    fn over<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S], _: usize, _: f64, of: impl Fn(&[S], &[S], &mut [S])) {
        let (x, p) = self.spread(x, p);
        of(&x, &p, out);
    }
    fn sources(&self) -> usize {
        self.names.noises.len()
    }
}
forward! {
    Logarithmic;
    rates: rate f64, push Dual, jet Jet, jet5 Jet<6>, interval Interval, push_interval Dual<Interval>, lanes Lanes;
    noise: noise f64, noise_push Dual, noise_lanes Lanes;
    read: read f64, read_push Dual
}
