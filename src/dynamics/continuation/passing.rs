//! Where do branches pass? Through a point, or at a value of the parameter.

use super::branch::EventKind;
use super::walker::{Here, Marked, Trace, Walker};
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

/// Arms that pass through a point at which symmetry makes several eigenvalues vanish see a turn and a crossing there that
/// cannot be located on them. Where the point itself is known, it takes their place.
pub(super) fn explain(traces: &mut [Trace]) {
    let corank = |m: &Marked| m.event.coefficient("corank").is_some_and(|k| k > 1.0) && m.event.check.is_some();
    let points: Vec<Marked> = traces.iter().flat_map(|t| &t.marks).filter(|m| corank(m)).cloned().collect();
    for trace in traces {
        for point in &points {
            let stretch = &trace.points;
            let open = |m: &Marked| {
                let (a, b) = (&stretch[m.after - 1].z, &stretch[m.after].z);
                let chord = b - a;
                let share = ((&point.z - a).dot(&chord) / chord.norm_squared()).clamp(0.0, 1.0);
                let unlocated = m.event.check.is_none() && !matches!(m.event.kind, EventKind::Kink | EventKind::Pole);
                unlocated && (&point.z - a - &chord * share).norm() < 0.1 * chord.norm()
            };
            let Some(first) = trace.marks.iter().position(open) else { continue };
            let after = trace.marks[first].after;
            let rest: Vec<bool> = trace.marks.iter().map(|m| !open(m)).collect();
            let mut kept = rest.iter();
            trace.marks.retain(|_| *kept.next().unwrap_or(&true));
            trace.marks.insert(first, Marked { after, ..point.clone() });
        }
    }
}
