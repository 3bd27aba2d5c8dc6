//! Which cycle does a simulation run on? Recurrence on a section, polished by Newton's method and verified.
//!
//! The section is where the variable that swings most, relative to its size, rises through the middle of its swing in
//! the second half of the run. A slow stretch of a fast-slow cycle never crosses it twice, and so is not taken for a
//! cycle; a run that still settles, rests, or never repeats is refused with a reason.

use super::branch::{Cycle, CycleBranch};
use super::follow::{CycleOptions, from_guess};
use crate::dynamics::continuation::Vary;
use crate::dynamics::{Integration, Stop, Trajectory, integrate};
use crate::field::{Error, Field, Result};

/// How many rounds through the section one period may have.
const ROUNDS: usize = 8;
/// How far from each other two passages through the section may be, relative to the swings, to try Newton's method.
const NEAR: f64 = 0.1;
/// How far from the simulated passage the verified orbit may pass, relative to the swings.
const SAME: f64 = 1e-2;

/// The branch of periodic orbits through the one that a simulation from `start` ends on, followed both ways.
///
/// `start` in coherent units, `until` in s: long enough for the transient and for three rounds behind it; the varied
/// parameter starts at its value in `p`. Errors: a run that does not reach its end, rests, crosses its section too
/// seldom, or does not repeat; and those of [`from_guess`].
pub fn from_simulation(
    field: &dyn Field,
    p: &[f64],
    start: &[f64],
    until: f64,
    vary: &Vary,
    options: &CycleOptions,
) -> Result<CycleBranch> {
    options.check()?;
    let run = integrate(field, p, start, until, &Integration::default())?;
    if run.stopped != Stop::Until {
        let why = format!("the run ended after {} s: {}", run.end(), run.stopped.word());
        return Err(Error::domain("a cycle from a simulation", why, "start where the simulation stays bounded"));
    }
    let section = Section::of(&run)?;
    let passages = section.passages(&run)?;
    let count = passages.len();
    if count < 3 {
        return Err(refused(
            format!("in its second half the run rises through the middle of its swing {count} times, not three"),
            "simulate for longer: a slow stretch of a cycle is no cycle",
        ));
    }
    let (end, last) = &passages[count - 1];
    let mut nearest = f64::INFINITY;
    for rounds in 1..=ROUNDS.min(count - 1) {
        let (before, other) = &passages[count - 1 - rounds];
        let gap = section.apart(last, other);
        nearest = nearest.min(gap);
        if gap > NEAR {
            continue;
        }
        let period = end - before;
        let states = |phase: f64| run.at(before + phase * period).unwrap_or_else(|_| vec![f64::NAN; start.len()]);
        let one = CycleOptions { points: 1, ..options.clone() };
        let Ok(found) = from_guess(field, p, &states, period, vary, &one) else { continue };
        let cycle = &found.points[0];
        // The same orbit: it passes where the run passes, and takes as long.
        let distance = section.distance(cycle, last);
        if distance < SAME.max(gap) && (cycle.period / period - 1.0).abs() < 0.1 && !self_repeats(cycle, &section) {
            let known = |phase: f64| cycle.at(phase);
            return from_guess(field, p, &known, cycle.period, vary, options);
        }
    }
    Err(refused(
        format!(
            "the run does not repeat itself within {ROUNDS} rounds; its nearest return is {nearest:.1e} of its swing away"
        ),
        "simulate for longer, or look for a parameter where it is periodic: chaotic and quasi-periodic runs have no period",
    ))
}

fn refused(why: String, help: &str) -> Error {
    Error::domain("a cycle from a simulation", why, help)
}

/// The level that a variable rises through.
struct Section {
    variable: usize,
    level: f64,
    swing: Vec<f64>,
}

impl Section {
    fn of(run: &Trajectory) -> Result<Self> {
        let half = run.t.partition_point(|t| *t < 0.5 * run.end());
        let tail = &run.x[half.min(run.x.len() - 1)..];
        let n = tail[0].len();
        let range =
            |i: usize| tail.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x[i]), hi.max(x[i])));
        let size = |i: usize| run.x.iter().map(|x| x[i].abs()).fold(1e-300, f64::max);
        let relative = |i: usize| (range(i).1 - range(i).0) / size(i);
        let variable = (0..n).max_by(|&a, &b| relative(a).total_cmp(&relative(b))).unwrap_or(0);
        if relative(variable) < 1e-6 || relative(variable).is_nan() {
            return Err(refused(
                "the run comes to rest".into(),
                "start elsewhere, or choose parameters where it oscillates",
            ));
        }
        let (lo, hi) = range(variable);
        // A variable that stays where it is must not count as far away.
        let largest = relative(variable);
        let swing = (0..n).map(|i| (range(i).1 - range(i).0).max(1e-3 * largest * size(i))).collect();
        Ok(Section { variable, level: 0.5 * (lo + hi), swing })
    }
    /// When and where the second half of the run passes.
    fn passages(&self, run: &Trajectory) -> Result<Vec<(f64, Vec<f64>)>> {
        let mut found = Vec::new();
        let i = self.variable;
        for k in 1..run.t.len() {
            let (a, b) = (run.t[k - 1], run.t[k]);
            if a < 0.5 * run.end() || !(run.x[k - 1][i] < self.level && run.x[k][i] >= self.level) {
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
