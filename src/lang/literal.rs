//! When is `5*mV` a value with a unit, and when a product? When nothing in the model is called `mV`.
//!
//! The parser cannot know: `2*h` may be two hours or twice a gating variable. So a unit after a multiplication sign is a
//! name until the model's own names are known; then [`Expr::with_units`] turns the rest into literals.

use super::ast::{Expr, Kind, Op};
use crate::field::{Unit, unit_text};

impl Expr {
    /// The same expression with `5*mV`, `5*mV/ms`, `2*Hz**2` read as values wherever `declared` knows no such name.
    pub fn with_units(self, declared: &dyn Fn(&str) -> bool) -> Expr {
        let span = self.span;
        let kind = match self.kind {
            Kind::Binary(op, a, b) => {
                let a = a.with_units(declared);
                if let (Op::Mul | Op::Div, Kind::Number(value, unit)) = (op, &a.kind)
                    && let Some(more) = as_unit(&b, declared)
                {
                    return Expr { kind: literal(op, *value, unit, &more), span };
                }
                Kind::Binary(op, Box::new(a), Box::new(b.with_units(declared)))
            }
            Kind::Neg(a) => Kind::Neg(Box::new(a.with_units(declared))),
            Kind::Sum(index, a) => Kind::Sum(index, Box::new(a.with_units(declared))),
            Kind::Call(name, list) => Kind::Call(name, list.into_iter().map(|a| a.with_units(declared)).collect()),
            kind => kind,
        };
        Expr { kind, span }
    }
}

/// A literal times or divided by one more unit, converted in decimal so that `5*mV` is `5 mV` to the last digit.
fn literal(op: Op, value: f64, unit: &Unit, more: &Unit) -> Kind {
    let (sign, old) = (if op == Op::Mul { "*" } else { "/" }, unit.symbol.trim());
    let symbol = match (old, op) {
        ("", Op::Mul) => more.symbol.to_string(),
        ("", _) if more.symbol.contains(['*', '/', ' ']) => format!("1/({})", more.symbol),
        ("", _) => format!("1/{}", more.symbol),
        _ if more.symbol.contains(['*', '/', ' ']) => format!("{old}{sign}({})", more.symbol),
        _ => format!("{old}{sign}{}", more.symbol),
    };
    let exact = unit_text::read(&symbol).ok().and_then(|whole| {
        let value = unit_text::coherent(&unit.digits(value), &whole)?;
        Some(Kind::Number(value, whole))
    });
    let by = if op == Op::Mul { unit * more } else { unit / more };
    let converted = if op == Op::Mul { value * more.factor } else { value / more.factor };
    exact.unwrap_or(Kind::Number(converted, by))
}

/// The unit that an undeclared name, or a power of one, stands for.
fn as_unit(expr: &Expr, declared: &dyn Fn(&str) -> bool) -> Option<Unit> {
    match &expr.kind {
        Kind::Name(name, at) if at.is_empty() && !declared(name) => unit_text::named(name),
        Kind::Binary(Op::Pow, base, power) => {
            as_unit(base, declared)?;
            let number = match &power.kind {
                Kind::Number(..) => power.to_string(),
                Kind::Neg(inner) if matches!(inner.kind, Kind::Number(..)) => power.to_string(),
                _ => return None,
            };
            unit_text::read(&format!("{base}**{number}")).ok()
        }
        Kind::Binary(Op::Mul | Op::Div, a, b) => {
            as_unit(a, declared)?;
            as_unit(b, declared)?;
            unit_text::read(&expr.to_string()).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::field::{Unit, parse_quantity};
    use crate::lang::ast::Kind;
    use crate::lang::{Source, parse};

    #[test]
    fn theory_units_after_a_sign_are_literals_unless_declared() {
        let read = |text: &str| {
            parse::expression(&Source::new("x", text)).unwrap().with_units(&|name| name == "h" || name == "w").kind
        };
        for (text, same) in [
            ("5*mV", "5 mV"),
            ("20 mV/ms", "20 mV/ms"),
            ("3*Hz**2", "3 Hz**2"),
            ("7/s", "7 Hz"),
            ("2*nS*mV", "2 pA"),
            ("5/ms**0.5", "5 ms**-0.5"),
            ("3*Hz/(mV*ms)", "3 Hz/(mV ms)"),
            ("2/(mV*s)", "2 Hz/mV"),
        ] {
            let (value, unit) = parse_quantity(same).unwrap();
            let nearly = |a: f64| (a - value).abs() <= 1e-15 * value.abs();
            match read(text) {
                Kind::Number(v, u) if nearly(v) && u.same_dimension(&unit) => (),
                other => panic!("{text}: {other:?}, wanted {value} {unit}"),
            }
        }
        assert!(matches!(read("2*h"), Kind::Binary(..)));
        assert!(matches!(read("w*ms"), Kind::Binary(..)));
        assert_eq!(read("5*mV"), Kind::Number(0.005, Unit::parse("mV").unwrap()));
    }
}
