//! How does a fixed point move when a parameter changes, and where does its stability change?
//!
//! * [`follow`]: one branch of F(x, λ) = 0 by pseudo-arclength with exact derivatives, through folds and corners, from
//!   one end of the parameter's range to the other.
//! * [`diagram`]: all branches in a box, from proven fixed points, switched at branch points, checked against the certified
//!   list; [`diagram_from`]: what hangs together with one start.
//! * [`curves`]: where folds, Hopf points and branch points go when a second parameter moves.
//!
//! Special points are located by Newton's method on bordered systems, to rounding, and then checked again from the
//! returned point; what was detected but could not be verified is reported as that. Folds and Hopf points are proven by
//! intervals where the field offers them ([`Event::proof`]). Coefficients of normal forms, by name
//! in [`Event::coefficients`]: fold a and c (ṡ = a s² + c s³, with ⟨q,q⟩ = ⟨p,q⟩ = 1); branch point a, c and b (the change of
//! the critical eigenvalue per unit of the parameter), `corank` under symmetry; `pairs` where as many cross the
//! imaginary axis at once, without a normal form; Hopf `second_lyapunov` beside
//! [`Event::first_lyapunov`]; those of codimension two stand in `forms.rs`.
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

mod between;
mod branch;
mod centre;
mod corner;
mod detect;
mod diagram;
mod extended;
mod follow;
mod forms;
mod linear;
mod locate;
mod normal_form;
mod passing;
mod proof;
mod smooth;
mod switch;
mod twice;
mod two;
mod walker;

#[cfg(test)]
mod accuracy_tests;
#[cfg(test)]
mod diagram_tests;
#[cfg(test)]
mod laws_tests;
#[cfg(test)]
mod tests;

pub use branch::{Branch, BranchPoint, Check, Event, EventKind, Stopped};
pub use diagram::{Checked, Diagram, DiagramOptions, diagram, diagram_from};
pub use follow::{Options, Vary, follow};
pub use two::{Curve, CurveEvent, CurveKind, CurvePoint, Plane, curves};
