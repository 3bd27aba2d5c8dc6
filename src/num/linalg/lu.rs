//! Which triangular factors does a matrix have? Small ones by elimination in place, large ones by faer's blocks.
//!
//! Following a curve solves systems of a few unknowns by the thousand: there the blocks' preparation and allocations cost
//! several times the elimination itself.

use super::dense::{factor, substitute, substitute_transposed};
use super::view;
use faer::linalg::solvers::{PartialPivLu, Solve};
use nalgebra::DMatrix;

/// Up to here a system is small.
pub const SMALL: usize = 24;

/// P R A C = L U with row pivots.
#[derive(Clone, Debug)]
pub enum Lu {
    /// The factors by rows, and with which row each was exchanged.
    Small(Vec<f64>, Vec<usize>),
    Large(PartialPivLu<f64>),
}

impl Lu {
    /// The factors of R A C with diagonal R and C; `None` for a pivot that is exactly zero, where that is noticed.
    pub fn scaled(a: &DMatrix<f64>, by_row: &[f64], by_column: &[f64]) -> Option<Self> {
        let n = a.nrows();
        let entry = |i: usize, j: usize| a[(i, j)] * by_row[i] * by_column[j];
        if n > SMALL {
            return Some(Lu::Large(view(&DMatrix::from_fn(n, n, entry)).partial_piv_lu()));
        }
        let (entries, mut rows) = (a.as_slice(), Vec::with_capacity(n * n));
        for (i, r) in by_row.iter().enumerate() {
            rows.extend(by_column.iter().enumerate().map(|(j, c)| entries[i + j * n] * r * c));
        }
        let mut pivots: Vec<usize> = (0..n).collect();
        factor(&mut rows, &mut pivots)?;
        Some(Lu::Small(rows, pivots))
    }
    /// A⁻¹ b in place.
    pub fn solve(&self, b: &mut [f64]) {
        match self {
            Lu::Small(rows, pivots) => substitute(rows, pivots, b),
            Lu::Large(lu) => lu.solve_in_place(column(b)),
        }
    }
    /// A⁻ᵀ b in place.
    pub fn solve_transposed(&self, b: &mut [f64]) {
        match self {
            Lu::Small(rows, pivots) => substitute_transposed(rows, pivots, b),
            Lu::Large(lu) => lu.solve_transpose_in_place(column(b)),
        }
    }
    /// An upper bound on ‖A⁻¹‖₁ from the factors' absolute values, in exact arithmetic; ∞ for a large system.
    ///
    /// With M the matrix that has |uᵢᵢ| on its diagonal and −|uᵢⱼ| elsewhere, ‖U⁻¹‖₁ ≤ ‖M⁻¹‖₁, which one substitution
    /// gives (Higham, Accuracy and Stability of Numerical Algorithms, section 8.3).
    pub fn inverse_bound(&self) -> f64 {
        let Lu::Small(rows, pivots) = self else { return f64::INFINITY };
        let n = pivots.len();
        let mut sums = [0.0_f64; SMALL];
        let sums = &mut sums[..n];
        let largest = |v: &[f64]| v.iter().fold(0.0_f64, |m, x| if x.is_nan() { f64::INFINITY } else { m.max(*x) });
        for j in 0..n {
            let above = (0..j).fold(1.0, |sum, i| sum + rows[i * n + j].abs() * sums[i]);
            sums[j] = above / rows[j * n + j].abs();
        }
        let upper = largest(sums);
        for j in (0..n).rev() {
            sums[j] = (j + 1..n).fold(1.0, |sum, i| sum + rows[i * n + j].abs() * sums[i]);
        }
        upper * largest(sums)
    }
    /// The sign of det A: −1, 0 or 1.
    pub fn sign(&self) -> f64 {
        let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
        match self {
            Lu::Small(rows, pivots) => {
                let n = pivots.len();
                let exchanges = pivots.iter().enumerate().filter(|(c, p)| c != *p).count();
                let diagonal: f64 = (0..n).map(|k| sign(rows[k * n + k])).product();
                if exchanges % 2 == 0 { diagonal } else { -diagonal }
            }
            Lu::Large(lu) => {
                let u = lu.U();
                let (forward, _) = lu.P().arrays();
                parity(forward) * (0..u.nrows()).map(|i| sign(u[(i, i)])).product::<f64>()
            }
        }
    }
}

/// The sign of a permutation: a cycle of even length is odd.
fn parity(forward: &[usize]) -> f64 {
    let mut seen = vec![false; forward.len()];
    let mut sign = 1.0;
    for start in 0..forward.len() {
        let (mut at, mut length) = (start, 0);
        while !seen[at] {
            seen[at] = true;
            at = forward[at];
            length += 1;
        }
        sign *= if length > 0 && length % 2 == 0 { -1.0 } else { 1.0 };
    }
    sign
}

/// A vector as faer's one-column matrix.
fn column(v: &mut [f64]) -> faer::MatMut<'_, f64> {
    let n = v.len();
    faer::MatMut::from_column_major_slice_mut(v, n, 1)
}
