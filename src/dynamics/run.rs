//! What is done with every accepted step? An integration under way.

use super::blowup::{BlowUp, Tail};
use super::bounds::Held;
use super::events::{Event, zeros};
use super::integrate::{Integration, Method, Record};
use super::stepper::{Advance, Step};
use super::trajectory::{Segment, Stop, Trajectory};
use crate::field::{Error, Field, Result};
use std::sync::atomic::Ordering;

/// A state beyond this many scales is a runaway: squares must stay finite.
const LIMIT: f64 = 1e100;

/// An integration under way.
pub(crate) struct Run<'a> {
    field: &'a dyn Field,
    p: &'a [f64],
    options: &'a Integration,
    until: f64,
    pub scales: Vec<f64>,
    pub t: f64,
    pub x: Vec<f64>,
    pub held: Held,
    tail: Tail,
    steps: usize,
    next_record: usize,
    times: Vec<f64>,
    states: Vec<Vec<f64>>,
    segments: Vec<Segment>,
    events: Vec<Event>,
    pub methods: Vec<&'static str>,
    pub stopped: Option<Stop>,
    stiff_steps: usize,
}

impl<'a> Run<'a> {
    pub fn new(
        field: &'a dyn Field,
        p: &'a [f64],
        start: &[f64],
        until: f64,
        options: &'a Integration,
        scales: Vec<f64>,
    ) -> Result<Self> {
        let mut run = Run {
            field,
            p,
            options,
            until,
            scales,
            t: 0.0,
            x: start.to_vec(),
            held: Held::new(field.names(), &options.bounds, start)?,
            tail: Tail::default(),
            steps: 0,
            next_record: 0,
            times: Vec::new(),
            states: Vec::new(),
            segments: Vec::new(),
            events: Vec::new(),
            methods: Vec::new(),
            stopped: (until == 0.0).then_some(Stop::Until),
            stiff_steps: 0,
        };
        let rates = run.rates(start)?;
        run.held.hold_at_start(start, &rates);
        run.record(0.0, None);
        Ok(run)
    }

    /// f(x), checked: the error names the variable and the time.
    fn rates(&self, x: &[f64]) -> Result<Vec<f64>> {
        let mut rates = vec![0.0; x.len()];
        self.field.rate(x, self.p, &mut rates);
        match rates.iter().position(|r| !r.is_finite()) {
            None => Ok(rates),
            Some(i) => {
                let names = self.field.names();
                let state: Vec<String> =
                    names.variables.iter().zip(x).map(|(q, v)| format!("{} = {v:.6e}", q.name)).collect();
                Err(Error::domain(
                    format!("the rate of change of `{}` at t = {} s", names.variables[i].name, self.t),
                    format!("it is {} at {}", rates[i], state.join(", ")),
                    "look at divisions, logarithms and roots in its equation, or start elsewhere",
                ))
            }
        }
    }

    /// Has somebody asked for the end?
    pub fn interrupted(&self) -> bool {
        self.options.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Takes over one accepted step; says how to go on.
    pub fn accept(&mut self, step: Step) -> Result<Option<Advance>> {
        let (t, x) = match step {
            Step::Failed(reason) => return self.failed(&reason).map(Some),
            Step::Accepted(t, x) => (t, x),
        };
        if self.interrupted() {
            return Ok(Some(Advance::Done));
        }
        self.steps += 1;
        if self.steps > self.options.max_steps {
            let last = self.x.clone();
            return Err(Error::NoConvergence {
                method: "integration within the largest number of steps",
                steps: self.options.max_steps,
                residual: (self.until - self.t) / self.until,
                last,
            });
        }
        let mut segment = x;
        self.held.pin(&mut segment);
        let segment = Segment { start: self.t, length: t - self.t, states: segment };
        let (end, advance) = self.look_for_events(&segment, t)?;
        let length = end - self.t;
        self.t = end;
        if advance.is_none() {
            self.x = segment.states[segment.states.len() - 1].clone();
        }
        self.record(end, Some(&segment));
        if self.options.dense {
            self.segments.push(segment);
        }
        if let Some(advance) = advance {
            return Ok(Some(advance));
        }
        let mut rates = self.rates(&self.x)?;
        self.held.still(&mut rates);
        self.watch_growth(&rates);
        if self.stopped.is_none() && self.t < self.until {
            if length < 1e-10 * self.t {
                self.stopped = self.blow_up(3.0).map(Stop::BlowUp);
            }
            if self.stopped.is_none() && length < 8.0 * f64::EPSILON * self.t {
                return Err(self.underflow("the steps have become as small as the rounding of time"));
            }
            if self.is_stiff(length) {
                return Ok(Some(Advance::Stiff));
            }
        } else if self.stopped.is_none() {
            self.stopped = Some(Stop::Until);
        }
        Ok(self.stopped.as_ref().map(|_| Advance::Done))
    }

    /// Events in a step: records those before its end, and moves the end to the first that stops or changes the system.
    fn look_for_events(&mut self, segment: &Segment, mut end: f64) -> Result<(f64, Option<Advance>)> {
        let mut found = Vec::new();
        for watch in &self.options.watch {
            let zero = |x: &[f64]| watch.value(self.field, x, self.p);
            if let Some(x) = segment.states.iter().find(|x| zero(x).is_nan()) {
                return Err(Error::domain(
                    format!("the event `{}` at about t = {} s", watch.name, segment.start),
                    format!("its function is not a number at {x:?}"),
                    "watch something that is defined along the whole way",
                ));
            }
            let stops = watch.stop;
            found.extend(
                zeros(segment, watch.direction, zero).into_iter().map(|(t, up)| (t, up, watch.name.clone(), stops)),
            );
        }
        let change = self.held.first_change(self.field, self.p, segment);
        if let Some((t, change)) = &change {
            end = *t;
            found.push((*t, change.rising(), change.name(self.field.names()), false));
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (t, rising, name, stops) in found {
            if t > end || self.stopped.is_some() {
                break;
            }
            let mut state = segment.at(t);
            if let Some((when, change)) = &change
                && *when == t
            {
                change.put(&mut state);
            }
            self.events.push(Event { name: name.clone(), t, state, rising });
            if stops {
                (self.stopped, end) = (Some(Stop::Event(name)), t);
            }
        }
        if self.stopped.is_some() {
            self.x = segment.at(end);
            return Ok((end, Some(Advance::Done)));
        }
        let Some((t, change)) = change else { return Ok((end, None)) };
        self.x = segment.at(t);
        self.held.apply(&change, &mut self.x);
        let rates = self.rates(&self.x)?;
        self.held.hold_at_start(&self.x, &rates);
        self.tail = Tail::default();
        if t >= self.until {
            self.stopped = Some(Stop::Until);
        }
        Ok((t, Some(if self.stopped.is_some() { Advance::Done } else { Advance::Restart })))
    }

    /// Follows the relative rate, and ends the run when a variable leaves the range of numbers.
    fn watch_growth(&mut self, rates: &[f64]) {
        let relative = |i: usize| rates[i].abs() / (self.scales[i] + self.x[i].abs());
        self.tail.push(self.t, (0..rates.len()).map(relative).fold(0.0, f64::max));
        if let Some(i) = (0..rates.len()).find(|&i| self.x[i].abs() > LIMIT * self.scales[i]) {
            self.stopped = Some(match self.blow_up(2.0) {
                Some(end) => Stop::BlowUp(end),
                None => Stop::Runaway { variable: self.field.names().variables[i].name.clone(), t: self.t },
            });
        }
    }

    /// The singularity that the run is heading for, if the rate has grown by `decades` and looks like one.
    fn blow_up(&self, decades: f64) -> Option<BlowUp> {
        let (t, error, beta, amplitude) = self.tail.singularity(decades)?;
        let mut rates = vec![0.0; self.x.len()];
        self.field.rate(&self.x, self.p, &mut rates);
        let relative = |i: &usize| rates[*i].abs() / (self.scales[*i] + self.x[*i].abs());
        let fastest = (0..rates.len()).max_by(|a, b| relative(a).total_cmp(&relative(b)))?;
        Some(BlowUp {
            t,
            error,
            variable: self.field.names().variables[fastest].name.clone(),
            beta,
            exponent: (beta > 0.95).then_some(amplitude),
        })
    }

    /// Is stability, not accuracy, what keeps an explicit method's steps this small?
    fn is_stiff(&mut self, length: f64) -> bool {
        let explicit = self.options.method == Method::Auto && self.methods.last() == Some(&"tsit45");
        if !explicit || !self.steps.is_multiple_of(20) || (self.until - self.t) < 1000.0 * length {
            return false;
        }
        // The stability region of Tsitouras 5(4) ends near −3.5 on the real axis.
        let jacobian = self.field.jacobian(&self.x, self.p);
        // No eigenvalue is larger than a norm, and a norm is had for nothing.
        let rows = jacobian.row_iter().map(|r| r.lp_norm(1)).fold(0.0, f64::max);
        let columns = jacobian.column_iter().map(|c| c.lp_norm(1)).fold(0.0, f64::max);
        let bound = rows.min(columns);
        let stiff = bound * length > 2.0 && super::request::fastest_decay(&jacobian) * length > 2.0;
        self.stiff_steps = if stiff { self.stiff_steps + 1 } else { 0 };
        self.stiff_steps >= 5
    }

    /// The method gave up on a step: a singularity, or an error that says why.
    fn failed(&mut self, reason: &str) -> Result<Advance> {
        self.rates(&self.x)?;
        match self.blow_up(3.0) {
            Some(end) => {
                self.stopped = Some(Stop::BlowUp(end));
                Ok(Advance::Done)
            }
            None => Err(self.underflow(reason)),
        }
    }

    fn underflow(&self, reason: &str) -> Error {
        Error::domain(
            format!("integration of {} at t = {} s, x = {:?}", self.field.names().model, self.t, self.x),
            format!("no step is small enough, and nothing grows like a finite-time blow-up ({reason})"),
            "look for a jump or an undefined value in the equations, or try the other method",
        )
    }

    /// Records what falls into the step that ends at `end`.
    fn record(&mut self, end: f64, segment: Option<&Segment>) {
        loop {
            let next = match &self.options.record {
                Record::Steps => {
                    self.times.push(end);
                    self.states.push(self.x.clone());
                    return;
                }
                Record::Every(dt) => self.next_record as f64 * dt,
                Record::At(times) => times.get(self.next_record).copied().unwrap_or(f64::INFINITY),
            };
            if next > end {
                return;
            }
            self.times.push(next);
            self.states.push(match segment {
                Some(segment) if next < end => segment.at(next),
                _ => self.x.clone(),
            });
            self.next_record += 1;
        }
    }

    pub fn finish(self) -> Trajectory {
        let names = self.field.names().clone();
        let read = |x: &Vec<f64>| {
            let mut out = vec![0.0; names.readouts.len()];
            self.field.read(x, self.p, &mut out);
            out
        };
        Trajectory {
            readouts: self.states.iter().map(read).collect(),
            names,
            t: self.times,
            x: self.states,
            events: self.events,
            stopped: self.stopped.unwrap_or(Stop::Until),
            steps: self.steps,
            methods: self.methods,
            segments: self.segments,
            end: (self.t, self.x),
        }
    }
}
