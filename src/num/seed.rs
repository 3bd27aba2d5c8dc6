//! Which random numbers belong to this cell of a sweep, whatever thread computes it and in whatever order?
//!
//! A stream is named by words: the hash of the specification, the seed, the cell, the trial, the noise source.
//! The words are hashed (SHA-256) to the key of a counter-based generator (ChaCha with eight rounds), so that two
//! streams with different words have nothing in common, and a stream needs no state from outside.
//! Inside a stream, [`Stream::at_block`] jumps to any of 2⁶⁴ blocks of draws without computing those before it.
//!
//! Source: Bernstein 2008 (ChaCha); normal draws by the ziggurat of Marsaglia and Tsang (2000).
//!
//! ```
//! use homeostat::num::Stream;
//! let (seed, cell, noise_source) = (1, 17, 0);
//! let mut a = Stream::new(seed, &[cell, noise_source]);
//! let mut b = Stream::new(seed, &[cell, noise_source]);
//! assert_eq!(a.normal(), b.normal());
//! assert_ne!(a.normal(), Stream::new(seed, &[cell, 1]).normal());
//! ```

use rand::{Rng, RngExt, SeedableRng, TryRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use sha2::{Digest, Sha256};
use std::convert::Infallible;

/// A stream of random numbers that depends on nothing but its name.
///
/// It is a [`rand::Rng`], so the distributions of `rand_distr` draw from it too.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `seed` that `words` name. Streams with different seeds, words or numbers of words are independent.
    pub fn new(seed: u64, words: &[u64]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"homeostat stream");
        hash.update(seed.to_le_bytes());
        // Every word has eight bytes and the prefix is fixed, so no two names are hashed from the same bytes.
        words.iter().for_each(|word| hash.update(word.to_le_bytes()));
        Stream(ChaCha8Rng::from_seed(hash.finalize().into()))
    }
    /// The same stream at the beginning of its draw block `block` (0 is where [`Stream::new`] starts).
    pub fn at_block(&self, block: u64) -> Self {
        let mut inner = self.0.clone();
        inner.set_stream(block);
        inner.set_word_pos(0);
        Stream(inner)
    }
    /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * f64::EPSILON * 0.5
    }
    /// A uniform number in (0, 1), which has a logarithm.
    pub fn open_uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) * f64::EPSILON
    }
    /// A normal number with mean 0 and variance 1.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }
    /// Fills with independent uniform numbers in [0, 1).
    pub fn fill_uniform(&mut self, out: &mut [f64]) {
        out.iter_mut().for_each(|x| *x = self.uniform());
    }
    /// A uniform index below `n`, without bias. `n` must not be zero.
    pub fn index(&mut self, n: usize) -> usize {
        self.0.random_range(0..n as u64) as usize
    }
    /// Puts `items` into a uniformly random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(dst);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against SHA-256 (Python's hashlib) and ChaCha8 written from its definition in Python.
    /// The streams must never change: stored results quote their seeds.
    #[test]
    fn cross_first_words() {
        let mut s = Stream::new(42, &[1, 2]);
        assert_eq!([s.next_u64(), s.next_u64()], [7478523352516274329, 2340810082394140714]);
        assert_eq!(s.at_block(3).next_u64(), 12986476054129135289);
    }

    #[test]
    fn law_every_word_and_their_number_matter() {
        let first = |seed, words: &[u64]| Stream::new(seed, words).next_u64();
        let all = [first(1, &[]), first(2, &[]), first(1, &[0]), first(1, &[0, 0]), first(1, &[1, 0]), first(0, &[1])];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b), "stream {i} repeats another");
        }
    }

    #[test]
    fn law_a_block_does_not_depend_on_the_draws_before_it() {
        let mut used = Stream::new(7, &[1]);
        (0..1001).for_each(|_| _ = used.normal());
        let (mut a, mut b) = (used.at_block(5), Stream::new(7, &[1]).at_block(5));
        assert!((0..100).all(|_| a.uniform() == b.uniform()));
        assert_eq!(used.at_block(0).next_u64(), Stream::new(7, &[1]).next_u64());
    }

    /// Moments of 200 000 normal draws; each bound is 5 standard errors (false alarm 6e-7 a line).
    #[test]
    fn theory_moments_of_normal_draws() {
        let n = 200_000;
        let mut x = vec![0.0; n];
        Stream::new(3, &[]).fill_normal(&mut x);
        let moment = |k: i32| x.iter().map(|v| v.powi(k)).sum::<f64>() / n as f64;
        let se = |variance: f64| 5.0 * (variance / n as f64).sqrt();
        assert!(moment(1).abs() < se(1.0));
        assert!((moment(2) - 1.0).abs() < se(2.0));
        assert!(moment(3).abs() < se(15.0));
        assert!((moment(4) - 3.0).abs() < se(96.0));
        let lag: f64 = x.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / n as f64;
        assert!(lag.abs() < se(1.0));
    }

    /// Parallel streams are uncorrelated; 5 standard errors.
    #[test]
    fn theory_neighbouring_streams_are_uncorrelated() {
        let n = 50_000;
        let (mut a, mut b) = (Stream::new(3, &[0]), Stream::new(3, &[1]));
        let c: f64 = (0..n).map(|_| a.normal() * b.normal()).sum::<f64>() / n as f64;
        assert!(c.abs() < 5.0 / (n as f64).sqrt());
    }

    #[test]
    fn theory_uniform_draws_fill_ten_bins() {
        let (n, mut bins) = (100_000, [0.0; 10]);
        let mut s = Stream::new(9, &[]);
        (0..n).for_each(|_| bins[(s.uniform() * 10.0) as usize] += 1.0);
        let expected = n as f64 / 10.0;
        let chi2: f64 = bins.iter().map(|b: &f64| (b - expected).powi(2) / expected).sum();
        // 99.9999 % quantile of chi-square with 9 degrees of freedom.
        assert!(chi2 < 45.1, "{chi2}");
        assert!((0..10_000).all(|_| s.open_uniform().ln().is_finite()));
    }

    #[test]
    fn law_shuffle_keeps_the_items_and_reaches_every_order() {
        let (mut s, mut seen) = (Stream::new(1, &[]), std::collections::BTreeMap::new());
        for _ in 0..6000 {
            let mut items = [0, 1, 2];
            s.shuffle(&mut items);
            *seen.entry(items).or_insert(0) += 1;
        }
        // Each of the 6 orders 1000 ± 5 SD.
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|&k: &i32| (k - 1000).abs() < 145), "{seen:?}");
    }

    #[test]
    fn law_rand_distributions_draw_from_a_stream() {
        let poisson = rand_distr::Poisson::new(4.0).unwrap();
        let mut s = Stream::new(5, &[]);
        let mean = (0..20_000).map(|_| poisson.sample(&mut s)).sum::<f64>() / 20_000.0;
        assert!((mean - 4.0_f64).abs() < 5.0 * 2.0 / 20_000f64.sqrt());
    }
}
