//! How is an expression rewritten? Names, indices and running sums, without one capturing another.

use crate::lang::ast::{Expr, Index, Kind, Op, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The running indices of a composition with their sizes; fresh ones never clash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Letters {
    sizes: BTreeMap<String, usize>,
}

impl Letters {
    /// Declares an index; false if it is taken.
    pub fn declare(&mut self, letter: &str, size: usize) -> bool {
        self.sizes.insert(letter.into(), size).is_none()
    }
    /// How many values an index takes.
    pub fn size(&self, letter: &str) -> Option<usize> {
        self.sizes.get(letter).copied()
    }
    /// A new index that runs over the same range as `like`.
    pub fn fresh(&mut self, like: &str) -> String {
        let base = like.split('\'').next().unwrap_or(like);
        let size = self.sizes.get(like).copied().unwrap_or(1);
        let mut number = self.sizes.len();
        loop {
            let letter = format!("{base}'{number}");
            if !self.sizes.contains_key(&letter) {
                self.sizes.insert(letter.clone(), size);
                return letter;
            }
            number += 1;
        }
    }
}

/// A node without a place of its own.
pub(crate) fn made(kind: Kind, span: Span) -> Expr {
    Expr { kind, span }
}

/// a op b.
pub(crate) fn binary(op: Op, a: Expr, b: Expr) -> Expr {
    let span = a.span;
    made(Kind::Binary(op, Box::new(a), Box::new(b)), span)
}

/// A plain number.
pub(crate) fn number(value: f64) -> Expr {
    made(Kind::Number(value, crate::field::Unit::NONE), Span::default())
}

/// Is it this number?
pub(crate) fn is_number(expr: &Expr, wanted: f64) -> bool {
    matches!(&expr.kind, Kind::Number(value, _) if *value == wanted)
}

/// The sum of some expressions, as a balanced tree; zero if there are none.
pub(crate) fn sum_of(mut terms: Vec<Expr>) -> Expr {
    if terms.is_empty() {
        return number(0.0);
    }
    while terms.len() > 1 {
        let mut next = Vec::with_capacity(terms.len().div_ceil(2));
        let mut each = terms.into_iter();
        while let Some(a) = each.next() {
            next.push(match each.next() {
                Some(b) => binary(Op::Add, a, b),
                None => a,
            });
        }
        terms = next;
    }
    terms.pop().unwrap_or_else(|| number(0.0))
}

/// The same expression with every node passed through `change` after its children.
pub(crate) fn rebuild<E>(expr: Expr, change: &mut dyn FnMut(Expr) -> Result<Expr, E>) -> Result<Expr, E> {
    let span = expr.span;
    let kind = match expr.kind {
        Kind::Neg(a) => Kind::Neg(Box::new(rebuild(*a, change)?)),
        Kind::Binary(op, a, b) => Kind::Binary(op, Box::new(rebuild(*a, change)?), Box::new(rebuild(*b, change)?)),
        Kind::Call(name, list) => {
            Kind::Call(name, list.into_iter().map(|a| rebuild(a, change)).collect::<Result<_, E>>()?)
        }
        Kind::Sum(letter, body) => Kind::Sum(letter, Box::new(rebuild(*body, change)?)),
        kind => kind,
    };
    change(Expr { kind, span })
}

/// Visits every node, parents first.
pub(crate) fn visit(expr: &Expr, see: &mut dyn FnMut(&Expr)) {
    see(expr);
    match &expr.kind {
        Kind::Neg(a) | Kind::Sum(_, a) => visit(a, see),
        Kind::Binary(_, a, b) => {
            visit(a, see);
            visit(b, see);
        }
        Kind::Call(_, list) => list.iter().for_each(|a| visit(a, see)),
        Kind::Number(..) | Kind::Name(..) => (),
    }
}

/// The letters of a list of indices.
pub(crate) fn running(indices: &[Index]) -> impl Iterator<Item = &str> {
    indices.iter().filter_map(|i| match i {
        Index::Running(letter, _) => Some(letter.as_str()),
        Index::Fixed(_) => None,
    })
}

/// The running indices that no sum binds, in order of appearance.
pub(crate) fn free_letters(expr: &Expr) -> Vec<String> {
    fn go(expr: &Expr, bound: &mut Vec<String>, out: &mut Vec<String>) {
        match &expr.kind {
            Kind::Name(_, indices) => {
                for letter in running(indices) {
                    if !bound.iter().any(|b| b == letter) && !out.iter().any(|o| o == letter) {
                        out.push(letter.into());
                    }
                }
            }
            Kind::Neg(a) => go(a, bound, out),
            Kind::Binary(_, a, b) => {
                go(a, bound, out);
                go(b, bound, out);
            }
            Kind::Call(_, list) => list.iter().for_each(|a| go(a, bound, out)),
            Kind::Sum(letter, body) => {
                bound.push(letter.clone());
                go(body, bound, out);
                bound.pop();
            }
            Kind::Number(..) => (),
        }
    }
    let mut out = Vec::new();
    go(expr, &mut Vec::new(), &mut out);
    out
}

/// Replaces free running indices; bound ones are given fresh letters, so that nothing is captured.
pub(crate) fn reindex(expr: &Expr, map: &BTreeMap<String, Index>, letters: &mut Letters) -> Expr {
    let kind = match &expr.kind {
        Kind::Name(name, indices) => Kind::Name(name.clone(), indices.iter().map(|i| shift(i, map)).collect()),
        Kind::Neg(a) => Kind::Neg(Box::new(reindex(a, map, letters))),
        Kind::Binary(op, a, b) => {
            Kind::Binary(*op, Box::new(reindex(a, map, letters)), Box::new(reindex(b, map, letters)))
        }
        Kind::Call(name, list) => Kind::Call(name.clone(), list.iter().map(|a| reindex(a, map, letters)).collect()),
        Kind::Sum(letter, body) => {
            let fresh = letters.fresh(letter);
            let mut inner = map.clone();
            inner.insert(letter.clone(), Index::Running(fresh.clone(), 0));
            Kind::Sum(fresh, Box::new(reindex(body, &inner, letters)))
        }
        Kind::Number(..) => expr.kind.clone(),
    };
    Expr { kind, span: expr.span }
}

fn shift(index: &Index, map: &BTreeMap<String, Index>) -> Index {
    let Index::Running(letter, by) = index else { return index.clone() };
    match map.get(letter) {
        None => index.clone(),
        Some(Index::Running(to, more)) => Index::Running(to.clone(), by + more),
        // An element before the first has no number; it is refused when the family is expanded.
        Some(Index::Fixed(at)) => Index::Fixed((*at as i64 + by).try_into().unwrap_or(usize::MAX)),
    }
}

/// The names that occur.
pub(crate) fn names(expr: &Expr) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    visit(expr, &mut |e| {
        if let Kind::Name(name, _) = &e.kind {
            out.insert(name.clone());
        }
    });
    out
}

/// Does a function of this name occur?
pub(crate) fn calls(expr: &Expr, wanted: &str) -> bool {
    let mut found = false;
    visit(expr, &mut |e| found |= matches!(&e.kind, Kind::Call(name, _) if name == wanted));
    found
}
