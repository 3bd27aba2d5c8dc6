//! How does a measure change over the course of a recording?
//!
//! It is estimated in a window that slides. Neighbouring samples of a recording resemble each other, so a window of m
//! samples is worth fewer: n = m/(1 + 2 Σ ρ_x(k) ρ_y(k)) (Bartlett 1946), ρ the autocorrelations of the two sides. The
//! stated n is that number and the standard error grows with √(m/n).
//!
//! ```
//! use homeostat::coding::estimators::{Continuous, Points, Window, sliding_information};
//! use homeostat::num::Stream;
//! let mut draws = Stream::new(1, &[]);
//! let x: Vec<f64> = (0..600).map(|_| draws.normal()).collect();
//! // Coupled in the second half only.
//! let y: Vec<f64> = (0..600).map(|i| draws.normal() + if i < 300 { 0.0 } else { 2.0 * x[i] }).collect();
//! let (x, y) = (Points::column(&x)?, Points::column(&y)?);
//! let found = sliding_information(&x, &y, &Continuous::default(), Window { length: 300, step: 300 })?;
//! let (before, after) = (found[0].estimate.as_ref().unwrap(), found[1].estimate.as_ref().unwrap());
//! assert!(before.corrected() < 0.3 && after.corrected() > 0.8);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::{Continuous, Points, information};
use crate::field::{Error, Result, Table, Unit};
use crate::num::Estimate;
use rayon::prelude::*;

/// A window that slides over a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Samples in the window.
    pub length: usize,
    /// Samples from one window to the next; those nearer than `length` share samples.
    pub step: usize,
}

/// What a window showed.
#[derive(Clone, Debug)]
pub struct InWindow {
    /// Its first sample.
    pub start: usize,
    /// One beyond its last sample.
    pub end: usize,
    /// The estimate, or why there is none.
    pub estimate: Result<Estimate>,
}

impl Window {
    /// Estimates in every window that fits into `n` samples; a window that is refused does not end the others.
    pub fn over(
        &self,
        n: usize,
        one: impl Fn(std::ops::Range<usize>) -> Result<Estimate> + Sync,
    ) -> Result<Vec<InWindow>> {
        if self.length == 0 || self.step == 0 || self.length > n {
            return Err(Error::usage(
                format!("windows of {} samples every {} in {n}", self.length, self.step),
                "take a length and a step of 1 or more, at most all samples",
            ));
        }
        let starts: Vec<usize> = (0..=n - self.length).step_by(self.step).collect();
        let at =
            |&start: &usize| InWindow { start, end: start + self.length, estimate: one(start..start + self.length) };
        Ok(starts.par_iter().map(at).collect())
    }
}

/// How many independent samples a pair of recordings is worth: n/(1 + 2 Σ ρ_x(k) ρ_y(k)), at most n. Of several variables
/// the slowest counts. The sum ends where either autocorrelation falls below twice its standard error.
pub fn effective_samples(x: &Points, y: &Points) -> Result<usize> {
    crate::coding::checks::same_length("samples", x.len(), y.len())?;
    let n = x.len();
    let slowest = |p: &Points| -> Vec<f64> {
        let all: Vec<Vec<f64>> = (0..p.dimension()).map(|v| autocorrelation(p.variable(v))).collect();
        // A constant is no series.
        all.into_iter().max_by(|a, b| a.iter().sum::<f64>().total_cmp(&b.iter().sum::<f64>())).unwrap_or_default()
    };
    let (a, b) = (slowest(x), slowest(y));
    let sum: f64 = a.iter().zip(&b).map(|(p, q)| p * q).sum();
    Ok(((n as f64 / (1.0 + 2.0 * sum)).round() as usize).clamp(1, n))
}

/// ρ(1), ρ(2), … until it is no longer clearly above 0.
fn autocorrelation(x: &[f64]) -> Vec<f64> {
    let n = x.len();
    let mean = x.iter().sum::<f64>() / n as f64;
    let variance: f64 = x.iter().map(|v| (v - mean).powi(2)).sum();
    let mut found = Vec::new();
    for lag in 1..n / 2 {
        let sum: f64 = x[lag..].iter().zip(x).map(|(a, b)| (a - mean) * (b - mean)).sum();
        let rho = sum / variance;
        if rho.is_nan() || rho < 2.0 / (n as f64).sqrt() {
            break;
        }
        found.push(rho);
    }
    found
}

/// I(X;Y) in bits in every window, with the number of independent samples and the error that goes with it.
pub fn sliding_information(x: &Points, y: &Points, options: &Continuous, window: Window) -> Result<Vec<InWindow>> {
    crate::coding::checks::same_length("samples of X and Y", x.len(), y.len())?;
    window.over(x.len(), |range| {
        let picked: Vec<usize> = range.collect();
        let (a, b) = (x.select(&picked), y.select(&picked));
        let found = information(&a, &b, options)?;
        let worth = effective_samples(&a, &b)?;
        let widened = found.se * (picked.len() as f64 / worth as f64).sqrt();
        let how = if worth < picked.len() {
            format!("{}; {} samples worth {worth} independent ones", found.how, picked.len())
        } else {
            found.how
        };
        Ok(Estimate { se: widened, n: worth, how, ..found })
    })
}

/// One row per window; NaN where an estimate was refused, with the reason.
pub fn windows_table(found: &[InWindow]) -> Table {
    let of = |f: &dyn Fn(&Estimate) -> f64| -> Vec<f64> {
        found.iter().map(|w| w.estimate.as_ref().map_or(f64::NAN, f)).collect()
    };
    let bit = || Unit { symbol: "bit".into(), ..Unit::NONE };
    Table::new()
        .number("start", Unit::NONE, found.iter().map(|w| w.start as f64).collect())
        .number("end", Unit::NONE, found.iter().map(|w| w.end as f64).collect())
        .number("value", bit(), of(&|e| e.value))
        .number("se", bit(), of(&|e| e.se))
        .number("bias", bit(), of(&|e| e.bias))
        .number("n", Unit::NONE, of(&|e| e.n as f64))
        .text(
            "refused",
            found.iter().map(|w| w.estimate.as_ref().err().map_or(String::new(), |e| e.to_string())).collect(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;

    fn series(n: usize, memory: f64, seed: u64) -> Points {
        let mut draws = Stream::new(seed, &[0x71]);
        let mut x = 0.0;
        let values: Vec<f64> = (0..n)
            .map(|_| {
                x = memory * x + (1.0 - memory * memory).sqrt() * draws.normal();
                x
            })
            .collect();
        Points::column(&values).unwrap()
    }

    #[test]
    fn theory_effective_samples_of_autoregressive_series() {
        // ρ(k) = aᵏ on both sides: n (1 − a²)/(1 + a²); a = 0.9: n/9.53.
        let found = effective_samples(&series(20_000, 0.9, 1), &series(20_000, 0.9, 2)).unwrap() as f64;
        assert!((found / (20_000.0 * 0.19 / 1.81) - 1.0).abs() < 0.15, "{found}");
        let white = effective_samples(&series(1000, 0.0, 1), &series(1000, 0.9, 2)).unwrap();
        assert!(white > 900, "{white}");
    }

    #[test]
    fn theory_the_error_of_series_with_memory_is_honest() {
        // Independent series with memory 0.9: the scatter of the estimates is what is stated, not √9.5 times as much.
        let options = Continuous { method: crate::coding::estimators::Method::Gaussian, ..Continuous::default() };
        let mut hits = 0;
        for s in 0..100 {
            let (x, y) = (series(400, 0.9, 2 * s), series(400, 0.9, 2 * s + 1));
            let found = sliding_information(&x, &y, &options, Window { length: 400, step: 400 }).unwrap();
            let e = found[0].estimate.as_ref().unwrap();
            // Of no information the estimate is χ² of one degree over 2n: its 95 % point is 1.92/n nats.
            hits += usize::from(e.value < 1.92 / e.n as f64 / std::f64::consts::LN_2);
        }
        assert!((84..=100).contains(&hits), "{hits}");
    }

    #[test]
    fn law_windows_cover_and_refusals_stay() {
        let (x, mut values) = (series(100, 0.0, 1), vec![0.0; 100]);
        (50..100).for_each(|i| values[i] = x.variable(0)[i].powi(2) + 0.1 * x.variable(0)[(i * 7) % 100]);
        let y = Points::column(&values).unwrap();
        let found = sliding_information(
            &x,
            &y,
            &Continuous { surrogates: 0, ..Continuous::default() },
            Window { length: 40, step: 20 },
        )
        .unwrap();
        assert_eq!(
            found.iter().map(|w| (w.start, w.end)).collect::<Vec<_>>(),
            [(0, 40), (20, 60), (40, 80), (60, 100)]
        );
        // Constant: exactly 0. Half constant: refused as tied. The rest: estimated.
        assert_eq!(found[0].estimate.as_ref().unwrap().value, 0.0);
        assert!(found[1].estimate.is_err() && found[3].estimate.is_ok());
        assert_eq!(windows_table(&found).rows(), 4);
        assert!(Window { length: 101, step: 1 }.over(100, |_| Ok(Estimate::new(0.0, "", 0.0, 1, ""))).is_err());
        assert!(Window { length: 10, step: 0 }.over(100, |_| Ok(Estimate::new(0.0, "", 0.0, 1, ""))).is_err());
    }
}
