//! How far does homeostasis alone carry a readout that plasticity no longer turns?
//!
//! A readout g w₀·x + σ_o z with w₀ the Fisher discriminant of an old task; its new signal keeps the part cos² of the
//! Fisher information F. With the drive scaled by q: J_none = cos² F κ(q), homeostasis J_hom = cos² F κ(1), full plasticity
//! J_full = F κ(1), κ(q) = q²v/(q²v + σ_o²). No common gain rotates a readout, so J_hom ≤ cos² F for every gain.
//!
//! ```
//! use homeostat::coding::regulation::OldReadout;
//! let readout = OldReadout { fisher: 9.0, cosine_squared: 0.6, variance: 1.0, output_noise: 1.0 };
//! assert!((readout.recovered(0.5)? - 0.4736842105).abs() < 1e-10);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::fisher::{linear_decoder, linear_fisher};
use crate::field::Result;
use nalgebra::{DMatrix, DVector};

/// A readout along an old discriminant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OldReadout {
    /// Fisher information F of the population about the new stimulus.
    pub fisher: f64,
    /// The part of F that lies along the old direction.
    pub cosine_squared: f64,
    /// Variance v that the input noise causes at the readout.
    pub variance: f64,
    /// Standard deviation of the noise at the readout's output.
    pub output_noise: f64,
}

impl OldReadout {
    /// The readout of old slopes, met by new slopes, with one noise covariance; normalised to variance `v`.
    pub fn new(old: &[f64], new: &[f64], covariance: &DMatrix<f64>, v: f64, output_noise: f64) -> Result<Self> {
        checks::same_length("old and new slopes", old.len(), new.len())?;
        let w = DVector::from_vec(linear_decoder(old, covariance)?);
        let signal = w.dot(&DVector::from_column_slice(new));
        let variance = checks::positive("the old Fisher information", (w.transpose() * covariance * &w)[(0, 0)])?;
        let fisher = checks::positive("the new Fisher information", linear_fisher(new, covariance)?)?;
        let cosine_squared = (signal * signal / (variance * fisher)).min(1.0);
        Ok(OldReadout { fisher, cosine_squared, variance: v, output_noise })
    }
    /// The Fisher information when the drive is scaled by q and nothing responds.
    pub fn nothing(&self, q: f64) -> Result<f64> {
        Ok(self.cosine_squared * self.fisher * self.kappa(q)?)
    }
    /// The same after homeostasis of the readout's drive.
    pub fn homeostasis(&self) -> Result<f64> {
        self.nothing(1.0)
    }
    /// The same after full plasticity with the same variance budget.
    pub fn full_plasticity(&self) -> Result<f64> {
        Ok(self.fisher * self.kappa(1.0)?)
    }
    /// The part of the lost Fisher information that homeostasis alone brings back; in [0, 1], 1 only for cos² = 1.
    pub fn recovered(&self, q: f64) -> Result<f64> {
        let (before, after) = (self.kappa(q)?, self.kappa(1.0)?);
        let lost = checks::positive("the lost information", after - self.cosine_squared * before)?;
        Ok(self.cosine_squared * (after - before) / lost)
    }
    fn kappa(&self, q: f64) -> Result<f64> {
        checks::within("the squared cosine", self.cosine_squared, 0.0, 1.0)?;
        checks::not_negative("the Fisher information", self.fisher)?;
        let driven = checks::finite("the drive", q)?.powi(2) * checks::positive("the variance", self.variance)?;
        let noise = checks::finite("the output noise", self.output_noise)?.powi(2);
        Ok(if driven == 0.0 { 0.0 } else { driven / (driven + noise) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::fisher::linear_information;
    use crate::coding::ledger::{close, printed};
    use proptest::prelude::*;

    #[test]
    fn theory_c30_limited_capacity() {
        let readout = OldReadout { fisher: 9.0, cosine_squared: 0.6, variance: 1.0, output_noise: 1.0 };
        let j = [readout.nothing(0.5).unwrap(), readout.homeostasis().unwrap(), readout.full_plasticity().unwrap()];
        printed(j[0], 1.08);
        printed(j[1], 2.7);
        printed(j[2], 4.5);
        printed(readout.recovered(0.5).unwrap(), 0.4736842105);
        let bits = j.map(|j| linear_information(j, 1.0).unwrap());
        printed(bits[0], 0.5282917642);
        printed(bits[1], 0.9437626354);
        printed(bits[2], 1.229715809);
        printed((bits[1] - bits[0]) / (bits[2] - bits[0]), 0.5923248199);
    }

    proptest! {
        #[test]
        fn law_c30_bound_for_any_population(old in prop::collection::vec(-2.0f64..2.0, 4), new in prop::collection::vec(-2.0f64..2.0, 4), m in prop::collection::vec(-1.0f64..1.0, 16), q in 0.05f64..0.95) {
            let m = DMatrix::from_row_slice(4, 4, &m);
            let cov = &m * m.transpose() + DMatrix::identity(4, 4) * 0.2;
            prop_assume!(old.iter().any(|x| x.abs() > 0.1) && new.iter().any(|x| x.abs() > 0.1));
            let readout = OldReadout::new(&old, &new, &cov, 1.0, 0.7).unwrap();
            prop_assert!((0.0..=1.0).contains(&readout.recovered(q).unwrap()));
            prop_assert!(readout.homeostasis().unwrap() <= readout.cosine_squared * readout.fisher);
            let ratio = readout.homeostasis().unwrap() / readout.full_plasticity().unwrap();
            prop_assert!((ratio - readout.cosine_squared).abs() < 1e-13);
        }
    }

    #[test]
    fn limit_c30_same_direction_recovers_all() {
        let cov = DMatrix::from_row_slice(2, 2, &[1.0, 0.3, 0.3, 2.0]);
        let readout = OldReadout::new(&[1.0, 2.0], &[2.0, 4.0], &cov, 1.0, 1.0).unwrap();
        close(readout.recovered(0.3).unwrap(), 1.0, 1e-14);
    }
}
