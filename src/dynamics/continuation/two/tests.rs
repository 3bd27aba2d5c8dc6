//! Do points of codimension two equal their closed forms, and does every curve end where it must?

use super::super::*;
use super::*;
use crate::dynamics::Region;
use crate::field::Field;

example!(
    /// ẋ = y, ẏ = β₁ + β₂ x + x² − x y: the normal form of Bogdanov and Takens with a = 1, b = −1.
    Takens, "x y", "beta1 beta2", |x, p, dx| {
    dx[0] = x[1];
    dx[1] = p[0] + p[1] * x[0] + x[0].square() - x[0] * x[1];
});

example!(
    /// ẇ = (λ + i) w + μ w|w|² − w|w|⁴: a generalized Hopf point at the origin.
    Bautin, "u v", "lambda mu", |x, p, dx| {
    let r = x[0].square() + x[1].square();
    let gain = p[0] + p[1] * r - r.square();
    dx[0] = gain * x[0] - x[1];
    dx[1] = gain * x[1] + x[0];
});

example!(
    /// ẋ = μ₁ + x² − (y² + z²), and a pair with the rate μ₂ + θ x, θ = −2: zero-Hopf at the origin.
    ZeroHopf, "x y z", "mu1 mu2", |x, p, dx| {
    let rate = p[1] - x[0] * 2.0;
    dx[0] = p[0] + x[0].square() - x[1].square() - x[2].square();
    dx[1] = rate * x[1] - x[2] * 3.0;
    dx[2] = rate * x[2] + x[1] * 3.0;
});

example!(
    /// Two oscillators with a weak coupling of their amplitudes, ω = 1 and √2: Hopf–Hopf at the origin.
    TwoHopf, "a b c d", "mu1 mu2", |x, p, dx| {
    let (r, s) = (x[0].square() + x[1].square(), x[2].square() + x[3].square());
    let (one, two) = (p[0] - r - s * 0.5, p[1] + s * 0.5 - r);
    dx[0] = one * x[0] - x[1];
    dx[1] = one * x[1] + x[0];
    dx[2] = two * x[2] - x[3] * 2.0_f64.sqrt();
    dx[3] = two * x[3] + x[2] * 2.0_f64.sqrt();
});

example!(
    /// ẋ = μ + ν + λ x − x³: μ and ν act as one; the cusp has c = −1.
    CuspForm, "x", "lambda mu nu", |x, p, dx| {
    dx[0] = p[1] + p[2] + p[0] * x[0] - x[0].powi(3);
});

example!(
    /// ẋ = λ x − x² + μ x³ + ν: the transcritical point persists in μ and not in ν.
    Exchange, "x", "lambda mu nu", |x, p, dx| {
    dx[0] = p[0] * x[0] - x[0].square() + p[1] * x[0].powi(3) + p[2];
});

type Ranges = [(usize, (f64, f64)); 2];

fn plane_of(field: &dyn Field, p: &[f64], over: Ranges, region: &[(f64, f64)]) -> (Diagram, Plane) {
    let region = Region::new(region.iter().copied()).unwrap();
    let [first, second] = over.map(|(k, range)| Vary::new(k, range));
    let options = DiagramOptions::default();
    let all = diagram(field, p, &first, &region, &options).unwrap();
    let plane = curves(field, p, &all, &first, &second, &region, &options).unwrap();
    (all, plane)
}

fn of(plane: &Plane, kind: CurveKind) -> Vec<&Curve> {
    plane.curves.iter().filter(|c| c.kind == kind).collect()
}

#[track_caller]
fn near(got: f64, wanted: f64, tolerance: f64) {
    assert!((got - wanted).abs() <= tolerance, "{got} is not {wanted}");
}

#[test]
fn theory_hopf_curve_ends_at_bogdanov_takens() {
    let (_, plane) =
        plane_of(&Takens::new(), &[0.0, -1.0], [(0, (-1.0, 1.0)), (1, (-2.0, 2.0))], &[(-3.0, 3.0), (-2.0, 2.0)]);
    let (folds, hopfs) = (of(&plane, CurveKind::Fold), of(&plane, CurveKind::Hopf));
    assert_eq!((folds.len(), hopfs.len(), &plane.notes), (1, 1, &vec![]));
    for q in &folds[0].points {
        near(q.parameter, q.other.powi(2) / 4.0, 1e-11);
    }
    // Hopf points are at β₁ = 0, β₂ < 0 with ω² = −β₂; beyond the end there are neutral saddles only.
    for q in &hopfs[0].points {
        near(q.parameter, 0.0, 1e-11);
        near(q.omega.unwrap().powi(2), -q.other, 1e-9);
        assert!(q.other < 1e-9);
    }
    let ends = [&hopfs[0].stopped.0, &hopfs[0].stopped.1];
    assert!(ends.contains(&&Stopped::BogdanovTakens) && ends.contains(&&Stopped::Range), "{ends:?}");
    for curve in [folds[0], hopfs[0]] {
        let event = curve.first(EventKind::BogdanovTakens);
        let event = event.unwrap_or_else(|| panic!("{:?} {:?}", curve.kind, (&curve.events, &curve.stopped)));
        near(event.parameter, 0.0, 1e-10);
        near(event.other, 0.0, 1e-9);
        assert!(event.check.is_some(), "{event:?}");
        near(event.coefficient("a").unwrap(), 1.0, 1e-8);
        near(event.coefficient("b").unwrap(), -1.0, 1e-8);
    }
}

#[test]
fn theory_generalized_hopf_has_l2_minus_four() {
    // w = √2 z, so that c₁ = 2 μ and c₂ = −4.
    let (_, plane) =
        plane_of(&Bautin::new(), &[0.0, -0.7], [(0, (-1.0, 1.0)), (1, (-1.0, 1.5))], &[(-1.0, 1.1), (-1.0, 1.2)]);
    let hopf = of(&plane, CurveKind::Hopf)[0];
    for q in &hopf.points {
        near(q.parameter, 0.0, 1e-12);
        near(q.first_lyapunov.unwrap(), 2.0 * q.other, 1e-10);
    }
    let event = hopf.first(EventKind::GeneralizedHopf).expect("there is one");
    near(event.other, 0.0, 1e-10);
    near(event.coefficient("second_lyapunov").unwrap(), -4.0, 1e-9);
    assert!(event.check.is_some(), "{event:?}");
    assert_eq!((&hopf.stopped.0, &hopf.stopped.1, hopf.events.len()), (&Stopped::Range, &Stopped::Range, 1));
}

#[test]
fn theory_zero_hopf_is_on_both_curves() {
    let (_, plane) = plane_of(
        &ZeroHopf::new(),
        &[0.0, 0.5],
        [(0, (-1.0, 0.5)), (1, (-1.0, 1.0))],
        &[(-1.3, 1.2), (-1.0, 1.1), (-1.0, 1.2)],
    );
    let (fold, hopf) = (of(&plane, CurveKind::Fold)[0], of(&plane, CurveKind::Hopf)[0]);
    assert_eq!(plane.curves.len(), 2);
    hopf.points.iter().for_each(|q| near(q.parameter, -(q.other / 2.0).powi(2), 1e-11));
    for curve in [fold, hopf] {
        let event = curve.first(EventKind::ZeroHopf);
        let event = event.unwrap_or_else(|| panic!("{:?} {:?}", curve.kind, (&curve.events, &curve.stopped)));
        assert!(event.check.is_some(), "{event:?}");
        near(event.other, 0.0, 1e-9);
        near(event.omegas[0], 3.0, 1e-8);
        near(event.coefficient("s").unwrap(), -1.0, 0.0);
        near(event.coefficient("theta").unwrap(), -2.0, 1e-8);
    }
}

#[test]
fn theory_hopf_hopf_leads_to_the_second_curve() {
    let region = [(-1.0, 1.1), (-1.0, 1.2), (-1.0, 1.3), (-1.0, 1.15)];
    let (_, plane) = plane_of(&TwoHopf::new(), &[0.0, -0.4], [(0, (-0.5, 0.5)), (1, (-0.5, 0.6))], &region);
    let hopfs = of(&plane, CurveKind::Hopf);
    assert_eq!(hopfs.len(), 2, "the second is born at the Hopf–Hopf point");
    for curve in hopfs {
        let event = curve.first(EventKind::HopfHopf);
        let event = event.unwrap_or_else(|| panic!("{:?} {:?}", curve.kind, (&curve.events, &curve.stopped)));
        assert!(event.check.is_some(), "{event:?}");
        near(event.parameter, 0.0, 1e-9);
        near(event.other, 0.0, 1e-9);
        // c₁ of the first is −2; that of the second +1, so that the point is of the difficult type.
        let mut cubic = [event.coefficient("p11").unwrap(), event.coefficient("p22").unwrap()];
        cubic.sort_by(f64::total_cmp);
        near(cubic[0], -2.0, 1e-8);
        near(cubic[1], 1.0, 1e-8);
    }
}

#[test]
fn theory_cusp_of_the_normal_form() {
    let (_, plane) = plane_of(&CuspForm::new(), &[1.0, 0.0, 0.0], [(1, (-2.0, 2.0)), (0, (-1.0, 2.0))], &[(-3.0, 3.1)]);
    let folds = of(&plane, CurveKind::Fold);
    assert_eq!(folds.len(), 1, "both folds lie on one curve");
    folds[0].points.iter().for_each(|q| near(27.0 * q.parameter.powi(2), 4.0 * q.other.powi(3), 1e-9));
    let cusp = folds[0].first(EventKind::Cusp).expect("there is one");
    near(cusp.coefficient("c").unwrap(), -1.0, 1e-9);
    near(cusp.parameter.abs() + cusp.other.abs(), 0.0, 1e-10);
}

#[test]
fn theory_branch_points_persist_or_say_that_they_do_not() {
    let over = |k: usize| [(0, (-1.0, 1.0)), (k, (-0.3, 0.4))];
    let (all, plane) = plane_of(&Exchange::new(), &[0.0, 0.1, 0.0], over(1), &[(-1.5, 1.4)]);
    assert!(all.branches[0].events[0].coefficient("b").is_some());
    assert!(plane.notes.is_empty(), "{:?}", plane.notes);
    let kept = of(&plane, CurveKind::BranchPoint)[0];
    assert!(kept.shift < 1e-9 && kept.points.len() > 5);
    kept.points.iter().for_each(|q| near(q.parameter, 0.0, 1e-10));
    let (_, plane) = plane_of(&Exchange::new(), &[0.0, 0.1, 0.0], over(2), &[(-1.5, 1.4)]);
    assert!(of(&plane, CurveKind::BranchPoint)[0].shift > 0.1, "ν breaks the crossing");
}

#[test]
fn law_one_clear_message_for_planes_that_are_none() {
    let field = CuspForm::new();
    let region = Region::new([(-3.0, 3.1)]).unwrap();
    let options = DiagramOptions::default();
    let mu = Vary::new(1, (-2.0, 2.0));
    let all = diagram(&field, &[1.0, 0.0, 0.0], &mu, &region, &options).unwrap();
    let ask = |and: Vary| curves(&field, &[1.0, 0.0, 0.0], &all, &mu, &and, &region, &options);
    assert!(ask(mu.clone()).unwrap_err().to_string().contains("twice"));
    assert!(ask(Vary::new(0, (2.0, 3.0))).unwrap_err().to_string().contains("outside"));
    assert!(ask(Vary::new(0, (1.0, 1.0))).unwrap_err().to_string().contains("empty"));
    assert!(ask(Vary::new(9, (1.0, 2.0))).is_err());
    let together = ask(Vary::new(2, (-1.0, 1.0))).unwrap();
    assert!(together.notes.iter().any(|n| n.contains("together they are one parameter")), "{:?}", together.notes);
}

#[test]
fn theory_a_parameter_that_moves_no_fixed_point_may_move_eigenvalues() {
    // Along the fold y = z = 0, and µ₂ only turns the pair: ∂F/∂µ₂ = 0 there, and yet there is a zero-Hopf point.
    let over = [(0, (-1.0, 1.0)), (1, (-1.0, 1.2))];
    let (_, plane) = plane_of(&ZeroHopf::new(), &[0.0, 0.5], over, &[(-2.0, 2.0), (-2.0, 2.0), (-2.0, 2.1)]);
    assert!(plane.notes.is_empty(), "{:?}", plane.notes);
    assert!(of(&plane, CurveKind::Fold)[0].first(EventKind::ZeroHopf).is_some());
}
