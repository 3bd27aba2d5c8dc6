//! Can this recording be judged at all?
//!
//! A recording is a time column and columns of quantities with units, sampled uniformly. What would make every later
//! number meaningless is refused here: time that runs backwards or stands still, gaps, missing values, a column that
//! never changes.

use crate::data::DataSet;
use crate::field::{Error, Result, Unit};
use std::collections::BTreeMap;

/// Which columns hold which quantity.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The time column; without it `t`, `time` and their spellings with a unit (`t_s`, `time_ms`) are looked for.
    pub time: Option<String>,
    /// Quantity → columns. Several columns are repetitions (units, cells, trials) of the same quantity.
    /// A quantity that is not listed has the column of its name, or those called `NAME_0`, `NAME_1`, ….
    pub columns: BTreeMap<String, Vec<String>>,
}

/// One quantity in a recording: one series per repetition.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its columns.
    pub columns: Vec<String>,
    /// The unit of the columns.
    pub unit: Unit,
    /// The values by column, in the coherent unit (s, Hz, V, …).
    pub series: Vec<Vec<f64>>,
}

impl Recorded {
    /// The average over the repetitions.
    pub fn average(&self) -> Vec<f64> {
        let count = self.series.len() as f64;
        (0..self.series[0].len()).map(|k| self.series.iter().map(|s| s[k]).sum::<f64>() / count).collect()
    }
}

/// A uniformly sampled recording.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Where it came from.
    pub file: String,
    /// Times in s.
    pub time: Vec<f64>,
    /// The sampling interval in s.
    pub dt: f64,
    /// The quantities by name.
    pub quantities: BTreeMap<String, Recorded>,
    /// Remarks for the report: what was left open and how it was read.
    pub remarks: Vec<String>,
}

impl Recording {
    /// The recording of these quantities in a data set.
    pub fn new(data: &DataSet, quantities: &[&str], mapping: &Mapping) -> Result<Recording> {
        let time = times(data, mapping)?;
        let dt = uniform(data, &time)?;
        let mut recording =
            Recording { file: data.file.clone(), time, dt, quantities: BTreeMap::new(), remarks: Vec::new() };
        for &quantity in quantities {
            recording.quantities.insert(quantity.into(), recorded(data, quantity, mapping)?);
        }
        for (column, count) in &data.missing {
            recording.remarks.push(format!("{count} missing values in column `{column}`, which is not used"));
        }
        Ok(recording)
    }

    /// A recording of one series sampled every `dt` seconds, for results that never were a file.
    pub fn of(quantity: &str, unit: Unit, dt: f64, series: Vec<Vec<f64>>) -> Recording {
        let time = (0..series[0].len()).map(|k| k as f64 * dt).collect();
        let columns = (0..series.len()).map(|k| format!("{quantity}_{k}")).collect();
        let recorded = Recorded { columns, unit, series };
        let quantities = BTreeMap::from([(quantity.to_string(), recorded)]);
        Recording { file: String::new(), time, dt, quantities, remarks: Vec::new() }
    }

    /// With one more quantity, computed from the others (coherent unit), for example `ln_s`.
    pub fn with(mut self, quantity: &str, unit: Unit, series: Vec<Vec<f64>>) -> Recording {
        let columns = (0..series.len()).map(|k| format!("{quantity}_{k}")).collect();
        self.quantities.insert(quantity.into(), Recorded { columns, unit, series });
        self
    }

    /// A quantity by name.
    pub fn quantity(&self, name: &str) -> Result<&Recorded> {
        self.quantities.get(name).ok_or_else(|| {
            Error::unknown("quantity", name, crate::field::nearest(name, self.quantities.keys().map(String::as_str)))
        })
    }

    /// Only the samples from `from` to `until` (s).
    pub fn between(&self, from: f64, until: f64) -> Result<Recording> {
        // Half a step of tolerance, so that `from` means the sample nearest to it.
        let inside = |t: f64| t >= from - self.dt / 2.0 && t <= until + self.dt / 2.0;
        let first = self.time.iter().position(|&t| inside(t)).unwrap_or(self.time.len());
        let count = self.time[first..].iter().take_while(|&&t| inside(t)).count();
        if count < 20 {
            let span = (self.time[0], self.time[self.time.len() - 1]);
            return Err(Error::usage(
                format!(
                    "between {from} s and {until} s there are {count} samples; the recording covers {} s to {} s",
                    span.0, span.1
                ),
                "choose a window with at least 20 samples",
            ));
        }
        let cut = |s: &Vec<f64>| s[first..first + count].to_vec();
        let mut part = self.clone();
        part.time = cut(&self.time);
        part.quantities.values_mut().for_each(|q| q.series = q.series.iter().map(cut).collect());
        Ok(part)
    }

    /// How long it is, in s.
    pub fn duration(&self) -> f64 {
        self.dt * self.time.len() as f64
    }
}

fn times(data: &DataSet, mapping: &Mapping) -> Result<Vec<f64>> {
    let names = || data.table.columns().iter().map(|c| c.name.as_str());
    let name = match &mapping.time {
        Some(name) => name.clone(),
        None => {
            let like_time = |n: &&str| {
                let stem = n.split('_').next().unwrap_or("").to_ascii_lowercase();
                ["t", "time", "times"].contains(&stem.as_str()) && n.matches('_').count() <= 1
            };
            let found: Vec<&str> = names().filter(like_time).collect();
            match found[..] {
                [one] => one.to_string(),
                [] => {
                    return Err(
                        data.error("no column looks like time (t, time, t_s, time_ms, …)", "say which one it is")
                    );
                }
                _ => {
                    return Err(data.error(
                        format!("several columns look like time: {}", found.join(", ")),
                        "say which one it is",
                    ));
                }
            }
        }
    };
    let unit = data.unit(&name)?;
    if !unit.same_dimension(&Unit::SECOND) {
        return Err(Error::Units {
            quantity: format!("time column `{name}`"),
            expected: "s".into(),
            got: unit.to_string(),
        });
    }
    complete(data, &name)?;
    Ok(data.numbers(&name)?.iter().map(|t| t * unit.factor).collect())
}

/// The sampling interval, or an error at the first row that breaks it.
fn uniform(data: &DataSet, time: &[f64]) -> Result<f64> {
    let n = time.len();
    if n < 20 {
        return Err(data.error(
            format!("the recording has {n} samples; at least 20 are needed"),
            "record longer or sample faster",
        ));
    }
    let at = |row: usize, cause: String, help: &str| Err(data.row_error(row, cause, help));
    for row in 1..n {
        if time[row] == time[row - 1] {
            return at(row, format!("the time {} s occurs twice", time[row]), "leave one of the two rows away");
        }
        if time[row] < time[row - 1] {
            let cause = format!("time runs backwards, from {} s to {} s", time[row - 1], time[row]);
            return at(row, cause, "sort the rows by time; if a clock was reset, cut the recording there");
        }
    }
    let mut steps: Vec<f64> = time.windows(2).map(|w| w[1] - w[0]).collect();
    let dt = *steps.clone().select_nth_unstable_by((n - 1) / 2, f64::total_cmp).1;
    // Printed times are rounded; six digits are what most programs print.
    let rounding = 2e-6 * time[n - 1].abs().max(time[0].abs());
    let slack = (1e-3 * dt).max(rounding.min(0.2 * dt));
    if let Some(k) = steps.iter().position(|s| (s - dt).abs() > slack) {
        let cause = format!("the time step is {:.6} s, elsewhere {dt:.6} s", steps[k]);
        return at(k + 1, cause, "sample uniformly, or cut the recording at the gap");
    }
    steps.clear();
    Ok((time[n - 1] - time[0]) / (n - 1) as f64)
}

fn recorded(data: &DataSet, quantity: &str, mapping: &Mapping) -> Result<Recorded> {
    let names = || data.table.columns().iter().map(|c| c.name.as_str());
    let numbered = |n: &&str| {
        n.strip_prefix(quantity)
            .and_then(|r| r.strip_prefix('_'))
            .is_some_and(|r| r.bytes().all(|b| b.is_ascii_digit()) && !r.is_empty())
    };
    let columns: Vec<String> = match mapping.columns.get(quantity) {
        Some(columns) => columns.clone(),
        None if names().any(|n| n == quantity) => vec![quantity.into()],
        None if names().any(|n| numbered(&n)) => names().filter(numbered).map(String::from).collect(),
        // The error names what is near.
        None => vec![data.column(quantity).map(|_| quantity.to_string())?],
    };
    if columns.is_empty() {
        return Err(Error::usage(format!("no column is named for `{quantity}`"), "name at least one"));
    }
    let unit = data.unit(&columns[0])?.clone();
    let mut series = Vec::new();
    for name in &columns {
        let other = data.unit(name)?;
        if !other.same_dimension(&unit) {
            let quantity = format!("column `{name}`");
            return Err(Error::Units { quantity, expected: unit.to_string(), got: other.to_string() });
        }
        complete(data, name)?;
        let values = data.numbers(name)?;
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), &x| (l.min(x), h.max(x)));
        if high - low <= 1e-12 * high.abs().max(low.abs()) {
            return Err(data.error(
                format!("column `{name}` is constant ({low}): nothing in it can be judged"),
                "name the column that the simulation recorded, or check that it ran",
            ));
        }
        series.push(values.iter().map(|x| x * other.factor).collect());
    }
    Ok(Recorded { columns, unit, series })
}

/// Refuses a column with missing values.
fn complete(data: &DataSet, name: &str) -> Result<()> {
    match data.numbers(name)?.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(row) => {
            let cause = format!("a value of `{name}` is missing");
            Err(data.row_error(row, cause, "cut the recording there, or fill the value in"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{ReadOptions, read_text};

    fn recording(text: &str, quantity: &str) -> Result<Recording> {
        Recording::new(&read_text("x.csv", text, &ReadOptions::default())?, &[quantity], &Mapping::default())
    }

    fn rows(header: &str, row: impl Fn(usize) -> String) -> String {
        (0..30).fold(format!("{header}\n"), |text, k| text + &row(k) + "\n")
    }

    #[test]
    fn theory_units_columns_and_repetitions_are_found() {
        let text = rows("t_ms,y_0 [kHz],y_1 [kHz],y_x", |k| format!("{},{},{},1", k * 2, k % 3, k % 5));
        let r = recording(&text, "y").unwrap();
        assert!((r.dt - 0.002).abs() < 1e-15);
        let y = r.quantity("y").unwrap();
        assert_eq!(y.columns, ["y_0", "y_1"]);
        assert_eq!(y.series[1][4], 4000.0);
        assert_eq!(y.average()[2], 2000.0);
        assert_eq!(r.between(0.01, 0.05).unwrap().time.len(), 21);
        assert!(r.between(0.05, 0.9).unwrap_err().to_string().contains("at least 20 samples"));
    }
}
