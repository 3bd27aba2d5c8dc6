//! Which quantities may not leave their bounds? Where one stands at a bound, the outward part of its rate is left away.
//!
//! dx/dt = f becomes f inside, min(f, 0) at the upper bound and max(f, 0) at the lower one. Bounds act after everything
//! else: `rest(w)` does not see them, and white noise is outside (whoever simulates it keeps x within its bounds).

use super::bind::Binder;
use super::gather::Law;
use super::noise::take_apart;
use super::place::Placed;
use super::rewrite::open_letters;
use super::stage::Role;
use super::walk::{binary, made, names, sum_of};
use crate::error::{Error, Result};
use crate::lang::ast::{Expr, Kind, Op, Span};

/// A bounded quantity.
#[derive(Clone, Debug)]
pub(crate) struct Bounded {
    /// The full name.
    pub target: String,
    /// Its indices as declared.
    pub letters: Vec<String>,
    /// Its floor: an expression of parameters.
    pub low: Expr,
    /// Its ceiling.
    pub high: Expr,
}

/// The bounds that all parts declare; roles are known by now.
pub(crate) fn collect(binder: &mut Binder) -> Result<Vec<Bounded>> {
    let mut all: Vec<Bounded> = Vec::new();
    let placed = binder.placed;
    for (at, here) in placed.iter().enumerate() {
        for variable in &here.part.variables {
            let Some((low, high)) = &variable.bounds else { continue };
            let left = made(Kind::Name(variable.name.clone(), Vec::new()), Span::default());
            let Kind::Name(target, _) = binder.rewrite_raw(at, &left)?.kind else { continue };
            let complain = |cause: String, help: &str| Err(here.part.error(variable.at, cause, help));
            let Some(info) = binder.stage.table.get(&target).cloned() else { continue };
            if info.role != Role::Variable {
                let cause = format!("`{}` is bounded, but nothing drives it", info.local);
                return Err(Error::usage(cause, "add the rule that moves it, or take the bounds away"));
            }
            if all.iter().any(|other| other.target == target) {
                let cause = format!("`{}` has hard bounds from two parts", info.local);
                return Err(Error::usage(cause, "keep one of them"));
            }
            let (low, high) = (binder.expression(at, low)?, binder.expression(at, high)?);
            for end in [&low, &high] {
                let constant = |name: &String| match binder.stage.table.get(name) {
                    Some(info) => info.role == Role::Parameter,
                    None => crate::lang::functions::constant(name).is_some(),
                };
                if let Some(name) = names(end).into_iter().find(|n| !constant(n)) {
                    let short = name.rsplit('.').next().unwrap_or(&name);
                    return complain(
                        format!("a bound of `{}` reads `{short}`, which is no parameter", info.local),
                        "bounds are numbers or expressions of parameters",
                    );
                }
                if open_letters(end, None).iter().any(|l| !info.letters.contains(l)) {
                    let cause = format!("a bound of `{}` has an index that `{}` has not", info.local, info.local);
                    return complain(cause, "give one bound for all, or one per element");
                }
            }
            all.push(Bounded { target, letters: info.letters, low, high });
        }
    }
    Ok(all)
}

/// A quantity that is driven element by element has no one rate that could be bounded.
pub(crate) fn driven_as_one(bounds: &[Bounded], laws: &[Law]) -> Result<()> {
    for bound in bounds {
        if laws.iter().filter(|l| l.derivative && l.target == bound.target).count() > 1 {
            let local = bound.target.rsplit('.').next().unwrap_or(&bound.target);
            let cause = format!("`{local}` has hard bounds and is driven element by element");
            return Err(Error::usage(cause, "drive the whole family with running indices"));
        }
    }
    Ok(())
}

/// What drives a quantity as it reads: `bounded(f, w, low, high)`, and noise beside it.
pub(crate) fn right(law: &Law, bounds: &[Bounded], placed: &[Placed]) -> Expr {
    let bound = bounds.iter().find(|b| law.derivative && b.target == law.target);
    let (Some(bound), Ok(parts)) = (bound, take_apart(&law.addends, placed)) else { return law.right() };
    let Some(drift) = parts.drift else { return law.right() };
    let x = made(Kind::Name(law.target.clone(), law.at.clone()), Span::default());
    let list = vec![drift, x, bound.low.clone(), bound.high.clone()];
    let bounded = made(Kind::Call("bounded".into(), list), Span::default());
    let noise = parts.noise.into_iter().map(|(source, indices, factor)| {
        let source = made(Kind::Name(source, indices), Span::default());
        binary(Op::Mul, factor, source)
    });
    sum_of(std::iter::once(bounded).chain(noise).collect())
}
