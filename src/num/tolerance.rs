//! How near is near? A tolerance says where it comes from, so that nobody has to guess what `1e-6` meant.
//!
//! A measured and an expected number are compared by [`Tol::judge`]; what is allowed follows from the arithmetic
//! ([`Tol::Rounding`]), the order of the method ([`Tol::Order`]), the sampling error ([`Tol::Sampling`]) or from what a
//! paper prints ([`Tol::Printed`]). A NaN never holds.
//!
//! ```
//! use homeostat::num::Tol;
//! assert!(Tol::Rounding(4).judge(0.1 + 0.2, 0.3).holds);
//! assert!(!Tol::Exact.judge(0.1 + 0.2, 0.3).holds);
//! assert!(Tol::Printed(3).judge(2.7183, 2.72).holds);
//! ```

use super::Estimate;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use std::fmt;

/// How far a measured number may lie from the expected one, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tol {
    /// The same number, bit for bit up to the sign of zero.
    Exact,
    /// So many units in the last place of the larger of the two numbers: what rounding can do in as many operations.
    Rounding(u32),
    /// The error of a method of order `p` with step (or local tolerance) `h`: hᵖ, relative to the expected number
    /// (absolute where that is zero).
    Order {
        /// Step, spacing or tolerance, relative to the natural scale.
        h: f64,
        /// The order.
        p: u32,
    },
    /// A sampling error: so many standard errors.
    Sampling {
        /// One standard error of the measured number.
        se: f64,
        /// How many independent observations stand behind it; below 2: the standard error is known exactly.
        n: usize,
        /// How many standard errors are allowed.
        sigmas: f64,
    },
    /// The expected number was printed with so many significant digits: half a unit of the last one.
    Printed(u32),
}

/// Is `value` nothing but rounding beside something of this `size`? That is so up to 64 units in its last place.
///
/// ```
/// use homeostat::num::vanishes;
/// assert!(vanishes(0.1 + 0.2 - 0.3, 0.3) && !vanishes(1e-12, 1.0) && !vanishes(1e-30, 1e-30));
/// ```
pub fn vanishes(value: f64, size: f64) -> bool {
    value.abs() <= 64.0 * f64::EPSILON * size.abs()
}

/// What came out of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Was the measured number near enough?
    pub holds: bool,
    /// The largest error that would have been.
    pub allowed: f64,
    /// Measured − expected, without its sign.
    pub error: f64,
}

impl Tol {
    /// The sampling tolerance of an estimate.
    pub fn sampling(of: &Estimate, sigmas: f64) -> Tol {
        Tol::Sampling { se: of.se, n: of.n, sigmas }
    }

    /// Is `measured` near enough to `theory`? Two equal infinities agree, a NaN agrees with nothing.
    pub fn judge(&self, measured: f64, theory: f64) -> Judged {
        let allowed = self.allowed(measured, theory);
        let error = if measured == theory { 0.0 } else { (measured - theory).abs() };
        // Written so that a NaN on either side, or in the tolerance, fails.
        Judged { holds: error <= allowed, allowed, error }
    }

    /// The largest error that holds.
    fn allowed(&self, measured: f64, theory: f64) -> f64 {
        match *self {
            Tol::Exact => 0.0,
            Tol::Rounding(k) => {
                let scale = measured.abs().max(theory.abs()).max(f64::MIN_POSITIVE);
                if scale.is_finite() { f64::from(k) * (scale.next_up() - scale) } else { 0.0 }
            }
            Tol::Order { h, p } => {
                let scale = if theory == 0.0 { 1.0 } else { theory.abs() };
                // An infinite expectation has no relative error; it is met exactly or not at all.
                if scale.is_finite() { h.abs().powi(p as i32) * scale } else { 0.0 }
            }
            Tol::Sampling { se, sigmas, .. } => se * sigmas,
            Tol::Printed(digits) => {
                let place = if theory == 0.0 { 0 } else { theory.abs().log10().floor() as i32 };
                let unit = 10f64.powi(place.saturating_add(1).saturating_sub(digits as i32));
                // The printed decimal is itself rounded to binary, hence a hair more than half a unit.
                if unit.is_finite() { 0.5 * unit * (1.0 + 1e-9) } else { 0.0 }
            }
        }
    }

    /// How often the comparison fails although theory and measurement agree: zero for all but a sampling tolerance
    /// (normal, or Student's t with n − 1 degrees of freedom where the standard error was estimated).
    pub fn false_alarm(&self) -> f64 {
        match *self {
            Tol::Sampling { n, sigmas, .. } if n >= 2 => {
                StudentsT::new(0.0, 1.0, (n - 1) as f64).map_or(f64::NAN, |t| 2.0 * t.sf(sigmas))
            }
            Tol::Sampling { sigmas, .. } => Normal::standard().sf(sigmas) * 2.0,
            _ => 0.0,
        }
    }

    /// The sentence for a comparison that failed: name, got, wanted, allowed, and where the expectation comes from.
    pub fn complaint(&self, name: &str, measured: f64, theory: f64, origin: &str) -> String {
        let Judged { allowed, error, .. } = self.judge(measured, theory);
        format!(
            "{name}: got {measured:?}, wanted {theory:?} (from {origin}); off by {error:.3e}, allowed {allowed:.3e} ({self})"
        )
    }
}

impl fmt::Display for Tol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Tol::Exact => write!(f, "exact"),
            Tol::Rounding(k) => write!(f, "rounding, {k} ulp"),
            Tol::Order { h, p: 1 } => write!(f, "method, h = {h:e}"),
            Tol::Order { h, p } => write!(f, "method, h^{p} at h = {h:e}"),
            Tol::Sampling { sigmas, .. } => {
                write!(f, "sampling, {sigmas} s.e. (false alarm {:.0e})", self.false_alarm())
            }
            Tol::Printed(digits) => write!(f, "printed, {digits} digits"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_exact_means_equal() {
        assert!(Tol::Exact.judge(0.0, -0.0).holds);
        assert!(!Tol::Exact.judge(1.0, 1.0f64.next_up()).holds);
        assert!(Tol::Exact.judge(f64::INFINITY, f64::INFINITY).holds);
    }

    #[test]
    fn law_nan_never_holds() {
        let tols = [
            Tol::Exact,
            Tol::Rounding(1000),
            Tol::Order { h: 0.5, p: 1 },
            Tol::Sampling { se: 1.0, n: 9, sigmas: 5.0 },
            Tol::Printed(1),
        ];
        for tol in tols {
            assert!(!tol.judge(f64::NAN, 1.0).holds, "{tol}");
            assert!(!tol.judge(1.0, f64::NAN).holds, "{tol}");
            assert!(!tol.judge(f64::INFINITY, 1.0).holds, "{tol}");
            assert!(!tol.judge(1.0, f64::INFINITY).holds, "{tol}");
        }
        assert!(!Tol::Sampling { se: f64::NAN, n: 9, sigmas: 3.0 }.judge(1.0, 1.1).holds);
        assert!(!Tol::Order { h: f64::NAN, p: 1 }.judge(1.0, 1.1).holds);
    }

    #[test]
    fn theory_rounding_counts_units_in_the_last_place() {
        let next = 1.0f64.next_up().next_up();
        assert!(Tol::Rounding(2).judge(next, 1.0).holds);
        assert!(!Tol::Rounding(1).judge(next, 1.0).holds);
    }

    #[test]
    fn theory_order_scales_with_the_step() {
        let error = |h: f64| (h.sin() / h - 1.0).abs(); // h²/6
        for h in [0.1, 0.01] {
            assert!(Tol::Order { h, p: 2 }.judge(1.0 + error(h), 1.0).holds);
            assert!(!Tol::Order { h, p: 4 }.judge(1.0 + error(h), 1.0).holds);
        }
        assert_eq!(Tol::Order { h: 0.1, p: 2 }.judge(0.005, 0.0).allowed, 0.1f64.powi(2));
    }

    #[test]
    fn theory_printed_is_half_a_unit_of_the_last_digit() {
        assert!(Tol::Printed(3).judge(0.055, 0.0550).holds);
        assert!(Tol::Printed(2).judge(12.49999, 12.0).holds);
        assert!(!Tol::Printed(2).judge(12.51, 12.0).holds);
        assert!(Tol::Printed(12).judge(1.31231056256177, 1.31231056256).holds);
    }

    #[test]
    fn theory_false_alarms_are_the_tails() {
        // Two-sided tails of the normal (3 σ) and of Student's t (2.776 at 4 degrees of freedom), from printed tables.
        let normal = Tol::Sampling { se: 1.0, n: 0, sigmas: 3.0 }.false_alarm();
        assert!(Tol::Printed(3).judge(normal, 0.00270).holds);
        let student = Tol::Sampling { se: 1.0, n: 5, sigmas: 2.776 }.false_alarm();
        assert!(Tol::Printed(2).judge(student, 0.050).holds);
    }

    #[test]
    fn theory_complaint_names_everything() {
        let text = Tol::Printed(2).complaint("tau_c", 11.0, 10.0, "D7");
        for part in ["tau_c", "got 11.0", "wanted 10.0", "D7", "printed, 2 digits", "1.000e0"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
