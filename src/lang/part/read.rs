//! How is a part file read? Key by key; what nobody knows is refused with its place.

use super::tree::{File, Node, Taken, Value};
use super::value::{constant, number};
use super::*;
use crate::error::Result;
use crate::lang::ast::Kind;
use crate::lang::library::{Entity, ModelFile};
use crate::lang::{Composition, parse};
use std::ops::Range;
use std::sync::Arc;

/// Most entries of any one table of a part.
const MOST_ENTRIES: usize = 1000;
/// Largest size of a family.
pub(crate) const LARGEST_SIZE: usize = 1000;

impl Part {
    /// Reads the part `name` from the text of its file; `file` is shown in messages.
    pub fn read(name: &str, file: &str, text: &str) -> Result<Part> {
        let mut reader = Reader { file: File { name: file, text }, sizes: Vec::new() };
        reader.part(name, None, Taken::new(reader.file, reader.file.tree()?, "a part")?)
    }
}

/// Reads a file that is a part or a whole model (`model = "neuron+bcm"`).
pub(crate) fn read_entity(name: &str, file: &str, kind: Option<PartKind>, text: &str) -> Result<Entity> {
    let mut reader = Reader { file: File { name: file, text }, sizes: Vec::new() };
    let mut top = Taken::new(reader.file, reader.file.tree()?, "a part")?;
    match top.text("model")? {
        Some((model, span)) => reader.model(&model, span.start, top).map(|m| Entity::Model(Arc::new(m))),
        None => reader.part(name, kind, top).map(|p| Entity::Part(Arc::new(p))),
    }
}

struct Reader<'a> {
    file: File<'a>,
    /// The names of the part's sizes: in a value they are no units.
    sizes: Vec<String>,
}

impl Reader<'_> {
    fn model(&self, model: &str, at: usize, mut top: Taken) -> Result<ModelFile> {
        let composition = Composition::parse(model)
            .map_err(|e| self.file.error(at, e.to_string(), "write `model = \"ei+istdp@w_ei\"`"))?;
        let title = top.text("title")?.map(|t| t.0).unwrap_or_default();
        let about = top.text("about")?.map(|t| t.0).unwrap_or_default();
        let sources = top.texts("sources")?;
        let mut settings = Vec::new();
        for (name, _, node) in top.named("set")? {
            // The value is kept as it is written; texts lose their quotes.
            let text = match &node.value {
                Value::Text(text) => text.clone(),
                Value::Number(_) | Value::List(_) => self.file.text[node.span.clone()].to_string(),
                _ => return Err(top.wrong(&node, &name, "a value such as `\"20 s\"`")),
            };
            settings.push((name, text));
        }
        top.finish()?;
        Ok(ModelFile { title, about, sources, composition, settings })
    }

    /// The kind that a file says, its folder says, or its paragraphs show.
    fn kind(&self, top: &mut Taken, folder: Option<PartKind>) -> Result<PartKind> {
        let Some((word, at)) = top.text("kind")? else {
            return Ok(folder.unwrap_or_else(|| match () {
                () if top.has("modulates") => PartKind::Modulation,
                () if top.has("populations") || top.has("synapses") || !top.has("ports") => PartKind::Circuit,
                () if top.inside("ports", "pre") => PartKind::Plasticity,
                () if top.inside("ports", "u") => PartKind::Transfer,
                () => PartKind::Homeostasis,
            }));
        };
        PartKind::from_word(&word).ok_or_else(|| {
            let words: Vec<&str> = PartKind::ALL.iter().map(|k| k.word()).collect();
            self.file.error(at.start, format!("there is no kind `{word}`"), format!("kinds: {}", words.join(", ")))
        })
    }

    fn part(&mut self, name: &str, folder: Option<PartKind>, mut top: Taken) -> Result<Part> {
        let kind = self.kind(&mut top, folder)?;
        let title = top.text("title")?.map(|t| t.0).unwrap_or_else(|| name.into());
        let sources = top.texts("sources")?;
        let about = top.text("about")?.map(|t| t.0).unwrap_or_default();
        let example = top.text("example")?.map(|t| t.0);
        let dimensionless = top.flag("dimensionless")?;
        let source = match top.text("equations")? {
            Some((text, span)) => Source::inside_toml(self.file.name, self.file.text, span, &text),
            None => Source::new(self.file.name, ""),
        };
        let source = if dimensionless { source.dimensionless() } else { source };
        let equations = parse::equations(&source)?;
        let sizes = self.sizes(&mut top, kind)?;
        self.sizes = sizes.iter().map(|s| s.name.clone()).collect();
        let parameters = self.parameters(&mut top, &sizes)?;
        let variables = self.variables(&mut top, &sizes, &equations)?;
        let part = Part {
            name: name.into(),
            kind,
            title,
            sources,
            about,
            example,
            equations,
            source,
            ports: self.ports(&mut top)?,
            variables,
            populations: self.populations(&mut top)?,
            synapses: self.synapses(&mut top)?,
            ensemble: self.ensemble(&mut top)?,
            modulates: self.modulates(&mut top)?,
            facts: self.facts(&mut top)?,
            parameters,
            sizes,
            dimensionless,
            file: self.file.name.into(),
            text: self.file.text.into(),
        };
        top.finish()?;
        super::check::checked(part)
    }

    fn expression(&self, text: &str, span: Range<usize>) -> Result<Expr> {
        parse::expression(&Source::inside_toml(self.file.name, self.file.text, span, text))
    }
    fn entries(&self, list: Vec<(String, Range<usize>, Node)>) -> Result<Vec<(String, Range<usize>, Node)>> {
        if list.len() > MOST_ENTRIES {
            let cause = format!("more than {MOST_ENTRIES} entries in one table");
            return Err(self.file.error(list[MOST_ENTRIES].1.start, cause, "use an indexed family"));
        }
        for (name, span, _) in &list {
            let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && name.len() <= 64;
            if !good {
                let help = "a name starts with a letter and has letters, digits and `_`, at most 64";
                return Err(self.file.error(span.start, format!("`{name}` is not a name"), help));
            }
        }
        Ok(list)
    }

    fn ports(&self, top: &mut Taken) -> Result<Vec<Port>> {
        let mut ports = Vec::new();
        for (name, span, node) in self.entries(top.named("ports")?)? {
            let mut table = Taken::new(self.file, node, format!("the port `{name}`"))?;
            let unit = self.unit(&mut table)?;
            let about = table.text("about")?.map(|t| t.0).unwrap_or_default();
            table.finish()?;
            ports.push(Port { name, unit, about, at: span.start });
        }
        Ok(ports)
    }

    fn unit(&self, table: &mut Taken) -> Result<Option<Unit>> {
        let Some((text, span)) = table.text("unit")? else { return Ok(None) };
        Unit::parse(&text).map(Some).map_err(|e| self.file.error(span.start, e.to_string(), "write `Hz`, `mV/ms`, `1`"))
    }

    /// A single value: a number in `unit`, or a text with its own.
    fn leaf(&self, node: &Node, unit: Option<&Unit>, what: &str) -> Result<Expr> {
        let at = node.span.start;
        match &node.value {
            Value::Number(n) if n.is_finite() => {
                let unit = unit.cloned().unwrap_or(Unit::NONE);
                Ok(number(n * unit.factor, unit, Span::default()))
            }
            Value::Text(text) => {
                let size = |name: &str| self.sizes.iter().any(|s| s == name);
                Ok(self.expression(text, node.span.clone())?.with_units(&size))
            }
            Value::Number(n) => Err(self.file.error(at, format!("the {what} is {n}"), "values are finite numbers")),
            _ => Err(self.file.error(at, format!("the {what} must be a number or a text"), "write `\"5 Hz\"`")),
        }
    }

    fn given(&self, node: &Node, unit: Option<&Unit>, what: &str) -> Result<Given> {
        let Value::List(items) = &node.value else { return Ok(Given::One(self.leaf(node, unit, what)?)) };
        let row = |items: &[Node]| items.iter().map(|n| self.leaf(n, unit, what)).collect::<Result<Vec<_>>>();
        if !items.iter().any(|n| matches!(n.value, Value::List(_))) {
            return Ok(Given::List(row(items)?));
        }
        let rows = items.iter().map(|n| match &n.value {
            Value::List(items) => row(items),
            _ => Err(self.file.error(n.span.start, "a number beside rows of a matrix", "write `[[1, 0], [0, 1]]`")),
        });
        Ok(Given::Rows(rows.collect::<Result<_>>()?))
    }

    fn constant(&self, expr: &Expr, at: usize, sizes: &[Size]) -> Result<(f64, Unit)> {
        constant(expr, &|name| sizes.iter().find(|s| s.name == name).and_then(|s| s.value))
            .map_err(|(cause, help)| self.file.error(at, cause, help))
    }

    fn range(&self, table: &mut Taken, unit: &Unit, sizes: &[Size]) -> Result<Option<(f64, f64)>> {
        let Some(node) = table.take("range") else { return Ok(None) };
        let at = node.span.start;
        let Value::List(ends) = &node.value else { return Err(table.wrong(&node, "range", "`[low, high]`")) };
        let [low, high] = ends.as_slice() else { return Err(table.wrong(&node, "range", "`[low, high]`")) };
        let mut values = [0.0; 2];
        for (value, end) in values.iter_mut().zip([low, high]) {
            let (number, own) = self.constant(&self.leaf(end, Some(unit), "range")?, at, sizes)?;
            let nothing = number == 0.0 && own.is_none();
            if !own.same_dimension(unit) && !nothing {
                let cause = format!("the range is in {own}, the quantity in {unit}");
                return Err(self.file.error(end.span.start, cause, "give both in one unit"));
            }
            *value = number;
        }
        if values[0] >= values[1] {
            return Err(self.file.error(at, "the range is empty", "write the lower end first"));
        }
        Ok(Some((values[0], values[1])))
    }

    fn pace(&self, table: &mut Taken) -> Result<Option<Pace>> {
        match table.text("pace")? {
            None => Ok(None),
            Some((word, span)) => match word.as_str() {
                "neural" => Ok(Some(Pace::Neural)),
                "plastic" => Ok(Some(Pace::Plastic)),
                "homeostatic" => Ok(Some(Pace::Homeostatic)),
                _ => {
                    let help = "paces: neural, plastic, homeostatic";
                    Err(self.file.error(span.start, format!("there is no pace `{word}`"), help))
                }
            },
        }
    }

    fn parameters(&self, top: &mut Taken, sizes: &[Size]) -> Result<Vec<Parameter>> {
        let mut parameters = Vec::new();
        for (name, span, node) in self.entries(top.named("parameters")?)? {
            let at = span.start;
            if !matches!(node.value, Value::Table(_)) {
                let given = self.given(&node, None, "value")?;
                let unit = self.given_unit(&given, at, sizes)?;
                parameters.push(Parameter { name, given, unit, range: None, pace: None, about: String::new(), at });
                continue;
            }
            let mut table = Taken::new(self.file, node, format!("the parameter `{name}`"))?;
            let declared = self.unit(&mut table)?;
            let value = table.take("value").map(|n| self.given(&n, declared.as_ref(), "value")).transpose()?;
            let on = table.take("diagonal").map(|n| self.leaf(&n, declared.as_ref(), "value")).transpose()?;
            let off = table.take("off_diagonal").map(|n| self.leaf(&n, declared.as_ref(), "value")).transpose()?;
            let diagonal = on.map(|on| {
                let off = off.unwrap_or_else(|| number(0.0, Unit::NONE, Span::default()));
                Given::Diagonal { on, off }
            });
            let given = match (value, diagonal) {
                (Some(value), Some(diagonal)) => Given::Either(Box::new(value), Box::new(diagonal)),
                (Some(given), None) | (None, Some(given)) => given,
                (None, None) => {
                    table.finish()?;
                    let help = "write `value = \"5 Hz\"`";
                    return Err(self.file.error(at, format!("the parameter `{name}` has no value"), help));
                }
            };
            let written = self.given_unit(&given, at, sizes)?;
            let unit = declared.unwrap_or_else(|| written.clone());
            if !unit.same_dimension(&written) {
                let cause = format!("the value is in {written}, the unit is {unit}");
                return Err(self.file.error(at, cause, "give both in one dimension"));
            }
            let range = self.range(&mut table, &unit, sizes)?;
            let pace = self.pace(&mut table)?;
            let about = table.text("about")?.map(|t| t.0).unwrap_or_default();
            table.finish()?;
            parameters.push(Parameter { name, given, unit, range, pace, about, at });
        }
        Ok(parameters)
    }

    /// The unit in which a value was written: that of its first leaf.
    fn given_unit(&self, given: &Given, at: usize, sizes: &[Size]) -> Result<Unit> {
        let leaf = match given {
            Given::One(leaf) | Given::Diagonal { on: leaf, .. } => Some(leaf),
            Given::List(list) => list.first(),
            Given::Rows(rows) => rows.first().and_then(|r| r.first()),
            Given::Either(first, _) => return self.given_unit(first, at, sizes),
        };
        match leaf {
            Some(leaf) => Ok(self.constant(leaf, at, sizes)?.1),
            None => Err(self.file.error(at, "the list is empty", "give at least one value")),
        }
    }

    fn variables(&self, top: &mut Taken, sizes: &[Size], equations: &[Equation]) -> Result<Vec<Variable>> {
        let mut variables = Vec::new();
        for (name, span, node) in self.entries(top.named("variables")?)? {
            let mut table = Taken::new(self.file, node, format!("the variable `{name}`"))?;
            let own = equations.iter().find(|e| e.name == name).map(|e| e.unit.clone());
            let declared = self.unit(&mut table)?.or(own);
            let start = table.take("start").map(|n| self.given(&n, declared.as_ref(), "start")).transpose()?;
            let unit = match (&start, declared) {
                (_, Some(unit)) => unit,
                (Some(start), None) => self.given_unit(start, span.start, sizes)?,
                (None, None) => Unit::NONE,
            };
            let range = self.range(&mut table, &unit, sizes)?;
            let pace = self.pace(&mut table)?;
            let per = table.text("per")?.map(|t| t.0);
            let about = table.text("about")?.map(|t| t.0).unwrap_or_default();
            table.finish()?;
            variables.push(Variable { name, start, range, pace, per, about, at: span.start });
        }
        Ok(variables)
    }

    fn sizes(&self, top: &mut Taken, kind: PartKind) -> Result<Vec<Size>> {
        let mut sizes = Vec::new();
        for (name, span, node) in self.entries(top.named("sizes")?)? {
            let at = span.start;
            let (value, indices) = match node.value {
                Value::Number(_) => (Some(node), vec![name.to_lowercase()]),
                _ => {
                    let mut table = Taken::new(self.file, node, format!("the size `{name}`"))?;
                    let value = table.take("value");
                    let mut indices = table.texts("index")?;
                    if indices.is_empty() {
                        indices.push(name.to_lowercase());
                    }
                    table.text("about")?;
                    table.finish()?;
                    (value, indices)
                }
            };
            let value = match value.map(|n| n.value) {
                Some(Value::Number(n)) if n.fract() == 0.0 && (1.0..=LARGEST_SIZE as f64).contains(&n) => {
                    Some(n as usize)
                }
                None if kind != PartKind::Circuit => None,
                _ => {
                    let help = format!("write `value = 4`: a whole number from 1 to {LARGEST_SIZE}");
                    return Err(self.file.error(at, format!("the size `{name}` has no good value"), help));
                }
            };
            sizes.push(Size { name, value, indices, at });
        }
        Ok(sizes)
    }

    fn populations(&self, top: &mut Taken) -> Result<Vec<Population>> {
        let mut populations = Vec::new();
        for (name, span, node) in self.entries(top.named("populations")?)? {
            let Value::Table(entries) = node.value else {
                let help = "write `e = { r = \"r_e\" }`";
                return Err(self.file.error(span.start, format!("the population `{name}` must be a table"), help));
            };
            let (mut quantities, mut phi) = (Vec::new(), None);
            for (port, at, node) in self.entries(entries)? {
                let Value::Text(text) = node.value else {
                    return Err(self.file.error(
                        at.start,
                        format!("`{port}` must name a quantity"),
                        "write `r = \"r_e\"`",
                    ));
                };
                match port.as_str() {
                    "phi" => phi = Some(text),
                    _ => quantities.push((port, self.expression(&text, node.span)?)),
                }
            }
            if !quantities.iter().any(|(port, _)| port == "r") {
                let cause = format!("the population `{name}` has no rate `r`");
                return Err(self.file.error(span.start, cause, "write `r = \"r_e\"`: which quantity is its rate"));
            }
            populations.push(Population { name, quantities, phi, at: span.start });
        }
        Ok(populations)
    }

    fn synapses(&self, top: &mut Taken) -> Result<Vec<Synapse>> {
        let mut synapses = Vec::new();
        for (name, span, node) in self.entries(top.named("synapses")?)? {
            let mut table = Taken::new(self.file, node, format!("the synapse `{name}`"))?;
            let mut quantity = |key: &'static str| match table.text(key)? {
                Some((text, span)) => self.expression(&text, span).map(Some),
                None => Ok(None),
            };
            let (pre, post) = (quantity("pre")?, quantity("post")?);
            let weight = quantity("weight")?
                .unwrap_or_else(|| Expr { kind: Kind::Name(name.clone(), Vec::new()), span: Span::default() });
            let (Some(pre), Some(post)) = (pre, post) else {
                let cause = format!("the synapse `{name}` needs `pre` and `post`");
                return Err(self.file.error(span.start, cause, "write `w_ei = { pre = \"i\", post = \"e\" }`"));
            };
            let sign = match table.text("sign")?.map(|t| t.0).as_deref() {
                None | Some("+") => 1.0,
                Some("-") => -1.0,
                Some(_) => {
                    let help = "write `sign = \"+\"` or `sign = \"-\"`";
                    return Err(self.file.error(span.start, "a sign is `+` or `-`", help));
                }
            };
            table.finish()?;
            synapses.push(Synapse { name, pre, post, weight, sign, at: span.start });
        }
        Ok(synapses)
    }

    fn ensemble(&self, top: &mut Taken) -> Result<Option<Ensemble>> {
        let Some(node) = top.take("ensemble") else { return Ok(None) };
        let mut table = Taken::new(self.file, node, "the ensemble")?;
        let index = table.text("index")?;
        let weights = table.text("weights")?;
        let moments = table.named("moments")?;
        let ensemble = match (index, weights, moments.is_empty()) {
            (Some((index, _)), Some((weights, _)), true) => Ensemble::Patterns { index, weights },
            (None, None, false) => {
                let mut list = Vec::new();
                for (key, span, node) in moments {
                    let Value::Text(text) = &node.value else {
                        return Err(self.file.error(
                            span.start,
                            "a moment names a quantity",
                            "write `\"x[k]\" = \"xbar[k]\"`",
                        ));
                    };
                    let quoted = self.file.text[span.clone()].starts_with(['"', '\'']);
                    let key = match quoted {
                        true => self.expression(&key, span)?,
                        false => parse::expression(&Source::new(self.file.name, &key))?,
                    };
                    list.push((key, self.expression(text, node.span)?));
                }
                Ensemble::Moments(list)
            }
            _ => {
                let help = "give `index` and `weights` of patterns, or [ensemble.moments]";
                return Err(self.file.error(table.at, "the ensemble is neither patterns nor moments", help));
            }
        };
        table.finish()?;
        Ok(Some(ensemble))
    }

    fn modulates(&self, top: &mut Taken) -> Result<Vec<(String, Expr)>> {
        let mut list = Vec::new();
        for (name, span, node) in self.entries(top.named("modulates")?)? {
            let Value::Text(text) = &node.value else {
                let help = "write `gain = \"gain*(1 + kg*m)\"`";
                return Err(self.file.error(span.start, format!("`{name}` must be an expression in quotes"), help));
            };
            list.push((name, self.expression(text, node.span)?));
        }
        Ok(list)
    }

    fn facts(&self, top: &mut Taken) -> Result<Vec<FactText>> {
        let Some(node) = top.take("facts") else { return Ok(Vec::new()) };
        let Value::List(items) = node.value else {
            return Err(self.file.error(node.span.start, "`facts` must be a list of tables", "write `[[facts]]`"));
        };
        let mut facts = Vec::new();
        for item in items {
            let place = item.span.start;
            let mut table = Taken::new(self.file, item, "a fact")?;
            let mut text = |key: &'static str| table.text(key).map(|t| t.map(|t| t.0));
            let (says, at, claim, on) = (text("says")?, text("at")?, text("claim")?, text("on")?);
            let (Some(says), Some(claim)) = (says, claim) else {
                return Err(self.file.error(
                    place,
                    "a fact needs `says` and `claim`",
                    "write what holds, in words and as an equation",
                ));
            };
            let at = at.unwrap_or_else(|| "every point".into());
            table.finish()?;
            facts.push(FactText { says, at, claim, on, place });
        }
        Ok(facts)
    }
}
