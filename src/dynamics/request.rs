//! Does a request fit the field, and which sizes are natural there?

use crate::field::{Error, Names, Quantity, Result};
use crate::num::linalg::eigenvalues;
use nalgebra::DMatrix;

/// One finite value per parameter and per variable, or an error that says which is missing or is no number.
pub(crate) fn check_lengths(names: &Names, p: &[f64], x: &[f64]) -> Result<()> {
    for (kind, quantities, values) in [("parameter", &names.parameters, p), ("variable", &names.variables, x)] {
        if quantities.len() != values.len() {
            let what = format!("{} {kind}s were given, {} has {}", values.len(), names.model, quantities.len());
            return Err(Error::usage(what, format!("give one value per {kind}, in the order of the names")));
        }
        if let Some(i) = values.iter().position(|v| !v.is_finite()) {
            let what = format!("{kind} `{}`", quantities[i].name);
            return Err(Error::domain(what, format!("{} is not finite", values[i]), "give a finite value"));
        }
    }
    Ok(())
}

/// How large is each variable, typically? The larger of `x` and the usual start; one shown unit where both are zero.
pub(crate) fn scales(names: &Names, x: &[f64]) -> Vec<f64> {
    let size = |(q, x): (&Quantity, &f64)| {
        let size = x.abs().max(q.value.abs());
        if size > 0.0 && size.is_finite() { size } else { q.unit.factor }
    };
    names.variables.iter().zip(x).map(size).collect()
}

/// The largest |λ| among the eigenvalues with Re λ < 0 (1/s); zero where they cannot be computed.
pub(crate) fn fastest_decay(jacobian: &DMatrix<f64>) -> f64 {
    let eigenvalues = eigenvalues(jacobian).unwrap_or_default();
    eigenvalues.iter().filter(|l| l.re < 0.0).map(|l| l.norm()).fold(0.0, f64::max)
}
