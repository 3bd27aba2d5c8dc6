//! How often did which labels occur together?
//!
//! Labels are small whole numbers, dense ones counted in a table and others sorted; [`labels`] makes them from any values.

use crate::coding::checks;
use crate::field::{Error, Result};

/// How often each pair of labels occurred; only pairs that did.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// Number of samples n.
    pub n: u64,
    /// Occurrences of each label of X that occurred, in the order of the labels.
    pub x: Vec<u64>,
    /// Occurrences of each label of Y that occurred.
    pub y: Vec<u64>,
    /// (place in `x`, place in `y`, occurrences) of every pair that occurred, sorted.
    pub pairs: Vec<(u32, u32, u64)>,
}

/// Tables up to this size are counted directly.
const TABLE: usize = 1 << 20;

impl Counts {
    /// The counts of two label sequences of one length.
    pub fn new(x: &[u32], y: &[u32]) -> Result<Self> {
        checks::same_length("the labels", x.len(), y.len())?;
        if x.is_empty() {
            return Err(Error::usage("there is no sample", "give at least one"));
        }
        let top = |v: &[u32]| v.iter().copied().max().unwrap_or(0) as usize + 1;
        let (tx, ty) = (top(x), top(y));
        let raw: Vec<(u32, u32, u64)> = if tx.saturating_mul(ty) <= TABLE {
            let mut table = vec![0u32; tx * ty];
            if x.len() > u32::MAX as usize {
                return Err(Error::usage("more than four thousand million samples", "count them in parts"));
            }
            // The product of two small factors fits in u32.
            let width = ty as u32;
            x.iter().zip(y).for_each(|(&a, &b)| table[(a * width + b) as usize] += 1);
            let place = |i: usize| ((i / ty) as u32, (i % ty) as u32);
            table
                .iter()
                .enumerate()
                .filter(|(_, c)| **c > 0)
                .map(|(i, &c)| (place(i).0, place(i).1, u64::from(c)))
                .collect()
        } else {
            let mut pairs: Vec<(u32, u32)> = x.iter().copied().zip(y.iter().copied()).collect();
            pairs.sort_unstable();
            pairs.chunk_by(|a, b| a == b).map(|run| (run[0].0, run[0].1, run.len() as u64)).collect()
        };
        let (xs, ys): (Vec<u32>, Vec<u32>) = raw.iter().map(|p| (p.0, p.1)).unzip();
        let (xs, ys) = (distinct(xs), distinct(ys));
        let mut counts = Counts { n: x.len() as u64, x: vec![0; xs.len()], y: vec![0; ys.len()], pairs: raw };
        for (a, b, c) in &mut counts.pairs {
            // Every label of a pair is in its list of distinct labels.
            *a = xs.binary_search(a).expect("a label that occurred") as u32;
            *b = ys.binary_search(b).expect("a label that occurred") as u32;
            counts.x[*a as usize] += *c;
            counts.y[*b as usize] += *c;
        }
        Ok(counts)
    }
    /// The counts of the pairs.
    pub fn joint(&self) -> Vec<u64> {
        self.pairs.iter().map(|p| p.2).collect()
    }
    /// The counts of Y for every label of X.
    pub fn given_x(&self) -> Vec<Vec<u64>> {
        let mut out = vec![Vec::new(); self.x.len()];
        self.pairs.iter().for_each(|&(a, _, c)| out[a as usize].push(c));
        out
    }
}

fn distinct(mut values: Vec<u32>) -> Vec<u32> {
    values.sort_unstable();
    values.dedup();
    values
}

/// Each label that occurs, with its number of occurrences, sorted.
pub(super) fn histogram(labels: &[u32]) -> Vec<(u32, u64)> {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64)).collect()
}

/// Labels 0, 1, … for values, equal ones sharing a label, in the order of the values; refuses NaN and infinities.
pub fn labels(values: &[f64]) -> Result<Vec<u32>> {
    checks::all_finite("the values", values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // −0 and 0 are one value.
    sorted.dedup_by(|a, b| a == b);
    Ok(values.iter().map(|v| sorted.partition_point(|s| s < v) as u32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_table_and_sorting_agree() {
        let x: Vec<u32> = (0..200).map(|i| (i * i) % 7).collect();
        let y: Vec<u32> = (0..200).map(|i| (i * 3) % 5).collect();
        let dense = Counts::new(&x, &y).unwrap();
        // The same labels far apart are sorted instead.
        let sparse: Vec<u32> = y.iter().map(|v| v * 1_000_000).collect();
        let far = Counts::new(&x, &sparse).unwrap();
        assert_eq!(dense, far);
        assert_eq!(dense.x.iter().sum::<u64>(), 200);
        assert_eq!(dense.given_x().iter().flatten().sum::<u64>(), 200);
    }

    #[test]
    fn law_labels_of_values() {
        assert_eq!(labels(&[0.5, -1.0, 0.5, 3.0]).unwrap(), [1, 0, 1, 2]);
        assert_eq!(labels(&[0.0, -0.0]).unwrap(), [0, 0]);
        assert!(labels(&[f64::NAN]).is_err());
        assert!(Counts::new(&[], &[]).is_err());
        assert!(Counts::new(&[1], &[1, 2]).is_err());
    }
}
