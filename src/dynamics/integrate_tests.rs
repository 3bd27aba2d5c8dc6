//! Does deterministic integration meet its closed forms?

use super::testing::{law, near, rk4};
use super::{Bound, Integration, Method, Record, Stop, Watch, integrate};
use crate::field::{Error, Field, Names, Quantity};
use crate::num::{Scalar, Tol};

law! {
    FixedThreshold,
    [r = 1.5],
    [theta = 1.0, tau = 10.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[0] * (x[0] - p[0]) / p[1];
    }
}
law! {
    RecurrentHebb,
    [w = 0.2],
    [eta = 0.001, drive = 1.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let r = p[1] / (-x[0] + 1.0);
        dx[0] = p[0] * r * r;
    }
}
law! {
    Oja,
    [w1 = 0.3, w2 = -0.1],
    [tau = 10.0, alpha = 0.5, c11 = 1.0, c12 = 0.4, c22 = 0.8],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let (a, b) = (p[2] * x[0] + p[3] * x[1], p[3] * x[0] + p[4] * x[1]);
        let v = p[1] * (x[0] * a + x[1] * b);
        dx[0] = (a - v * x[0]) / p[0];
        dx[1] = (b - v * x[1]) / p[0];
    }
}
law! {
    Normalised,
    [w1 = 1.1, w2 = 0.9],
    [tau = 10.0, cs = 1.0, cd = 0.3, multiplicative = 1.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let (a, b) = (p[1] * x[0] + p[2] * x[1], p[2] * x[0] + p[1] * x[1]);
        let one = S::constant(1.0);
        let (m, total) = (p[3], x[0] + x[1]);
        let taken = |w: S| (a + b) * (m * w / total + (one - m) * 0.5);
        dx[0] = (a - taken(x[0])) / p[0];
        dx[1] = (b - taken(x[1])) / p[0];
    }
}
law! {
    Scaling,
    [w1 = 0.3, w2 = 0.5],
    [mu = 0.01, gamma = 0.02, target = 2.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let error = p[1] * (p[2] - x[0] - x[1]);
        dx[0] = p[0] * (x[0] + x[1] * 0.4) + error * x[0];
        dx[1] = p[0] * (x[0] * 0.4 + x[1] * 0.8) + error * x[1];
    }
}
law! {
    WeightScaling,
    [w = 0.1],
    [mu = 0.01, gamma = 0.05, target = 2.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = p[0] * x[0] + p[1] * (p[2] - x[0]) * x[0] * x[0];
    }
}
law! {
    Recovery,
    [gain = 1.0],
    [tau = 24.0, r0 = 5.0, drive = 2.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[0] * (S::constant(1.0) - x[0] * p[2] / p[1]) / p[0];
    }
    fn readouts<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) {
        out[0] = x[0] * p[2];
    }
}
law! {
    Saturating,
    [w = 1.5],
    [tau = 10.0, top = 10.0, beta = 1.0, h = 2.0, theta = 4.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let r = p[1] * ((x[0] - p[3]) * p[2]).sigmoid();
        dx[0] = r * (r - p[4]) / p[0];
    }
}
law! {
    Sensor,
    [r = 0.0, theta = 0.0],
    [tau_r = 0.01, tau_theta = 0.02, g = 2.0, u = -1.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (p[2] * (p[3] - x[1]) - x[0]) / p[0];
        dx[1] = x[0] / p[1];
    }
}
law! {
    Falling,
    [x = 1.0],
    [unused = 0.0],
    0,
    fn rates<S: Scalar>(&self, x: &[S], _p: &[S], dx: &mut [S]) {
        // Reaches the edge of the square root's domain at t = 2.
        dx[0] = -(x[0] - 0.5).sqrt() * 0.0 - 0.25;
    }
}
law! {
    Stiff,
    [fast = 0.0, slow = 1.0],
    [rate = 1e6],
    0,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (x[1] * x[1] - x[0]) * p[0];
        dx[1] = -x[0] * x[1];
    }
}

fn run(field: &dyn Field, until: f64) -> super::Trajectory {
    let names = field.names();
    integrate(field, &names.defaults(), &names.start(), until, &Integration::default()).expect("it integrates")
}

const SMALL: Tol = Tol::Order { h: 1e-9, p: 1 };

#[test]
fn theory_d2_blow_up_is_located() {
    let field = FixedThreshold::new();
    for (r0, x2, theta) in [(1.5f64, 1.0, 1.0), (1.0001, 1.0, 1.0), (30.0, 4.0, 2.0)] {
        let p = [theta, 10.0 / x2];
        for method in [Method::Auto, Method::Stiff] {
            let options = Integration { method, ..Integration::default() };
            let run = integrate(&field, &p, &[r0], 1e6, &options).expect("it integrates");
            let Stop::BlowUp(end) = run.stopped else { panic!("stopped by {:?}", run.stopped) };
            let wanted = 10.0 / (x2 * theta) * (r0 / (r0 - theta)).ln();
            near("t*", end.t, wanted, Tol::Order { h: 1e-6, p: 1 }, "D2");
            near(
                "exponent",
                end.exponent.expect("r diverges"),
                1.0,
                Tol::Order { h: 1e-2, p: 1 },
                "D2: r ~ 1/(t* − t)",
            );
            assert!((end.t - wanted).abs() < end.error.max(1e-13), "the error {} is not honest", end.error);
        }
    }
}

#[test]
fn theory_d2_below_threshold_falls_silent() {
    let field = FixedThreshold::new();
    let (r0, t) = (0.6f64, 12.527629685);
    let run = integrate(&field, &[1.0, 10.0], &[r0], 50.0, &Integration::default()).expect("it integrates");
    let exact = |t: f64| 1.0 / (1.0 + (1.0 - r0) / r0 * (t / 10.0).exp());
    for t in [1.0, t, 33.3, 50.0] {
        near("r", run.at(t).expect("inside")[0], exact(t), Tol::Order { h: 1e-8, p: 1 }, "D2");
    }
    let half = Watch::crossing(field.names(), "r", 0.3).expect("r exists").falling().stop();
    let options = Integration { watch: vec![half], ..Integration::default() };
    let run = integrate(&field, &[1.0, 10.0], &[r0], 50.0, &options).expect("it integrates");
    near("time to half", run.end(), 12.527629685, Tol::Printed(10), "D2, t_half_silencing");
    assert_eq!(run.stopped.word(), "event");
}

#[test]
fn theory_d3_gain_singularity_is_located() {
    let field = RecurrentHebb::new();
    let run = run(&field, 1000.0);
    let Stop::BlowUp(end) = &run.stopped else { panic!("stopped by {:?}", run.stopped) };
    near("t*", end.t, 0.8f64.powi(3) / 0.003, Tol::Order { h: 1e-6, p: 1 }, "D3");
    near("beta", end.beta, 2.0 / 3.0, Tol::Order { h: 1e-2, p: 1 }, "D3: dw/dt ~ (t* − t)^(−2/3)");
    assert_eq!(end.exponent, None);
    let w = run.at(end.t / 2.0).expect("inside")[0];
    near("r(t*/2)", 1.0 / (1.0 - w), 1.57490131237, Tol::Printed(9), "D3, r_at_half_time");
}

#[test]
fn limit_exponential_runaway_is_not_called_a_blow_up() {
    law! {
            Growth,
            [w = 1.0],
            [tau = 1.0],
            0,
            fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
                dx[0] = x[0] / p[0];
            }
    }
    let run = run(&Growth::new(), 1e6);
    let Stop::Runaway { variable, t } = &run.stopped else { panic!("stopped by {:?}", run.stopped) };
    assert_eq!(variable, "w");
    assert!((t - 100.0 * 10f64.ln()).abs() < 5.0, "{t}");
}

#[test]
fn theory_d5_oja_trajectory() {
    let field = Oja::new();
    for method in [Method::NonStiff, Method::Stiff, Method::Esdirk34] {
        let options = Integration { method, relative: 1e-11, ..Integration::default() };
        let names = field.names();
        let run = integrate(&field, &names.defaults(), &names.start(), 12.0, &options).expect("it integrates");
        near("w1", run.last()[0], 0.803430130654, SMALL, "D5, w1_t");
        near("w2", run.last()[1], 0.123492288748, Tol::Order { h: 3e-9, p: 1 }, "D5, w2_t");
    }
}

#[test]
fn theory_d6_normalisation_conserves_the_sum() {
    let field = Normalised::new();
    for (multiplicative, wanted) in [(1.0, 1.04065696597), (0.0, 1.28576511181)] {
        let p = [10.0, 1.0, 0.3, multiplicative];
        let run = integrate(&field, &p, &[1.1, 0.9], 15.0, &Integration::default()).expect("it integrates");
        near("w1", run.last()[0], wanted, SMALL, "D6");
        for x in &run.x {
            near("n·w", x[0] + x[1], 2.0, Tol::Order { h: 1e-10, p: 1 }, "D6");
        }
    }
}

#[test]
fn theory_d9_and_d10_scaling() {
    let run9 = run(&Scaling::new(), 50.0);
    near("w1", run9.last()[0], 0.989699609326, SMALL, "D9, w1_t");
    near("w2", run9.last()[1], 1.27965468724, SMALL, "D9, w2_t");
    let run10 = run(&WeightScaling::new(), 2000.0);
    near("w*", run10.last()[0], 2.09544511501, SMALL, "D10, w_star");
    assert_eq!(run10.stopped, Stop::Until);
    assert_eq!(run10.end(), 2000.0);
}

#[test]
fn theory_d36_recovery_and_readouts() {
    let mut field = Recovery::new();
    field.0.readouts = vec![Quantity::plain("r", 0.0)];
    // After deprivation the drive is 0.4 of what the gain 2.5 was set for.
    let names = field.names().clone();
    let watch = vec![Watch::crossing(&names, "r", 0.95 * 5.0).expect("r exists").rising()];
    let options = Integration { watch, record: Record::At(vec![0.0, 24.0, 100.0]), ..Integration::default() };
    let run = integrate(&field, &[24.0, 5.0, 2.0], &[1.0], 100.0, &options).expect("it integrates");
    near("r at tau_H", run.column("r").expect("r exists")[1], 3.22202491322, SMALL, "D36, r_at_tau_H");
    near("recovery", run.events[0].t, 80.3976980946, SMALL, "D36, t_recover_down");
    let table = run.table();
    assert_eq!((table.rows(), table.columns().len()), (3, 3));
    assert_eq!(run.event_table().rows(), 1);
}

#[test]
fn theory_d36_first_extremum_and_ratio() {
    let field = Sensor::new();
    // An extremum of r is a zero of its rate.
    let extremum = Watch::when("extremum of r", |x, p| p[2] * (p[3] - x[1]) - x[0]);
    let options = Integration { watch: vec![extremum], ..Integration::default() };
    let run = integrate(&field, &field.names().defaults(), &[0.0, 0.0], 0.2, &options).expect("it integrates");
    near("t of peak", run.events[0].t, 0.0120919957616, Tol::Order { h: 1e-8, p: 1 }, "D36, t_peak");
    near("peak", run.events[0].state[0], -1.09258603175, Tol::Order { h: 1e-8, p: 1 }, "D36, peak");
    let ratio = run.events[1].state[0] / run.events[0].state[0];
    near("ratio of extrema", ratio, -0.163033534822, Tol::Order { h: 1e-7, p: 1 }, "D36, extrema_ratio");
}

#[test]
fn theory_d4_separatrix_and_hard_bounds() {
    let field = Saturating::new();
    let p = field.names().defaults();
    let bounds = vec![Bound::new(field.names(), "w", 0.0, 5.0).expect("w exists")];
    let options = Integration { bounds, ..Integration::default() };
    for (delta, end, word) in [(-1e-3, 0.0, "w reaches 0"), (1e-3, 5.0, "w reaches 5")] {
        let run = integrate(&field, &p, &[1.59453489189 + delta], 2000.0, &options).expect("it integrates");
        assert_eq!(run.last()[0], end);
        assert_eq!(run.events[0].name, word);
        assert!(run.x.iter().all(|x| (0.0..=5.0).contains(&x[0])));
    }
}

#[test]
fn theory_a_bound_releases_when_the_rate_turns() {
    // w' = cos t with t as a variable, w in [0, 0.5]: held from arcsin 0.5 to π/2, then at the floor from π/2 + π/6.
    law! {
            Swing,
            [w = 0.0, t = 0.0],
            [unused = 0.0],
            0,
            fn rates<S: Scalar>(&self, x: &[S], _p: &[S], dx: &mut [S]) {
                dx[0] = x[1].cos();
                dx[1] = S::constant(1.0);
            }
    }
    let field = Swing::new();
    let bounds = vec![Bound::new(field.names(), "w", 0.0, 0.5).expect("w exists")];
    let options = Integration { bounds, ..Integration::default() };
    let run = integrate(&field, &[0.0], &[0.0, 0.0], 6.0, &options).expect("it integrates");
    let pi = std::f64::consts::PI;
    let wanted = [pi / 6.0, pi / 2.0, 5.0 * pi / 6.0, 1.5 * pi, 11.0 / 6.0 * pi];
    assert_eq!(run.events.len(), 5, "{:?}", run.events);
    for (event, wanted) in run.events.iter().zip(wanted) {
        near(&event.name, event.t, wanted, Tol::Order { h: 1e-8, p: 1 }, "sin t cut at 0 and 1/2");
    }
    assert_eq!(run.last()[0], 0.5);
    near("w(5)", run.at(5.0).expect("inside")[0], 5f64.sin() + 1.0, Tol::Order { h: 1e-7, p: 1 }, "sin t + 1");
}

#[test]
fn law_the_reference_converges_with_order_four_and_agrees() {
    let field = Oja::new();
    let (p, start) = (field.names().defaults(), field.names().start());
    let error = |n| (rk4(&field, &p, &start, 12.0, n)[0] - 0.803430130654f64).abs();
    let slope = (error(4) / error(8)).log2();
    assert!((slope - 4.0).abs() < 0.4, "slope {slope}");
    near("rk4", rk4(&field, &p, &start, 12.0, 400)[0], run(&field, 12.0).last()[0], SMALL, "two integrators");
}

#[test]
fn law_the_error_follows_the_tolerance() {
    let field = Oja::new();
    let (p, start) = (field.names().defaults(), field.names().start());
    let error = |relative: f64| {
        let options = Integration { relative, absolute: relative * 1e-3, ..Integration::default() };
        let run = integrate(&field, &p, &start, 12.0, &options).expect("it integrates");
        (run.last()[0] - 0.803430130654f64).abs()
    };
    let slope = (error(1e-4) / error(1e-8)).log10() / 4.0;
    assert!((0.7..1.3).contains(&slope), "the error scales as tolerance^{slope}");
}

#[test]
fn law_dense_output_is_as_good_as_the_steps() {
    let (field, exact) = (FixedThreshold::new(), |t: f64| 1.0 / (1.0 + 0.4 / 0.6 * (t / 10.0).exp()));
    for method in [Method::NonStiff, Method::Stiff] {
        let options = Integration { method, ..Integration::default() };
        let run = integrate(&field, &[1.0, 10.0], &[0.6], 30.0, &options).expect("it integrates");
        for k in 0..=300 {
            let t = k as f64 * 0.1;
            near("r", run.at(t).expect("inside")[0], exact(t), Tol::Order { h: 1e-7, p: 1 }, "D2");
        }
        assert!(run.at(30.001).is_err() && run.at(-1.0).is_err() && run.at(f64::NAN).is_err());
    }
}

#[test]
fn law_a_stiff_system_is_found_to_be_stiff() {
    // On the slow manifold y' = −y³.
    let run = run(&Stiff::new(), 10.0);
    assert_eq!(run.methods, ["tsit45", "bdf"]);
    assert!(run.steps < 3000, "{} steps", run.steps);
    near("y", run.last()[1], 1.0 / 21f64.sqrt(), Tol::Order { h: 1e-6, p: 1 }, "limit of a fast variable");
}

#[test]
fn limit_a_nan_is_an_error_that_names_variable_and_time() {
    let field = Falling::new();
    let error = integrate(&field, &[0.0], &[1.0], 10.0, &Integration::default()).expect_err("√ of a negative number");
    let message = error.to_string();
    assert!(message.contains("`x`") || message.contains("Falling"), "{message}");
    let error = integrate(&field, &[0.0], &[0.1], 10.0, &Integration::default()).expect_err("undefined at the start");
    assert!(error.to_string().contains("rate of change of `x` at t = 0 s"), "{error}");
}

#[test]
fn limit_the_number_of_steps_is_bounded_and_interruption_works() {
    let field = Oja::new();
    let (p, start) = (field.names().defaults(), field.names().start());
    let options = Integration { max_steps: 5, ..Integration::default() };
    assert!(matches!(integrate(&field, &p, &start, 1e3, &options), Err(Error::NoConvergence { .. })));
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let options = Integration { interrupt: Some(flag), ..Integration::default() };
    let run = integrate(&field, &p, &start, 1e3, &options).unwrap();
    assert!(run.stopped == crate::dynamics::Stop::Interrupted && run.x[0] == start && run.t.iter().all(|t| *t < 1e3));
}

#[test]
fn limit_requests_that_make_no_sense_are_refused() {
    let field = Oja::new();
    let (p, start) = (field.names().defaults(), field.names().start());
    let ask = |until: f64, o: Integration| integrate(&field, &p, &start, until, &o).is_err();
    let usual = Integration::default;
    assert!(ask(-1.0, usual()) && ask(f64::NAN, usual()) && ask(f64::INFINITY, usual()));
    assert!(ask(1.0, Integration { relative: 0.0, ..usual() }));
    assert!(ask(1.0, Integration { record: Record::Every(0.0), ..usual() }));
    assert!(ask(1.0, Integration { record: Record::At(vec![1.0, 0.5]), ..usual() }));
    assert!(ask(1.0, Integration { scales: Some(vec![1.0]), ..usual() }));
    assert!(integrate(&field, &p[1..], &start, 1.0, &usual()).is_err());
    assert!(integrate(&field, &p, &[f64::NAN, 0.0], 1.0, &usual()).is_err());
    let nothing = integrate(&field, &p, &start, 0.0, &usual()).expect("no time at all is a time");
    assert_eq!((nothing.t.as_slice(), nothing.last()), ([0.0].as_slice(), start.as_slice()));
    assert!(Bound::new(&Names::default(), "w", 0.0, 1.0).is_err());
}
