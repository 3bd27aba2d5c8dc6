//! What is ahead where no step arrives? A corner, over which the branch goes on, or its end.

use super::walker::{Here, Walker};
use crate::num::linalg::null_vector;
use nalgebra::DMatrix;

/// The length of the step over a corner.
pub(super) const CORNER: f64 = 1e-6;

impl Walker<'_> {
    /// The branch behind a kink just ahead, where its direction turns so much that no plane across the old one meets it:
    /// the null direction of the Jacobian behind the kink, to the side on which that Jacobian holds.
    pub(super) fn corner(&self, here: &Here) -> Option<Here> {
        let before = self.problem.jacobian(&here.z);
        let behind = self.problem.jacobian(&(&here.z + &here.tangent * CORNER));
        if behind.iter().any(|v| !v.is_finite()) || !jumps(&before, &behind) {
            return None;
        }
        let along = null_vector(&behind).ok()?.vector;
        let side = |sign: f64| {
            let normal = &along * sign;
            let found = self.correct(&(&here.z + &normal * CORNER), &normal)?;
            let fits = (&found.z - &here.z).norm() < 3.0 * CORNER && !jumps(&self.problem.jacobian(&found.z), &behind);
            if fits { self.arrive(found) } else { None }
        };
        match (side(1.0), side(-1.0)) {
            (Some(next), None) | (None, Some(next)) => Some(next),
            _ => None,
        }
    }
    /// Does the Jacobian jump between two points, however near they are?
    pub(super) fn kinked(&self, a: &Here, b: &Here) -> bool {
        (&a.z - &b.z).norm() < 1e-4 && jumps(&self.problem.jacobian(&a.z), &self.problem.jacobian(&b.z))
    }
    /// Why does the branch not go on from here?
    pub(super) fn why(&self, here: &Here) -> String {
        let ahead = &here.z + &here.tangent * CORNER;
        let (value, jacobian) = (self.problem.value(&ahead), self.problem.jacobian(&ahead));
        let place = self.place(&here.z);
        if let Some(k) =
            (0..value.len()).find(|&k| !value[k].is_finite() || jacobian.row(k).iter().any(|v| !v.is_finite()))
        {
            return format!("d{}/dt or its derivative is not a number behind {place}", self.names.variables[k].name);
        }
        if jumps(&self.problem.jacobian(&here.z), &jacobian) {
            return format!("the equations have a kink at {place}, where the branch ends or turns back");
        }
        format!("Newton's method does not arrive at the smallest step from {place}")
    }
}

/// Do two Jacobians of places next to each other differ by more than a smooth field allows?
fn jumps(a: &DMatrix<f64>, b: &DMatrix<f64>) -> bool {
    (a - b).norm() > 1e-2 * a.norm().max(b.norm())
}
