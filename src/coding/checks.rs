//! Is an argument inside the domain that a formula is true on?

use crate::field::{Error, Result};
use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

/// `x`, if it is a finite number.
pub(crate) fn finite(what: &str, x: f64) -> Result<f64> {
    if x.is_finite() { Ok(x) } else { Err(Error::domain(what, format!("is {x}"), "give a finite number")) }
}

/// `x`, if it is finite and above zero.
pub(crate) fn positive(what: &str, x: f64) -> Result<f64> {
    if finite(what, x)? > 0.0 { Ok(x) } else { Err(Error::domain(what, format!("is {x}"), "give a number above 0")) }
}

/// `x`, if it is finite and not negative.
pub(crate) fn not_negative(what: &str, x: f64) -> Result<f64> {
    if finite(what, x)? >= 0.0 {
        Ok(x)
    } else {
        Err(Error::domain(what, format!("is {x}"), "give a number of 0 or more"))
    }
}

/// `x`, if it lies in [lo, hi].
pub(crate) fn within(what: &str, x: f64, lo: f64, hi: f64) -> Result<f64> {
    if x >= lo && x <= hi {
        Ok(x)
    } else {
        // The smallest positive number stands for an end that is left out.
        let from = if lo == f64::MIN_POSITIVE { "(0".into() } else { format!("[{lo}") };
        Err(Error::domain(what, format!("is {x}"), format!("give a number in {from}, {hi}]")))
    }
}

/// All finite; the message names the first place that is not.
pub(crate) fn all_finite(what: &str, xs: &[f64]) -> Result<()> {
    match xs.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(i) => Err(Error::domain(what, format!("entry {i} (from 0) is {}", xs[i]), "remove or repair this entry")),
    }
}

/// Probabilities: not negative, summing to 1 within 1e-9.
pub(crate) fn distribution(what: &str, p: &[f64]) -> Result<()> {
    if let Some(i) = p.iter().position(|&x| !(x >= 0.0 && x.is_finite())) {
        return Err(Error::domain(what, format!("entry {i} (from 0) is {}", p[i]), "probabilities are 0 or more"));
    }
    let sum: f64 = p.iter().sum();
    if (sum - 1.0).abs() > 1e-9 {
        return Err(Error::domain(what, format!("the probabilities sum to {sum}"), "divide them by their sum"));
    }
    Ok(())
}

/// Two lengths that must agree.
pub(crate) fn same_length(what: &str, a: usize, b: usize) -> Result<()> {
    if a == b { Ok(()) } else { Err(Error::usage(format!("{what}: {a} against {b} entries"), "give as many of both")) }
}

/// The Cholesky factor of a covariance: square, symmetric, finite, positive definite.
pub(crate) fn covariance(what: &str, c: &DMatrix<f64>) -> Result<Cholesky<f64, Dyn>> {
    symmetric(what, c)?;
    let factor = Cholesky::new(c.clone()).ok_or_else(|| Error::Singular { what: what.into() })?;
    // A pivot that is only rounding error of its diagonal entry is a singular matrix in disguise.
    let n = c.nrows() as f64;
    for i in 0..c.nrows() {
        if factor.l_dirty()[(i, i)].powi(2) <= 4.0 * n * f64::EPSILON * c[(i, i)] {
            return Err(Error::Singular { what: what.into() });
        }
    }
    Ok(factor)
}

/// A square, finite, symmetric matrix.
pub(crate) fn symmetric(what: &str, c: &DMatrix<f64>) -> Result<()> {
    if !c.is_square() {
        return Err(Error::usage(format!("{what} is {} × {}", c.nrows(), c.ncols()), "give a square matrix"));
    }
    all_finite(what, c.as_slice())?;
    let scale = c.amax();
    let skew = (c - c.transpose()).amax();
    if skew > 1e-9 * scale {
        return Err(Error::domain(what, format!("is not symmetric (by {skew:.2e})"), "give (C + Cᵀ)/2"));
    }
    Ok(())
}

/// ln det of a factored covariance.
pub(crate) fn ln_det(factor: &Cholesky<f64, Dyn>) -> f64 {
    let l = factor.l_dirty();
    (0..l.nrows()).map(|i| 2.0 * l[(i, i)].ln()).sum()
}

/// aᵀ C⁻¹ b of a factored covariance.
pub(crate) fn inner(factor: &Cholesky<f64, Dyn>, a: &[f64], b: &[f64]) -> f64 {
    let solved = factor.solve(&DVector::from_column_slice(b));
    a.iter().zip(solved.iter()).map(|(x, y)| x * y).sum()
}
