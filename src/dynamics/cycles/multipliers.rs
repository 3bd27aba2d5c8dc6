//! How fast do deviations from the orbit grow or die? The eigenvalues of a product of matrices, small ones too.
//!
//! A deviation along the orbit comes back as it was: that multiplier of one is known, and what is looked for are the others.
//! They belong to deviations modulo the direction f of the flow, G_j f_j = f_{j+1}: in frames N_j normal to f the factors
//! are N_{j+1}ᵀ G_j N_j. So they keep their digits where the multiplier of one itself loses them, next to a fold, where
//! another one meets it, and towards a homoclinic orbit, where the period depends on everything without bound.
//!
//! In the plane there is one other, and Liouville's formula gives it without any product: exp ∫ tr A. It is positive, which a
//! product over intervals that are too long for a fast decay is not.
//!
//! The product itself is never formed: a multiplier of 10⁻¹³ beside one of 1 would be lost in rounding. Orthogonal
//! iteration through the factors, G_j Q_j = Q_{j+1} R_j, splits the product into diagonal blocks, each of which holds
//! multipliers of similar size and is multiplied out alone (periodic Schur form; Bojanczyk, Golub & Van Dooren 1992).
//! Each multiplier is then right relative to itself, up to its own condition.

use super::elimination::Eliminated;
use crate::num::linalg::{eigenvalues, mirror, reflect};
use nalgebra::{Complex, DMatrix, DMatrixView};

/// Sweeps before the blocks are taken as they are: two neighbours whose ratio is nearer to one than 0.92 stay together.
const SWEEPS: usize = 400;
/// What counts as zero below the diagonal blocks.
const SETTLED: f64 = 1e-14;
/// How far apart the multipliers of one block may be, so that the small ones keep their digits.
const SPREAD: f64 = 1e3;

/// The multipliers of an orbit but the one of its own direction.
#[derive(Clone, Debug)]
pub struct Multipliers {
    /// By descending modulus.
    pub others: Vec<Complex<f64>>,
    /// Σ ‖G_j f_j − f_{j+1}‖/max ‖f‖: how far the direction of the flow is carried away from itself.
    pub trivial_error: f64,
    /// |ln |∏ μ| − ∫ tr A| for the product over the intervals.
    pub product_error: f64,
}

/// The multipliers, with f at the mesh points in `along`. `None` if something is not finite.
pub fn multipliers(chain: &Eliminated, along: &[f64]) -> Option<Multipliers> {
    let d = chain.variables();
    let size = |f: &[f64]| f.iter().map(|v| v * v).sum::<f64>().sqrt();
    // Frames normal to f: the mirrors that turn it to the first axis.
    let mut mirrors = along.to_vec();
    mirrors.chunks_exact_mut(d).for_each(|f| {
        mirror(f);
    });
    let fastest = along.chunks_exact(d).map(size).fold(0.0, f64::max);
    let (mut factors, mut trivial_error) = (Vec::with_capacity(chain.intervals()), 0.0);
    let (mut column, mut image) = (vec![0.0; d], vec![0.0; d]);
    for j in 0..chain.intervals() {
        let carry = |x: &[f64], y: &mut [f64]| {
            y.iter_mut()
                .enumerate()
                .for_each(|(i, y)| *y = chain.map_row(j, i).iter().zip(x).map(|(g, x)| g * x).sum());
        };
        let (here, next) = (&along[j * d..][..d], &along[(j + 1) * d..][..d]);
        carry(here, &mut image);
        let apart = image.iter().zip(next).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        trivial_error += apart / fastest;
        let (before, after) = (&mirrors[j * d..][..d], &mirrors[(j + 1) * d..][..d]);
        let mut factor = DMatrix::zeros(d - 1, d - 1);
        for c in 1..d {
            column.fill(0.0);
            column[c] = 1.0;
            reflect(before, &mut column);
            carry(&column, &mut image);
            reflect(after, &mut image);
            factor.column_mut(c - 1).copy_from_slice(&image[1..]);
        }
        factors.push(factor);
    }
    let mut others = product_eigenvalues(&factors)?;
    let product_error = (others.iter().map(|m| m.norm().ln()).sum::<f64>() - chain.trace).abs();
    if let [only] = &mut others[..] {
        *only = Complex::from(chain.trace.exp());
    }
    trivial_error.is_finite().then_some(Multipliers { others, trivial_error, product_error })
}

/// The eigenvalues of G_{N−1} … G_1 G_0, by descending modulus. `None` if something is not finite.
fn product_eigenvalues(factors: &[DMatrix<f64>]) -> Option<Vec<Complex<f64>>> {
    let n = factors[0].nrows();
    let mut q = DMatrix::<f64>::identity(n, n);
    let (mut next, mut moved) = (q.clone(), q.clone());
    let mut triangular = vec![0.0; factors.len() * n * n];
    for sweep in 1..=SWEEPS {
        next.copy_from(&q);
        for (g, r) in factors.iter().zip(triangular.chunks_exact_mut(n * n)) {
            moved.gemm(1.0, g, &next, 0.0);
            orthogonalise(&mut moved, &mut next, r);
        }
        // M Q = Q' R with Q' = Q T: T is block diagonal once the iteration has settled.
        let turn = q.tr_mul(&next);
        if !turn.iter().all(|v| v.is_finite()) {
            return None;
        }
        let last = sweep == SWEEPS;
        let parts: Option<Vec<_>> = blocks(&turn, if last { 1e-9 } else { SETTLED })
            .into_iter()
            .map(|(at, size)| block(&turn, &triangular, at, size, last))
            .collect();
        if let Some(parts) = parts {
            return sorted(parts.concat());
        }
        q.copy_from(&next);
    }
    None
}

/// A = Q R by mirrors (Householder), R in columns; A is used up.
fn orthogonalise(a: &mut DMatrix<f64>, q: &mut DMatrix<f64>, r: &mut [f64]) {
    let n = a.nrows();
    let (a, q) = (a.as_mut_slice(), q.as_mut_slice());
    r.fill(0.0);
    for c in 0..n {
        let (left, right) = a.split_at_mut((c + 1) * n);
        let axis = &mut left[c * n + c..];
        let diagonal = mirror(axis);
        for column in right.chunks_exact_mut(n) {
            reflect(axis, &mut column[c..]);
        }
        r[c * n + c] = diagonal;
        right.chunks_exact(n).enumerate().for_each(|(k, column)| r[(c + 1 + k) * n + c] = column[c]);
    }
    q.fill(0.0);
    (0..n).for_each(|c| q[c * n + c] = 1.0);
    for c in (0..n).rev() {
        let mirror = &a[c * n + c..(c + 1) * n];
        q.chunks_exact_mut(n).for_each(|column| reflect(mirror, &mut column[c..]));
    }
}

/// The finest diagonal blocks (start, size) below which everything is smaller than `zero`.
fn blocks(turn: &DMatrix<f64>, zero: f64) -> Vec<(usize, usize)> {
    let n = turn.nrows();
    let ends = |end: usize| (end..n).all(|i| (0..end).all(|j| turn[(i, j)].abs() <= zero));
    let mut found = Vec::new();
    let mut at = 0;
    for end in (1..=n).filter(|&end| ends(end)) {
        found.push((at, end - at));
        at = end;
    }
    found
}

/// The eigenvalues of one diagonal block of T R_{N−1} … R_0; `None` if they are too far apart to be multiplied out
/// together, unless that is `forced`.
fn block(turn: &DMatrix<f64>, triangular: &[f64], at: usize, size: usize, forced: bool) -> Option<Vec<Complex<f64>>> {
    // The block is scaled while it is multiplied out: its norm may leave the range of numbers.
    let mut scale = 0.0;
    let n = turn.nrows();
    let mut product = DMatrix::<f64>::identity(size, size);
    let mut next = product.clone();
    for r in triangular.chunks_exact(n * n) {
        let r = DMatrixView::from_slice(r, n, n);
        next.gemm(1.0, &r.view((at, at), (size, size)), &product, 0.0);
        std::mem::swap(&mut product, &mut next);
        let norm = product.norm();
        if norm == 0.0 {
            return Some(vec![Complex::new(0.0, 0.0); size]);
        }
        scale += norm.ln();
        product /= norm;
    }
    let product = turn.view((at, at), (size, size)) * product;
    let values = match size {
        1 => vec![Complex::from(product[(0, 0)])],
        _ => eigenvalues(&product).ok()?,
    };
    // The largest entry is about one.
    let smallest = values.iter().map(|v| v.norm()).fold(f64::INFINITY, f64::min);
    (forced || size == 1 || smallest > 1.0 / SPREAD).then(|| values.into_iter().map(|v| v * scale.exp()).collect())
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

    #[test]
    fn theory_multipliers_from_a_billionth_of_a_thousandth_to_a_thousand() {
        // G_j = S_{j+1} D S_j⁻¹ with fixed oblique S_j: the product is similar to D^N.
        let wanted: [f64; 5] = [1e3, 1.0, -0.5, 0.45, 1e-12];
        let n = 40;
        let frame = |j: usize| {
            DMatrix::from_fn(5, 5, |a, b| {
                ((j % n) as f64 * 0.7 + (a * 5 + b) as f64 * 1.3).sin() + 2.0 * f64::from(u8::from(a == b))
            })
        };
        let step = DMatrix::from_fn(5, 5, |a, b| if a == b { wanted[a].abs().powf(1.0 / n as f64) } else { 0.0 });
        let factors: Vec<_> = (0..n)
            .map(|j| {
                let mut d = step.clone();
                d[(2, 2)] *= if j == 0 { -1.0 } else { 1.0 };
                frame(j + 1) * d * frame(j).try_inverse().unwrap()
            })
            .collect();
        let values = product_eigenvalues(&factors).unwrap();
        for (value, wanted) in values.iter().zip(wanted) {
            assert!((value / wanted - 1.0).norm() < 1e-10, "{value} {wanted}");
        }
    }
}
