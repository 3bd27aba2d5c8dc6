//! Do windows end where the closed forms say?

use super::*;
use crate::dynamics::examples::*;
use crate::dynamics::testing::near;
use crate::num::Tol;
use proptest::prelude::*;

const CLOSE: Tol = Tol::Order { h: 1e-9, p: 1 };

example!(
    /// D12: a fast rate detector in a plastic recurrent population.
    Detector, "nu w nubar", "kappa I eta tau_m tau", |x, p, dx| {
    dx[0] = (x[0] * x[1] + p[1] - x[0]) / p[3];
    dx[1] = p[2] * x[0].square() * (x[0] - x[2].square() / p[0]);
    dx[2] = (x[0] - x[2]) / p[4];
});
example!(
    /// D18: one mode with eigenvalue w of a recurrent network under local homeostasis.
    Recurrent, "r c theta", "g w tau1 tau2 tau3 r0 u", |x, p, dx| {
    dx[0] = (p[0] * (p[1] * x[0] + p[6] - x[2]) - x[0]) / p[2];
    dx[1] = (x[0] - x[1]) / p[3];
    dx[2] = (x[1] - p[5]) / p[4];
});
example!(
    /// A loop of third order, s³ + kτ s² + 3 s + 1/τ.
    Both, "x y z", "tau k", |x, p, dx| {
    dx[0] = x[1];
    dx[1] = x[2];
    dx[2] = -x[0] / p[0] - x[1] * (S::constant(3.0)) - x[2] * (p[0] * p[1]);
});

fn window(field: &dyn Field, p: &[f64], at: &[f64], place: usize, searched: (f64, f64)) -> TimeWindow {
    // The default of every parameter of an example is one: it has a logarithm.
    time_window(field, p, at, place, searched, &WindowOptions::default()).expect("a window")
}
/// A bound at its closed form: verified, with a proven bracket of less than a percent around it.
fn bound(edge: &Edge, wanted: f64, origin: &str) {
    near("bound", edge.value, wanted, CLOSE, origin);
    assert!(edge.is_bound() && edge.verified, "{edge:?}");
    let (a, b) = edge.proven.unwrap_or_else(|| panic!("no proof around {edge:?}"));
    assert!(a < wanted && wanted < b && b / a < 1.01, "{a} {wanted} {b}");
}

#[test]
fn theory_d7_and_d8_the_threshold_has_an_upper_bound() {
    let one = window(&Bcm::new(2), &[1.0, 1.0, 10.0, 5.0], &[2.0, 0.0, 2.0], 3, (0.01, 1e4));
    assert_eq!(one.windows.len(), 1);
    assert!(one.windows[0].lower.kind == EdgeKind::Range && !one.moves);
    bound(&one.windows[0].upper, 10.0, "D7: tau_w/(g y0)");
    near("omega", one.windows[0].upper.omega.expect("a Hopf point"), 0.1, CLOSE, "D7: g y0/tau_w");
    near("margin", one.margin().expect("stable"), 2.0, CLOSE, "10 s against 5 s");
    let decided: f64 =
        one.certified.iter().filter(|c| c.proven != Proven::Undecided).map(|c| (c.range.1 / c.range.0).ln()).sum();
    assert!(decided > 0.99 * 1e6f64.ln(), "{:?}", one.certified);
    assert!(one.sentence().contains("below 10 (hopf)"), "{}", one.sentence());
    let two = window(&Correlated::new(), &[1.0, 1.0, 0.5, 10.0, 5.0], &[2.0, 0.0, 2.0], 4, (0.01, 1e4));
    bound(&two.windows[0].upper, 10.0 / 0.75, "D8: tau_w/(g y0 (1 - c^2))");
    near("omega", two.windows[0].upper.omega.expect("a Hopf point"), 0.0866025403784, Tol::Printed(11), "D8");
    // A point with two answered patterns is never stable.
    let pair = window(&Bcm::new(2), &[1.0, 1.0, 10.0, 5.0], &[1.0, 1.0, 1.0], 3, (0.01, 1e4));
    assert!(pair.windows.is_empty() && pair.sentence().contains("never stable"), "{}", pair.sentence());
}

#[test]
fn theory_d11_and_d12_the_homeostat_must_be_fast() {
    let (n, r0, r_h) = (4.0_f64, 5.0_f64, 6.0_f64);
    let rho = r0.powf(n) / (r0.powf(n) + r_h.powf(n));
    let kappa = n * (1.0 - rho);
    let d11 = window(&TwoFactor::new(), &[n, r0, r_h, 2.0, 1.0, 0.5], &[rho, r0 / (rho * 2.0)], 5, (0.01, 1000.0));
    bound(&d11.windows[0].upper, 1.0 / (kappa - 1.0), "D11");
    near("tau_H_crit", d11.windows[0].upper.value, 0.588722034937, Tol::Printed(11), "D11");
    let (kap, i, eta, tau_m) = (3.0_f64, 1.5, 0.002, 0.02);
    let (d, b) = (i / (kap * tau_m), eta * kap.powi(3) / tau_m);
    let critical = 2.0 * d / ((b * 2.0 - d * d) + ((d * d - 2.0 * b).powi(2) + 4.0 * b * d * d).sqrt());
    let d12 = window(&Detector::new(), &[kap, i, eta, tau_m, 5.0], &[kap, 0.5, kap], 4, (0.01, 1e5));
    assert_eq!(d12.windows.len(), 1);
    bound(&d12.windows[0].upper, critical, "D12");
    near("tau_crit", d12.windows[0].upper.value, 9.21943205603, Tol::Printed(11), "D12");
}

#[test]
fn theory_d13_d14_d15_and_d18_the_controller_must_be_slow() {
    let d13 = window(&Integral::new(), &[0.01, 0.05, 1.0, 2.0, 10.0, 5.0], &[5.0, 5.0, 7.5], 2, (1e-4, 1e4));
    assert!(d13.windows.len() == 1 && d13.windows[0].upper.kind == EdgeKind::Range);
    bound(&d13.windows[0].lower, 0.0166666666667, "D13");
    near("omega", d13.windows[0].lower.omega.expect("Hopf"), 44.72135955, Tol::Printed(10), "D13");
    let d14 = window(&Dual::new(), &[-4.0, 1.0, 5.0, 3.0, 10.0, 40.0], &[-17.0, 3.0], 5, (0.1, 1e4));
    bound(&d14.windows[0].lower, 30.0, "D14: −2 g X tau_th/q0");
    let free = window(&Dual::new(), &[4.0, 1.0, 5.0, 3.0, 10.0, 40.0], &[7.0, 3.0], 5, (0.1, 1e4));
    assert!(free.windows[0].margin(40.0).is_infinite() && free.sentence().ends_with("over the whole range"));
    // Equal targets give a line of fixed points: there is no window of one of them.
    let line = time_window(
        &Conflict::new(),
        &[3.0, 5.0, 5.0, 10.0, 30.0],
        &[1.0, 1.0],
        3,
        (1.0, 100.0),
        &WindowOptions::default(),
    );
    assert!(line.is_err());
    let (g, w, t1, t2) = (0.8, 0.9, 0.01, 0.05);
    let critical = g * t1 * t2 / ((1.0 - g * w) * (t1 + (1.0 - g * w) * t2));
    let d18 = window(
        &Recurrent::new(),
        &[g, w, t1, t2, 1.0, 5.0, 10.0],
        &[5.0, 5.0, w * 5.0 + 10.0 - 5.0 / g],
        4,
        (1e-4, 1e4),
    );
    bound(&d18.windows[0].lower, critical, "D18 with a real eigenvalue");
}

/// s³ + kτ s² + 3 s + 1/τ is stable iff 3kτ > 1/τ: one lower bound at 1/√(3k), and the fixed point does not move.
#[test]
fn theory_a_bound_from_hurwitz() {
    let found = window(&Both::new(), &[1.0, 2.0], &[0.0; 3], 0, (0.01, 100.0));
    bound(&found.windows[0].lower, 1.0 / 6f64.sqrt(), "Hurwitz");
}

#[test]
fn law_requests_that_make_no_sense_are_refused() {
    let ask = |p: &[f64], at: &[f64], place, searched| {
        time_window(&Bcm::new(1), p, at, place, searched, &WindowOptions::default())
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    let (p, at) = ([1.0, 1.0, 10.0, 5.0], [1.0, 1.0]);
    assert!(ask(&p, &at, 4, (1.0, 10.0)).contains("no parameter 4"));
    assert!(ask(&p, &at, 3, (0.0, 10.0)).contains("positive"));
    assert!(ask(&p, &at, 3, (10.0, 1.0)).contains("lower first"));
    assert!(ask(&p, &at, 3, (6.0, 10.0)).contains("outside the searched range"));
    assert!(ask(&p, &[1.0, f64::NAN], 3, (1.0, 10.0)).contains("not finite"));
    assert!(ask(&p, &[3.0, 0.5], 3, (1.0, 10.0)).contains("fixed point"));
}

/// Without proofs the bounds are the same, and nothing is called proven.
#[test]
fn law_proofs_do_not_move_bounds() {
    let ask = |cells| {
        let options = WindowOptions { cells, ..WindowOptions::default() };
        time_window(&Bcm::new(1), &[1.0, 1.0, 10.0, 5.0], &[1.0, 1.0], 3, (0.1, 1e3), &options).expect("a window")
    };
    let (with, without) = (ask(1_024), ask(0));
    assert_eq!(with.windows[0].upper.value, without.windows[0].upper.value);
    assert!(
        without.windows[0].upper.proven.is_none() && without.certified.iter().all(|c| c.proven == Proven::Undecided)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// All time constants times s: the window times s.
    #[test]
    fn law_a_window_scales_with_all_time_constants(s in 0.01f64..100.0, c in -0.8f64..0.8, y0 in 0.5f64..3.0) {
        let options = WindowOptions { cells: 0, ..WindowOptions::default() };
        let upper = |s: f64| {
            let p = [1.0, y0, c, 10.0 * s, 5.0 / y0 * s];
            let found = time_window(&Correlated::new(), &p, &[2.0 * y0, 0.0, 2.0 * y0], 4, (0.1 * s, 1e3 * s), &options);
            found.expect("a window").windows[0].upper.value
        };
        prop_assert!((upper(s) / (s * upper(1.0)) - 1.0).abs() < 1e-9);
        prop_assert!((upper(1.0) / (10.0 / (y0 * (1.0 - c * c))) - 1.0).abs() < 1e-9);
    }
}
