//! How fast, and how slow, may homeostasis be? The window of a time constant in which a fixed point is stable.
//!
//! A fixed point is followed in one parameter over decades, by its logarithm. Where an eigenvalue crosses the imaginary
//! axis the window ends: the event is located by Newton's method, checked again from the returned point, and named (Hopf,
//! fold, branch point). Between the events stability is *proven* by interval arithmetic for every value of the parameter
//! in a cell, so that a bound also has a proven bracket: stable at its one end, unstable at its other.
//! What was not proven is listed as undecided; an end of the searched range is no bound and is not called one.
//!
//! ```
//! use homeostat::dynamics::time_window::{WindowOptions, time_window};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// A threshold that slides with the squared rate: dy/dt = y(y − θ)/10, dθ/dt = (y² − θ)/τ.
//! struct Sliding(Names);
//! impl Law for Sliding {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
//!         dx[0] = x[0] * (x[0] - x[1]) * 0.1;
//!         dx[1] = (x[0].square() - x[1]) / p[0];
//!     }
//! }
//! let model = Sliding(Names::new("sliding", ["y", "theta"].map(|n| Quantity::plain(n, 1.0)), [Quantity::plain("tau", 5.0)]));
//! let window = time_window(&model, &[5.0], &[1.0, 1.0], 0, (0.1, 1000.0), &WindowOptions::default())?;
//! let upper = &window.windows[0].upper;
//! assert!((upper.value - 10.0).abs() < 1e-9 && upper.verified);
//! let (below, above) = upper.proven.expect("proven on both sides");
//! assert!(below < 10.0 && 10.0 < above && above / below < 1.01);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod certify;
mod logarithm;
mod report;
mod section;
#[cfg(test)]
mod tests;

use crate::dynamics::continuation::{self, EventKind, Stopped, Vary, follow};
use crate::dynamics::request::{check_lengths, scales};
use crate::field::{Error, Field, Names, Pace, Result, Unit};
pub use certify::{Certified, Proven};
pub use report::table;
use section::{Halt, Section};
use std::sync::atomic::AtomicBool;

/// What is at an end of a window.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeKind {
    /// Stability is lost, or found, at a special point.
    Event(EventKind),
    /// Nothing happens: the searched range ends.
    Range,
    /// The branch could not be followed further; why.
    Lost(String),
}

impl EdgeKind {
    /// The word for it: `hopf`, `fold`, `branch-point`, `unexplained`, `range`, or why the branch was lost.
    pub fn name(&self) -> String {
        match self {
            EdgeKind::Event(kind) => kind.name().into(),
            EdgeKind::Range => "range".into(),
            EdgeKind::Lost(why) => why.clone(),
        }
    }
}

/// An end of a window.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The parameter there (coherent unit).
    pub value: f64,
    /// What happens there.
    pub kind: EdgeKind,
    /// The frequency of the oscillation that begins there (rad/s), at a Hopf point.
    pub omega: Option<f64>,
    /// Kuznetsov's first Lyapunov coefficient at a Hopf point; negative is supercritical.
    pub first_lyapunov: Option<f64>,
    /// Was the event checked again from the returned point?
    pub verified: bool,
    /// Stability is proven at one of these values and instability at the other; the edge lies between them.
    pub proven: Option<(f64, f64)>,
}

impl Edge {
    /// Is stability lost here, or does only the searched range end?
    pub fn is_bound(&self) -> bool {
        matches!(self.kind, EdgeKind::Event(_))
    }
}

/// A stretch of the parameter over which the fixed point is stable.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its lower end.
    pub lower: Edge,
    /// Its upper end.
    pub upper: Edge,
}

impl Window {
    /// Does it hold this value?
    pub fn contains(&self, value: f64) -> bool {
        self.lower.value <= value && value <= self.upper.value
    }
    /// By which factor a value may change before the nearest bound is met; infinite without bounds.
    pub fn margin(&self, value: f64) -> f64 {
        let below = if self.lower.is_bound() { value / self.lower.value } else { f64::INFINITY };
        let above = if self.upper.is_bound() { self.upper.value / value } else { f64::INFINITY };
        below.min(above)
    }
}

/// All windows of one parameter for one fixed point.
#[derive(Clone, Debug)]
pub struct TimeWindow {
    /// The parameter's name and unit.
    pub parameter: (String, Unit),
    /// Its place among the parameters.
    pub place: usize,
    /// Its present value (coherent unit).
    pub value: f64,
    /// Which range was searched (coherent unit).
    pub searched: (f64, f64),
    /// The fixed point at the present value (coherent units).
    pub at: Vec<f64>,
    /// Does the fixed point move with the parameter?
    pub moves: bool,
    /// The stretches of stability, ascending.
    pub windows: Vec<Window>,
    /// What is proven, ascending: neighbours with the same verdict are joined.
    pub certified: Vec<Certified>,
}

impl TimeWindow {
    /// The window that holds the present value, if the fixed point is stable there.
    pub fn present(&self) -> Option<&Window> {
        self.windows.iter().find(|w| w.contains(self.value))
    }
    /// By which factor the present value may change before stability is lost; `None` where it is lost already.
    pub fn margin(&self) -> Option<f64> {
        self.present().map(|w| w.margin(self.value))
    }
}

/// How hard to work on a window.
#[derive(Clone, Copy)]
pub struct WindowOptions<'a> {
    /// Cells narrower than this relative width are not cut any more.
    pub narrowest: f64,
    /// At most this many cells are looked at; zero proves nothing and is fast.
    pub cells: usize,
    /// Set to true from elsewhere, it ends the proofs early; what was proven is kept.
    pub stop: Option<&'a AtomicBool>,
}

impl Default for WindowOptions<'_> {
    fn default() -> Self {
        WindowOptions { narrowest: 1e-3, cells: 1_024, stop: None }
    }
}

/// The parameters that set the pace of homeostasis, by place: those declared `homeostatic`.
pub fn homeostatic(names: &Names) -> Vec<usize> {
    (0..names.parameters.len()).filter(|&k| names.parameters[k].pace == Some(Pace::Homeostatic)).collect()
}

/// The range in which a parameter is searched if nothing is said: its declared one, widened to hold `value`; a thousandth
/// to a thousandfold of `value` where none is declared or zero is in it.
pub fn usual_range(names: &Names, place: usize, value: f64) -> (f64, f64) {
    match names.parameters[place].range {
        Some((lo, hi)) if lo > 0.0 => (lo.min(value), hi.max(value)),
        Some((_, hi)) if hi > value => (1e-3 * value, hi),
        _ => (1e-3 * value, 1e3 * value),
    }
}

/// The windows of the parameter at `place` for the fixed point `at` (coherent units) over the range `searched`.
///
/// # Errors
/// A parameter that does not exist or is not positive, a range that is empty, not positive or without the present value,
/// or a state that is not an isolated fixed point.
pub fn time_window(
    field: &dyn Field,
    p: &[f64],
    at: &[f64],
    place: usize,
    searched: (f64, f64),
    options: &WindowOptions,
) -> Result<TimeWindow> {
    check_lengths(field.names(), p, at)?;
    let log = logarithm::logarithmic(field, place)?;
    let quantity = &field.names().parameters[place];
    let (lo, hi) = searched;
    if !(lo > 0.0 && lo < hi && hi.is_finite()) {
        let what = format!("the range {lo} to {hi} of `{}`", quantity.name);
        return Err(Error::usage(what, "give two positive values, the lower first"));
    }
    let value = p[place];
    if !(lo..=hi).contains(&value) {
        let what = format!("`{}` = {value} lies outside the searched range {lo} to {hi}", quantity.name);
        return Err(Error::usage(what, "search a range with the present value in it"));
    }
    let mut q = p.to_vec();
    q[place] = value.ln();
    let span = (lo.ln(), hi.ln());
    q[place] = q[place].clamp(span.0, span.1);
    let steps = continuation::Options { step: 0.01, step_max: 0.02, ..continuation::Options::default() };
    let branch = follow(&log, &q, at, &Vary::new(place, span), &steps)?;
    let section = Section::around(&log, &q, place, &branch, q[place], at);
    let sizes = scales(field.names(), at);
    let start = section.rest(q[place]);
    let rest = start.filter(|x| x.iter().zip(at).zip(&sizes).all(|((a, b), s)| (a - b).abs() <= 1e-6 * s));
    let Some(rest) = rest else {
        let why = "Newton's method from the given state leads elsewhere, or the point is not isolated";
        return Err(Error::domain("fixed point of a time window", why, "search the fixed point first"));
    };
    let certified = certify::certify(&log, &q, place, &section, options)?;
    let moves =
        section.points.iter().any(|(_, x)| x.iter().zip(&rest).zip(&sizes).any(|((a, b), s)| (a - b).abs() > 1e-9 * s));
    let windows = windows(&section, &certified, searched);
    let parameter = (quantity.name.clone(), quantity.unit.clone());
    Ok(TimeWindow { parameter, place, value, searched, at: rest, moves, windows, certified })
}

/// The stretches of stability between the places where it changes.
fn windows(section: &Section, certified: &[Certified], searched: (f64, f64)) -> Vec<Window> {
    // Stability is looked at on both sides of every event, at the points of the branch and in every proven cell.
    let events: Vec<f64> = section.events.iter().map(|e| e.parameter).collect();
    let mut borders = vec![section.ends.0];
    borders.extend(&events);
    borders.push(section.ends.1);
    let mut looks: Vec<f64> = borders.windows(2).map(|b| 0.5 * (b[0] + b[1])).collect();
    looks.extend(section.points.iter().map(|b| b.0));
    looks.extend(certified.iter().map(|c| 0.5 * (c.range.0.ln() + c.range.1.ln())));
    looks.retain(|q| events.iter().all(|e| (q - e).abs() > 1e-9) && *q >= section.ends.0 && *q <= section.ends.1);
    looks.sort_by(f64::total_cmp);
    let seen: Vec<(f64, bool)> = looks.into_iter().filter_map(|q| Some((q, section.abscissa(q)? < 0.0))).collect();
    let mut edges: Vec<(Edge, bool)> = Vec::new();
    let Some((_, first)) = seen.first() else { return Vec::new() };
    edges.push((end(section.ends.0, &section.halts.0, searched.0), *first));
    for pair in seen.windows(2) {
        if pair[0].1 != pair[1].1 {
            edges.push((change(section, pair[0].0, pair[1].0), pair[1].1));
        }
    }
    let last = end(section.ends.1, &section.halts.1, searched.1);
    let mut windows = Vec::new();
    for (k, (edge, stable)) in edges.iter().enumerate() {
        if *stable {
            let upper = edges.get(k + 1).map_or(&last, |e| &e.0).clone();
            windows.push(Window { lower: edge.clone(), upper });
        }
    }
    for window in &mut windows {
        certify::bracket(&mut window.lower, certified);
        certify::bracket(&mut window.upper, certified);
    }
    windows
}

/// The edge between two values at which stability differs: the event there, or a place found by bisection.
fn change(section: &Section, below: f64, above: f64) -> Edge {
    let inside = section.events.iter().filter(|e| e.parameter > below && e.parameter < above);
    // Of several events the verified one with a pair or an eigenvalue on the axis explains the change.
    if let Some(event) = inside.min_by_key(|e| (e.check.is_none(), e.kind == EventKind::Unexplained)) {
        return Edge {
            value: event.parameter.exp(),
            kind: EdgeKind::Event(event.kind),
            omega: event.omega,
            first_lyapunov: event.first_lyapunov,
            verified: event.check.is_some(),
            proven: None,
        };
    }
    let (mut a, mut b) = (below, above);
    let stable = section.abscissa(a).is_some_and(|s| s < 0.0);
    while b - a > 1e-12 {
        let middle = 0.5 * (a + b);
        let same = section.abscissa(middle).is_some_and(|s| s < 0.0) == stable;
        *(if same { &mut a } else { &mut b }) = middle;
    }
    plain((0.5 * (a + b)).exp(), EdgeKind::Event(EventKind::Unexplained))
}

/// The edge at an end of the section.
fn end(q: f64, halt: &Halt, searched: f64) -> Edge {
    match halt {
        Halt::Branch(Stopped::Range) => plain(searched, EdgeKind::Range),
        Halt::Branch(other) => plain(q.exp(), EdgeKind::Lost(other.name())),
        Halt::Turn(event) => {
            let verified = event.as_ref().is_some_and(|e| e.check.is_some());
            Edge { verified, ..plain(q.exp(), EdgeKind::Event(EventKind::Fold)) }
        }
    }
}

fn plain(value: f64, kind: EdgeKind) -> Edge {
    Edge { value, kind, omega: None, first_lyapunov: None, verified: false, proven: None }
}
