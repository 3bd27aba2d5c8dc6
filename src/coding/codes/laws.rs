//! Which laws does every code obey, and which requests are refused?

use super::ledger_tests::{names, on};
use super::*;
use crate::field::{Law, Quantity};
use crate::num::Scalar;
use proptest::prelude::*;

/// Two units with slopes a and b (one of them bent), a gain before and one after the noise of a parameter.
struct Units(Names);
impl Units {
    fn new() -> Self {
        let p = [("s", 0.0), ("a", 1.0), ("b", 1.0), ("early", 1.0), ("n", 0.0), ("late", 1.0), ("bend", 0.0)];
        let slow = [("w", 1.0, Pace::Plastic), ("r", 0.0, Pace::Neural)];
        Units(names("units", &slow, &p, &["y", "z"]))
    }
}
impl Law for Units {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = S::constant(1.0) - x[0];
        dx[1] = p[0] * p[1] - x[1];
    }
    fn readouts<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) {
        out[0] = p[5] * (p[3] * x[1] * x[0] + p[6] * x[1] * x[1] + p[4]);
        out[1] = p[2] * p[0];
    }
}

fn code(read: &[&str], sd: f64) -> Code {
    Code::new("s", Distribution::Gaussian { mean: 0.3, sd }, read)
}

fn worth(code: &Code, p: &[f64]) -> Reading {
    code.on(&Units::new()).unwrap().at(p, &[1.0, 0.0]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn law_a_gain_after_the_last_noise_changes_nothing(a in 0.2f64..3.0, late in 0.1f64..10.0, noise in 0.8f64..2.0, bend in 0.0f64..0.5) {
        let code = code(&["y"], 1.0).noise(on("n", noise));
        let at = |late: f64| worth(&code, &[0.0, a, 1.0, 1.0, 0.0, late, bend]);
        let (plain, scaled) = (at(1.0), at(late));
        prop_assert!((plain.information.value - scaled.information.value).abs() < 1e-6);
        prop_assert!((plain.fisher - scaled.fisher).abs() < 1e-10 * plain.fisher);
    }

    #[test]
    fn law_a_gain_before_the_last_noise_never_lowers_it(a in 0.2f64..3.0, early in 1.0f64..5.0, si in 0.0f64..1.0, so in 0.3f64..2.0) {
        let code = code(&["y"], 1.0).noise(on("s", si)).noise(on("n", so));
        let at = |early: f64| worth(&code, &[0.0, a, 1.0, early, 0.0, 1.0, 0.0]);
        let (low, high) = (at(1.0), at(early));
        prop_assert!(high.information.value >= low.information.value - 1e-12);
        prop_assert!(high.fisher >= low.fisher * (1.0 - 1e-12));
    }

    #[test]
    fn law_more_noise_tells_less_and_another_unit_tells_more(a in 0.2f64..3.0, noise in 0.8f64..1.5, more in 0.1f64..1.0, bend in 0.0f64..0.4) {
        // Data processing: s → y → y + noise, and y is a function of (y, z).
        let p = [0.0, a, 1.0, 1.0, 0.0, 1.0, bend];
        let less = worth(&code(&["y"], 1.0).noise(on("n", noise)), &p);
        let noisy = worth(&code(&["y"], 1.0).noise(on("n", noise)).noise(on("y", more)), &p);
        prop_assert!(noisy.information.value <= less.information.value + 1e-7);
        prop_assert!(noisy.fisher <= less.fisher);
        let both = worth(&code(&["y", "z"], 1.0).noise(on("n", noise)).noise(on("z", 1.0)), &p);
        prop_assert!(both.fisher >= less.fisher);
        prop_assert!(both.information.value >= less.information.value - 4.0 * both.information.trust.error() - 1e-7);
    }

    #[test]
    fn law_fisher_information_adds_over_independent_units(a in 0.2f64..3.0, b in -3.0f64..3.0, na in 0.2f64..2.0, nb in 0.2f64..2.0) {
        let p = [0.0, a, b, 1.0, 0.0, 1.0, 0.0];
        let one = worth(&code(&["y"], 1.0).noise(on("n", na)), &p).fisher;
        let other = worth(&code(&["z"], 1.0).noise(on("z", nb)), &p).fisher;
        let both = worth(&code(&["y", "z"], 1.0).noise(on("n", na)).noise(on("z", nb)), &p);
        prop_assert!((both.fisher - one - other).abs() < 1e-11 * both.fisher);
        // Noise they share makes them dependent: it does not add any more.
        prop_assert!(worth(&code(&["y", "z"], 1.0).noise(on("n", na)).noise(on("z", nb)).noise(on("s", 0.5)), &p).fisher < both.fisher);
    }

    #[test]
    fn law_cramer_rao_bounds_every_linear_decoder(a in 0.2f64..3.0, b in -3.0f64..3.0, u in -1.0f64..1.0, v in -1.0f64..1.0, si in 0.0f64..1.0) {
        let p = [0.0, a, b, 1.0, 0.0, 1.0, 0.0];
        let reading = worth(&code(&["y", "z"], 1.0).noise(on("n", 0.7)).noise(on("z", 0.4)).noise(on("s", si)), &p);
        let w = nalgebra::DVector::from_vec(vec![u, v]);
        let slope = u * reading.slope[0] + v * reading.slope[1];
        let variance = (w.transpose() * &reading.covariance * &w)[(0, 0)];
        // Unbiased means scaled by the slope: its variance is variance/slope².
        prop_assert!(slope * slope <= reading.fisher * variance * (1.0 + 1e-12));
    }
}

#[test]
fn law_bad_requests_are_refused_in_one_sentence() {
    let units = Units::new();
    let p = units.0.defaults();
    let fails = |code: Code, part: &str| {
        let answer = code.on(&units).and_then(|c| c.at(&p, &[1.0, 0.0]));
        let text = answer.expect_err(part).to_string();
        assert!(text.contains(part), "{text}");
    };
    let good = || code(&["y"], 1.0).noise(on("n", 1.0));
    fails(Code { stimulus: "earl".into(), ..good() }, "did you mean `early`");
    fails(Code { stimulus: "r".into(), ..good() }, "not a parameter");
    fails(code(&["yy"], 1.0), "did you mean");
    fails(code(&["a"], 1.0), "is a parameter");
    fails(code(&["w"], 1.0), "is held while");
    fails(code(&["y", "y"], 1.0), "read twice");
    fails(code(&[], 1.0), "nothing is read");
    fails(code(&["y"], -1.0), "standard deviation of the stimulus");
    fails(code(&["y"], 1.0).noise(on("n", -1.0)), "the noise of `n`");
    fails(code(&["y"], 1.0).noise(on("z", 1.0)), "no parameter or quantity that is read `z`");
    fails(code(&["y"], 1.0), "it is infinite");
    fails(code(&["y", "z"], 1.0).noise(on("n", 1.0)), "its information is infinite");
    fails(code(&["y"], 1.0).noise(Noise::Field), "no white noise");
    fails(good().noise(Noise::Counts { window: 0.1 }), "there are no such counts");
    fails(Code { difference: Some(0.0), ..good() }, "difference of two stimuli");
    let quantity = Quantity::plain("y", 0.0);
    assert_eq!(good().on(&units).unwrap().quantities(), [&quantity]);
}
