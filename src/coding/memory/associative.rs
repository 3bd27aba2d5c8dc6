//! How many patterns can a network hold, and does it forget the old ones or all of them at once?
//!
//! Hetero-association W = (1/N) Σ y xᵀ of ±1 patterns fails on a bit when the crosstalk, a sum of N(P−1) signs, falls below
//! −N. Scaling W ← ρW + (1/N) y xᵀ makes a palimpsest, SNR²(k) = ρ^(2k) N/[1/(1−ρ²) − ρ^(2k)], which forgets the oldest
//! instead of everything at P = 1 + N/θ². The recurrent network at zero temperature holds up to α_c = 0.138 N patterns.
//! Sources: Amit, Gutfreund & Sompolinsky 1985, 1987; Parisi 1986; Mézard, Nadal & Toulouse 1986.
//!
//! ```
//! use homeostat::coding::memory::{Palimpsest, blackout, hopfield_capacity};
//! let best = Palimpsest::best(1000.0, 2.0)?;
//! assert!(best.lifetime(2.0)?.unwrap() < blackout(1000.0, 2.0)?);
//! assert!((hopfield_capacity()?.0 - 0.1379055665).abs() < 1e-10);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::information::phi;
use crate::coding::quadrature::root;
use crate::coding::special::binomial_probability;
use crate::field::{Error, Result};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The probability that one recalled bit is wrong among `patterns` associations over `n` inputs, exactly.
pub fn association_error(n: usize, patterns: usize) -> Result<f64> {
    if n == 0 || patterns == 0 {
        return Err(Error::usage("no inputs or no patterns", "give at least one of each"));
    }
    // Crosstalk of M signs is 2K − M, K ~ Binomial(M, ½): an error for 2K − M < −N, half of one at equality.
    let signs = n * (patterns - 1);
    if signs < n {
        return Ok(0.0);
    }
    let half = (signs - n) / 2;
    let tie = (signs - n).is_multiple_of(2);
    // From the largest term down; far terms add nothing.
    let mut sum =
        if tie { 0.5 * binomial_probability(half, signs, 0.5) } else { binomial_probability(half, signs, 0.5) };
    for k in (0..half).rev() {
        let term = binomial_probability(k, signs, 0.5);
        sum += term;
        if term < 1e-18 * sum {
            break;
        }
    }
    Ok(sum)
}

/// The number of patterns 1 + N/θ² at which a network without scaling loses all of them together (SNR below θ).
pub fn blackout(n: f64, threshold: f64) -> Result<f64> {
    Ok(1.0 + checks::positive("N", n)? / checks::positive("the threshold", threshold)?.powi(2))
}

/// An associative memory whose weights are scaled by ρ before each new pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palimpsest {
    /// Number of inputs N.
    pub n: f64,
    /// 1 − ρ², the part of the weights' variance forgotten with each pattern, in (0, 1).
    pub forgetting: f64,
}

impl Palimpsest {
    /// The SNR of the pattern stored `k` patterns ago.
    pub fn snr(&self, k: f64) -> Result<f64> {
        let log = self.log_rho2()?;
        let left = (checks::not_negative("the age", k)? * log).exp();
        Ok((left * self.n / (1.0 / self.forgetting - left)).sqrt())
    }
    /// The probability Φ(−SNR) of a wrong bit.
    pub fn error(&self, k: f64) -> Result<f64> {
        Ok(phi(-self.snr(k)?))
    }
    /// The age at which the SNR falls to `threshold`; `None` if even the newest pattern is below it.
    pub fn lifetime(&self, threshold: f64) -> Result<Option<f64>> {
        let log = self.log_rho2()?;
        let t2 = checks::positive("the threshold", threshold)?.powi(2);
        let room = (self.forgetting * (self.n + t2) / t2).ln();
        Ok(if room < 0.0 { None } else { Some(room / -log) })
    }
    /// The scaling that keeps patterns above `threshold` for longest.
    pub fn best(n: f64, threshold: f64) -> Result<Self> {
        let t2 = checks::positive("the threshold", threshold)?.powi(2);
        let reach = (checks::positive("N", n)? + t2) / t2;
        // d/dF of ln(F·reach)/(−ln(1 − F)) = 0, as for the switch.
        let slope = |f: f64| (1.0 - f) * -(-f).ln_1p() / f - (reach * f).ln();
        let forgetting = root("the best scaling", slope, 1.0 / reach, 1.0 - f64::EPSILON)?;
        Ok(Palimpsest { n, forgetting })
    }
    fn log_rho2(&self) -> Result<f64> {
        checks::positive("N", self.n)?;
        checks::within("1 − ρ²", self.forgetting, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)?;
        Ok((-self.forgetting).ln_1p())
    }
}

/// √α as a function of t, where the overlap is m = erf t.
fn root_load(t: f64) -> f64 {
    libm::erf(t) * FRAC_1_SQRT_2 / t - (2.0 / PI).sqrt() * (-t * t).exp()
}

/// Where the load is largest.
fn critical_t() -> Result<f64> {
    // The derivative of root_load.
    let slope = |t: f64| {
        let e = (-t * t).exp();
        (2.0 / PI).sqrt() * e / t - libm::erf(t) * FRAC_1_SQRT_2 / (t * t) + 2.0 * (2.0 / PI).sqrt() * t * e
    };
    root("the critical load", slope, 0.8, 4.0)
}

/// (α_c, m_c): the largest load P/N of the recurrent network at zero temperature, and the overlap there.
pub fn hopfield_capacity() -> Result<(f64, f64)> {
    let t = critical_t()?;
    Ok((root_load(t).powi(2), libm::erf(t)))
}

/// The overlap m of the retrieval state at load α ≤ α_c.
pub fn hopfield_overlap(alpha: f64) -> Result<f64> {
    checks::positive("the load", alpha)?;
    let (capacity, overlap) = hopfield_capacity()?;
    if alpha > capacity {
        return Err(Error::domain(
            "the load",
            format!("{alpha} exceeds {capacity:.6}: no retrieval state"),
            "store less",
        ));
    }
    if alpha == capacity {
        return Ok(overlap);
    }
    let t = root("the retrieval state", |t| root_load(t) - alpha.sqrt(), critical_t()?, 1.0 / alpha.sqrt())?;
    Ok(libm::erf(t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};
    use crate::coding::quadrature::maximum;

    #[test]
    fn theory_c17_association() {
        printed(association_error(200, 21).unwrap(), 0.0007821694431);
        printed(phi(-(200f64 / 20.0).sqrt()), 0.000782701129);
        assert_eq!(association_error(10, 1).unwrap(), 0.0);
        // Two patterns over one input: one sign, an error of half of one quarter … exactly ½·P(sign = −1).
        close(association_error(1, 2).unwrap(), 0.25, 1e-15);
    }

    #[test]
    fn theory_c17_palimpsest() {
        let memory = Palimpsest { n: 1000.0, forgetting: 1.0 / 50.0 };
        printed(memory.snr(20.0).unwrap(), 3.678702521);
        digits(memory.error(20.0).unwrap(), 0.000117211752, 9);
        printed(memory.lifetime(2.0).unwrap().unwrap(), 79.86206543);
        let best = Palimpsest::best(1000.0, 2.0).unwrap();
        digits(best.forgetting, 0.01077142903, 8);
        let life = |f: f64| Palimpsest { n: 1000.0, forgetting: f }.lifetime(2.0).unwrap().unwrap_or(0.0);
        close(maximum(life, 1e-6, 0.5).0, best.forgetting, 1e-7);
        printed(best.lifetime(2.0).unwrap().unwrap(), 91.83819098);
        printed(1000.0 / (std::f64::consts::E * 4.0), 91.96986029);
        printed(blackout(1000.0, 2.0).unwrap(), 251.0);
    }

    #[test]
    fn theory_c17_hopfield() {
        let (alpha, m) = hopfield_capacity().unwrap();
        printed(alpha, 0.1379055665);
        printed(m, 0.9674171157);
        printed(hopfield_overlap(0.1).unwrap(), 0.9979992663);
        assert!(hopfield_overlap(0.14).is_err());
        close(hopfield_overlap(alpha * (1.0 - 1e-14)).unwrap(), m, 1e-5);
    }

    #[test]
    fn limit_c17_error_by_enumeration() {
        // 2 inputs, 3 patterns: crosstalk of 4 signs over N = 2; 2K − 4 < −2 is K = 0, a tie is K = 1.
        close(association_error(2, 3).unwrap(), 1.0 / 16.0 + 0.5 * 4.0 / 16.0, 1e-15);
    }
}
