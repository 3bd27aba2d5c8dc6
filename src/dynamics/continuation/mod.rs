//! How does a fixed point move when a parameter changes, and where does its stability change?
//!
//! Pseudo-arclength continuation of F(x, λ) = 0 with exact derivatives, through folds, from one end of the parameter's
//! range to the other. Special points are located by Newton's method on bordered systems, to rounding, and then checked
//! again from the returned point; what was detected but could not be verified is reported as that.
//!
//! ```
//! use homeostat::dynamics::continuation::{EventKind, Options, Vary, follow};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// dx/dt = λ − x²: a fold at λ = 0.
//! struct Saddle(Names);
//! impl Law for Saddle {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[0] - x[0].square(); }
//! }
//! let field = Saddle(Names::new("saddle", [Quantity::plain("x", 1.0)], [Quantity::plain("lambda", 1.0)]));
//! let branch = follow(&field, &[1.0], &[1.0], &Vary::new(0, (-1.0, 1.0)), &Options::default())?;
//! let fold = branch.first(EventKind::Fold).expect("there is one");
//! assert!(fold.parameter.abs() < 1e-12 && fold.check.is_some());
//! # Ok::<(), homeostat::Error>(())
//! ```
//!
//! Source: Govaerts (2000), Numerical methods for bifurcations of dynamical equilibria; Kuznetsov (2004), chapter 10.

mod branch;
mod detect;
mod diagram;
mod extended;
mod follow;
mod locate;
mod normal_form;
mod switch;
mod walker;

#[cfg(test)]
mod diagram_tests;
#[cfg(test)]
mod tests;

pub use branch::{Branch, BranchPoint, Check, Event, EventKind, Stopped};
pub use diagram::{Checked, Diagram, DiagramOptions, diagram};
pub use follow::{Options, Vary, follow};
