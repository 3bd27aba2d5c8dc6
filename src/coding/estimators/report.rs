//! What do all corrections say, beside what they say when nothing is shared?

use super::counts::Counts;
use super::discrete::{Correction, discrete_information, plugin_information};
use crate::field::{Error, Result, Table, Unit};
use crate::num::{Estimate, Stream};
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
