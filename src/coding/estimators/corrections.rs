//! What do shuffling, extrapolating and counting possible responses take off the plug-in information?

use super::counts::Counts;
use super::discrete::plugin_information;
use crate::field::{Error, Result};
use crate::num::Stream;
use rayon::prelude::*;

/// Random divisions into quarters that the extrapolation averages over.
const DIVISIONS: usize = 20;

/// The leading bias in nats with the number of possible responses to each x found from the trials.
pub(super) fn panzeri_treves(counts: &Counts) -> f64 {
    let all = counts.y.len();
    let possible: f64 = counts.given_x().iter().map(|part| relevant_responses(part, all) - 1.0).sum();
    (possible - (all as f64 - 1.0)) / (2 * counts.n) as f64
}

/// How many of `all` responses are possible when these were seen so often: the number of unseen ones is raised until the
/// expected number of different responses in as many trials is nearest to the number seen.
fn relevant_responses(seen: &[u64], all: usize) -> f64 {
    let (trials, kinds) = (seen.iter().sum::<u64>() as f64, seen.len());
    let expected = |unseen: usize| {
        // Each unseen response has the probability that makes missing it as likely as the prior expects; those seen
        // share the rest, smoothed by one trial each.
        let each = 1.0 - (trials / (trials + kinds as f64)).powf(1.0 / trials);
        let rest = 1.0 - each * unseen as f64;
        let occurs = |p: f64| 1.0 - (1.0 - p).powf(trials);
        let smooth = |&c: &u64| occurs(rest * (c as f64 + 1.0) / (trials + kinds as f64));
        seen.iter().map(smooth).sum::<f64>() + unseen as f64 * occurs(each)
    };
    let off = |unseen: usize| (expected(unseen) - kinds as f64).abs();
    let mut unseen = 0;
    while kinds + unseen < all && off(unseen + 1) < off(unseen) {
        unseen += 1;
    }
    (kinds + unseen) as f64
}

/// Plug-in informations in nats of shuffled pairings.
pub(super) fn shuffled(x: &[u32], y: &[u32], times: usize, seed: u64) -> Result<Vec<f64>> {
    let one = |s: usize| {
        let mut turned = y.to_vec();
        Stream::new(seed, &[0x5f, s as u64]).shuffle(&mut turned);
        Ok(plugin_information(&Counts::new(x, &turned)?))
    };
    (0..times).into_par_iter().map(one).collect()
}

pub(super) fn extrapolated(x: &[u32], y: &[u32], all: f64, seed: u64) -> Result<f64> {
    let n = x.len();
    let part = |indices: &[usize]| {
        let pick = |v: &[u32]| indices.iter().map(|&i| v[i]).collect::<Vec<u32>>();
        Ok::<f64, Error>(plugin_information(&Counts::new(&pick(x), &pick(y))?))
    };
    let one = |d: usize| -> Result<[f64; 2]> {
        let mut order: Vec<usize> = (0..n).collect();
        Stream::new(seed, &[0x9e, d as u64]).shuffle(&mut order);
        let mean = |pieces: usize| -> Result<f64> {
            let cut = |p: usize| &order[p * n / pieces..(p + 1) * n / pieces];
            Ok((0..pieces).map(|p| part(cut(p))).collect::<Result<Vec<f64>>>()?.iter().sum::<f64>() / pieces as f64)
        };
        Ok([mean(2)?, mean(4)?])
    };
    let found: Vec<[f64; 2]> = (0..DIVISIONS).into_par_iter().map(one).collect::<Result<_>>()?;
    let average = |j: usize| found.iter().map(|f| f[j]).sum::<f64>() / DIVISIONS as f64;
    // I(u) = a + b u + c u² at u = 1, 2, 4 (in units of 1/n): a = (8 I₁ − 6 I₂ + I₄)/3.
    Ok((8.0 * all - 6.0 * average(0) + average(1)) / 3.0)
}
