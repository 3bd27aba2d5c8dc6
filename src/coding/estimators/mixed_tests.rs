//! Do labels against numbers, conditions and directed information meet closed forms?

use super::*;
use crate::coding::information::dprime_information;
use crate::coding::ledger::close;
use crate::num::Stream;

/// The mean of `runs` answers lies within 4.5 standard errors of the truth, plus `left` bits that are known to remain.
#[track_caller]
fn unbiased(runs: u64, truth: f64, left: f64, one: impl Fn(u64) -> Estimate) {
    let found: Vec<Estimate> = (0..runs).map(one).collect();
    let n = runs as f64;
    let mean = found.iter().map(Estimate::corrected).sum::<f64>() / n;
    let sd = (found.iter().map(|e| (e.corrected() - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    assert!((mean - truth).abs() < 4.5 * sd / n.sqrt() + left, "{mean} against {truth}, scatter {sd}");
    let se = found.iter().map(|e| e.se).sum::<f64>() / n;
    assert!(se > 0.5 * sd && se < 2.5 * sd, "stated error {se}, scatter {sd}");
}

fn column(values: Vec<f64>) -> Points {
    Points::column(&values).unwrap()
}

#[test]
fn theory_c06_two_stimuli() {
    // I(d' = 2) = 0.4859441541 bits, and d' = 0.
    for d in [2.0, 0.0] {
        unbiased(16, dprime_information(d).unwrap(), 0.01, |seed| {
            let mut draws = Stream::new(seed, &[6]);
            let labels: Vec<u32> = (0..300).map(|i| i % 2).collect();
            let x = labels.iter().map(|&l| d * f64::from(l) + draws.normal()).collect();
            mixed_information(&labels, &column(x), 4).unwrap()
        });
    }
}

#[test]
fn law_mixed_names_and_monotone_maps_do_not_matter() {
    let mut draws = Stream::new(2, &[]);
    let labels: Vec<u32> = (0..120).map(|i| i % 3).collect();
    let x: Vec<f64> = labels.iter().map(|&l| f64::from(l) + draws.normal()).collect();
    let plain = mixed_information(&labels, &column(x.clone()), 3).unwrap();
    let named: Vec<u32> = labels.iter().map(|l| 900 - 300 * l).collect();
    close(mixed_information(&named, &column(x.clone()), 3).unwrap().value, plain.value, 1e-12);
    close(
        mixed_information(&labels, &column(x.iter().map(|v| v.exp()).collect()), 3).unwrap().value,
        plain.value,
        1e-12,
    );
    // A constant side is 0, a rare label is named, NaN never enters.
    assert_eq!(mixed_information(&[5; 120], &column(x.clone()), 3).unwrap().value, 0.0);
    assert_eq!(mixed_information(&labels, &column(vec![1.0; 120]), 3).unwrap().value, 0.0);
    let mut rare = labels.clone();
    rare[7] = 8;
    assert!(mixed_information(&rare, &column(x.clone()), 3).unwrap_err().to_string().contains("label 8"));
    assert!(mixed_information(&labels[1..], &column(x), 3).is_err());
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
