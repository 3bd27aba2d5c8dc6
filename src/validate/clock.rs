//! How slow is a law whose drive was recorded?
//!
//! A law dq/dt = g/τ with recorded q and g gives τ without any fixed point and without waiting for rest:
//! q(t) = q₀ + (1/τ) ∫g dt, a straight line whose slope is 1/τ. Integral controllers hide τ from every stationary value;
//! here it shows. Two kinds of noise disturb the line: reading noise on q, which does not last, and kicks to dq/dt, which
//! add up. Their ratio is found by restricted maximum likelihood, and the line is fitted by generalised least squares (a
//! Kalman filter for a random walk seen through noise: Harvey 1989); correlation that is left widens the error.

use super::noise::Noise;
use crate::num::Estimate;

/// A time constant from a recorded drive.
#[derive(Clone, Debug)]
pub struct Clock {
    /// τ in s.
    pub estimate: Estimate,
    /// Degrees of freedom of its error.
    pub freedom: f64,
}

/// τ of dq/dt = g/τ, from samples of q and of g (both in the unit of q) every `dt` seconds.
pub fn time_constant(q: &[f64], g: &[f64], dt: f64) -> Result<Clock, String> {
    let n = q.len();
    let mut sum = 0.0;
    let mut integral = vec![0.0];
    for k in 1..n {
        sum += 0.5 * (g[k] + g[k - 1]) * dt;
        integral.push(sum);
    }
    let slow = (-12..=12).map(|k| 10f64.powf(f64::from(k) / 2.0));
    let fit = slow
        .filter_map(|ratio| Fit::new(&integral, q, ratio))
        .max_by(|a, b| a.likelihood.total_cmp(&b.likelihood))
        .ok_or("the drive integrates to nothing, so it sets no pace")?;
    let Fit { slope, .. } = fit;
    let count = fit.residuals.len() as f64;
    let (variance, freedom) = match Noise::fit(&fit.residuals, 0.0) {
        Some(noise) => {
            let independent = noise.variance * fit.weights.iter().map(|w| w * w).sum::<f64>();
            (noise.variance_of(&fit.weights).max(independent), noise.freedom().clamp(3.0, count - 1.0))
        }
        None => (0.0, count - 1.0),
    };
    let se = (variance * count / (count - 1.0)).sqrt();
    if slope.abs() <= 3.0 * se || !slope.is_finite() || se.is_nan() {
        return Err(format!(
            "the slope {slope:.3e} ± {se:.1e} per s is not different from 0: the drive varies too little"
        ));
    }
    let how = format!("regression on the integrated drive, kicks to reading noise {:.0e}", fit.ratio);
    Ok(Clock { estimate: Estimate::new(1.0 / slope, "s", se / (slope * slope), n, how), freedom })
}

/// Generalised least squares for one ratio of kicks to reading noise (variances, per sample).
struct Fit {
    ratio: f64,
    slope: f64,
    /// Restricted log likelihood, up to a constant.
    likelihood: f64,
    /// Independent residuals of equal variance.
    residuals: Vec<f64>,
    /// The slope is Σ weights · (filtered q).
    weights: Vec<f64>,
}

impl Fit {
    fn new(x: &[f64], y: &[f64], ratio: f64) -> Option<Fit> {
        let (x, scales) = innovations(x, ratio);
        let (y, _) = innovations(y, ratio);
        let norm: f64 = x.iter().map(|x| x * x).sum();
        if norm <= 0.0 || norm.is_nan() {
            return None;
        }
        let slope = x.iter().zip(&y).map(|(x, y)| x * y).sum::<f64>() / norm;
        let residuals: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - slope * x).collect();
        let freedom = residuals.len() as f64 - 1.0;
        let variance = (residuals.iter().map(|r| r * r).sum::<f64>() / freedom).max(f64::MIN_POSITIVE);
        let likelihood = -0.5 * (freedom * variance.ln() + scales.iter().map(|f| f.ln()).sum::<f64>() + norm.ln());
        let weights = x.iter().map(|x| x / norm).collect();
        Some(Fit { ratio, slope, likelihood, residuals, weights })
    }
}

/// What each sample adds to the prediction from the ones before, over its standard deviation; and its variance.
fn innovations(series: &[f64], ratio: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut level, mut spread) = (series[0], 1.0);
    series[1..]
        .iter()
        .map(|value| {
            let predicted = spread + ratio;
            let total = predicted + 1.0;
            let new = value - level;
            level += predicted / total * new;
            spread = predicted / total;
            (new / total.sqrt(), total)
        })
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;

    /// A drive that decays, its integral over τ = 8 s, and either noise on q or a disturbance of dq/dt.
    fn recording(seed: u64, on_q: f64, on_rate: f64) -> (Vec<f64>, Vec<f64>) {
        let mut draw = Stream::new(seed, &[41]);
        let dt: f64 = 0.25;
        let g: Vec<f64> = (0..120).map(|k| (-(f64::from(k)) * dt / 6.0).exp()).collect();
        let (mut q, mut out) = (0.0, vec![]);
        for k in 0..120 {
            if k > 0 {
                q += 0.5 * (g[k] + g[k - 1]) * dt / 8.0 + on_rate * dt.sqrt() * draw.normal();
            }
            out.push(q + on_q * draw.normal());
        }
        (out, g)
    }

    #[test]
    fn theory_the_time_constant_is_covered_under_both_kinds_of_noise() {
        for (on_q, on_rate) in [(0.01, 0.0), (0.0, 0.01), (0.01, 0.005)] {
            let trials = 300;
            let inside = (0..trials)
                .filter(|&seed| {
                    let (q, g) = recording(seed, on_q, on_rate);
                    time_constant(&q, &g, 0.25)
                        .is_ok_and(|c| c.estimate.z(8.0).abs() < super::super::mean::half_width(c.freedom, 0.95))
                })
                .count();
            assert!((270..=297).contains(&inside), "{on_q} {on_rate}: {inside} of {trials}");
        }
    }

    #[test]
    fn limit_without_noise_it_is_exact() {
        let (q, g) = recording(1, 0.0, 0.0);
        assert!((time_constant(&q, &g, 0.25).unwrap().estimate.value - 8.0).abs() < 1e-6);
        assert!(time_constant(&q, &vec![0.0; 120], 0.25).is_err());
    }
}
