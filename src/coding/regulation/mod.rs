//! What does a homeostatic mechanism restore of a code, and what can it not restore?
//!
//! Closed models in which the same perturbation meets different mechanisms: a saturating response whose gain and
//! threshold no longer fit ([`mismatch_loss`]), intrinsic plasticity towards exponential rates ([`IntrinsicPlasticity`]),
//! a depressing synapse before a rate unit ([`DepressedUnit`]), neuromodulators as gains ([`ModulatedChannel`],
//! [`NoisyLogisticUnit`]), and a readout whose direction has grown old ([`OldReadout`]).
//!
//! ```
//! use homeostat::coding::regulation::OldReadout;
//! let readout = OldReadout { fisher: 9.0, cosine_squared: 0.6, variance: 1.0, output_noise: 1.0 };
//! // A gain brings back the signal, not the direction: at most cos² of what full plasticity reaches.
//! assert!((readout.homeostasis()? / readout.full_plasticity()? - 0.6).abs() < 1e-15);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod depression;
mod equalisation;
mod intrinsic;
mod modulation;
mod readout;

pub use depression::DepressedUnit;
pub use equalisation::{equalised_information, mismatch_loss};
pub use intrinsic::{IntrinsicPlasticity, exponential_entropy};
pub use modulation::{ModulatedChannel, NoisyLogisticUnit};
pub use readout::OldReadout;
