//! What does a slow variable do that no sheet can hold? It drifts to a fold, jumps, drifts back: a relaxation cycle.
//!
//! With one slow variable y the singular cycle is made of legs. On each the state drifts along an attracting sheet of the
//! critical manifold from its landing to the fold that the slow flow reaches, in the time ∫ dy/g(h(y), y); from the fold
//! the fast subsystem alone decides where it lands. The sum of the legs is the period to leading order.
//! Passing a fold takes Δt = Ω₀ |a b g|^(−1/3) longer, where the fast flow near it is b v² + a (y − y_f), g = dy/dt there and
//! −Ω₀ is the first zero of the Airy function; the way back from y_f + g Δt takes g Δt/|g at the landing| more. Both are
//! of order ε^(−1/3), a fraction ε^(2/3) of the period (Mishchenko & Rozov 1980; Krupa & Szmolyan 2001).

use super::{CriticalManifold, SlowFast, critical_manifold};
use crate::dynamics::continuation::Event;
use crate::dynamics::frozen::frozen;
use crate::dynamics::request::check_lengths;
use crate::dynamics::settle::settle;
use crate::dynamics::slaved::{Slaved, slaved};
use crate::error::{Error, Result};
use crate::field::Field;
use crate::num::linalg::null_vectors;
use crate::num::{Jet, gauss_legendre};

/// The first zero of the Airy function Ai, negated (DLMF table 9.9.1).
const AIRY: f64 = 2.338_107_410_459_767;

/// The drift along one sheet, from its landing to its fold.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The whole state at which it lands (coherent units).
    pub landing: Vec<f64>,
    /// The whole state at the fold.
    pub fold: Vec<f64>,
    /// How long the drift takes to leading order (s).
    pub duration: f64,
    /// How much longer the passage of the fold takes, with the way back after it (s).
    pub delay: f64,
    /// How far two quadratures of the duration differ (s).
    pub error: f64,
}

/// A relaxation cycle to leading order.
#[derive(Clone, Debug)]
pub struct Relaxation {
    /// Its legs, in order.
    pub legs: Vec<Leg>,
    /// The period to leading order (s): the sum of the durations.
    pub period: f64,
    /// The period with the passage of the folds (s).
    pub corrected: f64,
}

/// The relaxation cycle that the slow flow from `start` (near an attracting sheet) runs into; `range` bounds the one slow
/// variable.
///
/// # Errors
/// More than one slow variable, a start that is not near an attracting sheet, a slow flow that rests on a sheet or leaves
/// the range, a fast subsystem that does not come to rest after a fold, or no return within twenty legs.
pub fn relaxation(
    field: &dyn Field,
    p: &[f64],
    start: &[f64],
    division: &SlowFast,
    range: (f64, f64),
) -> Result<Relaxation> {
    check_lengths(field.names(), p, start)?;
    if division.slow.len() != 1 {
        let what = format!("a relaxation cycle over {} slow variables", division.slow.len());
        return Err(Error::usage(what, "divide the model so that one variable is slow"));
    }
    let run = Run { field, p, division, range, slow: division.slow[0] };
    let mut landing = run.settled(start, start[run.slow])?;
    let mut legs: Vec<Leg> = Vec::new();
    for _ in 0..20 {
        let (leg, next) = run.leg(&landing)?;
        let same = |l: &Leg| (l.landing[run.slow] - landing[run.slow]).abs() < 1e-9 * (range.1 - range.0);
        if let Some(first) = legs.iter().position(|l| same(l) && run.close(&l.landing, &landing)) {
            legs.drain(..first);
            let period = legs.iter().map(|l| l.duration).sum();
            let corrected = legs.iter().map(|l| l.duration + l.delay).sum();
            return Ok(Relaxation { legs, period, corrected });
        }
        legs.push(leg);
        landing = next;
    }
    let why = "the legs do not repeat";
    Err(Error::domain("relaxation cycle", why, "start nearer to the cycle, or look at the trajectory"))
}

struct Run<'a> {
    field: &'a dyn Field,
    p: &'a [f64],
    division: &'a SlowFast,
    range: (f64, f64),
    slow: usize,
}

impl Run<'_> {
    fn close(&self, a: &[f64], b: &[f64]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-9))
    }
    /// dy/dt at a whole state.
    fn drift(&self, x: &[f64]) -> f64 {
        let mut rates = vec![0.0; x.len()];
        self.field.rate(x, self.p, &mut rates);
        rates[self.slow]
    }
    /// The whole state in which the fast subsystem comes to rest from `x` with the slow variable at `y`.
    fn settled(&self, x: &[f64], y: f64) -> Result<Vec<f64>> {
        let fast = frozen(self.field, &self.division.slow_names())?;
        let mut q = self.p.to_vec();
        q.push(y);
        let from: Vec<f64> = self.division.fast.iter().map(|&i| x[i]).collect();
        let rest = settle(&fast, &q, &from)?;
        let mut state = x.to_vec();
        self.division.fast.iter().zip(&rest.at).for_each(|(&i, v)| state[i] = *v);
        state[self.slow] = y;
        Ok(state)
    }
    /// The leg from a landing, and the landing after its fold.
    fn leg(&self, landing: &[f64]) -> Result<(Leg, Vec<f64>)> {
        let slow = self.division.slow_names()[0].to_string();
        let manifold = critical_manifold(self.field, self.p, landing, self.division, &slow, self.range)?;
        let y = landing[self.slow];
        let g = self.drift(landing);
        let Some(fold) = self.next_fold(&manifold, landing, g.signum()) else {
            let why = format!("from {slow} = {y:.6e} the slow flow meets no fold within the range");
            return Err(Error::domain("relaxation cycle", why, "widen the range; perhaps it rests on the sheet"));
        };
        let mut at = landing.to_vec();
        self.division.fast.iter().zip(&fold.at).for_each(|(&i, v)| at[i] = *v);
        at[self.slow] = fold.parameter;
        let sheet = slaved(self.field, &self.division.fast_names(), landing, self.p)?;
        let (duration, other) = (self.time(&sheet, y, fold.parameter, 48)?, self.time(&sheet, y, fold.parameter, 32)?);
        // A little beyond the fold the fast subsystem decides; then back to the fold's own value, on the new sheet.
        let beyond = fold.parameter + g.signum() * 1e-6 * (self.range.1 - self.range.0);
        let passed = self.settled(&at, beyond)?;
        let next = self.settled(&passed, fold.parameter)?;
        let pause = self.passage(&at)?;
        let back = (self.drift(&at) / self.drift(&next)).abs();
        let leg = Leg {
            landing: landing.to_vec(),
            fold: at,
            duration,
            delay: pause * (1.0 + back),
            error: (duration - other).abs(),
        };
        Ok((leg, next))
    }
    /// The first verified fold that the sheet through `landing` reaches in the direction of the drift.
    fn next_fold(&self, manifold: &CriticalManifold, landing: &[f64], direction: f64) -> Option<Event> {
        let y = landing[self.slow];
        let points = &manifold.branch.points;
        let far = |k: usize| {
            let fast = self
                .division
                .fast
                .iter()
                .zip(&points[k].at)
                .map(|(&i, v)| (landing[i] - v).abs() / (landing[i].abs() + 1e-9));
            fast.fold((points[k].parameter - y).abs() / (self.range.1 - self.range.0), f64::max)
        };
        let here = (0..points.len()).min_by(|&a, &b| far(a).total_cmp(&far(b)))?;
        // Along the branch in the direction of the drift, as long as the slow variable goes that way.
        let ahead =
            points.get(here + 1).is_some_and(|next| (next.parameter - points[here].parameter) * direction > 0.0);
        let mut k = here;
        loop {
            let next = if ahead { k + 1 } else { k.checked_sub(1)? };
            if (points.get(next)?.parameter - points[k].parameter) * direction <= 0.0 {
                break;
            }
            k = next;
        }
        let folds = manifold.folds();
        let near = folds.into_iter().min_by(|a, b| {
            (a.parameter - points[k].parameter).abs().total_cmp(&(b.parameter - points[k].parameter).abs())
        })?;
        ((near.parameter - y) * direction > 0.0).then(|| near.clone())
    }
    /// ∫ dy/g from `from` to the fold at `to`, with y = to ∓ u², which takes away the root at the fold.
    fn time(&self, sheet: &Slaved, from: f64, to: f64, nodes: usize) -> Result<f64> {
        let (direction, length) = ((to - from).signum(), (to - from).abs().sqrt());
        let mut sum = 0.0;
        for (place, weight) in gauss_legendre(nodes).into_iter().rev() {
            let u = 0.5 * length * (1.0 + place);
            let y = to - direction * u * u;
            let lost = || {
                Error::domain(
                    "sheet of the critical manifold",
                    format!("it cannot be followed to {y:.6e}"),
                    "narrow the range",
                )
            };
            let state = sheet.manifold(&[y], self.p).ok_or_else(lost)?;
            let g = self.drift(&state);
            if g * direction <= 0.0 || g.is_nan() {
                let why = format!("the slow flow comes to rest on the sheet near {y:.6e}, before the fold");
                return Err(Error::domain(
                    "relaxation cycle",
                    why,
                    "there is no cycle: look for the fixed point there",
                ));
            }
            sum += weight * length * u / g.abs();
        }
        Ok(sum)
    }
    /// Ω₀ |a b g|^(−1/3) at a fold.
    fn passage(&self, fold: &[f64]) -> Result<f64> {
        let jacobian = self.field.jacobian(fold, self.p);
        let [fz, fy, _, _] = self.division.blocks(&jacobian);
        let (v, w) = null_vectors(&fz).map(|(v, w)| (v.vector, w))?;
        let w = &w / w.dot(&v);
        let mut x: Vec<Jet> = fold.iter().map(|v| Jet::line(*v, 0.0)).collect();
        self.division.fast.iter().zip(v.iter()).for_each(|(&i, v)| x[i] = Jet::line(fold[i], *v));
        let q: Vec<Jet> = self.p.iter().map(|v| Jet::line(*v, 0.0)).collect();
        let mut out = x.clone();
        self.field.jet(&x, &q, &mut out);
        let b: f64 = self.division.fast.iter().zip(w.iter()).map(|(&i, w)| w * out[i].0[2]).sum();
        let a = w.dot(&fy.column(0));
        Ok(AIRY / (a * b * self.drift(fold)).abs().cbrt())
    }
}
