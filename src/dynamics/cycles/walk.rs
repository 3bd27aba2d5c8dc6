//! How is a curve of solutions followed? Predict by the cubic through two of them, correct in the plane normal to the
//! tangent.

use super::bvp::{Equations, Unknown, along};
use super::closed::{Gap, Row};
use super::elimination::Eliminated;
use super::mesh::{Orbit, Rule, Transfer};
use super::multipliers::{Multipliers, multipliers};
use super::newton::{Solved, newton};
use super::transport::{apart, beside, combined};
use crate::num::Bracket;
use std::cell::OnceCell;
use std::rc::Rc;

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
    /// The solutions before it on the curve, the last one first.
    pub earlier: Vec<Rc<Unknown>>,
    /// Does it differ from its neighbours by places more than by states? Then steps are measured between places that
    /// belong together.
    pub slides: bool,
    /// The cosine of the angle by which the direction has turned since the solution before.
    pub turn: f64,
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
        Here {
            u,
            tangent,
            chain,
            along,
            effort,
            doubt: 0.0,
            before: None,
            earlier: Vec::new(),
            slides: false,
            turn: 1.0,
            known: OnceCell::new(),
        }
    }
    /// The multipliers of an orbit; `None` if something is not finite.
    pub fn multipliers(&self) -> Option<&Multipliers> {
        self.known.get_or_init(|| multipliers(&self.chain, &self.along)).as_ref()
    }
}

impl Past {
    pub fn on(&self, transfer: &Transfer) -> Self {
        Past { u: self.u.on(transfer), tangent: self.tangent.on(transfer) }
    }
}

/// How many solutions before the last one serve to predict the next.
const EARLIER: usize = 3;

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
        let nodes = normal.orbit.weights(&self.rule, false);
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
        let rows = (1..=k).map(|row| if row == k { 1.0 } else { 0.0 }).collect();
        let (nodes, q) = solved.closed.solve(&solved.chain, &Gap::of_rows(rows, d, orbit.intervals()))?;
        let tangent = Unknown { orbit: Orbit { mesh: orbit.mesh.clone(), nodes }, q };
        let length = tangent.dot(&tangent, &self.rule).sqrt();
        (length.is_finite() && length > 0.0).then(|| tangent.scaled(1.0 / length))
    }
    /// The next solution at a distance; `None` if Newton's method fails or the curve turns too much on the way.
    pub fn advance(&self, from: &Here, step: f64) -> Option<Here> {
        let (here, normal) = if from.slides {
            let (guess, normal) = self.slid(from, step)?;
            (self.correct(guess.clone(), &normal, &guess)?, normal)
        } else {
            let ahead = from.u.moved(&from.tangent, step);
            let plane = self.plane(&ahead, &from.tangent);
            let guess = self.predict(from, step).unwrap_or(ahead);
            (self.correct_in(plane, guess, &from.u)?, from.tangent.clone())
        };
        let turn = here.tangent.dot(&normal, &self.rule);
        let before = (!from.slides).then(|| Past { u: from.u.clone(), tangent: from.tangent.clone() });
        let last = std::iter::once(Rc::new(from.u.clone()));
        let earlier = last.chain(from.earlier.iter().take(EARLIER - 1).cloned()).collect();
        (turn > 0.8).then_some(Here { before, earlier, turn, ..here })
    }
    /// The polynomial through the solution and those before it between places that belong together, at a distance, and the
    /// direction at the solution, moved with the places. `None` where the mesh would fold.
    fn slid(&self, from: &Here, step: f64) -> Option<(Unknown, Unknown)> {
        let signs = self.equations.signs();
        let (mut all, mut at) = (vec![from.u.clone()], vec![0.0]);
        for earlier in &from.earlier {
            let next = beside(&from.u, earlier, &signs);
            at.push(at[at.len() - 1] - apart(&all[all.len() - 1], &next, &self.rule));
            all.push(next);
        }
        let share = |k: usize| (0..at.len()).filter(|&j| j != k).map(|j| (step - at[j]) / (at[k] - at[j])).product();
        let guess = combined(&all, &(0..at.len()).map(share).collect::<Vec<f64>>())?;
        let mut normal = from.tangent.clone();
        normal.orbit.mesh.clone_from(&guess.orbit.mesh);
        let length = normal.dot(&normal, &self.rule).sqrt();
        Some((guess, normal.scaled(1.0 / length)))
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
        // The cubic is u + (3x/h² + 3t/h + y/h) s² + (2x/h³ + 2t/h² + y/h²) s³ + t s, with the way back x, the tangent t and
        // its bend y; as far along it as brings it into the plane at this distance.
        let (x, y) = (back.dot(&from.tangent, &self.rule), bend.dot(&from.tangent, &self.rule));
        let (a, b) = ((3.0 * (x / h + 1.0) + y) / h, (2.0 * (x / h + 1.0) + y) / (h * h));
        let s = (0..6).fold(step, |s, _| step - s * s * (a + b * s));
        let r = s / h;
        let ahead = from.u.moved(&from.tangent, s * (1.0 + r) * (1.0 + 2.0 * r));
        Some(ahead.moved(&back, r * r * (3.0 + 2.0 * r)).moved(&bend, s * r * (1.0 + r)))
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
