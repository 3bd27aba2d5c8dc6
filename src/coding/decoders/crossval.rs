//! How often is a decoder right on trials that it never saw?
//!
//! The trials of every class are dealt to k folds; each fold is decoded by what the others taught. Features that do not
//! vary in the training part are left out there, and means and scales are taken from there, so that nothing of a tested
//! trial reaches its decoder. The interval of the accuracy is the exact binomial one for all tested trials.

use super::{Decoder, check, classes};
use crate::coding::information::mutual_information;
use crate::coding::resampling::{Confidence, Exchange, PermutationTest, permutation_test, proportion};
use crate::field::{Error, Result, Table, Unit};
use crate::num::{Estimate, Stream};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// How trials are dealt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folds {
    /// The number k of folds.
    pub count: usize,
    /// How many times all trials are dealt anew; the accuracy is the mean.
    pub repeats: usize,
    /// Runs of so many neighbouring trials stay in one fold: for trials that share slow drifts. 1 for independent trials.
    pub block: usize,
    /// Seed of the dealing.
    pub seed: u64,
}

impl Default for Folds {
    /// Ten folds, dealt once, single trials.
    fn default() -> Self {
        Folds { count: 10, repeats: 1, block: 1, seed: 1 }
    }
}

impl Folds {
    /// The fold of every trial in dealing `r`: of each class, its blocks in random order, one after the other.
    fn deal(&self, class: &[usize], classes: usize, r: usize) -> Vec<usize> {
        let mut fold = vec![0; class.len()];
        if self.block > 1 {
            let mut blocks: Vec<usize> = (0..class.len().div_ceil(self.block)).collect();
            Stream::new(self.seed, &[0xf01d, r as u64]).shuffle(&mut blocks);
            for (place, b) in blocks.iter().enumerate() {
                let end = ((b + 1) * self.block).min(class.len());
                fold[b * self.block..end].fill(place % self.count);
            }
            return fold;
        }
        let mut next = 0;
        for c in 0..classes {
            let mut own: Vec<usize> = (0..class.len()).filter(|&i| class[i] == c).collect();
            Stream::new(self.seed, &[0xf01d, r as u64, c as u64]).shuffle(&mut own);
            for i in own {
                fold[i] = next % self.count;
                next += 1;
            }
        }
        fold
    }
}

/// What a decoder does on trials that it never saw.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// The fraction of tested trials that were decoded rightly; its error is binomial over trials.
    pub accuracy: Estimate,
    /// Its exact 95 % interval (for the first dealing).
    pub interval: Confidence,
    /// The accuracy of always naming the most frequent class.
    pub chance: f64,
    /// The labels, in the order of the matrix.
    pub labels: Vec<u32>,
    /// `[(true, decoded)]`: how many trials, averaged over dealings.
    pub confusion: DMatrix<f64>,
}

impl CrossValidation {
    /// The information in bits between true and decoded label: a lower bound on that of the responses, too large by
    /// about (m − 1)²/2n ln 2 with n trials of m classes, which is its stated bias.
    pub fn information(&self) -> Result<Estimate> {
        let n = self.confusion.sum();
        let bits = mutual_information(&(&self.confusion / n))?;
        let m = self.labels.len() as f64;
        let bias = (m - 1.0).powi(2) / (2.0 * n * std::f64::consts::LN_2);
        let how = format!("information in the confusion matrix; {}", self.accuracy.how);
        Ok(Estimate::new(bits, "bit", f64::NAN, self.accuracy.n, how).with_bias(bias))
    }
    /// One row per true label.
    pub fn table(&self) -> Table {
        let mut table = Table::new().text("true", self.labels.iter().map(u32::to_string).collect());
        for (j, label) in self.labels.iter().enumerate() {
            table = table.number(
                &format!("decoded {label}"),
                Unit::NONE,
                self.confusion.column(j).iter().copied().collect(),
            );
        }
        table
    }
}

/// Cross-validates a decoder on `x` (trials × features) and labels.
///
/// Errors: fewer trials of a class than folds (naming the class), one class only, NaN (with trial and feature), no feature
/// that varies, fewer than two folds.
pub fn cross_validate(
    x: &DMatrix<f64>,
    labels: &[u32],
    decoder: &dyn Decoder,
    folds: Folds,
) -> Result<CrossValidation> {
    check(x, labels)?;
    let (names, class) = classes(labels)?;
    let m = names.len();
    if folds.count < 2 || folds.repeats == 0 || folds.block == 0 {
        return Err(Error::usage(
            "fewer than two folds, no dealing, or empty blocks",
            "take 10 folds, 1 dealing, blocks of 1",
        ));
    }
    let counts: Vec<usize> = (0..m).map(|c| class.iter().filter(|&&k| k == c).count()).collect();
    if let Some(c) = (0..m).find(|&c| counts[c] < folds.count) {
        return Err(Error::domain(
            format!("label {}", names[c]),
            format!("{} trials are too few for {} folds", counts[c], folds.count),
            "give more trials of it, take fewer folds, or leave it out",
        ));
    }
    if (0..x.ncols()).all(|j| x.column(j).iter().all(|v| *v == x[(0, j)])) {
        return Err(Error::domain(
            "the responses",
            "no feature varies",
            "there is nothing to decode: accuracy is chance",
        ));
    }
    let jobs: Vec<(usize, usize)> = (0..folds.repeats).flat_map(|r| (0..folds.count).map(move |f| (r, f))).collect();
    let dealt: Vec<Vec<usize>> = (0..folds.repeats).map(|r| folds.deal(&class, m, r)).collect();
    let one = |&(r, f): &(usize, usize)| -> Result<Vec<(usize, usize)>> {
        let (test, train): (Vec<usize>, Vec<usize>) = (0..x.nrows()).partition(|&i| dealt[r][i] == f);
        if test.is_empty() {
            return Ok(Vec::new());
        }
        let decoded = decode(x, &class, m, &train, &test, decoder)?;
        Ok(test.iter().map(|&i| class[i]).zip(decoded).collect())
    };
    let all: Vec<Result<Vec<(usize, usize)>>> = jobs.par_iter().map(one).collect();
    let mut confusion = DMatrix::zeros(m, m);
    let mut first = 0;
    for (found, (r, _)) in all.into_iter().zip(&jobs) {
        for (truth, decoded) in found? {
            confusion[(truth, decoded)] += 1.0 / folds.repeats as f64;
            first += usize::from(*r == 0 && truth == decoded);
        }
    }
    let n = x.nrows();
    let right = confusion.trace() / n as f64;
    let how = format!("{}, {} folds, {} dealings", decoder.name(), folds.count, folds.repeats);
    Ok(CrossValidation {
        accuracy: Estimate::new(right, "", (right * (1.0 - right) / n as f64).sqrt(), n, how),
        interval: proportion(first, n, 0.95)?,
        chance: counts.iter().copied().max().unwrap_or(0) as f64 / n as f64,
        labels: names,
        confusion,
    })
}

/// Learns from `train` and decodes `test`.
fn decode(
    x: &DMatrix<f64>,
    class: &[usize],
    classes: usize,
    train: &[usize],
    test: &[usize],
    decoder: &dyn Decoder,
) -> Result<Vec<usize>> {
    let n = train.len() as f64;
    // (feature, mean, scale) of those that vary in the training part.
    let mut used: Vec<(usize, f64, f64)> = Vec::new();
    for j in 0..x.ncols() {
        let mean = train.iter().map(|&i| x[(i, j)]).sum::<f64>() / n;
        let square = train.iter().map(|&i| (x[(i, j)] - mean).powi(2)).sum::<f64>() / n;
        let size = train.iter().map(|&i| x[(i, j)].abs()).fold(0.0, f64::max);
        // Differences that are rounding of the size are no variation.
        if square.sqrt() > 1e-12 * size {
            used.push((j, mean, square.sqrt()));
        }
    }
    // A class that a fold of blocks took away is unknown to this decoder.
    let mut known: Vec<usize> = train.iter().map(|&i| class[i]).collect();
    known.sort_unstable();
    known.dedup();
    if used.is_empty() || known.len() < 2 {
        let mut counts = vec![0; classes];
        train.iter().for_each(|&i| counts[class[i]] += 1);
        let most = (1..classes).fold(0, |best, c| if counts[c] > counts[best] { c } else { best });
        return Ok(vec![most; test.len()]);
    }
    let part = |rows: &[usize]| {
        DMatrix::from_fn(rows.len(), used.len(), |i, j| {
            let (feature, mean, scale) = used[j];
            (x[(rows[i], feature)] - mean) / scale
        })
    };
    let own: Vec<usize> = train.iter().map(|&i| known.partition_point(|k| *k < class[i])).collect();
    let found = decoder.train(&part(train), &own, known.len())?;
    Ok(found.classify(&part(test)).into_iter().map(|c| known[c]).collect())
}

/// Is the accuracy above chance? The whole cross-validation is repeated with exchanged labels.
pub fn decoding_test(
    x: &DMatrix<f64>,
    labels: &[u32],
    decoder: &dyn Decoder,
    folds: Folds,
    exchange: Exchange,
    times: usize,
) -> Result<PermutationTest> {
    check(x, labels)?;
    permutation_test(labels.len(), exchange, times, folds.seed, |order| {
        let moved: Vec<u32> = order.iter().map(|&i| labels[i]).collect();
        Ok(cross_validate(x, &moved, decoder, folds)?.accuracy.value)
    })
}
