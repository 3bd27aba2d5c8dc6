//! What does a fact claim? Comparisons with their places in the file, and what the part alone can know of them.
//!
//! `at` is `every point` or `fixed point`, perhaps `with` a condition; `claim` is one comparison or several joined by
//! `and`, perhaps behind `stable iff`. Names are the part's own; a fact of a mechanism may also use the names of the
//! circuit in its `on` or `example`, which are checked when that is composed.

use super::check::{unit_table, without_transfer};
use super::tree::File;
use super::{Part, PartKind};
use crate::error::{Error, Result, nearest};
use crate::field::Unit;
use crate::lang::ast::{Expr, Kind};
use crate::lang::compose::walk::{rebuild, visit};
use crate::lang::{Sign, Source, Where, functions, parse, units};
use std::ops::Range;

/// One side of a comparison, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub source: Source,
    pub expr: Expr,
}

impl Side {
    /// An error that points at this side.
    pub fn error(&self, cause: impl Into<String>, help: impl Into<String>) -> Error {
        self.source.error(self.expr.span, cause, help)
    }
    /// Its unit, where `rate(w)` is what drives w.
    pub fn unit(&self, expr: &Expr, lookup: units::Lookup) -> Result<Unit> {
        let Ok(plain) = rebuild(expr.clone(), &mut |mut e| -> std::result::Result<Expr, std::convert::Infallible> {
            if let Kind::Call(name, _) = &mut e.kind
                && name == "rate"
            {
                *name = "rest".into();
            }
            Ok(e)
        });
        units::infer(&self.source, &plain, lookup)
    }
}

/// left < right.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub left: Side,
    pub sign: Sign,
    pub right: Side,
}

/// A claim, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub at: Where,
    pub conditions: Vec<Compared>,
    /// Is it a statement about stability?
    pub stability: bool,
    pub claims: Vec<Compared>,
}

/// Reads `at` and `claim`, each with its place in the file.
pub(super) fn read(file: File, at: (&str, Range<usize>), claim: (&str, Range<usize>)) -> Result<Claim> {
    let source = |(text, span): &(&str, Range<usize>)| Source::inside_toml(file.name, file.text, span.clone(), text);
    let (place, condition) = match at.0.trim() {
        "every point" => (Where::EveryPoint, None),
        "fixed point" => (Where::FixedPoint, None),
        other => match (other.strip_prefix("fixed point with "), other.strip_prefix("every point with ")) {
            (Some(condition), _) => (Where::FixedPoint, Some(condition)),
            (_, Some(condition)) => (Where::EveryPoint, Some(condition)),
            _ => {
                let help = "write `every point`, `fixed point`, or either with a condition: `fixed point with w > 0`";
                return Err(file.error(at.1.start, format!("a fact at `{other}`"), help));
            }
        },
    };
    let conditions = match condition {
        Some(condition) => comparisons(&source(&at), condition)?,
        None => Vec::new(),
    };
    let whole = source(&claim);
    let (stability, text) = match claim.0.trim().strip_prefix("stable iff ") {
        Some(text) => (true, text),
        None => (false, claim.0),
    };
    Ok(Claim { at: place, conditions, stability, claims: comparisons(&whole, text)? })
}

/// The comparisons in a piece of a source: `post == y0`, `a < b and c > 0`.
fn comparisons(whole: &Source, text: &str) -> Result<Vec<Compared>> {
    let from = whole.text.find(text).unwrap_or(0);
    let (mut out, mut start) = (Vec::new(), from);
    for piece in text.split(" and ") {
        let range = start..start + piece.len();
        start = range.end + " and ".len();
        let (sign, symbol) = match () {
            () if piece.contains("==") => (Sign::Equal, "=="),
            () if piece.contains("<=") || piece.contains(">=") || piece.contains("!=") => {
                let help = "a fact compares with `==`, `<` or `>`";
                return Err(whole.piece(range).error(Default::default(), "this comparison is not one of a fact", help));
            }
            () if piece.contains('<') => (Sign::Less, "<"),
            () if piece.contains('>') => (Sign::Greater, ">"),
            () => {
                let help = "write `post == y0`, `a < b`, `stable iff a < b and c > 0`";
                let cause = format!("`{}` compares nothing", piece.trim());
                return Err(whole.piece(range).error(Default::default(), cause, help));
            }
        };
        let at = range.start + piece.find(symbol).unwrap_or(0);
        let side = |range: Range<usize>| {
            let source = whole.piece(range);
            parse::expression(&source).map(|expr| Side { expr, source })
        };
        let (left, right) = (side(range.start..at)?, side(at + symbol.len()..range.end)?);
        out.push(Compared { left, sign, right });
    }
    Ok(out)
}

/// Does everything that the facts name exist where it can be known, and do the units of both sides fit?
pub(super) fn check(part: &Part) -> Result<()> {
    let table = unit_table(part)?;
    for fact in &part.facts {
        let composed = fact.on.is_some() || (part.kind != PartKind::Circuit && part.example.is_some());
        for compared in fact.claim_read.conditions.iter().chain(&fact.claim_read.claims) {
            let mut open = false;
            for side in [&compared.left, &compared.right] {
                let mut wrong = Ok(());
                visit(&side.expr, &mut |e| match &e.kind {
                    _ if wrong.is_err() => (),
                    Kind::Name(name, _) if table.contains_key(name) || functions::constant(name).is_some() => (),
                    Kind::Name(..) if composed => open = true,
                    Kind::Name(name, _) => {
                        let near = nearest(name, table.keys().map(String::as_str));
                        let help = match near.is_empty() {
                            true => "a fact uses the names of its part; for others say `on = \"…\"`, the composition that has them".into(),
                            false => format!("did you mean `{}`?", near.join("`, `")),
                        };
                        wrong = Err(side.source.error(e.span, format!("nothing here is called `{name}`"), help));
                    }
                    Kind::Call(name, list) if !matches!(name.as_str(), "mean" | "rest" | "rate") => {
                        let phi = part.populations.iter().any(|p| p.phi.as_ref() == Some(name));
                        match units::function(&side.source, e, name, list.len()) {
                            Ok(_) => (),
                            Err(_) if phi || (composed && functions::find(name).is_none()) => open |= !phi,
                            Err(error) => wrong = Err(error),
                        }
                    }
                    _ => (),
                });
                wrong?;
            }
            if !open && !part.dimensionless {
                let unit = |side: &Side| {
                    let plain = without_transfer(part, &side.expr.clone().with_units(&|n| table.contains_key(n)));
                    side.unit(&plain, &|n| table.get(n).cloned())
                };
                same(compared, unit(&compared.left)?, unit(&compared.right)?)?;
            }
        }
    }
    Ok(())
}

/// Are both sides of one unit? A bare zero fits every unit.
pub(crate) fn same(compared: &Compared, left: Unit, right: Unit) -> Result<()> {
    let zero = |side: &Side| matches!(side.expr.kind, Kind::Number(value, _) if value == 0.0);
    if left.same_dimension(&right) || zero(&compared.left) || zero(&compared.right) {
        return Ok(());
    }
    let shown = |unit: &Unit| units::describe(unit);
    let cause = format!("{} is compared with {}", shown(&left), shown(&right));
    Err(compared.left.error(cause, "both sides of a comparison have one unit"))
}
