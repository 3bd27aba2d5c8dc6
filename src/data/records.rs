//! Which cells does a line of CSV have, and where does each stand?
//!
//! RFC 4180: cells between separators, quoted where they contain one, `""` for a quote inside quotes; lines end with
//! LF or CRLF. What the standard leaves open is refused here, with the place.

use crate::field::{Error, Place, Result};
use std::borrow::Cow;

/// A cell and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Cell<'a> {
    /// Its text, without quotes and outer blanks.
    pub text: Cow<'a, str>,
    /// The byte in the whole text at which it begins.
    pub start: usize,
}

/// Walks through a text record by record.
pub(super) struct Records<'a> {
    /// The file's name, for errors.
    pub file: &'a str,
    text: &'a str,
    separator: u8,
    at: usize,
    line: usize,
}

impl<'a> Records<'a> {
    /// From the beginning of `text`.
    pub fn new(file: &'a str, text: &'a str, separator: char) -> Self {
        Records { file, text, separator: separator as u8, at: 0, line: 1 }
    }
    /// Only blank lines are left.
    pub fn only_blank_left(&self) -> bool {
        self.text[self.at..].trim().is_empty()
    }
    /// Nothing is left.
    pub fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }
    /// The line (from 1) that the next record begins on.
    pub fn line(&self) -> usize {
        self.line
    }
    /// The byte that the next record begins at.
    pub fn position(&self) -> usize {
        self.at
    }
    /// Skips a line, whatever it holds, and returns it.
    pub fn skip_line(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.find('\n').map_or(rest.len(), |i| i + 1);
        self.at += end;
        self.line += 1;
        rest[..end].trim_end()
    }
    /// The line that the next record begins with.
    pub fn peek_line(&self) -> &'a str {
        let rest = &self.text[self.at..];
        rest[..rest.find('\n').unwrap_or(rest.len())].trim_end_matches('\r')
    }

    /// Reads the next record into `cells`; false at the end of the text.
    pub fn next(&mut self, cells: &mut Vec<Cell<'a>>) -> Result<bool> {
        cells.clear();
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return Ok(false);
        }
        loop {
            let ended = match bytes.get(self.at + blanks(&bytes[self.at..])) {
                Some(b'"') => self.quoted(cells)?,
                _ => self.plain(cells)?,
            };
            if ended {
                return Ok(true);
            }
        }
    }

    /// A cell without quotes; true if the record ends behind it.
    fn plain(&mut self, cells: &mut Vec<Cell<'a>>) -> Result<bool> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let stops = |b: &u8| *b == self.separator || *b == b'\n' || *b == b'\r' || *b == b'"';
        let end = bytes[start..].iter().position(stops).map_or(bytes.len(), |i| start + i);
        if bytes.get(end) == Some(&b'"') {
            let help = "put the whole cell into quotes and double the quotes inside it";
            return Err(self.error(end, "a quote in the middle of a cell", help));
        }
        let raw = &self.text[start..end];
        let lead = raw.len() - raw.trim_start_matches([' ', '\t']).len();
        let lead = if lead == raw.len() { 0 } else { lead };
        cells.push(Cell { text: Cow::Borrowed(raw.trim_matches([' ', '\t'])), start: start + lead });
        self.finish(end)
    }

    /// A cell in quotes; true if the record ends behind it.
    fn quoted(&mut self, cells: &mut Vec<Cell<'a>>) -> Result<bool> {
        let bytes = self.text.as_bytes();
        let open = self.at + blanks(&bytes[self.at..]);
        let mut text = Cow::Borrowed("");
        let mut at = open + 1;
        loop {
            let Some(length) = bytes[at..].iter().position(|b| *b == b'"') else {
                return Err(self.error(open, "a quote that is never closed", "close it, or remove it"));
            };
            text += &self.text[at..at + length];
            at += length + 1;
            if bytes.get(at) != Some(&b'"') {
                break;
            }
            text += "\"";
            at += 1;
        }
        let lines = self.text[open..at].matches('\n').count();
        let end = at + blanks(&bytes[at..]);
        if !matches!(bytes.get(end), None | Some(b'\n' | b'\r')) && bytes.get(end) != Some(&self.separator) {
            return Err(self.error(end, "text behind a closing quote", "double the quotes inside a quoted cell"));
        }
        cells.push(Cell { text, start: open });
        self.line += lines;
        self.finish(end)
    }

    /// Steps over what ends a cell at `end`; true if it ends the record.
    fn finish(&mut self, end: usize) -> Result<bool> {
        let bytes = self.text.as_bytes();
        let (step, ended) = match (bytes.get(end), bytes.get(end + 1)) {
            (None, _) => (0, true),
            (Some(b'\n'), _) => (1, true),
            (Some(b'\r'), Some(b'\n')) => (2, true),
            (Some(b'\r'), _) => {
                let help = "end lines with LF or CR LF";
                return Err(self.error(end, "a line that ends with a lone carriage return", help));
            }
            _ => (1, false),
        };
        self.at = end + step;
        self.line += usize::from(ended);
        Ok(ended)
    }

    /// An error at a byte of the text.
    pub fn error(&self, at: usize, cause: impl Into<String>, help: impl Into<String>) -> Error {
        Error::Input { place: place(self.file, self.text, at), cause: cause.into(), help: help.into() }
    }
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| **b == b' ').count()
}

/// The line, column and text at a byte.
pub(super) fn place(file: &str, text: &str, at: usize) -> Place {
    let begin = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
    let line = text[..begin].matches('\n').count() + 1;
    let column = text[begin..at].chars().count() + 1;
    // Long lines are cut around the cell, so that the pointer below them still fits on a screen.
    let shown = text[begin..end].trim_end_matches('\r');
    let shown = if shown.chars().count() > 100 || shown.contains('\t') { "" } else { shown };
    Place { file: file.into(), line, column, text: shown.into() }
}
