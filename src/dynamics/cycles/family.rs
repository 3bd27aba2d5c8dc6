//! Which cycles does a diagram have? Those from every Hopf point, and those that leave them.

use super::branch::{Cycle, CycleBranch, CycleEventKind, CycleStop};
use super::follow::{CycleOptions, from_hopf, through};
use super::mesh::Orbit;
use super::switch::{from_branch_point, from_doubling};
use crate::dynamics::continuation::{Event, EventKind, Vary};
use crate::field::{Error, Field, Result, stated};

/// How slow a cycle may be per round, relative to the fastest of the branch from the Hopf point, for what leaves it to be
/// followed: towards a saddle-focus there are infinitely many doublings, and on each doubled branch again.
const SLOW: f64 = 5.0;

/// How far apart two solutions for one cycle are at most.
const SAME: f64 = 1e-5;

/// Does another branch start at such an event?
fn leaves(kind: CycleEventKind) -> bool {
    matches!(kind, CycleEventKind::PeriodDoubling | CycleEventKind::BranchPoint)
}

/// All branches of cycles that were found, and what could not be followed.
#[derive(Clone, Debug)]
pub struct Family {
    /// The branches: from the Hopf points first, then those that leave them.
    pub branches: Vec<CycleBranch>,
    /// What could not be followed, and why.
    pub notes: Vec<String>,
}

/// The cycles from every verified Hopf point among `events` and through every one of `cycles`, with the doubled and crossing
/// branches that leave them.
///
/// A Hopf point at which an earlier branch ends is not started from again, nor is a cycle on an earlier branch. Errors: an
/// interruption.
pub fn family(
    field: &dyn Field,
    p: &[f64],
    events: &[&Event],
    cycles: &[Cycle],
    vary: &Vary,
    options: &CycleOptions,
) -> Result<Family> {
    let mut all = Family { branches: Vec::new(), notes: Vec::new() };
    let (lo, hi) = vary.range();
    let quantity = &field.names().parameters[vary.parameter()];
    let place = |value: f64| stated([(quantity, value)]);
    for hopf in events.iter().filter(|e| e.kind == EventKind::Hopf && e.check.is_some()) {
        let ends_here = |b: &CycleBranch| {
            let last = &b.points[b.points.len() - 1];
            let near = hopf.at.iter().zip(&last.extremes).all(|(x, (low, high))| {
                let room = (high - low).max(0.05 * x.abs());
                (low - room..=high + room).contains(x)
            });
            b.stopped == CycleStop::Shrunk && near && (last.parameter - hopf.parameter).abs() < 0.02 * (hi - lo)
        };
        if all.branches.iter().any(ends_here) {
            continue;
        }
        all.take(&format!("the Hopf point at {}", place(hopf.parameter)), from_hopf(field, p, hopf, vary, options))?;
    }
    for cycle in cycles {
        let at = place(cycle.parameter);
        match all.branches.iter().position(|b| passes(field, b, cycle, vary, options)) {
            Some(k) => {
                all.notes.push(format!("the cycle at {at} lies on branch {} of cycles: it is followed once", k + 1))
            }
            None => {
                let found = through(field, &cycle.p, cycle.states(), cycle.period, vary, options);
                all.take(&format!("the cycle at {at}"), found)?;
            }
        }
    }
    // The longest period of what is left to another branch, for each branch.
    let fastest = |b: &CycleBranch| b.points.iter().map(|c| c.period).fold(f64::INFINITY, f64::min);
    let mut longest: Vec<f64> = all.branches.iter().map(|b| SLOW * fastest(b)).collect();
    let mut from = 0;
    for _ in 0..options.generations {
        let parents = from..all.branches.len();
        from = all.branches.len();
        for k in parents {
            let parent = all.branches[k].clone();
            let (near, late): (Vec<_>, Vec<_>) = parent
                .events
                .iter()
                .filter(|e| e.verified && e.vector.is_some() && leaves(e.kind))
                .partition(|e| e.cycle.period < longest[k]);
            if let Some(first) = late.first() {
                let count = late.len();
                let at = place(first.cycle.parameter);
                all.notes.push(format!(
                    "{count} branches that leave cycles more than {SLOW} times slower per round than the fastest from the Hopf point, the first at {at}, were not followed: \
                     towards a homoclinic orbit there is no end to them"
                ));
            }
            for event in near {
                let at = event.cycle.parameter;
                match event.kind {
                    // A doubled branch may come back to its parent at another doubling.
                    CycleEventKind::PeriodDoubling if !all.known(at, 2.0 * event.cycle.period) => {
                        let found = from_doubling(field, &parent, event, vary, options);
                        all.take(&format!("the period doubling at {}", place(at)), found)?;
                    }
                    CycleEventKind::BranchPoint if !all.known(at, event.cycle.period) => {
                        let found = from_branch_point(field, &parent, event, vary, options);
                        all.take(&format!("the branch point of cycles at {}", place(at)), found)?;
                    }
                    _ => {}
                }
                let rounds = if event.kind == CycleEventKind::PeriodDoubling { 2.0 } else { 1.0 };
                longest.resize(all.branches.len(), rounds * longest[k]);
            }
        }
    }
    Ok(all)
}

/// Does a branch pass through a cycle? Where two of its orbits enclose the parameter, the one between them is solved for.
fn passes(field: &dyn Field, branch: &CycleBranch, cycle: &Cycle, vary: &Vary, options: &CycleOptions) -> bool {
    let one = CycleOptions { points: 1, ..options.clone() };
    branch.points.windows(2).any(|pair| {
        let (a, b) = (&pair[0], &pair[1]);
        if !(a.parameter.min(b.parameter)..=a.parameter.max(b.parameter)).contains(&cycle.parameter) {
            return false;
        }
        let share = ((cycle.parameter - a.parameter) / (b.parameter - a.parameter)).clamp(0.0, 1.0);
        let mix = |a: f64, b: f64| a + share * (b - a);
        let between =
            Orbit::from_states(a.mesh().to_vec(), |s| a.at(s).iter().zip(b.at(s)).map(|(a, b)| mix(*a, b)).collect());
        let found = through(field, &cycle.p, between, mix(a.period, b.period), vary, &one);
        found.is_ok_and(|found| found.points[0].apart(cycle) < SAME)
    })
}

impl Family {
    fn take(&mut self, from: &str, found: Result<CycleBranch>) -> Result<()> {
        match found {
            Ok(branch) => self.branches.push(branch),
            Err(e @ Error::Interrupted { .. }) => return Err(e),
            // Where to start is not the user's choice here, so the advice is left out.
            Err(e) => {
                let text = e.to_string();
                self.notes
                    .push(format!("cycles from {from} were not followed: {}", text.lines().next().unwrap_or_default()));
            }
        }
        Ok(())
    }
    /// Does a branch that left another one start or end here?
    fn known(&self, parameter: f64, period: f64) -> bool {
        let left = |b: &&CycleBranch| b.started != CycleStop::Shrunk;
        self.branches.iter().filter(left).any(|b| {
            [&b.points[0], &b.points[b.points.len() - 1]].iter().any(|c| {
                let near = |a: f64, b: f64| (a - b).abs() < 1e-3 * a.abs().max(b.abs());
                near(c.parameter, parameter) && near(c.period, period)
            })
        })
    }
}
