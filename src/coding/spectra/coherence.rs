//! Which part of two recordings is common at each frequency, who leads, and what does one tell about the other?
//!
//! The coherence of K averages is too large, by 1/K where there is none; the exact mean of its distribution is inverted
//! to take that off. Phase error: √[(1 − γ²)/(2Kγ²)]. A delay τ turns the phase by 2πfτ. Gaussian channels carry
//! −∫ log₂(1 − γ²) df bits per second over positive frequencies, of which every independent bin has 1/((K − 1) ln 2)
//! by chance, whatever the coherence.

use super::{Averages, Spectra};
use crate::coding::resampling::Confidence;
use crate::field::{Error, Result, Table, Unit};
use crate::num::Estimate;
use nalgebra::Complex;
use std::f64::consts::{LN_2, PI, TAU};

/// By how much one channel leads another.
#[derive(Clone, Debug, PartialEq)]
pub struct Lag {
    /// The lead of the first channel in s, with its error.
    pub seconds: Estimate,
    /// How well one delay explains the phases: the length of the mean remaining phase vector, 0 to 1.
    pub fit: f64,
}

impl Spectra {
    /// The coherence of two channels at frequency number `j`; its stated bias inverts the exact mean of the estimate.
    pub fn coherence(&self, a: usize, b: usize, j: usize) -> Result<Estimate> {
        let (raw, k) = self.raw_coherence(a, b, j)?;
        let truth = k.unbiased_coherence(raw)?;
        let (mean, variance) = k.coherence_moments(truth)?;
        let n = k.count().round() as usize;
        Ok(Estimate::new(raw, "", variance.sqrt(), n, self.how.clone()).with_bias(mean - truth))
    }
    /// The interval of coherences that make the estimated one usual, from its exact distribution.
    pub fn coherence_interval(&self, a: usize, b: usize, j: usize, level: f64) -> Result<Confidence> {
        let (raw, k) = self.raw_coherence(a, b, j)?;
        k.coherence_interval(raw, level)
    }
    /// The coherence that unrelated channels exceed with probability `p` at frequency number `j`.
    pub fn significance_level(&self, a: usize, b: usize, j: usize, p: f64) -> Result<f64> {
        self.raw_coherence(a, b, j)?.1.significance_level(p)
    }
    /// The phase of S_ab in radian, positive if `a` leads. Where no coherence is left its error is that of a random
    /// phase, π/√3.
    pub fn phase(&self, a: usize, b: usize, j: usize) -> Result<Estimate> {
        let (raw, k) = self.raw_coherence(a, b, j)?;
        let truth = k.unbiased_coherence(raw)?;
        let random = PI / 3f64.sqrt();
        let se = if truth > 0.0 { ((1.0 - truth) / (2.0 * k.count() * truth)).sqrt().min(random) } else { random };
        let n = k.count().round() as usize;
        Ok(Estimate::new(self.cross(a, b, j).arg(), "rad", se, n, self.how.clone()))
    }
    /// The lead of channel `a` over `b` between two frequencies (Hz): the delay that best straightens the phases, each
    /// weighed by what it shows, γ²/(1 − γ²) (Hannan & Thomson 1973). Only delays within ±`longest` s are looked at; of
    /// an oscillation in a narrow band, delays that differ by a period are nearly as good.
    pub fn lag(&self, a: usize, b: usize, lo: f64, hi: f64, longest: f64) -> Result<Lag> {
        crate::coding::checks::positive("the longest delay", longest)?;
        let mut terms: Vec<(f64, Complex<f64>, f64)> = Vec::new();
        for j in self.inside(lo, hi)?.filter(|j| *j > 0) {
            let (raw, k) = self.raw_coherence(a, b, j)?;
            let truth = k.unbiased_coherence(raw)?.min(1.0 - 1e-12);
            let cross = self.cross(a, b, j);
            if truth > 0.0 && cross.norm() > 0.0 {
                // The inverse variance of the phase.
                terms.push((self.frequencies[j], cross / cross.norm(), 2.0 * k.count() * truth / (1.0 - truth)));
            }
        }
        let total: f64 = terms.iter().map(|t| t.2).sum();
        if terms.len() < 2 {
            let why = format!("no coherence is left between {lo} and {hi} Hz");
            return Err(Error::domain("a delay", why, "take a band in which the channels are coherent"));
        }
        let straight = |tau: f64| -> f64 {
            terms.iter().map(|(f, u, w)| w * (u * Complex::new(0.0, -TAU * f * tau).exp()).re).sum::<f64>() / total
        };
        // Finer than the fastest turn of the phases, then golden steps.
        let top = terms.iter().map(|t| t.0).fold(0.0, f64::max);
        let steps = ((longest * top * 16.0).ceil() as usize).clamp(16, 4_000_000);
        let at = |i: usize| longest * (2.0 * i as f64 / steps as f64 - 1.0);
        let best = (0..=steps).max_by(|&i, &j| straight(at(i)).total_cmp(&straight(at(j)))).unwrap_or(0);
        let step = 2.0 * longest / steps as f64;
        let (tau, fit) = crate::coding::quadrature::maximum(straight, at(best) - step, at(best) + step);
        // Neighbouring frequencies share windows: so many count once.
        let shared = (self.bandwidth / self.spacing()).max(1.0);
        let curvature: f64 = terms
            .iter()
            .map(|(f, u, w)| {
                let left = (u * Complex::new(0.0, -TAU * f * tau).exp()).re;
                w * (TAU * f).powi(2) * left.max(0.0)
            })
            .sum::<f64>()
            / shared;
        let n = (terms.len() as f64 / shared).ceil() as usize;
        let how = format!("{}, phase slope from {lo} to {hi} Hz", self.how);
        Ok(Lag { seconds: Estimate::new(tau, "s", curvature.recip().sqrt(), n, how), fit })
    }
    /// What channel `a` tells about `b` in lo ≤ f < hi (Hz), in bits per second, as if both were Gaussian: a lower bound
    /// on the information if only `a` is (and the best linear decoder's).
    pub fn information_rate(&self, a: usize, b: usize, lo: f64, hi: f64) -> Result<Estimate> {
        let range = self.inside(lo, hi)?;
        let shared = (self.bandwidth / self.spacing()).max(1.0).min(range.len() as f64);
        let (mut value, mut bias, mut variance) = (0.0, 0.0, 0.0);
        for j in range.clone() {
            let (raw, k) = self.raw_coherence(a, b, j)?;
            if raw >= 1.0 - 1e-12 {
                let why = format!("one channel determines the other at {} Hz", self.frequencies[j]);
                return Err(Error::domain("the information rate", why, "leave a copy out: its rate is infinite"));
            }
            // Frequencies without a mirror stand for half a bin.
            let width = self.spacing() * if j == 0 || 2 * j == self.samples() { 0.5 } else { 1.0 };
            value -= width * (-raw).ln_1p() / LN_2;
            bias += width * k.spurious_bits();
            let truth = k.unbiased_coherence(raw)?;
            variance += (width / LN_2).powi(2) * (2.0 * truth / k.count() + 1.0 / (k.count() - 1.0).powi(2));
        }
        let n = (range.len() as f64 / shared).round().max(1.0) as usize;
        let how = format!("{}, coherence from {lo} to {hi} Hz", self.how);
        Ok(Estimate::new(value, "bit/s", (variance * shared).sqrt(), n, how).with_bias(bias))
    }
    /// One row per frequency for two channels: coherence without its bias, interval, chance level and phase with error.
    pub fn coherence_table(&self, a: usize, b: usize, level: f64) -> Result<Table> {
        let mut rows: Vec<[f64; 6]> = Vec::new();
        for j in 0..self.frequencies.len() {
            let (c, p) = (self.coherence(a, b, j)?, self.phase(a, b, j)?);
            let interval = self.coherence_interval(a, b, j, level)?;
            let chance = self.significance_level(a, b, j, 1.0 - level)?;
            rows.push([c.corrected(), interval.low, interval.high, chance, p.value, p.se]);
        }
        let mut table = Table::new().number("f", Unit::HERTZ, self.frequencies.clone());
        for (i, name) in ["coherence", "low", "high", "chance", "phase", "phase se"].iter().enumerate() {
            let unit = if i < 4 { Unit::NONE } else { Unit { symbol: "rad".into(), ..Unit::NONE } };
            table = table.number(name, unit, rows.iter().map(|r| r[i]).collect());
        }
        Ok(table)
    }

    fn raw_coherence(&self, a: usize, b: usize, j: usize) -> Result<(f64, Averages)> {
        self.check_channel(a)?;
        self.check_channel(b)?;
        if j >= self.frequencies.len() {
            let what = format!("there is no frequency number {j}");
            return Err(Error::usage(what, format!("numbers are 0 to {}", self.frequencies.len() - 1)));
        }
        let power = self.power(a, j) * self.power(b, j);
        if power <= 0.0 {
            let why = format!("one channel has no power at {} Hz", self.frequencies[j]);
            return Err(Error::domain("a coherence", why, "leave this frequency out"));
        }
        let k = self.common(a, b, j)?;
        if k.count() <= 1.0 {
            let why = format!("there is one average at {} Hz, which is always coherent", self.frequencies[j]);
            return Err(Error::domain("a coherence", why, "take shorter segments or more tapers"));
        }
        Ok(((self.cross(a, b, j).norm_sqr() / power).min(1.0), k))
    }
}
