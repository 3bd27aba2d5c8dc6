//! Which windows leak least? Slepian's sequences, and Hann's.
//!
//! Among sequences of length N the k-th Slepian sequence has the largest part λ_k of its energy within ±W, orthogonal to
//! those before. They are eigenvectors of the tridiagonal matrix with the diagonal ((N − 1)/2 − t)² cos 2πW and t(N − t)/2
//! beside it (Slepian 1978; Percival & Walden 1993, section 8.3), found here by bisection and inverse iteration.
//!
//! ```
//! use homeostat::coding::spectra::slepian;
//! let tapers = slepian(64, 4.0, 7)?;
//! assert!(tapers.concentration[0] > 0.999_999);
//! let energy: f64 = tapers.windows[2].iter().map(|w| w * w).sum();
//! assert!((energy - 1.0).abs() < 1e-12);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::field::{Error, Result};
use nalgebra::Complex;
use rayon::prelude::*;
use rustfft::FftPlanner;
use std::f64::consts::{PI, TAU};

/// Windows of one length.
#[derive(Clone, Debug, PartialEq)]
pub struct Tapers {
    /// The sequences, each of energy 1; even ones have a positive sum, odd ones begin with a positive lobe.
    pub windows: Vec<Vec<f64>>,
    /// λ_k: the part of each one's energy within ±W.
    pub concentration: Vec<f64>,
}

/// The first `count` Slepian sequences of `n` samples with the time-bandwidth product NW.
///
/// Errors: 0 < NW < n/2 violated, no taper or more than n.
pub fn slepian(n: usize, nw: f64, count: usize) -> Result<Tapers> {
    if !(nw > 0.0 && nw < 0.5 * n as f64) {
        return Err(Error::domain(
            "the time-bandwidth product",
            format!("is {nw} for {n} samples"),
            "give a number between 0 and half the samples, such as 4",
        ));
    }
    if count == 0 || count > n {
        return Err(Error::usage(format!("{count} tapers of {n} samples"), "ask for 1 to 2 NW − 1 tapers"));
    }
    let width = nw / n as f64;
    let matrix = Tridiagonal::slepian(n, width);
    let windows: Vec<Vec<f64>> = (0..count).into_par_iter().map(|k| matrix.eigenvector(k)).collect::<Result<_>>()?;
    let concentration = windows.iter().map(|w| concentration(w, width)).collect();
    Ok(Tapers { windows, concentration })
}

/// The periodic Hann window ½(1 − cos 2πt/n), of energy 1.
pub fn hann(n: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..n).map(|t| 0.5 * (1.0 - (TAU * t as f64 / n as f64).cos())).collect();
    let norm = raw.iter().map(|w| w * w).sum::<f64>().sqrt();
    raw.into_iter().map(|w| w / norm).collect()
}

/// Σ_{t,u} w_t w_u sin 2πW(t − u)/π(t − u), from the autocorrelation of the window.
fn concentration(window: &[f64], width: f64) -> f64 {
    let n = window.len();
    let size = (2 * n).next_power_of_two();
    let mut data = vec![Complex::new(0.0, 0.0); size];
    data.iter_mut().zip(window).for_each(|(d, w)| d.re = *w);
    let mut planner = FftPlanner::new();
    planner.plan_fft_forward(size).process(&mut data);
    data.iter_mut().for_each(|z| *z = Complex::new(z.norm_sqr(), 0.0));
    planner.plan_fft_inverse(size).process(&mut data);
    let part = |lag: usize| data[lag].re / size as f64 * (TAU * width * lag as f64).sin() / (PI * lag as f64);
    (2.0 * width * data[0].re / size as f64 + 2.0 * (1..n).map(part).sum::<f64>()).clamp(0.0, 1.0)
}

/// A symmetric tridiagonal matrix.
struct Tridiagonal {
    diagonal: Vec<f64>,
    /// `beside[i]` couples i and i + 1.
    beside: Vec<f64>,
}

impl Tridiagonal {
    fn slepian(n: usize, width: f64) -> Self {
        let (centre, cosine) = (0.5 * (n as f64 - 1.0), (TAU * width).cos());
        // Divided by n², so that the numbers stay near one.
        let scale = (n * n) as f64;
        Tridiagonal {
            diagonal: (0..n).map(|t| (centre - t as f64).powi(2) * cosine / scale).collect(),
            beside: (1..n).map(|t| 0.5 * (t * (n - t)) as f64 / scale).collect(),
        }
    }
    /// How many eigenvalues lie above `x` (Sturm's sequence).
    fn above(&self, x: f64) -> usize {
        let mut pivot = 1.0;
        let mut count = 0;
        for (i, d) in self.diagonal.iter().enumerate() {
            let coupling = if i == 0 { 0.0 } else { self.beside[i - 1] * self.beside[i - 1] / pivot };
            pivot = d - x - coupling;
            if pivot == 0.0 {
                pivot = -f64::EPSILON * f64::EPSILON;
            }
            count += usize::from(pivot > 0.0);
        }
        count
    }
    /// The k-th largest eigenvalue (k from 0) by bisection to the last bit.
    fn eigenvalue(&self, k: usize) -> f64 {
        let reach = |i: usize| {
            let left = if i == 0 { 0.0 } else { self.beside[i - 1] };
            left + self.beside.get(i).copied().unwrap_or(0.0)
        };
        let ends = |i: usize| (self.diagonal[i] - reach(i), self.diagonal[i] + reach(i));
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut lo, mut hi) = (0..self.diagonal.len()).map(ends).fold(start, |(l, h), (a, b)| (l.min(a), h.max(b)));
        loop {
            let middle = 0.5 * (lo + hi);
            if middle <= lo || middle >= hi {
                return hi;
            }
            if self.above(middle) > k { lo = middle } else { hi = middle }
        }
    }
    /// (A − x) y = b by elimination with exchange of rows.
    fn solve(&self, x: f64, b: &[f64]) -> Vec<f64> {
        let n = b.len();
        let tiny = f64::EPSILON * f64::EPSILON;
        let mut y = b.to_vec();
        // Rows as (diagonal, first beside, second beside) above the diagonal.
        let mut rows: Vec<[f64; 3]> = Vec::with_capacity(n);
        let mut row = [self.diagonal[0] - x, self.beside.first().copied().unwrap_or(0.0), 0.0];
        for i in 1..n {
            let below = self.beside[i - 1];
            let mut next = [self.diagonal[i] - x, self.beside.get(i).copied().unwrap_or(0.0), 0.0];
            if below.abs() > row[0].abs() {
                // The lower row leads; the upper one is reduced.
                let factor = row[0] / below;
                let lead = [below, next[0], next[1]];
                next = [row[1] - factor * lead[1], row[2] - factor * lead[2], 0.0];
                rows.push(lead);
                y.swap(i - 1, i);
                y[i] -= factor * y[i - 1];
            } else {
                let pivot = if row[0] == 0.0 { tiny } else { row[0] };
                let factor = below / pivot;
                next = [next[0] - factor * row[1], next[1] - factor * row[2], 0.0];
                rows.push([pivot, row[1], row[2]]);
                y[i] -= factor * y[i - 1];
            }
            row = next;
        }
        rows.push([if row[0] == 0.0 { tiny } else { row[0] }, row[1], row[2]]);
        for i in (0..n).rev() {
            let one = if i + 1 < n { rows[i][1] * y[i + 1] } else { 0.0 };
            let two = if i + 2 < n { rows[i][2] * y[i + 2] } else { 0.0 };
            y[i] = (y[i] - one - two) / rows[i][0];
        }
        y
    }
    /// The k-th eigenvector (largest eigenvalue first), of norm 1, with the sign convention of [`Tapers`].
    fn eigenvector(&self, k: usize) -> Result<Vec<f64>> {
        let n = self.diagonal.len();
        let value = self.eigenvalue(k);
        // A start with the symmetry of the answer and no accidental orthogonality.
        let start = |i: usize| {
            let t = (2 * i + 1) as f64 / n as f64 - 1.0;
            ((k as f64 * PI * 0.5 * (t + 1.0)).cos() + 0.1 * t.powi(k as i32 % 2)) * (1.0 - 0.9 * t * t)
        };
        let mut v: Vec<f64> = (0..n).map(start).collect();
        for _ in 0..4 {
            v = self.solve(value, &v);
            let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
            v.iter_mut().for_each(|x| *x /= norm);
        }
        let product = |i: usize| {
            let left = if i == 0 { 0.0 } else { self.beside[i - 1] * v[i - 1] };
            let right = if i + 1 < n { self.beside[i] * v[i + 1] } else { 0.0 };
            left + (self.diagonal[i] - value) * v[i] + right
        };
        let residual = (0..n).map(|i| product(i).powi(2)).sum::<f64>().sqrt();
        if residual.is_nan() || residual > 1e-12 {
            return Err(Error::NoConvergence { method: "Slepian sequence", steps: 4, residual, last: vec![value] });
        }
        let even = k.is_multiple_of(2);
        let leading: f64 = if even { v.iter().sum() } else { v.iter().take(n / 2).sum() };
        if leading < 0.0 {
            v.iter_mut().for_each(|x| *x = -*x);
        }
        // The exact symmetry about the middle.
        for i in 0..n / 2 {
            let (a, b) = (v[i], v[n - 1 - i]);
            let mean = if even { 0.5 * (a + b) } else { 0.5 * (a - b) };
            (v[i], v[n - 1 - i]) = (mean, if even { mean } else { -mean });
        }
        if !even && n % 2 == 1 {
            v[n / 2] = 0.0;
        }
        Ok(v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn cross_slepian_values() {
        // scipy 1.17.1: signal.windows.dpss(n, nw, k, return_ratios=True); (n, NW, order, places, values, ratio).
        for (n, nw, k, places, ratio) in [
            (
                16,
                2.0,
                0,
                [(0, 0.016686197183800787), (5, 0.31401743350440636), (14, 0.04744131510320062)],
                0.9999565558039707,
            ),
            (
                16,
                2.0,
                1,
                [(0, 0.07510291538256537), (5, 0.3287649550555963), (14, -0.15875003684628136)],
                0.9979316293703271,
            ),
            (
                16,
                2.0,
                3,
                [(0, 0.4012557622754034), (5, -0.22936490367035275), (14, -0.38643063584137244)],
                0.7262473974614403,
            ),
            (
                101,
                3.5,
                0,
                [(0, 6.224077846585742e-05), (33, 0.10515815196348935), (99, 0.0001293681768336372)],
                0.9999999939006788,
            ),
            (
                101,
                3.5,
                5,
                [(0, 0.09907331515352236), (33, -0.025081102608339605), (99, -0.11593589397151066)],
                0.9413052475235911,
            ),
            (
                101,
                3.5,
                6,
                [(0, 0.1951490766919152), (33, 0.08025099193896079), (99, 0.20311745079697016)],
                0.7031861689644989,
            ),
            (
                512,
                4.0,
                0,
                [(0, 4.333644148404809e-06), (170, 0.044579665616481016), (510, 5.567312687775052e-06)],
                0.9999999997060645,
            ),
            (
                512,
                4.0,
                1,
                [(0, 4.0133526310214943e-05), (170, 0.07438386142545211), (510, -4.9668894538493144e-05)],
                0.9999999723665232,
            ),
            (
                512,
                4.0,
                6,
                [(0, 0.04475668359565699), (170, 0.03132451338959825), (510, 0.04660140830756303)],
                0.9366649347333362,
            ),
            (
                512,
                4.0,
                7,
                [(0, 0.0902235073761411), (170, 0.032512289375718366), (510, -0.09138570000801706)],
                0.6988487680342248,
            ),
        ] {
            let t = slepian(n, nw, k + 1).unwrap();
            for (i, want) in places {
                close(t.windows[k][i], want, 1e-11);
            }
            close(t.concentration[k], ratio, 1e-10);
        }
    }

    #[test]
    fn law_orthonormal_symmetric_and_concentrated_in_order() {
        for (n, nw, count) in [(16, 2.0, 3), (101, 3.5, 6), (1000, 10.0, 19), (9, 4.4, 9)] {
            let t = slepian(n, nw, count).unwrap();
            for i in 0..count {
                for j in 0..=i {
                    let dot: f64 = t.windows[i].iter().zip(&t.windows[j]).map(|(a, b)| a * b).sum();
                    assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-9, "{n} {i} {j}: {dot}");
                }
                assert!(i == 0 || t.concentration[i] <= t.concentration[i - 1] + 1e-12);
            }
        }
    }

    #[test]
    fn theory_hann_overlap() {
        // Half-overlapping periodic Hann windows are correlated by 1/6.
        let w = hann(64);
        close(w[..32].iter().zip(&w[32..]).map(|(a, b)| a * b).sum(), 1.0 / 6.0, 1e-14);
        close(w.iter().map(|x| x * x).sum(), 1.0, 1e-14);
    }

    #[test]
    fn law_bad_requests_are_refused() {
        assert!(slepian(10, 5.0, 3).is_err() && slepian(10, 0.0, 3).is_err() && slepian(10, f64::NAN, 3).is_err());
        assert!(slepian(10, 2.0, 0).is_err() && slepian(10, 2.0, 11).is_err());
    }
}
