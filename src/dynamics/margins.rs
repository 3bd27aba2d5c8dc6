//! Do certified maps meet the closed-form margins? Every proven cell is on its side, and the band between is thin.

use super::examples::*;
use super::{MapOptions, Region, StabilityMap, Verdict, stability_map};
use crate::field::Field;

/// Every cell proven stable has `margin` > 1 at all its corners and centre, every unstable one < 1, and at most
/// `band` of the box is undecided.
fn follows(map: &StabilityMap, band: f64, margin: impl Fn(&[f64]) -> f64) {
    for cell in &map.cells {
        let n = cell.ranges.len();
        for corner in 0..=1 << n {
            let at: Vec<f64> = (0..n)
                .map(|k| match corner >> n {
                    1 => 0.5 * (cell.ranges[k].0 + cell.ranges[k].1),
                    _ if corner >> k & 1 == 1 => cell.ranges[k].1,
                    _ => cell.ranges[k].0,
                })
                .collect();
            match cell.verdict {
                Verdict::Stable => assert!(margin(&at) > 1.0, "stable at {at:?}"),
                Verdict::Unstable => assert!(margin(&at) < 1.0, "unstable at {at:?}"),
                Verdict::Undecided => {}
                other => panic!("{other:?} at {at:?}"),
            }
        }
    }
    let total: f64 = map.cells.iter().map(|c| c.share).sum();
    assert!((total - 1.0).abs() < 1e-12);
    assert!(map.share("undecided") < band, "{}", map.sentence());
}
fn map(field: &dyn Field, p: &[f64], over: &[(usize, (f64, f64))], region: &[(f64, f64)]) -> StabilityMap {
    let options = MapOptions { cells: 1_600, narrowest: 1.0 / 256.0, ..MapOptions::default() };
    stability_map(field, p, over, &Region::new(region.iter().copied()).unwrap(), &options).unwrap()
}

#[test]
fn theory_d7_the_selective_point_is_stable_below_the_critical_time_constant() {
    // K = 3, the selective point y = (K y0, 0, 0); tau_c = tau_w/(g y0).
    let region = [(2.0, 6.0), (-0.5, 1.0), (-0.5, 1.0), (1.5, 7.0)];
    let p = [1.0, 1.0, 10.0, 5.0];
    let one = map(&Bcm::new(3), &p, &[(3, (1.0, 20.0))], &region);
    follows(&one, 0.03, |at| 10.0 / at[0]);
    let gain = map(&Bcm::new(2), &p, &[(3, (4.0, 20.0)), (0, (0.8, 1.25))], &[(1.0, 4.0), (-0.3, 0.6), (1.0, 4.0)]);
    follows(&gain, 0.15, |at| 10.0 / (at[1] * at[0]));
    // The target moves the fixed point as well.
    let target = map(&Bcm::new(2), &p, &[(3, (4.0, 20.0)), (1, (0.97, 1.03))], &[(1.0, 4.0), (-0.3, 0.6), (1.0, 4.0)]);
    follows(&target, 0.25, |at| 10.0 / (at[1] * at[0]));
    assert!([one, gain, target].iter().all(|m| m.share("stable") > 0.25 && m.share("unstable") > 0.3));
}

#[test]
fn theory_d8_overlap_raises_the_critical_ratio() {
    let region = [(1.0, 3.0), (-0.4, 0.6), (1.0, 3.0)];
    let map = map(&Correlated::new(), &[1.0, 1.0, 0.5, 10.0, 5.0], &[(2, (0.0, 0.6)), (4, (4.0, 20.0))], &region);
    follows(&map, 0.18, |at| 10.0 / ((1.0 - at[0] * at[0]) * at[1]));
    assert!(map.share("stable") > 0.3 && map.share("unstable") > 0.3);
}

#[test]
fn theory_d9_the_first_eigenvector_is_stable_for_every_rate_of_learning() {
    let region = [(0.8, 3.0), (0.6, 3.0)];
    let map =
        map(&Scaling::new(), &[0.01, 0.02, 2.0, 1.0, 0.4, 0.8], &[(0, (0.005, 0.012)), (1, (0.015, 0.03))], &region);
    assert_eq!(map.everywhere(), Some(Verdict::Stable), "{}", map.sentence());
}

#[test]
fn theory_d13_a_sensor_sets_the_least_time_constant() {
    let region = [(0.0, 10.0), (0.0, 10.0), (-10.0, 20.0)];
    let over = [(2, (0.005, 0.05)), (3, (1.0, 4.0))];
    let map = map(&Integral::new(), &[0.01, 0.05, 1.0, 2.0, 10.0, 5.0], &over, &region);
    follows(&map, 0.1, |at| at[0] / (at[1] * 0.01 * 0.05 / 0.06));
    assert!(map.share("stable") > 0.5 && map.share("unstable") > 0.05);
}

#[test]
fn theory_d14_two_controllers_have_a_margin_only_with_inhibitory_drive() {
    let p = [-4.0, 1.0, 5.0, 3.0, 10.0, 30.0];
    let one = map(&Dual::new(), &p, &[(5, (10.0, 60.0))], &[(-30.0, -8.0), (1.0, 6.0)]);
    follows(&one, 0.05, |at| at[0] / 30.0);
    let excitatory = [4.0, 1.0, 5.0, 3.0, 10.0, 30.0];
    let always = map(&Dual::new(), &excitatory, &[(5, (2.0, 60.0))], &[(-10.0, 20.0), (1.0, 6.0)]);
    assert_eq!(always.everywhere(), Some(Verdict::Stable), "{}", always.sentence());
}

#[test]
fn theory_a_fold_separates_one_fixed_point_from_three() {
    // σ(w r − θ) at w = 10: folds where θ = w r − ln(r/(1 − r)) at r± = (1 ± √(1 − 4/w))/2.
    let map = map(&Bistable::new(), &[10.0, 5.0], &[(1, (1.0, 9.0))], &[(-0.1, 1.1)]);
    let fold = |sign: f64| {
        let r = 0.5 * (1.0 + sign * 0.6_f64.sqrt());
        10.0 * r - (r / (1.0 - r)).ln()
    };
    let (low, high) = (f64::min(fold(1.0), fold(-1.0)), f64::max(fold(1.0), fold(-1.0)));
    for cell in &map.cells {
        let (lo, hi) = cell.ranges[0];
        match cell.verdict {
            Verdict::Stable => assert!(hi < low || lo > high),
            Verdict::Several { points, stable } => assert!(points == 3 && stable == 2 && lo > low && hi < high),
            Verdict::Undecided => assert!(lo - 0.1 < high && hi + 0.1 > low),
            other => panic!("{other:?}"),
        }
    }
    assert!(map.share("undecided") < 0.05, "{}", map.sentence());
}

#[test]
fn law_a_map_asks_for_what_exists() {
    let region = Region::new([(0.0, 1.0)]).unwrap();
    let ask = |over: &[(usize, (f64, f64))]| {
        stability_map(&Bistable::new(), &[10.0, 5.0], over, &region, &MapOptions::default())
    };
    assert!(ask(&[]).is_err());
    assert!(ask(&[(2, (0.0, 1.0))]).is_err());
    assert!(ask(&[(1, (1.0, 1.0))]).is_err());
    assert!(ask(&[(1, (1.0, 2.0)), (1, (1.0, 2.0))]).is_err());
}
