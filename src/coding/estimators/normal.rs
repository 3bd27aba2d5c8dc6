//! How much do correlations tell, and how biased is that number?
//!
//! I = −½ Σ ln(1 − ρ_i²) over the canonical correlations of the samples. Its bias in nats does not depend on the true
//! covariance: ½[Σ_{i<dx} ψ((ν−i)/2) + Σ_{i<dy} ψ((ν−i)/2) − Σ_{i<dx+dy} ψ((ν−i)/2)], ν = n − 1. Normal scores first make
//! it the Gaussian-copula estimate, a lower bound for two scalars. Sources: Misra et al. 2005; Ince et al. 2017.

use super::Points;
use super::digamma::digamma;
use crate::coding::checks;
use crate::coding::fisher::mean_and_covariance;
use crate::field::{Error, Result};
use crate::num::Estimate;
use nalgebra::DMatrix;
use std::f64::consts::LN_2;

/// The exact bias in bits of the Gaussian estimate from n samples of dx and dy variables.
pub fn gaussian_bias(n: usize, dx: usize, dy: usize) -> Result<f64> {
    if n < dx + dy + 2 {
        return Err(Error::domain(
            "the Gaussian information",
            format!("{n} samples are too few for {} variables", dx + dy),
            format!("give {} or more", dx + dy + 2),
        ));
    }
    let nu = n as f64 - 1.0;
    let sum = |d: usize| -> f64 { (0..d).map(|i| digamma((nu - i as f64) / 2.0)).sum() };
    Ok(0.5 * (sum(dx) + sum(dy) - sum(dx + dy)) / LN_2)
}

/// The canonical correlations between two sets of variables.
pub(super) struct Canonical {
    rho: Vec<f64>,
}

impl Canonical {
    pub fn of(x: &Points, y: &Points) -> Result<Self> {
        let (dx, dy) = (x.dimension(), y.dimension());
        let all = x.beside(y)?;
        let rows = DMatrix::from_fn(all.len(), dx + dy, |i, j| all.variable(j)[i]);
        let (_, c) = mean_and_covariance(&rows);
        let part = |i: usize, j: usize, h: usize, w: usize| c.view((i, j), (h, w)).into_owned();
        let lx = checks::covariance("the covariance of X", &part(0, 0, dx, dx))?.l();
        let ly = checks::covariance("the covariance of Y", &part(dx, dx, dy, dy))?.l();
        let singular = || Error::Singular { what: "the covariance".into() };
        let half = lx.solve_lower_triangular(&part(0, dx, dx, dy)).ok_or_else(singular)?;
        let white = ly.solve_lower_triangular(&half.transpose()).ok_or_else(singular)?.transpose();
        Ok(Canonical { rho: white.svd(false, false).singular_values.iter().copied().collect() })
    }
    /// −½ Σ ln(1 − ρ²) in nats.
    pub fn nats(&self) -> f64 {
        self.rho.iter().map(|r| -0.5 * (1.0 - (r * r).min(1.0)).ln()).sum()
    }
    /// Is a combination of X one of Y? Sampling never gives a correlation of 1 otherwise.
    pub fn determined(&self) -> bool {
        self.rho.iter().any(|r| *r > 1.0 - 1e-13)
    }
    /// The variance Σρ² in nats² of the information density of Gaussian variables.
    pub fn density_variance(&self) -> f64 {
        self.rho.iter().map(|r| r * r).sum()
    }
}

/// The Gaussian estimate in bits with its exact bias; `copula` says that the variables are normal scores.
pub(super) fn gaussian_estimate(x: &Points, y: &Points, copula: bool) -> Result<Estimate> {
    let n = x.len();
    let bias = gaussian_bias(n, x.dimension(), y.dimension())?;
    let canonical = Canonical::of(x, y)?;
    // The information density of a Gaussian pair has the variance Σρ²; without dependence the estimate is χ²/2n.
    let squares = canonical.density_variance();
    let pairs = (x.dimension() * y.dimension()) as f64;
    let se = (squares / n as f64 + pairs / (2.0 * (n * n) as f64)).sqrt() / LN_2;
    let how = if copula { "gaussian copula, exact bias of the Gaussian estimate" } else { "gaussian, exact bias" };
    Ok(Estimate::new(canonical.nats() / LN_2, "bit", se, n, how).with_bias(bias))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::estimators::{Continuous, Method, information};
    use crate::coding::ledger::{close, printed};

    #[test]
    fn theory_c24_gaussian_estimate_of_a_known_sample() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0];
        let y: Vec<f64> = x.iter().enumerate().map(|(i, v)| v + if i % 2 == 0 { 2.0 } else { -2.0 }).collect();
        let r = {
            let n = x.len() as f64;
            let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
            let sum = |a: &[f64], ma: f64, b: &[f64], mb: f64| -> f64 {
                a.iter().zip(b).map(|(p, q)| (p - ma) * (q - mb)).sum()
            };
            sum(&x, mx, &y, my) / (sum(&x, mx, &x, mx) * sum(&y, my, &y, my)).sqrt()
        };
        let options = Continuous { method: Method::Gaussian, k: 2, ..Continuous::default() };
        let got = information(&Points::column(&x).unwrap(), &Points::column(&y).unwrap(), &options).unwrap();
        close(got.value, -0.5 * (1.0 - r * r).log2(), 1e-13);
        close(got.bias, gaussian_bias(15, 1, 1).unwrap(), 1e-15);
    }

    #[test]
    fn theory_c24_gaussian_bias() {
        printed(gaussian_bias(50, 1, 1).unwrap(), 0.01518458183);
        printed(gaussian_bias(50, 2, 3).unwrap(), 0.09411846464);
        assert!(gaussian_bias(4, 2, 1).is_err());
    }
}
