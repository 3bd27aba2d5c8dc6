//! Where do branches pass? Through a point, or at a value of the parameter.

use super::branch::EventKind;
use super::walker::{Here, Trace, Walker};
use nalgebra::DVector;

/// Does one of the traces pass through the point `z` of the curve? Near enough stretches are corrected onto the curve.
pub(super) fn known(walker: &Walker, traces: &[Trace], z: &DVector<f64>) -> bool {
    traces.iter().any(|trace| {
        trace.points.windows(2).any(|pair| {
            let chord = &pair[1].z - &pair[0].z;
            let length = chord.norm();
            let along = (z - &pair[0].z).dot(&chord) / (length * length).max(f64::MIN_POSITIVE);
            if !(-0.05..=1.05).contains(&along) {
                return false;
            }
            let guess = &pair[0].z + &chord * along;
            if (z - &guess).norm() > 0.5 * length {
                return false;
            }
            let found = walker.correct(&guess, &(chord / length));
            found.is_some_and(|f| (f.z - z).norm() < 1e-7 * (1.0 + z.norm()))
        })
    })
}

/// The points of a trace at a value of the parameter.
pub(super) fn crossings(walker: &Walker, trace: &Trace, at: f64) -> Vec<DVector<f64>> {
    let (lo, hi) = walker.range;
    let (n, target) = (walker.problem.variables(), at / (hi - lo));
    let mut found = Vec::new();
    for (k, pair) in trace.points.windows(2).enumerate() {
        // A fold between two points may reach over the value and come back.
        let mut knots: Vec<Here> = vec![pair[0].clone()];
        for mark in trace.marks.iter().filter(|m| m.after == k + 1 && m.event.kind == EventKind::Fold) {
            knots.push(Here { z: mark.z.clone(), ..pair[0].clone() });
        }
        knots.push(pair[1].clone());
        for side in knots.windows(2) {
            if (side[0].z[n] < target) != (side[1].z[n] < target) {
                found.extend(walker.at_parameter(&side[0], &side[1], target).map(|h| h.z));
            }
        }
    }
    found
}
