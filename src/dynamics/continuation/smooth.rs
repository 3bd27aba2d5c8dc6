//! Does a branch look smooth where it is drawn? Points are added where lines between neighbours would show their corners.
//!
//! Steps are made in the sizes of the coordinates, which are guessed when a branch starts. How large a bend looks is known
//! when it has ended: against the extent of the parameter and of each variable along it.

use super::walker::{Here, Marked, Trace, Walker};
use nalgebra::DVector;

/// How far the branch may be from the chord between two neighbours, relative to its extents.
const BEND: f64 = 1e-3;
/// How often a step is halved at most.
const HALVED: usize = 3;

impl Walker<'_> {
    /// The same branch with points between those that it bends between.
    pub(super) fn smooth(&self, trace: Trace) -> Trace {
        let extents = extents(&trace.points);
        let (mut points, mut marks) = (Vec::<Here>::new(), Vec::new());
        for (k, next) in trace.points.into_iter().enumerate() {
            let mut between = Vec::new();
            if let Some(last) = points.last() {
                self.divide(last, &next, &extents, HALVED, &mut between);
                // Points and events in their order along the chord.
                let chord = &next.z - &last.z;
                for mark in trace.marks.iter().filter(|m| m.after == k) {
                    let before = between.iter().filter(|h| chord.dot(&h.z) < chord.dot(&mark.z)).count();
                    marks.push(Marked { after: points.len() + before, ..mark.clone() });
                }
            }
            points.extend(between);
            points.push(next);
        }
        Trace { points, marks, stopped: trace.stopped }
    }
    /// The points between two neighbours, in order.
    fn divide(&self, a: &Here, b: &Here, extents: &DVector<f64>, depth: usize, between: &mut Vec<Here>) {
        if depth == 0 || bend(a, b, extents) < BEND {
            return;
        }
        let Some(middle) = self.between(a, b, 0.5).filter(|m| lies_between(a, m, b)) else { return };
        self.divide(a, &middle, extents, depth - 1, between);
        between.push(middle.clone());
        self.divide(&middle, b, extents, depth - 1, between);
    }
}

/// How far each coordinate reaches along the points; infinite for one that stands still.
fn extents(points: &[Here]) -> DVector<f64> {
    let along = |i: usize| points.iter().map(move |h| h.z[i]);
    let extent = |i: usize| along(i).fold(f64::NEG_INFINITY, f64::max) - along(i).fold(f64::INFINITY, f64::min);
    DVector::from_fn(points[0].z.len(), |i, _| match extent(i) {
        e if e > 1e-9 * (1.0 + points[0].z[i].abs()) => e,
        _ => f64::INFINITY,
    })
}

/// The largest distance between the cubic through two neighbours and their chord, over the planes of the parameter and a
/// variable, relative to the extents there.
fn bend(a: &Here, b: &Here, extents: &DVector<f64>) -> f64 {
    let n = extents.len() - 1;
    let chord = &b.z - &a.z;
    // The cubic's middle lies beside that of the chord by an eighth of how the tangent turns.
    let share = chord.norm() / 8.0;
    let at = |i: usize| (chord[i] / extents[i], share * (a.tangent[i] - b.tangent[i]) / extents[i]);
    let (along, off) = at(n);
    let one = |i: usize| {
        let (up, away) = at(i);
        let length = along.hypot(up);
        if length > 0.0 { (off * up - away * along).abs() / length } else { 0.0 }
    };
    (0..n).map(one).fold(0.0, f64::max)
}

/// Is a point found between two others on the curve between them, and not on another one?
fn lies_between(a: &Here, middle: &Here, b: &Here) -> bool {
    let length = (&b.z - &a.z).norm();
    let near = |h: &Here| (&h.z - &middle.z).norm() < 0.75 * length && h.tangent.dot(&middle.tangent).abs() > 0.8;
    near(a) && near(b)
}

#[cfg(test)]
mod tests {
    use super::super::{EventKind, Options, Vary, follow};

    example!(
        /// An S: p = x³ − x, steep at its ends, with folds at x = ±1/√3.
        Bend, "x", "p", |x, p, dx| {
        dx[0] = p[0] + x[0] - x[0].powi(3);
    });

    #[test]
    fn theory_no_chord_of_a_bent_branch_is_seen_beside_it() {
        let (field, range) = (Bend::new(), (-60.0, 60.0));
        let options = Options { step_max: 0.5, ..Options::default() };
        let branch = follow(&field, &[-24.0], &[-3.0], &Vary::new(0, range), &options).unwrap();
        let curve = |x: f64| x.powi(3) - x;
        let (first, last) = (branch.points[0].at[0], branch.points[branch.points.len() - 1].at[0]);
        for pair in branch.points.windows(2) {
            let (a, b) = (pair[0].at[0], pair[1].at[0]);
            assert!(a < b, "{a} {b}");
            assert!((pair[0].parameter - curve(a)).abs() < 1e-9 * (1.0 + curve(a).abs()));
            // The largest distance of the curve from the chord in a frame of size one.
            let (across, up) = ((pair[1].parameter - pair[0].parameter) / 120.0, (b - a) / (last - first));
            let far = (1..20).map(|k| {
                let x = a + (b - a) * f64::from(k) / 20.0;
                let (p, y) = ((curve(x) - pair[0].parameter) / 120.0, (x - a) / (last - first));
                (p * up - y * across).abs() / across.hypot(up)
            });
            assert!(far.fold(0.0, f64::max) < 2.0 * super::BEND, "{a} {b}");
        }
        // What happened between two points still lies between its neighbours.
        let folds: Vec<_> = branch.events.iter().filter(|e| e.kind == EventKind::Fold).collect();
        assert_eq!(folds.len(), 2);
        for fold in folds {
            assert!((fold.at[0].abs() - 3.0_f64.powf(-0.5)).abs() < 1e-9);
            let (a, b) = (branch.points[fold.after - 1].at[0], branch.points[fold.after].at[0]);
            assert!(a < fold.at[0] && fold.at[0] < b, "{a} {} {b}", fold.at[0]);
        }
    }
}
