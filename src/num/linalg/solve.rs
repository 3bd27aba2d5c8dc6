//! Which x solves A x = b, and can the answer be trusted? Factorisation with a condition estimate and a refusal.

use super::lu::{Lu, SMALL};
use super::{check_finite, check_square, view};
use crate::error::{Error, Result};
use nalgebra::{DMatrix, DVector};

/// A square matrix ready for solving: P R A C = L U, where R and C scale rows and columns by powers of two.
///
/// The scaling takes out the units: a system in Hz and V is not called singular for its units.
#[derive(Clone, Debug)]
pub struct Factored {
    lu: Lu,
    /// The diagonals of R and of C.
    scale: Vec<f64>,
    original: DMatrix<f64>,
}

impl Factored {
    /// Factors `a`. Errors: not square, not finite, or [`Error::Singular`] if the reciprocal condition number is
    /// below n ε, so that no digit of a solution would be right.
    pub fn new(a: &DMatrix<f64>) -> Result<Self> {
        Self::of(a.clone())
    }
    /// The same of a matrix that nobody needs any more.
    pub fn of(original: DMatrix<f64>) -> Result<Self> {
        check_square("linear system", &original)?;
        let n = original.nrows();
        let singular = || Error::Singular { what: format!("a {n} x {n} linear system") };
        let columns = || original.as_slice().chunks_exact(n.max(1));
        let mut scale: Vec<f64> = Vec::with_capacity(2 * n);
        scale.resize(n, 0.0);
        for column in columns() {
            scale.iter_mut().zip(column).for_each(|(m, v)| *m = larger(*m, v.abs()));
        }
        scale.iter_mut().for_each(|m| *m = power(*m));
        let mut norm = 0.0_f64;
        for column in columns() {
            let sizes = column.iter().zip(&scale).map(|(v, r)| (v * r).abs());
            let (largest, sum) = sizes.fold((0.0_f64, 0.0), |(m, sum), v| (larger(m, v), sum + v));
            scale.push(power(largest));
            norm = larger(norm, sum * power(largest));
        }
        let (by_row, by_column) = scale.split_at(n);
        let lu = Lu::scaled(&original, by_row, by_column).ok_or_else(singular)?;
        // The bound spares most systems the estimate; a factor of two covers its own rounding.
        let least = n as f64 * f64::EPSILON;
        let sound = 2.0 * least * lu.inverse_bound() * norm < 1.0;
        match sound || reciprocal_condition(&lu, n, norm) > least {
            true => Ok(Factored { lu, scale, original }),
            false => Err(singular()),
        }
    }
    /// The reciprocal condition number in the 1-norm of the scaled matrix, estimated (Higham's estimator, seldom
    /// more than three times too large): 1 for a perfect system, below about 1e-16 for a singular one.
    pub fn rcond(&self) -> f64 {
        let n = self.original.nrows();
        let scaled = DMatrix::from_fn(n, n, |i, j| self.original[(i, j)] * self.scale[i] * self.scale[n + j]);
        reciprocal_condition(&self.lu, n, norm(&scaled))
    }
    /// x with A x = b, refined once.
    pub fn solve(&self, b: &DVector<f64>) -> DVector<f64> {
        let mut x = b.clone();
        self.solve_once(x.as_mut_slice());
        // Small systems are solved by the thousand, and need no memory for what is left.
        let (mut few, mut many) = ([0.0; SMALL], Vec::new());
        let rest = match b.len() {
            n @ ..=SMALL => &mut few[..n],
            n => {
                many.resize(n, 0.0);
                &mut many[..]
            }
        };
        for (column, x) in self.original.as_slice().chunks_exact(b.len().max(1)).zip(&x) {
            rest.iter_mut().zip(column).for_each(|(r, a)| *r += a * x);
        }
        rest.iter_mut().zip(b).for_each(|(r, b)| *r = b - *r);
        self.solve_once(rest);
        if rest.iter().all(|c| c.is_finite()) {
            x.iter_mut().zip(rest).for_each(|(x, c)| *x += *c);
        }
        x
    }
    /// x with A x = b in the place of b, not refined: enough for a step of Newton's method, which the next one mends.
    pub fn solve_in_place(&self, b: &mut DVector<f64>) {
        self.solve_once(b.as_mut_slice());
    }
    /// X with A X = B, column by column.
    pub fn solve_matrix(&self, b: &DMatrix<f64>) -> DMatrix<f64> {
        let mut x = DMatrix::zeros(b.nrows(), b.ncols());
        (0..b.ncols()).for_each(|j| x.set_column(j, &self.solve(&b.column(j).into_owned())));
        x
    }
    /// y with Aᵀ y = b.
    pub fn solve_transposed(&self, b: &DVector<f64>) -> DVector<f64> {
        let (rows, columns) = self.scale.split_at(b.len());
        let once = |b: &DVector<f64>| {
            let mut y = DVector::from_iterator(b.len(), b.iter().zip(columns).map(|(v, c)| v * c));
            self.lu.solve_transposed(y.as_mut_slice());
            y.iter_mut().zip(rows).for_each(|(v, r)| *v *= r);
            y
        };
        let y = once(b);
        let correction = once(&(b - self.original.tr_mul(&y)));
        if correction.iter().all(|c| c.is_finite()) { y + correction } else { y }
    }
    /// The sign of det A: −1, 0 or 1, from the factors.
    pub fn sign(&self) -> f64 {
        self.lu.sign()
    }
    fn solve_once(&self, b: &mut [f64]) {
        let (rows, columns) = self.scale.split_at(b.len());
        b.iter_mut().zip(rows).for_each(|(v, r)| *v *= r);
        self.lu.solve(b);
        b.iter_mut().zip(columns).for_each(|(v, c)| *v *= c);
    }
}

/// The larger of two numbers; `a` if `b` is NaN. One instruction, where `f64::max` needs several.
fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// The power of two that brings a positive number into [1, 2), for normal numbers; one for zero.
fn power(largest: f64) -> f64 {
    let exponent = ((largest.to_bits() >> 52) & 0x7ff).clamp(1, 2045);
    if largest > 0.0 { f64::from_bits((2046 - exponent) << 52) } else { 1.0 }
}

/// ‖A‖₁.
fn norm(a: &DMatrix<f64>) -> f64 {
    a.column_iter().map(|c| c.iter().map(|v| v.abs()).sum()).fold(0.0, f64::max)
}

/// 1/(‖S⁻¹‖₁ ‖S‖₁) for a factored n × n matrix S of this norm, ‖S⁻¹‖₁ as estimated by Higham (Accuracy and Stability of
/// Numerical Algorithms, algorithm 15.1).
fn reciprocal_condition(lu: &Lu, n: usize, norm: f64) -> f64 {
    if n == 0 {
        return 1.0;
    }
    let size = |v: &[f64]| v.iter().map(|x| x.abs()).sum::<f64>();
    let mut x = vec![1.0 / n as f64; n];
    let (mut estimate, mut last) = (0.0, n);
    for _ in 0..5 {
        let mut y = x;
        lu.solve(&mut y);
        if y.iter().any(|v| !v.is_finite()) {
            return 0.0;
        }
        estimate = f64::max(estimate, size(&y));
        y.iter_mut().for_each(|v| *v = if *v < 0.0 { -1.0 } else { 1.0 });
        lu.solve_transposed(&mut y);
        let steepest = (0..n).fold(0, |best, i| if y[i].abs() > y[best].abs() { i } else { best });
        if steepest == last {
            break;
        }
        last = steepest;
        x = vec![0.0; n];
        x[steepest] = 1.0;
    }
    // A second starting vector, against cancellation in the first.
    let mut y: Vec<f64> = (0..n)
        .map(|i| (if i % 2 == 0 { 1.0 } else { -1.0 }) * (1.0 + i as f64 / f64::max(n as f64 - 1.0, 1.0)))
        .collect();
    lu.solve(&mut y);
    let estimate = f64::max(estimate, 2.0 * size(&y) / (3.0 * n as f64));
    if estimate.is_finite() { 1.0 / (estimate * norm) } else { 0.0 }
}

/// x with A x = b. Errors: sizes that do not fit, a matrix that is not finite or singular to rounding.
pub fn solve(a: &DMatrix<f64>, b: &DVector<f64>) -> Result<DVector<f64>> {
    if a.nrows() != b.len() {
        let why = format!("{} equations but {} right-hand sides", a.nrows(), b.len());
        return Err(Error::domain("linear system", why, "give one right-hand side per equation"));
    }
    let x = Factored::new(a)?.solve(b);
    match x.iter().position(|v| !v.is_finite()) {
        None => Ok(x),
        Some(i) => Err(Error::domain("linear system", format!("the solution's entry {i} is {}", x[i]), "rescale it")),
    }
}

/// A⁻¹. Errors as [`solve`].
pub fn inverse(a: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    Ok(Factored::new(a)?.solve_matrix(&DMatrix::identity(a.nrows(), a.nrows())))
}

/// det A. Errors: not square or not finite. An overflow is ±∞.
pub fn determinant(a: &DMatrix<f64>) -> Result<f64> {
    check_square("determinant", a)?;
    Ok(a.determinant())
}

/// A direction that a matrix maps (nearly) to zero.
#[derive(Clone, Debug)]
pub struct Null {
    /// v of norm one with ‖A v‖ = `sigma`; its largest entry is positive.
    pub vector: DVector<f64>,
    /// The smallest singular value (zero for a matrix with more columns than rows).
    pub sigma: f64,
    /// The second smallest singular value; the direction is well defined if it is much larger than `sigma`.
    pub next: f64,
    /// The largest singular value.
    pub norm: f64,
}

/// The right singular vector of the smallest singular value of `a`, which spans the null space of a matrix of
/// corank one (for instance the tangent of a curve of fixed points, from its n × (n + 1) Jacobian).
///
/// For the left null vector of a square matrix as well, see [`null_vectors`]; of another, pass the transpose. Errors: not
/// finite; more than one direction is mapped to zero, to rounding ([`Error::Singular`]); no convergence.
pub fn null_vector(a: &DMatrix<f64>) -> Result<Null> {
    Ok(singular_vectors(a, false)?.0)
}

/// The right null vector of a square matrix and the left one, w of norm one with ‖wᵀA‖ = `sigma`, from one decomposition.
/// Errors as [`null_vector`].
pub fn null_vectors(a: &DMatrix<f64>) -> Result<(Null, DVector<f64>)> {
    check_square("null vectors", a)?;
    singular_vectors(a, true)
}

/// The singular vectors of the smallest singular value; the left one if it is asked for.
fn singular_vectors(a: &DMatrix<f64>, left: bool) -> Result<(Null, DVector<f64>)> {
    check_finite("null vector", a)?;
    let (m, n) = a.shape();
    if n == 0 {
        return Err(Error::domain("null vector", "the matrix has no columns", "give at least one"));
    }
    let failed =
        |residual: f64, last: Vec<f64>| Error::NoConvergence { method: "singular values", steps: 0, residual, last };
    let svd = view(a).svd().map_err(|_| failed(f64::NAN, vec![]))?;
    // Singular values in descending order; those that a wide matrix lacks are zero.
    let s = svd.S().column_vector();
    let singular = |k: usize| if k < m.min(n) { s[k] } else { 0.0 };
    let norm = singular(0);
    let (sigma, next) = (singular(n - 1), if n > 1 { singular(n - 2) } else { f64::INFINITY });
    if next <= n as f64 * f64::EPSILON * norm || (n > 1 && norm == 0.0) {
        return Err(Error::Singular { what: format!("a {m} x {n} matrix with more than one null direction") });
    }
    // The last column, its largest entry positive, checked by what it is mapped to.
    let checked = |vectors: faer::MatRef<'_, f64>, image: &dyn Fn(&DVector<f64>) -> DVector<f64>| {
        let mut vector = DVector::from_fn(n, |i, _| vectors[(i, n - 1)]);
        let largest = vector.amax();
        if vector.iter().find(|v| v.abs() >= 0.999_999 * largest).is_some_and(|v| *v < 0.0) {
            vector.neg_mut();
        }
        let residual = image(&vector).norm();
        match (residual - sigma).abs() <= 100.0 * n as f64 * f64::EPSILON * norm {
            true => Ok(vector),
            false => Err(failed(residual, vector.iter().copied().collect())),
        }
    };
    let vector = checked(svd.V(), &|v| a * v)?;
    let other = if left { checked(svd.U(), &|w| a.tr_mul(w))? } else { DVector::zeros(0) };
    Ok((Null { vector, sigma, next, norm }, other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;
    use nalgebra::{dmatrix, dvector};

    fn random(m: usize, n: usize, word: u64) -> DMatrix<f64> {
        let mut stream = Stream::new(12, &[word]);
        DMatrix::from_fn(m, n, |_, _| stream.normal())
    }

    #[test]
    fn theory_scaling_by_powers_of_two() {
        for (x, scaled) in
            [(1.0, 1.0), (3.0, 1.5), (1e-300, 1e-300 * 2f64.powi(997)), (f64::MAX, f64::MAX * power(f64::MAX))]
        {
            assert_eq!(x * power(x), scaled);
            assert!((1.0..4.0).contains(&scaled));
        }
        assert_eq!(power(0.0), 1.0);
        assert!(power(5e-324).is_finite());
    }

    #[test]
    fn theory_small_system() {
        assert_eq!(solve(&dmatrix![2.0, 0.0; 1.0, 4.0], &dvector![2.0, 9.0]).unwrap(), dvector![1.0, 2.0]);
        assert_eq!(determinant(&dmatrix![2.0, 1.0; 1.0, 4.0]).unwrap(), 7.0);
    }

    #[test]
    fn law_solutions_satisfy_their_equations() {
        for (n, word) in [(1, 0), (2, 1), (5, 2), (30, 3), (120, 4)] {
            let a = random(n, n, word);
            let b = DVector::from_fn(n, |i, _| i as f64 - 3.0);
            let lu = Factored::new(&a).unwrap();
            let bound = 1e-14 * n as f64 / lu.rcond().min(1.0).sqrt();
            assert!((&a * lu.solve(&b) - &b).norm() < bound * b.norm());
            let mut x = b.clone();
            lu.solve_in_place(&mut x);
            assert!((&a * x - &b).norm() < 10.0 * bound * b.norm());
            assert!((a.transpose() * lu.solve_transposed(&b) - &b).norm() < bound * b.norm());
            assert!((&a * inverse(&a).unwrap() - DMatrix::identity(n, n)).norm() < bound * n as f64);
        }
    }

    #[test]
    fn law_the_sign_is_that_of_the_determinant() {
        for (n, word) in [(1, 7), (2, 8), (3, 9), (4, 10), (7, 11), (20, 12)] {
            for k in 0..6 {
                let a = random(n, n, word + 100 * k);
                assert_eq!(Factored::new(&a).unwrap().sign(), a.determinant().signum());
            }
        }
    }

    /// The estimate lies between the true reciprocal condition and ten times it, for random matrices.
    #[test]
    fn theory_condition_estimate() {
        for word in 0..40 {
            let a = random(6, 6, word);
            let lu = Factored::new(&a).unwrap();
            let scaled = DMatrix::from_fn(6, 6, |i, j| a[(i, j)] * lu.scale[i] * lu.scale[6 + j]);
            let truth = 1.0 / (norm(&scaled) * norm(&scaled.clone().try_inverse().unwrap()));
            assert!(lu.rcond() >= 0.999 * truth && lu.rcond() < 10.0 * truth, "{} {truth}", lu.rcond());
        }
    }

    /// The bound that spares the estimate is not below the norm of the inverse, and useful: seldom a hundred times it.
    #[test]
    fn law_the_inverse_is_not_larger_than_its_bound() {
        let mut useful = 0;
        for word in 0..60 {
            let n = 1 + word as usize % 6;
            let a = random(n, n, 300 + word);
            let ones = vec![1.0; n];
            let bound = Lu::scaled(&a, &ones, &ones).unwrap().inverse_bound();
            let truth = norm(&a.clone().try_inverse().unwrap());
            assert!(bound >= 0.999_999 * truth, "{n}: {bound} {truth}");
            useful += usize::from(bound <= 100.0 * truth);
        }
        assert!(useful > 50, "{useful}");
    }

    #[test]
    fn law_singular_systems_are_refused_and_ill_scaled_ones_are_not() {
        assert!(matches!(Factored::new(&dmatrix![1.0, 2.0; 2.0, 4.0]), Err(Error::Singular { .. })));
        assert!(matches!(Factored::new(&DMatrix::zeros(3, 3)), Err(Error::Singular { .. })));
        let hilbert = DMatrix::from_fn(16, 16, |i, j| 1.0 / (i + j + 1) as f64);
        assert!(matches!(Factored::new(&hilbert), Err(Error::Singular { .. })));
        let units = dmatrix![1e-12, 2e-12; 3e9, 1e9];
        let x = solve(&units, &dvector![3e-12, 4e9]).unwrap();
        assert!((x - dvector![1.0, 1.0]).norm() < 1e-15);
    }

    #[test]
    fn theory_null_vector_of_a_wide_and_of_a_singular_matrix() {
        let null = null_vector(&dmatrix![1.0, 1.0, 0.0; 0.0, 0.0, 1.0]).unwrap();
        assert!((null.vector - dvector![0.5_f64.sqrt(), -(0.5_f64.sqrt()), 0.0]).norm() < 1e-15);
        let null = null_vector(&dmatrix![1.0, -2.0; -2.0, 4.0]).unwrap();
        assert!((null.vector - dvector![2.0, 1.0] / 5.0_f64.sqrt()).norm() < 1e-15);
        assert!(null.sigma < 1e-15 && (null.next - 5.0).abs() < 1e-14);
        let (null, left) = null_vectors(&dmatrix![0.0, 0.0; 3.0, 4.0]).unwrap();
        assert!((null.vector - dvector![0.8, -0.6]).norm() < 1e-15 && (left - dvector![1.0, 0.0]).norm() < 1e-15);
        assert!(null_vectors(&dmatrix![1.0, 1.0, 0.0; 0.0, 0.0, 1.0]).is_err());
        assert!(matches!(null_vector(&DMatrix::zeros(2, 2)), Err(Error::Singular { .. })));
        assert!(matches!(null_vector(&dmatrix![1.0, 1.0, 1.0]), Err(Error::Singular { .. })));
    }
}
