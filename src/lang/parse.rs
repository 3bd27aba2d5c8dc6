//! What does a line of equations say? From words to the syntax tree.
//!
//! The lines are Brian2's: `dw/dt += pre*post/tau : 1`, `r = phi(h) : Hz`. A number may carry its unit (`20 ms`, `5 Hz**2`);
//! `**` and `^` are the power, which binds to the right and before a minus sign (−x² = −(x²)); `sum(k, w[k]*x[k])` runs
//! over the whole range of k. Comments start with `#`; a line goes on as long as a bracket is open.
//!
//! ```
//! use homeostat::lang::{Source, parse};
//! let lines = parse::equations(&Source::new("x", "dw[k]/dt += (x[k] - w[k])/(20 ms)  : 1  # relaxes")).unwrap();
//! assert!(lines[0].derivative && lines[0].name == "w");
//! assert_eq!(lines[0].right.to_string(), "(x[k] - w[k])/(20 ms)");
//! ```

use super::Source;
use super::ast::{Assign, Equation, Expr, Index, Kind, Op, Span};
use super::lexer::{Token, tokens};
use crate::field::{Error, Result, Unit};

/// Deepest nesting of brackets, calls and signs.
pub const MAX_NESTING: usize = 150;
/// Longest chain of operations within one another: `a + b + c + …` with this many terms.
pub const MAX_HEIGHT: usize = 1000;

/// Reads one expression (`eval`, a fact, the value of a modulated parameter).
pub fn expression(source: &Source) -> Result<Expr> {
    let words = tokens(source)?;
    let mut parser = Parser { source, words, at: 0, nesting: 0 };
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
    let mut parser = Parser { source, words, at: 0, nesting: 0 };
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

    /// Goes one level down, within the bound.
    fn deeper(&mut self) -> Result<()> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            let cause = format!("brackets and functions are nested more than {MAX_NESTING} deep");
            return self.error(self.span(), &cause, "give parts of the expression a name of their own");
        }
        Ok(())
    }
    fn build(&self, kind: Kind, span: Span, height: usize) -> Result<Tall> {
        if height > MAX_HEIGHT {
            let cause = format!("more than {MAX_HEIGHT} operations depend on each other in one expression");
            return self.error(span, &cause, "give parts of the expression a name of their own, or use sum(k, …)");
        }
        Ok((Expr { kind, span }, height))
    }
    fn binary(&self, op: Op, a: Tall, b: Tall) -> Result<Tall> {
        let span = Span { start: a.0.span.start, end: b.0.span.end };
        self.build(Kind::Binary(op, Box::new(a.0), Box::new(b.0)), span, 1 + a.1.max(b.1))
    }
    fn sum(&mut self) -> Result<Tall> {
        self.deeper()?;
        let mut left = self.product()?;
        loop {
            let op = if self.eat("+") {
                Op::Add
            } else if self.eat("-") {
                Op::Sub
            } else {
                self.nesting -= 1;
                return Ok(left);
            };
            let right = self.product()?;
            left = self.binary(op, left, right)?;
        }
    }
    fn product(&mut self) -> Result<Tall> {
        let mut left = self.signed()?;
        loop {
            let op = if self.eat("*") {
                Op::Mul
            } else if self.eat("/") {
                Op::Div
            } else {
                return Ok(left);
            };
            let right = self.signed()?;
            left = self.binary(op, left, right)?;
        }
    }
    fn signed(&mut self) -> Result<Tall> {
        let span = self.span();
        if self.eat("-") {
            self.deeper()?;
            let inner = self.signed()?;
            self.nesting -= 1;
            let span = Span { start: span.start, end: inner.0.span.end };
            return self.build(Kind::Neg(Box::new(inner.0)), span, 1 + inner.1);
        }
        if self.eat("+") {
            self.deeper()?;
            let inner = self.signed()?;
            self.nesting -= 1;
            return Ok(inner);
        }
        let base = self.atom()?;
        if !self.eat("^") {
            return Ok(base);
        }
        self.deeper()?;
        let power = self.signed()?;
        self.nesting -= 1;
        self.binary(Op::Pow, base, power)
    }
    fn atom(&mut self) -> Result<Tall> {
        let span = self.span();
        match self.peek().cloned() {
            Some(Token::Number(value, unit)) => {
                self.at += 1;
                self.build(Kind::Number(value, unit), span, 1)
            }
            Some(Token::Whole(n)) => {
                self.at += 1;
                self.build(Kind::Number(n as f64, Unit::NONE), span, 1)
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let mut inner = self.sum()?;
                let end = self.span().end;
                self.expect(")")?;
                inner.0.span = Span { start: span.start, end };
                Ok(inner)
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                if self.is("(") { self.call(name, span) } else { self.element(name, span) }
            }
            _ => Err(self.unexpected("a number, a name or a bracket")),
        }
    }
    fn element(&mut self, name: String, start: Span) -> Result<Tall> {
        let indices = self.indices()?;
        let end = self.words[self.at - 1].1.end;
        self.build(Kind::Name(name, indices), Span { start: start.start, end }, 1)
    }
    fn call(&mut self, name: String, start: Span) -> Result<Tall> {
        self.expect("(")?;
        if name == "sum" {
            return self.running_sum(start);
        }
        let (mut arguments, mut height) = (Vec::new(), 0);
        while !self.is(")") {
            let argument = self.sum()?;
            height = height.max(argument.1);
            arguments.push(argument.0);
            if !self.eat(",") {
                break;
            }
        }
        let end = self.span().end;
        self.expect(")")?;
        self.build(Kind::Call(name, arguments), Span { start: start.start, end }, 1 + height)
    }
    fn running_sum(&mut self, start: Span) -> Result<Tall> {
        let index = match (self.peek().cloned(), self.words.get(self.at + 1).map(|(t, _)| t)) {
            (Some(Token::Name(index)), Some(Token::Sign(","))) => index,
            _ => {
                let help = "write sum(k, w[k]*x[k])";
                return self.error(self.span(), "the first argument of `sum` is the name of an index", help);
            }
        };
        self.at += 2;
        let body = self.sum()?;
        let end = self.span().end;
        self.expect(")")?;
        self.build(Kind::Sum(index, Box::new(body.0)), Span { start: start.start, end }, 1 + body.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Expr> {
        expression(&Source::new("test", text))
    }
    /// The tree without its places.
    fn bare(mut expr: Expr) -> Expr {
        fn strip(e: &mut Expr) {
            e.span = Span::default();
            match &mut e.kind {
                Kind::Number(..) | Kind::Name(..) => (),
                Kind::Neg(a) | Kind::Sum(_, a) => strip(a),
                Kind::Binary(_, a, b) => {
                    strip(a);
                    strip(b);
                }
                Kind::Call(_, list) => list.iter_mut().for_each(strip),
            }
        }
        strip(&mut expr);
        expr
    }

    #[test]
    fn theory_precedence_is_that_of_mathematics() {
        for (text, same) in [
            ("-x**2", "-(x**2)"),
            ("a - b - c", "(a - b) - c"),
            ("a/b*c", "(a/b)*c"),
            ("a**b**c", "a**(b**c)"),
            ("a^-b", "a**(-b)"),
            ("-a*b", "(-a)*b"),
            ("2*(a + b)", "(2)*(a+b)"),
            ("a +\tb # comment", "a + b"),
            ("(a +\n b)", "a + b"),
            ("20 ms", "(20.0 ms)"),
            ("5 Hz ** 2", "5 Hz**2"),
            (".5", "0.5"),
            ("+a", "a"),
        ] {
            assert_eq!(bare(read(text).unwrap()), bare(read(same).unwrap()), "{text}");
        }
        assert_eq!(read("20 ms").unwrap().kind, Kind::Number(0.02, Unit::parse("ms").unwrap()));
    }

    #[test]
    fn theory_lines_are_brian2s() {
        let text = "\n# a rule\ndw[k]/dt += -sum(j, rest(w[j]))/K : 1\nr = scaling@w_ee.tau*w[k+1, 0] : Hz # rate\n\ndtheta/dt = y**2 -\n theta : Hz**2";
        let error = equations(&Source::new("test", text)).unwrap_err();
        assert!(error.to_string().contains("test:6:19"), "{error}");
        let text = text.replace("y**2 -", "(y**2 -").replace("theta :", "theta) :");
        let lines = equations(&Source::new("test", &text)).unwrap();
        let shown: Vec<String> = lines.iter().map(Equation::to_string).collect();
        assert_eq!(
            shown,
            [
                "dw[k]/dt += -sum(j, rest(w[j]))/K : 1",
                "r = scaling@w_ee.tau*w[k+1, 0] : Hz",
                "dtheta/dt = y**2 - theta : Hz**2"
            ]
        );
        assert_eq!(lines[0].indices, [Index::Running("k".into(), 0)]);
    }

    #[test]
    fn law_every_error_has_place_cause_and_help() {
        for (text, at, cause) in [
            ("dw/dt = a", ":1:10", "unit of the quantity is missing"),
            ("dw/dt = a : Hzz", ":1:13", "`Hzz` is not a unit"),
            ("dw/dt = a +: Hz", ":1:12", "a number, a name or a bracket"),
            ("dw/dt = 2 w : Hz", ":1:11", "is not a unit"),
            ("r = (a : Hz", ":1:8", "`)`"),
            ("r = a < b : Hz", ":1:7", "`<`"),
            ("r = \u{3b8} : Hz", ":1:5", "not part of the language"),
            ("r : Hz", ":1:1", "no right-hand side"),
            ("w/dt = 2 : 1", ":1:1", "not a time derivative"),
            ("r = sum(w[k]) : 1", ":1:9", "name of an index"),
            ("r = w[1.5] : 1", ":1:7", "an index"),
            ("r = 1e999 : 1", ":1:5", "too large"),
            ("r = nan : 1", ":1:5", "not a number"),
            ("r = a b : 1", ":1:7", "`b` stands where"),
            ("r == 2 : 1", ":1:4", "`=`"),
            ("r = f(a,,b) : 1", ":1:9", "a number, a name"),
            ("r = a : 1 Hz (unless refractory)", ":1:14", ""),
            ("r -= a : 1", ":1:3", "`-=`"),
        ] {
            let error = equations(&Source::new("test", text)).expect_err(text);
            let shown = error.to_string();
            assert!(shown.contains(at) && shown.contains(cause) && shown.contains("help: "), "{text}\n{shown}");
        }
    }

    #[test]
    fn law_hostile_sizes_are_refused() {
        let deep = |n: usize| format!("r = {}x{} : 1", "(".repeat(n), ")".repeat(n));
        let wide = |n: usize| format!("r = {} : 1", vec!["x"; n].join(" + "));
        for text in [
            deep(100_000),
            wide(20_000),
            format!("r = {}x : 1", "-".repeat(100_000)),
            format!("r = {} : 1", "x".repeat(1_000_000)),
            format!("r = {}x : 1", "x**".repeat(10_000)),
            format!("r = {}", "f(".repeat(10_000)),
        ] {
            assert!(equations(&Source::new("test", &text)).is_err(), "{}", &text[..20]);
        }
        assert!(equations(&Source::new("test", &deep(100))).is_ok());
        assert!(equations(&Source::new("test", &wide(900))).is_ok());
    }

    fn trees() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            (0.0..1e6f64).prop_map(|x| format!("{x}")),
            prop::sample::select(vec!["w", "theta", "w[k]", "W[i, j+1]", "a@b.c", "3", "20 ms", "1.5 Hz**2"])
                .prop_map(String::from),
        ];
        leaf.prop_recursive(5, 40, 3, |inner| {
            let op = prop::sample::select(vec!["+", "-", "*", "/", "**"]);
            prop_oneof![
                (inner.clone(), op, inner.clone()).prop_map(|(a, o, b)| format!("({a}){o}({b})")),
                inner.clone().prop_map(|a| format!("-({a})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("f({a}, {b})")),
                inner.prop_map(|a| format!("sum(k, {a})")),
            ]
        })
    }

    proptest! {
        #[test]
        fn law_printed_and_read_again_is_the_same(text in trees()) {
            let tree = read(&text).unwrap();
            let again = read(&tree.to_string()).unwrap();
            prop_assert_eq!(bare(again), bare(tree));
        }
        #[test]
        fn law_no_text_panics(text in "\\PC{0,60}", soup in "[a-c0-9 .+*/^()\\[\\],=:#\n@-]{0,60}") {
            for text in [text, soup] {
                let source = Source::new("test", &text);
                let _ = (expression(&source), equations(&source));
            }
        }
    }
}
