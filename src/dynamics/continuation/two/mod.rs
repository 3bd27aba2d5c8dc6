//! Where do special points go when a second parameter moves? Curves of folds, Hopf points and branch points.
//!
//! Each curve is the solution of a system that stays regular at the special points of the curve itself
//! (`two/system.rs`); those are located to rounding and checked again (`two/codim2.rs`). A curve of Hopf points ends at
//! a Bogdanov–Takens point, where its frequency is zero: beyond it the equations have solutions (neutral saddles), but
//! they are no Hopf points.
//!
//! ```
//! use homeostat::dynamics::Region;
//! use homeostat::dynamics::continuation::{DiagramOptions, EventKind, Vary, curves, diagram};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// dx/dt = μ + λ x − x³: two folds that meet in a cusp at the origin.
//! struct Cusp(Names);
//! impl Law for Cusp {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[1] + p[0] * x[0] - x[0].powi(3); }
//! }
//! let parameters = [Quantity::plain("lambda", 1.0), Quantity::plain("mu", 0.0)];
//! let field = Cusp(Names::new("cusp", [Quantity::plain("x", 1.0)], parameters));
//! let (mu, lambda) = (Vary::new(1, (-2.0, 2.0)), Vary::new(0, (-1.0, 2.0)));
//! let region = Region::new([(-3.0, 3.0)])?;
//! let all = diagram(&field, &[1.0, 0.0], &mu, &region, &DiagramOptions::default())?;
//! let plane = curves(&field, &[1.0, 0.0], &all, &mu, &lambda, &region, &DiagramOptions::default())?;
//! let cusp = plane.curves[0].first(EventKind::Cusp).expect("there is one");
//! assert!(cusp.check.is_some() && cusp.parameter.abs() < 1e-9 && cusp.other.abs() < 1e-9);
//! # Ok::<(), homeostat::Error>(())
//! ```

mod codim2;
mod curve;
mod plane;
mod system;
#[cfg(test)]
mod tests;
mod walk;

pub use codim2::{Degenerate, pairs};
pub use curve::{Curve, CurveEvent, CurvePoint};
pub use plane::{Plane, curves};
pub use system::CurveKind;
