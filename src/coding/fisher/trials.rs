//! How much linear Fisher information do finite trials show, once the bias is taken off?
//!
//! T trials at each of two stimuli ds apart, N neurons: the naive In = Δmᵀ S⁻¹ Δm/ds² has the mean
//! (2T−2)/(2T−N−3) [I + 2N/(T ds²)]. Corrected, I_bc = In (2T−N−3)/(2T−2) − 2N/(T ds²) is unbiased, with the variance
//! 2I²/(2T−N−5) [1 + 4(2T−3)x + 4N(2T−3)x²], x = 1/(T I ds²). Source: Kanitscheider et al. 2015.
//!
//! ```
//! use homeostat::coding::fisher::TrialDesign;
//! let design = TrialDesign { neurons: 10, trials: 50, ds: 1.0 };
//! assert!((design.naive_mean(4.0)? - 4.956321839).abs() < 1e-9);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::{Error, Result};
use crate::num::Estimate;
use nalgebra::DMatrix;

/// How much was recorded: N neurons, T trials at each of two stimuli, ds apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrialDesign {
    /// Number of neurons N.
    pub neurons: usize,
    /// Trials T per stimulus.
    pub trials: usize,
    /// Distance ds of the stimuli.
    pub ds: f64,
}

impl TrialDesign {
    /// The expected naive estimate when the truth is `j`; needs 2T > N + 3.
    pub fn naive_mean(&self, j: f64) -> Result<f64> {
        let (n, t, ds2) = self.parts(3)?;
        Ok((2.0 * t - 2.0) / (2.0 * t - n - 3.0) * (checks::not_negative("J", j)? + 2.0 * n / (t * ds2)))
    }
    /// The unbiased estimate from a naive one; needs 2T > N + 3.
    pub fn corrected(&self, naive: f64) -> Result<f64> {
        let (n, t, ds2) = self.parts(3)?;
        Ok(naive * (2.0 * t - n - 3.0) / (2.0 * t - 2.0) - 2.0 * n / (t * ds2))
    }
    /// The variance of the corrected estimate when the truth is `j`; needs 2T > N + 5.
    pub fn variance(&self, j: f64) -> Result<f64> {
        let (n, t, ds2) = self.parts(5)?;
        checks::not_negative("J", j)?;
        // 2/(2T−N−5) [I² + 4(2T−3)I/(T ds²) + 4N(2T−3)/(T ds²)²]: the ledger's form without its division by I.
        let y = 1.0 / (t * ds2);
        Ok(2.0 / (2.0 * t - n - 5.0) * (j * j + 4.0 * (2.0 * t - 3.0) * (j * y + n * y * y)))
    }
    /// N, T and ds², if 2T > N + `margin`.
    fn parts(&self, margin: usize) -> Result<(f64, f64, f64)> {
        let ds = checks::finite("the stimulus difference", self.ds)?;
        checks::positive("the squared stimulus difference", ds * ds)?;
        if self.neurons == 0 {
            return Err(Error::usage("there is no neuron", "give at least one"));
        }
        if 2 * self.trials <= self.neurons + margin {
            return Err(Error::domain(
                "the corrected linear Fisher information",
                format!("{} trials per stimulus are too few for {} neurons", self.trials, self.neurons),
                format!("give at least {} trials, or fewer neurons", (self.neurons + margin) / 2 + 1),
            ));
        }
        Ok((self.neurons as f64, self.trials as f64, ds * ds))
    }
}

/// The bias-corrected linear Fisher information of two recordings (trials × neurons, as many trials in both) at stimuli
/// `ds` apart, per squared stimulus unit, with its standard error.
///
/// Refused: too few trials (2T ≤ N + 5), a neuron that never varies, neurons that are combinations of each other.
pub fn corrected_linear_fisher(first: &DMatrix<f64>, second: &DMatrix<f64>, ds: f64) -> Result<Estimate> {
    checks::same_length("neurons of the two recordings", first.ncols(), second.ncols())?;
    checks::same_length("trials of the two recordings", first.nrows(), second.nrows())?;
    checks::all_finite("the first recording", first.as_slice())?;
    checks::all_finite("the second recording", second.as_slice())?;
    let (trials, neurons) = first.shape();
    let design = TrialDesign { neurons, trials, ds };
    design.parts(5)?;
    let (m1, s1) = mean_and_covariance(first);
    let (m2, s2) = mean_and_covariance(second);
    let pooled = (s1 + s2) * 0.5;
    if let Some(i) = (0..neurons).find(|&i| pooled[(i, i)] == 0.0) {
        return Err(Error::domain(format!("neuron {i} (from 0)"), "never varies", "leave it out"));
    }
    let factor = checks::covariance("the pooled noise covariance", &pooled)?;
    let change: Vec<f64> = m1.iter().zip(&m2).map(|(a, b)| (b - a) / ds).collect();
    let naive = checks::inner(&factor, &change, &change);
    let value = design.corrected(naive)?;
    // The unknown truth in the variance is replaced by the estimate, which may be slightly negative.
    let se = design.variance(value.max(0.0))?.sqrt();
    Ok(Estimate::new(value, "", se, trials, "linear Fisher information, bias-corrected (Kanitscheider et al. 2015)"))
}

/// Column means and the unbiased covariance of the rows.
pub(crate) fn mean_and_covariance(rows: &DMatrix<f64>) -> (Vec<f64>, DMatrix<f64>) {
    let n = rows.nrows() as f64;
    let mean: Vec<f64> = rows.column_iter().map(|c| c.sum() / n).collect();
    let mut centred = rows.clone();
    centred.column_iter_mut().zip(&mean).for_each(|(mut c, m)| c.add_scalar_mut(-m));
    let covariance = centred.tr_mul(&centred) / (n - 1.0);
    (mean, covariance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};
    use crate::num::Stream;

    const DESIGN: TrialDesign = TrialDesign { neurons: 10, trials: 50, ds: 1.0 };

    #[test]
    fn theory_c08_mean_and_variance() {
        printed(DESIGN.naive_mean(4.0).unwrap(), 4.956321839);
        printed(DESIGN.variance(4.0).unwrap(), 1.143341176);
        digits(DESIGN.variance(4.0).unwrap().sqrt(), 1.06927133, 9);
        close(DESIGN.corrected(DESIGN.naive_mean(4.0).unwrap()).unwrap(), 4.0, 1e-14);
    }

    /// Two recordings with slopes `f` and correlated unit-variance noise.
    fn recordings(f: &[f64], trials: usize, seed: u64) -> (DMatrix<f64>, DMatrix<f64>) {
        let mut draws = Stream::new(seed, &[8]);
        let mut one = |sign: f64| {
            let mut rows = DMatrix::zeros(trials, f.len());
            for mut row in rows.row_iter_mut() {
                let shared = draws.normal();
                row.iter_mut().zip(f).for_each(|(x, f)| *x = 0.5 * sign * f + 0.6 * shared + 0.8 * draws.normal());
            }
            rows
        };
        (one(-1.0), one(1.0))
    }

    #[test]
    fn theory_c08_unbiased_with_the_stated_error() {
        let f = [1.0, -0.5, 0.8, 0.3, -1.2];
        let noise = DMatrix::from_fn(5, 5, |i, j| if i == j { 1.0 } else { 0.36 });
        let truth = crate::coding::fisher::linear_fisher(&f, &noise).unwrap();
        let runs = 600;
        let (mut sum, mut squares) = (0.0, 0.0);
        for run in 0..runs {
            let (a, b) = recordings(&f, 20, run);
            let got = corrected_linear_fisher(&a, &b, 1.0).unwrap();
            sum += got.value - truth;
            squares += (got.value - truth).powi(2);
        }
        let n = runs as f64;
        let variance = TrialDesign { neurons: 5, trials: 20, ds: 1.0 }.variance(truth).unwrap();
        // Four standard errors: one false alarm in 16 000.
        assert!((sum / n).abs() < 4.0 * (variance / n).sqrt(), "bias {}", sum / n);
        // The relative error of a variance from 600 skewed values is about 10 %.
        assert!((squares / n / variance - 1.0).abs() < 0.35, "{} against {variance}", squares / n);
    }

    #[test]
    fn law_c08_mixing_neurons_changes_nothing() {
        let (a, b) = recordings(&[1.0, 0.5, -0.7], 15, 3);
        let mix = DMatrix::from_row_slice(3, 3, &[2.0, 1.0, 0.0, -1.0, 3.0, 0.5, 0.3, 0.1, 1.0]);
        let plain = corrected_linear_fisher(&a, &b, 0.5).unwrap();
        let mixed = corrected_linear_fisher(&(&a * &mix), &(&b * &mix), 0.5).unwrap();
        close(plain.value, mixed.value, 1e-10);
        close(plain.se, mixed.se, 1e-10);
    }

    #[test]
    fn law_c08_refuses_what_it_cannot_know() {
        let (a, b) = recordings(&[1.0; 8], 6, 3);
        let message = corrected_linear_fisher(&a, &b, 1.0).unwrap_err().to_string();
        assert!(message.contains("at least 7 trials"), "{message}");
        let (mut a, mut b) = recordings(&[1.0; 3], 20, 3);
        assert!(corrected_linear_fisher(&a, &b, 0.0).is_err());
        let copied = |m: &DMatrix<f64>| {
            let mut m = m.clone();
            let c = m.column(0).into_owned();
            m.set_column(1, &c);
            m
        };
        assert!(matches!(corrected_linear_fisher(&copied(&a), &copied(&b), 1.0), Err(Error::Singular { .. })));
        a.column_mut(2).fill(1.0);
        b.column_mut(2).fill(1.0);
        assert!(corrected_linear_fisher(&a, &b, 1.0).unwrap_err().to_string().contains("never varies"));
        a[(0, 0)] = f64::NAN;
        assert!(corrected_linear_fisher(&a, &b, 1.0).is_err());
        assert!(DESIGN.variance(4.0).is_ok() && TrialDesign { trials: 6, ..DESIGN }.naive_mean(4.0).is_err());
    }
}
