//! Which power and which common rhythm do recordings show at each frequency?
//!
//! The recordings, less their means, are multiplied by windows and transformed. Welch 1967: half-overlapping segments
//! under Hann's window. Thomson 1982: the whole record under Slepian tapers, with equal or adaptive weights. Each window
//! gives a number per channel and frequency; their products averaged over windows are the cross-spectral matrix, which is
//! so Hermitian and positive semidefinite by construction.

use super::{Averages, hann, slepian};
use crate::coding::checks;
use crate::coding::resampling::Confidence;
use crate::field::{Error, Result, Table, Unit};
use crate::num::Estimate;
use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;
use rustfft::FftPlanner;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How a spectrum is averaged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Averaging {
    /// Segments of so many samples, overlapping by half, under Hann's window.
    Welch {
        /// Samples per segment.
        segment: usize,
    },
    /// Slepian tapers over the whole record; the resolution is ±NW/duration.
    Multitaper {
        /// The time-bandwidth product NW.
        nw: f64,
        /// The number of tapers, at most 2 NW − 1 for little leakage.
        tapers: usize,
        /// Weigh tapers down where leakage would dominate (Thomson 1982). For spectra with a large dynamic range.
        adaptive: bool,
    },
}

/// Estimated cross-spectra of channels.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectra {
    /// The frequencies in Hz, from 0 to half the sampling rate.
    pub frequencies: Vec<f64>,
    /// How far apart two frequencies must be to be nearly independent, in Hz.
    pub bandwidth: f64,
    /// Number of channels.
    pub channels: usize,
    /// How it was averaged.
    pub how: String,
    /// Independent averages per frequency, for each channel.
    averages: Vec<Vec<f64>>,
    /// `[frequency]`: windows × channels, scaled so that S = Zᵀ Z̄.
    parts: Vec<DMatrix<Complex<f64>>>,
    /// The spacing of the frequencies in Hz.
    spacing: f64,
    /// Samples per window.
    samples: usize,
}

/// Estimates the cross-spectra of channels that were sampled together at `rate` Hz.
///
/// Errors: no channel, unequal lengths, NaN, a constant channel, fewer samples than a segment (or than 16).
pub fn spectra(channels: &[&[f64]], rate: f64, how: Averaging) -> Result<Spectra> {
    checks::positive("the sampling rate", rate)?;
    let Some(first) = channels.first() else {
        return Err(Error::usage("there is no channel", "give at least one"));
    };
    let n = first.len();
    for (i, channel) in channels.iter().enumerate() {
        checks::same_length("the channels", n, channel.len())?;
        checks::all_finite(&format!("channel {i} (from 0)"), channel)?;
        if n >= 16 && channel.iter().all(|x| *x == channel[0]) {
            return Err(Error::domain(format!("channel {i} (from 0)"), "never varies", "leave it out"));
        }
    }
    if n < 16 {
        return Err(Error::domain("a spectrum", format!("{n} samples are too few"), "give 16 or more"));
    }
    match how {
        Averaging::Welch { segment } => welch(channels, rate, segment),
        Averaging::Multitaper { nw, tapers, adaptive } => multitaper(channels, rate, nw, tapers, adaptive),
    }
}

/// The transform of windowed samples at the frequencies from 0 to half the rate.
fn transform(planner: &mut FftPlanner<f64>, samples: impl Iterator<Item = f64>) -> Vec<Complex<f64>> {
    let mut data: Vec<Complex<f64>> = samples.map(|x| Complex::new(x, 0.0)).collect();
    let half = data.len() / 2 + 1;
    planner.plan_fft_forward(data.len()).process(&mut data);
    data.truncate(half);
    data
}

fn frequencies(n: usize, rate: f64) -> Vec<f64> {
    (0..n / 2 + 1).map(|j| j as f64 * rate / n as f64).collect()
}

/// Averages at each frequency: half as many where the transform is real.
fn at_each(n: usize, averages: f64) -> Vec<f64> {
    let real = |j: usize| j == 0 || 2 * j == n;
    (0..n / 2 + 1).map(|j| if real(j) { (0.5 * averages).max(1.0) } else { averages }).collect()
}

fn welch(channels: &[&[f64]], rate: f64, segment: usize) -> Result<Spectra> {
    let n = channels[0].len();
    if segment < 16 || segment % 2 == 1 || segment > n {
        return Err(Error::usage(
            format!("segments of {segment} samples in {n}"),
            "take an even number of samples, 16 or more, at most all of them",
        ));
    }
    let window = hann(segment);
    let segments = (n - segment) / (segment / 2) + 1;
    let scale = 1.0 / (rate * segments as f64).sqrt();
    let one = |&(s, c): &(usize, usize)| {
        let part = &channels[c][s * segment / 2..s * segment / 2 + segment];
        let mean = part.iter().sum::<f64>() / segment as f64;
        transform(&mut FftPlanner::new(), part.iter().zip(&window).map(|(x, w)| (x - mean) * w * scale))
    };
    let jobs: Vec<(usize, usize)> = (0..segments).flat_map(|s| (0..channels.len()).map(move |c| (s, c))).collect();
    let found: Vec<Vec<Complex<f64>>> = jobs.par_iter().map(one).collect();
    let m = channels.len();
    let parts = (0..segment / 2 + 1).map(|j| DMatrix::from_fn(segments, m, |s, c| found[s * m + c][j])).collect();
    let averages = at_each(segment, Averages::welch(segments)?.count());
    Ok(Spectra {
        frequencies: frequencies(segment, rate),
        // The equivalent noise bandwidth of Hann's window.
        bandwidth: 1.5 * rate / segment as f64,
        channels: m,
        how: format!("Welch, {segments} half-overlapping Hann segments of {segment} samples"),
        averages: vec![averages; m],
        parts,
        spacing: rate / segment as f64,
        samples: segment,
    })
}

fn multitaper(channels: &[&[f64]], rate: f64, nw: f64, tapers: usize, adaptive: bool) -> Result<Spectra> {
    let n = channels[0].len();
    if tapers < 2 || tapers as f64 > 2.0 * nw {
        return Err(Error::usage(
            format!("{tapers} tapers with NW = {nw}"),
            "take 2 to 2 NW tapers (2 NW − 1 is usual): later ones only leak",
        ));
    }
    let slepians = slepian(n, nw, tapers)?;
    let (m, half) = (channels.len(), n / 2 + 1);
    let means: Vec<f64> = channels.iter().map(|c| c.iter().sum::<f64>() / n as f64).collect();
    let jobs: Vec<(usize, usize)> = (0..m).flat_map(|c| (0..tapers).map(move |k| (c, k))).collect();
    let one = |&(c, k): &(usize, usize)| {
        let scale = 1.0 / rate.sqrt();
        let samples = channels[c].iter().zip(&slepians.windows[k]);
        transform(&mut FftPlanner::new(), samples.map(|(x, w)| (x - means[c]) * w * scale))
    };
    let found: Vec<Vec<Complex<f64>>> = jobs.par_iter().map(one).collect();
    let flat = vec![1.0 / tapers as f64; tapers];
    let mut averages = Vec::with_capacity(m);
    let mut weights: Vec<Vec<Vec<f64>>> = Vec::with_capacity(m);
    for (c, channel) in channels.iter().enumerate() {
        let mine = &found[c * tapers..(c + 1) * tapers];
        let variance = channel.iter().map(|x| (x - means[c]).powi(2)).sum::<f64>() / n as f64;
        let at = |j: usize| {
            if !adaptive {
                return flat.clone();
            }
            let powers: Vec<f64> = mine.iter().map(|part| part[j].norm_sqr()).collect();
            adaptive_weights(&powers, &slepians.concentration, variance / rate)
        };
        let own: Vec<Vec<f64>> = (0..half).into_par_iter().map(at).collect();
        let real = |j: usize| j == 0 || 2 * j == n;
        let count = |j: usize| {
            let k = 1.0 / own[j].iter().map(|w| w * w).sum::<f64>();
            if real(j) { (0.5 * k).max(1.0) } else { k }
        };
        averages.push((0..half).map(count).collect());
        weights.push(own);
    }
    let part = |j: usize| DMatrix::from_fn(tapers, m, |k, c| found[c * tapers + k][j] * weights[c][j][k].sqrt());
    Ok(Spectra {
        frequencies: frequencies(n, rate),
        bandwidth: 2.0 * nw * rate / n as f64,
        channels: m,
        how: format!(
            "multitaper, {tapers} Slepian tapers, NW = {nw}{}",
            if adaptive { ", adaptive weights" } else { "" }
        ),
        averages,
        parts: (0..half).map(part).collect(),
        spacing: rate / n as f64,
        samples: n,
    })
}

/// Thomson's weights, normalised to sum 1: taper k counts by [S/(λ_k S + (1 − λ_k) σ²Δt)]² λ_k.
fn adaptive_weights(powers: &[f64], lambda: &[f64], white: f64) -> Vec<f64> {
    let mut s = 0.5 * (powers[0] + powers[1]);
    let mut weights = vec![0.0; powers.len()];
    for _ in 0..100 {
        for (w, l) in weights.iter_mut().zip(lambda) {
            let b = s / (l * s + (1.0 - l) * white);
            *w = if s > 0.0 { b * b * l } else { 1.0 };
        }
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= total);
        let next: f64 = weights.iter().zip(powers).map(|(w, p)| w * p).sum();
        let moved = (next - s).abs();
        s = next;
        if moved <= 1e-10 * s {
            break;
        }
    }
    weights
}

impl Spectra {
    /// The same channels in several trials as one estimate; all trials must have one length and averaging.
    pub fn pool(trials: &[Spectra]) -> Result<Spectra> {
        let Some(first) = trials.first() else {
            return Err(Error::usage("there is no trial", "give at least one"));
        };
        if trials
            .iter()
            .any(|t| t.frequencies != first.frequencies || t.channels != first.channels || t.how != first.how)
        {
            return Err(Error::usage(
                "the trials differ in length, rate, channels or averaging",
                "cut all trials to one length and treat them alike",
            ));
        }
        let count = trials.len() as f64;
        let joined = |j: usize| {
            let rows: usize = trials.iter().map(|t| t.parts[j].nrows()).sum();
            let mut all = DMatrix::zeros(rows, first.channels);
            let mut at = 0;
            for t in trials {
                all.rows_mut(at, t.parts[j].nrows()).copy_from(&(&t.parts[j] / Complex::from(count.sqrt())));
                at += t.parts[j].nrows();
            }
            all
        };
        let sum = |c: usize, j: usize| {
            // Relative variances add over trials of about equal power.
            count * count / trials.iter().map(|t| 1.0 / t.averages[c][j]).sum::<f64>()
        };
        let half = first.frequencies.len();
        Ok(Spectra {
            averages: (0..first.channels).map(|c| (0..half).map(|j| sum(c, j)).collect()).collect(),
            parts: (0..half).map(joined).collect(),
            how: format!("{}, {} trials", first.how, trials.len()),
            ..first.clone()
        })
    }
    /// The cross-spectral matrix at frequency number `j` (squared unit per Hz), Hermitian, positive semidefinite.
    pub fn matrix(&self, j: usize) -> DMatrix<Complex<f64>> {
        let z = &self.parts[j];
        z.transpose() * z.map(|v| v.conj())
    }
    /// The spectrum of channel `c` at frequency number `j`.
    pub fn power(&self, c: usize, j: usize) -> f64 {
        self.parts[j].column(c).iter().map(|z| z.norm_sqr()).sum()
    }
    /// The cross-spectrum E[A conj B] of two channels.
    pub fn cross(&self, a: usize, b: usize, j: usize) -> Complex<f64> {
        self.parts[j].column(a).iter().zip(self.parts[j].column(b).iter()).map(|(x, y)| x * y.conj()).sum()
    }
    /// The averages behind channel `c` at frequency number `j`.
    pub fn averages(&self, c: usize, j: usize) -> Result<Averages> {
        Averages::new(self.averages[c][j])
    }
    /// The averages that two channels have in common.
    pub(super) fn common(&self, a: usize, b: usize, j: usize) -> Result<Averages> {
        Averages::new(self.averages[a][j].min(self.averages[b][j]))
    }
    /// The distance of neighbouring frequencies in Hz.
    pub(super) fn spacing(&self) -> f64 {
        self.spacing
    }
    /// Samples per window.
    pub(super) fn samples(&self) -> usize {
        self.samples
    }
    pub(super) fn check_channel(&self, c: usize) -> Result<()> {
        if c < self.channels {
            return Ok(());
        }
        Err(Error::usage(format!("there is no channel {c}"), format!("channels are 0 to {}", self.channels - 1)))
    }
    /// The spectrum of channel `c` at the frequency nearest to `f` (Hz), with its error.
    pub fn spectrum(&self, c: usize, f: f64) -> Result<Estimate> {
        self.check_channel(c)?;
        let j = self.nearest(f)?;
        let k = self.averages(c, j)?;
        let s = self.power(c, j);
        let n = k.count().round() as usize;
        Ok(Estimate::new(s, "1/Hz", s * k.relative_variance().sqrt(), n, self.how.clone()))
    }
    /// The number of the frequency nearest to `f` (Hz).
    pub fn nearest(&self, f: f64) -> Result<usize> {
        let top = self.frequencies[self.frequencies.len() - 1];
        checks::within("the frequency", f, 0.0, top)?;
        Ok(((f / self.spacing).round() as usize).min(self.frequencies.len() - 1))
    }
    /// The χ² interval of the spectrum of channel `c` at frequency number `j`.
    pub fn power_interval(&self, c: usize, j: usize, level: f64) -> Result<Confidence> {
        self.check_channel(c)?;
        self.averages(c, j)?.power_interval(self.power(c, j), level)
    }
    /// The jackknife interval of the spectrum, over windows and in ln S: right also where the data are not normal.
    /// Overlapping segments are not independent; multitaper windows are.
    pub fn jackknife_interval(&self, c: usize, j: usize, level: f64) -> Result<Confidence> {
        self.check_channel(c)?;
        let level = crate::coding::resampling::inside(level)?;
        let column = self.parts[j].column(c);
        let k = column.len() as f64;
        let all = self.power(c, j);
        if k < 3.0 || all <= 0.0 {
            return Err(Error::domain("a jackknife", format!("{k} windows are too few"), "take 3 or more"));
        }
        let logs: Vec<f64> = column.iter().map(|z| ((all - z.norm_sqr()) * k / (k - 1.0)).ln()).collect();
        let mean = logs.iter().sum::<f64>() / k;
        let variance = (k - 1.0) / k * logs.iter().map(|l| (l - mean).powi(2)).sum::<f64>();
        let t = StudentsT::new(0.0, 1.0, k - 1.0)
            .map_err(|e| Error::domain("a jackknife", e.to_string(), "take more windows"))?
            .inverse_cdf(0.5 + 0.5 * level);
        let width = t * variance.sqrt();
        Ok(Confidence { low: all * (-width).exp(), high: all * width.exp(), level })
    }
    /// The frequencies with lo ≤ f < hi, as numbers.
    pub(super) fn inside(&self, lo: f64, hi: f64) -> Result<std::ops::Range<usize>> {
        if !(lo >= 0.0 && lo < hi) {
            return Err(Error::usage(format!("{lo} to {hi} Hz is no band"), "give 0 ≤ lo < hi"));
        }
        let first = self.frequencies.partition_point(|f| *f < lo);
        let last = self.frequencies.partition_point(|f| *f < hi);
        if first == last {
            let why = format!("no frequency lies in {lo} to {hi} Hz: they are {} Hz apart", self.spacing);
            return Err(Error::domain("a band", why, "take a wider band or longer segments"));
        }
        Ok(first..last)
    }
    /// The power of channel `c` in lo ≤ |f| < hi (Hz), both signs: the powers of adjoining bands add up to the variance.
    /// Frequencies nearer than the bandwidth are not independent, which its error counts.
    pub fn band_power(&self, c: usize, lo: f64, hi: f64) -> Result<Estimate> {
        self.check_channel(c)?;
        let range = self.inside(lo, hi)?;
        // Frequency 0 has no mirror, nor has half the rate of an even number of samples.
        let sides = |j: usize| if j == 0 || 2 * j == self.samples { 1.0 } else { 2.0 };
        let terms: Vec<(f64, f64)> = range
            .clone()
            .map(|j| {
                let p = sides(j) * self.power(c, j) * self.spacing;
                (p, p * p / self.averages[c][j])
            })
            .collect();
        let neighbours = (self.bandwidth / self.spacing).max(1.0).min(terms.len() as f64);
        let value: f64 = terms.iter().map(|t| t.0).sum();
        let variance: f64 = terms.iter().map(|t| t.1).sum::<f64>() * neighbours;
        let n = (value * value / variance.max(f64::MIN_POSITIVE)).min(1e15).round() as usize;
        Ok(Estimate::new(value, "", variance.sqrt(), n, format!("{}, {lo} to {hi} Hz", self.how)))
    }
    /// One row per frequency: the spectrum of every channel with the ends of its χ² interval.
    pub fn table(&self, level: f64) -> Result<Table> {
        let mut table = Table::new().number("f", Unit::HERTZ, self.frequencies.clone());
        for c in 0..self.channels {
            let found: Result<Vec<Confidence>> =
                (0..self.frequencies.len()).map(|j| self.power_interval(c, j, level)).collect();
            let found = found?;
            let per_hertz = || Unit { symbol: "1/Hz".into(), ..Unit::SECOND };
            table = table
                .number(&format!("S{c}"), per_hertz(), (0..found.len()).map(|j| self.power(c, j)).collect())
                .number(&format!("S{c} low"), per_hertz(), found.iter().map(|i| i.low).collect())
                .number(&format!("S{c} high"), per_hertz(), found.iter().map(|i| i.high).collect());
        }
        Ok(table)
    }
}
