//! Is a number the one that the theory ledger prints, and an estimate as near to its truth as it says?

use crate::num::Estimate;

/// Panics unless `got` rounds to `want` in ten significant digits.
#[track_caller]
pub(crate) fn printed(got: f64, want: f64) {
    digits(got, want, 10);
}

/// Panics unless `got` rounds to `want` in so many significant digits.
#[track_caller]
pub(crate) fn digits(got: f64, want: f64, digits: i32) {
    let unit =
        if want == 0.0 { 10f64.powi(-digits) } else { 10f64.powi(want.abs().log10().floor() as i32 + 1 - digits) };
    assert!((got - want).abs() <= 0.502 * unit, "got {got:.12e}, the ledger prints {want} ({digits} digits)");
}

/// Panics unless `a` and `b` agree to `tolerance`, relative to the larger of them and 1.
#[track_caller]
pub(crate) fn close(a: f64, b: f64, tolerance: f64) {
    let scale = a.abs().max(b.abs()).max(1.0);
    assert!((a - b).abs() <= tolerance * scale, "{a:.15e} against {b:.15e}, allowed {tolerance:.1e}");
}

/// The mean of `runs` answers lies within 4.5 standard errors of the truth, plus `left` bits that are known to remain.
#[track_caller]
pub(crate) fn unbiased(runs: u64, truth: f64, left: f64, one: impl Fn(u64) -> Estimate) {
    let found: Vec<Estimate> = (0..runs).map(one).collect();
    let n = runs as f64;
    let mean = found.iter().map(Estimate::corrected).sum::<f64>() / n;
    let sd = (found.iter().map(|e| (e.corrected() - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    assert!((mean - truth).abs() < 4.5 * sd / n.sqrt() + left, "{mean} against {truth}, scatter {sd}");
    let se = found.iter().map(|e| e.se).sum::<f64>() / n;
    assert!(se > 0.5 * sd && se < 2.5 * sd, "stated error {se}, scatter {sd}");
}
