//! How finely is an orbit divided? As finely as itself and what deviates from it ask for.

use super::bvp::{Equations, Local, Unknown};
use super::mesh::{DEGREE, Orbit, Transfer, lagrange};
use super::walk::{Here, Walker};
use crate::num::linalg::eigenvalues;
use nalgebra::DMatrix;

/// How many more intervals a new mesh has than the wanted error takes.
const MARGIN: f64 = 1.15;
/// A mesh becomes coarser by this at most.
const COARSER: f64 = 0.7;
/// The rate times the width of an interval at which e^z is propagated to about 10⁻⁹: the rational approximation of degree m
/// is off by (m!)² z^(2m+1)/((2m)! (2m+1)!).
const PROPAGATED: f64 = 3.0;

/// How many intervals a density asks for.
fn needed(density: &[f64], orbit: &Orbit) -> f64 {
    density.iter().enumerate().map(|(j, r)| r * orbit.width(j)).sum()
}

impl<E: Equations> Walker<'_, E> {
    /// The same solution with a mesh for the next one, a step ahead.
    ///
    /// It is not solved for again: it serves to predict from, and its chain is still that of the old mesh.
    pub fn ahead(&self, here: Here, step: f64) -> Here {
        let Some(density) = self.density(&here.u) else { return here };
        // Where the period grows, so do the rates per unit of the circle.
        let growth = 1.0 + (step * here.tangent.q[0] / here.u.q[0]).max(0.0);
        let mesh = self.mesh(&here.u.orbit, &density, growth * needed(&density, &here.u.orbit));
        let transfer = Transfer::new(&here.u.orbit.mesh, mesh);
        let before = here.before.as_ref().map(|b| b.on(&transfer));
        Here { u: here.u.on(&transfer), tangent: here.tangent.on(&transfer), before, ..here }
    }
    /// A mesh of this density with some more intervals than are wanted, within what is allowed and not much fewer than now.
    fn mesh(&self, orbit: &Orbit, density: &[f64], wanted: f64) -> Vec<f64> {
        let now = orbit.intervals() as f64;
        let (least, most) = (COARSER * now, (2.0 * now).min(self.intervals.1 as f64));
        let intervals = (MARGIN * wanted).ceil().max(least).min(most) as usize;
        orbit.mesh_of_density(density, intervals.max(self.intervals.0))
    }
    /// The same solution on a mesh that fits it; `None` where its error is small enough, or no finer mesh is allowed.
    pub fn refitted(&self, here: &Here) -> Option<Here> {
        let (error, now) = (here.u.orbit.error(), here.u.orbit.intervals());
        if error.max(here.doubt) < self.tolerance || now >= self.intervals.1 {
            return None;
        }
        let density = self.density(&here.u)?;
        // An error seen elsewhere asks for more than the density knows of.
        let more = (here.doubt / self.tolerance).powf(1.0 / (DEGREE + 1) as f64).max(1.0) * now as f64;
        self.onto(here, self.mesh(&here.u.orbit, &density, needed(&density, &here.u.orbit).max(more)))
    }
    /// The same solution on a mesh with `more` times the intervals that it needs; `None` where it is not found there.
    pub fn refined(&self, here: &Here, more: f64) -> Option<Here> {
        let density = self.density(&here.u)?;
        self.onto(here, self.mesh(&here.u.orbit, &density, more * needed(&density, &here.u.orbit)))
    }
    /// The same, or the solution as it is where it is not found there.
    pub fn fitted(&self, here: Here, more: f64) -> Here {
        self.refined(&here, more).unwrap_or(here)
    }
    /// The same solution on another mesh.
    fn onto(&self, here: &Here, mesh: Vec<f64>) -> Option<Here> {
        let transfer = Transfer::new(&here.u.orbit.mesh, mesh);
        let (u, tangent) = (here.u.on(&transfer), here.tangent.on(&transfer));
        let fitted = self.correct(u.clone(), &tangent, &u)?;
        let before = here.before.as_ref().map(|b| b.on(&transfer));
        let earlier = here.earlier.clone();
        Some(Here { effort: here.effort, before, earlier, slides: here.slides, turn: here.turn, ..fitted })
    }
    /// How many intervals per unit of length the wanted error takes, on each interval: of the solution itself, and of
    /// what deviates from it, which grows and dies at the rates of the Jacobian. `None` where those are not finite.
    fn density(&self, u: &Unknown) -> Option<Vec<f64>> {
        let d = u.orbit.variables();
        let own = u.orbit.density(self.tolerance);
        if d == 2 {
            // In the plane the multiplier comes from the trace, and no deviation has to be carried around.
            return Some(own);
        }
        let (mut local, mut x) = (Local::default(), Vec::new());
        u.orbit.combine_each(0..u.orbit.intervals(), &[lagrange(0.5)], &mut x);
        self.equations.derivatives(&x, &u.q, &mut local);
        let rates = local.jacobian.chunks_exact(d * d).map(|j| {
            let rates = eigenvalues(&DMatrix::from_row_slice(d, d, j)).ok()?;
            Some(rates.iter().map(|r| r.norm()).fold(0.0, f64::max) / PROPAGATED)
        });
        let rates = rates.collect::<Option<Vec<f64>>>()?;
        let both = |share: f64| own.iter().zip(&rates).map(|(own, rate)| own.max(share * rate)).collect::<Vec<_>>();
        let room = self.intervals.1 as f64 / MARGIN;
        if needed(&both(1.0), &u.orbit) <= room {
            return Some(both(1.0));
        }
        // Where not both can have what they ask for, the solution comes first: a canard that was not resolved where it jumps
        // would be none.
        let mut share = (0.0, 1.0);
        for _ in 0..20 {
            let middle = 0.5 * (share.0 + share.1);
            *(if needed(&both(middle), &u.orbit) <= room { &mut share.0 } else { &mut share.1 }) = middle;
        }
        Some(both(share.0))
    }
}
