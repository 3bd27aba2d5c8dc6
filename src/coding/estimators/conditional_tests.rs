//! Do conditions, directed information and their tests meet closed forms?

use super::*;
use crate::coding::ledger::{close, unbiased};
use crate::num::Stream;

fn column(values: Vec<f64>) -> Points {
    Points::column(&values).unwrap()
}

/// x and y with a common cause z, and `direct` of x in y: I(X;Y|Z) = ½ log₂(1 + direct²).
fn triple(n: usize, direct: f64, seed: u64) -> (Points, Points, Points) {
    let mut draws = Stream::new(seed, &[3]);
    let (mut x, mut y, mut z) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let (c, own) = (draws.normal(), draws.normal());
        z.push(c);
        x.push(c + own);
        y.push(c + direct * own + draws.normal());
    }
    (column(x), column(y), column(z))
}

#[test]
fn theory_conditional_information_of_normal_variables() {
    for direct in [0.0f64, 1.0] {
        unbiased(12, 0.5 * (1.0 + direct * direct).log2(), 0.012, |seed| {
            let (x, y, z) = triple(400, direct, seed);
            conditional_information(&x, &y, &z, 4).unwrap()
        });
    }
    // Without the condition the common cause looks like information.
    let (x, y, _) = triple(400, 0.0, 1);
    let plain = super::super::information(&x, &y, &Default::default()).unwrap();
    assert!((plain.corrected() - 0.2075).abs() < 4.5 * plain.se, "{plain}");
}

#[test]
fn law_conditions_are_checked() {
    let (x, y, z) = triple(200, 0.5, 1);
    let forward = conditional_information(&x, &y, &z, 4).unwrap();
    close(conditional_information(&y, &x, &z, 4).unwrap().value, forward.value, 1e-12);
    let flat = column(vec![2.0; 200]);
    assert_eq!(conditional_information(&x, &flat, &z, 4).unwrap().value, 0.0);
    assert!(conditional_information(&x, &y, &flat, 4).is_err());
    assert!(conditional_information(&x, &y, &x, 4).unwrap_err().to_string().contains("determines"));
    assert_eq!(conditional_information(&x, &x, &z, 4).unwrap().value, f64::INFINITY);
    assert!(conditional_information(&x, &y, &column(vec![0.5; 10]), 4).is_err());
}

/// y_{t+1} = 0.5 y_t + c x_{t−delay+1} + ξ, x_{t+1} = a x_t + ξ.
fn coupled(n: usize, a: f64, c: f64, delay: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut draws = Stream::new(seed, &[4]);
    let (mut x, mut y) = (vec![0.0; n + 50], vec![0.0; n + 50]);
    for t in 1..n + 50 {
        x[t] = a * x[t - 1] + draws.normal();
        y[t] = 0.5 * y[t - 1] + if t >= delay { c * x[t - delay] } else { 0.0 } + draws.normal();
    }
    (x[50..].to_vec(), y[50..].to_vec())
}

/// ½ log₂ of Var(y'|y)/Var(y'|y, x) for delay 1, from the stationary covariance.
fn transfer_truth(a: f64, c: f64) -> f64 {
    // Var x, Cov(x, y), Var y of x' = a x + ξ, y' = y/2 + c x + η.
    let xx = 1.0 / (1.0 - a * a);
    let xy = a * c * xx / (1.0 - 0.5 * a);
    let yy = (c * c * xx + c * xy + 1.0) / 0.75;
    // What the past of y leaves of x: Var(x|y) = xx − xy²/yy.
    0.5 * (1.0 + c * c * (xx - xy * xy / yy)).log2()
}

#[test]
fn theory_transfer_entropy_of_autoregressive_series() {
    for (a, c) in [(0.0, 0.8), (0.7, 0.5)] {
        unbiased(10, transfer_truth(a, c), 0.015, |seed| {
            let (x, y) = coupled(500, a, c, 1, seed);
            transfer_entropy(&x, &y, &[1], &[1], 4).unwrap()
        });
        // Nothing flows back.
        unbiased(10, 0.0, 0.015, |seed| {
            let (x, y) = coupled(500, a, c, 1, seed);
            transfer_entropy(&y, &x, &[1], &[1], 4).unwrap()
        });
    }
}

#[test]
fn theory_transfer_entropy_finds_the_lag() {
    let (x, y) = coupled(800, 0.0, 1.0, 3, 1);
    let at = |lag: usize| transfer_entropy(&x, &y, &[lag], &[1], 4).unwrap();
    let right = at(3);
    assert!((right.corrected() - 0.5).abs() < 4.5 * right.se, "{right}");
    for lag in [1, 2, 4] {
        assert!(at(lag).corrected().abs() < 4.5 * at(lag).se, "{lag}: {}", at(lag));
    }
    // Closed form by the bounds: nothing without lags, nothing beyond the series.
    assert!(transfer_entropy(&x, &y, &[], &[1], 4).is_err() && transfer_entropy(&x, &y, &[0], &[1], 4).is_err());
    assert!(transfer_entropy(&x[..30], &y[..30], &[40], &[1], 4).is_err());
    assert!(transfer_entropy(&x[1..], &y, &[1], &[1], 4).is_err());
}

#[test]
fn law_p_values_are_uniform_under_the_null() {
    // 200 sets that share a cause and nothing else, 19 exchanges: p is uniform on 1/20 … 1, each fifth 40 ± 4.5 SD; the
    // same for a source that knows nothing of the target.
    let fifths = |p: Vec<f64>| {
        for fifth in 1..=5 {
            let (low, high) = (f64::from(fifth - 1) / 5.0 + 1e-9, f64::from(fifth) / 5.0 + 1e-9);
            let hits = p.iter().filter(|v| **v > low && **v <= high).count() as f64;
            assert!((hits - 40.0).abs() < 4.5 * (200.0f64 * 0.16).sqrt(), "{fifth}: {hits}");
        }
    };
    let conditional = |seed: u64| {
        let (x, y, z) = triple(150, 0.0, seed);
        conditional_test(&x, &y, &z, 4, 19, seed).unwrap().p.value
    };
    fifths((0..200).map(conditional).collect());
    let transfer = |seed: u64| {
        let (x, y) = coupled(150, 0.7, 0.0, 1, seed);
        transfer_test(&x, &y, &[1], &[1], 4, Exchange::Shifts(20), 19, seed).unwrap().p.value
    };
    fifths((0..200).map(transfer).collect());
}

#[test]
fn theory_tests_find_what_is_there_and_not_what_the_condition_explains() {
    let (x, y, z) = triple(300, 1.0, 3);
    assert_eq!(conditional_test(&x, &y, &z, 4, 99, 1).unwrap().p.value, 0.01);
    // A common cause alone: X exchanged without regard to Z would be significant, as it is without the condition.
    let (x, y, z) = triple(300, 0.0, 3);
    let options = super::super::Continuous { surrogates: 0, ..Default::default() };
    let plain = super::super::information_test(&x, &y, &options, Exchange::Samples, 99, 1).unwrap();
    assert_eq!(plain.p.value, 0.01);
    assert!(conditional_test(&x, &y, &z, 4, 99, 1).unwrap().p.value > 0.05);
    let (x, y) = coupled(300, 0.7, 0.8, 1, 1);
    let test = transfer_test(&x, &y, &[1], &[1], 4, Exchange::Shifts(20), 99, 1).unwrap();
    assert_eq!(test.p.value, 0.01);
    let flat = column(vec![2.0; 300]);
    assert_eq!(conditional_test(&flat, &column(y), &column(x), 4, 9, 1).unwrap().p.value, 1.0);
}

#[test]
fn theory_conditional_information_of_a_chain_and_of_several_variables() {
    // X → Z → Y: nothing left given Z, whatever the strength; X in two variables, Z in two.
    unbiased(10, 0.0, 0.015, |seed| {
        let mut draws = Stream::new(seed, &[9]);
        let mut sets = vec![Vec::new(); 5];
        for _ in 0..500 {
            let (a, b) = (draws.normal(), draws.normal());
            let (z, u) = (a + draws.normal(), b + draws.normal());
            let y = z + u + draws.normal();
            [a, b, z, u, y].iter().zip(&mut sets).for_each(|(v, set)| set.push(*v));
        }
        let (x, z) = (Points::columns(&[&sets[0], &sets[1]]).unwrap(), Points::columns(&[&sets[2], &sets[3]]).unwrap());
        conditional_information(&x, &column(sets[4].clone()), &z, 4).unwrap()
    });
}
