//! How is a small dense system solved in place, without allocating? Gaussian elimination with row pivots, on slices.

/// P A = L U in place, rows swapped for the largest pivot; `None` for a singular matrix.
pub fn factor(a: &mut [f64], pivots: &mut [usize]) -> Option<()> {
    let n = pivots.len();
    for c in 0..n {
        let best = (c..n).max_by(|&i, &j| a[i * n + c].abs().total_cmp(&a[j * n + c].abs()))?;
        pivots[c] = best;
        if best != c {
            (0..n).for_each(|i| a.swap(c * n + i, best * n + i));
        }
        let top = a[c * n + c];
        if top == 0.0 || !top.is_finite() {
            return None;
        }
        let (above, below) = a.split_at_mut((c + 1) * n);
        let pivot_row = &above[c * n..];
        for row in below.chunks_exact_mut(n) {
            if row[c] != 0.0 {
                let share = row[c] / top;
                row[c] = share;
                row[c + 1..].iter_mut().zip(&pivot_row[c + 1..]).for_each(|(x, y)| *x -= share * y);
            }
        }
    }
    Some(())
}

/// Solves with the factors for right-hand sides in rows of `width`.
pub fn substitute(lu: &[f64], pivots: &[usize], right: &mut [f64], width: usize) {
    let n = pivots.len();
    if width == 1 {
        pivots.iter().enumerate().for_each(|(c, &p)| right.swap(c, p));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        (1..n).for_each(|r| right[r] -= dot(&lu[r * n..][..r], &right[..r]));
        (0..n).rev().for_each(|r| {
            right[r] = (right[r] - dot(&lu[r * n + r + 1..(r + 1) * n], &right[r + 1..])) / lu[r * n + r];
        });
        return;
    }
    for (c, &p) in pivots.iter().enumerate() {
        if p != c {
            (0..width).for_each(|i| right.swap(c * width + i, p * width + i));
        }
    }
    for r in 1..n {
        let (above, here) = right.split_at_mut(r * width);
        for (c, row) in above.chunks_exact(width).enumerate() {
            let share = lu[r * n + c];
            here[..width].iter_mut().zip(row).for_each(|(x, y)| *x -= share * y);
        }
    }
    for r in (0..n).rev() {
        let (above, below) = right.split_at_mut((r + 1) * width);
        let here = &mut above[r * width..];
        for (c, row) in below.chunks_exact(width).enumerate() {
            let share = lu[r * n + r + 1 + c];
            here.iter_mut().zip(row).for_each(|(x, y)| *x -= share * y);
        }
        here.iter_mut().for_each(|x| *x /= lu[r * n + r]);
    }
}

/// y with Aᵀ y = b, in place.
pub fn substitute_transposed(lu: &[f64], pivots: &[usize], right: &mut [f64]) {
    let n = pivots.len();
    let take = |to: &mut [f64], row: &[f64], share: f64| to.iter_mut().zip(row).for_each(|(x, y)| *x -= share * y);
    for k in 0..n {
        let (above, below) = right.split_at_mut(k + 1);
        above[k] /= lu[k * n + k];
        take(below, &lu[k * n + k + 1..(k + 1) * n], above[k]);
    }
    for k in (1..n).rev() {
        let (above, below) = right.split_at_mut(k);
        take(above, &lu[k * n..][..k], below[0]);
    }
    pivots.iter().enumerate().rev().for_each(|(c, &p)| right.swap(c, p));
}
