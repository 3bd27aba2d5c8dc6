//! Do codes on fields give the numbers of the ledger? C1 to C7, C29, C30, and the linear noise of a circuit.

use super::*;
use crate::coding::ledger::{close, digits, printed};
use crate::dynamics::continuation::{Options, Vary, follow};
use crate::field::{Law, Quantity};
use crate::num::Scalar;
use nalgebra::DMatrix;

/// A field of named variables, parameters and readouts.
pub(super) fn names(
    model: &str,
    variables: &[(&str, f64, Pace)],
    parameters: &[(&str, f64)],
    readouts: &[&str],
) -> Names {
    let plain = |(name, value): &(&str, f64)| Quantity::plain(name, *value);
    let variables = variables.iter().map(|(n, v, pace)| Quantity { pace: Some(*pace), ..Quantity::plain(n, *v) });
    let mut names = Names::new(model, variables.collect::<Vec<_>>(), parameters.iter().map(plain).collect::<Vec<_>>());
    names.readouts = readouts.iter().map(|n| Quantity::plain(n, 0.0)).collect();
    names
}

pub(super) fn on(quantity: &str, sd: f64) -> Noise {
    Noise::On { quantity: quantity.into(), sd }
}

/// C1 with its homeostasis: y = g q x, dg/dt = g (1 − g q x/r0)/τ.
struct Regulated(Names);
impl Regulated {
    fn new() -> Self {
        let p = [("x", 10.0), ("q", 1.0), ("r0", 10.0), ("tau", 5.0)];
        Regulated(names("regulated", &[("g", 0.7, Pace::Homeostatic)], &p, &["y"]))
    }
}
impl Law for Regulated {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[0] * (S::constant(1.0) - x[0] * p[1] * p[0] / p[2]) / p[3];
    }
    fn readouts<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) {
        out[0] = x[0] * p[1] * p[0];
    }
}

fn c1() -> Code {
    Code::new("x", Distribution::Gaussian { mean: 10.0, sd: 1.0 }, &["y"]).noise(on("x", 0.5)).noise(on("y", 1.0))
}

#[test]
fn theory_c01_before_during_and_after_a_perturbation() {
    let field = Regulated::new();
    let (code, p) = (c1(), field.0.defaults());
    let coder = code.on(&field).unwrap();
    let adapted = coder.adapted(&p, &[0.7]).unwrap();
    close(adapted[0], 1.0, 1e-9);
    let change = Perturbation { quantity: "q".into(), value: 0.25, from: 1.0, until: Some(200.0), end: 400.0 };
    let course = coder.perturbed(&p, &adapted, &change, 4).unwrap();
    let at = |stage: &str, last: bool| {
        let mut of = course.moments.iter().filter(|m| m.stage == stage);
        let moment = if last { of.next_back() } else { of.next() };
        moment.unwrap().reading.as_ref().unwrap().information.clone()
    };
    printed(at("before", true).value, 0.4239984533);
    assert_eq!(at("before", true).trust, Trust::Exact);
    printed(at("during", false).value, 0.04307832187);
    digits(at("during", true).value, 0.4239984533, 9);
    // Back at the old drive the gain is four times too high: more information, towards the limit.
    let overshoot = at("after", false).value;
    assert!(overshoot > 0.85 && overshoot < 1.160964047);
    digits(at("after", true).value, 0.4239984533, 9);
    assert_eq!(course.table(&coder).rows(), 15);
    // Every second moment: the first of each stage stays, right after the change.
    let half = course.every(2);
    assert_eq!(half.times(), [0.0, 0.5, 1.0, 1.0, 100.5, 200.0, 200.0, 300.0, 400.0]);
    assert_eq!(half.moments[3].stage, "during");
}

#[test]
fn theory_c01_frozen_gains_and_limits() {
    let field = Regulated::new();
    let p = field.0.defaults();
    let at = |code: &Code, g: f64| code.on(&field).unwrap().at(&p, &[g]).unwrap();
    printed(at(&c1(), 1.0).information.value, 0.4239984533);
    close(at(&c1(), 1e6).information.value, 1.160964047, 1e-9);
    let weak = Code { distribution: Distribution::Gaussian { mean: 10.0, sd: 0.25 }, ..c1() };
    printed(at(&weak, 1.0).information.value, 0.03519466395);
    printed(at(&weak, 2.0).information.value, 0.08496250072);
    // J = 1/1.25, d' of two stimuli one standard deviation apart is its root.
    let reading = at(&c1(), 1.0);
    close(reading.fisher, 0.8, 1e-14);
    close(reading.dprime, 0.8f64.sqrt(), 1e-14);
}

#[test]
fn theory_c01_along_a_parameter_and_a_branch() {
    let field = Regulated::new();
    let p = field.0.defaults();
    let (code, set) = (c1(), [5.0, 10.0, 20.0, 40.0]);
    let coder = code.on(&field).unwrap();
    let closed = |r0: f64| 0.5 * (1.0 + (0.1 * r0).powi(2) / ((0.1 * r0).powi(2) * 0.25 + 1.0)).log2();
    let sweep = coder.along(&p, &[0.7], "r0", &set).unwrap();
    for (place, r0) in sweep.places.iter().zip(set) {
        close(place.reading.as_ref().unwrap().information.value, closed(r0), 1e-9);
    }
    let branch = follow(&field, &coder.at_mean(&p), &[1.0], &Vary::new(2, (5.0, 40.0)), &Options::default()).unwrap();
    for place in coder.along_branch(&p, &branch).unwrap().places {
        close(place.reading.unwrap().information.value, closed(place.parameter), 1e-7);
        assert!(place.stable);
    }
    assert!(coder.along(&p, &[0.7], "tua", &set).unwrap_err().to_string().contains("did you mean `tau`"));
    // Through learning the information rises with the gain, from 0.7 to 1.
    let course = coder.through(&p, &[0.7], 100.0, 10).unwrap();
    assert!(course.information().windows(2).all(|w| w[1] >= w[0]));
    digits(course.information()[10], 0.4239984533, 8);
}

/// A response without dynamics: parameters to readouts.
macro_rules! tuned {
    ($name:ident, [$($q:ident = $q0:expr),*], $readouts:expr, |$p:ident, $out:ident| $body:block) => {
        struct $name(Names);
        impl $name {
            fn new() -> Self {
                let readouts: Vec<String> = (0..$readouts).map(|i| format!("y{i}")).collect();
                let readouts: Vec<&str> = readouts.iter().map(String::as_str).collect();
                $name(names(stringify!($name), &[], &[$((stringify!($q), $q0)),*], &readouts))
            }
        }
        impl Law for $name {
            fn law_names(&self) -> &Names { &self.0 }
            fn rates<S: Scalar>(&self, _: &[S], _: &[S], _: &mut [S]) {}
            fn readouts<S: Scalar>(&self, _: &[S], $p: &[S], $out: &mut [S]) $body
        }
    };
}
tuned!(Rate, [nu = 1.0, g = 1.0], 1, |p, out| {
    out[0] = p[0] * p[1];
});
tuned!(Saturating, [s = 0.0, kappa = 1.0, th = 0.0], 1, |p, out| {
    out[0] = ((p[0] - p[2]) * p[1]).sigmoid();
});
tuned!(Depressed, [nu = 10.0, q = 1.0, g = 0.2494269414], 1, |p, out| {
    let d = p[0] * 0.5 / (p[0] * 0.1 + 1.0);
    out[0] = ((p[2] * p[1] * d - 1.0) / 0.2).sigmoid() * 100.0;
});
// C6: cos(s − φ) through exp(κ(cos − 1)); with cos as 2 cos²(½·) − 1 it is not needed here: sin and cos of s are given.
tuned!(Ring, [c = 1.0, dc = 0.0], 32, |p, out| {
    for (i, y) in out.iter_mut().enumerate() {
        // The stimulus is the angle's excess over 0.3 rad, to second order: cos(0.3 + c − φ) is expanded about 0.3.
        let angle = 0.3 - std::f64::consts::TAU * i as f64 / 32.0;
        let near = p[0] * (-angle.sin()) + angle.cos();
        *y = ((near - 1.0) * 2.0).exp() * 20.0 + 1.0;
    }
});
tuned!(Differential, [s = 0.0], 50, |p, out| {
    for (i, y) in out.iter_mut().enumerate() {
        *y = p[0] * (2.0 * (std::f64::consts::TAU * i as f64 / 50.0 - 0.2).cos());
    }
});
tuned!(Modulated, [s = 0.0, recurrent = 0.0, gf = 1.0, gr = 1.0], 1, |p, out| {
    out[0] = p[2] * p[0] + p[3] * p[1];
});
tuned!(Readout, [s = 0.0, n1 = 0.0, n2 = 0.0, w1 = 1.0, w2 = 0.0, q = 1.0], 1, |p, out| {
    out[0] = p[5] * (p[3] * (p[0] * 3.0 + p[1]) + p[4] * p[2]);
});

fn read(field: &dyn Field, code: &Code, p: &[f64]) -> Reading {
    code.on(field).unwrap().at(p, &[]).unwrap()
}

#[test]
fn theory_c02_and_c05_poisson_counts() {
    let code = Code::new("nu", Distribution::values(&[2.0, 5.0, 10.0, 20.0, 40.0]), &["y0"]);
    let at = |field: &dyn Field, window: f64, p: &[f64]| {
        let reading = read(field, &code.clone().noise(Noise::Counts { window }), p);
        assert_eq!(reading.information.trust, Trust::Exact);
        reading.information.value
    };
    printed(at(&Rate::new(), 0.2, &[1.0, 1.0]), 0.8440271967);
    printed(at(&Rate::new(), 0.2, &[1.0, 0.25]), 0.3352527698);
    printed(at(&Rate::new(), 0.2, &[1.0, 4.0]), 1.538886254);
    // The gain is printed to ten digits, hence the nine.
    digits(at(&Depressed::new(), 0.1, &[1.0, 1.0, 0.2494269414]), 0.6993339398, 9);
    digits(at(&Depressed::new(), 0.1, &[1.0, 0.5, 0.2494269414]), 0.0979828312, 8);
    digits(at(&Depressed::new(), 0.1, &[1.0, 0.5, 2.0 * 0.2494269414]), 0.6993339398, 9);
}

#[test]
fn theory_c03_equalised_and_mismatched_response() {
    let code = |m: f64| Code::new("s", Distribution::Logistic { mean: m, scale: 1.0 }, &["y0"]).noise(on("y0", 0.01));
    let field = Saturating::new();
    let best = read(&field, &code(0.0), &[0.0, 1.0, 0.0]).information;
    assert!((best.value - 4.622821369).abs() <= best.trust.error() + 5e-10, "{best:?}");
    assert!(best.trust.error() < 1e-7);
    // Threshold and gain mismatch lose information: less noise comes nearer to the loss without any.
    let lost = |m: f64, kappa: f64, sigma: f64| {
        let at = |m: f64, kappa: f64| {
            let stimulus = Distribution::Logistic { mean: m, scale: 1.0 };
            let code = Code::new("s", stimulus, &["y0"]).noise(on("y0", sigma));
            read(&field, &code, &[0.0, kappa, 0.0]).information.value
        };
        at(0.0, 1.0) - at(m, kappa)
    };
    // The response to a steep unit crowds at the ends of its range, where the error is of order √σ.
    for (m, kappa, limit, order) in [(2.0, 1.0, 0.903228908, 0.5), (0.0, 2.0, 0.64697006, 0.6)] {
        let (coarse, fine) = ((lost(m, kappa, 0.04) - limit).abs(), (lost(m, kappa, 0.01) - limit).abs());
        assert!(fine < order * coarse, "{coarse} {fine}");
    }
    let followed = read(&field, &code(2.0), &[0.0, 1.0, 2.0]).information;
    close(followed.value, best.value, 1e-7);
}

#[test]
fn theory_c06_fisher_information_of_a_ring() {
    // Slopes at 0.3 rad are those of the ring; T = 0.5 s.
    let field = Ring::new();
    let reads: Vec<String> = (0..32).map(|i| format!("y{i}")).collect();
    let reads: Vec<&str> = reads.iter().map(String::as_str).collect();
    let mut code = Code::new("c", Distribution::values(&[-0.05, 0.05]), &reads).noise(Noise::Counts { window: 0.5 });
    code.difference = Some(0.1);
    let reading = read(&field, &code, &[0.0, 0.0]);
    printed(reading.fisher, 115.5825588);
    printed(reading.dprime, 1.075093292);
    // Two stimuli d' apart: the information of C6 at this d', within sampling error and second order.
    let Trust::Estimated(e) = &reading.information.trust else { panic!("{:?}", reading.information) };
    let want = crate::coding::information::dprime_information(reading.dprime).unwrap();
    assert!((e.value - want).abs() < 4.0 * e.se + 2e-3, "{e:?} against {want}");
}

#[test]
fn theory_c07_noise_on_the_stimulus_limits_information() {
    let field = Differential::new();
    let reads: Vec<String> = (0..50).map(|i| format!("y{i}")).collect();
    let reads: Vec<&str> = reads.iter().map(String::as_str).collect();
    let mut code = Code::new("s", Distribution::Gaussian { mean: 0.0, sd: 1.0 }, &reads);
    for (i, name) in reads.iter().enumerate() {
        let angle = std::f64::consts::TAU * i as f64 / 50.0;
        code = code.noise(on(name, (1.0 + 0.5 * angle.sin().powi(2)).sqrt()));
    }
    printed(read(&field, &code, &[0.0]).fisher, 89.24683671);
    let limited = read(&field, &code.noise(on("s", 0.1)), &[0.0]);
    printed(limited.fisher, 47.15895825);
    close(limited.information.value, 0.5 * 48.15895825f64.log2(), 1e-9);
}

#[test]
fn theory_c29_and_c30_modulated_gain_and_old_readout() {
    let code = Code::new("s", Distribution::Gaussian { mean: 0.0, sd: 1.0 }, &["y0"]);
    let field = Modulated::new();
    let noisy = code.clone().noise(on("s", 0.3)).noise(on("recurrent", 0.8)).noise(on("y0", 0.5));
    printed(read(&field, &noisy, &[0.0, 0.0, 1.0, 1.0]).information.value, 0.507323388);
    printed(read(&field, &noisy, &[0.0, 0.0, 1.5, 0.5]).information.value, 1.112246972);
    printed(read(&field, &noisy, &[0.0, 0.0, 1.5, 1.5]).information.value, 0.5651041986);
    let noisy = code.noise(on("n1", 1.0)).noise(on("n2", 1.0)).noise(on("y0", 1.0));
    let at = |w: (f64, f64), q: f64| read(&Readout::new(), &noisy, &[0.0, 0.0, 0.0, w.0, w.1, q]);
    let old = (0.6f64.sqrt(), 0.4f64.sqrt());
    for (reading, j, bits) in
        [(at(old, 0.5), 1.08, 0.5282917642), (at(old, 1.0), 2.7, 0.9437626354), (at((1.0, 0.0), 1.0), 4.5, 1.229715809)]
    {
        printed(reading.fisher, j);
        printed(reading.information.value, bits);
    }
}

/// C20's excitatory and inhibitory pair with input s to E.
struct Pair(Names);
impl Law for Pair {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (-x[0] + x[0] * 1.5 - x[1] * 2.0 + p[0]) / 0.02;
        dx[1] = (-x[1] + x[0] * 2.5 - x[1] * p[1]) / 0.01;
    }
    fn diffusion<S: Scalar>(&self, _: &[S], _: &[S], g: &mut [S]) {
        g.copy_from_slice(&[S::constant(50.0), S::constant(0.0), S::constant(0.0), S::constant(100.0)]);
    }
}

#[test]
fn theory_c20_linear_noise_of_a_circuit() {
    let neural = [("E", 0.0, Pace::Neural), ("I", 0.0, Pace::Neural)];
    let pair = Pair(Names {
        noises: vec!["e".into(), "i".into()],
        ..names("pair", &neural, &[("s", 4.0), ("wii", 0.5)], &[])
    });
    let code = Code::new("s", Distribution::Gaussian { mean: 4.0, sd: 2.0 }, &["E", "I"]).noise(Noise::Field);
    let reading = code.on(&pair).unwrap().at(&[4.0, 0.5], &[0.0, 0.0]).unwrap();
    let c = &reading.covariance;
    for (got, want) in [(c[(0, 0)], 39.41176471), (c[(0, 1)], 22.35294118), (c[(1, 1)], 70.58823529)] {
        printed(got, want);
    }
    // Slopes: (1 − W)⁻¹ (1, 0) = (1.5, 2.5)/4.25.
    let slopes = [1.5 / 4.25, 2.5 / 4.25];
    close(reading.slope[0], slopes[0], 1e-13);
    close(reading.slope[1], slopes[1], 1e-13);
    let j = crate::coding::fisher::linear_fisher(
        &slopes,
        &DMatrix::from_row_slice(2, 2, &[c[(0, 0)], c[(0, 1)], c[(1, 0)], c[(1, 1)]]),
    )
    .unwrap();
    close(reading.fisher, j, 1e-12);
    close(reading.information.value, 0.5 * (1.0 + 4.0 * j).log2(), 1e-12);
    // Without inhibition of I by itself and with a weak return the circuit is unstable: refused.
    let unstable = code.on(&pair).unwrap().at(&[4.0, -3.0], &[0.0, 0.0]);
    assert!(unstable.unwrap_err().to_string().contains("do not come to rest"));
}

#[test]
fn law_sampling_agrees_with_quadrature() {
    // Two copies with independent noise of √2 σ are worth one with noise σ.
    tuned!(Twice, [s = 0.0], 2, |p, out| {
        out.fill(p[0].tanh());
    });
    let stimulus = Distribution::Gaussian { mean: 0.2, sd: 1.0 };
    let one = Code::new("s", stimulus.clone(), &["y0"]).noise(on("y0", 0.2));
    let want = read(&Twice::new(), &one, &[0.0]).information;
    assert!(want.trust.error() < 1e-6);
    let wide = 0.2 * 2f64.sqrt();
    let both = Code::new("s", stimulus, &["y0", "y1"]).noise(on("y0", wide)).noise(on("y1", wide));
    let got = read(&Twice::new(), &both, &[0.0]).information;
    let Trust::Estimated(e) = &got.trust else { panic!("{got:?}") };
    assert!(e.z(want.value).abs() < 4.0 && e.se < 0.03, "{e:?} against {want:?}");
}
