//! How are four small dense systems of one size solved at once? Side by side: every number is four, one per system.
//!
//! Elimination of one small matrix spends its time on counters and on rows that fill no vector register. The four share
//! their row exchanges, so they should be alike, as those of neighbouring intervals are.

use std::array::from_fn;

/// One number of each system.
pub type Four = [f64; 4];

#[inline(always)]
fn minus(x: &mut Four, share: &Four, y: &Four) {
    (0..4).for_each(|l| x[l] -= share[l] * y[l]);
}

#[inline(always)]
fn ratio(x: &Four, y: &Four) -> Four {
    from_fn(|l| x[l] / y[l])
}

/// P A = L U in place. The common pivot is the row with the largest product of the four entries, whatever the scales of the
/// systems; `None` if none is regular in all four.
///
/// Rows may be longer than A: what stands beside it, B, becomes A⁻¹ B.
#[inline(always)]
pub fn factor(a: &mut [Four], pivots: &mut [usize]) -> Option<()> {
    let n = pivots.len();
    let width = a.len() / n;
    for c in 0..n {
        let (mut best, mut largest) = (c, 0.0);
        for i in c..n {
            let [p, q, r, s] = a[i * width + c];
            let size = ((p * q) * (r * s)).abs();
            if size > largest {
                (best, largest) = (i, size);
            }
        }
        if largest == 0.0 || !largest.is_finite() {
            return None;
        }
        pivots[c] = best;
        let (above, below) = a.split_at_mut((c + 1) * width);
        let pivot_row = &mut above[c * width..];
        if best != c {
            pivot_row.swap_with_slice(&mut below[(best - c - 1) * width..][..width]);
        }
        let (top, right) = (pivot_row[c], &pivot_row[c + 1..]);
        for row in below.chunks_exact_mut(width) {
            let share = ratio(&row[c], &top);
            row[c] = share;
            row[c + 1..].iter_mut().zip(right).for_each(|(x, y)| minus(x, &share, y));
        }
    }
    for r in (0..n).rev() {
        let (above, below) = a.split_at_mut((r + 1) * width);
        let (left, right) = above[r * width..].split_at_mut(n);
        for (share, row) in left[r + 1..].iter().zip(below.chunks_exact(width)) {
            right.iter_mut().zip(&row[n..]).for_each(|(x, y)| minus(x, share, y));
        }
        right.iter_mut().for_each(|x| *x = ratio(x, &left[r]));
    }
    Some(())
}

/// A⁻¹ b in place, with the factors of [`factor`].
#[inline(always)]
pub fn substitute(lu: &[Four], pivots: &[usize], right: &mut [Four]) {
    let n = pivots.len();
    let width = lu.len() / n;
    pivots.iter().enumerate().for_each(|(c, &p)| right.swap(c, p));
    for r in 1..n {
        let (known, rest) = right.split_at_mut(r);
        lu[r * width..].iter().zip(known).for_each(|(share, x)| minus(&mut rest[0], share, x));
    }
    for r in (0..n).rev() {
        let row = &lu[r * width..][..n];
        let (rest, known) = right.split_at_mut(r + 1);
        row[r + 1..].iter().zip(known).for_each(|(share, x)| minus(&mut rest[r], share, x));
        rest[r] = ratio(&rest[r], &row[r]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, DVector};

    /// Matrices that are alike but for their scale and small changes; one has a zero where its pivot would be.
    #[test]
    fn cross_four_systems_equal_each_of_them_alone() {
        let (n, beside) = (9, 3);
        let entry = |l: usize, i: usize, j: usize| {
            let alike = ((i * 7 + j * 5) as f64).sin() + if i == (j + 4) % n { 3.0 } else { 0.0 };
            let own = 0.1 * ((l * 3 + i * 11 + j) as f64).cos();
            if (l, i, j) == (2, 0, 0) { 0.0 } else { 10f64.powi(40 * l as i32 - 60) * (alike + own) }
        };
        let width = n + beside;
        let mut all: Vec<Four> = (0..n * width).map(|k| from_fn(|l| entry(l, k / width, k % width))).collect();
        let mut pivots = vec![0; n];
        factor(&mut all, &mut pivots).unwrap();
        let mut right: Vec<Four> = (0..n).map(|i| from_fn(|l| (1 + i + l) as f64)).collect();
        substitute(&all, &pivots, &mut right);
        for l in 0..4 {
            let lu = DMatrix::from_fn(n, n, |i, j| entry(l, i, j)).lu();
            let b = DMatrix::from_fn(n, beside, |i, j| entry(l, i, n + j));
            let near = |x: f64, wanted: f64, size: f64| assert!((x - wanted).abs() < 1e-12 * size, "{l}: {x} {wanted}");
            let wanted = lu.solve(&b).unwrap();
            (0..n * beside).for_each(|k| {
                let (i, j) = (k / beside, k % beside);
                near(all[i * width + n + j][l], wanted[(i, j)], wanted.amax());
            });
            let wanted = lu.solve(&DVector::from_fn(n, |i, _| (1 + i + l) as f64)).unwrap();
            (0..n).for_each(|i| near(right[i][l], wanted[i], wanted.amax()));
        }
    }

    #[test]
    fn theory_one_singular_system_of_four_is_refused() {
        let mut all = vec![[1.0, 1.0, 0.0, 1.0], [2.0; 4], [3.0, 3.0, 0.0, 3.0], [4.0; 4]];
        assert!(factor(&mut all, &mut [0, 0]).is_none());
        let mut all = vec![[1.0, f64::NAN, 1.0, 1.0], [0.0; 4], [0.0; 4], [1.0; 4]];
        assert!(factor(&mut all, &mut [0, 0]).is_none());
    }
}
