//! How are small triangular factors computed, without allocation in the loops that need them?

use super::Points;

/// The lower factor L of a positive definite matrix A = L Lᵀ, row by row.
#[derive(Clone, Debug)]
pub(super) struct Lower {
    entries: Vec<f64>,
    size: usize,
}

impl Lower {
    /// The factor of a matrix given row by row (the lower triangle is read); `None` unless positive definite.
    pub fn factor(a: &[f64], size: usize) -> Option<Self> {
        let mut l = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| l[i * size + k] * l[j * size + k]).sum();
                let rest = a[i * size + j] - dot;
                if i == j {
                    if rest.is_nan() || rest <= 1e-12 * a[i * size + i] {
                        return None;
                    }
                    l[i * size + i] = rest.sqrt();
                } else {
                    l[i * size + j] = rest / l[j * size + j];
                }
            }
        }
        Some(Lower { entries: l, size })
    }
    /// The number of rows.
    pub fn size(&self) -> usize {
        self.size
    }
    /// ½ ln det of the leading `d` × `d` part of A.
    pub fn ln_det(&self, d: usize) -> f64 {
        (0..d).map(|i| self.entries[i * self.size + i].ln()).sum()
    }
    /// xᵀ A⁻¹ x of the leading `d` × `d` part.
    #[inline]
    pub fn distance(&self, x: &[f64], d: usize) -> f64 {
        // Forward substitution; more dimensions than this are solved in pieces of a heap buffer.
        let mut stack = [0.0; 16];
        let mut heap;
        let y: &mut [f64] = if d <= 16 {
            &mut stack[..d]
        } else {
            heap = vec![0.0; d];
            &mut heap
        };
        let mut sum = 0.0;
        for i in 0..d {
            let row = &self.entries[i * self.size..i * self.size + i + 1];
            let mut rest = x[i];
            for j in 0..i {
                rest -= row[j] * y[j];
            }
            y[i] = rest / row[i];
            sum += y[i] * y[i];
        }
        sum
    }
    /// x ← L x.
    pub fn multiply(&self, x: &mut [f64]) {
        for i in (0..self.size).rev() {
            let row = &self.entries[i * self.size..i * self.size + i + 1];
            x[i] = row.iter().zip(x.iter()).map(|(l, v)| l * v).sum();
        }
    }
    /// The diagonal entry A_ii.
    pub fn variance(&self, i: usize) -> f64 {
        self.entries[i * self.size..i * self.size + i + 1].iter().map(|l| l * l).sum()
    }
    /// A, row by row.
    pub fn square(&self) -> Vec<f64> {
        let n = self.size;
        let entry =
            |i: usize, j: usize| (0..=i.min(j)).map(|k| self.entries[i * n + k] * self.entries[j * n + k]).sum::<f64>();
        (0..n * n).map(|k| entry(k / n, k % n)).collect()
    }
    /// Does no entry differ by more than `tolerance`?
    pub fn near(&self, other: &Lower, tolerance: f64) -> bool {
        self.entries.iter().zip(&other.entries).all(|(a, b)| (a - b).abs() <= tolerance)
    }
}

/// Samples one after the other, d numbers each.
pub(super) fn dense_rows(points: &Points) -> Vec<f64> {
    let d = points.dimension();
    let mut rows = vec![0.0; points.len() * d];
    for v in 0..d {
        points.variable(v).iter().enumerate().for_each(|(i, x)| rows[i * d + v] = *x);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn theory_factor_by_hand() {
        let a = [4.0, 2.0, 0.0, 2.0, 5.0, 1.0, 0.0, 1.0, 3.0];
        let l = Lower::factor(&a, 3).unwrap();
        l.square().iter().zip(&a).for_each(|(x, y)| close(*x, *y, 1e-14));
        // det = 4·(15 − 1) − 2·6 = 44; leading 2 × 2: 16.
        close(2.0 * l.ln_det(3), 44f64.ln(), 1e-14);
        close(2.0 * l.ln_det(2), 16f64.ln(), 1e-14);
        // A (1, 1, 1) = (6, 8, 4): its distance is 1·6 + 1·8 + 1·4.
        close(l.distance(&[6.0, 8.0, 4.0], 3), 18.0, 1e-13);
        close(l.variance(2), 3.0, 1e-14);
        let mut x = [1.0, 0.0, 0.0];
        l.multiply(&mut x);
        close(x[1], 1.0, 1e-14);
        assert!(Lower::factor(&[1.0, 1.0, 1.0, 1.0], 2).is_none() && Lower::factor(&[f64::NAN], 1).is_none());
    }
}
