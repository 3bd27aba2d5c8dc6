//! How many bits per second pass a linear Gaussian channel, band by band?
//!
//! R = ∫ log₂(1 + SNR) df = −∫ log₂(1 − coherence) df over positive frequencies (Shannon 1949). For a signal with the
//! spectrum a/(1 + f²/f_c²) over white noise, behind a homeostatic high pass f²/(f² + f_h²), every band has a closed form:
//! 1 + SNR = (f² + r₁²)(f² + r₂²)/[(f² + f_h²)(f² + f_c²)] with r₁r₂ = f_h f_c, r₁² + r₂² = f_h² + (1 + a) f_c².
//!
//! ```
//! use homeostat::coding::spectra::HighPassChannel;
//! let held = HighPassChannel { snr: 8.0, corner: 10.0, high_pass: 0.5 };
//! assert!((held.rate()? - 89.15310888).abs() < 1e-8);
//! assert!((held.band(0.0, 1.0)? - 1.962233081).abs() < 1e-9);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::{Integral, integrate};
use crate::dynamics::LinearNoise;
use crate::field::{Error, Result};
use std::f64::consts::{LN_2, PI};

/// A signal with memory in white noise, seen through a high pass that acts before the noise (C22).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HighPassChannel {
    /// Signal over noise a of the slowest frequencies, without the high pass.
    pub snr: f64,
    /// The corner f_c of the signal's spectrum in Hz.
    pub corner: f64,
    /// The corner f_h of the high pass in Hz; 0 without one.
    pub high_pass: f64,
}

impl HighPassChannel {
    fn check(&self) -> Result<()> {
        checks::not_negative("the signal-to-noise ratio", self.snr)?;
        checks::positive("the signal's corner", self.corner)?;
        checks::not_negative("the high pass", self.high_pass).map(|_| ())
    }
    /// The signal-to-noise ratio at f (Hz).
    pub fn snr_at(&self, f: f64) -> Result<f64> {
        self.check()?;
        let f2 = checks::finite("the frequency", f)?.powi(2);
        let h2 = self.high_pass.powi(2);
        let passed = if h2 == 0.0 { 1.0 } else { f2 / (f2 + h2) };
        Ok(passed * self.snr / (1.0 + f2 / self.corner.powi(2)))
    }
    /// Bits per second over all frequencies: (π/ln 2)[√((f_h + f_c)² + a f_c²) − f_h − f_c].
    pub fn rate(&self) -> Result<f64> {
        self.check()?;
        let sum = self.high_pass + self.corner;
        let extra = self.snr * self.corner * self.corner;
        // √(s² + e) − s without cancellation.
        Ok(PI / LN_2 * extra / ((sum * sum + extra).sqrt() + sum))
    }
    /// Bits per second between two frequencies (Hz); `hi` may be infinite. From the primitive
    /// ∫ ln(f² + r²) df = f ln(f² + r²) − 2f + 2r arctan(f/r).
    pub fn band(&self, lo: f64, hi: f64) -> Result<f64> {
        self.check()?;
        checks::not_negative("the band", lo)?;
        if hi.is_nan() || lo > hi {
            return Err(Error::usage(format!("{lo} to {hi} Hz is no band"), "give lo ≤ hi"));
        }
        let (h, c) = (self.high_pass, self.corner);
        let sum = ((h + c).powi(2) + self.snr * c * c).sqrt();
        // (r₁ − r₂)² = (r₁ + r₂)² − 4 r₁r₂.
        let difference = (sum * sum - 4.0 * h * c).max(0.0).sqrt();
        let large = 0.5 * (sum + difference);
        let small = h * c / large;
        let turn = |f: f64, r: f64| if r == 0.0 { 0.0 } else { 2.0 * r * (f / r).atan() };
        // The four primitives with their logarithms joined, which is 0 at both ends of the axis.
        let at = |f: f64| -> Result<f64> {
            let log = if f.is_finite() { f * self.snr_at(f)?.ln_1p() } else { 0.0 };
            Ok(log + turn(f, large) + turn(f, small) - turn(f, h) - turn(f, c))
        };
        Ok((at(hi)? - at(lo)?) / LN_2)
    }
}

/// The power of a variable or readout of linear noise in lo ≤ |f| ≤ hi (Hz; `hi` may be infinite), both signs, with the
/// bound of its quadrature: from 0 to ∞ it is the variance.
pub fn theory_band_power(noise: &LinearNoise, name: &str, lo: f64, hi: f64) -> Result<Integral> {
    check_band(lo, hi)?;
    let variance = noise.covariance(name, name)?;
    let density = |f: f64| noise.spectrum(name, f).unwrap_or(f64::NAN);
    Ok(integrate("the power of a band", density, lo, hi, 1e-10 * variance.max(f64::MIN_POSITIVE))?.scaled(2.0))
}

/// What `a` tells about `b` in lo ≤ f ≤ hi (Hz) of linear noise, in bits per second: −∫ log₂(1 − coherence) df.
/// Refused where one determines the other, which is infinite.
pub fn theory_information_rate(noise: &LinearNoise, a: &str, b: &str, lo: f64, hi: f64) -> Result<Integral> {
    check_band(lo, hi)?;
    // The names are known and both fluctuate.
    for name in [a, b] {
        checks::positive(&format!("the variance of {name}"), noise.covariance(name, name)?)?;
    }
    let middle = if hi.is_finite() { 0.5 * (lo + hi) } else { 1.0 + 2.0 * lo };
    if noise.coherence(a, b, middle)? > 1.0 - 1e-10 {
        let why = format!("{a} and {b} determine each other, which is infinite");
        return Err(Error::domain("the information rate", why, "read quantities with noise of their own"));
    }
    let bits = |f: f64| noise.coherence(a, b, f).map_or(f64::NAN, |c| -(-c).ln_1p() / LN_2);
    integrate("the information rate", bits, lo, hi, 1e-8)
}

fn check_band(lo: f64, hi: f64) -> Result<()> {
    if lo >= 0.0 && lo < hi && lo.is_finite() {
        return Ok(());
    }
    Err(Error::usage(format!("{lo} to {hi} Hz is no band"), "give 0 ≤ lo < hi"))
}
