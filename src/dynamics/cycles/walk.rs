//! How is a curve of solutions followed? Predict along the tangent, correct in the plane normal to it, adapt the mesh.

use super::bvp::{Equations, Local, Unknown, along, product};
use super::closed::{Gap, Row};
use super::elimination::Eliminated;
use super::mesh::{DEGREE, Orbit, Rule, lagrange};
use super::multipliers::{Multipliers, multipliers};
use super::newton::{Solved, newton};
use crate::num::Bracket;
use crate::num::linalg::eigenvalues;
use nalgebra::DMatrix;
use std::cell::OnceCell;

/// How many more intervals a new mesh has than the wanted error takes.
const MARGIN: f64 = 1.15;
/// A mesh becomes coarser by this at most, and not for less.
const COARSER: f64 = 0.7;
/// An interval that is so many times as long as it should be asks for another mesh.
const UNEVEN: f64 = 1.3;
/// The rate times the width of an interval at which e^z is propagated to about 10⁻⁹: the rational approximation of degree m
/// is off by (m!)² z^(2m+1)/((2m)! (2m+1)!).
const PROPAGATED: f64 = 3.0;

/// A solution with its direction along the curve.
pub struct Here {
    pub u: Unknown,
    pub tangent: Unknown,
    pub chain: Eliminated,
    /// g at the mesh points.
    pub along: Vec<f64>,
    pub effort: usize,
    /// An error seen elsewhere (in the multipliers), on the scale of the polynomials' error.
    pub doubt: f64,
    /// The solution before it on the curve, on the same mesh.
    pub before: Option<Past>,
    /// See [`Here::multipliers`].
    pub known: OnceCell<Option<Multipliers>>,
}

/// A solution that was left behind, with its direction.
pub struct Past {
    u: Unknown,
    tangent: Unknown,
}

impl Here {
    pub fn new(equations: &dyn Equations, u: Unknown, tangent: Unknown, chain: Eliminated, effort: usize) -> Self {
        let along = along(equations, &u);
        Here { u, tangent, chain, along, effort, doubt: 0.0, before: None, known: OnceCell::new() }
    }
    /// The multipliers of an orbit; `None` if something is not finite.
    pub fn multipliers(&self) -> Option<&Multipliers> {
        self.known.get_or_init(|| multipliers(&self.chain, &self.along)).as_ref()
    }
}

impl Past {
    fn on(&self, mesh: &[f64]) -> Self {
        Past { u: self.u.on(mesh), tangent: self.tangent.on(mesh) }
    }
}

/// How many intervals a density asks for, and the largest share of one that an interval has now.
fn shares(density: &[f64], orbit: &Orbit) -> (f64, f64) {
    let shares = density.iter().enumerate().map(|(j, r)| r * orbit.width(j));
    shares.fold((0.0, 0.0f64), |(sum, most), share| (sum + share, most.max(share)))
}

/// Which curve, and how finely.
pub struct Walker<'a, E: Equations> {
    pub equations: &'a E,
    pub rule: Rule,
    /// The wanted error of the polynomials, relative to the swing of each variable.
    pub tolerance: f64,
    /// The smallest and the largest number of intervals.
    pub intervals: (usize, usize),
}

impl<E: Equations> Walker<'_, E> {
    /// The row that keeps a solution in the plane through `anchor` normal to `normal`.
    pub fn plane(&self, anchor: &Unknown, normal: &Unknown) -> Row {
        let nodes = product(&normal.orbit, &self.rule, false);
        let at = nodes.dot(&anchor.orbit.nodes) + normal.q.iter().zip(&anchor.q).map(|(a, b)| a * b).sum::<f64>();
        Row { nodes, scalars: normal.q.clone(), value: at }
    }
    /// The solution in the plane through `guess` normal to `normal`, with the tangent that points along `normal`.
    pub fn correct(&self, guess: Unknown, normal: &Unknown, reference: &Unknown) -> Option<Here> {
        let plane = self.plane(&guess, normal);
        self.correct_in(plane, guess, reference)
    }
    fn correct_in(&self, plane: Row, guess: Unknown, reference: &Unknown) -> Option<Here> {
        let mut rows = self.equations.conditions(reference, &self.rule);
        rows.push(plane);
        let solved = newton(self.equations, guess, &rows, &self.rule)?;
        let tangent = self.tangent(&solved)?;
        let Solved { at, chain, effort, .. } = solved;
        Some(Here::new(self.equations, at, tangent, chain, effort))
    }
    /// The direction of the curve for which the last row grows.
    fn tangent(&self, solved: &Solved) -> Option<Unknown> {
        let (d, k) = self.equations.sizes();
        let orbit = &solved.at.orbit;
        let inside = vec![0.0; orbit.intervals() * DEGREE * d];
        let mut ahead = Gap { inside, ..Gap::new(vec![0.0; d], k) };
        ahead.rows[k - 1] = 1.0;
        let (nodes, q) = solved.closed.solve(&solved.chain, &ahead)?;
        let tangent = Unknown { orbit: Orbit { mesh: orbit.mesh.clone(), nodes }, q };
        let length = tangent.dot(&tangent, &self.rule).sqrt();
        (length.is_finite() && length > 0.0).then(|| tangent.scaled(1.0 / length))
    }
    /// The next solution at a distance; `None` if Newton's method fails or the curve turns too much on the way.
    pub fn advance(&self, from: &Here, step: f64) -> Option<Here> {
        let ahead = from.u.moved(&from.tangent, step);
        let plane = self.plane(&ahead, &from.tangent);
        let here = self.correct_in(plane, self.predict(from, step).unwrap_or(ahead), &from.u)?;
        let before = Some(Past { u: from.u.clone(), tangent: from.tangent.clone() });
        (here.tangent.dot(&from.tangent, &self.rule) > 0.8).then_some(Here { before, ..here })
    }
    /// The cubic through the solution and the one before it, with their tangents, at a distance; `None` where it says
    /// nothing: behind a long step, it is the tangent that is to be trusted.
    fn predict(&self, from: &Here, step: f64) -> Option<Unknown> {
        let before = from.before.as_ref()?;
        let back = before.u.moved(&from.u, -1.0);
        let bend = before.tangent.moved(&from.tangent, -1.0);
        // The arc is longer than its chord: by the square of the angle it turns, over twenty-four.
        let chord = back.dot(&back, &self.rule).sqrt();
        let h = chord * (1.0 + bend.dot(&bend, &self.rule) / 24.0);
        if step.abs() > 3.0 * h {
            return None;
        }
        let d = back.moved(&from.tangent, h).scaled(1.0 / (h * h));
        let e = bend.scaled(-1.0 / h);
        let cubic = d.scaled(2.0).moved(&e, -1.0).scaled(1.0 / h);
        let square = d.moved(&cubic, h);
        // As far along it as brings it into the plane at this distance.
        let (a, b) = (square.dot(&from.tangent, &self.rule), cubic.dot(&from.tangent, &self.rule));
        let s = (0..6).fold(step, |s, _| step - s * s * (a + b * s));
        Some(from.u.moved(&from.tangent, s).moved(&square, s * s).moved(&cubic, s.powi(3)))
    }
    /// The same solution with a mesh for the next one, a step ahead, or as it is where its mesh will do.
    ///
    /// It is not solved for again: it serves to predict from, and its chain is still that of the old mesh.
    pub fn ahead(&self, here: Here, step: f64) -> Here {
        let now = here.u.orbit.intervals() as f64;
        let Some(density) = self.density(&here.u) else { return here };
        let (needed, largest) = shares(&density, &here.u.orbit);
        // Where the period grows, so do the rates per unit of the circle.
        let growth = 1.0 + (step * here.tangent.q[0] / here.u.q[0]).max(0.0);
        let wanted = growth * needed;
        if wanted < now && MARGIN * wanted > COARSER * now && largest < UNEVEN {
            return here;
        }
        let mesh = here.u.orbit.mesh_of_density(&density, self.bounded(MARGIN * wanted, now));
        let before = here.before.as_ref().map(|b| b.on(&mesh));
        Here { u: here.u.on(&mesh), tangent: here.tangent.on(&mesh), before, ..here }
    }
    /// So many intervals, within what is allowed and not much fewer than there are.
    fn bounded(&self, wanted: f64, now: f64) -> usize {
        let (least, most) = (COARSER * now, (2.0 * now).min(self.intervals.1 as f64));
        (wanted.max(least).min(most) as usize).max(self.intervals.0)
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
        let wanted = MARGIN * shares(&density, &here.u.orbit).0.max(more);
        self.onto(here, &here.u.orbit.mesh_of_density(&density, self.bounded(wanted, now as f64)))
    }
    /// The same solution on a mesh with `more` times the intervals that it needs, or as it is where it is not found there.
    pub fn fitted(&self, here: Here, more: f64) -> Here {
        let now = here.u.orbit.intervals() as f64;
        let on = |density: Vec<f64>| {
            let wanted = MARGIN * more * shares(&density, &here.u.orbit).0;
            self.onto(&here, &here.u.orbit.mesh_of_density(&density, self.bounded(wanted, now)))
        };
        self.density(&here.u).and_then(on).unwrap_or(here)
    }
    /// The same solution on another mesh.
    fn onto(&self, here: &Here, mesh: &[f64]) -> Option<Here> {
        let (u, tangent) = (here.u.on(mesh), here.tangent.on(mesh));
        let fitted = self.correct(u.clone(), &tangent, &u)?;
        let before = here.before.as_ref().map(|b| b.on(mesh));
        Some(Here { effort: here.effort, before, ..fitted })
    }
    /// How many intervals per unit of length the wanted error takes, on each interval: of the solution itself, and of
    /// what deviates from it, which grows and dies at the rates of the Jacobian. `None` where those are not finite.
    fn density(&self, u: &Unknown) -> Option<Vec<f64>> {
        let d = u.orbit.variables();
        let middle = lagrange(0.5);
        let (mut local, mut x) = (Local::default(), vec![0.0; u.orbit.intervals() * d]);
        x.chunks_exact_mut(d).enumerate().for_each(|(j, x)| u.orbit.combine(j, &middle, x));
        self.equations.derivatives(&x, &u.q, &mut local);
        let both = u.orbit.density(self.tolerance).into_iter().zip(local.jacobian.chunks_exact(d * d));
        both.map(|(density, j)| {
            let rates = eigenvalues(&DMatrix::from_row_slice(d, d, j)).ok()?;
            let fastest = rates.iter().map(|r| r.norm()).fold(0.0, f64::max);
            Some(density.max(fastest / PROPAGATED))
        })
        .collect()
    }
    /// The solution near `guess` with the `k`-th scalar as it is there.
    pub fn at_scalar(&self, guess: Unknown, k: usize, reference: &Unknown) -> Option<Here> {
        let mut normal = guess.scaled(0.0);
        normal.q[k] = 1.0;
        self.correct(guess, &normal, reference)
    }
    /// Where `test` is zero, by regula falsi along the tangent at `a`.
    pub fn illinois(
        &self,
        a: &Here,
        ends: (f64, f64),
        step: f64,
        test: &dyn Fn(&Here) -> f64,
        enough: f64,
        steps: usize,
    ) -> Option<Here> {
        let mut bracket = Bracket::new((0.0, ends.0), (step, ends.1))?;
        let mut best: Option<(f64, Here)> = None;
        for _ in 0..steps {
            let s = bracket.next();
            // Next to a branch point there may be no tangent.
            let Some(at) = self.advance(a, s) else { break };
            let value = test(&at);
            if best.as_ref().is_none_or(|(v, _)| value.abs() < *v || v.is_nan()) {
                best = Some((value.abs(), at));
            }
            if value.abs() < enough || bracket.width() < 1e-12 * step {
                break;
            }
            bracket.narrow(s, value);
        }
        best.map(|(_, at)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{Bautin, names};
    use super::super::flow::Flow;
    use super::super::mesh::Orbit;
    use super::super::tracker::Tracker;
    use super::super::{CycleOptions, bvp};
    use std::f64::consts::TAU;

    /// The circles p + r² − r⁴ = 0 past p = 0, where nothing is straight.
    #[test]
    fn theory_two_orbits_and_their_tangents_predict_to_fourth_order() {
        let field = Bautin(names("bautin", 2, 1));
        let flow =
            Flow { field: &field, p: vec![0.0], free: vec![0], scale: vec![1.0; 2], time: TAU, widths: vec![1.0] };
        let options = CycleOptions::default();
        let walker = Tracker::new(&flow, &options, (-1.0, 1.0)).walker;
        let circle = |t: f64, i: usize| if i == 0 { (TAU * t).cos() } else { (TAU * t).sin() };
        let guess = bvp::Unknown { orbit: Orbit::from_fn(Orbit::uniform(12), 2, circle), q: vec![1.0, 0.1] };
        let first = walker.at_scalar(guess.clone(), 1, &guess).unwrap();
        let error = |h: f64| {
            let here = walker.advance(&first, h).unwrap();
            let apart = walker.predict(&here, h).unwrap().moved(&walker.advance(&here, h).unwrap().u, -1.0);
            apart.dot(&apart, &walker.rule).sqrt()
        };
        let order = (error(0.05) / error(0.025)).log2();
        assert!((order - 4.0).abs() < 0.3, "{order}");
        assert!(walker.predict(&first, 0.1).is_none(), "nothing lies before the first orbit");
    }
}
