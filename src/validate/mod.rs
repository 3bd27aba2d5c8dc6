//! Does a recording agree with the theory, disagree, or can it not tell?
//!
//! A [`Recording`] is a simulation's table with a time column and units; a [`Prediction`] is a number that a theory gives
//! for it; [`judge`] measures the same thing in the recording, with an error that knows how correlated the samples are,
//! and compares. *Agrees* means that a difference as large as the tolerance is excluded, *disagrees* that a difference as
//! small as the tolerance is excluded; everything else is *cannot tell*, with the smallest deviation that would have
//! shown.
//!
//! ```
//! use homeostat::field::Unit;
//! use homeostat::num::Stream;
//! use homeostat::validate::{Options, Prediction, Recording, Verdict, What, judge};
//! let mut draw = Stream::new(1, &[]);
//! let rate: Vec<f64> = (0..2000).map(|_| 5.0 + 0.5 * draw.normal()).collect();
//! let recording = Recording::of("r", Unit::HERTZ, 0.1, vec![rate]);
//! let says = |value| Prediction::new("r", What::Stationary, value, Unit::HERTZ);
//! let verdict = |value| judge(&recording, &[says(value)], &Options::default()).unwrap().verdict();
//! assert_eq!((verdict(5.0), verdict(5.75)), (Verdict::Agrees, Verdict::Disagrees));
//! ```

mod branches;
mod clock;
mod frequency;
mod judge;
mod mean;
mod modes;
mod noise;
mod recording;
mod report;
#[cfg(test)]
mod tests;
mod transient;
mod verdict;

pub use branches::{AgainstBranches, OnBranch, Simulated, against_branches, stable_states};
pub use clock::{Clock, time_constant};
pub use frequency::{Frequency, frequency};
pub use judge::{Judgement, Options, Prediction, Report, Tolerance, What, judge};
pub use mean::{Mean, mean};
pub use modes::{Mode, mode};
pub use noise::Noise;
pub use recording::{Mapping, Recorded, Recording};
pub use report::residuals;
pub use transient::{Discard, Trend, mser5, trend};
pub use verdict::{Comparison, Verdict, holm};
