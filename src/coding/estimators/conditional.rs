//! How much do real variables tell about each other when others are known, and one series about the next step of another?
//!
//! Given Z (Frenzel & Pompe 2007): I(X;Y|Z) = ψ(k) − ⟨ψ(n_xz + 1) + ψ(n_yz + 1) − ψ(n_z + 1)⟩, n the numbers of samples
//! nearer than the k-th neighbour in all variables. Transfer entropy is I(next value of the target; past of the source |
//! past of the target) (Schreiber 2000).
//!
//! A test must break what X tells and leave what Z tells of X: [`conditional_test`] exchanges X among samples of nearly the
//! same Z (Runge 2018), [`transfer_test`] moves the past of the source as a whole against the rest.
//!
//! ```
//! use homeostat::coding::estimators::{Points, conditional_information};
//! use homeostat::num::Stream;
//! let mut draws = Stream::new(1, &[]);
//! let mut column = || (0..400).map(|_| draws.normal()).collect::<Vec<f64>>();
//! let (z, a, b) = (column(), column(), column());
//! let add = |u: &[f64], v: &[f64]| u.iter().zip(v).map(|(u, v)| u + v).collect::<Vec<f64>>();
//! let (x, y) = (Points::column(&add(&z, &a))?, Points::column(&add(&z, &b))?);
//! // X and Y share Z and nothing else.
//! let bits = conditional_information(&x, &y, &Points::column(&z)?, 4)?;
//! assert!(bits.value.abs() < 4.0 * bits.se);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::Points;
use super::continuous::{enough, not_tied};
use super::counting::Marginal;
use super::digamma::digamma_table;
use super::ksg::mean_and_spread;
use super::tree::Tree;
use crate::coding::checks;
use crate::coding::resampling::{Exchange, PermutationTest, permutation_test};
use crate::field::{Error, Result};
use crate::num::{Estimate, Stream};
use std::f64::consts::LN_2;

/// X, Y and Z with what stays when X is exchanged.
struct Triple {
    x: Points,
    y: Points,
    z: Points,
    near_yz: Marginal,
    near_z: Marginal,
    psi: Vec<f64>,
    k: usize,
}

/// What is left to estimate.
enum Prepared {
    Answer(Estimate),
    Triple(Box<Triple>),
}

impl Triple {
    /// Refuses what cannot be estimated, answers what is known without estimating, brings the rest to normal scores.
    fn prepared(x: &Points, y: &Points, z: &Points, k: usize) -> Result<Prepared> {
        let n = x.len();
        checks::same_length("samples of X and Y", n, y.len())?;
        checks::same_length("samples of X and Z", n, z.len())?;
        enough(n, k)?;
        let (x, y, z) = (x.without_constants(), y.without_constants(), z.without_constants());
        if x.dimension() == 0 || y.dimension() == 0 {
            let how = describe(k) + ": one side is constant, which is 0 exactly";
            return Ok(Prepared::Answer(Estimate::new(0.0, "bit", 0.0, n, how)));
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
            let how = describe(k) + ": infinite, X determines Y";
            return Ok(Prepared::Answer(Estimate::new(f64::INFINITY, "bit", f64::NAN, n, how)));
        }
        for (points, side) in [(&x, "X"), (&y, "Y"), (&z, "Z")] {
            not_tied(points, k, side)?;
        }
        let (x, y, z) = (x.normal_scores(), y.normal_scores(), z.normal_scores());
        let yz = y.beside(&z)?;
        let (near_yz, near_z) = rayon::join(|| Marginal::of(&yz), || Marginal::of(&z));
        Ok(Prepared::Triple(Box::new(Triple { x, y, z, near_yz, near_z, psi: digamma_table(n), k })))
    }
    /// The terms whose mean is the estimate in nats; sample `order[i]` of X meets sample i of Y and Z.
    fn local(&self, order: Option<&[usize]>) -> Result<Vec<f64>> {
        let turned = order.map(|order| self.x.select(order));
        let xz = turned.as_ref().unwrap_or(&self.x).beside(&self.z)?;
        let radius = Tree::of(&xz.beside(&self.y)?).nearest(self.k, false).distance;
        let (nxz, nyz, nz) = (
            Marginal::of(&xz).counts(&radius, false),
            self.near_yz.counts(&radius, false),
            self.near_z.counts(&radius, false),
        );
        let at = |c: &[u32], i: usize| self.psi[c[i] as usize + 1];
        let base = self.psi[self.k];
        Ok((0..radius.len()).map(|i| base - at(&nxz, i) - at(&nyz, i) + at(&nz, i)).collect())
    }
    fn bits(&self, order: &[usize]) -> Result<f64> {
        Ok(mean_and_spread(&self.local(Some(order))?).0 / LN_2)
    }
}

fn describe(k: usize) -> String {
    format!("conditional (Frenzel and Pompe), k = {k}, normal scores")
}

/// I(X;Y|Z) in bits.
///
/// 0 exactly if X or Y is constant, infinite if one determines the other. Refused: what [`information`](super::information)
/// refuses, a constant condition, and one that determines X or Y.
pub fn conditional_information(x: &Points, y: &Points, z: &Points, k: usize) -> Result<Estimate> {
    let triple = match Triple::prepared(x, y, z, k)? {
        Prepared::Answer(answer) => return Ok(answer),
        Prepared::Triple(triple) => triple,
    };
    let (mean, spread) = mean_and_spread(&triple.local(None)?);
    let n = x.len();
    Ok(Estimate::new(mean / LN_2, "bit", spread / (n as f64).sqrt() / LN_2, n, describe(k)).with_bias(f64::NAN))
}

/// How many samples of nearly the same Z may exchange their X.
const EXCHANGED: usize = 5;

/// Tests I(X;Y|Z) against `times` sets in which every X comes from one of the 5 samples nearest in Z (Runge 2018), so that
/// what Z tells of X stays. A sample is given twice only where all of its 5 are taken.
pub fn conditional_test(
    x: &Points,
    y: &Points,
    z: &Points,
    k: usize,
    times: usize,
    seed: u64,
) -> Result<PermutationTest> {
    let triple = match Triple::prepared(x, y, z, k)? {
        Prepared::Answer(answer) => {
            return Ok(PermutationTest::new(answer.value, vec![0.0; times.max(1)], &answer.how));
        }
        Prepared::Triple(triple) => triple,
    };
    let n = x.len();
    let near = Tree::of(&triple.z).nearest(EXCHANGED, true).neighbours;
    let exchanged = |r: u64| -> Vec<usize> {
        let mut draws = Stream::new(seed, &[0x10ca, r]);
        let mut turn: Vec<usize> = (0..n).collect();
        draws.shuffle(&mut turn);
        let (mut order, mut taken) = (vec![0; n], vec![false; n]);
        for i in turn {
            let mut own = [0; EXCHANGED];
            own.iter_mut().zip(&near[i * EXCHANGED..]).for_each(|(o, &j)| *o = j as usize);
            draws.shuffle(&mut own);
            order[i] = own.iter().copied().find(|&j| !taken[j]).unwrap_or(own[0]);
            taken[order[i]] = true;
        }
        order
    };
    let identity: Vec<usize> = (0..n).collect();
    let observed = triple.bits(&identity)?;
    let null =
        crate::coding::resampling::replicate("a conditional test", times, |r| triple.bits(&exchanged(r as u64)))?;
    Ok(PermutationTest::new(observed, null, "X exchanged among the 5 samples nearest in Z"))
}

/// The next value of the target, the past of the source, and the past of the target, row by row.
fn embedded(source: &[f64], target: &[f64], lags: &[usize], memory: &[usize]) -> Result<[Points; 3]> {
    checks::same_length("source and target", source.len(), target.len())?;
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
    Ok([set(target, &[0])?, set(source, lags)?, set(target, memory)?])
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
    let [next, past, own] = embedded(source, target, lags, memory)?;
    let found = conditional_information(&past, &next, &own, k)?;
    Ok(Estimate { how: format!("transfer entropy, {}", found.how), ..found })
}

/// Tests the transfer entropy against `times` exchanges of the source's past; the target keeps its own. Series that remember
/// need [`Exchange::Shifts`] or [`Exchange::Blocks`].
#[allow(clippy::too_many_arguments)]
pub fn transfer_test(
    source: &[f64],
    target: &[f64],
    lags: &[usize],
    memory: &[usize],
    k: usize,
    exchange: Exchange,
    times: usize,
    seed: u64,
) -> Result<PermutationTest> {
    let [next, past, own] = embedded(source, target, lags, memory)?;
    match Triple::prepared(&past, &next, &own, k)? {
        Prepared::Answer(answer) => Ok(PermutationTest::new(answer.value, vec![0.0; times.max(1)], &answer.how)),
        Prepared::Triple(triple) => permutation_test(next.len(), exchange, times, seed, |order| triple.bits(order)),
    }
}

#[cfg(test)]
#[path = "conditional_tests.rs"]
mod tests;
