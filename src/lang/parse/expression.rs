//! What does an expression say? Sums of products of powers, each level in a function of its own.

use super::{MAX_HEIGHT, MAX_NESTING, Parser, Tall};
use crate::field::{Result, Unit};
use crate::lang::ast::{Expr, Kind, Op, Span};
use crate::lang::lexer::Token;

impl Parser<'_> {
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
    pub(super) fn sum(&mut self) -> Result<Tall> {
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
        let mut base = self.atom()?;
        while self.left_powers && self.eat("^") {
            let span = self.span();
            let minus = self.eat("-");
            let (mut power, height) = self.atom()?;
            if minus {
                let span = Span { start: span.start, end: power.span.end };
                power = Expr { kind: Kind::Neg(Box::new(power)), span };
            }
            base = self.binary(Op::Pow, base, (power, height + usize::from(minus)))?;
        }
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
