//! Do decoders meet closed forms, another program, and input that fools careless ones?

use super::*;
use crate::coding::ledger::close;
use crate::coding::resampling::Exchange;
use crate::num::Stream;
use crate::num::special::normal_cdf;

/// `n` trials of two classes in `d` features, the first of which differs by `dprime`.
fn trials(n: usize, d: usize, dprime: f64, seed: u64) -> (DMatrix<f64>, Vec<u32>) {
    let mut draws = Stream::new(seed, &[0xd]);
    let labels: Vec<u32> = (0..n).map(|i| i as u32 % 2).collect();
    let mut x = DMatrix::zeros(n, d);
    for i in 0..n {
        for j in 0..d {
            x[(i, j)] = draws.normal() + if j == 0 { dprime * f64::from(labels[i]) } else { 0.0 };
        }
    }
    (x, labels)
}

#[test]
fn cross_delong() {
    // numpy 2.4.6, from the definition of DeLong et al. 1988 with loops over all pairs.
    let none = [0.3, 1.2, -0.4, 0.9, 0.9, 2.0, -1.1];
    let signal = [0.9, 1.7, 2.4, 0.1, 3.0];
    let found = roc(&none, &signal).unwrap();
    close(found.area.value, 0.7428571428571429, 1e-14);
    close(found.area.se, 0.1605687171436892, 1e-14);
    // The curve's own area by trapezoids.
    let area: f64 = found.curve.windows(2).map(|w| (w[1].0 - w[0].0) * 0.5 * (w[1].1 + w[0].1)).sum();
    close(area, found.area.value, 1e-14);
    assert!(found.curve[0] == (0.0, 0.0) && found.curve[found.curve.len() - 1] == (1.0, 1.0));
    let back = roc(&signal, &none).unwrap();
    close(back.area.value, 1.0 - 0.7428571428571429, 1e-14);
    close(back.area.se, 0.1605687171436892, 1e-14);
}

#[test]
fn theory_auc_and_dprime_of_normal_responses() {
    // Φ(d'/√2) and d' = 1.2, each with its stated error: 300 sets of 25 and 40 trials; the mean within 4.5 of its
    // errors, the scatter within a fifth, 95 % intervals covering 92 to 98 %.
    let truth = normal_cdf(1.2 / 2f64.sqrt());
    let (mut areas, mut primes, mut covered) = (Vec::new(), Vec::new(), 0);
    for seed in 0..300 {
        let mut draws = Stream::new(seed, &[0xa]);
        let none: Vec<f64> = (0..25).map(|_| draws.normal()).collect();
        let signal: Vec<f64> = (0..40).map(|_| 1.2 + draws.normal()).collect();
        let found = roc(&none, &signal).unwrap();
        covered += usize::from(found.interval(0.95).unwrap().contains(truth));
        areas.push(found.area);
        primes.push(sample_dprime(&none, &signal).unwrap());
    }
    for (found, truth) in [(areas, truth), (primes, 1.2)] {
        let n = found.len() as f64;
        let mean = found.iter().map(|e| e.corrected()).sum::<f64>() / n;
        let scatter = (found.iter().map(|e| (e.corrected() - mean).powi(2)).sum::<f64>() / n).sqrt();
        let se = found.iter().map(|e| e.se).sum::<f64>() / n;
        assert!((mean - truth).abs() < 4.5 * scatter / n.sqrt(), "{mean} {truth}");
        assert!((se / scatter - 1.0).abs() < 0.2, "{se} {scatter}");
    }
    assert!((276..=296).contains(&covered), "{covered}");
}

#[test]
fn limit_roc_of_separated_and_equal_responses() {
    let apart = roc(&[1.0, 2.0, 3.0], &[4.0, 5.0]).unwrap();
    assert!(apart.area.value == 1.0 && apart.area.se == 0.0);
    let interval = apart.interval(0.95).unwrap();
    assert!(interval.high == 1.0 && interval.low < 0.3, "{interval:?}");
    let ties = roc(&[1.0; 5], &[1.0; 5]).unwrap();
    assert_eq!(ties.area.value, 0.5);
    assert!(roc(&[1.0], &[1.0, 2.0]).is_err() && roc(&[1.0, f64::NAN], &[1.0, 2.0]).is_err());
    assert!(sample_dprime(&[1.0; 5], &[2.0; 5]).is_err() && sample_dprime(&[1.0, 2.0], &[2.0, 4.0]).is_err());
}

#[test]
fn theory_decoders_reach_the_best_observer_and_no_more() {
    // d' = 2: Φ(1) = 0.8413 for the best observer; 2000 trials have a standard error of 0.008.
    let (x, labels) = trials(2000, 5, 2.0, 1);
    let plain = Lda { shrinkage: Some(0.0) };
    for decoder in [&Lda::default() as &dyn Decoder, &plain, &Logistic::default()] {
        let found = cross_validate(&x, &labels, decoder, Folds::default()).unwrap();
        assert!((found.accuracy.value - 0.8413).abs() < 4.5 * 0.0082, "{}: {:?}", decoder.name(), found.accuracy);
        assert!(found.interval.contains(found.accuracy.value) && (found.chance - 0.5).abs() < 1e-12);
        assert_eq!(found.confusion.sum(), 2000.0);
        // 1 − H₂(0.8413) = 0.369 bit of the 0.486 in the responses.
        let bits = found.information().unwrap();
        assert!((bits.corrected() - 0.369).abs() < 0.06, "{bits}");
    }
}

#[test]
fn theory_logistic_is_the_maximum_of_its_likelihood() {
    // One feature, by symmetry no offset: the gradient Σ x(y − p) = nρw must vanish; checked through weight and odds.
    let x = DMatrix::from_column_slice(6, 1, &[-2.0, -1.0, 0.5, -0.5, 1.0, 2.0]);
    let class = [0, 0, 0, 1, 1, 1];
    let ridge = 0.05;
    let found = Logistic { ridge }.train(&x, &class, 2).unwrap();
    let w = found.weights[(1, 0)];
    close(found.offsets[1], 0.0, 1e-8);
    let gradient: f64 =
        (0..6).map(|i| x[i] * (class[i] as f64 - 1.0 / (1.0 + (-w * x[i]).exp()))).sum::<f64>() / 6.0 - ridge * w;
    assert!(gradient.abs() < 1e-8 && w > 0.5, "{gradient} {w}");
    assert!(Logistic { ridge: 0.0 }.train(&x, &class, 2).is_err());
}

#[test]
fn theory_lda_of_known_classes() {
    // Means (±1, 0), common covariance: weights are the difference of Σ⁻¹m, whatever the shrinkage of a scaled identity.
    let x = DMatrix::from_row_slice(
        8,
        2,
        &[
            2.0, 1.0, 2.0, -1.0, 0.0, 1.0, 0.0, -1.0, //
            0.0, 1.0, 0.0, -1.0, -2.0, 1.0, -2.0, -1.0,
        ],
    );
    let class = [1, 1, 1, 1, 0, 0, 0, 0];
    let found = Lda { shrinkage: Some(0.0) }.train(&x, &class, 2).unwrap();
    // Pooled covariance 8/6 · 1: weights ±(0.75, 0).
    close(found.weights[(1, 0)], 0.75, 1e-14);
    close(found.weights[(1, 1)], 0.0, 1e-14);
    let shrunk = Lda { shrinkage: Some(0.7) }.train(&x, &class, 2).unwrap();
    close(shrunk.weights[(1, 0)], 0.75, 1e-14);
    assert!(Lda { shrinkage: Some(1.5) }.train(&x, &class, 2).is_err());
}

#[test]
fn law_nothing_leaks() {
    // Pure noise with many more features than trials: a decoder that sees its test trials would be perfect.
    let (x, labels) = trials(60, 200, 0.0, 3);
    for decoder in [&Lda::default() as &dyn Decoder, &Logistic { ridge: 0.5 }] {
        let x = if decoder.name().starts_with("logistic") { x.columns(0, 20).into_owned() } else { x.clone() };
        let found = cross_validate(&x, &labels, decoder, Folds::default()).unwrap();
        assert!((found.accuracy.value - 0.5).abs() < 4.5 * 0.0645, "{}: {:?}", decoder.name(), found.accuracy);
    }
    // Changing a trial changes no decision about others that its own fold holds: each fold's decoder never saw it.
    let (x, labels) = trials(40, 2, 1.0, 5);
    let folds = Folds { count: 40 / 2, ..Folds::default() };
    let plain = cross_validate(&x, &labels, &Lda::default(), folds).unwrap();
    assert_eq!(plain, cross_validate(&x, &labels, &Lda::default(), folds).unwrap());
    // Labels may have any names, features any unit.
    let named: Vec<u32> = labels.iter().map(|l| 1000 - 7 * l).collect();
    let again = cross_validate(&(x * 1e6), &named, &Lda::default(), folds).unwrap();
    assert_eq!(again.accuracy.value, plain.accuracy.value);
}

#[test]
fn law_threads_do_not_matter() {
    let (x, labels) = trials(60, 3, 1.0, 2);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| cross_validate(&x, &labels, &Lda::default(), Folds { repeats: 3, ..Folds::default() }).unwrap())
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn theory_a_test_of_decoding() {
    let (x, labels) = trials(60, 2, 2.0, 2);
    let folds = Folds { count: 5, ..Folds::default() };
    let test = |x: &DMatrix<f64>| decoding_test(x, &labels, &Lda::default(), folds, Exchange::Samples, 19).unwrap();
    assert_eq!(test(&x).p.value, 0.05);
    // Noise features only.
    assert!(test(&trials(60, 2, 0.0, 2).0).p.value > 0.05);
}

#[test]
fn law_constant_separated_missing_and_bad_are_met() {
    let (mut x, labels) = trials(60, 3, 1.5, 2);
    let plain = cross_validate(&x, &labels, &Lda::default(), Folds::default()).unwrap();
    // A constant feature is no information and no division by zero, also a large one with rounding noise.
    let wide = x.clone().insert_column(3, 1e9);
    assert_eq!(cross_validate(&wide, &labels, &Lda::default(), Folds::default()).unwrap().confusion, plain.confusion);
    let flat = DMatrix::from_element(60, 2, 3.0);
    assert!(
        cross_validate(&flat, &labels, &Lda::default(), Folds::default())
            .unwrap_err()
            .to_string()
            .contains("no feature")
    );
    // A feature that varies in one trial only is constant in the training part of that trial's fold.
    let mut rare = DMatrix::zeros(60, 1);
    rare[(7, 0)] = 1.0;
    assert!(cross_validate(&rare, &labels, &Lda::default(), Folds::default()).is_ok());
    // Perfect separation: finite weights, accuracy 1, an interval that admits less.
    let apart = DMatrix::from_fn(60, 1, |i, _| f64::from(labels[i]) + 1e-3 * i as f64 / 60.0);
    for decoder in [&Lda::default() as &dyn Decoder, &Logistic::default(), &Logistic { ridge: 1e-6 }] {
        let found = cross_validate(&apart, &labels, decoder, Folds::default()).unwrap();
        assert!(found.accuracy.value == 1.0 && found.interval.low < 0.95 && found.interval.high == 1.0);
    }
    // One class, a rare class, one fold, NaN, two lengths.
    assert!(
        cross_validate(&x, &[4; 60], &Lda::default(), Folds::default()).unwrap_err().to_string().contains("1 class")
    );
    let mut few = labels.clone();
    few[0] = 9;
    let why = cross_validate(&x, &few, &Lda::default(), Folds::default()).unwrap_err().to_string();
    assert!(why.contains("label 9") && why.contains("1 trials"), "{why}");
    assert!(cross_validate(&x, &labels, &Lda::default(), Folds { count: 1, ..Folds::default() }).is_err());
    assert!(cross_validate(&x, &labels[1..], &Lda::default(), Folds::default()).is_err());
    // Blocks of one class each: a fold may take a class away, which is no crash.
    let sorted: Vec<u32> = (0..60).map(|i| u32::from(i >= 30)).collect();
    assert!(cross_validate(&x, &sorted, &Lda::default(), Folds { count: 2, block: 30, ..Folds::default() }).is_ok());
    // Copies of a feature: singular without shrinkage, fine with it.
    let twin = DMatrix::from_fn(60, 2, |i, _| x[(i, 0)]);
    assert!(cross_validate(&twin, &labels, &Lda { shrinkage: Some(0.0) }, Folds::default()).is_err());
    assert!(cross_validate(&twin, &labels, &Lda { shrinkage: Some(0.1) }, Folds::default()).is_ok());
    x[(5, 2)] = f64::NAN;
    let why = cross_validate(&x, &labels, &Lda::default(), Folds::default()).unwrap_err().to_string();
    assert!(why.contains("trial 5 of feature 2"), "{why}");
}
