//! Do all kinds of number compute the same function? Values, derivatives and series against each other.

use super::{Dual, Jet, LANES, Lanes, Scalar, Stream};

/// Every function of [`Scalar`] with the range of its argument; the second argument of binary ones is between 0.5 and 3.
const FUNCTIONS: [(&str, f64, f64); 27] = [
    ("exp", -3.0, 3.0),
    ("ln", 0.1, 9.0),
    ("sqrt", 0.1, 9.0),
    ("tanh", -3.0, 3.0),
    ("erf", -2.0, 2.0),
    ("erfcx", -2.0, 5.0),
    ("integral", -6.0, 2.0),
    ("sin", -7.0, 7.0),
    ("cos", -7.0, 7.0),
    ("atan", -5.0, 5.0),
    ("sigmoid", -6.0, 6.0),
    ("softplus", -6.0, 6.0),
    ("relu", -2.0, 2.0),
    ("abs", -2.0, 2.0),
    ("max", -1.0, 4.0),
    ("min", -1.0, 4.0),
    ("square", -3.0, 3.0),
    ("cube", -3.0, 3.0),
    ("power -3", 0.3, 2.0),
    ("power 1.7", 0.1, 4.0),
    ("powf", 0.1, 4.0),
    ("pow_ln", 0.1, 4.0),
    ("hill", 0.05, 6.0),
    ("normal_cdf", -5.0, 3.0),
    ("clip", 0.0, 4.0),
    ("quotient", 0.1, 4.0),
    ("siegert", 0.005, 0.03),
];

fn call<S: Scalar>(name: &str, x: S, y: S) -> S {
    let c = S::constant;
    match name {
        "exp" => x.exp(),
        "ln" => x.ln(),
        "sqrt" => x.sqrt(),
        "tanh" => x.tanh(),
        "erf" => x.erf(),
        "erfcx" => x.erfcx(),
        "integral" => x.erfcx_integral(y),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "atan" => x.atan(),
        "sigmoid" => x.sigmoid(),
        "softplus" => x.softplus(),
        "relu" => x.relu(),
        "abs" => x.abs(),
        "max" => x.max(y),
        "min" => x.min(y),
        "square" => x.square(),
        "cube" => x.powi(3),
        "power -3" => x.powi(-3),
        "power 1.7" => x.powc(1.7),
        "powf" => x.powf(y),
        "pow_ln" => x.pow_ln(y),
        "hill" => x.hill(c(1.3), y),
        "normal_cdf" => x.normal_cdf(),
        "clip" => x.clip(c(0.5), y),
        "quotient" => (y - x * 2.0) / (x + y * 0.5) - 1.0,
        "siegert" => S::siegert(x, y * 0.002, c(0.02), c(0.002), c(0.02), c(0.01)),
        other => panic!("no function {other}"),
    }
}

/// Runs `check(name, x, y, u, v)` at random arguments (x, y) and directions (u, v), away from kinks.
fn over_all(points: usize, check: impl Fn(&str, f64, f64, f64, f64)) {
    for (k, (name, lo, hi)) in FUNCTIONS.iter().enumerate() {
        let mut s = Stream::new(41, &[k as u64]);
        for _ in 0..points {
            let (x, y) = (lo + (hi - lo) * s.uniform(), 0.5 + 2.5 * s.uniform());
            if x.abs() < 1e-3 || (x - y).abs() < 1e-3 || (x - 0.5).abs() < 1e-3 {
                continue;
            }
            // The direction moves a rate model's voltage by volts, not by tens of them.
            let scale = if *name == "siegert" { 0.01 } else { 1.0 };
            check(name, x, y, scale * s.normal(), s.normal());
        }
    }
}

#[test]
fn law_duals_jets_and_lanes_carry_the_plain_value() {
    over_all(200, |name, x, y, u, v| {
        let value = call(name, x, y);
        assert_eq!(call(name, Dual::new(x, u), Dual::new(y, v)).v.to_bits(), value.to_bits(), "{name} dual");
        let jet = call(name, Jet::<4>::line(x, u), Jet::line(y, v)).0[0];
        assert!(
            (jet - value).abs() <= 4.0 * f64::EPSILON * value.abs().max(1e-3),
            "{name}({x}, {y}) jet {jet} {value}"
        );
        let lanes = call(name, Lanes::constant(x), Lanes::constant(y));
        assert!(lanes.0.iter().all(|l| l.to_bits() == value.to_bits()), "{name} lanes");
    });
}

#[test]
fn law_lanes_do_not_touch_their_neighbours() {
    for (name, lo, hi) in FUNCTIONS {
        let mut s = Stream::new(42, &[]);
        let x: [f64; LANES] = std::array::from_fn(|_| lo + (hi - lo) * s.uniform());
        let y: [f64; LANES] = std::array::from_fn(|_| 0.5 + 2.5 * s.uniform());
        let all = call(name, Lanes(x), Lanes(y));
        for i in 0..LANES {
            assert_eq!(all.0[i].to_bits(), call(name, x[i], y[i]).to_bits(), "{name} lane {i}");
        }
    }
}

/// The fourth-order central difference with step h: error h⁴ f⁽⁵⁾/30 and rounding ε f/h.
#[test]
fn law_dual_derivatives_are_central_differences() {
    over_all(100, |name, x, y, u, v| {
        let got = call(name, Dual::new(x, u), Dual::new(y, v)).d;
        let h = 2e-4 / u.abs().max(v.abs()).max(1.0) * if name == "siegert" { 1.0 } else { x.abs().clamp(0.05, 1.0) };
        let at = |k: f64| call(name, x + k * h * u, y + k * h * v);
        let difference = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h);
        let size = at(0.0).abs() + got.abs();
        assert!((got - difference).abs() < 1e-7 * size.max(1e-3), "{name}({x}, {y}): {got} {difference}");
    });
}

#[test]
fn law_jets_are_nested_duals() {
    over_all(100, |name, x, y, u, v| {
        let jet = call(name, Jet::<4>::line(x, u), Jet::line(y, v));
        // Three nested duals along one direction: f''' is the innermost ε₁ε₂ε₃ part.
        let nest = |x: f64, u: f64| {
            Dual::new(Dual::new(Dual::new(x, u), Dual::new(u, 0.0)), Dual::new(Dual::new(u, 0.0), Dual::fixed(0.0)))
        };
        let dual = call(name, nest(x, u), nest(y, v));
        let derivatives = [dual.v.v.d, dual.v.d.d, dual.d.d.d];
        let mut size = jet.0[0].abs();
        for (k, want) in derivatives.into_iter().enumerate() {
            let got = jet.derivative(k + 1);
            size = size.max(want.abs());
            assert!((got - want).abs() < 1e-9 * size.max(1e-3), "{name}({x}, {y}) order {}: {got} {want}", k + 1);
        }
    });
}

#[test]
fn theory_series_of_closed_forms() {
    let e = Jet::<6>::line(0.0, 1.0).exp();
    let q = Jet::<6>::constant(1.0) / (Jet::constant(1.0) - Jet::line(0.0, 1.0));
    let mut factorial = 1.0;
    for k in 0..6 {
        assert!((e.0[k] * factorial - 1.0).abs() < 1e-15);
        assert_eq!(q.0[k], 1.0);
        factorial *= (k + 1) as f64;
    }
    // tanh x = x − x³/3 + 2x⁵/15; √(1 + x) = 1 + x/2 − x²/8 + x³/16 − 5x⁴/128 + 7x⁵/256.
    let t = Jet::<6>::line(0.0, 1.0).tanh().0;
    let want = [0.0, 1.0, 0.0, -1.0 / 3.0, 0.0, 2.0 / 15.0];
    assert!(t.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-16));
    let r = Jet::<6>::line(1.0, 1.0).sqrt().0;
    assert_eq!(r, [1.0, 0.5, -0.125, 0.0625, -5.0 / 128.0, 7.0 / 256.0]);
}

#[test]
fn limit_derivatives_at_the_edge_are_numbers() {
    let zero = Dual::variable(0.0);
    assert_eq!(zero.powc(2.0), Dual::new(0.0, 0.0));
    assert_eq!(zero.powc(1.0), Dual::new(0.0, 1.0));
    assert_eq!(zero.powc(0.0), Dual::new(1.0, 0.0));
    assert_eq!(zero.powf(Dual::fixed(2.0)), Dual::new(0.0, 0.0));
    assert_eq!(zero.powi(0), Dual::new(1.0, 0.0));
    assert_eq!(zero.hill(Dual::fixed(2.0), Dual::fixed(1.0)), Dual::new(0.0, 0.5));
    assert_eq!(zero.hill(Dual::fixed(2.0), Dual::fixed(2.0)).d, 0.0);
    assert_eq!(zero.pow_ln(Dual::fixed(2.0)), Dual::new(0.0, 0.0));
    assert_eq!(Dual::variable(1e3).sigmoid(), Dual::new(1.0, 0.0));
    assert_eq!(Dual::variable(-1e3).softplus(), Dual::new(0.0, 0.0));
    assert_eq!(Jet::<4>::line(0.0, 1.0).powc(2.0).0, [0.0, 0.0, 1.0, 0.0]);
    // Far below threshold the rate and its slope are zero, also by the written formula.
    let c = Dual::fixed;
    let far = (c(-60.0)).erfcx_integral(Dual::variable(50.0));
    assert_eq!(c(1.0) / (far + 0.1), Dual::new(0.0, 0.0));
    let rate = super::special::siegert(Dual::variable(-0.1), c(0.001), c(0.02), c(0.002), c(0.02), c(0.01));
    assert_eq!(rate, Dual::new(0.0, 0.0));
}
