//! How do many values come from a file? `C = { file = "c.csv", unit = "Hz^2" }`: numbers between commas, one row a line.
//!
//! The file stands in the folder of the model file or below it; whoever gave the library its finder reads it. Its numbers
//! are in the declared unit. Lines that are empty or begin with `#` are left out; there is no header. One row or one
//! column is a vector, everything else a matrix, row by row. What does not read as a number is an error with its place.

use super::Given;
use super::read::{LARGEST_SIZE, Reader};
use super::tree::{File, Node, Taken, Value};
use super::value::number;
use crate::error::{Error, Result};
use crate::field::Unit;
use crate::lang::ast::{Expr, Span};

impl Reader<'_> {
    /// The table `{ file = "c.csv" }` in the place of a value; its numbers are in `unit`.
    pub(super) fn matrix(&self, node: Node, unit: Option<&Unit>) -> Result<Given> {
        let mut table = Taken::new(self.file, node, "a value")?;
        let at = table.at;
        let file = table.take("file");
        table.finish()?;
        match file {
            Some(file) => self.matrix_file(&file, unit),
            None => Err(self.file.error(at, "a value that names no file", "write `{ file = \"c.csv\" }`")),
        }
    }

    /// The values in the file that `node` names.
    pub(super) fn matrix_file(&self, node: &Node, unit: Option<&Unit>) -> Result<Given> {
        let (name, rows) = self.matrix_rows(node)?;
        let unit = unit.cloned().unwrap_or(Unit::NONE);
        let leaf = |v: f64| -> Result<Expr> {
            match v * unit.factor {
                value if value.is_finite() => Ok(number(value, unit.clone(), Span::default())),
                _ => Err(self.file.error(
                    node.span.start,
                    format!("a value of `{name}` is too large"),
                    "use another unit",
                )),
            }
        };
        let row = |row: Vec<f64>| row.into_iter().map(leaf).collect::<Result<Vec<_>>>();
        Ok(Given::Rows(rows.into_iter().map(row).collect::<Result<_>>()?))
    }

    /// `{ file = "c.csv", unit = "Hz^2" }` in the settings of a model file, as the text of a value.
    pub(super) fn matrix_text(&self, node: &Node) -> Result<String> {
        let mut table = Taken::new(self.file, node.clone(), "a value")?;
        let (file, unit) = (table.take("file"), self.unit(&mut table)?.unwrap_or(Unit::NONE));
        table.finish()?;
        let Some(file) = file else {
            return Err(self.file.error(node.span.start, "a value that names no file", "write `{ file = \"c.csv\" }`"));
        };
        let (_, rows) = self.matrix_rows(&file)?;
        let row = |row: Vec<f64>| format!("[{}]", row.iter().map(|v| format!("{v:?}")).collect::<Vec<_>>().join(", "));
        let rows: Vec<String> = rows.into_iter().map(row).collect();
        let unit = if unit.is_none() { String::new() } else { format!(" {unit}") };
        Ok(format!("[{}]{unit}", rows.join(", ")))
    }

    /// The name of the file and its rows.
    fn matrix_rows(&self, node: &Node) -> Result<(String, Vec<Vec<f64>>)> {
        let complain = |cause: String, help: &str| Err(self.file.error(node.span.start, cause, help));
        let Value::Text(name) = &node.value else {
            return complain("a file is named by a text".into(), "write `file = \"c.csv\"`");
        };
        let outside =
            name.starts_with(['/', '\\', '~']) || name.contains(':') || name.split(['/', '\\']).any(|s| s == "..");
        if outside || !name.ends_with(".csv") {
            let help = "name a .csv file in the folder of this file or below it, with a relative path";
            return complain(format!("`{name}` is no file of values beside this one"), help);
        }
        let text = (self.load)(name).map_err(|e| match e {
            Error::Input { place, cause, .. } if place.line == 0 => {
                let help = "the file stands beside the one that names it";
                self.file.error(node.span.start, format!("`{name}`: {cause}"), help)
            }
            Error::Usage { what, help } => self.file.error(node.span.start, what, help),
            other => other,
        })?;
        let folder = self.file.name.rfind(['/', '\\']).map_or("", |at| &self.file.name[..=at]);
        let shown = format!("{folder}{name}");
        Ok((name.clone(), rows(File { name: &shown, text: &text })?))
    }
}

/// The numbers of a file, row by row.
fn rows(file: File) -> Result<Vec<Vec<f64>>> {
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let row = cells(file, line.trim_end_matches(['\n', '\r']), at)?;
        if let Some(first) = rows.first().filter(|first| first.len() != row.len()) {
            let cause = format!("{} values in this row, {} in the first", row.len(), first.len());
            return Err(file.error(at, cause, "give every row of a matrix as many values"));
        }
        rows.push(row);
        if rows.len() > LARGEST_SIZE {
            let help = format!("a family has at most {LARGEST_SIZE} elements along each index");
            return Err(file.error(at, format!("more than {LARGEST_SIZE} rows"), help));
        }
    }
    match rows.is_empty() {
        true => Err(file.error(0, "there are no values in this file", "write numbers between commas, one row a line")),
        false => Ok(rows),
    }
}

fn cells(file: File, line: &str, start: usize) -> Result<Vec<f64>> {
    let mut values = Vec::new();
    let mut at = start;
    for cell in line.split(',') {
        let here = at + cell.len() - cell.trim_start().len();
        at += cell.len() + 1;
        let text = cell.trim();
        match text.parse::<f64>() {
            // Rust reads `nan` and `infinity` too.
            Ok(value) if value.is_finite() && !text.contains(['n', 'N', 'i', 'I']) => values.push(value),
            _ => {
                let shown: String = text.chars().take(40).collect();
                let cause =
                    if text.is_empty() { "a value is missing".into() } else { format!("`{shown}` is not a number") };
                let help = match () {
                    () if text.contains(';') => "separate values by commas, not semicolons",
                    () if text.contains('\t') || text.contains(' ') => "separate values by commas",
                    () if values.is_empty() && start == 0 => {
                        "a file of values has no header; a comment begins with `#`"
                    }
                    () => "values are finite decimal numbers in the declared unit, such as 0.5 or 1e-3",
                };
                return Err(file.error(here, cause, help));
            }
        }
        if values.len() > LARGEST_SIZE {
            let help = format!("a family has at most {LARGEST_SIZE} elements along each index");
            return Err(file.error(here, format!("more than {LARGEST_SIZE} values in a row"), help));
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_rows_are_numbers_between_commas() {
        let text = "# weights\n1, 2.5e-1,-3\n\n 4,5 ,6\r\n";
        assert_eq!(rows(File { name: "a.csv", text }).unwrap(), [[1.0, 0.25, -3.0], [4.0, 5.0, 6.0]]);
    }

    #[test]
    fn law_what_is_no_number_is_pointed_at() {
        for (text, place, help) in [
            ("a,b\n1,2\n", "a.csv:1:1", "header"),
            ("1;2\n", "a.csv:1:1", "semicolons"),
            ("1,2\n3\n", "a.csv:2:1", "row"),
            ("1,2\n3,\n", "a.csv:2:3", "finite"),
            ("1,nan\n", "a.csv:1:3", "finite"),
            ("1,1e999\n", "a.csv:1:3", "finite"),
            ("1 2\n", "a.csv:1:1", "commas"),
            ("# nothing\n", "a.csv:1:1", "numbers"),
        ] {
            let message = rows(File { name: "a.csv", text }).unwrap_err().to_string();
            assert!(message.contains(place) && message.contains(help), "{text}\n{message}");
        }
    }
}
