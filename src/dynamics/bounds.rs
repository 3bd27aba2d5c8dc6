//! What happens when a weight reaches its floor or ceiling? Hard bounds, kept by holding the variable there.
//!
//! Inside [low, high] nothing is changed. When a variable reaches a bound it is put on it exactly and its rate is taken
//! as zero for as long as the equation points outwards; when the equation points inwards again it is released. Both
//! moments are located like every event, so that no step crosses a kink.

use super::events::{Direction, zeros};
use super::trajectory::Segment;
use crate::field::{Error, Field, Names, Result};

/// A hard bound on one variable, low ≤ x ≤ high (coherent units, infinite where there is none).
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The place of the variable.
    pub variable: usize,
    /// Its floor.
    pub low: f64,
    /// Its ceiling.
    pub high: f64,
}

impl Bound {
    /// Keeps the named variable in [low, high].
    pub fn new(names: &Names, variable: &str, low: f64, high: f64) -> Result<Self> {
        let place = names.variable(variable)?;
        if low < high {
            return Ok(Bound { variable: place, low, high });
        }
        Err(Error::domain(format!("bounds of `{variable}`"), format!("{low} is not below {high}"), "give low first"))
    }
}

/// Which bounded variables stand at a bound, and at which.
pub(crate) struct Held {
    bounds: Vec<Bound>,
    /// Per bound: `Some(true)` held at the high end, `Some(false)` at the low end.
    at_high: Vec<Option<bool>>,
    variables: usize,
}

/// A variable reaches (`held`) or leaves one end of its bound.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    bound: usize,
    variable: usize,
    value: f64,
    high: bool,
    held: bool,
}

impl Change {
    /// Puts the variable exactly on the bound.
    pub fn put(&self, x: &mut [f64]) {
        x[self.variable] = self.value;
    }
    pub fn rising(&self) -> bool {
        self.high == self.held
    }
    pub fn name(&self, names: &Names) -> String {
        let verb = if self.held { "reaches" } else { "leaves" };
        format!("{} {verb} {}", names.variables[self.variable].name, self.value)
    }
}

impl Held {
    pub fn new(names: &Names, bounds: &[Bound], start: &[f64]) -> Result<Self> {
        for bound in bounds {
            let x = start[bound.variable];
            if !(bound.low..=bound.high).contains(&x) {
                let name = &names.variables[bound.variable].name;
                let why = format!("{x} is outside its bounds [{}, {}]", bound.low, bound.high);
                return Err(Error::domain(format!("start of `{name}`"), why, "start inside"));
            }
        }
        Ok(Held { bounds: bounds.to_vec(), at_high: vec![None; bounds.len()], variables: start.len() })
    }
    /// Holds what stands on a bound and is driven outwards.
    pub fn hold_at_start(&mut self, x: &[f64], rates: &[f64]) {
        for (bound, at_high) in self.bounds.iter().zip(&mut self.at_high) {
            let (x, rate) = (x[bound.variable], rates[bound.variable]);
            if at_high.is_none() && x == bound.low && rate < 0.0 {
                *at_high = Some(false);
            } else if at_high.is_none() && x == bound.high && rate > 0.0 {
                *at_high = Some(true);
            }
        }
    }
    /// One flag per variable.
    pub fn flags(&self) -> Vec<bool> {
        let mut flags = vec![false; self.variables];
        self.held().for_each(|(bound, _)| flags[bound.variable] = true);
        flags
    }
    fn held(&self) -> impl Iterator<Item = (&Bound, bool)> {
        self.bounds.iter().zip(&self.at_high).filter_map(|(b, h)| h.map(|high| (b, high)))
    }
    /// Puts the held variables exactly on their bounds.
    pub fn pin(&self, states: &mut [Vec<f64>]) {
        for (bound, high) in self.held() {
            let value = if high { bound.high } else { bound.low };
            states.iter_mut().for_each(|x| x[bound.variable] = value);
        }
    }
    /// Takes the rates of held variables as zero.
    pub fn still(&self, rates: &mut [f64]) {
        self.held().for_each(|(bound, _)| rates[bound.variable] = 0.0);
    }
    /// The first variable that reaches or leaves a bound in a step, and when.
    pub fn first_change(&self, field: &dyn Field, p: &[f64], segment: &Segment) -> Option<(f64, Change)> {
        let mut first: Option<(f64, Change)> = None;
        let mut offer = |t: Option<f64>, change: Change| {
            if let Some(t) = t
                && first.as_ref().is_none_or(|(earliest, _)| t < *earliest)
            {
                first = Some((t, change));
            }
        };
        for (k, (bound, at_high)) in self.bounds.iter().zip(&self.at_high).enumerate() {
            let i = bound.variable;
            let change = |high: bool, held: bool| {
                let value = if high { bound.high } else { bound.low };
                Change { bound: k, variable: i, value, high, held }
            };
            if let Some(high) = *at_high {
                let direction = if high { Direction::Falling } else { Direction::Rising };
                let rate = |x: &[f64]| {
                    let mut rates = vec![0.0; x.len()];
                    field.rate(x, p, &mut rates);
                    rates[i]
                };
                offer(zeros(segment, direction, rate).first().map(|z| z.0), change(high, false));
                continue;
            }
            for (high, value, direction) in
                [(false, bound.low, Direction::Falling), (true, bound.high, Direction::Rising)]
            {
                // A variable just released sets out from the bound itself: only a way that leads outwards counts.
                let outwards = if high { 1.0 } else { -1.0 };
                let on_it = segment.states[0][i] == value;
                let gone = on_it && (segment.states[1][i] - value) * outwards > 0.0;
                let reached = if gone {
                    Some(segment.start)
                } else {
                    zeros(segment, direction, |x| x[i] - value).first().map(|z| z.0)
                };
                offer(reached, change(high, true));
            }
        }
        first
    }
    /// Carries a change out on the state.
    pub fn apply(&mut self, change: &Change, x: &mut [f64]) {
        change.put(x);
        self.at_high[change.bound] = change.held.then_some(change.high);
    }
}
