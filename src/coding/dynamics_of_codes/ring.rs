//! How does a remembered angle wander, and how many items can a network hold?
//!
//! Noise D₀ per component of an order parameter of length R diffuses its phase with D = D₀/R², E cos = e^(−Dt). Heterogeneity
//! dφ = −ε sin(nφ)dt + √(2D)dW makes n resting places and slows diffusion to D/I₀(ε/(nD))²; homeostasis that evens out the
//! weights gives the diffusion back. Items compete by inhibition: with K active each gets w_s − w_I K.
//! Sources: Burak & Fiete 2012; Renart, Song & Wang 2003; Lifson & Jackson 1962.
//!
//! ```
//! use homeostat::coding::dynamics_of_codes::RingAttractor;
//! let ring = RingAttractor { diffusion: 0.01, heterogeneity: 0.02, places: 4 };
//! assert!((ring.effective_diffusion()? - 0.008841757372).abs() < 1e-12);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::special::bessel_i_scaled;
use crate::field::{Error, Result};

/// A phase on a ring with noise and evenly spaced resting places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RingAttractor {
    /// Phase diffusion D in rad²/s.
    pub diffusion: f64,
    /// Strength ε of the heterogeneity in rad/s.
    pub heterogeneity: f64,
    /// Number n of resting places.
    pub places: u32,
}

impl RingAttractor {
    /// A homogeneous ring whose order parameter has the length R and noise D₀ per component: D = D₀/R² (leading order).
    pub fn homogeneous(noise: f64, radius: f64) -> Result<Self> {
        let diffusion = checks::not_negative("the noise", noise)? / checks::positive("the radius", radius)?.powi(2);
        Ok(RingAttractor { diffusion, heterogeneity: 0.0, places: 1 })
    }
    /// The diffusion over many resting places, D/I₀(ε/(nD))², in rad²/s.
    pub fn effective_diffusion(&self) -> Result<f64> {
        let d = checks::positive("the diffusion", self.diffusion)?;
        if self.places == 0 {
            return Err(Error::usage("a ring without resting places", "give 1 or more, or no heterogeneity"));
        }
        let x = checks::not_negative("the heterogeneity", self.heterogeneity)? / (f64::from(self.places) * d);
        // I₀ = e^x × scaled I₀: nothing overflows for deep wells, where the answer is small.
        Ok(d * (-2.0 * x).exp() / bessel_i_scaled(0, x)?.powi(2))
    }
    /// E cos of the angle between the remembered and the held phase after t (s), without heterogeneity: e^(−Dt).
    pub fn similarity(&self, t: f64) -> Result<f64> {
        checks::within("the heterogeneity", self.heterogeneity, 0.0, 0.0)?;
        Ok((-checks::not_negative("the diffusion", self.diffusion)? * checks::not_negative("the time", t)?).exp())
    }
    /// The time (s) after which half of that is left.
    pub fn half_life(&self) -> Result<f64> {
        Ok(std::f64::consts::LN_2 / checks::positive("the diffusion", self.diffusion)?)
    }
}

/// How many items stay active together when each excites itself by `self_weight`, all inhibit all by `inhibition`, and an
/// item is active iff its drive exceeds `threshold`: ⌈(w_s − θ)/w_I⌉ − 1.
pub fn held_items(self_weight: f64, inhibition: f64, threshold: f64) -> Result<u64> {
    checks::finite("the self-excitation", self_weight)?;
    checks::finite("the threshold", threshold)?;
    let room = (self_weight - threshold) / checks::positive("the inhibition", inhibition)?;
    // Rounding must not turn an exact multiple into one more item: w_s − w_I K > θ is tested as it stands.
    let mut k = (room.ceil() - 1.0).max(0.0);
    while k > 0.0 && self_weight - inhibition * k <= threshold {
        k -= 1.0;
    }
    Ok(k as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::printed;

    const RING: RingAttractor = RingAttractor { diffusion: 0.01, heterogeneity: 0.02, places: 4 };

    #[test]
    fn theory_c28_ring() {
        printed(RING.effective_diffusion().unwrap(), 0.008841757372);
        let even = RingAttractor { heterogeneity: 0.02 / 5.0, ..RING };
        printed(even.effective_diffusion().unwrap() / 0.01, 0.9950155852);
        let plain = RingAttractor::homogeneous(0.04, 2.0).unwrap();
        printed(plain.half_life().unwrap(), 69.31471806);
        printed(plain.similarity(10.0).unwrap(), 0.904837418);
        assert!(RING.similarity(1.0).is_err());
    }

    #[test]
    fn theory_c28_items_by_enumeration() {
        let count = |ws: f64, wi: f64, th: f64| {
            // A state of 10 items is a rest iff active ones exceed the threshold and silent ones do not.
            (0u32..1 << 10)
                .filter(|s| {
                    let k = f64::from(s.count_ones());
                    // Each silent item, if switched on, would see itself and k + 1 active ones.
                    k == 0.0 || ws - wi * k > th
                })
                .map(|s| u64::from(s.count_ones()))
                .max()
                .unwrap()
        };
        for (ws, want) in [(2.3, 3), (2.3 * 1.5, 6)] {
            assert_eq!(held_items(ws, 0.4, 1.0).unwrap(), want);
            assert_eq!(count(ws, 0.4, 1.0), want);
        }
        assert_eq!(held_items(0.5, 0.4, 1.0).unwrap(), 0);
        assert_eq!(held_items(1.8, 0.4, 1.0).unwrap(), 1);
    }

    #[test]
    fn limit_c28_deep_wells_do_not_overflow() {
        let deep = RingAttractor { heterogeneity: 1e3, ..RING };
        assert_eq!(deep.effective_diffusion().unwrap(), 0.0);
    }
}
