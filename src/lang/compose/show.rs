//! How does a composed model read? Its equations in families, with displayed names and plain indices.

use super::assemble::Assembly;
use super::gather::Law;
use super::walk::running;
use crate::lang::ast::{Assign, Equation, Expr, Index, Kind, Span};
use std::collections::BTreeMap;

/// All equations of the model, definitions first, then derivatives, in canonical order.
pub(crate) fn equations(assembly: &Assembly) -> Vec<Equation> {
    let display = assembly.display();
    let mut out = Vec::new();
    for derivative in [false, true] {
        for law in assembly.laws.iter().filter(|l| l.derivative == derivative) {
            out.push(equation(assembly, law, &display));
        }
    }
    out
}

fn equation(assembly: &Assembly, law: &Law, display: &BTreeMap<String, String>) -> Equation {
    let left: Vec<String> = running(&law.at).map(str::to_string).collect();
    let mut plain = Plain { display, taken: left, map: BTreeMap::new() };
    let right = plain.expr(&law.right());
    Equation {
        name: display.get(&law.target).cloned().unwrap_or_else(|| law.target.clone()),
        indices: law.at.clone(),
        derivative: law.derivative,
        assign: Assign::Define,
        right,
        unit: assembly.stage.table.get(&law.target).map(|i| i.unit.clone()).unwrap_or(crate::field::Unit::NONE),
        span: Span::default(),
    }
}

/// Gives running sums plain letters that are not in use around them.
struct Plain<'a> {
    display: &'a BTreeMap<String, String>,
    taken: Vec<String>,
    map: BTreeMap<String, String>,
}

impl Plain<'_> {
    fn expr(&mut self, expr: &Expr) -> Expr {
        let kind = match &expr.kind {
            Kind::Name(name, list) => {
                let name = match self.display.get(name) {
                    Some(shown) => shown.clone(),
                    // Noise has no entry of its own.
                    None => name.rsplit('.').next().unwrap_or(name).to_string(),
                };
                Kind::Name(name, list.iter().map(|i| self.index(i)).collect())
            }
            Kind::Neg(a) => Kind::Neg(Box::new(self.expr(a))),
            Kind::Binary(op, a, b) => Kind::Binary(*op, Box::new(self.expr(a)), Box::new(self.expr(b))),
            Kind::Call(name, list) => Kind::Call(name.clone(), list.iter().map(|a| self.expr(a)).collect()),
            Kind::Sum(letter, body) => {
                let plain = self.letter(letter);
                self.taken.push(plain.clone());
                let before = self.map.insert(letter.clone(), plain.clone());
                let body = self.expr(body);
                self.taken.pop();
                match before {
                    Some(before) => self.map.insert(letter.clone(), before),
                    None => self.map.remove(letter),
                };
                Kind::Sum(plain, Box::new(body))
            }
            Kind::Number(..) => expr.kind.clone(),
        };
        Expr { kind, span: expr.span }
    }
    fn index(&self, index: &Index) -> Index {
        match index {
            Index::Running(letter, shift) => Index::Running(self.map.get(letter).unwrap_or(letter).clone(), *shift),
            fixed => fixed.clone(),
        }
    }
    /// `k`, else `k1`, `k2`, …
    fn letter(&self, fresh: &str) -> String {
        let base = fresh.split('\'').next().unwrap_or(fresh);
        let free = |letter: &String| !self.taken.contains(letter);
        std::iter::once(base.to_string())
            .chain((1..).map(|n| format!("{base}{n}")))
            .find(free)
            .unwrap_or_else(|| base.to_string())
    }
}
