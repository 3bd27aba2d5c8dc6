//! How do tables and recordings get in and out, without a silent change on the way?
//!
//! [`read`] takes CSV and Parquet as other programs write them and refuses what it would have to guess: a wrong
//! separator, a ragged row, two columns of one name, a word among numbers, a missing value that nobody mentioned.
//! Every refusal names the file, the line and the column, the cause, and what to do.
//! A number read from a file has a unit only if somebody said so: the header (`rate_hz`, `y [Hz]`), a sidecar
//! (`NAME.units.toml`), the caller ([`ReadOptions::units`]), or, in files that we wrote, the file itself.
//!
//! ```
//! use homeostat::data::{self, ReadOptions};
//! let options = ReadOptions::default();
//! let data = data::read_text("run.csv", "t_s,rate_hz\n0,5.25\n1,4.75\n", &options).unwrap();
//! assert_eq!(data.table.numbers("rate_hz"), Some(&[5.25, 4.75][..]));
//! assert_eq!(data.unit("rate_hz").unwrap().to_string(), "Hz");
//! let refused = data::read_text("run.csv", "t;rate\n0;5\n", &options).unwrap_err();
//! assert!(refused.to_string().contains("semicolon"));
//! ```

mod cells;
mod csv;
mod digest;
mod guard;
mod parquet;
mod read;
mod records;
mod source;
#[cfg(test)]
mod tests;
mod units;
mod write;

pub use digest::{digest, sha256_hex};
pub use read::{DataSet, Missing, ReadOptions, Stated, read, read_bytes, read_table, read_text};
pub use source::read_source;
pub use units::header_unit;
pub use write::{Format, to_bytes, write_bytes, write_table};
