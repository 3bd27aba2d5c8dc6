//! How fast should a binary synapse learn when it must also remember?
//!
//! N synapses ±1 obey each memory with probability q: signal q(1−q)ᵗ, SNR = √N q(1−q)ᵗ, lifetime
//! t* = ln(√N q/θ)/(−ln(1−q)), best at q near eθ/√N where t* is about √N/(eθ). A memory stored with plasticity boosted to
//! q(1+m) lives longer by ln(1+m)/(−ln(1−q)); boosting a part of the later ones shortens it.
//! Sources: Amit & Fusi 1994; Fusi & Abbott 2007.
//!
//! ```
//! use homeostat::coding::memory::Switch;
//! let slow = Switch { q: 0.03, synapses: 1e4 };
//! assert!((slow.lifetime(1.0)?.unwrap() - 36.06831495).abs() < 1e-8);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::root;
use crate::field::Result;

/// N binary synapses that obey with probability q.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Switch {
    /// Probability q of obeying a memory.
    pub q: f64,
    /// Number of synapses N.
    pub synapses: f64,
}

impl Switch {
    /// The SNR at age t (variance of a synapse: 1).
    pub fn snr(&self, t: f64) -> Result<f64> {
        Ok(self.synapses.sqrt() * self.signal(t)?)
    }
    /// The SNR at age t with the exact variance 1 − s².
    pub fn snr_exact(&self, t: f64) -> Result<f64> {
        let s = self.signal(t)?;
        Ok(self.synapses.sqrt() * s / (1.0 - s * s).sqrt())
    }
    /// The age at which the SNR falls to `threshold`; `None` if it never is above it.
    pub fn lifetime(&self, threshold: f64) -> Result<Option<f64>> {
        self.check()?;
        let room = (self.synapses.sqrt() * self.q / checks::positive("the threshold", threshold)?).ln();
        Ok(if room < 0.0 { None } else { Some(room / self.decay()) })
    }
    /// The age at which half of the SNR is left.
    pub fn half_life(&self) -> Result<f64> {
        self.check()?;
        Ok(std::f64::consts::LN_2 / self.decay())
    }
    /// How much longer a memory lives that was stored with plasticity q(1 + `boost`).
    pub fn boosted_gain(&self, boost: f64) -> Result<f64> {
        self.check()?;
        checks::within("the boosted probability", self.q * (1.0 + boost), 0.0, 1.0)?;
        Ok(boost.ln_1p() / self.decay())
    }
    /// The SNR at age t of an unboosted memory when a part p of the later ones is boosted to q(1 + `boost`).
    pub fn snr_among_boosted(&self, t: f64, boost: f64, part: f64) -> Result<f64> {
        self.check()?;
        checks::not_negative("the age", t)?;
        checks::within("the boosted part", part, 0.0, 1.0)?;
        let boosted = checks::within("the boosted probability", self.q * (1.0 + boost), 0.0, 1.0)?;
        let log = (1.0 - part) * t * (-self.q).ln_1p() + part * t * (-boosted).ln_1p();
        Ok(self.synapses.sqrt() * self.q * if part * t == 0.0 && boosted == 1.0 { 1.0 } else { log.exp() })
    }
    /// The switch that keeps a memory above `threshold` for longest among all q, for N synapses.
    pub fn best(synapses: f64, threshold: f64) -> Result<Self> {
        let reach = checks::positive("the number of synapses", synapses)?.sqrt()
            / checks::positive("the threshold", threshold)?;
        // dt*/dq = 0: (1 − q)(−ln(1 − q))/q = ln(q√N/θ).
        checks::within("√N over the threshold", reach, 1.0 + 1e-12, f64::MAX)?;
        let slope = |q: f64| (1.0 - q) * -(-q).ln_1p() / q - (reach * q).ln();
        let q = root("the best probability", slope, 1.0 / reach, 1.0 - f64::EPSILON)?;
        Ok(Switch { q, synapses })
    }
    fn signal(&self, t: f64) -> Result<f64> {
        self.check()?;
        checks::not_negative("the age", t)?;
        Ok(if t == 0.0 { self.q } else { self.q * (t * (-self.q).ln_1p()).exp() })
    }
    fn decay(&self) -> f64 {
        -(-self.q).ln_1p()
    }
    fn check(&self) -> Result<()> {
        checks::within("the probability of obeying", self.q, f64::MIN_POSITIVE, 1.0)?;
        checks::positive("the number of synapses", self.synapses)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};
    use crate::coding::memory::{Synapse, trace_accuracy};
    use proptest::prelude::*;

    const SLOW: Switch = Switch { q: 0.03, synapses: 1e4 };

    #[test]
    fn theory_c11_switch() {
        let life = |q| Switch { q, ..SLOW }.lifetime(1.0).unwrap().unwrap();
        printed(life(0.1), 21.85434533);
        printed(life(0.03), 36.06831495);
        printed(SLOW.snr(50.0).unwrap(), 0.654196126);
        printed(SLOW.snr_exact(50.0).unwrap(), 0.6542101254);
        printed(trace_accuracy(SLOW.snr(50.0).unwrap()).unwrap(), 0.6781696125);
        let best = Switch::best(1e4, 1.0).unwrap();
        // The optimum is flat: the ledger's search ends at 0.02681750498, the root is this (mpmath 1.3.0).
        printed(best.q, 0.02681750494);
        digits(best.q, 0.02681750498, 9);
        printed(best.lifetime(1.0).unwrap().unwrap(), 36.28907675);
        printed(100.0 / std::f64::consts::E, 36.78794412);
        printed(SLOW.boosted_gain(4.0).unwrap(), 52.83912634);
        printed(life(0.03) + SLOW.boosted_gain(4.0).unwrap(), 88.90744129);
        printed(SLOW.snr_among_boosted(50.0, 4.0, 0.1).unwrap(), 0.3380211892);
        printed(Switch { q: 0.2, ..SLOW }.half_life().unwrap(), 3.10628372);
        printed(Switch { q: 0.05, ..SLOW }.half_life().unwrap(), 13.51340733);
    }

    #[test]
    fn limit_c11_frontier() {
        let product = |q| {
            let s = Switch { q, ..SLOW };
            s.snr(0.0).unwrap() * s.half_life().unwrap()
        };
        assert!(product(0.2) < product(0.05) && product(0.05) < 69.31471806);
        close(product(1e-9), 69.31471806, 1e-8);
    }

    proptest! {
        #[test]
        fn law_c11_closed_form_equals_the_chain(q in 0.001f64..0.999, t in 0u64..60) {
            let (closed, chain) = (Switch { q, ..SLOW }, Synapse::switch(q).unwrap());
            let want = chain.snr(1e4, &[t]).unwrap()[0];
            prop_assert!((closed.snr(t as f64).unwrap() - want).abs() < 1e-11);
            let want = chain.snr_exact(1e4, &[t]).unwrap()[0];
            prop_assert!((closed.snr_exact(t as f64).unwrap() - want).abs() < 1e-10 * want.max(1.0));
        }
        #[test]
        fn law_c11_no_q_beats_the_best(q in 0.011f64..0.99) {
            let best = Switch::best(1e4, 1.0).unwrap().lifetime(1.0).unwrap().unwrap();
            let other = Switch { q, ..SLOW }.lifetime(1.0).unwrap().unwrap();
            prop_assert!(other <= best + 1e-10);
        }
    }

    #[test]
    fn law_bad_switches_are_refused() {
        assert!(Switch { q: 0.0, ..SLOW }.snr(1.0).is_err());
        assert!(Switch { q: 1.1, ..SLOW }.snr(1.0).is_err());
        assert!(SLOW.snr(f64::NAN).is_err());
        assert_eq!(Switch { q: 0.001, synapses: 100.0 }.lifetime(1.0).unwrap(), None);
        assert!(Switch::best(0.5, 1.0).is_err());
    }
}
