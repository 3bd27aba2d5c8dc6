//! What does learning one task after another do to the earlier ones and for the later ones?
//!
//! From a score matrix R_ij (task j after learning task i): average accuracy, backward and forward transfer, forgetting.
//! In closed form, a linear student that leaves teacher A for teacher B with overlap ρ: L_A = (1−ρ)(1−e^(−ηt))²,
//! L_B = (1−ρ)e^(−2ηt), so √L_A + √L_B is conserved; an anchor and homeostatic downscaling each buy something else.
//! Sources: Lopez-Paz & Ranzato 2017; Chaudhry et al. 2018; Kirkpatrick et al. 2017.
//!
//! ```
//! use homeostat::coding::memory::{TeacherStudent, scores};
//! use nalgebra::dmatrix;
//! let r = dmatrix![0.90, 0.30, 0.25; 0.70, 0.88, 0.35; 0.60, 0.80, 0.92];
//! assert!((scores(&r, &[0.2; 3])?.backward_transfer.unwrap() + 0.19).abs() < 1e-14);
//! assert!(TeacherStudent { overlap: 0.3 }.transfer()? < 0.0);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::field::{Error, Result};
use nalgebra::{DMatrix, DVector};

/// What a score matrix says; transfers and forgetting need two tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Mean score over all tasks at the end (ACC).
    pub accuracy: f64,
    /// Mean change of earlier tasks since they were learned (BWT).
    pub backward_transfer: Option<f64>,
    /// Mean advantage over the baseline before a task is learned (FWT).
    pub forward_transfer: Option<f64>,
    /// Mean loss of earlier tasks from their best score.
    pub forgetting: Option<f64>,
}

/// The metrics of a score matrix (row i: after learning task i, column j: score on task j) and the baseline scores.
pub fn scores(r: &DMatrix<f64>, baseline: &[f64]) -> Result<Scores> {
    let t = r.nrows();
    if t == 0 || !r.is_square() {
        return Err(Error::usage(
            format!("a score matrix of {} × {}", t, r.ncols()),
            "give one row and column per task",
        ));
    }
    checks::same_length("tasks and baselines", t, baseline.len())?;
    checks::all_finite("the scores", r.as_slice())?;
    checks::all_finite("the baselines", baseline)?;
    let earlier = |f: &dyn Fn(usize) -> f64| (t > 1).then(|| (0..t - 1).map(f).sum::<f64>() / (t - 1) as f64);
    let last = t - 1;
    Ok(Scores {
        accuracy: r.row(last).sum() / t as f64,
        backward_transfer: earlier(&|j| r[(last, j)] - r[(j, j)]),
        forward_transfer: earlier(&|j| r[(j, j + 1)] - baseline[j + 1]),
        forgetting: earlier(&|j| (0..last).map(|l| r[(l, j)]).fold(f64::NEG_INFINITY, f64::max) - r[(last, j)]),
    })
}

/// A linear student between two unit teachers w_A, w_B with overlap ρ; isotropic inputs, loss ½|w − w_task|².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TeacherStudent {
    /// Overlap ρ = w_A·w_B.
    pub overlap: f64,
}

/// The losses on the old and on the new task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    /// L_A.
    pub old: f64,
    /// L_B.
    pub new: f64,
}

impl TeacherStudent {
    /// After gradient flow on B from w_A for the time ηt.
    pub fn trained(&self, eta_t: f64) -> Result<Losses> {
        let rest = self.rest()?;
        let left = (-checks::not_negative("ηt", eta_t)?).exp();
        Ok(Losses { old: rest * (1.0 - left).powi(2), new: rest * left * left })
    }
    /// With the penalty λ/2 |w − w_A|² on leaving w_A, trained to the end.
    pub fn anchored(&self, lambda: f64) -> Result<Losses> {
        let rest = self.rest()?;
        let keep = checks::not_negative("λ", lambda)? / (1.0 + lambda);
        Ok(Losses { old: rest * (1.0 - keep).powi(2), new: rest * keep * keep })
    }
    /// After the smallest change from w_A that fits `samples` of B among `dimension` inputs, on average.
    pub fn fitted(&self, samples: usize, dimension: usize) -> Result<Losses> {
        let rest = self.rest()?;
        if samples > dimension || dimension == 0 {
            return Err(Error::usage(
                format!("{samples} samples in {dimension} dimensions"),
                "give at most as many samples",
            ));
        }
        let part = samples as f64 / dimension as f64;
        Ok(Losses { old: rest * part, new: rest * (1.0 - part) })
    }
    /// What having learned A is worth for B before any training: ρ − ½, negative for dissimilar tasks.
    pub fn transfer(&self) -> Result<f64> {
        self.rest()?;
        Ok(self.overlap - 0.5)
    }
    /// The same after homeostatic downscaling of w_A by ρ: ρ²/2, never negative.
    pub fn scaled_transfer(&self) -> Result<f64> {
        self.rest()?;
        Ok(0.5 * self.overlap * self.overlap)
    }
    fn rest(&self) -> Result<f64> {
        Ok(1.0 - checks::within("the overlap", self.overlap, -1.0, 1.0)?)
    }
}

/// ½|P_A P_B (w_B − w_A)|²: what training on a task confined to the subspace of P_B costs one confined to that of P_A.
pub fn subspace_forgetting(pa: &DMatrix<f64>, pb: &DMatrix<f64>, wa: &[f64], wb: &[f64]) -> Result<f64> {
    for (what, p) in [("the projector of A", pa), ("the projector of B", pb)] {
        checks::symmetric(what, p)?;
        checks::same_length(what, p.nrows(), wa.len())?;
        if (p * p - p).amax() > 1e-9 {
            return Err(Error::domain(what, "is not a projector", "its square must be itself"));
        }
    }
    checks::same_length("the weights of A and B", wa.len(), wb.len())?;
    let change = DVector::from_iterator(wa.len(), wa.iter().zip(wb).map(|(a, b)| b - a));
    Ok(0.5 * (pa * (pb * change)).norm_squared())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use proptest::prelude::*;

    const PAIR: TeacherStudent = TeacherStudent { overlap: 0.6 };

    #[test]
    fn theory_c18_metrics() {
        let r = DMatrix::from_row_slice(3, 3, &[0.90, 0.30, 0.25, 0.70, 0.88, 0.35, 0.60, 0.80, 0.92]);
        let got = scores(&r, &[0.2; 3]).unwrap();
        printed(got.accuracy, 0.7733333333);
        printed(got.backward_transfer.unwrap(), -0.19);
        printed(got.forward_transfer.unwrap(), 0.125);
        printed(got.forgetting.unwrap(), 0.19);
        let one = scores(&DMatrix::from_element(1, 1, 0.9), &[0.1]).unwrap();
        assert!(one.backward_transfer.is_none() && one.accuracy == 0.9);
        assert!(scores(&DMatrix::from_element(1, 1, f64::NAN), &[0.1]).is_err());
    }

    #[test]
    fn theory_c18_teacher_student() {
        let trained = PAIR.trained(1.0).unwrap();
        printed(trained.old, 0.1598305604);
        printed(trained.new, 0.05413411329);
        printed(PAIR.transfer().unwrap(), 0.1);
        printed(PAIR.scaled_transfer().unwrap(), 0.18);
        let fitted = PAIR.fitted(8, 20).unwrap();
        printed(fitted.new, 0.24);
        printed(fitted.old, 0.16);
        let anchored = PAIR.anchored(0.5).unwrap();
        printed(anchored.old, 0.1777777778);
        printed(anchored.new, 0.04444444444);
    }

    proptest! {
        #[test]
        fn law_c18_conserved_and_never_negative(overlap in -1.0f64..1.0, t in 0.0f64..8.0) {
            let pair = TeacherStudent { overlap };
            let l = pair.trained(t).unwrap();
            prop_assert!((l.old.sqrt() + l.new.sqrt() - (1.0 - overlap).sqrt()).abs() < 1e-14);
            prop_assert!(l.old + l.new >= 0.5 * (1.0 - overlap) - 1e-15);
            prop_assert!(pair.scaled_transfer().unwrap() >= pair.transfer().unwrap() - 1e-15 && pair.scaled_transfer().unwrap() >= 0.0);
        }
    }

    #[test]
    fn law_c18_orthogonal_subspaces_do_not_interfere() {
        let pa = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, 0.0]);
        let pb = DMatrix::from_row_slice(2, 2, &[0.0, 0.0, 0.0, 1.0]);
        assert_eq!(subspace_forgetting(&pa, &pb, &[1.0, 0.0], &[0.0, 1.0]).unwrap(), 0.0);
        let id = DMatrix::identity(2, 2);
        close(subspace_forgetting(&id, &id, &[1.0, 0.0], &[0.6, 0.8]).unwrap(), 0.4, 1e-15);
        assert!(subspace_forgetting(&(&id * 2.0), &id, &[1.0, 0.0], &[0.6, 0.8]).is_err());
    }
}
