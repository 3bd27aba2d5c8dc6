//! Do cycles from simulations and phase responses equal closed forms and direct perturbation?

use super::examples::*;
use super::*;
use crate::dynamics::continuation::Vary;
use crate::dynamics::{Integration, integrate};
use crate::field::Field;
use std::f64::consts::TAU;

fn one() -> CycleOptions {
    CycleOptions { points: 1, ..CycleOptions::default() }
}

#[test]
fn theory_phase_response_of_a_clock_with_shear() {
    let field = Clock(names("clock", 2, 3));
    let (a, omega, b) = (0.7, 3.0, 1.9);
    let vary = Vary::new(0, (0.1, 2.0));
    let branch = from_simulation(&field, &[a, omega, b], &[0.3, 0.1], 40.0, &vary, &one()).unwrap();
    let cycle = &branch.points[0];
    assert!((cycle.period - TAU / omega).abs() < 1e-9);
    let exact = (-2.0 * a * cycle.period).exp();
    assert!((cycle.multipliers[0].re / exact - 1.0).abs() < 1e-6);
    let response = phase_response(&field, cycle).unwrap();
    assert!(response.defect < 1e-8, "{:e}", response.defect);
    for k in 0..40 {
        let phase = f64::from(k) / 40.0 + 0.003;
        let (x, z) = (response.state(phase), response.at(phase));
        // The isochrons are φ − (b/a) ln r.
        let exact = [(-x[1] - b / a * x[0]) / omega, (x[0] - b / a * x[1]) / omega];
        assert!((z[0] - exact[0]).abs() < 1e-7 && (z[1] - exact[1]).abs() < 1e-7, "{z:?} {exact:?}");
    }
}

#[test]
fn limit_phase_response_near_a_saddle_node_on_the_circle() {
    let field = Snic(names("snic", 2, 1));
    let branch = from_simulation(&field, &[1.01], &[-1.0, 0.2], 300.0, &Vary::new(0, (0.9, 2.0)), &one()).unwrap();
    let cycle = &branch.points[0];
    let period = TAU / (1.01f64.powi(2) - 1.0).sqrt();
    assert!((cycle.period / period - 1.0).abs() < 1e-8, "{} {period}", cycle.period);
    let response = phase_response(&field, cycle).unwrap();
    assert!(response.defect < 1e-7, "{:e}", response.defect);
    let mesh = cycle.mesh().to_vec();
    let along = |phase: f64| {
        let (x, z) = (response.state(phase), response.at(phase));
        x[0] * z[1] - x[1] * z[0]
    };
    let largest = mesh.iter().map(|&s| along(s)).fold(0.0, f64::max);
    for phase in mesh {
        let x = response.state(phase);
        // The exact response is 1/(ω − cos φ), and in time it is near 1 − cos of the phase counted from the spike.
        assert!((along(phase) * (1.01 - x[0]) - 1.0).abs() < 1e-6);
        let spike = x[1].atan2(x[0]);
        let time = 2.0 * ((1.01f64 + 1.0).sqrt() / (1.01f64 - 1.0).sqrt() * (0.5 * spike).tan()).atan();
        let form = 0.5 * (1.0 + time.cos());
        assert!((along(phase) / largest - form).abs() < 0.02, "{} {form}", along(phase) / largest);
    }
}

#[test]
fn law_the_phase_response_is_what_a_small_push_does() {
    let field = FitzHughNagumo(names("fitzhugh-nagumo", 2, 4));
    let p = [0.5, 0.08, 0.7, 0.8];
    let branch = from_simulation(&field, &p, &[1.0, 0.0], 300.0, &Vary::new(0, (0.2, 1.0)), &one()).unwrap();
    let cycle = &branch.points[0];
    let response = phase_response(&field, cycle).unwrap();
    assert!(response.defect < 1e-8);
    let long = 5.0 * cycle.period;
    let options = Integration { relative: 1e-11, absolute: 1e-13, ..Integration::default() };
    for phase in [0.05, 0.3, 0.62, 0.9] {
        let x = cycle.at(phase);
        for variable in 0..2 {
            let shifted = |h: f64| {
                let mut start = x.clone();
                start[variable] += h;
                let end = integrate(&field, &p, &start, long, &options).unwrap().last().to_vec();
                // How far along the orbit it is in the end: one Newton step for the time, from where it would be.
                let mut f = vec![0.0; 2];
                field.rate(&x, &p, &mut f);
                let gap = [end[0] - x[0], end[1] - x[1]];
                (gap[0] * f[0] + gap[1] * f[1]) / (f[0] * f[0] + f[1] * f[1])
            };
            let h = 1e-4;
            let direct = (shifted(h) - shifted(-h)) / (2.0 * h);
            let z = response.at(phase)[variable];
            assert!((direct - z).abs() < 2e-4 * (1.0 + z.abs()), "phase {phase}: {direct} {z}");
        }
    }
}

#[test]
fn law_what_is_no_cycle_is_refused() {
    let says = |result: crate::field::Result<CycleBranch>, what: &str| {
        let error = result.expect_err("a refusal");
        assert!(error.to_string().contains(what), "{error}");
    };
    let field = FitzHughNagumo(names("fitzhugh-nagumo", 2, 4));
    let vary = Vary::new(0, (-1.0, 1.0));
    let run = |p: &[f64], until: f64| from_simulation(&field, p, &[1.0, 0.0], until, &vary, &one());
    says(run(&[0.0, 0.08, 0.7, 0.8], 2000.0), "rest");
    // A fast-slow cycle whose slow stretch is longer than the run.
    says(run(&[0.5, 1e-4, 0.7, 0.8], 2000.0), "slow stretch");
    let roessler = Roessler(names("roessler", 3, 3));
    let chaotic =
        from_simulation(&roessler, &[0.2, 0.2, 5.7], &[1.0, 1.0, 0.0], 400.0, &Vary::new(2, (2.0, 6.0)), &one());
    if let Ok(found) = chaotic {
        // A chaotic run may pass near an unstable cycle; it must not be called stable.
        assert!(!found.points[0].stable);
    }
    says(from_simulation(&field, &[0.5, f64::NAN, 0.7, 0.8], &[1.0, 0.0], 100.0, &vary, &one()), "not finite");
}

#[test]
fn law_relabelling_rescaling_and_the_start_do_not_matter() {
    let field = FitzHughNagumo(names("fitzhugh-nagumo", 2, 4));
    let vary = Vary::new(0, (0.2, 1.0));
    let find =
        |p: &[f64], start: &[f64]| from_simulation(&field, p, start, 400.0, &vary, &one()).unwrap().points[0].clone();
    let (one, other) = (find(&[0.5, 0.08, 0.7, 0.8], &[1.0, 0.0]), find(&[0.5, 0.08, 0.7, 0.8], &[-1.5, 1.2]));
    assert!((one.period / other.period - 1.0).abs() < 1e-8);
    for (a, b) in one.extremes.iter().zip(&other.extremes) {
        assert!((a.0 - b.0).abs() < 1e-4 && (a.1 - b.1).abs() < 1e-4);
    }
    // Time in other units, variables in another order and in other units.
    struct Other(FitzHughNagumo);
    impl crate::field::Law for Other {
        fn law_names(&self) -> &crate::field::Names {
            &self.0.0
        }
        fn rates<S: crate::num::Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            let inside = [x[1] * 1e-3, x[0] * 7.0];
            let mut rate = inside;
            self.0.rates(&inside, p, &mut rate);
            dx[0] = rate[1] * (60.0 / 7.0);
            dx[1] = rate[0] * 60e3;
        }
    }
    let relabelled = Other(FitzHughNagumo(names("relabelled", 2, 4)));
    let p = [0.5, 0.08, 0.7, 0.8];
    let third =
        from_simulation(&relabelled, &p, &[0.0, 1000.0], 400.0 / 60.0, &vary, &super::tests_of_phase::one()).unwrap();
    let third = &third.points[0];
    assert!((third.period * 60.0 / one.period - 1.0).abs() < 1e-8, "{} {}", third.period, one.period);
    // The second multiplier is e⁻³⁹: what is compared is its logarithm.
    let logs = |c: &Cycle| c.multipliers[0].norm().ln();
    assert!((logs(third) / logs(&one) - 1.0).abs() < 1e-6, "{} {}", logs(third), logs(&one));
    assert!((third.extremes[1].1 * 1e-3 - one.extremes[0].1).abs() < 1e-4);
}
