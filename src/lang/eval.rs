//! What is the value of an expression, and its derivative? A calculator over the language, with units.
//!
//! ```
//! use homeostat::lang::eval::{Binding, derivative, evaluate};
//! let bindings = [Binding::parse("tau=20 ms").unwrap()];
//! let rate = evaluate("3/tau", &bindings).unwrap();
//! assert_eq!((rate.value, rate.unit.to_string()), (150.0, "Hz".to_string()));
//! // By the name of a binding, or of an argument of the function that is called.
//! assert_eq!(derivative("3/tau", &bindings, "tau").unwrap().value, -7500.0);
//! assert_eq!(derivative("tanh(0)", &[], "x").unwrap().value, 1.0);
//! ```

use super::ast::{Expr, Kind};
use super::graph::{Graph, Node};
use super::tape::Tape;
use super::{Source, build, functions, parse, units};
use crate::field::{Error, Result, Unit, nearest, parse_quantity};
use crate::num::Dual;

/// A name with a value: `mu=15 mV`.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// Its value in the coherent unit.
    pub value: f64,
    /// The unit it was written in.
    pub unit: Unit,
}

impl Binding {
    /// Reads `NAME=VALUE`.
    pub fn parse(text: &str) -> Result<Binding> {
        let wrong = || Error::usage(format!("`{text}` is not a value with a name"), "write NAME=VALUE: `mu='15 mV'`");
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let name = name.trim();
        let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !letters || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Err(wrong());
        }
        let (value, unit) = parse_quantity(value)?;
        Ok(Binding { name: name.into(), value, unit })
    }
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The value in `unit`.
    pub value: f64,
    /// The coherent unit of the result.
    pub unit: Unit,
}

/// The value of an expression.
///
/// # Errors
/// What the parser and the unit check refuse, and a result that is not a finite number.
pub fn evaluate(text: &str, bindings: &[Binding]) -> Result<Answer> {
    let read = Read::new(text, bindings)?;
    let value = read.tape(bindings)?.values(&values(bindings), &[])[0];
    read.answer(text, value, read.unit.clone())
}

/// The derivative of an expression with respect to a binding, or to a named argument of the function it calls.
///
/// # Errors
/// As for [`evaluate`], and a name that is neither.
pub fn derivative(text: &str, bindings: &[Binding], by: &str) -> Result<Answer> {
    let read = Read::new(text, bindings)?;
    if let Some(at) = bindings.iter().position(|b| b.name == by) {
        let slope = slope(&read.tape(bindings)?, &values(bindings), at);
        return read.answer(text, slope, &read.unit / &bindings[at].unit);
    }
    let Kind::Call(name, arguments) = &read.expr.kind else {
        return Err(Error::unknown("binding", by, nearest(by, bindings.iter().map(|b| b.name.as_str()))));
    };
    let function = units::function(&read.source, &read.expr, name, arguments.len())?;
    let Some(at) = function.arguments.iter().position(|a| *a == by) else {
        let known = function.arguments.iter().copied().chain(bindings.iter().map(|b| b.name.as_str()));
        let near = nearest(by, known);
        let near = if near.is_empty() { function.arguments.iter().map(|a| a.to_string()).collect() } else { near };
        return Err(Error::unknown("argument", by, near));
    };
    // The arguments are evaluated first; then the function is differentiated as a function of them.
    let at_values: Result<Vec<f64>> = arguments
        .iter()
        .map(|a| Ok(Read::of(&read.source, a.clone(), bindings)?.tape(bindings)?.values(&values(bindings), &[])[0]))
        .collect();
    let mut graph = Graph::default();
    let nodes: Vec<Node> = (0..arguments.len()).map(|k| graph.variable(k)).collect();
    let root = (function.build)(&mut graph, &nodes);
    let slope = slope(&Tape::new(&graph, &[root]), &at_values?, at);
    let unit = Read::of(&read.source, arguments[at].clone(), bindings)?.unit;
    read.answer(text, slope, &read.unit / &unit)
}

fn values(bindings: &[Binding]) -> Vec<f64> {
    bindings.iter().map(|b| b.value).collect()
}

/// The derivative of a tape's first output along its `at`-th variable.
fn slope(tape: &Tape, x: &[f64], at: usize) -> f64 {
    let mut duals: Vec<Dual> = x.iter().map(|&v| Dual::fixed(v)).collect();
    duals[at].d = 1.0;
    let mut out = [Dual::fixed(0.0)];
    tape.eval(&duals, &[], &mut out);
    out[0].d
}

/// An expression that was read and whose units were checked.
struct Read {
    source: Source,
    expr: Expr,
    unit: Unit,
}

impl Read {
    fn new(text: &str, bindings: &[Binding]) -> Result<Read> {
        let source = Source::new("<expression>", text);
        let expr = parse::expression(&source)?.with_units(&|name| bindings.iter().any(|b| b.name == name));
        Read::of(&source, expr, bindings)
    }
    fn of(source: &Source, expr: Expr, bindings: &[Binding]) -> Result<Read> {
        let lookup = |name: &str| bindings.iter().find(|b| b.name == name).map(|b| b.unit.clone());
        let unit = units::infer(source, &expr, &lookup).map_err(|error| match error {
            // There is no part here in which a name could be declared.
            Error::Input { place, cause, .. } if cause.starts_with("nothing here is called") => Error::Input {
                place,
                cause,
                help: "give it a value: NAME=VALUE, on the command line --set NAME=VALUE".into(),
            },
            error => error,
        })?;
        Ok(Read { source: source.clone(), expr, unit })
    }
    fn tape(&self, bindings: &[Binding]) -> Result<Tape> {
        let mut graph = Graph::default();
        let root = build::expression(&mut graph, &self.source, &self.expr, &mut |graph, expr, name, indices| {
            if let Some(at) = bindings.iter().position(|b| b.name == name && indices.is_empty()) {
                return Ok(graph.variable(at));
            }
            if let Some(value) = functions::constant(name) {
                return Ok(graph.number(value));
            }
            let cause = format!("`{}` has no value", self.source.slice(expr.span));
            Err(self.source.error(expr.span, cause, "give it one: NAME=VALUE"))
        })?;
        Ok(Tape::new(&graph, &[root]))
    }
    fn answer(&self, text: &str, value: f64, unit: Unit) -> Result<Answer> {
        if !value.is_finite() {
            let why = format!("the result is {value}");
            return Err(Error::domain(format!("`{text}`"), why, "stay inside the domain of each function"));
        }
        let symbol = match unit.is_none() {
            true => String::new(),
            false => units::describe(&unit),
        };
        Ok(Answer { value, unit: Unit { exponents: unit.exponents, factor: 1.0, symbol: symbol.into() } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_values_carry_their_units() {
        for (text, value, unit) in [
            ("15 mV + 5*mV", 0.02, "V"),
            ("1/(20 ms)", 50.0, "Hz"),
            ("2 h / (1 min)", 120.0, "1"),
            ("sqrt(2)**2 - 2", 4.440_892_098_500_626e-16, "1"),
            ("exp(0) + pi*0", 1.0, "1"),
            ("10 nS * 5 mV / pA", f64::NAN, ""),
        ] {
            match evaluate(text, &[]) {
                Ok(answer) => {
                    assert!((answer.value - value).abs() <= 1e-15 * value.abs(), "{text}: {answer:?}");
                    assert_eq!(answer.unit.to_string(), unit);
                }
                Err(error) => assert!(value.is_nan(), "{text}: {error}"),
            }
        }
    }

    #[test]
    fn law_what_has_no_value_is_an_error() {
        for text in ["ln(-1)", "1/0", "exp(1000)", "q", "sum(k, k)", "1 mV + 1 s", "", "tanh(1 mV)"] {
            assert!(evaluate(text, &[]).is_err(), "{text}");
        }
        let error = evaluate("1 + q", &[]).expect_err("q has no value").to_string();
        assert!(error.contains("nothing here is called `q`") && error.contains("--set NAME=VALUE"), "{error}");
        assert!(derivative("tanh(1)", &[], "y").is_err());
        assert!(derivative("1 + tanh(1)", &[], "x").is_err());
        for text in ["=3", "a", "a=", "a b=3", "3=a", "a=nan"] {
            assert!(Binding::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn theory_derivatives_by_name() {
        let b = [Binding::parse("v=5 mV").unwrap(), Binding::parse("tau = 20 ms").unwrap()];
        let d = derivative("v**2/tau", &b, "v").unwrap();
        assert!((d.value - 0.5).abs() < 1e-15 && d.unit.to_string() == "V/s", "{d:?}");
        let d = derivative("hill(3, 1 + 1, 2)", &[], "k").unwrap();
        assert!((d.value + 36.0 / 169.0).abs() < 1e-15, "{d:?}");
    }
}
