//! What do all corrections say, beside what they say when nothing is shared?
//!
//! [`discrete_report`] shows them on data; [`correction_table`] on Poisson counts with known information, tuned and
//! untuned. No correction is best in both columns, which is why a report shows all.
//!
//! ```
//! use homeostat::coding::estimators::correction_table;
//! let table = correction_table(&[2.0, 5.0, 9.0, 14.0], 10, 20, 1)?;
//! assert_eq!(table.rows(), 8);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::counts::Counts;
use super::discrete::{Correction, discrete_information, plugin_information};
use crate::field::{Error, Result, Table, Unit};
use crate::num::{Estimate, Stream};
use rand_distr::{Distribution, Poisson};
use rayon::prelude::*;
use std::f64::consts::LN_2;

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

/// Every correction on `runs` sets of `trials` Poisson counts for each of the mean counts `tuning`: bias, standard
/// deviation and root mean square error in bits, when tuned and when every stimulus has the mean of the means, and the
/// fraction of sets on which it was refused.
pub fn correction_table(tuning: &[f64], trials: usize, runs: usize, seed: u64) -> Result<Table> {
    let m = tuning.len();
    if m < 2 || trials == 0 || runs < 2 {
        let what = format!("{m} stimuli, {trials} trials, {runs} runs");
        return Err(Error::usage(what, "take 2 or more stimuli and runs, 1 or more trials"));
    }
    let mean = tuning.iter().sum::<f64>() / m as f64;
    let cases = [(tuning.to_vec(), "tuned"), (vec![mean; m], "null")];
    let bit = || Unit { symbol: "bit".into(), ..Unit::NONE };
    let mut table = Table::new().text("correction", Correction::ALL.iter().map(|c| c.name().into()).collect());
    for (word, (means, name)) in cases.iter().enumerate() {
        let truth = crate::coding::information::poisson_information(means, &vec![1.0 / m as f64; m])?;
        let laws: Vec<Poisson<f64>> = means
            .iter()
            .map(|&l| Poisson::new(l))
            .collect::<std::result::Result<_, _>>()
            .map_err(|e| Error::domain("a mean count", e.to_string(), "give numbers above 0"))?;
        let one = |r: usize| -> Vec<Option<f64>> {
            let mut draws = Stream::new(seed, &[0x7ab, word as u64, r as u64]);
            let x: Vec<u32> = (0..m * trials).map(|i| (i % m) as u32).collect();
            let y: Vec<u32> = x.iter().map(|&s| laws[s as usize].sample(&mut draws) as u32).collect();
            let value = |c: &Correction| discrete_information(&x, &y, *c, seed).ok().map(|e| e.value);
            Correction::ALL.iter().map(value).collect()
        };
        let all: Vec<Vec<Option<f64>>> = (0..runs).into_par_iter().map(one).collect();
        let kept = |c: usize| all.iter().filter_map(|row| row[c]).collect::<Vec<f64>>();
        let moments: Vec<[f64; 4]> = (0..Correction::ALL.len())
            .map(|c| {
                let values = kept(c);
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
                let rmse = (values.iter().map(|v| (v - truth).powi(2)).sum::<f64>() / n).sqrt();
                [mean - truth, sd, rmse, 1.0 - n / runs as f64]
            })
            .collect();
        for (j, what) in ["bias", "sd", "rmse", "refused"].iter().enumerate() {
            let unit = if j < 3 { bit() } else { Unit::NONE };
            table = table.number(&format!("{name} {what}"), unit, moments.iter().map(|r| r[j]).collect());
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_no_correction_wins_both_columns() {
        // 8 stimuli × 20 trials as in the field's comparisons; each claim is far outside the error of 40 sets.
        let tuning: Vec<f64> = (0..8).map(|s| 2.0 + f64::from(s)).collect();
        let table = correction_table(&tuning, 20, 40, 1).unwrap();
        let column = |name: &str| table.numbers(name).unwrap().to_vec();
        let (tuned, null) = (column("tuned bias"), column("null bias"));
        let at = |c: Correction| Correction::ALL.iter().position(|k| *k == c).unwrap();
        let (plain, shuffle, chao) =
            (at(Correction::PlugIn), at(Correction::ShuffleSubtraction), at(Correction::ChaoShen));
        assert!(tuned[plain] > 0.15 && null[plain] > 0.15);
        // Subtracting the shuffle is right for the null and too much for the tuned.
        assert!(null[shuffle].abs() < 0.03 && tuned[shuffle] < -0.05);
        assert!(tuned[chao].abs() < tuned[shuffle].abs());
        assert!(correction_table(&[1.0], 20, 4, 1).is_err() && correction_table(&[1.0, -2.0], 20, 4, 1).is_err());
    }
}
