//! How much do two sequences of labels tell about each other, and how much of that is bias?
//!
//! The plug-in information of few samples is too large, by about (m_x − 1)(m_y − 1)/2n nats when nothing is shared. No
//! single correction is best both for tuned and for untuned data, so [`discrete_report`] shows all of them, each beside
//! what it says when the pairing is shuffled.
//!
//! ```
//! use homeostat::coding::estimators::{Correction, discrete_information};
//! let stimulus: Vec<u32> = (0..200).map(|i| i % 4).collect();
//! let copied = discrete_information(&stimulus, &stimulus, Correction::PlugIn, 1)?;
//! assert!((copied.value - 2.0).abs() < 1e-14);
//! let constant = discrete_information(&stimulus, &[7; 200], Correction::MillerMadow, 1)?;
//! assert_eq!(constant.value, 0.0);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::counts::Counts;
use super::entropies::{entropy_estimate, plugin};
use crate::field::{Error, Result, Table, Unit};
use crate::num::{Estimate, Stream};
use rayon::prelude::*;
use std::f64::consts::LN_2;

/// How the bias of few samples is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// Not at all: the information of the observed frequencies.
    PlugIn,
    /// Miller 1955: every entropy grows by (m − 1)/2n nats, m the labels seen.
    MillerMadow,
    /// Panzeri & Treves 1996: less [Σ_x (R_x − 1) − (R − 1)]/2n nats, R_x the number of responses that x can
    /// cause, estimated from those seen.
    PanzeriTreves,
    /// Strong et al. 1998: the value at 1/n = 0 of a parabola through all, halves and quarters of the samples.
    QuadraticExtrapolation,
    /// Less the mean of shuffled pairings; too small where responses are tuned.
    ShuffleSubtraction,
    /// Grassberger 2003 entropies.
    Grassberger,
    /// Chao & Shen 2003 entropies.
    ChaoShen,
    /// Nemenman, Shafee & Bialek 2002 entropies of Y and of Y given each X.
    Nsb,
}

impl Correction {
    /// All of them, in the order of a report.
    pub const ALL: [Correction; 8] = [
        Correction::PlugIn,
        Correction::MillerMadow,
        Correction::PanzeriTreves,
        Correction::QuadraticExtrapolation,
        Correction::ShuffleSubtraction,
        Correction::Grassberger,
        Correction::ChaoShen,
        Correction::Nsb,
    ];
    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Correction::PlugIn => "plug-in",
            Correction::MillerMadow => "miller-madow",
            Correction::PanzeriTreves => "panzeri-treves",
            Correction::QuadraticExtrapolation => "quadratic-extrapolation",
            Correction::ShuffleSubtraction => "shuffle-subtraction",
            Correction::Grassberger => "grassberger",
            Correction::ChaoShen => "chao-shen",
            Correction::Nsb => "nsb",
        }
    }
}

/// Shuffled pairings whose mean is subtracted.
const SHUFFLES: usize = 50;
/// Random divisions into quarters that the extrapolation averages over.
const DIVISIONS: usize = 20;

/// I(X;Y) in bits of two label sequences. `seed` matters only where samples are shuffled or divided.
///
/// 0 exactly if one side is constant. Refused: fewer than 4 samples; a corrected value above the smaller corrected entropy.
pub fn discrete_information(x: &[u32], y: &[u32], correction: Correction, seed: u64) -> Result<Estimate> {
    let counts = Counts::new(x, y)?;
    let n = x.len();
    if n < 4 {
        return Err(Error::domain("the information", format!("{n} samples are too few"), "give at least 4"));
    }
    let how = format!("{}, {} × {} labels", correction.name(), counts.x.len(), counts.y.len());
    if counts.x.len() == 1 || counts.y.len() == 1 {
        return Ok(Estimate::new(0.0, "bit", 0.0, n, how + ": one side is constant, which is 0 exactly"));
    }
    let plain = plugin_information(&counts);
    let leading = ((counts.x.len() - 1) * (counts.y.len() - 1)) as f64 / (2 * n) as f64;
    let nats = match correction {
        Correction::PlugIn => plain,
        Correction::PanzeriTreves => plain - panzeri_treves(&counts),
        Correction::QuadraticExtrapolation => extrapolated(x, y, plain, seed)?,
        Correction::ShuffleSubtraction => plain - shuffled(x, y, SHUFFLES, seed)?.iter().sum::<f64>() / SHUFFLES as f64,
        Correction::Nsb => conditional_form(&counts, correction)?,
        _ => {
            let h = |c: &[u64]| entropy_estimate(c, correction, c.len());
            (h(&counts.x)? + h(&counts.y)? - h(&counts.joint())?) * LN_2
        }
    };
    let bits = nats / LN_2;
    let own = if correction == Correction::Nsb { Correction::Nsb } else { entropy_kind(correction) };
    let bound =
        entropy_estimate(&counts.x, own, counts.x.len())?.min(entropy_estimate(&counts.y, own, counts.y.len())?);
    if bits > bound + 1e-9 {
        return Err(Error::domain(
            "the information",
            format!("{} gives {bits:.4} bit, above the smaller entropy {bound:.4}", correction.name()),
            "use another correction or more samples",
        ));
    }
    let bias = if correction == Correction::PlugIn { leading / LN_2 } else { f64::NAN };
    Ok(Estimate::new(bits, "bit", standard_error(&counts, plain), n, how).with_bias(bias))
}

/// The entropies that go with a correction of informations.
fn entropy_kind(correction: Correction) -> Correction {
    match correction {
        Correction::PanzeriTreves | Correction::QuadraticExtrapolation | Correction::ShuffleSubtraction => {
            Correction::MillerMadow
        }
        other => other,
    }
}

/// The information of the observed frequencies in nats.
fn plugin_information(counts: &Counts) -> f64 {
    (plugin(&counts.x) + plugin(&counts.y) - plugin(&counts.joint())).max(0.0)
}

/// The leading bias in nats with the number of possible responses to each x found from the trials.
fn panzeri_treves(counts: &Counts) -> f64 {
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

/// H(Y) − Σ p(x) H(Y|x) in nats, all labels of Y being possible for every x.
fn conditional_form(counts: &Counts, correction: Correction) -> Result<f64> {
    let labels = counts.y.len();
    let mut bits = entropy_estimate(&counts.y, correction, labels)?;
    for (part, total) in counts.given_x().iter().zip(&counts.x) {
        bits -= entropy_estimate(part, correction, labels)? * *total as f64 / counts.n as f64;
    }
    Ok(bits * LN_2)
}

/// The standard error in bits: spread of the information density, plus that of χ² where nothing is shared.
fn standard_error(counts: &Counts, plain: f64) -> f64 {
    let n = counts.n as f64;
    let square: f64 = counts
        .pairs
        .iter()
        .map(|&(a, b, c)| {
            let density = (c as f64 * n / (counts.x[a as usize] as f64 * counts.y[b as usize] as f64)).ln();
            c as f64 / n * density * density
        })
        .sum();
    let freedom = ((counts.x.len() - 1) * (counts.y.len() - 1)) as f64;
    ((square - plain * plain).max(0.0) / n + freedom / (2.0 * n * n)).sqrt() / LN_2
}

/// Plug-in informations in nats of shuffled pairings.
fn shuffled(x: &[u32], y: &[u32], times: usize, seed: u64) -> Result<Vec<f64>> {
    let one = |s: usize| {
        let mut turned = y.to_vec();
        Stream::new(seed, &[0x5f, s as u64]).shuffle(&mut turned);
        Ok(plugin_information(&Counts::new(x, &turned)?))
    };
    (0..times).into_par_iter().map(one).collect()
}

fn extrapolated(x: &[u32], y: &[u32], all: f64, seed: u64) -> Result<f64> {
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

/// All corrections side by side, with the null.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscreteReport {
    /// Each correction with its estimate; `None` where it was refused (a value above the entropy).
    pub estimates: Vec<(Correction, Option<Estimate>)>,
    /// Mean of the same correction over shuffled pairings, in bits; NaN if it was refused.
    pub null: Vec<f64>,
    /// The fraction of shuffled pairings (and the data) with a plug-in information as large as the data's.
    pub p: f64,
}

impl DiscreteReport {
    /// One row per correction.
    pub fn table(&self) -> Table {
        let bit = || Unit { symbol: "bit".into(), ..Unit::NONE };
        let of = |f: &dyn Fn(&Estimate) -> f64| {
            self.estimates.iter().map(|(_, e)| e.as_ref().map_or(f64::NAN, f)).collect::<Vec<f64>>()
        };
        Table::new()
            .text("correction", self.estimates.iter().map(|(c, _)| c.name().into()).collect())
            .number("value", bit(), of(&|e| e.value))
            .number("se", bit(), of(&|e| e.se))
            .number("null", bit(), self.null.clone())
            .flag("refused", self.estimates.iter().map(|(_, e)| e.is_none()).collect())
    }
}

/// All corrections on the data and on `shuffles` shuffled pairings.
pub fn discrete_report(x: &[u32], y: &[u32], shuffles: usize, seed: u64) -> Result<DiscreteReport> {
    let plain = plugin_information(&Counts::new(x, y)?);
    let estimates: Vec<(Correction, Option<Estimate>)> = Correction::ALL
        .iter()
        .map(|&c| match discrete_information(x, y, c, seed) {
            Ok(e) => Ok((c, Some(e))),
            Err(Error::Domain { what, .. }) if what == "the information" && x.len() >= 4 => Ok((c, None)),
            Err(e) => Err(e),
        })
        .collect::<Result<_>>()?;
    let one = |s: usize| -> Vec<f64> {
        let mut turned = y.to_vec();
        Stream::new(seed, &[0x11, s as u64]).shuffle(&mut turned);
        let value = |&c: &Correction| discrete_information(x, &turned, c, seed).map_or(f64::NAN, |e| e.value);
        Correction::ALL.iter().map(value).collect()
    };
    let nulls: Vec<Vec<f64>> = (0..shuffles).into_par_iter().map(one).collect();
    let null = (0..Correction::ALL.len())
        .map(|j| {
            let kept: Vec<f64> = nulls.iter().map(|v| v[j]).filter(|v| v.is_finite()).collect();
            kept.iter().sum::<f64>() / kept.len() as f64
        })
        .collect();
    let above = nulls.iter().filter(|v| v[0] * LN_2 >= plain - 1e-12).count();
    Ok(DiscreteReport { estimates, null, p: (1 + above) as f64 / (1 + shuffles) as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::information::mutual_information;
    use crate::coding::ledger::close;
    use nalgebra::DMatrix;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn law_plugin_is_exact_on_the_frequencies(x in prop::collection::vec(0u32..4, 40), y in prop::collection::vec(0u32..3, 40)) {
            let mut joint = DMatrix::zeros(4, 3);
            x.iter().zip(&y).for_each(|(&a, &b)| joint[(a as usize, b as usize)] += 1.0 / 40.0);
            let got = discrete_information(&x, &y, Correction::PlugIn, 1).unwrap().value;
            prop_assert!((got - mutual_information(&joint).unwrap()).abs() < 1e-13);
            // Symmetric, and labels are only names.
            let named: Vec<u32> = x.iter().map(|v| 1000 * (7 - v)).collect();
            let other = discrete_information(&y, &named, Correction::PlugIn, 1).unwrap().value;
            prop_assert!((got - other).abs() < 1e-13);
        }

        #[test]
        fn law_rows_may_be_shuffled(x in prop::collection::vec(0u32..4, 30), seed in 0u64..100) {
            let y: Vec<u32> = x.iter().enumerate().map(|(i, v)| (v + (i as u32 % 3)) % 4).collect();
            let mut order: Vec<usize> = (0..30).collect();
            Stream::new(seed, &[]).shuffle(&mut order);
            let pick = |v: &[u32]| order.iter().map(|&i| v[i]).collect::<Vec<u32>>();
            for c in [Correction::MillerMadow, Correction::Grassberger, Correction::PanzeriTreves] {
                let a = discrete_information(&x, &y, c, 1).map(|e| e.value);
                let b = discrete_information(&pick(&x), &pick(&y), c, 1).map(|e| e.value);
                match (a, b) {
                    (Ok(a), Ok(b)) => prop_assert!((a - b).abs() < 1e-12),
                    (a, b) => prop_assert!(a.is_err() && b.is_err()),
                }
            }
        }
    }

    /// 8 stimuli × `trials` Poisson counts; tuned means 2 … 16 or all alike.
    fn poisson(trials: u32, tuned: bool, seed: u64) -> (Vec<u32>, Vec<u32>) {
        let mut draws = Stream::new(seed, &[24]);
        let x: Vec<u32> = (0..8 * trials).map(|i| i % 8).collect();
        let count = |s: u32, draws: &mut Stream| {
            let mean: f64 = if tuned { 2.0 + 2.0 * f64::from(s) } else { 9.0 };
            let (mut n, mut product) = (0, draws.open_uniform());
            while product > (-mean).exp() {
                product *= draws.open_uniform();
                n += 1;
            }
            n
        };
        let y = x.iter().map(|&s| count(s, &mut draws)).collect();
        (x, y)
    }

    #[test]
    fn theory_c24_corrections_reduce_the_bias() {
        let truth = crate::coding::information::poisson_information(
            &(0..8).map(|s| 2.0 + 2.0 * f64::from(s)).collect::<Vec<_>>(),
            &[0.125; 8],
        )
        .unwrap();
        let runs = 60;
        for (tuned, truth) in [(true, truth), (false, 0.0)] {
            let mean = |c: Correction| {
                let one = |r: u64| {
                    let (x, y) = poisson(20, tuned, r);
                    discrete_information(&x, &y, c, 1).unwrap().value - truth
                };
                (0..runs).map(one).sum::<f64>() / runs as f64
            };
            let plain = mean(Correction::PlugIn);
            assert!(plain > 0.25, "{plain}");
            // Shuffled responses are broader than tuned ones: its subtraction is right for the null only.
            for c in Correction::ALL[1..].iter().filter(|c| !tuned || **c != Correction::ShuffleSubtraction) {
                let bias = mean(*c);
                assert!(bias.abs() < 0.6 * plain, "{c:?} on tuned = {tuned}: {bias} against {plain}");
            }
        }
    }

    #[test]
    fn theory_c24_plugin_bias_by_sampling() {
        // px uniform over 4, py = (.4, .3, .2, .1), n = 100: exact bias 0.07040758456 bits.
        let runs = 400;
        let one = |r: u64| {
            let mut draws = Stream::new(r, &[100]);
            let x: Vec<u32> = (0..100).map(|_| draws.index(4) as u32).collect();
            let y: Vec<u32> = (0..100)
                .map(|_| {
                    let u = draws.uniform();
                    u32::from(u > 0.4) + u32::from(u > 0.7) + u32::from(u > 0.9)
                })
                .collect();
            discrete_information(&x, &y, Correction::PlugIn, 1).unwrap().value
        };
        let values: Vec<f64> = (0..runs).map(one).collect();
        let mean = values.iter().sum::<f64>() / runs as f64;
        let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / runs as f64).sqrt();
        assert!((mean - 0.07040758456).abs() < 4.0 * sd / (runs as f64).sqrt(), "{mean}");
    }

    #[test]
    fn law_constant_nan_and_excess_are_met() {
        let x: Vec<u32> = (0..40).map(|i| i % 4).collect();
        for c in Correction::ALL {
            let flat = discrete_information(&x, &[3; 40], c, 1).unwrap();
            assert!(flat.value == 0.0 && flat.se == 0.0 && flat.how.contains("0 exactly"));
        }
        assert!(discrete_information(&[0, 1], &[0, 1], Correction::PlugIn, 1).is_err());
        // A copy has all of the entropy and no more.
        let copy = discrete_information(&x, &x, Correction::PlugIn, 1).unwrap();
        close(copy.value, 2.0, 1e-14);
        // Every sample its own label: Chao–Shen would exceed the entropy or stays below it, but never in silence.
        let own: Vec<u32> = (0..40).collect();
        if let Ok(e) = discrete_information(&own, &x, Correction::ChaoShen, 1) {
            assert!(e.value <= 2.0 + 0.2);
        }
    }

    #[test]
    fn law_report_has_every_correction_and_a_fair_p() {
        let (x, y) = poisson(10, true, 3);
        let report = discrete_report(&x, &y, 39, 5).unwrap();
        assert_eq!(report.table().rows(), 8);
        assert!(report.p <= 0.025 + 1e-12);
        let (x, y) = poisson(10, false, 3);
        assert!(discrete_report(&x, &y, 39, 5).unwrap().p > 0.025);
        let twice = [(); 2].map(|()| format!("{:?}", discrete_report(&x, &y, 10, 5).unwrap()));
        assert_eq!(twice[0], twice[1]);
    }
}
