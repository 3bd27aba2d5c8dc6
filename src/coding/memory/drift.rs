//! How long does a frozen decoder read a code that drifts?
//!
//! A weight vector held at length R by homeostasis and moved by noise D wanders on a sphere: E cos = e^(−γt),
//! γ = (n−1)D/R². Coding directions that are restored at rate κ keep the variance (D/κ)(1 − e^(−2κt)); directions without
//! restoration spread as 2Dt. Sources: Rule, O'Leary & Harvey 2019; Qin et al. 2023.
//!
//! ```
//! use homeostat::coding::memory::SphereDrift;
//! let drift = SphereDrift { dimension: 20, diffusion: 1e-3, radius: 1.0 };
//! assert!((drift.half_life()? - 36.48143056).abs() < 1e-8);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::root;
use crate::field::{Error, Result};

/// Brownian motion of a weight vector whose length is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SphereDrift {
    /// Number of weights n, 2 or more.
    pub dimension: usize,
    /// Diffusion D of each weight, per s.
    pub diffusion: f64,
    /// Length R that homeostasis keeps.
    pub radius: f64,
}

impl SphereDrift {
    /// The rate γ = (n−1)D/R² at which similarity decays, per s.
    pub fn rate(&self) -> Result<f64> {
        if self.dimension < 2 {
            return Err(Error::usage("a vector of fixed length needs two dimensions", "give two weights or more"));
        }
        let d = checks::not_negative("the diffusion", self.diffusion)?;
        Ok((self.dimension - 1) as f64 * d / checks::positive("the radius", self.radius)?.powi(2))
    }
    /// E cos of the angle between the vector and itself t (s) later.
    pub fn similarity(&self, t: f64) -> Result<f64> {
        Ok((-self.rate()? * checks::not_negative("the time", t)?).exp())
    }
    /// The time (s) after which half of the similarity is left.
    pub fn half_life(&self) -> Result<f64> {
        Ok(std::f64::consts::LN_2 / checks::positive("the drift rate", self.rate()?)?)
    }
    /// Mean d' of a decoder that is realigned every `period` (s) and starts at `d0`.
    pub fn mean_dprime(&self, d0: f64, period: f64) -> Result<f64> {
        let x = self.rate()? * checks::not_negative("the period", period)?;
        Ok(checks::finite("d'", d0)? * mean_decay(x))
    }
    /// The longest period (s) between realignments that keeps the mean d' at this part of its best value.
    pub fn longest_period(&self, part: f64) -> Result<f64> {
        checks::within("the part of d' to keep", part, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)?;
        let rate = checks::positive("the drift rate", self.rate()?)?;
        Ok(root("the period", |x| mean_decay(x) - part, 0.0, 2.0 / part)? / rate)
    }
}

/// (1 − e^(−x))/x.
fn mean_decay(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { -(-x).exp_m1() / x }
}

/// A code whose coding directions are pulled back at rate κ against diffusion D.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestoredCode {
    /// Diffusion D per direction, per s.
    pub diffusion: f64,
    /// Restoring rate κ, per s.
    pub kappa: f64,
}

impl RestoredCode {
    /// Variance along a coding direction after t (s).
    pub fn coding_variance(&self, t: f64) -> Result<f64> {
        let (d, x) = self.parts(t)?;
        Ok(d / self.kappa * -(-2.0 * x).exp_m1())
    }
    /// Variance along a direction that nothing restores, after t (s).
    pub fn null_variance(&self, t: f64) -> Result<f64> {
        let (d, _) = self.parts(t)?;
        Ok(2.0 * d * t)
    }
    /// Mean squared error, relative to the variance of the stationary code, of a decoder frozen t (s) ago.
    pub fn frozen_error(&self, t: f64) -> Result<f64> {
        Ok(-2.0 * (-self.parts(t)?.1).exp_m1())
    }
    /// The same for the best rescaling of the frozen decoder.
    pub fn rescaled_error(&self, t: f64) -> Result<f64> {
        Ok(-(-2.0 * self.parts(t)?.1).exp_m1())
    }
    fn parts(&self, t: f64) -> Result<(f64, f64)> {
        let d = checks::not_negative("the diffusion", self.diffusion)?;
        Ok((d, checks::positive("the restoring rate", self.kappa)? * checks::not_negative("the time", t)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};
    use crate::num::Stream;

    const SPHERE: SphereDrift = SphereDrift { dimension: 20, diffusion: 1e-3, radius: 1.0 };

    #[test]
    fn theory_c19_drift() {
        printed(SPHERE.rate().unwrap(), 0.019);
        printed(SPHERE.half_life().unwrap(), 36.48143056);
        printed(SPHERE.similarity(50.0).unwrap(), 0.3867410235);
        printed(SPHERE.mean_dprime(2.0, 30.0).unwrap(), 1.524472145);
        printed(SPHERE.longest_period(0.9).unwrap(), 11.29240744);
        let code = RestoredCode { diffusion: 1e-3, kappa: 0.02 };
        digits(code.coding_variance(30.0).unwrap(), 0.0349402894, 9);
        printed(code.coding_variance(1e9).unwrap(), 0.05);
        printed(code.null_variance(30.0).unwrap(), 0.06);
        printed(code.frozen_error(50.0).unwrap(), 1.264241118);
        printed(code.rescaled_error(50.0).unwrap(), 0.8646647168);
    }

    #[test]
    fn theory_c19_walk_on_the_sphere() {
        // 400 walks of a 5-vector, renormalised at every step of 1e-2.
        let drift = SphereDrift { dimension: 5, diffusion: 0.05, radius: 1.0 };
        let (walks, steps, dt) = (400u64, 200, 0.01f64);
        let mut sum = 0.0;
        for walk in 0..walks {
            let mut draws = Stream::new(19, &[walk]);
            let mut w = [1.0, 0.0, 0.0, 0.0, 0.0];
            for _ in 0..steps {
                w.iter_mut().for_each(|x| *x += (2.0 * drift.diffusion * dt).sqrt() * draws.normal());
                let length = w.iter().map(|x| x * x).sum::<f64>().sqrt();
                w.iter_mut().for_each(|x| *x /= length);
            }
            sum += w[0];
        }
        // Spread of one cosine about 0.25, so 0.0125 for the mean; four of them.
        close(sum / walks as f64, drift.similarity(2.0).unwrap(), 0.05);
    }

    #[test]
    fn law_bad_drifts_are_refused() {
        assert!(SphereDrift { dimension: 1, ..SPHERE }.rate().is_err());
        assert!(SPHERE.longest_period(1.0).is_err());
        assert!(SphereDrift { diffusion: 0.0, ..SPHERE }.half_life().is_err());
    }
}
