//! Do homoclinic limits, two-parameter curves and cascades equal closed forms and the values of another program?

use super::examples::*;
use super::*;
use crate::dynamics::continuation::{EventKind, Options, Vary, follow};
use crate::field::Field;
use std::f64::consts::TAU;

fn circles(field: &dyn Field, p: &[f64], range: (f64, f64), extra: &[f64], options: &CycleOptions) -> CycleBranch {
    let orbit = |t: f64| [(TAU * t).cos(), (TAU * t).sin()].into_iter().chain(extra.iter().copied()).collect();
    from_guess(field, p, &orbit, TAU, &Vary::new(0, range), options).unwrap()
}

#[test]
fn theory_a_saddle_node_on_the_circle_is_recognised() {
    let field = Snic(names("snic", 2, 1));
    // Backwards in ω, so that the end of the branch is its limit.
    struct Mirrored(Snic);
    impl crate::field::Law for Mirrored {
        fn law_names(&self) -> &crate::field::Names {
            &self.0.0
        }
        fn rates<S: crate::num::Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            self.0.rates(x, &[-p[0]], dx);
        }
    }
    let field = Mirrored(field);
    let options = CycleOptions { points: 400, period_max: 60.0, ..CycleOptions::default() };
    let branch = circles(&field, &[-3.0], (-3.5, -0.5), &[], &options);
    assert_eq!(branch.stopped, CycleStop::Period, "{:?}", branch.stopped);
    let limit = branch.limit.as_ref().unwrap();
    assert_eq!(limit.kind, LimitKind::SaddleNode, "{limit:?}");
    assert!(
        (limit.parameter + 1.0).abs() < 10.0 * limit.error && limit.error < 1e-3,
        "{} {}",
        limit.parameter,
        limit.error
    );
}

#[test]
fn theory_a_homoclinic_orbit_is_recognised() {
    let field = Loop(names("loop", 2, 1));
    // H = p on the cycle, −1/6 < p < 0; the centre is at (1, 0).
    let p = -0.1;
    let mut start = vec![1.0, (2.0f64 * (p + 1.0 / 6.0)).sqrt()];
    start[0] += 1e-9;
    let options = CycleOptions { points: 400, ..CycleOptions::default() };
    let branch = from_simulation(&field, &[p], &start, 120.0, &Vary::new(0, (-0.15, 0.1)), &options).unwrap();
    assert_eq!(branch.stopped, CycleStop::Period, "{:?} {}", branch.stopped, branch.points.last().unwrap().period);
    let limit = branch.limit.as_ref().unwrap();
    assert_eq!(limit.kind, LimitKind::Homoclinic, "{limit:?}");
    assert!(
        limit.parameter.abs() < 1e-6 && limit.parameter.abs() < 10.0 * limit.error + 1e-9,
        "{} {}",
        limit.parameter,
        limit.error
    );
    assert!(limit.at.iter().all(|x| x.abs() < 1e-9), "{:?}", limit.at);
    assert!(limit.eigenvalues.iter().all(|l| (l.re.abs() - 1.0).abs() < 1e-6));
}

#[test]
fn theory_a_curve_of_cycle_folds_has_its_cusp_where_it_should() {
    // r' = r (p₀ + p₁ s − s³), s = r² − 1: folds at p₁ = 3 s², p₀ = −2 s³.
    let field = CuspOfCycles(names("cusp", 2, 2));
    let (one, other) = (Vary::new(0, (-0.5, 0.5)), Vary::new(1, (-0.3, 0.3)));
    let start = circles(&field, &[0.0, 0.12], one.range(), &[], &CycleOptions::default());
    let fold = start.first(CycleEventKind::Fold).unwrap();
    assert!(fold.verified);
    let options = CycleOptions { points: 120, step_max: 0.05, ..CycleOptions::default() };
    let curve = cycle_curve(&field, fold, &one, &other, &options).unwrap();
    for point in &curve.points {
        let s = point.cycle.at(0.0).iter().map(|x| x * x).sum::<f64>() - 1.0;
        let (p0, p1) = point.parameters;
        assert!((p1 - 3.0 * s * s).abs() < 1e-7 && (p0 + 2.0 * s * s * s).abs() < 1e-7, "{p0} {p1} {s}");
    }
    assert_eq!(curve.events.len(), 1, "{:?}", curve.events.iter().map(|e| e.kind).collect::<Vec<_>>());
    let cusp = &curve.events[0];
    assert!(cusp.kind == "cusp-of-cycles" && cusp.located);
    assert!(
        cusp.point.parameters.0.abs() < 1e-6 && cusp.point.parameters.1.abs() < 1e-6,
        "{:?}",
        cusp.point.parameters
    );
    assert_eq!((&curve.started, &curve.stopped), (&CycleStop::Range, &CycleStop::Range));
}

#[test]
fn theory_curves_of_doublings_and_tori() {
    let (one, other) = (Vary::new(0, (-0.5, 0.4)), Vary::new(1, (0.1, 0.48)));
    let options = CycleOptions { points: 60, ..CycleOptions::default() };
    let moebius = Moebius(names("moebius", 4, 2));
    let branch = circles(&moebius, &[-0.3, 0.2], one.range(), &[0.0, 0.0], &CycleOptions::default());
    let curve = cycle_curve(&moebius, &branch.events[0], &one, &other, &options).unwrap();
    assert!(curve.points.len() > 4 && curve.points.iter().all(|c| c.parameters.0.abs() < 1e-8));
    assert_eq!((&curve.started, &curve.stopped), (&CycleStop::Range, &CycleStop::Range));
    let torus = Torus(names("torus", 4, 2));
    let branch = circles(&torus, &[-0.3, 0.17], one.range(), &[0.0, 0.0], &CycleOptions::default());
    let curve = cycle_curve(&torus, &branch.events[0], &one, &other, &options).unwrap();
    for point in &curve.points {
        assert!(point.parameters.0.abs() < 1e-8);
        assert!((point.angle.unwrap() - TAU * point.parameters.1).abs() < 1e-6);
    }
    assert!(curve.events.iter().all(|e| e.located));
    let kinds: Vec<_> = curve.events.iter().map(|e| (e.kind, (e.point.parameters.1 * 12.0).round())).collect();
    assert_eq!(kinds, [("resonance-1:4", 3.0), ("resonance-1:3", 4.0)]);
}

#[test]
fn theory_the_cycles_of_a_network_with_short_term_plasticity_end_at_a_saddle() {
    let field = TsodyksMarkram(names("tsodyks-markram", 3, 1));
    let vary = Vary::new(0, (-4.0, -0.9));
    let start = [10.5, 0.24, 0.87];
    let rest = crate::dynamics::continuation::follow(&field, &[-1.0], &start, &vary, &Default::default()).unwrap();
    let hopf =
        rest.events.iter().find(|e| (e.parameter + 1.8501).abs() < 1e-3).expect("the Hopf point of the literature");
    // The value of a 50-digit solution.
    assert!((hopf.parameter + 1.8501245948).abs() < 1e-9);
    let options = CycleOptions { points: 400, ..CycleOptions::default() };
    let branch = from_hopf(&field, &[-1.0], hopf, &vary, &options).unwrap();
    assert_eq!(branch.stopped, CycleStop::Period, "{:?} {}", branch.stopped, branch.points.last().unwrap().period);
    let limit = branch.limit.as_ref().unwrap();
    assert_eq!(limit.kind, LimitKind::Homoclinic, "{limit:?}");
    // The saddle is a fixed point of the field, seen again here.
    let mut rate = vec![0.0; 3];
    field.rate(&limit.at, branch.points.last().unwrap().parameters(), &mut rate);
    assert!(rate.iter().all(|r| r.abs() < 1e-8) && limit.eigenvalues.iter().any(|l| l.re > 0.0), "{rate:?}");
    assert!(limit.error < 1e-4, "{limit:?}");
}

/// Values of tests/reference/cycles.csv.
fn reference() -> Vec<(String, f64, f64, f64)> {
    let text = include_str!("../../../tests/reference/cycles.csv");
    let rows = text.lines().filter(|l| !l.starts_with('#')).skip(1);
    rows.map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |k: usize| cells[k].parse::<f64>().unwrap();
        (cells[0].to_string(), number(1), number(2), number(3))
    })
    .collect()
}

#[test]
fn cross_periods_and_multipliers_of_standard_oscillators() {
    let one = CycleOptions { points: 1, ..CycleOptions::default() };
    let mut compared = 0;
    for (name, at, period, multiplier) in reference() {
        let (field, p, start): (Box<dyn Field>, Vec<f64>, [f64; 2]) = match name.as_str() {
            "van-der-pol" => (Box::new(VanDerPol(names(&name, 2, 1))), vec![at], [2.0, 0.0]),
            "fitzhugh-nagumo" => (Box::new(FitzHughNagumo(names(&name, 2, 4))), vec![at, 0.08, 0.7, 0.8], [1.0, 0.0]),
            "brusselator" => (Box::new(Brusselator(names(&name, 2, 1))), vec![at], [1.0, 1.0]),
            "wilson-cowan" => (Box::new(WilsonCowan(names(&name, 2, 1))), vec![at], [0.1, 0.05]),
            _ => continue,
        };
        let vary = Vary::new(0, (at - 0.1, at + 0.1));
        let found = from_simulation(field.as_ref(), &p, &start, 20.0 * period, &vary, &one).unwrap();
        let cycle = &found.points[0];
        assert!((cycle.period / period - 1.0).abs() < 1e-7, "{name} {at}: {} {period}", cycle.period);
        // The integrator of the script is good to about 1e-13 absolutely.
        let error = (cycle.multipliers[0].re - multiplier).abs();
        assert!(error < 1e-6 * multiplier.abs() + 1e-12, "{name} {at}: {} {multiplier}", cycle.multipliers[0]);
        compared += 1;
    }
    assert!(compared >= 9, "{compared}");
}

#[test]
fn cross_the_first_two_doublings_of_roessler() {
    let field = Roessler(names("roessler", 3, 3));
    let vary = Vary::new(2, (2.0, 4.0));
    let options = CycleOptions { points: 80, ..CycleOptions::default() };
    let wanted = |which: &str| reference().into_iter().find(|r| r.0 == which).unwrap();
    let first = wanted("roessler-first-doubling");
    let branch = from_simulation(&field, &[0.2, 0.2, 2.5], &[3.0, 0.0, 0.0], 300.0, &vary, &options).unwrap();
    let doubling = branch.first(CycleEventKind::PeriodDoubling).unwrap();
    assert!(doubling.verified, "{:e} {:e}", doubling.defining, doubling.defect);
    assert!((doubling.cycle.parameter / first.1 - 1.0).abs() < 1e-7, "{} {}", doubling.cycle.parameter, first.1);
    assert!((doubling.cycle.period / first.2 - 1.0).abs() < 1e-7);
    let digits = wanted("roessler-first-doubling-40-digits");
    let apart = (doubling.cycle.parameter / digits.1 - 1.0, doubling.cycle.period / digits.2 - 1.0);
    assert!(apart.0.abs() < 1e-11 && apart.1.abs() < 1e-11, "{apart:?}");
    let doubled = from_doubling(&field, &branch, doubling, &vary, &options).unwrap();
    let second = wanted("roessler-second-doubling");
    let again = doubled.first(CycleEventKind::PeriodDoubling).unwrap();
    assert!(
        again.verified && (again.cycle.parameter / second.1 - 1.0).abs() < 1e-7,
        "{} {}",
        again.cycle.parameter,
        second.1
    );
    assert!((again.cycle.period / second.2 - 1.0).abs() < 1e-7);
}

/// A branch that ends at a saddle-focus: the parameter turns ever less to and fro, and next to each fold the cycle doubles,
/// so near that a step passes both.
#[test]
fn law_a_wiggling_branch_ends_at_a_saddle_focus_and_all_its_folds_are_located() {
    let field = ShortTerm(names("short-term", 3, 1));
    let vary = Vary::new(0, (-3.0, -0.9));
    let rest = follow(&field, &[-3.0], &[0.22, 0.98, 0.36], &vary, &Options::default()).unwrap();
    let hopf = rest.events.iter().filter(|e| e.kind == EventKind::Hopf).nth(1).unwrap();
    // AUTO-07p 0.9.2: HB at −1.15106.
    assert!((hopf.parameter + 1.15106).abs() < 5e-6, "{}", hopf.parameter);
    let branch = from_hopf(&field, &[-3.0], hopf, &vary, &CycleOptions::default()).unwrap();
    assert!(
        branch.events.iter().all(|e| e.verified),
        "{:?}",
        branch.events.iter().map(|e| e.defining).collect::<Vec<_>>()
    );
    let at = |kind: CycleEventKind| -> Vec<f64> {
        branch.events.iter().filter(|e| e.kind == kind).map(|e| e.cycle.parameter).collect()
    };
    let (folds, doublings) = (at(CycleEventKind::Fold), at(CycleEventKind::PeriodDoubling));
    assert!(folds.len() >= 9, "{folds:?}");
    // From the third turn on there is a doubling beside each: nearer than 10⁻⁶ of the range, and ever nearer.
    assert_eq!(doublings.len(), folds.len() - 2, "{folds:?} {doublings:?}");
    for (fold, doubling) in folds[2..].iter().zip(&doublings) {
        assert!((fold - doubling).abs() < 2e-6, "{fold} {doubling}");
    }
    // To and fro by ever less.
    for turn in folds[2..].windows(3) {
        let (before, after) = (turn[1] - turn[0], turn[2] - turn[1]);
        assert!(before * after < 0.0 && after.abs() < before.abs(), "{folds:?}");
    }
    let limit = branch.limit.as_ref().unwrap();
    assert_eq!(limit.kind, LimitKind::SaddleFocus);
    assert!(limit.error < 1e-5 && limit.eigenvalues.iter().any(|l| l.im != 0.0), "{limit:?}");
    // The limit lies between the last two turns.
    let [.., a, b] = folds[..] else { unreachable!() };
    assert!((limit.parameter - a) * (limit.parameter - b) < 0.0, "{} {folds:?}", limit.parameter);
    // The turns follow the law of the saddle-focus: a doubled branch, which starts with a long period, ends by it.
    let turns: Vec<(f64, f64)> = branch
        .events
        .iter()
        .filter(|e| e.kind == CycleEventKind::Fold)
        .map(|e| (e.cycle.parameter, e.cycle.period))
        .collect();
    let last = branch.points.last().unwrap();
    assert!(homoclinic::spirals(&field, last, &turns));
    let (first, turn) = (turns[turns.len() - 3], turns[turns.len() - 1]);
    let other = |at: f64, period: f64| {
        let mut turns = turns.clone();
        let n = turns.len();
        turns[n - 1] = (turn.0 + at * (first.0 - turn.0), turn.1 + period * (turn.1 - first.1));
        homoclinic::spirals(&field, last, &turns)
    };
    assert!(other(0.0, 0.0) && !other(0.5, 0.0) && !other(0.0, 0.1) && !other(0.0, -0.1));
    // Where the turns are lost in rounding it has ended as well, but not where they are seen, nor away from the saddle.
    let within = turns[turns.len() - 3..].windows(2).map(|w| (w[1].0 - w[0].0).abs()).fold(0.0, f64::max);
    assert!(homoclinic::arrived(&field, last, &turns, 1.01 * within));
    assert!(!homoclinic::arrived(&field, last, &turns, 0.99 * within));
    assert!(!homoclinic::arrived(&field, &branch.points[0], &turns, 1.01 * within));
}
