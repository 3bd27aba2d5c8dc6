//! What are the eigenvalues of a small matrix, when nobody asks for the vectors? The diagonal blocks of its Schur form.

use crate::error::{Error, Result};
use nalgebra::linalg::balancing::balance_parlett_reinsch;
use nalgebra::{Complex, DMatrix, Schur};

/// Up to this size the real Schur form is quicker than vectors by blocks.
pub const SMALL: usize = 24;

/// Iterations per eigenvalue; two or three are usual, and where equal eigenvalues keep the iteration from its end, more of
/// them do not help.
const STEPS: usize = 10;

/// The largest allowed ‖A Q − Q T‖/‖A‖ and ‖QᵀQ − 1‖ in units of n ε: then the eigenvalues are those of a matrix that
/// differs from A by so much.
const RESIDUAL: f64 = 100.0;

/// The eigenvalues of a square, finite matrix, in no order; conjugate pairs are exact conjugates.
pub fn eigenvalues(a: &DMatrix<f64>) -> Result<Vec<Complex<f64>>> {
    let n = a.nrows();
    let failed = |residual: f64| Error::NoConvergence {
        method: "eigenvalues by the QR algorithm",
        steps: STEPS * n,
        residual,
        last: a.iter().copied().collect(),
    };
    // The same for every size; one that is known to the compiler needs no memory and a third of the time.
    macro_rules! checked {
        ($a:expr) => {{
            let mut a = $a;
            balance_parlett_reinsch(&mut a);
            let (q, t) = Schur::try_new(a.clone(), f64::EPSILON, STEPS * n).ok_or_else(|| failed(f64::NAN))?.unpack();
            let unit = n as f64 * f64::EPSILON;
            let apart = (&a * &q - &q * &t).norm() / (unit * a.norm().max(f64::MIN_POSITIVE));
            let mut turned = q.tr_mul(&q);
            (0..n).for_each(|i| turned[(i, i)] -= 1.0);
            let turned = turned.norm() / unit;
            match apart <= RESIDUAL && turned <= RESIDUAL {
                true => Ok(blocks(n, |i, j| t[(i, j)])),
                false => Err(failed(apart.max(turned) * f64::EPSILON)),
            }
        }};
    }
    match n {
        0 | 1 => Ok(blocks(n, |i, j| a[(i, j)])),
        2 => {
            let mut a = a.fixed_view::<2, 2>(0, 0).into_owned();
            balance_parlett_reinsch(&mut a);
            Ok(blocks(n, |i, j| a[(i, j)]))
        }
        3 => checked!(a.fixed_view::<3, 3>(0, 0).into_owned()),
        4 => checked!(a.fixed_view::<4, 4>(0, 0).into_owned()),
        _ => checked!(a.clone()),
    }
}

/// The eigenvalues of a matrix that is triangular but for blocks of two.
fn blocks(n: usize, t: impl Fn(usize, usize) -> f64) -> Vec<Complex<f64>> {
    let mut values = Vec::with_capacity(n);
    let mut k = 0;
    while k < n {
        if k + 1 < n && t(k + 1, k) != 0.0 {
            values.extend(pair(t(k, k), t(k, k + 1), t(k + 1, k), t(k + 1, k + 1)));
            k += 2;
        } else {
            values.push(Complex::from(t(k, k) + 0.0));
            k += 1;
        }
    }
    values
}

/// The eigenvalues of [a b; c d], with no digit lost to the difference of a and d.
fn pair(a: f64, b: f64, c: f64, d: f64) -> [Complex<f64>; 2] {
    // In units of the largest entry, so that no square overflows.
    let size = [a, b, c, d].into_iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if size == 0.0 {
        return [Complex::from(0.0); 2];
    }
    let half = 0.5 * (a / size - d / size);
    let product = (b / size) * (c / size);
    let discriminant = half * half + product;
    if discriminant < 0.0 {
        let (re, im) = (0.5 * a + 0.5 * d + 0.0, size * (-discriminant).sqrt());
        return [Complex::new(re, im), Complex::new(re, -im)];
    }
    // The root that does not cancel, then the other from the product of the two.
    let far = half + half.signum() * discriminant.sqrt();
    if far == 0.0 {
        return [Complex::from(d + 0.0); 2];
    }
    [d + size * far, d - size * (product / far)].map(|v| Complex::from(v + 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;
    use crate::num::linalg::eigen;

    /// Eigenvalues alone equal those that come with vectors, from another algorithm.
    #[test]
    fn cross_values_of_schur_form_and_of_pairs() {
        for n in 1..=SMALL {
            let mut stream = Stream::new(13, &[n as u64]);
            let a = DMatrix::from_fn(n, n, |_, _| stream.normal());
            let pairs = eigen(&a).unwrap();
            let alone = super::super::eigenvalues(&a).unwrap();
            for ((x, y), condition) in alone.iter().zip(&pairs.values).zip(&pairs.condition) {
                assert!((x - y).norm() < 1e-14 * n as f64 * condition * a.norm(), "{n}: {x} {y}");
            }
            assert!(alone.iter().all(|l| alone.contains(&l.conj())));
        }
    }

    /// λ² − 2.0000001 λ + … in closed form: a small eigenvalue beside a large one keeps its digits.
    #[test]
    fn theory_two_variables() {
        let [x, y] = pair(1.0, 1e-9, 1e-9, 1e-12).map(|l| l.re);
        // det = 1e-12 − 1e-18, trace = 1 + 1e-12.
        assert!((x - 1.0 - 1e-18).abs() < 1e-15 && (y / (1e-12 - 1e-18) - 1.0).abs() < 1e-12, "{x} {y}");
        assert_eq!(pair(0.0, 1.0, 0.0, 0.0), [Complex::from(0.0); 2]);
        assert_eq!(pair(-1.0, 3.0, -3.0, -1.0), [Complex::new(-1.0, 3.0), Complex::new(-1.0, -3.0)]);
        assert_eq!(pair(1e200, 1e200, -1e200, 1e200)[0], Complex::new(1e200, 1e200));
    }
}
