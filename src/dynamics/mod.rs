//! Where does a circuit rest, is it stable, how does it move, and what changes that?

#[cfg(test)]
mod closed_forms;
mod cluster;
mod contract;
#[cfg(test)]
mod examples;
mod fixed_points;
mod krawczyk;
mod region;
mod search;
mod stability;
mod system;

pub use fixed_points::{FixedPoint, FixedPoints, Proof, Undecided, fixed_points};
pub use region::Region;
pub use search::{Search, Stopped};
pub use stability::Stability;
