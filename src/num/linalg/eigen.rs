//! In which directions does a linear system grow, and how fast? Eigenvalues with right and left eigenvectors.

use super::{check_square, view};
use crate::error::{Error, Result};
use nalgebra::linalg::balancing::balance_parlett_reinsch;
use nalgebra::{Complex, DMatrix, DVector};

/// The eigenvalues of a real matrix A with both kinds of eigenvectors, in columns of the same order.
#[derive(Clone, Debug)]
pub struct Eigen {
    /// λ, by descending real part, then descending imaginary part; conjugate pairs are exact conjugates.
    pub values: Vec<Complex<f64>>,
    /// Right eigenvectors q, A q = λ q, of 2-norm one; their largest entry is real and positive.
    pub right: DMatrix<Complex<f64>>,
    /// Left eigenvectors p, Aᵀ p = λ̄ p, scaled to ⟨p, q⟩ = p̄ᵀ q = 1. Where [`Eigen::condition`] is infinite,
    /// ⟨p, q⟩ = 0 up to rounding and p has norm one.
    pub left: DMatrix<Complex<f64>>,
    /// The condition ‖p‖‖q‖/|⟨p, q⟩| of each eigenvalue: by how much a change of A moves it, at most.
    /// Infinite for an eigenvalue that has too few eigenvectors (a Jordan block), up to rounding.
    pub condition: Vec<f64>,
}

/// The largest allowed ‖A q − λ q‖/(‖A‖ ‖q‖) in units of n ε.
const RESIDUAL: f64 = 100.0;

/// All eigenvalues of `a` with right and left eigenvectors.
///
/// Every pair is checked by its residual in the balanced matrix D⁻¹ A D.
/// Errors: a matrix that is not square or not finite; no convergence.
pub fn eigen(a: &DMatrix<f64>) -> Result<Eigen> {
    let (values, right, balanced, d) = right_pairs(a)?;
    let n = values.len();
    let left = biorthogonal(&right).filter(|left| residual(&balanced.transpose(), &values, left, true).0 <= RESIDUAL);
    let mut left = match left {
        Some(left) => left,
        // Too few eigenvectors for an inverse: those of the transpose, matched by their eigenvalue.
        None => transposed_pairs(&balanced, &values)?,
    };
    let (worst, at) = residual(&balanced.transpose(), &values, &left, true);
    refuse(worst, at, &values)?;
    // Back from the balanced coordinates: q = D y, p = D⁻¹ z.
    let mut right = right;
    let mut condition = vec![1.0; n];
    for j in 0..n {
        for i in 0..n {
            right[(i, j)] *= d[i];
            left[(i, j)] /= d[i];
        }
        normalise(&mut right, j);
        let (p, q) = (left.column(j), right.column(j));
        let overlap = p.dotc(&q);
        let cosine = overlap.norm() / p.norm();
        condition[j] = if cosine > 4.0 * f64::EPSILON { 1.0 / cosine } else { f64::INFINITY };
        let scale = if condition[j].is_finite() { overlap.conj().inv() } else { Complex::from(1.0 / p.norm()) };
        left.column_mut(j).iter_mut().for_each(|z| *z *= scale);
    }
    Ok(Eigen { values, right, left, condition })
}

/// The eigenvalues of `a` by descending real part, then descending imaginary part. Errors as [`eigen`].
pub fn eigenvalues(a: &DMatrix<f64>) -> Result<Vec<Complex<f64>>> {
    if a.nrows() > super::schur::SMALL {
        return Ok(right_pairs(a)?.0);
    }
    check_square("eigenvalues", a)?;
    // Many equal eigenvalues can keep that iteration from its end; the other algorithm is then asked.
    let Ok(mut values) = super::schur::eigenvalues(a) else { return Ok(right_pairs(a)?.0) };
    values.sort_by(by_growth);
    Ok(values)
}

/// The largest real part of an eigenvalue of `a`: negative if and only if dx/dt = A x decays. Errors as [`eigen`].
pub fn spectral_abscissa(a: &DMatrix<f64>) -> Result<f64> {
    Ok(eigenvalues(a)?.first().map_or(f64::NEG_INFINITY, |l| l.re))
}

type Complexes = DMatrix<Complex<f64>>;
type Balanced = (Vec<Complex<f64>>, Complexes, DMatrix<f64>, DVector<f64>);

/// Sorted, checked eigenvalues and right eigenvectors of the balanced matrix, that matrix, and D.
fn right_pairs(a: &DMatrix<f64>) -> Result<Balanced> {
    check_square("eigenvalues", a)?;
    let (balanced, d) = balance(a);
    let (values, right) = pairs_of(&balanced)?;
    let (worst, at) = residual(&balanced, &values, &right, false);
    refuse(worst, at, &values)?;
    Ok((values, right, balanced, d))
}

/// D⁻¹ A D with rows and columns of like size, and D.
fn balance(a: &DMatrix<f64>) -> (DMatrix<f64>, DVector<f64>) {
    let mut balanced = a.clone();
    let d = if a.nrows() > 1 { balance_parlett_reinsch(&mut balanced) } else { DVector::from_element(a.nrows(), 1.0) };
    (balanced, d)
}

/// Descending real part, then descending imaginary part.
fn by_growth(x: &Complex<f64>, y: &Complex<f64>) -> std::cmp::Ordering {
    y.re.total_cmp(&x.re).then(y.im.total_cmp(&x.im))
}

/// faer's eigenvalues and unit eigenvectors in our order.
fn pairs_of(a: &DMatrix<f64>) -> Result<(Vec<Complex<f64>>, Complexes)> {
    let n = a.nrows();
    if n == 0 {
        return Ok((vec![], DMatrix::zeros(0, 0)));
    }
    let found = view(a).eigen().map_err(|_| Error::NoConvergence {
        method: "eigenvalues by the QR algorithm",
        steps: 30 * n,
        residual: f64::NAN,
        last: a.iter().copied().collect(),
    })?;
    let s = found.S().column_vector();
    // Adding zero turns −0 into 0, so that the order of equal numbers is fixed.
    let all: Vec<Complex<f64>> = (0..n).map(|j| Complex::new(s[j].re + 0.0, s[j].im + 0.0)).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| by_growth(&all[i], &all[j]));
    let values = order.iter().map(|&j| all[j]).collect();
    let mut right = DMatrix::from_fn(n, n, |i, j| found.U()[(i, order[j])]);
    (0..n).for_each(|j| normalise(&mut right, j));
    Ok((values, right))
}

/// Scales a column to norm one with its largest entry real and positive.
fn normalise(vectors: &mut Complexes, j: usize) {
    let mut column = vectors.column_mut(j);
    // Among entries of equal size up to rounding, the first is taken, whatever the rounding was.
    let largest = column.iter().map(|z| z.norm()).fold(0.0, f64::max);
    if let Some(pivot) = column.iter().copied().find(|z| z.norm() >= 0.999_999 * largest && largest > 0.0) {
        let phase = pivot.conj() / pivot.norm() / (column.norm() / largest) / largest;
        column.iter_mut().for_each(|z| *z *= phase);
    }
}

/// The rows of the inverse of the eigenvector matrix, conjugated, as columns.
fn biorthogonal(right: &Complexes) -> Option<Complexes> {
    right.clone().lu().try_inverse().map(|inverse| inverse.adjoint()).filter(|l| l.iter().all(|z| z.norm().is_finite()))
}

/// Left eigenvectors from the transpose, each matched with the nearest eigenvalue that is left.
fn transposed_pairs(a: &DMatrix<f64>, values: &[Complex<f64>]) -> Result<Complexes> {
    let n = values.len();
    let (mut free, vectors) = pairs_of(&a.transpose())?;
    let mut left = DMatrix::zeros(n, n);
    let mut columns: Vec<usize> = (0..n).collect();
    for (j, value) in values.iter().enumerate() {
        let distance = |k: &usize| (free[*k] - value).norm();
        // There are as many free columns as values, so one is left.
        let nearest = (0..free.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0);
        free.remove(nearest);
        left.set_column(j, &vectors.column(columns.remove(nearest)).map(|z| z.conj()));
    }
    Ok(left)
}

/// The worst ‖A v − λ v‖/(n ε ‖A‖ ‖v‖) over the columns v, and where; λ̄ instead of λ if `conjugate`.
fn residual(a: &DMatrix<f64>, values: &[Complex<f64>], vectors: &Complexes, conjugate: bool) -> (f64, usize) {
    let unit = a.nrows() as f64 * f64::EPSILON * a.norm().max(f64::MIN_POSITIVE);
    let (re, im) = (a * vectors.map(|z| z.re), a * vectors.map(|z| z.im));
    let mut worst = (0.0, 0);
    for (j, value) in values.iter().enumerate() {
        let value = if conjugate { value.conj() } else { *value };
        let error: f64 = (0..a.nrows())
            .map(|i| (Complex::new(re[(i, j)], im[(i, j)]) - value * vectors[(i, j)]).norm_sqr())
            .sum::<f64>()
            .sqrt();
        let relative = error / (unit * vectors.column(j).norm());
        // A NaN is the worst of all.
        if relative.is_nan() || relative > worst.0 {
            worst = (if relative.is_nan() { f64::INFINITY } else { relative }, j);
        }
    }
    worst
}

fn refuse(worst: f64, at: usize, values: &[Complex<f64>]) -> Result<()> {
    match worst <= RESIDUAL {
        true => Ok(()),
        false => Err(Error::NoConvergence {
            method: "eigenvalues by the QR algorithm",
            steps: at,
            residual: worst * f64::EPSILON,
            last: vec![values[at].re, values[at].im],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;
    use nalgebra::dmatrix;

    fn random(n: usize, word: u64) -> DMatrix<f64> {
        let mut stream = Stream::new(11, &[word, n as u64]);
        DMatrix::from_fn(n, n, |_, _| stream.normal())
    }

    #[test]
    fn theory_rotation_with_decay() {
        let e = eigen(&dmatrix![-1.0, 3.0; -3.0, -1.0]).unwrap();
        assert!((e.values[0] - Complex::new(-1.0, 3.0)).norm() < 2e-15);
        assert_eq!(e.values[1], e.values[0].conj());
        assert!(e.condition.iter().all(|c| (c - 1.0).abs() < 1e-14));
    }

    #[test]
    fn theory_order_is_by_growth_then_frequency() {
        let e = eigenvalues(&dmatrix![-2.0, 0.0, 0.0; 0.0, 5.0, 0.0; 0.0, 0.0, -1.0]).unwrap();
        assert_eq!(e.iter().map(|l| l.re).collect::<Vec<_>>(), [5.0, -1.0, -2.0]);
        assert_eq!(spectral_abscissa(&dmatrix![-3.0]).unwrap(), -3.0);
        assert!(eigenvalues(&DMatrix::zeros(0, 0)).unwrap().is_empty());
    }

    /// A q = λ q, Aᵀ p = λ̄ p, ⟨p_i, q_j⟩ = δ_ij, and conjugates come in exact pairs.
    #[test]
    fn law_pairs_are_biorthogonal() {
        for (n, word) in [(1, 0), (2, 1), (3, 2), (5, 3), (8, 4), (17, 5), (40, 6)] {
            let a = random(n, word);
            let e = eigen(&a).unwrap();
            let ac = a.map(Complex::from);
            let worst_condition = e.condition.iter().copied().fold(1.0, f64::max);
            let tolerance = 1e-13 * (n as f64) * worst_condition;
            for j in 0..n {
                assert!((&ac * e.right.column(j) - e.right.column(j) * e.values[j]).norm() < tolerance);
                let p = e.left.column(j);
                assert!((ac.transpose() * p - p * e.values[j].conj()).norm() < tolerance * p.norm());
                assert!(e.values.contains(&e.values[j].conj()));
            }
            assert!((e.left.adjoint() * &e.right - DMatrix::identity(n, n)).norm() < tolerance);
            let trace: Complex<f64> = e.values.iter().sum();
            assert!((trace - a.trace()).norm() < tolerance);
        }
    }

    /// Two rates in very different units: a change of units must not move the eigenvalues.
    #[test]
    fn law_units_do_not_matter() {
        let a = random(4, 9);
        let d = [1.0, 1e9, 1e-7, 1e3];
        let scaled = DMatrix::from_fn(4, 4, |i, j| a[(i, j)] * d[i] / d[j]);
        for (x, y) in eigenvalues(&a).unwrap().iter().zip(eigenvalues(&scaled).unwrap()) {
            assert!((x - y).norm() < 1e-12, "{x} {y}");
        }
    }

    #[test]
    fn limit_jordan_block_has_infinite_condition() {
        let e = eigen(&dmatrix![0.0, 1.0; 0.0, 0.0]).unwrap();
        assert!(e.values.iter().all(|l| l.norm() == 0.0));
        assert!(e.condition.iter().all(|&c| c > 1e15), "{:?}", e.condition);
        assert!((e.right[(0, 0)].norm() - 1.0).abs() < 1e-15 && (e.left[(1, 0)].norm() - 1.0).abs() < 1e-15);
    }

    /// Units that are all coupled alike: d + (n − 1) o once, d − o for all others.
    #[test]
    fn theory_many_equal_eigenvalues() {
        for n in 2..40 {
            let values = eigenvalues(&DMatrix::from_fn(n, n, |i, j| if i == j { -0.9 } else { 0.003 })).unwrap();
            assert!((values[0].re + 0.9 - 0.003 * (n as f64 - 1.0)).abs() < 1e-13, "{n}");
            assert!(values[1..].iter().all(|l| (l - Complex::from(-0.903)).norm() < 1e-13), "{n}");
        }
    }

    #[test]
    fn theory_repeated_eigenvalue_with_all_its_vectors() {
        let e = eigen(&DMatrix::identity(3, 3)).unwrap();
        assert!(e.condition.iter().all(|&c| (c - 1.0).abs() < 1e-14));
        let zero = eigen(&DMatrix::zeros(3, 3)).unwrap();
        assert!(zero.values.iter().all(|l| l.norm() == 0.0));
    }

    #[test]
    fn law_what_is_not_a_matrix_is_refused() {
        assert!(matches!(eigen(&DMatrix::zeros(2, 3)), Err(Error::Domain { .. })));
        let message = eigen(&dmatrix![1.0, 0.0; f64::NAN, 1.0]).unwrap_err().to_string();
        assert!(message.contains("(1, 0)"), "{message}");
    }
}
