//! Can a box be shown to hold no fixed point, or be made smaller without losing one?
//!
//! For a zero x and a centre c of a box X, 0 = f(c) + M (x − c), the columns of M from Jacobians over a part of X only.
//! Each row, as it stands and multiplied with the inverse of the middle of M, is solved for each variable in turn
//! (Gauss–Seidel; Hansen & Sengupta 1981), and what falls outside X is cut away. Where that gains little, what each
//! variable alone can tell is asked slice by slice.

use super::slices::{Gap, slice};
use super::system::{System, finite, inverse, middle, precondition, regular};
use crate::num::Interval;

/// From so many variables on a box is sliced.
pub(super) const SLICED: usize = 4;

/// What is left of a box.
pub(super) enum Rest {
    /// No zero in the box.
    Empty,
    /// Zeros can only be in this smaller box.
    Open(Left),
}

/// A box that may hold zeros.
pub(super) struct Left {
    pub x: Vec<Interval>,
    /// At most one zero in it.
    pub alone: bool,
    /// Is f itself bounded over the box?
    pub defined: bool,
    /// How much each variable moves the equations across the box, for choosing where to cut.
    pub smear: Vec<f64>,
    /// Where one variable has no zero in the middle of the box.
    pub gap: Option<Gap>,
}

/// Narrow a box until nothing is gained.
pub(super) fn contract(sys: &System, mut x: Vec<Interval>) -> Rest {
    let n = sys.n;
    let widths = |x: &[Interval]| -> Vec<f64> { x.iter().map(|i| i.width()).collect() };
    for _ in 0..12 {
        let before = widths(&x);
        let c = middle(&x);
        let Some((f, slopes)) = sys.slopes_from(&c, &x) else { return Rest::Empty };
        let mut left =
            Left { x: x.clone(), alone: false, defined: finite(&f), smear: smear(&slopes, &before, n), gap: None };
        if !left.defined {
            return Rest::Open(left);
        }
        let fc = sys.at_state(&c);
        if !sweep(&slopes, &fc.value(), &c, &mut x, n) {
            return Rest::Empty;
        }
        if finite(&slopes)
            && let Some(y) = inverse(&middle(&slopes), n)
        {
            let a = precondition(&y, &slopes, n);
            let widths: Vec<f64> = before.iter().map(|w| w.max(f64::MIN_POSITIVE)).collect();
            // Two zeros differ by Jacobians over the whole box.
            left.alone = regular(&a, &widths, n) && {
                let jacobian = sys.jacobian(&left.x).1;
                finite(&jacobian) && regular(&precondition(&y, &jacobian, n), &widths, n)
            };
            if !sweep(&a, &fc.times(&y), &c, &mut x, n) {
                return Rest::Empty;
            }
        }
        let after = widths(&x);
        left.x = x.clone();
        // Another round costs as much as looking at one more box.
        let gain: f64 = after.iter().zip(&before).map(|(a, b)| if *b > 0.0 { a / b } else { 1.0 }).product();
        if gain > 0.5 {
            // In few variables halving costs less than the slices.
            if left.alone || n < SLICED {
                return Rest::Open(left);
            }
            match slice(sys, &mut x) {
                None => return Rest::Empty,
                Some(gap) => left.gap = gap,
            }
            let sliced: f64 = widths(&x).iter().zip(&after).map(|(a, b)| if *b > 0.0 { a / b } else { 1.0 }).product();
            left.x = x.clone();
            if sliced > 0.5 || left.gap.is_some() {
                return Rest::Open(left);
            }
        }
    }
    let alone = false;
    let smear = widths(&x);
    Rest::Open(Left { x, alone, defined: true, smear, gap: None })
}

/// One Gauss–Seidel sweep of fc + A (x − c) = 0 over `x`; false if no zero can be in it.
pub(super) fn sweep(a: &[Interval], fc: &[Interval], c: &[f64], x: &mut [Interval], n: usize) -> bool {
    let mut terms = vec![Interval::point(0.0); n];
    for i in 0..n {
        let row = &a[i * n..][..n];
        if !fc[i].is_finite() {
            continue;
        }
        (0..n).for_each(|k| terms[k] = row[k] * (x[k] - c[k]));
        for j in 0..n {
            if row[j].lo() == 0.0 && row[j].hi() == 0.0 {
                continue;
            }
            let rest = (0..n).filter(|&k| k != j).fold(fc[i], |sum, k| sum + terms[k]);
            // A (x − c) = −rest.
            let Some(from) = quotient(-rest, row[j], x[j] - c[j]) else { return false };
            let Some(next) = (from + c[j]).intersect(x[j]) else { return false };
            if next != x[j] {
                x[j] = next;
                terms[j] = row[j] * (next - c[j]);
            }
        }
    }
    true
}

/// The hull of {t in `within` : d t ∈ r for some d in `d`}, `None` if it is empty.
pub(super) fn quotient(r: Interval, d: Interval, within: Interval) -> Option<Interval> {
    if !d.contains(0.0) {
        return (r / d).intersect(within);
    }
    if r.contains(0.0) || !r.is_finite() {
        return Some(within);
    }
    // r is on one side of zero: t is in one of two half lines, or in neither if d = 0.
    let (near, far) = if r.lo() > 0.0 { (r.lo(), d) } else { (-r.hi(), -d) };
    let right = (far.hi() > 0.0).then(|| Interval::new((near / far.hi()).next_down(), f64::INFINITY));
    let left = (far.lo() < 0.0).then(|| Interval::new(f64::NEG_INFINITY, (near / far.lo()).next_up()));
    match (left.and_then(|l| l.intersect(within)), right.and_then(|r| r.intersect(within))) {
        (Some(l), Some(r)) => Some(l.hull(r)),
        (one, other) => one.or(other),
    }
}

/// Σᵢ of the share that variable j has in the change of equation i across the box.
pub(super) fn smear(jacobian: &[Interval], widths: &[f64], n: usize) -> Vec<f64> {
    let mut score = vec![0.0; n];
    for i in 0..n {
        let part = |j: usize| f64::min(jacobian[i * n + j].mag(), 1e100) * widths[j];
        let total: f64 = (0..n).map(part).sum();
        if total > 0.0 {
            (0..n).for_each(|j| score[j] += part(j) / total);
        }
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_division_across_zero_keeps_both_half_lines() {
        let of = |a, b| Interval::new(a, b);
        // t d = 1 with d in [−1, 2]: t ≤ −1 or t ≥ 1/2.
        let t = quotient(of(1.0, 1.0), of(-1.0, 2.0), of(-0.9, 3.0)).unwrap();
        assert!(t.lo() <= 0.5 && t.lo() > 0.499 && t.hi() == 3.0);
        assert!(quotient(of(1.0, 1.0), of(-1.0, 2.0), of(-0.9, 0.4)).is_none());
        let t = quotient(of(-2.0, -1.0), of(-1.0, 2.0), of(-0.4, 3.0)).unwrap();
        assert!(t.contains(1.0) && t.contains(3.0) && t.lo() > 0.99);
        assert_eq!(quotient(of(-1.0, 1.0), of(-1.0, 2.0), of(-4.0, 3.0)).unwrap(), of(-4.0, 3.0));
        assert!(quotient(of(1.0, 1.0), of(0.0, 0.0), of(-4.0, 3.0)).is_none());
    }
}
