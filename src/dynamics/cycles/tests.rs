//! Do periods, amplitudes and multipliers equal their closed forms?

use super::*;
use crate::dynamics::continuation::{EventKind, Options, Vary, follow};
use crate::field::{Field, Law, Names, Quantity};
use crate::num::Scalar;
use std::f64::consts::TAU;

fn names(model: &str, variables: usize, parameters: usize) -> Names {
    let named = |letter: &str, count: usize| -> Vec<Quantity> {
        (0..count).map(|i| Quantity::plain(&format!("{letter}{i}"), 1.0)).collect()
    };
    Names::new(model, named("x", variables), named("p", parameters))
}

/// r' = r (λ + r² − r⁴), φ' = 1: a subcritical Hopf point at 0 and a fold of cycles at λ = −1/4, r² = 1/2.
struct Bautin(Names);
impl Law for Bautin {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let r2 = x[0].square() + x[1].square();
        let growth = p[0] + r2 - r2.square();
        dx[0] = growth * x[0] - x[1];
        dx[1] = x[0] + growth * x[1];
    }
}

/// D7 with one pattern, a τ_θ as the parameter: v' = v (v − h), h' = (v² − h)/p.
struct Bcm(Names);
impl Law for Bcm {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[0] * (x[0] - x[1]);
        dx[1] = (x[0].square() - x[1]) / p[0];
    }
}

fn cycles(field: &dyn Field, p: f64, start: &[f64], range: (f64, f64), options: &CycleOptions) -> CycleBranch {
    let vary = Vary::new(0, range);
    let branch = follow(field, &[p], start, &vary, &Options::default()).unwrap();
    from_hopf(field, &[p], branch.first(EventKind::Hopf).unwrap(), &vary, options).unwrap()
}

#[test]
fn theory_fold_of_cycles_and_multipliers_of_the_bautin_normal_form() {
    let field = Bautin(names("bautin", 2, 1));
    let options = CycleOptions { intervals: 40, ..CycleOptions::default() };
    let branch = cycles(&field, -0.5, &[0.0, 0.0], (-0.6, 0.5), &options);
    assert_eq!(branch.stopped, CycleStop::Range, "{}", branch.points.len());
    assert_eq!(branch.events.len(), 1);
    let fold = &branch.events[0];
    assert_eq!(fold.kind, CycleEventKind::Fold);
    assert!(fold.verified, "{}", fold.defining);
    assert!((fold.cycle.parameter + 0.25).abs() < 1e-8, "{}", fold.cycle.parameter);
    assert!((fold.cycle.extremes[0].1 - 0.5f64.sqrt()).abs() < 1e-5);
    for cycle in &branch.points {
        // On a circle of radius r the multiplier is exp(2π d(r growth)/dr) = exp(2π (2r² − 4r⁴)).
        let r2 = cycle.at(0.3).iter().map(|x| x * x).sum::<f64>();
        assert!((cycle.period - TAU).abs() < 1e-7, "{}", cycle.period);
        let exact = (TAU * (2.0 * r2 - 4.0 * r2 * r2)).exp();
        assert!((cycle.multipliers[0].re / exact - 1.0).abs() < 1e-5, "{} {exact}", cycle.multipliers[0]);
        assert!(cycle.trivial_error < 1e-6);
        assert_eq!(cycle.stable, r2 > 0.5);
    }
}

#[test]
fn theory_d07_amplitude_near_onset_and_growth_beyond() {
    let field = Bcm(names("bcm", 2, 1));
    let branch = cycles(&field, 0.9, &[1.0, 1.0], (0.5, 1.4), &CycleOptions::default());
    // The ledger's leading-order half-amplitude is 2√(1 − 1/(a τ_θ)), with a simulation of 0.2783 at 1.02.
    let near = branch.points.iter().find(|c| c.parameter > 1.002).unwrap();
    let half = 0.5 * (near.extremes[0].1 - near.extremes[0].0);
    let leading = 2.0 * (1.0 - 1.0 / near.parameter).sqrt();
    assert!((half / leading - 1.0).abs() < 0.02, "{half} {leading}");
    assert!(branch.points.iter().all(|c| c.stable), "supercritical");
    let (first, last) = (&branch.points[0], branch.points.last().unwrap());
    assert!((last.parameter - 1.4).abs() < 1e-9);
    assert!(last.period > first.period);
}

#[test]
fn law_the_product_of_the_multipliers_is_the_exponential_of_the_integrated_trace() {
    let field = Bcm(names("bcm", 2, 1));
    let branch = cycles(&field, 0.9, &[1.0, 1.0], (0.5, 1.3), &CycleOptions::default());
    for cycle in &branch.points {
        let samples = 4000;
        let trace: f64 = (0..samples)
            .map(|k| field.jacobian(&cycle.at(k as f64 / samples as f64), &[cycle.parameter]).trace())
            .sum::<f64>()
            * cycle.period
            / samples as f64;
        let product = cycle.multipliers[0].re;
        assert!((product / trace.exp() - 1.0).abs() < 1e-4, "{product} {}", trace.exp());
    }
}
