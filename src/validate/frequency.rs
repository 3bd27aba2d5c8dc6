//! How often does a sustained oscillation go round?
//!
//! Upward crossings of the mean, each counted once (the series must have been a quarter of a standard deviation below and
//! must reach as far above), give one period each; the frequency is the number of periods over the time between the first
//! crossing and the last, and its error comes from the scatter of the periods, correlated as they may be.

use super::mean::mean;
use crate::num::Estimate;

/// The frequency of a sustained oscillation.
#[derive(Clone, Debug)]
pub struct Frequency {
    /// Frequency in Hz.
    pub estimate: Estimate,
    /// Degrees of freedom of its error.
    pub freedom: f64,
    /// Standard deviation of the periods over their mean.
    pub irregularity: f64,
}

/// The common frequency of series (repetitions) sampled every `dt` seconds.
pub fn frequency(series: &[Vec<f64>], dt: f64) -> Result<Frequency, String> {
    let each: Vec<Frequency> = series.iter().map(|s| one(s, dt)).collect::<Result<_, _>>()?;
    let count = each.len() as f64;
    let value = each.iter().map(|f| f.estimate.value).sum::<f64>() / count;
    let within = each.iter().map(|f| f.estimate.se.powi(2)).sum::<f64>().sqrt() / count;
    let mut freedom = each.iter().map(|f| f.freedom).sum();
    let mut se = within;
    if each.len() > 2 {
        let scatter = each.iter().map(|f| (f.estimate.value - value).powi(2)).sum::<f64>() / (count - 1.0);
        let between = (scatter / count).sqrt();
        // Repetitions that differ more than their own errors allow speak for themselves.
        if between > 1.5 * within {
            (se, freedom) = (between, count - 1.0);
        }
    }
    let n = each.iter().map(|f| f.estimate.n).sum();
    let irregularity = each.iter().map(|f| f.irregularity).fold(0.0, f64::max);
    Ok(Frequency { estimate: Estimate::new(value, "Hz", se, n, "upward crossings"), freedom, irregularity })
}

fn one(x: &[f64], dt: f64) -> Result<Frequency, String> {
    let times = crossings(x);
    if times.len() < 9 {
        return Err(format!("{} periods were recorded; at least 8 are needed", times.len().saturating_sub(1)));
    }
    let periods: Vec<f64> = times.windows(2).map(|w| (w[1] - w[0]) * dt).collect();
    let count = periods.len() as f64;
    let period = periods.iter().sum::<f64>() / count;
    let deviation = (periods.iter().map(|p| (p - period).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let irregularity = deviation / period;
    if irregularity > 0.35 {
        return Err(format!("there is no sustained oscillation: its periods vary by {:.0} %", 100.0 * irregularity));
    }
    if period < 4.0 * dt {
        return Err(format!("the period {period:.3} s is not resolved by samples every {dt} s"));
    }
    let (scatter, freedom) = match mean(&periods, "s") {
        Ok(m) => (m.estimate.se, m.freedom),
        Err(_) => (deviation / count.sqrt(), count - 1.0),
    };
    // Interpolated crossings are uncertain by a fraction of the sampling interval.
    let reading = 0.1 * dt * std::f64::consts::SQRT_2 / count;
    let se = scatter.hypot(reading) / (period * period);
    let estimate = Estimate::new(1.0 / period, "Hz", se, periods.len(), "upward crossings");
    Ok(Frequency { estimate, freedom, irregularity })
}

/// Upward crossings of the mean, in samples.
fn crossings(x: &[f64]) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let deviation = (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let (mut found, mut armed, mut last) = (Vec::new(), false, 0.0);
    for (t, w) in x.windows(2).enumerate() {
        let (a, b) = (w[0] - mean, w[1] - mean);
        if a < 0.0 && b >= 0.0 {
            last = t as f64 + a / (a - b);
        }
        if b < -0.25 * deviation {
            armed = true;
        } else if armed && b > 0.25 * deviation {
            found.push(last);
            armed = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;

    /// An oscillation whose phase diffuses, with noise on top.
    fn wave(n: usize, seed: u64) -> Vec<f64> {
        let mut draw = Stream::new(seed, &[31]);
        let mut phase = 0.0f64;
        (0..n)
            .map(|_| {
                phase += std::f64::consts::TAU * 0.01 + 0.02 * draw.normal();
                3.0 + phase.sin() + 0.02 * draw.normal()
            })
            .collect()
    }

    #[test]
    fn theory_the_frequency_of_a_wandering_phase_is_covered() {
        let trials = 300;
        let inside = (0..trials)
            .filter(|&seed| {
                let f = frequency(&[wave(6000, seed)], 0.1).unwrap();
                f.estimate.z(0.1).abs() < super::super::mean::half_width(f.freedom, 0.95)
            })
            .count();
        // 95 % of 300 are 285 ± 4.
        assert!((270..=297).contains(&inside), "{inside}");
    }

    #[test]
    fn law_noise_is_not_taken_for_an_oscillation() {
        let mut draw = Stream::new(1, &[32]);
        let noise: Vec<f64> = (0..4000).map(|_| draw.normal()).collect();
        assert!(frequency(&[noise], 0.1).is_err());
        assert!(frequency(&[wave(500, 1)], 0.1).unwrap_err().contains("at least 8"));
    }
}
