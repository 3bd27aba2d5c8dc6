//! How does an assembly become tapes and names? Families are expanded, every expression gets a node, every tape its graph.

use super::Compiled;
use crate::error::{Error, Result};
use crate::field::{Names, Quantity};
use crate::lang::ast::Index;
use crate::lang::compose::assemble::Assembly;
use crate::lang::compose::facts::{draft, meant_for};
use crate::lang::compose::lower::{Env, Lower, elements, sizes};
use crate::lang::compose::noise;
use crate::lang::compose::stage::Role;
use crate::lang::compose::walk::free_letters;
use crate::lang::functions::bounded;
use crate::lang::graph::Node;
use crate::lang::tape::Tape;
use std::collections::BTreeMap;

/// The name of one element of a family: `w_0`, `C_0_1`.
fn element_name(name: &str, element: &[usize]) -> String {
    element.iter().fold(name.to_string(), |out, i| format!("{out}_{i}"))
}

/// Expands an assembly and compiles it.
pub(super) fn compile(mut assembly: Assembly, sources: Vec<String>) -> Result<(Names, Compiled)> {
    let drafts = {
        let asked = [assembly.canonical.clone(), assembly.asked.clone()];
        let mut drafts = Vec::new();
        for at in 0..assembly.placed.len() {
            for text in assembly.placed[at].part.clone().facts.iter() {
                if meant_for(&assembly.placed[at].part, text, &[&asked[0], &asked[1]]) {
                    drafts.push(draft(&mut assembly, at, text)?);
                }
            }
        }
        drafts
    };
    let display = assembly.display();
    let ordered = assembly.ordered();
    let mut lower = Lower::new(&assembly.stage, &assembly.laws, &ordered)?;
    let mut names = Names { model: assembly.canonical.to_string(), ..Names::default() };
    let mut families = BTreeMap::new();
    let (mut rates, mut readouts) = (Vec::new(), Vec::new());
    let (mut limited, mut limits) = (Vec::new(), Vec::new());
    let mut noise: Vec<(usize, String, Node)> = Vec::new();

    for (full, info) in &ordered {
        let shape = sizes(info, &assembly.stage.letters);
        let owner = &assembly.placed[info.owner].part;
        let name = &display[*full];
        let size_of = |n: &str| assembly.stage.sizes.get(n).copied();
        let values = match &info.given {
            None => vec![0.0; shape.iter().product()],
            Some(given) => {
                let at = owner.parameter(&info.local).map(|p| p.at).or(owner.variable(&info.local).map(|v| v.at));
                let complain = |(cause, help): (String, String)| {
                    owner.error(at.unwrap_or(0), format!("the value of `{}`: {cause}", info.local), help)
                };
                let (values, unit) = given.try_spread(&shape, &size_of).map_err(complain)?;
                if !unit.same_dimension(&info.unit) && !values.iter().all(|v| *v == 0.0) {
                    let cause = format!("`{}` is in {}, its value in {unit}", info.local, info.unit);
                    return Err(owner.error(at.unwrap_or(0), cause, "give the value in the unit of the quantity"));
                }
                values
            }
        };
        let quantities = elements(&shape).into_iter().zip(values).map(|(element, value)| Quantity {
            name: element_name(name, &element),
            unit: info.unit.clone(),
            value,
            range: info.range,
            pace: info.pace,
            about: info.about.clone(),
        });
        match info.role {
            Role::Parameter => {
                families.insert(name.clone(), (false, names.parameters.len(), shape.clone()));
                names.parameters.extend(quantities);
            }
            Role::Variable => {
                families.insert(name.clone(), (true, names.variables.len(), shape.clone()));
                for (element, quantity) in elements(&shape).into_iter().zip(quantities) {
                    let row = names.variables.len();
                    names.variables.push(quantity);
                    let mut terms = Vec::new();
                    for (law, mut env) in lower.driving(full, &element) {
                        let parts = noise::take_apart(&assembly.laws[law].addends, &assembly.placed)?;
                        if let Some(drift) = &parts.drift {
                            terms.push(lower.node(drift, &mut env)?);
                        }
                        for (source, indices, factor) in &parts.noise {
                            let values: Vec<usize> = indices
                                .iter()
                                .filter_map(|i| match i {
                                    Index::Running(letter, _) => env.get(letter).copied(),
                                    Index::Fixed(n) => Some(*n),
                                })
                                .collect();
                            let node = lower.node(factor, &mut env)?;
                            noise.push((row, element_name(source, &values), node));
                        }
                    }
                    let mut rate = lower.graph.total(&terms);
                    if let Some(bound) = assembly.bounds.iter().find(|b| b.target == **full) {
                        let mut env: Env = bound.letters.iter().cloned().zip(element.iter().copied()).collect();
                        let (low, high) = (lower.node(&bound.low, &mut env)?, lower.node(&bound.high, &mut env)?);
                        let x = lower.graph.variable(row);
                        rate = bounded(&mut lower.graph, rate, x, low, high);
                        limited.push((row, names.variables[row].range));
                        limits.extend([low, high]);
                    }
                    rates.push(rate);
                }
            }
            Role::Random => (),
            Role::Algebra => {
                for (element, quantity) in elements(&shape).into_iter().zip(quantities) {
                    readouts.push(lower.quantity(full, &element)?);
                    names.readouts.push(quantity);
                }
            }
        }
    }
    for law in assembly.laws.iter().filter(|l| !l.derivative) {
        noise::refuse(
            &law.right(),
            &format!("the definition of `{}`", display.get(&law.target).unwrap_or(&law.target)),
        )?;
    }
    for (full, mean) in &assembly.averages {
        let info = &assembly.stage.table[full];
        for element in elements(&sizes(info, &assembly.stage.letters)) {
            let mut env: Env = info.letters.iter().cloned().zip(element.iter().copied()).collect();
            readouts.push(lower.node(mean, &mut env)?);
            names.readouts.push(Quantity {
                name: element_name(&format!("mean_{}", display[full]), &element),
                about: format!("average of {} over the ensemble", info.local),
                unit: info.unit.clone(),
                value: 0.0,
                range: info.range,
                pace: info.pace,
            });
        }
    }
    unique(&names)?;

    let (mut facts, mut sides) = (Vec::new(), Vec::new());
    for drafted in drafts {
        let free: Vec<String> = {
            let mut all = Vec::new();
            for side in &drafted.sides {
                for letter in free_letters(side) {
                    if !all.contains(&letter) {
                        all.push(letter);
                    }
                }
            }
            all
        };
        let ranges: Vec<usize> = free.iter().map(|l| assembly.stage.letters.size(l).unwrap_or(1)).collect();
        for element in elements(&ranges) {
            let mut env: Env = free.iter().cloned().zip(element).collect();
            let base = sides.len();
            for side in &drafted.sides {
                sides.push(lower.node(side, &mut env)?);
            }
            let mut fact = drafted.fact.clone();
            for comparison in fact.conditions.iter_mut().chain(&mut fact.claims) {
                comparison.left += base;
                comparison.right += base;
            }
            facts.push(fact);
        }
    }

    // Noise sources in order of first appearance; short names where they are clear.
    let mut order: Vec<String> = Vec::new();
    for (_, source, _) in &noise {
        if !order.contains(source) {
            order.push(source.clone());
        }
    }
    let short = |full: &str| full.rsplit('.').next().unwrap_or(full).to_string();
    names.noises = order
        .iter()
        .map(|full| match order.iter().filter(|o| short(o) == short(full)).count() {
            1 => short(full),
            _ => full.clone(),
        })
        .collect();
    let zero = lower.graph.number(0.0);
    let mut matrix = vec![zero; names.variables.len() * order.len()];
    for (row, source, node) in noise {
        let column = order.iter().position(|o| *o == source).unwrap_or(0);
        let place = row * order.len() + column;
        matrix[place] = lower.graph.add(matrix[place], node);
    }
    let graph = &lower.graph;
    let tapes =
        (Tape::new(graph, &rates), Tape::new(graph, &readouts), Tape::new(graph, &matrix), Tape::new(graph, &sides));
    let compiled = Compiled {
        limits: Tape::new(graph, &limits),
        limited,
        rates: tapes.0,
        readouts: tapes.1,
        noise: tapes.2,
        fact_sides: tapes.3,
        facts,
        sources,
        families,
        sizes: assembly.stage.sizes.iter().map(|(name, n)| (name.clone(), *n as f64)).collect(),
        assembly,
    };
    Ok((names, compiled))
}

/// Expanded names must differ: `w_0` cannot be both an element of w and a quantity of its own.
fn unique(names: &Names) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for quantity in names.variables.iter().chain(&names.parameters).chain(&names.readouts) {
        if !seen.insert(quantity.name.as_str()) {
            let cause = format!("two quantities are called `{}`", quantity.name);
            return Err(Error::usage(
                cause,
                "elements of a family w are called w_0, w_1, …; rename the other quantity",
            ));
        }
    }
    Ok(())
}
