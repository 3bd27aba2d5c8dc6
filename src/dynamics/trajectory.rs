//! Where was the system at time t? The dense result of a deterministic integration.
//!
//! Every accepted step keeps the polynomial that its method defines (degree five or less), sampled at six Chebyshev
//! points, which determine it exactly: [`Trajectory::at`] therefore answers with the method's own dense output, for
//! explicit and implicit methods alike.

use super::blowup::BlowUp;
use super::events::Event;
use crate::field::{Error, Names, Quantity, Result, Table, Unit};

/// How many points determine the polynomial of one step.
pub(crate) const NODES: usize = 6;

/// The Chebyshev points of the second kind on [0, 1].
pub(crate) fn nodes() -> [f64; NODES] {
    std::array::from_fn(|j| 0.5 - 0.5 * (std::f64::consts::PI * j as f64 / (NODES - 1) as f64).cos())
}

/// One step: the polynomial through six states between `start` and `start + length`.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub start: f64,
    pub length: f64,
    /// Six states in the order of [`nodes`].
    pub states: Vec<Vec<f64>>,
}

impl Segment {
    /// The state at time `t`, by the barycentric formula.
    pub fn at(&self, t: f64) -> Vec<f64> {
        let place = (t - self.start) / self.length;
        let (mut sum, mut weights) = (vec![0.0; self.states[0].len()], 0.0);
        for (j, (node, state)) in nodes().iter().zip(&self.states).enumerate() {
            if place == *node {
                return state.clone();
            }
            let sign = if j % 2 == 0 { 1.0 } else { -1.0 };
            let half = if j == 0 || j == NODES - 1 { 0.5 } else { 1.0 };
            let weight = sign * half / (place - node);
            weights += weight;
            sum.iter_mut().zip(state).for_each(|(s, x)| *s += weight * x);
        }
        sum.iter_mut().for_each(|s| *s /= weights);
        sum
    }
}

/// Why did an integration end?
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Stop {
    /// The requested time was reached.
    Until,
    /// An event that stops was met; its name.
    Event(String),
    /// The solution ends here: a state or a rate becomes infinite at a finite time, which was located.
    BlowUp(BlowUp),
    /// A variable left the range of numbers without a sign of a finite-time singularity (exponential runaway).
    Runaway {
        /// The variable.
        variable: String,
        /// When it passed the limit (s).
        t: f64,
    },
    /// Somebody asked for the end.
    Interrupted,
}

impl Stop {
    /// In one word, for tables: `until`, `event`, `blow-up`, `runaway`, `interrupted`.
    pub fn word(&self) -> &'static str {
        match self {
            Stop::Until => "until",
            Stop::Event(_) => "event",
            Stop::BlowUp(_) => "blow-up",
            Stop::Runaway { .. } => "runaway",
            Stop::Interrupted => "interrupted",
        }
    }
}

/// The states of a system over time, with its events and the reason of its end.
#[derive(Clone, Debug)]
pub struct Trajectory {
    /// The names of the field it belongs to.
    pub names: Names,
    /// The recorded times (s).
    pub t: Vec<f64>,
    /// The states at the recorded times, one row per time (coherent units).
    pub x: Vec<Vec<f64>>,
    /// The readouts at the recorded times, one row per time (coherent units).
    pub readouts: Vec<Vec<f64>>,
    /// What was met on the way, in order of time.
    pub events: Vec<Event>,
    /// Why it ended.
    pub stopped: Stop,
    /// How many steps were accepted.
    pub steps: usize,
    /// Which methods ran, in order: `tsit45`, `bdf`.
    pub methods: Vec<&'static str>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) end: (f64, Vec<f64>),
}

impl Trajectory {
    /// When it ended (s).
    pub fn end(&self) -> f64 {
        self.end.0
    }
    /// Where it ended (coherent units).
    pub fn last(&self) -> &[f64] {
        &self.end.1
    }
    /// The state at time `t` (coherent units), from the dense output.
    ///
    /// # Errors
    /// Outside [0, [`end`](Trajectory::end)], and if the dense output was switched off.
    pub fn at(&self, t: f64) -> Result<Vec<f64>> {
        if t == self.end.0 {
            return Ok(self.end.1.clone());
        }
        if !(0.0..=self.end.0).contains(&t) {
            let why = format!("the trajectory covers 0 s to {} s", self.end.0);
            return Err(Error::domain(format!("state at {t} s"), why, "ask inside, or integrate longer"));
        }
        let after = self.segments.partition_point(|s| s.start <= t);
        match after.checked_sub(1).map(|i| &self.segments[i]) {
            Some(segment) => Ok(segment.at(t)),
            None => Err(Error::usage("this trajectory has no dense output", "integrate with `dense: true`")),
        }
    }
    /// The recorded values of a variable or readout by name (coherent units).
    pub fn column(&self, name: &str) -> Result<Vec<f64>> {
        if let Ok(i) = self.names.readout(name) {
            return Ok(self.readouts.iter().map(|row| row[i]).collect());
        }
        let i = self.names.variable(name)?;
        Ok(self.x.iter().map(|row| row[i]).collect())
    }
    /// One row per recorded time: t (s), the variables and the readouts in the units they are shown in.
    pub fn table(&self) -> Table {
        let table = Table::new().number("t", Unit::SECOND, self.t.clone());
        let table = columns(table, &self.names.variables, &self.x);
        columns(table, &self.names.readouts, &self.readouts)
    }
    /// One row per event: name, t (s), direction and the state.
    pub fn event_table(&self) -> Table {
        let rows: Vec<Vec<f64>> = self.events.iter().map(|e| e.state.clone()).collect();
        let table = Table::new()
            .text("event", self.events.iter().map(|e| e.name.clone()).collect())
            .number("t", Unit::SECOND, self.events.iter().map(|e| e.t).collect())
            .flag("rising", self.events.iter().map(|e| e.rising).collect());
        columns(table, &self.names.variables, &rows)
    }
}

/// `table` with one column per quantity, in the unit that it is shown in.
pub(crate) fn columns(table: Table, quantities: &[Quantity], rows: &[Vec<f64>]) -> Table {
    quantities.iter().enumerate().fold(table, |table, (i, q)| {
        table.number(&q.name, q.unit.clone(), rows.iter().map(|row| row[i] / q.unit.factor).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_six_nodes_carry_a_quintic() {
        let quintic = |t: f64| 1.0 - t + 2.0 * t.powi(2) - t.powi(3) + 0.5 * t.powi(4) + 3.0 * t.powi(5);
        let states = nodes().iter().map(|s| vec![quintic(2.0 + 3.0 * s)]).collect();
        let segment = Segment { start: 2.0, length: 3.0, states };
        for t in [2.0, 2.1, 3.3, 4.9, 5.0] {
            let (got, wanted) = (segment.at(t)[0], quintic(t));
            assert!((got - wanted).abs() < 1e-12 * wanted.abs(), "{got} at {t}, not {wanted}");
        }
    }
}
