//! Are periods and multipliers right to 10⁻⁶ whatever the parameters? Closed forms, an integrator, and forty digits.

use super::examples::*;
use super::*;
use crate::dynamics::continuation::Vary;
use crate::dynamics::{Integration, integrate};
use crate::field::Field;
use proptest::prelude::*;
use std::f64::consts::TAU;

fn one() -> CycleOptions {
    CycleOptions { points: 1, ..CycleOptions::default() }
}

/// The orbit near the unit circle of this period.
fn near_circle(
    field: &dyn Field,
    p: &[f64],
    range: (f64, f64),
    period: f64,
    extra: usize,
    o: &CycleOptions,
) -> CycleBranch {
    let orbit = |t: f64| {
        let rest = std::iter::repeat_n(0.0, extra);
        [1.02 * (TAU * t).cos(), 0.98 * (TAU * t).sin()].into_iter().chain(rest).collect()
    };
    from_guess(field, p, &orbit, 1.03 * period, &Vary::new(0, range), o).unwrap()
}

/// The multiplier of a planar cycle from an integrator: the trace of the return map's derivative less one, by central
/// differences of two widths.
fn integrated(field: &dyn Field, cycle: &Cycle) -> (f64, f64) {
    let exact = Integration { relative: 1e-12, absolute: 1e-13, ..Integration::default() };
    let end = |x: &[f64]| integrate(field, cycle.parameters(), x, cycle.period, &exact).unwrap().last().to_vec();
    let start = cycle.at(0.0);
    let gap = end(&start).iter().zip(&start).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let slope = |i: usize, h: f64| {
        let moved = |h: f64| {
            let mut x = start.clone();
            x[i] += h;
            end(&x)[i]
        };
        (moved(h) - moved(-h)) / (2.0 * h)
    };
    let swing = |i: usize| cycle.extremes[i].1 - cycle.extremes[i].0;
    let entry = |i: usize| {
        let h = 1e-4 * swing(i);
        (4.0 * slope(i, h) - slope(i, 2.0 * h)) / 3.0
    };
    (entry(0) + entry(1) - 1.0, gap)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn theory_period_multiplier_and_phase_response_of_any_clock(
        a in 0.05..1.5f64, omega in 0.4..9.0f64, b in -3.0..3.0f64,
    ) {
        let field = Clock(names("clock", 2, 3));
        let branch = near_circle(&field, &[a, omega, b], (0.01, 2.0), TAU / omega, 0, &one());
        let cycle = &branch.points[0];
        prop_assert!((cycle.period * omega / TAU - 1.0).abs() < 1e-9);
        // e^(−2 a T): down to 10⁻²⁰.
        let exact = -2.0 * a * cycle.period;
        prop_assert!((cycle.multipliers[0].re.ln() / exact - 1.0).abs() < 1e-7 && cycle.multipliers[0].re > 0.0);
        prop_assert!((cycle.multipliers[0].re / exact.exp() - 1.0).abs() < 1e-6, "{} {}", cycle.multipliers[0], exact.exp());
        let response = phase_response(&field, cycle).unwrap();
        for k in 0..7 {
            let phase = f64::from(k) / 7.0;
            let (x, z) = (response.state(phase), response.at(phase));
            let exact = [(-x[1] - b / a * x[0]) / omega, (x[0] - b / a * x[1]) / omega];
            let size = (1.0 + (b / a).abs()) / omega;
            prop_assert!((0..2).all(|i| (z[i] - exact[i]).abs() < 1e-6 * size), "{z:?} {exact:?}");
        }
    }

    #[test]
    fn theory_multipliers_of_any_size(logs in prop::array::uniform4(-24.0..5.0f64)) {
        let field = Stiff { names: names("stiff", 6, 1), rates: logs.map(|l| l / TAU) };
        let branch = near_circle(&field, &[0.0], (-1.0, 1.0), TAU, 4, &one());
        let cycle = &branch.points[0];
        for (k, log) in logs.iter().enumerate() {
            // The shear of 1/2 in the plane that two of them share: the condition of either.
            let condition = 1.0 + 0.5 * TAU / (log - logs[3 - k]).abs();
            let near = cycle.multipliers.iter().map(|m| (m / log.exp() - 1.0).norm()).fold(f64::INFINITY, f64::min);
            prop_assert!(near < 1e-6 * condition, "{log} {near:e} {:?}", cycle.multipliers);
        }
    }

    #[test]
    fn cross_multipliers_from_an_integrator(drive in 1.15..1.6f64, b in 2.2..2.9f64) {
        let simulated = |field: &dyn Field, p: f64, start: &[f64]| {
            from_simulation(field, &[p], start, 400.0, &Vary::new(0, (p - 0.1, p + 0.1)), &one()).unwrap()
        };
        let wilson = WilsonCowan(names("wilson-cowan", 2, 1));
        let brusselator = Brusselator(names("brusselator", 2, 1));
        for (field, p, start) in [(&wilson as &dyn Field, drive, [0.1, 0.05]), (&brusselator, b, [1.0, 1.2])] {
            let branch = simulated(field, p, &start);
            let cycle = &branch.points[0];
            let (multiplier, gap) = integrated(field, cycle);
            prop_assert!(gap < 1e-7, "{p} {gap:e}");
            prop_assert!((cycle.multipliers[0].re - multiplier).abs() < 1e-6, "{p}: {} {multiplier}", cycle.multipliers[0]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn theory_tori_and_doublings_are_where_they_should_be(
        turn in 0.03..0.47f64, other in 0.05..0.6f64, from in -0.45..-0.2f64,
    ) {
        let (vary, options) = (Vary::new(0, (-0.5, 0.4)), CycleOptions::default());
        let torus = Torus(names("torus", 4, 2));
        let branch = near_circle(&torus, &[from, turn], vary.range(), TAU, 2, &options);
        let found = branch.first(CycleEventKind::Torus).unwrap();
        prop_assert!(found.verified && branch.events.len() == 1 && found.cycle.parameter.abs() < 1e-8);
        prop_assert!((found.angle.unwrap() - TAU * turn).abs() < 1e-7);
        for cycle in &branch.points {
            let modulus = (TAU * cycle.parameter).exp();
            let pair = cycle.multipliers.iter().find(|m| m.im > 0.0).unwrap();
            prop_assert!((pair.norm() / modulus - 1.0).abs() < 1e-6 && (pair.arg() - TAU * turn).abs() < 1e-6);
        }
        let moebius = Moebius(names("moebius", 4, 2));
        let branch = near_circle(&moebius, &[from, other], vary.range(), TAU, 2, &options);
        let found = branch.first(CycleEventKind::PeriodDoubling).unwrap();
        prop_assert!(found.verified && branch.events.len() == 1 && found.cycle.parameter.abs() < 1e-8);
        let doubled = from_doubling(&moebius, &branch, found, &vary, &options).unwrap();
        for cycle in doubled.points.iter().filter(|c| c.parameter > 0.05) {
            // |w|² = a, period 4π, multiplier e^(−2a·4π) for the radius.
            prop_assert!((cycle.period / (2.0 * TAU) - 1.0).abs() < 1e-8);
            let exact = (-4.0 * TAU * cycle.parameter).exp();
            let near = cycle.multipliers.iter().map(|m| (m / exact - 1.0).norm()).fold(f64::INFINITY, f64::min);
            prop_assert!(near < 1e-6, "{exact} {:?}", cycle.multipliers);
        }
    }
}
