//! How are numbers written in a report? With so few digits that another machine's rounding does not show.

use super::book::Trust;
use crate::field::{Column, Table, Values};
use crate::num::vanishes;

/// Six significant digits, in positional notation where that is readable: `1.31231`, `1.2e−7`.
pub(super) fn number(value: f64) -> String {
    digits(value, 6)
}

/// The same, where what vanishes beside something of this size is zero.
pub(super) fn beside(value: f64, size: f64) -> String {
    number(if vanishes(value, size) { 0.0 } else { value })
}

/// So many significant digits.
pub(super) fn digits(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "not a number".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞".into() } else { "−∞".into() };
    }
    if value == 0.0 {
        return "0".into();
    }
    let scientific = format!("{:.*e}", digits - 1, value);
    // The format is `d.ddde±x`: always an e.
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let text = if (-4..digits as i32).contains(&power) {
        let decimals = (digits as i32 - 1 - power).max(0) as usize;
        trimmed(&format!("{value:.decimals$}"))
    } else {
        format!("{}e{}", trimmed(mantissa), power)
    };
    text.replace('-', "−")
}

fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text.into() }
}

/// The words for a trust.
pub(super) fn trust(trust: &Trust) -> String {
    match trust {
        Trust::Proven(lo, hi) if lo.is_nan() || hi.is_nan() => "proven".into(),
        Trust::Proven(..) => "proven enclosure".into(),
        Trust::Exact => "exact".into(),
        Trust::Computed => "computed".into(),
        Trust::Estimated(se) if se.is_finite() => format!("estimated ± {}", digits(*se, 2)),
        Trust::Estimated(_) => "estimated".into(),
    }
}

/// The table with its numbers rounded to six significant digits.
pub(super) fn rounded(table: &Table) -> Table {
    let round = |v: f64| if v.is_finite() { format!("{v:.5e}").parse().unwrap_or(v) } else { v };
    table.columns().iter().fold(Table::new(), |out, column| {
        let values = match &column.values {
            Values::Number(v) => {
                // What is zero up to the rounding of its neighbours is zero.
                let size = largest(v);
                Values::Number(v.iter().map(|&x| if x.abs() < 1e-13 * size { 0.0 } else { round(x) }).collect())
            }
            other => other.clone(),
        };
        out.with(Column { values, ..column.clone() })
    })
}

/// The largest finite number of a column, without its sign.
fn largest(values: &[f64]) -> f64 {
    values.iter().filter(|x| x.is_finite()).fold(0.0, |size, x| size.max(x.abs()))
}

/// The cells of a row.
pub(super) fn row(table: &Table, k: usize) -> Vec<String> {
    table
        .columns()
        .iter()
        .map(|c| match &c.values {
            Values::Number(v) if v[k].is_nan() => String::new(),
            Values::Number(v) => beside(c.shown(v[k]), largest(v)),
            Values::Text(v) => v[k].clone(),
            Values::Flag(v) => if v[k] { "yes" } else { "no" }.into(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_six_digits() {
        assert_eq!(number(1.312310562561766), "1.31231");
        assert_eq!(number(-0.05), "−0.05");
        assert_eq!(number(62.831853), "62.8319");
        assert_eq!(number(86400.0), "86400");
        assert_eq!(number(1.5e9), "1.5e9");
        assert_eq!(number(-2.5e-7), "−2.5e−7");
        assert_eq!(number(1e-30), "1e−30");
        assert_eq!(number(999999.7), "1e6");
    }

    #[test]
    fn theory_what_vanishes_beside_its_column_is_zero() {
        let table = |values: &[f64]| Table::new().number("p", crate::field::Unit::NONE, values.to_vec());
        assert_eq!(row(&table(&[1.0, 1e-17]), 1), ["0"]);
        assert_eq!(row(&table(&[1e-30, 2e-31]), 1), ["2e−31"]);
    }
}
