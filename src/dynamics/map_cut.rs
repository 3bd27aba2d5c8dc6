//! Across which parameter is a cell of a stability map cut? Across the one that is most in the way of a verdict.
//!
//! Each parameter is asked what it does alone, the others at their middle: does it already prevent a proof, how much
//! does it blur the fixed point, how far does it sway the rightmost eigenvalue.

use super::krawczyk::{blur, enclose, newton};
use super::stability::eigenvalues;
use super::stability_map::{Open, Task, stable_over};
use super::system::System;
use crate::field::Field;
use crate::num::Interval;

/// A positive range whose ends are farther apart than this factor is measured in its logarithm.
const DECADES: f64 = 4.0;

/// How lengths along a parameter are measured.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    Plain,
    Logarithm,
}

impl Measure {
    pub fn of((lo, hi): (f64, f64)) -> Self {
        if lo > 0.0 && hi / lo > DECADES { Measure::Logarithm } else { Measure::Plain }
    }
    pub fn length(self, (a, b): (f64, f64)) -> f64 {
        match self {
            Measure::Plain => b - a,
            Measure::Logarithm => (b / a).ln(),
        }
    }
    pub fn centre(self, (a, b): (f64, f64)) -> f64 {
        match self {
            Measure::Plain => 0.5 * a + 0.5 * b,
            Measure::Logarithm => a.sqrt() * b.sqrt(),
        }
    }
}

/// The two halves of a cell, if one is still worth cutting.
pub(super) fn halves(field: &dyn Field, p: &[f64], open: &Open, task: &Task) -> Option<[Open; 2]> {
    let measure = |k: usize| Measure::of(task.over[k].1);
    let share = |k: usize| measure(k).length(open.ranges[k]) / measure(k).length(task.over[k].1);
    let centre: Vec<f64> = (0..task.over.len()).map(|k| measure(k).centre(open.ranges[k])).collect();
    let worth = |k: usize| {
        let (a, b) = open.ranges[k];
        share(k) > task.narrowest && a < centre[k] && centre[k] < b
    };
    let cell = Cell { field, p, open, task, centre: &centre };
    // A parameter that does no harm where it was looked at may do some elsewhere; one that is alone is not asked.
    let harm = |k: usize| if task.over.len() > 1 { cell.harm(k) } else { 0.0 };
    let score: Vec<f64> =
        (0..task.over.len()).map(|k| if worth(k) { harm(k) + 1e-3 * share(k) } else { 0.0 }).collect();
    let k = (0..score.len()).fold(0, |b, k| if score[k] > score[b] { k } else { b });
    if score[k] <= 0.0 {
        return None;
    }
    let (lo, hi) = open.ranges[k];
    let with = |range: (f64, f64)| {
        let mut ranges = open.ranges.clone();
        ranges[k] = range;
        Open { ranges, guesses: open.guesses.clone() }
    };
    Some([with((lo, centre[k])), with((centre[k], hi))])
}

struct Cell<'a> {
    field: &'a dyn Field,
    p: &'a [f64],
    open: &'a Open,
    task: &'a Task<'a>,
    centre: &'a [f64],
}

impl Cell<'_> {
    /// All parameters, the varied ones at the centre of the cell except for the k-th.
    fn parameters(&self, k: usize, value: Interval) -> Vec<Interval> {
        let mut q: Vec<Interval> = self.p.iter().map(|&v| Interval::point(v)).collect();
        for (at, (place, _)) in self.task.over.iter().enumerate() {
            q[*place] = if at == k { value } else { Interval::point(self.centre[at]) };
        }
        q
    }
    /// How much the k-th parameter alone is in the way of a verdict.
    fn harm(&self, k: usize) -> f64 {
        let (lo, hi) = self.open.ranges[k];
        let sys = System::new(self.field, self.parameters(k, Interval::new(lo, hi)));
        let unit: Vec<f64> = self.task.space.iter().map(|i| i.width()).collect();
        let alone = |z: &Vec<f64>| {
            let proven = enclose(&sys, z, &unit, &self.task.space).ok();
            let stuck = proven.and_then(|e| stable_over(&sys, &e.tight, &unit)).is_none();
            let blurred = blur(&sys, z, &unit).min(1.0);
            f64::from(u8::from(stuck)) * 4.0 + blurred + self.sway(k, z, &unit)
        };
        self.open.guesses.iter().map(alone).fold(0.0, f64::max)
    }
    /// How far the rightmost eigenvalue moves across the cell, relative to its size: 1 if it crosses zero.
    fn sway(&self, k: usize, z: &[f64], unit: &[f64]) -> f64 {
        let (lo, hi) = self.open.ranges[k];
        let abscissa = |value: f64| {
            let sys = System::new(self.field, self.parameters(k, Interval::point(value)));
            let at = newton(&sys, z, unit, &self.task.space, 20)?;
            eigenvalues(&self.field.jacobian(&at, &sys.middle), unit).first().map(|l| l.0)
        };
        match (abscissa(lo), abscissa(hi)) {
            (Some(a), Some(b)) if a != b => (b - a).abs() / (a.abs() + b.abs()),
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dynamics::testing::Whole;
    use crate::dynamics::{MapOptions, Region, StabilityMap, Verdict, stability_map};
    use crate::field::{Field, Law, Names, Quantity};
    use crate::num::Scalar;
    use proptest::prelude::*;

    /// A sliding threshold, tau_w dw/dt = w (w − θ), tau dθ/dt = w²/y0 − θ: stable at w = θ = y0 iff tau y0 < tau_w.
    struct Sliding(Names);
    impl Law for Sliding {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            let mut c = [S::constant(1.0); 2];
            self.factored(x, p, &mut c, dx);
            (0..2).for_each(|i| dx[i] = dx[i] * c[i]);
        }
        fn factored<S: Scalar>(&self, x: &[S], p: &[S], c: &mut [S], g: &mut [S]) {
            (c[0], c[1]) = (S::constant(1.0) / p[0], S::constant(1.0) / p[1]);
            (g[0], g[1]) = (x[0] * (x[0] - x[1]), x[0].square() / p[2] - x[1]);
        }
    }
    fn sliding() -> Sliding {
        let plain = |names: &[&str]| names.iter().map(|n| Quantity::plain(n, 1.0)).collect::<Vec<_>>();
        Sliding(Names::new("sliding", plain(&["w", "theta"]), plain(&["tau_w", "tau", "y0"])))
    }
    fn map(field: &dyn Field, tau: (f64, f64), y0: (f64, f64)) -> StabilityMap {
        let region = Region::new([(0.2, 20.0), (0.2, 20.0)]).unwrap();
        stability_map(field, &[1.0; 3], &[(1, tau), (2, y0)], &region, &MapOptions::default()).unwrap()
    }

    #[test]
    fn theory_a_time_constant_over_three_decades_is_one_cell() {
        let region = Region::new([(0.2, 20.0), (0.2, 20.0)]).unwrap();
        let over = |field: &dyn Field, tau| {
            stability_map(field, &[1.0; 3], &[(1, tau)], &region, &MapOptions::default()).unwrap()
        };
        let (stable, unstable) = (over(&sliding(), (1e-3, 0.999)), over(&sliding(), (1.001, 1e3)));
        assert_eq!((stable.cells.len(), stable.everywhere()), (1, Some(Verdict::Stable)));
        assert_eq!((unstable.cells.len(), unstable.everywhere()), (1, Some(Verdict::Unstable)));
        // Without being told that tau is a speed, a proof takes many cells.
        assert!(over(&Whole(sliding()), (1e-3, 0.999)).cells.len() > 1);
    }

    #[test]
    fn theory_little_is_left_undecided_beside_the_border() {
        let m = map(&sliding(), (0.01, 10.0), (0.5, 10.0));
        assert!(m.share("undecided") < 0.05, "{}", m.sentence());
        for cell in &m.cells {
            let at = |k: usize| [cell.ranges[0].0 * cell.ranges[1].0, cell.ranges[0].1 * cell.ranges[1].1][k];
            match cell.verdict {
                Verdict::Stable => assert!(at(1) < 1.0, "{cell:?}"),
                Verdict::Unstable => assert!(at(0) > 1.0, "{cell:?}"),
                _ => {}
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn law_setting_speeds_apart_contradicts_nothing(tau in 0.02f64..5.0, y0 in 0.5f64..8.0, wider in 1.01f64..3.0) {
            let (over, rates) = ((tau, tau * wider), (y0, y0 * 1.05));
            let (apart, plain) = (map(&sliding(), over, rates), map(&Whole(sliding()), over, rates));
            let middle = |c: &crate::dynamics::MapCell| c.ranges.iter().map(|r| 0.5 * (r.0 + r.1)).collect::<Vec<_>>();
            for cell in &apart.cells {
                let other = plain.at(&middle(cell));
                prop_assert!(cell.verdict == other || [cell.verdict, other].contains(&Verdict::Undecided));
            }
        }
    }
}
