//! How much does one discrete variable tell about another?
//!
//! H(X) = −Σ p log₂ p and I(X;Y) = Σ p(x,y) log₂ [p(x,y)/(p(x)p(y))], from the probabilities themselves: exact to
//! rounding. For samples see the estimators. Source: Shannon 1948.
//!
//! ```
//! use homeostat::coding::information::{entropy, mutual_information};
//! use nalgebra::dmatrix;
//! assert_eq!(entropy(&[0.5, 0.25, 0.25])?, 1.5);
//! assert_eq!(mutual_information(&dmatrix![0.5, 0.0; 0.0, 0.5])?, 1.0);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::x_log2_ratio;
use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::DMatrix;

/// The entropy of a distribution in bits.
pub fn entropy(p: &[f64]) -> Result<f64> {
    checks::distribution("the distribution", p)?;
    Ok(p.iter().map(|&x| -x_log2_ratio(x, 1.0)).sum::<f64>().max(0.0))
}

/// The entropy of a coin that shows heads with probability p, in bits.
pub fn binary_entropy(p: f64) -> Result<f64> {
    checks::within("the probability", p, 0.0, 1.0)?;
    entropy(&[p, 1.0 - p])
}

/// The Kullback–Leibler divergence D(p‖q) in bits; infinite where p is possible and q is not.
pub fn divergence(p: &[f64], q: &[f64]) -> Result<f64> {
    checks::same_length("the distributions", p.len(), q.len())?;
    checks::distribution("the first distribution", p)?;
    checks::distribution("the second distribution", q)?;
    Ok(p.iter().zip(q).map(|(&x, &y)| x_log2_ratio(x, y)).sum::<f64>().max(0.0))
}

/// I(X;Y) in bits from the joint distribution (rows x, columns y).
pub fn mutual_information(joint: &DMatrix<f64>) -> Result<f64> {
    checks::distribution("the joint distribution", joint.as_slice())?;
    let (row, column) = (joint.column_sum(), joint.row_sum());
    let mut sum = 0.0;
    for j in 0..joint.ncols() {
        for i in 0..joint.nrows() {
            sum += x_log2_ratio(joint[(i, j)], row[i] * column[j]);
        }
    }
    // Rounding may leave −1e-17 where X and Y are independent.
    Ok(sum.max(0.0))
}

/// I(X;Y) in bits of inputs with probabilities `p` through `channel`, whose row x is the distribution of y given x.
pub fn channel_information(p: &[f64], channel: &DMatrix<f64>) -> Result<f64> {
    checks::distribution("the input distribution", p)?;
    rows_are_distributions(channel)?;
    checks::same_length("inputs and rows of the channel", p.len(), channel.nrows())?;
    mutual_information(&DMatrix::from_fn(channel.nrows(), channel.ncols(), |i, j| p[i] * channel[(i, j)]))
}

/// I(X;Y|Z) in bits from one joint distribution of (x, y) per value of z, all of them summing to 1 together.
pub fn conditional_information(joints: &[DMatrix<f64>]) -> Result<f64> {
    let all: Vec<f64> = joints.iter().flat_map(|j| j.iter().copied()).collect();
    checks::distribution("the joint distribution", &all)?;
    let mut sum = 0.0;
    for joint in joints {
        let weight = joint.sum();
        if weight > 0.0 {
            sum += weight * mutual_information(&(joint / weight))?;
        }
    }
    Ok(sum)
}

/// Refuses a channel whose rows are not distributions, naming the row.
pub(super) fn rows_are_distributions(channel: &DMatrix<f64>) -> Result<()> {
    if channel.is_empty() {
        return Err(Error::usage("the channel has no entries", "give one row of probabilities per input"));
    }
    for i in 0..channel.nrows() {
        let row: Vec<f64> = channel.row(i).iter().copied().collect();
        checks::distribution(&format!("row {i} (from 0) of the channel"), &row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;
    use proptest::prelude::*;

    fn joint(values: Vec<f64>, rows: usize) -> DMatrix<f64> {
        let sum: f64 = values.iter().sum();
        DMatrix::from_row_slice(rows, values.len() / rows, &values) / sum
    }

    proptest! {
        #[test]
        fn law_between_zero_and_the_entropies(values in prop::collection::vec(1e-6f64..1.0, 12)) {
            let joint = joint(values, 3);
            let i = mutual_information(&joint).unwrap();
            let hx = entropy(joint.column_sum().as_slice()).unwrap();
            let hy = entropy(joint.row_sum().transpose().as_slice()).unwrap();
            prop_assert!(i >= 0.0 && i <= hx.min(hy) + 1e-14);
            // Symmetric, and the same from the entropies.
            prop_assert!((i - mutual_information(&joint.transpose()).unwrap()).abs() < 1e-14);
            prop_assert!((i - (hx + hy - entropy(joint.as_slice()).unwrap())).abs() < 1e-13);
        }

        #[test]
        fn law_data_processing(values in prop::collection::vec(1e-6f64..1.0, 12), noise in prop::collection::vec(1e-6f64..1.0, 8)) {
            let before = joint(values, 3);
            let mut second = DMatrix::from_row_slice(4, 2, &noise);
            second.row_iter_mut().for_each(|mut r| { let s = r.sum(); r /= s; });
            let after = &before * second;
            prop_assert!(mutual_information(&after).unwrap() <= mutual_information(&before).unwrap() + 1e-14);
        }

        #[test]
        fn law_chain_rule(values in prop::collection::vec(1e-6f64..1.0, 12)) {
            // I(X;YZ) = I(X;Z) + I(X;Y|Z), x in 2, y in 3, z in 2.
            let sum: f64 = values.iter().sum();
            let p: Vec<f64> = values.iter().map(|v| v / sum).collect();
            let at = |x: usize, y: usize, z: usize| p[x * 6 + y * 2 + z];
            let all = DMatrix::from_fn(2, 6, |x, yz| at(x, yz / 2, yz % 2));
            let xz = DMatrix::from_fn(2, 2, |x, z| (0..3).map(|y| at(x, y, z)).sum());
            let given: Vec<_> = (0..2).map(|z| DMatrix::from_fn(2, 3, |x, y| at(x, y, z))).collect();
            let left = mutual_information(&all).unwrap();
            let right = mutual_information(&xz).unwrap() + conditional_information(&given).unwrap();
            prop_assert!((left - right).abs() < 1e-13);
        }
    }

    #[test]
    fn theory_symmetric_channel() {
        let flip = DMatrix::from_row_slice(2, 2, &[0.9, 0.1, 0.1, 0.9]);
        let got = channel_information(&[0.5, 0.5], &flip).unwrap();
        close(got, 1.0 - binary_entropy(0.1).unwrap(), 1e-15);
        assert_eq!(divergence(&[0.5, 0.5], &[1.0, 0.0]).unwrap(), f64::INFINITY);
    }

    #[test]
    fn law_bad_probabilities_are_refused() {
        assert!(entropy(&[0.5, 0.6]).is_err());
        assert!(entropy(&[1.5, -0.5]).is_err());
        assert!(entropy(&[f64::NAN, 1.0]).is_err());
        assert!(binary_entropy(1.1).is_err());
        assert!(channel_information(&[1.0], &DMatrix::from_row_slice(1, 2, &[0.7, 0.7])).is_err());
        // A constant variable carries exactly nothing.
        assert_eq!(mutual_information(&DMatrix::from_row_slice(1, 3, &[0.2, 0.3, 0.5])).unwrap(), 0.0);
    }
}
