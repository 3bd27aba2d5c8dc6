//! Which slices of a box can hold a fixed point, and where is a gap between them?
//!
//! A box of many variables is cut in two at a time, and what one variable alone could tell is asked again in each half of
//! every other. A slice, narrow in one variable and as wide as the box in all others, asks it once: the rate of a unit
//! with two states leaves three short pieces of its range whatever the other units do, and the search goes on in those
//! pieces instead of in halves. This is box consistency (Benhamou, McAllester and van Hentenryck 1994), with slices of
//! equal width instead of Newton's steps from the ends, so that gaps inside are seen too.

use super::system::System;
use crate::num::Interval;

/// Slices per variable.
const SLICES: usize = 6;

/// An open interval of one variable in which there is no fixed point of the box.
#[derive(Clone, Copy)]
pub(super) struct Gap {
    pub variable: usize,
    pub lo: f64,
    pub hi: f64,
    /// How many slices wide it is.
    slices: usize,
}

/// Narrows a box to the slices that can hold a zero; `None` if there are none. Also the widest gap between them.
pub(super) fn slice(sys: &System, x: &mut [Interval]) -> Option<Option<Gap>> {
    let mut widest: Option<Gap> = None;
    for j in 0..sys.n {
        let whole = x[j];
        let end = |k: usize| match k {
            0 => whole.lo(),
            SLICES => whole.hi(),
            k => whole.lo() + whole.width() * (k as f64 / SLICES as f64),
        };
        // A box that is hardly wider than rounding has no slices.
        if !whole.is_finite() || (0..SLICES).any(|k| end(k) >= end(k + 1)) {
            continue;
        }
        let open: [bool; SLICES] = std::array::from_fn(|k| {
            x[j] = Interval::new(end(k), end(k + 1));
            !empty(sys, x, j)
        });
        let first = open.iter().position(|o| *o)?;
        let last = open.iter().rposition(|o| *o)?;
        x[j] = Interval::new(end(first), end(last + 1));
        let mut from = first;
        for k in (first..=last).filter(|&k| open[k]) {
            if k - from > widest.map_or(0, |gap| gap.slices) {
                widest = Some(Gap { variable: j, lo: end(from), hi: end(k), slices: k - from });
            }
            from = k + 1;
        }
    }
    Some(widest)
}

/// Is there no zero in a box that is narrow in variable j? Each equation is enclosed by its values, and from the middle
/// plane by the mean value theorem along j, f(x) ∈ f(x with xⱼ = c) + ∂f/∂xⱼ (xⱼ − c).
fn empty(sys: &System, x: &mut [Interval], j: usize) -> bool {
    let (values, slopes) = sys.column(x, j);
    if values.iter().any(|v| !v.contains(0.0)) {
        return true;
    }
    let narrow = x[j];
    let c = narrow.mid();
    x[j] = Interval::point(c);
    let plane = sys.value(x);
    x[j] = narrow;
    let equations = values.iter().zip(&slopes).zip(&plane);
    equations.into_iter().any(|((value, slope), plane)| {
        let from_plane = *plane + *slope * (narrow - c);
        from_plane.intersect(*value).is_none_or(|both| !both.contains(0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{Region, Search, fixed_points};

    example!(Steep, "x y", "", |x, _p, dx| {
        dx[0] = (x[0] * 3.0).tanh() - x[0];
        dx[1] = (x[1] * 3.0 + x[0] * 0.1).tanh() - x[1];
    });

    /// tanh(3x) = x at 0 and ±0.9949: between them lie gaps, above them empty slices.
    #[test]
    fn theory_slices_of_two_states_leave_gaps_and_lose_no_zero() {
        let field = Steep::new();
        let sys = System::at(&field, &[]);
        let mut x = vec![Interval::new(-1.2, 1.2), Interval::new(-1.2, 2.4)];
        let gap = slice(&sys, &mut x).expect("there are nine zeros").expect("there are gaps");
        for zero in [-0.994_9, 0.0, 0.994_9] {
            assert!(x.iter().all(|i| i.contains(zero)) && !(gap.lo < zero && zero < gap.hi));
        }
        assert!(gap.variable == 0 && (gap.hi - gap.lo - 0.4).abs() < 1e-12 && x[1].hi() < 1.3, "{x:?}");
        // No slice is open where one equation has no zero.
        let mut x = vec![Interval::new(-1.5, 1.5), Interval::new(0.3, 0.8)];
        assert!(slice(&sys, &mut x).is_none());
    }

    example!(Cubics, "x0 x1 x2 x3 x4 x5", "size", |x, p, dx| {
        for i in 0..6 {
            let around =
                (1..6).fold(S::constant(0.0), |sum, k| sum + x[(i + k) % 6] * (i as f64 + 2.0 * k as f64).sin());
            dx[i] = x[i] - x[i].powi(3) + p[0] * around;
        }
    });

    /// Alone, each of six units rests at −1, 0 and 1: 3⁶ = 729 fixed points, stable where no unit is at 0. With coupling of
    /// at most r = 5 · 0.012 · 1.06 < 0.064 on a unit, x − x³ = ±r keeps each zero within 0.065 of the old one, where
    /// |1 − 3x²| > 0.98 is more than the 0.06 of all couplings: none is lost and none is new.
    #[test]
    fn theory_six_units_with_two_states_have_729_fixed_points_and_keep_them() {
        for size in [0.0, 0.012] {
            let region = Region::new([(-1.5, 1.5); 6]).unwrap();
            let found = fixed_points(&Cubics::new(), &[size], &region, &Search::default()).unwrap();
            assert!(
                found.complete && found.points.len() == 729,
                "{} of 729, {} boxes",
                found.points.len(),
                found.boxes
            );
            let mut seen = std::collections::BTreeSet::new();
            for point in &found.points {
                let corner: Vec<i32> = point.at.iter().map(|x| x.round() as i32).collect();
                let moved = if size == 0.0 { 1e-12 } else { 0.065 };
                assert!(point.at.iter().zip(&corner).all(|(x, c)| (x - f64::from(*c)).abs() < moved), "{:?}", point.at);
                assert!(point.stability_proven && point.is_stable() != corner.contains(&0));
                seen.insert(corner);
            }
            assert_eq!(seen.len(), 729);
        }
    }
}
