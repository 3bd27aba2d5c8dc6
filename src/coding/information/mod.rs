//! How many bits about its input does a channel carry?
//!
//! Discrete, Gaussian, Poisson and general scalar channels, their capacity, and what discriminability says about them.
//! Mutual information is I(S;R) = H(R) − H(R|S), in bits; never negative, at most the smaller entropy, and not raised by
//! anything that is done to the response afterwards.

mod capacity;
mod discrete;
mod discriminability;
mod gaussian;
mod poisson;
mod scalar;

pub use capacity::{Capacity, capacity};
pub use discrete::{
    binary_entropy, channel_information, conditional_information, divergence, entropy, mutual_information,
};
pub(crate) use discriminability::phi;
pub use discriminability::{
    Criterion, dprime_information, gaussian_auc, two_alternative_accuracy, yes_no_accuracy, yes_no_dprime,
};
pub use gaussian::{
    GaussianChannel, GaussianPopulation, gaussian_conditional_information, gaussian_information, gaussian_rate,
};
pub use poisson::{poisson_information, sparse_rate, sparse_rate_per_spike};
pub use scalar::{ScalarChannel, additive_noise_information, differential_entropy, finite_input_information};

/// x log₂(x/y) with its limit 0 at x = 0.
pub(crate) fn x_log2_ratio(x: f64, y: f64) -> f64 {
    if x > 0.0 { x * (x / y).log2() } else { 0.0 }
}
