//! What does the formula of Kraskov, Stögbauer & Grassberger say?
//!
//! ε is the distance to the k-th neighbour in both sets together (maximum norm), n_x and n_y count the samples that lie
//! nearer than ε in each set, and I = ψ(k) + ψ(N) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩. The second version takes the sides of the
//! smallest box instead of ε: I = ψ(k) − 1/k + ψ(N) − ⟨ψ(n_x) + ψ(n_y)⟩. Source: Kraskov et al. 2004.

use super::counting::Marginal;
use super::digamma::digamma_table;
use super::lnc;
use super::tree::Tree;
use super::{Continuous, Method, Points};
use crate::field::{Error, Result};

/// What a pair of variable sets keeps between estimates: a permutation of Y changes only the joint search.
pub(crate) struct Pair {
    x: Points,
    y: Points,
    near_x: Marginal,
    near_y: Marginal,
    psi: Vec<f64>,
    /// Where ln(V̄/V) begins to speak of a ridge, for [`Method::Lnc`].
    ridge: f64,
}

impl Pair {
    pub(crate) fn new(x: &Points, y: &Points, options: &Continuous) -> Result<Self> {
        let lnc = options.method == Method::Lnc;
        let ridge = if lnc { lnc::threshold(options.k, x.dimension() + y.dimension())? } else { f64::NAN };
        let psi = digamma_table(x.len());
        let (near_x, near_y) = rayon::join(|| Marginal::of(x), || Marginal::of(y));
        Ok(Pair { x: x.clone(), y: y.clone(), near_x, near_y, psi, ridge })
    }
    /// The largest value that the formula can take, in nats.
    pub(crate) fn ceiling(&self, k: usize) -> f64 {
        self.psi[self.x.len()] - self.psi[k]
    }
    /// The terms whose mean is the estimate in nats; sample i of X meets sample `order[i]` of Y.
    pub(crate) fn local(&self, options: &Continuous, order: Option<&[usize]>) -> Result<Vec<f64>> {
        let (n, k, psi) = (self.x.len(), options.k, &self.psi);
        let turned;
        let y = match order {
            Some(order) => {
                turned = self.y.select(order);
                &turned
            }
            None => &self.y,
        };
        let joint = self.x.beside(y)?;
        let tree = Tree::of(&joint);
        let second = matches!(options.method, Method::Ksg2 | Method::Lnc);
        let nearest = tree.nearest(k, second);
        if let Some(i) = nearest.distance.iter().position(|&d| d == 0.0) {
            return Err(Error::domain(
                "the samples",
                format!("more than k = {k} samples coincide with sample {i} (from 0)"),
                "use a larger k, or labels",
            ));
        }
        // Radii in the order of Y's samples.
        let for_y = |radius: Vec<f64>| match order {
            Some(order) => {
                let mut moved = vec![0.0; n];
                order.iter().zip(&radius).for_each(|(&j, &r)| moved[j] = r);
                self.near_y.counts(&moved, second)
            }
            None => self.near_y.counts(&radius, second),
        };
        let from_y = |i: usize| order.map_or(i, |order| order[i]);
        if second {
            let side = |points: &Points| -> Vec<f64> {
                let far = |i: usize| {
                    let mine = &nearest.neighbours[i * k..(i + 1) * k];
                    let gap = |&j: &u32, v: usize| (points.variable(v)[i] - points.variable(v)[j as usize]).abs();
                    mine.iter().flat_map(|j| (0..points.dimension()).map(move |v| gap(j, v))).fold(0.0, f64::max)
                };
                (0..n).map(far).collect()
            };
            let (nx, ny) = (self.near_x.counts(&side(&self.x), true), for_y(side(y)));
            let base = psi[k] - 1.0 / k as f64 + psi[n];
            let mut terms: Vec<f64> =
                (0..n).map(|i| base - psi[nx[i] as usize] - psi[ny[from_y(i)] as usize]).collect();
            if options.method == Method::Lnc {
                let gains = lnc::gains(&joint, &nearest.neighbours, k, self.ridge);
                terms.iter_mut().zip(&gains).for_each(|(term, gain)| *term += gain);
            }
            return Ok(terms);
        }
        let nx = self.near_x.counts(&nearest.distance, false);
        let base = psi[k] + psi[n];
        let ny = for_y(nearest.distance);
        Ok((0..n).map(|i| base - psi[nx[i] as usize + 1] - psi[ny[from_y(i)] as usize + 1]).collect())
    }
}

pub(crate) fn mean_and_spread(local: &[f64]) -> (f64, f64) {
    let n = local.len() as f64;
    let mean = local.iter().sum::<f64>() / n;
    let variance = local.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    (mean, variance.sqrt())
}
