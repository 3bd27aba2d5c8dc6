//! Is the diagram complete, is nothing followed twice, and does it say so when not?

use super::*;
use crate::dynamics::Region;
use crate::dynamics::continuation::tests::{Bistable, Pitchfork, Transcritical, folds_of_d30};

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
