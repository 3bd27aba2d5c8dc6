//! How many roots of the characteristic polynomial are in the right half plane, for a whole box of small matrices?
//!
//! det(λ − J) = λⁿ + c₁ λⁿ⁻¹ + … + c_n has all its roots there if and only if, for n ≤ 4, all c_k > 0 and
//! n = 3: c₁c₂ > c₃; n = 4: c₁c₂c₃ > c₃² + c₁²c₄ (Routh 1877, Hurwitz 1895).
//! If one of these numbers is negative, some root is in the right half plane; how many are, the signs of all of Hurwitz's
//! determinants say, as long as none of them vanishes.
//!
//! With time constants the Jacobian is diag(s) J with speeds s that may range widely. Each minor of it is one of J times
//! the product of its speeds, so that the sign of a minor does not depend on them.
//!
//! The statement is about every single matrix in the box, not about motion that passes from one to another: where a
//! field has a kink at the fixed point itself, that is less than stability. [`prove`](super::stability::prove) asks more.

use crate::num::{Interval, Scalar};

/// `Some(true)`: every matrix diag(s) J with s and J in their hulls (J row-major n × n, n ≤ 4; no s is all ones) has all eigenvalues in the left half plane;
/// `Some(false)`: every one has an eigenvalue in the right half plane; `None`: neither is shown.
pub(super) fn hurwitz(j: &[Interval], n: usize, speeds: Option<&[Interval]>) -> Option<bool> {
    let all = Polynomial::of(j, n, speeds)?;
    let highest = (n > 2).then(|| all.determinant(n - 1));
    let mut conditions = all.c[..n].iter().chain(&highest);
    if conditions.clone().all(|c| c.lo() > 0.0) {
        Some(true)
    } else if conditions.any(|c| c.hi() < 0.0) {
        Some(false)
    } else {
        None
    }
}

/// How many eigenvalues every matrix in the hull J (row-major n × n, n ≤ 4) has in the right half plane; none of its
/// eigenvalues is on the imaginary axis. `None`: that is not shown.
///
/// The number is that of the changes of sign in 1, Δ₁, Δ₂/Δ₁, …, Δₙ/Δₙ₋₁, where Δ_k is Hurwitz's k-th determinant and none
/// of them is zero (Routh 1877).
pub(super) fn unstable(j: &[Interval], n: usize) -> Option<usize> {
    let all = Polynomial::of(j, n, None)?;
    let sign = |i: Interval| (i.mig() > 0.0).then(|| i.lo() > 0.0);
    // Δₙ is cₙ Δₙ₋₁: the last of the quotients is cₙ.
    let (mut quotient, mut determinant, mut changes) = (true, true, 0);
    for k in 0..n {
        let next = if k + 1 == n { sign(all.c[k])? } else { sign(all.determinant(k + 1))? == determinant };
        changes += usize::from(next != quotient);
        (quotient, determinant) = (next, next == determinant);
    }
    Some(changes)
}

/// The coefficients c₁, c₂, … of a characteristic polynomial.
struct Polynomial {
    c: [Interval; 4],
}

impl Polynomial {
    fn of(j: &[Interval], n: usize, speeds: Option<&[Interval]>) -> Option<Self> {
        if n == 0 || n > 4 || j.iter().any(|i| !i.is_finite()) {
            return None;
        }
        let mut c = [Interval::point(0.0); 4];
        c.iter_mut().zip(1..=n).for_each(|(c, k)| *c = coefficient(j, n, k, speeds));
        Some(Polynomial { c })
    }
    /// Hurwitz's determinant Δ_k, k ≤ 3.
    fn determinant(&self, k: usize) -> Interval {
        let c = &self.c;
        match k {
            1 => c[0],
            2 => c[0] * c[1] - c[2],
            _ => (c[0] * c[1] - c[2]) * c[2] - c[0].square() * c[3],
        }
    }
}

/// c_k = (−1)^k times the sum of all principal k × k minors.
fn coefficient(j: &[Interval], n: usize, k: usize, speeds: Option<&[Interval]>) -> Interval {
    let sets = (0_usize..1 << n).filter(|set| set.count_ones() as usize == k);
    let minors = sets.map(|set| {
        let minor = determinant(j, n, set, set);
        speeds.map_or(minor, |s| members(set).fold(minor, |product, i| product * s[i]))
    });
    let sum = minors.fold(Interval::point(0.0), |a, b| a + b);
    if k % 2 == 1 { -sum } else { sum }
}

/// The determinant of the chosen rows and columns, by expansion along the first row.
fn determinant(j: &[Interval], n: usize, rows: usize, columns: usize) -> Interval {
    let first = rows.trailing_zeros() as usize;
    if columns.is_power_of_two() {
        return j[first * n + columns.trailing_zeros() as usize];
    }
    members(columns).enumerate().fold(Interval::point(0.0), |sum, (at, column)| {
        let term = j[first * n + column] * determinant(j, n, rows & !(1 << first), columns & !(1 << column));
        if at % 2 == 0 { sum + term } else { sum - term }
    })
}

/// The members of a set of up to four, in order.
fn members(set: usize) -> impl Iterator<Item = usize> {
    (0..4).filter(move |i| set >> i & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::linalg;
    use nalgebra::DMatrix;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn law_the_criterion_agrees_with_the_eigenvalues(n in 1usize..5, entries in prop::collection::vec(-2.0f64..2.0, 16)) {
            let j = DMatrix::from_row_slice(n, n, &entries[..n * n]);
            let abscissa = linalg::spectral_abscissa(&j).unwrap();
            let exact: Vec<Interval> = entries[..n * n].iter().map(|&v| Interval::point(v)).collect();
            match hurwitz(&exact, n, None) {
                Some(left) => prop_assert_eq!(left, abscissa < 0.0),
                None => prop_assert!(abscissa.abs() < 1e-9),
            }
        }
        #[test]
        fn law_the_count_is_that_of_the_eigenvalues(n in 1usize..5, entries in prop::collection::vec(-2.0f64..2.0, 16)) {
            let j = DMatrix::from_row_slice(n, n, &entries[..n * n]);
            let right = linalg::eigenvalues(&j).unwrap().iter().filter(|l| l.re > 0.0).count();
            let exact: Vec<Interval> = entries[..n * n].iter().map(|&v| Interval::point(v)).collect();
            prop_assert_eq!(unstable(&exact, n), Some(right));
            // A hull that reaches the axis shows nothing.
            let wide: Vec<Interval> = exact.iter().map(|i| i.hull(Interval::point(0.0))).collect();
            prop_assert_eq!(unstable(&wide, n), None);
        }
        #[test]
        fn law_speeds_set_apart_are_the_rows_multiplied(
            n in 1usize..5,
            entries in prop::collection::vec(-2.0f64..2.0, 16),
            speeds in prop::collection::vec(0.01f64..100.0, 4),
        ) {
            let point = |v: f64| Interval::point(v);
            let shape: Vec<Interval> = entries[..n * n].iter().map(|&v| point(v)).collect();
            let rows: Vec<Interval> = (0..n * n).map(|at| shape[at] * speeds[at / n]).collect();
            let apart: Vec<Interval> = speeds[..n].iter().map(|&v| point(v)).collect();
            prop_assert_eq!(hurwitz(&shape, n, Some(&apart)), hurwitz(&rows, n, None));
        }
    }
}
