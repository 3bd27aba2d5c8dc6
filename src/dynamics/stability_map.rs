//! For which parameters is there one fixed point, and is it stable? A map whose colours are theorems.
//!
//! A box of parameters is cut into cells. In a cell the parameters are intervals, so that existence, uniqueness in the
//! region and stability are proven *for every parameter in the cell* at once, by the same operators as for a point.
//! A cell for which that fails is cut again, until what is left is a thin band around the true border. A positive range
//! that spans more than a factor of four is measured and cut in its logarithm: what makes a proof hard there is a ratio.
//! *Stable* is said of the linearisation: every Jacobian over the enclosure has its eigenvalues in the left half plane;
//! at a parameter for which the fixed point lies exactly on a kink, that means the Jacobians of all its sides.
//!
//! ```
//! use homeostat::dynamics::{MapOptions, Region, Verdict, stability_map};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// Gain and decay: dr/dt = 1 − r/τ + g r.
//! struct Loop(Names);
//! impl Law for Loop {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = x[0] * (p[0] - S::constant(1.0) / p[1]) + 1.0; }
//! }
//! let model = Loop(Names::new("loop", [Quantity::plain("r", 1.0)], ["g", "tau"].map(|n| Quantity::plain(n, 1.0))));
//! let region = Region::new([(0.0, 100.0)])?;
//! let map = stability_map(&model, &[0.1, 1.0], &[(1, (0.5, 2.0))], &region, &MapOptions::default())?;
//! assert_eq!(map.everywhere(), Some(Verdict::Stable));
//! assert!(map.sentence().starts_with("for every tau in [0.5, 2] the fixed point exists, is unique"));
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::fixed_points::{check, defined_somewhere};
use super::hurwitz::hurwitz;
use super::krawczyk::{Curve, Enclosed};
use super::map_cut::halves;
use super::region::check as check_range;
use super::search::{Found, Request, Search, Stopped, search};
use super::stability::{Stability, prove};
use super::system::{System, inside, meet, middle};
use super::{Region, map_report};
use crate::field::{Error, Field, Result, Table, Unit};
use crate::num::Interval;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is proven for every parameter in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Exactly one fixed point in the region, and it is stable.
    Stable,
    /// Exactly one fixed point in the region, and it is unstable.
    Unstable,
    /// No fixed point in the region.
    Empty,
    /// Exactly this many fixed points in the region, of which this many are stable.
    Several {
        /// How many fixed points.
        points: usize,
        /// How many of them are stable.
        stable: usize,
    },
    /// Not proven either way.
    Undecided,
}

impl Verdict {
    /// The word for it: `stable`, `unstable`, `empty`, `several`, `undecided`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Stable => "stable",
            Verdict::Unstable => "unstable",
            Verdict::Empty => "empty",
            Verdict::Several { .. } => "several",
            Verdict::Undecided => "undecided",
        }
    }
}

/// A box of parameters with what is proven for all of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MapCell {
    /// The range of each varied parameter (coherent units).
    pub ranges: Vec<(f64, f64)>,
    /// What is proven.
    pub verdict: Verdict,
    /// Which share of the whole box of parameters it is.
    pub share: f64,
}

/// How hard to work on a stability map.
#[derive(Clone, Copy)]
pub struct MapOptions<'a> {
    /// At most this many cells are looked at.
    pub cells: usize,
    /// A cell narrower than this fraction of the box in every parameter is not cut any more; of its logarithm, where
    /// that is what is cut.
    pub narrowest: f64,
    /// How hard to search for fixed points within one cell.
    pub search: Search<'a>,
    /// Set to true from elsewhere, it ends the work early; what was proven is kept.
    pub stop: Option<&'a AtomicBool>,
    /// Is told, after each generation, how many cells were looked at and how many are waiting.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
}

impl Default for MapOptions<'_> {
    fn default() -> Self {
        let search = Search { boxes: 2_000, narrowest: 1e-3, starts: 8, ..Search::default() };
        MapOptions { cells: 4_096, narrowest: 1.0 / 512.0, search, stop: None, progress: None }
    }
}

/// A box of parameters, cut into cells with proven verdicts.
#[derive(Clone, Debug)]
pub struct StabilityMap {
    /// The places of the varied parameters in the field's parameters, and their ranges (coherent units).
    pub over: Vec<(usize, (f64, f64))>,
    /// Their names and units, in the same order.
    pub parameters: Vec<(String, Unit)>,
    /// The cells; together they are the whole box.
    pub cells: Vec<MapCell>,
    /// Why the work ended.
    pub stopped: Stopped,
    /// How many cells were looked at, with those that were cut.
    pub looked_at: usize,
}

impl StabilityMap {
    /// Which share of the box of parameters has a verdict of this kind (its [`Verdict::name`]).
    pub fn share(&self, verdict: &str) -> f64 {
        self.cells.iter().filter(|c| c.verdict.name() == verdict).map(|c| c.share).sum()
    }
    /// The verdict, if it is the same for the whole box and not undecided.
    pub fn everywhere(&self) -> Option<Verdict> {
        let first = self.cells.first()?.verdict;
        (first != Verdict::Undecided && self.cells.iter().all(|c| c.verdict == first)).then_some(first)
    }
    /// The verdict at one combination of the varied parameters; undecided outside of the box.
    pub fn at(&self, values: &[f64]) -> Verdict {
        let holds = |c: &&MapCell| c.ranges.iter().zip(values).all(|((lo, hi), v)| lo <= v && v <= hi);
        self.cells.iter().find(holds).map_or(Verdict::Undecided, |c| c.verdict)
    }
    /// What is proven, in one sentence.
    pub fn sentence(&self) -> String {
        map_report::sentence(self)
    }
    /// One row per cell: the ends of each parameter's range, the verdict, how many fixed points, how many stable.
    pub fn table(&self) -> Table {
        map_report::table(self)
    }
}

/// What stays the same for all cells.
pub(super) struct Task<'a> {
    pub over: &'a [(usize, (f64, f64))],
    pub space: Vec<Interval>,
    pub narrowest: f64,
    search: Search<'a>,
}

/// A cell on its way, with fixed points of the cell it was cut from.
pub(super) struct Open {
    pub ranges: Vec<(f64, f64)>,
    pub guesses: Vec<Vec<f64>>,
}

/// Prove, over a box of parameters, how many fixed points are in `region` and whether they are stable.
///
/// `over` lists the varied parameters by place with their ranges; `p` holds the others. A fixed point on the border of
/// the region counts as inside if it leaves it by less than 1e-9 of its width.
/// Errors: as [`fixed_points`](super::fixed_points()), and a parameter that does not exist, is given twice, or has no range.
pub fn stability_map(
    field: &dyn Field,
    p: &[f64],
    over: &[(usize, (f64, f64))],
    region: &Region,
    options: &MapOptions,
) -> Result<StabilityMap> {
    let names = field.names();
    let mut centre = p.to_vec();
    for (at, &(k, (lo, hi))) in over.iter().enumerate() {
        let quantity = names.parameters.get(k).ok_or_else(|| {
            Error::usage(format!("there is no parameter {k}"), format!("there are {}", names.parameters.len()))
        })?;
        check_range(lo, hi, || format!("the range of `{}`", quantity.name))?;
        if over[..at].iter().any(|(other, _)| *other == k) {
            return Err(Error::usage(format!("`{}` is varied twice", quantity.name), "give one range"));
        }
        if k < centre.len() {
            centre[k] = 0.5 * lo + 0.5 * hi;
        }
    }
    if over.is_empty() {
        return Err(Error::usage("a stability map over no parameter", "name at least one with its range"));
    }
    check(names, &centre, region)?;
    let space = region.intervals();
    defined_somewhere(&System::at(field, &centre), &space, options.search.starts)?;

    let task = Task { over, space, narrowest: options.narrowest, search: options.search };
    let mut queue = vec![Open { ranges: over.iter().map(|o| o.1).collect(), guesses: vec![] }];
    let mut cells = Vec::new();
    let (mut looked_at, mut stopped) = (0, Stopped::Finished);
    while !queue.is_empty() {
        let interrupted = options.stop.is_some_and(|s| s.load(Ordering::Relaxed));
        if interrupted || looked_at + queue.len() > options.cells {
            stopped = if interrupted { Stopped::Interrupted } else { Stopped::Budget };
            cells.extend(queue.drain(..).map(|o| (o.ranges, None)));
            break;
        }
        looked_at += queue.len();
        let judged: Vec<_> = queue
            .into_par_iter()
            .map(|mut open| {
                let verdict = judge(field, &centre, &mut open, &task);
                let pair = if verdict.is_none() { halves(field, &centre, &open, &task) } else { None };
                (open, verdict, pair)
            })
            .collect();
        queue = Vec::new();
        for (open, verdict, pair) in judged {
            match pair {
                Some(pair) => queue.extend(pair),
                None => cells.push((open.ranges, verdict)),
            }
        }
        if let Some(progress) = options.progress {
            progress(looked_at, queue.len());
        }
    }
    cells.sort_by(|a, b| {
        let ends = a.0.iter().zip(&b.0);
        ends.map(|(a, b)| a.0.total_cmp(&b.0)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let share = |ranges: &[(f64, f64)]| -> f64 {
        ranges.iter().zip(over).map(|((a, b), (_, (lo, hi)))| (b - a) / (hi - lo)).product()
    };
    let cell = |(ranges, verdict): (Vec<(f64, f64)>, Option<Verdict>)| MapCell {
        share: share(&ranges),
        ranges,
        verdict: verdict.unwrap_or(Verdict::Undecided),
    };
    let quantity = |k: usize| &names.parameters[k];
    let parameters = over.iter().map(|&(k, _)| (quantity(k).name.clone(), quantity(k).unit.clone())).collect();
    let cells = cells.into_iter().map(cell).collect();
    Ok(StabilityMap { over: over.to_vec(), parameters, cells, stopped, looked_at })
}

/// What can be proven for one cell; it remembers the fixed points seen on the way.
fn judge(field: &dyn Field, p: &[f64], open: &mut Open, task: &Task) -> Option<Verdict> {
    let mut q: Vec<Interval> = p.iter().map(|&v| Interval::point(v)).collect();
    for ((k, _), (lo, hi)) in task.over.iter().zip(&open.ranges) {
        q[*k] = Interval::new(*lo, *hi);
    }
    let sys = System::new(field, q);
    let found = search(
        &sys,
        Request {
            region: &task.space,
            boxes: vec![task.space.clone()],
            guesses: &open.guesses,
            options: &task.search,
            all_or_nothing: true,
        },
    );
    open.guesses =
        found.points.iter().map(|e| middle(&e.tight)).chain(found.failed.iter().map(|f| f.0.clone())).collect();
    verdict(&sys, &found, &task.space)
}

/// Does each of some fixed points stay in the region for every parameter in the cell, and is none of them another one? For
/// some parameters it might lie inside, for others outside.
pub(super) fn settled(sys: &System, points: &[Enclosed], space: &[Interval]) -> bool {
    let inside = |(t, s): (&Interval, &Interval)| {
        let slack = 1e-9 * s.width();
        t.lo() >= s.lo() - slack && t.hi() <= s.hi() + slack
    };
    points.iter().all(|e| e.tight.iter().zip(space).all(inside)) && apart(sys, points, space)
}

/// Are some fixed points different ones? Regular curves over the cell that are different for one parameter are so for all:
/// those whose enclosures over the cell meet are enclosed at its middle.
pub(super) fn apart(sys: &System, points: &[Enclosed], space: &[Interval]) -> bool {
    let meeting = |a: &Enclosed| points.iter().any(|b| !std::ptr::eq(a, b) && meet(&a.tight, &b.tight));
    let close: Vec<&Enclosed> = points.iter().filter(|a| meeting(a)).collect();
    if close.is_empty() {
        return true;
    }
    let unit: Vec<f64> = space.iter().map(|i| i.width()).collect();
    let middle = System::at(sys.field, &sys.middle);
    let at: Option<Vec<Vec<Interval>>> =
        close.iter().map(|e| Some(Curve::new(&middle, &e.from, &unit).ok()?.over())).collect();
    // What is enclosed there is the point of that curve if no other can be near.
    at.is_some_and(|at| {
        let own = at.iter().zip(&close).all(|(t, e)| inside(t, &e.tight) || inside(t, &e.alone));
        own && (0..at.len()).all(|i| (0..i).all(|j| !meet(&at[i], &at[j])))
    })
}

fn verdict(sys: &System, found: &Found, space: &[Interval]) -> Option<Verdict> {
    let whole = found.stopped == Stopped::Finished && found.undecided.is_empty();
    if !(whole && settled(sys, &found.points, space)) {
        return None;
    }
    let unit: Vec<f64> = space.iter().map(|i| i.width()).collect();
    let mut stable = 0;
    for point in &found.points {
        let is_stable = stable_over(sys, &point.tight, &unit)?;
        stable += usize::from(is_stable);
    }
    Some(match (found.points.len(), stable) {
        (0, _) => Verdict::Empty,
        (1, 1) => Verdict::Stable,
        (1, _) => Verdict::Unstable,
        (points, stable) => Verdict::Several { points, stable },
    })
}

/// Is a fixed point in `tight` stable for every parameter in the cell? `None`: not proven either way.
pub(super) fn stable_over(sys: &System, tight: &[Interval], unit: &[f64]) -> Option<bool> {
    let proven = prove(&sys.whole_jacobian(tight), unit);
    proven.map(|s| s == Stability::Stable).or_else(|| hurwitz(&sys.jacobian(tight).1, sys.n, sys.speeds.as_deref()))
}
