//! What does a name of a part mean in the whole model? Every name in full, every index the circuit's.

use super::bind::Binder;
use super::walk::{free_letters, made, number, reindex};
use crate::error::Result;
use crate::lang::ast::{Expr, Index, Kind, Span};
use std::collections::BTreeMap;

impl Binder<'_> {
    /// A name of a part without modulation: the left side of a line.
    pub(super) fn rewrite_raw(&mut self, at: usize, left: &Expr) -> Result<Expr> {
        match &left.kind {
            Kind::Name(name, indices) => self.name(at, name, indices, left.span, &[], &[], false),
            _ => Ok(left.clone()),
        }
    }

    /// An expression of part `at` in full names. `bound`: its own running sums and what they became.
    pub(super) fn rewrite(
        &mut self,
        at: usize,
        expr: &Expr,
        bound: &mut Vec<(String, Option<String>)>,
        left: &[String],
    ) -> Result<Expr> {
        let span = expr.span;
        let circuit = at == 0;
        Ok(match &expr.kind {
            Kind::Number(..) => expr.clone(),
            Kind::Name(name, indices) => {
                let sums = bound.clone();
                return self.name(at, name, indices, span, &sums, left, true);
            }
            Kind::Neg(a) => made(Kind::Neg(Box::new(self.rewrite(at, a, bound, left)?)), span),
            Kind::Binary(op, a, b) => {
                let (a, b) = (self.rewrite(at, a, bound, left)?, self.rewrite(at, b, bound, left)?);
                made(Kind::Binary(*op, Box::new(a), Box::new(b)), span)
            }
            Kind::Call(name, list) => {
                let list = list.iter().map(|a| self.rewrite(at, a, bound, left)).collect::<Result<Vec<_>>>()?;
                match (circuit, list.len()) {
                    (true, 1) if self.is_phi(name) => self.transfer(name, list, span)?,
                    _ => made(Kind::Call(name.clone(), list), span),
                }
            }
            Kind::Sum(letter, body) => {
                let like = if circuit { Some(letter.clone()) } else { self.placed[at].partner.clone() };
                let fresh = like.map(|like| self.stage.letters.fresh(&like));
                bound.push((letter.clone(), fresh.clone()));
                let body = self.rewrite(at, body, bound, left)?;
                bound.pop();
                match fresh {
                    Some(fresh) => made(Kind::Sum(fresh, Box::new(body)), span),
                    // A single synapse: the sum has one term.
                    None => body,
                }
            }
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn name(
        &mut self,
        at: usize,
        name: &str,
        indices: &[Index],
        span: Span,
        sums: &[(String, Option<String>)],
        left: &[String],
        modulate: bool,
    ) -> Result<Expr> {
        let placed = &self.placed[at];
        let part = placed.part.clone();
        if crate::lang::units::is_noise(name) {
            // Each member of a family has its own noise; a shared name is shared noise.
            let list = left.iter().map(|l| Index::Running(l.clone(), 0)).collect();
            return Ok(made(Kind::Name(placed.full(name), list), span));
        }
        if let Some(size) = part.sizes.iter().find(|s| s.name == name) {
            let value = match (at, &placed.partner) {
                (0, _) => self.stage.sizes.get(&size.name).copied().unwrap_or(1),
                (_, Some(partner)) => self.stage.letters.size(partner).unwrap_or(1),
                (_, None) => 1,
            };
            return Ok(number(value as f64));
        }
        let full = placed.full(name);
        let bound = match placed.ports.get(name) {
            Some(bound) => self.filled(bound.clone()),
            None => match self.stage.table.get(&full) {
                Some(info) if at > 0 || (self.loose && indices.is_empty()) => {
                    let list = info.letters.iter().map(|l| Index::Running(l.clone(), 0)).collect();
                    made(Kind::Name(full.clone(), list), span)
                }
                Some(_) => made(Kind::Name(full.clone(), indices.to_vec()), span),
                None if self.loose && at > 0 => return self.name(0, name, indices, span, sums, left, modulate),
                None => return Ok(made(Kind::Name(name.into(), indices.to_vec()), span)),
            },
        };
        let indexed = match at {
            0 => self.circuit_indices(bound, sums),
            _ => self.partner_indices(at, bound, name, indices, span, sums)?,
        };
        match self.modulated.get(&full).filter(|_| modulate && !placed.ports.contains_key(name)) {
            None => Ok(Expr { span, ..indexed }),
            Some(effective) => {
                // The modulated value stands where the owner reads its parameter.
                let Kind::Name(_, list) = &indexed.kind else { return Ok(indexed) };
                let letters = self.stage.table.get(&full).map(|i| i.letters.clone()).unwrap_or_default();
                let map: BTreeMap<String, Index> = letters.into_iter().zip(list.iter().cloned()).collect();
                Ok(reindex(effective, &map, &mut self.stage.letters))
            }
        }
    }

    /// A quantity of another mechanism, with the indices that it has by now.
    fn filled(&self, bound: Expr) -> Expr {
        let Kind::Name(name, list) = &bound.kind else { return bound };
        match self.stage.table.get(name) {
            Some(info) if info.owner > 0 && list.is_empty() => {
                let list = info.letters.iter().map(|l| Index::Running(l.clone(), 0)).collect();
                made(Kind::Name(name.clone(), list), bound.span)
            }
            _ => bound,
        }
    }

    /// In the circuit only its own sums rename indices.
    fn circuit_indices(&mut self, bound: Expr, sums: &[(String, Option<String>)]) -> Expr {
        let Kind::Name(name, list) = &bound.kind else { return bound };
        let renamed = list
            .iter()
            .map(|index| match index {
                Index::Running(letter, shift) => match sums.iter().rev().find(|(own, _)| own == letter) {
                    Some((_, Some(fresh))) => Index::Running(fresh.clone(), *shift),
                    _ => index.clone(),
                },
                fixed => fixed.clone(),
            })
            .collect();
        made(Kind::Name(name.clone(), renamed), bound.span)
    }

    /// In a mechanism `w[j]` is the weight from partner j.
    fn partner_indices(
        &mut self,
        at: usize,
        bound: Expr,
        name: &str,
        indices: &[Index],
        span: Span,
        sums: &[(String, Option<String>)],
    ) -> Result<Expr> {
        let placed = &self.placed[at];
        let (Some(index), Some(partner)) = (indices.first(), &placed.partner) else { return Ok(bound) };
        let has = free_letters(&bound).iter().any(|l| l == partner);
        if indices.len() > 1 || !has {
            let cause = format!("`{name}` has no index of its own for each presynaptic partner");
            let help = "write it without an index";
            return Err(placed.part.equation_error(span, cause, help));
        }
        let to = match index {
            Index::Running(letter, shift) => match sums.iter().rev().find(|(own, _)| own == letter) {
                Some((_, Some(fresh))) => Index::Running(fresh.clone(), *shift),
                _ => Index::Running(partner.clone(), *shift),
            },
            Index::Fixed(n) => Index::Fixed(*n),
        };
        let map = BTreeMap::from([(partner.clone(), to)]);
        Ok(reindex(&bound, &map, &mut self.stage.letters))
    }
}

/// The free indices of an expression, where `mean` binds the index of the ensemble.
pub(crate) fn open_letters(expr: &Expr, ensemble: Option<&str>) -> Vec<String> {
    fn strip(expr: &Expr, ensemble: &str) -> Expr {
        let kind = match &expr.kind {
            Kind::Call(name, list) if name == "mean" => {
                // Whatever is averaged no longer depends on the index: a sum over it says so.
                let list = list.iter().map(|a| strip(a, ensemble)).collect();
                let inner = made(Kind::Call("mean".into(), list), expr.span);
                Kind::Sum(ensemble.into(), Box::new(inner))
            }
            Kind::Neg(a) => Kind::Neg(Box::new(strip(a, ensemble))),
            Kind::Binary(op, a, b) => Kind::Binary(*op, Box::new(strip(a, ensemble)), Box::new(strip(b, ensemble))),
            Kind::Call(name, list) => Kind::Call(name.clone(), list.iter().map(|a| strip(a, ensemble)).collect()),
            Kind::Sum(letter, a) => Kind::Sum(letter.clone(), Box::new(strip(a, ensemble))),
            kind => kind.clone(),
        };
        Expr { kind, span: expr.span }
    }
    match ensemble {
        None => free_letters(expr),
        Some(index) => free_letters(&strip(expr, index)),
    }
}
