//! Does a modulation leave the unit of what it modulates alone?
//!
//! The modulated parameter belongs to another part, whose unit is not known here. So its unit is an unknown U:
//! `gain*(1 + kg*m)` fits every U, `theta - kt*m` the unit of `kt*m`, and a text that fits no U is wrong whatever it meets.

use super::{Modulated, Part};
use crate::error::{Result, nearest};
use crate::field::Unit;
use crate::lang::ast::Kind;
use crate::lang::compose::walk::{names, visit};
use crate::lang::{functions, units};

/// A unit that nothing in a model has: it stands for every unit.
const ANY: Unit =
    Unit { exponents: [0, 0, 0, 0, 0, 0, 12 * 7], factor: 1.0, symbol: std::borrow::Cow::Borrowed("its unit") };

/// Names and units of all modulations of a part.
pub(super) fn check(part: &Part) -> Result<()> {
    for modulated in &part.modulates {
        exists(part, modulated)?;
        let fits = |unit: &Unit| fits(part, modulated, unit);
        let Err(general) = fits(&ANY) else { continue };
        // The unit of whatever is added to the parameter is the only other one that can fit.
        let mut candidates = vec![Unit::NONE];
        visit(&modulated.right, &mut |e| {
            if !names(e).contains(&modulated.name)
                && let Ok(unit) = units::infer(&modulated.source, e, &|n| part.parameter(n).map(|p| p.unit.clone()))
            {
                candidates.push(unit);
            }
        });
        let judged: Vec<Result<()>> = candidates.iter().map(fits).collect();
        if judged.iter().any(Result::is_ok) {
            continue;
        }
        // The first error is about `every unit`, and clear where that is not named in it.
        let clear = !general.to_string().contains("cd^7");
        let other = judged.into_iter().rev().find_map(Result::err);
        return Err(if clear { general } else { other.unwrap_or(general) });
    }
    Ok(())
}

/// Does the right-hand side have the unit of the parameter, if that is `unit`?
pub(crate) fn fits(part: &Part, modulated: &Modulated, unit: &Unit) -> Result<()> {
    let lookup = |name: &str| match name == modulated.name {
        true => Some(unit.clone()),
        false => part.parameter(name).map(|p| p.unit.clone()),
    };
    units::expect(&modulated.source, &modulated.right, unit, &lookup)
}

/// It reads the parameter itself and the modulation's own parameters, nothing else.
fn exists(part: &Part, modulated: &Modulated) -> Result<()> {
    let mut wrong = Ok(());
    visit(&modulated.right, &mut |e| {
        if let (Kind::Name(name, _), true) = (&e.kind, wrong.is_ok()) {
            let known = *name == modulated.name || part.parameter(name).is_some();
            if !known && functions::constant(name).is_none() {
                let own = part.parameters.iter().map(|p| p.name.as_str());
                let near = nearest(name, own.chain([modulated.name.as_str()]));
                let help = match near.is_empty() {
                    true => "a modulation maps a parameter with its own level and gains".into(),
                    false => format!("did you mean `{}`?", near.join("`, `")),
                };
                let cause = format!("`{name}` is neither `{}` nor a parameter of `{}`", modulated.name, part.name);
                wrong = Err(modulated.source.error(e.span, cause, help));
            }
        }
    });
    wrong
}
