//! Where does a circuit rest, is it stable, how does it move, and what changes that?

#[cfg(test)]
#[macro_use]
mod examples;

mod along;
#[cfg(test)]
mod along_tests;
mod blowup;
mod bounds;
#[cfg(test)]
mod campaign;
#[cfg(test)]
mod closed_forms;
mod cluster;
pub mod continuation;
mod contour;
mod contract;
mod counts;
pub mod cycles;
mod ensemble;
mod events;
mod fixed_points;
mod frozen;
#[cfg(test)]
mod hard_cases;
mod hurwitz;
mod inside;
mod integrate;
#[cfg(test)]
mod integrate_tests;
mod krawczyk;
mod lift;
mod map_cut;
mod map_report;
#[cfg(test)]
mod margins;
#[cfg(test)]
mod metamorphic;
mod noise;
#[cfg(test)]
mod noise_tests;
mod phase_plane;
mod region;
mod request;
mod run;
mod search;
mod settle;
mod singular;
mod sizes;
mod slaved;
mod slices;
pub mod slow_fast;
#[cfg(test)]
mod slow_fast_tests;
mod stability;
mod stability_map;
mod statistics;
mod stepper;
mod stochastic;
mod system;
#[cfg(test)]
mod testing;
pub mod time_window;
mod trajectory;

pub use along::{AlongOptions, Fluctuations, NoiseAlong, NoisyPoint, fluctuations, noise_along, spectra_along};
pub use blowup::BlowUp;
pub use bounds::Bound;
pub use ensemble::{Edge, Ensemble, ensemble};
pub use events::{Direction, Event, Watch};
pub use fixed_points::{FixedPoint, FixedPoints, Proof, Undecided, fixed_points};
pub use frozen::{Frozen, Scaled, frozen, scaled};
pub use integrate::{Integration, Method, Record, integrate};
pub use noise::{LinearNoise, linear_noise};
pub use phase_plane::{PhasePlane, PlaneOptions, Separatrix, phase_plane};
pub use region::Region;
pub(crate) use request::fastest_decay;
pub use search::{Search, Stopped};
pub use settle::{Rest, settle};
pub use sizes::sizes;
pub use slaved::{Slaved, slaved};
pub use stability::Stability;
pub use stability_map::{MapCell, MapOptions, StabilityMap, Verdict, stability_map};
pub use statistics::{EnsembleResult, Lost};
pub use stochastic::Scheme;
pub use trajectory::{Stop, Trajectory};
