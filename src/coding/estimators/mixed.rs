//! How much do labels tell about real variables, or real variables about each other when others are known?
//!
//! Labels and real variables (Ross 2014): the k-th neighbour among samples of the same label gives a radius, m samples of
//! any label lie within it, I = ψ(N) + ψ(k) − ⟨ψ(N_label)⟩ − ⟨ψ(m)⟩. Given Z (Frenzel & Pompe 2007):
//! I(X;Y|Z) = ψ(k) − ⟨ψ(n_xz + 1) + ψ(n_yz + 1) − ψ(n_z + 1)⟩. Transfer entropy is I(future of the target; past of the
//! source | past of the target) (Schreiber 2000).
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
use super::counts::histogram;
use super::digamma::digamma_table;
use super::ksg::mean_and_spread;
use super::line::Marginal;
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

/// I(X;Y|Z) in bits.
pub fn conditional_information(x: &Points, y: &Points, z: &Points, k: usize) -> Result<Estimate> {
    let n = x.len();
    crate::coding::checks::same_length("samples of X and Y", n, y.len())?;
    crate::coding::checks::same_length("samples of X and Z", n, z.len())?;
    enough(n, k)?;
    let (x, y, z) = (x.without_constants(), y.without_constants(), z.without_constants());
    let how = format!("conditional (Frenzel and Pompe), k = {k}, normal scores");
    if x.dimension() == 0 || y.dimension() == 0 {
        return Ok(Estimate::new(0.0, "bit", 0.0, n, how + ": one side is constant, which is 0 exactly"));
    }
    if z.dimension() == 0 {
        return Err(Error::usage("the condition is constant", "use `information` without a condition"));
    }
    // What Z determines has no information left.
    if z.determines(&x) || z.determines(&y) {
        return Err(Error::domain(
            "the condition",
            "determines X or Y",
            "leave that variable out: given Z it is known",
        ));
    }
    if x.determines(&y) {
        return Ok(Estimate::new(f64::INFINITY, "bit", f64::NAN, n, how + ": infinite, X determines Y"));
    }
    for (points, side) in [(&x, "X"), (&y, "Y"), (&z, "Z")] {
        not_tied(points, k, side)?;
    }
    let (x, y, z) = (x.normal_scores(), y.normal_scores(), z.normal_scores());
    let (xz, yz) = (x.beside(&z)?, y.beside(&z)?);
    let radius = Tree::of(&x.beside(&yz)?).nearest(k, false).distance;
    let count = |p: &Points| Marginal::of(p).counts(&radius, false);
    let (nxz, nyz, nz) = (count(&xz), count(&yz), count(&z));
    let psi = digamma_table(n);
    let at = |c: &[u32], i: usize| psi[c[i] as usize + 1];
    let local: Vec<f64> = (0..n).map(|i| psi[k] - at(&nxz, i) - at(&nyz, i) + at(&nz, i)).collect();
    let (mean, spread) = mean_and_spread(&local);
    Ok(Estimate::new(mean / LN_2, "bit", spread / (n as f64).sqrt() / LN_2, n, how).with_bias(f64::NAN))
}

/// Transfer entropy in bits per step from `source` to `target`: what the source's values `lags` steps back tell about the
/// target's next value beyond the target's own values `memory` steps back (both lists of lags from 1).
pub fn transfer_entropy(
    source: &[f64],
    target: &[f64],
    lags: &[usize],
    memory: &[usize],
    k: usize,
) -> Result<Estimate> {
    crate::coding::checks::same_length("source and target", source.len(), target.len())?;
    if lags.is_empty() || memory.is_empty() || lags.iter().chain(memory).any(|&l| l == 0) {
        return Err(Error::usage("transfer entropy without lags", "give lags of 1 or more for source and target"));
    }
    let longest = lags.iter().chain(memory).copied().max().unwrap_or(1);
    if target.len() <= longest {
        return Err(Error::domain("the series", format!("is shorter than the lag {longest}"), "give a longer one"));
    }
    let delayed = |series: &[f64], lag: usize| series[longest - lag..series.len() - lag].to_vec();
    let set = |series: &[f64], lags: &[usize]| -> Result<Points> {
        let columns: Vec<Vec<f64>> = lags.iter().map(|&l| delayed(series, l)).collect();
        Points::columns(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>())
    };
    let found = conditional_information(&set(target, &[0])?, &set(source, lags)?, &set(target, memory)?, k)?;
    Ok(Estimate { how: format!("transfer entropy, {}", found.how), ..found })
}

#[cfg(test)]
#[path = "mixed_tests.rs"]
mod tests;
