//! Which synapses are usually compared?
//!
//! The binary switch, the cascade of metaplastic states, the serial chain and the bounded walk, each as transition
//! matrices. Sources: Amit & Fusi 1994; Fusi, Drew & Abbott 2005; Lahiri & Ganguli 2013; Parisi 1986.

use super::Synapse;
use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::DMatrix;

impl Synapse {
    /// Two states ±1; an event is obeyed with probability q.
    pub fn switch(q: f64) -> Result<Self> {
        checks::within("the probability of obeying", q, f64::MIN_POSITIVE, 1.0)?;
        Synapse::new(
            DMatrix::from_row_slice(2, 2, &[1.0 - q, q, 0.0, 1.0]),
            DMatrix::from_row_slice(2, 2, &[1.0, 0.0, q, 1.0 - q]),
            vec![-1.0, 1.0],
        )
    }
    /// Two strengths with `n` depths each and x ≤ ½: an opposing event moves depth i to depth 1 of the other strength with
    /// probability q_i = x^(i−1) (q_n = x^(n−1)/(1−x)), a concordant one moves i to i+1 with p_i = x^i/(1−x).
    /// States: weak depths n … 1, then strong depths 1 … n.
    pub fn cascade(n: usize, x: f64) -> Result<Self> {
        if n == 0 {
            return Err(Error::usage("a cascade without depth", "give at least one depth"));
        }
        checks::within("x of the cascade", x, f64::MIN_POSITIVE, 0.5)?;
        // With one depth the last q would exceed 1: the cascade is then the switch that always obeys.
        let opposing = |i: usize| match (n, i == n) {
            (1, _) => 1.0,
            (_, true) => x.powi(n as i32 - 1) / (1.0 - x),
            _ => x.powi(i as i32 - 1),
        };
        let deeper = |i: usize| x.powi(i as i32) / (1.0 - x);
        let (weak, strong) = (|depth: usize| n - depth, |depth: usize| n + depth - 1);
        let mut up = DMatrix::<f64>::identity(2 * n, 2 * n);
        for i in 1..=n {
            let q = opposing(i);
            up[(weak(i), weak(i))] -= q;
            up[(weak(i), strong(1))] += q;
            if i < n {
                up[(strong(i), strong(i))] -= deeper(i);
                up[(strong(i), strong(i + 1))] += deeper(i);
            }
        }
        // Rounding may leave −1e-17 where a state is always left.
        up.iter_mut().for_each(|p| *p = p.max(0.0));
        // Depression is the mirror image.
        let down = DMatrix::from_fn(2 * n, 2 * n, |i, j| up[(2 * n - 1 - i, 2 * n - 1 - j)]);
        let weights = (0..2 * n).map(|i| if i < n { -1.0 } else { 1.0 }).collect();
        Synapse::new(up, down, weights)
    }
    /// A chain of `states` (even), weak the lower half and strong the upper; every event moves one state towards what it
    /// wants, but the two end states are left only with probability `exit`.
    pub fn serial(states: usize, exit: f64) -> Result<Self> {
        if states < 2 || !states.is_multiple_of(2) {
            return Err(Error::usage(format!("a serial chain of {states} states"), "give an even number, 2 or more"));
        }
        checks::within("the exit probability", exit, f64::MIN_POSITIVE, 1.0)?;
        let up = DMatrix::from_fn(states, states, |i, j| {
            let step = if i == 0 { exit } else { 1.0 };
            match (i + 1 == states, j) {
                (true, _) => f64::from(j == i),
                (false, _) if j == i + 1 => step,
                (false, _) if j == i => 1.0 - step,
                _ => 0.0,
            }
        });
        let down = DMatrix::from_fn(states, states, |i, j| up[(states - 1 - i, states - 1 - j)]);
        let weights = (0..states).map(|i| if 2 * i < states { -1.0 } else { 1.0 }).collect();
        Synapse::new(up, down, weights)
    }
    /// Weights −L … L that every event moves by one step, clipped at the ends.
    pub fn bounded_walk(l: usize) -> Result<Self> {
        if l == 0 {
            return Err(Error::usage("a bounded walk without room", "give L of 1 or more"));
        }
        let n = 2 * l + 1;
        let up = DMatrix::from_fn(n, n, |i, j| f64::from(j == (i + 1).min(n - 1)));
        let down = DMatrix::from_fn(n, n, |i, j| f64::from(j == i.saturating_sub(1)));
        Synapse::new(up, down, (0..n).map(|i| i as f64 - l as f64).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};
    use crate::coding::memory::Switch;
    use std::f64::consts::PI;

    #[test]
    fn theory_c12_cascade() {
        let cascade = Synapse::cascade(10, 0.5).unwrap();
        assert!(cascade.equilibrium().iter().all(|p| (p - 0.05).abs() < 1e-15));
        let s = cascade.signal(&[0, 1, 10, 100, 1000]).unwrap();
        let want = [0.2, 0.06666564941, 0.03668881596, 0.00819500686];
        want.iter().zip(&s).for_each(|(want, got)| printed(*got, *want));
        digits(s[4], 0.000728073334, 9);
        printed(cascade.slowest_decay().unwrap(), 0.9980403073);
        let s = cascade.signal(&[60, 40]).unwrap();
        printed((s[0] / s[1]).ln() / 1.5f64.ln(), -0.6923141717);
        assert_eq!(cascade.lifetime(1e6, 1.0).unwrap(), Some(840));
        let fast = Switch { q: 0.5, synapses: 1e6 };
        printed(fast.lifetime(1.0).unwrap().unwrap(), 8.965784285);
        // The ledger prints 367.3795134, short of the optimum 367.3795544 at q = 0.0027145915 (mpmath 1.3.0).
        let best = Switch::best(1e6, 1.0).unwrap();
        printed(best.q, 0.00271459148);
        printed(best.lifetime(1.0).unwrap().unwrap(), 367.3795544);
    }

    #[test]
    fn limit_c12_one_depth_is_the_switch() {
        let (one, switch) = (Synapse::cascade(1, 0.5).unwrap(), Synapse::switch(1.0).unwrap());
        assert_eq!(one.signal(&[0, 1]).unwrap(), switch.signal(&[0, 1]).unwrap());
    }

    #[test]
    fn theory_c13_serial_chain() {
        let chain = Synapse::serial(10, 1.0).unwrap();
        close(chain.signal(&[0]).unwrap()[0], 0.2, 1e-15);
        printed(chain.area().unwrap(), 5.0);
        for (exit, area) in [(0.1, 7.571428571), (0.01, 8.807692308), (0.001, 8.980079681)] {
            printed(Synapse::serial(10, exit).unwrap().area().unwrap(), area);
        }
        printed(Synapse::cascade(5, 0.5).unwrap().area().unwrap(), 2.2);
    }

    #[test]
    fn theory_c13_bounded_walk() {
        let walk = Synapse::bounded_walk(5).unwrap();
        close(walk.weight_variance(), 10.0, 1e-14);
        let s = walk.signal(&[0, 20]).unwrap();
        close(s[0], 10.0 / 11.0, 1e-15);
        printed(s[1], 0.3497602289);
        printed(walk.snr(1.0, &[0]).unwrap()[0], 0.2874797873);
        let tau = -1.0 / walk.slowest_decay().unwrap().ln();
        printed(tau, 24.18362928);
        close(walk.slowest_decay().unwrap(), (PI / 11.0).cos(), 1e-14);
    }

    #[test]
    fn law_far_ages_keep_their_relative_accuracy() {
        // The switch at age 10⁶ with q = 1e-4: s = q(1 − q)^t ≈ 3.7e-48.
        let s = Synapse::switch(1e-4).unwrap().signal(&[1_000_000]).unwrap()[0];
        let want = (1e-4f64).ln() + 1e6 * (-1e-4f64).ln_1p();
        assert!((s.ln() - want).abs() < 1e-8, "{s:e}");
    }
}
