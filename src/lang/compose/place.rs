//! Where does each part attach, and what do its ports mean there?

use super::stage::Stage;
use super::text::Item;
use super::walk::{made, reindex, running};
use crate::error::{Error, Result, nearest};
use crate::lang::ast::{Expr, Index, Kind, Span};
use crate::lang::part::{Part, PartKind, Population, Synapse};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A part at its place.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// How it was asked for; the target is left out where it is the default.
    pub item: Item,
    /// The prefix of its qualified names.
    pub label: String,
    /// The part.
    pub part: Arc<Part>,
    /// What its ports are bound to, in full names and the circuit's indices.
    pub ports: BTreeMap<String, Expr>,
    /// Everything that its place offers, for parts that attach to a quantity of this one.
    pub there: BTreeMap<String, Expr>,
    /// Ports that are bound to quantities of other mechanisms, which are known only when all are placed.
    pub foreign: Vec<(String, String)>,
    /// The index that runs over the presynaptic partners of one unit.
    pub partner: Option<String>,
    /// The order in which indices of its own variables stand.
    pub order: Vec<String>,
    /// The part whose addends `rest` includes although it uses `rest` itself.
    pub after: Option<String>,
    /// The population whose transfer function a transfer part defines; all if none.
    pub population: Option<String>,
}

impl Placed {
    /// The full name of one of its quantities.
    pub fn full(&self, local: &str) -> String {
        format!("{}.{local}", self.label)
    }
}

/// What a target is.
enum Target<'a> {
    Synapse(&'a Synapse),
    Population(&'a Population),
    Whole,
}

impl Stage {
    /// Places one part; `host` is the mechanism whose quantity it drives, and that quantity, for `part@host.quantity`.
    pub fn place(&mut self, item: &Item, part: Arc<Part>, host: Option<(&Placed, &str)>) -> Result<Placed> {
        let circuit = self.circuit.clone();
        let (target, canonical) = match host {
            Some((host, quantity)) => (Target::Whole, Some(format!("{}.{quantity}", host.label))),
            None => self.target(item, &part, &circuit)?,
        };
        let item = Item { target: canonical, ..item.clone() };
        let mut placed = Placed {
            label: item.label(),
            item,
            part: part.clone(),
            ports: BTreeMap::new(),
            there: BTreeMap::new(),
            foreign: Vec::new(),
            partner: None,
            order: Vec::new(),
            after: None,
            population: None,
        };
        let there = match target {
            Target::Synapse(synapse) => self.at_synapse(synapse, &mut placed)?,
            Target::Population(population) => {
                placed.population = Some(population.name.clone());
                self.at_population(population, &part)?
            }
            // What it reads is what its host reads; what it drives is the host's quantity.
            Target::Whole => match host {
                Some((host, quantity)) => {
                    placed.partner = host.partner.clone();
                    placed.foreign.push((driven_port(&placed)?, format!("{}.{quantity}", host.label)));
                    // What the host was given by hand goes before what its place offers.
                    host.there.iter().chain(&host.ports).map(|(port, e)| (port.clone(), e.clone())).collect()
                }
                None => BTreeMap::new(),
            },
        };
        placed.there = there;
        for (port, to) in placed.item.bindings.clone() {
            if port == "after" {
                placed.after = Some(to);
                continue;
            }
            if part.port(&port).is_none() {
                let near = nearest(&port, part.ports.iter().map(|p| p.name.as_str()));
                return Err(Error::unknown("port", &format!("{}({port}=…)", placed.item), near));
            }
            match self.by_name(&to) {
                Some(bound) => _ = placed.ports.insert(port, bound),
                None => placed.foreign.push((port, to)),
            }
        }
        for port in &part.ports {
            let given = port.name == "u" && part.kind == PartKind::Transfer;
            let foreign = placed.foreign.iter().any(|(name, _)| *name == port.name);
            if placed.ports.contains_key(&port.name) || given || foreign {
                continue;
            }
            match placed.there.get(&port.name).cloned() {
                Some(bound) => placed.ports.insert(port.name.clone(), bound),
                None => {
                    let known: Vec<&str> = placed.there.keys().map(String::as_str).collect();
                    let cause = format!(
                        "`{}` needs the port `{}`, which is not there; there are: {}",
                        placed.item,
                        port.name,
                        if known.is_empty() { "none".into() } else { known.join(", ") }
                    );
                    let help = format!(
                        "bind it by hand, `{}({}=NAME)`, or attach the part elsewhere: {}",
                        placed.item.part,
                        port.name,
                        self.places()
                    );
                    return Err(Error::usage(cause, help));
                }
            };
        }
        for expr in [placed.ports.get("w"), placed.ports.get("post"), placed.ports.get("r"), placed.ports.get("pre")] {
            if let Some(Expr { kind: Kind::Name(_, list), .. }) = expr {
                for letter in running(list) {
                    if !placed.order.iter().any(|o| o == letter) {
                        placed.order.push(letter.into());
                    }
                }
            }
        }
        self.port_units(&placed)?;
        Ok(placed)
    }

    /// The synapses and populations of the circuit, for messages.
    pub fn places(&self) -> String {
        let synapses = self.circuit.synapses.iter().map(|s| format!("@{}", s.name));
        let all: Vec<String> =
            synapses.chain(self.circuit.populations.iter().map(|p| format!("@{}", p.name))).collect();
        if all.is_empty() { "the circuit declares no synapses and populations".into() } else { all.join(", ") }
    }

    /// What `@target` is, and its canonical form: nothing where it is the default.
    fn target<'a>(&self, item: &Item, part: &Part, circuit: &'a Part) -> Result<(Target<'a>, Option<String>)> {
        let ports = |name: &str| part.port(name).is_some();
        let by_synapse = ports("w") || ports("pre");
        let by_population = part.kind != PartKind::Transfer && !part.ports.is_empty();
        let default = match (by_synapse, by_population) {
            (true, _) => circuit.synapses.first().map(Target::Synapse),
            (_, true) => circuit.populations.first().map(Target::Population),
            _ => Some(Target::Whole),
        };
        let Some(name) = &item.target else {
            let what = if by_synapse { "synapse" } else { "population" };
            return default.map(|d| (d, None)).ok_or_else(|| {
                let cause = format!("`{}` attaches to a {what}, and `{}` declares none", item.part, circuit.name);
                Error::usage(cause, format!("declare one in `{}`, or choose another circuit", circuit.file))
            });
        };
        if part.kind == PartKind::Modulation {
            let help = format!("write `{}` without `@`: a modulation acts on every parameter that it names", item.part);
            return Err(Error::usage(format!("`{}` attaches to nothing in particular", item.part), help));
        }
        let is_default = match &default {
            Some(Target::Synapse(s)) => s.name == *name,
            Some(Target::Population(p)) => p.name == *name && !circuit.synapses.iter().any(|s| s.name == *name),
            _ => false,
        };
        let canonical = if is_default { None } else { Some(name.clone()) };
        if let Some(synapse) = circuit.synapses.iter().find(|s| s.name == *name) {
            return Ok((Target::Synapse(synapse), canonical));
        }
        if let Some(population) = circuit.populations.iter().find(|p| p.name == *name) {
            return Ok((Target::Population(population), canonical));
        }
        let all = circuit.synapses.iter().map(|s| &s.name).chain(circuit.populations.iter().map(|p| &p.name));
        let near = nearest(name, all.map(String::as_str));
        match near.is_empty() {
            false => Err(Error::unknown("synapse or population", name, near)),
            true => {
                let cause = format!("`{}` has no synapse or population `{name}`", circuit.name);
                Err(Error::usage(cause, format!("attach `{}` to one of {}", item.part, self.places())))
            }
        }
    }

    fn at_synapse(&self, synapse: &Synapse, placed: &mut Placed) -> Result<BTreeMap<String, Expr>> {
        let (pre, post) = (self.member(&synapse.pre)?, self.member(&synapse.post)?);
        let mut there = post;
        let missing = || made(Kind::Number(0.0, crate::field::Unit::NONE), Span::default());
        let rate = there.get("r").cloned().unwrap_or_else(missing);
        let from = pre.get("r").cloned().unwrap_or_else(missing);
        let letters = |expr: &Expr| match &expr.kind {
            Kind::Name(_, list) => running(list).map(str::to_string).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let after = letters(&rate);
        let mut partners = letters(&from);
        partners.retain(|l| !after.contains(l) && self.ensemble_index() != Some(l.as_str()));
        placed.partner = partners.into_iter().next();
        there.insert("post".into(), rate);
        there.insert("pre".into(), from);
        there.insert("w".into(), self.qualified(&synapse.weight));
        Ok(there)
    }

    fn at_population(&self, population: &Population, part: &Part) -> Result<BTreeMap<String, Expr>> {
        let mut there: BTreeMap<String, Expr> =
            population.quantities.iter().map(|(port, expr)| (port.clone(), self.qualified(expr))).collect();
        if let Some(rate) = there.get("r").cloned() {
            there.insert("post".into(), rate);
        }
        if part.port("w").is_some() || part.port("pre").is_some() {
            let onto: Vec<&Synapse> = self
                .circuit
                .synapses
                .iter()
                .filter(|s| matches!(&s.post.kind, Kind::Name(name, _) if *name == population.name))
                .collect();
            let [only] = onto.as_slice() else {
                let names: Vec<String> = onto.iter().map(|s| format!("@{}", s.name)).collect();
                let cause = format!("`{}` needs one synapse, and `{}` has {}", part.name, population.name, onto.len());
                return Err(Error::usage(cause, format!("attach it to one of {}", names.join(", "))));
            };
            let (pre, weight) = (self.member(&only.pre)?, self.qualified(&only.weight));
            pre.get("r").map(|r| there.insert("pre".into(), r.clone()));
            there.insert("w".into(), weight);
        }
        Ok(there)
    }

    /// The quantities of a population that may be written with its own index: `n[j]`.
    fn member(&self, expr: &Expr) -> Result<BTreeMap<String, Expr>> {
        let Kind::Name(name, list) = &expr.kind else {
            return Err(Error::usage(
                "a synapse's `pre` and `post` name populations",
                "write `pre = \"e\"` or `pre = \"n[j]\"`",
            ));
        };
        let population = self.circuit.populations.iter().find(|p| p.name == *name).ok_or_else(|| {
            let near = nearest(name, self.circuit.populations.iter().map(|p| p.name.as_str()));
            Error::unknown("population", name, near)
        })?;
        let own: Vec<String> = population
            .quantities
            .iter()
            .find(|(port, _)| port == "r")
            .map(|(_, e)| match &e.kind {
                Kind::Name(_, list) => running(list).map(str::to_string).collect(),
                _ => Vec::new(),
            })
            .unwrap_or_default();
        let map: BTreeMap<String, Index> = own.into_iter().zip(list.iter().cloned()).collect();
        let mut scratch = self.letters.clone();
        Ok(population
            .quantities
            .iter()
            .map(|(port, e)| (port.clone(), self.qualified(&reindex(e, &map, &mut scratch))))
            .collect())
    }

    /// What a name in a binding stands for in the circuit: a quantity, a population's rate, a synapse's weight.
    fn by_name(&self, name: &str) -> Option<Expr> {
        let circuit = &self.circuit;
        let full = format!("{}.{name}", self.label);
        if let Some(info) = self.table.get(&full) {
            let list = info.letters.iter().map(|l| Index::Running(l.clone(), 0)).collect();
            return Some(made(Kind::Name(full, list), Span::default()));
        }
        if let Some(population) = circuit.populations.iter().find(|p| p.name == name) {
            let rate = population.quantities.iter().find(|(port, _)| port == "r");
            return rate.map(|(_, e)| self.qualified(e));
        }
        circuit.synapses.iter().find(|s| s.name == name).map(|s| self.qualified(&s.weight))
    }

    /// Does what a port is bound to have the unit that the part wants?
    pub(super) fn port_units(&self, placed: &Placed) -> Result<()> {
        for port in &placed.part.ports {
            let (Some(wanted), Some(Expr { kind: Kind::Name(name, _), .. })) =
                (&port.unit, placed.ports.get(&port.name))
            else {
                continue;
            };
            if let Some(info) = self.table.get(name).filter(|info| !info.unit.same_dimension(wanted)) {
                return Err(Error::Units {
                    quantity: format!("`{}`, bound to the port `{}` of `{}`,", info.local, port.name, placed.item),
                    expected: wanted.to_string(),
                    got: info.unit.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// The one port that a part drives and that was not bound by hand: what it takes from `part@host.quantity`.
fn driven_port(placed: &Placed) -> Result<String> {
    let by_hand = |name: &str| placed.item.bindings.iter().any(|(port, _)| port == name);
    let drives = |name: &str| placed.part.equations.iter().any(|e| e.name == name);
    let driven: Vec<&str> =
        placed.part.ports.iter().map(|p| p.name.as_str()).filter(|name| drives(name) && !by_hand(name)).collect();
    match driven.as_slice() {
        [one] => Ok(one.to_string()),
        _ => {
            let cause = match driven.is_empty() {
                true => format!("`{}` drives none of its ports", placed.item.part),
                false => format!("`{}` drives several ports: {}", placed.item.part, driven.join(", ")),
            };
            let target = placed.item.target.as_deref().unwrap_or("part.quantity");
            Err(Error::usage(cause, format!("say which one it drives: `{}(PORT={target})`", placed.item.part)))
        }
    }
}
