//! Is nothing dropped, and nothing made up? Two events within one step, and events that cannot be located.

use super::examples::*;
use super::*;
use crate::dynamics::continuation::{EventKind, Options, Vary, follow};
use crate::field::{Field, Law, Names};
use crate::num::Scalar;
use std::f64::consts::TAU;

fn circles(field: &dyn Field, p: &[f64], range: (f64, f64), extra: &[f64]) -> CycleBranch {
    let orbit = |t: f64| [(TAU * t).cos(), (TAU * t).sin()].into_iter().chain(extra.iter().copied()).collect();
    from_guess(field, p, &orbit, TAU, &Vary::new(0, range), &CycleOptions::default()).unwrap()
}

/// A field at ε² − p₀² instead of p₀: what happens there once happens twice, at ±ε.
struct Twice<L: Law>(L, f64);
impl<L: Law> Law for Twice<L> {
    fn law_names(&self) -> &Names {
        self.0.law_names()
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let mut inside = p.to_vec();
        inside[0] = -p[0].square() + self.1 * self.1;
        self.0.rates(x, &inside, dx);
    }
}

/// The events of a branch as kind and parameter, all of them verified.
fn told(branch: &CycleBranch) -> Vec<(CycleEventKind, f64)> {
    assert!(
        branch.events.iter().all(|e| e.verified),
        "{:?}",
        branch.events.iter().map(|e| (e.kind, e.between, e.defining, e.defect)).collect::<Vec<_>>()
    );
    branch.events.iter().map(|e| (e.kind, e.cycle.parameter)).collect()
}

#[test]
fn theory_two_events_within_one_step_are_both_located() {
    // The steps are up to 0.09 long.
    for (k, half) in [0.031, 0.0123, 0.0047].into_iter().enumerate() {
        let from = -0.3 - 0.013 * k as f64;
        let doublings = circles(&Twice(Moebius(names("moebius", 4, 2)), half), &[from, 0.2], (-0.5, 0.4), &[0.0, 0.0]);
        let tori = circles(&Twice(Torus(names("torus", 4, 2)), half), &[from, 0.17], (-0.5, 0.4), &[0.0, 0.0]);
        let crossings = circles(&Twice(Pitchfork(names("pitchfork", 3, 1)), half), &[from], (-0.5, 0.4), &[0.0]);
        for (branch, kind) in [
            (doublings, CycleEventKind::PeriodDoubling),
            (tori, CycleEventKind::Torus),
            (crossings, CycleEventKind::BranchPoint),
        ] {
            let all = told(&branch);
            assert_eq!(all.len(), 2, "{kind:?} {half} {all:?}");
            for ((found, at), wanted) in all.into_iter().zip([-half, half]) {
                assert!(found == kind && (at - wanted).abs() < 1e-8, "{found:?} {at} {wanted}");
            }
        }
        // Folds at s = ±ε, p₀ = ∓2 ε³, on the way through p₀ = s³ − 3 ε² s.
        let field = CuspOfCycles(names("cusp", 2, 2));
        let (s, p1): (f64, f64) = (0.4, 3.0 * half * half);
        let orbit = |t: f64| [(TAU * t).cos(), (TAU * t).sin()].map(|x| x * (1.0 + s).sqrt()).to_vec();
        let (vary, options) = (Vary::new(0, (-0.5, 0.5)), CycleOptions::default());
        let folds = from_guess(&field, &[s.powi(3) - p1 * s, p1], &orbit, TAU, &vary, &options).unwrap();
        let all = told(&folds);
        assert_eq!(all.len(), 2, "{half} {all:?}");
        let extent = all.iter().map(|(kind, at)| (*kind == CycleEventKind::Fold, at.abs()));
        assert!(extent.clone().all(|(fold, at)| fold && (at - 2.0 * half.powi(3)).abs() < 1e-9), "{all:?}");
    }
}

/// A field whose p₀ jumps by one at zero: a multiplier jumps over its critical value and never has it.
struct Jump<L: Law>(L);
impl<L: Law> Law for Jump<L> {
    fn law_names(&self) -> &Names {
        self.0.law_names()
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let mut inside = p.to_vec();
        inside[0] = p[0].step() * 0.4 - 0.2;
        self.0.rates(x, &inside, dx);
    }
}

#[test]
fn law_an_event_that_cannot_be_located_is_told_as_seen_between_two_orbits() {
    let doubling = circles(&Jump(Moebius(names("moebius", 4, 2))), &[-0.3, 0.2], (-0.5, 0.4), &[0.0, 0.0]);
    let torus = circles(&Jump(Torus(names("torus", 4, 2))), &[-0.3, 0.17], (-0.5, 0.4), &[0.0, 0.0]);
    let crossing = circles(&Jump(Pitchfork(names("pitchfork", 3, 1))), &[-0.3], (-0.5, 0.4), &[0.0]);
    for (branch, kind) in [
        (doubling, CycleEventKind::PeriodDoubling),
        (torus, CycleEventKind::Torus),
        (crossing, CycleEventKind::BranchPoint),
    ] {
        let told: Vec<_> = branch.events.iter().map(|e| (e.kind, e.verified)).collect();
        assert_eq!(told, [(kind, false)]);
        let (a, b) = branch.events[0].between;
        assert!(a < 0.0 && b >= 0.0 && b - a < 0.1, "{kind:?} {a} {b}");
    }
}

/// x' = y, y' = −x − x³ + p₀ y: a family of cycles at p₀ = 0, with all multipliers one; perhaps with z' = x − z behind it.
struct Spring(Names);
impl Law for Spring {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[1];
        dx[1] = p[0] * x[1] - x[0] - x[0] * x[0].square();
        (2..x.len()).for_each(|k| dx[k] = x[0] - x[k]);
    }
}

#[test]
fn law_where_the_parameter_stands_still_no_event_is_made_up() {
    for variables in [2, 3] {
        let field = Spring(names("spring", variables, 1));
        let vary = Vary::new(0, (-0.5, 0.6));
        let rest = follow(&field, &[-0.3], &vec![0.0; variables], &vary, &Options::default()).unwrap();
        let hopf = rest.first(EventKind::Hopf).unwrap();
        let options = CycleOptions { points: 40, ..CycleOptions::default() };
        let branch = from_hopf(&field, &[-0.3], hopf, &vary, &options).unwrap();
        assert!(
            branch.points.iter().all(|c| c.parameter.abs() < 1e-8),
            "{:?}",
            branch.points.last().unwrap().parameter
        );
        let made_up: Vec<_> = branch.events.iter().map(|e| (e.kind, e.cycle.period)).collect();
        assert!(branch.points.len() == 40 && made_up.is_empty(), "{} {made_up:?}", branch.stopped.name());
        // Rounding carries the multiplier to either side of one: that is counted. In the plane it comes from the trace alone.
        assert_eq!(branch.still > 0, variables == 3, "{}", branch.still);
    }
}

/// In a canard explosion the parameter moves by 10⁻¹² while the cycle grows; where it becomes stable there is a fold. Rounding
/// is amplified so much there that its multipliers are met to 10⁻³ only: it may be told as not verified, but it is told.
#[test]
fn law_the_fold_in_a_canard_explosion_is_told() {
    let field = FitzHughNagumo(names("fitzhugh-nagumo", 2, 4));
    let (vary, p) = (Vary::new(0, (0.0, 2.0)), [0.1, 0.08, 0.7, 0.8]);
    let rest = follow(&field, &p, &[-1.1, -0.5], &vary, &Options::default()).unwrap();
    let options = CycleOptions { points: 40, ..CycleOptions::default() };
    let branch = from_hopf(&field, &p, rest.first(EventKind::Hopf).unwrap(), &vary, &options).unwrap();
    let told: Vec<_> = branch.events.iter().map(|e| (e.kind, e.cycle.parameter, e.defining)).collect();
    let [(CycleEventKind::Fold, at, defining)] = told[..] else { panic!("{told:?}") };
    let least = branch.points.iter().map(|c| c.parameter).fold(f64::INFINITY, f64::min);
    assert!((at - least).abs() < 1e-10 && defining < 1e-2 && branch.still == 0, "{at} {least} {defining:e}");
}

/// r' = r (1/25 − p₀² − s²) with s = r² − 1, φ' = 1: the cycles make a circle in (p₀, s).
struct Island(Names);
impl Law for Island {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let s = x[0].square() + x[1].square() - 1.0;
        let growth = -(p[0].square() + s.square()) + 0.04;
        dx[0] = x[0] * growth - x[1];
        dx[1] = x[1] * growth + x[0];
    }
}

#[test]
fn theory_a_branch_that_comes_back_to_its_start_is_closed() {
    let orbit = |t: f64| [(TAU * t).cos(), (TAU * t).sin()].map(|x| x * 1.2f64.sqrt()).to_vec();
    let field = Island(names("island", 2, 1));
    let (vary, options) = (Vary::new(0, (-0.5, 0.5)), CycleOptions::default());
    let island = from_guess(&field, &[0.0], &orbit, TAU, &vary, &options).unwrap();
    assert_eq!((&island.started, &island.stopped), (&CycleStop::Closed, &CycleStop::Closed));
    let mut folds = told(&island);
    folds.sort_by(|a, b| a.1.total_cmp(&b.1));
    let wanted = [-0.2, 0.2].map(|at| (CycleEventKind::Fold, at));
    assert!(
        folds.len() == 2 && folds.iter().zip(wanted).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-9),
        "{folds:?}"
    );
    // Once around, and no farther: the last orbit is the first to a step.
    let share = |c: &Cycle| (c.extremes[0].1.powi(2) - 1.0).atan2(c.parameter);
    let went: f64 = island.points.windows(2).map(|w| (share(&w[1]) - share(&w[0])).sin().asin()).sum();
    assert!((went.abs() / TAU - 1.0).abs() < 0.1, "{went}");
}
