//! How long does a memory last in plastic synapses, and what does homeostasis do to it?
//!
//! * [`Synapse`]: any finite-state synapse given by its transition matrices, with the exact Markov chain; ages to 10⁶ and
//!   far beyond by doubling, not by stepping. Ready chains: switch, cascade, serial, bounded walk.
//! * [`Switch`], [`Chain`], [`ScaledTrace`]: closed forms for the binary switch, for chains of coupled variables and
//!   for continuous weights that decay and are scaled back.
//! * [`pattern_trace`], [`simulated_trace`]: a pattern in the weights of a composed model that goes on learning.
//! * [`memory_curve`]: what a recurrent network remembers of its input, lag by lag.
//! * [`Palimpsest`], [`hopfield_overlap`]: associative memory; [`scores`], [`TeacherStudent`]: continual
//!   learning; [`SphereDrift`], [`RestoredCode`]: drift.
//!
//! The age of a memory counts the memories stored after it; age 0 is just stored. The signal of one synapse is the
//! expected product of its weight and what the memory wanted of it; N independent synapses give SNR = √N s/σ.
//!
//! ```
//! use homeostat::coding::memory::Synapse;
//! let cascade = Synapse::cascade(10, 0.5)?;
//! assert!((cascade.signal(&[0])?[0] - 0.2).abs() < 1e-14);
//! assert_eq!(cascade.lifetime(1e6, 1.0)?, Some(840));
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod associative;
mod chain;
mod composed;
mod continual;
mod drift;
mod families;
mod lags;
mod scaling;
mod switch;
mod synapse;

pub use associative::{Palimpsest, association_error, blackout, hopfield_capacity, hopfield_overlap};
pub use chain::Chain;
pub use composed::{PatternTrace, pattern_trace, simulated_trace};
pub use continual::{Scores, TeacherStudent, scores, subspace_forgetting};
pub use drift::{RestoredCode, SphereDrift};
pub use lags::{delay_line_memory, memory_curve, orthogonal_memory};
pub use scaling::{ScaledTrace, subtraction_correlation, subtraction_cosine, subtraction_silenced};
pub use switch::Switch;
pub use synapse::{Synapse, area_bound, trace_accuracy, trace_information};
