//! How does a table get onto the disk, whole or not at all?
//!
//! Written to a temporary file in the same folder, synced, renamed: a reader sees the old file or the new one, never a
//! half. Numbers are written with the fewest digits that read back to the same double, and the bytes depend on the table
//! alone.

use super::{parquet, units};
use crate::field::{Error, Result, Table, Values};
use polars::prelude::{CsvWriter, SerWriter};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A format that tables are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values; units go into a sidecar.
    Csv,
    /// Parquet, with units and a digest in its footer.
    Parquet,
    /// `{"units": {…}, "rows": [{…}, …]}`.
    Json,
}

impl Format {
    /// The format that a file's extension names.
    pub fn of(path: &Path) -> Result<Format> {
        match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Ok(Format::Csv),
            Some("parquet" | "pq") => Ok(Format::Parquet),
            Some("json") => Ok(Format::Json),
            _ => {
                let what = format!("`{}` has no extension that tables are written in", path.display());
                Err(Error::usage(what, "use .csv, .parquet or .json"))
            }
        }
    }
}

/// Writes a table as CSV, Parquet or JSON, by the extension, atomically.
///
/// The columns of a CSV file keep their plain names; their units are written beside it, into `NAME.units.toml`, where
/// [`read`](super::read()) finds them again. A missing number (NaN) is a blank cell, and null in JSON.
pub fn write_table(table: &Table, path: &Path) -> Result<()> {
    let format = Format::of(path)?;
    write_bytes(path, &to_bytes(table, format)?)?;
    if format == Format::Csv {
        write_bytes(&path.with_extension("units.toml"), sidecar(table).as_bytes())?;
    }
    Ok(())
}

/// The bytes of a table in a format.
pub fn to_bytes(table: &Table, format: Format) -> Result<Vec<u8>> {
    let failed = |why: String| Error::domain("writing a table", why, "rename or remove the column");
    match format {
        Format::Csv => csv(table).map_err(failed),
        Format::Parquet => parquet::write(table, &[]).map_err(failed),
        Format::Json => json(table).map_err(failed),
    }
}

fn csv(table: &Table) -> std::result::Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes)
        .n_threads(1)
        .finish(&mut parquet::to_frame(table, disarmed)?)
        .map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// Text that a spreadsheet would take for a formula gets a quote mark in front; reading takes it off.
fn disarmed(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\'']) { format!("'{text}") } else { text.into() }
}

fn json(table: &Table) -> std::result::Result<Vec<u8>, String> {
    use serde_json::{Map, Value, json};
    let units: Map<String, Value> =
        table.columns().iter().map(|c| (c.name.clone(), Value::String(units::text(&c.unit)))).collect();
    let cell = |values: &Values, row: usize| match values {
        // A number that is not finite has no JSON form and becomes null.
        Values::Number(v) => json!(v[row]),
        Values::Text(v) => json!(v[row]),
        Values::Flag(v) => json!(v[row]),
    };
    let rows: Vec<Value> = (0..table.rows())
        .map(|row| Value::Object(table.columns().iter().map(|c| (c.name.clone(), cell(&c.values, row))).collect()))
        .collect();
    let mut bytes = serde_json::to_vec_pretty(&json!({"units": units, "rows": rows})).map_err(|e| e.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn sidecar(table: &Table) -> String {
    let mut units = toml::Table::new();
    for column in table.columns() {
        units.insert(column.name.clone(), toml::Value::String(units::text(&column.unit)));
    }
    let mut all = toml::Table::new();
    all.insert("units".into(), toml::Value::Table(units));
    all.to_string()
}

/// Writes bytes to a file atomically: temporary file in the same folder, sync, rename, sync of the folder.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let io = |e: std::io::Error| Error::Io { path: path.display().to_string(), cause: e.to_string() };
    let temporary = temporary(path)?;
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(io)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Not every file system lets a folder be synced; the file itself is safe by now.
    let _ = File::open(folder).and_then(|f| f.sync_all());
    Ok(())
}

/// A name in the same folder that no other process or thread uses.
fn temporary(path: &Path) -> Result<PathBuf> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = path.file_name().and_then(|n| n.to_str()).ok_or_else(|| {
        Error::usage(format!("`{}` is not the name of a file", path.display()), "name a file to write")
    })?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Ok(path.with_file_name(format!(".{name}.{}-{count}.tmp", std::process::id())))
}
