//! What does a recurrent network remember of its input, lag by lag?
//!
//! x(t) = W x(t−1) + v s(t) + z, cov z = ε1. The Fisher memory curve is J(k) = vᵀ(Wᵏ)ᵀ C⁻¹ Wᵏ v with C = ε Σ WʲWʲᵀ. A normal
//! W has Σ_k J(k) = |v|²/ε whatever its spectrum: homeostasis of the spectral radius chooses *where* on the lag axis memory
//! sits. Only non-normality buys more, at most N/ε. Source: Ganguli, Huh & Sompolinsky 2008.
//!
//! ```
//! use homeostat::coding::memory::{delay_line_memory, orthogonal_memory};
//! assert!((orthogonal_memory(0.9, 7)? - 0.04782969).abs() < 1e-12);
//! assert!((delay_line_memory(1.0, 20, 9)? - 0.1).abs() < 1e-14);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::{DMatrix, DVector};

/// J(0) … J(lags − 1) of a network with connections W, input weights v and noise variance ε.
pub fn memory_curve(w: &DMatrix<f64>, v: &[f64], epsilon: f64, lags: usize) -> Result<Vec<f64>> {
    let n = w.nrows();
    if !w.is_square() || v.len() != n {
        return Err(Error::usage("connections and input weights do not fit", "give an n × n matrix and n weights"));
    }
    checks::all_finite("the connections", w.as_slice())?;
    checks::all_finite("the input weights", v)?;
    checks::positive("the noise variance", epsilon)?;
    let factor = checks::covariance("the noise that stays in the network", &(accumulated(w)? * epsilon))?;
    let mut state = DVector::from_column_slice(v);
    let mut out = Vec::with_capacity(lags);
    for _ in 0..lags {
        out.push(checks::inner(&factor, state.as_slice(), state.as_slice()));
        state = w * state;
    }
    Ok(out)
}

/// Σ_j WʲWʲᵀ by doubling: C ← C + P C Pᵀ, P ← P².
fn accumulated(w: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    let n = w.nrows();
    let (mut sum, mut power) = (DMatrix::identity(n, n), w.clone());
    for _ in 0..60 {
        let step = &power * &sum * power.transpose();
        if !step.iter().all(|x| x.is_finite()) {
            break;
        }
        let done = step.amax() <= 1e-17 * sum.amax();
        sum += step;
        if done {
            return Ok((&sum + sum.transpose()) * 0.5);
        }
        power = &power * &power;
    }
    Err(Error::domain(
        "the connections",
        "the spectral radius is not below 1: noise accumulates without end",
        "scale them down",
    ))
}

/// J(k) = aᵏ(1 − a) of W = √a O with O orthogonal and |v| = ε = 1, 0 ≤ a < 1. The best a for lag k is k/(k + 1).
pub fn orthogonal_memory(a: f64, lag: u32) -> Result<f64> {
    checks::within("a", a, 0.0, 1.0 - f64::EPSILON / 2.0)?;
    Ok(a.powi(lag as i32) * (1.0 - a))
}

/// J(k) of a delay line of `n` units with gain √a from each to the next, fed at its first unit, ε = 1; a may exceed 1.
pub fn delay_line_memory(a: f64, n: u32, lag: u32) -> Result<f64> {
    checks::not_negative("a", a)?;
    if lag >= n {
        return Ok(0.0);
    }
    // a^k (1 − a)/(1 − a^(k+1)) = 1/Σ_{j=0}^{k} a^(−j), free of cancellation at a = 1.
    if a == 0.0 {
        return Ok(f64::from(lag == 0));
    }
    Ok(1.0 / (0..=lag as i32).map(|j| a.powi(-j)).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use crate::coding::quadrature::maximum;

    fn line(a: f64, n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| if i == j + 1 { a.sqrt() } else { 0.0 })
    }

    #[test]
    fn theory_c16_curves() {
        printed(orthogonal_memory(0.9, 7).unwrap(), 0.04782969);
        printed(orthogonal_memory(0.875, 7).unwrap(), 0.04908698797);
        let (best, _) = maximum(|a| orthogonal_memory(a, 7).unwrap(), 0.1, 0.99);
        close(best, 7.0 / 8.0, 1e-7);
        for (a, at9, total) in
            [(0.9, 0.05948221475, 2.88044319), (1.0, 0.1, 3.597739657), (1.2, 0.1987689641, 5.436287878)]
        {
            printed(delay_line_memory(a, 20, 9).unwrap(), at9);
            let sum: f64 = (0..25).map(|k| delay_line_memory(a, 20, k).unwrap()).sum();
            printed(sum, total);
            // The general formula says the same.
            let mut v = vec![0.0; 20];
            v[0] = 1.0;
            let curve = memory_curve(&line(a, 20), &v, 1.0, 25).unwrap();
            printed(curve[9], at9);
            printed(curve.iter().sum(), total);
        }
    }

    #[test]
    fn law_c16_normal_networks_conserve_memory() {
        // A symmetric and a rotating network, unit |v|, different spectra: the sum is 1/ε.
        let q = DMatrix::from_row_slice(2, 2, &[0.6, -0.8, 0.8, 0.6]);
        let nets = [
            &q * DMatrix::from_diagonal(&DVector::from_vec(vec![0.9, -0.3])) * q.transpose(),
            &q * 0.7f64.sqrt(),
            DMatrix::zeros(2, 2),
        ];
        for w in nets {
            let curve = memory_curve(&w, &[0.28, 0.96], 0.5, 4000).unwrap();
            close(curve.iter().sum(), 2.0, 1e-12);
        }
    }

    #[test]
    fn law_c16_bound_and_refusal() {
        let w = DMatrix::from_row_slice(3, 3, &[0.1, 5.0, 0.0, 0.0, 0.2, 5.0, 0.0, 0.0, 0.3]);
        let curve = memory_curve(&w, &[0.0, 0.0, 1.0], 1.0, 400).unwrap();
        let sum: f64 = curve.iter().sum();
        assert!(sum > 1.0 && sum <= 3.0, "{sum}");
        assert!(memory_curve(&(DMatrix::identity(2, 2) * 1.01), &[1.0, 0.0], 1.0, 3).is_err());
        assert!(memory_curve(&DMatrix::identity(2, 2), &[1.0, 0.0], 1.0, 3).is_err());
        assert!(memory_curve(&(DMatrix::identity(2, 2) * f64::NAN), &[1.0, 0.0], 1.0, 3).is_err());
    }
}
