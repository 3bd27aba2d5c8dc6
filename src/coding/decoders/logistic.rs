//! Which linear readout gives the right odds?
//!
//! ln P(c)/P(0) = w_c·x + b_c, with weights held small by ½ρ n|w|² so that perfectly separated classes have a finite answer
//! (ridge; Hoerl & Kennard 1970). Newton steps on the penalised likelihood (iteratively reweighted least squares), halved
//! until it rises; the end is re-checked by the gradient.

use super::{Decoder, Linear};
use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::{Cholesky, DMatrix, DVector};

/// Multinomial logistic regression with a ridge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic {
    /// The strength ρ of the ridge, above 0, per trial and squared weight of a standardised feature.
    pub ridge: f64,
}

impl Default for Logistic {
    /// A ridge of 0.01.
    fn default() -> Self {
        Logistic { ridge: 0.01 }
    }
}

impl Decoder for Logistic {
    fn name(&self) -> String {
        format!("logistic regression, ridge {}", self.ridge)
    }
    fn train(&self, x: &DMatrix<f64>, class: &[usize], classes: usize) -> Result<Linear> {
        let ridge = checks::positive("the ridge", self.ridge)?;
        let (n, d) = x.shape();
        // One block of d + 1 numbers for each class but the first, whose score is 0.
        let (block, free) = (d + 1, classes - 1);
        let feature = |i: usize, j: usize| if j < d { x[(i, j)] } else { 1.0 };
        let score = |w: &DVector<f64>, i: usize| -> Vec<f64> {
            (0..free).map(|c| (0..block).map(|j| w[c * block + j] * feature(i, j)).sum()).collect()
        };
        // Probabilities of the classes after the first, and the log-probability of the true one.
        let odds = |scores: &[f64], truth: usize| -> (Vec<f64>, f64) {
            let top = scores.iter().copied().fold(0.0, f64::max);
            let total: f64 = (-top).exp() + scores.iter().map(|s| (s - top).exp()).sum::<f64>();
            let own = if truth == 0 { 0.0 } else { scores[truth - 1] };
            (scores.iter().map(|s| (s - top).exp() / total).collect(), own - top - total.ln())
        };
        let penalty = |w: &DVector<f64>| -> f64 {
            let one = |c: usize| (0..d).map(|j| w[c * block + j].powi(2)).sum::<f64>();
            0.5 * ridge * (0..free).map(one).sum::<f64>()
        };
        let likelihood = |w: &DVector<f64>| -> f64 {
            (0..n).map(|i| odds(&score(w, i), class[i]).1).sum::<f64>() / n as f64 - penalty(w)
        };
        let size = block * free;
        let mut w = DVector::zeros(size);
        let mut value = likelihood(&w);
        let mut steepest = f64::INFINITY;
        for _ in 0..200 {
            let mut gradient = DVector::zeros(size);
            let mut curvature = DMatrix::zeros(size, size);
            for (i, &truth) in class.iter().enumerate() {
                let (p, _) = odds(&score(&w, i), truth);
                for c in 0..free {
                    let left = f64::from(u8::from(truth == c + 1)) - p[c];
                    (0..block).for_each(|j| gradient[c * block + j] += left * feature(i, j) / n as f64);
                    for e in 0..free {
                        let weight = p[c] * (f64::from(u8::from(c == e)) - p[e]) / n as f64;
                        for j in 0..block {
                            for k in 0..block {
                                curvature[(c * block + j, e * block + k)] += weight * feature(i, j) * feature(i, k);
                            }
                        }
                    }
                }
            }
            for c in 0..free {
                for j in 0..d {
                    gradient[c * block + j] -= ridge * w[c * block + j];
                    curvature[(c * block + j, c * block + j)] += ridge;
                }
                // Keeps the offsets solvable where every trial is certain.
                curvature[(c * block + d, c * block + d)] += 1e-12;
            }
            steepest = gradient.amax();
            if steepest < 1e-9 {
                break;
            }
            let factor =
                Cholesky::new(curvature).ok_or_else(|| Error::Singular { what: "the logistic likelihood".into() })?;
            let step = factor.solve(&gradient);
            let mut length = 1.0;
            loop {
                let next = &w + &step * length;
                let reached = likelihood(&next);
                if reached >= value - 1e-15 * value.abs() {
                    (w, value) = (next, reached);
                    break;
                }
                length *= 0.5;
                if length < 1e-10 {
                    break;
                }
            }
            if length < 1e-10 {
                break;
            }
        }
        if steepest.is_nan() || steepest > 1e-6 {
            return Err(Error::NoConvergence {
                method: "logistic regression",
                steps: 200,
                residual: steepest,
                last: w.iter().copied().collect(),
            });
        }
        let weights = DMatrix::from_fn(classes, d, |c, j| if c == 0 { 0.0 } else { w[(c - 1) * block + j] });
        let offsets = (0..classes).map(|c| if c == 0 { 0.0 } else { w[(c - 1) * block + d] }).collect();
        Ok(Linear { weights, offsets })
    }
}
