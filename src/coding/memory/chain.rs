//! How does a chain of coupled variables keep a memory almost as long as it has synapses?
//!
//! C_k du_k/dt = g_{k−1}(u_{k−1} − u_k) + g_k(u_{k+1} − u_k), u₁ is the weight, u_{m+1} = 0. Each memory adds ±1 to u₁, one
//! per unit of time. The trace is h(t) = [e^(At)]₁₁ = Σ_j V₁ⱼ² e^(λⱼt), the noise ν = Σ_jk V₁ⱼ²V₁ₖ²/(1 − e^(λⱼ+λₖ)), and
//! SNR = √N h/√ν. With C_k = 2^(k−1) and g_k = α2^(−(k−1)) the trace falls like t^(−1/2).
//! Source: Benna & Fusi 2016.
//!
//! ```
//! use homeostat::coding::memory::Chain;
//! let chain = Chain::geometric(8, 0.25)?;
//! assert!((chain.lifetime(1e4, 1.0)?.unwrap() - 740.0609585).abs() < 1e-6);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::root;
use crate::field::{Error, Result};
use nalgebra::{DMatrix, SymmetricEigen};

/// A chain of coupled variables, solved.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Decay rates −λ (per unit of time), slowest first.
    pub rates: Vec<f64>,
    /// How much of the first variable decays at each rate; sums to 1.
    pub parts: Vec<f64>,
}

impl Chain {
    /// A chain from capacities C_k and conductances g_k; `conductances[k]` couples variable k to the next one, and the
    /// last one to zero (the leak). As many of both.
    pub fn new(capacities: &[f64], conductances: &[f64]) -> Result<Self> {
        let m = capacities.len();
        checks::same_length("capacities and conductances", m, conductances.len())?;
        if m == 0 {
            return Err(Error::usage("a chain without variables", "give at least one"));
        }
        for (&c, &g) in capacities.iter().zip(conductances) {
            checks::positive("a capacity", c)?;
            checks::positive("a conductance", g)?;
        }
        // C^(−1/2) G C^(−1/2), symmetric and positive definite. Its inverse is eigen-decomposed: the slow rates, which
        // carry the memory, are then the large eigenvalues and keep all digits. G⁻¹ = resistances to the leak, exactly.
        let mut to_leak = vec![0.0; m];
        for k in (0..m).rev() {
            to_leak[k] = 1.0 / conductances[k] + if k + 1 < m { to_leak[k + 1] } else { 0.0 };
        }
        let inverse = DMatrix::from_fn(m, m, |i, j| to_leak[i.max(j)] * (capacities[i] * capacities[j]).sqrt());
        let solved = SymmetricEigen::new(inverse.clone());
        let residual = (&inverse * &solved.eigenvectors
            - &solved.eigenvectors * DMatrix::from_diagonal(&solved.eigenvalues))
        .amax();
        if residual.is_nan() || residual > 1e-11 * inverse.amax() {
            return Err(Error::NoConvergence { method: "chain eigenvalues", steps: m, residual, last: vec![] });
        }
        let mut modes: Vec<(f64, f64)> = (0..m)
            .map(|j| {
                // A Rayleigh quotient of the forward matrix repairs the fast rates, whose inverses are small.
                let v = solved.eigenvectors.column(j);
                let u: Vec<f64> = (0..m).map(|k| v[k] / capacities[k].sqrt()).collect();
                let forward: f64 =
                    (0..m).map(|k| conductances[k] * (u[k] - if k + 1 < m { u[k + 1] } else { 0.0 }).powi(2)).sum();
                let slow = 1.0 / solved.eigenvalues[j];
                // Each is good where the other is not; they agree in between.
                (if slow > 1e-3 * conductances[0] / capacities[0] { forward } else { slow }, v[0] * v[0])
            })
            .collect();
        modes.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Chain { rates: modes.iter().map(|m| m.0).collect(), parts: modes.iter().map(|m| m.1).collect() })
    }
    /// `m` variables with C_k = 2^(k−1), g_k = α 2^(−(k−1)).
    pub fn geometric(m: usize, alpha: f64) -> Result<Self> {
        checks::positive("α", alpha)?;
        let scale = |k: usize| 2f64.powi(k as i32);
        let capacities: Vec<f64> = (0..m).map(scale).collect();
        let conductances: Vec<f64> = (0..m).map(|k| alpha / scale(k)).collect();
        Chain::new(&capacities, &conductances)
    }
    /// The trace h(t) of a memory of age t.
    pub fn trace(&self, t: f64) -> Result<f64> {
        checks::not_negative("the age", t)?;
        Ok(self.modes().map(|(rate, part)| part * (-rate * t).exp()).sum())
    }
    /// The slope d ln h/d ln t at age t; −½ where memory falls like 1/√t.
    pub fn log_slope(&self, t: f64) -> Result<f64> {
        checks::positive("the age", t)?;
        let change: f64 = self.modes().map(|(rate, part)| -rate * part * (-rate * t).exp()).sum();
        Ok(t * change / self.trace(t)?)
    }
    /// The stationary variance ν of the weight under one memory of ±1 per unit of time.
    pub fn noise(&self) -> f64 {
        let over = |(a, p): (f64, f64)| -> f64 { self.modes().map(|(b, q)| p * q / -(-(a + b)).exp_m1()).sum() };
        self.modes().map(over).sum()
    }
    /// The slowest time constant.
    pub fn slowest(&self) -> f64 {
        1.0 / self.rates[0]
    }
    /// The SNR of N synapses at age t.
    pub fn snr(&self, synapses: f64, t: f64) -> Result<f64> {
        Ok((checks::positive("the number of synapses", synapses)? / self.noise()).sqrt() * self.trace(t)?)
    }
    /// The age at which the SNR of N synapses falls to `threshold`; `None` if it never is above it. The trace only falls.
    pub fn lifetime(&self, synapses: f64, threshold: f64) -> Result<Option<f64>> {
        checks::positive("the threshold", threshold)?;
        let room = self.snr(synapses, 0.0)? / threshold;
        if room < 1.0 {
            return Ok(None);
        }
        let level = 1.0 / room;
        let last = (1.0 + room.ln()) * self.slowest();
        let f = |t: f64| self.trace(t).unwrap_or(f64::NAN).ln() - level.ln();
        root("the lifetime", f, 0.0, last).map(Some)
    }
    fn modes(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.rates.iter().copied().zip(self.parts.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use crate::num::linalg;

    #[test]
    fn theory_c14_chain() {
        let chain = Chain::geometric(8, 0.25).unwrap();
        let want = [
            (1.0, 0.791261721),
            (10.0, 0.2950041344),
            (100.0, 0.09514999067),
            (1e3, 0.02995133389),
            (1e4, 0.009483858273),
            (1e5, 0.002821556159),
        ];
        want.iter().for_each(|&(t, h)| printed(chain.trace(t).unwrap(), h));
        // The ledger's slope is the chord between 1010 and 990.1; the tangent is 3e-6 less steep (mpmath 1.3.0).
        let chord = (chain.trace(1010.0).unwrap() / chain.trace(1e3 / 1.01).unwrap()).ln() / (2.0 * 1.01f64.ln());
        printed(chord, -0.4906943573);
        printed(chain.log_slope(1e3).unwrap(), -0.4906913012);
        printed(chain.slowest(), 151692.6381);
        printed(chain.noise(), 12.10336224);
        printed(chain.snr(1e4, 100.0).unwrap(), 2.734989947);
        printed(chain.lifetime(1e4, 1.0).unwrap().unwrap(), 740.0609585);
    }

    #[test]
    fn law_c14_equals_the_matrix_exponential() {
        let (c, g) = ([1.0, 3.0, 2.0], [0.5, 0.2, 0.1]);
        let chain = Chain::new(&c, &g).unwrap();
        let a = DMatrix::from_row_slice(3, 3, &[-0.5, 0.5, 0.0, 0.5 / 3.0, -0.7 / 3.0, 0.2 / 3.0, 0.0, 0.1, -0.15]);
        for t in [0.0, 0.3, 2.0, 17.0] {
            close(chain.trace(t).unwrap(), linalg::expm(&(&a * t)).unwrap()[(0, 0)], 1e-13);
        }
        // ν solves X = E X Eᵀ + e₁e₁ᵀ.
        let e = linalg::expm(&a).unwrap();
        let mut x = DMatrix::zeros(3, 3);
        for _ in 0..4000 {
            x = &e * x * e.transpose();
            x[(0, 0)] += 1.0;
        }
        close(chain.noise(), x[(0, 0)], 1e-12);
    }

    #[test]
    fn law_c14_falls_and_is_convex() {
        let chain = Chain::geometric(8, 0.25).unwrap();
        let h: Vec<f64> = (0..400).map(|i| chain.trace(f64::from(i)).unwrap()).collect();
        assert!(h.windows(2).all(|w| w[1] < w[0]));
        assert!(h.windows(3).all(|w| w[0] - 2.0 * w[1] + w[2] > 0.0));
        close(chain.parts.iter().sum(), 1.0, 1e-14);
        assert_eq!(chain.lifetime(1.0, 1.0).unwrap(), None);
        assert!(Chain::new(&[1.0], &[0.0]).is_err());
    }
}
