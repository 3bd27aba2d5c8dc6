//! How does a composed model read? Its equations in families, with displayed names and plain indices.

use super::assemble::Assembly;
use super::bounds::right;
use super::gather::Law;
use super::walk::running;
use crate::error::{Error, Result};
use crate::lang::ast::{Assign, Equation, Expr, Index, Kind, Span};
use std::collections::BTreeMap;

/// All equations of the model, definitions first, then derivatives, in canonical order.
pub(crate) fn equations(assembly: &Assembly) -> Vec<Equation> {
    let display = assembly.display();
    let mut letters = BTreeMap::new();
    in_order(assembly)
        .map(|law| equation(assembly, law, &right(law, &assembly.bounds, &assembly.placed), &display, &mut letters))
        .collect()
}

/// What a file of its own needs: equations without hard bounds, the bounds by full name as text, every index with the
/// index that it stands for and its size.
pub(crate) struct Lines {
    pub equations: Vec<Equation>,
    pub bounds: BTreeMap<String, (String, String)>,
    pub letters: BTreeMap<String, (String, usize)>,
}

/// The equations in other names (full name to name), averages over the ensemble as definitions.
pub(crate) fn lines(assembly: &Assembly, names: &BTreeMap<String, String>) -> Result<Lines> {
    let mut letters = BTreeMap::new();
    let mut equations: Vec<Equation> = Vec::new();
    for (full, mean) in &assembly.averages {
        let info = &assembly.stage.table[full];
        let at = info.letters.iter().map(|l| Index::Running(l.clone(), 0)).collect();
        let law = Law { target: full.clone(), at, derivative: false, addends: Vec::new() };
        equations.push(equation(assembly, &law, mean, names, &mut letters));
    }
    equations.extend(in_order(assembly).map(|law| equation(assembly, law, &law.right(), names, &mut letters)));
    let mut bounds = BTreeMap::new();
    for bound in &assembly.bounds {
        let mut plain =
            Plain { names, taken: bound.letters.clone(), map: BTreeMap::new(), seen: &mut letters, assembly };
        let (low, high) = (plain.expr(&bound.low).to_string(), plain.expr(&bound.high).to_string());
        bounds.insert(bound.target.clone(), (low, high));
    }
    let clash =
        letters.iter().find(|(letter, (_, size))| assembly.stage.letters.size(letter).is_some_and(|n| n != *size));
    match clash {
        None => Ok(Lines { equations, bounds, letters }),
        Some((letter, _)) => {
            let cause = format!("the index `{letter}` would have two sizes in one file");
            Err(Error::usage(cause, "give the indices of the circuit other letters"))
        }
    }
}

fn in_order(assembly: &Assembly) -> impl Iterator<Item = &Law> {
    [false, true].into_iter().flat_map(|derivative| assembly.laws.iter().filter(move |l| l.derivative == derivative))
}

fn equation(
    assembly: &Assembly,
    law: &Law,
    right: &Expr,
    names: &BTreeMap<String, String>,
    letters: &mut BTreeMap<String, (String, usize)>,
) -> Equation {
    let left: Vec<String> = running(&law.at).map(str::to_string).collect();
    for letter in &left {
        letters.insert(letter.clone(), (letter.clone(), assembly.stage.letters.size(letter).unwrap_or(1)));
    }
    let mut plain = Plain { names, taken: left, map: BTreeMap::new(), seen: letters, assembly };
    let right = plain.expr(right);
    Equation {
        name: names.get(&law.target).cloned().unwrap_or_else(|| law.target.clone()),
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
    names: &'a BTreeMap<String, String>,
    taken: Vec<String>,
    map: BTreeMap<String, String>,
    /// Every letter that was used, with the index that it stands for and its size.
    seen: &'a mut BTreeMap<String, (String, usize)>,
    assembly: &'a Assembly,
}

impl Plain<'_> {
    fn expr(&mut self, expr: &Expr) -> Expr {
        let kind = match &expr.kind {
            Kind::Name(name, list) => {
                let name = match self.names.get(name) {
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
                let base = letter.split('\'').next().unwrap_or(letter).to_string();
                self.seen.insert(plain.clone(), (base, self.assembly.stage.letters.size(letter).unwrap_or(1)));
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
