//! Which linear readout is best for normal responses with a common covariance?
//!
//! Fisher 1936: the score of class c is m_cᵀ Σ⁻¹ x − ½ m_cᵀ Σ⁻¹ m_c. Few trials make the pooled covariance Σ unreliable:
//! it is shrunk to λ v 1 + (1 − λ) Σ, v the mean variance, with the λ of Ledoit & Wolf 2004 unless one is given.

use super::{Decoder, Linear};
use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::{Cholesky, DMatrix};

/// Linear discriminant analysis; all classes are taken as equally likely.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lda {
    /// How far the covariance is shrunk, 0 to 1; `None` lets the data decide.
    pub shrinkage: Option<f64>,
}

impl Decoder for Lda {
    fn name(&self) -> String {
        match self.shrinkage {
            None => "LDA, Ledoit-Wolf shrinkage".into(),
            Some(l) => format!("LDA, shrinkage {l}"),
        }
    }
    fn train(&self, x: &DMatrix<f64>, class: &[usize], classes: usize) -> Result<Linear> {
        let (n, d) = x.shape();
        let mut means = DMatrix::zeros(classes, d);
        let mut counts = vec![0.0; classes];
        for (i, &c) in class.iter().enumerate() {
            counts[c] += 1.0;
            (0..d).for_each(|j| means[(c, j)] += x[(i, j)]);
        }
        for c in 0..classes {
            (0..d).for_each(|j| means[(c, j)] /= counts[c]);
        }
        let within = DMatrix::from_fn(n, d, |i, j| x[(i, j)] - means[(class[i], j)]);
        let lambda = match self.shrinkage {
            Some(l) => checks::within("the shrinkage", l, 0.0, 1.0)?,
            None => ledoit_wolf(&within),
        };
        let freedom = n.saturating_sub(classes).max(1) as f64;
        let pooled = within.tr_mul(&within) / freedom;
        let v = pooled.trace() / d as f64;
        let mut sigma = pooled * (1.0 - lambda);
        (0..d).for_each(|j| sigma[(j, j)] += lambda * v);
        let factor = Cholesky::new(sigma).filter(|f| {
            let l = f.l_dirty();
            (0..d).all(|j| l[(j, j)].powi(2) > 1e-13 * v && v > 0.0)
        });
        let Some(factor) = factor else {
            return Err(Error::domain(
                "the pooled covariance",
                format!("is singular with {n} trials of {d} features at shrinkage {lambda:.3}"),
                "shrink more, give more trials, or leave out features that are combinations of others",
            ));
        };
        let weights = factor.solve(&means.transpose()).transpose();
        let offsets = (0..classes).map(|c| -0.5 * weights.row(c).dot(&means.row(c))).collect();
        Ok(Linear { weights, offsets })
    }
}

/// The shrinkage towards v·1 that minimises the expected squared error, from centred rows.
fn ledoit_wolf(rows: &DMatrix<f64>) -> f64 {
    let (n, d) = (rows.nrows() as f64, rows.ncols() as f64);
    let s = rows.tr_mul(rows) / n;
    let v = s.trace() / d;
    let distance = s.norm_squared() - d * v * v;
    if distance <= 0.0 {
        return 1.0;
    }
    // Σ|x xᵀ − S|² = Σ|x|⁴ − n|S|².
    let fourth: f64 = rows.row_iter().map(|r| r.norm_squared().powi(2)).sum();
    ((fourth / n - s.norm_squared()) / n / distance).clamp(0.0, 1.0)
}
