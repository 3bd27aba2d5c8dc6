//! How is a fluctuating recording correlated with itself?
//!
//! An autoregressive model xₜ − μ = Σ φᵢ (xₜ₋ᵢ − μ) + e, fitted by Burg's recursion, its order by the corrected Akaike
//! criterion. It follows slow fluctuations, oscillating ones and both, where a sum over the empirical autocorrelation
//! needs a window that suits only one of them. From its autocovariances R come the errors of everything that is linear in
//! the data: var(Σ cₜ xₜ) = Σ cₜ cₛ R|t−s|, for the finite recording at hand.
//! Sources: Burg 1975; the finite sum is exact for the model, and tends to the integrated autocorrelation time.

use nalgebra::{DMatrix, DVector};
use rustfft::{FftPlanner, num_complex::Complex};

/// An autoregressive model of the fluctuations of a series around its mean.
#[derive(Clone, Debug)]
pub struct Noise {
    /// φ, from lag 1.
    pub coefficients: Vec<f64>,
    /// Variance of the innovations e.
    pub innovation: f64,
    /// Variance of the series.
    pub variance: f64,
    /// How many samples it was fitted to.
    pub samples: usize,
    /// Autocovariances at lags 0 … order.
    start: Vec<f64>,
}

impl Noise {
    /// Fits a series that fluctuates around `mean`; `None` where it does not fluctuate or is shorter than 8 samples.
    pub fn fit(series: &[f64], mean: f64) -> Option<Noise> {
        let n = series.len();
        let centred: Vec<f64> = series.iter().map(|x| x - mean).collect();
        let variance = centred.iter().map(|x| x * x).sum::<f64>() / n as f64;
        // Below rounding of the mean there is nothing but noise of the arithmetic.
        if n < 8 || variance <= (1e-14 * mean).powi(2) || !variance.is_finite() {
            return None;
        }
        let highest = ((10.0 * (n as f64).log10()) as usize).min(n / 4).max(1);
        let (mut forward, mut backward) = (centred.clone(), centred);
        let (mut a, mut error, mut r) = (Vec::<f64>::new(), variance, vec![variance]);
        let mut best = Noise { coefficients: a.clone(), innovation: error, variance, samples: n, start: r.clone() };
        let criterion = |error: f64, p: usize| {
            let (n, k) = (n as f64, p as f64 + 2.0);
            n * error.max(f64::MIN_POSITIVE).ln() + 2.0 * k * n / (n - k - 1.0).max(1.0)
        };
        let mut lowest = criterion(error, 0);
        let mut since = 0;
        for m in 1..=highest {
            // Burg: the reflection that minimises the forward and backward prediction errors together.
            let (mut top, mut bottom) = (0.0, 0.0);
            for t in m..n {
                top += forward[t] * backward[t - 1];
                bottom += forward[t] * forward[t] + backward[t - 1] * backward[t - 1];
            }
            if bottom <= 0.0 || bottom.is_nan() {
                break;
            }
            let k = 2.0 * top / bottom;
            for t in (m..n).rev() {
                let (f, b) = (forward[t], backward[t - 1]);
                forward[t] = f - k * b;
                backward[t] = b - k * f;
            }
            let next = k * error + (1..m).map(|i| a[i - 1] * r[m - i]).sum::<f64>();
            let before = a.clone();
            (1..m).for_each(|i| a[i - 1] = before[i - 1] - k * before[m - i - 1]);
            a.push(k);
            r.push(next);
            error *= 1.0 - k * k;
            if error <= 0.0 || error.is_nan() {
                break;
            }
            let value = criterion(error, m);
            since += 1;
            if value < lowest {
                (lowest, since) = (value, 0);
                best = Noise { coefficients: a.clone(), innovation: error, variance, samples: n, start: r.clone() };
            }
            // Higher orders have stopped to pay.
            if since >= 8 {
                break;
            }
        }
        Some(best)
    }

    /// The autocovariances of the model at lags 0 … n−1.
    pub fn autocovariance(&self, n: usize) -> Vec<f64> {
        let p = self.coefficients.len();
        let mut r = self.start.clone();
        r.truncate(n);
        for lag in r.len()..n {
            r.push((1..=p).map(|i| self.coefficients[i - 1] * r[lag - i]).sum());
        }
        r
    }

    /// The variance of Σ cₜ xₜ over a stretch as long as `weights`.
    pub fn variance_of(&self, weights: &[f64]) -> f64 {
        let r = self.autocovariance(weights.len());
        let overlap = self_overlap(weights);
        let sum = overlap[0] * r[0] + 2.0 * overlap[1..].iter().zip(&r[1..]).map(|(o, r)| o * r).sum::<f64>();
        sum.max(0.0)
    }

    /// The variance of the mean of `n` successive samples.
    pub fn variance_of_mean(&self, n: usize) -> f64 {
        let r = self.autocovariance(n);
        let sum: f64 = r.iter().enumerate().skip(1).map(|(k, r)| (1.0 - k as f64 / n as f64) * r).sum();
        ((r[0] + 2.0 * sum) / n as f64).max(0.0)
    }

    /// The degrees of freedom that the estimate of the variance of a mean has: from the sampling error of the fit,
    /// var(ln σ²/(1−Σφ)²) = 2/n + 4·1ᵀ cov(φ) 1/(1−Σφ)².
    pub fn freedom(&self) -> f64 {
        let (n, p) = (self.samples as f64, self.coefficients.len());
        let gain = 1.0 - self.coefficients.iter().sum::<f64>();
        let ones = DVector::from_element(p, 1.0);
        let toeplitz = DMatrix::from_fn(p, p, |i, j| self.start[i.abs_diff(j)]);
        let spread = toeplitz.cholesky().map_or(0.0, |c| c.solve(&ones).sum()) * self.innovation / n;
        2.0 / (2.0 / n + 4.0 * spread / (gain * gain))
    }

    /// The slowest time, in samples, in which the model forgets.
    pub fn memory(&self) -> f64 {
        let p = self.coefficients.len();
        if p == 0 {
            return 0.0;
        }
        let companion = DMatrix::from_fn(p, p, |i, j| match i {
            0 => self.coefficients[j],
            _ => f64::from(i == j + 1),
        });
        let radius = companion.complex_eigenvalues().iter().map(|l| l.norm()).fold(0.0, f64::max);
        if radius >= 1.0 { f64::INFINITY } else { -1.0 / radius.max(1e-300).ln() }
    }
}

/// Σₜ cₜ cₜ₊ₖ for all k ≥ 0.
fn self_overlap(weights: &[f64]) -> Vec<f64> {
    let n = weights.len();
    let size = (2 * n).next_power_of_two();
    let mut spectrum: Vec<Complex<f64>> = weights.iter().map(|&w| Complex::new(w, 0.0)).collect();
    spectrum.resize(size, Complex::new(0.0, 0.0));
    let mut planner = FftPlanner::new();
    planner.plan_fft_forward(size).process(&mut spectrum);
    spectrum.iter_mut().for_each(|z| *z = Complex::new(z.norm_sqr() / size as f64, 0.0));
    planner.plan_fft_inverse(size).process(&mut spectrum);
    spectrum[..n].iter().map(|z| z.re).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;

    /// AR(2) with given coefficients and unit innovations, after a run-in.
    fn series(n: usize, a: [f64; 2], seed: u64) -> Vec<f64> {
        let mut draw = Stream::new(seed, &[2]);
        let (mut one, mut two) = (0.0, 0.0);
        let mut all = Vec::new();
        for _ in 0..n + 500 {
            let x = a[0] * one + a[1] * two + draw.normal();
            (two, one) = (one, x);
            all.push(x);
        }
        all.split_off(500)
    }

    #[test]
    fn theory_the_fit_finds_a_slow_and_an_oscillating_model() {
        for (a, seed) in [([0.9, 0.0], 1), ([1.8, -0.9], 2)] {
            let noise = Noise::fit(&series(20_000, a, seed), 0.0).unwrap();
            let gain = 1.0 - a[0] - a[1];
            let truth = 1.0 / (gain * gain);
            let found = noise.variance_of_mean(20_000) * 20_000.0;
            assert!((found / truth - 1.0).abs() < 0.15, "{a:?}: {found} for {truth}");
            assert!(noise.freedom() > 200.0);
        }
        // An AR(1) with φ = 0.9 forgets in −1/ln 0.9 samples.
        let noise = Noise::fit(&series(20_000, [0.9, 0.0], 1), 0.0).unwrap();
        assert!((noise.autocovariance(11)[10] / noise.variance - 0.9f64.powi(10)).abs() < 0.05);
    }

    #[test]
    fn law_the_mean_is_a_linear_functional_like_any_other() {
        let noise = Noise::fit(&series(500, [0.7, 0.1], 3), 0.0).unwrap();
        let weights = vec![1.0 / 300.0; 300];
        assert!((noise.variance_of(&weights) / noise.variance_of_mean(300) - 1.0).abs() < 1e-10);
    }

    #[test]
    fn limit_white_noise_has_the_ordinary_standard_error() {
        let mut draw = Stream::new(4, &[2]);
        let x: Vec<f64> = (0..5000).map(|_| draw.normal()).collect();
        let noise = Noise::fit(&x, 0.0).unwrap();
        assert!((noise.variance_of_mean(5000) * 5000.0 - 1.0).abs() < 0.15);
        assert!(Noise::fit(&[3.0; 50], 3.0).is_none());
    }
}
