//! Where exactly is the special orbit? Newton's method on the extended equations, and a second look at the answer.

use super::branch::{Cycle, CycleEvent, CycleEventKind};
use super::bvp::{Equations, Local, Unknown, newton};
use super::flow::Flow;
use super::mesh::{Orbit, lagrange};
use super::special::{Critical, Special};
use super::tracker::{Tracker, at_orbit};
use super::walk::Here;
use crate::num::linalg::eigen;
use nalgebra::{Complex, DMatrix, DVector};

/// How near the critical multiplier must be to its defining value: a simple multiplier is known to rounding times its
/// condition; at a fold two of them meet at one, where their mean is looked at.
const DEFINING: f64 = 1e-6;
const DEFINING_FOLD: f64 = 5e-4;
/// How large the defect between the collocation points may be.
const DEFECT: f64 = 1e-2;

impl Critical {
    fn event(self) -> CycleEventKind {
        match self {
            Critical::Fold => CycleEventKind::Fold,
            Critical::Doubling => CycleEventKind::PeriodDoubling,
            Critical::Torus => CycleEventKind::Torus,
        }
    }
}

/// The largest |u' − T f(u)| at places that are no collocation points, relative to the largest |T f|.
pub fn defect(flow: &Flow, u: &Unknown) -> f64 {
    let n = flow.variables();
    let (mut local, mut x, mut slope) = (Local::default(), vec![0.0; n], vec![0.0; n]);
    let (mut gap, mut size) = (0.0f64, 0.0f64);
    for j in 0..u.orbit.intervals() {
        for place in [0.0, 0.25, 0.5, 0.75] {
            let (value, derivative) = lagrange(place);
            u.orbit.combine(j, &value, &mut x);
            u.orbit.combine(j, &derivative, &mut slope);
            flow.value(&x, &u.q, &mut local);
            let h = u.orbit.width(j);
            for (s, g) in slope.iter().zip(&local.g) {
                let apart = (s / h - g).abs();
                // Not written with max, which drops a NaN.
                gap = if apart <= gap { gap } else { apart };
                size = size.max(g.abs());
            }
        }
    }
    gap / size
}

/// The orbit and its critical vector near `guess`, from the extended equations.
pub fn special(flow: &Flow, kind: Critical, guess: Unknown, tracker: &Tracker) -> Option<Unknown> {
    let extended = Special { flow: flow.clone(), kind };
    let rows = extended.conditions(&guess, &tracker.walker.rule);
    newton(&extended, guess, &rows, &tracker.walker.rule).map(|s| s.at)
}

/// A starting point for the extended equations at an orbit whose critical multiplier is nearly there.
pub fn guess(here: &Here, kind: Critical, multiplier: Complex<f64>) -> Option<Unknown> {
    let orbit = &here.u.orbit;
    let (vector, extra) = match kind {
        Critical::Fold => (here.tangent.orbit.clone(), Some(here.tangent.q[0])),
        _ => {
            let n = orbit.variables();
            let product = here.chain.maps().iter().fold(DMatrix::identity(n, n), |m, g| g * m);
            let pairs = eigen(&product).ok()?;
            let near = |k: &usize| (pairs.values[*k] - multiplier).norm();
            let k = (0..n).min_by(|a, b| near(a).total_cmp(&near(b)))?;
            let part = |f: fn(&Complex<f64>) -> f64| {
                here.chain.carry(&DVector::from_iterator(n, pairs.right.column(k).iter().map(f)))
            };
            let (re, im) = (part(|c| c.re), part(|c| c.im));
            let angle = multiplier.arg().abs();
            let places = super::mesh::places(&orbit.mesh);
            match kind {
                Critical::Torus => {
                    // Seen from a frame that turns with it, the vector is periodic.
                    let turn = |i: usize, c: usize, other: bool| {
                        let value = Complex::new(re[(i, c)], im[(i, c)]);
                        let value = if multiplier.im < 0.0 { value.conj() } else { value };
                        let turned = value * Complex::new(0.0, -angle * places[c]).exp();
                        if other { turned.im } else { turned.re }
                    };
                    let nodes = DMatrix::from_fn(2 * n, places.len(), |i, c| turn(i % n, c, i >= n));
                    (Orbit { mesh: orbit.mesh.clone(), nodes }, Some(angle))
                }
                _ => (Orbit { mesh: orbit.mesh.clone(), nodes: re }, None),
            }
        }
    };
    let length = (vector.nodes.norm_squared() / vector.nodes.ncols() as f64).sqrt();
    let scaled = Orbit { nodes: &vector.nodes / length, ..vector };
    let mut q = here.u.q.clone();
    q.extend(extra.map(|e| if kind == Critical::Fold { e / length } else { e }));
    Some(Unknown { orbit: orbit.above(&scaled), q })
}

impl Tracker<'_> {
    /// The special orbit between two neighbours, verified; between them if it was not found.
    pub fn special_event(&self, kind: Critical, a: &Here, b: &Here, step: f64) -> Option<CycleEvent> {
        let test = |h: &Here| critical(h, kind).1;
        // What is not found in between is told at its end, as not verified.
        let Some(near) = self.between(a, b, step, &test) else {
            return Some(CycleEvent { verified: false, ..self.event(kind.event(), b, None) });
        };
        let start = guess(&near, kind, critical(&near, kind).0)?;
        let flow = self.walker.equations;
        let n = flow.variables();
        let found = special(flow, kind, start, self);
        let span = 2.0 * step + 1e-9;
        let at = found.and_then(|found| {
            let u = Unknown { orbit: found.orbit.part(0, n), q: found.q[..2].to_vec() };
            let apart = u.moved(&near.u, -1.0);
            let close = apart.dot(&apart, &self.walker.rule).sqrt() < span;
            let here = close.then(|| at_orbit(flow, &u, &near.tangent, &self.walker))??;
            Some((here, (found.orbit.part(n, found.orbit.variables() - n), found.q[found.q.len() - 1])))
        });
        match at {
            Some((here, vector)) => Some(self.event(kind.event(), &here, Some(vector))),
            None => Some(CycleEvent { verified: false, ..self.event(kind.event(), &near, None) }),
        }
    }
    /// The event at an orbit, looked at again.
    pub fn event(&self, kind: CycleEventKind, here: &Here, vector: Option<(Orbit, f64)>) -> CycleEvent {
        let cycle = self.cycle(here);
        let nearest =
            |of: &dyn Fn(&Complex<f64>) -> f64| cycle.multipliers.iter().map(of).fold(f64::INFINITY, f64::min);
        let defining = match kind {
            CycleEventKind::BranchPoint => nearest(&|m| (m - 1.0).norm()),
            // Two multipliers meet: each is known to the root of rounding only, their mean to rounding.
            CycleEventKind::Fold => {
                let trivial = here.multipliers().map_or(Complex::from(f64::NAN), |(_, trivial)| *trivial);
                nearest(&|m| (0.5 * (m + trivial) - 1.0).norm())
            }
            CycleEventKind::PeriodDoubling => nearest(&|m| (m + 1.0).norm()),
            CycleEventKind::Torus => nearest(&|m| if m.im == 0.0 { f64::INFINITY } else { (m.norm() - 1.0).abs() }),
            CycleEventKind::Unexplained => f64::INFINITY,
        };
        let allowed = if kind == CycleEventKind::Fold { DEFINING_FOLD } else { DEFINING };
        let defect = defect(self.walker.equations, &here.u);
        let angle = (kind == CycleEventKind::Torus).then(|| critical_multiplier(&cycle, Critical::Torus).arg().abs());
        let verified = defining < allowed && defect < DEFECT;
        CycleEvent { kind, cycle, defining, defect, angle, verified, vector }
    }
    /// The orbit where `test` is zero, between `a` and the orbit a step ahead: some steps of the Illinois method.
    pub fn between(&self, a: &Here, b: &Here, step: f64, test: &dyn Fn(&Here) -> f64) -> Option<Here> {
        let ends = (test(a), test(b));
        // On the way to a homoclinic orbit the parameter hardly moves, and the multipliers grow without limit.
        let enough = 1e-3 * ends.0.abs().min(ends.1.abs()).min(1.0);
        self.walker.illinois(a, ends, step, test, enough, 24)
    }
}

/// The multiplier that is nearest to its critical place, and the test function that is zero there.
fn critical(here: &Here, kind: Critical) -> (Complex<f64>, f64) {
    let lambda = here.tangent.q[1];
    let Some((multipliers, _)) = here.multipliers() else {
        return (Complex::from(f64::NAN), f64::NAN);
    };
    let m = nearest(multipliers, kind);
    let test = match kind {
        Critical::Fold => lambda,
        // All of them, because another one may be nearer to −1 than the one that crosses.
        Critical::Doubling => multipliers.iter().map(|m| m + 1.0).product::<Complex<f64>>().re,
        Critical::Torus => m.norm() - 1.0,
    };
    (m, test)
}

/// The multiplier of a cycle that is nearest to its critical place.
pub fn critical_multiplier(cycle: &Cycle, kind: Critical) -> Complex<f64> {
    nearest(&cycle.multipliers, kind)
}

fn nearest(multipliers: &[Complex<f64>], kind: Critical) -> Complex<f64> {
    let far = |m: &Complex<f64>| match kind {
        Critical::Fold => (m - 1.0).norm(),
        Critical::Doubling => {
            if m.im == 0.0 {
                (m + 1.0).norm()
            } else {
                f64::INFINITY
            }
        }
        Critical::Torus => {
            if m.im > 0.0 {
                (m.norm() - 1.0).abs()
            } else {
                f64::INFINITY
            }
        }
    };
    multipliers.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(Complex::from(f64::NAN))
}
