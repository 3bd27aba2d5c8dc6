//! Is there really a special point here? A proof by intervals, with an interval that holds its parameter.
//!
//! Hopf: over [λ − δ, λ + δ] exactly one fixed point exists near the located one for every parameter, and its Jacobian is
//! regular (Krawczyk's operator with an interval parameter). At the two ends the number of eigenvalues with positive
//! real part is proven, and differs by two: no eigenvalue passes zero in between, so a pair crosses the imaginary axis.
//!
//! Fold: the same with the roles of λ and of the variable that moves most exchanged, in which the branch is no longer
//! vertical. At the ends the numbers differ by one: a real eigenvalue passes zero in between. The interval is the
//! enclosure of λ over that stretch.
//!
//! What cannot be proven over a stretch of a thousandth of the range is left as not proven.

use super::branch::EventKind;
use super::extended::Extended;
use crate::dynamics::hurwitz;
use crate::dynamics::krawczyk::Curve;
use crate::dynamics::stability::unstable;
use crate::dynamics::system::System;
use crate::field::{Field, Names};
use crate::num::{Dual, Interval};
use nalgebra::DVector;

/// The half-widths that are tried, relative to the scale of the coordinate.
const WIDTHS: [f64; 4] = [1e-9, 1e-7, 1e-5, 1e-3];

/// An interval of the parameter that is proven to hold a special point of this kind beside the located one, where the
/// branch has about this tangent.
pub(super) fn prove(
    problem: &Extended,
    z: &DVector<f64>,
    tangent: &DVector<f64>,
    kind: EventKind,
    parameter: usize,
) -> Option<(f64, f64)> {
    let n = problem.variables();
    let (x, p) = (problem.state(z), problem.parameters(z));
    let unit = problem.units().to_vec();
    let width = problem.width(0);
    match kind {
        EventKind::Hopf => {
            stretch(&problem.field(), &x, &p, parameter, &unit, width, 2).map(|(at, _)| (at.lo(), at.hi()))
        }
        EventKind::Fold => {
            let k = (0..n).max_by(|&a, &b| tangent[a].abs().total_cmp(&tangent[b].abs()))?;
            let swapped = Swapped { field: problem.field(), variable: k, parameter };
            let (mut x, mut p, mut units) = (x, p, unit);
            let across = std::mem::replace(&mut units[k], width);
            std::mem::swap(&mut x[k], &mut p[parameter]);
            stretch(&swapped, &x, &p, parameter, &units, across, 1).map(|(_, along)| (along[k].lo(), along[k].hi()))
        }
        _ => None,
    }
}

/// The shortest stretch of parameter `k` around p over which the number of unstable eigenvalues of `field` is proven to
/// change by `jump` along one regular curve of fixed points, with the enclosure of that curve.
fn stretch(
    field: &dyn Stretched,
    x: &[f64],
    p: &[f64],
    k: usize,
    unit: &[f64],
    width: f64,
    jump: usize,
) -> Option<(Interval, Vec<Interval>)> {
    WIDTHS.iter().find_map(|share| {
        let at = Interval::new(p[k] - share * width, p[k] + share * width);
        let over = |v: Interval| -> Vec<Interval> {
            p.iter().enumerate().map(|(i, &q)| if i == k { v } else { Interval::point(q) }).collect()
        };
        let along = System::new(field.whole(), over(at));
        let curve = Curve::new(&along, x, unit).ok()?;
        let count = |end: f64| {
            let p = over(Interval::point(end));
            let jacobian = field.jacobian_over(&curve.at(&p), &p);
            // The signs of a few determinants say it for small matrices; a quadratic form for all.
            hurwitz::unstable(&jacobian, x.len()).or_else(|| unstable(&jacobian, unit))
        };
        (count(at.lo())?.abs_diff(count(at.hi())?) == jump).then_some((at, curve.over()))
    })
}

/// What is solved along a stretch, and whose eigenvalues are counted.
trait Stretched {
    fn whole(&self) -> &dyn Field;
    /// An enclosure of the model's Jacobian for every state in a box.
    fn jacobian_over(&self, x: &[Interval], p: &[Interval]) -> Vec<Interval>;
}

impl Stretched for &dyn Field {
    fn whole(&self) -> &dyn Field {
        *self
    }
    fn jacobian_over(&self, x: &[Interval], p: &[Interval]) -> Vec<Interval> {
        System::new(*self, p.to_vec()).whole_jacobian(x)
    }
}

/// A field in which one variable and one parameter have changed places.
struct Swapped<'a> {
    field: &'a dyn Field,
    variable: usize,
    parameter: usize,
}

impl Swapped<'_> {
    fn back<T: Copy>(&self, x: &[T], p: &[T]) -> (Vec<T>, Vec<T>) {
        let (mut x, mut p) = (x.to_vec(), p.to_vec());
        std::mem::swap(&mut x[self.variable], &mut p[self.parameter]);
        (x, p)
    }
}

impl Field for Swapped<'_> {
    fn names(&self) -> &Names {
        self.field.names()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        let (x, p) = self.back(x, p);
        self.field.rate(&x, &p, dx);
    }
    fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]) {
        let (x, p) = self.back(x, p);
        self.field.push(&x, &p, dx);
    }
    fn interval(&self, x: &[Interval], p: &[Interval], dx: &mut [Interval]) {
        let (x, p) = self.back(x, p);
        self.field.interval(&x, &p, dx);
    }
    fn push_interval(&self, x: &[Dual<Interval>], p: &[Dual<Interval>], dx: &mut [Dual<Interval>]) {
        let (x, p) = self.back(x, p);
        self.field.push_interval(&x, &p, dx);
    }
}

impl Stretched for Swapped<'_> {
    fn whole(&self) -> &dyn Field {
        self
    }
    fn jacobian_over(&self, x: &[Interval], p: &[Interval]) -> Vec<Interval> {
        let (x, p) = self.back(x, p);
        System::new(self.field, p).whole_jacobian(&x)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EventKind, Options, Vary, follow};
    use crate::field::{Field, Names};
    use crate::num::Dual;

    example!(
        /// D7 with one pattern: a Hopf point at p = 1.
        Bcm, "v h", "p", |x, p, dx| {
        dx[0] = x[0] * (x[0] - x[1]);
        dx[1] = (x[0].square() - x[1]) / p[0];
    });
    example!(
        /// A fold at p = 0.
        Saddle, "x y", "p", |x, p, dx| {
        dx[0] = p[0] - x[0].square();
        dx[1] = x[0] - x[1];
    });
    /// The same without intervals.
    struct Blind(Saddle);
    impl Field for Blind {
        fn names(&self) -> &Names {
            self.0.names()
        }
        fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
            self.0.rate(x, p, dx);
        }
        fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]) {
            self.0.push(x, p, dx);
        }
    }
    fn proof(field: &dyn Field, kind: EventKind, range: (f64, f64)) -> Option<(f64, f64)> {
        let branch = follow(field, &[0.9], &[0.95, 0.95], &Vary::new(0, range), &Options::default()).unwrap();
        branch.first(kind).expect("it is there").proof
    }

    #[test]
    fn theory_d07_the_hopf_point_is_proven_where_it_is() {
        let (lo, hi) = proof(&Bcm::new(), EventKind::Hopf, (0.3, 2.0)).expect("proven");
        assert!(lo < 1.0 && 1.0 < hi && hi - lo < 1e-4, "{lo} {hi}");
    }

    #[test]
    fn theory_the_fold_of_the_normal_form_is_proven_where_it_is() {
        let (lo, hi) = proof(&Saddle::new(), EventKind::Fold, (-1.0, 1.0)).expect("proven");
        assert!(lo <= 0.0 && 0.0 <= hi && hi - lo < 1e-4, "{lo} {hi}");
    }

    #[test]
    fn limit_a_field_without_intervals_proves_nothing() {
        assert_eq!(proof(&Blind(Saddle::new()), EventKind::Fold, (-1.0, 1.0)), None);
    }
}
