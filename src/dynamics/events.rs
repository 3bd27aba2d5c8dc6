//! When does a quantity cross a value? Events, found in every step and located to rounding on the dense output.
//!
//! Between two nodes of a step's polynomial a change of sign is bisected until the two times are neighbours; the
//! accuracy is then that of the dense output itself. Two crossings between two neighbouring nodes of one step (a sixth of
//! a step apart or less) can be missed: limit the step with `max_step` where that matters.

use super::trajectory::{Segment, nodes};
use crate::field::{Field, Names, Result};
use std::fmt;
use std::sync::Arc;

/// Which crossings count?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From below to above.
    Rising,
    /// From above to below.
    Falling,
    /// Both.
    Either,
}

impl Direction {
    /// Does going from `before` to `after` count?
    pub(crate) fn counts(self, before: f64, after: f64) -> bool {
        let rising = before < 0.0 && after >= 0.0;
        let falling = before > 0.0 && after <= 0.0;
        match self {
            Direction::Rising => rising,
            Direction::Falling => falling,
            Direction::Either => rising || falling,
        }
    }
}

/// A function of state and parameters whose zero is an event.
type Function = Arc<dyn Fn(&[f64], &[f64]) -> f64 + Send + Sync>;

/// What is looked at.
#[derive(Clone)]
enum What {
    Variable(usize, f64),
    Readout(usize, f64),
    Function(Function),
}

/// An event to look out for.
///
/// ```
/// use homeostat::dynamics::Watch;
/// use homeostat::field::{Names, Quantity};
/// let names = Names::new("one weight", [Quantity::plain("w", 1.0)], []);
/// let saturated = Watch::crossing(&names, "w", 5.0)?.rising().stop();
/// let named = Watch::when("half", |x, _p| x[0] - 0.5);
/// assert!(Watch::crossing(&names, "v", 1.0).is_err());
/// # Ok::<(), homeostat::field::Error>(())
/// ```
#[derive(Clone)]
pub struct Watch {
    pub(crate) name: String,
    what: What,
    pub(crate) direction: Direction,
    pub(crate) stop: bool,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({:?}, {:?}, stop: {})", self.name, self.direction, self.stop)
    }
}

impl Watch {
    /// The crossing of a variable or a readout through `value` (coherent unit), in either direction.
    pub fn crossing(names: &Names, quantity: &str, value: f64) -> Result<Self> {
        let what = match names.readout(quantity) {
            Ok(i) => What::Readout(i, value),
            Err(_) => What::Variable(names.variable(quantity)?, value),
        };
        Ok(Self::of(format!("{quantity} = {value}"), what))
    }
    /// A zero of any function of state and parameters, in either direction.
    pub fn when(name: &str, zero: impl Fn(&[f64], &[f64]) -> f64 + Send + Sync + 'static) -> Self {
        Self::of(name.into(), What::Function(Arc::new(zero)))
    }
    fn of(name: String, what: What) -> Self {
        Watch { name, what, direction: Direction::Either, stop: false }
    }
    /// Only from below to above.
    pub fn rising(self) -> Self {
        Watch { direction: Direction::Rising, ..self }
    }
    /// Only from above to below.
    pub fn falling(self) -> Self {
        Watch { direction: Direction::Falling, ..self }
    }
    /// End the integration there.
    pub fn stop(self) -> Self {
        Watch { stop: true, ..self }
    }
    /// The function whose zero is meant.
    pub(crate) fn value(&self, field: &dyn Field, x: &[f64], p: &[f64]) -> f64 {
        match &self.what {
            What::Variable(i, value) => x[*i] - value,
            What::Readout(i, value) => {
                let mut out = vec![0.0; field.names().readouts.len()];
                field.read(x, p, &mut out);
                out[*i] - value
            }
            What::Function(f) => f(x, p),
        }
    }
}

/// Something that was met on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What: the name of its [`Watch`], or `w reaches 0`, `w leaves 0` at a bound.
    pub name: String,
    /// When (s).
    pub t: f64,
    /// The state there (coherent units).
    pub state: Vec<f64>,
    /// From below to above?
    pub rising: bool,
}

/// The zeros of `zero` along one step, each as the first time on its far side, with its direction.
pub(crate) fn zeros(segment: &Segment, direction: Direction, zero: impl Fn(&[f64]) -> f64) -> Vec<(f64, bool)> {
    let time = |s: f64| segment.start + s * segment.length;
    let places = nodes();
    let values: Vec<f64> = segment.states.iter().map(|x| zero(x)).collect();
    let mut found = Vec::new();
    // A node exactly on the zero keeps the sign that it was reached with.
    let mut before = values[0];
    for j in 1..places.len() {
        let after = values[j];
        if direction.counts(before, after) {
            found.push((bisect(segment, time(places[j - 1]), time(places[j]), before, &zero), before < after));
        }
        if after != 0.0 {
            before = after;
        } else if before != 0.0 {
            // It counted already: go on from the other side.
            before = -before.signum() * f64::MIN_POSITIVE;
        }
    }
    found
}

/// The first time in (lo, hi] at which `zero` no longer has the sign of `before`.
fn bisect(segment: &Segment, mut lo: f64, mut hi: f64, before: f64, zero: impl Fn(&[f64]) -> f64) -> f64 {
    loop {
        let mid = lo + 0.5 * (hi - lo);
        if mid <= lo || mid >= hi {
            return hi;
        }
        let value = zero(&segment.at(mid));
        if value != 0.0 && (value > 0.0) == (before > 0.0) { lo = mid } else { hi = mid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cubic() -> Segment {
        // (t − 1)(t − 2)(t − 3.5) on [0, 4].
        let f = |t: f64| (t - 1.0) * (t - 2.0) * (t - 3.5);
        Segment { start: 0.0, length: 4.0, states: nodes().iter().map(|s| vec![f(4.0 * s)]).collect() }
    }

    #[test]
    fn theory_zeros_of_a_cubic_with_their_directions() {
        let found = zeros(&cubic(), Direction::Either, |x| x[0]);
        let wanted = [(1.0, true), (2.0, false), (3.5, true)];
        assert_eq!(found.len(), 3);
        for ((t, rising), (wanted, up)) in found.iter().zip(wanted) {
            assert!((t - wanted).abs() < 1e-14 && *rising == up, "{t}");
        }
        assert_eq!(zeros(&cubic(), Direction::Falling, |x| x[0]).len(), 1);
    }

    #[test]
    fn theory_a_zero_on_a_node_counts_once() {
        let line = Segment { start: 0.0, length: 1.0, states: nodes().iter().map(|s| vec![s - nodes()[2]]).collect() };
        let found = zeros(&line, Direction::Rising, |x| x[0]);
        assert_eq!(found.len(), 1, "{found:?}");
        let touching = Segment { states: nodes().iter().map(|s| vec![*s]).collect(), ..line };
        assert!(zeros(&touching, Direction::Either, |x| x[0]).is_empty());
    }
}
