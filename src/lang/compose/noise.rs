//! How does white noise enter? As an addend that is linear in `xi`: dx = f dt + g dW, Itô.

use super::place::Placed;
use super::walk::{binary, made, names, number, sum_of};
use crate::error::{Error, Result};
use crate::lang::ast::{Expr, Index, Kind, Op};

/// A right-hand side taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    /// What has no noise.
    pub drift: Option<Expr>,
    /// Noise sources with what multiplies them.
    pub noise: Vec<(String, Vec<Index>, Expr)>,
}

/// Is it the full name of a noise source?
pub(crate) fn is_source(full: &str) -> bool {
    full.rsplit('.').next().is_some_and(crate::lang::units::is_noise)
}

fn noisy(expr: &Expr) -> bool {
    names(expr).iter().any(|n| is_source(n))
}

/// Takes the addends of a rate apart.
pub(crate) fn take_apart(addends: &[(usize, Expr)], placed: &[Placed]) -> Result<Parts> {
    let mut parts = Parts::default();
    let mut drift = Vec::new();
    for (part, expr) in addends {
        let own = linear(expr).map_err(|at| {
            let cause = "white noise `xi` enters other than as a factor of an addend";
            placed[*part].part.equation_error(at.span, cause, "write `… + sigma*xi`, with sigma free of noise")
        })?;
        drift.extend(own.drift);
        parts.noise.extend(own.noise);
    }
    parts.drift = if drift.is_empty() { None } else { Some(sum_of(drift)) };
    Ok(parts)
}

/// An expression as drift + Σ factor·xi, or the node at which it is not of that form.
fn linear(expr: &Expr) -> std::result::Result<Parts, Expr> {
    if !noisy(expr) {
        return Ok(Parts { drift: Some(expr.clone()), noise: Vec::new() });
    }
    let scaled = |parts: Parts, by: &dyn Fn(Expr) -> Expr| Parts {
        drift: parts.drift.map(by),
        noise: parts.noise.into_iter().map(|(n, i, factor)| (n, i, by(factor))).collect(),
    };
    match &expr.kind {
        Kind::Name(name, indices) => {
            Ok(Parts { drift: None, noise: vec![(name.clone(), indices.clone(), number(1.0))] })
        }
        Kind::Neg(a) => Ok(scaled(linear(a)?, &|e| made(Kind::Neg(Box::new(e)), expr.span))),
        Kind::Binary(op @ (Op::Add | Op::Sub), a, b) => {
            let (a, b) = (linear(a)?, linear(b)?);
            let b = match op {
                Op::Sub => scaled(b, &|e| made(Kind::Neg(Box::new(e)), expr.span)),
                _ => b,
            };
            let drift = match (a.drift, b.drift) {
                (Some(a), Some(b)) => Some(binary(Op::Add, a, b)),
                (a, b) => a.or(b),
            };
            Ok(Parts { drift, noise: a.noise.into_iter().chain(b.noise).collect() })
        }
        Kind::Binary(Op::Mul, a, b) if !noisy(b) => Ok(scaled(linear(a)?, &|e| binary(Op::Mul, e, (**b).clone()))),
        Kind::Binary(Op::Mul, a, b) if !noisy(a) => Ok(scaled(linear(b)?, &|e| binary(Op::Mul, (**a).clone(), e))),
        Kind::Binary(Op::Div, a, b) if !noisy(b) => Ok(scaled(linear(a)?, &|e| binary(Op::Div, e, (**b).clone()))),
        _ => Err(expr.clone()),
    }
}

/// Algebra with noise in it has no meaning.
pub(crate) fn refuse(expr: &Expr, what: &str) -> Result<()> {
    match noisy(expr) {
        true => {
            let cause = format!("white noise in {what}");
            Err(Error::usage(cause, "white noise belongs into a derivative, `dx/dt = … + sigma*xi`"))
        }
        false => Ok(()),
    }
}
