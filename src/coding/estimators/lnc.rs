//! What do neighbours lose where the density is a thin ridge?
//!
//! The formula of Kraskov et al. takes the density as constant in the smallest box around a sample and its k neighbours.
//! Along a ridge the box is mostly empty. The box along the principal axes of the neighbours has less volume V̄ than the
//! upright one, V; where V̄/V is less than uniform samples would show in 0.5 % of cases, ln(V/V̄) is added to the
//! information. Source: Gao, Ver Steeg & Galstyan 2015, with the threshold found by drawing uniform samples.

use super::Points;
use crate::field::{Error, Result};
use crate::num::Stream;
use nalgebra::{DMatrix, SymmetricEigen};
use rayon::prelude::*;

/// Uniform sets that calibrate the threshold.
const DRAWN: usize = 2000;
/// The part of them that is taken for a ridge.
const FALSE_ALARMS: f64 = 0.005;

/// ln(V̄/V) of k offsets from a sample, d numbers each.
fn shrinkage(offsets: &[f64], d: usize) -> f64 {
    let k = offsets.len() / d;
    let upright: f64 = (0..d).map(|v| (0..k).map(|j| offsets[j * d + v].abs()).fold(0.0, f64::max).ln()).sum();
    let rows = DMatrix::from_row_slice(k, d, offsets);
    let axes = SymmetricEigen::new(rows.tr_mul(&rows)).eigenvectors;
    let along = rows * axes;
    along.column_iter().map(|c| c.amax().ln()).sum::<f64>() - upright
}

/// The value of ln(V̄/V) below which 0.5 % of sets of k uniform samples in a box of d dimensions lie.
pub(super) fn threshold(k: usize, d: usize) -> Result<f64> {
    if k <= d {
        return Err(Error::usage(
            format!("k = {k} neighbours have no principal axes in {d} variables"),
            format!("take k = {} or more, or another estimator", d + 1),
        ));
    }
    let one = |r: usize| {
        let mut draws = Stream::new(0x1bc, &[k as u64, d as u64, r as u64]);
        shrinkage(&(0..k * d).map(|_| 2.0 * draws.uniform() - 1.0).collect::<Vec<f64>>(), d)
    };
    let mut found: Vec<f64> = (0..DRAWN).into_par_iter().map(one).collect();
    found.sort_by(f64::total_cmp);
    Ok(found[(FALSE_ALARMS * DRAWN as f64) as usize])
}

/// ln(V/V̄) of every sample whose neighbours lie on a ridge, and 0 elsewhere.
pub(super) fn gains(all: &Points, neighbours: &[u32], k: usize, threshold: f64) -> Vec<f64> {
    let d = all.dimension();
    let one = |i: usize| {
        let mine = &neighbours[i * k..(i + 1) * k];
        let from = |&j: &u32| (0..d).map(move |v| all.variable(v)[j as usize] - all.variable(v)[i]);
        let found = shrinkage(&mine.iter().flat_map(from).collect::<Vec<f64>>(), d);
        // Neighbours that lie in a plane exactly have no volume; the information is not infinite for that.
        if found < threshold && found.is_finite() { -found } else { 0.0 }
    };
    (0..all.len()).into_par_iter().with_min_len(64).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::estimators::{Continuous, Method, information};
    use crate::coding::ledger::close;

    #[test]
    fn theory_a_ridge_by_hand() {
        // Offsets ±(2, 2) and ±(0.1, −0.1): boxes of 2 × 2 upright, √8 × √0.02 along the axes.
        let offsets = [2.0, 2.0, -2.0, -2.0, 0.1, -0.1, -0.1, 0.1];
        close(shrinkage(&offsets, 2), (0.16f64.sqrt() / 4.0).ln(), 1e-12);
        // An upright cross has its own axes.
        close(shrinkage(&[3.0, 0.0, 0.0, 1.0, -3.0, 0.0], 2), 0.0, 1e-12);
        assert!(threshold(4, 2).unwrap() < threshold(12, 2).unwrap() && threshold(12, 2).unwrap() < 0.0);
        assert!(threshold(4, 4).unwrap_err().to_string().contains("k = 5"));
    }

    #[test]
    fn theory_strong_dependence_is_seen_by_few_samples() {
        // y = x + noise of 1/1000 of its width, 200 samples: ½ log₂(1 + 10⁶) = 9.97 bits; neighbours alone end near
        // ψ(200) − ψ(5). Source of the case: Gao et al. 2015.
        let mut draws = Stream::new(4, &[]);
        let x: Vec<f64> = (0..200).map(|_| draws.normal()).collect();
        let y: Vec<f64> = x.iter().map(|x| x + 1e-3 * draws.normal()).collect();
        let (x, y) = (Points::column(&x).unwrap(), Points::column(&y).unwrap());
        let with = |method| {
            let options = Continuous { method, k: 5, raw: true, surrogates: 0, ..Continuous::default() };
            information(&x, &y, &options).unwrap().value
        };
        let truth = 0.5 * (1.0 + 1e6f64).log2();
        let (plain, corrected) = (with(Method::Ksg2), with(Method::Lnc));
        assert!(plain < truth - 3.0, "{plain}");
        assert!((corrected - truth).abs() < 0.7, "{corrected} against {truth}");
    }

    #[test]
    fn limit_nothing_changes_where_nothing_is_shared() {
        let mut draws = Stream::new(5, &[]);
        let mut column = || Points::column(&(0..400).map(|_| draws.normal()).collect::<Vec<f64>>()).unwrap();
        let (x, y) = (column(), column());
        let with = |method| {
            let options = Continuous { method, k: 5, surrogates: 0, ..Continuous::default() };
            information(&x, &y, &options).unwrap().value
        };
        // 0.5 % of false alarms, each of a few bits.
        assert!((with(Method::Lnc) - with(Method::Ksg2)).abs() < 0.05);
    }
}
