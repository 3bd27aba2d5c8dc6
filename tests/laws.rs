//! Which laws of the ledger (D1, D3, D5, D6, D8, D9, D12, D13, D15) hold for the catalogue's models at random parameters and states?
//!
//! The proven set is the closed form and nothing else; the sign of a margin is the computed stability; what theory
//! conserves is conserved along trajectories; scaling never turns a weight vector; integral control forgets gain and drive.

use homeostat::dynamics::{Integration, Proof, Region, Search, Stop, Trajectory, fixed_points, integrate};
use homeostat::field::Field;
use homeostat::lang::Model;
use homeostat::models;
use homeostat::num::Tol;
use proptest::prelude::*;

/// The integrator's tolerance of 1e-9 a step, over some hundred steps.
const STEPS: Tol = Tol::Order { h: 1e-7, p: 1 };
/// Closed forms of a few dozen operations, within an enclosure.
const CLOSED: Tol = Tol::Order { h: 1e-11, p: 1 };

/// The parameters of a model with some of them set, in coherent units.
fn with(model: &Model, values: &[(&str, f64)]) -> Vec<f64> {
    let mut p = model.names().defaults();
    values.iter().for_each(|(name, value)| p[model.names().parameter(name).unwrap()] = *value);
    p
}
#[track_caller]
fn near(tolerance: Tol, name: &str, got: f64, wanted: f64) {
    assert!(tolerance.judge(got, wanted).holds, "{}", tolerance.complaint(name, got, wanted, "the ledger"));
}
fn course(model: &Model, p: &[f64], start: &[f64], until: f64) -> Trajectory {
    integrate(model, p, start, until, &Integration::default()).unwrap()
}
/// Q diag(λ) Qᵀ with Q the rotation by `angle`, named as the correlations of two inputs.
fn correlations(lambda: [f64; 2], angle: f64) -> [(&'static str, f64); 4] {
    let (s, c) = angle.sin_cos();
    let cross = (lambda[0] - lambda[1]) * s * c;
    let own = |a: f64, b: f64| lambda[0] * a * a + lambda[1] * b * b;
    [("C_0_0", own(c, s)), ("C_0_1", cross), ("C_1_0", cross), ("C_1_1", own(s, c))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// D5: Oja's rule rests at 0 and ±e_k/√α, proven, and only the first eigenvector is stable.
    #[test]
    fn law_d5_oja_rests_on_the_eigenvectors_and_nowhere_else(
        first in 1.2f64..2.0, second in 0.2f64..0.8, angle in 0.1f64..1.4, alpha in 0.3f64..3.0,
    ) {
        let model = models::model("feedforward+oja").unwrap();
        let set = correlations([first, second], angle);
        let p = with(&model, &[&set[..], &[("alpha", alpha), ("gain", 1.0), ("h", 0.0), ("mu", 0.1)]].concat());
        let region = Region::new([(-2.5, 2.5); 2]).unwrap();
        let found = fixed_points(&model, &p, &region, &Search::default()).unwrap();
        prop_assert!(found.complete && found.points.len() == 5, "{:?}", found.points);
        let size = 1.0 / alpha.sqrt();
        let (s, c) = angle.sin_cos();
        for (e, stable) in [([c, s], true), ([-c, -s], true), ([-s, c], false), ([s, -c], false), ([0.0, 0.0], false)] {
            let here = |q: &&homeostat::dynamics::FixedPoint| (0..2).all(|k| (q.at[k] - size * e[k]).abs() < 1e-9);
            let point = found.points.iter().find(here);
            let point = point.unwrap_or_else(|| panic!("nothing at {e:?} times {size}"));
            prop_assert!(point.proof == Proof::Unique && point.is_stable() == stable && point.stability_proven);
        }
    }

    /// D5: w(t) = u/√(1 + α(|u|² − |w₀|²)) with u = exp(C μ t) w₀.
    #[test]
    fn law_d5_oja_moves_as_the_exact_solution(
        first in 1.0f64..2.0, second in 0.1f64..0.9, angle in 0.0f64..1.5, alpha in 0.3f64..3.0,
        w in prop::array::uniform2(0.05f64..1.0), t in 1.0f64..20.0,
    ) {
        let model = models::model("feedforward+oja").unwrap();
        let set = correlations([first, second], angle);
        let p = with(&model, &[&set[..], &[("alpha", alpha), ("gain", 1.0), ("h", 0.0), ("mu", 0.1)]].concat());
        let (s, c) = angle.sin_cos();
        let along = [(first * 0.1 * t).exp() * (c * w[0] + s * w[1]), (second * 0.1 * t).exp() * (c * w[1] - s * w[0])];
        let u = [c * along[0] - s * along[1], s * along[0] + c * along[1]];
        let square = |v: [f64; 2]| v[0] * v[0] + v[1] * v[1];
        let root = (1.0 + alpha * (square(u) - square(w))).sqrt();
        let end = course(&model, &p, &w, t).at(t).unwrap();
        (0..2).for_each(|k| near(STEPS, "weight under Oja's rule", end[k], u[k] / root));
    }

    /// D6: both normalisations of Hebb's rule conserve Σ w along every trajectory, and the multiplicative one is
    /// w(t) = S u/(1·u) with u = exp(C μ t) w₀.
    #[test]
    fn law_d6_normalisations_conserve_the_total_weight(
        first in 0.5f64..2.0, second in 0.1f64..0.5, angle in 0.1f64..1.4, w in prop::array::uniform2(0.2f64..2.0),
        t in 0.5f64..5.0,
    ) {
        let set = correlations([first, second], angle);
        let total = w[0] + w[1];
        for rule in ["normalise_subtractive", "normalise_multiplicative"] {
            let model = models::model(&format!("feedforward+hebb+{rule}")).unwrap();
            let p = with(&model, &[&set[..], &[("mu", 0.1), ("gain", 1.0), ("h", 0.0)]].concat());
            let run = course(&model, &p, &w, t);
            for share in [0.2, 0.6, 1.0] {
                let x = run.at(share * t).unwrap();
                near(STEPS, rule, x[0] + x[1], total);
            }
            if rule == "normalise_multiplicative" {
                let (s, c) = angle.sin_cos();
                let mode = |l: f64, a: f64| (l * 0.1 * t).exp() * a;
                let (a, b) = (mode(first, c * w[0] + s * w[1]), mode(second, c * w[1] - s * w[0]));
                let u = [c * a - s * b, s * a + c * b];
                let end = run.at(t).unwrap();
                (0..2).for_each(|k| near(STEPS, "weight", end[k], total * u[k] / (u[0] + u[1])));
            }
        }
    }

    /// D9: scaling alone never turns the weight vector; with Hebb's rule the direction does not know how strong it is.
    #[test]
    fn law_d9_scaling_never_turns_the_weight_vector(
        w in prop::array::uniform2(0.1f64..2.0), gamma in 0.01f64..0.3, other in 0.01f64..0.3, t in 1.0f64..10.0,
        first in 0.5f64..1.0, second in 0.1f64..0.5, angle in 0.1f64..1.4,
    ) {
        let direction = |x: &[f64]| x[1] / x[0];
        let alone = models::model("feedforward+scaling").unwrap();
        let run = course(&alone, &with(&alone, &[("gamma", gamma), ("h", 0.0)]), &w, t);
        near(STEPS, "direction", direction(&run.at(t).unwrap()), direction(&w));
        let model = models::model("feedforward+hebb+scaling").unwrap();
        let set = correlations([first, second], angle);
        let end = |gamma: f64| {
            let p = with(&model, &[&set[..], &[("gamma", gamma), ("mu", 0.1), ("gain", 1.0), ("h", 0.0)]].concat());
            direction(&course(&model, &p, &w, t).at(t).unwrap())
        };
        near(STEPS, "direction under Hebb and scaling", end(gamma), end(other));
    }

    /// D13: r = c = r0 whatever gain and drive, proven the only one; stable iff τ_θ > g τ_r τ_s/(τ_r + τ_s).
    #[test]
    fn law_d13_integral_control_forgets_gain_and_drive(
        gain in 0.5f64..5.0, drive in 2.0f64..20.0, r0 in 1.0f64..10.0, tau_s in 0.01f64..0.2, ratio in 0.3f64..3.0,
    ) {
        prop_assume!((ratio - 1.0).abs() > 0.02);
        let model = models::model("leaky+intrinsic_sensor").unwrap();
        let tau_r = 0.01;
        let critical = gain * tau_r * tau_s / (tau_r + tau_s);
        let p = with(&model, &[
            ("gain", gain), ("I", drive), ("w", 0.0), ("r0", r0), ("tau_r", tau_r), ("tau_s", tau_s),
            ("tau_theta", ratio * critical),
        ]);
        let region = Region::named(model.names(), &[("r", (0.0, 50.0)), ("c", (0.0, 50.0)), ("h", (-50.0, 50.0))]);
        let found = fixed_points(&model, &p, &region.unwrap(), &Search::default()).unwrap();
        let rest = found.only().unwrap();
        near(CLOSED, "rate", rest["r"], r0);
        near(CLOSED, "sensor", rest["c"], r0);
        near(CLOSED, "50 + threshold", 50.0 + rest["h"], 50.0 + drive - r0 / gain);
        prop_assert!(rest.stability_proven && rest.is_stable() == (ratio > 1.0), "{ratio} {rest:?}");
    }

    /// D15: τ_h h + τ_I I drifts at r_I − r_h, so that it is conserved with equal targets; the rate finds the weighted mean.
    #[test]
    fn law_d15_two_controllers_conserve_or_ramp(
        first in 2.0f64..8.0, apart in 0.0f64..3.0, tau_h in 0.5f64..5.0, tau_i in 0.5f64..5.0, t in 1.0f64..20.0,
        start in prop::array::uniform2(-3.0f64..3.0),
    ) {
        let model = models::model("neuron+intrinsic+current").unwrap();
        for second in [first, first + apart] {
            let p = with(&model, &[
                ("intrinsic.r0", first), ("current.r0", second), ("tau_theta", tau_h), ("tau_I", tau_i), ("gain", 1.0),
            ]);
            let (h, i) = (model.names().variable("h").unwrap(), model.names().variable("I").unwrap());
            let sum = |x: &[f64]| tau_h * x[h] + tau_i * x[i];
            let run = course(&model, &p, &start, t);
            for share in [0.3, 1.0] {
                let drift = sum(&run.at(share * t).unwrap()) - sum(&start);
                let scale = 1.0 + tau_h * first + tau_i * second;
                near(STEPS, "1 + drift of τ_h h + τ_I I", 1.0 + drift / scale, 1.0 + (second - first) * share * t / scale);
            }
            let long = 40.0 / (1.0 / tau_h + 1.0 / tau_i);
            let end = course(&model, &p, &start, long).at(long).unwrap();
            let mut rate = vec![0.0; 2];
            model.rate(&end, &p, &mut rate);
            near(STEPS, "1 + ramp of the threshold", 1.0 + rate[h], 1.0 + (second - first) / (tau_h + tau_i));
        }
    }

    /// D1: Hebb's rule rests at w = 0 and nowhere else, proven, and runs away from there at μ λ_k along the eigenvectors.
    #[test]
    fn law_d1_hebb_rests_nowhere_but_at_zero(
        first in 0.5f64..2.0, second in 0.05f64..0.45, angle in 0.0f64..1.5, mu in 0.01f64..1.0,
    ) {
        let model = models::model("feedforward+hebb").unwrap();
        let set = correlations([first, second], angle);
        let p = with(&model, &[&set[..], &[("mu", mu), ("gain", 1.0), ("h", 0.0)]].concat());
        let region = Region::new([(-3.0, 4.0); 2]).unwrap();
        let found = fixed_points(&model, &p, &region, &Search::default()).unwrap();
        let rest = found.only().unwrap();
        (0..2).for_each(|k| near(CLOSED, "1 + weight", 1.0 + rest.at[k], 1.0));
        prop_assert!(rest.proof == Proof::Unique && rest.stability_proven && !rest.is_stable());
        near(CLOSED, "fast rate of the runaway", rest.eigenvalues[0].0, mu * first);
        near(CLOSED, "slow rate of the runaway", rest.eigenvalues[1].0, mu * second);
    }

    /// D3: Hebb's rule on a recurrent weight rests nowhere, proven, and (1 − w)³ = (1 − w₀)³ − 3 μ I² t until it blows up.
    #[test]
    fn law_d3_recurrent_hebb_has_no_rest_and_blows_up_on_time(
        mu in 0.001f64..0.1, drive in 0.3f64..5.0, w in -0.5f64..0.6, share in 0.1f64..0.9,
    ) {
        let model = models::model("steady_population+hebb").unwrap();
        let p = with(&model, &[("mu", mu), ("I", drive)]);
        let region = Region::new([(-5.0, 0.99)]).unwrap();
        let found = fixed_points(&model, &p, &region, &Search::default()).unwrap();
        prop_assert!(found.complete && found.points.is_empty(), "{:?}", found.points);
        let blow_up = (1.0 - w).powi(3) / (3.0 * mu * drive * drive);
        let run = course(&model, &p, &[w], 2.0 * blow_up);
        let Stop::BlowUp(end) = &run.stopped else { panic!("{:?}", run.stopped) };
        near(Tol::Order { h: 1e-6, p: 1 }, "time of the blow-up", end.t, blow_up);
        let at = run.at(share * blow_up).unwrap()[0];
        near(STEPS, "1 − w on the way", 1.0 - at, (1.0 - w) * (1.0 - share).cbrt());
    }

    /// D8: BCM on two overlapping patterns rests at (2y₀, 0), (0, 2y₀) and (y₀, y₀) away from the origin, proven; only the
    /// selective ones can be stable, and they are iff τ_θ < y₀² τ_w/(g (1 − c²)).
    #[test]
    fn law_d8_bcm_on_two_patterns_is_selective_until_the_threshold_is_late(
        g in 0.5f64..2.0, c in -0.7f64..0.7, y0 in 0.5f64..2.0, tau_w in 1.0f64..50.0, ratio in 0.3f64..3.0,
    ) {
        prop_assume!((ratio - 1.0).abs() > 0.02);
        let model = models::model("overlap+bcm").unwrap();
        // The rule is measured at the rate y₀: the ledger's τ_w is y₀³ times this one.
        let critical = y0 * y0 * tau_w / (g * (1.0 - c * c));
        let p = with(&model, &[
            ("g", g), ("c", c), ("y0", y0), ("tau_w", tau_w), ("tau_theta", ratio * critical), ("gain", 1.0), ("h", 0.0),
        ]);
        // y₁ = √g w₁ and y₂ = √g (c w₁ + s w₂).
        let s = (1.0 - c * c).sqrt();
        let weights = |y: [f64; 2]| [y[0] / g.sqrt(), (y[1] - c * y[0]) / (g.sqrt() * s)];
        let wide = 4.0 * y0 / (g.sqrt() * s);
        let region =
            Region::named(model.names(), &[("w_0", (-wide, wide)), ("w_1", (-wide, wide)), ("theta", (0.3 * y0, 4.0 * y0))]);
        let found = fixed_points(&model, &p, &region.unwrap(), &Search::default()).unwrap();
        prop_assert!(found.complete && found.points.len() == 3, "{} {:?}", found.complete, found.points);
        for (y, theta, selective) in [([2.0, 0.0], 2.0, true), ([0.0, 2.0], 2.0, true), ([1.0, 1.0], 1.0, false)] {
            let w = weights(y.map(|y| y * y0));
            let here = |q: &&homeostat::dynamics::FixedPoint| {
                (q["w_0"] - w[0]).abs() + (q["w_1"] - w[1]).abs() + (q["theta"] - theta * y0).abs() < 1e-9 * (1.0 + wide)
            };
            let point = found.points.iter().find(here).unwrap_or_else(|| panic!("nothing at y = {y:?} y0"));
            prop_assert!(point.proof == Proof::Unique && point.stability_proven);
            prop_assert!(point.is_stable() == (selective && ratio < 1.0), "{ratio} {point:?}");
        }
    }

    /// D12: a recurrent population under the triplet rule rests at ν = ν̄ = κ, w = 1 − I/κ only, proven, and is stable iff
    /// its rate detector is faster than 2d/(√((d² − 2b)² + 4bd²) − (d² − 2b)) with d = I/(κ τ_m), b = η κ³/τ_m.
    #[test]
    fn law_d12_the_detector_must_be_faster_than_the_critical_time(
        kappa in 1.0f64..5.0, share in 0.2f64..0.9, eta in 0.0005f64..0.01, tau_m in 0.005f64..0.05, ratio in 0.3f64..3.0,
    ) {
        prop_assume!((ratio - 1.0).abs() > 0.02);
        let model = models::model("population+triplet").unwrap();
        let drive = share * kappa;
        let (d, b) = (drive / (kappa * tau_m), eta * kappa.powi(3) / tau_m);
        let difference = d * d - 2.0 * b;
        let critical = 2.0 * d / ((difference * difference + 4.0 * b * d * d).sqrt() - difference);
        let p = with(&model, &[
            ("kappa", kappa), ("I", drive), ("eta", eta), ("tau_m", tau_m), ("tau", ratio * critical), ("gain", 1.0),
            ("h", 0.0),
        ]);
        let region = Region::named(model.names(), &[("r", (0.0, 20.0)), ("w", (-2.0, 2.0)), ("nubar", (0.0, 20.0))]);
        let found = fixed_points(&model, &p, &region.unwrap(), &Search::default()).unwrap();
        let rest = found.only().unwrap();
        near(CLOSED, "rate", rest["r"], kappa);
        near(CLOSED, "detected rate", rest["nubar"], kappa);
        near(CLOSED, "1 + weight", 1.0 + rest["w"], 2.0 - share);
        prop_assert!(rest.stability_proven && rest.is_stable() == (ratio < 1.0), "{ratio} {rest:?}");
    }
}
