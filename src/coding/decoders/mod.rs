//! How well can stimuli be told apart from recorded responses, without fooling oneself?
//!
//! * [`roc`]: the area under the curve with DeLong's error; [`sample_dprime`] with its error and bias.
//! * [`Lda`], [`Logistic`], [`Svm`]: linear decoders; [`cross_validate`] gives their accuracy on trials that they never saw, with
//!   an interval, a confusion matrix and the information in it. What a decoder learns of the data, means and scales
//!   included, it learns from the training part only.
//!
//! ```
//! use homeostat::coding::decoders::{Decoder, Folds, Lda, cross_validate};
//! use homeostat::num::Stream;
//! use nalgebra::DMatrix;
//! let mut draws = Stream::new(1, &[]);
//! let labels: Vec<u32> = (0..200).map(|i| i % 2).collect();
//! let responses = DMatrix::from_fn(200, 3, |i, j| draws.normal() + if j == 0 { 2.0 * f64::from(labels[i]) } else { 0.0 });
//! let found = cross_validate(&responses, &labels, &Lda::default(), Folds::default())?;
//! // d' = 2: no decoder is right more often than Φ(1) = 0.841.
//! assert!((found.accuracy.value - 0.841).abs() < 0.1);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod crossval;
mod lda;
mod logistic;
mod roc;
mod svm;

pub use crossval::{CrossValidation, Folds, cross_validate, decoding_test};
pub use lda::Lda;
pub use logistic::Logistic;
pub use roc::{Roc, roc, sample_dprime};
pub use svm::Svm;

use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::DMatrix;

/// A way to learn a classifier from labelled trials.
///
/// To add one: write `name` and `train`.
pub trait Decoder: Sync {
    /// Its name and settings.
    fn name(&self) -> String;
    /// Learns from trials × features and their class numbers 0 … `classes` − 1, each of which occurs. Features vary and are
    /// standardised. The answer gives a score for every class; the largest wins.
    fn train(&self, x: &DMatrix<f64>, class: &[usize], classes: usize) -> Result<Linear>;
}

/// A linear classifier: scores W x + b, one row per class.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// One row per class, one column per feature.
    pub weights: DMatrix<f64>,
    /// One number per class.
    pub offsets: Vec<f64>,
}

impl Linear {
    /// The class with the largest score for every row of `x`; the first of equal ones.
    pub fn classify(&self, x: &DMatrix<f64>) -> Vec<usize> {
        let scores = x * self.weights.transpose();
        let best = |i: usize| {
            let score = |c: usize| scores[(i, c)] + self.offsets[c];
            (1..self.offsets.len()).fold(0, |best, c| if score(c) > score(best) { c } else { best })
        };
        (0..x.nrows()).map(best).collect()
    }
}

/// The classes that occur, in order, and the class number of every trial.
fn classes(labels: &[u32]) -> Result<(Vec<u32>, Vec<usize>)> {
    let mut all = labels.to_vec();
    all.sort_unstable();
    all.dedup();
    if all.len() < 2 {
        return Err(Error::domain(
            "the labels",
            format!("{} class occurs: there is nothing to tell apart", all.len()),
            "give trials of two or more classes",
        ));
    }
    // Every label is in the list of labels.
    let number = |l: &u32| all.partition_point(|a| a < l);
    let numbers = labels.iter().map(number).collect();
    Ok((all, numbers))
}

/// Trials × features and labels that belong together; finite.
fn check(x: &DMatrix<f64>, labels: &[u32]) -> Result<()> {
    checks::same_length("trials and labels", x.nrows(), labels.len())?;
    if x.ncols() == 0 {
        return Err(Error::usage("there is no feature", "give at least one"));
    }
    match x.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(at) => {
            let (row, column) = (at % x.nrows(), at / x.nrows());
            let why = format!("trial {row} of feature {column} (from 0) is {}", x[at]);
            Err(Error::domain("the responses", why, "remove or repair this trial"))
        }
    }
}

#[cfg(test)]
mod tests;
