//! Where does the system come to rest from here? Integration until nothing moves, checked at the returned point.
//!
//! The flow is followed in stretches of doubling length. At the end of each, Newton's method is tried; its root counts as
//! the resting point only if it lies within a hundredth of a scale of the trajectory, its residual has been evaluated
//! again, and every eigenvalue there decays (so that the trajectory does go there). On a line of fixed points no
//! root is isolated: then the point itself counts once its speed could no longer move it within a thousand such stretches.

use super::integrate::{Integration, Record, integrate};
use super::request::{check_lengths, scales};
use super::trajectory::Stop;
use crate::error::{Error, Result};
use crate::field::Field;
use crate::num::linalg::{Factored, eigenvalues};
use nalgebra::DVector;

/// A point at which a trajectory comes to rest.
#[derive(Clone, Debug)]
pub struct Rest {
    /// The point (coherent units).
    pub at: Vec<f64>,
    /// max |dx/dt| / scale there (1/s), evaluated at `at`.
    pub residual: f64,
    /// How long the trajectory was followed (s).
    pub t: f64,
    /// Is it an isolated stable fixed point? `false` on a line of fixed points.
    pub isolated: bool,
}

/// Follows the flow from `start` until it rests.
///
/// # Errors
/// Those of [`integrate`]; a blow-up or runaway; no rest within the step budget (cycles, drifts, ramps).
pub fn settle(field: &dyn Field, p: &[f64], start: &[f64]) -> Result<Rest> {
    check_lengths(field.names(), p, start)?;
    let scales = scales(field.names(), start);
    let options = Integration { record: Record::At(Vec::new()), dense: false, ..Integration::default() };
    let (mut x, mut t, mut steps) = (start.to_vec(), 0.0, 0);
    let mut stretch = first_stretch(field, p, start);
    while steps < options.max_steps && t < 1e15 {
        let run = integrate(field, p, &x, stretch, &options)?;
        steps += run.steps;
        t += run.end();
        x = run.last().to_vec();
        if run.stopped != Stop::Until {
            let why = format!("the trajectory ends after {t} s: {:?}", run.stopped);
            return Err(Error::domain(
                format!("rest of {}", field.names().model),
                why,
                "start nearer to a fixed point",
            ));
        }
        if let Some(at) = polish(field, p, &x, &scales) {
            return Ok(Rest { residual: speed(field, p, &at, &scales), at, t, isolated: true });
        }
        let speed = speed(field, p, &x, &scales);
        if speed * stretch * 1e3 < 1e-6 {
            return Ok(Rest { at: x, residual: speed, t, isolated: false });
        }
        stretch *= 2.0;
    }
    let residual = speed(field, p, &x, &scales);
    Err(Error::NoConvergence { method: "integration until rest", steps, residual, last: x })
}

/// Ten times the shortest time constant, or one second where nothing has a time constant.
pub(super) fn first_stretch(field: &dyn Field, p: &[f64], x: &[f64]) -> f64 {
    let jacobian = field.jacobian(x, p);
    let fastest = eigenvalues(&jacobian).unwrap_or_default().iter().map(|l| l.norm()).fold(0.0, f64::max);
    if fastest > 0.0 { 10.0 / fastest } else { 1.0 }
}

/// max |dx/dt| / scale.
fn speed(field: &dyn Field, p: &[f64], x: &[f64], scales: &[f64]) -> f64 {
    let mut rates = vec![0.0; x.len()];
    field.rate(x, p, &mut rates);
    let each = rates.iter().zip(scales).map(|(r, s)| r.abs() / s);
    each.fold(0.0, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) })
}

/// The stable fixed point next to `x`, if Newton's method finds one within a hundredth of a scale.
pub(super) fn polish(field: &dyn Field, p: &[f64], x: &[f64], scales: &[f64]) -> Option<Vec<f64>> {
    let (mut at, mut rates) = (DVector::from_column_slice(x), DVector::zeros(x.len()));
    for _ in 0..20 {
        field.rate(at.as_slice(), p, rates.as_mut_slice());
        let jacobian = field.jacobian(at.as_slice(), p);
        let step = Factored::new(&jacobian).ok()?.solve(&rates);
        at -= &step;
        let within = |v: &DVector<f64>, limit: f64| v.iter().zip(scales).all(|(v, s)| v.abs() <= limit * s);
        if !within(&(&at - DVector::from_column_slice(x)), 1e-2) {
            return None;
        }
        if within(&step, 1e-13) {
            let decays = eigenvalues(&field.jacobian(at.as_slice(), p)).ok()?.iter().all(|l| l.re < 0.0);
            // What is left of the speed must be rounding: it moves nothing within the slowest time constant.
            field.rate(at.as_slice(), p, rates.as_mut_slice());
            let left = Factored::new(&jacobian).ok()?.solve(&rates);
            return (decays && within(&left, 1e-11)).then(|| at.as_slice().to_vec());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::testing::{law, near};
    use crate::num::{Scalar, Tol};

    law! {
        WeightScaling, [w = 0.1], [mu = 0.01, gamma = 0.05, target = 2.0], 0,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            dx[0] = p[0] * x[0] + p[1] * (p[2] - x[0]) * x[0] * x[0];
        }
    }
    // D15: two integral controllers of one rate; a line of fixed points if their targets agree, a ramp if not.
    law! {
        TwoControllers, [c1 = 0.0, c2 = 0.0], [drive = 3.0, r1 = 5.0, r2 = 5.0, tau1 = 10.0, tau2 = 30.0], 0,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            let r = p[0] + x[0] + x[1];
            dx[0] = (p[1] - r) / p[3];
            dx[1] = (p[2] - r) / p[4];
        }
    }
    // D7 for one pattern: a focus below the critical ratio, a cycle above.
    law! {
        Bcm, [y = 0.9, theta = 1.0], [tau_w = 10.0, tau_theta = 5.0], 0,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            dx[0] = x[0] * (x[0] - x[1]) / p[0];
            dx[1] = (x[0] * x[0] - x[1]) / p[1];
        }
    }

    #[test]
    fn theory_d10_rest_is_the_stable_root() {
        for start in [0.01, 0.1, 2.0, 50.0] {
            let rest = settle(&WeightScaling::new(), &[0.01, 0.05, 2.0], &[start]).expect("it rests");
            near("w*", rest.at[0], 1.0 + 1.2f64.sqrt(), Tol::Rounding(8), "D10");
            assert!(rest.isolated && rest.residual < 1e-15);
        }
        // Zero is a fixed point, but not a stable one: starting on it exactly the flow stays there.
        let rest = settle(&WeightScaling::new(), &[0.01, 0.05, 2.0], &[0.0]).expect("nothing moves");
        assert!(rest.at == [0.0] && !rest.isolated);
    }

    #[test]
    fn theory_d15_a_line_of_fixed_points_and_a_ramp() {
        let field = TwoControllers::new();
        let rest = settle(&field, &[3.0, 5.0, 5.0, 10.0, 30.0], &[0.0, 0.0]).expect("targets agree");
        assert!(!rest.isolated);
        near("r", 3.0 + rest.at[0] + rest.at[1], 5.0, Tol::Order { h: 1e-8, p: 1 }, "D15");
        near("c1", rest.at[0], 1.5, Tol::Order { h: 1e-8, p: 1 }, "τ₁c₁ − τ₂c₂ is conserved");
        assert!(settle(&field, &[3.0, 5.0, 4.0, 10.0, 30.0], &[0.0, 0.0]).is_err(), "a ramp never rests");
    }

    #[test]
    fn theory_d7_a_focus_rests_and_a_cycle_does_not() {
        let rest = settle(&Bcm::new(), &[10.0, 9.0], &[0.9, 1.0]).expect("below the critical ratio");
        near("y", rest.at[0], 1.0, Tol::Rounding(8), "D7");
        let cycle = settle(&Bcm::new(), &[10.0, 10.5], &[0.9, 1.0]);
        assert!(matches!(cycle, Err(Error::NoConvergence { .. })));
    }
}
