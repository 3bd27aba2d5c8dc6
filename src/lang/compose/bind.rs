//! What do the lines of a part say about the whole model? Local names become full ones, ports what they are bound to.

use super::place::Placed;
use super::rewrite::open_letters;
use super::stage::{Info, Role, Stage};
use super::walk::{free_letters, made, running};
use crate::error::{Error, Result};
use crate::field::Pace;
use crate::lang::ast::{Assign, Expr, Index, Kind, Span};
use crate::lang::part::PartKind;
use std::collections::BTreeMap;

/// A line of one part in full names.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The part.
    pub part: usize,
    pub assign: Assign,
    pub derivative: bool,
    /// The full name on the left.
    pub target: String,
    pub at: Vec<Index>,
    pub right: Expr,
    pub span: Span,
}

/// A parameter and what the modulations make of it where its owner reads it.
pub(crate) type Modulated = BTreeMap<String, Expr>;

/// All parts at their places, and the lines that they write.
pub(crate) struct Binder<'a> {
    pub stage: &'a mut Stage,
    pub placed: &'a [Placed],
    pub modulated: &'a Modulated,
    /// In a fact names may also be the circuit's, and a family may be read without its indices.
    pub loose: bool,
}

impl Binder<'_> {
    /// All lines of all parts; own quantities of the mechanisms enter the table.
    pub fn lines(&mut self) -> Result<Vec<Line>> {
        for part in 1..self.placed.len() {
            self.own_quantities(part)?;
        }
        let mut lines = Vec::new();
        for part in 0..self.placed.len() {
            if self.placed[part].part.kind == PartKind::Transfer {
                continue;
            }
            for equation in &self.placed[part].part.clone().equations {
                lines.push(self.line(part, equation)?);
            }
        }
        Ok(lines)
    }

    /// Declares the parameters and variables of a mechanism. A variable has the indices on which its equation depends.
    fn own_quantities(&mut self, at: usize) -> Result<()> {
        let placed = &self.placed[at];
        let part = placed.part.clone();
        let base = at * 10_000;
        for (place, p) in part.parameters.iter().enumerate() {
            let info = Info {
                local: p.name.clone(),
                owner: at,
                role: Role::Parameter,
                letters: Vec::new(),
                unit: p.unit.clone(),
                given: Some(p.given.clone()),
                range: p.range,
                pace: p.pace,
                about: p.about.clone(),
                rank: base + 5_000 + place,
            };
            self.stage.table.insert(placed.full(&p.name), info);
        }
        let own: Vec<_> = part.equations.iter().filter(|e| part.port(&e.name).is_none()).collect();
        let own = if part.kind == PartKind::Transfer { Vec::new() } else { own };
        for (place, e) in own.iter().enumerate() {
            let said = part.variable(&e.name);
            let letters = match said.and_then(|v| v.per.as_deref()) {
                Some(port) => match placed.ports.get(port) {
                    Some(bound) => self.outside(free_letters(bound)),
                    None => {
                        let at = said.map_or(0, |v| v.at);
                        return Err(part.error(at, format!("`per` names no port: `{port}`"), "write `per = \"w\"`"));
                    }
                },
                None => match e.indices.is_empty() {
                    true => Vec::new(),
                    false => placed.partner.iter().cloned().collect(),
                },
            };
            let info = Info {
                local: e.name.clone(),
                owner: at,
                role: if e.derivative { Role::Variable } else { Role::Algebra },
                letters,
                unit: e.unit.clone(),
                given: said.and_then(|v| v.start.clone()),
                range: said.and_then(|v| v.range),
                pace: said.and_then(|v| v.pace).or(Some(pace_of(part.kind))),
                about: said.map(|v| v.about.clone()).unwrap_or_default(),
                rank: base + place,
            };
            self.stage.table.insert(placed.full(&e.name), info);
        }
        self.infer_letters(at, &own)
    }

    /// The least set of indices that is consistent: of own quantities whose indices are not declared.
    fn infer_letters(&mut self, at: usize, own: &[&crate::lang::ast::Equation]) -> Result<()> {
        let placed = &self.placed[at];
        loop {
            let mut changed = false;
            for e in own {
                if placed.part.variable(&e.name).is_some_and(|v| v.per.is_some()) {
                    continue;
                }
                let scratch = self.stage.letters.clone();
                let right = self.rewrite(at, &e.right, &mut Vec::new(), &[])?;
                self.stage.letters = scratch;
                let open = self.open(&right);
                let full = placed.full(&e.name);
                if let Some(info) = self.stage.table.get_mut(&full) {
                    for letter in open {
                        if !info.letters.contains(&letter) {
                            info.letters.push(letter);
                            changed = true;
                        }
                    }
                    let place = |l: &String| placed.order.iter().position(|o| o == l).unwrap_or(usize::MAX);
                    info.letters.sort_by_key(|l| (place(l), l.clone()));
                }
            }
            if !changed {
                return Ok(());
            }
        }
    }

    /// An expression of part `at` in full names.
    pub fn expression(&mut self, at: usize, expr: &Expr) -> Result<Expr> {
        self.rewrite(at, expr, &mut Vec::new(), &[])
    }

    fn outside(&self, mut letters: Vec<String>) -> Vec<String> {
        letters.retain(|l| Some(l.as_str()) != self.stage.ensemble_index());
        letters
    }

    /// The indices that an expression depends on; `mean` binds the ensemble's.
    pub fn open(&self, expr: &Expr) -> Vec<String> {
        open_letters(expr, self.stage.ensemble_index())
    }

    fn line(&mut self, at: usize, e: &crate::lang::ast::Equation) -> Result<Line> {
        let placed = &self.placed[at];
        let part = placed.part.clone();
        let left = made(Kind::Name(e.name.clone(), e.indices.clone()), e.span);
        let left = self.rewrite_raw(at, &left)?;
        let Kind::Name(target, indices) = left.kind else {
            let cause = format!("`{}` is bound to something that is not a quantity", e.name);
            return Err(part.equation_error(e.span, cause, "bind the port to a quantity of the circuit"));
        };
        let own: Vec<String> = running(&indices).map(str::to_string).collect();
        let right = self.rewrite(at, &e.right, &mut Vec::new(), &own)?;
        let info = self
            .stage
            .table
            .get(&target)
            .ok_or_else(|| part.equation_error(e.span, format!("`{}` is not a quantity", e.name), ""))?;
        if !info.unit.same_dimension(&e.unit) {
            return Err(Error::Units {
                quantity: format!("`{}`, which `{}` writes,", info.local, placed.label),
                expected: info.unit.to_string(),
                got: e.unit.to_string(),
            });
        }
        if at > 0 && info.owner == 0 && info.role == Role::Parameter {
            // A parameter that a mechanism drives becomes a variable; one that it defines becomes algebra.
            let role = if e.derivative { Role::Variable } else { Role::Algebra };
            let kind = pace_of(part.kind);
            if let Some(info) = self.stage.table.get_mut(&target) {
                info.role = role;
                info.pace = info.pace.or(Some(kind));
            }
        }
        let (assign, derivative, span) = (e.assign, e.derivative, e.span);
        Ok(Line { part: at, assign, derivative, target, at: indices, right, span })
    }
}

/// The pace on which a part of this kind acts, if its file does not say.
fn pace_of(kind: PartKind) -> Pace {
    match kind {
        PartKind::Circuit | PartKind::Transfer => Pace::Neural,
        PartKind::Plasticity => Pace::Plastic,
        PartKind::Homeostasis | PartKind::Modulation => Pace::Homeostatic,
    }
}
