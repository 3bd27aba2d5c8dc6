//! Are these all branches? A one-parameter diagram in a box, checked against the certified lists of fixed points.
//!
//! Branches start from every proven fixed point at a few parameter values, and every branch point is switched at.
//! Between two neighbouring special points the number of fixed points cannot change, so one certified list is enough in
//! each such interval, that from which branches started or a new one in the middle: every fixed point in it must have a
//! branch through it, and every branch a fixed point. What has none is followed too, and the check is made again.
//! Where no special point is known the number might change nevertheless: at a closed branch that lies between two of these
//! values, say. So the number of fixed points is proven for whole ranges of the parameter, states and parameter cut
//! together, and compared with that of the branches; what is left beside the special points is thin. The answer names the
//! values at which the lists were compared, the ranges in which nothing is proven, or what is missing.
//!
//! ```
//! use homeostat::dynamics::Region;
//! use homeostat::dynamics::continuation::{DiagramOptions, Vary, diagram};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// dx/dt = λ x − x³: a pitchfork, three branches meet.
//! struct Pitchfork(Names);
//! impl Law for Pitchfork {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[0] * x[0] - x[0].powi(3); }
//! }
//! let field = Pitchfork(Names::new("pitchfork", [Quantity::plain("x", 1.0)], [Quantity::plain("lambda", 0.0)]));
//! let vary = Vary::new(0, (-1.0, 1.0));
//! let all = diagram(&field, &[0.5], &vary, &Region::new([(-2.0, 2.0)])?, &DiagramOptions::default())?;
//! assert!(all.complete && all.branches.len() == 2);
//! assert_eq!(all.checked.iter().map(|c| c.fixed_points).collect::<Vec<_>>(), [1, 3]);
//! # Ok::<(), homeostat::Error>(())
//! ```

use super::branch::{Branch, EventKind, Stopped};
use super::extended::Extended;
use super::follow::{Options, Vary, both_ways};
use super::passing::{crossings, explain, known};
use super::walker::{Here, Marked, Trace, Walker};
use crate::dynamics::fixed_points::fixed_points_near;
use crate::dynamics::{FixedPoints, Region, Search};
use crate::field::{Error, Field, Result};
use nalgebra::DVector;
use std::sync::atomic::Ordering;

/// How a diagram is made.
#[derive(Clone)]
pub struct DiagramOptions<'a> {
    /// How each branch is followed; its region is replaced by the diagram's, a tenth wider on every side.
    pub branch: Options,
    /// How fixed points are searched for; its flag stops the diagram too.
    pub search: Search<'a>,
    /// At how many parameter values, evenly spread, branches start.
    pub starts: usize,
    /// The largest number of intervals between special points in which the list is checked; the widest are.
    pub checks: usize,
    /// The largest number of branches.
    pub branches: usize,
    /// How many boxes of states may be looked at to prove the number of fixed points between the checks; in more than two
    /// variables fewer, by the third power of their number.
    pub boxes: usize,
}

impl Default for DiagramOptions<'_> {
    fn default() -> Self {
        let search = Search { boxes: 20_000, starts: 32, ..Search::default() };
        DiagramOptions { branch: Options::default(), search, starts: 2, checks: 24, branches: 64, boxes: 150_000 }
    }
}

/// A parameter value at which the branches were compared with the certified list.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The parameter (coherent unit).
    pub parameter: f64,
    /// How many fixed points were found in the region.
    pub fixed_points: usize,
    /// How many branches pass through this value in the region.
    pub passing: usize,
    /// Is the list of fixed points proven to be complete?
    pub proven: bool,
}

/// All branches of fixed points in a box, as far as they were found.
#[derive(Clone, Debug)]
pub struct Diagram {
    /// The branches, each once, in the order in which they were found.
    pub branches: Vec<Branch>,
    /// Where the certified list was asked for, in increasing order.
    pub checked: Vec<Checked>,
    /// At every value in `checked` the list is proven, and each fixed point in it has exactly one branch through it;
    /// and between these values the number of fixed points is proven, but for what lies beside a special point.
    pub complete: bool,
    /// For which share of the parameter's range the number of fixed points is proven to be that of the branches.
    pub proven: f64,
    /// What stands in the way of that, in words.
    pub missing: Vec<String>,
}

/// The diagram of all fixed points in `region` while one parameter varies; `p` are the other parameters.
///
/// Errors: a parameter or range that makes no sense; no fixed point at any of the values that were tried.
pub fn diagram(
    field: &dyn Field,
    p: &[f64],
    vary: &Vary,
    region: &Region,
    options: &DiagramOptions,
) -> Result<Diagram> {
    vary.check(field)?;
    let (lo, hi) = vary.range();
    // Off the middle, where symmetric models have their special points.
    let count = options.starts.max(1);
    let starts: Vec<f64> = (0..count).map(|k| lo + (hi - lo) * (k as f64 + 0.537) / count as f64).collect();
    // Where the equations are not defined there is no list, and the rest of the range has its own.
    let (mut lists, mut nowhere) = (Vec::new(), Ok(()));
    for &at in &starts {
        match list(field, p, vary, at, region, (&[], &options.search)) {
            Err(e) if undefined(&e) => nowhere = nowhere.and(Err(e)),
            other => lists.push((at, other?)),
        }
    }
    if lists.is_empty() {
        nowhere?;
    }
    let widths = region.widths();
    let ranges: Vec<(f64, f64)> =
        region.ranges().iter().zip(&widths).map(|(r, w)| (r.0 - 0.1 * w, r.1 + 0.1 * w)).collect();
    let branch = Options { region: Some(ranges), ..options.branch.clone() };
    let problem = Extended::new(field, p, &[vary.parameter()], scales(region, &lists, hi - lo));
    let walker = Walker::new(field, problem, vary, &branch);
    let mut maker =
        Maker { walker, region, options, traces: Vec::new(), switched: 0, missing: Vec::new(), lists: vec![] };
    lists.iter().for_each(|(at, found)| maker.start(*at, found));
    let tried: Vec<String> = lists.iter().map(|(at, _)| maker.walker.shown(*at)).collect();
    maker.lists = lists.into_iter().filter(|(_, list)| list.complete).collect();
    // The branches know where most of the fixed points are.
    let certified = |at: f64, near: &[Vec<f64>]| {
        let search = Search { starts: 0, ..options.search };
        list(field, p, vary, at, region, (near, &search))
    };
    let mut checked = Vec::new();
    let mut counted = None;
    let mut proven = 0.0;
    for _ in 0..8 {
        maker.switch();
        let before = maker.traces.len();
        checked = maker.check(certified)?;
        // Where no list could be proven, one for a range of the parameter cannot be either.
        let hope = checked.iter().any(|c| c.proven);
        if maker.traces.len() == before && !maker.full() && hope {
            let ranges = match counted.take() {
                Some(ranges) => ranges,
                None => maker.count(field, p, vary)?,
            };
            proven = maker.between(&ranges, |at, near| list(field, p, vary, at, region, (near, &options.search)))?;
            counted = Some(ranges);
        }
        if maker.traces.len() == before || maker.full() {
            break;
        }
    }
    if maker.traces.is_empty() && !maker.interrupted() {
        let name = maker.walker.parameter_name();
        let what = format!("there is no fixed point in the region at any of the values of `{name}` that were tried");
        let help = "widen the region, or choose a range of the parameter in which there is one";
        let open = maker.missing.iter().map(|m| format!("; {m}")).collect::<String>();
        return Err(Error::usage(format!("{what} ({}){open}", tried.join(", ")), help));
    }
    if maker.interrupted() {
        maker.missing.push("interrupted: what was found until then is kept".into());
    }
    maker.missing.dedup();
    explain(&mut maker.traces);
    let branches = maker.traces.into_iter().map(|t| maker.walker.branch(t)).collect();
    Ok(Diagram { branches, complete: maker.missing.is_empty(), proven, checked, missing: maker.missing })
}

/// The branch through the fixed point nearest to `start` (found by Newton's method, or else where the flow comes to rest),
/// and every branch that crosses it: what can be had without a region to search in. Nothing is checked against a list.
///
/// The parameter starts at its value in `p`, or at the nearer end of its range. Errors: a parameter or range that makes
/// no sense; no fixed point from this start.
pub fn diagram_from(field: &dyn Field, p: &[f64], start: &[f64], vary: &Vary, options: &Options) -> Result<Diagram> {
    vary.check(field)?;
    crate::dynamics::request::check_lengths(field.names(), p, start)?;
    let (lo, hi) = vary.range();
    let mut p = p.to_vec();
    p[vary.parameter()] = p[vary.parameter()].clamp(lo, hi);
    let sizes = |x: &[f64]| crate::dynamics::request::scales(field.names(), x).into_iter().chain([hi - lo]).collect();
    let problem = Extended::new(field, &p, &[vary.parameter()], sizes(start));
    let walker = Walker::new(field, problem, vary, options);
    let first = match walker.start(start, p[vary.parameter()]) {
        Ok(first) => first,
        Err(e) => {
            let nothing = || match &e {
                Error::Domain { .. } => e.clone(),
                _ => Error::domain(
                    "the start of the branch",
                    format!(
                        "neither Newton's method nor the flow arrives at a fixed point from {}",
                        walker.place(&walker.problem.coordinates_of(start, &[p[vary.parameter()]]))
                    ),
                    "start somewhere else, or give the range of every variable, in which all fixed points are searched for",
                ),
            };
            let rest = crate::dynamics::settle(field, &p, start).map_err(|_| nothing())?;
            walker.start(&rest.at, p[vary.parameter()]).map_err(|_| nothing())?
        }
    };
    let region = Region::new(start.iter().map(|_| (0.0, 1.0)))?;
    let defaults = DiagramOptions::default();
    let traces = vec![both_ways(&walker, &first)];
    let (missing, lists) = (Vec::new(), Vec::new());
    let mut maker = Maker { walker, region: &region, options: &defaults, traces, switched: 0, missing, lists };
    maker.switch();
    let branches = maker.traces.into_iter().map(|t| maker.walker.branch(t)).collect();
    let missing = "only what hangs together with the fixed point nearest to the start was followed".to_string();
    Ok(Diagram { branches, checked: Vec::new(), complete: false, proven: 0.0, missing: vec![missing] })
}

/// The certified list at one value of the parameter.
fn list(
    field: &dyn Field,
    p: &[f64],
    vary: &Vary,
    at: f64,
    region: &Region,
    (near, search): (&[Vec<f64>], &Search),
) -> Result<FixedPoints> {
    let mut p = p.to_vec();
    if let Some(slot) = p.get_mut(vary.parameter()) {
        *slot = at;
    }
    fixed_points_near(field, &p, region, near, search)
}

/// Is it the place that is wrong, not the request?
pub(super) fn undefined(error: &Error) -> bool {
    matches!(error, Error::Domain { .. })
}

/// Sizes of the coordinates: how far the fixed points are apart, at least a hundredth of the region.
fn scales(region: &Region, lists: &[(f64, FixedPoints)], range: f64) -> Vec<f64> {
    let spread = |i: usize| {
        let all = lists.iter().flat_map(|(_, list)| list.points.iter().map(move |q| q.at[i]));
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        if high > low { high - low } else { 0.0 }
    };
    region.widths().iter().enumerate().map(|(i, w)| spread(i).clamp(0.01 * w, *w)).chain([range]).collect()
}

pub(super) struct Maker<'a> {
    pub walker: Walker<'a>,
    pub region: &'a Region,
    pub options: &'a DiagramOptions<'a>,
    pub traces: Vec<Trace>,
    /// So many traces have been switched at already.
    switched: usize,
    pub missing: Vec<String>,
    /// The complete lists that branches started from, with the value of the parameter.
    pub lists: Vec<(f64, FixedPoints)>,
}

impl Maker<'_> {
    pub fn interrupted(&self) -> bool {
        self.options.search.stop.is_some_and(|s| s.load(Ordering::Relaxed))
    }
    fn full(&self) -> bool {
        self.traces.len() >= self.options.branches || self.interrupted()
    }
    /// Follow every fixed point of a list that no branch passes through.
    pub fn start(&mut self, at: f64, found: &FixedPoints) {
        for point in &found.points {
            if self.full() {
                return;
            }
            match self.walker.start(&point.at, at) {
                Ok(here) if known(&self.walker, &self.traces, &here.z) => {}
                Ok(here) => {
                    let trace = both_ways(&self.walker, &here);
                    self.traces.push(trace);
                }
                Err(e) => self.missing.push(format!(
                    "the fixed point at {} could not be followed: {e}",
                    self.walker.place(&self.walker.problem.coordinates_of(&point.at, &[at]))
                )),
            }
        }
    }
    /// Switch at every verified branch point of the traces that were not switched at yet, and of those that come new.
    fn switch(&mut self) {
        while self.switched < self.traces.len() {
            let marks: Vec<Marked> = self.traces[self.switched].marks.clone();
            self.switched += 1;
            for mark in marks.iter().filter(|m| m.event.kind == EventKind::BranchPoint && m.event.check.is_some()) {
                if self.full() {
                    return;
                }
                let traces = std::cell::RefCell::new(&mut self.traces);
                let walker = &self.walker;
                walker.switch(mark, |z| known(walker, &traces.borrow(), z), |trace| traces.borrow_mut().push(trace));
            }
        }
    }
    /// A value in each interval between special points, the widest first chosen, in increasing order: where branches started
    /// from a complete list, or the middle.
    fn values(&self) -> Vec<f64> {
        let (lo, hi) = self.walker.range;
        let cuts = self.cuts();
        let mut gaps: Vec<(f64, f64)> =
            cuts.windows(2).map(|w| (w[0], w[1])).filter(|(a, b)| b - a > 1e-4 * (hi - lo)).collect();
        gaps.sort_by(|x, y| (y.1 - y.0).total_cmp(&(x.1 - x.0)));
        gaps.truncate(self.options.checks);
        // Near the end of an interval two fixed points may be hard to tell apart; where that list is complete they were.
        let listed = |(a, b): (f64, f64)| {
            let inside = |v: &f64| (a + 0.01 * (b - a)..b - 0.01 * (b - a)).contains(v);
            self.lists.iter().map(|(v, _)| *v).find(inside)
        };
        let mut values: Vec<f64> = gaps.iter().map(|&(a, b)| listed((a, b)).unwrap_or(a + 0.513 * (b - a))).collect();
        values.sort_by(f64::total_cmp);
        values
    }
    /// Where the number of fixed points may change as far as the branches tell, and the ends of the range, in order.
    pub fn cuts(&self) -> Vec<f64> {
        let (lo, hi) = self.walker.range;
        let special = |k: EventKind| {
            use EventKind::{BranchPoint, Fold, Kink, Pole, Unexplained};
            matches!(k, Fold | BranchPoint | Kink | Pole | Unexplained)
        };
        let marks = self.traces.iter().flat_map(|t| &t.marks).filter(|m| special(m.event.kind));
        // Where a branch leaves the region the number changes as well.
        let early = |s: &Stopped| !matches!(s, Stopped::Range | Stopped::Closed | Stopped::BranchPoint);
        let ends = self.traces.iter().flat_map(|t| {
            let both = [(&t.points[0], &t.stopped.0), (&t.points[t.points.len() - 1], &t.stopped.1)];
            both.into_iter().filter(|(_, s)| early(s)).map(|(h, _)| h)
        });
        let ends = ends.map(|h| self.walker.problem.parameter(&h.z, 0));
        let leave = self.traces.iter().flat_map(|t| self.border(t));
        let mut cuts: Vec<f64> = marks.map(|m| m.event.parameter).chain(ends).chain(leave).chain([lo, hi]).collect();
        cuts.retain(|v| (lo..=hi).contains(v));
        cuts.sort_by(f64::total_cmp);
        cuts
    }
    /// Parameter values between which a trace crosses the border of the region.
    fn border(&self, trace: &Trace) -> Vec<f64> {
        let inside = |h: &Here| self.region.contains(&self.walker.problem.state(&h.z));
        let crossing = trace.points.windows(2).filter(|w| inside(&w[0]) != inside(&w[1]));
        crossing.flat_map(|w| [&w[0], &w[1]].map(|h| self.walker.problem.parameter(&h.z, 0))).collect()
    }
    /// The points at which branches pass a value of the parameter, inside of the region or not.
    pub fn passing(&self, at: f64) -> Vec<DVector<f64>> {
        self.traces.iter().flat_map(|t| crossings(&self.walker, t, at)).collect()
    }
    /// Compare with the certified lists, and follow what has no branch.
    fn check(&mut self, list: impl Fn(f64, &[Vec<f64>]) -> Result<FixedPoints>) -> Result<Vec<Checked>> {
        let mut checked = Vec::new();
        self.missing.retain(|m| m.contains("could not be followed"));
        for at in self.values() {
            if self.interrupted() {
                break;
            }
            let passing = self.passing(at);
            let near: Vec<Vec<f64>> = passing.iter().map(|z| self.walker.problem.state(z)).collect();
            let spot = format!("{} = {}", self.walker.parameter_name(), self.walker.shown(at));
            let known = self.lists.iter().find(|(v, _)| *v == at).map(|(_, found)| found.clone());
            let found = match known.map_or_else(|| list(at, &near), Ok) {
                Err(e) if undefined(&e) => {
                    let why = format!("{e}").replace("\nhelp: ", ": ");
                    self.missing.push(format!("where {spot}, {why}"));
                    continue;
                }
                other => other?,
            };
            let inside = |z: &&DVector<f64>| self.region.contains(&self.walker.problem.state(z));
            let passing: Vec<&DVector<f64>> = passing.iter().filter(inside).collect();
            let name = |what: &str| format!("{what} where {spot}");
            if passing.len() > found.points.len() && found.complete {
                self.missing.push(name("more branches than fixed points were found"));
            }
            if passing.len() < found.points.len() {
                let before = self.traces.len();
                self.start(at, &found);
                if self.traces.len() == before {
                    let what = "a fixed point without a branch through it";
                    self.missing.push(format!("{what} where {spot}"));
                }
            }
            if !found.complete {
                let why = found.undecided.first().map_or("the search was ended early".into(), |u| u.why.clone());
                self.missing.push(format!("the list of fixed points is not proven where {spot}: {why}"));
            }
            let (fixed_points, passing) = (found.points.len(), passing.len());
            checked.push(Checked { parameter: at, fixed_points, passing, proven: found.complete });
        }
        Ok(checked)
    }
}
