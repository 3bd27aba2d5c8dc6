//! How do the readouts of a circuit follow a parameter that changes, and what does a mechanism do to that?
//!
//! Near a stable fixed point, dx/dt = A x + b u, y = c x + d u, with u a small change of a parameter: H(f) = c(2πi f − A)⁻¹b + d.
//! Hold the variables of a mechanism and H becomes that of the circuit without it; the ratio of the two is the
//! mechanism's sensitivity S(f), and ∫ ln|S| dω over positive frequencies its Bode integral: 0 when the mechanism only
//! moves what changes from slow to fast (stable circuit, and feedback that arrives at least two integrations later).
//!
//! ```
//! use homeostat::coding::spectra::{Loop, bode_integral, sensitivity};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// τ ṙ = −r + u − θ, τ_h θ̇ = r: a rate with integral feedback.
//! struct Rate(Names);
//! impl Law for Rate {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
//!         dx[0] = (p[0] - x[0] - x[1]) / 0.01;
//!         dx[1] = x[0] / 10.0;
//!     }
//! }
//! let rate = Rate(Names::new("rate", [Quantity::plain("r", 0.0), Quantity::plain("theta", 0.0)], [Quantity::plain("u", 0.0)]));
//! let loop_ = Loop { input: "u", output: "r", held: &["theta"] };
//! let s = sensitivity(&rate, &[0.0], &[0.0, 0.0], &loop_)?;
//! assert!((s(0.001)?.norm() - 0.0627084407).abs() < 1e-10);
//! assert!(bode_integral(s)?.value.abs() < 1e-6);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::quadrature::{Integral, integrate};
use crate::field::{Error, Field, Names, Result};
use crate::num::Dual;
use crate::num::linalg::eigenvalues;
use nalgebra::{Complex, DMatrix, DVector};
use std::f64::consts::TAU;

/// The linear response of one quantity to one parameter at a stable fixed point.
#[derive(Clone, Debug)]
pub struct Transfer {
    a: DMatrix<f64>,
    b: DVector<f64>,
    c: DVector<f64>,
    d: f64,
}

/// The linear response of the variable or readout `output` to the parameter `input` at the fixed point `at`.
///
/// Errors: unknown names; a state that is not finite, not a fixed point, or not stable.
pub fn transfer(field: &dyn Field, p: &[f64], at: &[f64], input: &str, output: &str) -> Result<Transfer> {
    reduced(field, p, at, input, output, &[])
}

/// The response with the variables numbered in `held` kept where they are.
fn reduced(field: &dyn Field, p: &[f64], at: &[f64], input: &str, output: &str, held: &[usize]) -> Result<Transfer> {
    let names = field.names();
    let input = names.parameter(input)?;
    let n = names.variables.len();
    rests(field, p, at)?;
    let free: Vec<usize> = (0..n).filter(|i| !held.contains(i)).collect();
    if free.is_empty() {
        return Err(Error::usage("all variables are held", "leave at least one free"));
    }
    let whole = field.jacobian(at, p);
    let a = DMatrix::from_fn(free.len(), free.len(), |i, j| whole[(free[i], free[j])]);
    if let Some(slowest) = eigenvalues(&a)?.first().filter(|l| l.re >= 0.0) {
        let why = format!("the eigenvalue {slowest:.6} 1/s does not decay");
        let help = if held.is_empty() {
            "go to a stable fixed point"
        } else {
            "the circuit is not stable without the mechanism: only its response with it exists"
        };
        return Err(Error::domain("a linear response", why, help));
    }
    let x: Vec<Dual> = at.iter().map(|&v| Dual::fixed(v)).collect();
    let moved: Vec<Dual> = p.iter().enumerate().map(|(i, &v)| Dual { v, d: f64::from(u8::from(i == input)) }).collect();
    let mut dx = vec![Dual::fixed(0.0); n];
    field.push(&x, &moved, &mut dx);
    let b = DVector::from_iterator(free.len(), free.iter().map(|&i| dx[i].d));
    let (c, d) = reading(field, &x, p, &moved, output)?;
    let c = DVector::from_iterator(free.len(), free.iter().map(|&i| c[i]));
    Ok(Transfer { a, b, c, d })
}

/// How the output depends on the variables and, at once, on the input.
fn reading(field: &dyn Field, x: &[Dual], p: &[f64], moved: &[Dual], output: &str) -> Result<(Vec<f64>, f64)> {
    let names = field.names();
    let n = names.variables.len();
    let Ok(readout) = names.readout(output) else {
        let i = names.variable(output)?;
        return Ok(((0..n).map(|j| f64::from(u8::from(i == j))).collect(), 0.0));
    };
    let fixed: Vec<Dual> = p.iter().map(|&v| Dual::fixed(v)).collect();
    let mut out = vec![Dual::fixed(0.0); names.readouts.len()];
    let mut slopes = Vec::with_capacity(n);
    for j in 0..n {
        let along: Vec<Dual> =
            x.iter().enumerate().map(|(i, v)| Dual { v: v.v, d: f64::from(u8::from(i == j)) }).collect();
        field.read_push(&along, &fixed, &mut out);
        slopes.push(out[readout].d);
    }
    field.read_push(x, moved, &mut out);
    Ok((slopes, out[readout].d))
}

/// Refuses a state that is not a fixed point: one Newton step would move it.
fn rests(field: &dyn Field, p: &[f64], at: &[f64]) -> Result<()> {
    let names = field.names();
    lengths(names, p, at)?;
    let mut rates = DVector::zeros(at.len());
    field.rate(at, p, rates.as_mut_slice());
    let jacobian = field.jacobian(at, p);
    let step = crate::num::linalg::solve(&jacobian, &rates)?;
    for (i, q) in names.variables.iter().enumerate() {
        let scale = at[i].abs().max(q.range.map_or(1.0, |(lo, hi)| hi - lo)).max(f64::MIN_POSITIVE);
        if step[i].is_nan() || step[i].abs() > 1e-6 * scale {
            let why = format!("`{}` is about {:.3e} away from rest", q.name, step[i].abs());
            return Err(Error::domain("a linear response", why, "search the fixed point first"));
        }
    }
    Ok(())
}

fn lengths(names: &Names, p: &[f64], at: &[f64]) -> Result<()> {
    if names.parameters.len() == p.len() && names.variables.len() == at.len() {
        return Ok(());
    }
    Err(Error::usage(
        format!("{} parameters and {} variables for {}", p.len(), at.len(), names.model),
        format!("give {} and {}", names.parameters.len(), names.variables.len()),
    ))
}

impl Transfer {
    /// H(f) at f (Hz): output per unit of input (coherent units).
    pub fn at(&self, f: f64) -> Result<Complex<f64>> {
        if !f.is_finite() {
            return Err(Error::domain("the frequency", format!("is {f}"), "give a finite number"));
        }
        let n = self.a.nrows();
        let m = DMatrix::from_fn(n, n, |i, j| Complex::new(-self.a[(i, j)], if i == j { TAU * f } else { 0.0 }));
        // A stable A has no eigenvalue on the imaginary axis.
        let solved = m.lu().solve(&self.b.map(Complex::from));
        let x = solved.ok_or_else(|| Error::Singular { what: format!("the response at {f} Hz") })?;
        Ok(x.iter().zip(self.c.iter()).map(|(x, c)| x * *c).sum::<Complex<f64>>() + self.d)
    }
    /// The response to a slow change, H(0).
    pub fn static_gain(&self) -> Result<f64> {
        Ok(self.at(0.0)?.re)
    }
}

/// A mechanism seen as a loop: from where it is disturbed to what is read, and which variables are its own.
#[derive(Clone, Copy, Debug)]
pub struct Loop<'a> {
    /// The parameter that carries the disturbance.
    pub input: &'a str,
    /// The variable or readout that is held.
    pub output: &'a str,
    /// The variables of the mechanism.
    pub held: &'a [&'a str],
}

/// The sensitivity S(f) = H with the mechanism/H without it, as a function of f (Hz).
///
/// Errors: those of [`transfer`], with and without the mechanism; no variable of the mechanism. Asked where the response
/// without it vanishes, the function refuses.
pub fn sensitivity(
    field: &dyn Field,
    p: &[f64],
    at: &[f64],
    of: &Loop,
) -> Result<impl Fn(f64) -> Result<Complex<f64>> + Clone + use<>> {
    if of.held.is_empty() {
        return Err(Error::usage("the mechanism has no variable", "name the variables that it owns"));
    }
    let held: Vec<usize> = of.held.iter().map(|name| field.names().variable(name)).collect::<Result<_>>()?;
    let with = transfer(field, p, at, of.input, of.output)?;
    let without = reduced(field, p, at, of.input, of.output, &held)?;
    Ok(move |f: f64| {
        let base = without.at(f)?;
        if base.norm() == 0.0 {
            let why = format!("the output does not follow the input at {f} Hz even without the mechanism");
            return Err(Error::domain("a sensitivity", why, "choose another input or output"));
        }
        Ok(with.at(f)? / base)
    })
}

/// ∫₀^∞ ln|S(2πf)| dω in rad/s, with an error bound.
///
/// Beyond the last frequency at which |ln|S|| exceeds 10⁻⁸, the tail c/ω^q is added in closed form, q from the last
/// e-fold: there rounding would drown it. Errors: those of the sensitivity; one that does not tend to 1 (below 10¹³ Hz).
pub fn bode_integral(sensitivity: impl Fn(f64) -> Result<Complex<f64>>) -> Result<Integral> {
    let size = |u: f64| Ok::<f64, Error>(sensitivity(u.exp())?.norm().ln());
    let (first, last) = (-40.0, 30.0);
    let mut top = last;
    while top > first && size(top)?.abs() < 1e-8 {
        top -= 0.5;
    }
    top += 0.5;
    if top >= last {
        let why = "the sensitivity does not tend to 1 for fast changes";
        return Err(Error::domain("the Bode integral", why, "choose an output that the mechanism moves with delay"));
    }
    // In u = ln f the slow end decays too, where ln|S| itself may grow like ln f.
    let inner = |u: f64| size(u).map_or(f64::NAN, |s| s * u.exp() * TAU);
    let omega = top.exp() * TAU;
    // ln|S| falls like ω^−q: its order follows from the size one e-fold before. q = 2 for two integrations more.
    let (here, before) = (size(top)?, size(top - 1.0)?);
    let order = if here == 0.0 { 2.0 } else { (before / here).abs().ln().max(1.5) };
    let tail = here * omega / (order - 1.0);
    let steps = ((top - first) * 4.0) as usize;
    let scale = (0..steps).map(|i| inner(first + 0.25 * i as f64).abs()).fold(f64::MIN_POSITIVE, f64::max);
    let inside = integrate("the Bode integral", inner, first, top, 1e-9 * scale)?;
    // The order is known to about a hundredth; rounding acts on every ln|S|.
    let error = inside.error + tail.abs() * 3e-2 + 8.0 * f64::EPSILON * omega;
    Ok(Integral { value: inside.value + tail, error })
}
