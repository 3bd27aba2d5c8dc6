//! How does a method with trial steps meet a hard bound? By never asking for a rate beyond it.
//!
//! A field with hard bounds ([`Field::bounds`]) has a rate that jumps at them: its outward part is missing there. A
//! Runge-Kutta step that looks across would meet the jump and shrink without end. Here every state is moved to the last
//! number inside before the rate is taken, so that the rate is continuous; the driver locates the bound and holds there.

use super::bounds::Bound;
use crate::field::{Field, Names};
use crate::num::Dual;

/// A field, asked only within its bounds.
pub(crate) struct Inside<'a> {
    field: &'a dyn Field,
    bounds: &'a [Bound],
}

impl<'a> Inside<'a> {
    pub fn new(field: &'a dyn Field, bounds: &'a [Bound]) -> Self {
        Inside { field, bounds }
    }
    fn inside(&self, place: usize, x: f64) -> f64 {
        match self.bounds.iter().find(|b| b.variable == place) {
            Some(b) if x <= b.low => b.low.next_up(),
            Some(b) if x >= b.high => b.high.next_down(),
            // Not a number stays so.
            _ => x,
        }
    }
}

impl Field for Inside<'_> {
    fn names(&self) -> &Names {
        self.field.names()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        let x: Vec<f64> = x.iter().enumerate().map(|(i, &v)| self.inside(i, v)).collect();
        self.field.rate(&x, p, dx);
    }
    fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]) {
        let x: Vec<Dual> = x.iter().enumerate().map(|(i, v)| Dual { v: self.inside(i, v.v), d: v.d }).collect();
        self.field.push(&x, p, dx);
    }
    fn read(&self, x: &[f64], p: &[f64], out: &mut [f64]) {
        self.field.read(x, p, out);
    }
    fn read_push(&self, x: &[Dual], p: &[Dual], out: &mut [Dual]) {
        self.field.read_push(x, p, out);
    }
}

/// The bounds of a request, and those of the field on variables for which the request gives none.
pub(crate) fn bounds(field: &dyn Field, p: &[f64], asked: &[Bound]) -> Vec<Bound> {
    let mut all = asked.to_vec();
    for (variable, low, high) in field.bounds(p) {
        match all.iter_mut().find(|b| b.variable == variable) {
            // What is asked for may be narrower, not wider.
            Some(bound) => (bound.low, bound.high) = (bound.low.max(low), bound.high.min(high)),
            None => all.push(Bound { variable, low, high }),
        }
    }
    all
}
