//! Which numbers can an equation be evaluated over?
//!
//! Every model is written once and evaluated over several kinds of number: `f64` for values, [`Lanes`] for
//! batches, [`Dual`] for first derivatives ([`Fan`] for several at once), [`Jet`] for directional Taylor series (normal forms),
//! [`Interval`] for proofs, and `Dual<Interval>` for proofs about Jacobians.
//! All of them are a [`Scalar`].
//!
//! ```
//! use homeostat::num::{Dual, Interval, Scalar};
//! fn law<S: Scalar>(r: S) -> S { r.tanh() - r * 0.5 }
//! assert_eq!(law(0.0), 0.0);
//! assert_eq!(law(Dual::variable(0.0)).d, 0.5);
//! assert!(law(Interval::new(-0.1, 0.1)).contains(0.0));
//! ```

#[cfg(test)]
mod agreement;
mod bracket;
mod dual;
mod estimate;
mod fan;
mod interval;
mod jet;
mod lanes;
pub mod linalg;
mod normals;
pub mod pareto;
mod quadrature;
mod scalar;
mod seed;
pub mod special;
mod tolerance;

pub use bracket::Bracket;
pub use dual::Dual;
pub use estimate::Estimate;
pub use fan::{FAN, Fan};
pub use interval::Interval;
pub use jet::Jet;
pub use lanes::{LANES, Lanes};
pub use quadrature::gauss_legendre;
pub use scalar::Scalar;
pub use seed::Stream;
pub use tolerance::{Judged, Tol, vanishes};
