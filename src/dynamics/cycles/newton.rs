//! How is a periodic orbit found from a guess? Newton's method; a factored Jacobian is used again for as long as the steps
//! shrink fast.

use super::bvp::{Equations, Unknown, gap, linearise};
use super::closed::{Closed, Gap, Row};
use super::elimination::Eliminated;
use super::mesh::{Orbit, Rule};

/// What the rows lack at `at`.
pub fn rows_gap(rows: &[Row], at: &Unknown) -> Vec<f64> {
    let lacks =
        |r: &Row| r.value - r.nodes.dot(&at.orbit.nodes) - r.scalars.iter().zip(&at.q).map(|(a, b)| a * b).sum::<f64>();
    rows.iter().map(lacks).collect()
}

/// A solution with the chain linearised at it, alone and closed.
pub struct Solved {
    pub at: Unknown,
    pub chain: Eliminated,
    pub closed: Closed,
    /// Newton steps, those with a new factorisation counted three times.
    pub effort: usize,
}

/// How small a step is when Newton's method is done, relative to the solution.
pub const SETTLED: f64 = 1e-9;
/// How near to the solution a chain must have been linearised to speak for it.
const NEAR: f64 = 1e-8;
const STEPS: usize = 25;

/// Newton's method from `start`.
///
/// The answer was checked: a full Newton step at it, with a Jacobian from no farther away than [`NEAR`], is smaller than
/// [`SETTLED`].
pub fn newton(equations: &dyn Equations, start: Unknown, rows: &[Row], rule: &Rule) -> Option<Solved> {
    let signs = equations.signs();
    let step = |(chain, closed): (&Eliminated, &Closed), lacks: &Gap, u: &Unknown| -> Option<(Unknown, f64)> {
        let (nodes, q) = closed.solve(chain, lacks)?;
        let move_ = Unknown { orbit: Orbit { mesh: u.orbit.mesh.clone(), nodes }, q };
        let size = move_.size() / (1.0 + u.size());
        size.is_finite().then(|| (u.moved(&move_, 1.0), size))
    };
    let mut u = start;
    let mut effort = 0;
    let mut last = f64::INFINITY;
    let mut worse = 0;
    for _ in 0..STEPS {
        let (chain, mut lacks) = linearise(equations, &u, rule)?;
        lacks.rows = rows_gap(rows, &u);
        let closed = chain.close(&signs, rows)?;
        let (next, size) = step((&chain, &closed), &lacks, &u)?;
        effort += 3;
        if size > 10.0 {
            return None;
        }
        worse = if size > last { worse + 1 } else { 0 };
        if worse > 3 {
            return None;
        }
        u = next;
        last = size;
        if size < SETTLED {
            return Some(Solved { at: u, chain, closed, effort });
        }
        if size < 3e-2 {
            // Next to the solution the same chain brings the rest.
            let (mut before, mut away) = (size, size);
            for _ in 0..5 {
                let mut lacks = gap(equations, &u, rule);
                lacks.rows = rows_gap(rows, &u);
                let Some((next, size)) = step((&chain, &closed), &lacks, &u) else { break };
                effort += 1;
                let rate = size / before;
                if rate > 0.3 {
                    break;
                }
                u = next;
                away += size;
                if size < SETTLED && away < NEAR {
                    return Some(Solved { at: u, chain, closed, effort });
                }
                if size * rate < 0.1 * SETTLED {
                    break;
                }
                before = size;
            }
            last = f64::INFINITY;
        }
        chain.done(rule);
    }
    None
}
