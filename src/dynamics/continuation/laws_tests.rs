//! What must not change when a question is asked in another way? And what is said when the answer is no curve?

use super::*;
use crate::dynamics::Region;
use crate::dynamics::continuation::tests::{Bistable, folds_of_d30};
use crate::dynamics::examples::{Root, Tip};
use crate::field::Field;
use proptest::prelude::*;

example!(
    /// Wilson and Cowan's two populations with e and i exchanged by a parameter's sign being irrelevant; time in units.
    Cowan, "e i", "P unit", |x, p, dx| {
    let s = |y: S, a: f64, t: f64| ((y - t) * a).sigmoid() - 1.0 / (1.0 + (a * t).exp());
    let (ke, ki) = (1.0 - 1.0 / (1.0 + (1.3_f64 * 4.0).exp()), 1.0 - 1.0 / (1.0 + (2.0_f64 * 3.7).exp()));
    dx[0] = (s(x[0] * 16.0 - x[1] * 12.0 + p[0], 1.3, 4.0) * (-x[0] + ke) - x[0]) * p[1];
    dx[1] = (s(x[0] * 15.0 - x[1] * 3.0, 2.0, 3.7) * (-x[1] + ki) - x[1]) * p[1];
});

example!(
    /// The same with its variables in the other order.
    Swapped, "i e", "P unit", |x, p, dx| {
    let s = |y: S, a: f64, t: f64| ((y - t) * a).sigmoid() - 1.0 / (1.0 + (a * t).exp());
    let (ke, ki) = (1.0 - 1.0 / (1.0 + (1.3_f64 * 4.0).exp()), 1.0 - 1.0 / (1.0 + (2.0_f64 * 3.7).exp()));
    dx[1] = (s(x[1] * 16.0 - x[0] * 12.0 + p[0], 1.3, 4.0) * (-x[1] + ke) - x[1]) * p[1];
    dx[0] = (s(x[1] * 15.0 - x[0] * 3.0, 2.0, 3.7) * (-x[0] + ki) - x[0]) * p[1];
});

example!(
    /// A corner: dx/dt = λ − |x| − x/2.
    Corner, "x", "lambda", |x, p, dx| {
    dx[0] = p[0] - x[0].relu() * 1.5 - x[0] * 0.5;
});

fn cowan(field: &dyn Field, unit: f64, options: Options) -> Vec<Event> {
    let region = Region::new([(-0.05, 0.5), (-0.05, 0.5)]).unwrap();
    let options = DiagramOptions { branch: options, ..DiagramOptions::default() };
    let all = diagram(field, &[1.0, unit], &Vary::new(0, (-0.5, 3.0)), &region, &options).unwrap();
    assert!(all.complete, "{:?}", all.missing);
    let mut events: Vec<Event> = all.branches.into_iter().flat_map(|b| b.events).collect();
    events.sort_by(|a, b| a.parameter.total_cmp(&b.parameter));
    events
}

/// The fold at P = 1.0873304562 of peers.md, which AUTO-07p reports at 1.08547 with DSMAX = 0.02 (50-digit solution by
/// mpmath 1.3.0, tests/reference/continuation.csv).
#[test]
fn cross_wilson_cowan_fold_is_right_at_every_step_setting() {
    for step_max in [0.3, 0.1, 0.05, 0.02, 0.005] {
        let options = Options { step: f64::min(0.01, step_max), step_max, ..Options::default() };
        let folds: Vec<f64> = cowan(&Cowan::new(), 1.0, options)
            .iter()
            .filter(|e| e.kind == EventKind::Fold && e.check.is_some())
            .map(|e| e.parameter)
            .collect();
        assert_eq!(folds.len(), 2, "{step_max}");
        assert!((folds[1] - 1.087_330_456_172_310_2).abs() < 1e-12, "{step_max}: {folds:?}");
        assert!((folds[0] - 0.908_683_427_301_824_5).abs() < 1e-12, "{step_max}: {folds:?}");
    }
}

#[test]
fn law_the_unit_of_time_and_the_order_of_variables_do_not_matter() {
    let plain = cowan(&Cowan::new(), 1.0, Options::default());
    let slow = cowan(&Cowan::new(), 1e-4, Options::default());
    let swapped = cowan(&Swapped::new(), 1.0, Options::default());
    assert_eq!((plain.len(), slow.len(), swapped.len()), (plain.len(), plain.len(), plain.len()));
    for ((a, b), c) in plain.iter().zip(&slow).zip(&swapped) {
        assert_eq!((a.kind, a.kind), (b.kind, c.kind));
        assert!((a.parameter - b.parameter).abs() < 1e-11 && (a.parameter - c.parameter).abs() < 1e-11);
        assert!((a.at[0] - c.at[1]).abs() < 1e-11);
        if let (Some(w), Some(v)) = (a.omega, b.omega) {
            assert!((v / w / 1e-4 - 1.0).abs() < 1e-9);
            // l1 has the unit of 1/x²: the unit of time cancels.
            assert!((a.first_lyapunov.unwrap() / b.first_lyapunov.unwrap() - 1.0).abs() < 1e-7);
            assert!((a.first_lyapunov.unwrap() / c.first_lyapunov.unwrap() - 1.0).abs() < 1e-8);
        }
    }
}

#[test]
fn law_corners_are_passed_or_named() {
    let options = Options::default();
    let branch = follow(&Corner::new(), &[-0.6], &[-1.2], &Vary::new(0, (-1.0, 1.0)), &options).unwrap();
    assert_eq!(branch.stopped, (Stopped::Range, Stopped::Range), "the branch goes on behind the corner");
    assert!((branch.points.last().unwrap().at[0] - 0.5).abs() < 1e-9);
    let branch = follow(&Tip::new(), &[0.5], &[0.5], &Vary::new(0, (-1.0, 1.0)), &options).unwrap();
    // The branch turns back in a corner, where its stability changes at once.
    assert_eq!(branch.stopped, (Stopped::Range, Stopped::Range));
    let kinds: Vec<EventKind> = branch.events.iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EventKind::Kink], "{:?}", branch.events);
    assert!(branch.events[0].parameter.abs() < 1e-5);
    let branch = follow(&Root::new(), &[0.5], &[0.25], &Vary::new(0, (-1.0, 1.0)), &options).unwrap();
    let ends = [branch.stopped.0.name(), branch.stopped.1.name()];
    assert!(ends.iter().any(|e| e.starts_with("failed")) && branch.points.len() > 5, "{ends:?}");
}

#[test]
fn law_a_start_where_the_field_is_no_number_is_named() {
    let error = follow(&Root::new(), &[0.5], &[-1.0], &Vary::new(0, (-1.0, 1.0)), &Options::default()).unwrap_err();
    assert!(error.to_string().contains("dx/dt"), "{error}");
    let wrong = follow(&Root::new(), &[0.5, 1.0], &[1.0], &Vary::new(0, (-1.0, 1.0)), &Options::default());
    assert!(wrong.is_err());
}

#[test]
fn law_without_a_region_the_answer_says_what_was_followed() {
    let field = Bistable::new();
    let all = diagram_from(&field, &[8.0, 10.0], &[0.0], &Vary::new(0, (0.0, 10.0)), &Options::default()).unwrap();
    assert!(!all.complete && all.branches.len() == 1 && all.missing[0].contains("only"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// From any point of the curve the same curve comes back, and its ends are the same.
    #[test]
    fn law_every_start_gives_the_same_branch(w in 5.0_f64..15.0, r in 0.05_f64..0.95) {
        let theta = w * r - (r / (1.0 - r)).ln();
        let [(_, first), (_, second)] = folds_of_d30(w);
        let range = (first.min(second).min(theta) - 1.0, first.max(second).max(theta) + 1.0);
        let go = |theta: f64, r: f64| {
            let options = Options { step_max: 0.01, ..Options::default() };
            follow(&Bistable::new(), &[theta, w], &[r], &Vary::new(0, range), &options).unwrap()
        };
        let out = go(theta, r);
        for end in [&out.points[0], &out.points[out.points.len() - 1]] {
            let back = go(end.parameter, end.at[0]);
            prop_assert!(back.passes(theta, &[r]), "forward and back leads to the start");
            prop_assert_eq!(back.events.len(), out.events.len());
        }
    }
}

/// A field that counts how often its derivatives are asked for.
struct Counted<'a> {
    inner: &'a dyn Field,
    pushes: std::sync::atomic::AtomicUsize,
}

impl Field for Counted<'_> {
    fn names(&self) -> &crate::field::Names {
        self.inner.names()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        self.inner.rate(x, p, dx);
    }
    fn push(&self, x: &[crate::num::Dual], p: &[crate::num::Dual], dx: &mut [crate::num::Dual]) {
        self.pushes.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.inner.push(x, p, dx);
    }
}

/// A point costs one Jacobian for every Newton step and one for its eigenvalues, whatever the number of variables.
#[test]
fn law_a_point_costs_a_few_jacobians_for_any_number_of_variables() {
    use crate::dynamics::examples::Network;
    for n in [2, 5, 12] {
        let network = Network::new(n);
        let field = Counted { inner: &network, pushes: 0.into() };
        let mut p = Network::weights(n, 2.0, 0.1);
        p[n * n] = 1.0;
        let branch = follow(&field, &p, &vec![0.5; n], &Vary::new(n * n, (0.0, 2.0)), &Options::default()).unwrap();
        assert_eq!(branch.stopped, (Stopped::Range, Stopped::Range));
        let jacobians = field.pushes.into_inner() as f64 / (n + 1) as f64;
        let each = jacobians / branch.points.len() as f64;
        assert!(each < 7.0, "{n} variables: {each} Jacobians for a point");
    }
}
