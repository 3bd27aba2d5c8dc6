//! What is the stationary value of a fluctuating recording, and how well is it known?
//!
//! The mean, with the variance that correlated samples give it: from an autoregressive model ([`Noise`]), checked against
//! batch means and against the windowed autocorrelation. The effective sample size is n_eff = var(x)/var(x̄); the 95 %
//! interval uses Student's t with the degrees of freedom that the variance estimate has.

use super::noise::Noise;
use crate::num::Estimate;
use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

/// Fewer independent samples than this are no basis for a judgement.
pub const FEWEST: f64 = 12.0;

/// A stationary value with what is known about its error.
#[derive(Clone, Debug)]
pub struct Mean {
    /// The mean with its standard error; `n` is the effective sample size.
    pub estimate: Estimate,
    /// Effective number of independent samples.
    pub effective: f64,
    /// Degrees of freedom of the standard error.
    pub freedom: f64,
    /// Standard error by batch means, for comparison.
    pub batch_se: f64,
    /// Integrated autocorrelation time in samples, Σ ρ(k) over all k (1 for white noise), by Sokal's window.
    pub autocorrelation_time: f64,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

/// The stationary value of a series, or why there is none.
pub fn mean(series: &[f64], unit: &str) -> Result<Mean, String> {
    let n = series.len();
    let value = series.iter().sum::<f64>() / n as f64;
    let noise = Noise::fit(series, value)
        .ok_or_else(|| format!("{n} samples that do not fluctuate, or too few, have no standard error"))?;
    let plain = noise.variance_of_mean(n);
    let effective = (noise.variance / plain).min(n as f64);
    if effective < FEWEST {
        return Err(format!(
            "only {effective:.1} effectively independent samples in {n}; at least {FEWEST} are needed: record longer"
        ));
    }
    // The fit is around the estimated mean and loses one independent sample; the persistence of a fitted
    // autoregression is too low by order 1/n_eff (Kendall 1954).
    let variance = plain * (1.0 + 2.0 / effective);
    let mut freedom = noise.freedom().clamp(3.0, n as f64 - 1.0);
    let mut se = variance.sqrt();
    let (batch_se, batches) = batch_means(series, noise.memory());
    let mut warnings = Vec::new();
    if batches >= 8 && batch_se > se && contradicts(batch_se, se, batches as f64 - 1.0, freedom) {
        warnings.push(format!(
            "batch means give a larger standard error ({batch_se:.3} instead of {se:.3} {unit}); the larger is used"
        ));
        (se, freedom) = (batch_se, batches as f64 - 1.0);
    }
    let how = format!("mean, autoregressive order {}", noise.coefficients.len());
    Ok(Mean {
        estimate: Estimate::new(value, unit, se, effective.floor() as usize, how),
        effective,
        freedom,
        batch_se,
        autocorrelation_time: autocorrelation_time(series, value),
        warnings,
    })
}

/// Is the ratio of two variances too large for chance (one in a thousand)?
fn contradicts(larger: f64, smaller: f64, freedom_larger: f64, freedom_smaller: f64) -> bool {
    FisherSnedecor::new(freedom_larger, freedom_smaller).is_ok_and(|f| 1.0 - f.cdf((larger / smaller).powi(2)) < 1e-3)
}

/// The standard error of the mean from batches ten times longer than the memory, and how many batches there are.
fn batch_means(series: &[f64], memory: f64) -> (f64, usize) {
    let n = series.len();
    let length = ((10.0 * memory).min(n as f64) as usize).clamp(1, n).max(n / 40).max(1);
    let means: Vec<f64> = series.chunks_exact(length).map(|b| b.iter().sum::<f64>() / length as f64).collect();
    let count = means.len();
    if count < 2 {
        return (f64::NAN, count);
    }
    let centre = means.iter().sum::<f64>() / count as f64;
    let variance = means.iter().map(|m| (m - centre).powi(2)).sum::<f64>() / (count - 1) as f64;
    ((variance / count as f64).sqrt(), count)
}

/// Σ ρ(k) over −M … M, with the smallest window M ≥ 5 times the sum itself (Sokal 1997).
fn autocorrelation_time(series: &[f64], mean: f64) -> f64 {
    let n = series.len();
    let lag = |k: usize| (0..n - k).map(|t| (series[t] - mean) * (series[t + k] - mean)).sum::<f64>();
    let zero = lag(0);
    let mut sum = 1.0;
    for k in 1..n / 2 {
        sum += 2.0 * lag(k) / zero;
        if k as f64 >= 2.5 * sum.max(0.2) {
            break;
        }
    }
    sum.max(0.0)
}

/// Half the width, in standard errors, of the two-sided interval at this level (0.95).
pub fn half_width(freedom: f64, level: f64) -> f64 {
    quantile(freedom, 0.5 + level / 2.0)
}

/// The quantile of Student's t.
pub fn quantile(freedom: f64, probability: f64) -> f64 {
    // Degrees of freedom are at least 1 by construction, so the distribution exists.
    StudentsT::new(0.0, 1.0, freedom.clamp(1.0, 1e6)).map_or(f64::INFINITY, |t| t.inverse_cdf(probability))
}

/// The probability that Student's t lies above `t`.
pub fn upper_tail(freedom: f64, t: f64) -> f64 {
    if t.is_nan() {
        return 1.0;
    }
    StudentsT::new(0.0, 1.0, freedom.clamp(1.0, 1e6)).map_or(1.0, |d| d.sf(t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;

    /// A stationary Ornstein–Uhlenbeck recording of `n` samples, dt/τ = `step`, unit variance.
    pub(crate) fn ou(n: usize, step: f64, seed: u64) -> Vec<f64> {
        let mut draw = Stream::new(seed, &[7, n as u64]);
        let keep = (-step).exp();
        let kick = (1.0 - keep * keep).sqrt();
        let mut x = draw.normal();
        (0..n)
            .map(|_| {
                x = keep * x + kick * draw.normal();
                x
            })
            .collect()
    }

    fn coverage(n: usize, step: f64, trials: u64, make: impl Fn(usize, f64, u64) -> Vec<f64>) -> (f64, f64) {
        let (mut inside, mut told) = (0, 0);
        for seed in 0..trials {
            if let Ok(m) = mean(&make(n, step, seed), "") {
                told += 1;
                inside += usize::from(m.estimate.value.abs() <= m.estimate.se * half_width(m.freedom, 0.95));
            }
        }
        (inside as f64 / told as f64, told as f64 / trials as f64)
    }

    #[test]
    fn theory_intervals_of_ou_recordings_cover_the_truth_as_often_as_they_say() {
        // The share inside has a standard error of 0.6 % over all five settings and of 1.3 % in one.
        let (mut all, mut settings) = (0.0, 0.0);
        for (n, step) in [(1000, 0.1), (1000, 0.5), (2000, 0.05), (400, 3.0), (1000, 0.06)] {
            let (inside, told) = coverage(n, step, 300, ou);
            assert!((0.915..0.985).contains(&inside), "n {n}, step {step}: {inside}");
            assert!(told > 0.9);
            (all, settings) = (all + inside, settings + 1.0);
        }
        assert!((0.93..0.97).contains(&(all / settings)), "{}", all / settings);
    }

    #[test]
    fn theory_an_oscillating_recording_is_covered_too() {
        let ring = |n: usize, step: f64, seed: u64| {
            let mut draw = Stream::new(seed, &[8]);
            let (keep, turn) = ((-step).exp(), 0.3f64);
            let (mut x, mut y) = (draw.normal(), draw.normal());
            (0..n)
                .map(|_| {
                    let (a, b) = (x, y);
                    x = keep * (turn.cos() * a - turn.sin() * b) + draw.normal();
                    y = keep * (turn.sin() * a + turn.cos() * b) + draw.normal();
                    x
                })
                .collect()
        };
        let (inside, _) = coverage(1500, 0.05, 300, ring);
        assert!((0.93..0.985).contains(&inside), "{inside}");
    }

    #[test]
    fn law_a_short_recording_is_refused() {
        assert!(mean(&ou(200, 0.01, 1), "Hz").unwrap_err().contains("record longer"));
        assert!(mean(&[4.0; 100], "Hz").unwrap_err().contains("do not fluctuate"));
    }
}
