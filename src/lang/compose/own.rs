//! What do the mechanisms bring along, and which of it do others drive? Their parameters and variables enter the table.

use super::bind::pace_of;
use super::place::Placed;
use super::stage::{Info, Role, Stage};
use super::walk::{free_letters, made};
use crate::error::{Error, Result, nearest};
use crate::lang::ast::{Kind, Span};
use crate::lang::part::PartKind;

/// Declares the parameters and variables of the mechanisms. Further indices are those on which an equation depends.
pub(crate) fn declare(stage: &mut Stage, placed: &[Placed]) -> Result<()> {
    for (at, placed) in placed.iter().enumerate().skip(1) {
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
            stage.table.insert(placed.full(&p.name), info);
        }
        let own: Vec<_> = part.equations.iter().filter(|e| part.port(&e.name).is_none()).collect();
        let own = if part.kind == PartKind::Transfer { Vec::new() } else { own };
        for (place, e) in own.iter().enumerate() {
            let said = part.variable(&e.name);
            let letters = match said.and_then(|v| v.per.as_deref()) {
                Some(port) => match placed.ports.get(port) {
                    Some(bound) => {
                        free_letters(bound).into_iter().filter(|l| Some(l.as_str()) != stage.ensemble_index()).collect()
                    }
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
            stage.table.insert(placed.full(&e.name), info);
        }
    }
    Ok(())
}

/// Binds ports to quantities of other mechanisms: `learned@bcm.y0`, `learned(target=bcm.y0)`.
pub(crate) fn attach(stage: &Stage, placed: &mut [Placed]) -> Result<()> {
    for at in 1..placed.len() {
        for (port, name) in placed[at].foreign.clone() {
            let full = foreign(stage, placed, at, &name)?;
            // Its indices are filled in where the port is read: they may depend on this very binding.
            placed[at].ports.insert(port, made(Kind::Name(full, Vec::new()), Span::default()));
        }
        stage.port_units(&placed[at])?;
    }
    Ok(())
}

/// The full name of a quantity of another mechanism.
fn foreign(stage: &Stage, placed: &[Placed], at: usize, name: &str) -> Result<String> {
    let (owner, local) = name.rsplit_once('.').map_or((None, name), |(owner, local)| (Some(owner), local));
    let fits = |k: usize| k != at && owner.is_none_or(|owner| placed[k].goes_by(owner));
    let mut found: Vec<String> = Vec::new();
    for k in (1..placed.len()).filter(|k| fits(*k)) {
        let full = placed[k].full(local);
        if stage.table.contains_key(&full) {
            found.push(full);
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => {
            let others = (1..placed.len()).filter(|k| *k != at);
            let theirs = others.flat_map(|k| placed[k].part.parameters.iter().map(move |p| placed[k].full(&p.name)));
            let circuit = stage.table.values().filter(|i| i.owner == 0).map(|i| i.local.clone());
            let populations = stage.circuit.populations.iter().map(|p| p.name.clone());
            let all: Vec<String> = theirs.chain(circuit).chain(populations).collect();
            let near = nearest(name, all.iter().map(String::as_str));
            Err(Error::unknown("quantity to bind", &format!("{name}` in `{}", placed[at].item), near))
        }
        several => {
            let cause = format!("`{name}` in `{}` may be any of {}", placed[at].item, several.join(", "));
            Err(Error::usage(cause, "write the one that is meant in full"))
        }
    }
}

impl Placed {
    /// Is it meant by this name: its label, how it is written, or the name of its part?
    pub fn goes_by(&self, name: &str) -> bool {
        self.label == name || self.item.label() == name || self.item.to_string() == name || self.item.stem() == name
    }
}
