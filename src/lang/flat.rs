//! How is a composition handed to somebody as one file? As the text of one circuit with all its equations and values.

use super::Model;
use crate::error::{Error, Result};
use crate::field::{Field, Pace, Quantity};
use std::fmt::Write;

/// The text of a circuit file with the equations and the current values of a model.
///
/// Errors: a model with families (`w[k]`), whose sizes and matrices one flat list of values cannot carry.
pub fn toml(model: &Model) -> Result<String> {
    let equations = model.equations();
    if let Some(family) = equations.iter().find(|e| !e.indices.is_empty()) {
        return Err(Error::usage(
            format!("`{}` is a family, which one flat file cannot hold", family.name),
            "keep the composition, or write an XPP file: --to ode",
        ));
    }
    let names = model.names();
    let mut text = String::new();
    let quoted = |s: &str| toml::Value::String(s.into()).to_string();
    let _ = writeln!(text, "title = {}\nkind = \"circuit\"", quoted(&names.model));
    let _ = writeln!(text, "sources = [{}]", model.sources().iter().map(|s| quoted(s)).collect::<Vec<_>>().join(", "));
    let _ = writeln!(text, "about = {}", quoted(&format!("The composition {} in one file.", names.model)));
    let _ = writeln!(text, "equations = \"\"\"");
    equations.iter().for_each(|e| {
        let _ = writeln!(text, "{e}");
    });
    let _ = writeln!(text, "\"\"\"");
    for (table, key, list) in [("variables", "start", &names.variables), ("parameters", "value", &names.parameters)] {
        let _ = writeln!(text, "\n[{table}]");
        list.iter().for_each(|q| {
            let _ = writeln!(text, "{} = {}", quoted_key(&q.name), entry(key, q));
        });
    }
    Ok(text)
}

fn quoted_key(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.into() } else { format!("{name:?}") }
}

fn entry(key: &str, q: &Quantity) -> String {
    let shown = |v: f64| match q.unit.is_none() {
        true => format!("{v:?}"),
        false => format!("\"{:?} {}\"", v / q.unit.factor, q.unit),
    };
    let mut fields = vec![format!("{key} = {}", shown(q.value))];
    fields.extend(q.range.map(|(lo, hi)| format!("range = [{}, {}]", shown(lo), shown(hi))));
    let pace = |p| match p {
        Pace::Neural => "neural",
        Pace::Plastic => "plastic",
        Pace::Homeostatic => "homeostatic",
    };
    fields.extend(q.pace.map(|p| format!("pace = {:?}", pace(p))));
    if !q.about.is_empty() {
        fields.push(format!("about = {}", toml::Value::String(q.about.clone())));
    }
    format!("{{ {} }}", fields.join(", "))
}
