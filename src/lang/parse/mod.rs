//! What does a line of equations say? From words to the syntax tree.
//!
//! The lines are Brian2's: `dw/dt += pre*post/tau : 1`, `r = phi(h) : Hz`. A number may carry its unit (`20 ms`); a
//! power right after it belongs to the unit, so that `5 Hz**2` is five square hertz and `(5 Hz)**2` twenty-five.
//! `**` and `^` are the power, which binds to the right and before a minus sign (−x² = −(x²)); `sum(k, w[k]*x[k])` runs
//! over the whole range of k. Comments start with `#`; a line goes on as long as a bracket is open.
//!
//! ```
//! use homeostat::lang::{Source, parse};
//! let lines = parse::equations(&Source::new("x", "dw[k]/dt += (x[k] - w[k])/(20 ms)  : 1  # relaxes")).unwrap();
//! assert!(lines[0].derivative && lines[0].name == "w");
//! assert_eq!(lines[0].right.to_string(), "(x[k] - w[k])/(20 ms)");
//! ```

mod expression;

use super::Source;
use super::ast::{Assign, Equation, Expr, Index, Span};
use super::lexer::{Token, tokens};
use crate::field::{Error, Result, Unit};

/// Deepest nesting of brackets, calls and signs.
pub const MAX_NESTING: usize = 150;
/// Longest chain of operations within one another: `a + b + c + …` with this many terms.
pub const MAX_HEIGHT: usize = 1000;

/// Reads one expression (`eval`, a fact, the value of a modulated parameter).
pub fn expression(source: &Source) -> Result<Expr> {
    whole(source, false)
}

/// Reads one expression in which powers bind to the left, a^b^c = (a^b)^c, as XPP has it.
pub(super) fn left_expression(source: &Source) -> Result<Expr> {
    whole(source, true)
}

fn whole(source: &Source, left_powers: bool) -> Result<Expr> {
    let words = tokens(source)?;
    let mut parser = Parser { source, words, at: 0, nesting: 0, left_powers };
    parser.skip_ends();
    let expr = parser.sum()?;
    parser.skip_ends();
    match parser.at < parser.words.len() {
        true => Err(parser.unexpected("the end of the expression")),
        false => Ok(expr.0),
    }
}

/// Reads all lines of a text of equations.
pub fn equations(source: &Source) -> Result<Vec<Equation>> {
    let words = tokens(source)?;
    let mut parser = Parser { source, words, at: 0, nesting: 0, left_powers: false };
    let mut lines = Vec::new();
    loop {
        parser.skip_ends();
        if parser.at >= parser.words.len() {
            return Ok(lines);
        }
        lines.push(parser.equation()?);
    }
}

/// An expression with its height, which is bounded so that no walk over a tree runs out of stack.
type Tall = (Expr, usize);

struct Parser<'a> {
    source: &'a Source,
    words: Vec<(Token, Span)>,
    at: usize,
    nesting: usize,
    /// Do powers bind to the left?
    left_powers: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.words.get(self.at).map(|(token, _)| token)
    }
    fn span(&self) -> Span {
        let end = Span { start: self.source.text.len(), end: self.source.text.len() };
        self.words.get(self.at).map_or(end, |(_, span)| *span)
    }
    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(s)) if *s == sign)
    }
    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }
    fn skip_ends(&mut self) {
        while self.peek() == Some(&Token::End) {
            self.at += 1;
        }
    }
    fn error<T>(&self, span: Span, cause: &str, help: &str) -> Result<T> {
        Err(self.source.error(span, cause, help))
    }
    /// What stands here is not what the grammar wants.
    fn unexpected(&self, wanted: &str) -> Error {
        let (cause, help) = match self.peek() {
            None | Some(Token::End) => (
                format!("the line ends where {wanted} is expected"),
                "finish the line, or open a bracket to continue on the next one",
            ),
            Some(Token::Sign("=" | "+=")) => ("an `=` inside an expression".into(), "write one equation per line"),
            Some(Token::Sign(":")) => (
                format!("a `:` where {wanted} is expected"),
                "the unit comes after a complete expression: `r = a*b : Hz`",
            ),
            Some(_) => (
                format!("`{}` stands where {wanted} is expected", self.source.slice(self.span()).trim()),
                "products are written with `*`, every bracket is closed, arguments are separated by `,`",
            ),
        };
        self.source.error(self.span(), cause, help)
    }
    fn expect(&mut self, sign: &'static str) -> Result<()> {
        if self.eat(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }
    fn name(&mut self, wanted: &str) -> Result<String> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected(wanted)),
        }
    }

    /// One line.
    fn equation(&mut self) -> Result<Equation> {
        let start = self.span();
        let mut name = self.name("the name of a quantity")?;
        let mut indices = self.indices()?;
        let mut derivative = false;
        if self.eat("/") {
            let under = self.name("`dt`")?;
            let of = name.strip_prefix('d').filter(|rest| !rest.is_empty() && under == "dt").map(str::to_string);
            match of {
                Some(of) => (name, derivative) = (of, true),
                None => {
                    let cause = format!("`{name}/{under}` is not a time derivative");
                    return self.error(start, &cause, "the left side is a name `r`, an element `w[k]` or `dw/dt`");
                }
            }
            if self.is("[") {
                indices = self.indices()?;
            }
        }
        let assign = match self.peek() {
            Some(Token::Sign("=")) => Assign::Define,
            Some(Token::Sign("+=")) => Assign::Add,
            Some(Token::Sign(":")) => {
                let help = format!("declare it under [parameters], or define it: `{name} = … : unit`");
                return self.error(start, &format!("`{name}` has a unit but no right-hand side"), &help);
            }
            _ => return Err(self.unexpected("`=` or `+=`")),
        };
        self.at += 1;
        let right = self.sum()?.0;
        let unit = self.unit(right.span)?;
        let end = self.words.get(self.at.saturating_sub(1)).map_or(start.end, |(_, span)| span.end);
        match self.peek() {
            None | Some(Token::End) => (),
            _ => return Err(self.unexpected("the end of the line")),
        }
        Ok(Equation { name, indices, derivative, assign, right, unit, span: Span { start: start.start, end } })
    }
    fn unit(&mut self, after: Span) -> Result<Unit> {
        if self.eat(":") {
            let unit = match self.peek() {
                Some(Token::Unit(unit)) => unit.clone(),
                _ => return Err(self.unexpected("a unit")),
            };
            self.at += 1;
            return Ok(unit);
        }
        match self.peek() {
            None | Some(Token::End) if self.source.units_optional => Ok(Unit::NONE),
            None | Some(Token::End) => {
                let here = Span { start: after.end, end: after.end };
                self.error(
                    here,
                    "the unit of the quantity is missing",
                    "end the line with `: Hz`, or `: 1` for a pure number",
                )
            }
            _ => Err(self.unexpected("an operator or the unit `: …`")),
        }
    }
    fn indices(&mut self) -> Result<Vec<Index>> {
        let mut indices = Vec::new();
        if !self.eat("[") {
            return Ok(indices);
        }
        loop {
            indices.push(self.index()?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]")?;
        Ok(indices)
    }
    fn index(&mut self) -> Result<Index> {
        match self.peek().cloned() {
            Some(Token::Whole(n)) if n <= 1_000_000_000 => {
                self.at += 1;
                Ok(Index::Fixed(n as usize))
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                let sign = if self.eat("+") {
                    1
                } else if self.eat("-") {
                    -1
                } else {
                    return Ok(Index::Running(name, 0));
                };
                match self.peek() {
                    Some(Token::Whole(n)) if *n <= 1_000_000 => {
                        let shift = sign * *n as i64;
                        self.at += 1;
                        Ok(Index::Running(name, shift))
                    }
                    _ => Err(self.unexpected("a whole number")),
                }
            }
            _ => Err(self.unexpected("an index such as `k`, `k+1` or `0`")),
        }
    }
}

#[cfg(test)]
mod tests;
