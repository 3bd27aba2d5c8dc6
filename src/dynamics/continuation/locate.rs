//! Where exactly is the special point? Newton on the fixed-point equation bordered by the defining condition.
//!
//! Fold: g = 0 where [J b; cᵀ 0][v; g] = [0; 1]. Hopf: the same with J − iω, complex. Branch point: F + μ w = 0,
//! wᵀ[J F_λ] = 0, |w| = 1, which is regular where two branches cross (Moore's system). Every answer is checked again
//! from the returned point alone.

use super::extended::Extended;
use crate::num::linalg::{Factored, eigen, null_vector, null_vectors};
use nalgebra::{Complex, DMatrix, DVector};

type C = Complex<f64>;
const STEPS: usize = 30;

/// A located point: coordinates, and ω at a Hopf point.
pub struct Located {
    pub z: DVector<f64>,
    pub omega: Option<f64>,
}

/// Newton's method on a square system; the iteration stops when a step no longer gets smaller at rounding level, or the
/// next one would be below it even if the convergence were linear.
/// Answers `None` without convergence.
fn newton(
    mut u: DVector<f64>,
    mut system: impl FnMut(&DVector<f64>) -> Option<(DVector<f64>, DMatrix<f64>)>,
) -> Option<DVector<f64>> {
    let mut last = f64::INFINITY;
    for _ in 0..STEPS {
        let (value, jacobian) = system(&u)?;
        let step = Factored::of(jacobian).ok()?.solve(&value);
        let size = step.norm() / (1.0 + u.norm());
        if !size.is_finite() {
            return None;
        }
        u -= step;
        // Quadratic convergence ends at rounding: then the steps stop shrinking.
        let next = if last.is_finite() { size * (size / last) } else { size };
        if size < 1e-15 || (size < 1e-9 && (size > 0.25 * last || next < 1e-16)) {
            return Some(u);
        }
        last = size;
    }
    (last < 1e-10).then_some(u)
}

/// The fixed-point equation in the upper rows, `extra` rows below.
fn stack(f: &DVector<f64>, jacobian: &DMatrix<f64>, extra: &[(f64, DVector<f64>)]) -> (DVector<f64>, DMatrix<f64>) {
    let (n, columns) = (f.len(), extra[0].1.len());
    let mut value = DVector::zeros(n + extra.len());
    let mut matrix = DMatrix::zeros(n + extra.len(), columns);
    value.rows_mut(0, n).copy_from(f);
    matrix.view_mut((0, 0), jacobian.shape()).copy_from(jacobian);
    for (row, (g, slope)) in extra.iter().enumerate() {
        value[n + row] = *g;
        matrix.row_mut(n + row).copy_from(&slope.transpose());
    }
    (value, matrix)
}

pub fn unit(n: usize, j: usize) -> DVector<f64> {
    DVector::from_fn(n, |i, _| if i == j { 1.0 } else { 0.0 })
}

/// A vector of the variables as a direction of all coordinates.
pub fn lift(v: &DVector<f64>, coordinates: usize) -> DVector<f64> {
    DVector::from_fn(coordinates, |i, _| if i < v.len() { v[i] } else { 0.0 })
}

/// The fold near `guess`.
pub fn fold(problem: &Extended, guess: &DVector<f64>) -> Option<Located> {
    let (n, m) = (problem.variables(), problem.coordinates());
    let (c, b) = null_vectors(&problem.square(guess)).map(|(v, w)| (v.vector, w)).ok()?;
    let z = newton(guess.clone(), |z| {
        let full = problem.jacobian(z);
        let j = full.columns(0, n).into_owned();
        let mut bordered = DMatrix::zeros(n + 1, n + 1);
        bordered.view_mut((0, 0), (n, n)).copy_from(&j);
        bordered.view_mut((0, n), (n, 1)).copy_from(&b);
        bordered.view_mut((n, 0), (1, n)).copy_from(&c.transpose());
        let factored = Factored::of(bordered).ok()?;
        let last = unit(n + 1, n);
        let (right, left) = (factored.solve(&last), factored.solve_transposed(&last));
        let (g, v, w) = (right[n], lift(&right.rows(0, n).into_owned(), m), left.rows(0, n).into_owned());
        let slope = -problem.bend(z, &v).tr_mul(&w);
        Some(stack(&problem.value(z), &full, &[(g, slope)]))
    })?;
    Some(Located { z, omega: None })
}

/// The Hopf point near `guess` with a pair near ±iω.
pub fn hopf(problem: &Extended, guess: &DVector<f64>, omega: f64) -> Option<Located> {
    let (n, m) = (problem.variables(), problem.coordinates());
    let pairs = eigen(&problem.square(guess)).ok()?;
    let nearest = (0..n).filter(|&k| pairs.values[k].im > 0.0).min_by(|&a, &b| {
        let far = |k: usize| (pairs.values[k] - C::new(0.0, omega)).norm();
        far(a).total_cmp(&far(b))
    })?;
    let (c, b) = (pairs.right.column(nearest).into_owned(), pairs.left.column(nearest).normalize());
    let mut start = DVector::zeros(m + 1);
    start.rows_mut(0, m).copy_from(guess);
    // ω is measured in units of its guess, so that all coordinates of Newton's method are of order one.
    start[m] = 1.0;
    let u = newton(start, |u| {
        let (z, w) = (u.rows(0, m).into_owned(), u[m] * omega);
        let full = problem.jacobian(&z);
        let mut bordered = DMatrix::<C>::zeros(n + 1, n + 1);
        for i in 0..n {
            for j in 0..n {
                bordered[(i, j)] = C::new(full[(i, j)], if i == j { -w } else { 0.0 });
            }
            bordered[(i, n)] = b[i] * omega;
            bordered[(n, i)] = c[i].conj();
        }
        let last = DVector::from_fn(n + 1, |i, _| C::new(if i == n { 1.0 } else { 0.0 }, 0.0));
        let right = bordered.clone().lu().solve(&last)?;
        let left = bordered.adjoint().lu().solve(&last)?;
        let g = right[n];
        let part = |f: fn(&C) -> f64| DVector::from_fn(m, |i, _| if i < n { f(&right[i]) } else { 0.0 });
        let (re, im) = (part(|q| q.re), part(|q| q.im));
        let (mut real, mut imaginary) = (DVector::zeros(m + 1), DVector::zeros(m + 1));
        let (along_re, along_im) = (problem.bend(&z, &re), problem.bend(&z, &im));
        for k in 0..m {
            let (br, bi) = (along_re.column(k), along_im.column(k));
            let slope: C = (0..n).map(|i| -left[i].conj() * C::new(br[i], bi[i])).sum();
            (real[k], imaginary[k]) = (slope.re, slope.im);
        }
        let turn: C = (0..n).map(|i| left[i].conj() * right[i] * C::new(0.0, omega)).sum();
        (real[m], imaginary[m]) = (turn.re, turn.im);
        Some(stack(&problem.value(&z), &full, &[(g.re, real), (g.im, imaginary)]))
    })?;
    let omega = u[m] * omega;
    (omega > 0.0).then(|| Located { z: u.rows(0, m).into_owned(), omega: Some(omega) })
}

/// The point near `guess` where another branch crosses.
pub fn branch_point(problem: &Extended, guess: &DVector<f64>) -> Option<Located> {
    let (n, m) = (problem.variables(), problem.coordinates());
    let w0 = null_vector(&problem.square(guess).transpose()).ok()?.vector;
    let mut start = DVector::zeros(m + 1 + n);
    start.rows_mut(0, m).copy_from(guess);
    start.rows_mut(m + 1, n).copy_from(&w0);
    let u = newton(start, |u| {
        let (z, mu, w) = (u.rows(0, m).into_owned(), u[m], u.rows(m + 1, n).into_owned());
        let full = problem.jacobian(&z);
        let size = m + 1 + n;
        let mut value = DVector::zeros(size);
        let mut matrix = DMatrix::zeros(size, size);
        value.rows_mut(0, n).copy_from(&(problem.value(&z) + &w * mu));
        matrix.view_mut((0, 0), (n, m)).copy_from(&full);
        matrix.view_mut((0, m), (n, 1)).copy_from(&w);
        (0..n).for_each(|i| matrix[(i, m + 1 + i)] = mu);
        value.rows_mut(n, m).copy_from(&full.tr_mul(&w));
        matrix.view_mut((n, m + 1), (m, n)).copy_from(&full.transpose());
        for j in 0..m {
            let curvature = problem.bend(&z, &unit(m, j)).tr_mul(&w);
            matrix.view_mut((n + j, 0), (1, m)).copy_from(&curvature.transpose());
        }
        value[n + m] = 0.5 * (w.norm_squared() - 1.0);
        matrix.view_mut((n + m, m + 1), (1, n)).copy_from(&w.transpose());
        Some((value, matrix))
    })?;
    (u[m].abs() < 1e-8).then(|| Located { z: u.rows(0, m).into_owned(), omega: None })
}
