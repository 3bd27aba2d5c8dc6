//! How is a composition handed to somebody as one file? As the text of one circuit with all its equations and values.
//!
//! Families stay families: their sizes, indices and matrices are written too, so that the file read again has the same
//! rates, noise and bounds to the last bit. Qualified names get plain ones: `scaling@w_ee.tau` is `scaling_w_ee_tau`.

use super::Model;
use super::ast::{Assign, Equation};
use super::compose::show::{Lines, lines};
use super::compose::walk::names as names_in;
use crate::error::{Error, Result};
use crate::field::{Field, Pace, Quantity};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The text of a circuit file with the equations and the current values of a model.
///
/// # Errors
/// A family with three or more indices whose elements differ: a file has lists and matrices only.
pub fn toml(model: &Model) -> Result<String> {
    let assembly = model.assembly();
    let names = model.names();
    let display = assembly.display();
    let mut taken = BTreeSet::new();
    let mut plain = |name: &str| plain_name(name, &mut taken);
    let sizes: BTreeMap<String, String> =
        assembly.stage.circuit.sizes.iter().map(|s| (s.name.clone(), plain(&s.name))).collect();
    // The model's own order, so that the same file comes out again.
    let mut renamed: BTreeMap<String, String> =
        assembly.ordered().iter().map(|(full, _)| ((*full).clone(), plain(&display[*full]))).collect();
    for source in assembly.noise_sources() {
        let (owner, local) = source.rsplit_once('.').unwrap_or(("", &source));
        let name = if owner == assembly.stage.label { local.to_string() } else { plain(&format!("{local}_{owner}")) };
        renamed.insert(source.clone(), name);
    }
    for (full, _) in &assembly.averages {
        renamed.insert(full.clone(), plain(&format!("mean_{}", display[full])));
    }
    let Lines { equations, bounds, letters } = lines(assembly, &renamed)?;

    let quoted = |s: &str| toml::Value::String(s.into()).to_string();
    let mut text = String::new();
    // Writing into a String does not fail.
    let _ = writeln!(text, "title = {}\nkind = \"circuit\"", quoted(&names.model));
    let _ = writeln!(text, "sources = [{}]", model.sources().iter().map(|s| quoted(s)).collect::<Vec<_>>().join(", "));
    let _ = writeln!(text, "about = {}", quoted(&format!("The composition {} in one file.", names.model)));
    if assembly.stage.circuit.dimensionless {
        let _ = writeln!(text, "dimensionless = true");
    }
    let _ = writeln!(text, "equations = \"\"\"");
    for equation in &equations {
        // Several lines for elements of one family add up.
        let again = |e: &&Equation| e.name == equation.name && e.derivative;
        let several = equations.iter().filter(again).count() > 1;
        let assign = if several { Assign::Add } else { equation.assign };
        let _ = writeln!(text, "{}", Equation { assign, ..equation.clone() });
    }
    let _ = writeln!(text, "\"\"\"");

    let mut groups: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    for (letter, (base, size)) in letters {
        let owner = assembly.stage.circuit.sizes.iter().find(|s| s.indices.contains(&base));
        let name = owner.map_or_else(|| format!("n_{base}"), |s| sizes[&s.name].clone());
        groups.entry(name).or_insert((size, Vec::new())).1.push(letter);
    }
    if !groups.is_empty() {
        let _ = writeln!(text, "\n[sizes]");
    }
    for (name, (size, letters)) in groups {
        let list: Vec<String> = letters.iter().map(|l| quoted(l)).collect();
        let _ = writeln!(text, "{name} = {{ value = {size}, index = [{}] }}", list.join(", "));
    }

    let shapes = model.shapes();
    let mut read: BTreeSet<String> = equations.iter().map(|e| e.name.clone()).collect();
    read.extend(equations.iter().flat_map(|e| names_in(&e.right)));
    for (table, key, list) in [("variables", "start", &names.variables), ("parameters", "value", &names.parameters)] {
        let _ = writeln!(text, "\n[{table}]");
        for (full, _) in assembly.ordered() {
            let Some((variable, first, shape)) = shapes.get(&display[full]) else { continue };
            if *variable != (table == "variables") {
                continue;
            }
            let count: usize = shape.iter().product();
            let elements = &list[*first..first + count];
            let name = &renamed[full];
            let bound = bounds.get(full).map(|(low, high)| format!("[{}, {}]", quoted(low), quoted(high)));
            // A family that no equation reads has its size from its list alone.
            let spread = read.contains(name);
            let _ = writeln!(text, "{name} = {}", entry(name, key, elements, shape, spread, bound)?);
        }
    }
    Ok(text)
}

/// A name that a file may declare, and that is not taken yet.
fn plain_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
        plain.insert(0, 'v');
    }
    plain.truncate(56);
    let mut candidate = plain.clone();
    for k in 2.. {
        if taken.insert(candidate.clone()) {
            break;
        }
        candidate = format!("{plain}_{k}");
    }
    candidate
}

/// What a file says of a quantity or of a family: values, range, bounds, pace.
fn entry(
    name: &str,
    key: &str,
    elements: &[Quantity],
    shape: &[usize],
    spread: bool,
    bounds: Option<String>,
) -> Result<String> {
    let q = &elements[0];
    let shown = |v: f64| match q.unit.is_none() && q.unit.symbol.is_empty() {
        true => format!("{v:?}"),
        false => format!("\"{}\"", q.unit.show(v)),
    };
    let list = |part: &[Quantity]| format!("[{}]", part.iter().map(|q| shown(q.value)).collect::<Vec<_>>().join(", "));
    let same = elements.iter().all(|e| e.value.to_bits() == q.value.to_bits());
    let value = match shape {
        [] => shown(q.value),
        _ if same && spread => shown(q.value),
        [_] => list(elements),
        [_, columns] => format!("[{}]", elements.chunks(*columns).map(list).collect::<Vec<_>>().join(", ")),
        _ => {
            let cause = format!("`{name}` has {} indices, and its elements differ", shape.len());
            return Err(Error::usage(cause, "keep the composition, or write an XPP file: --to ode"));
        }
    };
    let mut fields = vec![format!("{key} = {value}")];
    if !q.unit.is_none() {
        fields.push(format!("unit = \"{}\"", q.unit.to_string().replace(' ', "*")));
    }
    // What was set outside the declared range widens it: a file's values lie in its ranges.
    let widened =
        |(lo, hi): (f64, f64)| elements.iter().fold((lo, hi), |(lo, hi), e| (lo.min(e.value), hi.max(e.value)));
    fields.extend(q.range.map(widened).map(|(lo, hi)| format!("range = [{}, {}]", shown(lo), shown(hi))));
    fields.extend(bounds.map(|b| format!("bounds = {b}")));
    let pace = |p| match p {
        Pace::Neural => "neural",
        Pace::Plastic => "plastic",
        Pace::Homeostatic => "homeostatic",
    };
    fields.extend(q.pace.map(|p| format!("pace = {:?}", pace(p))));
    if !q.about.is_empty() {
        fields.push(format!("about = {}", toml::Value::String(q.about.clone())));
    }
    Ok(format!("{{ {} }}", fields.join(", ")))
}
