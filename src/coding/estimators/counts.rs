//! How often did which labels occur together?
//!
//! Labels are small whole numbers, dense ones counted in a table and others sorted; [`labels`] makes them from any values.

use crate::coding::checks;
use crate::field::{Error, Result};
use rayon::prelude::*;

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
/// Samples that one thread counts at a time, at least.
const CHUNK: usize = 1 << 16;

impl Counts {
    /// The counts of two label sequences of one length.
    pub fn new(x: &[u32], y: &[u32]) -> Result<Self> {
        checks::same_length("the labels", x.len(), y.len())?;
        if x.is_empty() {
            return Err(Error::usage("there is no sample", "give at least one"));
        }
        let most = |v: &[u32]| v.iter().fold(0, |top, &label| top.max(label));
        let top = |v: &[u32]| v.par_chunks(CHUNK).map(most).max().unwrap_or(0) as usize + 1;
        let (tx, ty) = (top(x), top(y));
        let raw: Vec<(u32, u32, u64)> = if tx.saturating_mul(ty) <= TABLE {
            if x.len() > u32::MAX as usize {
                return Err(Error::usage("more than four thousand million samples", "count them in parts"));
            }
            let place = |i: usize| ((i / ty) as u32, (i % ty) as u32);
            table_of(x, y, tx, ty)
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

/// How often each pair of labels occurred, row by row of the first.
fn table_of(x: &[u32], y: &[u32], tx: usize, ty: usize) -> Vec<u32> {
    let size = tx * ty;
    // The product of two small factors fits in u32.
    let width = ty as u32;
    let one = |(x, y): (&[u32], &[u32])| {
        // Samples are counted in two tables in turn: equal labels in a row need not wait for each other.
        let (mut table, mut other) = (vec![0u32; size], vec![0u32; size]);
        for (x, y) in x.chunks_exact(2).zip(y.chunks_exact(2)) {
            table[(x[0] * width + y[0]) as usize] += 1;
            other[(x[1] * width + y[1]) as usize] += 1;
        }
        if x.len() % 2 == 1 {
            table[(x[x.len() - 1] * width + y[x.len() - 1]) as usize] += 1;
        }
        added(table, &other)
    };
    // Large tables are worth filling only by many samples.
    let chunk = CHUNK.max(8 * size);
    x.par_chunks(chunk).zip(y.par_chunks(chunk)).map(one).reduce(|| vec![0; size], |a, b| added(a, &b))
}

fn added(mut a: Vec<u32>, b: &[u32]) -> Vec<u32> {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
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
        let x: Vec<u32> = (0..200_001).map(|i| (i / 3) % 7).collect();
        let y: Vec<u32> = (0..200_001).map(|i| (i * 3) % 5).collect();
        let dense = Counts::new(&x, &y).unwrap();
        // The same labels far apart are sorted instead.
        let sparse: Vec<u32> = y.iter().map(|v| v * 1_000_000).collect();
        let far = Counts::new(&x, &sparse).unwrap();
        assert_eq!(dense, far);
        assert_eq!(dense.x.iter().sum::<u64>(), 200_001);
        assert_eq!(dense.given_x().iter().flatten().sum::<u64>(), 200_001);
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
