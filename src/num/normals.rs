//! How are many normal numbers drawn at once? Sixteen short generators side by side, each named by its own stream.
//!
//! Four words of a [`Stream`] are the state of a short generator (xoshiro256++ of Blackman and Vigna, 2021), whose words
//! become normal numbers by the ziggurat of Marsaglia and Tsang (2000) as the library `rand_distr` has it.
//! Sixteen short generators step together in vector instructions. In 99 of 100 draws one word, one product and one
//! comparison give the number; the rest goes through the library with that word and, from the same lane, as many more as
//! it asks for. So a lane draws exactly what its stream would draw alone, whatever its neighbours are.

use super::{LANES, Lanes, Stream};
use rand::{Rng, TryRng};
use rand_distr::{Distribution, StandardNormal};
use std::convert::Infallible;
use std::sync::LazyLock;

impl Stream {
    /// Fills with independent normal numbers of mean 0 and variance 1, in half the time of so many [`Stream::normal`].
    ///
    /// So many numbers cost four words of the stream whatever their number.
    pub fn fill_normal(&mut self, out: &mut [f64]) {
        let mut short = Short::new(self.state());
        out.iter_mut().for_each(|x| *x = StandardNormal.sample(&mut short.lane(0, None)));
    }
    /// The same for one stream per lane: lane k gets what [`Stream::fill_normal`] gives for stream k, several times as
    /// fast. Lanes without a stream get numbers without a meaning.
    ///
    /// ```
    /// use homeostat::num::{LANES, Lanes, Stream};
    /// let mut streams = [Stream::new(1, &[0]), Stream::new(1, &[1])];
    /// let mut alone = [0.0; 5];
    /// streams[1].clone().fill_normal(&mut alone);
    /// let mut rows = [Lanes([0.0; LANES]); 5];
    /// Stream::fill_normals(&mut streams, rows.iter_mut());
    /// assert!(rows.iter().zip(alone).all(|(row, x)| row.0[1] == x));
    /// ```
    pub fn fill_normals<'a>(streams: &mut [Stream], rows: impl Iterator<Item = &'a mut Lanes>) {
        let mut short = Short([[1; LANES]; 4]);
        for (lane, stream) in streams.iter_mut().take(LANES).enumerate() {
            let words = stream.state();
            short.0.iter_mut().zip(words).for_each(|(s, word)| s[lane] = word);
        }
        let layers = &*LAYERS;
        rows.for_each(|row| short.normals(layers, row));
    }
    fn state(&mut self) -> [u64; 4] {
        std::array::from_fn(|_| self.next_u64())
    }
}

/// xoshiro256++ in N lanes.
struct Short<const N: usize>([[u64; N]; 4]);

impl Short<1> {
    fn new(state: [u64; 4]) -> Self {
        Short(state.map(|word| [word]))
    }
}

impl<const N: usize> Short<N> {
    /// The next word of every lane.
    #[inline(never)] // A loop of its own is vector code; together with the look-up it would be neither.
    fn next(&mut self, words: &mut [u64; N]) {
        let [a, b, c, d] = &mut self.0;
        for k in 0..N {
            words[k] = step(&mut a[k], &mut b[k], &mut c[k], &mut d[k]);
        }
    }
    /// One lane as a generator; `first` is given out before its own words.
    fn lane(&mut self, lane: usize, first: Option<u64>) -> Lane<'_, Self> {
        Lane { short: self, lane, first }
    }
}

impl Short<LANES> {
    /// One normal number per lane.
    fn normals(&mut self, layers: &[f64; 257], row: &mut Lanes) {
        let mut words = [0; LANES];
        self.next(&mut words);
        let mut missed = look_up(layers, &words, &mut row.0);
        while missed != 0 {
            let lane = missed.trailing_zeros() as usize;
            row.0[lane] = StandardNormal.sample(&mut self.lane(lane, Some(words[lane])));
            missed &= missed - 1;
        }
    }
}

/// The number that each word gives in its layer, and a bit for each that has to be looked at more closely.
#[inline(never)] // Slices of unknown length: the compiler should not turn sixteen look-ups into shuffles.
fn look_up(layers: &[f64; 257], words: &[u64], x: &mut [f64]) -> u32 {
    let mut missed = 0;
    for (k, (word, x)) in words.iter().zip(x).enumerate() {
        let layer = (word & 0xff) as usize;
        // Uniform in [−1, 1) from the upper 52 bits.
        let u = f64::from_bits((word >> 12) | 0x4000_0000_0000_0000) - 3.0;
        *x = u * layers[layer];
        missed |= u32::from(x.abs() >= layers[layer + 1]) << k;
    }
    missed
}

/// The right ends of the layers, read off the library's own sampler: its word k | u chooses layer k at u = 1/2, and the
/// largest words after it accept whatever is asked.
static LAYERS: LazyLock<[f64; 257]> = LazyLock::new(|| {
    let end = |layer: usize| {
        let half = (3 << 62) | layer as u64;
        let x: f64 = StandardNormal.sample(&mut Lane { short: &mut Largest, lane: 0, first: Some(half) });
        2.0 * x
    };
    std::array::from_fn(|layer| if layer < 256 { end(layer) } else { 0.0 })
});

/// Where a lane's words come from.
trait Words {
    fn word(&mut self, lane: usize) -> u64;
}
impl<const N: usize> Words for Short<N> {
    #[inline(always)]
    fn word(&mut self, lane: usize) -> u64 {
        let [a, b, c, d] = &mut self.0;
        step(&mut a[lane], &mut b[lane], &mut c[lane], &mut d[lane])
    }
}
struct Largest;
impl Words for Largest {
    fn word(&mut self, _lane: usize) -> u64 {
        u64::MAX
    }
}

/// One step of xoshiro256++.
#[inline(always)]
fn step(a: &mut u64, b: &mut u64, c: &mut u64, d: &mut u64) -> u64 {
    let drawn = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
    let shifted = *b << 17;
    *c ^= *a;
    *d ^= *b;
    *b ^= *c;
    *a ^= *d;
    *c ^= shifted;
    *d = d.rotate_left(45);
    drawn
}

/// One lane, as `rand` wants it.
struct Lane<'a, W> {
    short: &'a mut W,
    lane: usize,
    first: Option<u64>,
}

impl<W: Words> TryRng for Lane<'_, W> {
    type Error = Infallible;
    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.first.take().unwrap_or_else(|| self.short.word(self.lane)))
    }
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the reference implementation's algorithm, run in Python's integers on the state (1, 2, 3, 4).
    #[test]
    fn cross_the_short_generator_is_xoshiro() {
        let (mut short, mut words) = (Short([[1; 3], [2; 3], [3; 3], [4; 3]]), [0; 3]);
        let first: [u64; 4] = std::array::from_fn(|_| {
            short.next(&mut words);
            words[1]
        });
        assert_eq!(first, [41943041, 58720359, 3588806011781223, 3591011842654386]);
    }

    /// Marsaglia and Tsang's layers have one area, x_k (f(x_k+1) − f(x_k)), with f(x) = exp(−x²/2) and the tail beyond
    /// 3.654… in the lowest; the library prints its table to 18 digits.
    #[test]
    fn theory_layers_have_one_area() {
        let f = |x: f64| (-0.5 * x * x).exp();
        let area = |k: usize| LAYERS[k] * (f(LAYERS[k + 1]) - f(LAYERS[k]));
        assert!((LAYERS[1] - 3.654_152_885_361_009).abs() < 1e-15 && LAYERS[256] == 0.0);
        let lowest = LAYERS[0] * f(LAYERS[1]);
        assert!((1..255).all(|k| (area(k) / lowest - 1.0).abs() < 1e-12));
        // The highest one closes up to the digits of 3.654…, magnified by 254 layers.
        assert!((area(255) / lowest - 1.0).abs() < 1e-8);
    }

    /// More than 10⁵ draws, so that about 1 300 of them leave the fast path and 30 come from the tail.
    #[test]
    fn law_a_lane_draws_what_its_stream_draws_alone() {
        let n = 8_000;
        let mut streams: Vec<Stream> = (0..LANES as u64).map(|k| Stream::new(4, &[k])).collect();
        let mut alone = streams.clone();
        let mut few = vec![streams[3].clone(), streams[7].clone()];
        let mut rows = vec![Lanes([0.0; LANES]); n];
        let mut pair = rows.clone();
        for _ in 0..2 {
            Stream::fill_normals(&mut streams, rows.iter_mut());
            Stream::fill_normals(&mut few, pair.iter_mut());
            for (lane, stream) in alone.iter_mut().enumerate() {
                let mut wanted = vec![0.0; n];
                stream.fill_normal(&mut wanted);
                assert!(rows.iter().zip(&wanted).all(|(row, x)| row.0[lane].to_bits() == x.to_bits()), "lane {lane}");
            }
            assert!(rows.iter().zip(&pair).all(|(row, two)| [row.0[3], row.0[7]] == two.0[..2]));
        }
    }

    /// The distribution itself: 160 000 draws in 64 bins of equal probability, and the tail beyond 3.654 on its own.
    #[test]
    fn theory_draws_in_lanes_fill_the_normal_distribution() {
        let n = 10_000;
        let mut streams: Vec<Stream> = (0..LANES as u64).map(|k| Stream::new(11, &[k])).collect();
        let mut rows = vec![Lanes([0.0; LANES]); n];
        Stream::fill_normals(&mut streams, rows.iter_mut());
        let (total, mut bins, mut tail) = ((n * LANES) as f64, [0.0; 64], 0.0);
        for x in rows.iter().flat_map(|row| row.0) {
            bins[(crate::num::special::normal_cdf(x) * 64.0) as usize] += 1.0;
            tail += f64::from(u8::from(x.abs() > 3.654_152_885_361_009));
        }
        let chi2: f64 = bins.iter().map(|b: &f64| (b - total / 64.0).powi(2) / (total / 64.0)).sum();
        // 99.9999 % quantile of chi-square with 63 degrees of freedom.
        assert!(chi2 < 131.4, "{chi2}");
        // 2 (1 − Φ(3.654152885…)) = 2.5803e-4; Poisson, 5 standard errors.
        let wanted = 2.5803e-4 * total;
        assert!((tail - wanted).abs() < 5.0 * wanted.sqrt(), "{tail} draws beyond the lowest layer, {wanted} expected");
    }
}
