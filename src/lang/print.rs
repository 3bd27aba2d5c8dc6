//! How is a syntax tree written as text? With the fewest brackets that read back as the same tree.

use super::ast::{Assign, Equation, Expr, Index, Kind, Op};
use crate::field::Unit;
use std::fmt;

/// How tightly an expression binds: sum 1, product 2, sign 3, power 4, atom 5.
fn binding(kind: &Kind) -> u8 {
    match kind {
        Kind::Binary(Op::Add | Op::Sub, ..) => 1,
        Kind::Binary(Op::Mul | Op::Div, ..) => 2,
        Kind::Neg(_) => 3,
        Kind::Binary(Op::Pow, ..) => 4,
        // A value with a unit is bracketed inside products and powers, so that `/(20 ms)` stays what it is.
        Kind::Number(value, unit) => match unit.is_none() && unit.symbol.is_empty() {
            true if *value < 0.0 => 3,
            true => 5,
            false => 1,
        },
        _ => 5,
    }
}

fn number(value: f64, unit: &Unit) -> String {
    // A unit without a symbol (a product that was computed) is written in base units.
    match unit.symbol.is_empty() && !unit.is_none() {
        true => format!("{} {}", unit.digits(value), unit.in_base_units()),
        false => unit.show(value),
    }
}

impl Expr {
    fn bracketed(&self, f: &mut fmt::Formatter<'_>, least: u8) -> fmt::Result {
        if binding(&self.kind) < least { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

fn indices(f: &mut fmt::Formatter<'_>, indices: &[Index]) -> fmt::Result {
    if indices.is_empty() {
        return Ok(());
    }
    let each: Vec<String> = indices.iter().map(Index::to_string).collect();
    write!(f, "[{}]", each.join(", "))
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Index::Fixed(n) => write!(f, "{n}"),
            Index::Running(name, 0) => f.write_str(name),
            Index::Running(name, shift) => write!(f, "{name}{shift:+}"),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number(value, unit) => f.write_str(&number(*value, unit)),
            Kind::Name(name, at) => {
                f.write_str(name)?;
                indices(f, at)
            }
            Kind::Neg(a) => {
                f.write_str("-")?;
                a.bracketed(f, 3)
            }
            Kind::Binary(op, a, b) => {
                let (sign, left, right) = match op {
                    Op::Add => (" + ", 1, 2),
                    Op::Sub => (" - ", 1, 2),
                    Op::Mul => ("*", 2, 3),
                    Op::Div => ("/", 2, 3),
                    Op::Pow => ("**", 5, 3),
                };
                a.bracketed(f, left)?;
                f.write_str(sign)?;
                b.bracketed(f, right)
            }
            Kind::Call(name, arguments) => {
                let each: Vec<String> = arguments.iter().map(Expr::to_string).collect();
                write!(f, "{name}({})", each.join(", "))
            }
            Kind::Sum(index, body) => write!(f, "sum({index}, {body})"),
        }
    }
}

impl fmt::Display for Equation {
    /// `dw[k]/dt += … : unit`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.derivative { "d" } else { "" })?;
        f.write_str(&self.name)?;
        indices(f, &self.indices)?;
        f.write_str(if self.derivative { "/dt" } else { "" })?;
        f.write_str(if self.assign == Assign::Add { " += " } else { " = " })?;
        write!(f, "{} : {}", self.right, self.unit)
    }
}
