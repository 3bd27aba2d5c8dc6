//! What does the elimination of the fast variables cost? The first correction of the slow manifold, and of the slow flow.
//!
//! For dz/dt = f(z, y), dy/dt = g(z, y) with fast z, the slow manifold is z = h₀(y) + h₁(y) + …, where f(h₀(y), y) = 0 and
//! h₁ = (∂f/∂z)⁻¹ Dh₀ g: what z lags behind because y moves (Fenichel 1979; Kuehn 2015, section 3).
//! At a fixed point the reduced Jacobian A₀ = g_y − g_z f_z⁻¹ f_y becomes A₁ = A₀ + g_z f_z⁻¹ Dh₀ A₀.
//! The relative change of its eigenvalues is the estimate, made from the reduction alone; the true error, from the whole
//! spectrum, stands beside it. The first is of order ε; what is left after the correction is of order ε².

use super::SlowFast;
use crate::dynamics::request::check_lengths;
use crate::dynamics::slaved::{Slaved, slaved};
use crate::error::{Error, Result};
use crate::field::{Field, Names};
use crate::num::Dual;
use crate::num::linalg::{Factored, eigenvalues};
use nalgebra::{Complex, DMatrix, DVector};

/// The error of the adiabatic elimination at a fixed point.
#[derive(Clone, Debug)]
pub struct Adiabatic {
    /// The eigenvalues of the reduced slow flow (1/s), by descending real part.
    pub reduced: Vec<Complex<f64>>,
    /// Those with the first correction, in the same order.
    pub corrected: Vec<Complex<f64>>,
    /// The slow eigenvalues of the whole system, in the same order.
    pub full: Vec<Complex<f64>>,
    /// The largest change by the correction, relative to the fastest reduced eigenvalue: the error as the reduction knows it.
    pub estimate: f64,
    /// The largest true error of the reduction, relative to the same.
    pub error: f64,
    /// The largest true error of the corrected reduction, relative to the same.
    pub remaining: f64,
}

/// A₀ = g_y − g_z f_z⁻¹ f_y.
pub(super) fn reduced(jacobian: &DMatrix<f64>, division: &SlowFast) -> Result<DMatrix<f64>> {
    let [fz, fy, gz, gy] = division.blocks(jacobian);
    Ok(gy - gz * Factored::new(&fz)?.solve_matrix(&fy))
}

/// The error of eliminating the fast variables at the fixed point `at` (coherent units).
///
/// # Errors
/// Lengths that do not fit, a state that does not rest, or a fast subsystem that is singular there.
pub fn adiabatic(field: &dyn Field, p: &[f64], at: &[f64], division: &SlowFast) -> Result<Adiabatic> {
    check_lengths(field.names(), p, at)?;
    let jacobian = field.jacobian(at, p);
    let mut rates = DVector::zeros(at.len());
    field.rate(at, p, rates.as_mut_slice());
    let sizes = crate::dynamics::request::scales(field.names(), at);
    let step = Factored::new(&jacobian)?.solve(&rates);
    if let Some(k) = (0..at.len()).find(|&k| step[k].abs() > 1e-6 * sizes[k] || step[k].is_nan()) {
        let why = format!("`{}` is about {:.3e} away from rest", field.names().variables[k].name, step[k].abs());
        return Err(Error::domain("adiabatic error", why, "search the fixed point first"));
    }
    let [fz, fy, gz, _] = division.blocks(&jacobian);
    let fast = Factored::new(&fz)?;
    let slope = -fast.solve_matrix(&fy);
    let a0 = reduced(&jacobian, division)?;
    let a1 = &a0 + gz * fast.solve_matrix(&(slope * &a0));
    let first = eigenvalues(&a0)?;
    let (all, second) = (eigenvalues(&jacobian)?, eigenvalues(&a1)?);
    let corrected = matched(&first, second);
    let full = matched(&corrected, all);
    let size = first.iter().map(|l| l.norm()).fold(0.0, f64::max);
    let far = |a: &[Complex<f64>], b: &[Complex<f64>]| {
        a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max) / size
    };
    Ok(Adiabatic {
        estimate: far(&corrected, &first),
        error: far(&full, &first),
        remaining: far(&full, &corrected),
        reduced: first,
        corrected,
        full,
    })
}

/// For each of `to` the nearest of `from` that is left.
fn matched(to: &[Complex<f64>], mut from: Vec<Complex<f64>>) -> Vec<Complex<f64>> {
    let nearest = |of: &Complex<f64>, from: &[Complex<f64>]| {
        (0..from.len()).min_by(|&a, &b| (from[a] - of).norm().total_cmp(&(from[b] - of).norm()))
    };
    to.iter().filter_map(|of| nearest(of, &from).map(|k| from.swap_remove(k))).collect()
}

/// The slow flow with its first correction, dy/dt = g(h₀(y) + h₁(y), y).
///
/// Its derivatives are central differences of its own rate: the correction already contains first derivatives.
pub struct Corrected<'a> {
    field: &'a dyn Field,
    flow: Slaved<'a>,
    division: SlowFast,
}

/// The corrected slow flow of `field` on the sheet of the critical manifold through (or near) `at` at the parameters `p`.
///
/// # Errors
/// Those of [`slaved`](super::super::slaved()).
pub fn corrected<'a>(field: &'a dyn Field, division: &SlowFast, at: &[f64], p: &[f64]) -> Result<Corrected<'a>> {
    let flow = slaved(field, &division.fast_names(), at, p)?;
    Ok(Corrected { field, flow, division: division.clone() })
}

impl Corrected<'_> {
    /// The whole state on the corrected manifold over the slow state `y`; `None` where the sheet cannot be followed.
    pub fn manifold(&self, y: &[f64], p: &[f64]) -> Option<Vec<f64>> {
        let mut x = self.flow.manifold(y, p)?;
        let [fz, fy, _, _] = self.division.blocks(&self.field.jacobian(&x, p));
        let fast = Factored::new(&fz).ok()?;
        let mut rates = vec![0.0; x.len()];
        self.field.rate(&x, p, &mut rates);
        let g = DVector::from_iterator(y.len(), self.division.slow.iter().map(|&i| rates[i]));
        let lag = fast.solve(&-fast.solve(&(fy * g)));
        self.division.fast.iter().zip(lag.iter()).for_each(|(&i, h)| x[i] += h);
        Some(x)
    }
}

impl Field for Corrected<'_> {
    fn names(&self) -> &Names {
        self.flow.names()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        let Some(x) = self.manifold(x, p) else { return dx.fill(f64::NAN) };
        let mut all = vec![0.0; x.len()];
        self.field.rate(&x, p, &mut all);
        self.division.slow.iter().zip(dx).for_each(|(&i, d)| *d = all[i]);
    }
    fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]) {
        let size = |v: &[Dual]| {
            v.iter()
                .map(|d| if d.d == 0.0 { f64::INFINITY } else { d.v.abs().max(1e-3) / d.d.abs() })
                .fold(f64::INFINITY, f64::min)
        };
        let h = 6e-6 * size(x).min(size(p)).min(1e12);
        let at = |sign: f64| {
            let along = |v: &[Dual]| v.iter().map(|d| d.v + sign * h * d.d).collect::<Vec<_>>();
            let mut out = vec![0.0; dx.len()];
            self.rate(&along(x), &along(p), &mut out);
            out
        };
        let (here, plus, minus) = (at(0.0), at(1.0), at(-1.0));
        dx.iter_mut().enumerate().for_each(|(i, d)| *d = Dual { v: here[i], d: (plus[i] - minus[i]) / (2.0 * h) });
    }
}
