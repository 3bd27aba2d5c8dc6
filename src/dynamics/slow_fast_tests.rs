//! Do slow-fast reductions meet their closed forms?

use super::testing::{law, near};
use super::{Integration, frozen, integrate, scaled, slaved};
use crate::field::{Field, Quantity, Unit};
use crate::num::linalg::{eigenvalues, spectral_abscissa};
use crate::num::{Interval, Jet, Lanes, Scalar, Tol};

law! {
    Linear, [x = 1.0, y = 1.0], [eps = 0.05, k = 1.0], 0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (x[1] - x[0]) / p[0];
        dx[1] = -p[1] * x[0];
    }
}
law! {
    TwoFactor, [rho = 0.45, h = 5.5], [n = 1.0, r0 = 5.0, rh = 6.0, x = 2.0, tau_rho = 1.0, tau_h = 10.0], 0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let r = x[0] * x[1] * p[3];
        dx[0] = (r.hill(p[2], p[0]) - x[0]) / p[4];
        dx[1] = x[1] * (-r / p[1] + 1.0) / p[5];
    }
}
law! {
    Detector, [nu = 3.0, w = 0.5, trace = 3.0], [kappa = 3.0, drive = 1.5, eta = 0.002, tau_m = 0.02, tau = 9.0], 1,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (x[0] * (x[1] - 1.0) + p[1]) / p[3];
        dx[1] = p[2] * x[0] * x[0] * (x[0] - x[2] * x[2] / p[0]);
        dx[2] = (x[0] - x[2]) / p[4];
    }
    fn diffusion<S: Scalar>(&self, x: &[S], _p: &[S], g: &mut [S]) {
        (g[0], g[1], g[2]) = (S::constant(1.0), x[0] * 0.1, S::constant(0.0));
    }
}
// The same with ν = I/(1 − w) put in by hand.
law! {
    DetectorByHand, [w = 0.5, trace = 3.0], [kappa = 3.0, drive = 1.5, eta = 0.002, tau_m = 0.02, tau = 9.0], 0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let nu = p[1] / (-x[0] + 1.0);
        dx[0] = p[2] * nu * nu * (nu - x[1] * x[1] / p[0]);
        dx[1] = (nu - x[1]) / p[4];
    }
}
// D30: a bistable rate under a slow threshold.
law! {
    Bistable, [r = 0.999, theta = 0.0], [w = 10.0, eps = 0.001, r0 = 0.3], 0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (x[0] * p[0] - x[1]).sigmoid() - x[0];
        dx[1] = p[1] * (x[0] - p[2]);
    }
}

#[test]
fn theory_d29_the_error_of_the_reduction_is_of_first_order() {
    let field = Linear::new();
    let error = |eps: f64| {
        let p = [eps, 1.0];
        let slow = slaved(&field, &["x"], &[1.0, 1.0], &p).expect("x decays");
        let reduced = slow.jacobian(&[1.0], &p)[(0, 0)];
        near("reduced rate", reduced, -1.0, Tol::Rounding(4), "D29");
        let whole = eigenvalues(&field.jacobian(&[0.0, 0.0], &p)).expect("finite")[0].re;
        near(
            "slow eigenvalue",
            whole,
            (-1.0 + (1.0 - 4.0 * eps).sqrt()) / (2.0 * eps),
            Tol::Order { h: 1e-12, p: 1 },
            "D29",
        );
        (whole / reduced - 1.0).abs()
    };
    near("relative error", error(0.05), 0.0557280900008, Tol::Printed(9), "D29");
    let slope = (error(0.002) / error(0.001)).log2();
    assert!((slope - 1.0).abs() < 0.01, "slope {slope}");
}

#[test]
fn theory_d11_two_factor_weight_with_a_fast_hebbian_factor() {
    let field = TwoFactor::new();
    let p = field.names().defaults();
    // ρ* = r0/(r0 + rh), H* = r0/(ρ* x), elasticity κ = n(1 − ρ*); the reduced rate is −1/(τ_H (1 − κ)).
    let rho = 5.0 / 11.0;
    let h = 5.0 / (rho * 2.0);
    let slow = slaved(&field, &["rho"], &[rho, h], &p).expect("κ < 1");
    let rate = slow.jacobian(&[h], &p)[(0, 0)];
    near("reduced rate", rate, -1.0 / (10.0 * (1.0 - (1.0 - rho))), Tol::Order { h: 1e-10, p: 1 }, "D11 reduced");
    let run = integrate(&slow, &p, &[4.0], 300.0, &Integration::default()).expect("it integrates");
    near("H*", run.last()[0], h, Tol::Order { h: 1e-7, p: 1 }, "D11, H*");
    near("rho*", run.column("rho").expect("a readout")[run.t.len() - 1], rho, Tol::Order { h: 1e-7, p: 1 }, "D11");
    // With κ > 1 the Hebbian factor runs away before homeostasis moves: refused.
    let steep = [4.0, 5.0, 6.0, 2.0, 1.0, 10.0];
    let error = slaved(&field, &["rho"], &[0.32535137949, 7.684], &steep).err().expect("κ = 2.7");
    assert!(error.to_string().contains("do not settle"), "{error}");
}

#[test]
fn theory_d12_the_reduction_has_the_quasi_static_critical_time() {
    let field = Detector::new();
    let at = |tau: f64, whole: bool| {
        let p = [3.0, 1.5, 0.002, 0.02, tau];
        let jacobian = match whole {
            true => field.jacobian(&[3.0, 0.5, 3.0], &p),
            false => slaved(&field, &["nu"], &[3.0, 0.5, 3.0], &p).expect("w < 1").jacobian(&[0.5, 3.0], &p),
        };
        spectral_abscissa(&jacobian).expect("finite")
    };
    for (whole, critical) in [(false, 9.25925925926), (true, 9.21943205603)] {
        assert!(at(critical * (1.0 - 1e-9), whole) < 0.0 && at(critical * (1.0 + 1e-9), whole) > 0.0, "{critical}");
    }
}

#[test]
fn law_a_slaved_field_is_the_one_derived_by_hand() {
    let (field, by_hand) = (Detector::new(), DetectorByHand::new());
    let p = field.names().defaults();
    let slow = slaved(&field, &["nu"], &field.names().start(), &p).expect("w < 1");
    let same = |a: f64, b: f64| assert!((a - b).abs() <= 1e-10 * (1.0 + b.abs()), "{a} and {b}");
    for (w, trace) in [(0.5, 3.0), (-4.0, 0.2), (0.97, 30.0)] {
        let (x, q) = ([w, trace], [2.5, 1.4, 0.003, 0.02, 7.0]);
        let (mut a, mut b) = ([0.0; 2], [0.0; 2]);
        slow.rate(&x, &q, &mut a);
        by_hand.rate(&x, &q, &mut b);
        (0..2).for_each(|i| same(a[i], b[i]));
        let (j, k) = (slow.jacobian(&x, &q), by_hand.jacobian(&x, &q));
        j.iter().zip(k.iter()).for_each(|(a, b)| same(*a, *b));
        let (j, k) = (slow.parameter_derivative(&x, &q, 1), by_hand.parameter_derivative(&x, &q, 1));
        j.iter().zip(&k).for_each(|(a, b)| same(*a, *b));
        let line: Vec<Jet> = vec![Jet::line(w, 0.1), Jet::line(trace, -0.2)];
        let fixed: Vec<Jet> = q.iter().map(|&v| Jet::constant(v)).collect();
        let (mut a, mut b) = (line.clone(), line.clone());
        slow.jet(&line, &fixed, &mut a);
        by_hand.jet(&line, &fixed, &mut b);
        (0..8).for_each(|i| same(a[i / 4].0[i % 4], b[i / 4].0[i % 4]));
        let line: Vec<Jet<6>> = vec![Jet::line(w, 0.1), Jet::line(trace, -0.2)];
        let fixed: Vec<Jet<6>> = q.iter().map(|&v| Jet::constant(v)).collect();
        let (mut a, mut b) = (line.clone(), line.clone());
        slow.jet5(&line, &fixed, &mut a);
        by_hand.jet5(&line, &fixed, &mut b);
        (0..12).for_each(|i| same(a[i / 6].0[i % 6], b[i / 6].0[i % 6]));
    }
    // Beyond the gain singularity there is no manifold to be on.
    let mut dx = [0.0; 2];
    slow.rate(&[1.01, 3.0], &p, &mut dx);
    assert!(dx[0].is_nan());
    let mut g = [0.0; 2];
    slow.noise(&[0.5, 3.0], &p, &mut g);
    near("noise of w", g[0], 0.3, Tol::Order { h: 1e-12, p: 1 }, "0.1 ν");
    assert_eq!(g[1], 0.0);
}

/// The upper sheet of D30 exists for θ < θ(r₊) only, and never becomes the lower one.
#[test]
fn theory_d30_a_manifold_ends_at_its_fold() {
    let field = Bistable::new();
    let p = field.names().defaults();
    let up = slaved(&field, &["r"], &[0.999, 0.0], &p).expect("a stable sheet");
    let r_fold: f64 = 0.887298334621;
    let theta_fold = 10.0 * r_fold - (r_fold / (1.0 - r_fold)).ln();
    let at = |theta: f64| up.manifold(&[theta], &p).map(|x| x[0]);
    assert!(at(theta_fold - 1e-4).expect("before the fold") > r_fold);
    assert_eq!(at(theta_fold + 1e-4), None);
    let error = integrate(&up, &p, &[6.0], 1e5, &Integration::default()).expect_err("θ rises through the fold");
    assert!(error.to_string().contains("6."), "{error}");
}

#[test]
fn law_a_frozen_field_is_the_whole_one_with_some_variables_held() {
    let field = Detector::new();
    let fast = frozen(&field, &["trace", "w"]).expect("nu is left");
    let names = fast.names();
    assert_eq!(names.variables.len(), 1);
    assert_eq!(names.parameters[5].name, "trace");
    let p = [3.0, 1.5, 0.002, 0.02, 9.0, 2.0, 0.4];
    near("eigenvalue", fast.jacobian(&[1.0], &p)[(0, 0)], (0.4 - 1.0) / 0.02, Tol::Rounding(4), "(w − 1)/τ_m");
    near("∂ν'/∂w", fast.parameter_derivative(&[1.5], &p, 6)[0], 1.5 / 0.02, Tol::Rounding(4), "ν/τ_m");
    let mut lanes = [Lanes::constant(0.0)];
    fast.lanes(&[Lanes::constant(1.5)], &p.map(Lanes::constant), &mut lanes);
    let mut one = [0.0];
    fast.rate(&[1.5], &p, &mut one);
    assert!(lanes[0].0.iter().all(|v| *v == one[0]));
    let mut enclosure = [Interval::ENTIRE];
    fast.interval(&[Interval::new(1.4, 1.6)], &p.map(Interval::point), &mut enclosure);
    assert!(enclosure[0].contains(one[0]) && enclosure[0].is_finite());
    let mut g = [0.0];
    fast.noise(&[1.5], &p, &mut g);
    assert_eq!(g, [1.0]);
    assert!(frozen(&field, &["v"]).is_err() && frozen(&field, &["w", "w"]).is_err());
    assert!(frozen(&field, &["nu", "w", "trace"]).is_err());
}

#[test]
fn law_scaling_keeps_trajectories_and_eigenvalues() {
    let mut field = Detector::new();
    field.0.variables[0] = Quantity { unit: Unit::HERTZ, ..Quantity::plain("nu", 3.0) };
    let (p, sizes, time) = (field.names().defaults(), [5.0, 0.1, 20.0], 0.02);
    let small = scaled(&field, &sizes, time).expect("positive");
    assert!(small.names().variables[0].unit.is_none());
    let (start, until) = ([2.0, 0.4, 1.0], 4.0);
    let whole = integrate(&field, &p, &start, until, &Integration::default()).expect("it integrates");
    let u: Vec<f64> = start.iter().zip(sizes).map(|(x, s)| x / s).collect();
    let reduced = integrate(&small, &p, &u, until / time, &Integration::default()).expect("it integrates");
    for (i, size) in sizes.iter().enumerate() {
        near("x", reduced.last()[i] * size, whole.last()[i], Tol::Order { h: 1e-7, p: 1 }, "the same flow");
    }
    let (a, b) = (field.jacobian(&start, &p), small.jacobian(&u, &p));
    let (a, b) = (eigenvalues(&a).expect("finite"), eigenvalues(&b).expect("finite"));
    a.iter().zip(&b).for_each(|(a, b)| assert!((a * time - b).norm() < 1e-10));
    let mut g = [0.0; 3];
    small.noise(&u, &p, &mut g);
    near("noise", g[0], 0.02f64.sqrt() / 5.0, Tol::Rounding(4), "√T/s");
    assert!(scaled(&field, &[1.0], 1.0).is_err() && scaled(&field, &sizes, 0.0).is_err());
}
