//! Which branches leave a branch point? The roots of the algebraic branching equation, or, under symmetry, a search.
//!
//! At a simple branch point the null space of [J F_λ] is a plane and wᵀB(t, t) = 0 has two directions t on it.
//! Where symmetry makes several eigenvalues vanish together, the equation is a system; directions that symmetry prefers
//! (one variable against the others, a pair against each other) are tried instead, and kept where a branch is found.
//! What such a search misses is found from the certified fixed points beside it (see [`diagram`](super::diagram)).

use super::branch::Stopped;
use super::linear::Linear;
use super::normal_form;
use super::walker::{Here, Marked, Trace, Walker};
use nalgebra::{DMatrix, DVector};

/// Lengths at which a new branch is looked for, in steps.
const REACHES: [f64; 3] = [1.0, 0.1, 0.01];

impl Walker<'_> {
    /// The branches through a verified branch point that `known` does not know yet; each is followed as it is found, so
    /// that `known` sees the ones before it. A simple branch point's are joined from both sides.
    pub(super) fn switch(
        &self,
        at: &Marked,
        mut known: impl FnMut(&DVector<f64>) -> bool,
        mut keep: impl FnMut(Trace),
    ) {
        let corank = at.event.coefficient("corank").unwrap_or(1.0) as usize;
        let simple = corank == 1;
        let directions = match simple {
            true => normal_form::branch_tangents(&Linear::at(&self.problem, &at.z)).map(|(t, _)| t).unwrap_or_default(),
            false => self.preferred(&at.z, corank + 1),
        };
        for direction in directions {
            let Some(here) = self.at_branch_point(&at.z, &direction) else { continue };
            // Both sides are asked, since a branch may have been followed up to here from one of them.
            let mut fresh = |sign: f64| {
                let first = self.first(&here, sign);
                first.is_some_and(|z| !known(&z))
            };
            match simple {
                true if fresh(1.0) && fresh(-1.0) => {
                    keep(Trace::join(self.walk(&here, -1.0), self.walk(&here, 1.0)));
                }
                true => {}
                false => {
                    for sign in [1.0, -1.0] {
                        if fresh(sign) {
                            let walked = self.walk(&here, sign);
                            keep(Trace { stopped: (Stopped::BranchPoint, walked.stopped.1.clone()), ..walked });
                        }
                    }
                }
            }
        }
    }
    /// The first point off a branch point along a direction, if there is a branch.
    fn first(&self, here: &Here, sign: f64) -> Option<DVector<f64>> {
        let normal = &here.tangent * sign;
        REACHES.iter().find_map(|reach| {
            let step = reach * self.options.step;
            let found = self.correct(&(&here.z + &normal * step), &normal)?;
            ((&found.z - &here.z).norm() < 2.0 * step).then_some(found.z)
        })
    }
    /// Directions in the null space of [J F_λ] (of this dimension) along which a branch leaves.
    fn preferred(&self, z: &DVector<f64>, dimension: usize) -> Vec<DVector<f64>> {
        let full = self.problem.jacobian(z);
        let (n, m) = (self.problem.variables(), self.problem.coordinates());
        let gram = full.tr_mul(&full).symmetric_eigen();
        let mut order: Vec<usize> = (0..m).collect();
        order.sort_by(|&i, &j| gram.eigenvalues[i].total_cmp(&gram.eigenvalues[j]));
        let null = DMatrix::from_fn(m, dimension, |i, k| gram.eigenvectors[(i, order[k])]);
        let axis = |i: usize| DVector::from_fn(m, |k, _| f64::from(u8::from(k == i)));
        let mut tried: Vec<DVector<f64>> = (0..m).map(axis).collect();
        for i in 0..n {
            tried.extend((i + 1..n).map(|j| axis(i) - axis(j)));
        }
        let mut found: Vec<DVector<f64>> = Vec::new();
        for direction in tried {
            let inside = &null * null.tr_mul(&direction);
            let Some(inside) = inside.try_normalize(1e-6) else { continue };
            let step = self.options.step;
            let Some(there) = self.correct(&(z + &inside * step), &inside) else { continue };
            let Some(along) = (&there.z - z).try_normalize(0.0) else { continue };
            let far = (&there.z - z).norm() > 2.0 * step;
            if !far && found.iter().all(|t| t.dot(&along).abs() < 0.99) {
                found.push(along);
            }
        }
        found
    }
}
