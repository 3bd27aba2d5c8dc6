//! How does a circuit fluctuate around its fixed point? The linear noise approximation: covariance, spectra, coherence.
//!
//! Near a stable fixed point dx = A x dt + B dW with the Jacobian A and the noise matrix B taken there. With D = B Bᵀ,
//!
//! * stationary covariance C: A C + C Aᵀ + D = 0;
//! * cross-spectral matrix S(f) = M D Mᴴ, M = (2πi f − A)⁻¹, two-sided in Hz, so that ∫ S df over all f is C;
//! * S_xy = E[X conj Y], so that a positive phase means that x leads y; coherence = |S_xy|²/(S_xx S_yy);
//! * autocovariance E[x(t + τ) x(t)ᵀ] = e^(Aτ) C for τ ≥ 0.
//!
//! It is exact for linear equations with additive noise, and the leading order for small noise otherwise (Gardiner 2009,
//! section 4.5). Asked anywhere but at a stable fixed point it refuses.
//!
//! ```
//! use homeostat::dynamics::linear_noise;
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// A rate under noise: τ dr = −r dt + s dW.
//! struct Rate(Names);
//! impl Law for Rate {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = -x[0] / p[0]; }
//!     fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) { g[0] = S::constant(1.0) / p[0]; }
//! }
//! let names = Names::new("rate", [Quantity::plain("r", 0.0)], [Quantity::plain("tau", 0.01)]);
//! let rate = Rate(Names { noises: vec!["xi".into()], ..names });
//! let noise = linear_noise(&rate, &[0.01], &[0.0])?;
//! assert!((noise.covariance("r", "r")? - 50.0).abs() < 1e-9); // 1/(2 τ)
//! assert!((noise.spectrum("r", 0.0)? - 1.0).abs() < 1e-12);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::request::{check_lengths, scales};
use crate::error::{Error, Result};
use crate::field::{Field, Names, Table, Unit};
use crate::num::Dual;
use crate::num::linalg::{Factored, eigenvalues, expm, lyapunov};
use nalgebra::{Complex, DMatrix, DVector};
use std::f64::consts::TAU;

/// How far from the fixed point the state may be, in scales of each variable.
const OFF: f64 = 1e-6;

/// The fluctuations around a stable fixed point.
#[derive(Clone, Debug)]
pub struct LinearNoise {
    /// The names of the field it belongs to.
    pub names: Names,
    /// The fixed point (coherent units).
    pub at: Vec<f64>,
    /// The Jacobian A there (1/s times the ratio of units).
    pub jacobian: DMatrix<f64>,
    /// The noise matrix B there, variables × sources.
    pub noise: DMatrix<f64>,
    /// The eigenvalues of A (1/s), the slowest first.
    pub eigenvalues: Vec<Complex<f64>>,
    /// The stationary covariance of the variables.
    pub state_covariance: DMatrix<f64>,
    /// How variables and readouts depend on the variables: one row each, variables first.
    reading: DMatrix<f64>,
}

/// The linear noise approximation of `field` at the fixed point `at` (coherent units).
///
/// # Errors
/// No noise sources, a state that is not a fixed point (its distance is named), or a fixed point that is not stable.
pub fn linear_noise(field: &dyn Field, p: &[f64], at: &[f64]) -> Result<LinearNoise> {
    let names = field.names();
    check_lengths(names, p, at)?;
    let (n, m) = (names.variables.len(), names.noises.len());
    if m == 0 {
        let what = format!("{} has no noise", names.model);
        return Err(Error::usage(what, "add a noise term (`xi`) to one of its equations"));
    }
    let jacobian = field.jacobian(at, p);
    let eigenvalues = eigenvalues(&jacobian)?;
    if let Some(slowest) = eigenvalues.first().filter(|l| l.re >= 0.0) {
        let why = format!("the fixed point is not stable: the eigenvalue {slowest:.6} 1/s does not decay");
        return Err(Error::domain("linear noise approximation", why, "go to a stable fixed point"));
    }
    check_rest(field, p, at, &jacobian)?;
    let mut g = vec![0.0; n * m];
    field.noise(at, p, &mut g);
    let noise = DMatrix::from_row_slice(n, m, &g);
    let state_covariance = lyapunov(&jacobian, &(&noise * noise.transpose()))?;
    let reading = reading(field, p, at);
    Ok(LinearNoise { names: names.clone(), at: at.to_vec(), jacobian, noise, eigenvalues, state_covariance, reading })
}

/// Refuses a state that Newton's step would move by more than [`OFF`] scales.
fn check_rest(field: &dyn Field, p: &[f64], at: &[f64], jacobian: &DMatrix<f64>) -> Result<()> {
    let names = field.names();
    let mut rates = DVector::zeros(at.len());
    field.rate(at, p, rates.as_mut_slice());
    let step = Factored::new(jacobian)?.solve(&rates);
    let scales = scales(names, at);
    for (i, q) in names.variables.iter().enumerate() {
        if step[i].abs() > OFF * scales[i] || step[i].is_nan() {
            let why = format!("`{}` is about {:.3e} away from it (dx/dt = {:.3e})", q.name, step[i].abs(), rates[i]);
            return Err(Error::domain(
                "fixed point of a linear noise approximation",
                why,
                "search the fixed point first",
            ));
        }
    }
    Ok(())
}

/// The identity over the derivatives of the readouts.
fn reading(field: &dyn Field, p: &[f64], at: &[f64]) -> DMatrix<f64> {
    let (n, r) = (at.len(), field.names().readouts.len());
    let mut matrix = DMatrix::zeros(n + r, n);
    let pd: Vec<Dual> = p.iter().map(|&v| Dual::fixed(v)).collect();
    let mut out = vec![Dual::fixed(0.0); r];
    for j in 0..n {
        matrix[(j, j)] = 1.0;
        let x: Vec<Dual> = at.iter().enumerate().map(|(i, &v)| Dual { v, d: if i == j { 1.0 } else { 0.0 } }).collect();
        field.read_push(&x, &pd, &mut out);
        out.iter().enumerate().for_each(|(i, o)| matrix[(n + i, j)] = o.d);
    }
    matrix
}

impl LinearNoise {
    /// The row of a variable or readout.
    fn row(&self, name: &str) -> Result<DVector<f64>> {
        let row = match self.names.readout(name) {
            Ok(i) => self.names.variables.len() + i,
            Err(_) => self.names.variable(name)?,
        };
        Ok(self.reading.row(row).transpose())
    }
    /// The stationary covariance of two variables or readouts (product of their coherent units).
    pub fn covariance(&self, a: &str, b: &str) -> Result<f64> {
        Ok(self.row(a)?.dot(&(&self.state_covariance * self.row(b)?)))
    }
    /// Their correlation coefficient.
    pub fn correlation(&self, a: &str, b: &str) -> Result<f64> {
        Ok(self.covariance(a, b)? / (self.covariance(a, a)? * self.covariance(b, b)?).sqrt())
    }
    /// E[a(t + τ) b(t)] − means, for any lag τ (s).
    pub fn lagged_covariance(&self, a: &str, b: &str, lag: f64) -> Result<f64> {
        let (a, b) = if lag >= 0.0 { (self.row(a)?, self.row(b)?) } else { (self.row(b)?, self.row(a)?) };
        Ok(a.dot(&(expm(&(&self.jacobian * lag.abs()))? * &self.state_covariance * b)))
    }
    /// The autocorrelation of a variable or readout at lag τ (s); 1 at τ = 0.
    pub fn autocorrelation(&self, name: &str, lag: f64) -> Result<f64> {
        Ok(self.lagged_covariance(name, name, lag)? / self.covariance(name, name)?)
    }
    /// M = (2πi f − A)⁻¹: how the variables answer, at frequency f (Hz), to input added to their rates.
    pub fn response(&self, f: f64) -> Result<DMatrix<Complex<f64>>> {
        let n = self.at.len();
        let pencil =
            DMatrix::from_fn(n, n, |i, j| Complex::new(-self.jacobian[(i, j)], if i == j { TAU * f } else { 0.0 }));
        let singular = || Error::Singular { what: format!("the response at {f} Hz") };
        let response = pencil.try_inverse().ok_or_else(singular)?;
        if response.iter().all(|z| z.re.is_finite() && z.im.is_finite()) { Ok(response) } else { Err(singular()) }
    }
    /// The answer of a variable or readout to a noise source, at frequency f (Hz): a transfer function.
    pub fn transfer(&self, source: &str, name: &str, f: f64) -> Result<Complex<f64>> {
        let k = self.names.noises.iter().position(|n| n == source);
        let near = || crate::error::nearest(source, self.names.noises.iter().map(String::as_str));
        let k = k.ok_or_else(|| Error::unknown("noise source", source, near()))?;
        let row = self.row(name)?.map(Complex::from);
        Ok((row.transpose() * self.response(f)? * self.noise.column(k).map(Complex::from))[(0, 0)])
    }
    /// The cross-spectral matrix of the variables at frequency f (Hz), two-sided, per Hz: Hermitian, positive semidefinite.
    pub fn spectral_matrix(&self, f: f64) -> Result<DMatrix<Complex<f64>>> {
        let driven = self.response(f)? * self.noise.map(Complex::from);
        Ok(&driven * driven.adjoint())
    }
    /// The power spectral density of a variable or readout at f (Hz), two-sided (coherent unit squared per Hz).
    pub fn spectrum(&self, name: &str, f: f64) -> Result<f64> {
        Ok(self.cross_spectrum(name, name, f)?.re)
    }
    /// The cross-spectral density E[A conj B] at f (Hz).
    pub fn cross_spectrum(&self, a: &str, b: &str, f: f64) -> Result<Complex<f64>> {
        let (a, b) = (self.row(a)?.map(Complex::from), self.row(b)?.map(Complex::from));
        Ok((a.transpose() * self.spectral_matrix(f)? * b)[(0, 0)])
    }
    /// The magnitude-squared coherence at f (Hz), between 0 and 1; NaN where one of the two does not fluctuate.
    pub fn coherence(&self, a: &str, b: &str, f: f64) -> Result<f64> {
        Ok(self.cross_spectrum(a, b, f)?.norm_sqr() / (self.spectrum(a, f)? * self.spectrum(b, f)?))
    }
    /// The phase at f (Hz), in radian: positive if `a` leads `b`.
    pub fn phase(&self, a: &str, b: &str, f: f64) -> Result<f64> {
        Ok(self.cross_spectrum(a, b, f)?.arg())
    }
    /// The frequencies (Hz) between `lo` and `hi` at which the spectrum has a maximum, with its height there: turning
    /// points found on a logarithmic grid of 400 points and located to rounding.
    pub fn peaks(&self, name: &str, lo: f64, hi: f64) -> Result<Vec<(f64, f64)>> {
        if !(lo > 0.0 && lo < hi && hi.is_finite()) {
            let why = format!("[{lo} Hz, {hi} Hz] is no range of positive frequencies");
            return Err(Error::domain("search for spectral peaks", why, "give 0 < lo < hi"));
        }
        let grid = |k: usize| if k == 400 { hi } else { lo * (hi / lo).powf(k as f64 / 400.0) };
        let mut peaks = Vec::new();
        let mut before = self.slope(name, lo)?;
        for k in 1..=400 {
            let after = self.slope(name, grid(k))?;
            if before > 0.0 && after <= 0.0 {
                let (mut a, mut b) = (grid(k - 1), grid(k));
                loop {
                    let mid = 0.5 * (a + b);
                    if mid <= a || mid >= b {
                        break;
                    }
                    if self.slope(name, mid)? > 0.0 { a = mid } else { b = mid }
                }
                peaks.push((b, self.spectrum(name, b)?));
            }
            before = after;
        }
        Ok(peaks)
    }
    /// dS/df of a variable or readout: 2 Re[−2πi (M S)].
    fn slope(&self, name: &str, f: f64) -> Result<f64> {
        let row = self.row(name)?.map(Complex::from);
        let product = row.transpose() * self.response(f)? * self.spectral_matrix(f)? * &row;
        Ok(2.0 * (Complex::new(0.0, -TAU) * product[(0, 0)]).re)
    }
    /// How far from instability: the largest real part of an eigenvalue (1/s), negative.
    pub fn abscissa(&self) -> f64 {
        self.eigenvalues[0].re
    }
    /// The frequency (Hz) at which the least stable mode rings; 0 if it does not.
    pub fn critical_frequency(&self) -> f64 {
        self.eigenvalues[0].im.abs() / TAU
    }
    /// Standard deviations: one row per variable and readout, with mean and standard deviation in shown units.
    pub fn table(&self) -> Table {
        let quantities: Vec<_> = self.names.variables.iter().chain(&self.names.readouts).collect();
        let spread = &self.reading * &self.state_covariance * self.reading.transpose();
        let sd = quantities.iter().enumerate().map(|(i, q)| spread[(i, i)].max(0.0).sqrt() / q.unit.factor);
        Table::new()
            .text("quantity", quantities.iter().map(|q| q.name.clone()).collect())
            .number("sd", Unit::NONE, sd.collect())
            .text("unit", quantities.iter().map(|q| q.unit.to_string()).collect())
    }
    /// One row per frequency: the spectrum of every variable and readout (shown unit squared per Hz), named `S name`.
    pub fn spectrum_table(&self, frequencies: &[f64]) -> Result<Table> {
        let mut table = Table::new().number("f", Unit::HERTZ, frequencies.to_vec());
        for q in self.names.variables.iter().chain(&self.names.readouts) {
            let column: Result<Vec<f64>> =
                frequencies.iter().map(|&f| Ok(self.spectrum(&q.name, f)? / q.unit.factor.powi(2))).collect();
            let unit = &(&q.unit * &q.unit) / &Unit::HERTZ;
            table = table.number(&format!("S {}", q.name), unit, column?);
        }
        Ok(table)
    }
}
