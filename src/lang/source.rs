//! Where in which file does a piece of an equation stand? The text, and the way back to the file it came from.

use super::ast::Span;
use crate::field::{Error, Place};

/// The text of equations together with the file around it, so that an error names the line and column of the *file*.
///
/// ```
/// use homeostat::lang::Source;
/// let toml = "title = \"x\"\nequations = \"\"\"\ndw/dt = 1 +\n\"\"\"\n";
/// let start = toml.find("\"\"\"").unwrap();
/// let source = Source::inside_toml("part.toml", toml, start..toml.len() - 1, "dw/dt = 1 +\n");
/// assert_eq!(source.place(homeostat::lang::ast::Span { start: 3, end: 5 }).line, 3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The name of the file, or `<command line>`.
    pub file: String,
    /// The text of the equations.
    pub text: String,
    /// May a line leave out its unit (a file that declares itself dimensionless)?
    pub units_optional: bool,
    /// The whole file.
    whole: String,
    /// Offsets where text and file run in step: (in the text, in the file), increasing.
    map: Vec<(usize, usize)>,
}

impl Source {
    /// A text that is the whole file (or a command-line argument).
    pub fn new(file: &str, text: &str) -> Self {
        Source { file: file.into(), text: text.into(), units_optional: false, whole: text.into(), map: vec![(0, 0)] }
    }
    /// A string inside a TOML file: `span` is the string with its quotes in `whole`, `value` what TOML made of it.
    pub fn inside_toml(file: &str, whole: &str, span: std::ops::Range<usize>, value: &str) -> Self {
        let raw = whole.get(span.clone()).unwrap_or("");
        let map = follow_toml(raw, value).into_iter().map(|(a, b)| (a, b + span.start)).collect();
        Source { file: file.into(), text: value.into(), units_optional: false, whole: whole.into(), map }
    }
    /// A piece of a file: `text` is what stands at byte `at` of `whole`, up to upper and lower case.
    pub fn excerpt(file: &str, whole: &str, at: usize, text: &str) -> Self {
        let map = vec![(0, at)];
        Source { file: file.into(), text: text.into(), units_optional: false, whole: whole.into(), map }
    }
    /// A stretch of this text as a text of its own, which still knows its place in the file.
    pub fn piece(&self, range: std::ops::Range<usize>) -> Self {
        let step = self.map.iter().rev().find(|(a, _)| *a <= range.start).copied().unwrap_or((0, 0));
        let later = self.map.iter().filter(|(a, _)| *a > range.start && *a <= range.end);
        let map = std::iter::once((0, step.1 + range.start - step.0))
            .chain(later.map(|(a, b)| (a - range.start, *b)))
            .collect();
        let text = self.text.get(range).unwrap_or("").to_string();
        Source { text, map, ..self.clone() }
    }
    /// The same source, whose lines may leave out their units.
    pub fn dimensionless(mut self) -> Self {
        self.units_optional = true;
        self
    }
    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }
    /// The line and column in the file.
    pub fn place(&self, span: Span) -> Place {
        let step = self.map.iter().rev().find(|(a, _)| *a <= span.start).copied().unwrap_or((0, 0));
        let mut at = (step.1 + span.start - step.0).min(self.whole.len());
        while !self.whole.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.whole[..at];
        let start = before.rfind('\n').map_or(0, |n| n + 1);
        let line = self.whole[start..].lines().next().unwrap_or("");
        let mut text: String = line.chars().take(160).collect();
        if line.chars().nth(160).is_some() {
            text.push('…');
        }
        Place {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: self.whole[start..at].chars().count() + 1,
            text,
        }
    }
    /// An error that points at a span.
    pub fn error(&self, span: Span, cause: impl Into<String>, help: impl Into<String>) -> Error {
        Error::Input { place: self.place(span), cause: cause.into(), help: help.into() }
    }
}

/// Where each stretch of `value` stands in the quoted TOML string `raw`: a new pair after every escape.
fn follow_toml(raw: &str, value: &str) -> Vec<(usize, usize)> {
    let quote = raw.chars().next().unwrap_or('"');
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let mut at = if raw.starts_with(&triple) { 3 } else { 1 };
    if at == 3 {
        // TOML drops a newline right after the opening quotes.
        at += if raw[at..].starts_with("\r\n") { 2 } else { usize::from(raw[at..].starts_with('\n')) };
    }
    let mut map = vec![(0, at)];
    if quote == '\'' {
        return map;
    }
    let mut decoded = 0;
    while decoded < value.len() && at < raw.len() {
        if raw.as_bytes()[at] != b'\\' {
            (at, decoded) = (at + 1, decoded + 1);
            continue;
        }
        let rest = &raw[at + 1..];
        let (consumed, made) = match rest.chars().next() {
            Some('u') => (6, char_length(rest, 4)),
            Some('U') => (10, char_length(rest, 8)),
            Some('x') => (4, char_length(rest, 2)),
            // A backslash at the end of a line swallows the space up to the next word.
            Some(c) if c.is_whitespace() => (1 + rest.len() - rest.trim_start().len(), 0),
            _ => (2, 1),
        };
        (at, decoded) = (at + consumed, decoded + made);
        map.push((decoded, at));
    }
    map
}

/// How many bytes the character of a hexadecimal escape takes.
fn char_length(rest: &str, digits: usize) -> usize {
    let code = rest.get(1..1 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    code.and_then(char::from_u32).map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_places_are_those_of_the_file() {
        let toml = "a = 1\nequations = \"\"\"\nr = \\u0041 + \\\n   b\nq = c\n\"\"\"\n";
        let start = toml.find("\"\"\"").unwrap();
        let source = Source::inside_toml("x.toml", toml, start..toml.len() - 1, "r = A + b\nq = c\n");
        for (needle, line, column) in [("A", 3, 5), ("b", 4, 4), ("c", 5, 5), ("r", 3, 1)] {
            let at = source.text.find(needle).unwrap();
            let place = source.place(Span { start: at, end: at + 1 });
            assert_eq!((place.line, place.column), (line, column), "{needle}");
        }
    }
}
