//! How long does noise take to push a state over a barrier?
//!
//! dx = −V'(x)dt + √(2D)dW. The mean time from a to b > a with reflection far to the left is
//! (1/D) ∫ₐᵇ e^(V(y)/D) ∫_{−∞}^y e^(−V(z)/D) dz dy, exactly; for a high barrier it is 2π/√(V''(min)|V''(top)|) e^(ΔV/D).
//! Sources: Kramers 1940; Gardiner 2009.
//!
//! ```
//! use homeostat::coding::dynamics_of_codes::{escape_time, kramers_time};
//! let v = |x: f64| x.powi(4) / 4.0 - x * x / 2.0;
//! let exact = escape_time(v, f64::NEG_INFINITY, -1.0, 1.0, 0.1)?;
//! assert!((exact.value / 66.26863 - 1.0).abs() < 1e-6);
//! assert!(kramers_time(2.0, -1.0, 0.25, 0.1)? < exact.value);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::{Integral, integrate};
use crate::field::{Error, Result};
use std::cell::RefCell;
use std::f64::consts::PI;

/// The mean first-passage time from `from` to `to` > `from` in the potential V with diffusion D; the walk is reflected at
/// `wall`, which may be −∞ where V rises there. Time is in the unit of dx/dt = −V'.
pub fn escape_time(potential: impl Fn(f64) -> f64, wall: f64, from: f64, to: f64, diffusion: f64) -> Result<Integral> {
    checks::positive("the diffusion", diffusion)?;
    checks::finite("the start", from)?;
    checks::finite("the end", to)?;
    if !(wall <= from && from <= to) {
        return Err(Error::usage(format!("wall {wall}, start {from}, end {to}"), "give them from left to right"));
    }
    if from == to {
        return Ok(Integral { value: 0.0, error: 0.0 });
    }
    // e^((V(y) − V(z))/D) is formed with the difference, relative to the lowest V up to y, so that nothing overflows:
    // T = (1/D) ∫ dy e^((V(y) − m(y))/D) ∫ dz e^((m(y) − V(z))/D) with m(y) the minimum on the way.
    let samples = 4000;
    let left = if wall.is_finite() { wall } else { from - 20.0 * (1.0 + (to - from).abs()) };
    let lowest = (0..=samples)
        .map(|i| potential(left + (to - left) * f64::from(i) / f64::from(samples)))
        .filter(|v| !v.is_nan())
        .fold(f64::INFINITY, f64::min);
    checks::finite("the potential", lowest)?;
    let scale = |x: f64| (potential(x) - lowest) / diffusion;
    // The inner integral from the wall to the start once, then only what is added.
    let inside = |z: f64| (-scale(z)).exp();
    let base = integrate("the weight left of the start", inside, wall, from, 1e-13)?;
    let size = base.value.max(1e-300);
    let highest =
        (0..=samples).map(|i| scale(from + (to - from) * f64::from(i) / f64::from(samples))).fold(0.0, f64::max);
    if highest > 650.0 {
        let why = format!("the barrier is {highest:.0} times the diffusion");
        return Err(Error::domain("the escape time", why, "use kramers_time, which is exact in this limit"));
    }
    let trouble = RefCell::new(None);
    let outer = |y: f64| {
        let more = integrate("the weight", inside, from, y, 1e-12 * size.max(1e-3));
        match more {
            Ok(more) => (scale(y) - highest).exp() * (base.value + more.value),
            Err(error) => {
                trouble.borrow_mut().get_or_insert(error);
                f64::NAN
            }
        }
    };
    let total = integrate("the escape time", outer, from, to, 1e-12 * size * (to - from));
    let total = total.map_err(|e| trouble.borrow_mut().take().unwrap_or(e))?;
    let factor = highest.exp() / diffusion;
    let inner = (base.error + 1e-12 * size) / size;
    Ok(Integral { value: total.value * factor, error: (total.error + inner * total.value.abs()) * factor })
}

/// Kramers' time 2π/√(V''(min)|V''(top)|) e^(ΔV/D) from the bottom of a well over a barrier to the other side.
pub fn kramers_time(at_minimum: f64, at_top: f64, barrier: f64, diffusion: f64) -> Result<f64> {
    checks::positive("the curvature of the well", at_minimum)?;
    checks::positive("the negative curvature of the top", -at_top)?;
    checks::not_negative("the barrier", barrier)?;
    Ok(2.0 * PI / (at_minimum * -at_top).sqrt() * (barrier / checks::positive("the diffusion", diffusion)?).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::dynamics_of_codes::BistableUnit;
    use crate::coding::ledger::{close, digits, printed};

    fn double_well(x: f64) -> f64 {
        x.powi(4) / 4.0 - x * x / 2.0
    }

    #[test]
    fn theory_c27_double_well() {
        let time = |to, d| escape_time(double_well, f64::NEG_INFINITY, -1.0, to, d).unwrap();
        digits(time(1.0, 0.05).value, 729.6707, 7);
        digits(time(0.0, 0.05).value, 361.9038, 7);
        digits(time(1.0, 0.1).value, 66.26863, 7);
        assert!(time(1.0, 0.05).error < 1e-6);
        printed(kramers_time(2.0, -1.0, 0.25, 0.05).unwrap(), 659.3822924);
        printed(kramers_time(2.0, -1.0, 0.25, 0.1).unwrap(), 54.12539456);
    }

    #[test]
    fn theory_c27_persistent_state() {
        let life = |unit: BistableUnit| {
            let input = unit.centre();
            let p = unit.fixed_points(input).unwrap();
            escape_time(|r| unit.potential(r, input), f64::NEG_INFINITY, p[0], p[2], 0.005).unwrap().value
        };
        let unit = BistableUnit { weight: 8.0, threshold: 0.0, softness: 1.0 };
        digits(life(unit), 25644.9, 6);
        digits(life(unit.scaled(0.9)), 6264.108, 7);
        digits(life(unit.scaled(0.75)), 613.667, 6);
        let p = unit.fixed_points(-4.0).unwrap();
        let k = |r| unit.curvature(r, -4.0);
        digits(kramers_time(k(p[0]), k(p[1]), unit.barriers(-4.0).unwrap().0, 0.005).unwrap(), 24148.04, 7);
    }

    #[test]
    fn theory_flat_potential() {
        // Reflected at 0, start at 0: L²/2D.
        close(escape_time(|_| 0.0, 0.0, 0.0, 2.0, 0.5).unwrap().value, 4.0, 1e-12);
        assert!(escape_time(|_| 0.0, f64::NEG_INFINITY, 0.0, 2.0, 0.5).is_err());
        assert!(escape_time(double_well, f64::NEG_INFINITY, 1.0, -1.0, 0.5).is_err());
        assert!(escape_time(double_well, f64::NEG_INFINITY, -1.0, 1.0, 1e-4).is_err());
    }

    #[test]
    fn limit_c27_kramers_is_reached_for_high_barriers() {
        let ratio = |d| {
            let exact = escape_time(double_well, f64::NEG_INFINITY, -1.0, 1.0, d).unwrap().value;
            exact / kramers_time(2.0, -1.0, 0.25, d).unwrap() - 1.0
        };
        // The correction is linear in D.
        let (a, b) = (ratio(0.02), ratio(0.01));
        assert!(a > 0.0 && b > 0.0 && (a / b - 2.0).abs() < 0.2, "{a} {b}");
    }
}
