//! Is this table the one that was written?

use super::units;
use crate::field::{Table, Values};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

/// SHA-256 of the content of a table: names, units and the bits of every value, whatever the file format.
pub fn digest(table: &Table) -> String {
    let mut state = Sha256::new();
    let mut put = |bytes: &[u8]| {
        state.update((bytes.len() as u64).to_le_bytes());
        state.update(bytes);
    };
    for column in table.columns() {
        put(column.name.as_bytes());
        put(units::text(&column.unit).as_bytes());
        match &column.values {
            // All NaN count as one value: their bits mean nothing.
            Values::Number(v) => {
                let bits = |x: &f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
                put(&v.iter().flat_map(|x| bits(x).to_le_bytes()).collect::<Vec<u8>>());
            }
            Values::Text(v) => v.iter().for_each(|s| put(s.as_bytes())),
            Values::Flag(v) => put(&v.iter().map(|&b| u8::from(b)).collect::<Vec<u8>>()),
        }
    }
    hex(state.finalize().as_slice())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
