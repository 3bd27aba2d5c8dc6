//! How does a result become rows? A small table of named columns with units, the same for CSV, Parquet, JSON, the
//! command line and the report.

use super::{Quantity, Unit};
use crate::num::vanishes;

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers, in the unit of the column; NaN means "not defined here".
    Number(Vec<f64>),
    /// Words.
    Text(Vec<String>),
    /// Yes or no.
    Flag(Vec<bool>),
}

impl Values {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Values::Number(v) => v.len(),
            Values::Text(v) => v.len(),
            Values::Flag(v) => v.len(),
        }
    }
    /// Is there no row?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its header.
    pub name: String,
    /// The unit its numbers are in, as they stand (not the coherent one).
    pub unit: Unit,
    /// Its values.
    pub values: Values,
    /// How large its quantity is, in the unit of the column; zero where the smallest number has a meaning.
    pub size: f64,
}

impl Column {
    /// A number as it is shown: zero for what vanishes beside the quantity's size.
    pub fn shown(&self, value: f64) -> f64 {
        if vanishes(value, self.size) { 0.0 } else { value }
    }
}

/// Named columns of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
}

impl Table {
    /// No columns yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// This table with one more column of numbers.
    ///
    /// # Panics
    /// If the length differs from the other columns: a mistake in this program.
    pub fn number(self, name: &str, unit: Unit, values: Vec<f64>) -> Self {
        self.with(Column { name: name.into(), unit, values: Values::Number(values), size: 0.0 })
    }
    /// This table with one more column of words.
    pub fn text(self, name: &str, values: Vec<String>) -> Self {
        self.with(Column { name: name.into(), unit: Unit::NONE, values: Values::Text(values), size: 0.0 })
    }
    /// This table with one more column of yes and no.
    pub fn flag(self, name: &str, values: Vec<bool>) -> Self {
        self.with(Column { name: name.into(), unit: Unit::NONE, values: Values::Flag(values), size: 0.0 })
    }
    /// This table with one more column.
    pub fn with(mut self, column: Column) -> Self {
        if let Some(first) = self.columns.first() {
            assert_eq!(first.values.len(), column.values.len(), "column `{}` has another length", column.name);
        }
        self.columns.push(column);
        self
    }
    /// This table where the columns of these quantities know how large they are (coherent units).
    pub fn sized(mut self, quantities: &[Quantity], sizes: &[f64]) -> Self {
        for column in &mut self.columns {
            if let Some(k) = quantities.iter().position(|q| q.name == column.name) {
                column.size = sizes[k] / quantities[k].unit.factor;
            }
        }
        self
    }
    /// The columns in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
    /// The numbers of a column by name.
    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|c| c.name == name).and_then(|c| match &c.values {
            Values::Number(v) => Some(v.as_slice()),
            _ => None,
        })
    }
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |c| c.values.len())
    }
}
