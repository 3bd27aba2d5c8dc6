//! What is the field like beside one point? Its value, Jacobian and critical directions, computed once for all who ask.

use super::extended::Extended;
use crate::num::linalg::{Eigen, Null, eigen, null_vectors};
use nalgebra::{Complex, DMatrix, DVector};
use std::cell::OnceCell;

type C = Complex<f64>;

/// The linearisation at a point.
pub struct Linear<'a> {
    pub problem: &'a Extended<'a>,
    pub z: &'a DVector<f64>,
    /// F(z).
    pub value: DVector<f64>,
    /// [J F_λ].
    pub full: DMatrix<f64>,
    /// J.
    pub a: DMatrix<f64>,
    pairs: OnceCell<Option<Eigen>>,
    null: OnceCell<Option<(Null, DVector<f64>)>>,
}

impl<'a> Linear<'a> {
    pub fn at(problem: &'a Extended<'a>, z: &'a DVector<f64>) -> Self {
        let (value, full) = problem.linearised(z);
        let a = full.columns(0, problem.variables()).into_owned();
        Linear { problem, z, value, full, a, pairs: OnceCell::new(), null: OnceCell::new() }
    }
    /// The size of [J F_λ], which rates are compared with.
    pub fn speed(&self) -> f64 {
        self.full.norm()
    }
    /// Eigenvalues and eigenvectors of J.
    pub fn eigen(&self) -> Option<&Eigen> {
        self.pairs.get_or_init(|| eigen(&self.a).ok()).as_ref()
    }
    /// The critical pair at ±iω: q with ⟨q,q⟩ = 1 in coherent units, and p with ⟨p,q⟩ = 1, in scaled coordinates.
    pub fn pair(&self, omega: f64) -> Option<(DVector<C>, DVector<C>)> {
        let pairs = self.eigen()?;
        let far = |k: usize| (pairs.values[k] - C::new(0.0, omega)).norm();
        let above = (0..pairs.values.len()).filter(|&k| pairs.values[k].im > 0.0);
        let k = above.min_by(|&i, &j| far(i).total_cmp(&far(j)))?;
        let q = pairs.right.column(k).into_owned();
        let size = q.iter().zip(self.problem.units()).map(|(c, s)| c.norm_sqr() * s * s).sum::<f64>().sqrt();
        Some((q / C::from(size), pairs.left.column(k) * C::from(size)))
    }
    /// The null vectors of J and of its transpose, of length one in scaled coordinates.
    pub fn null(&self) -> Option<(&Null, &DVector<f64>)> {
        self.null.get_or_init(|| null_vectors(&self.a).ok()).as_ref().map(|(v, w)| (v, w))
    }
    /// The null vectors of J with wᵀv = 1 and v of length one in coherent units, in scaled coordinates.
    pub fn null_pair(&self) -> Option<(DVector<f64>, DVector<f64>)> {
        let (v, w) = self.null()?;
        let size = v.vector.iter().zip(self.problem.units()).map(|(c, s)| c * c * s * s).sum::<f64>().sqrt();
        let v = &v.vector / size;
        let overlap = w.dot(&v);
        (overlap.abs() * size > 1e-9).then(|| (v, w / overlap))
    }
}
