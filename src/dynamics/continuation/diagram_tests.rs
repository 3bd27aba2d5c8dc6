//! Is the diagram complete, is nothing followed twice, and does it say so when not?

use super::*;
use crate::dynamics::continuation::tests::{Bistable, Pitchfork, Transcritical, folds_of_d30};
use crate::dynamics::{Region, Search};

example!(
    /// A pitchfork with a pitchfork on its arms: dx/dt = λ x − x³, dy/dt = (x² − ½) y − y³.
    Twice, "x y", "lambda", |x, p, dx| {
    dx[0] = p[0] * x[0] - x[0].powi(3);
    dx[1] = (x[0].square() - 0.5) * x[1] - x[1].powi(3);
});

example!(
    /// An isola beside a line: (x² + λ² − 1)(x − 3)-like, with zeros x = 3 and x² + λ² = 1.
    Isola, "x", "lambda", |x, p, dx| {
    dx[0] = (x[0].square() + p[0].square() - 1.0) * (x[0] - 3.0);
});

example!(
    /// Two pitchforks at one place: symmetric in exchange and both signs.
    Square, "x y", "lambda", |x, p, dx| {
    dx[0] = p[0] * x[0] - x[0].powi(3) - x[0] * x[1].square() * 0.5;
    dx[1] = p[0] * x[1] - x[1].powi(3) - x[1] * x[0].square() * 0.5;
});

example!(
    /// Two branches of a square that cross transversally at the origin, x² = λ² (1 − λ²).
    Crossing, "x", "lambda", |x, p, dx| {
    dx[0] = p[0].square() * (-p[0].square() + 1.0) - x[0].square();
});

example!(
    /// The same with a small isola away from the middle: x² + (λ + 1.4)² = 0.0025.
    Island, "x", "lambda", |x, p, dx| {
    dx[0] = (x[0].square() + (p[0] + 1.4).square() - 0.0025) * (x[0] - 3.0);
});

example!(
    /// The Lorenz equations with σ = 10, b = 8/3: a pitchfork at ρ = 1, Hopf points at ρ = 470/19.
    Lorenz, "x y z", "rho", |x, p, dx| {
    dx[0] = (x[1] - x[0]) * 10.0;
    dx[1] = p[0] * x[0] - x[1] - x[0] * x[2];
    dx[2] = x[0] * x[1] - x[2] * (8.0 / 3.0);
});

example!(
    /// A pair with the rate 10⁻⁶ − λ²: Hopf points at λ = ±10⁻³, both within one step.
    Twins, "x y", "lambda", |x, p, dx| {
    let gain = -p[0].square() + 1e-6 - x[0].square() - x[1].square();
    dx[0] = gain * x[0] - x[1];
    dx[1] = gain * x[1] + x[0];
});

example!(
    /// Two identical oscillators beside each other: both rest until λ = 0, and turn with the frequency one there.
    Coinciding, "x y u v", "lambda", |x, p, dx| {
    for k in [0, 2] {
        let gain = p[0] - x[k].square() - x[k + 1].square();
        dx[k] = gain * x[k] - x[k + 1];
        dx[k + 1] = gain * x[k + 1] + x[k];
    }
});

example!(
    /// A narrow hysteresis: x³ = λ + e x with e = 2·10⁻⁴.
    Narrow, "x", "lambda", |x, p, dx| {
    dx[0] = p[0] - x[0].powi(3) + x[0] * 2e-4;
});

example!(
    /// Two corners: x = 0 and x = λ part at λ = 0, where both begin; along the second y = |x − ½| has one.
    Corners, "x y", "lambda", |x, p, dx| {
    dx[0] = (x[0] * 2.0 - p[0]).relu() - x[0];
    dx[1] = (x[0] - 0.5).relu() + (-x[0] + 0.5).relu() - x[1];
});

example!(
    /// x (x − 1) = λ, where the equation has no value at x = 1.
    Reciprocal, "x", "lambda", |x, p, dx| {
    dx[0] = p[0] / (x[0] - 1.0) - x[0];
});

example!(
    /// x³ = log λ: not defined for λ ≤ 0.
    Logarithm, "x", "lambda", |x, p, dx| {
    dx[0] = p[0].ln() - x[0].powi(3) - x[0];
});

example!(
    /// A ring of six units that excite their neighbours: at λ = ½ all alike, at λ = ⅔ two waves leave silence together.
    Ring, "a b c d e f", "lambda", |x, p, dx| {
    for i in 0..6 {
        dx[i] = (((x[(i + 1) % 6] + x[(i + 5) % 6]) * 0.5 + x[i]) * p[0]).tanh() - x[i];
    }
});

fn all(field: &dyn crate::field::Field, p: &[f64], k: usize, range: (f64, f64), region: &[(f64, f64)]) -> Diagram {
    let region = Region::new(region.iter().copied()).unwrap();
    let vary = Vary::new(k, range);
    diagram(field, p, &vary, &region, &DiagramOptions::default()).unwrap()
}

fn counts(d: &Diagram) -> Vec<usize> {
    d.checked.iter().map(|c| c.fixed_points).collect()
}

#[track_caller]
fn sound(d: &Diagram) {
    assert!(d.complete, "{:?} {:?}", d.missing, d.checked);
    assert!(d.checked.iter().all(|c| c.proven && c.passing == c.fixed_points), "{:?}", d.checked);
}

#[test]
fn theory_transcritical_and_pitchfork_have_two_branches() {
    let d = all(&Transcritical::new(), &[0.0], 0, (-1.0, 1.0), &[(-2.0, 2.0)]);
    sound(&d);
    assert_eq!((d.branches.len(), counts(&d)), (2, vec![2, 2]));
    // Along x = λ the other branch is the straight line.
    for q in d.branches.iter().flat_map(|b| &b.points) {
        assert!(q.at[0].abs() < 1e-12 || (q.at[0] - q.parameter).abs() < 1e-9, "{q:?}");
    }
    let d = all(&Pitchfork::new(), &[0.0], 0, (-1.0, 1.0), &[(-2.0, 2.0)]);
    sound(&d);
    assert_eq!((d.branches.len(), counts(&d)), (2, vec![1, 3]));
    assert!(d.branches.iter().flat_map(|b| &b.events).all(|e| e.kind == EventKind::BranchPoint), "no fold at the tip");
}

#[test]
fn theory_branches_of_branches_are_switched_to() {
    // y leaves zero where x² = ½, that is at λ = ½, on both arms.
    let d = all(&Twice::new(), &[0.0], 0, (-1.0, 1.0), &[(-2.0, 2.0), (-2.0, 2.0)]);
    sound(&d);
    assert_eq!(counts(&d), [1, 3, 7]);
    let at = |v: f64| {
        let near = |e: &&Event| e.kind == EventKind::BranchPoint && (e.parameter - v).abs() < 1e-9;
        d.branches.iter().flat_map(|b| &b.events).filter(near).count()
    };
    assert!(at(0.0) >= 1 && at(0.5) >= 2);
}

#[test]
fn theory_an_isola_is_found_from_the_certified_list() {
    let d = all(&Isola::new(), &[0.0], 0, (-2.0, 2.0), &[(-2.0, 4.0)]);
    sound(&d);
    let closed = d.branches.iter().filter(|b| b.stopped.0 == Stopped::Closed).count();
    assert_eq!((d.branches.len(), closed, counts(&d)), (2, 1, vec![1, 3, 1]));
}

#[test]
fn theory_an_isola_between_the_checks_is_found_by_counting_for_all_values() {
    let d = all(&Island::new(), &[0.0], 0, (-2.0, 2.0), &[(-2.0, 4.0)]);
    sound(&d);
    let folds = d.branches.iter().flat_map(|b| &b.events).filter(|e| e.kind == EventKind::Fold);
    let mut at: Vec<f64> = folds.map(|e| e.parameter).collect();
    at.sort_by(f64::total_cmp);
    assert!(at.len() == 2 && (at[0] + 1.45).abs() < 1e-12 && (at[1] + 1.35).abs() < 1e-12, "{at:?}");
    assert!(d.proven > 0.97 && d.proven < 1.0, "{}", d.proven);
}

#[test]
fn law_what_is_not_proven_between_the_checks_is_told() {
    // The counting has no budget to speak of.
    let few = DiagramOptions { boxes: 1, ..DiagramOptions::default() };
    let region = Region::new([(-2.0, 4.0)]).unwrap();
    let d = diagram(&Island::new(), &[0.0], &Vary::new(0, (-2.0, 2.0)), &region, &few).unwrap();
    assert!(!d.complete && d.missing.iter().any(|m| m.contains("not proven for lambda between")), "{:?}", d.missing);
}

#[test]
fn theory_the_arms_of_a_pitchfork_turn_without_a_fold() {
    let d = all(&Lorenz::new(), &[10.0], 0, (0.5, 30.0), &[(-30.0, 30.0), (-30.0, 30.0), (-10.0, 60.0)]);
    sound(&d);
    let kinds: Vec<EventKind> = d.branches.iter().flat_map(|b| &b.events).map(|e| e.kind).collect();
    let count = |kind| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!((count(EventKind::Hopf), count(EventKind::Fold)), (2, 0), "{kinds:?}");
}

#[test]
fn theory_two_hopf_points_side_by_side_are_both_found_and_each_once() {
    // Where the steps end differs with the range: between the two, or with both in one step.
    for high in [1.0, 1.1, 1.2, 1.37, 1.7] {
        let d = all(&Twins::new(), &[-1.0], 0, (-1.0, high), &[(-2.0, 2.0); 2]);
        let mut at: Vec<f64> = d.branches.iter().flat_map(|b| &b.events).map(|e| e.parameter).collect();
        at.sort_by(f64::total_cmp);
        assert!(at.len() == 2 && (at[0] + 1e-3).abs() < 1e-12 && (at[1] - 1e-3).abs() < 1e-12, "{high}: {at:?}");
    }
}

#[test]
fn theory_two_folds_side_by_side_are_both_found() {
    // x³ = λ + e x folds at x² = e/3, λ = −2 x³.
    let e = 2e-4_f64;
    let wanted = 2.0 * (e / 3.0).powf(1.5);
    for high in [1.0, 1.1, 1.2, 1.37, 1.7] {
        let d = all(&Narrow::new(), &[-1.0], 0, (-1.0, high), &[(-2.0, 2.0)]);
        let mut at: Vec<f64> = d.branches.iter().flat_map(|b| &b.events).map(|e| e.parameter).collect();
        at.sort_by(f64::total_cmp);
        assert!(at.len() == 2 && (at[0] + wanted).abs() < 1e-12 && (at[1] - wanted).abs() < 1e-12, "{high}: {at:?}");
    }
}

#[test]
fn theory_a_symmetric_branch_point_is_found_where_regula_falsi_hits_it() {
    let region = Region::new([(-1.0, 1.0); 6]).unwrap();
    let few = DiagramOptions {
        boxes: 0,
        search: Search { boxes: 200, ..DiagramOptions::default().search },
        ..Default::default()
    };
    let d = diagram(&Ring::new(), &[0.5], &Vary::new(0, (0.2, 0.9)), &region, &few).unwrap();
    let silent = |e: &&Event| e.at.iter().all(|x| x.abs() < 1e-9);
    let events: Vec<&Event> = d.branches.iter().flat_map(|b| &b.events).collect();
    let double =
        events.iter().copied().filter(silent).find(|e| e.coefficient("corank") == Some(2.0)).expect("a double point");
    assert!((double.parameter - 2.0 / 3.0).abs() < 1e-12 && double.check.is_some(), "{double:?}");
    // No arm passes through it as through a fold, and nothing is left without an explanation.
    assert!(events.iter().all(|e| e.check.is_some() && e.kind == EventKind::BranchPoint), "{events:?}");
}

#[test]
fn theory_two_pairs_that_cross_at_once_are_told_as_two() {
    // Not at a value that the steps hit.
    let d = all(&Coinciding::new(), &[-0.3], 0, (-0.3, 0.47), &[(-1.0, 1.0); 4]);
    let [event] = &d.branches[0].events[..] else { panic!("{:?}", d.branches[0].events) };
    let check = event.check.expect("it is verified");
    assert_eq!((event.kind, event.coefficient("pairs")), (EventKind::HopfHopf, Some(2.0)));
    assert!(event.parameter.abs() < 1e-9 && check.defining < 1e-9, "{event:?}");
    assert!((event.omega.unwrap() - 1.0).abs() < 1e-9 && event.first_lyapunov.is_none(), "{event:?}");
}

#[test]
fn theory_sharp_corners_are_passed() {
    let d = all(&Corners::new(), &[0.0], 0, (-2.0, 3.0), &[(-5.0, 20.0); 2]);
    sound(&d);
    assert_eq!((d.branches.len(), counts(&d)), (1, vec![0, 2]));
    let branch = &d.branches[0];
    assert_eq!(branch.stopped, (Stopped::Range, Stopped::Range));
    // Where x = 0 meets x = λ a stable and an unstable point vanish.
    let kinks: Vec<&Event> = branch.events.iter().filter(|e| e.kind == EventKind::Kink).collect();
    assert!(kinks.len() == 1 && kinks[0].parameter.abs() < 2e-6, "{kinks:?}");
    for q in &branch.points {
        let (x, y) = (q.at[0], q.at[1]);
        assert!(x.abs() < 1e-9 || (x - q.parameter).abs() < 1e-9, "{q:?}");
        assert!((y - (x - 0.5).abs()).abs() < 1e-9, "{q:?}");
    }
}

#[test]
fn theory_a_pole_is_no_branch_point() {
    let region = Region::new([(-5.0, 5.0)]).unwrap();
    let d = diagram(&Reciprocal::new(), &[1.0], &Vary::new(0, (-1.0, 2.0)), &region, &DiagramOptions::default());
    let events: Vec<Event> = d.unwrap().branches.iter().flat_map(|b| b.events.clone()).collect();
    let kinds: Vec<EventKind> = events.iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EventKind::Pole, EventKind::Fold]);
    assert!((events[1].parameter + 0.25).abs() < 1e-12 && events[0].parameter.abs() < 0.05);
}

#[test]
fn theory_where_the_equations_are_not_defined_the_rest_is_followed() {
    let region = Region::new([(-5.0, 5.0)]).unwrap();
    let d =
        diagram(&Logarithm::new(), &[1.0], &Vary::new(0, (-1.0, 2.0)), &region, &DiagramOptions::default()).unwrap();
    assert!(!d.complete && d.branches.len() == 1);
    assert!(d.missing.iter().any(|m| m.contains("where lambda = -0.")), "{:?}", d.missing);
    let inside = d.branches[0].points.iter().filter(|q| q.parameter > 1e-3);
    assert!(inside.clone().count() > 20);
    assert!(inside.into_iter().all(|q| (q.at[0].powi(3) + q.at[0] - q.parameter.ln()).abs() < 1e-9));
}

#[test]
fn theory_d30_is_one_branch_with_three_sheets() {
    let d = all(&Bistable::new(), &[5.0, 10.0], 0, (0.0, 10.0), &[(0.0, 1.0)]);
    sound(&d);
    assert_eq!((d.branches.len(), counts(&d)), (1, vec![1, 3, 1]));
    let [(_, first), (_, second)] = folds_of_d30(10.0);
    let (low, high) = (first.min(second), first.max(second));
    assert!(d.checked[1].parameter > low && d.checked[1].parameter < high);
}

#[test]
fn theory_a_node_of_the_curve_is_crossed_twice() {
    let d = all(&Crossing::new(), &[0.0], 0, (-1.5, 1.5), &[(-2.0, 2.0)]);
    sound(&d);
    assert_eq!(counts(&d), [0, 2, 2, 0]);
}

#[test]
fn theory_symmetric_branch_points_lead_to_all_branches() {
    // At λ = 0 both eigenvalues vanish together; beyond it there are 0, four on the axes and four on the diagonals.
    let d = all(&Square::new(), &[1.0], 0, (-0.7, 1.0), &[(-1.5, 1.5); 2]);
    let symmetric = d.branches.iter().flat_map(|b| &b.events).find(|e| e.coefficient("corank") == Some(2.0));
    assert!(symmetric.expect("a symmetric branch point").parameter.abs() < 1e-9);
    sound(&d);
    assert_eq!(counts(&d), [1, 9]);
}

#[test]
fn law_a_region_without_fixed_points_is_refused() {
    let region = Region::new([(5.0, 6.0)]).unwrap();
    let ask = diagram(&Pitchfork::new(), &[0.0], &Vary::new(0, (-1.0, 1.0)), &region, &DiagramOptions::default());
    assert!(ask.unwrap_err().to_string().contains("no fixed point"));
}

/// Branches start at λ = −1 + 0.537 and 0.537; the pitchfork at 0 parts them, and both lists are complete.
#[test]
fn theory_a_diagram_is_checked_where_its_branches_started() {
    let d = all(&Pitchfork::new(), &[0.0], 0, (-1.0, 1.0), &[(-2.0, 2.0)]);
    let checked: Vec<f64> = d.checked.iter().map(|c| c.parameter).collect();
    assert!(d.complete && checked.len() == 2, "{checked:?}");
    assert!((checked[0] + 0.463).abs() < 1e-12 && (checked[1] - 0.537).abs() < 1e-12, "{checked:?}");
    // In (−0.1, 1) they start at 0.19535 and 0.74535: the interval below the pitchfork is asked for a list in its middle.
    let d = all(&Pitchfork::new(), &[0.0], 0, (-0.1, 1.0), &[(-2.0, 2.0)]);
    let checked: Vec<f64> = d.checked.iter().map(|c| c.parameter).collect();
    assert!(d.complete && checked.len() == 2, "{checked:?}");
    assert!((checked[0] + 0.1 * 0.487).abs() < 1e-6 && (checked[1] - 0.19535).abs() < 1e-12, "{checked:?}");
}
