//! Is the information more than chance gives?
//!
//! The estimate is repeated for broken pairings. Searches that a pairing does not change, those of each side alone, are
//! done once.
//!
//! ```
//! use homeostat::coding::estimators::{Continuous, Points, information_test};
//! use homeostat::coding::resampling::Exchange;
//! use homeostat::num::Stream;
//! let mut draws = Stream::new(1, &[]);
//! let x: Vec<f64> = (0..200).map(|_| draws.normal()).collect();
//! let y: Vec<f64> = x.iter().map(|x| x + draws.normal()).collect();
//! let (x, y) = (Points::column(&x)?, Points::column(&y)?);
//! let test = information_test(&x, &y, &Continuous::default(), Exchange::Samples, 99, 1)?;
//! assert_eq!(test.p.value, 0.01);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::continuous::{Prepared, prepared};
use super::counts::Counts;
use super::discrete::plugin_information;
use super::ksg::{Pair, mean_and_spread};
use super::normal::gaussian_estimate;
use super::{Continuous, Method, Points};
use crate::coding::checks;
use crate::coding::resampling::{Exchange, PermutationTest, permutation_test};
use crate::field::Result;
use std::f64::consts::LN_2;

/// Tests I(X;Y) (bits, without its bias correction, which all pairings share) against `times` broken pairings.
///
/// A constant side has p = 1; a side that determines the other has p = 1/(1 + times) without estimating anything.
pub fn information_test(
    x: &Points,
    y: &Points,
    options: &Continuous,
    exchange: Exchange,
    times: usize,
    seed: u64,
) -> Result<PermutationTest> {
    let (x, y) = match prepared(x, y, options)? {
        Prepared::Answer(answer) => {
            return Ok(PermutationTest::new(answer.value, vec![0.0; times.max(1)], &answer.how));
        }
        Prepared::Points(x, y) => (x, y),
    };
    let n = x.len();
    if matches!(options.method, Method::Gaussian | Method::Copula) {
        let copula = options.method == Method::Copula;
        return permutation_test(n, exchange, times, seed, |order| {
            Ok(gaussian_estimate(&x, &y.select(order), copula)?.value)
        });
    }
    let pair = Pair::new(&x, &y, options)?;
    permutation_test(n, exchange, times, seed, |order| Ok(mean_and_spread(&pair.local(options, Some(order))?).0 / LN_2))
}

/// Tests the plug-in information of labels (bits) against `times` broken pairings.
pub fn discrete_test(x: &[u32], y: &[u32], exchange: Exchange, times: usize, seed: u64) -> Result<PermutationTest> {
    checks::same_length("the labels", x.len(), y.len())?;
    permutation_test(x.len(), exchange, times, seed, |order| {
        let moved: Vec<u32> = order.iter().map(|&i| y[i]).collect();
        Ok(plugin_information(&Counts::new(x, &moved)?) / LN_2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::estimators::information;
    use crate::num::Stream;

    fn walk(n: usize, memory: f64, seed: u64) -> Vec<f64> {
        let mut draws = Stream::new(seed, &[0x51]);
        let mut x = 0.0;
        (0..n)
            .map(|_| {
                x = memory * x + draws.normal();
                x
            })
            .collect()
    }

    #[test]
    fn law_the_observed_value_is_the_estimate() {
        let (x, y) = (Points::column(&walk(100, 0.0, 1)).unwrap(), Points::column(&walk(100, 0.0, 2)).unwrap());
        for method in [Method::Ksg1, Method::Ksg2, Method::Lnc, Method::Copula, Method::Gaussian] {
            let options = Continuous { method, surrogates: 0, ..Continuous::default() };
            let test = information_test(&x, &y, &options, Exchange::Samples, 9, 1).unwrap();
            assert!((test.observed - information(&x, &y, &options).unwrap().value).abs() < 1e-13, "{method:?}");
        }
        let flat = Points::column(&[1.0; 100]).unwrap();
        assert_eq!(information_test(&x, &flat, &Continuous::default(), Exchange::Samples, 9, 1).unwrap().p.value, 1.0);
        assert_eq!(information_test(&x, &x, &Continuous::default(), Exchange::Samples, 9, 1).unwrap().p.value, 0.1);
    }

    #[test]
    fn theory_memory_is_not_information() {
        // Independent series with long memory: exchanged samples call most of 40 significant, shifts hardly any.
        let options = Continuous { surrogates: 0, ..Continuous::default() };
        let alarms = |exchange| {
            (0..40)
                .filter(|&s| {
                    let (x, y) = (walk(150, 0.95, 2 * s), walk(150, 0.95, 2 * s + 1));
                    let (x, y) = (Points::column(&x).unwrap(), Points::column(&y).unwrap());
                    information_test(&x, &y, &options, exchange, 19, s).unwrap().p.value <= 0.05
                })
                .count()
        };
        let (wrong, right) = (alarms(Exchange::Samples), alarms(Exchange::Shifts(40)));
        assert!(wrong > 12 && right <= 8, "{wrong} {right}");
    }

    #[test]
    fn theory_labels() {
        let x: Vec<u32> = (0..60).map(|i| i % 3).collect();
        let y: Vec<u32> = x.iter().map(|v| (v * 2) % 3).collect();
        assert_eq!(discrete_test(&x, &y, Exchange::Samples, 99, 1).unwrap().p.value, 0.01);
        assert!(discrete_test(&x, &y[1..], Exchange::Samples, 99, 1).is_err());
    }
}
