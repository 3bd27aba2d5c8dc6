//! Which linear readout keeps trials of different classes farthest apart?
//!
//! The support vector machine with squared hinge loss: ½|w|² + C Σ max(0, 1 − y (w·x + b))² is least, y = ±1. The function
//! is convex and quadratic between kinks of its slope, so Newton steps on the trials that violate the margin end exactly
//! (Chapelle 2007); they are halved until the function falls, and the end is re-checked by the gradient. More than two
//! classes are each told from all others. Its scores are margins, not odds: use [`Logistic`](super::Logistic) for those.

use super::{Decoder, Linear};
use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::{Cholesky, DMatrix, DVector};

/// A linear support vector machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Svm {
    /// The cost C of a violated margin, above 0, times the number of trials: the total weight of the data against ½|w|².
    pub cost: f64,
}

impl Default for Svm {
    /// A cost of 100 for all trials together, the strength of the default ridge of [`Logistic`](super::Logistic).
    fn default() -> Self {
        Svm { cost: 100.0 }
    }
}

impl Decoder for Svm {
    fn name(&self) -> String {
        format!("support vector machine, cost {}", self.cost)
    }
    fn train(&self, x: &DMatrix<f64>, class: &[usize], classes: usize) -> Result<Linear> {
        let cost = checks::positive("the cost", self.cost)? / x.nrows() as f64;
        let against = |c: usize| -> Result<DVector<f64>> {
            let sides: Vec<f64> = class.iter().map(|&k| if k == c { 1.0 } else { -1.0 }).collect();
            margin(x, &sides, cost)
        };
        let all: Vec<DVector<f64>> = if classes == 2 {
            let second = against(1)?;
            vec![-&second, second]
        } else {
            (0..classes).map(against).collect::<Result<_>>()?
        };
        let d = x.ncols();
        let weights = DMatrix::from_fn(classes, d, |c, j| all[c][j]);
        Ok(Linear { weights, offsets: all.iter().map(|w| w[d]).collect() })
    }
}

/// The weights and, last, the offset that separate two sides.
fn margin(x: &DMatrix<f64>, side: &[f64], cost: f64) -> Result<DVector<f64>> {
    let (n, d) = x.shape();
    let feature = |i: usize, j: usize| if j < d { x[(i, j)] } else { 1.0 };
    // How far each trial is short of the margin; 0 where it is not.
    let short = |w: &DVector<f64>| -> Vec<f64> {
        let score = |i: usize| (0..=d).map(|j| w[j] * feature(i, j)).sum::<f64>();
        (0..n).map(|i| (1.0 - side[i] * score(i)).max(0.0)).collect()
    };
    let loss = |w: &DVector<f64>, short: &[f64]| {
        0.5 * w.rows(0, d).norm_squared() + cost * short.iter().map(|s| s * s).sum::<f64>()
    };
    let mut w = DVector::zeros(d + 1);
    let mut missed = short(&w);
    let mut steepest = f64::INFINITY;
    for _ in 0..100 {
        let mut gradient = w.clone();
        gradient[d] = 0.0;
        // The offset is free; this keeps it solvable where no trial is short of the margin.
        let mut curvature = DMatrix::from_fn(d + 1, d + 1, |i, j| f64::from(i == j && i < d));
        curvature[(d, d)] = 1e-12;
        for (i, &s) in missed.iter().enumerate().filter(|(_, s)| **s > 0.0) {
            for j in 0..=d {
                gradient[j] -= 2.0 * cost * s * side[i] * feature(i, j);
                for l in 0..=j {
                    curvature[(j, l)] += 2.0 * cost * feature(i, j) * feature(i, l);
                }
            }
        }
        steepest = gradient.amax();
        if steepest < 1e-11 * (1.0 + cost * n as f64) {
            return Ok(w);
        }
        // The lower triangle is read.
        let factor = Cholesky::new(curvature).ok_or_else(|| Error::Singular { what: "the margin".into() })?;
        let step = factor.solve(&gradient);
        let (value, mut length) = (loss(&w, &missed), 1.0);
        loop {
            let next = &w - &step * length;
            let after = short(&next);
            if loss(&next, &after) <= value || length < 1e-10 {
                (w, missed) = (next, after);
                break;
            }
            length *= 0.5;
        }
    }
    if steepest < 1e-7 * (1.0 + cost * n as f64) {
        return Ok(w);
    }
    let last = w.iter().copied().collect();
    Err(Error::NoConvergence { method: "support vector machine", steps: 100, residual: steepest, last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::decoders::{Folds, Logistic, cross_validate};
    use crate::coding::information::phi;
    use crate::coding::ledger::close;
    use crate::num::Stream;

    #[test]
    fn theory_two_points_by_hand() {
        // x = ±a, total cost C: ½ w² + C (1 − w a)² is least at w = 2 C a/(1 + 2 C a²); b = 0.
        for (a, cost) in [(1.0, 1.0), (0.5, 8.0), (2.0, 1e6)] {
            let x = DMatrix::from_row_slice(2, 1, &[-a, a]);
            let found = Svm { cost }.train(&x, &[0, 1], 2).unwrap();
            close(found.weights[(1, 0)], 2.0 * cost * a / (1.0 + 2.0 * cost * a * a), 1e-10);
            close(found.offsets[1], 0.0, 1e-9);
            close(found.weights[(0, 0)], -found.weights[(1, 0)], 0.0);
        }
    }

    #[test]
    fn limit_a_large_cost_gives_the_widest_margin() {
        // (0, 0) and (0, 1) against (2, 0) and (3, 5): the widest street is 2 wide, halved at x = 1: w = (1, 0), b = −1.
        let x = DMatrix::from_row_slice(4, 2, &[0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 3.0, 5.0]);
        let found = Svm { cost: 1e9 }.train(&x, &[0, 0, 1, 1], 2).unwrap();
        close(found.weights[(1, 0)], 1.0, 1e-6);
        close(found.weights[(1, 1)], 0.0, 1e-6);
        close(found.offsets[1], -1.0, 1e-6);
    }

    #[test]
    fn law_no_direction_leads_down_and_trials_may_be_doubled() {
        let mut draws = Stream::new(1, &[]);
        let class: Vec<usize> = (0..60).map(|i| i % 2).collect();
        let x = DMatrix::from_fn(60, 3, |i, _| draws.normal() + 0.8 * class[i] as f64);
        let svm = Svm::default();
        let found = svm.train(&x, &class, 2).unwrap();
        let w = found.weights.row(1).transpose();
        let loss = |w: &DVector<f64>, b: f64| {
            let short = |i: usize| {
                let side = 2.0 * class[i] as f64 - 1.0;
                (1.0 - side * (x.row(i).transpose().dot(w) + b)).max(0.0).powi(2)
            };
            0.5 * w.norm_squared() + svm.cost / 60.0 * (0..60).map(short).sum::<f64>()
        };
        let least = loss(&w, found.offsets[1]);
        for _ in 0..50 {
            let aside = DVector::from_fn(3, |_, _| 1e-3 * draws.normal());
            assert!(loss(&(&w + aside), found.offsets[1] + 1e-3 * draws.normal()) >= least);
        }
        // The cost is shared by the trials: the same ones twice change nothing.
        let twice = DMatrix::from_fn(120, 3, |i, j| x[(i % 60, j)]);
        let again = svm.train(&twice, &(0..120).map(|i| class[i % 60]).collect::<Vec<_>>(), 2).unwrap();
        close(again.weights[(1, 2)], found.weights[(1, 2)], 1e-9);
    }

    #[test]
    fn theory_accuracy_of_normal_responses() {
        // d' = 2 in a direction of 4 features: at most Φ(1) = 0.841, and with 600 trials hardly less; several classes too.
        let mut draws = Stream::new(2, &[]);
        let labels: Vec<u32> = (0..600).map(|i| i % 2).collect();
        let x = DMatrix::from_fn(600, 4, |i, _| draws.normal() + f64::from(labels[i]));
        let found = cross_validate(&x, &labels, &Svm::default(), Folds::default()).unwrap();
        assert!((found.accuracy.value - phi(1.0)).abs() < 4.5 * found.accuracy.se, "{}", found.accuracy);
        let four: Vec<u32> = (0..400).map(|i| i % 4).collect();
        let x = DMatrix::from_fn(400, 2, |i, j| {
            0.4 * draws.normal() + if j == 0 { f64::from(four[i] % 2) * 2.0 } else { f64::from(four[i] / 2) * 2.0 }
        });
        let svm = cross_validate(&x, &four, &Svm::default(), Folds::default()).unwrap();
        let logistic = cross_validate(&x, &four, &Logistic::default(), Folds::default()).unwrap();
        assert!((svm.accuracy.value - logistic.accuracy.value).abs() < 0.05, "{} {}", svm.accuracy, logistic.accuracy);
        assert!(Svm { cost: 0.0 }.train(&DMatrix::zeros(2, 1), &[0, 1], 2).is_err());
    }
}
