//! Which numbers are behind a figure? One table, a row for every point.

use super::marks::Mark;
use super::panel::Panel;
use crate::field::{Table, Unit};

/// A row: panel, mark, series, class, and x, y, low, high, `x_to`, `y_to`, value (NaN where there is none).
struct Row<'a> {
    panel: char,
    mark: &'static str,
    series: &'a str,
    class: &'static str,
    numbers: [f64; 7],
}

const NUMBERS: [&str; 7] = ["x", "y", "low", "high", "x_to", "y_to", "value"];
const NONE: f64 = f64::NAN;

pub(super) fn table(panels: &[Panel]) -> Table {
    let mut rows: Vec<Row> = Vec::new();
    for (k, panel) in panels.iter().enumerate() {
        for mark in &panel.marks {
            push(&mut rows, super::letter(k), mark);
        }
    }
    let mut table = Table::new()
        .text("panel", rows.iter().map(|r| r.panel.to_string()).collect())
        .text("mark", rows.iter().map(|r| r.mark.to_string()).collect())
        .text("series", rows.iter().map(|r| r.series.to_string()).collect());
    if rows.iter().any(|r| !r.class.is_empty()) {
        table = table.text("class", rows.iter().map(|r| r.class.to_string()).collect());
    }
    for (k, name) in NUMBERS.iter().enumerate() {
        let column: Vec<f64> = rows.iter().map(|r| r.numbers[k]).collect();
        if column.iter().any(|v| !v.is_nan()) {
            table = table.number(name, Unit::NONE, column);
        }
    }
    table
}

fn push<'a>(rows: &mut Vec<Row<'a>>, panel: char, mark: &'a Mark) {
    let mut row = |mark, series: &'a str, class, numbers| rows.push(Row { panel, mark, series, class, numbers });
    match mark {
        Mark::Line(m) => {
            for (&x, &y) in m.x.iter().zip(&m.y) {
                row("line", &m.name, "", [x, y, NONE, NONE, NONE, NONE, NONE]);
            }
        }
        Mark::Points(m) => {
            for (k, (&x, &y)) in m.x.iter().zip(&m.y).enumerate() {
                let (low, high) = m.bars.as_ref().map_or((NONE, NONE), |(low, high)| (low[k], high[k]));
                row("points", &m.name, "", [x, y, low, high, NONE, NONE, NONE]);
            }
        }
        Mark::Band(m) => {
            for (k, &x) in m.x.iter().enumerate() {
                row("band", &m.name, "", [x, NONE, m.low[k], m.high[k], NONE, NONE, NONE]);
            }
        }
        Mark::Rule(m) if m.vertical => row("rule", &m.label, "", [m.at, NONE, NONE, NONE, NONE, NONE, NONE]),
        Mark::Rule(m) => row("rule", &m.label, "", [NONE, m.at, NONE, NONE, NONE, NONE, NONE]),
        Mark::Note(m) => row("note", &m.text, "", [m.x, m.y, NONE, NONE, NONE, NONE, NONE]),
        Mark::Cells(m) => {
            let columns = m.x.len() - 1;
            for (k, &value) in m.values.iter().enumerate() {
                let (i, j) = (k % columns, k / columns);
                row("cell", &m.label, "", [m.x[i], m.y[j], NONE, NONE, m.x[i + 1], m.y[j + 1], value]);
            }
        }
        Mark::Regions(m) => {
            for b in &m.boxes {
                row("region", "", b.class.word(), [b.x.0, b.y.0, NONE, NONE, b.x.1, b.y.1, NONE]);
            }
        }
        Mark::Contours(m) => {
            for (k, &value) in m.values.iter().enumerate() {
                let (i, j) = (k % m.x.len(), k / m.x.len());
                row("grid", &m.name, "", [m.x[i], m.y[j], NONE, NONE, NONE, NONE, value]);
            }
        }
    }
}
