//! What can be read from a circuit, and for how long?
//!
//! * [`information`]: mutual information and capacity of channels, exactly or with an error bound; discriminability.
//! * [`fisher`]: Fisher information of populations, what correlations limit, what gains change.
//! * [`regulation`]: what a homeostatic mechanism restores of a code and what it cannot.
//! * [`codes`]: all of it for a composed model: after and through learning, along parameters, around perturbations.
//! * [`estimators`]: the same from samples, with bias and error.
//! * [`spectra`]: cross-spectra, coherence, lags and information rates; what a loop does to slow and fast changes.
//! * [`decoders`]: ROC curves, d', and cross-validated linear decoders.
//! * [`resampling`]: permutation tests, bootstrap and jackknife of any statistic.
//! * [`dynamics_of_codes`]: amplification, bistability, escape and drift on a ring.
//! * [`memory`]: how long a trace lasts in synapses, networks and drifting codes.
//!
//! Information is in bits unless a name says `nats`. Exact results are plain numbers, results of quadrature carry an
//! error bound ([`quadrature::Integral`]), results from data are a `num::Estimate`.
//!
//! ```
//! use homeostat::coding::information::{GaussianChannel, dprime_information};
//! // One unit: signal SD 1, input noise 0.5, output noise 1. Frozen at a quarter of its drive, then rescaled.
//! let unit = GaussianChannel { gain: 1.0, signal: 1.0, input_noise: 0.5, output_noise: 1.0 };
//! let frozen = unit.driven(0.25);
//! let restored = GaussianChannel { gain: 4.0, ..frozen };
//! assert!(frozen.information()? < unit.information()?);
//! assert!((restored.information()? - unit.information()?).abs() < 1e-15);
//! assert!(dprime_information(1.0)? < 1.0);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

pub(crate) mod checks;
pub mod codes;
pub mod decoders;
pub mod dynamics_of_codes;
pub mod estimators;
pub mod fisher;
pub mod information;
pub mod memory;
pub mod quadrature;
pub mod regulation;
pub mod resampling;
pub(crate) mod special;
pub mod spectra;

#[cfg(test)]
pub(crate) mod ledger;
