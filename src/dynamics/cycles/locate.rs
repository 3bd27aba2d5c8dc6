//! Where exactly is the special orbit? Newton's method on the extended equations, and a second look at the answer.

use super::branch::{Cycle, CycleEvent, CycleEventKind};
use super::bvp::{Equations, Local, Unknown};
use super::events::{Between, Test};
use super::flow::Flow;
use super::mesh::{Orbit, lagrange, slopes};
use super::multipliers::Multipliers;
use super::newton::newton;
use super::special::{Critical, Special};
use super::tracker::{Tracker, at_orbit};
use super::walk::Here;
use crate::num::linalg::eigen;
use nalgebra::{Complex, DMatrix, DVector};

/// How near the critical multiplier must be to its defining value.
const DEFINING: f64 = 1e-6;
/// How far Liouville's formula may be missed, relative to the integrated trace, before multipliers prove nothing.
const LOST: f64 = 1e-2;
/// How far beside an orbit the sign of its test is looked at where a multiplier is too steep, relative to the period.
const BESIDE: f64 = 1e-6;
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
    let (mut local, mut x, mut slope) = (Local::default(), Vec::new(), Vec::new());
    let (orbit, places) = (&u.orbit, [0.0, 0.25, 0.5, 0.75]);
    orbit.combine_each(0..orbit.intervals(), &places.map(lagrange), &mut x);
    orbit.combine_each(0..orbit.intervals(), &places.map(slopes), &mut slope);
    let on_one = places.len() * flow.variables();
    slope.chunks_exact_mut(on_one).enumerate().for_each(|(j, s)| s.iter_mut().for_each(|s| *s /= orbit.width(j)));
    flow.values(&x, &u.q, &mut local);
    let (mut gap, mut size) = (0.0f64, 0.0f64);
    for (s, g) in slope.iter().zip(&local.g) {
        let apart = (s - g).abs();
        // Not written with max, which drops a NaN.
        gap = if apart <= gap { gap } else { apart };
        size = size.max(g.abs());
    }
    gap / size
}

/// The orbit and its critical vector near `guess`, from the extended equations.
pub fn special(flow: &Flow, kind: Critical, guess: Unknown, tracker: &Tracker) -> Option<Unknown> {
    let extended = Special { flow: flow.clone(), kind };
    let rows = extended.conditions(&guess, &tracker.walker.rule);
    newton(&extended, guess, &rows, &tracker.walker.rule).map(|s| s.at)
}

/// How many times the intervals of its neighbours a special orbit has: what is said of it is said with more digits than what
/// is drawn of them.
pub const REFINED: f64 = 1.5;

impl Tracker<'_> {
    /// The special orbit between two neighbours, verified; where it was seen if it was not found.
    pub fn special_event(&self, kind: Critical, test: Test, between: Between) -> CycleEvent {
        let Some(near) = self.between(between, test, 1e-3) else {
            return self.unlocated(kind.event(), between);
        };
        let near = self.walker.fitted(near, REFINED);
        let flow = self.walker.equations;
        let n = flow.variables();
        let span = 2.0 * between.step + 1e-9;
        let found = self.guess(&near, kind).and_then(|start| special(flow, kind, start, self));
        let at = found.and_then(|found| {
            let u = Unknown { orbit: found.orbit.part(0, n), q: found.q[..2].to_vec() };
            let apart = u.moved(&near.u, -1.0);
            let close = apart.dot(&apart, &self.walker.rule).sqrt() < span;
            let here = close.then(|| at_orbit(flow, &u, &near.tangent, &self.walker))??;
            let vector = found.orbit.part(n, found.orbit.variables() - n);
            Some((here, (vector, found.q[found.q.len() - 1])))
        });
        match at {
            Some((here, vector)) => {
                let event = self.event(kind.event(), &here, Some(vector), between);
                let verified = event.verified || event.defect < DEFECT && trusted(&here) && self.passes_at(test, &here);
                CycleEvent { verified, ..event }
            }
            None => CycleEvent { verified: false, ..self.event(kind.event(), &near, None, between) },
        }
    }
    /// An event that was seen in the signs between two orbits, and not found: told at the later one.
    pub fn unlocated(&self, kind: CycleEventKind, between: Between) -> CycleEvent {
        CycleEvent { verified: false, vector: None, ..self.event(kind, between.b, None, between) }
    }
    /// The event at an orbit, looked at again.
    pub fn event(
        &self,
        kind: CycleEventKind,
        here: &Here,
        vector: Option<(Orbit, f64)>,
        between: Between,
    ) -> CycleEvent {
        let cycle = self.cycle(here);
        let nearest =
            |of: &dyn Fn(&Complex<f64>) -> f64| cycle.multipliers.iter().map(of).fold(f64::INFINITY, f64::min);
        let defining = match kind {
            CycleEventKind::BranchPoint | CycleEventKind::Fold => nearest(&|m| (m - 1.0).norm()),
            CycleEventKind::PeriodDoubling => nearest(&|m| (m + 1.0).norm()),
            CycleEventKind::Torus => nearest(&|m| if m.im == 0.0 { f64::INFINITY } else { (m.norm() - 1.0).abs() }),
            CycleEventKind::Unexplained => f64::INFINITY,
        };
        let defect = defect(self.walker.equations, &here.u);
        let angle = (kind == CycleEventKind::Torus).then(|| critical_multiplier(&cycle, Critical::Torus).arg().abs());
        let verified = defining < DEFINING && defect < DEFECT && trusted(here);
        let width = self.walker.equations.widths[0];
        let between = (between.a.u.q[1] * width, between.b.u.q[1] * width);
        CycleEvent { kind, cycle, defining, defect, angle, verified, between, vector }
    }
    /// Does a test change its sign right beside a solution of the extended equations? Towards a saddle a multiplier passes
    /// its critical value faster than rounding lets it be met.
    fn passes_at(&self, test: Test, here: &Here) -> bool {
        let beside = |side: f64| {
            let at = self.walker.correct(here.u.clone(), &here.tangent, &here.u)?;
            Some(test.at(&self.walker.advance(&at, side)?))
        };
        let near = BESIDE * here.u.q[0].max(1.0);
        matches!((beside(-near), beside(near)), (Some(a), Some(b)) if a * b < 0.0)
    }
    /// The orbit where a test is nearly zero, between two orbits: some steps of the Illinois method until it has shrunk by
    /// `enough`, or to rounding.
    pub fn between(&self, between: Between, test: Test, enough: f64) -> Option<Here> {
        let Between { a, b, step } = between;
        let ends = (test.at(a), test.at(b));
        let rounding = if test == Test::Plus { 1e-10 } else { 0.0 };
        let enough = (enough * ends.0.abs().min(ends.1.abs()).min(1.0)).max(rounding);
        self.walker.illinois(a, ends, step, &|h| test.at(h), enough, 60)
    }
    /// A starting point for the extended equations at an orbit whose critical multiplier is nearly there.
    fn guess(&self, here: &Here, kind: Critical) -> Option<Unknown> {
        let orbit = &here.u.orbit;
        let (vector, extra) = match kind {
            Critical::Fold => (here.tangent.orbit.clone(), Some(here.tangent.q[0])),
            Critical::Doubling => (self.null_vector(here, -1.0)?, None),
            Critical::Torus => {
                let (vector, angle) = turning(here)?;
                (vector, Some(angle))
            }
        };
        let length = (vector.nodes.norm_squared() / vector.nodes.ncols() as f64).sqrt();
        let scaled = Orbit { nodes: &vector.nodes / length, ..vector };
        let mut q = here.u.q.clone();
        q.extend(extra.map(|e| if kind == Critical::Fold { e / length } else { e }));
        Some(Unknown { orbit: orbit.above(&scaled), q })
    }
}

/// Do the multipliers fulfil Liouville's formula, as far as they can tell?
fn trusted(here: &Here) -> bool {
    // In the plane they come from it; those too small for a number have no logarithm, and leave the others as they are.
    let missed = |m: &Multipliers| m.others.len() > 1 && m.product_error > LOST * (1.0 + here.chain.trace.abs());
    here.multipliers().is_some_and(|m| !(missed(m) && m.product_error.is_finite()))
}

/// The Floquet vector of the complex pair nearest to the unit circle, from a frame that turns with it: it is periodic.
fn turning(here: &Here) -> Option<(Orbit, f64)> {
    let multiplier = nearest(&here.multipliers()?.others, Critical::Torus);
    let orbit = &here.u.orbit;
    let n = orbit.variables();
    let product = here.chain.around();
    let pairs = eigen(&product).ok()?;
    let near = |k: &usize| (pairs.values[*k] - multiplier).norm();
    let k = (0..n).min_by(|a, b| near(a).total_cmp(&near(b)))?;
    let part =
        |f: fn(&Complex<f64>) -> f64| here.chain.carry(&DVector::from_iterator(n, pairs.right.column(k).iter().map(f)));
    let (re, im) = (part(|c| c.re), part(|c| c.im));
    let angle = multiplier.arg().abs();
    let places = super::mesh::places(&orbit.mesh);
    let turn = |i: usize, c: usize, other: bool| {
        let value = Complex::new(re[(i, c)], im[(i, c)]);
        let value = if multiplier.im < 0.0 { value.conj() } else { value };
        let turned = value * Complex::new(0.0, -angle * places[c]).exp();
        if other { turned.im } else { turned.re }
    };
    let nodes = DMatrix::from_fn(2 * n, places.len(), |i, c| turn(i % n, c, i >= n));
    Some((Orbit { mesh: orbit.mesh.clone(), nodes }, angle))
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
