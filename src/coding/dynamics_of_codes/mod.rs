//! What do the dynamics of a circuit do to a code: amplify it, hold it, lose it?
//!
//! Non-normal amplification ([`Growth`], [`kreiss`]), bistability and what scaling the weights does to it
//! ([`BistableUnit`]), escape from a state by noise ([`escape_time`]), and drift on a ring ([`RingAttractor`]).
//!
//! ```
//! use homeostat::coding::dynamics_of_codes::BistableUnit;
//! let unit = BistableUnit { weight: 8.0, threshold: 0.0, softness: 1.0 };
//! // A quarter less weight narrows the bistable range by a factor of two and a half.
//! assert!(unit.width()? > 2.5 * unit.scaled(0.75).width()?);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod amplification;
mod bistable;
mod escape;
mod ring;

pub use amplification::{BalancedPair, Growth, kreiss, numerical_abscissa, transient_growth};
pub use bistable::BistableUnit;
pub use escape::{escape_time, kramers_time};
pub use ring::{RingAttractor, held_items};
