//! What happened between two neighbouring points? Signs that changed, the point located, and checked again from there.

use super::branch::{Event, EventKind};
use super::forms;
use super::linear::Linear;
use super::locate::{self, Located};
use super::normal_form;
use super::walker::{Here, Walker, nearly_real, on_chord};
use crate::num::Bracket;
use crate::num::linalg::eigenvalues;
use nalgebra::{Complex, DVector};

/// A special point with its coordinates.
pub(super) type Found = (Event, DVector<f64>);

/// Neighbours that are nearer than this in scaled coordinates are one place to rounding.
const NEAR: f64 = 1e-8;

impl Walker<'_> {
    /// The special points between two neighbours, with their coordinates.
    pub(super) fn events(&self, a: &Here, b: &Here) -> Vec<Found> {
        let n = self.problem.variables();
        let mut found: Vec<Found> = Vec::new();
        let mut explained = 0;
        let crosses = |h: &Here| h.crossing;
        if let Some((a, b)) = self.bracket(a, b, crosses, |_, _, halvings| halvings >= 4) {
            let find = |a: &Here, b: &Here| locate::branch_point(&self.problem, &between(a, b, crosses));
            let (at, a, b) = self.located(a, b, crosses, find);
            found.push(self.event(EventKind::BranchPoint, at, &a, &b));
            explained += 1;
        }
        let folds = |h: &Here| h.tangent[n];
        if let Some((a, b)) = self.bracket(a, b, folds, |_, _, _| true) {
            let find = |a: &Here, b: &Here| locate::fold(&self.problem, &between(a, b, folds));
            let (at, a, b) = self.located(a, b, folds, find);
            let fold = self.event(EventKind::Fold, at, &a, &b);
            // A branch that turns where another crosses (a pitchfork seen from its arms) is no fold. Located it is the
            // branch point; where Newton's method does not find it, the arms' direction at the branch point tells.
            let same = |(e, z): &Found| {
                e.check.is_some()
                    && ((z - &fold.1).norm() < 1e-6 || fold.0.check.is_none() && self.turns(z, &(&b.z - &a.z)))
            };
            if !found.iter().any(same) {
                found.push(fold);
                explained += 1;
            }
        }
        // Near a Hopf point the pair is complex; at a neutral saddle it stays real.
        let both = |a: &Here, b: &Here, halvings| {
            halvings >= 40 || (a.pair().is_some() && b.pair().is_some()) || neutral(a, b)
        };
        if let Some((a, b)) = self.bracket(a, b, Here::pairs, both)
            && a.pair().is_some()
            && b.pair().is_some()
        {
            let real = |h: &Here| h.pair().map_or(0.0, |l| l.re);
            let find = |a: &Here, b: &Here| locate::hopf(&self.problem, &between(a, b, real), a.pair()?.im);
            let (at, a, b) = self.located(a, b, Here::pairs, find);
            found.push(self.event(EventKind::Hopf, at, &a, &b));
            explained += 2;
        }
        // At a branch point itself the count of unstable directions means nothing.
        let jump = a.unstable().abs_diff(b.unstable());
        if found.iter().any(|(e, _)| e.kind == EventKind::BranchPoint && e.check.is_none()) && self.pole(a, b) {
            return vec![self.event(EventKind::Pole, None, a, b)];
        }
        let kink = found.iter().any(|(e, _)| e.check.is_none()) || jump > explained;
        if kink && self.kinked(a, b) {
            return vec![self.event(EventKind::Kink, None, a, b)];
        }
        let open = jump > explained || (jump > 1 && found.iter().any(|(e, _)| e.check.is_none()));
        if a.crossing * b.crossing != 0.0 && open {
            let kinds = [EventKind::BranchPoint, EventKind::HopfHopf];
            match kinds.into_iter().find_map(|kind| self.symmetric(a, b, jump, kind)) {
                Some(event) => found = vec![event],
                None if jump > explained => found = vec![self.event(EventKind::Unexplained, None, a, b)],
                None => {}
            }
        }
        found
    }
    /// The point that Newton's method finds between two neighbours over which `test` changes its sign. What it finds beyond
    /// them is another point, however near: it starts again from a smaller stretch.
    fn located(
        &self,
        mut a: Here,
        mut b: Here,
        test: impl Fn(&Here) -> f64,
        find: impl Fn(&Here, &Here) -> Option<Located>,
    ) -> (Option<Located>, Here, Here) {
        let inside = |l: &Located, a: &Here, b: &Here| {
            let chord = &b.z - &a.z;
            let along = (&l.z - &a.z).dot(&chord) / chord.norm();
            (-NEAR..=chord.norm() + NEAR).contains(&along) || chord.norm() < NEAR
        };
        for _ in 0..6 {
            match find(&a, &b).filter(|l| inside(l, &a, &b)) {
                Some(at) => return (Some(at), a, b),
                None => match self.bracket(&a, &b, &test, |_, _, halvings| halvings >= 4) {
                    Some(ends) => (a, b) = ends,
                    None => break,
                },
            }
        }
        (None, a, b)
    }
    /// Does the branch along `chord` have a vertical tangent at the branch point `z`, as the arms of a pitchfork have?
    fn turns(&self, z: &DVector<f64>, chord: &DVector<f64>) -> bool {
        let n = self.problem.variables();
        let tangents = normal_form::branch_tangents(&Linear::at(&self.problem, z)).map(|(t, _)| t).unwrap_or_default();
        let along = |t: &DVector<f64>| t.dot(chord).abs();
        let arm = tangents.iter().max_by(|s, t| along(s).total_cmp(&along(t)));
        arm.is_some_and(|t| t[n].abs() < 1e-6)
    }
    /// Do the eigenvalues change their signs through infinity? The nearer one looks, the larger the smallest of them.
    fn pole(&self, a: &Here, b: &Here) -> bool {
        let smallest = |h: &Here| h.eigenvalues.iter().map(|l| l.norm()).fold(f64::INFINITY, f64::min);
        let Some((c, d)) = self.bracket(a, b, |h| h.crossing, |_, _, halvings| halvings >= 16) else { return false };
        smallest(&c).min(smallest(&d)) > 100.0 * smallest(a).max(smallest(b))
    }
    /// A smaller stretch of the branch over which `test` still changes its sign: halved until `enough`.
    fn bracket(
        &self,
        a: &Here,
        b: &Here,
        test: impl Fn(&Here) -> f64,
        enough: impl Fn(&Here, &Here, usize) -> bool,
    ) -> Option<(Here, Here)> {
        // A test that is zero at the start (a branch point, the tip of a pitchfork) has been reported there.
        if test(a) * test(b) >= 0.0 || a.crossing == 0.0 && test(a).abs() < 1e-9 {
            return None;
        }
        let (mut a, mut b) = (a.clone(), b.clone());
        let mut halvings = 0;
        while !enough(&a, &b, halvings) {
            let Some(middle) = self.between(&a, &b, 0.5) else { break };
            let earlier = test(&a) * test(&middle) < 0.0;
            *(if earlier { &mut b } else { &mut a }) = middle;
            halvings += 1;
        }
        Some((a, b))
    }
    /// Several real eigenvalues cross zero at once, or several pairs the imaginary axis, as symmetry makes them: the point by
    /// regula falsi on the mean of their real parts.
    fn symmetric(&self, a: &Here, b: &Here, count: usize, kind: EventKind) -> Option<Found> {
        let speed = b.speed;
        let concerned = |l: &Complex<f64>| (l.im.abs() > 1e-6 * speed) == (kind == EventKind::HopfHopf);
        let mean = |h: &Here| {
            let mut near: Vec<f64> = h.eigenvalues.iter().filter(|l| concerned(l)).map(|l| l.re).collect();
            near.sort_by(|x, y| x.abs().total_cmp(&y.abs()));
            (near.len() >= count).then(|| near[..count].iter().sum::<f64>() / count as f64)
        };
        let mut bracket = Bracket::new((0.0, mean(a)?), (1.0, mean(b)?))?;
        let mut last = (a.z.clone(), mean(a)?);
        for _ in 0..60 {
            // At the point itself the corrector has nothing to stand on: where eigenvalues are linear along the branch,
            // regula falsi is there at once.
            let next = bracket.next();
            let beside = [0.0, 1e-5, -1e-5, 1e-4, -1e-4].map(|off| next + off).into_iter();
            let (share, middle) = beside.into_iter().find_map(|s| Some((s, self.between(a, b, s)?)))?;
            let f = mean(&middle)?;
            // Nearer to the point the corrector would divide by the vanishing eigenvalues: one secant step ends it.
            if f.abs() < 1e-6 * speed {
                let secant = if f == last.1 { 0.0 } else { f / (last.1 - f) };
                let z = &middle.z + (&middle.z - &last.0) * secant;
                let values = eigenvalues(&self.problem.square(&z)).ok()?;
                let critical: Vec<Complex<f64>> =
                    values.into_iter().filter(|l| concerned(l) && l.re.abs() < 1e-6 * speed).collect();
                let residual = self.problem.value(&z).norm();
                return (critical.len() == count && residual < 1e-9 * speed)
                    .then(|| self.symmetric_event(z, &middle, kind, &critical));
            }
            last = (middle.z.clone(), f);
            bracket.narrow(share, f);
        }
        None
    }
    fn symmetric_event(&self, z: DVector<f64>, near: &Here, kind: EventKind, critical: &[Complex<f64>]) -> Found {
        let check = super::branch::Check {
            residual: self.problem.value(&z).norm(),
            defining: critical.iter().map(|l| if l.im == 0.0 { l.norm() } else { l.re.abs() }).fold(0.0, f64::max),
            transversality: near.tangent[self.problem.variables()],
            nondegeneracy: f64::NAN,
        };
        let count = critical.len() as f64;
        let omega = critical.iter().map(|l| l.im.abs()).sum::<f64>() / count;
        let pairs = kind == EventKind::HopfHopf;
        let event = Event {
            kind,
            parameter: self.problem.parameter(&z, 0),
            at: self.problem.state(&z),
            omega: pairs.then_some(omega),
            first_lyapunov: None,
            check: Some(check),
            proof: None,
            coefficients: vec![if pairs { ("pairs", 0.5 * count) } else { ("corank", count) }],
            after: 0,
        };
        (event, z)
    }
    /// The event at a located point, checked again from that point; between the neighbours if it was not located.
    fn event(&self, kind: EventKind, at: Option<Located>, a: &Here, b: &Here) -> Found {
        let middle = (&a.z + &b.z) * 0.5;
        let near = at.filter(|l| l.z.metric_distance(&middle) <= 2.0 * b.z.metric_distance(&a.z) + NEAR);
        let (located, omega) = (near.is_some(), near.as_ref().and_then(|l| l.omega));
        let z = near.map_or(middle, |l| l.z);
        let mut event = Event {
            kind,
            parameter: self.problem.parameter(&z, 0),
            at: self.problem.state(&z),
            omega,
            first_lyapunov: None,
            check: None,
            proof: None,
            coefficients: Vec::new(),
            after: 0,
        };
        if located {
            let here = Linear::at(&self.problem, &z);
            event.first_lyapunov = omega.and_then(|w| normal_form::first_lyapunov(&here, w));
            let check = match kind {
                EventKind::Fold => normal_form::fold_check(&here),
                EventKind::Hopf => omega.and_then(|w| normal_form::hopf_check(&here, w, event.first_lyapunov)),
                EventKind::BranchPoint => normal_form::branch_tangents(&here).map(|(_, check)| check),
                _ => None,
            };
            // Rates are compared with the Jacobian's size, so that the unit of time does not matter.
            let speed = here.speed().max(a.speed).max(b.speed);
            event.check = check.filter(|c| c.residual < 1e-9 * speed && c.defining < 1e-6 * speed);
            if event.check.is_some() {
                event.coefficients = forms::on_branch(&here, kind, omega);
            }
        }
        (event, z)
    }
}

/// Do real eigenvalues pass through λᵢ = −λⱼ, so far apart that they cannot meet on the way? Then this is a neutral saddle.
fn neutral(a: &Here, b: &Here) -> bool {
    let reals = |h: &Here| h.eigenvalues.iter().filter(|l| nearly_real(l)).map(|l| l.re).collect::<Vec<f64>>();
    let (x, y) = (reals(a), reals(b));
    if x.len() != y.len() {
        return false;
    }
    let pairs = (0..x.len()).flat_map(|i| (i + 1..x.len()).map(move |j| (i, j)));
    let mut passing = pairs.filter(|&(i, j)| (x[i] + x[j]) * (y[i] + y[j]) < 0.0).peekable();
    let apart = |(i, j): (usize, usize)| {
        let moved = (x[i] - y[i]).abs() + (x[j] - y[j]).abs();
        (x[i] - x[j]).abs() > 100.0 * moved
    };
    passing.peek().is_some() && passing.all(apart)
}

/// The point between two neighbours where a test that changes sign linearly would be zero.
fn between(a: &Here, b: &Here, test: impl Fn(&Here) -> f64) -> DVector<f64> {
    let (fa, fb) = (test(a), test(b));
    on_chord(a, b, if fa * fb < 0.0 { fa / (fa - fb) } else { 0.5 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dvector;

    #[test]
    fn theory_real_eigenvalues_far_apart_make_a_neutral_saddle_and_near_ones_may_meet() {
        let here = |values: &[(f64, f64)]| Here {
            z: dvector![0.0],
            tangent: dvector![1.0],
            eigenvalues: values.iter().map(|&(re, im)| Complex::new(re, im)).collect(),
            crossing: 1.0,
            speed: 1.0,
        };
        let real = |a: f64, b: f64| here(&[(a, 0.0), (b, 0.0)]);
        assert!(neutral(&real(1.0, -1.001), &real(1.002, -1.0)));
        // They could become a pair on the way, or have done so; or nothing passes.
        assert!(!neutral(&real(0.01, -0.011), &real(0.02, -0.018)));
        assert!(!neutral(&real(1.0, -1.001), &here(&[(0.001, 1.0), (0.001, -1.0)])));
        assert!(!neutral(&real(1.0, -1.001), &real(1.0, -1.002)));
    }
}
