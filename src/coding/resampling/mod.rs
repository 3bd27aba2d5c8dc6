//! How likely is such a number by chance, and how far would it move if the experiment were repeated?
//!
//! * [`permutation_test`]: what a statistic says when the pairing of two recordings is broken. Samples that remember
//!   (a time series) are broken in [`Exchange::Blocks`] or by circular [`Exchange::Shifts`], which keep that memory.
//! * [`bootstrap`]: the spread over samples drawn again with replacement, one by one or in blocks.
//! * [`jackknife`]: the spread over samples with a part left out. It makes no copies, so it also serves statistics of
//!   nearest neighbours, for which a bootstrap is wrong.
//!
//! A statistic is a function of indices. Draws are counter-based and numbered, so the answer is the same, byte for byte,
//! for any number of threads.
//!
//! ```
//! use homeostat::coding::resampling::{Exchange, permutation_test};
//! let x: Vec<f64> = (0..40).map(f64::from).collect();
//! let y: Vec<f64> = x.iter().map(|v| v + 10.0 * (v * 1.7).sin()).collect();
//! let product = |order: &[usize]| Ok(order.iter().enumerate().map(|(i, &j)| x[i] * y[j]).sum::<f64>());
//! let test = permutation_test(40, Exchange::Samples, 199, 1, product)?;
//! // None of 199 shuffled pairings reaches the observed one: p = 1/200, never 0.
//! assert_eq!(test.p.value, 0.005);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod bootstrap;
mod confidence;
mod jackknife;
mod permutation;

pub use bootstrap::{Bootstrap, Draw, bootstrap};
pub(crate) use confidence::inside;
pub use confidence::{Confidence, proportion};
pub use jackknife::{Jackknife, Leave, jackknife};
pub use permutation::{Exchange, PermutationTest, permutation_test};

use crate::field::{Error, Result};
use rayon::prelude::*;

/// One value per replicate, in their order whatever thread computes them; the first failure in that order is reported.
pub(crate) fn replicate<F>(what: &'static str, times: usize, one: F) -> Result<Vec<f64>>
where
    F: Fn(usize) -> Result<f64> + Sync,
{
    if times == 0 {
        return Err(Error::usage(format!("no replicate of {what} is asked for"), "ask for 1 or more"));
    }
    let checked = |r: usize| match one(r) {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(value) => Err(Error::domain(
            what,
            format!("the statistic is {value} in replicate {r} (from 0)"),
            "use a statistic that is defined for every draw, or more samples",
        )),
        Err(error) => Err(error),
    };
    let all: Vec<Result<f64>> = (0..times).into_par_iter().map(checked).collect();
    all.into_iter().collect()
}

/// Refuses fewer than `least` samples.
fn enough(what: &'static str, n: usize, least: usize) -> Result<()> {
    if n >= least {
        return Ok(());
    }
    Err(Error::domain(what, format!("{n} samples are too few"), format!("give {least} or more")))
}

/// Mean and unbiased variance (0 for a single value).
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, if values.len() > 1 { squares / (n - 1.0) } else { 0.0 })
}
