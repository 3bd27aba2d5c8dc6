//! Which statistics of other programs failed their users? One test case each: none may return here.
//!
//! Each case names the report it comes from and says what ours answers.

use super::*;
use crate::coding::decoders::{Folds, Lda, cross_validate};
use crate::coding::resampling::Exchange;
use crate::field::Result;
use crate::num::Stream;
use nalgebra::DMatrix;

fn normal(n: usize, seed: u64) -> Vec<f64> {
    let mut draws = Stream::new(seed, &[31]);
    (0..n).map(|_| draws.normal()).collect()
}

fn one(values: &[f64]) -> Points {
    Points::column(values).unwrap()
}

const PLAIN: Continuous = Continuous { method: Method::Ksg1, k: 4, raw: false, surrogates: 0, seed: 1 };

fn bits(x: &[f64], y: &[f64]) -> Result<f64> {
    information(&one(x), &one(y), &PLAIN).map(|e| e.value)
}

/// What went wrong elsewhere, and what must be true here.
type Case = (&'static str, &'static str, fn() -> bool);

const CASES: [Case; 17] = [
    ("scikit-learn #30772", "a constant feature has exactly 0 bits, however many samples", || {
        [50, 500, 5000].iter().all(|&n| bits(&normal(n, 1), &vec![1e-7; n]).unwrap() == 0.0)
            && mixed_information(&[0, 1].repeat(50), &one(&[7.0; 100]), 4).unwrap().value == 0.0
            && discrete_information(&[0, 1].repeat(50), &[9; 100], Correction::PlugIn, 1).unwrap().value == 0.0
    }),
    ("scikit-learn #16355, NPEET #17", "a negative estimate is within its error of 0 and carries that error", || {
        (0..20).all(|s| {
            let e = information(&one(&normal(100, s)), &one(&normal(100, 100 + s)), &PLAIN).unwrap();
            e.se > 0.0 && e.value > -4.5 * e.se
        })
    }),
    ("NPEET #26, scikit-learn #16457", "a continuous variable about itself is infinite and says so", || {
        let x = normal(200, 1);
        let cubed: Vec<f64> = x.iter().map(|v| -v.powi(3)).collect();
        let own = information(&one(&x), &one(&x), &PLAIN).unwrap();
        own.value == f64::INFINITY && own.how.contains("infinite") && bits(&x, &cubed).unwrap() == f64::INFINITY
    }),
    ("NPEET #26", "a linear combination of X is infinite too", || {
        let (a, b) = (normal(200, 1), normal(200, 2));
        let sum: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - 2.0 * b).collect();
        let x = Points::columns(&[&a, &b]).unwrap();
        information(&x, &one(&sum), &PLAIN).unwrap().value == f64::INFINITY
    }),
    ("infotheory #7", "a NaN is refused with its column and place, and other columns do not feel it", || {
        let (x, y, mut hole) = (normal(100, 1), normal(100, 2), normal(100, 3));
        hole[41] = f64::NAN;
        let why = Points::columns(&[&x, &hole]).unwrap_err().to_string();
        why.contains("column 1") && why.contains("41") && bits(&x, &y).is_ok()
    }),
    ("numpy #32446, brainiak #400", "the correlation estimate of constants is 0 bits, not 1 and not NaN", || {
        let options = Continuous { method: Method::Gaussian, ..PLAIN };
        let flat = one(&[1.0 / 3.0; 1448]);
        information(&flat, &flat, &options).unwrap().value == 0.0
    }),
    ("scipy #6530", "a NaN has no rank", || Points::column(&[1.0, f64::NAN, 0.0]).is_err()),
    ("NPEET #19", "units do not matter", || {
        let (x, y) = (normal(150, 1), normal(150, 2));
        let y: Vec<f64> = x.iter().zip(&y).map(|(a, b)| a + b).collect();
        let scaled: Vec<f64> = y.iter().map(|v| 1e9 * v - 4e9).collect();
        (bits(&x, &y).unwrap() - bits(&x, &scaled).unwrap()).abs() < 1e-12
    }),
    ("scikit-learn #26696", "whole numbers are told to be labels, in either order", || {
        let x = normal(200, 1);
        let whole: Vec<f64> = x.iter().map(|v| v.round()).collect();
        bits(&x, &whole).is_err() && bits(&whole, &x).is_err()
    }),
    ("jidt #8", "no noise is added: the same data give the same bytes, on any number of threads", || {
        let (x, y) = (one(&normal(200, 1)), one(&normal(200, 2)));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let estimate = || information(&x, &y, &Continuous { surrogates: 2, ..PLAIN });
            pool.install(estimate).unwrap()
        };
        run(1) == run(2)
    }),
    ("nest-simulator #2119", "a permutation test does not depend on the number of threads", || {
        let (x, y) = (one(&normal(80, 1)), one(&normal(80, 2)));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| information_test(&x, &y, &PLAIN, Exchange::Samples, 20, 1)).unwrap()
        };
        run(1) == run(3)
    }),
    ("TRENTOOL #15", "transfer entropy of unrelated series is within its error of 0", || {
        (0..5).all(|s| {
            let e = transfer_entropy(&normal(200, s), &normal(200, 50 + s), &[1], &[1], 4).unwrap();
            e.corrected().abs() < 4.5 * e.se
        })
    }),
    ("IDTxl #108", "p-values of no dependence are not too small", || {
        let small = |s: u64| {
            let (x, y) = (one(&normal(40, s)), one(&normal(40, 200 + s)));
            information_test(&x, &y, &PLAIN, Exchange::Samples, 19, s).unwrap().p.value <= 0.1
        };
        // 8 ± 2.7 of 80.
        (0..80).filter(|&s| small(s)).count() <= 20
    }),
    ("infomeasure 0.6 NSB", "NSB is a number for 160 trials of 8 stimuli", || {
        let x: Vec<u32> = (0..160).map(|i| i % 8).collect();
        let y: Vec<u32> = (0..160).map(|i| (i * i + i / 9) % 13).collect();
        discrete_information(&x, &y, Correction::Nsb, 1).map_or(true, |e| e.value.is_finite())
    }),
    ("infomeasure 0.6 ansb", "no correction exceeds the smaller entropy in silence", || {
        let own: Vec<u32> = (0..60).collect();
        let two: Vec<u32> = (0..60).map(|i| i % 2).collect();
        Correction::ALL.iter().all(|&c| discrete_information(&own, &two, c, 1).map_or(true, |e| e.value <= 1.0 + 0.05))
    }),
    ("knnie #3", "sixteen variables a side: the answer says that it is mostly correction, or is right", || {
        let mut draws = Stream::new(3, &[]);
        let mut sides = [vec![Vec::new(); 8], vec![Vec::new(); 8]];
        for _ in 0..300 {
            let [left, right] = &mut sides;
            for (x, y) in left.iter_mut().zip(right) {
                x.push(draws.normal());
                y.push(0.7 * x[x.len() - 1] + 0.51f64.sqrt() * draws.normal());
            }
        }
        let side = |c: &Vec<Vec<f64>>| Points::columns(&c.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        let options = Continuous { surrogates: 4, ..PLAIN };
        let found = information(&side(&sides[0]), &side(&sides[1]), &options).unwrap();
        found.how.contains("warning") || found.z(-4.0 * 0.51f64.log2()).abs() < 4.0
    }),
    ("a feature that names the trial", "an accuracy is measured on trials that the decoder never saw", || {
        let labels: Vec<u32> = (0..60).map(|i| (i / 3) % 2).collect();
        let x = DMatrix::from_fn(60, 60, |i, j| f64::from(u8::from(i == j)));
        cross_validate(&x, &labels, &Lda::default(), Folds::default()).unwrap().accuracy.value < 0.75
    }),
];

#[test]
fn law_what_failed_elsewhere_holds_here() {
    let failed: Vec<String> = CASES
        .iter()
        .filter(|(_, _, holds)| !std::panic::catch_unwind(holds).unwrap_or(false))
        .map(|(source, says, _)| format!("{source}: {says}"))
        .collect();
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), CASES.len(), failed.join("\n"));
}
