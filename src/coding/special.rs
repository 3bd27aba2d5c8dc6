//! Which special functions do coding formulas need beyond those of the core?

use super::checks;
use crate::field::Result;
use std::f64::consts::PI;

/// e^(−|x|) I_n(x), the scaled modified Bessel function of the first kind, by the trapezoidal rule of its integral
/// (1/π)∫₀^π e^(x cos θ) cos nθ dθ, which converges geometrically.
pub(crate) fn bessel_i_scaled(n: u32, x: f64) -> Result<f64> {
    let size = checks::finite("the argument of a Bessel function", x)?.abs();
    // The integrand is e^(−xθ²/2)-like: resolve its width, and the oscillation of cos nθ.
    let points = 64 + 16 * n as usize + (14.0 * size.sqrt()) as usize;
    let h = PI / points as f64;
    let term = |k: usize| (size * ((h * k as f64).cos() - 1.0)).exp() * (f64::from(n) * h * k as f64).cos();
    let inner: f64 = (1..points).map(term).sum();
    let value = (0.5 * (term(0) + term(points)) + inner) / points as f64;
    Ok(if x < 0.0 && n % 2 == 1 { -value } else { value })
}

/// ln n! − [n ln n − n + ½ ln 2πn], the error of Stirling's formula, for n ≥ 1.
fn stirling_error(n: f64) -> f64 {
    if n <= 15.0 {
        let log: f64 = (2..=n as u32).map(|k| f64::from(k).ln()).sum();
        return log - (n * n.ln() - n + 0.5 * (2.0 * PI * n).ln());
    }
    let q = 1.0 / (n * n);
    (1.0 / 12.0 - q * (1.0 / 360.0 - q * (1.0 / 1260.0 - q * (1.0 / 1680.0 - q / 1188.0)))) / n
}

/// x ln(x/m) + m − x without cancellation near x = m.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() < 0.1 * (x + m) {
        let v = (x - m) / (x + m);
        let mut sum = (x - m) * v;
        let mut term = 2.0 * x * v;
        for j in 1..100 {
            term *= v * v;
            let next = sum + term / f64::from(2 * j + 1);
            if next == sum {
                break;
            }
            sum = next;
        }
        return sum;
    }
    x * (x / m).ln() + m - x
}

/// The probability of n under a Poisson law, to rounding also for large means. Source: Loader 2000 (saddle point).
pub(crate) fn poisson_probability(n: usize, mean: f64) -> f64 {
    if mean == 0.0 {
        return if n == 0 { 1.0 } else { 0.0 };
    }
    if n == 0 {
        return (-mean).exp();
    }
    let x = n as f64;
    (-stirling_error(x) - deviance(x, mean)).exp() / (2.0 * PI * x).sqrt()
}

/// The probability of k successes in n trials of probability p, to rounding also for large n. Source: Loader 2000.
pub(crate) fn binomial_probability(k: usize, n: usize, p: f64) -> f64 {
    let (kf, nf) = (k as f64, n as f64);
    if k > n {
        return 0.0;
    }
    if k == 0 {
        return (nf * (-p).ln_1p()).exp();
    }
    if k == n {
        return (nf * p.ln()).exp();
    }
    if p == 0.0 || p == 1.0 {
        return 0.0;
    }
    let rest = nf - kf;
    let log = stirling_error(nf)
        - stirling_error(kf)
        - stirling_error(rest)
        - deviance(kf, nf * p)
        - deviance(rest, nf * (1.0 - p));
    log.exp() * (nf / (2.0 * PI * kf * rest)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn cross_bessel_values() {
        // mpmath 1.3.0: besseli(n, x) exp(-x) to 16 digits.
        close(bessel_i_scaled(0, 1.0).unwrap(), 0.465_759_607_593_640_4, 1e-15);
        close(bessel_i_scaled(1, 2.0).unwrap(), 0.215_269_289_248_937_66, 1e-15);
        close(bessel_i_scaled(0, 0.0).unwrap(), 1.0, 1e-15);
        // Large x: 1/√(2πx) (1 + 1/8x + 9/128x² + …).
        let x = 1e4;
        close(
            bessel_i_scaled(0, x).unwrap() * (2.0 * PI * x).sqrt(),
            1.0 + 1.0 / (8.0 * x) + 9.0 / (128.0 * x * x),
            1e-11,
        );
        close(bessel_i_scaled(1, -2.0).unwrap(), -0.215_269_289_248_937_66, 1e-15);
    }

    #[test]
    fn law_probabilities_sum_to_one_and_match_their_recursion() {
        for mean in [0.3, 7.0, 1e4] {
            let sum: f64 = (0..30_000).map(|n| poisson_probability(n, mean)).sum();
            close(sum, 1.0, 1e-13);
        }
        for n in 1..40 {
            close(poisson_probability(n, 7.0) / poisson_probability(n - 1, 7.0) * n as f64, 7.0, 1e-13);
        }
        for (n, p) in [(1, 0.3), (20, 0.5), (4000, 0.5), (1000, 0.01)] {
            close((0..=n).map(|k| binomial_probability(k, n, p)).sum(), 1.0, 1e-13);
        }
        close(binomial_probability(3, 5, 0.2), 10.0 * 0.008 * 0.64, 1e-14);
    }
}
