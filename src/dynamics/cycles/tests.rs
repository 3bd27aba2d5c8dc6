//! Do periods, amplitudes and multipliers equal their closed forms?

use super::examples::*;
use super::*;
use crate::dynamics::continuation::{EventKind, Options, Vary, follow};
use crate::field::Field;
use std::f64::consts::TAU;

fn cycles(field: &dyn Field, p: &[f64], start: &[f64], range: (f64, f64), options: &CycleOptions) -> CycleBranch {
    let vary = Vary::new(0, range);
    let branch = follow(field, p, start, &vary, &Options::default()).unwrap();
    from_hopf(field, p, branch.first(EventKind::Hopf).unwrap(), &vary, options).unwrap()
}

#[test]
fn theory_fold_of_cycles_and_multipliers_of_the_bautin_normal_form() {
    let field = Bautin(names("bautin", 2, 1));
    let branch = cycles(&field, &[-0.5], &[0.0, 0.0], (-0.6, 0.5), &CycleOptions::default());
    assert_eq!((&branch.started, &branch.stopped), (&CycleStop::Shrunk, &CycleStop::Range), "{}", branch.points.len());
    assert_eq!(branch.events.len(), 1);
    let fold = &branch.events[0];
    assert_eq!(fold.kind, CycleEventKind::Fold);
    assert!(fold.verified, "{} {}", fold.defining, fold.defect);
    assert!((fold.cycle.parameter + 0.25).abs() < 1e-12, "{:e}", fold.cycle.parameter + 0.25);
    // Here two multipliers are one; modulo the flow there is only the other.
    assert!(fold.defining < 1e-10, "{:e}", fold.defining);
    assert!((fold.cycle.extremes[0].1 - 0.5f64.sqrt()).abs() < 1e-6);
    for cycle in &branch.points {
        // On a circle of radius r the multiplier is exp(2π d(r growth)/dr) = exp(2π (2r² − 4r⁴)).
        let r2 = cycle.at(0.0).iter().map(|x| x * x).sum::<f64>();
        assert!((cycle.period - TAU).abs() < 1e-9, "{:e}", cycle.period - TAU);
        let exact = (TAU * (2.0 * r2 - 4.0 * r2 * r2)).exp();
        assert!((cycle.multipliers[0].re / exact - 1.0).abs() < 1e-6, "{} {exact}", cycle.multipliers[0]);
        assert!(cycle.trivial_error < 1e-6 && cycle.product_error < 1e-6);
        assert_eq!(cycle.stable, r2 > 0.5);
    }
}

#[test]
fn theory_d07_amplitude_near_onset_and_growth_beyond() {
    let field = Bcm(names("bcm", 2, 1));
    let branch = cycles(&field, &[0.9], &[1.0, 1.0], (0.5, 1.4), &CycleOptions::default());
    // The ledger's leading-order half-amplitude is 2√(1 − 1/(a τ_θ)), with a simulation of 0.2783 at 1.02.
    let near = branch.points.iter().find(|c| c.parameter > 1.002).unwrap();
    let half = 0.5 * (near.extremes[0].1 - near.extremes[0].0);
    let leading = 2.0 * (1.0 - 1.0 / near.parameter).sqrt();
    assert!((half / leading - 1.0).abs() < 0.02, "{half} {leading}");
    assert!(branch.points.iter().all(|c| c.stable), "supercritical");
    let (first, last) = (&branch.points[0], branch.points.last().unwrap());
    assert!((last.parameter - 1.4).abs() < 1e-9);
    assert!(last.period > first.period);
    for c in &branch.points {
        assert!(c.product_error < 1e-6 && c.trivial_error < 1e-6, "{:e} {:e}", c.product_error, c.trivial_error);
    }
}

/// The branch of circles of a field, which needs no Hopf point.
fn circles(field: &dyn Field, p: &[f64], range: (f64, f64), extra: &[f64], options: &CycleOptions) -> CycleBranch {
    let orbit = |t: f64| [(TAU * t).cos(), (TAU * t).sin()].into_iter().chain(extra.iter().copied()).collect();
    from_guess(field, p, &orbit, TAU, &Vary::new(0, range), options).unwrap()
}

#[test]
fn theory_a_period_doubling_with_a_closed_form() {
    let field = Moebius(names("moebius", 4, 2));
    let branch = circles(&field, &[-0.3, 0.2], (-0.5, 0.4), &[0.0, 0.0], &CycleOptions::default());
    assert_eq!(branch.events.len(), 1, "{:?}", branch.events.iter().map(|e| e.kind).collect::<Vec<_>>());
    let doubling = &branch.events[0];
    assert_eq!(doubling.kind, CycleEventKind::PeriodDoubling);
    assert!(doubling.verified, "{:e} {:e}", doubling.defining, doubling.defect);
    assert!(doubling.cycle.parameter.abs() < 1e-9, "{:e}", doubling.cycle.parameter);
    for cycle in &branch.points {
        let a = cycle.parameter;
        let mut exact = [-(TAU * a).exp(), -(-TAU * 0.2).exp(), (-2.0 * TAU).exp()];
        exact.sort_by(|x, y| y.abs().total_cmp(&x.abs()));
        for (m, exact) in cycle.multipliers.iter().zip(exact) {
            assert!((m / exact - 1.0).norm() < 1e-6, "{m} {exact}");
        }
    }
    let doubled =
        from_doubling(&field, &branch, doubling, &Vary::new(0, (-0.5, 0.4)), &CycleOptions::default()).unwrap();
    assert_eq!(doubled.stopped, CycleStop::Range);
    let last = doubled.points.last().unwrap();
    assert!((last.period / (2.0 * TAU) - 1.0).abs() < 1e-8, "{}", last.period);
    let w2 = last.at(0.0)[2].powi(2) + last.at(0.0)[3].powi(2);
    assert!((w2 - 0.4).abs() < 1e-8, "{w2}");
    let exact = (-2.0 * TAU * 0.6).exp();
    assert!(last.stable && (last.multipliers[0].re / exact - 1.0).abs() < 1e-6, "{:?} {exact}", last.multipliers);
}

#[test]
fn theory_a_torus_bifurcation_with_a_closed_form() {
    let field = Torus(names("torus", 4, 2));
    let branch = circles(&field, &[-0.3, 0.17], (-0.5, 0.4), &[0.0, 0.0], &CycleOptions::default());
    assert_eq!(branch.events.len(), 1, "{:?}", branch.events.iter().map(|e| e.kind).collect::<Vec<_>>());
    let torus = &branch.events[0];
    assert_eq!(torus.kind, CycleEventKind::Torus);
    assert!(torus.verified && torus.cycle.parameter.abs() < 1e-9, "{:e}", torus.cycle.parameter);
    assert!((torus.angle.unwrap() - TAU * 0.17).abs() < 1e-8);
}

#[test]
fn theory_a_symmetric_branch_point_with_a_closed_form() {
    let field = Pitchfork(names("pitchfork", 3, 1));
    let vary = Vary::new(0, (-0.5, 0.4));
    let branch = circles(&field, &[-0.3], vary.range(), &[0.0], &CycleOptions::default());
    assert_eq!(branch.events.len(), 1, "{:?}", branch.events.iter().map(|e| e.kind).collect::<Vec<_>>());
    let crossing = &branch.events[0];
    assert_eq!(crossing.kind, CycleEventKind::BranchPoint);
    assert!(crossing.verified && crossing.cycle.parameter.abs() < 1e-9, "{:e}", crossing.cycle.parameter);
    let other = from_branch_point(&field, &branch, crossing, &vary, &CycleOptions::default()).unwrap();
    let last = other.points.last().unwrap();
    let w2 = last.at(0.3)[2].powi(2);
    assert!((last.parameter - 0.4).abs() < 1e-12 && (w2 - 0.4).abs() < 1e-8, "{} {w2}", last.parameter);
}

/// The circle, and four partners seen from a turning oblique frame: multipliers exp(2π rate) from 10⁻¹² to 10³.
#[test]
fn theory_multipliers_of_a_stiff_orbit() {
    let wanted: [f64; 4] = [1e3, 0.5, 0.45, 1e-12];
    let rates = wanted.map(|m| m.ln() / TAU);
    let field = Stiff { names: names("stiff", 6, 1), rates };
    let branch =
        circles(&field, &[0.0], (-1.0, 1.0), &[0.0; 4], &CycleOptions { points: 1, ..CycleOptions::default() });
    let cycle = &branch.points[0];
    let circle = (-2.0 * TAU).exp();
    for wanted in wanted.into_iter().chain([circle]) {
        let nearest = cycle.multipliers.iter().map(|m| (m / wanted - 1.0).norm()).fold(f64::INFINITY, f64::min);
        assert!(nearest < 3e-7, "{wanted}: {nearest:e} {:?}", cycle.multipliers);
    }
    assert!(cycle.trivial_error < 1e-8 && cycle.product_error < 1e-6, "{:e}", cycle.product_error);
}

#[test]
fn law_bad_requests_end_with_one_message() {
    let field = Bautin(names("bautin", 2, 1));
    let orbit = |t: f64| vec![(TAU * t).cos(), (TAU * t).sin()];
    let options = CycleOptions::default();
    let says = |error: crate::field::Error, what: &str| assert!(error.to_string().contains(what), "{error}");
    let at = |vary: Vary, p: &[f64], o: &CycleOptions| from_guess(&field, p, &orbit, TAU, &vary, o).err().unwrap();
    says(at(Vary::new(3, (0.0, 1.0)), &[0.1], &options), "no parameter number 3");
    says(at(Vary::new(0, (1.0, 1.0)), &[1.0], &options), "is empty");
    says(at(Vary::new(0, (0.0, 1.0)), &[2.0], &options), "outside");
    says(at(Vary::new(0, (0.0, 1.0)), &[0.1, 0.2], &options), "2 parameter values");
    says(at(Vary::new(0, (0.0, 1.0)), &[0.1], &CycleOptions { step: f64::NAN, ..options.clone() }), "options");
    says(at(Vary::new(0, (-9.0, 1.0)), &[-8.0], &options), "periodic orbit");
}

#[test]
fn theory_a_doubled_branch_ends_where_it_becomes_its_parent() {
    // Doubled between a = p − p² = 0 at p = 0 and at p = 1.
    struct Bubble(Moebius);
    impl crate::field::Law for Bubble {
        fn law_names(&self) -> &crate::field::Names {
            &self.0.0
        }
        fn rates<S: crate::num::Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            self.0.rates(x, &[p[0] - p[0].square(), p[1]], dx);
        }
    }
    let field = Bubble(Moebius(names("bubble", 4, 2)));
    let vary = Vary::new(0, (-0.5, 1.5));
    let branch = circles(&field, &[-0.3, 0.2], vary.range(), &[0.0, 0.0], &CycleOptions::default());
    let doublings: Vec<_> = branch.events.iter().map(|e| (e.kind, e.verified, e.cycle.parameter.round())).collect();
    let doubling = CycleEventKind::PeriodDoubling;
    assert_eq!(doublings, [(doubling, true, -0.0), (doubling, true, 1.0)]);
    let options = CycleOptions { step_max: 0.05, ..CycleOptions::default() };
    let doubled = from_doubling(&field, &branch, &branch.events[0], &vary, &options).unwrap();
    assert_eq!(doubled.stopped, CycleStop::Undoubled, "{:?}", doubled.stopped);
    assert!(doubled.events.is_empty() && (doubled.points.last().unwrap().parameter - 1.0).abs() < 0.02);
}

#[test]
fn theory_a_branch_that_shrinks_ends_at_its_hopf_point() {
    let field = Bautin(names("bautin", 2, 1));
    let orbit = |t: f64| vec![0.4 * (TAU * t).cos(), 0.4 * (TAU * t).sin()];
    // r² = 0.16 on the unstable side: λ = r⁴ − r².
    let branch = from_guess(
        &field,
        &[0.16f64.powi(2) - 0.16],
        &orbit,
        TAU,
        &Vary::new(0, (-0.6, 0.5)),
        &CycleOptions::default(),
    )
    .unwrap();
    let ends = [&branch.started, &branch.stopped];
    assert!(ends.contains(&&CycleStop::Shrunk) && ends.contains(&&CycleStop::Range), "{ends:?}");
    assert_eq!(branch.events.iter().filter(|e| e.kind == CycleEventKind::Fold && e.verified).count(), 1);
}

/// A field that counts how often it is asked.
struct Counted {
    field: Bautin,
    asked: std::sync::atomic::AtomicUsize,
}
impl Counted {
    fn add(&self) {
        self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}
impl Field for Counted {
    fn names(&self) -> &crate::field::Names {
        self.field.names()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        self.add();
        self.field.rate(x, p, dx);
    }
    fn push(&self, x: &[crate::num::Dual], p: &[crate::num::Dual], dx: &mut [crate::num::Dual]) {
        self.add();
        self.field.push(x, p, dx);
    }
}

#[test]
fn law_the_work_grows_with_the_number_of_intervals_only() {
    let work = |intervals: usize| {
        let field = Counted { field: Bautin(names("bautin", 2, 1)), asked: 0.into() };
        let fixed =
            CycleOptions { intervals, intervals_max: intervals, tolerance: 1.0, points: 12, ..Default::default() };
        let orbit = |t: f64| vec![0.9 * (TAU * t).cos(), 0.9 * (TAU * t).sin()];
        let branch = from_guess(&field, &[-0.15], &orbit, TAU, &Vary::new(0, (-0.2, 0.5)), &fixed).unwrap();
        field.asked.into_inner() as f64 / branch.points.len() as f64
    };
    let ratio = work(120) / work(30);
    assert!(ratio > 3.0 && ratio < 5.0, "{ratio}");
}
