//! How is one step made? The bridge to diffsol: explicit Tsitouras 5(4), BDF and ESDIRK 3(4), with exact Jacobians.
//!
//! diffsol takes the largest of several error norms, in which a NaN would vanish and its step be accepted. A rate that is
//! not finite (or beyond 10¹²⁰ scales) is therefore handed over as 10¹²⁰ scales per second: such a trial step is
//! rejected and shortened, and the driver, which looks at the true rates of every accepted state, decides what it means.

use super::trajectory::nodes;
use crate::field::{Error, Field, Result};
use crate::num::Dual;
use diffsol::{DiffsolError, Vector};
use diffsol::{NalgebraLU, NalgebraMat, NalgebraVec, OdeBuilder, OdeEquations, OdeSolverMethod, OdeSolverStopReason};
use std::cell::RefCell;

type Matrix = NalgebraMat<f64>;
type Solver = NalgebraLU<f64>;

/// The largest rate, in scales per second.
const BARRIER: f64 = 1e120;

/// What to integrate.
pub(crate) struct Problem<'a> {
    pub field: &'a dyn Field,
    pub p: &'a [f64],
    pub scales: &'a [f64],
}

/// From where, how far and how exactly.
pub(crate) struct Settings {
    pub method: &'static str,
    pub relative: f64,
    pub absolute: Vec<f64>,
    pub from: (f64, Vec<f64>),
    pub until: f64,
    pub max_step: f64,
    /// Which variables stand still at a bound.
    pub held: Vec<bool>,
}

/// What happened.
pub(crate) enum Step {
    /// A step to this time; six states along it, the last of them at its end.
    Accepted(f64, Vec<Vec<f64>>),
    /// No step could be made, and what diffsol says about it.
    Failed(String),
}

/// How to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advance {
    /// Start again from the driver's state.
    Restart,
    /// Start again with an implicit method.
    Stiff,
    /// The end.
    Done,
}

impl Problem<'_> {
    /// Makes steps and hands each to `accept` until that says how to go on.
    pub fn run(&self, settings: Settings, accept: &mut dyn FnMut(Step) -> Result<Option<Advance>>) -> Result<Advance> {
        let n = settings.from.1.len();
        let (start, held) = (settings.from.1.clone(), &settings.held);
        let scratch = RefCell::new((vec![Dual::fixed(0.0); n], vec![Dual::fixed(0.0); n]));
        let parameters: Vec<Dual> = self.p.iter().map(|&v| Dual::fixed(v)).collect();
        let bounded = |value: f64, i: usize| match (held[i], value.is_nan()) {
            (true, _) => 0.0,
            (_, true) => BARRIER * self.scales[i],
            _ => value.clamp(-BARRIER * self.scales[i], BARRIER * self.scales[i]),
        };
        let rate = |x: &[f64], _: &[f64], _: f64, dx: &mut [f64]| {
            self.field.rate(x, self.p, dx);
            dx.iter_mut().enumerate().for_each(|(i, d)| *d = bounded(*d, i));
        };
        let jacobian = |x: &[f64], _: &[f64], _: f64, v: &[f64], out: &mut [f64]| {
            let (xd, dx) = &mut *scratch.borrow_mut();
            for (i, d) in xd.iter_mut().enumerate() {
                *d = Dual { v: x[i], d: if held[i] { 0.0 } else { v[i] } };
            }
            self.field.push(xd, &parameters, dx);
            out.iter_mut().enumerate().for_each(|(i, o)| *o = bounded(dx[i].d, i));
        };
        let mut problem = OdeBuilder::<Matrix>::new()
            .t0(settings.from.0)
            .rtol(settings.relative)
            .atol(settings.absolute.clone())
            .rhs_implicit(rate, jacobian)
            .init(move |_: &[f64], _: f64, y: &mut [f64]| y.copy_from_slice(&start), n)
            .build()
            .map_err(refused)?;
        problem.ode_options.min_timestep = f64::MIN_POSITIVE;
        problem.ode_options.max_error_test_failures = 200;
        problem.ode_options.max_nonlinear_solver_failures = 200;
        match settings.method {
            "tsit45" => drive(problem.tsit45().map_err(refused)?, &settings, accept),
            "esdirk34" => drive(problem.esdirk34::<Solver>().map_err(refused)?, &settings, accept),
            _ => drive(problem.bdf::<Solver>().map_err(refused)?, &settings, accept),
        }
    }
}

fn refused(cause: DiffsolError) -> Error {
    Error::usage(format!("the integrator refused the problem: {cause}"), "look at start, tolerances and parameters")
}

fn drive<'a, E, S>(
    mut solver: S,
    settings: &Settings,
    accept: &mut dyn FnMut(Step) -> Result<Option<Advance>>,
) -> Result<Advance>
where
    E: OdeEquations<T = f64, V = NalgebraVec<f64>> + 'a,
    S: OdeSolverMethod<'a, E>,
{
    // A remaining stretch below the rounding of time is no stretch.
    if solver.set_stop_time(settings.until).is_err() {
        let states = vec![settings.from.1.clone(); nodes().len()];
        accept(Step::Accepted(settings.until, states))?;
        return Ok(Advance::Done);
    }
    loop {
        let before = solver.state().t;
        if solver.state().h > settings.max_step {
            // Changing the state restarts a multistep method, so this is done only when a step would be too long.
            *solver.state_mut().h = settings.max_step;
        }
        let step = match solver.step() {
            Ok(reason) => {
                let at_end = matches!(reason, OdeSolverStopReason::TstopReached);
                let after = if at_end { settings.until } else { solver.state().t };
                sample(&solver, before, after)
                    .map_or_else(|e| Step::Failed(e.to_string()), |s| Step::Accepted(after, s))
            }
            Err(cause) => Step::Failed(cause.to_string()),
        };
        if let Some(advance) = accept(step)? {
            return Ok(advance);
        }
    }
}

/// Six states along the last step.
fn sample<'a, E, S>(solver: &S, before: f64, after: f64) -> std::result::Result<Vec<Vec<f64>>, DiffsolError>
where
    E: OdeEquations<T = f64, V = NalgebraVec<f64>> + 'a,
    S: OdeSolverMethod<'a, E>,
{
    let last = solver.state().y.clone_as_vec();
    let end = solver.state().t;
    let places = nodes();
    let mut states = Vec::with_capacity(places.len());
    for place in &places[..places.len() - 1] {
        states.push(solver.interpolate((before + place * (after - before)).clamp(before, end))?.clone_as_vec());
    }
    states.push(last);
    Ok(states)
}
