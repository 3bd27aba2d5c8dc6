//! How is a Parquet file read, and how does one of ours know that it is whole?
//!
//! polars reads and writes it. A broken file can make the reader panic; that becomes an error here.
//! A Parquet file has no checksum of its own (most single flipped bits go unnoticed), so the files that we write carry
//! the digest of their content, and reading compares it.

use super::digest::digest;
use super::guard::caught;
use super::read::{DataSet, Missing, ReadOptions, Stated, whole};
use super::units;
use crate::field::{Column, Result, Table, Unit, Values};
use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::{
    Column as Series, DataFrame, DataType, NamedFrom, ParallelStrategy, ParquetCompression, ParquetReader,
    ParquetWriter, SerReader, Series as Raw,
};
use std::io::Cursor;

const UNITS: &str = "homeostat.units";
const DIGEST: &str = "homeostat.sha256";

/// Reads the bytes of a Parquet file.
pub(super) fn read(file: &str, bytes: &[u8], options: &ReadOptions) -> Result<DataSet> {
    let broken = |why: String| {
        let short: String = why.lines().next().unwrap_or("").chars().take(160).collect();
        whole(
            file,
            format!("is a broken Parquet file: {short}"),
            "fetch or write it again; a copy may have been cut off",
        )
    };
    if bytes.len() < 12 || !bytes.ends_with(b"PAR1") {
        return Err(broken("it does not end with `PAR1`, so its end is missing".into()));
    }
    let (frame, notes) = caught(|| frame(bytes, options.max_bytes))
        .map_err(|p| broken(format!("the reader gave up ({p})")))?
        .map_err(broken)?;
    if frame.height() == 0 || frame.width() == 0 {
        return Err(whole(file, "has no rows", "check that the program that wrote it finished"));
    }
    let note = |key: &str| notes.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    let known: Vec<(String, String)> = match note(UNITS) {
        Some(text) => serde_json::from_str(text).map_err(|_| broken("its units cannot be read".into()))?,
        None => Vec::new(),
    };
    let (mut table, mut stated, mut missing) = (Table::new(), Vec::new(), Vec::new());
    for series in frame.columns() {
        let raw = series.name().to_string();
        let ours =
            known.iter().find(|(name, _)| *name == raw).and_then(|(_, unit)| units::parse(unit).or(Some(Unit::NONE)));
        let (name, unit, who) = match (ours, units::header_unit(&raw)) {
            (Some(unit), _) => (raw.clone(), unit, Stated::File),
            (None, (name, Some(unit))) => (name, unit, Stated::Header),
            (None, (name, None)) => (name, Unit::NONE, Stated::Nobody),
        };
        if table.columns().iter().any(|c| c.name == name) {
            return Err(whole(file, format!("two columns are called `{name}`"), "rename one of them"));
        }
        let (values, holes) = values(file, series, &name, note(DIGEST).is_some())?;
        if holes > 0 {
            if options.missing == Missing::Refuse && note(DIGEST).is_none() {
                let cause = format!("column `{name}` has {holes} missing values");
                return Err(whole(file, cause, "fill them in, leave the column away, or allow missing values"));
            }
            missing.push((name.clone(), holes));
        }
        table = table.with(Column { name, unit, values, size: 0.0 });
        stated.push(who);
    }
    if let Some(wanted) = note(DIGEST)
        && digest(&table) != wanted
    {
        return Err(broken("its content is not what was written (the digest differs)".into()));
    }
    Ok(DataSet { file: file.into(), table, stated, lines: Vec::new(), missing, sha256: String::new() })
}

type Notes = Vec<(String, String)>;

/// The frame and the notes in the footer.
fn frame(bytes: &[u8], limit: u64) -> std::result::Result<(DataFrame, Notes), String> {
    let mut reader = ParquetReader::new(Cursor::new(bytes)).read_parallel(ParallelStrategy::None);
    let metadata = reader.get_metadata().map_err(|e| e.to_string())?;
    // A small file can claim a huge table; look before memory is asked for.
    let columns = metadata.schema_descr.columns().len() as u64;
    let size = (metadata.num_rows as u64).saturating_mul(columns.max(1)).saturating_mul(8);
    let unpacked: u64 = metadata.row_groups.iter().map(|g| g.total_byte_size() as u64).fold(0, u64::saturating_add);
    if size.max(unpacked) > limit {
        return Err(format!("it claims {} rows and {unpacked} bytes, more than is allowed", metadata.num_rows));
    }
    let notes = metadata.key_value_metadata().iter().flatten();
    let notes = notes.filter_map(|kv| Some((kv.key.to_string(), kv.value.as_ref()?.to_string()))).collect();
    let frame = reader.finish().map_err(|e| e.to_string())?;
    Ok((frame, notes))
}

/// The values of a column and how many are missing.
fn values(file: &str, series: &Series, name: &str, ours: bool) -> Result<(Values, usize)> {
    let refuse = |cause: String, help: &str| Err(whole(file, cause, help));
    let failed = |e: polars::prelude::PolarsError| whole(file, format!("column `{name}`: {e}"), "write the file again");
    let kind = series.dtype().clone();
    let holes = series.null_count();
    match kind {
        DataType::String => {
            let text = series.str().map_err(failed)?;
            Ok((Values::Text(text.iter().map(|s| s.unwrap_or("").to_string()).collect()), holes))
        }
        DataType::Boolean if holes > 0 => {
            refuse(format!("column `{name}` has missing values of true and false"), "fill them in")
        }
        DataType::Boolean => {
            let flags = series.bool().map_err(failed)?;
            Ok((Values::Flag(flags.iter().map(|b| b.unwrap_or(false)).collect()), 0))
        }
        DataType::Int64 | DataType::UInt64 => {
            let exact = series.cast(&DataType::Float64).map_err(failed)?;
            let back = exact.cast(&kind).map_err(failed)?;
            if !back.equals_missing(series) {
                let cause = format!("column `{name}` has whole numbers above 2^53, which a double does not keep");
                return refuse(cause, "store identifiers as text");
            }
            numbers(file, &exact, name, ours)
        }
        ref k if k.is_primitive_numeric() => {
            numbers(file, &series.cast(&DataType::Float64).map_err(failed)?, name, ours)
        }
        DataType::Null => refuse(format!("column `{name}` has no values"), "leave it away"),
        other => refuse(
            format!("column `{name}` has the type {other}, which is not read here"),
            "store numbers, words or true and false",
        ),
    }
}

fn numbers(file: &str, series: &Series, name: &str, ours: bool) -> Result<(Values, usize)> {
    let failed = |e: polars::prelude::PolarsError| whole(file, format!("column `{name}`: {e}"), "write the file again");
    let values: Vec<f64> = series.f64().map_err(failed)?.iter().map(|x| x.unwrap_or(f64::NAN)).collect();
    if let Some(row) = values.iter().position(|x| x.is_infinite())
        && !ours
    {
        let cause = format!("row {}: a value of `{name}` is not finite", row + 1);
        return Err(whole(file, cause, "find out why it diverged; leave such rows away"));
    }
    let holes = values.iter().filter(|x| x.is_nan()).count();
    Ok((Values::Number(values), holes))
}

/// The columns of a table as polars has them; NaN becomes a null.
pub(super) fn to_frame(table: &Table, text: impl Fn(&str) -> String) -> std::result::Result<DataFrame, String> {
    let columns = table.columns().iter().map(|column| {
        let name = column.name.as_str().into();
        match &column.values {
            Values::Number(v) => Raw::new(name, v.iter().map(|x| (!x.is_nan()).then_some(*x)).collect::<Vec<_>>()),
            Values::Text(v) => Raw::new(name, v.iter().map(|s| text(s)).collect::<Vec<_>>()),
            Values::Flag(v) => Raw::new(name, v.clone()),
        }
    });
    DataFrame::new(table.rows(), columns.map(Series::from).collect()).map_err(|e| e.to_string())
}

/// The bytes of a Parquet file with this table; `notes` go into its footer.
pub(super) fn write(table: &Table, notes: &[(String, String)]) -> std::result::Result<Vec<u8>, String> {
    let units: Notes = table.columns().iter().map(|c| (c.name.clone(), units::text(&c.unit))).collect();
    let mut all = notes.to_vec();
    all.push((UNITS.into(), serde_json::to_string(&units).map_err(|e| e.to_string())?));
    all.push((DIGEST.into(), digest(table)));
    let mut bytes = Vec::new();
    // One thread and a fixed codec: the same bytes every time.
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Snappy)
        .set_parallel(false)
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(all)))
        .finish(&mut to_frame(table, str::to_string)?)
        .map_err(|e| e.to_string())?;
    Ok(bytes)
}
