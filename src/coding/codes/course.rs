//! How does a code change while its circuit learns, and around a perturbation?
//!
//! The whole field is integrated under the mean stimulus; at every recorded time the code is read with the slow state of
//! that moment held. A moment at which it cannot be read (silent, unstable, negative rates) says why.

use super::reading::Reading;
use super::response::Coder;
use crate::dynamics::{Integration, Record, Stop, integrate};
use crate::error::{Error, Result};
use crate::field::{Table, Unit};

/// A code at one time.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The time (s).
    pub t: f64,
    /// `learning`; around a perturbation `before`, `during`, `after`.
    pub stage: &'static str,
    /// The state then (coherent units).
    pub state: Vec<f64>,
    /// What the code is worth then, or why it cannot be read.
    pub reading: Result<Reading>,
}

/// A code over time.
#[derive(Clone, Debug)]
pub struct Course {
    /// The moments in order of time.
    pub moments: Vec<Moment>,
    /// Why it ended, where that was before the time asked for: `blow-up`, `runaway`.
    pub stopped: Stop,
}

/// A change of a parameter or a push of a variable, and its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Perturbation {
    /// The parameter, or the variable, which is set once.
    pub quantity: String,
    /// Its value from then on (coherent unit).
    pub value: f64,
    /// When (s).
    pub from: f64,
    /// When a parameter goes back to what it was (s); `None`: it stays.
    pub until: Option<f64>,
    /// The end of the course (s).
    pub end: f64,
}

impl Coder<'_> {
    /// The code through learning: from `start` to `until` (s), at `points` + 1 times.
    ///
    /// # Errors
    /// Those of the integration. A moment that cannot be read is no error of the course.
    pub fn through(&self, p: &[f64], start: &[f64], until: f64, points: usize) -> Result<Course> {
        crate::coding::checks::positive("the time of learning", until)?;
        self.stretch(p, start, (0.0, until), points.max(1), "learning")
    }
    /// The code before, during and after a perturbation of an adapted circuit: `points` + 1 times in each stretch.
    ///
    /// The first moment of `during` is right after the change, when nothing slow has moved yet.
    ///
    /// # Errors
    /// Unknown quantities, times out of order, a stimulus that is perturbed beyond its mean, and errors of integration.
    pub fn perturbed(&self, p: &[f64], adapted: &[f64], change: &Perturbation, points: usize) -> Result<Course> {
        let names = self.field.names();
        let until = change.until.unwrap_or(change.end);
        let in_order = 0.0 <= change.from && change.from < until && until <= change.end && change.end.is_finite();
        if !in_order || !change.value.is_finite() {
            let what = format!(
                "perturbation of `{}` from {} s to {until} s of {} s",
                change.quantity, change.from, change.end
            );
            return Err(Error::usage(what, "give times in order, and a number"));
        }
        let points = points.max(1);
        let mut course = match change.from > 0.0 {
            true => self.stretch(p, adapted, (0.0, change.from), points, "before")?,
            false => Course { moments: vec![self.moment(p, 0.0, adapted, "before")], stopped: Stop::Until },
        };
        let mut state = course.moments.last().map_or_else(|| adapted.to_vec(), |m| m.state.clone());
        let mut changed = p.to_vec();
        let mut coder = self.code().clone().on(self.field)?;
        match names.parameter(&change.quantity) {
            // The stimulus keeps its shape and moves its mean.
            Ok(k) if k == self.stimulus => coder.code.distribution = coder.code.distribution.around(change.value),
            Ok(k) => changed[k] = change.value,
            Err(unknown) => match names.variable(&change.quantity) {
                Ok(i) => state[i] = change.value,
                Err(_) => return Err(unknown),
            },
        }
        let mut go = |coder: &Coder, p: &[f64], state: &[f64], ends: (f64, f64), stage| -> Result<Vec<f64>> {
            let part = coder.stretch(p, state, ends, points, stage)?;
            let last = part.moments.last().map_or_else(|| state.to_vec(), |m| m.state.clone());
            course.moments.extend(part.moments);
            course.stopped = part.stopped;
            Ok(last)
        };
        let state = go(&coder, &changed, &state, (change.from, until), "during")?;
        if until < change.end {
            go(self, p, &state, (until, change.end), "after")?;
        }
        Ok(course)
    }
    /// The code along the trajectory from `start`, between two times.
    fn stretch(
        &self,
        p: &[f64],
        start: &[f64],
        ends: (f64, f64),
        points: usize,
        stage: &'static str,
    ) -> Result<Course> {
        let (from, until) = ends;
        let times: Vec<f64> = (0..=points).map(|k| (until - from) * k as f64 / points as f64).collect();
        if start.is_empty() {
            let moments = times.iter().map(|t| self.moment(p, from + t, start, stage)).collect();
            return Ok(Course { moments, stopped: Stop::Until });
        }
        let options = Integration { record: Record::At(times), dense: false, ..Integration::default() };
        let run = integrate(self.field, &self.at_mean(p), start, until - from, &options)?;
        let moments = run.t.iter().zip(&run.x).map(|(t, x)| self.moment(p, from + t, x, stage)).collect();
        Ok(Course { moments, stopped: run.stopped })
    }
    fn moment(&self, p: &[f64], t: f64, state: &[f64], stage: &'static str) -> Moment {
        Moment { t, stage, state: state.to_vec(), reading: self.at(p, state) }
    }
}

impl Course {
    /// The information in bits over time; NaN where it cannot be read.
    pub fn information(&self) -> Vec<f64> {
        self.moments.iter().map(|m| m.reading.as_ref().map_or(f64::NAN, |r| r.information.value)).collect()
    }
    /// Every `n`-th moment of each stage, its first one included.
    pub fn every(&self, n: usize) -> Course {
        let stages = self.moments.chunk_by(|a, b| a.stage == b.stage);
        Course {
            moments: stages.flat_map(|s| s.iter().step_by(n.max(1)).cloned()).collect(),
            stopped: self.stopped.clone(),
        }
    }
    /// The times (s).
    pub fn times(&self) -> Vec<f64> {
        self.moments.iter().map(|m| m.t).collect()
    }
    /// One row per moment: t (s), stage, the state in shown units, what is read, and information, error, Fisher information, d' and accuracy.
    pub fn table(&self, coder: &Coder) -> Table {
        let table = Table::new()
            .number("t", Unit::SECOND, self.times())
            .text("stage", self.moments.iter().map(|m| m.stage.to_string()).collect());
        let states: Vec<&[f64]> = self.moments.iter().map(|m| m.state.as_slice()).collect();
        let table = states_in(table, coder, &states);
        worth(table, coder, &self.moments.iter().map(|m| &m.reading).collect::<Vec<_>>())
    }
}

/// The variables as columns, in shown units.
pub(super) fn states_in(mut table: Table, coder: &Coder, states: &[&[f64]]) -> Table {
    for (i, q) in coder.field().names().variables.iter().enumerate() {
        table = table.number(&q.name, q.unit.clone(), states.iter().map(|x| x[i] / q.unit.factor).collect());
    }
    table
}

/// The columns `information`, `error`, `fisher`, `dprime`, `accuracy` (bit, bit, per squared shown unit, 1, 1) and `why`.
pub(super) fn worth(table: Table, coder: &Coder, readings: &[&Result<Reading>]) -> Table {
    let unit = &coder.field().names().parameters[coder.stimulus].unit;
    let inverse = &Unit::NONE / &(unit * unit);
    let column =
        |f: &dyn Fn(&Reading) -> f64| -> Vec<f64> { readings.iter().map(|r| r.as_ref().map_or(f64::NAN, f)).collect() };
    let why = readings.iter().map(|r| match r {
        Ok(r) => r.information.trust.word().to_string(),
        Err(e) => e.to_string().lines().next().unwrap_or_default().to_string(),
    });
    let why = why.collect();
    let bit = Unit { symbol: "bit".into(), ..Unit::NONE };
    table
        .number("information", bit.clone(), column(&|r| r.information.value))
        .number("error", bit, column(&|r| r.information.trust.error()))
        .number("fisher", Unit { factor: 1.0, ..inverse }, column(&|r| r.fisher * unit.factor * unit.factor))
        .number("dprime", Unit::NONE, column(&|r| r.dprime))
        .number("accuracy", Unit::NONE, column(&|r| r.accuracy))
        .text("trust", why)
}
