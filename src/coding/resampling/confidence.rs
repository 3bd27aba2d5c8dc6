//! Between which numbers does the truth lie?

use crate::coding::checks;
use crate::field::{Error, Result};
use crate::num::Estimate;
use crate::num::special::probit;
use statrs::distribution::{Beta, ContinuousCDF};

/// An interval that covers the truth with the stated probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The probability of covering the truth, such as 0.95.
    pub level: f64,
}

impl Confidence {
    /// The normal interval around the corrected value of an estimate; NaN ends if its standard error is not known.
    pub fn normal(of: &Estimate, level: f64) -> Result<Self> {
        let z = probit(0.5 + 0.5 * inside(level)?);
        let centre = of.corrected();
        Ok(Confidence { low: centre - z * of.se, high: centre + z * of.se, level })
    }
    /// Does it contain this number? A NaN lies in no interval.
    pub fn contains(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }
}

/// `level`, if it lies strictly between 0 and 1.
pub(crate) fn inside(level: f64) -> Result<f64> {
    if level > 0.0 && level < 1.0 {
        return Ok(level);
    }
    Err(Error::domain("the level of an interval", format!("is {level}"), "give a number between 0 and 1, such as 0.95"))
}

/// A fraction k/n with its exact interval, which covers with at least the level (Clopper & Pearson 1934).
pub fn proportion(successes: usize, n: usize, level: f64) -> Result<Confidence> {
    let tail = 0.5 * (1.0 - inside(level)?);
    if n == 0 || successes > n {
        return Err(Error::usage(format!("{successes} of {n} is no fraction"), "give 0 ≤ successes ≤ n, n ≥ 1"));
    }
    let quantile = |a: usize, b: usize, p: f64| -> Result<f64> {
        let beta = Beta::new(a as f64, b as f64)
            .map_err(|e| Error::domain("a proportion", e.to_string(), "give positive counts"))?;
        checks::finite("the quantile of a proportion", beta.inverse_cdf(p))
    };
    Ok(Confidence {
        low: if successes == 0 { 0.0 } else { quantile(successes, n - successes + 1, tail)? },
        high: if successes == n { 1.0 } else { quantile(successes + 1, n - successes, 1.0 - tail)? },
        level,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn cross_clopper_pearson() {
        // scipy 1.17.1: beta.ppf(0.025, k, n − k + 1) and beta.ppf(0.975, k + 1, n − k).
        for (k, n, low, high) in [
            (0, 10, 0.0, 0.3084971078187607),
            (7, 10, 0.3475471499400027, 0.9332604888222655),
            (90, 100, 0.8237774022599773, 0.9509953107785141),
        ] {
            let got = proportion(k, n, 0.95).unwrap();
            close(got.low, low, 1e-9);
            close(got.high, high, 1e-9);
        }
        assert!(proportion(3, 2, 0.95).is_err() && proportion(0, 0, 0.95).is_err() && proportion(1, 2, 1.0).is_err());
    }

    #[test]
    fn theory_normal_interval() {
        let of = Estimate::new(5.0, "", 1.0, 9, "by hand").with_bias(1.0);
        let got = Confidence::normal(&of, 0.95).unwrap();
        close(got.low, 4.0 - 1.959_963_984_540_054, 1e-14);
        assert!(got.contains(4.0) && !got.contains(6.1) && !got.contains(f64::NAN));
        assert!(Confidence::normal(&of, f64::NAN).is_err());
    }
}
