//! What does a neuromodulator do? It maps its level onto parameters of the other parts, where their owners read them.

use super::bind::Modulated;
use super::place::Placed;
use super::stage::Stage;
use super::walk::made;
use crate::error::{Error, Result};
use crate::lang::ast::{Expr, Index, Kind, Span};
use crate::lang::part::PartKind;
use crate::lang::part::modulated::fits;

/// What every modulation of the composition makes of the parameters that it names.
pub(crate) fn modulations(stage: &Stage, placed: &[Placed]) -> Result<Modulated> {
    let mut all = Modulated::new();
    for modulation in placed.iter().filter(|p| p.part.kind == PartKind::Modulation) {
        let mut hits = 0;
        for modulated in &modulation.part.modulates {
            let (name, effective) = (&modulated.name, &modulated.right);
            for (owner, _) in placed.iter().enumerate().filter(|(_, p)| p.part.kind != PartKind::Modulation) {
                for full in named_parameters(stage, placed, owner, name) {
                    hits += 1;
                    let indices: Vec<Index> = match stage.table.get(&full) {
                        Some(info) => info.letters.iter().map(|l| Index::Running(l.clone(), 0)).collect(),
                        None => Vec::new(),
                    };
                    let now = all
                        .get(&full)
                        .cloned()
                        .unwrap_or_else(|| made(Kind::Name(full.clone(), indices), Span::default()));
                    if let Some(info) = stage.table.get(&full).filter(|_| !stage.circuit.dimensionless) {
                        fits(&modulation.part, modulated, &info.unit)?;
                    }
                    let change = &mut |e: Expr| -> Result<Expr> {
                        Ok(match &e.kind {
                            Kind::Name(n, _) if n == name => now.clone(),
                            Kind::Name(n, _) if modulation.part.parameter(n).is_some() => {
                                made(Kind::Name(modulation.full(n), Vec::new()), e.span)
                            }
                            _ => e,
                        })
                    };
                    let made = super::walk::rebuild(effective.clone(), change)?;
                    all.insert(full, made);
                }
            }
        }
        if hits == 0 {
            let names: Vec<&str> = modulation.part.modulates.iter().map(|m| m.name.as_str()).collect();
            let cause = format!("`{}` finds nothing to modulate here", modulation.label);
            return Err(Error::usage(cause, format!("it acts on parameters called {}", names.join(", "))));
        }
    }
    Ok(all)
}

/// The parameters of a part that go by `name`: by its own name, or as a port of a population of the circuit.
fn named_parameters(stage: &Stage, placed: &[Placed], owner: usize, name: &str) -> Vec<String> {
    let part = &placed[owner].part;
    let mut out = Vec::new();
    if part.parameter(name).is_some() {
        out.push(placed[owner].full(name));
    }
    for population in part.populations.iter().filter(|_| owner == 0) {
        for (port, expr) in population.quantities.iter().filter(|(port, _)| port == name) {
            let _ = port;
            if let Kind::Name(local, _) = &expr.kind
                && part.parameter(local).is_some()
                && !out.contains(&format!("{}.{local}", stage.label))
            {
                out.push(format!("{}.{local}", stage.label));
            }
        }
    }
    out
}
