//! How long does a synapse with finitely many states keep a memory?
//!
//! An event that wants potentiation moves the state by M⁺, one that wants depression by M⁻; W = f⁺M⁺ + f⁻M⁻ with the
//! equilibrium π. The signal left after t more memories is s(t) = 2f⁺f⁻ π(M⁺ − M⁻)Wᵗw. With events at rate r the area under
//! the signal is A = 2f⁺f⁻ π(M⁺ − M⁻)(1 − W)^# w/r ≤ (M − 1)/r for M states and weights in [−1, 1].
//! Sources: Fusi, Drew & Abbott 2005; Lahiri & Ganguli 2013.
//!
//! ```
//! use homeostat::coding::memory::Synapse;
//! use nalgebra::dmatrix;
//! // A switch that obeys with probability 0.1, by hand.
//! let up = dmatrix![0.9, 0.1; 0.0, 1.0];
//! let down = dmatrix![1.0, 0.0; 0.1, 0.9];
//! let synapse = Synapse::new(up, down, vec![-1.0, 1.0])?;
//! let s = synapse.signal(&[0, 10, 1_000_000])?;
//! assert!((s[1] - 0.1 * 0.9f64.powi(10)).abs() < 1e-15 && s[2] >= 0.0);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::information::{binary_entropy, phi};
use crate::field::{Error, Result};
use crate::num::linalg;
use nalgebra::{DMatrix, DVector, RowDVector};

/// A synapse with finitely many states.
#[derive(Clone, Debug, PartialEq)]
pub struct Synapse {
    up: DMatrix<f64>,
    down: DMatrix<f64>,
    weights: DVector<f64>,
    fraction: f64,
    equilibrium: RowDVector<f64>,
}

impl Synapse {
    /// A synapse from the transition matrices of potentiating and depressing events (rows: from, columns: to) and the
    /// weight of each state. Half of the events want potentiation.
    ///
    /// Refused: rows that are not distributions, equal weights, chains with more than one equilibrium.
    pub fn new(up: DMatrix<f64>, down: DMatrix<f64>, weights: Vec<f64>) -> Result<Self> {
        Self::with_fraction(up, down, weights, 0.5)
    }
    /// The same with a fraction f⁺ of events that want potentiation.
    pub fn with_fraction(up: DMatrix<f64>, down: DMatrix<f64>, weights: Vec<f64>, fraction: f64) -> Result<Self> {
        let states = weights.len();
        for (what, m) in [("the potentiation matrix", &up), ("the depression matrix", &down)] {
            if m.shape() != (states, states) {
                let help = format!("give {states} × {states}, one row per weight");
                return Err(Error::usage(format!("{what} is {} × {}", m.nrows(), m.ncols()), help));
            }
            for i in 0..states {
                let row: Vec<f64> = m.row(i).iter().copied().collect();
                checks::distribution(&format!("row {i} (from 0) of {what}"), &row)?;
            }
        }
        checks::all_finite("the weights", &weights)?;
        if weights.windows(2).all(|w| w[0] == w[1]) {
            return Err(Error::domain("the weights", "are all equal: nothing is stored", "give two different weights"));
        }
        checks::within("the fraction of potentiating events", fraction, f64::MIN_POSITIVE, 1.0 - f64::EPSILON)?;
        let equilibrium = equilibrium(&(&up * fraction + &down * (1.0 - fraction)))?;
        Ok(Synapse { up, down, weights: DVector::from_vec(weights), fraction, equilibrium })
    }
    /// How many states.
    pub fn states(&self) -> usize {
        self.weights.len()
    }
    /// The probabilities of the states before the memory.
    pub fn equilibrium(&self) -> &[f64] {
        self.equilibrium.as_slice()
    }
    /// The mean transition matrix W = f⁺M⁺ + f⁻M⁻.
    pub fn mean_transition(&self) -> DMatrix<f64> {
        &self.up * self.fraction + &self.down * (1.0 - self.fraction)
    }
    /// The variance of the weight in equilibrium, which is the noise of the trace.
    pub fn weight_variance(&self) -> f64 {
        let mean = (&self.equilibrium * &self.weights)[0];
        self.weights.iter().zip(self.equilibrium.iter()).map(|(w, p)| p * (w - mean).powi(2)).sum()
    }
    /// The signal of one synapse at these ages, in the order asked for.
    pub fn signal(&self, ages: &[u64]) -> Result<Vec<f64>> {
        let mut order: Vec<usize> = (0..ages.len()).collect();
        order.sort_by_key(|&i| ages[i]);
        let mut out = vec![0.0; ages.len()];
        let mut walk = self.walk();
        for i in order {
            walk.advance_to(ages[i]);
            out[i] = walk.signal();
        }
        Ok(out)
    }
    /// The signal-to-noise ratio √N s/σ of N synapses at these ages, σ² the equilibrium variance of the weight.
    pub fn snr(&self, synapses: f64, ages: &[u64]) -> Result<Vec<f64>> {
        let scale = (checks::positive("the number of synapses", synapses)? / self.weight_variance()).sqrt();
        Ok(self.signal(ages)?.into_iter().map(|s| s * scale).collect())
    }
    /// The same with the exact variance σ² − s² of the trace instead of σ².
    pub fn snr_exact(&self, synapses: f64, ages: &[u64]) -> Result<Vec<f64>> {
        checks::positive("the number of synapses", synapses)?;
        let variance = self.weight_variance();
        Ok(self.signal(ages)?.into_iter().map(|s| s * (synapses / (variance - s * s)).sqrt()).collect())
    }
    /// The largest age at which the SNR of N synapses is at least `threshold`; `None` if it never is.
    ///
    /// The search is complete: it stops only where the contraction of the chain excludes that the signal comes back.
    pub fn lifetime(&self, synapses: f64, threshold: f64) -> Result<Option<u64>> {
        checks::positive("the number of synapses", synapses)?;
        checks::positive("the threshold", threshold)?;
        let level = threshold * (self.weight_variance() / synapses).sqrt();
        let mut walk = self.walk();
        // Geometric steps after the first ages; the last one above the level, and the next one below it.
        let (mut above, mut below) = (None, None);
        let mut age = 0u64;
        loop {
            walk.advance_to(age);
            if walk.signal() >= level {
                (above, below) = (Some(age), None);
            } else if below.is_none() {
                below = Some(age);
            }
            if walk.bound() < level {
                break;
            }
            if age > 1 << 50 {
                return Err(Error::NoConvergence {
                    method: "memory lifetime",
                    steps: 51,
                    residual: walk.bound(),
                    last: vec![age as f64],
                });
            }
            age += if age < 64 { 1 } else { age / 16 };
        }
        let (Some(mut lo), Some(mut hi)) = (above, below) else { return Ok(None) };
        while hi - lo > 1 {
            let middle = lo + (hi - lo) / 2;
            if self.signal(&[middle])?[0] >= level {
                lo = middle;
            } else {
                hi = middle;
            }
        }
        Ok(Some(lo))
    }
    /// The area under the signal when events come at rate 1 (divide by the rate for another).
    pub fn area(&self) -> Result<f64> {
        let n = self.states();
        let rest = DMatrix::identity(n, n) - self.deflated();
        Ok((self.kick() * linalg::solve(&rest, &self.weights)?)[0])
    }
    /// The signal at these times when events come in continuous time at `rate` (Poisson), s(t) = π…e^(rt(W−1))w.
    pub fn continuous_signal(&self, rate: f64, times: &[f64]) -> Result<Vec<f64>> {
        checks::not_negative("the event rate", rate)?;
        let n = self.states();
        // With the equilibrium taken out, the generator D − 1 decays in every direction that the signal has.
        let generator = self.deflated() - DMatrix::identity(n, n);
        let one = |&t: &f64| {
            // Halved until it is short, then squared back: everything decays, so squaring loses nothing.
            let span = rate * checks::not_negative("a time", t)?;
            let halvings = (span.max(1.0).log2().ceil() as i32).min(1000);
            let mut grown = linalg::expm(&(&generator * (span / 2f64.powi(halvings))))?;
            (0..halvings).for_each(|_| grown = &grown * &grown);
            Ok((self.kick() * grown * &self.weights)[0])
        };
        times.iter().map(one).collect()
    }
    /// The largest modulus of an eigenvalue of W below 1: the slowest decay per event.
    pub fn slowest_decay(&self) -> Result<f64> {
        Ok(linalg::eigenvalues(&self.deflated())?.iter().map(|l| l.norm()).fold(0.0, f64::max))
    }
    /// How a memory displaces the state probabilities, 2f⁺f⁻ π(M⁺ − M⁻); sums to zero.
    fn kick(&self) -> RowDVector<f64> {
        &self.equilibrium * (&self.up - &self.down) * (2.0 * self.fraction * (1.0 - self.fraction))
    }
    /// D = W − 1π. Its powers are Wᵗ − 1π, so small signals keep their relative accuracy.
    fn deflated(&self) -> DMatrix<f64> {
        self.mean_transition() - DVector::from_element(self.states(), 1.0) * &self.equilibrium
    }
    fn walk(&self) -> Walk<'_> {
        Walk { synapse: self, powers: vec![self.deflated()], state: self.kick(), age: 0 }
    }
}

/// The displaced state probabilities at a growing age, advanced by powers W^(2^k).
struct Walk<'a> {
    synapse: &'a Synapse,
    powers: Vec<DMatrix<f64>>,
    state: RowDVector<f64>,
    age: u64,
}

impl Walk<'_> {
    fn advance_to(&mut self, age: u64) {
        let mut left = age - self.age;
        let mut k = 0;
        while left > 0 {
            if left & 1 == 1 {
                self.state = &self.state * &self.powers[k];
            }
            left >>= 1;
            k += 1;
            if left > 0 && k == self.powers.len() {
                let last = &self.powers[k - 1];
                self.powers.push(last * last);
            }
        }
        self.age = age;
    }
    fn signal(&self) -> f64 {
        (&self.state * &self.synapse.weights)[0]
    }
    /// No later signal exceeds ½‖state‖₁ (w_max − w_min): a stochastic matrix does not increase the 1-norm.
    fn bound(&self) -> f64 {
        let spread = self.synapse.weights.max() - self.synapse.weights.min();
        0.5 * self.state.iter().map(|x| x.abs()).sum::<f64>() * spread
    }
}

/// π with πW = π by the elimination of Grassmann, Taksar and Heyman 1985, which never subtracts.
fn equilibrium(w: &DMatrix<f64>) -> Result<RowDVector<f64>> {
    let n = w.nrows();
    let mut a = w.clone();
    for k in (1..n).rev() {
        let out: f64 = (0..k).map(|j| a[(k, j)]).sum();
        if out <= 0.0 {
            return Err(Error::domain(
                "the chain",
                format!(
                    "from state {k} (from 0) no earlier state can be reached: the equilibrium depends on the start"
                ),
                "connect the states, leave out those that are never left, or order them the other way round",
            ));
        }
        for i in 0..k {
            a[(i, k)] /= out;
        }
        for i in 0..k {
            for j in 0..k {
                if i != j {
                    a[(i, j)] += a[(i, k)] * a[(k, j)];
                }
            }
        }
    }
    let mut pi = RowDVector::zeros(n);
    pi[0] = 1.0;
    for k in 1..n {
        pi[k] = (0..k).map(|i| pi[i] * a[(i, k)]).sum();
    }
    let sum = pi.sum();
    Ok(pi / sum)
}

/// The most area under the signal of any synapse of so many states, weights in [−1, 1] and event rate 1: M − 1.
pub fn area_bound(states: usize) -> f64 {
    states as f64 - 1.0
}

/// The fraction correct Φ(SNR/√2) of an ideal observer who must tell the stored memory from a new one.
pub fn trace_accuracy(snr: f64) -> Result<f64> {
    Ok(phi(checks::finite("the SNR", snr)? * std::f64::consts::FRAC_1_SQRT_2))
}

/// The bits that one ±1 synapse with this signal still holds about what the memory wanted: 1 − H₂((1 + s)/2).
pub fn trace_information(signal: f64) -> Result<f64> {
    checks::within("the signal", signal, -1.0, 1.0)?;
    Ok((1.0 - binary_entropy(0.5 * (1.0 + signal))?).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;
    use proptest::prelude::*;

    fn random(values: &[f64], n: usize) -> Synapse {
        let part = |offset: usize| {
            let mut m = DMatrix::from_fn(n, n, |i, j| values[offset + i * n + j]);
            m.row_iter_mut().for_each(|mut r| {
                let s = r.sum();
                r /= s;
            });
            m
        };
        let weights = (0..n).map(|i| if i < n / 2 { -1.0 } else { 1.0 }).collect();
        Synapse::new(part(0), part(n * n), weights).unwrap()
    }

    proptest! {
        #[test]
        fn law_c13_bounds_hold_for_any_chain(values in prop::collection::vec(0.0f64..1.0, 72)) {
            let values: Vec<f64> = values.iter().map(|v| v.powi(4) + 1e-6).collect();
            let synapse = random(&values, 6);
            let s0 = synapse.signal(&[0]).unwrap()[0];
            prop_assert!(s0.abs() <= 1.0);
            prop_assert!(synapse.area().unwrap() <= area_bound(6) + 1e-12);
            // The equilibrium is one.
            let moved = &synapse.equilibrium * synapse.mean_transition();
            prop_assert!((moved - &synapse.equilibrium).amax() < 1e-14);
        }

        #[test]
        fn law_doubling_equals_stepping(values in prop::collection::vec(0.01f64..1.0, 32), age in 0u64..200) {
            let synapse = random(&values, 4);
            let mut state = synapse.kick();
            let w = synapse.mean_transition();
            for _ in 0..age {
                state = &state * &w;
            }
            let stepped = (&state * &synapse.weights)[0];
            prop_assert!((synapse.signal(&[age]).unwrap()[0] - stepped).abs() < 1e-14);
        }
    }

    #[test]
    fn law_area_is_the_integral_of_the_continuous_signal() {
        let synapse = Synapse::cascade(3, 0.4).unwrap();
        let f = |t: f64| synapse.continuous_signal(1.0, &[t]).unwrap()[0];
        let integral = crate::coding::quadrature::integrate("s", f, 0.0, f64::INFINITY, 1e-7).unwrap().value;
        close(integral, synapse.area().unwrap(), 1e-7);
        close(f(0.0), synapse.signal(&[0]).unwrap()[0], 1e-14);
    }

    #[test]
    fn law_bad_chains_are_refused() {
        let id = DMatrix::<f64>::identity(2, 2);
        let why = Synapse::new(id.clone(), id.clone(), vec![-1.0, 1.0]).unwrap_err().to_string();
        assert!(why.contains("depends on the start"), "{why}");
        let flip = DMatrix::from_row_slice(2, 2, &[0.5, 0.5, 0.5, 0.5]);
        assert!(Synapse::new(flip.clone(), flip.clone(), vec![1.0, 1.0]).is_err());
        assert!(Synapse::new(flip.clone() * 1.1, flip.clone(), vec![-1.0, 1.0]).is_err());
        assert!(Synapse::new(flip.clone(), flip.clone(), vec![-1.0, f64::NAN]).is_err());
        assert!(Synapse::new(flip.clone(), flip.clone(), vec![-1.0, 0.0, 1.0]).is_err());
        // Up and down do the same: no signal, no lifetime.
        let deaf = Synapse::new(flip.clone(), flip, vec![-1.0, 1.0]).unwrap();
        assert_eq!(deaf.lifetime(1e6, 1.0).unwrap(), None);
    }

    #[test]
    fn theory_information_of_a_trace() {
        assert_eq!(trace_information(1.0).unwrap(), 1.0);
        assert_eq!(trace_information(0.0).unwrap(), 0.0);
        assert!(trace_information(1.1).is_err());
    }
}
