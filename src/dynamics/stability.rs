//! Does the circuit return to a fixed point after a small push? Eigenvalues, and a proof from a quadratic form.
//!
//! If a symmetric P satisfies Jᵀ P + P J < 0, the Jacobian J has as many eigenvalues with negative real part as P has
//! positive ones, and as many with positive real part as P has negative ones (Ostrowski & Schneider 1962).
//! P is found in floating point; the two definiteness statements are then checked with intervals, for every J in the
//! hull of the Jacobians over the enclosure at once.
//! One P for the whole hull is a Lyapunov (or Chetaev) function also where the field has a kink in the enclosure, so
//! the statement holds there too.

use super::system::middle;
use crate::num::{Interval, linalg};
use nalgebra::{DMatrix, SymmetricEigen};

/// What the eigenvalues say about a fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stability {
    /// All eigenvalues have negative real parts.
    Stable,
    /// Some have negative, some positive real parts.
    Saddle,
    /// All have positive real parts.
    Unstable,
    /// A real part is zero to rounding, so the linearisation does not decide.
    Marginal,
}

impl Stability {
    /// The word for it: `stable`, `saddle`, `unstable`, `marginal`.
    pub fn name(self) -> &'static str {
        match self {
            Stability::Stable => "stable",
            Stability::Saddle => "saddle",
            Stability::Unstable => "unstable",
            Stability::Marginal => "marginal",
        }
    }
    fn from_count(unstable: usize, n: usize) -> Self {
        match unstable {
            0 => Stability::Stable,
            k if k == n => Stability::Unstable,
            _ => Stability::Saddle,
        }
    }
}

/// unit[j]/unit[i] to the next power of two: D⁻¹ J D with such a D has the same eigenvalues and no new rounding.
fn ratio(unit: &[f64], j: usize, i: usize) -> f64 {
    (unit[j].log2().round() - unit[i].log2().round()).clamp(-1000.0, 1000.0).exp2()
}

/// The eigenvalues of a real matrix as (real, imaginary), largest real part first, a conjugate pair with the positive
/// imaginary part first; empty if they could not be computed. `unit` has a usual size of each variable.
pub(super) fn eigenvalues(jacobian: &DMatrix<f64>, unit: &[f64]) -> Vec<(f64, f64)> {
    let n = unit.len();
    let scaled = DMatrix::from_fn(n, n, |i, j| jacobian[(i, j)] * ratio(unit, j, i));
    linalg::eigenvalues(&scaled).map_or(Vec::new(), |v| v.iter().map(|c| (c.re, c.im)).collect())
}

/// What eigenvalues say, without proof: a real part below 1e-9 of the largest modulus counts as zero.
pub(super) fn judge(eigenvalues: &[(f64, f64)]) -> Stability {
    let scale = eigenvalues.iter().fold(0.0_f64, |m, (re, im)| m.max(re.hypot(*im)));
    if eigenvalues.is_empty() || eigenvalues.iter().any(|(re, _)| re.abs() <= 1e-9 * scale) {
        return Stability::Marginal;
    }
    Stability::from_count(eigenvalues.iter().filter(|(re, _)| *re > 0.0).count(), eigenvalues.len())
}

/// Prove how many eigenvalues have positive real parts, for every matrix in `jacobian` (row-major n × n), and that
/// none is on the imaginary axis. `unit` has a usual size of each variable, so that units do not matter.
pub(super) fn prove(jacobian: &[Interval], unit: &[f64]) -> Option<Stability> {
    unstable(jacobian, unit).map(|count| Stability::from_count(count, unit.len()))
}

/// The number of eigenvalues with positive real parts itself, proven as in [`prove`].
pub(super) fn unstable(jacobian: &[Interval], unit: &[f64]) -> Option<usize> {
    let n = unit.len();
    if jacobian.iter().any(|i| !i.is_finite()) {
        return None;
    }
    let jacobian: &[Interval] = &(0..n * n).map(|at| jacobian[at] * ratio(unit, at % n, at / n)).collect::<Vec<_>>();
    let centre = DMatrix::from_row_slice(n, n, &middle(jacobian));
    forms(&centre).find_map(|p| {
        falls(&p, jacobian, n).then_some(())?;
        let exact: Vec<Interval> = p.iter().map(|&v| Interval::point(v)).collect();
        let v = diagonaliser(&p, n)?;
        let (_, negative) = signs(&congruent(&exact, &v, n), n)?;
        Some(negative)
    })
}

/// Is Jᵀ P + P J negative definite for every J in the hull?
///
/// With V that makes it nearly −1 at the middle, Vᵀ (Jᵀ P + P J) V = G + Gᵀ with G = (P V)ᵀ (J V), where each entry of
/// J appears once.
fn falls(p: &[f64], j: &[Interval], n: usize) -> bool {
    let c = middle(j);
    let at_middle: Vec<f64> = (0..n * n)
        .map(|at| (0..n).map(|k| c[k * n + at / n] * p[k * n + at % n] + p[at / n * n + k] * c[k * n + at % n]).sum())
        .collect();
    let Some(v) = diagonaliser(&at_middle, n) else { return false };
    let times = |m: &dyn Fn(usize) -> Interval| -> Vec<Interval> {
        (0..n * n)
            .map(|at| (0..n).fold(Interval::point(0.0), |s, k| s + m(at / n * n + k) * v[k * n + at % n]))
            .collect()
    };
    let pv = times(&|at| Interval::point(p[at]));
    let jv = times(&|at| j[at]);
    let g: Vec<Interval> = (0..n * n)
        .map(|at| (0..n).fold(Interval::point(0.0), |s, k| s + pv[k * n + at / n] * jv[k * n + at % n]))
        .collect();
    let sum: Vec<Interval> = (0..n * n).map(|at| g[at] + g[at % n * n + at / n]).collect();
    signs(&sum, n) == Some((0, n))
}

/// V (row-major) such that Vᵀ M V is nearly diagonal with entries ±1, for a symmetric M.
fn diagonaliser(m: &[f64], n: usize) -> Option<Vec<f64>> {
    // Rows and columns in different units are brought to one size first.
    let size: Vec<f64> = (0..n)
        .map(|i| {
            let d = m[i * n + i].abs();
            if d > 0.0 && d.is_finite() { 1.0 / d.sqrt() } else { 1.0 }
        })
        .collect();
    let scaled = DMatrix::from_fn(n, n, |i, j| 0.5 * (m[i * n + j] + m[j * n + i]) * size[i] * size[j]);
    if scaled.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let eigen = SymmetricEigen::new(scaled);
    let entry = |i: usize, k: usize| size[i] * eigen.eigenvectors[(i, k)] / eigen.eigenvalues[k].abs().sqrt();
    let v: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
    v.iter().all(|v| v.is_finite()).then_some(v)
}

/// Vᵀ M V.
fn congruent(m: &[Interval], v: &[f64], n: usize) -> Vec<Interval> {
    let mv: Vec<Interval> = (0..n * n)
        .map(|at| (0..n).fold(Interval::point(0.0), |s, k| s + m[at / n * n + k] * v[k * n + at % n]))
        .collect();
    (0..n * n).map(|at| (0..n).fold(Interval::point(0.0), |s, k| s + mv[k * n + at % n] * v[k * n + at / n])).collect()
}

/// (positive, negative) eigenvalues of every symmetric matrix in the hull `m`, if it is strictly diagonally dominant;
/// by Sylvester's law of inertia also of the matrix that it is congruent to.
fn signs(m: &[Interval], n: usize) -> Option<(usize, usize)> {
    let (mut positive, mut negative) = (0, 0);
    for i in 0..n {
        let radius = (0..n).filter(|&j| j != i).fold(0.0_f64, |s, j| (s + m[i * n + j].mag()).next_up());
        let d = m[i * n + i];
        if d.lo() > radius {
            positive += 1;
        } else if d.hi() < -radius {
            negative += 1;
        } else {
            return None;
        }
    }
    Some((positive, negative))
}

/// Candidates for P (row-major, exactly symmetric): from the left eigenvectors, and from a Lyapunov equation for
/// matrices with too few of them.
fn forms(j: &DMatrix<f64>) -> impl Iterator<Item = Vec<f64>> {
    let n = j.nrows();
    let symmetric = move |p: DMatrix<f64>| -> Option<Vec<f64>> {
        let entry = |r: usize, c: usize| 0.5 * (p[(r, c)] + p[(c, r)]);
        let p: Vec<f64> = (0..n * n).map(|at| entry(usize::max(at / n, at % n), usize::min(at / n, at % n))).collect();
        p.iter().all(|v| v.is_finite()).then_some(p)
    };
    [modal, equation].into_iter().filter_map(move |make| make(j).and_then(symmetric))
}

/// P = −Σ sign(Re λ) p pᴴ over the left eigenvectors p: then Jᵀ P + P J = −2 Σ |Re λ| p pᴴ.
fn modal(j: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let n = j.nrows();
    let eigen = linalg::eigen(j).ok()?;
    let left = |i: usize, k: usize| eigen.left[(i, k)];
    Some(DMatrix::from_fn(n, n, |a, b| {
        (0..n).map(|k| -eigen.values[k].re.signum() * (left(a, k) * left(b, k).conj()).re).sum()
    }))
}

/// P from Jᵀ P + P J = −1 in balanced variables x = d z.
fn equation(j: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let n = j.nrows();
    let d = balance(j);
    let balanced = DMatrix::from_fn(n, n, |a, b| j[(a, b)] * d[b] / d[a]);
    let p = linalg::lyapunov(&balanced.transpose(), &DMatrix::identity(n, n)).ok()?;
    Some(DMatrix::from_fn(n, n, |a, b| p[(a, b)] / (d[a] * d[b])))
}

/// Powers of two d that bring the rows and columns of d⁻¹ J d to equal size (Osborne 1960).
fn balance(j: &DMatrix<f64>) -> Vec<f64> {
    let n = j.nrows();
    let mut d = vec![1.0; n];
    for _ in 0..8 {
        for i in 0..n {
            let off = |f: &dyn Fn(usize) -> f64| (0..n).filter(|&k| k != i).map(f).sum::<f64>();
            let row = off(&|k| (j[(i, k)] * d[k] / d[i]).abs());
            let column = off(&|k| (j[(k, i)] * d[i] / d[k]).abs());
            if row > 0.0 && column > 0.0 {
                d[i] *= (0.5 * (row / column).log2()).round().clamp(-100.0, 100.0).exp2();
            }
        }
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hull(rows: &[f64], r: f64) -> Vec<Interval> {
        rows.iter().map(|v| Interval::new(v - r, v + r)).collect()
    }

    #[test]
    fn theory_small_matrices() {
        assert_eq!(prove(&hull(&[-1.0, 5.0, 0.0, -2.0], 0.01), &[1.0; 2]), Some(Stability::Stable));
        assert_eq!(prove(&hull(&[-1.0, 5.0, 0.0, 2.0], 0.01), &[1.0; 2]), Some(Stability::Saddle));
        assert_eq!(prove(&hull(&[0.1, -1.0, 1.0, 0.1], 0.01), &[1.0; 2]), Some(Stability::Unstable));
        // A defective matrix has one eigenvector only.
        assert_eq!(prove(&hull(&[-1.0, 1.0, 0.0, -1.0], 1e-6), &[1.0; 2]), Some(Stability::Stable));
        // On the imaginary axis, or not excluded from it.
        assert_eq!(prove(&hull(&[0.0, -1.0, 1.0, 0.0], 0.0), &[1.0; 2]), None);
        assert_eq!(prove(&hull(&[-0.1, -1.0, 1.0, -0.1], 0.2), &[1.0; 2]), None);
        assert_eq!(prove(&hull(&[0.0], 0.0), &[1.0; 1]), None);
    }

    #[test]
    fn theory_time_scales_nine_decades_apart() {
        // tau_fast x' = −x + y, tau_slow y' = −x: trace < 0, det > 0.
        let (fast, slow) = (1e-3, 1e6);
        let j = [-1.0 / fast, 1.0 / fast, -1.0 / slow, 0.0];
        let exact: Vec<Interval> = j.iter().map(|&v| Interval::point(v)).collect();
        assert_eq!(prove(&exact, &[1.0; 2]), Some(Stability::Stable));
    }

    proptest! {
        #[test]
        fn law_a_proof_agrees_with_the_eigenvalues(n in 1usize..6, entries in prop::collection::vec(-2.0f64..2.0, 36)) {
            let j = DMatrix::from_row_slice(n, n, &entries[..n * n]);
            let values = eigenvalues(&j, &vec![1.0; n]);
            let gap = values.iter().fold(f64::INFINITY, |m, (re, _)| m.min(re.abs()));
            let exact: Vec<Interval> = entries[..n * n].iter().map(|&v| Interval::point(v)).collect();
            match prove(&exact, &vec![1.0; n]) {
                Some(proven) => prop_assert_eq!(proven, judge(&values)),
                None => prop_assert!(gap < 1e-3, "{:?} was not decided", values),
            }
        }
    }
}
