//! How is a small dense system solved in place, without allocating? Gaussian elimination with row pivots, on slices.

/// P A = L U in place, rows swapped for the largest pivot; `None` for a singular matrix.
#[inline(always)]
pub fn factor(a: &mut [f64], pivots: &mut [usize]) -> Option<()> {
    let n = pivots.len();
    let width = a.len() / n;
    for c in 0..n {
        let (mut best, mut largest) = (c, a[c * width + c].abs());
        for i in c + 1..n {
            let size = a[i * width + c].abs();
            // A NaN is taken as well, and refused below.
            if size > largest || size.is_nan() {
                (best, largest) = (i, size);
            }
        }
        pivots[c] = best;
        let (above, below) = a.split_at_mut((c + 1) * width);
        let pivot_row = &mut above[c * width..];
        if best != c {
            pivot_row.swap_with_slice(&mut below[(best - c - 1) * width..][..width]);
        }
        let top = pivot_row[c];
        if top == 0.0 || !top.is_finite() {
            return None;
        }
        for row in below.chunks_exact_mut(width) {
            if row[c] != 0.0 {
                let share = row[c] / top;
                row[c] = share;
                row[c + 1..].iter_mut().zip(&pivot_row[c + 1..]).for_each(|(x, y)| *x -= share * y);
            }
        }
    }
    Some(())
}

/// a · b, in four sums that do not wait for one another.
#[inline(always)]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((xs, x), (ys, y)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (x, y) in xs.iter().zip(ys) {
        (0..4).for_each(|k| sums[k] += x[k] * y[k]);
    }
    let rest: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// A⁻¹ b in place, with the factors of [`factor`].
#[inline(always)]
pub fn substitute(lu: &[f64], pivots: &[usize], right: &mut [f64]) {
    let n = pivots.len();
    let width = lu.len() / n;
    pivots.iter().enumerate().for_each(|(c, &p)| right.swap(c, p));
    (1..n).for_each(|r| right[r] -= dot(&lu[r * width..][..r], &right[..r]));
    (0..n).rev().for_each(|r| {
        let row = &lu[r * width..][..n];
        right[r] = (right[r] - dot(&row[r + 1..], &right[r + 1..])) / row[r];
    });
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

/// Turns `x` into the unit vector whose mirror (Householder's) carries it to the first axis, and answers its first component
/// there; zero stays as it is.
#[inline(always)]
pub fn mirror(x: &mut [f64]) -> f64 {
    let size = |x: &[f64]| x.iter().map(|v| v * v).sum::<f64>().sqrt();
    let image = -size(x).copysign(x[0]);
    x[0] -= image;
    let length = size(x);
    if length > 0.0 {
        x.iter_mut().for_each(|v| *v /= length);
    }
    image
}

/// Applies a mirror to `x`.
#[inline(always)]
pub fn reflect(mirror: &[f64], x: &mut [f64]) {
    let along: f64 = mirror.iter().zip(&*x).map(|(m, x)| m * x).sum();
    x.iter_mut().zip(mirror).for_each(|(x, m)| *x -= 2.0 * along * m);
}
