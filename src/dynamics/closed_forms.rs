//! Do proofs and closed forms agree? Every fixed point that theory gives is found, and nothing else.

use super::examples::*;
use super::{FixedPoints, Proof, Region, Search, Stability, fixed_points};
use crate::field::Field;

/// A search that is cheap enough for many cases.
fn quick() -> Search<'static> {
    Search { boxes: 20_000, starts: 32, ..Search::default() }
}
fn all(field: &dyn Field, p: &[f64], ranges: &[(f64, f64)]) -> FixedPoints {
    fixed_points(field, p, &Region::new(ranges.iter().copied()).unwrap(), &quick()).unwrap()
}
/// `found` has exactly the fixed points `expected`, each proven and within its enclosure.
fn exactly(found: &FixedPoints, expected: &[Vec<f64>]) {
    for e in expected {
        let near = found.points.iter().filter(|p| {
            p.enclosure.iter().zip(e).all(|(i, x)| {
                let slack = 1e-12 * x.abs().max(1e-3);
                i.lo() - slack <= *x && *x <= i.hi() + slack
            })
        });
        assert_eq!(near.count(), 1, "{e:?} among {:?}", found.points.iter().map(|p| &p.at).collect::<Vec<_>>());
    }
    assert_eq!(found.points.len(), expected.len(), "{:?}", found.points.iter().map(|p| &p.at).collect::<Vec<_>>());
    assert!(found.points.iter().all(|p| p.proof == Proof::Unique));
}

#[test]
fn theory_d7_every_set_of_patterns_and_an_honest_origin() {
    for k in 1..=3 {
        let y0 = 1.3;
        let found = all(&Bcm::new(k), &[1.0, y0, 10.0, 5.0], &vec![(0.0, 7.0); k + 1]);
        let mut expected = Vec::new();
        for set in 1_u32..1 << k {
            let theta = k as f64 * y0 / f64::from(set.count_ones());
            let mut x: Vec<f64> = (0..k).map(|i| if set >> i & 1 == 1 { theta } else { 0.0 }).collect();
            x.push(theta);
            expected.push(x);
        }
        exactly(&found, &expected);
        // The origin is not hyperbolic: not provable, but never silently left out.
        assert_eq!(found.undecided.len(), 1);
        assert!(!found.complete && found.undecided[0].hull.iter().all(|i| i.contains(0.0) && i.hi() < 1e-3));
        for p in &found.points {
            let active = p.at[..k].iter().filter(|y| **y > 0.5).count();
            assert!(p.stability_proven && (p.stability == Stability::Stable) == (active == 1));
        }
    }
}

#[test]
fn theory_d9_two_eigenvectors_and_the_origin() {
    let found = all(&Scaling::new(), &[0.01, 0.02, 2.0, 1.0, 0.4, 0.8], &[(-1.0, 3.0), (-3.0, 3.0)]);
    exactly(
        &found,
        &[vec![0.0, 0.0], vec![1.49157146946, 1.16458381182]]
            .map(|v| v.iter().map(|x| (x * 1e11_f64).round() / 1e11).collect()),
    );
    assert!(found.complete);
    let stable = found.stable();
    assert!(stable.len() == 1 && stable[0].stability_proven);
    let [a, b] = [stable[0].eigenvalues[0].0, stable[0].eigenvalues[1].0];
    assert!((a + 0.00824621125124).abs() < 1e-12 && (b + 0.0531231056256).abs() < 1e-12);
}
