//! How is a curve of solutions followed? Predict along the tangent, correct in the plane normal to it, adapt the mesh.

use super::bvp::{Equations, Solved, Unknown, newton, product};
use super::elimination::{Eliminated, Gap, Row};
use super::mesh::{DEGREE, Rule};
use super::multipliers::product_eigenvalues;
use crate::num::Bracket;
use nalgebra::Complex;
use std::cell::OnceCell;

/// All multipliers but the trivial one, and that one.
type Multipliers = (Vec<Complex<f64>>, Complex<f64>);

/// A solution with its direction along the curve.
pub struct Here {
    pub u: Unknown,
    pub tangent: Unknown,
    pub chain: Eliminated,
    pub effort: usize,
    /// An error seen elsewhere (in the multipliers), on the scale of the polynomials' error.
    pub doubt: f64,
    /// See [`Here::multipliers`].
    pub known: OnceCell<Option<Multipliers>>,
}

impl Here {
    pub fn new(u: Unknown, tangent: Unknown, chain: Eliminated, effort: usize) -> Self {
        Here { u, tangent, chain, effort, doubt: 0.0, known: OnceCell::new() }
    }
    /// The multipliers without the trivial one, by descending modulus, and the trivial one.
    pub fn multipliers(&self) -> Option<&Multipliers> {
        let all = || {
            let mut values = product_eigenvalues(&self.chain.maps())?;
            let far = |m: &Complex<f64>| (m - 1.0).norm();
            let k = (0..values.len()).min_by(|&a, &b| far(&values[a]).total_cmp(&far(&values[b])))?;
            let trivial = values.remove(k);
            Some((values, trivial))
        };
        self.known.get_or_init(all).as_ref()
    }
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
        let mut rows = self.equations.conditions(reference, &self.rule);
        rows.push(self.plane(&guess, normal));
        let Solved { at, chain, effort } = newton(self.equations, guess, &rows, &self.rule)?;
        let tangent = self.tangent(&chain, &rows, &at)?;
        Some(Here::new(at, tangent, chain, effort))
    }
    /// The direction of the curve for which the last row grows.
    fn tangent(&self, chain: &Eliminated, rows: &[Row], at: &Unknown) -> Option<Unknown> {
        let (d, k) = self.equations.sizes();
        let n = at.orbit.intervals();
        let mut ahead = Gap { inside: vec![0.0; n * DEGREE * d], ends: vec![0.0; d], rows: vec![0.0; k] };
        ahead.rows[k - 1] = 1.0;
        let (nodes, q) = chain.close(&self.equations.signs(), rows)?.solve(&ahead)?;
        let mut tangent = at.clone();
        (tangent.orbit.nodes, tangent.q) = (nodes, q);
        let length = tangent.dot(&tangent, &self.rule).sqrt();
        (length.is_finite() && length > 0.0).then(|| tangent.scaled(1.0 / length))
    }
    /// The next solution at a distance; `None` if Newton's method fails or the curve turns too much on the way.
    pub fn advance(&self, from: &Here, step: f64) -> Option<Here> {
        let guess = from.u.moved(&from.tangent, step);
        let here = self.correct(guess, &from.tangent, &from.u)?;
        (here.tangent.dot(&from.tangent, &self.rule) > 0.8).then_some(here)
    }
    /// The same solution on a mesh that fits it, or as it is where its mesh is good enough.
    pub fn refit(&self, here: Here, force: bool) -> Here {
        self.refitted(&here, force).unwrap_or(here)
    }
    /// The same solution on a mesh that fits it; `None` where its mesh is good enough, or no better one is found.
    pub fn refitted(&self, here: &Here, force: bool) -> Option<Here> {
        let (error, now) = (here.u.orbit.error().max(here.doubt), here.u.orbit.intervals());
        if !force && error < self.tolerance {
            return None;
        }
        let wanted = 1.3 * now as f64 * (error / self.tolerance).powf(1.0 / (DEGREE + 1) as f64);
        let most = (2 * now).min(self.intervals.1);
        let mut intervals = (wanted.min(1e9) as usize).clamp(self.intervals.0, most.max(self.intervals.0));
        if !force || (intervals as f64) > 0.7 * now as f64 {
            intervals = intervals.max(now);
        }
        let mesh = here.u.orbit.adapted_mesh(intervals);
        let (u, tangent) = (here.u.on(&mesh), here.tangent.on(&mesh));
        let fitted = self.correct(u.clone(), &tangent, &u)?;
        Some(Here { effort: here.effort, ..fitted })
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
