//! Where does the fast system rest while one slow variable moves? The critical manifold, its folds, the flow on it.
//!
//! The slow variables are frozen and one of them is followed like a parameter, through folds. On every point stands the
//! rate of that slow variable there: where it changes its sign the slow flow rests, and that point, corrected by Newton's
//! method on the whole system, is a fixed point of the model. It attracts the slow flow if the derivative of the slow rate
//! along the manifold is negative.

use super::SlowFast;
use super::adiabatic::reduced;
use crate::dynamics::continuation::{Branch, Event, EventKind, Options, Vary, follow};
use crate::dynamics::frozen::frozen;
use crate::dynamics::request::{check_lengths, scales};
use crate::error::{Error, Result};
use crate::field::Field;
use crate::num::linalg::{Factored, eigenvalues};
use nalgebra::DVector;

/// A fixed point of the whole system on the critical manifold.
#[derive(Clone, Debug)]
pub struct OnManifold {
    /// The whole state (coherent units).
    pub at: Vec<f64>,
    /// Does the fast subsystem attract there?
    pub attracting: bool,
    /// The eigenvalue of the reduced slow flow with the largest real part (its real part, 1/s).
    pub slow_rate: f64,
}

/// The critical manifold over one slow variable.
#[derive(Clone, Debug)]
pub struct CriticalManifold {
    /// The fixed points of the frozen fast subsystem over the slow variable; `stable` means that the sheet attracts.
    pub branch: Branch,
    /// The rate of the slow variable at each point of the branch (coherent unit per s).
    pub slow_rates: Vec<f64>,
    /// The fixed points of the whole system on it, with one slow variable.
    pub rests: Vec<OnManifold>,
}

impl CriticalManifold {
    /// Its folds that were verified.
    pub fn folds(&self) -> Vec<&Event> {
        self.branch.events.iter().filter(|e| e.kind == EventKind::Fold && e.check.is_some()).collect()
    }
}

/// The critical manifold through (or near) the state `at`, over the slow variable `slow` in `range`; other slow variables
/// are held where they are.
///
/// # Errors
/// A variable that is not slow, a range without the state's own value, or no rest of the fast subsystem near `at`.
pub fn critical_manifold(
    field: &dyn Field,
    p: &[f64],
    at: &[f64],
    division: &SlowFast,
    slow: &str,
    range: (f64, f64),
) -> Result<CriticalManifold> {
    check_lengths(field.names(), p, at)?;
    let names = division.slow_names();
    let Some(which) = names.iter().position(|n| *n == slow) else {
        field.names().variable(slow)?;
        return Err(Error::usage(format!("`{slow}` is a fast variable"), format!("take one of {}", names.join(", "))));
    };
    let fast = frozen(field, &names)?;
    let mut q = p.to_vec();
    q.extend(division.slow.iter().map(|&i| at[i]));
    let start: Vec<f64> = division.fast.iter().map(|&i| at[i]).collect();
    let vary = Vary::new(p.len() + which, range);
    let branch = follow(&fast, &q, &start, &vary, &Options { step_max: 0.02, ..Options::default() })?;
    let whole = |x: &[f64], y: f64| {
        let mut state = at.to_vec();
        division.fast.iter().zip(x).for_each(|(&i, v)| state[i] = *v);
        state[division.slow[which]] = y;
        state
    };
    let rate = |state: &[f64]| {
        let mut rates = vec![0.0; state.len()];
        field.rate(state, p, &mut rates);
        rates[division.slow[which]]
    };
    let slow_rates: Vec<f64> = branch.points.iter().map(|b| rate(&whole(&b.at, b.parameter))).collect();
    let mut rests = Vec::new();
    for k in (1..branch.points.len()).filter(|_| division.slow.len() == 1) {
        let (a, b) = (slow_rates[k - 1], slow_rates[k]);
        if (a < 0.0) == (b < 0.0) {
            continue;
        }
        let (from, to) = (&branch.points[k - 1], &branch.points[k]);
        let share = a / (a - b);
        let between = |a: f64, b: f64| a + share * (b - a);
        let x: Vec<f64> = from.at.iter().zip(&to.at).map(|(a, b)| between(*a, *b)).collect();
        rests.extend(rest(field, p, whole(&x, between(from.parameter, to.parameter)), division)?);
    }
    Ok(CriticalManifold { branch, slow_rates, rests })
}

/// The fixed point of the whole system near a state, checked at the returned point; `None` if there is none.
fn rest(field: &dyn Field, p: &[f64], mut x: Vec<f64>, division: &SlowFast) -> Result<Option<OnManifold>> {
    let sizes = scales(field.names(), &x);
    let mut step = DVector::zeros(x.len());
    for _ in 0..30 {
        field.rate(&x, p, step.as_mut_slice());
        step = Factored::new(&field.jacobian(&x, p))?.solve(&step);
        x.iter_mut().zip(step.iter()).for_each(|(x, s)| *x -= s);
    }
    if !step.iter().zip(&sizes).all(|(s, size)| s.abs() < 1e-9 * size) {
        return Ok(None);
    }
    let jacobian = field.jacobian(&x, p);
    let real = |m| -> Result<f64> { Ok(eigenvalues(&m)?.first().map_or(f64::NAN, |l| l.re)) };
    let attracting = real(division.blocks(&jacobian)[0].clone())? < 0.0;
    Ok(Some(OnManifold { attracting, slow_rate: real(reduced(&jacobian, division)?)?, at: x }))
}
