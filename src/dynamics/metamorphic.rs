//! What must change together? Other names, other units and other clocks give the same fixed points.

use super::examples::{Network, Scaling};
use super::{FixedPoints, Region, Search, fixed_points};
use crate::field::{Field, Law, Names};
use crate::num::Scalar;
use proptest::prelude::*;

/// The law `inner` in other coordinates: the variable k is `scale[k]` times the variable `order[k]` of `inner`, and
/// time runs `clock` times as fast.
struct Seen<L> {
    inner: L,
    order: Vec<usize>,
    scale: Vec<f64>,
    clock: f64,
}

impl<L: Law> Law for Seen<L> {
    fn law_names(&self) -> &Names {
        self.inner.law_names()
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let n = x.len();
        let mut inside = vec![S::constant(0.0); n];
        (0..n).for_each(|k| inside[self.order[k]] = x[k] / self.scale[k]);
        let mut rate = vec![S::constant(0.0); n];
        self.inner.rates(&inside, p, &mut rate);
        (0..n).for_each(|k| dx[k] = rate[self.order[k]] * (self.scale[k] * self.clock));
    }
}

fn all(field: &dyn Field, p: &[f64], ranges: Vec<(f64, f64)>) -> FixedPoints {
    let found = fixed_points(field, p, &Region::new(ranges).unwrap(), &Search::default()).unwrap();
    assert!(found.complete, "{:?}", found.undecided);
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn law_relabelling_rescaling_and_another_clock(
        own in 6.0f64..12.0,
        coupling in 0.0f64..0.6,
        order in Just(vec![0, 1, 2]).prop_shuffle(),
        decades in prop::collection::vec(-6.0f64..6.0, 3),
        clock_decade in -5.0f64..5.0,
    ) {
        let p = Network::weights(3, own, coupling);
        let scale: Vec<f64> = decades.iter().map(|d| 10.0_f64.powf(*d)).collect();
        let clock = 10.0_f64.powf(clock_decade);
        let plain = all(&Network::new(3), &p, vec![(0.0, 1.0); 3]);
        let ranges = scale.iter().map(|s| (0.0, *s)).collect();
        let seen = Seen { inner: Network::new(3), order: order.clone(), scale: scale.clone(), clock };
        let other = all(&seen, &p, ranges);
        prop_assert_eq!(plain.points.len(), other.points.len());
        for point in &plain.points {
            let there: Vec<f64> = (0..3).map(|k| point.at[order[k]] * scale[k]).collect();
            let near = |q: &&super::FixedPoint| (0..3).all(|k| (q.at[k] - there[k]).abs() < 1e-12 * scale[k]);
            let same = other.points.iter().find(near);
            prop_assert!(same.is_some(), "{:?} is not found in other coordinates", point.at);
            let same = same.unwrap();
            prop_assert_eq!(point.stability, same.stability);
            prop_assert_eq!(point.stability_proven, same.stability_proven);
            for (a, b) in point.eigenvalues.iter().zip(&same.eigenvalues) {
                prop_assert!((a.0 * clock - b.0).abs() < 1e-6 * clock && (a.1.abs() * clock - b.1.abs()).abs() < 1e-6 * clock);
            }
        }
    }

    #[test]
    fn law_a_part_of_the_region_has_a_part_of_the_fixed_points(cut in -0.9f64..2.9, which in 0usize..2) {
        let (law, p) = (Scaling::new(), [0.01, 0.02, 2.0, 1.0, 0.4, 0.8]);
        let whole = vec![(-1.0, 3.0), (-3.0, 3.0)];
        let inside = all(&law, &p, whole.clone());
        prop_assume!(inside.points.iter().all(|q| (q.at[which] - cut).abs() > 1e-6));
        let (mut low, mut high) = (whole.clone(), whole.clone());
        low[which].1 = cut;
        high[which].0 = cut;
        let parts = all(&law, &p, low).points.len() + all(&law, &p, high).points.len();
        prop_assert_eq!(parts, inside.points.len());
    }
}
