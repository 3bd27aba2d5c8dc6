//! Which closed forms does a part promise, and for which model? They become comparisons that can be evaluated.

use super::assemble::Assembly;
use super::walk::{made, rebuild, reindex, sum_of};
use crate::error::{Error, Result};
use crate::lang::Composition;
use crate::lang::ast::{Expr, Index, Kind};
use crate::lang::part::claim::same;
use crate::lang::part::{FactText, Part};
use std::collections::BTreeMap;

/// How two sides compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `==`, to rounding.
    Equal,
    /// `<`
    Less,
    /// `>`
    Greater,
}

/// One comparison; the numbers are places among the values of [`Model::fact_values`](crate::lang::Model::fact_values).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The left side.
    pub left: usize,
    /// How they compare.
    pub sign: Sign,
    /// The right side.
    pub right: usize,
}

impl Comparison {
    /// Does it hold for these values? Equality to `relative` of the larger side, or of `scale` where both are small.
    pub fn holds(&self, values: &[f64], relative: f64, scale: f64) -> bool {
        let (a, b) = (values[self.left], values[self.right]);
        match self.sign {
            Sign::Equal => (a - b).abs() <= relative * a.abs().max(b.abs()).max(scale),
            Sign::Less => a < b,
            Sign::Greater => a > b,
        }
    }
}

/// Where a fact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// At every state.
    EveryPoint,
    /// At fixed points.
    FixedPoint,
}

/// A closed form that holds for a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The part that promises it.
    pub part: String,
    /// In words.
    pub says: String,
    /// As it is written: where, and what.
    pub text: String,
    /// Where it holds.
    pub at: Where,
    /// Only where all of these hold.
    pub conditions: Vec<Comparison>,
    /// What holds there; for `stable iff …` the fixed point is stable exactly where all of these hold.
    pub claims: Vec<Comparison>,
    /// Is it a statement about stability?
    pub stability: bool,
}

/// A fact in expressions, before it is expanded.
pub(crate) struct Drafted {
    pub fact: Fact,
    pub sides: Vec<Expr>,
}

/// Is this the model for which a fact is written?
pub(crate) fn meant_for(part: &Part, fact: &FactText, asked: &[&Composition]) -> bool {
    let on = fact.on.as_deref().or(part.example.as_deref()).unwrap_or(&part.name);
    let Ok(on) = Composition::parse(on) else { return false };
    let sorted = |c: &Composition| {
        let mut items = c.items.clone();
        items.sort();
        items
    };
    asked.iter().any(|c| sorted(c) == sorted(&on))
}

/// Reads a fact in the scope of its part.
pub(crate) fn draft(assembly: &mut Assembly, at: usize, text: &FactText) -> Result<Drafted> {
    let part = assembly.placed[at].part.clone();
    let claim = text.claim_read.clone();
    let mut fact = Fact {
        part: part.name.clone(),
        says: text.says.clone(),
        text: format!("{} | {}", text.at, text.claim),
        at: claim.at,
        conditions: Vec::new(),
        claims: Vec::new(),
        stability: claim.stability,
    };
    let units = !part.dimensionless && !assembly.stage.circuit.dimensionless;
    let mut sides = Vec::new();
    for (list, condition) in [(&claim.conditions, true), (&claim.claims, false)] {
        for compared in list {
            let comparison = Comparison { left: sides.len(), sign: compared.sign, right: sides.len() + 1 };
            let mut found = Vec::new();
            for side in [&compared.left, &compared.right] {
                let wrong = |e: Error| match e {
                    Error::Input { .. } => e,
                    other => side.error(other.to_string(), "a fact uses the names of its part and of its circuit"),
                };
                let known = |n: &str| part.parameter(n).is_some() || part.port(n).is_some();
                let bound = assembly.in_scope(at, &side.expr.clone().with_units(&known)).map_err(wrong)?;
                let table = &assembly.stage.table;
                if units {
                    found.push(side.unit(&bound, &|n| table.get(n).map(|i| i.unit.clone())).map_err(wrong)?);
                }
                sides.push(rates(assembly, bound).and_then(|e| assembly.averaged(&e)).map_err(wrong)?);
            }
            if let [left, right] = found.as_slice() {
                same(compared, left.clone(), right.clone())?;
            }
            if condition { fact.conditions.push(comparison) } else { fact.claims.push(comparison) }
        }
    }
    Ok(Drafted { fact, sides })
}

/// Replaces `rate(w)` by everything that drives w.
fn rates(assembly: &mut Assembly, expr: Expr) -> Result<Expr> {
    let (laws, stage) = (&assembly.laws, &mut assembly.stage);
    rebuild(expr, &mut |e| match &e.kind {
        Kind::Call(name, list) if name == "rate" => {
            let Some(Expr { kind: Kind::Name(target, indices), .. }) = list.first() else {
                return Err(Error::usage("`rate` needs the name of one quantity", "write `rate(w)`"));
            };
            let letters = stage.table.get(target).map(|i| i.letters.clone()).unwrap_or_default();
            let map: BTreeMap<String, Index> = letters.into_iter().zip(indices.iter().cloned()).collect();
            let drives: Vec<&_> = laws.iter().filter(|l| l.derivative && l.target == *target).collect();
            if drives.is_empty() {
                return Err(Error::usage(format!("nothing drives `{target}`"), "`rate` is for state variables"));
            }
            let rights = drives.into_iter().map(|law| reindex(&law.right(), &map, &mut stage.letters)).collect();
            Ok(made(sum_of(rights).kind, e.span))
        }
        _ => Ok(e),
    })
}
