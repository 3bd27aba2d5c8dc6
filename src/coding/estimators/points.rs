//! Which samples may a continuous estimator be given?
//!
//! [`Points`] are n samples of d real variables, checked once: finite, as many in every variable. Estimators bring each
//! variable to normal scores first (its rank r becomes Φ⁻¹(r/(n+1)), ties share their mean rank): mutual information does
//! not change under monotone maps of single variables, and estimators become independent of units and heavy tails.
//!
//! ```
//! use homeostat::coding::estimators::Points;
//! let rates = Points::columns(&[&[1.0, 2.0, 3.0], &[0.5, 0.1, 0.4]])?;
//! assert_eq!((rates.len(), rates.dimension()), (3, 2));
//! assert!(Points::column(&[1.0, f64::NAN]).is_err());
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::{Error, Result};
use crate::num::special::probit;
use rayon::prelude::*;

/// Samples of one or several real variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// One vector per variable.
    columns: Vec<Vec<f64>>,
    len: usize,
}

impl Points {
    /// Samples of several variables, one slice per variable; refuses NaN, infinities and unequal lengths.
    pub fn columns(columns: &[&[f64]]) -> Result<Self> {
        let Some(first) = columns.first() else {
            return Err(Error::usage("there is no variable", "give at least one column"));
        };
        for (i, column) in columns.iter().enumerate() {
            checks::same_length("the columns", first.len(), column.len())?;
            checks::all_finite(&format!("column {i} (from 0)"), column)?;
        }
        Ok(Points { columns: columns.iter().map(|c| c.to_vec()).collect(), len: first.len() })
    }
    /// Samples of one variable.
    pub fn column(column: &[f64]) -> Result<Self> {
        Points::columns(&[column])
    }
    /// How many samples.
    pub fn len(&self) -> usize {
        self.len
    }
    /// Is there no sample?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// How many variables.
    pub fn dimension(&self) -> usize {
        self.columns.len()
    }
    /// The samples of one variable.
    pub fn variable(&self, i: usize) -> &[f64] {
        &self.columns[i]
    }
    /// These variables and those of `other`, side by side.
    pub fn beside(&self, other: &Points) -> Result<Self> {
        checks::same_length("the samples", self.len, other.len)?;
        Ok(Points { columns: [self.columns.as_slice(), other.columns.as_slice()].concat(), len: self.len })
    }
    /// The samples with these indices, in this order.
    pub fn select(&self, indices: &[usize]) -> Self {
        let pick = |c: &Vec<f64>| indices.iter().map(|&i| c[i]).collect();
        Points { columns: self.columns.iter().map(pick).collect(), len: indices.len() }
    }
    /// Every variable replaced by its normal scores.
    pub fn normal_scores(&self) -> Self {
        Points { columns: self.columns.par_iter().map(|c| scores(c)).collect(), len: self.len }
    }
    /// The same ranks with the values of `other`, variable by variable; both have as many samples and variables.
    pub(crate) fn with_margins(&self, other: &Points) -> Self {
        let moved = |(mine, theirs): (&Vec<f64>, &Vec<f64>)| {
            let mut values = theirs.clone();
            values.sort_by(f64::total_cmp);
            let mut out = vec![0.0; self.len];
            sorted_order(mine).iter().zip(values).for_each(|(&i, v)| out[i as usize] = v);
            out
        };
        Points { columns: self.columns.iter().zip(&other.columns).map(moved).collect(), len: self.len }
    }
    /// Without the variables that never change; they carry no information.
    pub(crate) fn without_constants(&self) -> Self {
        let varies = |c: &&Vec<f64>| c.iter().any(|x| *x != c[0]);
        Points { columns: self.columns.iter().filter(varies).cloned().collect(), len: self.len }
    }
    /// The largest number of samples that share one value of a variable.
    pub(crate) fn heaviest_tie(&self) -> usize {
        let heaviest = |c: &Vec<f64>| {
            let mut sorted: Vec<u64> = c.iter().map(|x| key(*x)).collect();
            sorted.sort_unstable();
            sorted.chunk_by(|a, b| a == b).map(<[u64]>::len).max().unwrap_or(0)
        };
        self.columns.par_iter().map(heaviest).max().unwrap_or(0)
    }
    /// Does one variable determine one of `other` monotonically? Then their information is infinite.
    pub(crate) fn determines(&self, other: &Points) -> bool {
        let top = 2 * self.len as u64 + 2;
        let same = |a: &Vec<f64>, b: &Vec<f64>| {
            if not_monotone(a, b) {
                return false;
            }
            let (a, b) = (doubled_ranks(a), doubled_ranks(b));
            a == b || a.iter().zip(&b).all(|(x, y)| x + y == top)
        };
        self.columns.iter().any(|a| other.columns.iter().any(|b| same(a, b)))
    }
}

/// A whole number in the order of the values; −0 and 0 have the same.
fn key(x: f64) -> u64 {
    let bits = (x + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// Indices that sort the values, equal ones in the order of their indices.
pub(crate) fn sorted_order(values: &[f64]) -> Vec<u32> {
    let mut keys: Vec<(u64, u32)> = values.iter().enumerate().map(|(i, x)| (key(*x), i as u32)).collect();
    keys.sort_unstable();
    keys.into_iter().map(|k| k.1).collect()
}

/// Can a strictly monotone map not take one column to the other? Some of the first samples often show it.
fn not_monotone(a: &[f64], b: &[f64]) -> bool {
    let (mut up, mut down) = (false, false);
    for i in 1..a.len().min(200) {
        let (da, db) = (a[i] - a[i - 1], b[i] - b[i - 1]);
        if (da == 0.0) != (db == 0.0) {
            return true;
        }
        up |= da * db > 0.0;
        down |= da * db < 0.0;
    }
    up && down
}

/// Twice the mean rank (from 1) of every value; equal values share it.
fn doubled_ranks(values: &[f64]) -> Vec<u64> {
    let order = sorted_order(values);
    let mut ranks = vec![0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let value = values[order[start] as usize];
        let end = start + order[start..].iter().take_while(|&&i| values[i as usize] == value).count();
        for &i in &order[start..end] {
            ranks[i as usize] = (start + 1 + end) as u64;
        }
        start = end;
    }
    ranks
}

fn scores(values: &[f64]) -> Vec<f64> {
    let below = 2.0 * (values.len() as f64 + 1.0);
    doubled_ranks(values).into_iter().map(|r| probit(r as f64 / below)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_scores_depend_on_order_only() {
        let x = [3.0, -1.0, 0.5, 10.0, 0.5];
        let bent: Vec<f64> = x.iter().map(|v: &f64| v.exp()).collect();
        assert_eq!(Points::column(&x).unwrap().normal_scores(), Points::column(&bent).unwrap().normal_scores());
        let s = scores(&x);
        assert_eq!(s[2], s[4]);
        assert!((s.iter().sum::<f64>()).abs() < 1e-12 + (s[2] * 2.0).abs());
    }

    #[test]
    fn law_ties_constants_and_copies_are_seen() {
        let x = Points::columns(&[&[1.0, 1.0, 1.0, 2.0], &[5.0; 4]]).unwrap();
        assert_eq!(x.heaviest_tie(), 4);
        assert_eq!(x.without_constants().dimension(), 1);
        let (a, b) = (Points::column(&[1.0, 4.0, 2.0]).unwrap(), Points::column(&[-1.0, -16.0, -4.0]).unwrap());
        assert!(a.determines(&b) && !a.determines(&Points::column(&[1.0, 2.0, 3.0]).unwrap()));
    }

    #[test]
    fn law_bad_columns_are_refused() {
        assert!(Points::columns(&[]).is_err());
        assert!(Points::columns(&[&[1.0], &[1.0, 2.0]]).is_err());
        assert!(Points::column(&[f64::INFINITY]).is_err());
    }
}
