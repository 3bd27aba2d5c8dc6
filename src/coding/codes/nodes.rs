//! At which stimuli is a tuning curve needed, and with which weights?
//!
//! Gauss–Legendre nodes on panels: an integral over a smooth density converges geometrically with the number of nodes, and
//! the difference of two numbers of panels bounds the error of the finer one.

use crate::coding::checks;
use crate::error::{Error, Result};
use crate::num::gauss_legendre;

/// How a stimulus is distributed (coherent unit of the parameter).
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Normal.
    Gaussian {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Logistic, the density of which is the slope of a sigmoid.
    Logistic {
        /// Mean.
        mean: f64,
        /// Scale b; the standard deviation is πb/√3.
        scale: f64,
    },
    /// Uniform between two ends.
    Uniform {
        /// Lower end.
        lo: f64,
        /// Upper end.
        hi: f64,
    },
    /// Finitely many values with probabilities.
    Values {
        /// The values.
        values: Vec<f64>,
        /// Their probabilities.
        probabilities: Vec<f64>,
    },
}

/// Gaussian stimuli are followed this many standard deviations out: 8e-11 of them are beyond.
const REACH: f64 = 6.5;
/// Logistic stimuli are followed this many scales out: 2e-10 of them are beyond.
const LOGISTIC_REACH: f64 = 23.0;
/// Nodes on a panel.
const NODES: usize = 8;

impl Distribution {
    /// Equally likely values.
    pub fn values(values: &[f64]) -> Self {
        let each = 1.0 / values.len() as f64;
        Distribution::Values { values: values.to_vec(), probabilities: vec![each; values.len()] }
    }
    /// The mean.
    pub fn mean(&self) -> f64 {
        match self {
            Distribution::Gaussian { mean, .. } | Distribution::Logistic { mean, .. } => *mean,
            Distribution::Uniform { lo, hi } => 0.5 * (lo + hi),
            Distribution::Values { values, probabilities } => {
                values.iter().zip(probabilities).map(|(v, p)| v * p).sum()
            }
        }
    }
    /// The standard deviation.
    pub fn sd(&self) -> f64 {
        match self {
            Distribution::Gaussian { sd, .. } => *sd,
            Distribution::Logistic { scale, .. } => scale * std::f64::consts::PI / 3f64.sqrt(),
            Distribution::Uniform { lo, hi } => (hi - lo) / 12f64.sqrt(),
            Distribution::Values { values, probabilities } => {
                let mean = self.mean();
                values.iter().zip(probabilities).map(|(v, p)| p * (v - mean).powi(2)).sum::<f64>().sqrt()
            }
        }
    }
    /// The same shape about another mean.
    pub fn around(&self, mean: f64) -> Self {
        let by = mean - self.mean();
        match self {
            Distribution::Gaussian { sd, .. } => Distribution::Gaussian { mean, sd: *sd },
            Distribution::Logistic { scale, .. } => Distribution::Logistic { mean, scale: *scale },
            Distribution::Uniform { lo, hi } => Distribution::Uniform { lo: lo + by, hi: hi + by },
            Distribution::Values { values, probabilities } => Distribution::Values {
                values: values.iter().map(|v| v + by).collect(),
                probabilities: probabilities.clone(),
            },
        }
    }
    /// From where to where stimuli lie, but for a negligible part.
    pub fn reach(&self) -> (f64, f64) {
        match self {
            Distribution::Gaussian { mean, sd } => (mean - REACH * sd, mean + REACH * sd),
            Distribution::Logistic { mean, scale } => (mean - LOGISTIC_REACH * scale, mean + LOGISTIC_REACH * scale),
            Distribution::Uniform { lo, hi } => (*lo, *hi),
            Distribution::Values { values, .. } => {
                values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)))
            }
        }
    }
    /// Does it have finitely many values?
    pub(super) fn is_discrete(&self) -> bool {
        matches!(self, Distribution::Values { .. })
    }
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Distribution::Gaussian { mean, sd } => {
                checks::finite("the mean of the stimulus", *mean)?;
                checks::positive("the standard deviation of the stimulus", *sd).map(|_| ())
            }
            Distribution::Logistic { mean, scale } => {
                checks::finite("the mean of the stimulus", *mean)?;
                checks::positive("the scale of the stimulus", *scale).map(|_| ())
            }
            Distribution::Uniform { lo, hi } => {
                checks::all_finite("the range of the stimulus", &[*lo, *hi])?;
                let empty =
                    || Error::domain("the range of the stimulus", format!("[{lo}, {hi}] is empty"), "give LO < HI");
                if lo < hi { Ok(()) } else { Err(empty()) }
            }
            Distribution::Values { values, probabilities } => {
                checks::same_length("stimuli and probabilities", values.len(), probabilities.len())?;
                checks::all_finite("the stimuli", values)?;
                checks::distribution("the stimulus distribution", probabilities)
            }
        }
    }
    /// Stimuli and weights that sum to one; `panels` is ignored for finitely many values.
    pub(super) fn nodes(&self, panels: usize) -> (Vec<f64>, Vec<f64>) {
        if let Distribution::Values { values, probabilities } = self {
            return (values.clone(), probabilities.clone());
        }
        let (lo, hi) = self.reach();
        let rule = gauss_legendre(NODES);
        let width = (hi - lo) / panels as f64;
        let (mut at, mut weights) = (Vec::new(), Vec::new());
        for panel in 0..panels {
            for (x, w) in &rule {
                let s = lo + width * (panel as f64 + 0.5 * (1.0 + x));
                at.push(s);
                weights.push(match self {
                    Distribution::Gaussian { mean, sd } => w * (-0.5 * ((s - mean) / sd).powi(2)).exp(),
                    Distribution::Logistic { mean, scale } => w / (0.5 * (s - mean) / scale).cosh().powi(2),
                    _ => *w,
                });
            }
        }
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum);
        (at, weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn theory_nodes_integrate_moments() {
        for d in [Distribution::Gaussian { mean: 3.0, sd: 0.5 }, Distribution::Uniform { lo: -1.0, hi: 5.0 }] {
            let (s, w) = d.nodes(16);
            close(s.iter().zip(&w).map(|(s, w)| s * w).sum(), d.mean(), 1e-13);
            let variance: f64 = s.iter().zip(&w).map(|(s, w)| w * (s - d.mean()).powi(2)).sum();
            close(variance.sqrt(), d.sd(), 1e-8);
        }
    }

    #[test]
    fn law_bad_distributions_are_refused() {
        assert!(Distribution::Gaussian { mean: 0.0, sd: -1.0 }.check().is_err());
        assert!(Distribution::Gaussian { mean: f64::NAN, sd: 1.0 }.check().is_err());
        assert!(Distribution::Uniform { lo: 1.0, hi: 1.0 }.check().is_err());
        assert!(Distribution::Values { values: vec![1.0], probabilities: vec![0.5] }.check().is_err());
        assert_eq!(Distribution::values(&[1.0, 3.0]).around(5.0), Distribution::values(&[4.0, 6.0]));
    }
}
