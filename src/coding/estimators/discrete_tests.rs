//! Do the corrections meet closed forms, laws and sampling?

use super::*;
use crate::coding::estimators::discrete_report;
use crate::coding::information::mutual_information;
use crate::coding::ledger::close;
use crate::num::Stream;
use nalgebra::DMatrix;
use proptest::prelude::*;

proptest! {
    #[test]
    fn law_plugin_is_exact_on_the_frequencies(x in prop::collection::vec(0u32..4, 40), y in prop::collection::vec(0u32..3, 40)) {
        let mut joint = DMatrix::zeros(4, 3);
        x.iter().zip(&y).for_each(|(&a, &b)| joint[(a as usize, b as usize)] += 1.0 / 40.0);
        let got = discrete_information(&x, &y, Correction::PlugIn, 1).unwrap().value;
        prop_assert!((got - mutual_information(&joint).unwrap()).abs() < 1e-13);
        // Symmetric, and labels are only names.
        let named: Vec<u32> = x.iter().map(|v| 1000 * (7 - v)).collect();
        let other = discrete_information(&y, &named, Correction::PlugIn, 1).unwrap().value;
        prop_assert!((got - other).abs() < 1e-13);
    }

    #[test]
    fn law_rows_may_be_shuffled(x in prop::collection::vec(0u32..4, 30), seed in 0u64..100) {
        let y: Vec<u32> = x.iter().enumerate().map(|(i, v)| (v + (i as u32 % 3)) % 4).collect();
        let mut order: Vec<usize> = (0..30).collect();
        Stream::new(seed, &[]).shuffle(&mut order);
        let pick = |v: &[u32]| order.iter().map(|&i| v[i]).collect::<Vec<u32>>();
        for c in [Correction::MillerMadow, Correction::Grassberger, Correction::PanzeriTreves] {
            let a = discrete_information(&x, &y, c, 1).map(|e| e.value);
            let b = discrete_information(&pick(&x), &pick(&y), c, 1).map(|e| e.value);
            match (a, b) {
                (Ok(a), Ok(b)) => prop_assert!((a - b).abs() < 1e-12),
                (a, b) => prop_assert!(a.is_err() && b.is_err()),
            }
        }
    }
}

/// 8 stimuli × `trials` Poisson counts; tuned means 2 … 16 or all alike.
fn poisson(trials: u32, tuned: bool, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let mut draws = Stream::new(seed, &[24]);
    let x: Vec<u32> = (0..8 * trials).map(|i| i % 8).collect();
    let count = |s: u32, draws: &mut Stream| {
        let mean: f64 = if tuned { 2.0 + 2.0 * f64::from(s) } else { 9.0 };
        let (mut n, mut product) = (0, draws.open_uniform());
        while product > (-mean).exp() {
            product *= draws.open_uniform();
            n += 1;
        }
        n
    };
    let y = x.iter().map(|&s| count(s, &mut draws)).collect();
    (x, y)
}

#[test]
fn theory_c24_corrections_reduce_the_bias() {
    let truth = crate::coding::information::poisson_information(
        &(0..8).map(|s| 2.0 + 2.0 * f64::from(s)).collect::<Vec<_>>(),
        &[0.125; 8],
    )
    .unwrap();
    let runs = 60;
    for (tuned, truth) in [(true, truth), (false, 0.0)] {
        let mean = |c: Correction| {
            let one = |r: u64| {
                let (x, y) = poisson(20, tuned, r);
                discrete_information(&x, &y, c, 1).unwrap().value - truth
            };
            (0..runs).map(one).sum::<f64>() / runs as f64
        };
        let plain = mean(Correction::PlugIn);
        assert!(plain > 0.25, "{plain}");
        // Shuffled responses are broader than tuned ones: its subtraction is right for the null only.
        for c in Correction::ALL[1..].iter().filter(|c| !tuned || **c != Correction::ShuffleSubtraction) {
            let bias = mean(*c);
            assert!(bias.abs() < 0.6 * plain, "{c:?} on tuned = {tuned}: {bias} against {plain}");
        }
    }
}

#[test]
fn theory_c24_plugin_bias_by_sampling() {
    // px uniform over 4, py = (.4, .3, .2, .1), n = 100: exact bias 0.07040758456 bits.
    let runs = 400;
    let one = |r: u64| {
        let mut draws = Stream::new(r, &[100]);
        let x: Vec<u32> = (0..100).map(|_| draws.index(4) as u32).collect();
        let y: Vec<u32> = (0..100)
            .map(|_| {
                let u = draws.uniform();
                u32::from(u > 0.4) + u32::from(u > 0.7) + u32::from(u > 0.9)
            })
            .collect();
        discrete_information(&x, &y, Correction::PlugIn, 1).unwrap().value
    };
    let values: Vec<f64> = (0..runs).map(one).collect();
    let mean = values.iter().sum::<f64>() / runs as f64;
    let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / runs as f64).sqrt();
    assert!((mean - 0.07040758456).abs() < 4.0 * sd / (runs as f64).sqrt(), "{mean}");
}

#[test]
fn law_constant_nan_and_excess_are_met() {
    let x: Vec<u32> = (0..40).map(|i| i % 4).collect();
    for c in Correction::ALL {
        let flat = discrete_information(&x, &[3; 40], c, 1).unwrap();
        assert!(flat.value == 0.0 && flat.se == 0.0 && flat.how.contains("0 exactly"));
    }
    assert!(discrete_information(&[0, 1], &[0, 1], Correction::PlugIn, 1).is_err());
    // A copy has all of the entropy and no more.
    let copy = discrete_information(&x, &x, Correction::PlugIn, 1).unwrap();
    close(copy.value, 2.0, 1e-14);
    // Every sample its own label: Chao–Shen would exceed the entropy or stays below it, but never in silence.
    let own: Vec<u32> = (0..40).collect();
    if let Ok(e) = discrete_information(&own, &x, Correction::ChaoShen, 1) {
        assert!(e.value <= 2.0 + 0.2);
    }
}

#[test]
fn law_report_has_every_correction_and_a_fair_p() {
    let (x, y) = poisson(10, true, 3);
    let report = discrete_report(&x, &y, 39, 5).unwrap();
    assert_eq!(report.table().rows(), 8);
    assert!(report.p <= 0.025 + 1e-12);
    let (x, y) = poisson(10, false, 3);
    assert!(discrete_report(&x, &y, 39, 5).unwrap().p > 0.025);
    let twice = [(); 2].map(|()| format!("{:?}", discrete_report(&x, &y, 10, 5).unwrap()));
    assert_eq!(twice[0], twice[1]);
}
