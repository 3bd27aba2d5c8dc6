//! How fast do deviations from the orbit grow or die? The eigenvalues of a product of matrices, small ones too.
//!
//! The product itself is never formed where it can be avoided: a multiplier of 10⁻¹³ beside one of 1 would be lost in
//! rounding. Orthogonal iteration through the factors, G_j Q_j = Q_{j+1} R_j, brings the product to Schur form with the
//! moduli as products of diagonal entries, each to relative rounding (Bojanczyk, Golub & Van Dooren 1992).

use crate::num::linalg::eigenvalues;
use nalgebra::{Complex, DMatrix};

/// Sweeps before the plain product is used instead: multipliers of nearly equal modulus converge slowly.
const SWEEPS: usize = 200;
/// What counts as zero below the diagonal blocks.
const SETTLED: f64 = 1e-11;

/// The eigenvalues of G_{N−1} … G_1 G_0, by descending modulus. `None` if something is not finite.
pub fn product_eigenvalues(factors: &[DMatrix<f64>]) -> Option<Vec<Complex<f64>>> {
    let n = factors[0].nrows();
    let mut q = DMatrix::<f64>::identity(n, n);
    for _ in 0..SWEEPS {
        let mut triangular = Vec::with_capacity(factors.len());
        let mut next = q.clone();
        for g in factors {
            let (orthogonal, r) = (g * &next).qr().unpack();
            next = orthogonal;
            triangular.push(r);
        }
        // M Q = Q' R with Q' = Q T: T is block diagonal once the iteration has settled.
        let turn = q.tr_mul(&next);
        let parts: Option<Vec<_>> = blocks(&turn)
            .and_then(|found| found.into_iter().map(|(at, size)| block(&turn, &triangular, at, size)).collect());
        if let Some(parts) = parts {
            return sorted(parts.concat());
        }
        q = next;
    }
    let product = factors.iter().fold(DMatrix::identity(n, n), |product, g| g * product);
    sorted(eigenvalues(&product).ok()?)
}

/// The diagonal blocks (start, size ≤ 2) of a matrix whose other entries are zero to rounding.
fn blocks(turn: &DMatrix<f64>) -> Option<Vec<(usize, usize)>> {
    let n = turn.nrows();
    let mut found = Vec::new();
    let mut at = 0;
    while at < n {
        let size = if at + 1 < n && turn[(at + 1, at)].abs() > SETTLED { 2 } else { 1 };
        let below = (at + size..n).all(|i| (at..at + size).all(|j| turn[(i, j)].abs() <= SETTLED));
        if !below {
            return None;
        }
        found.push((at, size));
        at += size;
    }
    Some(found)
}

/// The eigenvalues of one diagonal block of T R_{N−1} … R_0; `None` for two real ones that are not apart yet.
fn block(turn: &DMatrix<f64>, triangular: &[DMatrix<f64>], at: usize, size: usize) -> Option<Vec<Complex<f64>>> {
    if size == 1 {
        let modulus: f64 = triangular.iter().map(|r| r[(at, at)]).product();
        return Some(vec![Complex::from(turn[(at, at)].signum() * modulus)]);
    }
    // The block is scaled before it is multiplied out, so that small pairs keep their digits.
    let mut scale = 0.0;
    let mut product = DMatrix::<f64>::identity(size, size);
    for r in triangular {
        product = r.view((at, at), (size, size)) * product;
        let norm = product.norm();
        scale += norm.ln();
        product /= norm;
    }
    let product = turn.view((at, at), (size, size)) * product;
    let pair = eigenvalues(&product).ok()?;
    (pair[0].im != 0.0).then(|| pair.into_iter().map(|v| v * scale.exp()).collect())
}

fn sorted(mut all: Vec<Complex<f64>>) -> Option<Vec<Complex<f64>>> {
    all.sort_by(|a, b| b.norm().total_cmp(&a.norm()).then(b.im.total_cmp(&a.im)));
    all.iter().all(|v| v.re.is_finite() && v.im.is_finite()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn theory_tiny_multipliers_keep_their_digits() {
        // Similar to diag(1, 1/2), taken to the power 60.
        let (s, t): (DMatrix<f64>, DMatrix<f64>) = (dmatrix![1.0, 2.0; 0.5, 3.0], dmatrix![1.5, -1.0; -0.25, 0.5]);
        let g = &s * dmatrix![1.0, 0.0; 0.0, 0.5] * &t;
        let values = product_eigenvalues(&vec![g; 60]).unwrap();
        assert!((values[0].re - 1.0).abs() < 1e-12);
        assert!((values[1].re * 2f64.powi(60) - 1.0).abs() < 1e-11, "{values:?}");
    }

    #[test]
    fn theory_a_tiny_rotating_pair_beside_a_multiplier_of_one() {
        let (c, s) = (0.3f64.cos() * 0.4, 0.3f64.sin() * 0.4);
        let g = dmatrix![1.0, 0.7, -0.2; 0.0, c, -s; 0.0, s, c];
        let values = product_eigenvalues(&vec![g; 30]).unwrap();
        let modulus = 0.4f64.powi(30);
        assert!((values[0].re - 1.0).abs() < 1e-12);
        assert!((values[1].norm() / modulus - 1.0).abs() < 1e-11, "{values:?}");
        assert!((values[1].re / modulus - 9f64.cos()).abs() < 1e-10);
    }
}
