//! How is a CSV file read so that nothing is guessed?
//!
//! One pass over the text. The header names the columns, every row has as many cells as the header, and the first cell
//! of a column that is not missing says what the column holds; a later cell of another kind is an error at its place.

use super::cells::{Content, content, decimal_comma};
use super::read::{DataSet, Missing, ReadOptions, Stated, whole};
use super::records::{Cell, Records};
use super::units::header_unit;
use crate::field::{Column, Error, Place, Result, Table, Unit, Values};
use std::borrow::Cow;

/// Reads the bytes of a CSV file.
pub(super) fn read(file: &str, bytes: &[u8], options: &ReadOptions) -> Result<DataSet> {
    let text = decode(file, bytes, options.latin1)?;
    if text.trim().is_empty() {
        return Err(whole(file, "holds only blanks", "check that the program that wrote it finished"));
    }
    let separator = match options.separator {
        Some(given) => given,
        None => separator(file, &text)?,
    };
    let mut records = Records::new(file, &text, separator);
    let names = header(&mut records)?;
    let mut columns: Vec<Filling> = names.iter().map(|_| Filling::default()).collect();
    let (mut cells, mut lines) = (Vec::new(), Vec::new());
    // In a file with one column a blank line is a missing value, also at the end.
    let ended = |records: &Records| if names.len() == 1 { records.at_end() } else { records.only_blank_left() };
    while !ended(&records) {
        let (line, start) = (records.line(), records.position());
        records.next(&mut cells)?;
        if cells.len() != names.len() {
            return Err(ragged(&records, &cells, names.len(), start));
        }
        lines.push(line);
        for ((cell, column), name) in cells.iter().zip(&mut columns).zip(&names) {
            column.put(cell, name, &records, options.missing)?;
        }
    }
    if lines.is_empty() {
        return Err(whole(file, "has a header and no rows", "check that the program that wrote it finished"));
    }
    let (mut table, mut stated, mut missing) = (Table::new(), Vec::new(), Vec::new());
    for (name, column) in names.iter().zip(columns) {
        let (short, unit) = header_unit(name);
        stated.push(if unit.is_some() { Stated::Header } else { Stated::Nobody });
        if column.missing > 0 {
            missing.push((short.clone(), column.missing));
        }
        let values = column.values(name, &records)?;
        table = table.with(Column { name: short, unit: unit.unwrap_or(Unit::NONE), values, size: 0.0 });
    }
    unique(&records, table.columns().iter().map(|c| c.name.as_str()))?;
    Ok(DataSet { file: file.into(), table, stated, lines, missing, sha256: String::new() })
}

/// The text of the file: UTF-8, with or without its mark, or Latin-1 if the caller says so.
fn decode<'a>(file: &str, bytes: &'a [u8], latin1: bool) -> Result<Cow<'a, str>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let place_of = |at: usize| {
        let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
        let begin = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let column = String::from_utf8_lossy(&bytes[begin..at]).chars().count() + 1;
        Place { file: file.into(), line, column, text: String::new() }
    };
    let refused = |at: usize, cause: String, help: &str| Error::Input { place: place_of(at), cause, help: help.into() };
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        return Err(refused(
            at,
            "a zero byte: this is not a text file".into(),
            "export it as CSV in UTF-8, or as Parquet",
        ));
    }
    if latin1 {
        return Ok(Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()));
    }
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|e| {
        let at = e.valid_up_to();
        let cause = format!("byte 0x{:02X} is not UTF-8; perhaps the file is Latin-1", bytes[at]);
        refused(at, cause, "convert it (iconv -f latin1 -t utf-8), or say that it is Latin-1")
    })
}

/// The separator, or an error where it is not the one that this format has.
fn separator(file: &str, text: &str) -> Result<char> {
    let mut lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    let header = lines.next().unwrap_or("");
    let row = lines.next().unwrap_or("");
    let tabs = file.to_ascii_lowercase().ends_with(".tsv");
    let wanted = if tabs { '\t' } else { ',' };
    if header.contains(wanted) || header.trim_start().starts_with('"') && !header.contains(';') {
        return Ok(wanted);
    }
    let at = |other: char| {
        let (line, text) = text.lines().enumerate().find(|(_, l)| *l == header).unwrap_or((0, header));
        let column = text.chars().position(|c| c == other).map_or(0, |i| i + 1);
        let shown = if text.len() > 100 || text.contains('\t') { "" } else { text };
        Place { file: file.into(), line: line + 1, column, text: shown.into() }
    };
    let error = |other: char, cause: &str, help: &str| {
        Err(Error::Input { place: at(other), cause: cause.into(), help: help.into() })
    };
    if header.contains(';') {
        let commas = row.split(';').any(|cell| decimal_comma(cell.trim()));
        let cause = match commas {
            true => "columns are separated by semicolons and numbers have decimal commas",
            false => "columns are separated by semicolons",
        };
        return error(
            ';',
            cause,
            "save it with commas between columns and decimal points (pandas: to_csv(sep=',', decimal='.'))",
        );
    }
    if header.contains('\t') {
        return error(
            '\t',
            "columns are separated by tabs",
            "give the file the extension .tsv, or save it with commas",
        );
    }
    if header.contains('|') {
        return error('|', "columns are separated by `|`", "save it with commas between columns");
    }
    if tabs && header.contains(',') {
        return error(',', "columns are separated by commas in a .tsv file", "give the file the extension .csv");
    }
    if header.split_whitespace().count() > 1 && row.split_whitespace().count() > 1 {
        return error(' ', "columns are separated by blanks", "save it with commas (numpy: savetxt(delimiter=','))");
    }
    Ok(wanted)
}

/// The names of the columns.
fn header<'a>(records: &mut Records<'a>) -> Result<Vec<String>> {
    let mut comment = None;
    loop {
        let line = records.peek_line();
        if line.starts_with('#') {
            comment = Some(line);
        } else if !line.trim().is_empty() {
            break;
        }
        if records.only_blank_left() {
            return Err(records.error(
                0,
                "there is no header and no row, only comments",
                "check the program that wrote it",
            ));
        }
        records.skip_line();
    }
    let mut cells = Vec::new();
    records.next(&mut cells)?;
    if cells.iter().all(|cell| matches!(content(&cell.text), Content::Number(_) | Content::Infinite | Content::Missing))
        && cells.iter().any(|cell| matches!(content(&cell.text), Content::Number(_)))
    {
        let help = match comment {
            Some(_) => "the header must not begin with `#` (numpy: savetxt(…, comments=''))",
            None => "add a first line with the names of the columns",
        };
        return Err(records.error(cells[0].start, "the first line holds numbers, not the names of the columns", help));
    }
    let names: Vec<String> = cells.iter().map(|cell| cell.text.trim().to_string()).collect();
    for (k, (name, cell)) in names.iter().zip(&cells).enumerate() {
        if name.is_empty() {
            let help = match k {
                0 => "give it one, or leave the index away (pandas: to_csv(index=False))",
                _ if k + 1 == cells.len() => "remove the separator at the end of the lines, or give it a name",
                _ => "give it one",
            };
            return Err(records.error(cell.start, format!("column {} has no name", k + 1), help));
        }
        if let Some(strange) = name.chars().find(|c| c.is_control()) {
            let cause = format!("the name of column {} contains the control character {strange:?}", k + 1);
            return Err(records.error(cell.start, cause, "rename it"));
        }
        if let Some(first) = names[..k].iter().position(|other| other == name) {
            let cause = format!("columns {} and {} are both called `{name}`", first + 1, k + 1);
            return Err(records.error(cell.start, cause, "rename one of them"));
        }
    }
    Ok(names)
}

/// Two headers that become one name (`y [Hz]` and `y (mV)`) are refused.
fn unique<'a>(records: &Records, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(records.error(
                0,
                format!("two columns are called `{name}` once their units are taken off"),
                "rename one of them",
            ));
        }
    }
    Ok(())
}

fn ragged(records: &Records, cells: &[Cell], wanted: usize, start: usize) -> Error {
    let count = |n: usize| if n == 1 { "1 cell".into() } else { format!("{n} cells") };
    // A blank line is a record with one empty cell.
    if cells.len() == 1 && cells[0].text.is_empty() {
        return records.error(start, "a blank line between rows", "remove it");
    }
    let (at, help) = if cells.len() > wanted {
        let comma = "remove what is too much; a number with a decimal comma or a text with a comma needs quotes";
        (cells[wanted].start, comma)
    } else {
        (start, "complete the row; perhaps the file was cut off while it was written")
    };
    records.error(at, format!("the row has {} where the header has {wanted}", count(cells.len())), help)
}

/// A column that is being filled.
#[derive(Default)]
struct Filling {
    values: Option<Values>,
    /// Missing values so far.
    missing: usize,
    /// Rows so far.
    rows: usize,
    /// Where the first word stands, in a column of words, and how many of its cells are numbers.
    first_word: Option<usize>,
    numbers: usize,
}

impl Filling {
    fn put(&mut self, cell: &Cell, name: &str, records: &Records, policy: Missing) -> Result<()> {
        let refuse = |cause: String, help: &str| Err(records.error(cell.start, cause, help));
        let held = content(&cell.text);
        let shown: String = cell.text.chars().take(40).collect();
        self.rows += 1;
        match held {
            Content::Missing if policy == Missing::Refuse => {
                let how = if cell.text.is_empty() { "blank".into() } else { format!("`{shown}`") };
                return refuse(
                    format!("a value of `{name}` is missing ({how})"),
                    "fill it in, leave the row or the column away, or allow missing values",
                );
            }
            Content::Infinite => {
                return refuse(
                    format!("`{shown}` in column `{name}` is not finite"),
                    "find out why it diverged; leave such rows away",
                );
            }
            Content::TooLarge => {
                return refuse(
                    format!("`{shown}` in column `{name}` does not fit into a double"),
                    "write identifiers as text (with a letter in front), and numbers within 1e308",
                );
            }
            _ => {}
        }
        if self.values.is_none() && held != Content::Missing {
            self.values = Some(match held {
                Content::Number(_) => Values::Number(vec![f64::NAN; self.rows - 1]),
                Content::Flag(_) if self.missing == 0 => Values::Flag(Vec::new()),
                _ => Values::Text(vec![String::new(); self.rows - 1]),
            });
        }
        match (&mut self.values, held) {
            (None, _) => self.missing += 1,
            (Some(Values::Number(v)), Content::Number(x)) => v.push(x),
            (Some(Values::Number(v)), Content::Missing) => {
                v.push(f64::NAN);
                self.missing += 1;
            }
            (Some(Values::Number(_)), _) => {
                let help = match decimal_comma(&cell.text) {
                    true => "write it with a decimal point",
                    false => "write a plain number (units belong into the header), or leave it away",
                };
                return refuse(format!("`{shown}` in the number column `{name}` is not a number"), help);
            }
            (Some(Values::Flag(v)), Content::Flag(b)) => v.push(b),
            (Some(Values::Flag(_)), _) => {
                return refuse(
                    format!("`{shown}` in column `{name}` is neither true nor false"),
                    "write true or false",
                );
            }
            (Some(Values::Text(v)), held) => {
                match held {
                    Content::Number(_) => self.numbers += 1,
                    Content::Missing => self.missing += 1,
                    _ => self.first_word = self.first_word.or(Some(cell.start)),
                }
                v.push(restored(&cell.text));
            }
        }
        Ok(())
    }

    fn values(self, name: &str, records: &Records) -> Result<Values> {
        match self.values {
            None => Ok(Values::Number(vec![f64::NAN; self.rows])),
            Some(Values::Text(_)) if 2 * self.numbers > self.rows - self.missing => {
                let at = self.first_word.unwrap_or(0);
                let cause = format!("a word in column `{name}`, whose other cells are numbers");
                Err(records.error(at, cause, "write a plain number, or leave it away"))
            }
            Some(values) => Ok(values),
        }
    }
}

/// A text cell without the quote mark that the writer puts before what a spreadsheet would take for a formula.
fn restored(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\'']) => rest.into(),
        _ => text.into(),
    }
}
