//! What is left when the fast variables have settled? The slow flow on the critical manifold.
//!
//! For ε dz/dt = f(z, y; p), dy/dt = g(z, y; p) the reduced system is dy/dt = g(h(y; p), y; p) with f(h(y; p), y; p) = 0: the
//! fast variables z are slaved to the slow ones (Tikhonov 1952; Fenichel 1979). Its error is of order ε.
//! h is found by Newton's method, followed from an anchor along a straight line in (y, p) so that the branch through the
//! anchor is meant and no other; it ends where the manifold folds. Derivatives are implicit: with the inverse of ∂f/∂z
//! fixed, each pass of Newton's method over a dual number or a jet makes at least one more order exact.
//! What cannot be reached from the anchor is NaN, which every method reports with the name of the variable.
//!
//! ```
//! use homeostat::dynamics::slaved;
//! use homeostat::field::{Field, Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// A fast rate under a slow weight: dν/dt = (−ν + w ν + I)/τ, dw/dt = ν − 2.
//! struct Recurrent(Names);
//! impl Law for Recurrent {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
//!         dx[0] = (x[0] * (x[1] - 1.0) + p[0]) / 0.02;
//!         dx[1] = x[0] - 2.0;
//!     }
//! }
//! let variables = [Quantity::plain("nu", 1.0), Quantity::plain("w", 0.2)];
//! let model = Recurrent(Names::new("recurrent", variables, [Quantity::plain("I", 1.0)]));
//! let slow = slaved(&model, &["nu"], &[1.0, 0.2], &[1.0])?;
//! let mut dw = [0.0];
//! slow.rate(&[0.5], &[1.0], &mut dw);
//! assert!(dw[0].abs() < 1e-14); // ν = I/(1 − w) = 2
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::frozen::split;
use super::request::{check_lengths, scales};
use crate::error::{Error, Result};
use crate::field::{Field, Names};
use crate::num::linalg::{Factored, spectral_abscissa};
use crate::num::{Dual, Jet, Scalar};
use nalgebra::{DMatrix, DVector};

/// A field whose fast variables follow the slow ones at once.
///
/// Its readouts are those of the whole field, followed by the fast variables. The noise of fast variables is dropped; that
/// of slow ones is taken on the manifold. Intervals are not offered: nothing can be proven through it.
pub struct Slaved<'a> {
    field: &'a dyn Field,
    names: Names,
    slow: Vec<usize>,
    fast: Vec<usize>,
    /// The whole state and the parameters at the anchor, the fast variables on the manifold.
    anchor: (Vec<f64>, Vec<f64>),
    scales: Vec<f64>,
    sign: f64,
}

/// `field` with the named fast variables slaved, on the branch of the critical manifold through (or near) the state `at`
/// at the parameters `p` (coherent units).
///
/// # Errors
/// Unknown names, no root near `at`, or a fast subsystem that is not stable there: the manifold then does not attract and
/// the reduction would describe nothing.
pub fn slaved<'a>(field: &'a dyn Field, variables: &[&str], at: &[f64], p: &[f64]) -> Result<Slaved<'a>> {
    let whole = field.names();
    check_lengths(whole, p, at)?;
    let (slow, fast) = split(whole, variables)?;
    let mut names = whole.clone();
    names.variables = slow.iter().map(|&i| whole.variables[i].clone()).collect();
    names.readouts.extend(fast.iter().map(|&i| whole.variables[i].clone()));
    names.model = format!("{} with {} slaved", whole.model, variables.join(", "));
    let scales = scales(whole, at);
    let mut reduced = Slaved { field, names, slow, fast, anchor: (at.to_vec(), p.to_vec()), scales, sign: 0.0 };
    let mut state = at.to_vec();
    if !reduced.newton(&mut state, p, f64::INFINITY) {
        let why = "Newton's method finds no root of the fast equations near the given state";
        return Err(Error::domain(
            "critical manifold",
            why,
            "start nearer to it: integrate the fast variables to rest",
        ));
    }
    let jacobian = reduced.fast_jacobian(&state, p);
    let abscissa = spectral_abscissa(&jacobian)?;
    if abscissa >= 0.0 {
        let why = format!("the fast variables do not settle: an eigenvalue has real part {abscissa:.6e} 1/s");
        return Err(Error::domain("critical manifold", why, "choose another branch, or do not call them fast"));
    }
    reduced.sign = jacobian.determinant().signum();
    reduced.anchor.0 = state;
    Ok(reduced)
}

/// How small, in scales, the last correction of a converged Newton iteration is.
const CONVERGED: f64 = 1e-11;

impl Slaved<'_> {
    /// The whole state on the manifold over the slow state `y`, or `None` where it cannot be followed from the anchor.
    ///
    /// The answer is a function of `y` and `p` alone.
    pub fn manifold(&self, y: &[f64], p: &[f64]) -> Option<Vec<f64>> {
        let (start, p0) = &self.anchor;
        let mut state = start.clone();
        let (mut done, mut step) = (0.0, 1.0);
        while done < 1.0 {
            let next: f64 = f64::min(done + step, 1.0);
            let along = |from: f64, to: f64| if next == 1.0 { to } else { from + next * (to - from) };
            let mut trial = state.clone();
            self.slow.iter().zip(y).for_each(|(&i, y)| trial[i] = along(start[i], *y));
            let here: Vec<f64> = p0.iter().zip(p).map(|(a, b)| along(*a, *b)).collect();
            // A first correction above a third of the size of the variable could land on another branch.
            if self.newton(&mut trial, &here, 0.3) {
                (state, done, step) = (trial, next, 2.0 * step);
            } else {
                step *= 0.5;
                if step < 1e-6 {
                    return None;
                }
            }
        }
        Some(state)
    }

    /// Newton's method for the fast variables; true if it converged, with a first correction of at most `reach` scales.
    fn newton(&self, state: &mut [f64], p: &[f64], reach: f64) -> bool {
        let mut rates = vec![0.0; state.len()];
        for pass in 0..30 {
            self.field.rate(state, p, &mut rates);
            let f = DVector::from_iterator(self.fast.len(), self.fast.iter().map(|&i| rates[i]));
            let jacobian = self.fast_jacobian(state, p);
            if f.iter().chain(jacobian.iter()).any(|v| !v.is_finite()) {
                return false;
            }
            // The sign of the determinant changes at a fold: beyond it lies another sheet.
            if self.sign != 0.0 && jacobian.determinant().signum() != self.sign {
                return false;
            }
            let Ok(factored) = Factored::new(&jacobian) else { return false };
            let step = factored.solve(&f);
            let mut largest = 0.0f64;
            for (k, &i) in self.fast.iter().enumerate() {
                let size = self.scales[i].max(state[i].abs());
                largest = if step[k].is_finite() { largest.max(step[k].abs() / size) } else { f64::INFINITY };
                state[i] -= step[k];
            }
            if !(largest.is_finite() && (pass > 0 || largest <= reach)) {
                return false;
            }
            if largest <= CONVERGED {
                return true;
            }
        }
        false
    }

    /// ∂f/∂z, fast × fast.
    fn fast_jacobian(&self, state: &[f64], p: &[f64]) -> DMatrix<f64> {
        let n = self.fast.len();
        let mut jacobian = DMatrix::zeros(n, n);
        let mut x: Vec<Dual> = state.iter().map(|&v| Dual::fixed(v)).collect();
        let p: Vec<Dual> = p.iter().map(|&v| Dual::fixed(v)).collect();
        let mut dx = x.clone();
        for (j, &place) in self.fast.iter().enumerate() {
            x[place].d = 1.0;
            self.field.push(&x, &p, &mut dx);
            x[place].d = 0.0;
            self.fast.iter().enumerate().for_each(|(i, &row)| jacobian[(i, j)] = dx[row].d);
        }
        jacobian
    }

    /// The whole state on the manifold in any kind of number whose value part is `value`, by `passes` of Newton's method
    /// with the inverse of ∂f/∂z fixed; `rates` evaluates the whole field.
    fn lift<S: Scalar>(
        &self,
        (y, p): (&[S], &[S]),
        value: impl Fn(S) -> f64,
        passes: usize,
        rates: impl Fn(&[S], &[S], &mut [S]),
    ) -> Option<Vec<S>> {
        let values = |v: &[S]| -> Vec<f64> { v.iter().map(|v| value(*v)).collect() };
        let own = values(p);
        let state = self.manifold(&values(y), &own)?;
        let inverse = Factored::new(&self.fast_jacobian(&state, &own)).ok()?;
        let inverse = inverse.solve_matrix(&DMatrix::identity(self.fast.len(), self.fast.len()));
        let mut x: Vec<S> = state.iter().map(|&v| S::constant(v)).collect();
        self.slow.iter().zip(y).for_each(|(&i, y)| x[i] = *y);
        let mut dx = x.clone();
        for _ in 0..passes {
            rates(&x, p, &mut dx);
            for (k, &i) in self.fast.iter().enumerate() {
                for (l, &j) in self.fast.iter().enumerate() {
                    x[i] = x[i] - dx[j] * inverse[(k, l)];
                }
            }
        }
        Some(x)
    }

    /// The slow rows of what `of` says on the lifted state; NaN where there is no manifold.
    fn slow_rows<S: Scalar>(&self, x: Option<Vec<S>>, per: usize, out: &mut [S], of: impl Fn(&[S], &mut [S])) {
        let Some(x) = x else { return out.fill(S::constant(f64::NAN)) };
        let mut all = vec![S::constant(0.0); x.len() * per];
        of(&x, &mut all);
        for (row, &i) in self.slow.iter().enumerate() {
            out[row * per..(row + 1) * per].copy_from_slice(&all[i * per..(i + 1) * per]);
        }
    }
    fn lift_value(&self, x: &[f64], p: &[f64]) -> Option<Vec<f64>> {
        self.manifold(x, p)
    }
    fn lift_dual(&self, x: &[Dual], p: &[Dual]) -> Option<Vec<Dual>> {
        self.lift((x, p), |v| v.v, 1, |x, p, dx| self.field.push(x, p, dx))
    }
}

impl Field for Slaved<'_> {
    fn names(&self) -> &Names {
        &self.names
    }
    fn bounds(&self, p: &[f64]) -> Vec<(usize, f64, f64)> {
        let place = |variable: usize| self.slow.iter().position(|&i| i == variable);
        let all = self.field.bounds(p).into_iter();
        all.filter_map(|(variable, low, high)| place(variable).map(|at| (at, low, high))).collect()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        self.slow_rows(self.lift_value(x, p), 1, dx, |x, dx| self.field.rate(x, p, dx));
    }
    fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]) {
        self.slow_rows(self.lift_dual(x, p), 1, dx, |x, dx| self.field.push(x, p, dx));
    }
    fn jet(&self, x: &[Jet], p: &[Jet], dx: &mut [Jet]) {
        let lifted = self.lift((x, p), |v| v.0[0], 3, |x, p, dx| self.field.jet(x, p, dx));
        self.slow_rows(lifted, 1, dx, |x, dx| self.field.jet(x, p, dx));
    }
    fn jet5(&self, x: &[Jet<6>], p: &[Jet<6>], dx: &mut [Jet<6>]) {
        let lifted = self.lift((x, p), |v| v.0[0], 5, |x, p, dx| self.field.jet5(x, p, dx));
        self.slow_rows(lifted, 1, dx, |x, dx| self.field.jet5(x, p, dx));
    }
    fn read(&self, x: &[f64], p: &[f64], out: &mut [f64]) {
        let Some(x) = self.lift_value(x, p) else { return out.fill(f64::NAN) };
        let own = out.len() - self.fast.len();
        self.field.read(&x, p, &mut out[..own]);
        self.fast.iter().zip(&mut out[own..]).for_each(|(&i, o)| *o = x[i]);
    }
    fn read_push(&self, x: &[Dual], p: &[Dual], out: &mut [Dual]) {
        let Some(x) = self.lift_dual(x, p) else { return out.fill(Dual::fixed(f64::NAN)) };
        let own = out.len() - self.fast.len();
        self.field.read_push(&x, p, &mut out[..own]);
        self.fast.iter().zip(&mut out[own..]).for_each(|(&i, o)| *o = x[i]);
    }
    fn noise(&self, x: &[f64], p: &[f64], g: &mut [f64]) {
        self.slow_rows(self.lift_value(x, p), self.names.noises.len(), g, |x, g| self.field.noise(x, p, g));
    }
    fn noise_push(&self, x: &[Dual], p: &[Dual], g: &mut [Dual]) {
        self.slow_rows(self.lift_dual(x, p), self.names.noises.len(), g, |x, g| self.field.noise_push(x, p, g));
    }
}
