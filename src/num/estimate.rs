//! How does a measured number say how far it can be trusted?

use std::fmt;

/// A number from data or from sampling, with its standard error: no bare `f64` leaves an estimator.
///
/// `value` is as estimated, **not** corrected for `bias`; subtract the bias where it is known and wanted
/// ([`corrected`](Estimate::corrected)).
///
/// ```
/// use homeostat::num::Estimate;
/// let rate = Estimate::new(5.014, "Hz", 0.032, 400, "mean, integrated autocorrelation time");
/// assert_eq!(rate.to_string(), "5.014 ± 0.032 Hz");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate, in `unit`.
    pub value: f64,
    /// The unit of `value`, `se` and `bias`; empty for a pure number.
    pub unit: String,
    /// Standard error (one standard deviation of the estimate), NaN if it is not known.
    pub se: f64,
    /// Known or estimated bias (expected value minus truth), 0 if there is none, NaN if it is not known.
    pub bias: f64,
    /// How many independent observations stand behind it (the effective sample size where they are correlated).
    pub n: usize,
    /// How it was obtained, in words.
    pub how: String,
}

impl Estimate {
    /// An estimate without known bias.
    pub fn new(value: f64, unit: &str, se: f64, n: usize, how: impl Into<String>) -> Self {
        Estimate { value, unit: unit.into(), se, bias: 0.0, n, how: how.into() }
    }
    /// The same estimate with its bias stated.
    pub fn with_bias(self, bias: f64) -> Self {
        Estimate { bias, ..self }
    }
    /// The value with the known bias taken off.
    pub fn corrected(&self) -> f64 {
        if self.bias.is_finite() { self.value - self.bias } else { self.value }
    }
    /// How many standard errors the estimate lies above `truth` (NaN without a standard error).
    pub fn z(&self, truth: f64) -> f64 {
        (self.corrected() - truth) / self.se
    }
}

/// How many decimals show two digits of `error`.
fn decimals(error: f64) -> usize {
    // 0.9995 has the leading place of 1.00 after rounding to two digits, hence the small nudge.
    let place = (error * 1.005).log10().floor() as i64;
    (1 - place).clamp(0, 12) as usize
}

impl fmt::Display for Estimate {
    /// Value and standard error to two digits of the error: `5.014 ± 0.032 Hz`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.se.is_finite() && self.se > 0.0;
        let size = self.value.abs().max(self.se);
        if !known {
            write!(f, "{}", short(self.value))?;
        } else if size != 0.0 && !(1e-3..1e6).contains(&size) {
            // One common power of ten keeps value and error comparable by eye.
            let power = size.log10().floor() as i32;
            let scale = 10f64.powi(power);
            let (value, se) = (self.value / scale, self.se / scale);
            let digits = decimals(se);
            write!(f, "({value:.digits$} ± {se:.digits$})e{power}")?;
        } else {
            let digits = decimals(self.se);
            write!(f, "{:.digits$} ± {:.digits$}", self.value, self.se)?;
        }
        if self.unit.is_empty() { Ok(()) } else { write!(f, " {}", self.unit) }
    }
}

/// Six significant digits at most.
fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    if !(1e-3..1e6).contains(&value.abs()) {
        return format!("{value:.5e}");
    }
    let digits = (5 - value.abs().log10().floor() as i64).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_display_shows_two_digits_of_the_error() {
        let show = |value, se, unit| Estimate::new(value, unit, se, 9, "by hand").to_string();
        assert_eq!(show(5.0138, 0.0317, "Hz"), "5.014 ± 0.032 Hz");
        assert_eq!(show(5.0138, 0.0999, "Hz"), "5.01 ± 0.10 Hz");
        assert_eq!(show(-1234.56, 12.0, ""), "-1235 ± 12");
        assert_eq!(show(2.5e-7, 3.0e-9, "V"), "(2.500 ± 0.030)e-7 V");
        assert_eq!(show(4.0, 0.0, "s"), "4 s");
        assert_eq!(show(0.5, f64::NAN, ""), "0.5");
        assert_eq!(show(3.0, 1234.0, "s"), "3 ± 1234 s");
    }

    #[test]
    fn theory_z_is_counted_from_the_corrected_value() {
        let e = Estimate::new(5.3, "Hz", 0.1, 50, "mean").with_bias(0.1);
        assert!((e.z(5.0) - 2.0).abs() < 1e-12);
        assert!((e.corrected() - 5.2).abs() < 1e-12);
    }
}
