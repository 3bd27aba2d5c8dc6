//! How are fixed points of many variables found that act through few sums? With the sums s = D(x) as further variables.
//!
//! f(x) = 0 becomes f(x, s) = 0, D(x) − s = 0 ([`lifted`](crate::field::Field::lifted)), which has the same zeros: a box
//! that a cut of s makes narrower is narrower in every variable that reads s. The zeros that are enclosed with their sums
//! are enclosed again without them, and what is undecided is told without its sums.

use super::krawczyk::{Enclosed, enclose};
use super::search::{Found, Ground, Request, explore};
use super::system::{System, inside, middle, point};
use crate::field::Field;
use crate::num::Interval;

/// A system, and the one with sums as further variables.
pub(super) struct Lift<'a> {
    sys: &'a System<'a>,
    field: Box<dyn Field>,
    /// The region with the values that the sums have in it.
    whole: Vec<Interval>,
}

impl<'a> Lift<'a> {
    /// `None` if a sum is not bounded over the region.
    pub fn new(sys: &'a System<'a>, field: Box<dyn Field>, region: &[Interval]) -> Option<Self> {
        let whole = with_sums(&System::new(field.as_ref(), sys.p.clone()), region);
        let wide = whole.iter().all(|i| i.is_finite() && i.lo() < i.hi());
        wide.then_some(Lift { sys, field, whole })
    }

    /// [`search`](super::search::search) with the sums.
    pub fn search(&self, request: Request) -> Found {
        let Request { region, options, all_or_nothing, .. } = request;
        let lifted = System::new(self.field.as_ref(), self.sys.p.clone());
        let boxes = request.boxes.iter().map(|x| with_sums(&lifted, x)).collect();
        let guesses: Vec<Vec<f64>> = request.guesses.iter().map(|z| middle(&with_sums(&lifted, &point(z)))).collect();
        let mut found = explore(&lifted, Request { region: &self.whole, boxes, guesses: &guesses, ..request });
        let n = self.sys.n;
        found.undecided.iter_mut().for_each(|x| x.truncate(n));
        found.failed.iter_mut().for_each(|(z, _)| z.truncate(n));
        let ground = Ground::new(self.sys, region, options.narrowest, all_or_nothing);
        let again = |e: Enclosed| self.without_sums(&lifted, &ground, &e).map_err(|why| (e, why));
        let points = std::mem::take(&mut found.points);
        for proof in ground.each(points, again) {
            match proof {
                Ok(one) => found.points.push(one),
                Err((e, why)) => {
                    found.undecided.push(e.tight[..n].to_vec());
                    found.failed.push((e.from[..n].to_vec(), why));
                }
            }
        }
        found
    }

    /// The zero enclosed by `e`, proven without the sums.
    fn without_sums(&self, lifted: &System, ground: &Ground, e: &Enclosed) -> Result<Enclosed, &'static str> {
        let n = self.sys.n;
        let one = enclose(self.sys, &e.from[..n], &ground.unit, &ground.limits)?;
        // The zeros of both systems are the same, so it is this one where either is alone.
        let same = inside(&with_sums(lifted, &one.tight), &e.alone) || inside(&e.tight[..n], &one.alone);
        if same { Ok(one) } else { Err("the enclosures with and without its sums do not meet") }
    }
}

/// A box with the values that the sums have in it.
fn with_sums(lifted: &System, x: &[Interval]) -> Vec<Interval> {
    // The last equations are D(x) − s.
    let mut all = x.to_vec();
    all.resize(lifted.n, Interval::point(0.0));
    let values = lifted.value(&all);
    all[x.len()..].copy_from_slice(&values[x.len()..]);
    all
}
