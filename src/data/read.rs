//! Which table is in this file, and how far can it be trusted?

use super::{csv, digest, parquet, units};
use crate::field::{Column, Error, Place, Result, Table, Unit, Values, nearest};
use std::collections::BTreeMap;
use std::path::Path;

/// What to do with a missing value: a blank cell, `NaN`, `NA`, a null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// Refuse the file and name the cell.
    #[default]
    Refuse,
    /// Read it as NaN; [`DataSet::missing`] counts them by column.
    AsNan,
}

/// How to read a table.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Missing values.
    pub missing: Missing,
    /// Units by column, as text (`Hz`, `ms`, `1` for dimensionless); they win over header and sidecar.
    pub units: BTreeMap<String, String>,
    /// The text is Latin-1 (ISO 8859-1) instead of UTF-8.
    pub latin1: bool,
    /// The separator, where it is neither a comma nor, in `.tsv` files, a tab.
    pub separator: Option<char>,
    /// Largest file and largest table in bytes.
    pub max_bytes: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        let max_bytes = 2 << 30;
        ReadOptions { missing: Missing::Refuse, units: BTreeMap::new(), latin1: false, separator: None, max_bytes }
    }
}

/// Who said in which unit a column is?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// Nobody: the unit is not known.
    Nobody,
    /// The header: `rate_hz`, `y [Hz]`.
    Header,
    /// The sidecar `NAME.units.toml`.
    Sidecar,
    /// The file itself (Parquet written by this program).
    File,
    /// The caller.
    Caller,
}

/// A table with what is known about its origin.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// The file, as it was named.
    pub file: String,
    /// The columns; where nobody stated a unit, the unit is [`Unit::NONE`] and `stated` says so.
    pub table: Table,
    /// Who stated the unit, by column.
    pub stated: Vec<Stated>,
    /// The line of each row (CSV; empty for Parquet).
    pub lines: Vec<usize>,
    /// Columns with missing values and how many.
    pub missing: Vec<(String, usize)>,
    /// SHA-256 of the file.
    pub sha256: String,
}

impl DataSet {
    /// An error about the content of a row (from 0): with its line in a CSV file, with its number in Parquet.
    pub fn row_error(&self, row: usize, cause: impl Into<String>, help: impl Into<String>) -> Error {
        let line = self.lines.get(row).copied().unwrap_or(0);
        let place = Place { file: self.file.clone(), line, column: 0, text: String::new() };
        let cause: String = cause.into();
        let cause = if line > 0 { cause } else { format!("row {}: {cause}", row + 1) };
        Error::Input { place, cause, help: help.into() }
    }
    /// The index of a column, or an error that names what is near.
    pub fn column(&self, name: &str) -> Result<usize> {
        let names = || self.table.columns().iter().map(|c| c.name.as_str());
        names().position(|n| n == name).ok_or_else(|| {
            let near = nearest(name, names());
            let all: Vec<&str> = names().take(12).collect();
            let help = match near.is_empty() {
                true => format!("the columns are {}", all.join(", ")),
                false => format!("did you mean `{}`?", near.join("`, `")),
            };
            self.error(format!("there is no column `{name}`"), help)
        })
    }
    /// The numbers of a column, or an error that says what it holds instead.
    pub fn numbers(&self, name: &str) -> Result<&[f64]> {
        match &self.table.columns()[self.column(name)?].values {
            Values::Number(values) => Ok(values),
            Values::Text(values) => {
                let example = values.first().map_or("", String::as_str);
                Err(self
                    .error(format!("column `{name}` holds words (`{example}`), not numbers"), "name another column"))
            }
            Values::Flag(_) => {
                Err(self.error(format!("column `{name}` holds true and false, not numbers"), "name another column"))
            }
        }
    }
    /// The unit of a column, or an error that says how to state one.
    pub fn unit(&self, name: &str) -> Result<&Unit> {
        let at = self.column(name)?;
        if self.stated[at] == Stated::Nobody {
            let help = format!(
                "state it, for example `{name}=Hz`, or `{name}=1` if it is dimensionless; or name the column `{name} [Hz]`; \
                 or write `{name} = \"Hz\"` under [units] into the file's .units.toml"
            );
            return Err(self.error(format!("the unit of column `{name}` is not known"), help));
        }
        Ok(&self.table.columns()[at].unit)
    }
    /// An error about this file as a whole.
    pub fn error(&self, cause: impl Into<String>, help: impl Into<String>) -> Error {
        whole(&self.file, cause, help)
    }
}

/// An error about a file as a whole.
pub(super) fn whole(file: &str, cause: impl Into<String>, help: impl Into<String>) -> Error {
    let place = Place { file: file.into(), ..Place::default() };
    Error::Input { place, cause: cause.into(), help: help.into() }
}

/// The table in a CSV (`.csv`, `.tsv`, `.txt`) or Parquet (`.parquet`, `.pq`) file.
pub fn read_table(path: &Path, options: &ReadOptions) -> Result<Table> {
    Ok(read(path, options)?.table)
}

/// The table in a CSV or Parquet file, with units, digest and the lines of its rows.
///
/// A sidecar `NAME.units.toml` beside `NAME.csv` is read too: `[units]` maps columns to units, and `sha256 = "…"`, if
/// it is there, must be the file's.
pub fn read(path: &Path, options: &ReadOptions) -> Result<DataSet> {
    let file = path.display().to_string();
    let io = |e: std::io::Error| Error::Io { path: file.clone(), cause: reason(&e, path) };
    let size = std::fs::metadata(path).map_err(io)?;
    if size.is_dir() {
        return Err(Error::Io { path: file, cause: "is a folder\nhelp: name a file in it".into() });
    }
    if size.len() > options.max_bytes {
        let cause = format!("has {} bytes, more than the {} that are allowed", size.len(), options.max_bytes);
        return Err(whole(&file, cause, "thin it out, or raise the limit"));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let sidecar = path.with_extension("units.toml");
    let beside = match std::fs::read_to_string(&sidecar) {
        Ok(text) => Some((sidecar.display().to_string(), text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => return Err(Error::Io { path: sidecar.display().to_string(), cause: e.to_string() }),
    };
    let beside = beside.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    read_bytes(&file, &bytes, beside, options)
}

/// The table in the text of a CSV file called `file`.
pub fn read_text(file: &str, text: &str, options: &ReadOptions) -> Result<DataSet> {
    read_bytes(file, text.as_bytes(), None, options)
}

/// The table in the bytes of a file called `file` (its extension says which format), with the name and text of its
/// sidecar, if there is one.
pub fn read_bytes(file: &str, bytes: &[u8], sidecar: Option<(&str, &str)>, options: &ReadOptions) -> Result<DataSet> {
    let sidecar = sidecar.map(|(name, text)| units::Sidecar::parse(name, text)).transpose()?;
    let sha256 = digest::sha256_hex(bytes);
    if let Some(wanted) = sidecar.as_ref().and_then(|s| s.sha256.as_deref())
        && wanted != sha256
    {
        let cause = format!("the content has changed: its SHA-256 is {sha256}, the sidecar says {wanted}");
        return Err(whole(file, cause, "fetch the file again, or correct the sidecar if the change is meant"));
    }
    let mut data = match kind(file, bytes)? {
        Kind::Text => csv::read(file, bytes, options)?,
        Kind::Parquet => parquet::read(file, bytes, options)?,
    };
    data.sha256 = sha256;
    if let Some(sidecar) = &sidecar {
        state(&mut data, &sidecar.units, Stated::Sidecar, &sidecar.file)?;
    }
    let given: Vec<(String, String)> = options.units.iter().map(|(a, b)| (a.clone(), b.clone())).collect();
    state(&mut data, &given, Stated::Caller, "<units>")?;
    Ok(data)
}

/// Gives columns the units that somebody stated.
fn state(data: &mut DataSet, stated: &[(String, String)], who: Stated, source: &str) -> Result<()> {
    if stated.is_empty() {
        return Ok(());
    }
    let mut columns: Vec<Column> = data.table.columns().to_vec();
    for (name, text) in stated {
        let at = data.column(name)?;
        columns[at].unit = units::parse(text).ok_or_else(|| {
            whole(source, format!("`{text}` for column `{name}` is not a unit"), "write Hz, ms, mV, … or 1")
        })?;
        data.stated[at] = who;
    }
    data.table = columns.into_iter().fold(Table::new(), Table::with);
    Ok(())
}

enum Kind {
    Text,
    Parquet,
}

/// The format, from the extension, checked against the first bytes.
fn kind(file: &str, bytes: &[u8]) -> Result<Kind> {
    let extension = file.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    let really = [
        (&b"PAR1"[..], "Parquet", "name it .parquet"),
        (b"\x89HDF", "HDF5", "export it as CSV or Parquet"),
        (b"PK\x03\x04", "a zip archive (NPZ, XLSX)", "export it as CSV or Parquet"),
        (b"\x93NUMPY", "NPY", "export it as CSV or Parquet"),
        (b"\x1f\x8b", "gzip", "unpack it first"),
        (b"ARROW1", "Arrow IPC (Feather)", "export it as Parquet"),
        (b"\xff\xfe", "UTF-16 text", "save it as UTF-8"),
        (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
    ];
    let found = really.iter().find(|(magic, ..)| bytes.starts_with(magic));
    match (extension.as_str(), found) {
        (_, _) if bytes.is_empty() => {
            Err(whole(file, "is empty (0 bytes)", "check that the program that wrote it finished"))
        }
        ("parquet" | "pq", Some((_, "Parquet", _))) => Ok(Kind::Parquet),
        ("parquet" | "pq", Some((_, what, _))) => {
            Err(whole(file, format!("is called Parquet but holds {what}"), "give it the right extension"))
        }
        ("parquet" | "pq", None) => Err(whole(
            file,
            "is not Parquet: it does not begin with `PAR1`",
            "check that it was copied whole, or give it the right extension",
        )),
        ("csv" | "tsv" | "txt", None) => Ok(Kind::Text),
        ("csv" | "tsv" | "txt", Some((_, what, help))) => {
            Err(whole(file, format!("is called text but holds {what}"), *help))
        }
        (_, found) => {
            let what = found.map_or(String::new(), |(_, what, _)| format!(" (it holds {what})"));
            Err(whole(file, format!("has no extension that is read here{what}"), "use .csv, .tsv or .parquet"))
        }
    }
}

/// Why a file could not be opened, with a neighbour's name where it may be a slip.
fn reason(e: &std::io::Error, path: &Path) -> String {
    if e.kind() != std::io::ErrorKind::NotFound {
        return e.to_string();
    }
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let there: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().take(1000).filter_map(|e| e.file_name().into_string().ok()).collect())
        .unwrap_or_default();
    match nearest(name, there.iter().map(String::as_str)) {
        near if near.is_empty() => "there is no such file".into(),
        near => format!("there is no such file; did you mean `{}`?", near.join("`, `")),
    }
}
