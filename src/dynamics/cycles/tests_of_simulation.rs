//! Is the cycle that a simulation settles on found where there is one, and nothing told where there is none?

use super::examples::{Bautin, FitzHughNagumo, Roessler, Sigmoid, VanDerPol, names};
use super::{CycleEventKind, CycleOptions, CycleStop, Family, family, from_hopf, from_simulation, simulated};
use crate::dynamics::continuation::{EventKind, Options, Vary, follow};
use crate::field::Field;

/// The cycles of a Bautin point that a simulation at −0.1 and the Hopf point at 0 lead to.
fn bautin(range: (f64, f64)) -> Family {
    let field = Bautin(names("bautin", 2, 1));
    let (vary, options) = (Vary::new(0, range), CycleOptions::default());
    let cycle = simulated(&field, &[-0.1], &[1.5, 0.0], f64::INFINITY, &vary, &options).unwrap();
    let square = 0.5 * (1.0 + 0.6f64.sqrt());
    assert!((cycle.extremes[0].1 - square.sqrt()).abs() < 1e-7, "{:?}", cycle.extremes);
    assert!((cycle.period - std::f64::consts::TAU).abs() < 1e-9 && cycle.stable);
    // r' = r (λ + r² − r⁴) is linearised to 2 r² (1 − 2 r²).
    let multiplier = (std::f64::consts::TAU * 2.0 * square * (1.0 - 2.0 * square)).exp();
    assert!((cycle.multipliers[0].re - multiplier).abs() < 1e-9, "{} {multiplier}", cycle.multipliers[0]);
    let branch = follow(&field, &[0.5], &[0.0, 0.0], &vary, &Options::default()).unwrap();
    let hopf = branch.first(EventKind::Hopf).unwrap();
    family(&field, &[-0.1], &[hopf], &[cycle], &vary, &options).unwrap()
}

/// The branch from the Hopf point turns at λ = −1/4: within the range the stable cycles are the same branch, or another.
#[test]
fn theory_a_simulated_cycle_on_a_known_branch_is_not_followed_again() {
    let once = bautin((-0.5, 1.0));
    assert!(once.branches.len() == 1 && once.notes.len() == 1, "{:?}", once.notes);
    assert!(once.notes[0].contains("branch 1"), "{:?}", once.notes);
    let twice = bautin((-0.2, 1.0));
    assert!(twice.branches.len() == 2 && twice.notes.is_empty(), "{:?}", twice.notes);
    let ends = [&twice.branches[1].points[0], twice.branches[1].points.last().unwrap()].map(|c| c.parameter);
    assert!((ends[0] + 0.2).abs() < 1e-12 && (ends[1] - 1.0).abs() < 1e-12, "{ends:?}");
}

#[test]
fn law_a_run_without_a_cycle_says_why() {
    let says = |field: &dyn Field, p: &[f64], start: &[f64], range: (f64, f64), what: &str| {
        let k = p.len() - 1;
        let run = simulated(field, p, start, f64::INFINITY, &Vary::new(k, range), &CycleOptions::default());
        let error = run.expect_err("a refusal").to_string();
        assert!(error.contains(what), "{error}");
    };
    let bautin = Bautin(names("bautin", 2, 1));
    says(&bautin, &[-0.1], &[0.1, 0.0], (-1.0, 1.0), "rest at the stable fixed point");
    says(&bautin, &[0.1], &[0.0, 0.0], (-1.0, 1.0), "at no fixed point that attracts");
    let roessler = Roessler(names("roessler", 3, 3));
    says(&roessler, &[0.2, 0.2, 5.7], &[1.0, 1.0, 0.0], (2.0, 6.0), "does not repeat itself");
}

/// The folds in the two canard explosions of a cycle, at I and, by symmetry, at 1.75 − I. AUTO-07p 0.9.2 (100 intervals of
/// degree 4) has the smallest parameter of its branch there; it reports no fold.
#[test]
fn cross_folds_within_a_canard_explosion_are_verified() {
    let field = FitzHughNagumo(names("fitzhugh-nagumo", 2, 4));
    let (p, vary) = ([0.0, 0.08, 0.7, 0.8], Vary::new(0, (0.0, 2.0)));
    let branch = follow(&field, &p, &[-1.2, -0.6], &vary, &Options::default()).unwrap();
    let hopf = branch.first(EventKind::Hopf).unwrap();
    let cycles = from_hopf(&field, &p, hopf, &vary, &CycleOptions::default()).unwrap();
    let folds: Vec<_> = cycles.events.iter().filter(|e| e.kind == CycleEventKind::Fold).collect();
    let [first, second] = folds[..] else { panic!("{} folds", folds.len()) };
    assert!(first.verified && second.verified, "{:e} {:e}", first.defining, second.defining);
    assert!((first.cycle.parameter - 0.324_178_522_5).abs() < 1e-10, "{}", first.cycle.parameter);
    // (v, w, I) → (−v, 7/4 − w, 7/4 − I) leaves the equations as they are.
    assert!((first.cycle.parameter + second.cycle.parameter - 1.75).abs() < 1e-11);
}

/// Beyond the lower fold of the critical manifold θ = w r − ln(r/(1 − r)) cycles follow its middle sheet as far as the upper
/// one, at r (1 − r) = 1/w, while the parameter stands still.
#[test]
fn theory_a_canard_explosion_is_told_when_it_has_reached_the_other_fold() {
    let (w, rate) = (10.0, 1e-3);
    let field = Sigmoid(names("sigmoid", 2, 3));
    let (p, vary) = ([0.1, w, rate], Vary::new(0, (0.05, 0.5)));
    let at = |r: f64| w * r - (r / (1.0 - r)).ln();
    let branch = follow(&field, &p, &[0.1, at(0.1)], &vary, &Options::default()).unwrap();
    let hopf = branch.first(EventKind::Hopf).unwrap();
    // det = ε, trace = −1 + w r (1 − r).
    let r = 0.5 * (1.0 - (1.0 - 4.0 / w).sqrt());
    assert!((hopf.parameter - r).abs() < 1e-9);
    let cycles = from_hopf(&field, &p, hopf, &vary, &CycleOptions::default()).unwrap();
    assert_eq!(cycles.stopped, CycleStop::Canard);
    assert!(cycles.points.len() < 130, "{}", cycles.points.len());
    let last = cycles.points.last().unwrap();
    let (low, high) = last.extremes[1];
    assert!((low - at(r)).abs() < 0.01 && high > at(1.0 - r) && high < at(1.0 - r) + 0.1, "{low} {high}");
    // A rate between zero and one.
    assert!(last.extremes[0].0 > 0.0 && last.extremes[0].1 < 1.0 && last.error < 1e-3, "{:?}", last.extremes);
}

/// Jumps of width ε move from orbit to orbit by more than that. Steps of the jumps' width would take a hundred orbits from
/// 1/2 to 0.488 or 0.512. The orbits at the ends are those that simulations settle on there.
#[test]
fn law_a_branch_of_relaxation_cycles_is_followed_although_their_jumps_move() {
    let (p, vary) = ([0.5, 10.0, 3e-3], Vary::new(0, (0.45, 0.55)));
    let field = Sigmoid(names("sigmoid", 2, 3));
    let options = CycleOptions { points: 100, ..CycleOptions::default() };
    let cycles = from_simulation(&field, &p, &[0.3, 4.0], f64::INFINITY, &vary, &options).unwrap();
    assert!(cycles.events.is_empty() && cycles.points.iter().all(|c| c.stable));
    let (first, last) = (&cycles.points[0], &cycles.points[cycles.points.len() - 1]);
    assert!(first.parameter < 0.48 && last.parameter > 0.52, "{} {}", first.parameter, last.parameter);
    for end in [first, last] {
        let there = [end.parameter, 10.0, 3e-3];
        let alone = simulated(&field, &there, &[0.3, 4.0], f64::INFINITY, &vary, &options).unwrap();
        assert!((alone.period / end.period - 1.0).abs() < 1e-7, "{} {}", alone.period, end.period);
    }
}

/// A relaxation oscillator whose Hopf point is outside of the range: van der Pol's at μ = 5 by a Runge–Kutta method of order 4
/// with steps of 2·10⁻⁵ in 80-bit arithmetic.
#[test]
fn cross_a_simulation_starts_a_branch_without_a_hopf_point() {
    let field = VanDerPol(names("van-der-pol", 2, 1));
    let vary = Vary::new(0, (0.5, 5.0));
    let options = CycleOptions::default();
    let cycles = from_simulation(&field, &[1.0], &[0.5, 0.0], f64::INFINITY, &vary, &options).unwrap();
    assert_eq!((&cycles.started, &cycles.stopped), (&CycleStop::Range, &CycleStop::Range));
    let last = cycles.points.last().unwrap();
    assert!((last.period - 11.612_230_667_719).abs() < 1e-7, "{}", last.period);
}
