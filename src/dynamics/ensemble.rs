//! How do many noisy copies of a circuit spread? Ensembles of the Itô equation dx = f dt + G dW.
//!
//! Members are stepped sixteen at a time through the field's lanes, groups of them on all threads. The noise of member
//! m and source s is its own counter-based [`Stream`], named by (`words`, m, name of s): results are the same byte for byte
//! for any number of threads and members, and a model from which one noise source was taken away keeps the noise of
//! the others (common random numbers for ablations). Scheme and strong order: [`Scheme`].
//!
//! ```
//! use homeostat::dynamics::{Ensemble, ensemble};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// A weight held by its decay against additive noise: dw = (1 − w) dt + 0.3 dW.
//! struct Drift(Names);
//! impl Law for Drift {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], _p: &[S], dx: &mut [S]) { dx[0] = -x[0] + 1.0; }
//!     fn diffusion<S: Scalar>(&self, _x: &[S], _p: &[S], g: &mut [S]) { g[0] = S::constant(0.3); }
//! }
//! let names = Names { noises: vec!["xi".into()], ..Names::new("drift", [Quantity::plain("w", 1.0)], []) };
//! let run = ensemble(&Drift(names), &[], &[1.0], 5.0, &Ensemble { members: 400, dt: 0.01, ..Ensemble::default() })?;
//! let variance = run.variance("w")?;
//! assert!((variance[variance.len() - 1] - 0.045).abs() < 0.016); // σ²/2, five standard errors
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::bounds::Bound;
use super::request::check_lengths;
use super::statistics::EnsembleResult;
use super::stochastic::{Kernel, Scheme};
use crate::error::{Error, Result};
use crate::field::{Field, Names};
use crate::num::{LANES, Lanes, Scalar, Stream};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What happens to a member that a step takes beyond a bound?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edge {
    /// It is put on the bound.
    #[default]
    Clip,
    /// It is mirrored at the bound (and put on the other one if that takes it beyond).
    Reflect,
}

/// How to run an ensemble.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// How many members.
    pub members: usize,
    /// The step (s); shortened a little where the end time is not a multiple of it.
    pub dt: f64,
    /// The seed.
    pub seed: u64,
    /// What else names the noise: the hash of a specification, the cell of a sweep.
    pub words: Vec<u64>,
    /// The scheme.
    pub scheme: Scheme,
    /// At which intervals states are kept (s), rounded to whole steps; the start and the end always are.
    pub record_every: f64,
    /// Which quantiles the table shows.
    pub quantiles: Vec<f64>,
    /// Hard bounds on variables. With noise they cost accuracy near the bound: error of order √dt there.
    pub bounds: Vec<Bound>,
    /// What happens at the bounds.
    pub edge: Edge,
    /// Set to true from outside to end the run with [`Error::Interrupted`], or with what is done if `keep` is set.
    pub interrupt: Option<Arc<AtomicBool>>,
    /// After an interruption: keep the members that had reached the end, or, if none had, those that had begun until the
    /// last kept time that all of them reached.
    pub keep: bool,
    /// Counts the steps that were made, over all members, for a progress bar.
    pub progress: Option<Arc<AtomicU64>>,
}

impl Default for Ensemble {
    fn default() -> Self {
        Ensemble {
            members: 100,
            dt: 1e-3,
            seed: 1,
            words: Vec::new(),
            scheme: Scheme::EulerMaruyama,
            record_every: f64::INFINITY,
            quantiles: vec![0.05, 0.5, 0.95],
            bounds: Vec::new(),
            edge: Edge::Clip,
            interrupt: None,
            keep: false,
            progress: None,
        }
    }
}

/// How many steps share one block of noise.
const BLOCK: usize = 64;
/// How many numbers may be kept.
const LARGEST: usize = 250_000_000;

/// Runs `members` noisy copies of the field from `start` at t = 0 to `until` (s).
///
/// # Errors
/// Requests that make no sense or need too much memory, noise that does not commute under Milstein's scheme, an
/// interruption. A member that leaves the numbers is not an error: it is listed in [`EnsembleResult::lost`].
pub fn ensemble(field: &dyn Field, p: &[f64], start: &[f64], until: f64, options: &Ensemble) -> Result<EnsembleResult> {
    let options = &Ensemble { bounds: super::inside::bounds(field, p, &options.bounds), ..options.clone() };
    let plan = Plan::new(field.names(), p, start, until, options)?;
    let groups: Vec<usize> = (0..options.members.div_ceil(LANES)).collect();
    let kept: Result<Vec<Group>> =
        groups.par_iter().map(|&group| plan.run(field, p, start, options, group, true)).collect();
    let times = plan.times();
    let all = times.len();
    let (times, kept) = done(times, kept?)?;
    Ok(EnsembleResult::collect(field, p, options, (times, all), plan.h, kept))
}

/// A group with its number.
pub(crate) type Numbered = (usize, Group);

/// What an interruption left of the groups, with their numbers: those that have all times, or all that have begun for the
/// times that they share.
fn done(mut times: Vec<f64>, groups: Vec<Group>) -> Result<(Vec<f64>, Vec<Numbered>)> {
    let least = if groups.iter().any(|g| g.states.len() == times.len()) { times.len() } else { 2 };
    let mut kept: Vec<Numbered> = groups.into_iter().enumerate().filter(|(_, g)| g.states.len() >= least).collect();
    let Some(shared) = kept.iter().map(|(_, g)| g.states.len()).min() else {
        return Err(Error::Interrupted { what: "the ensemble".into() });
    };
    times.truncate(shared);
    kept.iter_mut().for_each(|(_, g)| g.states.truncate(shared));
    Ok((times, kept))
}

/// The kept states of one group: `states[record][variable]`, and when each lane was lost.
pub(crate) struct Group {
    pub states: Vec<Vec<Lanes>>,
    pub lost: [Option<(f64, usize)>; LANES],
}

/// Steps and times of a run.
struct Plan {
    steps: usize,
    h: f64,
    /// Steps between two kept states.
    stride: usize,
    until: f64,
    /// One word per noise source, from its name.
    sources: Vec<u64>,
}

impl Plan {
    fn new(names: &Names, p: &[f64], start: &[f64], until: f64, options: &Ensemble) -> Result<Self> {
        check_lengths(names, p, start)?;
        let steps = (until / options.dt * (1.0 - 1e-12)).ceil();
        if !(until > 0.0 && options.dt > 0.0 && steps < 1e15) {
            let why = format!("{until} s in steps of {} s", options.dt);
            return Err(Error::domain("duration of an ensemble", why, "both must be positive and finite"));
        }
        if options.members == 0 || options.record_every.is_nan() || options.record_every <= 0.0 {
            return Err(Error::usage("an ensemble without members or records", "ask for at least one member"));
        }
        if let Some(q) = options.quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return Err(Error::usage(format!("there is no quantile {q}"), "quantiles lie between 0 and 1"));
        }
        for bound in &options.bounds {
            let (x, name) = (start[bound.variable], &names.variables[bound.variable].name);
            if !(bound.low..=bound.high).contains(&x) {
                let why = format!("{x} is outside its bounds [{}, {}]", bound.low, bound.high);
                return Err(Error::domain(format!("start of `{name}`"), why, "start inside"));
            }
        }
        let (steps, h) = (steps as usize, until / steps);
        let stride = ((options.record_every / h).round().min(steps as f64) as usize).max(1);
        let plan = Plan { steps, h, stride, until, sources: names.noises.iter().map(|n| word(n)).collect() };
        let kept = plan.times().len() as f64 * options.members as f64 * start.len() as f64;
        if kept > LARGEST as f64 {
            let what = format!("{kept:.1e} numbers would have to be kept, more than {LARGEST}");
            return Err(Error::usage(what, "record less often (`record_every`) or run fewer members"));
        }
        Ok(plan)
    }

    /// The times of the kept states (s).
    fn times(&self) -> Vec<f64> {
        let inner = (0..self.steps).step_by(self.stride).map(|step| step as f64 * self.h);
        inner.chain([self.until]).collect()
    }

    /// Runs one group; `trusting` that noise that looks independent of the state is.
    fn run(
        &self,
        field: &dyn Field,
        p: &[f64],
        start: &[f64],
        options: &Ensemble,
        group: usize,
        trusting: bool,
    ) -> Result<Group> {
        let members = group * LANES..((group + 1) * LANES).min(options.members);
        let m = self.sources.len();
        let mut streams: Vec<Vec<Stream>> = self.sources.iter().map(|s| streams(options, &members, *s)).collect();
        let mut kernel = Kernel::new(field, p, options.scheme);
        if !trusting {
            kernel.forget();
        }
        let mut x: Vec<Lanes> = start.iter().map(|&v| Lanes::constant(v)).collect();
        let mut noise = vec![Lanes::constant(0.0); BLOCK * m];
        let scale = self.h.sqrt();
        let mut kept = Group { states: vec![x.clone()], lost: [None; LANES] };
        let interrupted = || options.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed));
        let mut done = 0;
        while done < self.steps {
            if interrupted() && options.keep {
                return Ok(kept);
            }
            // Noise comes in whole blocks from the start on, so that a path does not depend on when it is recorded.
            let from = done % BLOCK;
            if from == 0 {
                for (source, streams) in streams.iter_mut().enumerate() {
                    Stream::fill_normals(streams, noise[source..].iter_mut().step_by(m));
                }
                noise.iter_mut().for_each(|dw| *dw = *dw * scale);
            }
            let block = (BLOCK - from).min(self.steps - done).min(self.stride - done % self.stride);
            for step in from..from + block {
                kernel.step(&mut x, &noise[step * m..(step + 1) * m], self.h)?;
                if !options.bounds.is_empty() {
                    confine(&mut x, options);
                }
            }
            if !kernel.holds(&x) {
                return self.run(field, p, start, options, group, false);
            }
            done += block;
            self.find_lost(&x, done as f64 * self.h, &mut kept);
            if done % self.stride == 0 || done == self.steps {
                kept.states.push(x.clone());
            }
            if interrupted() && !options.keep {
                return Err(Error::Interrupted { what: format!("ensemble at t = {} s", done as f64 * self.h) });
            }
            if let Some(progress) = &options.progress {
                progress.fetch_add((block * members.len()) as u64, Ordering::Relaxed);
            }
        }
        Ok(kept)
    }

    /// Marks lanes that hold something that is not a finite number; nothing brings them back.
    fn find_lost(&self, x: &[Lanes], t: f64, kept: &mut Group) {
        for (i, x) in x.iter().enumerate() {
            for (lane, lost) in kept.lost.iter_mut().enumerate() {
                if lost.is_none() && !x.0[lane].is_finite() {
                    *lost = Some((t, i));
                }
            }
        }
    }
}

/// One stream per member for a noise source.
fn streams(options: &Ensemble, members: &Range<usize>, source: u64) -> Vec<Stream> {
    let stream = |member: usize| {
        let words: Vec<u64> = options.words.iter().copied().chain([member as u64, source]).collect();
        Stream::new(options.seed, &words)
    };
    members.clone().map(stream).collect()
}

/// A word that depends on a name alone (Fowler, Noll and Vo, FNV-1a, 64 bit).
fn word(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Brings every lane back into the bounds; what is not finite becomes NaN, so that a bound hides no overflow.
fn confine(x: &mut [Lanes], options: &Ensemble) {
    for bound in &options.bounds {
        for v in &mut x[bound.variable].0 {
            if !v.is_finite() {
                *v = f64::NAN;
            } else if *v < bound.low {
                *v = if options.edge == Edge::Clip { bound.low } else { (2.0 * bound.low - *v).min(bound.high) };
            } else if *v > bound.high {
                *v = if options.edge == Edge::Clip { bound.high } else { (2.0 * bound.high - *v).max(bound.low) };
            }
        }
    }
}
