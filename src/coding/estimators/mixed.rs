//! How much do labels tell about real variables?
//!
//! The k-th neighbour among samples of the same label gives a radius, m samples of any label lie within it, and
//! I = ψ(N) + ψ(k) − ⟨ψ(N_label)⟩ − ⟨ψ(m)⟩. Source: Ross 2014.
//!
//! ```
//! use homeostat::coding::estimators::{Points, mixed_information};
//! use homeostat::num::Stream;
//! let mut draws = Stream::new(3, &[]);
//! let labels: Vec<u32> = (0..400).map(|i| i % 2).collect();
//! let response: Vec<f64> = labels.iter().map(|&l| 2.0 * f64::from(l) + draws.normal()).collect();
//! let bits = mixed_information(&labels, &Points::column(&response)?, 4)?;
//! // d' = 2: the truth is 0.486.
//! assert!((bits.value - 0.486).abs() < 4.0 * bits.se);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::Points;
use super::continuous::{enough, not_tied};
use super::counting::Marginal;
use super::counts::histogram;
use super::digamma::digamma_table;
use super::ksg::mean_and_spread;
use super::tree::Tree;
use crate::field::{Error, Result};
use crate::num::Estimate;
use std::f64::consts::LN_2;

/// I(label; X) in bits. Samples whose label has too few others for k neighbours are refused with the label.
pub fn mixed_information(labels: &[u32], x: &Points, k: usize) -> Result<Estimate> {
    let n = labels.len();
    crate::coding::checks::same_length("labels and samples", n, x.len())?;
    enough(n, k)?;
    let x = x.without_constants();
    let used: Vec<(u32, u64)> = histogram(labels);
    if used.len() < 2 || x.dimension() == 0 {
        return Ok(Estimate::new(0.0, "bit", 0.0, n, "mixed: one side is constant, which is 0 exactly"));
    }
    not_tied(&x, k, "X")?;
    if let Some((label, count)) = used.iter().find(|(_, count)| *count as usize <= k) {
        return Err(Error::domain(
            format!("label {label}"),
            format!("{count} samples are too few for k = {k}"),
            "leave this label out or join it with another",
        ));
    }
    let x = x.normal_scores();
    let psi = digamma_table(n);
    let mut radius = vec![0.0; n];
    let mut own = vec![0.0; n];
    for &(label, count) in &used {
        let members: Vec<usize> = (0..n).filter(|&i| labels[i] == label).collect();
        let nearest = Tree::of(&x.select(&members)).nearest(k, false);
        for (&i, &d) in members.iter().zip(&nearest.distance) {
            radius[i] = d;
            own[i] = psi[count as usize];
        }
    }
    // Samples nearer than the k-th neighbour, and the neighbour itself.
    let within = Marginal::of(&x).counts(&radius, false);
    let local: Vec<f64> = (0..n).map(|i| psi[n] + psi[k] - own[i] - psi[within[i] as usize + 1]).collect();
    let (mean, spread) = mean_and_spread(&local);
    let how = format!("mixed (Ross), k = {k}, normal scores");
    Ok(Estimate::new(mean / LN_2, "bit", spread / (n as f64).sqrt() / LN_2, n, how).with_bias(f64::NAN))
}

#[cfg(test)]
#[path = "mixed_tests.rs"]
mod tests;
