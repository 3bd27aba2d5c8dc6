//! What do the lines of a part say about the whole model? Local names become full ones, ports what they are bound to.

use super::place::Placed;
use super::rewrite::open_letters;
use super::stage::{Role, Stage};
use super::walk::{made, running};
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
    /// All lines of all parts.
    pub fn lines(&mut self) -> Result<Vec<Line>> {
        // What one part drives may be read by another: the indices of all are found together.
        while (1..self.placed.len())
            .try_fold(false, |changed, part| Ok::<_, Error>(self.infer_letters(part)? || changed))?
        {}
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

    /// The least set of indices that is consistent: of quantities of the mechanisms whose indices are not declared, and
    /// of parameters that another mechanism drives. Says whether an index was added.
    fn infer_letters(&mut self, at: usize) -> Result<bool> {
        let placed = &self.placed[at];
        if placed.part.kind == PartKind::Transfer {
            return Ok(false);
        }
        let mut changed = false;
        for e in &placed.part.equations {
            if placed.part.variable(&e.name).is_some_and(|v| v.per.is_some()) {
                continue;
            }
            let full = match placed.ports.get(&e.name).map(|bound| &bound.kind) {
                Some(Kind::Name(name, _)) => name.clone(),
                Some(_) => continue,
                None => placed.full(&e.name),
            };
            if self.stage.table.get(&full).is_none_or(|info| info.owner == 0) {
                continue;
            }
            let scratch = self.stage.letters.clone();
            let right = self.rewrite(at, &e.right, &mut Vec::new(), &[])?;
            self.stage.letters = scratch;
            let open = self.open(&right);
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
        Ok(changed)
    }

    /// An expression of part `at` in full names.
    pub fn expression(&mut self, at: usize, expr: &Expr) -> Result<Expr> {
        self.rewrite(at, expr, &mut Vec::new(), &[])
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
        if at > 0 && info.owner != at && info.role == Role::Parameter {
            // A parameter that another part drives becomes a variable; one that it defines becomes algebra.
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
pub(super) fn pace_of(kind: PartKind) -> Pace {
    match kind {
        PartKind::Circuit | PartKind::Transfer => Pace::Neural,
        PartKind::Plasticity => Pace::Plastic,
        PartKind::Homeostasis | PartKind::Modulation => Pace::Homeostatic,
    }
}
