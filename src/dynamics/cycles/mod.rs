//! Which oscillations does a circuit have, how long is their period, and are they stable?
//!
//! Periodic orbits by orthogonal collocation on an adaptive mesh, followed in one parameter from a Hopf point, from a
//! simulation, or across a period doubling or branch point; Floquet multipliers of deviations modulo the flow by a
//! product-free method, with the flow's own direction and Liouville's formula as their checks; folds of cycles, period
//! doublings and torus bifurcations solved for together with their critical vector and looked at again from the returned
//! orbit; phase responses from the adjoint.
//!
//! What lies between two orbits is told from signs of test functions. Two events of one kind within a step leave them as
//! they are: they are looked for where a parabola through three orbits comes near to zero, and in halves of a step where the
//! number of multipliers outside of the unit circle is not explained. What was seen but not located is told as that.
//!
//! ```
//! use homeostat::dynamics::continuation::{EventKind, Options, Vary, follow};
//! use homeostat::dynamics::cycles::{CycleOptions, from_hopf};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// x' = λ x − y − x r², y' = x + λ y − y r²: a circle of radius √λ and period 2π.
//! struct Circle(Names);
//! impl Law for Circle {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
//!         let r2 = x[0].square() + x[1].square();
//!         dx[0] = p[0] * x[0] - x[1] - x[0] * r2;
//!         dx[1] = x[0] + p[0] * x[1] - x[1] * r2;
//!     }
//! }
//! let names = Names::new("circle", ["x", "y"].map(|n| Quantity::plain(n, 0.0)), [Quantity::plain("lambda", 0.0)]);
//! let (field, vary) = (Circle(names), Vary::new(0, (-0.5, 1.0)));
//! let branch = follow(&field, &[-0.2], &[0.0, 0.0], &vary, &Options::default())?;
//! let hopf = branch.first(EventKind::Hopf).expect("at λ = 0");
//! let cycles = from_hopf(&field, &[-0.2], hopf, &vary, &CycleOptions::default())?;
//! let last = cycles.points.last().expect("at λ = 1");
//! assert!((last.extremes[0].1 - 1.0).abs() < 1e-6 && (last.period - std::f64::consts::TAU).abs() < 1e-9);
//! # Ok::<(), homeostat::Error>(())
//! ```
//!
//! Source: Doedel, Keller & Kernévez (1991), Numerical analysis and control of bifurcation problems, part II.

mod branch;
mod bvp;
mod closed;
mod curve;
mod elimination;
mod events;
#[cfg(test)]
mod examples;
mod family;
mod fit;
mod flow;
mod follow;
mod homoclinic;
mod integrals;
mod locate;
mod mesh;
mod multipliers;
mod newton;
mod response;
mod simulation;
mod special;
mod switch;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_accuracy;
#[cfg(test)]
mod tests_of_curves;
#[cfg(test)]
mod tests_of_events;
#[cfg(test)]
mod tests_of_phase;
#[cfg(test)]
mod tests_of_simulation;
mod tracker;
mod transport;
mod turned;
mod walk;

pub use branch::{Cycle, CycleBranch, CycleEvent, CycleEventKind, CycleStop};
pub use curve::{CurveEvent, CurvePoint, CycleCurve, cycle_curve};
pub use family::{Family, family};
pub use follow::{CycleOptions, from_guess, from_hopf};
pub use homoclinic::{Limit, LimitKind};
pub use response::{PhaseResponse, phase_response};
pub use simulation::{from_simulation, simulated};
pub use switch::{from_branch_point, from_doubling};
