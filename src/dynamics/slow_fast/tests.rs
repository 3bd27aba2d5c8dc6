//! Do divisions, errors, manifolds and cycles meet their closed forms?

use super::*;
use crate::dynamics::testing::{law, near};
use crate::dynamics::{Integration, Watch, frozen, integrate, slaved};
use crate::num::{Scalar, Tol};
use proptest::prelude::*;

law! {
    Linear, [x = 1.0, y = 1.0], [eps = 0.05, k = 1.0], 0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (x[1] - x[0]) / p[0];
        dx[1] = -p[1] * x[0];
    }
}
// D12, with its paces declared below.
law! {
    Detector, [nu = 3.0, w = 0.5, trace = 3.0], [kappa = 3.0, drive = 1.5, eta = 0.002, tau_m = 0.02, tau = 5.0], 0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (x[0] * (x[1] - 1.0) + p[1]) / p[3];
        dx[1] = p[2] * x[0] * x[0] * (x[0] - x[2] * x[2] / p[0]);
        dx[2] = (x[0] - x[2]) / p[4];
    }
}
// D30.
law! {
    Bistable, [r = 0.999, theta = 0.0], [w = 10.0, eps = 0.001, r0 = 0.3], 0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (x[0] * p[0] - x[1]).sigmoid() - x[0];
        dx[1] = p[1] * (x[0] - p[2]);
    }
}
// A nonlinear reduction without a closed form: z' = (y² + y − z − z³)/ε, y' = −z.
law! {
    Bent, [z = 0.5, y = 0.5], [eps = 0.01], 0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (x[1].square() + x[1] - x[0] - x[0].powi(3)) / p[0];
        dx[1] = -x[0];
    }
}

fn paced() -> Detector {
    let mut field = Detector::new();
    let pace = [None, None, Some(Pace::Plastic), Some(Pace::Neural), Some(Pace::Homeostatic)];
    field.0.parameters.iter_mut().zip(pace).for_each(|(q, pace)| q.pace = pace);
    for k in [3, 4] {
        field.0.parameters[k].unit = Unit::SECOND;
    }
    field
}

#[test]
fn theory_variables_take_the_pace_of_what_sets_their_speed() {
    let field = paced();
    let (p, at) = (field.names().defaults(), [3.0, 0.5, 3.0]);
    let found = paces(&field, &p, &at).expect("paces");
    assert_eq!(found, [Some(Pace::Neural), Some(Pace::Plastic), Some(Pace::Homeostatic)]);
    let neural = split(&field, &p, &at, Pace::Plastic).expect("a division");
    assert_eq!((neural.fast_names(), neural.slow_names()), (vec!["nu"], vec!["w", "trace"]));
    let homeostatic = split(&field, &p, &at, Pace::Homeostatic).expect("a division");
    assert_eq!(homeostatic.slow_names(), ["trace"]);
    let apart = separation(&field, &p, &at, &neural).expect("numbers");
    near("declared", apart.declared.expect("both sides have time constants"), 0.02 / 5.0, Tol::Rounding(4), "τ_m/τ");
    // The fast block is (w − 1)/τ_m = −25 1/s; a = ηκ⁴/I = 0.108, so the reduced flow has the determinant a/τ.
    let reduced: f64 = (0.108f64 / 5.0).sqrt();
    near("blocks", apart.blocks, reduced / 25.0, Tol::Order { h: 1e-9, p: 1 }, "D12, a pair with modulus √(a/τ)");
    assert!((apart.eigenvalues / apart.blocks - 1.0).abs() < 0.02, "{apart:?}");
    // Without paces there is nothing to divide by.
    assert!(split(&Detector::new(), &p, &at, Pace::Plastic).unwrap_err().to_string().contains("`nu`"));
    assert!(split(&field, &p, &at, Pace::Neural).unwrap_err().to_string().contains("one side"));
    assert!(SlowFast::new(&field, &[]).is_err() && SlowFast::new(&field, &["v"]).is_err());
}

#[test]
fn limit_the_estimate_is_of_first_order_and_the_rest_of_second() {
    let field = Linear::new();
    let division = SlowFast::new(&field, &["x"]).expect("a division");
    let at = |eps: f64| adiabatic(&field, &[eps, 1.0], &[0.0, 0.0], &division).expect("it rests");
    near("error", at(0.05).error, 0.0557280900008, Tol::Printed(9), "D29");
    near("estimate", at(0.05).estimate, 0.05, Tol::Rounding(8), "D29: ε k");
    near("slow eigenvalue", at(0.05).full[0].re, -1.05572809, Tol::Printed(9), "D29");
    let (a, b) = (at(0.002), at(0.001));
    for (slope, wanted) in [((a.error / b.error).log2(), 1.0), ((a.remaining / b.remaining).log2(), 2.0)] {
        assert!((slope - wanted).abs() < 0.01, "{slope} {wanted}");
    }
    // −k (2 ε² k²): the next Catalan number.
    near("remaining", b.remaining / 2e-6, 1.0, Tol::Order { h: 3e-3, p: 1 }, "D29");
    // D12: the estimate tells the true error from the reduction alone.
    let (detector, p) = (paced(), [3.0, 1.5, 0.002, 0.02, 5.0]);
    let division = SlowFast::new(&detector, &["nu"]).expect("a division");
    let found = adiabatic(&detector, &p, &[3.0, 0.5, 3.0], &division).expect("it rests");
    assert!((found.estimate / found.error - 1.0).abs() < 0.05 && found.remaining < 0.05 * found.error, "{found:?}");
    assert!(adiabatic(&detector, &p, &[3.0, 0.5, 2.0], &division).unwrap_err().to_string().contains("away from rest"));
}

/// The reduced trajectory is wrong by O(ε), the corrected one by O(ε²), and so is the manifold.
#[test]
fn limit_trajectories_of_the_reduced_and_the_corrected_flow() {
    let field = Bent::new();
    let division = SlowFast::new(&field, &["z"]).expect("a division");
    let errors = |eps: f64| {
        let p = [eps];
        let better = corrected(&field, &division, &[0.5, 0.5], &p).expect("a stable sheet");
        let plain = slaved(&field, &["z"], &[0.5, 0.5], &p).expect("a stable sheet");
        // The whole system starts on the corrected manifold, so that there is no layer at the start.
        let start = better.manifold(&[0.6], &p).expect("on the sheet");
        let options = Integration { relative: 1e-11, absolute: 1e-13, ..Integration::default() };
        let whole = integrate(&field, &p, &start, 1.0, &options).expect("it integrates").last().to_vec();
        let end = |slow: &dyn Field| integrate(slow, &p, &[0.6], 1.0, &options).expect("it integrates").last()[0];
        let y = whole[1];
        let lift = |x: Option<Vec<f64>>| (x.expect("on the sheet")[0] - whole[0]).abs();
        [
            (end(&plain) - y).abs(),
            (end(&better) - y).abs(),
            lift(plain.manifold(&[y], &p)),
            lift(better.manifold(&[y], &p)),
        ]
    };
    let (a, b) = (errors(0.004), errors(0.002));
    for (k, wanted) in [1.0, 2.0, 1.0, 2.0].into_iter().enumerate() {
        let slope = (a[k] / b[k]).log2();
        assert!((slope - wanted).abs() < 0.1, "{k}: {slope} instead of {wanted}; {a:?} {b:?}");
    }
}

fn folds(w: f64) -> [(f64, f64); 2] {
    let root = (1.0 - 4.0 / w).sqrt();
    [0.5 * (1.0 - root), 0.5 * (1.0 + root)].map(|r| (r, w * r - (r / (1.0 - r)).ln()))
}

#[test]
fn theory_d30_the_critical_manifold_has_two_folds_and_a_fixed_point_between() {
    let field = Bistable::new();
    let division = SlowFast::new(&field, &["r"]).expect("a division");
    let p = field.names().defaults();
    let start = [0.999, 10.0 * 0.999 - (0.999f64 / 0.001).ln()];
    let found = critical_manifold(&field, &p, &start, &division, "theta", (0.0, 10.0)).expect("a manifold");
    let located = found.folds();
    assert_eq!(located.len(), 2);
    for (r, theta) in folds(10.0) {
        let fold = located.iter().find(|e| (e.at[0] - r).abs() < 1e-9).expect("a fold at this rate");
        near("theta at the fold", fold.parameter, theta, Tol::Order { h: 1e-11, p: 1 }, "D30");
    }
    assert_eq!(found.rests.len(), 1);
    let rest = &found.rests[0];
    near("theta*", rest.at[1], 3.84729786039, Tol::Printed(12), "D30");
    near("r", rest.at[0], 0.3, Tol::Rounding(16), "the set point");
    // On the middle sheet the slow flow is ε/θ'(r0) with θ' = w − 1/(r(1 − r)): it repels along with the sheet.
    near("slow rate", rest.slow_rate, 0.001 / (10.0 - 1.0 / 0.21), Tol::Order { h: 1e-10, p: 1 }, "D30");
    assert!(!rest.attracting);
    assert!(
        critical_manifold(&field, &p, &start, &division, "r", (0.0, 1.0)).unwrap_err().to_string().contains("fast")
    );
}

#[test]
fn theory_d30_the_relaxation_period() {
    let field = Bistable::new();
    let division = SlowFast::new(&field, &["r"]).expect("a division");
    for eps in [1e-3, 1e-5] {
        let cycle = relaxation(&field, &[10.0, eps, 0.3], &[0.999, 4.0], &division, (-5.0, 15.0)).expect("a cycle");
        assert_eq!(cycle.legs.len(), 2);
        let tol = Tol::Order { h: 1e-9, p: 1 };
        near("T0", cycle.period * eps, 18.0600186858, tol, "D30");
        let high = cycle.legs.iter().find(|l| l.landing[0] > 0.5).expect("an upper leg");
        let low = cycle.legs.iter().find(|l| l.landing[0] < 0.5).expect("a lower leg");
        near("upper leg", high.duration * eps, 5.28895740817, tol, "D30, T0_up");
        near("lower leg", low.duration * eps, 12.7710612777, tol, "D30, T0_down");
        near("landing", high.landing[0], 0.998885687984, tol, "D30");
        near("landing", low.landing[0], 0.00111431201605, tol, "D30");
        assert!(cycle.legs.iter().all(|l| l.error < 1e-8 * l.duration), "{cycle:?}");
    }
    // A set point on the upper sheet is reached: there is no cycle.
    let held = relaxation(&field, &[10.0, 1e-3, 0.95], &[0.999, 4.0], &division, (-5.0, 15.0));
    assert!(held.unwrap_err().to_string().contains("rest"), "the set point attracts");
    assert!(relaxation(&field, &[10.0, 1e-3, 0.3], &[0.999, 4.0], &division, (3.5, 4.5)).is_err());
}

/// The simulated period approaches the predicted one as ε^(2/3); with the passage of the folds it is nearer by far.
#[test]
fn limit_d30_simulated_periods() {
    let field = Bistable::new();
    let division = SlowFast::new(&field, &["r"]).expect("a division");
    let mut errors = Vec::new();
    for eps in [1e-2, 1e-3, 1e-4] {
        let p = [10.0, eps, 0.3];
        let cycle = relaxation(&field, &p, &[0.999, 4.0], &division, (-5.0, 15.0)).expect("a cycle");
        let watch = vec![Watch::crossing(field.names(), "r", 0.5).expect("a name").rising()];
        let options = Integration { watch, relative: 1e-8, ..Integration::default() };
        let run = integrate(&field, &p, &[0.999, 4.0], 3.2 * cycle.corrected, &options).expect("it integrates");
        let times: Vec<f64> = run.events.iter().map(|e| e.t).collect();
        let period = times[times.len() - 1] - times[times.len() - 2];
        errors.push((period / cycle.period - 1.0, period / cycle.corrected - 1.0));
    }
    for pair in errors.windows(2) {
        let ratio = pair[0].0 / pair[1].0;
        assert!((ratio / 10f64.powf(2.0 / 3.0) - 1.0).abs() < 0.25, "{errors:?}");
        assert!(pair[1].1.abs() < 0.35 * pair[0].1.abs(), "{errors:?}");
    }
    assert!(errors.iter().all(|(plain, better)| better.abs() < 0.4 * plain.abs()), "{errors:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The slow flow of a slaved field rests exactly where the whole field rests.
    #[test]
    fn law_slaved_and_whole_field_rest_together(kappa in 1.0f64..6.0, share in 0.2f64..0.9, eta in 1e-4f64..1e-2, tau in 1.0f64..50.0) {
        let field = Detector::new();
        let p = [kappa, share * kappa, eta, 0.02, tau];
        let at = [kappa, 1.0 - share, kappa];
        let slow = slaved(&field, &["nu"], &at, &p).expect("w < 1");
        let mut rates = [1.0; 2];
        slow.rate(&at[1..], &p, &mut rates);
        prop_assert!(rates[0].abs() < 1e-12 * eta * kappa.powi(3) && rates[1].abs() < 1e-12 * kappa / tau);
        // Where it does not rest, neither does the whole field.
        let off = [at[1] * 0.9, at[2]];
        slow.rate(&off, &p, &mut rates);
        let state = slow.manifold(&off, &p).expect("w < 1");
        let mut whole = [0.0; 3];
        field.rate(&state, &p, &mut whole);
        prop_assert!(rates[1].abs() > 1e-6 * kappa / tau && (whole[2] - rates[1]).abs() < 1e-12 * kappa / tau);
    }

    /// The fast rows of a frozen field and the slow rows are the whole field.
    #[test]
    fn law_frozen_and_slow_are_the_whole(nu in 0.1f64..9.0, w in -2.0f64..2.0, trace in 0.1f64..9.0, mask in 1usize..7) {
        let field = Detector::new();
        let (p, x) = (field.names().defaults(), [nu, w, trace]);
        let names = ["nu", "w", "trace"];
        let held: Vec<usize> = (0..3).filter(|i| mask >> i & 1 == 1).collect();
        let rows = |held: &[usize]| {
            let part = frozen(&field, &held.iter().map(|&i| names[i]).collect::<Vec<_>>()).expect("something moves");
            let moving: Vec<usize> = (0..3).filter(|i| !held.contains(i)).collect();
            let mut q = p.clone();
            q.extend(held.iter().map(|&i| x[i]));
            let mut rates = vec![0.0; moving.len()];
            part.rate(&moving.iter().map(|&i| x[i]).collect::<Vec<_>>(), &q, &mut rates);
            moving.into_iter().zip(rates).collect::<Vec<_>>()
        };
        let others: Vec<usize> = (0..3).filter(|i| !held.contains(i)).collect();
        let mut both = rows(&held);
        both.extend(rows(&others));
        both.sort_by_key(|(i, _)| *i);
        let mut whole = vec![0.0; 3];
        field.rate(&x, &p, &mut whole);
        prop_assert_eq!(both.into_iter().map(|(_, v)| v).collect::<Vec<_>>(), whole);
    }
}
