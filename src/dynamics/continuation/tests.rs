//! Do located points equal their closed forms?

use super::*;
use crate::field::{Law, Names, Quantity};
use crate::num::Scalar;
use proptest::prelude::*;

/// A law from one function: names are x0, x1, … and p0, p1, ….
macro_rules! law {
    ($name:ident, $n:expr, $m:expr, |$x:ident, $p:ident, $dx:ident| $body:block) => {
        pub(super) struct $name(Names);
        impl $name {
            pub(super) fn new() -> Self {
                let named = |letter: &str, count: usize| -> Vec<Quantity> {
                    (0..count).map(|i| Quantity::plain(&format!("{letter}{i}"), 1.0)).collect()
                };
                $name(Names::new(stringify!($name), named("x", $n), named("p", $m)))
            }
        }
        impl Law for $name {
            fn law_names(&self) -> &Names {
                &self.0
            }
            fn rates<S: Scalar>(&self, $x: &[S], $p: &[S], $dx: &mut [S]) $body
        }
    };
}

// D30: a bistable network, dr/dt = −r + S(w r − θ), with θ as the parameter.
law!(Bistable, 1, 2, |x, p, dx| {
    dx[0] = (p[1] * x[0] - p[0]).sigmoid() - x[0];
});
// D30 with homeostasis: θ integrates r − r0 at the rate ε; parameters r0, w, ε.
law!(Relaxation, 2, 3, |x, p, dx| {
    dx[0] = (p[1] * x[0] - x[1]).sigmoid() - x[0];
    dx[1] = p[2] * (x[0] - p[0]);
});
// The normal form of a Hopf bifurcation, x' = λ x − y − x(x² + y²).
law!(HopfForm, 2, 1, |x, p, dx| {
    let r2 = x[0].square() + x[1].square();
    dx[0] = p[0] * x[0] - x[1] - x[0] * r2;
    dx[1] = x[0] + p[0] * x[1] - x[1] * r2;
});
// D7 with one pattern: parameters τ_θ, τ_w, g, y0.
law!(Bcm, 2, 4, |x, p, dx| {
    dx[0] = p[2] * x[0] * (x[0] - x[1]) / p[1];
    dx[1] = (x[0].square() / p[3] - x[1]) / p[0];
});
law!(Pitchfork, 1, 1, |x, p, dx| {
    dx[0] = p[0] * x[0] - x[0].powi(3);
});
law!(Transcritical, 1, 1, |x, p, dx| {
    dx[0] = p[0] * x[0] - x[0].square();
});

pub(super) fn folds_of_d30(w: f64) -> [(f64, f64); 2] {
    let q = (1.0 - 4.0 / w).sqrt();
    [(1.0 - q) / 2.0, (1.0 + q) / 2.0].map(|r| (r, w * r - (r / (1.0 - r)).ln()))
}

#[test]
fn theory_d30_both_folds_and_three_sheets() {
    let w = 10.0;
    let branch = follow(&Bistable::new(), &[8.0, w], &[0.1], &Vary::new(0, (0.0, 10.0)), &Options::default()).unwrap();
    assert_eq!(branch.stopped, (Stopped::Range, Stopped::Range));
    let folds: Vec<_> = branch.events.iter().filter(|e| e.kind == EventKind::Fold).collect();
    assert_eq!(folds.len(), 2, "{:?}", branch.events);
    assert_eq!(branch.events.len(), 2);
    for (r, theta) in folds_of_d30(w) {
        let near = folds.iter().find(|e| (e.at[0] - r).abs() < 1e-9).expect("a fold at this rate");
        assert!((near.parameter - theta).abs() < 1e-12 * theta.abs().max(1.0), "{} {theta}", near.parameter);
        assert!(near.check.is_some());
    }
    for point in &branch.points {
        let [(low, _), (high, _)] = folds_of_d30(w);
        assert_eq!(point.stable, point.at[0] < low || point.at[0] > high, "{point:?}");
    }
}

#[test]
fn theory_d30_hopf_at_the_folds_of_the_fast_system_for_any_epsilon() {
    for epsilon in [1e-1, 1e-2, 1e-4] {
        let (w, field) = (10.0, Relaxation::new());
        let start = [0.5, w * 0.5];
        let branch =
            follow(&field, &[0.5, w, epsilon], &start, &Vary::new(0, (0.05, 0.95)), &Options::default()).unwrap();
        let hopf: Vec<_> = branch.events.iter().collect();
        assert_eq!(hopf.iter().map(|e| e.kind).collect::<Vec<_>>(), [EventKind::Hopf; 2], "{epsilon} {hopf:?}");
        for (event, (r, _)) in hopf.iter().zip(folds_of_d30(w)) {
            assert!((event.parameter - r).abs() < 1e-11, "{epsilon}: {} {r}", event.parameter);
            let omega = (epsilon / w).sqrt();
            assert!((event.omega.unwrap() / omega - 1.0).abs() < 1e-9);
            assert!(event.check.is_some(), "{event:?}");
        }
    }
}

example!(
    /// Lotka and Volterra with growth λ about their fixed point: at λ = 0 a constant of motion, and every orbit closed.
    Centre, "u v", "lambda", |x, p, dx| {
    dx[0] = x[0] * (-x[1] + 1.0) + p[0] * (x[0] - 1.0);
    dx[1] = x[1] * (x[0] - 1.0) + p[0] * (x[1] - 1.0);
});

#[test]
fn limit_a_centre_has_no_first_lyapunov_coefficient_and_no_noise_in_its_place() {
    let start = [1.0, 1.0];
    let branch = follow(&Centre::new(), &[-0.3], &start, &Vary::new(0, (-0.5, 0.7)), &Options::default()).unwrap();
    let hopf = branch.first(EventKind::Hopf).unwrap();
    assert!(hopf.parameter.abs() < 1e-13 && hopf.check.is_some());
    assert_eq!(hopf.first_lyapunov, Some(0.0));
}

#[test]
fn theory_hopf_normal_form_has_l1_minus_two_and_unit_crossing_speed() {
    // x = z q + c.c. with |q| = 1 gives |x|² = 2|z|², so z' = (λ + i) z − 2 z|z|²: l1 = Re c1/ω = −2.
    let branch =
        follow(&HopfForm::new(), &[-0.5], &[0.0, 0.0], &Vary::new(0, (-1.0, 1.0)), &Options::default()).unwrap();
    let hopf = branch.first(EventKind::Hopf).unwrap();
    assert!(hopf.parameter.abs() < 1e-13);
    assert!((hopf.first_lyapunov.unwrap() + 2.0).abs() < 1e-12, "{hopf:?}");
    // The parameter's range is 2 wide, so that one scaled unit is 2.
    assert!((hopf.check.unwrap().transversality - 2.0).abs() < 1e-12);
}

#[test]
fn theory_branch_points_of_pitchfork_and_transcritical() {
    let at = |field: &dyn crate::field::Field| {
        let branch = follow(field, &[-0.6], &[0.0], &Vary::new(0, (-1.0, 1.0)), &Options::default()).unwrap();
        assert_eq!(branch.events.iter().map(|e| e.kind).collect::<Vec<_>>(), [EventKind::BranchPoint]);
        branch.events[0].clone()
    };
    for event in [at(&Pitchfork::new()), at(&Transcritical::new())] {
        assert!(event.parameter.abs() < 1e-12 && event.check.is_some(), "{event:?}");
    }
}

#[test]
fn law_requests_that_make_no_sense_are_refused() {
    let ask = |range, p: f64| {
        let at = Vary::new(0, range);
        follow(&Pitchfork::new(), &[p], &[0.0], &at, &Options::default()).unwrap_err().to_string()
    };
    assert!(ask((1.0, 1.0), 1.0).contains("empty"));
    assert!(ask((f64::NAN, 1.0), 0.5).contains("empty"));
    assert!(ask((0.0, 1.0), 2.0).contains("outside"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// D7: the Hopf point at τ_θ = τ_w/(g y0), ω = g y0/τ_w, for any parameters.
    #[test]
    fn theory_d07_hopf(tau_w in 1.0..50.0, g in 0.3..3.0, y0 in 0.5..8.0) {
        let critical = tau_w / (g * y0);
        let field = Bcm::new();
        let range = (0.2 * critical, 2.0 * critical);
        let branch = follow(&field, &[0.5 * critical, tau_w, g, y0], &[y0, y0], &Vary::new(0, range), &Options::default()).unwrap();
        prop_assert_eq!(branch.events.len(), 1);
        let hopf = &branch.events[0];
        prop_assert_eq!(hopf.kind, EventKind::Hopf);
        prop_assert!((hopf.parameter / critical - 1.0).abs() < 1e-11);
        prop_assert!((hopf.omega.unwrap() * critical - 1.0).abs() < 1e-11);
        prop_assert!(hopf.first_lyapunov.unwrap() < 0.0, "supercritical");
        prop_assert!(hopf.check.is_some());
    }

    /// A fold found from either side is the same point.
    #[test]
    fn law_a_fold_is_the_same_from_either_side(w in 4.5..20.0) {
        let [(low, first), (_, second)] = folds_of_d30(w);
        let range = (first - 2.0, second + 2.0);
        let field = Bistable::new();
        let from = |r: f64| {
            let theta = w * r - (r / (1.0 - r)).ln();
            let branch = follow(&field, &[theta, w], &[r], &Vary::new(0, range), &Options::default()).unwrap();
            let mut folds: Vec<f64> = branch.events.iter().map(|e| e.parameter).collect();
            folds.sort_by(f64::total_cmp);
            folds
        };
        let (a, b) = (from(low * 0.99), from(1.0 - low * 0.99));
        prop_assert_eq!(a.len(), 2);
        prop_assert_eq!(b.len(), 2);
        prop_assert!((a[0] - b[0]).abs() < 1e-10 && (a[1] - b[1]).abs() < 1e-10);
    }
}

/// n units x' = λ − x − x³ side by side: they move alike, and their branch is as long as that of one.
struct Alike(Names);
impl Law for Alike {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        x.iter().zip(dx).for_each(|(x, dx)| *dx = p[0] - *x - x.powi(3));
    }
}

#[test]
fn limit_units_that_move_alike_take_as_many_points_as_one() {
    let points = |n: usize| {
        let quantities: Vec<Quantity> = (0..n).map(|i| Quantity::plain(&format!("x{i}"), 1.0)).collect();
        let field = Alike(Names::new("alike", quantities, [Quantity::plain("p", 0.0)]));
        let vary = Vary::new(0, (-5.0, 5.0));
        follow(&field, &[0.0], &vec![0.0; n], &vary, &Options::default()).unwrap().points.len()
    };
    // But for a step that rounding makes shorter.
    let one = points(1);
    assert!(points(2) <= one + one / 20 && points(40) <= one + one / 20, "{one} {} {}", points(2), points(40));
}
