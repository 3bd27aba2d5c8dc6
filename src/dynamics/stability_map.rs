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
use super::map_cut::halves;
use super::region::check as check_range;
use super::search::{Found, Search, Stopped, search};
use super::stability::{Stability, prove};
use super::system::{System, middle};
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

/// What the fixed points of a cell say about all of it; `None`: nothing that is proven.
type Tell<T> = fn(&System, &Found, &[Interval]) -> Option<T>;

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

/// The range of each varied parameter.
type Ranges = Vec<(f64, f64)>;

/// A box of parameters in pieces.
struct Pieces<T> {
    /// The ranges of each, and what is proven for it.
    cells: Vec<(Ranges, Option<T>)>,
    stopped: Stopped,
    looked_at: usize,
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
    let Pieces { cells, stopped, looked_at } = cut(field, p, over, region, options, (verdict, usize::MAX))?;
    let share = |ranges: &[(f64, f64)]| -> f64 {
        ranges.iter().zip(over).map(|((a, b), (_, (lo, hi)))| (b - a) / (hi - lo)).product()
    };
    let cell = |(ranges, verdict): (Ranges, Option<Verdict>)| MapCell {
        share: share(&ranges),
        ranges,
        verdict: verdict.unwrap_or(Verdict::Undecided),
    };
    let quantity = |k: usize| &field.names().parameters[k];
    let parameters = over.iter().map(|&(k, _)| (quantity(k).name.clone(), quantity(k).unit.clone())).collect();
    let cells = cells.into_iter().map(cell).collect();
    Ok(StabilityMap { over: over.to_vec(), parameters, cells, stopped, looked_at })
}

/// A range of a parameter with the number of fixed points that is proven for all of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    pub range: (f64, f64),
    pub points: Option<usize>,
}

/// How many fixed points are in `region`, for every value of one parameter in a range of it? Ranges in increasing order,
/// which together are the whole one, each with the number that is proven for all of it, if one is.
///
/// The work ends when `boxes` boxes of states were looked at. Errors: as [`stability_map`].
pub(crate) fn counts(
    field: &dyn Field,
    p: &[f64],
    over: (usize, (f64, f64)),
    region: &Region,
    (options, boxes): (&MapOptions, usize),
) -> Result<Vec<Counted>> {
    let found = cut(field, p, &[over], region, options, (number, boxes))?;
    Ok(found.cells.into_iter().map(|(ranges, points)| Counted { range: ranges[0], points }).collect())
}

/// Cut a box of parameters until `tell` can tell; the number is that of the boxes of states that may be looked at.
fn cut<T: Send>(
    field: &dyn Field,
    p: &[f64],
    over: &[(usize, (f64, f64))],
    region: &Region,
    options: &MapOptions,
    (tell, boxes): (Tell<T>, usize),
) -> Result<Pieces<T>> {
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
    let (mut looked_at, mut spent, mut stopped) = (0, 0, Stopped::Finished);
    while !queue.is_empty() {
        let interrupted = options.stop.is_some_and(|s| s.load(Ordering::Relaxed));
        if interrupted || looked_at + queue.len() > options.cells || spent > boxes {
            stopped = if interrupted { Stopped::Interrupted } else { Stopped::Budget };
            cells.extend(queue.drain(..).map(|o| (o.ranges, None)));
            break;
        }
        looked_at += queue.len();
        let judged: Vec<_> = queue
            .into_par_iter()
            .map(|mut open| {
                let (told, boxes) = judge(field, &centre, &mut open, &task, tell);
                let pair = if told.is_none() { halves(field, &centre, &open, &task) } else { None };
                (open, told, boxes, pair)
            })
            .collect();
        queue = Vec::new();
        for (open, told, boxes, pair) in judged {
            spent += boxes;
            match pair {
                Some(pair) => queue.extend(pair),
                None => cells.push((open.ranges, told)),
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
    Ok(Pieces { cells, stopped, looked_at })
}

/// What can be proven for one cell, and how many boxes that took; it remembers the fixed points seen on the way.
fn judge<T>(field: &dyn Field, p: &[f64], open: &mut Open, task: &Task, tell: Tell<T>) -> (Option<T>, usize) {
    let mut q: Vec<Interval> = p.iter().map(|&v| Interval::point(v)).collect();
    for ((k, _), (lo, hi)) in task.over.iter().zip(&open.ranges) {
        q[*k] = Interval::new(*lo, *hi);
    }
    let sys = System::new(field, q);
    let found = search(&sys, &task.space, &open.guesses, &task.search, true);
    open.guesses =
        found.points.iter().map(|e| middle(&e.tight)).chain(found.failed.iter().map(|f| f.0.clone())).collect();
    (tell(&sys, &found, &task.space), found.boxes)
}

/// Were all fixed points found, and does none of them cross the border of the region within the cell?
fn settled(found: &Found, space: &[Interval]) -> bool {
    // For some parameters in the cell it may lie inside, for others outside.
    let inside = |(t, s): (&Interval, &Interval)| {
        let slack = 1e-9 * s.width();
        t.lo() >= s.lo() - slack && t.hi() <= s.hi() + slack
    };
    let within = |tight: &[Interval]| tight.iter().zip(space).all(inside);
    found.stopped == Stopped::Finished && found.undecided.is_empty() && found.points.iter().all(|e| within(&e.tight))
}

/// How many fixed points there are, whatever their stability.
fn number(_: &System, found: &Found, space: &[Interval]) -> Option<usize> {
    settled(found, space).then_some(found.points.len())
}

fn verdict(sys: &System, found: &Found, space: &[Interval]) -> Option<Verdict> {
    if !settled(found, space) {
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
