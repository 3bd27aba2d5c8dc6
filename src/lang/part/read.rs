//! How is a part file read? Key by key; what nobody knows is refused with its place.

use super::tree::{File, Node, Taken, Value};
use super::*;
use crate::error::Result;
use crate::lang::library::{Entity, ModelFile, no_files};
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
        let mut reader = Reader { file: File { name: file, text }, sizes: Vec::new(), load: &no_files };
        reader.part(name, None, Taken::new(reader.file, reader.file.tree()?, "a part")?)
    }
}

/// Reads a file that is a part or a whole model (`model = "neuron+bcm"`).
/// `load` gives the text of a file of values that the text names.
pub(crate) fn read_entity(name: &str, file: &str, kind: Option<PartKind>, text: &str, load: &Load) -> Result<Entity> {
    let mut reader = Reader { file: File { name: file, text }, sizes: Vec::new(), load };
    let mut top = Taken::new(reader.file, reader.file.tree()?, "a part")?;
    match top.text("model")? {
        Some((model, span)) => reader.model(&model, span.start, top).map(|m| Entity::Model(Arc::new(m))),
        None => reader.part(name, kind, top).map(|p| Entity::Part(Arc::new(p))),
    }
}

/// From the name of a file of values, as the model writes it, to its text.
pub(crate) type Load<'a> = dyn Fn(&str) -> Result<String> + 'a;

pub(super) struct Reader<'a> {
    pub(super) file: File<'a>,
    /// The names of the part's sizes: in a value they are no units.
    pub(super) sizes: Vec<String>,
    /// Where files of values come from.
    pub(super) load: &'a Load<'a>,
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
                Value::Table(_) => self.matrix_text(&node)?,
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

    pub(super) fn expression(&self, text: &str, span: Range<usize>) -> Result<Expr> {
        parse::expression(&Source::inside_toml(self.file.name, self.file.text, span, text))
    }
    pub(super) fn entries(&self, list: Vec<(String, Range<usize>, Node)>) -> Result<Vec<(String, Range<usize>, Node)>> {
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
}
