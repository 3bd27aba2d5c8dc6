//! Which distribution with known information is most like the samples?
//!
//! Families of joint distributions whose margins need not match, because information does not depend on them: elliptical
//! copulas (normal, and Student-t with 1, 2, 4 or 8 degrees of freedom), and mixtures of normal distributions of normal
//! scores. The one with the smallest Bayesian information criterion (Schwarz 1978) is chosen. Its information density
//! ln f(x,y)/f(x)f(y) has a closed form, so what an estimator gets wrong can be found by drawing from it.

use super::Points;
use super::mixture::Mixture;
use super::triangle::{Lower, dense_rows};
use crate::field::{Error, Result};
use crate::num::Stream;
use crate::num::special::{ln_gamma, normal_cdf};
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::f64::consts::{PI, TAU};

/// A fitted joint distribution of normal scores.
pub(super) struct Copula {
    shape: Shape,
    dx: usize,
    dy: usize,
}

enum Shape {
    /// Degrees of freedom (infinite: normal), and factors of the joint shape and of Y's part of it.
    Elliptic {
        nu: f64,
        joint: Lower,
        y: Lower,
    },
    Mixture(Mixture),
}

/// At most so many samples are fitted; more would not change the bias.
const FITTED: usize = 2000;

impl Copula {
    /// The family member most like these normal scores.
    pub fn fit(x: &Points, y: &Points, seed: u64) -> Result<Self> {
        let all = x.beside(y)?;
        let (dx, dy, n) = (x.dimension(), y.dimension(), x.len());
        let step = n.div_ceil(FITTED);
        let picked: Vec<usize> = (0..n).step_by(step).collect();
        let rows = dense_rows(&all.select(&picked));
        let (d, m) = (dx + dy, picked.len());
        let penalty = |parameters: usize| 0.5 * parameters as f64 * (m as f64).ln();
        let correlations = d * (d - 1) / 2;
        let mut best: Option<(f64, Shape)> = None;
        let mut offer = |score: f64, shape: Shape| {
            if score.is_finite() && best.as_ref().is_none_or(|b| score > b.0) {
                best = Some((score, shape));
            }
        };
        for nu in [f64::INFINITY, 8.0, 4.0, 2.0, 1.0] {
            let table = Quantiles::of(nu);
            let moved: Vec<f64> = rows.iter().map(|&z| table.at(z)).collect();
            let Some(joint) = elliptic_shape(&moved, d, nu) else {
                if nu.is_infinite() {
                    return Err(Error::Singular { what: "the joint distribution of the samples".into() });
                }
                continue;
            };
            let score =
                elliptic_likelihood(&moved, d, nu, &joint) - penalty(correlations + usize::from(nu.is_finite()));
            let shrunk = shrink(&joint, dx, m)?;
            offer(score, Shape::Elliptic { nu, y: shrunk.1, joint: shrunk.0 });
        }
        let normal: f64 = rows.iter().map(|z| -0.5 * (z * z + TAU.ln())).sum();
        let mut previous = f64::NEG_INFINITY;
        for components in [2, 3, 4, 6, 8, 12, 16] {
            let parameters = components * (1 + d + d * (d + 1) / 2) - 1 - 2 * d;
            if 3 * parameters > m * d {
                break;
            }
            let Some((mixture, likelihood)) = Mixture::fit(&rows, dx, dy, components, seed) else { break };
            let score = likelihood - normal - penalty(parameters);
            offer(score, Shape::Mixture(mixture));
            // Once more components stop paying, still more will not pay.
            if score < previous {
                break;
            }
            previous = score;
        }
        let Some((_, shape)) = best else {
            return Err(Error::Singular { what: "the joint distribution of the samples".into() });
        };
        Ok(Copula { shape, dx, dy })
    }
    /// The normal copula with the correlations of these normal scores.
    pub fn normal(x: &Points, y: &Points) -> Result<Self> {
        let (dx, dy) = (x.dimension(), y.dimension());
        let joint = elliptic_shape(&dense_rows(&x.beside(y)?), dx + dy, f64::INFINITY);
        let singular = || Error::Singular { what: "the joint distribution of the samples".into() };
        let (joint, y) = shrink(&joint.ok_or_else(singular)?, dx, x.len())?;
        Ok(Copula { shape: Shape::Elliptic { nu: f64::INFINITY, joint, y }, dx, dy })
    }
    /// The information of a normal copula in nats.
    pub fn normal_nats(&self) -> Option<f64> {
        match &self.shape {
            Shape::Elliptic { nu, joint, y } if nu.is_infinite() => {
                Some(joint.ln_det(self.dx) + y.ln_det(self.dy) - joint.ln_det(self.dx + self.dy))
            }
            _ => None,
        }
    }
    /// Its name.
    pub fn name(&self) -> String {
        match &self.shape {
            Shape::Elliptic { nu, .. } if nu.is_infinite() => "normal copula".into(),
            Shape::Elliptic { nu, .. } => format!("Student-t({nu}) copula"),
            Shape::Mixture(m) => format!("mixture of {} normals", m.components()),
        }
    }
    /// n samples of both sides, and the information density of each in nats.
    pub fn sample(&self, n: usize, draws: &mut Stream) -> (Points, Points, Vec<f64>) {
        let d = self.dx + self.dy;
        let mut columns = vec![Vec::with_capacity(n); d];
        let mut density = Vec::with_capacity(n);
        let mut z = vec![0.0; d];
        for _ in 0..n {
            match &self.shape {
                Shape::Mixture(mixture) => {
                    mixture.draw(draws, &mut z);
                    density.push(mixture.log_ratio(&z));
                }
                Shape::Elliptic { nu, joint, y } => {
                    draws.fill_normal(&mut z);
                    joint.multiply(&mut z);
                    if nu.is_finite() {
                        let square: f64 = (0..*nu as usize).map(|_| draws.normal().powi(2)).sum();
                        let scale = (nu / square.max(f64::MIN_POSITIVE)).sqrt();
                        z.iter_mut().for_each(|v| *v *= scale);
                    }
                    let at = |dim: usize, m: f64, factor: &Lower| radial(*nu, dim, m) - factor.ln_det(dim);
                    let whole = at(d, joint.distance(&z, d), joint);
                    let left = at(self.dx, joint.distance(&z, self.dx), joint);
                    let right = at(self.dy, y.distance(&z[self.dx..], self.dy), y);
                    density.push(whole - left - right);
                }
            }
            columns.iter_mut().zip(&z).for_each(|(c, v)| c.push(*v));
        }
        let points = |c: &[Vec<f64>]| {
            // Finite factors times finite draws are finite; there is at least one column a side.
            Points::columns(&c.iter().map(Vec::as_slice).collect::<Vec<_>>()).expect("finite samples")
        };
        (points(&columns[..self.dx]), points(&columns[self.dx..]), density)
    }
}

/// ln of the radial part of the density in `d` dimensions at squared distance m.
fn radial(nu: f64, d: usize, m: f64) -> f64 {
    let d = d as f64;
    if nu.is_infinite() {
        return -0.5 * (d * TAU.ln() + m);
    }
    ln_gamma(0.5 * (nu + d)) - ln_gamma(0.5 * nu) - 0.5 * d * (nu * PI).ln() - 0.5 * (nu + d) * (m / nu).ln_1p()
}

/// Normal scores to quantiles of a t distribution.
struct Quantiles(f64);

impl Quantiles {
    fn of(nu: f64) -> Self {
        Quantiles(nu)
    }
    fn at(&self, z: f64) -> f64 {
        if self.0.is_infinite() || z == 0.0 {
            return z;
        }
        // The upper tail by symmetry, so that small probabilities keep their digits.
        let (sign, p) = (z.signum(), normal_cdf(-z.abs()));
        let q = 4.0 * p * (1.0 - p);
        let size = match self.0 {
            1.0 => 1.0 / (PI * p).tan(),
            2.0 => (1.0 - 2.0 * p) * (2.0 / q).sqrt(),
            4.0 => 2.0 * ((q.sqrt().acos() / 3.0).cos() / q.sqrt() - 1.0).max(0.0).sqrt(),
            nu => -StudentsT::new(0.0, 1.0, nu).map_or(f64::NAN, |t| t.inverse_cdf(p)),
        };
        sign * size
    }
}

/// The shape matrix of t-distributed rows around 0 by its fixed point Σ = ⟨(ν + d)/(ν + xᵀΣ⁻¹x) x xᵀ⟩, as a factor.
fn elliptic_shape(rows: &[f64], d: usize, nu: f64) -> Option<Lower> {
    let n = rows.len() / d;
    let mut factor: Option<Lower> = None;
    for _ in 0..40 {
        let mut sum = vec![0.0; d * d];
        for row in rows.chunks(d) {
            let weight = match &factor {
                Some(f) if nu.is_finite() => (nu + d as f64) / (nu + f.distance(row, d)),
                // The first round: rows scaled to a common size.
                None if nu.is_finite() => 1.0 / (1.0 + row.iter().map(|v| v * v).sum::<f64>() / d as f64),
                _ => 1.0,
            };
            for i in 0..d {
                (0..=i).for_each(|j| sum[i * d + j] += weight * row[i] * row[j]);
            }
        }
        sum.iter_mut().for_each(|s| *s /= n as f64);
        let next = Lower::factor(&sum, d)?;
        let settled = factor.as_ref().is_some_and(|f| f.near(&next, 1e-6));
        factor = Some(next);
        if settled || nu.is_infinite() {
            break;
        }
    }
    factor
}

/// Joint log likelihood less that of the margins.
fn elliptic_likelihood(rows: &[f64], d: usize, nu: f64, joint: &Lower) -> f64 {
    let n = (rows.len() / d) as f64;
    let scale: Vec<f64> = (0..d).map(|i| joint.variance(i)).collect();
    let constant = joint.ln_det(d) - 0.5 * scale.iter().map(|s| s.ln()).sum::<f64>();
    let one = |row: &[f64]| -> f64 {
        let margins: f64 = row.iter().zip(&scale).map(|(x, s)| radial(nu, 1, x * x / s)).sum();
        radial(nu, d, joint.distance(row, d)) - margins
    };
    rows.chunks(d).map(one).sum::<f64>() - n * constant
}

/// The same shape with the part between X and Y shrunk until its normal information is what sampling leaves of it, as the
/// factors of the whole and of Y's part: few samples of many variables look related by chance.
fn shrink(joint: &Lower, dx: usize, n: usize) -> Result<(Lower, Lower)> {
    let d = joint.size();
    let dy = d - dx;
    let full = joint.square();
    let block = |at: usize, size: usize| -> Vec<f64> {
        (0..size * size).map(|k| full[(at + k / size) * d + at + k % size]).collect()
    };
    let singular = || Error::Singular { what: "the joint distribution of the samples".into() };
    let y = Lower::factor(&block(dx, dy), dy).ok_or_else(singular)?;
    let x = Lower::factor(&block(0, dx), dx).ok_or_else(singular)?;
    let with = |c: f64| -> Option<Lower> {
        let mut m = full.clone();
        for i in 0..dx {
            for j in dx..d {
                m[i * d + j] *= c;
                m[j * d + i] *= c;
            }
        }
        Lower::factor(&m, d)
    };
    let nats = |c: f64| with(c).map_or(f64::INFINITY, |l| x.ln_det(dx) + y.ln_det(dy) - l.ln_det(d));
    let chance = super::normal::gaussian_bias(n, dx, dy)? * std::f64::consts::LN_2;
    let target = (nats(1.0) - chance).max(0.0);
    let (mut lo, mut hi) = (0.0, 1.0);
    for _ in 0..50 {
        let c = 0.5 * (lo + hi);
        if nats(c) > target { hi = c } else { lo = c }
    }
    Ok((with(lo).ok_or_else(singular)?, y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn cross_t_quantiles() {
        // scipy 1.17.1: t.ppf(norm.cdf(1.3), nu), and at −4.
        for (nu, at, low) in [
            (1.0, 3.1863090373853162, -10050.439032690902),
            (2.0, 1.9284322495214106, -125.64112695753786),
            (4.0, 1.5607595879038525, -17.448227992362312),
            (8.0, 1.419221945115492, -7.59505548450436),
        ] {
            close(Quantiles::of(nu).at(1.3), at, 1e-9);
            assert!((Quantiles::of(nu).at(-4.0) / low - 1.0).abs() < 1e-6, "{nu}");
        }
    }

    /// Information densities of what was drawn have the closed-form mean.
    #[test]
    fn theory_density_of_a_known_copula() {
        let joint = Lower::factor(&[1.0, 0.6, 0.6, 1.0], 2).unwrap();
        let y = Lower::factor(&[1.0], 1).unwrap();
        let copula = |nu| Copula { shape: Shape::Elliptic { nu, joint: joint.clone(), y: y.clone() }, dx: 1, dy: 1 };
        // Normal: −½ ln(1 − ρ²). t with 2 degrees: that plus what the common scale tells, 2h₁ − h₂.
        for (nu, extra) in [(f64::INFINITY, 0.0), (2.0, 0.08268139191081847)] {
            let (_, _, density) = copula(nu).sample(40_000, &mut Stream::new(1, &[]));
            let n = density.len() as f64;
            let mean = density.iter().sum::<f64>() / n;
            let sd = (density.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
            let truth = -0.5 * (1.0 - 0.36f64).ln() + extra;
            assert!((mean - truth).abs() < 4.5 * sd / n.sqrt(), "{nu}: {mean} {truth}");
        }
    }

    #[test]
    fn law_the_right_family_is_found() {
        let mut draws = Stream::new(3, &[]);
        let mut columns = vec![Vec::new(); 4];
        let mut heavy = columns.clone();
        for _ in 0..600 {
            let scale = (draws.normal().powi(2) + draws.normal().powi(2)).sqrt();
            for i in 0..4 {
                let z = draws.normal();
                columns[i].push(z);
                heavy[i].push(z / scale);
            }
        }
        let side =
            |c: &[Vec<f64>]| Points::columns(&c.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap().normal_scores();
        let fit = |c: &[Vec<f64>]| Copula::fit(&side(&c[..2]), &side(&c[2..]), 1).unwrap();
        assert_eq!(fit(&columns).name(), "normal copula");
        assert_eq!(fit(&heavy).name(), "Student-t(2) copula");
        // Two clouds that correlations do not tell apart.
        let crossed: Vec<Vec<f64>> = (0..2)
            .map(|v| {
                (0..600)
                    .map(|i| {
                        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
                        if v == 0 { columns[0][i] } else { sign * columns[0][i] + 0.2 * columns[1][i] }
                    })
                    .collect()
            })
            .collect();
        let found = Copula::fit(&side(&crossed[..1]), &side(&crossed[1..]), 1).unwrap();
        assert!(found.name().starts_with("mixture"), "{}", found.name());
    }
}
