//! Which branch leaves a special orbit? The doubled one at a period doubling, the crossing one at a branch point.

use super::branch::{CycleBranch, CycleEvent, CycleEventKind, CycleStop};
use super::bvp::Unknown;
use super::closed::{Gap, Row};
use super::flow::Flow;
use super::follow::{CycleOptions, check_range};
use super::mesh::{DEGREE, Orbit};
use super::tracker::Tracker;
use super::walk::Here;
use crate::dynamics::continuation::Vary;
use crate::field::{Error, Field, Result};

/// The branch of cycles of twice the period that leaves a period doubling of `branch`.
///
/// It goes round once more than its parent: first along one side of it, then along the other. Errors: an event that is
/// not a located period doubling, or no orbit of twice the period beside it.
pub fn from_doubling(
    field: &dyn Field,
    branch: &CycleBranch,
    event: &CycleEvent,
    vary: &Vary,
    options: &CycleOptions,
) -> Result<CycleBranch> {
    let vector = located(event, CycleEventKind::PeriodDoubling, branch)?;
    let (flow, at) = start(field, event, vary, options, 2.0)?;
    let mut tracker = Tracker::new(&flow, options, vary.range());
    tracker.doubled = true;
    let twice = |orbit: &Orbit, sign: f64| {
        let mesh: Vec<f64> = orbit.mesh.iter().map(|t| 0.5 * t).collect();
        let second = orbit.mesh[1..].iter().map(|t| 0.5 + 0.5 * t);
        let columns = orbit.nodes.ncols();
        let nodes = nalgebra::DMatrix::from_fn(orbit.variables(), 2 * columns - 1, |i, c| match c < columns {
            true => orbit.nodes[(i, c)],
            false => sign * orbit.nodes[(i, c - columns + 1)],
        });
        Orbit { mesh: mesh.into_iter().chain(second).collect(), nodes }
    };
    let centre = Unknown { orbit: twice(&at.orbit, 1.0), q: at.q.clone() };
    let direction = Unknown { orbit: twice(vector, -1.0), q: vec![0.0; 2] };
    leave(&tracker, &centre, &direction, CycleStop::Undoubled)
}

/// The other branch of cycles through a branch point of `branch`.
///
/// Errors: an event that is not a located branch point, or no other branch found there.
pub fn from_branch_point(
    field: &dyn Field,
    branch: &CycleBranch,
    event: &CycleEvent,
    vary: &Vary,
    options: &CycleOptions,
) -> Result<CycleBranch> {
    let vector = located(event, CycleEventKind::BranchPoint, branch)?;
    let (flow, at) = start(field, event, vary, options, 1.0)?;
    let tracker = Tracker::new(&flow, options, vary.range());
    let direction = Unknown { orbit: vector.clone(), q: vec![0.0; 2] };
    leave(&tracker, &at, &direction, CycleStop::BranchPoint)
}

fn located<'e>(event: &'e CycleEvent, kind: CycleEventKind, branch: &CycleBranch) -> Result<&'e Orbit> {
    match &event.vector {
        Some((vector, _)) if event.kind == kind && event.verified => Ok(vector),
        _ => Err(Error::usage(
            format!(
                "the {} at {} = {} is not a located {}",
                event.kind.name(),
                branch.parameter.0,
                event.cycle.parameter,
                kind.name()
            ),
            format!("start from an event of kind {} that was verified", kind.name()),
        )),
    }
}

/// The flow and the orbit at an event, with the period counted `rounds` times.
fn start<'a>(
    field: &'a dyn Field,
    event: &CycleEvent,
    vary: &Vary,
    options: &CycleOptions,
    rounds: f64,
) -> Result<(Flow<'a>, Unknown)> {
    options.check()?;
    let cycle = &event.cycle;
    let (lo, hi) = check_range(field.names(), &cycle.p, vary)?;
    let flow = Flow {
        field,
        p: cycle.p.clone(),
        free: vec![vary.parameter()],
        scale: cycle.scale.clone(),
        time: rounds * cycle.period,
        widths: vec![hi - lo],
    };
    let at = Unknown { orbit: cycle.orbit.clone(), q: vec![1.0, cycle.p[vary.parameter()] / (hi - lo)] };
    Ok((flow, at))
}

fn leave(tracker: &Tracker, centre: &Unknown, direction: &Unknown, started: CycleStop) -> Result<CycleBranch> {
    let length = direction.dot(direction, &tracker.walker.rule).sqrt();
    let first = tracker.leave(centre, &direction.scaled(1.0 / length)).ok_or(Error::NoConvergence {
        method: "Newton's method for the first orbit of the other branch",
        steps: 25,
        residual: f64::NAN,
        last: centre.orbit.at(0.0),
    })?;
    let walked = tracker.walk(first);
    Ok(tracker.branch(started, walked))
}

impl Tracker<'_> {
    /// The null vector at a branch point beside the tangent.
    pub fn crossing_direction(&self, here: &Here) -> Option<Orbit> {
        let mut rows = super::bvp::Equations::conditions(self.walker.equations, &here.u, &self.walker.rule);
        rows.push(self.walker.plane(&here.u, &here.tangent));
        inverse_iteration(here, 1.0, &rows, 2).filter(|(_, growth)| *growth > 1e6).map(|(orbit, _)| orbit)
    }
    /// The deviation with the multiplier `sign` (±1), or the one nearest to it; no product of matrices is formed.
    pub fn null_vector(&self, here: &Here, sign: f64) -> Option<Orbit> {
        // The period and the parameter stay.
        let zero = nalgebra::DMatrix::zeros(here.u.orbit.variables(), here.u.orbit.nodes.ncols());
        let fixed = |scalars: Vec<f64>| Row { nodes: zero.clone(), scalars, value: 0.0 };
        let rows = [fixed(vec![1.0, 0.0]), fixed(vec![0.0, 1.0])];
        inverse_iteration(here, sign, &rows, 4).map(|(orbit, _)| orbit)
    }
}

/// Inverse iteration from an arbitrary push: a vector of largest entry one, and how much the last step made it grow.
fn inverse_iteration(here: &Here, sign: f64, rows: &[Row], steps: usize) -> Option<(Orbit, f64)> {
    let n = here.u.orbit.variables();
    let closed = here.chain.close(&vec![sign; n], rows)?;
    let count = here.u.orbit.intervals() * DEGREE * n;
    // Golden-ratio numbers push every direction.
    let mut push: Vec<f64> = (1..=count).map(|i| (i as f64 * 0.618_033_988_749_895).fract() - 0.5).collect();
    let mut best = None;
    for _ in 0..steps {
        let gap = Gap { inside: push, ends: vec![0.0; n], rows: vec![0.0; rows.len()] };
        let (nodes, _) = closed.solve(&here.chain, &gap)?;
        let growth = nodes.amax();
        let orbit = Orbit { mesh: here.u.orbit.mesh.clone(), nodes: nodes / growth };
        push = orbit.nodes.as_slice()[..count].to_vec();
        let enough = growth > 1e9;
        best = Some((orbit, growth));
        if enough {
            break;
        }
    }
    best
}
