//! What is a code worth at one state? Mutual information, Fisher information, d', each with how far it can be trusted.

use super::measure::{self, Curve};
use super::response::{Coder, Response};
use crate::coding::checks;
use crate::coding::fisher::{dprime_from_fisher, linear_fisher, linear_information};
use crate::coding::information::yes_no_accuracy;
use crate::error::{Error, Result};
use crate::field::{Table, Unit};
use crate::num::Estimate;
use nalgebra::DMatrix;

/// How far a number can be trusted.
#[derive(Clone, Debug, PartialEq)]
pub enum Trust {
    /// A closed form or a finite sum, to rounding.
    Exact,
    /// A quadrature: the truth is at most this far away.
    Bounded(f64),
    /// A sample, with its standard error.
    Estimated(Estimate),
}

impl Trust {
    /// In one word: `exact`, `bounded`, `estimated`.
    pub fn word(&self) -> &'static str {
        match self {
            Trust::Exact => "exact",
            Trust::Bounded(_) => "bounded",
            Trust::Estimated(_) => "estimated",
        }
    }
    /// The error bound or the standard error; 0 where the number is exact.
    pub fn error(&self) -> f64 {
        match self {
            Trust::Exact => 0.0,
            Trust::Bounded(error) => *error,
            Trust::Estimated(e) => e.se,
        }
    }
}

/// A number with its trust.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// How far it can be trusted.
    pub trust: Trust,
    /// How it was found, and what it rests on.
    pub how: String,
}

/// What a code is worth at one state of its circuit.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The stimulus at which slopes and noise were taken: the mean (coherent unit).
    pub stimulus: f64,
    /// The state there, fast variables at rest (coherent units).
    pub state: Vec<f64>,
    /// What is read on average: coherent units, or counts per window.
    pub mean: Vec<f64>,
    /// Its slope by the stimulus.
    pub slope: Vec<f64>,
    /// Its covariance, the variance of counting included.
    pub covariance: DMatrix<f64>,
    /// I(stimulus; what is read) in bits.
    pub information: Measured,
    /// ½ log₂(1 + σ_s²J) in bits: what straight tuning with the slopes and the noise at the mean would carry.
    pub linear_information: f64,
    /// The linear Fisher information J = f'ᵀΣ⁻¹f' at the mean (per squared coherent unit of the stimulus).
    pub fisher: f64,
    /// d' = Δs √J of two stimuli about the mean.
    pub dprime: f64,
    /// Their distance Δs (coherent unit).
    pub difference: f64,
    /// The fraction correct Φ(d'/2) with which they are told apart.
    pub accuracy: f64,
    /// The tuning curve: stimuli in increasing order, and what is read at each (one row per stimulus).
    pub tuning: (Vec<f64>, Vec<Vec<f64>>),
    /// What should be known before the numbers are believed.
    pub warnings: Vec<String>,
}

impl Coder<'_> {
    /// The code at a state whose slow variables are held; the fast ones are sought from it.
    ///
    /// # Errors
    /// No noise (the information is infinite), fast variables without a stable rest, counts of negative rates, noise that
    /// leaves a combination of the quantities noiseless.
    pub fn at(&self, p: &[f64], state: &[f64]) -> Result<Reading> {
        let names = self.field.names();
        checks::same_length("parameters", p.len(), names.parameters.len())?;
        checks::same_length("state", state.len(), names.variables.len())?;
        checks::all_finite("the state", state)?;
        let s = self.code.distribution.mean();
        if self.is_noiseless() {
            return Err(Error::domain(
                format!("information about `{}`", self.code.stimulus),
                "there is no noise: it is infinite",
                "give the noise that limits the code, for example on a quantity that is read",
            ));
        }
        let here = self.respond(p, s, state, state)?;
        let covariance = here.total(self.window.is_some());
        let fisher = self.fisher(&here, &covariance)?;
        let mut curve = Curve::new(self, p, &here)?;
        let mut information = measure::information(&mut curve, fisher, &here)?;
        if self.is_white() {
            information.how += "; linear noise approximation of the fast variables";
        }
        let sd = self.code.distribution.sd();
        let difference = self.code.difference.unwrap_or(sd);
        let dprime = dprime_from_fisher(fisher, difference)?;
        Ok(Reading {
            stimulus: s,
            linear_information: linear_information(fisher, sd)?,
            accuracy: yes_no_accuracy(dprime)?,
            tuning: curve.tuning(),
            warnings: self.warnings(&curve),
            state: here.state,
            mean: here.mean,
            slope: here.slope,
            covariance,
            information,
            fisher,
            dprime,
            difference,
        })
    }
    fn fisher(&self, here: &Response, covariance: &DMatrix<f64>) -> Result<f64> {
        // What neither answers nor fluctuates (a silent unit) tells nothing and is left out.
        let silent = |i: usize| here.slope[i] == 0.0 && covariance.row(i).iter().all(|v| *v == 0.0);
        let kept: Vec<usize> = (0..here.slope.len()).filter(|&i| !silent(i)).collect();
        if kept.is_empty() {
            return Ok(0.0);
        }
        let slopes: Vec<f64> = kept.iter().map(|&i| here.slope[i]).collect();
        let part = DMatrix::from_fn(kept.len(), kept.len(), |i, j| covariance[(kept[i], kept[j])]);
        linear_fisher(&slopes, &part).map_err(|e| match e {
            Error::Singular { .. } => Error::domain(
                "the noise of what is read",
                format!("some combination of {} has none: its information is infinite", self.code.read.join(", ")),
                "give every quantity that is read its own noise, or read fewer",
            ),
            other => other,
        })
    }
    fn warnings(&self, curve: &Curve) -> Vec<String> {
        let mut all = Vec::new();
        let q = &self.field.names().parameters[self.stimulus];
        let (low, high) = self.code.distribution.reach();
        if let Some((lo, hi)) = q.range.filter(|(lo, hi)| low < *lo || high > *hi) {
            let f = q.unit.factor;
            all.push(format!(
                "stimuli reach from {:.6} to {:.6} {}, the model is meant for {:.6} to {:.6}",
                low / f,
                high / f,
                q.unit,
                lo / f,
                hi / f
            ));
        }
        if let Some((a, b)) = curve.jump() {
            all.push(format!(
                "the response jumps between {} = {a:.6} and {b:.6}: the fast variables rest at more than one point",
                q.name
            ));
        }
        all
    }
}

impl Reading {
    /// The tuning curve as rows, in shown units: the stimulus and every quantity that is read.
    pub fn tuning_table(&self, coder: &Coder) -> Table {
        let q = &coder.field().names().parameters[coder.stimulus];
        let mut table =
            Table::new().number(&q.name, q.unit.clone(), self.tuning.0.iter().map(|s| s / q.unit.factor).collect());
        for (i, quantity) in coder.quantities().into_iter().enumerate() {
            let (unit, factor) = match coder.window {
                Some(_) => (Unit::NONE, 1.0),
                None => (quantity.unit.clone(), quantity.unit.factor),
            };
            table = table.number(&quantity.name, unit, self.tuning.1.iter().map(|row| row[i] / factor).collect());
        }
        table
    }
}
