//! Which cycle does a simulation run on? Recurrence on a section, polished by Newton's method and verified.
//!
//! The section is where the variable that swings most, relative to its size, rises through the middle of its swing at the
//! end of the run. A slow stretch of a fast-slow cycle never crosses it twice, and so is not taken for a
//! cycle; a run that still settles, rests, or never repeats is refused with a reason.

use super::branch::{Cycle, CycleBranch};
use super::follow::{CycleOptions, through};
use super::mesh::{DEGREE, Orbit};
use crate::dynamics::continuation::Vary;
use crate::dynamics::request::{check_lengths, scales};
use crate::dynamics::settle::{first_stretch, polish};
use crate::dynamics::{Integration, Stop, Trajectory, integrate};
use crate::field::{Error, Field, Result, Unit, stated};
use std::sync::atomic::Ordering;

/// How many rounds through the section one period may have: a burst goes round once per spike.
const ROUNDS: usize = 64;
/// How far from each other two passages through the section may be, relative to the swings, to try Newton's method.
const NEAR: f64 = 0.1;
/// How far from the simulated passage the verified orbit may pass, relative to the swings.
const SAME: f64 = 1e-2;
/// How large a multiplier may be on an orbit that a simulation stays on.
const HOLDS: f64 = 1.01;
/// How many steps of integration are made at most, and how many in one stretch.
const STEPS: usize = 400_000;
const STRETCH: usize = 30_000;

/// The branch of periodic orbits through the one that a simulation from `start` ends on, followed both ways.
///
/// The arguments and errors are those of [`simulated`], and the errors of [`from_guess`](super::from_guess).
pub fn from_simulation(
    field: &dyn Field,
    p: &[f64],
    start: &[f64],
    until: f64,
    vary: &Vary,
    options: &CycleOptions,
) -> Result<CycleBranch> {
    let cycle = simulated(field, p, start, until, vary, options)?;
    through(field, p, cycle.states(), cycle.period, vary, options)
}

/// Which periodic orbit does a simulation from `start` end on?
///
/// `start` in coherent units, `until` in s, infinite for as long as it takes (the steps are bounded); the varied parameter
/// has its value in `p`. The run goes on in stretches of doubling length until it repeats itself near an orbit that
/// Newton's method confirms and from which deviations do not grow. Errors: a run that does not reach its end, rests,
/// crosses its section too seldom, or does not repeat.
pub fn simulated(
    field: &dyn Field,
    p: &[f64],
    start: &[f64],
    until: f64,
    vary: &Vary,
    options: &CycleOptions,
) -> Result<Cycle> {
    options.check()?;
    let names = field.names();
    check_lengths(names, p, start)?;
    let refused = |why: String, help: &str| Error::domain("a cycle from a simulation", why, help);
    let usual = Integration { scales: Some(scales(names, start)), ..Integration::default() };
    let (mut x, mut t, mut steps) = (start.to_vec(), 0.0, 0);
    let first = first_stretch(field, p, start);
    let mut stretch = first;
    loop {
        if options.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Err(Error::Interrupted { what: "the simulation that looks for a cycle".into() });
        }
        // The last stretch is not a short one.
        let length = if 3.0 * stretch > until - t { until - t } else { stretch };
        // What is transient lies before the later stretches, and in the first half of the first.
        let from = if t > 0.0 { 0.0 } else { 0.5 * length };
        let run = integrate(field, p, &x, length, &usual).map_err(|e| match e {
            Error::Domain { what, why, help } if t > 0.0 => Error::Domain {
                what,
                why: format!("{why}, counted from {} after the start", Unit::SECOND.rounded(t)),
                help,
            },
            other => other,
        })?;
        (t, steps) = (t + run.end(), steps + run.steps);
        x = run.last().to_vec();
        if run.stopped != Stop::Until {
            let why = format!("the run ended after {}: {}", Unit::SECOND.rounded(t), run.stopped.word());
            return Err(refused(why, "start where the simulation stays bounded"));
        }
        let (why, help) = match Section::of(&run, from) {
            Some(section) => match section.cycle(&run, field, p, vary, options)? {
                Found::Cycle(cycle) => return Ok(*cycle),
                Found::Seldom(count) => (
                    format!(
                        "in the last {} the run rises through the middle of its swing {count} times, not three",
                        Unit::SECOND.rounded(length - from)
                    ),
                    "simulate for longer: a slow stretch of a cycle is no cycle",
                ),
                Found::Strays(nearest) => (
                    format!(
                        "the run does not repeat itself within {ROUNDS} rounds on an orbit that attracts; its nearest return \
                         is {nearest:.1e} of its swing away"
                    ),
                    "simulate for longer, or look for a parameter where it is periodic: chaotic and quasi-periodic runs \
                     have no period",
                ),
            },
            None => match polish(field, p, &x, usual.scales.as_deref().unwrap_or_default()) {
                Some(at) => {
                    let at = stated(names.variables.iter().zip(at));
                    let why = format!("the run comes to rest at the stable fixed point {at}");
                    return Err(refused(why, "start elsewhere, or choose parameters where it oscillates"));
                }
                None => (
                    "the run is at rest where it starts, at no fixed point that attracts".into(),
                    "start beside the fixed point, or simulate for longer",
                ),
            },
        };
        if t >= until || steps > STEPS || t > 1e15 * first {
            return Err(refused(format!("after {}, {why}", Unit::SECOND.rounded(t)), help));
        }
        if run.steps < STRETCH {
            stretch *= 2.0;
        }
    }
}

/// What the last stretch of a run shows.
enum Found {
    Cycle(Box<Cycle>),
    /// Too few passages, so many.
    Seldom(usize),
    /// No cycle that attracts; how far away the nearest return is.
    Strays(f64),
}

/// The level that a variable rises through.
struct Section {
    variable: usize,
    level: f64,
    swing: Vec<f64>,
    /// When the passages begin to count (s).
    from: f64,
}

impl Section {
    /// What the run does behind `from`; `None` where nothing moves.
    fn of(run: &Trajectory, from: f64) -> Option<Self> {
        let first = run.t.partition_point(|t| *t < from);
        let tail = &run.x[first.min(run.x.len() - 1)..];
        let n = tail[0].len();
        let range =
            |i: usize| tail.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x[i]), hi.max(x[i])));
        let size = |i: usize| run.x.iter().map(|x| x[i].abs()).fold(1e-300, f64::max);
        let relative = |i: usize| (range(i).1 - range(i).0) / size(i);
        let variable = (0..n).max_by(|&a, &b| relative(a).total_cmp(&relative(b))).unwrap_or(0);
        if relative(variable) < 1e-6 || relative(variable).is_nan() {
            return None;
        }
        let (lo, hi) = range(variable);
        // A variable that stays where it is must not count as far away.
        let largest = relative(variable);
        let swing = (0..n).map(|i| (range(i).1 - range(i).0).max(1e-3 * largest * size(i))).collect();
        Some(Section { variable, level: 0.5 * (lo + hi), swing, from })
    }
    /// The orbit on which the run repeats itself, confirmed by Newton's method.
    fn cycle(
        &self,
        run: &Trajectory,
        field: &dyn Field,
        p: &[f64],
        vary: &Vary,
        options: &CycleOptions,
    ) -> Result<Found> {
        let passages = self.passages(run)?;
        let [earlier @ .., (end, last)] = &passages[..] else { return Ok(Found::Seldom(0)) };
        if earlier.len() < 2 {
            return Ok(Found::Seldom(passages.len()));
        }
        let returns: Vec<(f64, f64)> =
            earlier.iter().rev().take(ROUNDS).map(|(t, x)| (end - t, self.apart(last, x))).collect();
        let nearest = returns.iter().map(|(_, gap)| *gap).fold(f64::INFINITY, f64::min);
        // A settled run comes back as near after two periods as after one.
        let near = |gap: f64| gap < NEAR && gap <= (3.0 * nearest).max(1e-6);
        for &(period, _) in returns.iter().filter(|(_, gap)| near(*gap)).take(4) {
            let one = CycleOptions { points: 1, ..options.clone() };
            let shape = self.shape(run, end - period, period, options);
            let Ok(found) = through(field, p, shape, period, vary, &one) else { continue };
            let cycle = found.points.into_iter().next().expect("a branch has its first point");
            // The same orbit: it passes where the run passes, takes as long, and the run stays on it.
            let same = self.distance(&cycle, last) < SAME && (cycle.period / period - 1.0).abs() < 0.1;
            let holds = cycle.multipliers.iter().all(|m| m.norm() < HOLDS);
            if same && holds && !self_repeats(&cycle, self) {
                return Ok(Found::Cycle(Box::new(cycle)));
            }
        }
        Ok(Found::Strays(nearest))
    }
    /// One round of the run, divided as the integration had to divide it.
    fn shape(&self, run: &Trajectory, from: f64, period: f64, options: &CycleOptions) -> Orbit {
        let inside: Vec<f64> = run.t.iter().map(|t| (t - from) / period).filter(|s| *s > 0.0 && *s < 1.0).collect();
        let least = 2 * options.intervals;
        let intervals = (inside.len() / DEGREE).clamp(least, options.intervals_max);
        let place = |k: usize| match (k, inside.len()) {
            (0, _) => 0.0,
            (k, _) if k == intervals => 1.0,
            (k, count) if count > 2 * intervals => inside[k * count / intervals],
            (k, _) => k as f64 / intervals as f64,
        };
        let missing = || vec![f64::NAN; self.swing.len()];
        let state = |phase: f64| run.at((from + phase * period).min(run.end())).unwrap_or_else(|_| missing());
        let fine = Orbit::from_states((0..=intervals).map(place).collect(), state);
        // Polynomials of degree seven need fewer intervals than the integration needs steps; what they lack is seen later.
        let mesh = fine.adapted_mesh((intervals / 4).max(least));
        fine.on(mesh)
    }
    /// When and where the run passes.
    fn passages(&self, run: &Trajectory) -> Result<Vec<(f64, Vec<f64>)>> {
        let mut found = Vec::new();
        let i = self.variable;
        for k in 1..run.t.len() {
            let (a, b) = (run.t[k - 1], run.t[k]);
            if a < self.from || !(run.x[k - 1][i] < self.level && run.x[k][i] >= self.level) {
                continue;
            }
            let (mut lo, mut hi) = (a, b);
            for _ in 0..60 {
                let middle = 0.5 * (lo + hi);
                *(if run.at(middle)?[i] < self.level { &mut lo } else { &mut hi }) = middle;
            }
            found.push((hi, run.at(hi)?));
        }
        Ok(found)
    }
    /// The distance of two states, relative to the swings.
    fn apart(&self, a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).zip(&self.swing).map(|((a, b), s)| ((a - b) / s).abs()).fold(0.0, f64::max)
    }
    /// The smallest distance of an orbit from a state.
    fn distance(&self, cycle: &Cycle, state: &[f64]) -> f64 {
        let mesh = cycle.mesh();
        let inside = mesh.windows(2).flat_map(|w| (0..40).map(move |k| w[0] + (w[1] - w[0]) * f64::from(k) / 40.0));
        inside.map(|phase| self.apart(&cycle.at(phase), state)).fold(f64::INFINITY, f64::min)
    }
}

/// Is it a shorter orbit, gone round several times?
fn self_repeats(cycle: &Cycle, section: &Section) -> bool {
    (2..=ROUNDS).any(|k| {
        let apart = |s: f64| section.apart(&cycle.at(s), &cycle.at(s + 1.0 / k as f64));
        (0..50).all(|s| apart(f64::from(s) / 50.0) < 1e-5)
    })
}
