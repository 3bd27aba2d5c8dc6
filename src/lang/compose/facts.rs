//! Which closed forms does a part promise, and for which model? They become comparisons that can be evaluated.

use super::assemble::Assembly;
use super::walk::{made, rebuild, reindex, sum_of};
use crate::error::{Error, Result};
use crate::lang::ast::{Expr, Index, Kind};
use crate::lang::part::{FactText, Part};
use crate::lang::{Composition, Source, parse};
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

/// The comparisons of a text such as `post == y0` or `a < b and c > 0`.
fn comparisons(part: &Part, fact: &FactText, text: &str) -> Result<Vec<(Expr, Sign, Expr)>> {
    let wrong =
        |cause: String| part.error(fact.place, cause, "write `post == y0`, `a < b`, `stable iff a < b and c > 0`");
    let side = |text: &str| parse::expression(&Source::new(&part.file, text)).map_err(|e| wrong(e.to_string()));
    let mut out = Vec::new();
    for piece in text.split(" and ") {
        let (sign, symbol) = match () {
            () if piece.contains("==") => (Sign::Equal, "=="),
            () if piece.contains('<') => (Sign::Less, "<"),
            () if piece.contains('>') => (Sign::Greater, ">"),
            () => return Err(wrong(format!("`{}` compares nothing", piece.trim()))),
        };
        let Some((left, right)) = piece.split_once(symbol) else { continue };
        out.push((side(left)?, sign, side(right)?));
    }
    Ok(out)
}

/// Reads a fact in the scope of its part.
pub(crate) fn draft(assembly: &mut Assembly, at: usize, text: &FactText) -> Result<Drafted> {
    let part = assembly.placed[at].part.clone();
    let (place, condition) = match text.at.trim() {
        "every point" => (Where::EveryPoint, None),
        "fixed point" => (Where::FixedPoint, None),
        other => match (other.strip_prefix("fixed point with "), other.strip_prefix("every point with ")) {
            (Some(condition), _) => (Where::FixedPoint, Some(condition)),
            (_, Some(condition)) => (Where::EveryPoint, Some(condition)),
            _ => {
                let help = "write `every point`, `fixed point`, or either with a condition: `fixed point with w > 0`";
                return Err(part.error(text.place, format!("a fact at `{other}`"), help));
            }
        },
    };
    let (stability, claim) = match text.claim.trim().strip_prefix("stable iff ") {
        Some(claim) => (true, claim),
        None => (false, text.claim.as_str()),
    };
    let mut fact = Fact {
        part: part.name.clone(),
        says: text.says.clone(),
        text: format!("{} | {}", text.at, text.claim),
        at: place,
        conditions: Vec::new(),
        claims: Vec::new(),
        stability,
    };
    let mut sides = Vec::new();
    let wrong = |e: Error| part.error(text.place, e.to_string(), "a fact uses the names of its part");
    for (list, what) in [(condition.unwrap_or(""), true), (claim, false)] {
        if list.is_empty() {
            continue;
        }
        for (left, sign, right) in comparisons(&part, text, list)? {
            let comparison = Comparison { left: sides.len(), sign, right: sides.len() + 1 };
            for side in [left, right] {
                let bound = assembly.in_scope(at, &side).map_err(wrong)?;
                sides.push(rates(assembly, bound).and_then(|e| assembly.averaged(&e)).map_err(wrong)?);
            }
            if what { fact.conditions.push(comparison) } else { fact.claims.push(comparison) }
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
