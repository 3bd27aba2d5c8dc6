//! How often is the statistic as large when the two recordings are paired by chance?
//!
//! p = (1 + number of shuffled values ≥ the observed one)/(1 + number of shuffles): the observed pairing is one of the
//! pairings, so p is never 0 and a test at level α is wrong at most in α of its null cases (Phipson & Smyth 2010).

use super::{enough, moments, replicate};
use crate::field::{Error, Result};
use crate::num::{Estimate, Stream};

/// How the pairing is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// Every sample may meet every other: for independent samples.
    Samples,
    /// Runs of so many neighbouring samples stay together (the last may be shorter): for series whose memory is shorter
    /// than a run.
    Blocks(usize),
    /// One series is turned against the other as a ring, by at least so many samples: for stationary series; there are
    /// as many null pairings as such shifts.
    Shifts(usize),
}

impl Exchange {
    /// How many samples it needs.
    fn least(self) -> usize {
        match self {
            Exchange::Samples => 4,
            Exchange::Blocks(size) => 4 * size,
            Exchange::Shifts(least) => 2 * least + 4,
        }
    }
    fn check(self, n: usize) -> Result<()> {
        if matches!(self, Exchange::Blocks(0) | Exchange::Shifts(0)) {
            return Err(Error::usage("blocks or shifts of 0 samples", "give 1 or more, longer than the memory"));
        }
        enough("a permutation test", n, self.least())
    }
    /// The pairing number `r`: sample i of the first recording meets sample `order[i]` of the second.
    pub fn order(self, n: usize, seed: u64, r: usize) -> Vec<usize> {
        let mut draws = Stream::new(seed, &[0x9e37, r as u64]);
        match self {
            Exchange::Samples => {
                let mut order: Vec<usize> = (0..n).collect();
                draws.shuffle(&mut order);
                order
            }
            Exchange::Blocks(size) => {
                let mut blocks: Vec<usize> = (0..n.div_ceil(size)).collect();
                draws.shuffle(&mut blocks);
                blocks.iter().flat_map(|b| b * size..((b + 1) * size).min(n)).collect()
            }
            Exchange::Shifts(least) => {
                let shift = least + draws.index(n + 1 - 2 * least);
                (0..n).map(|i| (i + shift) % n).collect()
            }
        }
    }
    fn describe(self) -> String {
        match self {
            Exchange::Samples => "samples exchanged".into(),
            Exchange::Blocks(size) => format!("blocks of {size} samples exchanged"),
            Exchange::Shifts(least) => format!("circular shifts of {least} samples or more"),
        }
    }
}

/// A statistic beside its values for shuffled pairings.
#[derive(Clone, Debug, PartialEq)]
pub struct PermutationTest {
    /// The statistic of the data as they are.
    pub observed: f64,
    /// Its value for every shuffled pairing, in the order of their numbers.
    pub null: Vec<f64>,
    /// The probability of such a value or a larger one under the null, with its Monte Carlo error.
    pub p: Estimate,
}

impl PermutationTest {
    /// A test from an observed value and the values under the null. Values equal up to rounding count as reached.
    pub fn new(observed: f64, null: Vec<f64>, how: &str) -> Self {
        let allowed = observed - 1e-12 * observed.abs().max(1e-3);
        let above = null.iter().filter(|v| **v >= allowed).count();
        let times = null.len() as f64;
        let p = (1 + above) as f64 / (1.0 + times);
        let how = format!("permutation test, {how}, {} pairings and the observed one", null.len());
        PermutationTest { observed, p: Estimate::new(p, "", (p * (1.0 - p) / times).sqrt(), null.len(), how), null }
    }
    /// How far the observed value lies above the mean of the null.
    pub fn excess(&self) -> f64 {
        self.observed - moments(&self.null).0
    }
    /// The same in standard deviations of the null; NaN if the null does not vary.
    pub fn z(&self) -> f64 {
        let sd = moments(&self.null).1.sqrt();
        if sd > 0.0 { self.excess() / sd } else { f64::NAN }
    }
    /// The value that a fraction `level` of the null reaches or exceeds by chance: the critical value of the statistic.
    pub fn critical(&self, level: f64) -> f64 {
        let mut sorted = self.null.clone();
        sorted.sort_by(f64::total_cmp);
        let allowed = (level * (sorted.len() as f64 + 1.0)).floor() as usize;
        // With too few shuffles for the level nothing is significant.
        if allowed == 0 { f64::INFINITY } else { sorted[sorted.len().saturating_sub(allowed)] }
    }
}

/// Tests a statistic of the pairing of two recordings of `n` samples against `times` shuffled pairings.
///
/// `statistic(order)` pairs sample i of the first with sample `order[i]` of the second; large values speak against the
/// null. Errors: too few samples for the exchange, a statistic that fails or is not finite (with the replicate).
pub fn permutation_test<F>(n: usize, how: Exchange, times: usize, seed: u64, statistic: F) -> Result<PermutationTest>
where
    F: Fn(&[usize]) -> Result<f64> + Sync,
{
    how.check(n)?;
    let identity: Vec<usize> = (0..n).collect();
    let observed = replicate("a permutation test", 1, |_| statistic(&identity))?[0];
    let null = replicate("a permutation test", times, |r| statistic(&how.order(n, seed, r)))?;
    Ok(PermutationTest::new(observed, null, &how.describe()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn products<'a>(x: &'a [f64], y: &'a [f64]) -> impl Fn(&[usize]) -> Result<f64> + Sync + 'a {
        |order| Ok(order.iter().enumerate().map(|(i, &j)| x[i] * y[j]).sum::<f64>().abs())
    }

    /// An autoregressive series with memory `a`.
    fn series(n: usize, a: f64, seed: u64, which: u64) -> Vec<f64> {
        let mut draws = Stream::new(seed, &[which]);
        let mut x = draws.normal() / (1.0 - a * a).sqrt();
        (0..n)
            .map(|_| {
                x = a * x + draws.normal();
                x
            })
            .collect()
    }

    /// How often a null of two series with memory is rejected at level 0.1, of 200.
    fn alarms(how: Exchange) -> usize {
        let one = |seed: u64| {
            let (x, y) = (series(200, 0.9, seed, 1), series(200, 0.9, seed, 2));
            permutation_test(200, how, 39, 1, products(&x, &y)).unwrap().p.value <= 0.1
        };
        (0..200).filter(|&s| one(s)).count()
    }

    #[test]
    fn theory_p_is_uniform_under_the_null() {
        let runs = 400;
        let one = |seed: u64| {
            let (x, y) = (series(30, 0.0, seed, 1), series(30, 0.0, seed, 2));
            permutation_test(30, Exchange::Samples, 19, seed, products(&x, &y)).unwrap().p.value
        };
        let p: Vec<f64> = (0..runs).map(one).collect();
        // p is uniform on 1/20 … 1: each tenth ± 4.5 binomial standard deviations.
        for tenth in 1..=10 {
            let (low, high) = (f64::from(tenth - 1) / 10.0 + 1e-9, f64::from(tenth) / 10.0 + 1e-9);
            let hits = p.iter().filter(|v| **v > low && **v <= high).count() as f64;
            assert!((hits - 40.0).abs() < 4.5 * (400.0f64 * 0.09).sqrt(), "{tenth}: {hits}");
        }
    }

    #[test]
    fn theory_memory_needs_blocks_or_shifts() {
        // Level 0.1 of 200: 20 ± 4.2. Exchanging samples of such series one by one alarms several times too often.
        assert!(alarms(Exchange::Samples) > 60);
        for how in [Exchange::Shifts(20), Exchange::Blocks(40)] {
            assert!(alarms(how) < 40, "{how:?}: {}", alarms(how));
        }
    }

    #[test]
    fn law_orders_are_permutations_and_repeat() {
        for how in [Exchange::Samples, Exchange::Blocks(7), Exchange::Shifts(5)] {
            for r in 0..20 {
                let order = how.order(50, 3, r);
                assert_eq!(order, how.order(50, 3, r));
                let mut sorted = order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (0..50).collect::<Vec<_>>());
                if let Exchange::Shifts(least) = how {
                    assert!(order[0] >= least && order[0] <= 50 - least);
                }
            }
        }
    }

    #[test]
    fn law_threads_do_not_matter() {
        let (x, y) = (series(60, 0.5, 1, 1), series(60, 0.5, 1, 2));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| permutation_test(60, Exchange::Samples, 100, 9, products(&x, &y)).unwrap())
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn law_bad_requests_and_statistics_are_refused() {
        let fine = |_: &[usize]| Ok(1.0);
        assert!(permutation_test(3, Exchange::Samples, 10, 1, fine).is_err());
        assert!(permutation_test(30, Exchange::Samples, 0, 1, fine).is_err());
        assert!(permutation_test(30, Exchange::Blocks(0), 9, 1, fine).is_err());
        assert!(permutation_test(30, Exchange::Shifts(20), 9, 1, fine).is_err());
        let why = permutation_test(30, Exchange::Samples, 9, 1, |_| Ok(f64::NAN)).unwrap_err().to_string();
        assert!(why.contains("replicate 0"), "{why}");
        // All pairings alike: nothing is unusual, p = 1.
        assert_eq!(permutation_test(30, Exchange::Samples, 9, 1, fine).unwrap().p.value, 1.0);
    }

    #[test]
    fn theory_critical_value_counts_from_the_top() {
        let test = PermutationTest::new(0.0, (1..=19).map(f64::from).collect(), "by hand");
        assert_eq!(test.critical(0.1), 18.0);
        assert_eq!(test.critical(0.05), 19.0);
        assert_eq!(test.critical(0.01), f64::INFINITY);
        // The observed value equal to the critical one has p ≤ level.
        assert_eq!(PermutationTest::new(18.0, test.null.clone(), "by hand").p.value, 0.15);
        assert_eq!(PermutationTest::new(18.5, test.null, "by hand").p.value, 0.1);
    }
}
