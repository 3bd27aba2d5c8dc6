//! Is a code restored when its mean rate is?
//!
//! A depressing synapse turns presynaptic rates ν into the stationary drive d(ν) = Uν/(1 + Uτ_dν); the unit fires at
//! r = r_max/(1 + e^(−(g q d − θ)/s)) and counts are Poisson in a window T. Part q of the drive is left. Restoring the mean
//! rate with the gain (synaptic scaling, g → g/q) restores the code exactly; restoring it with the threshold (intrinsic
//! plasticity) does not. Sources: Tsodyks & Markram 1997; Turrigiano 2008.
//!
//! ```
//! use homeostat::coding::regulation::DepressedUnit;
//! let unit = DepressedUnit::default().with_mean_rate(20.0)?;
//! let broken = DepressedUnit { drive: 0.5, ..unit.clone() };
//! let rethresholded = broken.clone().with_threshold_for(20.0)?;
//! assert!(broken.information()? < rethresholded.information()?);
//! assert!(rethresholded.information()? < unit.information()?);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::information::poisson_information;
use crate::coding::quadrature::root;
use crate::field::Result;
use crate::num::Scalar;

/// A rate unit behind a depressing synapse.
#[derive(Clone, Debug, PartialEq)]
pub struct DepressedUnit {
    /// Presynaptic rates ν in Hz, one per stimulus.
    pub inputs: Vec<f64>,
    /// Probabilities of the stimuli.
    pub probabilities: Vec<f64>,
    /// Release probability U.
    pub release: f64,
    /// Recovery time τ_d in s.
    pub tau_d: f64,
    /// Gain g (drive units of 1/s).
    pub gain: f64,
    /// Part q of the drive that is left.
    pub drive: f64,
    /// Threshold θ.
    pub threshold: f64,
    /// Softness s of the threshold.
    pub softness: f64,
    /// Largest rate r_max in Hz.
    pub max_rate: f64,
    /// Counting window T in s.
    pub window: f64,
}

impl Default for DepressedUnit {
    /// The ledger's unit, with a gain of 1.
    fn default() -> Self {
        DepressedUnit {
            inputs: vec![2.0, 5.0, 10.0, 20.0, 40.0],
            probabilities: vec![0.2; 5],
            release: 0.5,
            tau_d: 0.2,
            gain: 1.0,
            drive: 1.0,
            threshold: 1.0,
            softness: 0.2,
            max_rate: 100.0,
            window: 0.1,
        }
    }
}

impl DepressedUnit {
    /// The rates in Hz, one per stimulus.
    pub fn rates(&self) -> Result<Vec<f64>> {
        checks::within("the release probability", self.release, 0.0, 1.0)?;
        checks::not_negative("the recovery time", self.tau_d)?;
        checks::positive("the softness", self.softness)?;
        checks::not_negative("the largest rate", self.max_rate)?;
        checks::finite("the gain", self.gain)?;
        checks::finite("the drive", self.drive)?;
        checks::finite("the threshold", self.threshold)?;
        let rate = |&nu: &f64| {
            let current =
                self.release * checks::not_negative("a presynaptic rate", nu)? / (1.0 + self.release * self.tau_d * nu);
            Ok(self.max_rate * ((self.gain * self.drive * current - self.threshold) / self.softness).sigmoid())
        };
        self.inputs.iter().map(rate).collect()
    }
    /// The mean rate over the stimuli in Hz.
    pub fn mean_rate(&self) -> Result<f64> {
        checks::distribution("the stimulus distribution", &self.probabilities)?;
        checks::same_length("inputs and probabilities", self.inputs.len(), self.probabilities.len())?;
        Ok(self.rates()?.iter().zip(&self.probabilities).map(|(r, p)| r * p).sum())
    }
    /// I(stimulus; count) in bits.
    pub fn information(&self) -> Result<f64> {
        checks::positive("the window", self.window)?;
        let means: Vec<f64> = self.rates()?.iter().map(|r| r * self.window).collect();
        poisson_information(&means, &self.probabilities)
    }
    /// The same unit with the gain that gives this mean rate (Hz): what synaptic scaling ends at.
    pub fn with_mean_rate(self, rate: f64) -> Result<Self> {
        self.mean_rate()?;
        let at = |gain: f64| DepressedUnit { gain, ..self.clone() }.mean_rate().unwrap_or(f64::NAN) - rate;
        let gain = root("the gain for this mean rate", at, 0.0, 1e6)?;
        Ok(DepressedUnit { gain, ..self })
    }
    /// The same unit with the threshold that gives this mean rate (Hz): what intrinsic plasticity ends at.
    pub fn with_threshold_for(self, rate: f64) -> Result<Self> {
        self.mean_rate()?;
        let at = |threshold: f64| DepressedUnit { threshold, ..self.clone() }.mean_rate().unwrap_or(f64::NAN) - rate;
        let reach = 1e3 * self.softness + (self.gain * self.drive / self.tau_d.max(1e-3)).abs();
        let threshold = root("the threshold for this mean rate", at, -reach, reach)?;
        Ok(DepressedUnit { threshold, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};

    #[test]
    fn theory_c05_broken_homeostasis() {
        let unit = DepressedUnit::default().with_mean_rate(20.0).unwrap();
        printed(unit.gain, 0.2494269414);
        let before = unit.information().unwrap();
        printed(before, 0.6993339398);
        let broken = DepressedUnit { drive: 0.5, ..unit.clone() };
        printed(broken.mean_rate().unwrap(), 3.749855457);
        let frozen = broken.information().unwrap();
        digits(frozen, 0.0979828312, 9);
        let scaled = DepressedUnit { gain: unit.gain / 0.5, ..broken.clone() };
        close(scaled.information().unwrap(), before, 1e-15);
        let intrinsic = broken.with_threshold_for(20.0).unwrap();
        printed(intrinsic.threshold, 0.6139299044);
        close(intrinsic.mean_rate().unwrap(), 20.0, 1e-13);
        let partly = intrinsic.information().unwrap();
        printed(partly, 0.3207299909);
        printed((partly - frozen) / (before - frozen), 0.3704111567);
        assert!(frozen < partly && partly < before);
    }

    #[test]
    fn law_unreachable_rates_are_refused() {
        assert!(DepressedUnit::default().with_mean_rate(101.0).is_err());
        assert!(DepressedUnit { softness: 0.0, ..Default::default() }.information().is_err());
        assert!(DepressedUnit { inputs: vec![f64::NAN; 5], ..Default::default() }.information().is_err());
    }
}
