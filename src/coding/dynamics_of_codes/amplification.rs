//! How much does a stable circuit amplify before it forgets?
//!
//! A stable A whose eigenvectors are not orthogonal lets ‖e^(At)‖ rise above 1. The rise starts at the numerical abscissa
//! ω = λ_max((A + Aᵀ)/2) and is bounded by K ≤ max_t ‖e^(At)‖ ≤ e n K with the Kreiss constant
//! K = sup_{Re z > 0} Re z ‖(z − A)⁻¹‖. Balanced amplification: excitation and inhibition of one weight w,
//! A = [[w, −kw], [w, −kw]] − 1, turn the difference mode into the sum mode with the gain w(1 + k).
//! Sources: Trefethen & Embree 2005; Murphy & Miller 2009; Hennequin et al. 2012.
//!
//! ```
//! use homeostat::coding::dynamics_of_codes::{BalancedPair, transient_growth};
//! let pair = BalancedPair { weight: 30.0 / 7.0, inhibition: 1.1 };
//! let growth = transient_growth(&pair.jacobian(), 1e-12)?;
//! assert!((growth.peak - 2.793279595).abs() < 1e-8);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::maximum;
use crate::field::{Error, Result};
use crate::num::linalg;
use nalgebra::{Complex, DMatrix, SymmetricEigen};

/// The largest ‖e^(At)‖ of a stable system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// max_t ‖e^(At)‖ in the 2-norm; 1 where nothing is amplified.
    pub peak: f64,
    /// When (in units of 1/A), 0 where nothing is amplified.
    pub at: f64,
}

/// ω(A) = λ_max((A + Aᵀ)/2): the fastest growth at t = 0. A negative one means that every state shrinks at once.
pub fn numerical_abscissa(a: &DMatrix<f64>) -> Result<f64> {
    square(a)?;
    Ok(SymmetricEigen::new((a + a.transpose()) * 0.5).eigenvalues.max())
}

/// The maximum of ‖e^(At)‖ over t ≥ 0 for a stable A; the time axis is searched until the tail is provably below.
pub fn transient_growth(a: &DMatrix<f64>, tolerance: f64) -> Result<Growth> {
    stable(a)?;
    checks::positive("the tolerance", tolerance)?;
    if numerical_abscissa(a)? <= 0.0 {
        return Ok(Growth { peak: 1.0, at: 0.0 });
    }
    let norm = |t: f64| linalg::expm(&(a * t)).map_or(f64::NAN, |e| e.singular_values().max());
    // Steps short against the fastest motion, so that no hump is stepped over.
    let step = 0.05 / a.singular_values().max().max(f64::MIN_POSITIVE);
    let stride = linalg::expm(&(a * step))?;
    let (mut e, mut best) = (DMatrix::identity(a.nrows(), a.ncols()), Growth { peak: 1.0, at: 0.0 });
    const STEPS: usize = 2_000_000;
    for i in 1..=STEPS {
        e = &e * &stride;
        let size = e.norm();
        if size.is_nan() {
            break;
        }
        // The Frobenius norm bounds the 2-norm: most steps need no singular values.
        if size > best.peak {
            let now = e.singular_values().max();
            if now > best.peak {
                best = Growth { peak: now, at: step * i as f64 };
            }
        }
        // e^(A(s+t)) = e^(As) e^(At): once ‖e^(At)‖ is below 1/peak², nothing later exceeds ‖e^(At)‖·peak < 1.
        if size * best.peak < 1.0 {
            let (at, peak) = maximum(norm, (best.at - step).max(0.0), best.at + step);
            return Ok(if peak > best.peak { Growth { peak, at } } else { best });
        }
    }
    Err(Error::NoConvergence { method: "transient growth", steps: STEPS, residual: best.peak, last: vec![best.at] })
}

/// The Kreiss constant of a stable A: the largest value of Re z ‖(z − A)⁻¹‖ found on a grid over the right half-plane and
/// refined. It is reached, so it is a lower bound of the supremum, and 1 for a normal A.
pub fn kreiss(a: &DMatrix<f64>) -> Result<f64> {
    stable(a)?;
    let n = a.nrows();
    let complex = a.map(|x| Complex::new(x, 0.0));
    // ln of Re z ‖(z − A)⁻¹‖ at z = e^u + i y.
    let value = |u: f64, y: f64| {
        let x = u.exp();
        let shifted = DMatrix::from_diagonal_element(n, n, Complex::new(x, y)) - &complex;
        x / shifted.singular_values().min()
    };
    let size = a.singular_values().max();
    let heights: Vec<f64> = std::iter::once(0.0)
        .chain(linalg::eigenvalues(a)?.iter().map(|l| l.im).filter(|y| *y > 0.0))
        .chain((1..=24).map(|i| size * f64::from(i) / 24.0))
        .collect();
    let (mut best, mut at) = (1.0f64, None);
    for &y in &heights {
        for i in 0..=60 {
            let u = size.ln() - 9.0 + 0.2 * f64::from(i);
            let found = value(u, y);
            if found > best {
                (best, at) = (found, Some((u, y)));
            }
        }
    }
    // As z → ∞ the value tends to 1 from wherever it is: 1 is always reached in the limit.
    let Some((mut u, mut y)) = at else { return Ok(1.0) };
    // Coordinate by coordinate, with a range that shrinks.
    let (mut du, mut dy) = (0.25, size / 20.0);
    for _ in 0..60 {
        let before = best;
        (u, best) = maximum(|v| value(v, y), u - du, u + du);
        let (height, found) = maximum(|v| value(u, v), (y - dy).max(0.0), y + dy);
        if found > best {
            (y, best) = (height, found);
        }
        (du, dy) = (0.7 * du, 0.7 * dy);
        if best - before <= 1e-14 * best && du < 1e-4 {
            break;
        }
    }
    Ok(best)
}

fn square(a: &DMatrix<f64>) -> Result<()> {
    if !a.is_square() || a.is_empty() {
        return Err(Error::usage(format!("a Jacobian of {} × {}", a.nrows(), a.ncols()), "give a square matrix"));
    }
    checks::all_finite("the Jacobian", a.as_slice())
}

fn stable(a: &DMatrix<f64>) -> Result<()> {
    square(a)?;
    let abscissa = linalg::spectral_abscissa(a)?;
    if abscissa >= 0.0 {
        let why = format!("has an eigenvalue with real part {abscissa:.3e}: it grows without bound");
        return Err(Error::domain("the Jacobian", why, "amplification is asked of stable systems"));
    }
    Ok(())
}

/// One excitatory and one inhibitory population of the same weight: A = [[w, −kw], [w, −kw]] − 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BalancedPair {
    /// Weight w.
    pub weight: f64,
    /// Ratio k of inhibition to excitation, 1 or more.
    pub inhibition: f64,
}

impl BalancedPair {
    /// The Jacobian, time in units of the membrane time constant.
    pub fn jacobian(&self) -> DMatrix<f64> {
        let (w, k) = (self.weight, self.inhibition);
        DMatrix::from_row_slice(2, 2, &[w - 1.0, -k * w, w, -k * w - 1.0])
    }
    /// The hidden feedforward weight w(1 + k) from the difference to the sum mode.
    pub fn feedforward(&self) -> f64 {
        self.weight * (1.0 + self.inhibition)
    }
    /// The sum mode at time t after a unit difference-mode input: w_FF (e^(−t) − e^(−(1+l)t))/l, l = (k−1)w.
    pub fn response(&self, t: f64) -> Result<f64> {
        checks::not_negative("the time", t)?;
        let l = self.slack()?;
        // (1 − e^(−lt))/l, with its limit t.
        let rise = if l == 0.0 { t } else { -(-l * t).exp_m1() / l };
        Ok(self.feedforward() * (-t).exp() * rise)
    }
    /// When the response peaks: ln(1 + l)/l.
    pub fn peak_time(&self) -> Result<f64> {
        let l = self.slack()?;
        Ok(if l == 0.0 { 1.0 } else { l.ln_1p() / l })
    }
    fn slack(&self) -> Result<f64> {
        checks::not_negative("the weight", self.weight)?;
        checks::not_negative("inhibition beyond excitation", (self.inhibition - 1.0) * self.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};

    #[test]
    fn theory_c25_balanced_pair() {
        let pair = BalancedPair { weight: 30.0 / 7.0, inhibition: 1.1 };
        printed(pair.feedforward(), 9.0);
        let t = pair.peak_time().unwrap();
        printed(t, 0.8322415359);
        printed(pair.response(t).unwrap(), 2.740959653);
        let a = pair.jacobian();
        let growth = transient_growth(&a, 1e-12).unwrap();
        printed(growth.peak, 2.793279595);
        digits(growth.at, 0.8017456462, 7);
        printed(numerical_abscissa(&a).unwrap(), 3.290813437);
        printed(kreiss(&a).unwrap(), 2.002440521);
        let exact = BalancedPair { weight: 3.0, inhibition: 1.0 };
        close(exact.response(0.4).unwrap(), 6.0 * 0.4 * (-0.4f64).exp(), 1e-15);
    }

    #[test]
    fn theory_c25_jordan_block() {
        let block = |b: f64| DMatrix::from_row_slice(2, 2, &[-1.0, b, 0.0, -1.0]);
        let growth = transient_growth(&block(10.0), 1e-12).unwrap();
        printed(growth.peak, 3.715955228);
        let norm = |t: f64| 0.5 * (-t).exp() * (10.0 * t + (100.0 * t * t + 4.0).sqrt());
        close(norm(growth.at), growth.peak, 1e-12);
        close(numerical_abscissa(&block(10.0)).unwrap(), 4.0, 1e-14);
        for b in [3.0, 6.0, 10.0] {
            close(kreiss(&block(b)).unwrap(), b / 4.0 + 1.0 / b, 1e-10);
        }
    }

    #[test]
    fn law_c25_bounds() {
        let a = DMatrix::from_row_slice(3, 3, &[-1.0, 4.0, 2.0, 0.0, -2.0, 3.0, 0.1, 0.0, -1.5]);
        let (k, growth) = (kreiss(&a).unwrap(), transient_growth(&a, 1e-10).unwrap());
        assert!(k <= growth.peak && growth.peak <= std::f64::consts::E * 3.0 * k);
        // A rotation that decays is normal: nothing is amplified.
        let normal = DMatrix::from_row_slice(2, 2, &[-1.0, 5.0, -5.0, -1.0]);
        assert_eq!(transient_growth(&normal, 1e-10).unwrap(), Growth { peak: 1.0, at: 0.0 });
        close(kreiss(&normal).unwrap(), 1.0, 1e-3);
        assert!(transient_growth(&DMatrix::identity(2, 2), 1e-10).is_err());
        assert!(kreiss(&DMatrix::from_element(1, 1, f64::NAN)).is_err());
    }
}
