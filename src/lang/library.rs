//! Where do parts come from? The catalogue, and the caller's own files.
//!
//! The language reads no file itself: a library is given texts, and may ask its caller for a name that it does not have.

use super::part::PartKind;
use super::{Composition, Part};
use crate::error::{Error, Result, nearest};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a caller looks for a file: from the name in the composition to its text.
pub type Finder = dyn Fn(&str) -> Result<String> + Send + Sync;

/// A text by its name.
#[derive(Clone, Debug)]
struct Entry {
    file: String,
    kind: Option<PartKind>,
    text: String,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Entity {
    /// One part.
    Part(Arc<Part>),
    /// A composition with values of its own: a file with `model = "…"`.
    Model(Arc<ModelFile>),
}

/// A model file: `model = "neuron+bcm"` and what differs from the defaults.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// Its title.
    pub title: String,
    /// Its story.
    pub about: String,
    /// Keys of `references.bib`.
    pub sources: Vec<String>,
    /// What it is composed of.
    pub composition: Composition,
    /// Values that differ: (name, text), in file order.
    pub settings: Vec<(String, String)>,
}

/// Parts by name.
#[derive(Clone, Default)]
pub struct Library {
    entries: BTreeMap<String, Entry>,
    finder: Option<Arc<Finder>>,
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Library").field("names", &self.names()).finish()
    }
}

impl Library {
    /// This library with one more text: the name in compositions, the file shown in messages, the kind if the place of
    /// the file says it. A name given twice stands for the last text.
    pub fn with(mut self, name: &str, file: &str, kind: Option<PartKind>, text: &str) -> Self {
        self.entries.insert(name.into(), Entry { file: file.into(), kind, text: text.into() });
        self
    }
    /// This library, asking `finder` for what it does not have: parts that end in `.toml` or `.ode`, and the files of
    /// values (`.csv`) beside them.
    pub fn with_finder(mut self, finder: impl Fn(&str) -> Result<String> + Send + Sync + 'static) -> Self {
        self.finder = Some(Arc::new(finder));
        self
    }
    /// All names, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.entries.keys().map(String::as_str).collect()
    }
    /// The part or model called `name`.
    pub fn get(&self, name: &str) -> Result<Entity> {
        let entry = match (self.entries.get(name), &self.finder) {
            (Some(entry), _) => entry.clone(),
            (None, Some(finder)) if name.ends_with(".toml") || name.ends_with(".ode") => {
                Entry { file: name.into(), kind: None, text: finder(name)? }
            }
            _ => return Err(Error::unknown("part", name, nearest(name, self.names()))),
        };
        let stem = super::compose::text::Item::new(name).stem().to_string();
        if entry.file.ends_with(".ode") {
            let part = super::ode::Ode::read(&entry.file, &entry.text)?.part(&stem);
            return super::part::read_entity(&stem, &entry.file, Some(PartKind::Circuit), &part, &no_files);
        }
        let load = |name: &str| self.beside(&entry.file, name);
        super::part::read_entity(&stem, &entry.file, entry.kind, &entry.text, &load)
    }
    /// The text of a file of values that stands beside the model file `model`.
    fn beside(&self, model: &str, name: &str) -> Result<String> {
        let folder = model.rfind(['/', '\\']).map_or("", |at| &model[..=at]);
        let path = format!("{folder}{name}");
        match (self.entries.get(&path), &self.finder) {
            (Some(entry), _) => Ok(entry.text.clone()),
            (None, Some(finder)) => finder(&path),
            (None, None) => no_files(&path),
        }
    }
    /// The part called `name`; an error if it is a whole model.
    pub fn part(&self, name: &str) -> Result<Arc<Part>> {
        match self.get(name)? {
            Entity::Part(part) => Ok(part),
            Entity::Model(_) => Err(Error::usage(format!("`{name}` is a whole model, not a part"), "")),
        }
    }
}

/// Where there is no finder there are no files.
pub(crate) fn no_files(name: &str) -> Result<String> {
    Err(Error::usage(format!("`{name}` cannot be read here"), "give the library a finder, or the text under this name"))
}
