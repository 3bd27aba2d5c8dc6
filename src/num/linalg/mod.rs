//! What does a Jacobian say? Eigenvalues, covariances, propagators and null vectors of small dense real matrices.
//!
//! The factorisations are those of `faer` and `nalgebra`, and elimination in place where a system is small and solved by
//! the thousand; what is added here is what an analysis needs around them: a fixed order and phase, so that results
//! repeat; every result re-checked by its residual; and a refusal, not a number, for input that is not finite, singular
//! to rounding, or outside the domain of the question.
//!
//! * [`eigen`], [`eigenvalues`], [`spectral_abscissa`]: A q = λ q and A⁽ᵀ⁾ p = λ̄ p with ⟨p, q⟩ = 1.
//! * [`Factored`], [`solve`], [`inverse`], [`determinant`], [`null_vector`], [`null_vectors`]: linear systems with their condition.
//! * [`lyapunov`], [`sylvester`], [`expm`]: stationary covariance, linear matrix equations, propagator.
//!
//! ```
//! use homeostat::num::linalg::{eigen, lyapunov};
//! use nalgebra::{DMatrix, dmatrix};
//! // A noisy oscillator that loses its energy at rate 1.
//! let a: DMatrix<f64> = dmatrix![-1.0, 2.0; -2.0, -1.0];
//! assert!((eigen(&a)?.values[0].im - 2.0).abs() < 1e-14);
//! let covariance = lyapunov(&a, &DMatrix::identity(2, 2))?;
//! assert!((covariance[(0, 0)] - 0.5).abs() < 1e-15);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod dense;
mod eigen;
mod equations;
pub(crate) mod four;
mod lu;
mod schur;
mod size;
mod solve;

pub(crate) use dense::{dot, factor, mirror, reflect, substitute};
pub(crate) use size::{Kernel, Size, sized};

pub use eigen::{Eigen, eigen, eigenvalues, spectral_abscissa};
pub use equations::{expm, lyapunov, sylvester};
pub use solve::{Factored, Null, determinant, inverse, null_vector, null_vectors, solve};

use crate::error::{Error, Result};
use nalgebra::DMatrix;

/// Refuses a matrix that is not square or not finite, naming the place.
fn check_square(what: &str, a: &DMatrix<f64>) -> Result<()> {
    if !a.is_square() {
        let why = format!("the matrix is {} x {}", a.nrows(), a.ncols());
        return Err(Error::domain(what, why, "it must be square"));
    }
    check_finite(what, a)
}

/// Refuses a matrix that is not finite, naming the place.
fn check_finite(what: &str, a: &DMatrix<f64>) -> Result<()> {
    match a.as_slice().iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(at) => {
            let (row, column) = (at % a.nrows(), at / a.nrows());
            let why = format!("the entry ({row}, {column}) of the matrix, counted from 0, is {}", a[at]);
            Err(Error::domain(what, why, "look for a division by zero or an overflow in that equation"))
        }
    }
}

/// The matrix as faer sees it, without a copy.
fn view(a: &DMatrix<f64>) -> faer::MatRef<'_, f64> {
    faer::MatRef::from_column_major_slice(a.as_slice(), a.nrows(), a.ncols())
}
