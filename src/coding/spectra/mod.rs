//! Which rhythms carry how much, how surely, and what does a homeostatic loop do to them?
//!
//! * From recordings: [`spectra`] (Welch, multitaper) with intervals; coherence, phase and lag with their errors;
//!   [`Spectra::band_power`] and [`Spectra::information_rate`].
//! * From a composed model: [`transfer`] from any parameter to any readout, [`sensitivity`] of a loop with its
//!   [`bode_integral`], [`theory_band_power`] and [`theory_information_rate`] of linear noise.
//! * Closed forms: [`IntegralLoop`], [`HebbLoop`], [`HighPassChannel`], and what K averages can show ([`Averages`]).
//!
//! Spectra are two-sided in Hz: the integral over all frequencies, negative ones too, is the variance. Bands count both
//! signs, so that the powers of all bands add to the variance. S_xy = E[X conj Y]: a positive phase or lag means that x
//! leads y. Coherence is the squared magnitude.
//!
//! ```
//! use homeostat::coding::spectra::{Averaging, spectra};
//! use homeostat::num::Stream;
//! let mut draws = Stream::new(1, &[]);
//! // White noise of variance 1, 1000 samples a second: S = 1/1000 per Hz at every frequency.
//! let x: Vec<f64> = (0..4096).map(|_| draws.normal()).collect();
//! let found = spectra(&[&x], 1000.0, Averaging::Multitaper { nw: 8.0, tapers: 15, adaptive: false })?;
//! let power = found.band_power(0, 100.0, 200.0)?;
//! assert!((power.value - 0.2).abs() < 4.0 * power.se);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod averages;
mod coherence;
mod estimate;
mod feedback;
mod rate;
mod response;
mod tapers;

pub use averages::Averages;
pub use coherence::Lag;
pub use estimate::{Averaging, Spectra, spectra};
pub use feedback::{HebbLoop, IntegralLoop};
pub use rate::{HighPassChannel, theory_band_power, theory_information_rate};
pub use response::{Loop, Transfer, bode_integral, sensitivity, transfer};
pub use tapers::{Tapers, hann, slepian};

/// The usual bands: name, lowest and highest frequency in Hz.
pub const BANDS: [(&str, f64, f64); 5] =
    [("delta", 1.0, 4.0), ("theta", 4.0, 8.0), ("alpha", 8.0, 13.0), ("beta", 13.0, 30.0), ("gamma", 30.0, 100.0)];

#[cfg(test)]
mod tests;
