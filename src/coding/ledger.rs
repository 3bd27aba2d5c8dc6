//! Is a number the one that the theory ledger prints?

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
