//! How does a composition become equations? Loading, placing, binding, gathering, averaging, in this order.

use super::average::Averages;
use super::bind::{Binder, Modulated};
use super::bounds::{self, Bounded};
use super::gather::{Law, gather};
use super::modulate::modulations;
use super::own::{attach, declare};
use super::place::Placed;
use super::rewrite::open_letters;
use super::stage::{Info, Stage};
use super::text::{Composition, Item};
use crate::error::{Error, Result, nearest};
use crate::lang::ast::Expr;
use crate::lang::library::{Entity, Library};
use crate::lang::part::{Part, PartKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Deepest nesting of model files in model files.
const DEEPEST_MODEL: usize = 8;

/// A composed model in families, before it is expanded.
#[derive(Clone, Debug)]
pub(crate) struct Assembly {
    pub stage: Stage,
    pub placed: Vec<Placed>,
    pub laws: Vec<Law>,
    /// Hard bounds.
    pub bounds: Vec<Bounded>,
    /// The laws before averages were carried out.
    raw: Vec<Law>,
    /// Random quantities with their averages, for reading.
    pub averages: Vec<(String, Expr)>,
    /// Quantities that vary over the ensemble and cannot be read at one value.
    pub random: BTreeSet<String>,
    /// The canonical composition, and the one that was asked for.
    pub canonical: Composition,
    pub asked: Composition,
    /// Values that model files set.
    pub settings: Vec<(String, String)>,
}

/// What a composition consists of once model files are opened.
pub(crate) struct Opened {
    pub parts: Vec<(Item, Arc<Part>)>,
    pub settings: Vec<(String, String)>,
    pub sources: Vec<String>,
}

/// Loads all parts; model files are replaced by what they are composed of.
pub(crate) fn open(composition: &Composition, library: &Library, depth: usize) -> Result<Opened> {
    let mut opened = Opened { parts: Vec::new(), settings: Vec::new(), sources: Vec::new() };
    if depth > DEEPEST_MODEL {
        let cause = format!("model files refer to each other more than {DEEPEST_MODEL} deep");
        return Err(Error::usage(cause, "look for a model that contains itself"));
    }
    for item in &composition.items {
        match library.get(&item.part)? {
            Entity::Part(part) => opened.parts.push((item.clone(), part)),
            Entity::Model(model) => {
                if item.target.is_some() || !item.bindings.is_empty() {
                    let cause = format!("`{}` is a whole model and attaches to nothing", item.part);
                    return Err(Error::usage(cause, "write it without `@` and brackets"));
                }
                let inner = open(&model.composition, library, depth + 1)?;
                opened.parts.extend(inner.parts);
                opened.settings.extend(inner.settings);
                opened.sources.extend(inner.sources);
                opened.settings.extend(model.settings.clone());
                opened.sources.extend(model.sources.clone());
            }
        }
    }
    Ok(opened)
}

impl Assembly {
    /// Composes what was opened, with some sizes set by hand.
    pub fn new(opened: &Opened, asked: &Composition, sizes: &BTreeMap<String, usize>) -> Result<Assembly> {
        let circuits: Vec<&(Item, Arc<Part>)> =
            opened.parts.iter().filter(|(_, p)| p.kind == PartKind::Circuit).collect();
        let circuit = match circuits.as_slice() {
            [one] => *one,
            [] => {
                let cause = format!("`{asked}` has no circuit");
                return Err(Error::usage(cause, format!("put a circuit in front: `neuron+{asked}`")));
            }
            [a, b, ..] => {
                let cause = format!("`{}` and `{}` are both circuits", a.0, b.0);
                return Err(Error::usage(cause, "a model has one circuit; keep one of them"));
            }
        };
        if circuit.0.target.is_some() || !circuit.0.bindings.is_empty() {
            let cause = format!("the circuit `{}` attaches to nothing", circuit.0);
            return Err(Error::usage(cause, "write it without `@` and brackets"));
        }
        let mut stage = Stage::new(circuit.1.clone(), sizes)?;
        let mut mechanisms = place_all(&mut stage, &opened.parts)?;
        mechanisms.sort_by(|a, b| (a.part.kind, a.item.stem(), &a.item).cmp(&(b.part.kind, b.item.stem(), &b.item)));
        label(&mut mechanisms)?;
        let mut placed = vec![Placed {
            item: circuit.0.clone(),
            label: stage.label.clone(),
            part: circuit.1.clone(),
            ports: BTreeMap::new(),
            there: BTreeMap::new(),
            foreign: Vec::new(),
            partner: None,
            order: Vec::new(),
            after: None,
            population: None,
        }];
        placed.extend(mechanisms);
        if let Some(clash) = placed[1..].iter().find(|p| p.label == placed[0].label) {
            let cause = format!("a part and the circuit are both called `{}`", clash.label);
            return Err(Error::usage(cause, "rename one of the files"));
        }
        declare(&mut stage, &placed)?;
        attach(&stage, &mut placed)?;
        let modulated = modulations(&stage, &placed)?;
        let mut binder = Binder { stage: &mut stage, placed: &placed, modulated: &modulated, loose: false };
        let lines = binder.lines()?;
        let bounds = bounds::collect(&mut binder)?;
        let laws = gather(&mut stage, &placed, lines)?;
        bounds::driven_as_one(&bounds, &laws)?;
        let canonical = Composition { items: placed.iter().map(|p| p.item.clone()).collect() };
        let mut assembly = Assembly {
            stage,
            placed,
            laws: Vec::new(),
            bounds,
            raw: laws.clone(),
            averages: Vec::new(),
            random: BTreeSet::new(),
            canonical,
            asked: asked.clone(),
            settings: opened.settings.clone(),
        };
        assembly.average(laws)?;
        Ok(assembly)
    }

    /// Carries out the averages and checks that nothing else depends on the ensemble.
    fn average(&mut self, laws: Vec<Law>) -> Result<()> {
        let index = self.stage.ensemble_index().map(str::to_string);
        for law in &laws {
            for (part, right) in &law.addends {
                self.closed(law, *part, right, index.as_deref())?;
            }
        }
        let mut averages = Averages::new(&mut self.stage, &laws)?;
        let random = averages.random();
        for law in &laws {
            if random.contains(&law.target) {
                if let Ok(mean) = averages.mean(&law.right()) {
                    self.averages.push((law.target.clone(), mean));
                }
                continue;
            }
            let mut done = law.clone();
            for (part, right) in &mut done.addends {
                if averages.reads_random(right) {
                    let name = averages.varying(right).unwrap_or_default();
                    let name = name.rsplit('.').next().unwrap_or("").to_string();
                    let part = &self.placed[*part].part;
                    let cause =
                        format!("`{name}` varies over the ensemble, and `{}` reads it at one moment", part.name);
                    let help = format!("write an average, such as `mean({name})`");
                    return Err(part.equation_error(right.span, cause, help));
                }
                *right = averages.resolve(right)?;
            }
            self.laws.push(done);
        }
        self.random = random.into_iter().collect();
        Ok(())
    }

    /// Every index of the right-hand side must stand on the left.
    fn closed(&self, law: &Law, part: usize, right: &Expr, index: Option<&str>) -> Result<()> {
        let left: Vec<&str> = super::walk::running(&law.at).collect();
        let open = open_letters(right, index);
        let Some(letter) = open.iter().find(|l| !left.contains(&l.as_str())) else { return Ok(()) };
        let part = &self.placed[part].part;
        let local = law.target.rsplit('.').next().unwrap_or(&law.target);
        match Some(letter.as_str()) == index {
            true => {
                let cause = format!("the right-hand side of `{local}` varies over the patterns (index `{letter}`)");
                Err(part.equation_error(right.span, cause, "average it: `mean(…)`"))
            }
            false => {
                let cause =
                    format!("the right-hand side of `{local}` depends on the index `{letter}`, the left side does not");
                let help = "sum over the partners, `sum(k, …)`, or attach the part to a single synapse";
                Err(part.equation_error(right.span, cause, help))
            }
        }
    }

    /// An expression of a part in full names.
    pub fn in_scope(&mut self, at: usize, expr: &Expr) -> Result<Expr> {
        Binder { stage: &mut self.stage, placed: &self.placed, modulated: &Modulated::new(), loose: true }
            .expression(at, expr)
    }

    /// An expression with its averages carried out.
    pub fn averaged(&mut self, expr: &Expr) -> Result<Expr> {
        let mut averages = Averages::new(&mut self.stage, &self.raw)?;
        averages.resolve(expr)
    }

    /// All quantities in canonical order: the circuit's first, then each part's.
    pub fn ordered(&self) -> Vec<(&String, &Info)> {
        let mut all: Vec<(&String, &Info)> = self
            .stage
            .table
            .iter()
            .filter(|(full, info)| !self.random.contains(*full) && info.role != super::stage::Role::Random)
            .collect();
        all.sort_by_key(|(_, info)| (info.owner, info.rank));
        all
    }

    /// The full names of all white-noise sources, sorted.
    pub fn noise_sources(&self) -> BTreeSet<String> {
        let rights = self.laws.iter().flat_map(|law| law.addends.iter().map(|(_, e)| e));
        rights.flat_map(super::walk::names).filter(|name| super::noise::is_source(name)).collect()
    }

    /// What each quantity is called: short where that is clear, else with its part.
    pub fn display(&self) -> BTreeMap<String, String> {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for info in self.stage.table.values() {
            *count.entry(&info.local).or_default() += 1;
        }
        self.stage
            .table
            .iter()
            .map(|(full, info)| match count[info.local.as_str()] {
                1 => (full.clone(), info.local.clone()),
                _ => (full.clone(), full.clone()),
            })
            .collect()
    }
}

/// Places all mechanisms: first those that attach to the circuit, then those that drive a quantity of another one.
fn place_all(stage: &mut Stage, parts: &[(Item, Arc<Part>)]) -> Result<Vec<Placed>> {
    let mut mechanisms: Vec<Placed> = Vec::new();
    let mut waiting: Vec<&(Item, Arc<Part>)> = parts.iter().filter(|(_, p)| p.kind != PartKind::Circuit).collect();
    while !waiting.is_empty() {
        let (mut placed, mut later) = (Vec::new(), Vec::new());
        for &(item, part) in &waiting {
            let Some((host, quantity)) = item.target.as_deref().and_then(|t| t.rsplit_once('.')) else {
                placed.push(stage.place(item, part.clone(), None)?);
                continue;
            };
            let found: Vec<&Placed> = mechanisms.iter().filter(|m| m.goes_by(host)).collect();
            match found.as_slice() {
                [] => later.push((item, part)),
                [one] => placed.push(stage.place(item, part.clone(), Some((one, quantity)))?),
                several => {
                    let labels: Vec<String> = several.iter().map(|m| format!("@{}.{quantity}", m.label)).collect();
                    let cause = format!("`{item}`: `{host}` is there more than once");
                    return Err(Error::usage(cause, format!("write one of {}", labels.join(", "))));
                }
            }
        }
        if placed.is_empty() {
            let (item, _) = later[0];
            let host = item.target.as_deref().and_then(|t| t.rsplit_once('.')).map_or("", |(host, _)| host);
            let near = nearest(host, parts.iter().map(|(item, _)| item.stem()).filter(|stem| *stem != item.stem()));
            let cause = format!("`{item}` drives a quantity of `{host}`, which is not in the model");
            let help = match near.is_empty() {
                true => format!("add the part: `…+{host}+{item}`"),
                false => format!("did you mean `{}`?", near.join("`, `")),
            };
            return Err(Error::usage(cause, help));
        }
        mechanisms.extend(placed);
        let rest: Vec<&Item> = later.iter().map(|(item, _)| *item).collect();
        waiting.retain(|(item, _)| rest.iter().any(|other| std::ptr::eq(*other, item)));
    }
    Ok(mechanisms)
}

/// Labels by which names are qualified: unique.
fn label(mechanisms: &mut [Placed]) -> Result<()> {
    let labels: Vec<String> = mechanisms.iter().map(|p| p.label.clone()).collect();
    for placed in mechanisms.iter_mut() {
        if labels.iter().filter(|l| **l == placed.label).count() > 1 {
            placed.label = Item { part: placed.item.stem().into(), ..placed.item.clone() }.to_string();
        }
    }
    for (at, placed) in mechanisms.iter().enumerate() {
        if mechanisms[..at].iter().any(|other| other.label == placed.label) {
            let cause = format!("`{}` is there twice", placed.label);
            return Err(Error::usage(cause, "attach the second one elsewhere, or take it away"));
        }
    }
    Ok(())
}
