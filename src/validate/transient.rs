//! Where does the transient end, and is the rest stationary?
//!
//! The rule is MSER-5 (White 1997): the mean of blocks of five samples is cut where the rest has the smallest marginal
//! standard error, Σ(y − ȳ)²/m², and never beyond the middle. Whether the rest still drifts is tested afterwards, with the
//! correlation of the samples taken into account.

use super::mean::upper_tail;
use super::noise::Noise;

/// How much of the beginning is left away.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Discard {
    /// By rule (MSER-5).
    #[default]
    Rule,
    /// So many seconds.
    Seconds(f64),
}

/// How many samples at the beginning MSER-5 takes for the transient; `None` if its minimum lies at the middle, which says
/// that the recording has not settled.
pub fn mser5(series: &[f64]) -> Option<usize> {
    let blocks: Vec<f64> = series.chunks_exact(5).map(|b| b.iter().sum::<f64>() / 5.0).collect();
    let m = blocks.len();
    if m < 4 {
        return Some(0);
    }
    // From the end: sums of the blocks behind each cut.
    let (mut sum, mut squares) = (0.0, 0.0);
    let centre = blocks.iter().sum::<f64>() / m as f64;
    let mut best = (f64::INFINITY, 0);
    for cut in (0..m).rev() {
        let y = blocks[cut] - centre;
        (sum, squares) = (sum + y, squares + y * y);
        let left = (m - cut) as f64;
        let error = (squares - sum * sum / left) / (left * left);
        if cut <= m / 2 && error <= best.0 {
            best = (error, cut);
        }
    }
    (best.1 < m / 2).then_some(5 * best.1)
}

/// A straight line through a series, with an error that knows the correlation of the samples.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    /// How far the line rises from the first sample to the last.
    pub rise: f64,
    /// Standard error of `rise`.
    pub se: f64,
    /// The probability of a rise as large as this, up or down, without a trend.
    pub p: f64,
}

/// The trend of a series; `None` where it does not fluctuate.
pub fn trend(series: &[f64]) -> Option<Trend> {
    let n = series.len();
    let mean = series.iter().sum::<f64>() / n as f64;
    let place = |k: usize| (k as f64 - (n - 1) as f64 / 2.0) / (n - 1) as f64;
    let norm: f64 = (0..n).map(|k| place(k).powi(2)).sum();
    let weights: Vec<f64> = (0..n).map(|k| place(k) / norm).collect();
    let rise: f64 = weights.iter().zip(series).map(|(w, x)| w * (x - mean)).sum();
    let rest: Vec<f64> = (0..n).map(|k| series[k] - mean - rise * place(k)).collect();
    let noise = Noise::fit(&rest, 0.0)?;
    // Taking the line away too makes the rest look less persistent; the same first-order correction as for the mean,
    // with two parameters instead of one.
    let effective = (noise.variance / noise.variance_of_mean(n)).clamp(1.0, n as f64);
    let se = (noise.variance_of(&weights) * (1.0 + 4.0 / effective)).sqrt();
    let p = 2.0 * upper_tail(noise.freedom().max(2.0), (rise / se).abs());
    Some(Trend { rise, se, p: p.min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;

    fn ou(n: usize, step: f64, seed: u64, extra: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut draw = Stream::new(seed, &[9]);
        let keep = (-step).exp();
        let mut x = draw.normal();
        (0..n)
            .map(|k| {
                x = keep * x + (1.0 - keep * keep).sqrt() * draw.normal();
                x + extra(k)
            })
            .collect()
    }

    #[test]
    fn theory_a_decaying_beginning_is_cut() {
        let cut = mser5(&ou(2000, 1.0, 1, |k| 20.0 * (-(k as f64) / 50.0).exp())).unwrap();
        assert!((100..400).contains(&cut), "{cut}");
        assert!(mser5(&ou(2000, 1.0, 2, |_| 0.0)).unwrap() < 400);
        assert_eq!(mser5(&ou(2000, 1.0, 3, |k| k as f64 / 100.0)), None);
    }

    #[test]
    fn theory_a_trend_is_found_and_its_absence_is_not() {
        let found = trend(&ou(2000, 0.2, 1, |k| k as f64 / 2000.0)).unwrap();
        assert!(found.p < 1e-3 && (found.rise - 1.0).abs() < 4.0 * found.se, "{found:?}");
        let alarms = (0..300).filter(|&s| trend(&ou(1000, 0.1, s, |_| 0.0)).unwrap().p < 0.05).count();
        // 5 % of 300 are 15 ± 4.
        assert!((4..30).contains(&alarms), "{alarms}");
    }
}
