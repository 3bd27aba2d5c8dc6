//! How far does the statistic move when a part of the samples is left out?
//!
//! g groups of d = n/g samples are left out in turn (Quenouille 1956, Tukey 1958):
//! se² = (g − 1)/g Σ(θ_i − θ̄)², bias = (g − 1)(θ̄ − θ). Random subsets of d left out (Shao & Wu 1989):
//! se² = (n − d)/d × the mean of (θ_s − θ̄)²; they give no bias.

use super::{enough, moments, replicate};
use crate::field::{Error, Result};
use crate::num::{Estimate, Stream};

/// What is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Each of so many runs of neighbouring samples in turn; `Groups(n)` leaves out one sample at a time. Runs longer
    /// than the memory of a series respect it.
    Groups(usize),
    /// So many random subsets of so many samples: `Subsets { times, size }`.
    Subsets {
        /// How many subsets.
        times: usize,
        /// How many samples d are left out each time.
        size: usize,
    },
}

/// A statistic beside its values with parts left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Jackknife {
    /// The statistic of all samples, its standard error, and its bias (NaN for random subsets).
    pub estimate: Estimate,
    /// Its value without each part.
    pub without: Vec<f64>,
}

impl Jackknife {
    /// Σδ³/[6 (Σδ²)^{3/2}] of the deviations δ = θ̄ − θ_i; 0 if nothing varies.
    pub fn acceleration(&self) -> f64 {
        let (mean, _) = moments(&self.without);
        let sum = |power: i32| self.without.iter().map(|v| (mean - v).powi(power)).sum::<f64>();
        let square = sum(2);
        if square > 0.0 { sum(3) / (6.0 * square.powf(1.5)) } else { 0.0 }
    }
}

/// Jackknifes a statistic of `n` samples, given as a function of the indices that stay (ascending).
///
/// Errors: fewer than 4 samples, fewer than 2 parts or more than samples, a statistic that fails or is not finite.
pub fn jackknife<F>(n: usize, leave: Leave, seed: u64, statistic: F) -> Result<Jackknife>
where
    F: Fn(&[usize]) -> Result<f64> + Sync,
{
    enough("a jackknife", n, 4)?;
    let all: Vec<usize> = (0..n).collect();
    let value = replicate("a jackknife", 1, |_| statistic(&all))?[0];
    let (without, se, bias, how) = match leave {
        Leave::Groups(groups) => {
            if !(2..=n).contains(&groups) {
                return Err(Error::usage(format!("{groups} groups of {n} samples"), format!("take 2 to {n} groups")));
            }
            let part = |g: usize| g * n / groups..(g + 1) * n / groups;
            let one = |g: usize| {
                let out = part(g);
                statistic(&(0..out.start).chain(out.end..n).collect::<Vec<_>>())
            };
            let without = replicate("a jackknife", groups, one)?;
            let (mean, variance) = moments(&without);
            let g = groups as f64;
            let se = ((g - 1.0).powi(2) / g * variance).sqrt();
            (without, se, (g - 1.0) * (mean - value), format!("jackknife over {groups} groups"))
        }
        Leave::Subsets { times, size } => {
            if size == 0 || size + 2 > n || times < 2 {
                let what = format!("{times} subsets of {size} samples out of {n}");
                return Err(Error::usage(what, "take 2 or more subsets that leave at least 2 samples"));
            }
            let one = |r: usize| {
                let mut order: Vec<usize> = (0..n).collect();
                Stream::new(seed, &[0x7ac, r as u64]).shuffle(&mut order);
                let mut kept = order.split_off(size);
                kept.sort_unstable();
                statistic(&kept)
            };
            let without = replicate("a jackknife", times, one)?;
            let (_, variance) = moments(&without);
            let se = ((n - size) as f64 / size as f64 * variance).sqrt();
            (without, se, f64::NAN, format!("delete-{size} jackknife, {times} random subsets"))
        }
    };
    Ok(Jackknife { estimate: Estimate::new(value, "", se, n, how).with_bias(bias), without })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    fn samples(n: usize) -> Vec<f64> {
        let mut draws = Stream::new(8, &[]);
        (0..n).map(|_| draws.normal()).collect()
    }

    #[test]
    fn theory_one_out_is_exact_for_mean_and_variance() {
        let x = samples(25);
        let pick = |i: &[usize]| i.iter().map(|&i| x[i]).collect::<Vec<_>>();
        let mean = jackknife(25, Leave::Groups(25), 1, |i| Ok(moments(&pick(i)).0)).unwrap();
        let (_, variance) = moments(&x);
        close(mean.estimate.se, (variance / 25.0).sqrt(), 1e-13);
        close(mean.estimate.bias, 0.0, 1e-12);
        // The plug-in variance is too small by variance/n, which the jackknife finds exactly.
        let plug = |i: &[usize]| {
            let (_, v) = moments(&pick(i));
            Ok(v * (i.len() as f64 - 1.0) / i.len() as f64)
        };
        let found = jackknife(25, Leave::Groups(25), 1, plug).unwrap();
        close(found.estimate.corrected(), variance, 1e-12);
    }

    #[test]
    fn theory_random_subsets_agree_for_a_mean() {
        let x = samples(60);
        let mean = |i: &[usize]| Ok(i.iter().map(|&i| x[i]).sum::<f64>() / i.len() as f64);
        let (_, variance) = moments(&x);
        let got = jackknife(60, Leave::Subsets { times: 2000, size: 20 }, 1, mean).unwrap();
        // 2000 subsets give a standard deviation to 1.6 % (1 SD).
        assert!((got.estimate.se / (variance / 60.0).sqrt() - 1.0).abs() < 0.065, "{:?}", got.estimate);
        assert!(got.estimate.bias.is_nan());
    }

    #[test]
    fn law_bad_requests_are_refused() {
        let fine = |_: &[usize]| Ok(1.0);
        assert!(jackknife(3, Leave::Groups(3), 1, fine).is_err());
        assert!(jackknife(10, Leave::Groups(1), 1, fine).is_err());
        assert!(jackknife(10, Leave::Groups(11), 1, fine).is_err());
        assert!(jackknife(10, Leave::Subsets { times: 5, size: 9 }, 1, fine).is_err());
        assert!(jackknife(10, Leave::Subsets { times: 1, size: 3 }, 1, fine).is_err());
        assert!(jackknife(10, Leave::Groups(5), 1, |_| Ok(f64::NAN)).is_err());
        assert_eq!(jackknife(10, Leave::Groups(5), 1, fine).unwrap().acceleration(), 0.0);
    }
}
