//! How does an assembly become tapes and names? Families are expanded, every expression gets a node, every tape its graph.

use super::Compiled;
use crate::error::{Error, Result};
use crate::field::{Names, Quantity};
use crate::lang::ast::Index;
use crate::lang::compose::assemble::Assembly;
use crate::lang::compose::facts::{Drafted, Fact, draft, meant_for};
use crate::lang::compose::lower::{Env, Lower, elements, sizes};
use crate::lang::compose::noise;
use crate::lang::compose::stage::{Info, Role};
use crate::lang::compose::walk::free_letters;
use crate::lang::factor::factors;
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
    let drafts = drafts(&mut assembly)?;
    let display = assembly.display();
    let ordered = assembly.ordered();
    let mut lower = Lower::new(&assembly.stage, &assembly.laws, &ordered)?;
    let mut names = Names { model: assembly.canonical.to_string(), ..Names::default() };
    let mut families = BTreeMap::new();
    let (mut rates, mut readouts) = (Vec::new(), Vec::new());
    let (mut limited, mut limits) = (Vec::new(), Vec::new());
    let mut noise: Noise = Vec::new();

    for (full, info) in &ordered {
        let shape = sizes(info, &assembly.stage.letters);
        let name = &display[*full];
        let values = given_values(&assembly, info, &shape)?;
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
                    let mut rate = drift(&mut lower, &assembly, full, &element, row, &mut noise)?;
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

    let (facts, sides) = facts(&mut lower, &assembly, drafts)?;
    let (sources_of_noise, matrix) = noise_matrix(&mut lower, names.variables.len(), noise);
    names.noises = sources_of_noise;
    let (speeds, shapes): (Vec<Node>, Vec<Node>) = factors(&mut lower.graph, &rates).into_iter().unzip();
    let graph = &lower.graph;
    let tapes =
        (Tape::new(graph, &rates), Tape::new(graph, &readouts), Tape::new(graph, &matrix), Tape::new(graph, &sides));
    let compiled = Compiled {
        limits: Tape::new(graph, &limits),
        limited,
        speeds: Tape::new(graph, &speeds),
        shapes: Tape::new(graph, &shapes),
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

/// The facts that hold for exactly this composition.
fn drafts(assembly: &mut Assembly) -> Result<Vec<Drafted>> {
    let (canonical, asked) = (assembly.canonical.clone(), assembly.asked.clone());
    let mut drafts = Vec::new();
    for at in 0..assembly.placed.len() {
        let part = assembly.placed[at].part.clone();
        for text in part.facts.iter().filter(|text| meant_for(&part, text, &[&canonical, &asked])) {
            drafts.push(draft(assembly, at, text)?);
        }
    }
    Ok(drafts)
}

/// The values of a quantity's elements: as given, or zero.
fn given_values(assembly: &Assembly, info: &Info, shape: &[usize]) -> Result<Vec<f64>> {
    let owner = &assembly.placed[info.owner].part;
    let Some(given) = &info.given else { return Ok(vec![0.0; shape.iter().product()]) };
    let at = owner.parameter(&info.local).map(|p| p.at).or(owner.variable(&info.local).map(|v| v.at)).unwrap_or(0);
    let size_of = |n: &str| assembly.stage.sizes.get(n).copied();
    let (values, unit) = given
        .try_spread(shape, &size_of)
        .map_err(|(cause, help)| owner.error(at, format!("the value of `{}`: {cause}", info.local), help))?;
    if !unit.same_dimension(&info.unit) && !values.iter().all(|v| *v == 0.0) {
        let cause = format!("`{}` is in {}, its value in {unit}", info.local, info.unit);
        return Err(owner.error(at, cause, "give the value in the unit of the quantity"));
    }
    Ok(values)
}

/// White noise before it is a matrix: the row of the variable, the source, what multiplies it.
type Noise = Vec<(usize, String, Node)>;

/// What drives an element, all laws together; its noise is put aside.
fn drift(
    lower: &mut Lower,
    assembly: &Assembly,
    full: &str,
    element: &[usize],
    row: usize,
    noise: &mut Noise,
) -> Result<Node> {
    let mut terms = Vec::new();
    for (law, mut env) in lower.driving(full, element) {
        let parts = noise::take_apart(&assembly.laws[law].addends, &assembly.placed)?;
        if let Some(drift) = &parts.drift {
            terms.push(lower.node(drift, &mut env)?);
        }
        for (source, indices, factor) in &parts.noise {
            let value = |index: &Index| match index {
                Index::Running(letter, _) => env.get(letter).copied(),
                Index::Fixed(n) => Some(*n),
            };
            let values: Vec<usize> = indices.iter().filter_map(value).collect();
            let node = lower.node(factor, &mut env)?;
            noise.push((row, element_name(source, &values), node));
        }
    }
    Ok(lower.graph.total(&terms))
}

/// Every fact for every value of the indices that it leaves open, and the nodes that it compares.
fn facts(lower: &mut Lower, assembly: &Assembly, drafts: Vec<Drafted>) -> Result<(Vec<Fact>, Vec<Node>)> {
    let (mut facts, mut sides) = (Vec::new(), Vec::new());
    for drafted in drafts {
        let mut free: Vec<String> = Vec::new();
        for letter in drafted.sides.iter().flat_map(free_letters) {
            if !free.contains(&letter) {
                free.push(letter);
            }
        }
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
    Ok((facts, sides))
}

/// Noise sources in order of first appearance, with short names where they are clear; and the matrix, row by row.
fn noise_matrix(lower: &mut Lower, rows: usize, noise: Noise) -> (Vec<String>, Vec<Node>) {
    let mut order: Vec<String> = Vec::new();
    for (_, source, _) in &noise {
        if !order.contains(source) {
            order.push(source.clone());
        }
    }
    let short = |full: &str| full.rsplit('.').next().unwrap_or(full).to_string();
    let named = |full: &String| match order.iter().filter(|o| short(o) == short(full)).count() {
        1 => short(full),
        _ => full.clone(),
    };
    let names = order.iter().map(named).collect();
    let zero = lower.graph.number(0.0);
    let mut matrix = vec![zero; rows * order.len()];
    for (row, source, node) in noise {
        let column = order.iter().position(|o| *o == source).unwrap_or(0);
        let place = row * order.len() + column;
        matrix[place] = lower.graph.add(matrix[place], node);
    }
    (names, matrix)
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
