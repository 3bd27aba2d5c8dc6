//! What is the most that a channel can carry, and which inputs reach it?
//!
//! The Blahut–Arimoto iteration p_k ← p_k 2^(D_k)/Σ, D_k = D(row k ‖ output), squeezes the capacity between
//! log₂ Σ p_k 2^(D_k) and max_k D_k; it stops when the two meet. Sources: Blahut 1972, Arimoto 1972.
//!
//! ```
//! use homeostat::coding::information::capacity;
//! let erasure = nalgebra::dmatrix![0.75, 0.25, 0.0; 0.0, 0.25, 0.75];
//! assert!((capacity(&erasure, 1e-12)?.bits - 0.75).abs() < 1e-12);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::discrete::rows_are_distributions;
use super::x_log2_ratio;
use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::DMatrix;

/// The capacity of a discrete channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// The capacity in bits per use: the truth lies in [bits, bits + gap].
    pub bits: f64,
    /// Distance to the proven upper bound, in bits.
    pub gap: f64,
    /// Input probabilities that reach `bits`.
    pub input: Vec<f64>,
}

/// The capacity of `channel` (row x is the distribution of y given x) to within `tolerance` bits.
pub fn capacity(channel: &DMatrix<f64>, tolerance: f64) -> Result<Capacity> {
    rows_are_distributions(channel)?;
    checks::positive("the tolerance", tolerance)?;
    let inputs = channel.nrows();
    let mut p = vec![1.0 / inputs as f64; inputs];
    const STEPS: usize = 1_000_000;
    let mut gap = f64::INFINITY;
    for _ in 0..STEPS {
        let output: Vec<f64> =
            (0..channel.ncols()).map(|j| (0..inputs).map(|i| p[i] * channel[(i, j)]).sum()).collect();
        let surprise: Vec<f64> =
            (0..inputs).map(|i| (0..output.len()).map(|j| x_log2_ratio(channel[(i, j)], output[j])).sum()).collect();
        let upper = surprise.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Relative to the largest exponent, so that nothing overflows.
        let grown: Vec<f64> = p.iter().zip(&surprise).map(|(p, d)| p * (d - upper).exp2()).collect();
        let total: f64 = grown.iter().sum();
        let lower = upper + total.log2();
        gap = (upper - lower).max(0.0);
        if gap <= tolerance {
            let bits: f64 = p.iter().zip(&surprise).map(|(p, d)| p * d).sum();
            return Ok(Capacity { bits: bits.max(0.0), gap: (upper - bits).max(0.0), input: p });
        }
        p = grown.iter().map(|g| g / total).collect();
    }
    Err(Error::NoConvergence { method: "Blahut–Arimoto", steps: STEPS, residual: gap, last: p })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::information::{binary_entropy, channel_information};
    use crate::coding::ledger::close;
    use proptest::prelude::*;

    #[test]
    fn theory_capacities() {
        let flip = DMatrix::from_row_slice(2, 2, &[0.89, 0.11, 0.11, 0.89]);
        close(capacity(&flip, 1e-13).unwrap().bits, 1.0 - binary_entropy(0.11).unwrap(), 1e-12);
        // Z channel that loses half of the ones: log2(5/4).
        let z = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.5, 0.5]);
        let found = capacity(&z, 1e-13).unwrap();
        close(found.bits, 1.25f64.log2(), 1e-12);
        close(found.input[1], 0.4, 1e-6);
        // Equal rows: nothing passes.
        let deaf = DMatrix::from_row_slice(3, 2, &[0.3, 0.7, 0.3, 0.7, 0.3, 0.7]);
        assert_eq!(capacity(&deaf, 1e-12).unwrap().bits, 0.0);
    }

    proptest! {
        #[test]
        fn law_no_input_beats_it(values in prop::collection::vec(0.01f64..1.0, 12), p in prop::collection::vec(0.01f64..1.0, 3)) {
            let mut channel = DMatrix::from_row_slice(3, 4, &values);
            channel.row_iter_mut().for_each(|mut r| { let s = r.sum(); r /= s; });
            let found = capacity(&channel, 1e-6).unwrap();
            let sum: f64 = p.iter().sum();
            let p: Vec<f64> = p.iter().map(|x| x / sum).collect();
            prop_assert!(channel_information(&p, &channel).unwrap() <= found.bits + found.gap + 1e-13);
            let reached = channel_information(&found.input, &channel).unwrap();
            prop_assert!((reached - found.bits).abs() < 1e-12);
        }
    }
}
