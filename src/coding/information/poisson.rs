//! What does a Poisson spike count tell about which of several rates caused it?
//!
//! I = Σ_k p_k Σ_n P(n|k) log₂[P(n|k)/P(n)], P(n|k) Poisson with mean λ_k; the sum runs to λ_max + 14√(λ_max + 1) + 40,
//! beyond which less than 1e-30 is left. A silent input (λ = 0) is allowed. In short windows I/T tends to
//! Σ pν log₂ ν − ν̄ log₂ ν̄. Sources: Stein 1967; Skaggs et al. 1993 (short windows).
//!
//! ```
//! use homeostat::coding::information::poisson_information;
//! let counts = [0.4, 1.0, 2.0, 4.0, 8.0]; // 2 to 40 Hz in 0.2 s
//! let bits = poisson_information(&counts, &[0.2; 5])?;
//! assert!(bits > 0.84 && bits < 5f64.log2());
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::x_log2_ratio;
use crate::coding::checks;
use crate::coding::special::poisson_probability;
use crate::field::{Error, Result};

/// I(k; n) in bits for mean counts `means` with probabilities `p`.
pub fn poisson_information(means: &[f64], p: &[f64]) -> Result<f64> {
    checks::same_length("mean counts and probabilities", means.len(), p.len())?;
    checks::distribution("the stimulus distribution", p)?;
    for &mean in means {
        checks::not_negative("a mean count", mean)?;
    }
    let top = means.iter().copied().fold(0.0, f64::max);
    if top > 1e8 {
        return Err(Error::domain("a mean count", format!("is {top:e}"), "use the Gaussian channel for such counts"));
    }
    let last = (top + 14.0 * (top + 1.0).sqrt() + 40.0).ceil() as usize;
    let mut sum = 0.0;
    let mut each = vec![0.0; means.len()];
    for n in 0..=last {
        for (probability, &mean) in each.iter_mut().zip(means) {
            *probability = poisson_probability(n, mean);
        }
        let total: f64 = each.iter().zip(p).map(|(q, p)| p * q).sum();
        // Where P(n|k) nearly underflows, the ratio to P(n) is rubbish and the term is nothing.
        for (k, &probability) in each.iter().enumerate().filter(|(_, q)| **q > 1e-280) {
            sum += p[k] * x_log2_ratio(probability, total);
        }
    }
    Ok(sum.max(0.0))
}

/// The information rate of a Poisson train in short windows, Σ p ν log₂(ν/ν̄), in bits/s for rates ν in Hz.
pub fn sparse_rate(rates: &[f64], p: &[f64]) -> Result<f64> {
    checks::same_length("rates and probabilities", rates.len(), p.len())?;
    checks::distribution("the stimulus distribution", p)?;
    for &rate in rates {
        checks::not_negative("a rate", rate)?;
    }
    let mean: f64 = rates.iter().zip(p).map(|(r, p)| r * p).sum();
    Ok(rates.iter().zip(p).map(|(&r, &p)| p * x_log2_ratio(r, mean)).sum::<f64>().max(0.0))
}

/// The same per spike, in bits; an error where there is no spike.
pub fn sparse_rate_per_spike(rates: &[f64], p: &[f64]) -> Result<f64> {
    let per_second = sparse_rate(rates, p)?;
    let mean: f64 = rates.iter().zip(p).map(|(r, p)| r * p).sum();
    Ok(per_second / checks::positive("the mean rate", mean)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::information::binary_entropy;
    use crate::coding::ledger::{close, printed};
    use proptest::prelude::*;

    const RATES: [f64; 5] = [2.0, 5.0, 10.0, 20.0, 40.0];

    fn at_gain(g: f64) -> f64 {
        let means: Vec<f64> = RATES.iter().map(|r| g * r * 0.2).collect();
        poisson_information(&means, &[0.2; 5]).unwrap()
    }

    #[test]
    fn theory_c02_gains_and_counts() {
        printed(at_gain(1.0), 0.8440271967);
        printed(at_gain(0.25), 0.3352527698);
        printed(at_gain(4.0), 1.538886254);
        let pair = |a, b| poisson_information(&[a, b], &[0.5, 0.5]).unwrap();
        printed(pair(1.0, 4.0), 0.4849084626);
        printed(pair(2.0, 8.0), 0.7224044089);
        printed(pair(0.0, 2.0), 0.7008020609);
        printed(sparse_rate(&RATES, &[0.2; 5]).unwrap(), 8.478101358);
        printed(sparse_rate_per_spike(&RATES, &[0.2; 5]).unwrap(), 0.5505260622);
    }

    #[test]
    fn theory_c02_silent_input() {
        for mean in [0.1f64, 1.0, 30.0] {
            let quiet = (-mean).exp();
            let want = binary_entropy((1.0 + quiet) / 2.0).unwrap() - binary_entropy(quiet).unwrap() / 2.0;
            close(poisson_information(&[0.0, mean], &[0.5, 0.5]).unwrap(), want, 1e-13);
        }
    }

    #[test]
    fn limit_c02_short_windows_and_large_counts() {
        let window = 1e-6;
        let means: Vec<f64> = RATES.iter().map(|r| r * window).collect();
        let rate = poisson_information(&means, &[0.2; 5]).unwrap() / window;
        close(rate, 8.478101358, 1e-4);
        // Far apart: all of H(p). Nearly equal and large: the small-signal formula dλ²/(8 λ ln 2).
        close(poisson_information(&[10.0, 1e4], &[0.5, 0.5]).unwrap(), 1.0, 1e-12);
        let (a, b) = (1e5f64, 1e5f64 + 20.0);
        let want = (b - a).powi(2) / (8.0 * 0.5 * (a + b) * std::f64::consts::LN_2);
        assert!((poisson_information(&[a, b], &[0.5, 0.5]).unwrap() / want - 1.0).abs() < 1e-2);
    }

    proptest! {
        #[test]
        fn law_c02_bounds_thinning_and_order(means in prop::collection::vec(0.0f64..30.0, 4), keep in 0.01f64..1.0) {
            let p = [0.1, 0.2, 0.3, 0.4];
            let all = poisson_information(&means, &p).unwrap();
            prop_assert!(all <= crate::coding::information::entropy(&p).unwrap() + 1e-13);
            let thinned: Vec<f64> = means.iter().map(|m| keep * m).collect();
            prop_assert!(poisson_information(&thinned, &p).unwrap() <= all + 1e-13);
            let (turned, q) = ([means[2], means[0], means[3], means[1]], [p[2], p[0], p[3], p[1]]);
            prop_assert!((poisson_information(&turned, &q).unwrap() - all).abs() < 1e-13);
        }
    }

    #[test]
    fn law_bad_counts_are_refused() {
        assert!(poisson_information(&[-1.0, 2.0], &[0.5, 0.5]).is_err());
        assert!(poisson_information(&[f64::NAN, 2.0], &[0.5, 0.5]).is_err());
        assert!(sparse_rate_per_spike(&[0.0, 0.0], &[0.5, 0.5]).is_err());
    }
}
