//! How does the system move from here? Deterministic integration with events, bounds and located blow-up.
//!
//! dx/dt = f(x; p) from x(0) = `start`. The steps are those of diffsol (Tsitouras 5(4) where the system is not stiff,
//! variable-order BDF where it is); the driver around them checks every accepted step, so that a run ends in one of four
//! ways: at the requested time, at an event, at a located singularity ([`BlowUp`](super::BlowUp)), or with an error that
//! names the variable and the time. It cannot run for ever: the number of steps is bounded.
//!
//! ```
//! use homeostat::dynamics::{Integration, Stop, integrate};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// Hebbian growth with a fixed threshold: dr/dt = r (r − θ)/τ, which blows up above θ.
//! struct Hebb(Names);
//! impl Law for Hebb {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = x[0] * (x[0] - p[0]) / p[1]; }
//! }
//! let parameters = [Quantity::plain("theta", 1.0), Quantity::plain("tau", 10.0)];
//! let hebb = Hebb(Names::new("hebb", [Quantity::plain("r", 1.5)], parameters));
//! let run = integrate(&hebb, &[1.0, 10.0], &[1.5], 100.0, &Integration::default())?;
//! let Stop::BlowUp(end) = &run.stopped else { panic!("it must blow up") };
//! assert!((end.t - 10.0 * 3f64.ln()).abs() < 1e-6);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::bounds::Bound;
use super::events::Watch;
use super::run::Run;
use super::stepper::{Advance, Problem, Settings};
use super::trajectory::{Stop, Trajectory};
use crate::field::{Error, Field, Result};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Which method makes the steps?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Explicit first; implicit from where stability, not accuracy, has kept the steps small for a while.
    #[default]
    Auto,
    /// Tsitouras 5(4), explicit.
    NonStiff,
    /// Backward differentiation, order 1 to 5, implicit.
    Stiff,
    /// Singly diagonally implicit Runge-Kutta, order 4 with error estimate of order 3: stiff, one-step, fit for kinks.
    Esdirk34,
}

/// Which times are recorded?
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Record {
    /// The start and every accepted step.
    #[default]
    Steps,
    /// 0, dt, 2 dt, … (s).
    Every(f64),
    /// These times, increasing (s).
    At(Vec<f64>),
}

/// How to integrate.
#[derive(Clone, Debug)]
pub struct Integration {
    /// The method.
    pub method: Method,
    /// Relative tolerance of a step.
    pub relative: f64,
    /// Absolute tolerance of a step, in units of the scale of each variable.
    pub absolute: f64,
    /// The scale of each variable (coherent units); `None`: the larger of its start and its usual start, or one shown
    /// unit where both are zero.
    pub scales: Option<Vec<f64>>,
    /// The longest step (s).
    pub max_step: f64,
    /// The largest number of steps, rejected ones not counted.
    pub max_steps: usize,
    /// Which times to record.
    pub record: Record,
    /// Keep the dense output for [`Trajectory::at`] (six states a step).
    pub dense: bool,
    /// Events to look out for.
    pub watch: Vec<Watch>,
    /// Hard bounds on variables: at a bound the outward part of the rate is removed.
    pub bounds: Vec<Bound>,
    /// Set to true from outside to end the run with [`Stop::Interrupted`]; what was recorded is kept.
    pub interrupt: Option<Arc<AtomicBool>>,
}

impl Default for Integration {
    fn default() -> Self {
        Integration {
            method: Method::Auto,
            relative: 1e-9,
            absolute: 1e-12,
            scales: None,
            max_step: f64::INFINITY,
            max_steps: 200_000,
            record: Record::Steps,
            dense: true,
            watch: Vec::new(),
            bounds: Vec::new(),
            interrupt: None,
        }
    }
}

/// Integrates dx/dt = f(x; p) from `start` at t = 0 to `until` (s).
///
/// `p` has one value per parameter, `start` one per variable, in coherent units.
///
/// # Errors
/// A rate that is not a number (with the variable and the time), steps that shrink without a singularity, more than
/// `max_steps` steps, and lengths or values that make no sense.
pub fn integrate(field: &dyn Field, p: &[f64], start: &[f64], until: f64, options: &Integration) -> Result<Trajectory> {
    let mut run = once(field, p, start, until, options)?;
    if let Stop::BlowUp(end) = &mut run.stopped {
        // How far the tolerance moves t*, seen from a run with a wider one.
        let coarse = Integration {
            relative: (30.0 * options.relative).min(1e-2),
            absolute: (30.0 * options.absolute).min(1e-2),
            record: Record::At(Vec::new()),
            dense: false,
            watch: Vec::new(),
            ..options.clone()
        };
        end.error += match once(field, p, start, until, &coarse).map(|run| run.stopped) {
            Ok(Stop::BlowUp(other)) => (other.t - end.t).abs(),
            _ => f64::INFINITY,
        };
    }
    Ok(run)
}

/// One run with the tolerances as they are.
fn once(field: &dyn Field, p: &[f64], start: &[f64], until: f64, options: &Integration) -> Result<Trajectory> {
    let limited = !field.bounds(p).is_empty();
    let options = &Integration { bounds: super::inside::bounds(field, p, &options.bounds), ..options.clone() };
    let inside = super::inside::Inside::new(field, &options.bounds);
    let field: &dyn Field = if limited { &inside } else { field };
    let scales = check(field, p, start, until, options)?;
    let mut run = Run::new(field, p, start, until, options, scales)?;
    let mut stiff = matches!(options.method, Method::Stiff | Method::Esdirk34);
    while run.stopped.is_none() {
        let method = match (stiff, options.method) {
            (false, _) => "tsit45",
            (true, Method::Esdirk34) => "esdirk34",
            (true, _) => "bdf",
        };
        if run.methods.last() != Some(&method) {
            run.methods.push(method);
        }
        let settings = Settings {
            method,
            relative: options.relative,
            absolute: run.scales.iter().map(|s| s * options.absolute).collect(),
            from: (run.t, run.x.clone()),
            until,
            max_step: options.max_step,
            held: run.held.flags(),
        };
        let problem = Problem { field, p, scales: &run.scales.clone() };
        match problem.run(settings, &mut |step| run.accept(step))? {
            Advance::Done if run.interrupted() => run.stopped = Some(Stop::Interrupted),
            Advance::Restart => {}
            Advance::Stiff => stiff = true,
            Advance::Done => break,
        }
    }
    Ok(run.finish())
}

/// The scales, after checking that the request makes sense.
fn check(field: &dyn Field, p: &[f64], start: &[f64], until: f64, options: &Integration) -> Result<Vec<f64>> {
    let names = field.names();
    super::request::check_lengths(names, p, start)?;
    if !(until >= 0.0 && until.is_finite()) {
        return Err(Error::domain(format!("end time {until} s"), "it must be finite and not negative", "give a time"));
    }
    for (what, value) in [("relative tolerance", options.relative), ("absolute tolerance", options.absolute)] {
        if !(1e-14..1.0).contains(&value) {
            let why = format!("{value} is not between 1e-14 and 1");
            return Err(Error::domain(what, why, "1e-9 relative and 1e-12 of the scale are the defaults"));
        }
    }
    let sensible = match &options.record {
        Record::Steps => true,
        Record::Every(dt) => *dt > 0.0 && until / dt < 1e8,
        Record::At(times) => times.windows(2).all(|w| w[0] < w[1]) && times.first().is_none_or(|t| *t >= 0.0),
    };
    if !sensible || options.max_step.is_nan() || options.max_step <= 0.0 {
        return Err(Error::usage(
            "the times to record or the longest step make no sense",
            "record at positive intervals or increasing times, with a positive longest step",
        ));
    }
    let scales = options.scales.clone().unwrap_or_else(|| super::request::scales(names, start));
    if scales.len() != start.len() || !scales.iter().all(|s| *s > 0.0 && s.is_finite()) {
        return Err(Error::usage(
            "the scales must be positive, one per variable",
            "leave them out to have them chosen",
        ));
    }
    Ok(scales)
}
