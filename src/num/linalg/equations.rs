//! How much does a stable linear system fluctuate, and where is it after a time t? Linear matrix equations and the
//! matrix exponential.
//!
//! The stationary covariance C of dx = A x dt + G dW solves the Lyapunov equation A C + C Aᵀ + G Gᵀ = 0.

use super::{check_finite, check_square, spectral_abscissa};
use crate::error::{Error, Result};
use nalgebra::{Complex, DMatrix, Schur};

/// The largest allowed residual in units of ε times the size of the terms.
const RESIDUAL: f64 = 1e4;

/// C with A C + C Aᵀ + D = 0 for a stable A (every eigenvalue with negative real part) and a symmetric D.
///
/// The answer is symmetric exactly, and its residual has been checked.
/// Errors: sizes, entries that are not finite, a `d` that is not symmetric, an A that is not stable
/// ([`Error::Domain`]: there is no stationary covariance then, although the equation may have a solution).
pub fn lyapunov(a: &DMatrix<f64>, d: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    check_square("Lyapunov equation", a)?;
    check_square("noise of a Lyapunov equation", d)?;
    same_size("Lyapunov equation", a.shape(), d.shape())?;
    if (d - d.transpose()).amax() > 64.0 * f64::EPSILON * d.amax() {
        return Err(Error::domain("Lyapunov equation", "the noise matrix D is not symmetric", "pass D = G Gᵀ"));
    }
    let abscissa = spectral_abscissa(a)?;
    if abscissa >= 0.0 {
        let why = format!("the linear system is not stable: its largest real part is {abscissa:.6e}");
        return Err(Error::domain("Lyapunov equation", why, "a stationary covariance needs a stable fixed point"));
    }
    let c = sylvester(a, &a.transpose(), &-d)?;
    Ok((&c + c.transpose()) * 0.5)
}

/// X with A X + X B = C, by Schur forms (Bartels and Stewart 1972), refined once and checked by its residual.
///
/// Errors: sizes, entries that are not finite; [`Error::Singular`] if A and −B share an eigenvalue, to rounding.
pub fn sylvester(a: &DMatrix<f64>, b: &DMatrix<f64>, c: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    check_square("Sylvester equation", a)?;
    check_square("Sylvester equation", b)?;
    check_finite("Sylvester equation", c)?;
    same_size("Sylvester equation", (a.nrows(), b.nrows()), c.shape())?;
    let (n, m) = c.shape();
    if n == 0 || m == 0 {
        return Ok(DMatrix::zeros(n, m));
    }
    let singular = || Error::Singular { what: format!("a Sylvester equation of {n} x {m} unknowns") };
    let (qa, ta) = schur(a)?;
    let (qb, tb) = schur(b)?;
    let gap_floor = f64::EPSILON * (n + m) as f64 * (a.norm() + b.norm());
    let gap = (0..n).flat_map(|i| (0..m).map(move |j| (i, j))).map(|(i, j)| (ta[(i, i)] + tb[(j, j)]).norm());
    if gap.fold(f64::INFINITY, f64::min) <= gap_floor {
        return Err(singular());
    }
    // With Y = Qa* X Qb: Ta Y + Y Tb = Qa* C Qb, column by column from the left, each from the bottom.
    let once = |c: &DMatrix<f64>| {
        let f = qa.adjoint() * c.map(Complex::from) * &qb;
        let mut y = DMatrix::<Complex<f64>>::zeros(n, m);
        for j in 0..m {
            for i in (0..n).rev() {
                let mut sum = f[(i, j)];
                (i + 1..n).for_each(|k| sum -= ta[(i, k)] * y[(k, j)]);
                (0..j).for_each(|k| sum -= y[(i, k)] * tb[(k, j)]);
                y[(i, j)] = sum / (ta[(i, i)] + tb[(j, j)]);
            }
        }
        (&qa * y * qb.adjoint()).map(|z| z.re)
    };
    let mut x = once(c);
    let correction = once(&(c - a * &x - &x * b));
    x += correction;
    let residual = (c - a * &x - &x * b).norm();
    let size = (a.norm() + b.norm()) * x.norm() + c.norm();
    if residual.is_nan() || residual > RESIDUAL * f64::EPSILON * size {
        return Err(Error::NoConvergence {
            method: "Sylvester equation",
            steps: 1,
            residual: residual / size,
            last: x.iter().copied().collect(),
        });
    }
    Ok(x)
}

type Complexes = DMatrix<Complex<f64>>;

/// The complex Schur form A = Q T Q*, checked.
fn schur(a: &DMatrix<f64>) -> Result<(Complexes, Complexes)> {
    let n = a.nrows();
    let complex = a.map(Complex::from);
    let failed = |residual| Error::NoConvergence {
        method: "Schur form by the QR algorithm",
        steps: 1000 * n,
        residual,
        last: a.iter().copied().collect(),
    };
    let (q, mut t) = Schur::try_new(complex.clone(), f64::EPSILON, 1000 * n).ok_or_else(|| failed(f64::NAN))?.unpack();
    let below: f64 =
        (0..n).flat_map(|j| (j + 1..n).map(move |i| (i, j))).map(|at| t[at].norm_sqr()).sum::<f64>().sqrt();
    t.fill_lower_triangle(Complex::from(0.0), 1);
    let residual = (&q * &t * q.adjoint() - complex).norm() + below;
    match residual <= 1e3 * n as f64 * f64::EPSILON * a.norm() {
        true => Ok((q, t)),
        false => Err(failed(residual)),
    }
}

/// e^A, by scaling and squaring with Padé approximants (Higham 2005).
///
/// Errors: not square, not finite, or an overflow.
pub fn expm(a: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    check_square("matrix exponential", a)?;
    if a.nrows() == 0 {
        return Ok(a.clone());
    }
    // Beyond this norm the exponential overflows, or the squarings leave no digit.
    if a.norm() > 1e4 {
        let why = format!("the norm of the matrix is {:.3e}", a.norm());
        return Err(Error::domain("matrix exponential", why, "split the time into shorter steps"));
    }
    let e = a.exp();
    check_finite("matrix exponential", &e)?;
    Ok(e)
}

fn same_size(what: &str, expected: (usize, usize), got: (usize, usize)) -> Result<()> {
    match expected == got {
        true => Ok(()),
        false => {
            let why = format!("a {} x {} matrix is given where {} x {} fits", got.0, got.1, expected.0, expected.1);
            Err(Error::domain(what, why, "check the order of the arguments"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;
    use nalgebra::dmatrix;

    fn random(m: usize, n: usize, word: u64) -> DMatrix<f64> {
        let mut stream = Stream::new(13, &[word]);
        DMatrix::from_fn(m, n, |_, _| stream.normal())
    }

    #[test]
    fn theory_ornstein_uhlenbeck_variance() {
        // dx = −x/τ dt + s dW has the variance s²τ/2.
        let c = lyapunov(&dmatrix![-1.0 / 0.02], &dmatrix![9.0]).unwrap();
        assert!((c[(0, 0)] - 9.0 * 0.02 / 2.0).abs() < 1e-16);
    }

    #[test]
    fn law_covariances_are_symmetric_and_positive() {
        for (n, word) in [(2, 0), (3, 1), (6, 2), (12, 3), (25, 4)] {
            let mut a = random(n, n, word);
            let shift = spectral_abscissa(&a).unwrap() + 0.1;
            (0..n).for_each(|i| a[(i, i)] -= shift);
            let g = random(n, n, word + 100);
            let d = &g * g.transpose();
            let c = lyapunov(&a, &d).unwrap();
            assert_eq!(c, c.transpose());
            assert!((&a * &c + &c * a.transpose() + &d).norm() < 1e-11 * (d.norm() + a.norm() * c.norm()));
            assert!(c.clone().cholesky().is_some());
        }
    }

    #[test]
    fn law_what_has_no_covariance_is_refused() {
        let (id, saddle) = (DMatrix::identity(2, 2), dmatrix![-1.0, 0.0; 0.0, 0.5]);
        assert!(matches!(lyapunov(&saddle, &id), Err(Error::Domain { .. })));
        assert!(matches!(lyapunov(&dmatrix![0.0, 1.0; -1.0, 0.0], &id), Err(Error::Domain { .. })));
        assert!(matches!(lyapunov(&-&id, &dmatrix![1.0, 1.0; 0.0, 1.0]), Err(Error::Domain { .. })));
        assert!(sylvester(&saddle, &saddle, &id).is_ok());
        assert!(matches!(sylvester(&id, &-&id, &id), Err(Error::Singular { .. })));
    }

    #[test]
    fn theory_sylvester_of_different_sizes() {
        let (a, b, x) = (random(4, 4, 7), random(3, 3, 8), random(4, 3, 9));
        let solved = sylvester(&a, &b, &(&a * &x + &x * &b)).unwrap();
        assert!((solved - &x).norm() < 1e-11 * x.norm());
    }

    #[test]
    fn theory_exponentials() {
        let t = 0.7;
        let rotation = expm(&dmatrix![0.0, -t; t, 0.0]).unwrap();
        assert!((rotation - dmatrix![t.cos(), -t.sin(); t.sin(), t.cos()]).norm() < 1e-15);
        let jordan = expm(&dmatrix![-2.0, 1.0; 0.0, -2.0]).unwrap();
        assert!((jordan - dmatrix![1.0, 1.0; 0.0, 1.0] * (-2.0_f64).exp()).norm() < 1e-15);
        assert_eq!(expm(&DMatrix::zeros(3, 3)).unwrap(), DMatrix::identity(3, 3));
        assert!(matches!(expm(&dmatrix![1e5]), Err(Error::Domain { .. })));
    }

    #[test]
    fn law_exponentials_of_opposite_times_cancel_and_det_is_e_to_the_trace() {
        for (n, word) in [(2, 20), (5, 21), (9, 22)] {
            let a = random(n, n, word) * 0.5;
            let e = expm(&a).unwrap();
            assert!((&e * expm(&-&a).unwrap() - DMatrix::identity(n, n)).norm() < 1e-11);

            assert!((e.determinant() / a.trace().exp() - 1.0).abs() < 1e-11);
        }
    }
}
