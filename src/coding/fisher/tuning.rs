//! How do the rates of a population depend on an angle?
//!
//! Von Mises tuning f_i(s) = b + A e^(κ(cos(s − φ_i) − 1)). Evenly tiled with b = 0, the Fisher information of Poisson
//! counts in a window T is the same for every s: J = T N A κ e^(−κ) I₁(κ). Source: Seung & Sompolinsky 1993.

use crate::coding::checks;
use crate::coding::special::bessel_i_scaled;
use crate::field::Result;
use std::f64::consts::TAU;

/// A population with von Mises tuning to an angle (rad).
#[derive(Clone, Debug, PartialEq)]
pub struct VonMises {
    /// Preferred angles φ in rad.
    pub centres: Vec<f64>,
    /// Height A above baseline in Hz.
    pub amplitude: f64,
    /// Sharpness κ.
    pub kappa: f64,
    /// Baseline b in Hz.
    pub baseline: f64,
}

impl VonMises {
    /// `n` units whose preferred angles tile the circle evenly from 0.
    pub fn tiled(n: usize, amplitude: f64, kappa: f64, baseline: f64) -> Self {
        let centres = (0..n).map(|i| TAU * i as f64 / n as f64).collect();
        VonMises { centres, amplitude, kappa, baseline }
    }
    /// Rates at s in Hz.
    pub fn rates(&self, s: f64) -> Vec<f64> {
        self.centres.iter().map(|c| self.baseline + self.bump(s - c)).collect()
    }
    /// Slopes df/ds at s in Hz/rad.
    pub fn slopes(&self, s: f64) -> Vec<f64> {
        self.centres.iter().map(|c| -self.kappa * (s - c).sin() * self.bump(s - c)).collect()
    }
    /// The Fisher information in rad⁻² of Poisson counts in a window (s) without baseline, averaged over the circle:
    /// T N A κ e^(−κ) I₁(κ).
    pub fn mean_poisson_fisher(&self, window: f64) -> Result<f64> {
        checks::within("the baseline", self.baseline, 0.0, 0.0)?;
        let n = self.centres.len() as f64;
        Ok(window * n * self.amplitude * self.kappa * bessel_i_scaled(1, self.kappa)?)
    }
    fn bump(&self, angle: f64) -> f64 {
        self.amplitude * (self.kappa * (angle.cos() - 1.0)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::fisher::{dprime_from_fisher, poisson_fisher};
    use crate::coding::ledger::{close, printed};

    #[test]
    fn theory_c06_population() {
        let code = VonMises::tiled(32, 20.0, 2.0, 1.0);
        let j = poisson_fisher(&code.rates(0.3), &code.slopes(0.3), 0.5).unwrap();
        printed(j, 115.5825588);
        printed(dprime_from_fisher(j, 0.1).unwrap(), 1.075093292);
        let bare = VonMises { baseline: 0.0, ..code };
        printed(bare.mean_poisson_fisher(0.5).unwrap(), 137.7723451);
        close(
            poisson_fisher(&bare.rates(0.3), &bare.slopes(0.3), 0.5).unwrap(),
            bare.mean_poisson_fisher(0.5).unwrap(),
            1e-12,
        );
    }

    #[test]
    fn law_slopes_are_the_derivative() {
        let code = VonMises::tiled(7, 20.0, 2.0, 1.0);
        let h = 1e-5;
        for ((up, down), slope) in code.rates(0.4 + h).iter().zip(code.rates(0.4 - h)).zip(code.slopes(0.4)) {
            close((up - down) / (2.0 * h), slope, 1e-8);
        }
    }
}
