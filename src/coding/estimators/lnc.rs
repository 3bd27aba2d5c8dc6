//! What do neighbours miss where the samples lie on a thin sheet?
//!
//! Neighbour estimators take the density as uniform in a box around each sample. Where the neighbours fill only a slanted
//! sliver of it, the ratio of the sliver's volume (the box along their principal axes) to that of the box says how much
//! information was lost. It is used only below a threshold that uniform neighbourhoods pass 199 times in 200; the
//! threshold is found by drawing such neighbourhoods. Source: Gao, Ver Steeg & Galstyan 2015.

use super::Points;
use crate::field::{Error, Result};
use crate::num::Stream;
use nalgebra::{DMatrix, SymmetricEigen};
use rayon::prelude::*;

/// What to add to each local term, in nats; 0 where the neighbourhood may be uniform. A sheet that lies within X or
/// within Y alone is no information: what it does to the marginal volumes is taken off again.
pub(super) fn corrections(x: &Points, y: &Points, neighbours: &[u32], k: usize, seed: u64) -> Result<Vec<f64>> {
    let d = x.dimension() + y.dimension();
    if k < 3 * d {
        return Err(Error::usage(
            format!("k = {k} neighbours are too few for the shape of a neighbourhood in {d} dimensions"),
            format!("take k of {} or more for the local non-uniformity correction", 3 * d),
        ));
    }
    let all = x.beside(y)?;
    let uniform = [&all, x, y].map(|p| Uniform::new(k, p.dimension(), seed));
    let one = |i: usize| {
        let excess = |p: &Points, uniform: &Uniform| {
            let around = DMatrix::from_fn(k, p.dimension(), |j, v| {
                p.variable(v)[neighbours[i * k + j] as usize] - p.variable(v)[i]
            });
            let ratio = log_ratio(&around);
            if ratio < uniform.threshold { ratio - uniform.mean } else { 0.0 }
        };
        let joint = excess(&all, &uniform[0]);
        if joint == 0.0 { 0.0 } else { (excess(x, &uniform[1]) + excess(y, &uniform[2]) - joint).max(0.0) }
    };
    Ok((0..all.len()).into_par_iter().with_min_len(256).map(one).collect())
}

/// ln of the volume of the principal-axis box over that of the plain box, of neighbours (rows) around the origin.
fn log_ratio(around: &DMatrix<f64>) -> f64 {
    let axes = SymmetricEigen::new(around.tr_mul(around)).eigenvectors;
    let turned = around * axes;
    let volume = |m: &DMatrix<f64>| -> f64 { m.column_iter().map(|c| c.amax().max(f64::MIN_POSITIVE).ln()).sum() };
    volume(&turned) - volume(around)
}

/// [`log_ratio`] over uniform neighbourhoods.
struct Uniform {
    /// Its 0.5 % quantile.
    threshold: f64,
    /// Its mean.
    mean: f64,
}

impl Uniform {
    fn new(k: usize, d: usize, seed: u64) -> Self {
        if d == 1 {
            // One axis is always its own principal axis.
            return Uniform { threshold: f64::NEG_INFINITY, mean: 0.0 };
        }
        const DRAWS: usize = 1000;
        let one = |draw: usize| {
            let mut draws = Stream::new(seed, &[0x14c, k as u64, d as u64, draw as u64]);
            log_ratio(&DMatrix::from_fn(k, d, |_, _| 2.0 * draws.uniform() - 1.0))
        };
        let mut ratios: Vec<f64> = (0..DRAWS).into_par_iter().map(one).collect();
        ratios.sort_by(f64::total_cmp);
        Uniform { threshold: ratios[DRAWS / 200], mean: ratios.iter().sum::<f64>() / DRAWS as f64 }
    }
}
