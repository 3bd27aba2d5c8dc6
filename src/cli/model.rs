//! Which model is meant? A composition, a part or model file, or an XPP file; with values from the command line.

use crate::data;
use crate::dynamics::Region;
use crate::field::{Error, Field, Names, Place, Quantity, Result, Unit, parse_quantity};
use crate::lang::{Entity, Library, Model, Part, PartKind};
use crate::models;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;

/// The model and what differs from its defaults.
#[derive(clap::Args, Clone, Debug)]
pub struct ModelArgs {
    /// A composition (ei+istdp@w_ei), a .toml part or model, or an .ode file; parts of a composition may be .toml files
    pub model: String,
    /// A parameter, a start or a size: --set tau_w='20 s' (a bare number is in the quantity's own unit)
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Where a variable starts: --start w=0.5
    #[arg(long, value_name = "VAR=VALUE")]
    pub start: Vec<String>,
}

/// The catalogue, asking the file system for names that end in `.toml` or `.ode`.
pub fn library() -> Library {
    models::library().with_finder(|file| data::read_source(Path::new(file)))
}

impl ModelArgs {
    /// The model with the values that were given.
    pub fn load(&self) -> Result<Model> {
        let mut model = open(&self.model)?;
        let mut values = Vec::new();
        for (flag, text) in self.set.iter().map(|t| ("--set", t)).chain(self.start.iter().map(|t| ("--start", t))) {
            let (name, value) = split(flag, text)?;
            if flag == "--start" {
                model.names().variable(name)?;
            }
            values.push((name.to_string(), with_unit(&model, name, value)));
        }
        let borrowed: Vec<(&str, &str)> = values.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        model.set_all(&borrowed)?;
        Ok(model)
    }
}

/// The model by its text. An error about a file names the file.
pub fn open(text: &str) -> Result<Model> {
    let is_file = [".toml", ".ode"].iter().any(|end| text.ends_with(end)) && !text.contains('+');
    Model::compose(text, &library()).map_err(|e| match e {
        Error::Input { .. } | Error::Io { .. } => e,
        other if is_file => Error::Input {
            place: Place { file: text.into(), ..Place::default() },
            cause: other.to_string(),
            help: String::new(),
        },
        other => other,
    })
}

/// NAME and VALUE of NAME=VALUE.
pub fn split<'a>(flag: &str, text: &'a str) -> Result<(&'a str, &'a str)> {
    let parts = text.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
    parts.filter(|(name, value)| !name.is_empty() && !value.is_empty()).ok_or_else(|| {
        Error::usage(
            format!("{flag} {text}: there is no `=` between a name and a value"),
            "write NAME=VALUE: tau_w='20 s'",
        )
    })
}

/// The quantity called `name`, if it is a single one.
fn quantity<'a>(names: &'a Names, name: &str) -> Option<&'a Quantity> {
    names.parameters.iter().chain(&names.variables).find(|q| q.name == name)
}

/// A bare number gets the unit that the quantity is shown in.
fn with_unit(model: &Model, name: &str, value: &str) -> String {
    match (value.parse::<f64>(), quantity(model.names(), name)) {
        (Ok(_), Some(q)) if !q.unit.is_none() => q.unit.after(value),
        _ => value.to_string(),
    }
}

/// A value of a quantity in the coherent unit; a bare number is in the unit it is shown in.
pub fn value(flag: &str, quantity: &Quantity, text: &str) -> Result<f64> {
    let (number, unit) = match text.trim().parse::<f64>() {
        Ok(number) => (number * quantity.unit.factor, quantity.unit.clone()),
        Err(_) => parse_quantity(text)?,
    };
    if !unit.same_dimension(&quantity.unit) {
        return Err(Error::Units {
            quantity: format!("{flag} {}: `{}`", quantity.name, text.trim()),
            expected: quantity.unit.to_string(),
            got: unit.to_string(),
        });
    }
    match number.is_finite() {
        true => Ok(number),
        false => {
            Err(Error::usage(format!("{flag} {}: `{text}` is not a finite number", quantity.name), "give a number"))
        }
    }
}

/// Reads NAME=LO:HI: which quantity and from where to where (coherent units).
pub fn range(flag: &str, names: &Names, kind: &'static str, text: &str) -> Result<(usize, (f64, f64))> {
    let (among, others, other) = match kind {
        "variable" => (&names.variables, &names.parameters, "parameter"),
        _ => (&names.parameters, &names.variables, "variable"),
    };
    let wrong =
        || Error::usage(format!("{flag} {text}: this is not a range"), "write NAME=LO:HI: w=0:5 or tau='1 s:30 s'");
    let (name, ends) = text.split_once('=').ok_or_else(wrong)?;
    let (low, high) = ends.split_once(':').ok_or_else(wrong)?;
    let name = name.trim();
    let all = || among.iter().map(|q| q.name.as_str());
    let missing = || match others.iter().any(|q| q.name == name) {
        true => Error::usage(
            format!("{flag} {text}: `{name}` is a {other}, and {flag} wants a {kind}"),
            format!("there are `{}`", all().collect::<Vec<_>>().join("`, `")),
        ),
        false => crate::field::unknown(kind, name, all()),
    };
    let at = among.iter().position(|q| q.name == name).ok_or_else(missing)?;
    let (low, high) = (value(flag, &among[at], low)?, value(flag, &among[at], high)?);
    if low < high {
        return Ok((at, (low, high)));
    }
    Err(match low == high {
        true => Error::usage(
            format!("{flag} {text}: the range is empty, both ends are the same"),
            "give two different ends",
        ),
        false => Error::usage(format!("{flag} {text}: the range is empty"), "give the lower end first"),
    })
}

/// A time such as `300 s` or `2 h`, in seconds; a bare number is in seconds.
pub fn time(flag: &str, text: &str) -> Result<f64> {
    let quantity = Quantity { unit: Unit::SECOND, ..Quantity::plain("time", 0.0) };
    match value(flag, &quantity, text)? {
        t if t > 0.0 => Ok(t),
        t => Err(Error::usage(format!("{flag}: {t} s is not a positive time"), "give a time such as '300 s'")),
    }
}

/// Where to look for fixed points: the declared ranges, replaced by those that were given.
pub fn region(model: &Model, given: &[String]) -> Result<Region> {
    let names = model.names();
    let parsed = given.iter().map(|text| range("--range", names, "variable", text)).collect::<Result<Vec<_>>>()?;
    let named: Vec<(&str, (f64, f64))> =
        parsed.iter().map(|(at, ends)| (names.variables[*at].name.as_str(), *ends)).collect();
    Region::named(names, &named)
}

/// Values by name, in coherent units.
pub fn values(quantities: &[Quantity], values: &[f64]) -> Value {
    Value::Object(quantities.iter().zip(values).map(|(q, v)| (q.name.clone(), json!(v))).collect::<Map<_, _>>())
}

/// The coherent units of all variables and parameters that have one: the units of every number in JSON.
pub fn units(names: &Names) -> Value {
    let all = names.variables.iter().chain(&names.parameters).chain(&names.readouts).filter(|q| !q.unit.is_none());
    let coherent = |q: &Quantity| Unit { factor: 1.0, symbol: Default::default(), ..q.unit.clone() };
    Value::Object(all.map(|q| (q.name.clone(), json!(coherent(q).to_string()))).collect())
}

/// The head of every JSON answer about a model: its name, its hash, its values and their units.
pub fn head(model: &Model) -> Map<String, Value> {
    let names = model.names();
    let mut object = Map::new();
    object.insert("model".into(), json!(names.model));
    object.insert("hash".into(), json!(model.hash()));
    object.insert("parameters".into(), values(&names.parameters, &names.defaults()));
    object.insert("units".into(), units(names));
    object
}

/// The part that a text names, if it is one part that is no model by itself: a rule, a mechanism, a gain function.
pub fn part(text: &str) -> Result<Option<Arc<Part>>> {
    let alone = !text.contains(['+', '@', '(']);
    if !alone || text.ends_with(".ode") {
        return Ok(None);
    }
    Ok(match library().get(text)? {
        Entity::Part(part) if part.kind != PartKind::Circuit => Some(part),
        _ => None,
    })
}
