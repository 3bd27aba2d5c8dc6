//! What does a TOML file say, and where does it say it? A tree in file order in which every node knows its place.

use crate::error::{Error, Place, Result, nearest};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The longest file that is read, in bytes.
pub const LONGEST_FILE: usize = 1 << 20;

/// A value with its place in the file.
#[derive(Clone, Debug)]
pub struct Node {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// What stands there.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string, escapes resolved.
    Text(String),
    /// An integer or a float.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// `[a, b]`.
    List(Vec<Node>),
    /// Keys with their spans, in file order.
    Table(Vec<(String, Range<usize>, Node)>),
    /// A date, which no part file needs.
    Other,
}

/// A file that is being read: its name and text, for pointing into it.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// The name shown in messages.
    pub name: &'a str,
    /// The whole text.
    pub text: &'a str,
}

impl<'a> File<'a> {
    /// The place of the byte `at`.
    pub fn place(&self, at: usize) -> Place {
        let at = (0..=at.min(self.text.len())).rev().find(|&i| self.text.is_char_boundary(i)).unwrap_or(0);
        let before = &self.text[..at];
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        let line_text = self.text[start..].lines().next().unwrap_or("");
        Place {
            file: self.name.into(),
            line: before.matches('\n').count() + 1,
            column: self.text[start..at].chars().count() + 1,
            text: line_text.chars().take(160).collect(),
        }
    }
    /// An error at the byte `at`.
    pub fn error(&self, at: usize, cause: impl Into<String>, help: impl Into<String>) -> Error {
        Error::Input { place: self.place(at), cause: cause.into(), help: help.into() }
    }
    /// The file as a tree.
    pub fn tree(&self) -> Result<Node> {
        if self.text.len() > LONGEST_FILE {
            let help = "split it into parts, or keep large matrices in a file of their own";
            return Err(self.error(0, format!("the file is longer than {LONGEST_FILE} bytes"), help));
        }
        let table = DeTable::parse(self.text).map_err(|e| {
            let at = e.span().map_or(0, |s| s.start);
            let cause = e.message().split_whitespace().collect::<Vec<_>>().join(" ");
            self.error(at, format!("this is not TOML: {cause}"), "see https://toml.io; strings need quotes")
        })?;
        let span = table.span();
        Ok(Node { span, value: table_value(table.into_inner()) })
    }
}

fn table_value(table: DeTable<'_>) -> Value {
    let mut entries: Vec<(String, Range<usize>, Node)> =
        table.into_iter().map(|(key, value)| (key.get_ref().to_string(), key.span(), node(value))).collect();
    entries.sort_by_key(|(_, span, _)| span.start);
    Value::Table(entries)
}

fn node(value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(s) => Value::Text(s.into_owned()),
        DeValue::Integer(i) => Value::Number(i64::from_str_radix(i.as_str(), i.radix()).map_or(f64::NAN, |n| n as f64)),
        DeValue::Float(f) => Value::Number(f.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => Value::Flag(b),
        DeValue::Array(a) => Value::List(a.into_iter().map(node).collect()),
        DeValue::Table(t) => table_value(t),
        DeValue::Datetime(_) => Value::Other,
    };
    Node { span, value }
}

/// A table whose keys are taken one by one; what is left over in the end is an unknown key.
#[derive(Debug)]
pub struct Taken<'a> {
    source: File<'a>,
    /// Where the table begins.
    pub at: usize,
    what: String,
    entries: Vec<(String, Range<usize>, Node)>,
    known: Vec<&'static str>,
}

impl<'a> Taken<'a> {
    /// The table at `node`, called `what` in messages.
    pub fn new(source: File<'a>, node: Node, what: impl Into<String>) -> Result<Self> {
        let what = what.into();
        match node.value {
            Value::Table(entries) => Ok(Taken { source, at: node.span.start, what, entries, known: Vec::new() }),
            _ => Err(source.error(node.span.start, format!("{what} must be a table"), "write `{ key = value }`")),
        }
    }
    /// Is there a key?
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, ..)| k == key)
    }
    /// Does the table at `key` have the entry `inner`?
    pub fn inside(&self, key: &str, inner: &str) -> bool {
        self.entries.iter().any(|(k, _, node)| match &node.value {
            Value::Table(entries) if k == key => entries.iter().any(|(name, ..)| name == inner),
            _ => false,
        })
    }
    /// The node at `key`, if it is there.
    pub fn take(&mut self, key: &'static str) -> Option<Node> {
        self.known.push(key);
        let found = self.entries.iter().position(|(k, ..)| k == key)?;
        Some(self.entries.remove(found).2)
    }
    /// The text at `key`, with its place.
    pub fn text(&mut self, key: &'static str) -> Result<Option<(String, Range<usize>)>> {
        match self.take(key) {
            None => Ok(None),
            Some(Node { span, value: Value::Text(text) }) => Ok(Some((text, span))),
            Some(node) => Err(self.wrong(&node, key, "a text in quotes")),
        }
    }
    /// The flag at `key`; false if it is not there.
    pub fn flag(&mut self, key: &'static str) -> Result<bool> {
        match self.take(key) {
            None => Ok(false),
            Some(Node { value: Value::Flag(flag), .. }) => Ok(flag),
            Some(node) => Err(self.wrong(&node, key, "true or false")),
        }
    }
    /// The list of texts at `key` (one text stands for a list of one); empty if it is not there.
    pub fn texts(&mut self, key: &'static str) -> Result<Vec<String>> {
        let Some(node) = self.take(key) else { return Ok(Vec::new()) };
        match node.value {
            Value::Text(text) => Ok(vec![text]),
            Value::List(list) => list
                .into_iter()
                .map(|item| match item.value {
                    Value::Text(text) => Ok(text),
                    _ => Err(self.wrong(&item, key, "a list of texts")),
                })
                .collect(),
            _ => Err(self.wrong(&node, key, "a list of texts")),
        }
    }
    /// The entries of the table at `key`, each with its own name; empty if it is not there.
    pub fn named(&mut self, key: &'static str) -> Result<Vec<(String, Range<usize>, Node)>> {
        match self.take(key) {
            None => Ok(Vec::new()),
            Some(Node { value: Value::Table(entries), .. }) => Ok(entries),
            Some(node) => Err(self.wrong(&node, key, "a table")),
        }
    }
    /// An error for a node of the wrong type.
    pub fn wrong(&self, node: &Node, key: &str, wanted: &str) -> Error {
        self.source.error(
            node.span.start,
            format!("`{key}` of {} must be {wanted}", self.what),
            format!("write {key} = {wanted}"),
        )
    }
    /// Refuses what nobody took.
    pub fn finish(self) -> Result<()> {
        let Some((key, span, _)) = self.entries.first() else { return Ok(()) };
        let near = nearest(key, self.known.iter().copied());
        let help = match near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: {}", self.known.join(", ")),
        };
        Err(self.source.error(span.start, format!("{} has no key `{key}`", self.what), help))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_file_order_with_their_places() {
        let source = File { name: "a.toml", text: "zebra = 1\napple = { b = \"é\", a = 2 }\n" };
        let Value::Table(entries) = source.tree().unwrap().value else { panic!("a table") };
        assert_eq!(entries.iter().map(|e| e.0.as_str()).collect::<Vec<_>>(), ["zebra", "apple"]);
        let place = source.place(entries[1].1.start);
        assert_eq!((place.line, place.column), (2, 1));
    }

    #[test]
    fn an_unknown_key_names_its_neighbour() {
        let source = File { name: "a.toml", text: "title = \"x\"\nsuorces = []\n" };
        let mut table = Taken::new(source, source.tree().unwrap(), "the part").unwrap();
        table.text("title").unwrap();
        table.texts("sources").unwrap();
        let message = table.finish().unwrap_err().to_string();
        assert!(message.contains("a.toml:2:1") && message.contains("did you mean `sources`"), "{message}");
    }

    #[test]
    fn broken_toml_points_at_its_line() {
        let source = File { name: "a.toml", text: "title = \"x\"\nabout = \n" };
        let message = source.tree().unwrap_err().to_string();
        assert!(message.starts_with("a.toml:2:"), "{message}");
    }
}
