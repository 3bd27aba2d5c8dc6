//! What is there before any mechanism comes? The circuit with its sizes and quantities.

use super::walk::{Letters, rebuild, running, visit};
use crate::error::{Error, Result};
use crate::field::{Pace, Unit};
use crate::lang::ast::{Expr, Index, Kind};
use crate::lang::part::{Ensemble, Given, Part};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

/// What a quantity is in the composed model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Parameter,
    Variable,
    Algebra,
    /// A quantity of the ensemble of which only moments are known.
    Random,
}

/// A quantity, possibly a family, by its full name.
#[derive(Clone, Debug)]
pub(crate) struct Info {
    /// The name in its own part.
    pub local: String,
    /// The part: 0 is the circuit.
    pub owner: usize,
    /// What it is.
    pub role: Role,
    /// The indices under which it is declared.
    pub letters: Vec<String>,
    /// Its unit.
    pub unit: Unit,
    /// Start or default.
    pub given: Option<Given>,
    /// The declared range (coherent unit).
    pub range: Option<(f64, f64)>,
    /// The declared pace.
    pub pace: Option<Pace>,
    /// One line.
    pub about: String,
    /// Its place among all quantities.
    pub rank: usize,
}

/// The circuit, ready to receive mechanisms.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub circuit: Arc<Part>,
    /// The prefix of the circuit's full names.
    pub label: String,
    pub letters: Letters,
    /// Sizes by name, as set.
    pub sizes: BTreeMap<String, usize>,
    /// Quantities by full name.
    pub table: BTreeMap<String, Info>,
}

impl Stage {
    /// The circuit with some sizes set by hand.
    pub fn new(circuit: Arc<Part>, set: &BTreeMap<String, usize>) -> Result<Stage> {
        let mut stage = Stage {
            label: circuit.name.clone(),
            letters: Letters::default(),
            sizes: BTreeMap::new(),
            table: BTreeMap::new(),
            circuit: circuit.clone(),
        };
        for size in &circuit.sizes {
            let value = set.get(&size.name).copied().or(size.value).unwrap_or(1);
            stage.sizes.insert(size.name.clone(), value);
            for letter in &size.indices {
                if !stage.letters.declare(letter, value) {
                    return Err(circuit.error(
                        size.at,
                        format!("the index `{letter}` has two sizes"),
                        "one index, one size",
                    ));
                }
            }
        }
        stage.declare()?;
        Ok(stage)
    }

    /// The index of patterns, if the circuit has an ensemble of them.
    pub fn ensemble_index(&self) -> Option<&str> {
        match &self.circuit.ensemble {
            Some(Ensemble::Patterns { index, .. }) => Some(index),
            _ => None,
        }
    }

    /// The circuit's names in full.
    pub fn qualified(&self, expr: &Expr) -> Expr {
        let change = &mut |mut e: Expr| -> std::result::Result<Expr, Infallible> {
            if let Kind::Name(name, _) = &mut e.kind
                && self.table.contains_key(&format!("{}.{name}", self.label))
            {
                *name = format!("{}.{name}", self.label);
            }
            Ok(e)
        };
        let Ok(out) = rebuild(expr.clone(), change);
        out
    }

    fn declare(&mut self) -> Result<()> {
        let circuit = self.circuit.clone();
        let mut shapes = Shapes { stage: self, circuit: &circuit, found: BTreeMap::new() };
        for equation in &circuit.equations {
            shapes.see_indices(&equation.name, &equation.indices, equation.span.start)?;
            shapes.see(&equation.right)?;
        }
        for population in &circuit.populations {
            population.quantities.iter().try_for_each(|(_, e)| shapes.see(e))?;
        }
        circuit.synapses.iter().try_for_each(|s| shapes.see(&s.weight))?;
        match &circuit.ensemble {
            Some(Ensemble::Moments(list)) => list.iter().try_for_each(|(key, to)| {
                shapes.see(key)?;
                shapes.see(to)
            })?,
            Some(Ensemble::Patterns { index, weights }) => {
                shapes.see_indices(weights, &[Index::Running(index.clone(), 0)], 0)?;
            }
            None => (),
        }
        let found = shapes.found;
        let mut rank = 0;
        let mut add = |local: &str, info: Info, table: &mut BTreeMap<String, Info>, label: &str| {
            table.entry(format!("{label}.{local}")).or_insert_with(|| {
                rank += 1;
                Info { rank, ..info }
            });
        };
        for equation in &circuit.equations {
            let said = circuit.variable(&equation.name);
            let info = Info {
                local: equation.name.clone(),
                owner: 0,
                role: if equation.derivative { Role::Variable } else { Role::Algebra },
                letters: found.get(&equation.name).cloned().unwrap_or_default(),
                unit: equation.unit.clone(),
                given: said.and_then(|v| v.start.clone()),
                range: said.and_then(|v| v.range),
                pace: said.and_then(|v| v.pace).or(Some(Pace::Neural)),
                about: said.map(|v| v.about.clone()).unwrap_or_default(),
                rank: 0,
            };
            add(&equation.name, info, &mut self.table, &self.label);
        }
        for parameter in &circuit.parameters {
            let letters = match found.get(&parameter.name) {
                Some(letters) => letters.clone(),
                None => self.letters_for(&parameter.given),
            };
            let info = Info {
                local: parameter.name.clone(),
                owner: 0,
                role: Role::Parameter,
                letters,
                unit: parameter.unit.clone(),
                given: Some(parameter.given.clone()),
                range: parameter.range,
                pace: parameter.pace,
                about: parameter.about.clone(),
                rank: 0,
            };
            add(&parameter.name, info, &mut self.table, &self.label);
        }
        if let Some(Ensemble::Moments(list)) = &circuit.ensemble {
            self.random(&circuit, list, &found)?;
        }
        self.references(&circuit)
    }

    /// Random quantities: each has its first moment declared, which gives its unit.
    fn random(&mut self, circuit: &Part, list: &[(Expr, Expr)], found: &BTreeMap<String, Vec<String>>) -> Result<()> {
        let names: std::collections::BTreeSet<String> =
            list.iter().flat_map(|(key, _)| super::walk::names(key)).collect();
        for name in names {
            let first = list.iter().find_map(|(key, average)| match &key.kind {
                Kind::Name(n, _) if *n == name => Some(average),
                _ => None,
            });
            let Some(average) = first else {
                let help = format!("add `\"{name}\" = \"its mean\"` to [ensemble.moments]");
                return Err(circuit.error(
                    0,
                    format!("the mean of the random quantity `{name}` is not declared"),
                    help,
                ));
            };
            let unit_of = |n: &str| self.table.get(&format!("{}.{n}", self.label)).map(|i| i.unit.clone());
            let source = crate::lang::Source::new(&circuit.file, "");
            let unit = crate::lang::units::infer(&source, average, &unit_of)?;
            let info = Info {
                local: name.clone(),
                owner: 0,
                role: Role::Random,
                letters: found.get(&name).cloned().unwrap_or_default(),
                unit,
                given: None,
                range: None,
                pace: None,
                about: String::new(),
                rank: 0,
            };
            self.table.insert(format!("{}.{name}", self.label), info);
        }
        Ok(())
    }

    /// Indices for a family that no equation reads with an index.
    fn letters_for(&mut self, given: &Given) -> Vec<String> {
        let shape = match given {
            Given::List(list) => vec![list.len()],
            Given::Rows(rows) => vec![rows.len(), rows.first().map_or(0, Vec::len)],
            _ => Vec::new(),
        };
        let mut letters = Vec::new();
        for size in shape {
            let letter = self.letters.fresh("n");
            self.letters.declare(&letter, size);
            letters.push(letter);
        }
        letters
    }

    /// Does everything that populations, synapses and the ensemble name exist?
    fn references(&self, circuit: &Part) -> Result<()> {
        let check = |expr: &Expr, at: usize| {
            let mut missing = None;
            visit(expr, &mut |e| {
                if let Kind::Name(name, _) = &e.kind
                    && !self.table.contains_key(&format!("{}.{name}", self.label))
                {
                    missing = Some(name.clone());
                }
            });
            match missing {
                None => Ok(()),
                Some(name) => {
                    let near = crate::error::nearest(&name, self.table.values().map(|i| i.local.as_str()));
                    let help = match near.first() {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "declare it as a parameter or define it by an equation".into(),
                    };
                    Err(circuit.error(at, format!("the circuit has no quantity `{name}`"), help))
                }
            }
        };
        for population in &circuit.populations {
            population.quantities.iter().try_for_each(|(_, e)| check(e, population.at))?;
        }
        circuit.synapses.iter().try_for_each(|s| check(&s.weight, s.at))?;
        match &circuit.ensemble {
            Some(Ensemble::Moments(list)) => list.iter().try_for_each(|(key, to)| {
                let sizes: Vec<&str> = circuit.sizes.iter().map(|s| s.name.as_str()).collect();
                let random = super::walk::names(key);
                if let Some(name) = random.iter().find(|n| sizes.contains(&n.as_str())) {
                    return Err(circuit.error(0, format!("the size `{name}` is not random"), ""));
                }
                check(to, 0)
            }),
            Some(Ensemble::Patterns { index, weights }) => {
                if self.letters.size(index).is_none() {
                    let help = "declare it: `[sizes]` `S = { value = 4, index = [\"s\"] }`";
                    return Err(circuit.error(0, format!("the ensemble's index `{index}` has no size"), help));
                }
                let name = Expr { kind: Kind::Name(weights.clone(), Vec::new()), span: Default::default() };
                check(&name, 0)
            }
            None => Ok(()),
        }
    }
}

/// The indices under which each quantity is used, from its first use with running indices only.
struct Shapes<'a> {
    stage: &'a Stage,
    circuit: &'a Part,
    found: BTreeMap<String, Vec<String>>,
}

impl Shapes<'_> {
    fn see(&mut self, expr: &Expr) -> Result<()> {
        let mut result = Ok(());
        visit(expr, &mut |e| {
            if let (Kind::Name(name, list), true) = (&e.kind, result.is_ok()) {
                result = self.see_indices(name, list, e.span.start);
            }
        });
        result
    }
    fn see_indices(&mut self, name: &str, list: &[Index], at: usize) -> Result<()> {
        let letters: Vec<String> = running(list).map(str::to_string).collect();
        let size = |letter: &String| self.stage.letters.size(letter);
        let wrong = |what: String| {
            let span = crate::lang::ast::Span { start: at, end: at };
            Err::<(), Error>(self.circuit.equation_error(span, what, "use a quantity with the same indices everywhere"))
        };
        match self.found.get(name) {
            Some(known) if known.len() != list.len() && !known.is_empty() => {
                wrong(format!("`{name}` has {} indices here and {} elsewhere", list.len(), known.len()))
            }
            Some(known) if letters.len() == list.len() => {
                match known.iter().zip(&letters).find(|(a, b)| size(a) != size(b)) {
                    Some((a, b)) => {
                        wrong(format!("an index of `{name}` runs over `{a}` and over `{b}`, which differ in size"))
                    }
                    None => Ok(()),
                }
            }
            Some(_) => Ok(()),
            // Elements given one by one say nothing about the size; a plain name has no index.
            None if letters.len() == list.len() => {
                if let Some(unknown) = letters.iter().find(|l| size(l).is_none()) {
                    return wrong(format!("the index `{unknown}` has no size"));
                }
                self.found.insert(name.into(), letters);
                Ok(())
            }
            None => Ok(()),
        }
    }
}
