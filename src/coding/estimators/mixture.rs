//! How well is a cloud of samples described by a few normal distributions?
//!
//! Expectation and maximisation (Dempster, Laird & Rubin 1977) from distant seeds (Arthur & Vassilvitskii 2007), with
//! covariances kept away from singular ones by 10⁻³ of a unit score.

use super::triangle::Lower;
use crate::num::Stream;
use std::f64::consts::TAU;

struct Component {
    weight: f64,
    mean: Vec<f64>,
    joint: Lower,
    y: Lower,
}

/// A mixture of normal distributions of (x, y).
pub(super) struct Mixture {
    dx: usize,
    dy: usize,
    parts: Vec<Component>,
}

/// The least variance of a component along any axis.
const FLOOR: f64 = 1e-3;

impl Mixture {
    /// Fits `count` components to rows of dx + dy numbers; with its log likelihood. `None` if a component dies.
    pub fn fit(rows: &[f64], dx: usize, dy: usize, count: usize, seed: u64) -> Option<(Self, f64)> {
        let d = dx + dy;
        let n = rows.len() / d;
        let row = |i: usize| &rows[i * d..(i + 1) * d];
        let mut draws = Stream::new(seed, &[0x313, count as u64]);
        // Seeds far from each other.
        let mut seeds = vec![draws.index(n)];
        let gap = |i: usize, j: usize| row(i).iter().zip(row(j)).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        let mut nearest: Vec<f64> = (0..n).map(|i| gap(i, seeds[0])).collect();
        while seeds.len() < count {
            let mut left = draws.uniform() * nearest.iter().sum::<f64>();
            let chosen = nearest.iter().position(|g| {
                left -= g;
                left <= 0.0
            });
            let chosen = chosen.unwrap_or(n - 1);
            seeds.push(chosen);
            nearest.iter_mut().enumerate().for_each(|(i, g)| *g = g.min(gap(i, chosen)));
        }
        // Every sample to its nearest seed.
        let mut share = vec![0.0; n * count];
        for i in 0..n {
            let own = (0..count).min_by(|&a, &b| gap(i, seeds[a]).total_cmp(&gap(i, seeds[b])))?;
            share[i * count + own] = 1.0;
        }
        let mut before = f64::NEG_INFINITY;
        for round in 0..100 {
            let mixture = Mixture { dx, dy, parts: maximise(rows, &share, dx, dy, count)? };
            let mut likelihood = 0.0;
            for i in 0..n {
                let own = &mut share[i * count..(i + 1) * count];
                for (s, part) in own.iter_mut().zip(&mixture.parts) {
                    *s = part.log_density(row(i), d);
                }
                likelihood += normalise(own);
            }
            if likelihood - before < 1e-6 * likelihood.abs() || round == 99 {
                return Some((mixture, likelihood));
            }
            before = likelihood;
        }
        None
    }
    /// How many components.
    pub fn components(&self) -> usize {
        self.parts.len()
    }
    /// One sample.
    pub fn draw(&self, draws: &mut Stream, z: &mut [f64]) {
        let mut left = draws.uniform();
        let chosen = self.parts.iter().position(|p| {
            left -= p.weight;
            left <= 0.0
        });
        let part = &self.parts[chosen.unwrap_or(self.parts.len() - 1)];
        draws.fill_normal(z);
        part.joint.multiply(z);
        z.iter_mut().zip(&part.mean).for_each(|(z, m)| *z += m);
    }
    /// ln f(x, y)/f(x) f(y).
    pub fn log_ratio(&self, z: &[f64]) -> f64 {
        let sum = |f: &dyn Fn(&Component) -> f64| {
            let mut terms: Vec<f64> = self.parts.iter().map(f).collect();
            normalise(&mut terms)
        };
        let (dx, d) = (self.dx, self.dx + self.dy);
        let joint = sum(&|p| p.log_density(z, d));
        let x = sum(&|p| p.log_density(z, dx));
        let y = sum(&|p| {
            let centred: Vec<f64> = z[dx..].iter().zip(&p.mean[dx..]).map(|(z, m)| z - m).collect();
            p.weight.ln() - 0.5 * (self.dy as f64 * TAU.ln() + p.y.distance(&centred, self.dy)) - p.y.ln_det(self.dy)
        });
        joint - x - y
    }
}

impl Component {
    /// ln of weight times density of the first `d` variables.
    fn log_density(&self, z: &[f64], d: usize) -> f64 {
        let mut stack = [0.0; 16];
        let mut heap;
        let centred: &mut [f64] = if d <= 16 {
            &mut stack[..d]
        } else {
            heap = vec![0.0; d];
            &mut heap
        };
        centred.iter_mut().zip(z.iter().zip(&self.mean)).for_each(|(c, (z, m))| *c = z - m);
        self.weight.ln() - 0.5 * (d as f64 * TAU.ln() + self.joint.distance(centred, d)) - self.joint.ln_det(d)
    }
}

/// Logarithms of shares to shares; the logarithm of their sum.
fn normalise(logs: &mut [f64]) -> f64 {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = logs.iter().map(|l| (l - top).exp()).sum();
    logs.iter_mut().for_each(|l| *l = (*l - top).exp() / total);
    top + total.ln()
}

/// The components that the shares of the samples ask for.
fn maximise(rows: &[f64], share: &[f64], dx: usize, dy: usize, count: usize) -> Option<Vec<Component>> {
    let d = dx + dy;
    let n = rows.len() / d;
    let one = |c: usize| -> Option<Component> {
        let total: f64 = (0..n).map(|i| share[i * count + c]).sum();
        // A component of hardly more samples than dimensions describes nothing.
        if total < d as f64 + 2.0 {
            return None;
        }
        let mut mean = vec![0.0; d];
        let mut square = vec![0.0; d * d];
        for i in 0..n {
            let s = share[i * count + c];
            if s < 1e-12 {
                continue;
            }
            let row = &rows[i * d..(i + 1) * d];
            for a in 0..d {
                mean[a] += s * row[a];
                let scaled = s * row[a];
                (0..=a).for_each(|b| square[a * d + b] += scaled * row[b]);
            }
        }
        mean.iter_mut().for_each(|m| *m /= total);
        for a in 0..d {
            for b in 0..=a {
                square[a * d + b] = square[a * d + b] / total - mean[a] * mean[b];
            }
            square[a * d + a] += FLOOR;
        }
        let below: Vec<f64> = (0..dy * dy).map(|k| square[(dx + k / dy) * d + dx + k % dy]).collect();
        let (joint, y) = (Lower::factor(&square, d)?, Lower::factor(&below, dy)?);
        Some(Component { weight: total / n as f64, mean, joint, y })
    };
    (0..count).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::estimators::Points;
    use crate::coding::estimators::triangle::dense_rows;

    #[test]
    fn theory_two_clouds_are_found_and_drawn() {
        // Clouds at ±2 in both variables: 1 bit less what overlaps, which is hardly anything along the diagonal.
        let mut draws = Stream::new(7, &[]);
        let mut columns = [Vec::new(), Vec::new()];
        for i in 0..800 {
            let centre = if i % 2 == 0 { 3.0 } else { -3.0 };
            columns.iter_mut().for_each(|c| c.push(centre + 0.5 * draws.normal()));
        }
        let points = Points::columns(&[&columns[0], &columns[1]]).unwrap();
        let (mixture, _) = Mixture::fit(&dense_rows(&points), 1, 1, 2, 1).unwrap();
        assert!(mixture.parts.iter().all(|p| (p.weight - 0.5).abs() < 0.01 && (p.mean[0].abs() - 3.0).abs() < 0.1));
        let mut z = [0.0; 2];
        let mut sum = 0.0;
        for _ in 0..4000 {
            mixture.draw(&mut draws, &mut z);
            sum += mixture.log_ratio(&z);
        }
        // The clouds of 400 samples are correlated a little by chance.
        assert!((sum / 4000.0 - 2f64.ln()).abs() < 0.02, "{}", sum / 4000.0);
        assert!(Mixture::fit(&dense_rows(&points)[..20], 1, 1, 8, 1).is_none());
    }
}
