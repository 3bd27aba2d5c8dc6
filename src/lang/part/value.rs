//! Which value does a parameter have? A number with its unit, a vector, a matrix, or a rule that fits any size.

use crate::error::{Error, Result};
use crate::field::Unit;
use crate::lang::ast::{Expr, Kind, Op, Span};
use crate::lang::{Source, parse};

/// A value as it was given, to be spread over a family once the sizes are known.
///
/// ```
/// use homeostat::lang::Given;
/// let given = Given::from_text("C", "[[1, 0.4], [0.4, 0.8]] Hz^2").unwrap();
/// let (values, unit) = given.spread(&[2, 2], &|_| None).unwrap();
/// assert_eq!(values, [1.0, 0.4, 0.4, 0.8]);
/// assert_eq!(unit.to_string(), "Hz^2");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// One value for every element.
    One(Expr),
    /// One value per element.
    List(Vec<Expr>),
    /// A matrix, row by row.
    Rows(Vec<Vec<Expr>>),
    /// A matrix of any size: the elements on and off the diagonal.
    Diagonal {
        /// On the diagonal.
        on: Expr,
        /// Off the diagonal.
        off: Expr,
    },
    /// The first where its shape fits, else the second.
    Either(Box<Given>, Box<Given>),
}

/// A value in words of its author: what is wrong with it and what to do.
pub(crate) type Complaint = (String, String);

impl Given {
    /// A value typed by hand: `20 ms`, `[1, 2] Hz`, `[["1 Hz"…`; `name` is used in messages.
    pub fn from_text(name: &str, text: &str) -> Result<Given> {
        Given::among(name, text, &|_| false)
    }

    /// As [`from_text`](Given::from_text), where `size` knows the names of sizes: `1/S` is not one over a siemens.
    pub(crate) fn among(name: &str, text: &str, size: &dyn Fn(&str) -> bool) -> Result<Given> {
        let trimmed = text.trim();
        let leaf = |text: &str| {
            let source = Source::new(&format!("value of {name}"), text);
            parse::expression(&source).map(|e| e.with_units(size))
        };
        if !trimmed.starts_with('[') {
            return Ok(Given::One(leaf(trimmed)?));
        }
        let complain = |what: &str| {
            Err(Error::usage(format!("the value of `{name}`: {what}"), "write `[1, 2] Hz` or `[[1, 0], [0, 1]] Hz`"))
        };
        let Some(end) = trimmed.rfind(']') else { return complain("a bracket is not closed") };
        let unit = trimmed[end + 1..].trim();
        let with_unit = |text: &str| leaf(&if unit.is_empty() { text.into() } else { format!("({text})*(1 {unit})") });
        let inner = trimmed[1..end].trim();
        if !inner.starts_with('[') {
            return Ok(Given::List(split(inner).iter().map(|t| with_unit(t)).collect::<Result<_>>()?));
        }
        let mut rows = Vec::new();
        for row in split(inner) {
            let Some(row) = row.strip_prefix('[').and_then(|r| r.strip_suffix(']')) else {
                return complain("rows of a matrix are written `[a, b]`");
            };
            rows.push(split(row).iter().map(|t| with_unit(t)).collect::<Result<Vec<_>>>()?);
        }
        Ok(Given::Rows(rows))
    }

    /// The value of every element of a family of this shape (row by row, coherent unit), and the unit as it was written.
    pub fn spread(&self, shape: &[usize], sizes: &dyn Fn(&str) -> Option<usize>) -> Result<(Vec<f64>, Unit)> {
        self.try_spread(shape, sizes).map_err(|(cause, help)| Error::domain("a value", cause, help))
    }

    pub(crate) fn try_spread(
        &self,
        shape: &[usize],
        sizes: &dyn Fn(&str) -> Option<usize>,
    ) -> std::result::Result<(Vec<f64>, Unit), Complaint> {
        let count: usize = shape.iter().product();
        let wanted = || match shape {
            [] => "one value".to_string(),
            [n] => format!("{n} values"),
            _ => format!("{} values", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")),
        };
        let misfit = |got: String| {
            Err((
                format!("{got} where {} are needed", wanted()),
                "give one value per element, or one value for all".into(),
            ))
        };
        match self {
            Given::One(expr) => {
                let (value, unit) = constant(expr, sizes)?;
                Ok((vec![value; count], unit))
            }
            Given::List(list) if shape.len() == 1 && shape[0] == list.len() => all(list.iter(), sizes),
            Given::List(list) => misfit(format!("a list of {}", list.len())),
            Given::Rows(rows)
                if shape.len() == 2 && rows.len() == shape[0] && rows.iter().all(|r| r.len() == shape[1]) =>
            {
                all(rows.iter().flatten(), sizes)
            }
            // One row or one column of a file is a vector.
            Given::Rows(rows)
                if shape.len() == 1
                    && (rows.len() == 1 || rows.iter().all(|r| r.len() == 1))
                    && rows.iter().map(Vec::len).sum::<usize>() == shape[0] =>
            {
                all(rows.iter().flatten(), sizes)
            }
            Given::Rows(rows) => {
                let first = rows.first().map_or(0, Vec::len);
                match rows.iter().position(|row| row.len() != first) {
                    Some(k) => misfit(format!("{} values in row {} and {first} in row 1", rows[k].len(), k + 1)),
                    None => misfit(format!("a matrix of {} × {first}", rows.len())),
                }
            }
            Given::Diagonal { on, off } => match shape {
                [n, m] => {
                    let ((on, unit), (off, other)) = (constant(on, sizes)?, constant(off, sizes)?);
                    same_unit(&unit, &other, off)?;
                    Ok(((0..n * m).map(|at| if at / m == at % m { on } else { off }).collect(), unit))
                }
                _ => misfit("a diagonal matrix".into()),
            },
            Given::Either(first, second) => first.try_spread(shape, sizes).or_else(|_| second.try_spread(shape, sizes)),
        }
    }
}

/// Two units in one list; zero fits every unit.
fn same_unit(unit: &Unit, other: &Unit, value: f64) -> std::result::Result<(), Complaint> {
    match unit.same_dimension(other) || (value == 0.0 && other.is_none()) {
        true => Ok(()),
        false => Err((format!("values in {unit} and in {other} in one list"), "use one unit".into())),
    }
}

fn all<'a>(
    list: impl Iterator<Item = &'a Expr>,
    sizes: &dyn Fn(&str) -> Option<usize>,
) -> std::result::Result<(Vec<f64>, Unit), Complaint> {
    let (mut values, mut unit): (Vec<f64>, Option<Unit>) = (Vec::new(), None);
    for expr in list {
        let (value, own) = constant(expr, sizes)?;
        match &unit {
            None => unit = Some(own),
            Some(unit) => same_unit(unit, &own, value)?,
        }
        values.push(value);
    }
    Ok((values, unit.unwrap_or(Unit::NONE)))
}

/// The text between commas that stand outside brackets.
fn split(text: &str) -> Vec<String> {
    let (mut depth, mut parts, mut part) = (0i32, Vec::new(), String::new());
    for c in text.chars() {
        depth += i32::from(matches!(c, '[' | '(')) - i32::from(matches!(c, ']' | ')'));
        match c {
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            _ => part.push(c),
        }
    }
    if !part.trim().is_empty() {
        parts.push(part);
    }
    parts.iter().map(|p| p.trim().trim_matches('"').to_string()).collect()
}

/// The number that a constant expression stands for, in the coherent unit: `5 Hz`, `1/S`, `sqrt(2)*3 ms`.
pub(crate) fn constant(
    expr: &Expr,
    sizes: &dyn Fn(&str) -> Option<usize>,
) -> std::result::Result<(f64, Unit), Complaint> {
    let (value, unit) = evaluate(expr, sizes)?;
    match value.is_finite() {
        true => Ok((value, unit)),
        false => Err((format!("the value is {value}"), "values are finite numbers".into())),
    }
}

fn evaluate(expr: &Expr, sizes: &dyn Fn(&str) -> Option<usize>) -> std::result::Result<(f64, Unit), Complaint> {
    let refuse = |what: String| Err((what, "a value is a number with its unit, such as `5 Hz`".to_string()));
    match &expr.kind {
        Kind::Number(value, unit) => Ok((*value, unit.clone())),
        Kind::Name(name, indices) if indices.is_empty() => match sizes(name) {
            Some(n) => Ok((n as f64, Unit::NONE)),
            None if name == "pi" => Ok((std::f64::consts::PI, Unit::NONE)),
            None => refuse(format!("`{name}` in a value is not a size of the family")),
        },
        Kind::Neg(a) => evaluate(a, sizes).map(|(value, unit)| (-value, unit)),
        Kind::Binary(op, a, b) => {
            let ((x, u), (y, v)) = (evaluate(a, sizes)?, evaluate(b, sizes)?);
            match op {
                Op::Mul if v.is_none() => Ok((x * y, u)),
                Op::Mul if u.is_none() => Ok((x * y, v)),
                Op::Mul => Ok((x * y, plain(&u * &v))),
                Op::Div if v.is_none() => Ok((x / y, u)),
                Op::Div => Ok((x / y, plain(&u / &v))),
                Op::Add | Op::Sub if u.same_dimension(&v) => Ok((if *op == Op::Add { x + y } else { x - y }, u)),
                Op::Add | Op::Sub => refuse(format!("{u} and {v} are added")),
                Op::Pow => match (v.is_none(), u.powf(y)) {
                    (true, Some(unit)) => Ok((x.powf(y), plain(unit))),
                    _ => refuse(format!("{u} to the power {y}")),
                },
            }
        }
        Kind::Call(name, arguments) if arguments.len() == 1 => {
            let (x, unit) = evaluate(&arguments[0], sizes)?;
            match (name.as_str(), unit.is_none()) {
                ("sqrt", _) => match unit.powf(0.5) {
                    Some(root) => Ok((x.sqrt(), plain(root))),
                    None => refuse(format!("the root of {unit}")),
                },
                ("exp", true) => Ok((x.exp(), unit)),
                ("log", true) => Ok((x.ln(), unit)),
                _ => refuse(format!("`{name}` in a value")),
            }
        }
        _ => refuse("this is not a constant".into()),
    }
}

/// A computed unit, shown in base units.
fn plain(unit: Unit) -> Unit {
    Unit { factor: 1.0, ..unit }
}

/// An expression for a plain number.
pub(crate) fn number(value: f64, unit: Unit, span: Span) -> Expr {
    Expr { kind: Kind::Number(value, unit), span }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(text: &str, shape: &[usize]) -> Result<(Vec<f64>, Unit)> {
        Given::among("a", text, &|name| name == "S")?.spread(shape, &|name| (name == "S").then_some(4))
    }

    #[test]
    fn theory_values_spread_over_families() {
        assert_eq!(spread("1/S", &[2]).unwrap().0, [0.25, 0.25]);
        assert_eq!(spread("[1, 2] ms", &[2]).unwrap().0, [0.001, 0.002]);
        assert_eq!(spread("[[1, 0], [0, 2]]", &[2, 2]).unwrap().0, [1.0, 0.0, 0.0, 2.0]);
        assert_eq!(spread("-20 ms", &[]).unwrap().0, [-0.02]);
        let (value, unit) = spread("3 Hz/s**0.5", &[]).unwrap();
        assert_eq!((value, unit.exponents[0]), (vec![3.0], -18));
    }

    #[test]
    fn wrong_values_are_refused() {
        for (text, shape) in [
            ("[1, 2, 3]", &[2usize][..]),
            ("[1 Hz, 2 s]", &[2]),
            ("1/0", &[]),
            ("[[1, 2], [3]]", &[2, 2]),
            ("[1, 2", &[2]),
            ("w", &[]),
            ("1 Hz + 1 s", &[]),
        ] {
            assert!(spread(text, shape).is_err(), "{text}");
        }
    }
}
