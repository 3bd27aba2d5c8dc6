//! How far does the statistic move when the samples are drawn again, with replacement?
//!
//! Efron 1979; blocks of neighbouring samples around a ring for series (Politis & Romano 1992). The interval BCa corrects
//! for bias and for a spread that depends on the value (Efron 1987).

use super::confidence::inside;
use super::{Confidence, Leave, enough, jackknife, moments, replicate};
use crate::field::{Error, Result};
use crate::num::special::{normal_cdf, probit};
use crate::num::{Estimate, Stream};

/// What is drawn again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Single samples: for independent samples.
    Samples,
    /// Runs of so many neighbouring samples, from anywhere on the ring: for series whose memory is shorter than a run.
    Blocks(usize),
}

impl Draw {
    /// The indices of replicate `r`.
    fn indices(self, n: usize, seed: u64, r: usize) -> Vec<usize> {
        let mut draws = Stream::new(seed, &[0xb007, r as u64]);
        match self {
            Draw::Samples => (0..n).map(|_| draws.index(n)).collect(),
            Draw::Blocks(size) => {
                let starts: Vec<usize> = (0..n.div_ceil(size)).map(|_| draws.index(n)).collect();
                starts.iter().flat_map(|s| (0..size).map(move |j| (s + j) % n)).take(n).collect()
            }
        }
    }
}

/// A statistic beside its values for redrawn samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Bootstrap {
    /// The statistic of the data, its standard error and its bias.
    pub estimate: Estimate,
    /// The replicates, sorted.
    pub replicates: Vec<f64>,
    /// The acceleration of the standard error (Efron 1987), from leaving out parts of the data.
    pub acceleration: f64,
}

impl Bootstrap {
    /// The interval between quantiles of the replicates.
    pub fn percentile(&self, level: f64) -> Result<Confidence> {
        let tail = 0.5 * (1.0 - inside(level)?);
        Ok(Confidence { low: self.quantile(tail), high: self.quantile(1.0 - tail), level })
    }
    /// The bias-corrected and accelerated interval, the better one for skewed statistics.
    pub fn bca(&self, level: f64) -> Result<Confidence> {
        let tail = 0.5 * (1.0 - inside(level)?);
        let n = self.replicates.len() as f64;
        let below = self.replicates.iter().filter(|v| **v < self.estimate.value).count() as f64;
        let equal = self.replicates.iter().filter(|v| **v == self.estimate.value).count() as f64;
        let share = ((below + 0.5 * equal) / n).clamp(0.5 / n, 1.0 - 0.5 / n);
        let z0 = probit(share);
        let moved = |p: f64| {
            let z = z0 + probit(p);
            normal_cdf(z0 + z / (1.0 - self.acceleration * z))
        };
        Ok(Confidence { low: self.quantile(moved(tail)), high: self.quantile(moved(1.0 - tail)), level })
    }
    /// Linear between the places (i + 1/2)/n of the sorted replicates.
    fn quantile(&self, p: f64) -> f64 {
        let v = &self.replicates;
        let place = (p * v.len() as f64 - 0.5).clamp(0.0, v.len() as f64 - 1.0);
        let (i, rest) = (place.floor() as usize, place.fract());
        v[i] + rest * (v[(i + 1).min(v.len() - 1)] - v[i])
    }
}

/// Bootstraps a statistic of `n` samples, given as a function of indices into them.
///
/// The estimate has the unit 1 and the `how` of the draw. Errors: fewer than 8 samples or 4 blocks, fewer than 20
/// replicates, a statistic that fails or is not finite (with the replicate).
/// Not for statistics of nearest neighbours, which mistake the copies for neighbours: [`jackknife`] serves those.
pub fn bootstrap<F>(n: usize, draw: Draw, times: usize, seed: u64, statistic: F) -> Result<Bootstrap>
where
    F: Fn(&[usize]) -> Result<f64> + Sync,
{
    let (least, leave, words) = match draw {
        Draw::Samples => (8, Leave::Groups(n.min(100)), "samples".into()),
        Draw::Blocks(0) => return Err(Error::usage("blocks of 0 samples", "give 1 or more, longer than the memory")),
        Draw::Blocks(size) => (4 * size, Leave::Groups((n / size).min(100)), format!("blocks of {size} samples")),
    };
    enough("a bootstrap", n, least)?;
    if times < 20 {
        return Err(Error::usage(format!("{times} bootstrap replicates are too few"), "ask for 20 or more"));
    }
    let all: Vec<usize> = (0..n).collect();
    let value = replicate("a bootstrap", 1, |_| statistic(&all))?[0];
    let mut replicates = replicate("a bootstrap", times, |r| statistic(&draw.indices(n, seed, r)))?;
    let (mean, variance) = moments(&replicates);
    let parts = jackknife(n, leave, seed, &statistic)?;
    let how = format!("bootstrap of {words}, {times} replicates");
    replicates.sort_by(f64::total_cmp);
    Ok(Bootstrap {
        estimate: Estimate::new(value, "", variance.sqrt(), n, how).with_bias(mean - value),
        replicates,
        acceleration: parts.acceleration(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    fn mean_of(x: &[f64]) -> impl Fn(&[usize]) -> Result<f64> + Sync + '_ {
        |indices| Ok(indices.iter().map(|&i| x[i]).sum::<f64>() / indices.len() as f64)
    }

    fn skewed(n: usize, seed: u64) -> Vec<f64> {
        let mut draws = Stream::new(seed, &[4]);
        (0..n).map(|_| -draws.open_uniform().ln()).collect()
    }

    #[test]
    fn theory_mean_of_samples() {
        // The variance over redraws is the biased sample variance over n; 4000 replicates give it to 2.2 % (1 SD).
        let x = skewed(50, 1);
        let (mean, variance) = moments(&x);
        let got = bootstrap(50, Draw::Samples, 4000, 1, mean_of(&x)).unwrap();
        close(got.estimate.value, mean, 1e-15);
        let want = (variance * 49.0 / 2500.0).sqrt();
        assert!((got.estimate.se / want - 1.0).abs() < 0.05, "{} {want}", got.estimate.se);
        assert!(got.estimate.bias.abs() < 4.0 * want / 4000f64.sqrt());
        // The acceleration of a mean is its skewness over 6√n.
        let third = x.iter().map(|v| (v - mean).powi(3)).sum::<f64>();
        let second = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        close(got.acceleration, third / (6.0 * second.powf(1.5)), 1e-12);
    }

    #[test]
    fn theory_intervals_cover() {
        // The mean of 30 exponentials is 1; 95 % of 200 intervals is 190 ± 3.1, small samples cover a little less.
        let covered = (0..200)
            .filter(|&s| {
                let x = skewed(30, s);
                bootstrap(30, Draw::Samples, 199, s, mean_of(&x)).unwrap().bca(0.95).unwrap().contains(1.0)
            })
            .count();
        assert!((175..=199).contains(&covered), "{covered}");
    }

    #[test]
    fn theory_blocks_see_the_memory() {
        // x_t = 0.8 x_{t−1} + ξ: the variance of the mean is (1/n)/(1 − 0.8)² = 25/n, of which single samples see 2.8/n.
        let mut draws = Stream::new(5, &[]);
        let n = 4000;
        let mut x = vec![0.0; n];
        (1..n).for_each(|i| x[i] = 0.8 * x[i - 1] + draws.normal());
        let se = |draw| bootstrap(n, draw, 400, 1, mean_of(&x)).unwrap().estimate.se * (n as f64).sqrt();
        assert!((se(Draw::Blocks(100)) - 5.0).abs() < 1.0, "{}", se(Draw::Blocks(100)));
        assert!((se(Draw::Samples) - 2.8f64.sqrt()).abs() < 0.4);
    }

    #[test]
    fn law_threads_do_not_matter_and_bad_requests_are_refused() {
        let x = skewed(40, 2);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bootstrap(40, Draw::Samples, 64, 3, mean_of(&x)).unwrap())
        };
        assert_eq!(run(1), run(2));
        assert!(bootstrap(5, Draw::Samples, 64, 3, mean_of(&x)).is_err());
        assert!(bootstrap(40, Draw::Blocks(0), 64, 3, mean_of(&x)).is_err());
        assert!(bootstrap(40, Draw::Blocks(20), 64, 3, mean_of(&x)).is_err());
        assert!(bootstrap(40, Draw::Samples, 5, 3, mean_of(&x)).is_err());
        assert!(bootstrap(40, Draw::Samples, 64, 3, |_| Ok(f64::INFINITY)).is_err());
        // A constant has no spread, and says so.
        let flat = bootstrap(40, Draw::Samples, 64, 3, |_| Ok(2.0)).unwrap();
        assert!(flat.estimate.se == 0.0 && flat.bca(0.9).unwrap().low == 2.0);
    }
}
