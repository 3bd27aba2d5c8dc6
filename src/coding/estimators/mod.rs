//! How much information do samples show, and how far can the number be trusted?
//!
//! * Discrete labels: [`discrete_information`] with eight corrections, [`discrete_report`] with all of them and the null.
//! * Real variables: [`information`] (nearest neighbours after Kraskov, Stögbauer & Grassberger with the bias found on
//!   surrogates, both versions and one for ridges; Gaussian; Gaussian copula), [`conditional_information`], [`transfer_entropy`], and
//!   [`mixed_information`] between labels and real variables.
//! * Trust: [`self_check`], [`discrete_self_check`], [`mixed_self_check`] and [`conditional_self_check`] on data with known
//!   truth, [`battery`] and [`bias_table`] over 24
//!   distributions, [`correction_table`] over labels, [`information_test`], [`discrete_test`], [`conditional_test`] and
//!   [`transfer_test`] against broken pairings.
//! * Time: [`sliding_information`], with the number of independent samples that a window is worth.
//!
//! Every answer is an [`Estimate`](crate::num::Estimate) in bits. What a statistic is not defined for is refused: NaN, too
//! few samples, heavy ties, values above the entropies. A constant variable carries exactly 0 bits; a continuous variable
//! about itself infinitely many.
//!
//! ```
//! use homeostat::coding::estimators::{Continuous, Points, information};
//! use homeostat::num::Stream;
//! let mut draws = Stream::new(1, &[]);
//! let x: Vec<f64> = (0..500).map(|_| draws.normal()).collect();
//! let y: Vec<f64> = x.iter().map(|x| 0.6 * x + 0.8 * draws.normal()).collect();
//! let bits = information(&Points::column(&x)?, &Points::column(&y)?, &Continuous::default())?;
//! // The truth is −½ log₂(1 − 0.36) = 0.322.
//! assert!((bits.corrected() - 0.322).abs() < 4.0 * bits.se);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod battery;
mod check;
mod check_given;
mod conditional;
mod continuous;
mod copula;
mod corrections;
mod counting;
mod counts;
mod digamma;
mod discrete;
mod entropies;
mod ksg;
mod line;
mod lnc;
mod mixed;
mod mixture;
mod normal;
mod nsb;
mod points;
mod report;
mod significance;
mod surrogates;
mod tree;
mod triangle;
mod windows;

pub use battery::{Known, battery, bias_table};
pub use check::{Checked, SelfCheck, discrete_self_check, self_check};
pub use check_given::{conditional_self_check, mixed_self_check};
pub use conditional::{conditional_information, conditional_test, transfer_entropy, transfer_test};
pub use continuous::{Continuous, Method, information};
pub use counts::{Counts, labels};
pub use discrete::{Correction, discrete_information};
pub use entropies::{entropy_estimate, expected_plugin_entropy, expected_plugin_information};
pub use mixed::mixed_information;
pub use normal::gaussian_bias;
pub use points::Points;
pub use report::{DiscreteReport, correction_table, discrete_report};
pub use significance::{discrete_test, information_test};
pub use windows::{InWindow, Window, effective_samples, sliding_information, windows_table};

#[cfg(test)]
mod reliability_tests;
