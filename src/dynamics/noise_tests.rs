//! Does the linear noise approximation meet its closed forms, and its laws?

use super::linear_noise;
use super::testing::{law, near};
use crate::field::{Field, Quantity};
use crate::num::{Scalar, Tol};
use proptest::prelude::*;
use std::f64::consts::{PI, TAU};

law! {
    ExcitatoryInhibitory, [e = 0.0, i = 0.0],
    [wee = 1.5, wei = 2.0, wie = 2.5, wii = 0.5, te = 0.02, ti = 0.01, se = 1.0, si = 1.0], 2,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (-x[0] + p[0] * x[0] - p[1] * x[1]) / p[4];
        dx[1] = (-x[1] + p[2] * x[0] - p[3] * x[1]) / p[5];
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        let zero = S::constant(0.0);
        (g[0], g[1], g[2], g[3]) = (p[6] / p[4], zero, zero, p[7] / p[5]);
    }
}
// D33: integral homeostasis under white (u_white = 1) or Ornstein-Uhlenbeck input u of variance 1.
law! {
    Integral, [r = 0.0, theta = 0.0, u = 0.0], [tau_r = 0.01, tau_th = 1.0, g = 2.0, tau_u = 0.5, white = 1.0, on = 1.0], 1,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (p[2] * (x[2] - x[1]) - x[0]) / p[0];
        dx[1] = (x[0] * p[5] - (-p[5] + 1.0) * x[1]) / p[1];
        dx[2] = -x[2] / p[3];
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        g[0] = p[4] * p[2] / p[0];
        g[1] = S::constant(0.0);
        g[2] = (-p[4] + 1.0) * (S::constant(2.0) / p[3]).sqrt();
    }
}
// C21 A: r = d + y, tau dy/dt = −y − k th, tau_h dth/dt = d + y; d enters where th is driven.
law! {
    HighPass, [y = 0.0, th = 0.0], [tau = 0.01, tau_h = 10.0, k = 1.0], 1,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = -(x[0] + p[2] * x[1]) / p[0];
        dx[1] = x[0] / p[1];
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        (g[0], g[1]) = (S::constant(0.0), S::constant(1.0) / p[1]);
    }
}
// C21 B: dr = du + h − k th, tau_f dh/dt = −h + a dr, tau_h dth/dt = dr.
law! {
    FastHebb, [h = 0.0, th = 0.0], [a = 0.6, tau_f = 0.5, tau_h = 10.0, k = 1.0], 1,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let r = x[0] - p[3] * x[1];
        dx[0] = (p[0] * r - x[0]) / p[1];
        dx[1] = r / p[2];
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        (g[0], g[1]) = (p[0] / p[1], S::constant(1.0) / p[2]);
    }
    fn readouts<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) { out[0] = x[0] - p[3] * x[1]; }
}
// Any linear system of three variables and two sources; the last parameters scale the variables.
law! {
    AnyThree, [x = 0.0, y = 0.0, z = 0.0],
    [a00 = 0.0, a01 = 0.0, a02 = 0.0, a10 = 0.0, a11 = 0.0, a12 = 0.0, a20 = 0.0, a21 = 0.0, a22 = 0.0,
     b00 = 0.0, b01 = 0.0, b10 = 0.0, b11 = 0.0, b20 = 0.0, b21 = 0.0, s0 = 1.0, s1 = 1.0, s2 = 1.0], 2,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        for i in 0..3 {
            let sum = p[3 * i] * x[0] / p[15] + p[3 * i + 1] * x[1] / p[16] + p[3 * i + 2] * x[2] / p[17];
            dx[i] = p[15 + i] * sum;
        }
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        for i in 0..3 {
            (g[2 * i], g[2 * i + 1]) = (p[15 + i] * p[9 + 2 * i], p[15 + i] * p[10 + 2 * i]);
        }
    }
}

const TEN: Tol = Tol::Printed(10);

#[test]
fn theory_c20_excitatory_inhibitory_pair() {
    let field = ExcitatoryInhibitory::new();
    let noise = linear_noise(&field, &field.names().defaults(), &[0.0, 0.0]).expect("stable");
    near("Re λ", noise.abscissa(), -62.5, Tol::Rounding(100), "C20");
    near("f0", noise.critical_frequency(), 20.96001717, TEN, "C20");
    for (a, b, wanted) in [("e", "e", 39.41176471), ("e", "i", 22.35294118), ("i", "i", 70.58823529)] {
        near("C", noise.covariance(a, b).expect("names"), wanted, TEN, "C20");
    }
    near("S_EE", noise.spectrum("e", 15.0).expect("e"), 0.6116915497, TEN, "C20");
    near("S_II", noise.spectrum("i", 15.0).expect("i"), 0.8614657614, TEN, "C20");
    let cross = noise.cross_spectrum("e", "i", 15.0).expect("names");
    near("Re S_EI", cross.re, 0.4070365988, TEN, "C20");
    near("Im S_EI", cross.im, 0.52495773, Tol::Printed(8), "C20");
    near("coherence", noise.coherence("e", "i", 15.0).expect("names"), 0.8373817254, TEN, "C20");
    near("phase", noise.phase("e", "i", 15.0).expect("names"), 0.911254993, Tol::Printed(9), "C20, E leads");
    let peaks = noise.peaks("e", 0.1, 1000.0).expect("a range");
    assert_eq!(peaks.len(), 1);
    // ω² = −Q + √(Q² + 2Q(det − tr²/2) + det²); evaluated with 40 digits (Python decimal).
    near("peak", peaks[0].0, 19.62281141102961, TEN, "the closed form of C20");
    near("height", peaks[0].1, 0.7086765035, TEN, "C20");
}

#[test]
fn theory_d33_variances_under_integral_homeostasis() {
    let field = Integral::new();
    for tau_th in [0.1, 1.0, 30.0] {
        let noise = linear_noise(&field, &[0.01, tau_th, 2.0, 0.5, 1.0, 1.0], &[0.0; 3]).expect("stable");
        near("Var r, white", noise.covariance("r", "r").expect("r"), 200.0, Tol::Rounding(1000), "D33, any tau_th");
    }
    for (on, wanted) in [(1.0, 1.9801980198), (0.0, 3.92156862745)] {
        let noise = linear_noise(&field, &[0.01, 1.0, 2.0, 0.5, 0.0, on], &[0.0; 3]).expect("stable");
        near("Var u", noise.covariance("u", "u").expect("u"), 1.0, Tol::Rounding(100), "D33");
        near("Var r, OU", noise.covariance("r", "r").expect("r"), wanted, Tol::Printed(11), "D33");
    }
}

#[test]
fn theory_c21_homeostasis_is_a_high_pass_filter() {
    let field = HighPass::new();
    let sensitivity = |tau_h: f64, f: f64| {
        let noise = linear_noise(&field, &[0.01, tau_h, 1.0], &[0.0; 2]).expect("stable");
        (noise.transfer("xi0", "y", f).expect("names") + 1.0).norm()
    };
    for (f, wanted) in [(0.001, 0.0627084407), (0.01, 0.5321687679), (1.0, 1.000871051)] {
        near("|S|", sensitivity(10.0, f), wanted, TEN, "C21");
    }
    near("|S| at its peak", sensitivity(0.02, 89.94537204 / TAU), 1.27201965, Tol::Printed(9), "C21, √golden ratio");
}

/// ∫₀^∞ ln|S| dω = 0, with ω = ω_n tan u and the midpoint rule; the tail ω > ω_max is C/ω² and stays below 1e-5.
#[test]
fn law_c21_waterbed_integral_vanishes() {
    let field = HighPass::new();
    let noise = linear_noise(&field, &[0.01, 0.02, 1.0], &[0.0; 2]).expect("stable");
    let omega_n = (1.0f64 / (0.01 * 0.02)).sqrt();
    let n = 40_000;
    let (mut sum, mut size) = (0.0, 0.0);
    for k in 0..n {
        let u = (k as f64 + 0.5) / n as f64 * PI / 2.0;
        let omega = omega_n * u.tan();
        let s = noise.transfer("xi0", "y", omega / TAU).expect("names") + 1.0;
        let part = s.norm().ln() * omega_n / u.cos().powi(2) * PI / 2.0 / n as f64;
        sum += part;
        size += part.abs();
    }
    near("waterbed", sum / size, 0.0, Tol::Order { h: 1e-3, p: 1 }, "Bode's integral");
}

#[test]
fn theory_c21_fast_hebb_needs_fast_homeostasis() {
    let mut field = FastHebb::new();
    field.0.readouts = vec![Quantity::plain("r", 0.0)];
    let noise = linear_noise(&field, &[0.6, 0.5, 10.0, 1.0], &[0.0; 2]).expect("stable");
    for (f, wanted) in [(0.001, 0.06281945313), (0.05, 2.117650695), (10.0, 1.000454527)] {
        let gain = (noise.transfer("xi0", "r", f).expect("names") + 1.0).norm();
        near("|G|", gain, wanted, TEN, "C21");
    }
    assert!(linear_noise(&field, &[1.5, 0.5, 0.999, 1.0], &[0.0; 2]).is_ok());
    let error = linear_noise(&field, &[1.5, 0.5, 1.001, 1.0], &[0.0; 2]).expect_err("beyond the critical tau_h = 1");
    assert!(error.to_string().contains("not stable"), "{error}");
}

#[test]
fn limit_only_fixed_points_and_known_names_are_taken() {
    let field = ExcitatoryInhibitory::new();
    let p = field.names().defaults();
    let error = linear_noise(&field, &p, &[0.0, 1e-3]).expect_err("it is not at rest there");
    assert!(error.to_string().contains("away from it"), "{error}");
    let noise = linear_noise(&field, &p, &[0.0, 0.0]).expect("stable");
    assert!(noise.covariance("e", "x").is_err() && noise.transfer("xi", "e", 1.0).is_err());
    assert!(noise.peaks("e", 0.0, 1.0).is_err() && noise.spectrum("e", f64::NAN).is_err());
    let mut quiet = ExcitatoryInhibitory::new();
    quiet.0.noises.clear();
    assert!(linear_noise(&quiet, &p, &[0.0, 0.0]).is_err());
    assert_eq!(noise.table().rows(), 2);
    assert_eq!(noise.spectrum_table(&[1.0, 2.0, 3.0]).expect("finite").rows(), 3);
}

/// A random matrix made stable by pulling its diagonal below its norm.
fn stable() -> impl Strategy<Value = Vec<f64>> {
    (prop::collection::vec(-1.0..1.0f64, 9), prop::collection::vec(-1.0..1.0f64, 6), 0.1..2.0f64).prop_map(
        |(mut a, b, margin)| {
            let norm = a.iter().map(|v| v * v).sum::<f64>().sqrt();
            (0..3).for_each(|i| a[4 * i] -= norm + margin);
            a.extend(b);
            a.extend([1.0; 3]);
            a
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// ∫ S df = C: with f = tan(u), the midpoint rule on a periodic analytic function converges geometrically.
    #[test]
    fn law_the_integral_of_the_spectrum_is_the_covariance(p in stable()) {
        let noise = linear_noise(&AnyThree::new(), &p, &[0.0; 3]).expect("stable");
        let n = 400;
        let mut sum = nalgebra::DMatrix::zeros(3, 3);
        for k in 0..n {
            let u = ((k as f64 + 0.5) / n as f64 - 0.5) * PI;
            let s = noise.spectral_matrix(u.tan()).expect("finite");
            prop_assert!((&s - s.adjoint()).norm() <= 1e-14 * s.norm(), "not Hermitian");
            let smallest = s.clone().symmetric_eigenvalues().min();
            prop_assert!(smallest >= -1e-12 * s.norm(), "not positive semidefinite: {smallest}");
            sum += s * nalgebra::Complex::from(PI / n as f64 / u.cos().powi(2));
        }
        let c = &noise.state_covariance;
        prop_assert!((sum.map(|z| z.re) - c).norm() < 1e-9 * c.norm(), "∫ S df = {} and C = {c}", sum.map(|z| z.re));
        prop_assert!(sum.map(|z| z.im).norm() < 1e-9 * c.norm());
    }

    #[test]
    fn law_coherence_and_phase_do_not_feel_a_rescaling(p in stable(), g in prop::array::uniform3(0.01..100.0f64), f in 0.01..3.0f64) {
        let (field, mut q) = (AnyThree::new(), p.clone());
        q[15..].copy_from_slice(&g);
        let (one, two) = (linear_noise(&field, &p, &[0.0; 3]).expect("stable"), linear_noise(&field, &q, &[0.0; 3]).expect("stable"));
        let (a, b) = (one.coherence("x", "z", f).expect("names"), two.coherence("x", "z", f).expect("names"));
        prop_assert!((0.0..=1.0 + 1e-12).contains(&a) && (a - b).abs() < 1e-9, "{a} {b}");
        let turn = (one.phase("x", "z", f).expect("names") - two.phase("x", "z", f).expect("names")).abs();
        prop_assert!(turn.min(TAU - turn) < 1e-6);
        let (a, b) = (one.correlation("x", "y").expect("names"), two.correlation("x", "y").expect("names"));
        prop_assert!((a - b).abs() < 1e-9 && a.abs() <= 1.0 + 1e-12);
    }

    #[test]
    fn law_lagged_covariance_is_even_and_starts_at_the_covariance(p in stable(), lag in 0.0..3.0f64) {
        let noise = linear_noise(&AnyThree::new(), &p, &[0.0; 3]).expect("stable");
        let of = |a, b, lag| noise.lagged_covariance(a, b, lag).expect("names");
        prop_assert!((of("x", "y", 0.0) - noise.covariance("x", "y").expect("names")).abs() < 1e-12);
        prop_assert_eq!(of("x", "y", lag), of("y", "x", -lag));
        prop_assert!(noise.autocorrelation("x", lag).expect("names").abs() <= 1.0 + 1e-12);
    }
}
