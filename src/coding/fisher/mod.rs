//! How finely can a stimulus be read from a population?
//!
//! The Fisher information J bounds the variance of every unbiased reading by 1/J (Cramér–Rao); two stimuli ds apart are
//! discriminable with d' = ds √J. Linear Fisher information is the part that a linear decoder reaches.
//!
//! ```
//! use homeostat::coding::fisher::{VonMises, poisson_fisher};
//! let code = VonMises::tiled(32, 20.0, 2.0, 1.0);
//! let j = poisson_fisher(&code.rates(0.3), &code.slopes(0.3), 0.5)?;
//! assert!((j - 115.5825588).abs() < 1e-7);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod contexts;
mod correlations;
mod gain;
mod linear;
mod trials;
mod tuning;

pub use contexts::{Context, shared_gain_fisher, shared_gain_loss};
pub use correlations::{differential_ceiling, limited_fisher, uniform_correlation_fisher};
pub use gain::{PowerLawUnit, ScaledUnit};
pub use linear::{
    brunel_nadal_information, dprime_from_fisher, gaussian_fisher, linear_decoder, linear_fisher, linear_information,
    poisson_fisher,
};
pub(crate) use trials::mean_and_covariance;
pub use trials::{TrialDesign, corrected_linear_fisher};
pub use tuning::VonMises;
