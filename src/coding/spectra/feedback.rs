//! What does a homeostatic loop do to slow and to fast changes?
//!
//! Integral feedback of gain g through a unit with time constant τ (C21, D33): τ ẏ = −y + input − g θ, τ_h θ̇ = rate − r*.
//! What is left of a disturbance is S(s) = s τ_h(1 + sτ)/[s τ_h(1 + sτ) + g]: 0 for the slowest, 1 for the fastest, more
//! than 1 between, because ∫₀^∞ ln|S| dω = 0 (Bode 1945): what is taken from slow changes is given to faster ones.
//!
//! ```
//! use homeostat::coding::spectra::IntegralLoop;
//! let homeostat = IntegralLoop { tau: 0.01, tau_h: 10.0, gain: 1.0 };
//! let hertz = std::f64::consts::TAU;
//! assert!((homeostat.sensitivity(0.001 * hertz)?.norm() - 0.0627084407).abs() < 1e-10);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::Complex;
use std::f64::consts::TAU;

/// A rate that integral feedback holds at its set point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntegralLoop {
    /// Time constant τ of the rate, in s.
    pub tau: f64,
    /// Time constant τ_h of the feedback, in s.
    pub tau_h: f64,
    /// Gain g of the feedback (k in C21).
    pub gain: f64,
}

impl IntegralLoop {
    fn check(&self) -> Result<()> {
        checks::positive("tau", self.tau)?;
        checks::positive("tau_h", self.tau_h)?;
        checks::positive("the gain", self.gain).map(|_| ())
    }
    /// What is left of a disturbance at angular frequency ω (rad/s).
    pub fn sensitivity(&self, omega: f64) -> Result<Complex<f64>> {
        self.check()?;
        let s = Complex::new(0.0, checks::finite("the frequency", omega)?);
        let open = s * self.tau_h * (s * self.tau + 1.0);
        Ok(open / (open + self.gain))
    }
    /// The rate per unit of input current at ω: H = g s τ_h/(τ τ_h s² + τ_h s + g) (D33).
    pub fn response(&self, omega: f64) -> Result<Complex<f64>> {
        self.check()?;
        let s = Complex::new(0.0, checks::finite("the frequency", omega)?);
        Ok(s * self.gain * self.tau_h / (s * s * self.tau * self.tau_h + s * self.tau_h + self.gain))
    }
    /// ω_n = √(g/ττ_h) in rad/s; |S| = 1 at ω_n/√2.
    pub fn natural_frequency(&self) -> Result<f64> {
        self.check()?;
        Ok((self.gain / (self.tau * self.tau_h)).sqrt())
    }
    /// ζ = ½√(τ_h/gτ); below 1 the loop rings.
    pub fn damping(&self) -> Result<f64> {
        self.check()?;
        Ok(0.5 * (self.tau_h / (self.gain * self.tau)).sqrt())
    }
    /// The corner g/2πτ_h in Hz below which changes are held back.
    pub fn corner(&self) -> Result<f64> {
        self.check()?;
        Ok(self.gain / (TAU * self.tau_h))
    }
    /// The frequency (rad/s) at which |S| is largest, and its value there.
    pub fn peak(&self) -> Result<(f64, f64)> {
        let zeta = self.damping()?;
        let x = 0.5 * (1.0 + (1.0 + 8.0 * zeta * zeta).sqrt());
        let omega = self.natural_frequency()? * x.sqrt();
        Ok((omega, self.sensitivity(omega)?.norm()))
    }
    /// The variance of the rate under white input of two-sided density 1: g²/2τ, whatever τ_h is.
    pub fn variance_white(&self) -> Result<f64> {
        self.check()?;
        Ok(0.5 * self.gain * self.gain / self.tau)
    }
    /// The variance of the rate under input of variance 1 that remembers for τ_u s.
    pub fn variance_coloured(&self, tau_u: f64) -> Result<f64> {
        self.check()?;
        let u = checks::positive("the correlation time", tau_u)?;
        let g = self.gain;
        Ok(g * g * u * self.tau_h / (self.tau * self.tau_h + u * self.tau_h + g * u * u))
    }
    /// The same without the feedback.
    pub fn variance_without(&self, tau_u: f64) -> Result<f64> {
        self.check()?;
        let u = checks::positive("the correlation time", tau_u)?;
        Ok(self.gain * self.gain * u / (u + self.tau))
    }
}

/// Fast Hebbian amplification held by slow integral feedback (C21 B): ṙ = u̇ + ḣ − k θ̇ integrated, τ_f ḣ = −h + a r,
/// τ_h θ̇ = r.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HebbLoop {
    /// Strength a of the amplification; above 1 it runs away alone.
    pub hebb: f64,
    /// Its time constant τ_f, in s.
    pub tau_f: f64,
    /// Gain k of the feedback.
    pub gain: f64,
    /// Its time constant τ_h, in s.
    pub tau_h: f64,
}

impl HebbLoop {
    fn check(&self) -> Result<()> {
        checks::finite("the amplification", self.hebb)?;
        checks::positive("tau_f", self.tau_f)?;
        checks::positive("the gain", self.gain)?;
        checks::positive("tau_h", self.tau_h).map(|_| ())
    }
    /// Is it stable: τ_h(1 − a) + kτ_f > 0?
    pub fn is_stable(&self) -> Result<bool> {
        self.check()?;
        Ok(self.tau_h * (1.0 - self.hebb) + self.gain * self.tau_f > 0.0)
    }
    /// The slowest feedback kτ_f/(a − 1) (s) that still holds the amplification; infinite if a ≤ 1.
    pub fn critical_tau_h(&self) -> Result<f64> {
        self.check()?;
        Ok(if self.hebb > 1.0 { self.gain * self.tau_f / (self.hebb - 1.0) } else { f64::INFINITY })
    }
    /// The rate per unit of disturbance at ω (rad/s): G = 1/[1 − a/(1 + sτ_f) + k/sτ_h]; 0 at ω = 0. Refused where unstable.
    pub fn response(&self, omega: f64) -> Result<Complex<f64>> {
        if !self.is_stable()? {
            let why = format!("tau_h = {} s is not below {} s", self.tau_h, self.critical_tau_h()?);
            return Err(Error::domain("the Hebbian loop", why, "make the feedback faster"));
        }
        let s = Complex::new(0.0, checks::finite("the frequency", omega)?);
        // Multiplied through by s τ_h, so that ω = 0 is no exception.
        let below = s * self.tau_h * (Complex::from(1.0) - self.hebb / (s * self.tau_f + 1.0)) + self.gain;
        Ok(s * self.tau_h / below)
    }
}
