//! How much information does a tuning curve with its noise carry?
//!
//! Straight tuning with constant noise has a closed form. Otherwise the stimulus is put on quadrature nodes s_k with
//! weights w_k, so that f(r) = Σ w_k f(r|s_k), and the nodes are doubled until the information stands; for one quantity
//! I = h(R) − Σ w_k h(R|s_k) by quadrature, for counts by exact sums, for several quantities by sampling log f(r|s)/f(r).

use super::Distribution;
use super::reading::{Measured, Trust};
use super::response::{Coder, Response};
use crate::coding::checks;
use crate::coding::fisher::linear_information;
use crate::coding::information::poisson_information;
use crate::coding::quadrature::integrate;
use crate::error::{Error, Result};
use crate::num::{Estimate, Stream};
use nalgebra::{DMatrix, DVector};
use std::f64::consts::{E, LN_2, PI};

/// The answers at the quadrature nodes of the stimulus.
pub(super) struct Curve<'c, 'a> {
    coder: &'c Coder<'a>,
    p: Vec<f64>,
    here: Response,
    panels: usize,
    stimuli: Vec<f64>,
    weights: Vec<f64>,
    responses: Vec<Response>,
}

/// The first number of panels, of eight nodes each.
const FIRST: usize = 4;
/// More panels than this are not made.
const MOST: usize = 512;
/// Information is sought to this many bits.
const BITS: f64 = 1e-7;
/// Neighbouring nodes may be this many noise widths apart.
const APART: f64 = 0.7;
/// How many samples, where sampling is the only way.
const SAMPLES: usize = 4000;

impl<'c, 'a> Curve<'c, 'a> {
    pub fn new(coder: &'c Coder<'a>, p: &[f64], here: &Response) -> Result<Self> {
        let (stimuli, weights) = (Vec::new(), Vec::new());
        let mut curve =
            Curve { coder, p: p.to_vec(), here: here.clone(), panels: FIRST, stimuli, weights, responses: Vec::new() };
        curve.fill()?;
        Ok(curve)
    }
    /// Twice as many nodes; `false` where there are enough already.
    fn refine(&mut self) -> Result<bool> {
        if self.distribution().is_discrete() || 2 * self.panels > MOST {
            return Ok(false);
        }
        self.panels *= 2;
        self.fill()?;
        Ok(true)
    }
    fn distribution(&self) -> &Distribution {
        &self.coder.code().distribution
    }
    /// Walks from the mean stimulus upwards and downwards, each answer sought from its neighbour's.
    fn fill(&mut self) -> Result<()> {
        let (stimuli, weights) = self.distribution().nodes(self.panels);
        let mean = self.distribution().mean();
        let mut order: Vec<usize> = (0..stimuli.len()).collect();
        order.sort_by(|&i, &j| stimuli[i].total_cmp(&stimuli[j]));
        let split = order.partition_point(|&i| stimuli[i] < mean);
        let mut found: Vec<Option<Response>> = vec![None; stimuli.len()];
        for walk in [order[split..].to_vec(), order[..split].iter().rev().copied().collect()] {
            let mut from = self.here.state.clone();
            for i in walk {
                let answer = self.coder.respond(&self.p, stimuli[i], &from, &self.here.state)?;
                from.clone_from(&answer.state);
                found[i] = Some(answer);
            }
        }
        self.responses = found.into_iter().flatten().collect();
        (self.stimuli, self.weights) = (stimuli, weights);
        Ok(())
    }
    /// The places of the nodes in increasing order of the stimulus.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.stimuli.len()).collect();
        order.sort_by(|&i, &j| self.stimuli[i].total_cmp(&self.stimuli[j]));
        order
    }
    pub fn tuning(&self) -> (Vec<f64>, Vec<Vec<f64>>) {
        self.order().into_iter().map(|i| (self.stimuli[i], self.responses[i].mean.clone())).unzip()
    }
    /// Two neighbouring stimuli between which the curve jumps, if it does.
    pub fn jump(&self) -> Option<(f64, f64)> {
        if self.distribution().is_discrete() {
            return None;
        }
        let order = self.order();
        let d = self.here.mean.len();
        let spread = |q: usize| {
            let values = self.responses.iter().map(|r| r.mean[q]);
            values.clone().fold(f64::NEG_INFINITY, f64::max) - values.fold(f64::INFINITY, f64::min)
        };
        let spreads: Vec<f64> = (0..d).map(spread).collect();
        order.windows(2).find_map(|pair| {
            let (a, b) = (&self.responses[pair[0]], &self.responses[pair[1]]);
            let ds = self.stimuli[pair[1]] - self.stimuli[pair[0]];
            let leaps = |q: usize| {
                let step = (b.mean[q] - a.mean[q]).abs();
                step > 0.05 * spreads[q] && step > 10.0 * ds * (a.slope[q].abs() + b.slope[q].abs())
            };
            (0..d).any(leaps).then(|| (self.stimuli[pair[0]], self.stimuli[pair[1]]))
        })
    }
    fn counts(&self) -> bool {
        self.coder.window.is_some()
    }
    /// Is tuning straight, and the noise the same for all stimuli, to rounding?
    fn is_straight(&self) -> bool {
        let s0 = self.distribution().mean();
        let noise = self.here.total(self.counts());
        let allowed = 1e-10 * noise.amax();
        let d = self.here.mean.len();
        let farthest =
            |q: usize| self.responses.iter().map(|r| (r.mean[q] - self.here.mean[q]).abs()).fold(0.0, f64::max);
        let scale: Vec<f64> = (0..d).map(|q| 1e-10 * (farthest(q) + self.here.mean[q].abs())).collect();
        self.responses.iter().zip(&self.stimuli).all(|(r, s)| {
            let line = |q: usize| self.here.mean[q] + self.here.slope[q] * (s - s0);
            (0..d).all(|q| (r.mean[q] - line(q)).abs() <= scale[q])
                && (r.total(self.counts()) - &noise).amax() <= allowed
        })
    }
}

/// I(stimulus; what is read) of a code with this Fisher information at its mean.
pub(super) fn information(curve: &mut Curve, fisher: f64, here: &Response) -> Result<Measured> {
    let one = here.mean.len() == 1;
    if curve.coder.only_counts() {
        return if one { counts(curve) } else { sampled(curve, "independent Poisson counts") };
    }
    if curve.is_straight() {
        let sd = curve.distribution().sd();
        if let Distribution::Gaussian { .. } = curve.distribution() {
            let how = "closed form: Gaussian stimulus, straight tuning, constant noise";
            return Ok(Measured { value: linear_information(fisher, sd)?, trust: Trust::Exact, how: how.into() });
        }
        // What a straight code tells is told by its best linear decoder, a scalar with slope J and variance J.
        let scalar = |curve: &Curve| curve.stimuli.iter().map(|s| (fisher * s, fisher)).collect();
        if fisher == 0.0 {
            let how = "closed form: no answer to the stimulus".into();
            return Ok(Measured { value: 0.0, trust: Trust::Exact, how });
        }
        return mixture(curve, &scalar, "quadrature: straight tuning, constant noise");
    }
    if one {
        let scalar =
            |curve: &Curve| curve.responses.iter().map(|r| (r.mean[0], r.total(curve.counts())[(0, 0)])).collect();
        let how = if curve.counts() {
            "quadrature: Gaussian approximation of counts"
        } else {
            "quadrature: tuning curve in Gaussian noise"
        };
        return mixture(curve, &scalar, how);
    }
    sampled(curve, if curve.counts() { "Gaussian approximation of counts" } else { "tuning curves in Gaussian noise" })
}

/// Doubles the nodes until the information stands; what it still moved by is part of the bound.
fn refined(curve: &mut Curve, how: &str, of: &dyn Fn(&Curve) -> Result<(f64, f64)>) -> Result<Measured> {
    let (mut value, mut error) = of(curve)?;
    if curve.distribution().is_discrete() {
        let trust = if error == 0.0 { Trust::Exact } else { Trust::Bounded(error) };
        return Ok(Measured { value, trust, how: how.into() });
    }
    while curve.refine()? {
        let (finer, bound) = of(curve)?;
        let moved = (finer - value).abs();
        (value, error) = (finer, bound + moved);
        if moved < BITS {
            // What lies beyond the reach of an unbounded stimulus tells less than this.
            return Ok(Measured { value, trust: Trust::Bounded(error + 1e-8), how: how.into() });
        }
    }
    if error > 1e-3 {
        let what = format!("information about `{}`", curve.coder.code().stimulus);
        let why = format!(
            "{} stimuli do not resolve the noise: {value:.4} bit, still moving by {error:.1e}",
            curve.stimuli.len()
        );
        return Err(Error::domain(what, why, "give more noise or a narrower stimulus"));
    }
    Ok(Measured { value, trust: Trust::Bounded(error + 1e-8), how: how.into() })
}

fn counts(curve: &mut Curve) -> Result<Measured> {
    refined(curve, "sum over Poisson counts", &|curve| {
        let means: Vec<f64> = curve.responses.iter().map(|r| r.mean[0]).collect();
        Ok((poisson_information(&means, &curve.weights)?, 0.0))
    })
}

/// Means and variances of the response to every node.
type Scalars<'s> = &'s dyn Fn(&Curve) -> Vec<(f64, f64)>;

/// Σ w_k N(r; m_k, v_k): the information about k, by quadrature.
fn mixture(curve: &mut Curve, scalars: Scalars, how: &str) -> Result<Measured> {
    loop {
        let all = scalars(curve);
        let least = all.iter().map(|(_, v)| *v).fold(f64::INFINITY, f64::min);
        if least <= 0.0 {
            let why = "there is no noise at some stimuli: it is infinite";
            return Err(Error::domain(
                format!("information about `{}`", curve.coder.code().stimulus),
                why,
                "give readout noise",
            ));
        }
        let order = curve.order();
        let apart = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() / a.1.max(b.1).sqrt();
        let far = order.windows(2).map(|k| apart(all[k[0]], all[k[1]])).fold(0.0, f64::max);
        if far <= APART || !curve.refine()? {
            break;
        }
    }
    refined(curve, how, &|curve| {
        let all = scalars(curve);
        let mut parts: Vec<(f64, f64, f64)> =
            all.iter().zip(&curve.weights).map(|((m, v), w)| (*m, -0.5 / v, w / (2.0 * PI * v).sqrt())).collect();
        parts.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Beyond nine widths a component has underflowed against its neighbours.
        let reach = 9.0 * all.iter().map(|(_, v)| *v).fold(0.0, f64::max).sqrt();
        let (lo, hi) = (parts[0].0 - reach, parts[parts.len() - 1].0 + reach);
        let entropy = |r: f64| {
            let near = parts.partition_point(|c| c.0 < r - reach)..parts.partition_point(|c| c.0 <= r + reach);
            let f: f64 = parts[near].iter().map(|(m, a, w)| w * (a * (r - m) * (r - m)).exp()).sum();
            if f > 0.0 { -f * f.ln() } else { 0.0 * f }
        };
        let output = integrate("the entropy of the response", entropy, lo, hi, 1e-8)?;
        let noise: f64 = all.iter().zip(&curve.weights).map(|((_, v), w)| w * 0.5 * (2.0 * PI * E * v).ln()).sum();
        Ok((((output.value - noise) / LN_2).max(0.0), output.error / LN_2))
    })
}

/// log f(r|s)/f(r) averaged over samples of stimuli and responses.
fn sampled(curve: &mut Curve, of: &str) -> Result<Measured> {
    let poisson = curve.coder.only_counts();
    let mut factors;
    loop {
        factors = curve
            .responses
            .iter()
            .map(|r| Likelihood::new(r, poisson, curve.counts()))
            .collect::<Result<Vec<Likelihood>>>()?;
        let far = curve.order().windows(2).map(|k| factors[k[0]].distance(&factors[k[1]])).fold(0.0, f64::max);
        if far <= APART || !curve.refine()? {
            break;
        }
    }
    let mut stream = Stream::new(curve.coder.code().seed, &[0x636f_6465]);
    let (mut sum, mut squares) = (0.0, 0.0);
    let offset = stream.uniform();
    let (mut k, mut passed) = (0, curve.weights[0]);
    for sample in 0..SAMPLES {
        // Systematic draws of the stimulus: every node as often as its weight says, to one sample.
        let u = (sample as f64 + offset) / SAMPLES as f64;
        while passed < u && k + 1 < factors.len() {
            k += 1;
            passed += curve.weights[k];
        }
        let r = factors[k].draw(&mut stream);
        let own = factors[k].log_density(&r);
        // The ratio f(r)/f(r|s) is summed, so that nothing underflows.
        let ratio: f64 = factors.iter().zip(&curve.weights).map(|(f, w)| w * (f.log_density(&r) - own).exp()).sum();
        let bits = -ratio.log2();
        sum += bits;
        squares += bits * bits;
    }
    let n = SAMPLES as f64;
    let mean = sum / n;
    let se = ((squares / n - mean * mean) / (n - 1.0)).max(0.0).sqrt();
    let how = format!("{SAMPLES} samples of {of}");
    let estimate = Estimate::new(mean.max(0.0), "bit", se, SAMPLES, how.clone());
    Ok(Measured { value: estimate.value, trust: Trust::Estimated(estimate), how })
}

/// f(r|s) at one stimulus.
enum Likelihood {
    Poisson(Vec<f64>),
    Gaussian { mean: DVector<f64>, lower: DMatrix<f64>, ln_det: f64 },
}

impl Likelihood {
    fn new(response: &Response, poisson: bool, counts: bool) -> Result<Self> {
        if poisson {
            return Ok(Likelihood::Poisson(response.mean.clone()));
        }
        let factor = checks::covariance("the noise of what is read", &response.total(counts))?;
        let (ln_det, lower) = (checks::ln_det(&factor), factor.l());
        Ok(Likelihood::Gaussian { mean: DVector::from_column_slice(&response.mean), lower, ln_det })
    }
    /// How many noise widths another one is away.
    fn distance(&self, other: &Self) -> f64 {
        match (self, other) {
            (Likelihood::Gaussian { mean: a, lower, .. }, Likelihood::Gaussian { mean: b, .. }) => {
                lower.solve_lower_triangular(&(a - b)).map_or(f64::INFINITY, |z| z.norm())
            }
            (Likelihood::Poisson(a), Likelihood::Poisson(b)) => {
                a.iter().zip(b).map(|(a, b)| if a == b { 0.0 } else { (a - b).powi(2) / a.max(*b) }).sum::<f64>().sqrt()
            }
            _ => 0.0,
        }
    }
    fn draw(&self, stream: &mut Stream) -> DVector<f64> {
        match self {
            Likelihood::Poisson(means) => DVector::from_iterator(means.len(), means.iter().map(|&m| count(m, stream))),
            Likelihood::Gaussian { mean, lower, .. } => {
                let mut z = DVector::zeros(mean.len());
                stream.fill_normal(z.as_mut_slice());
                mean + lower * z
            }
        }
    }
    /// ln f(r|s), but for what does not depend on s.
    fn log_density(&self, r: &DVector<f64>) -> f64 {
        match self {
            Likelihood::Poisson(means) => {
                let term = |(n, m): (&f64, &f64)| if *n == 0.0 { -m } else { n * m.ln() - m };
                r.iter().zip(means).map(term).sum()
            }
            Likelihood::Gaussian { mean, lower, ln_det } => {
                let z = lower.solve_lower_triangular(&(r - mean));
                -0.5 * (ln_det + z.map_or(f64::INFINITY, |z| z.norm_squared()))
            }
        }
    }
}

/// A Poisson count, as a sum of counts with small means, each by inversion.
fn count(mean: f64, stream: &mut Stream) -> f64 {
    let pieces = (mean / 50.0).ceil().max(1.0);
    let each = mean / pieces;
    let mut total = 0.0;
    for _ in 0..pieces as usize {
        let (u, mut n) = (stream.uniform(), 0.0);
        let mut p = (-each).exp();
        let mut below = p;
        while u > below && n < 1000.0 {
            n += 1.0;
            p *= each / n;
            below += p;
        }
        total += n;
    }
    total
}
