//! What is fast, what is slow, and how far apart are they?
//!
//! A variable has the pace of the parameters that set its speed: those with a declared pace to which its rate of change is
//! proportional (or inversely so). [`split`] divides a model there. The separation is then a number, three times:
//!
//! * *declared*: the longest time constant of the fast side over the shortest of the slow side;
//! * *blocks*: the fastest eigenvalue of the reduced slow flow over the slowest of the fast subsystem;
//! * *eigenvalues*: the same ratio in the spectrum of the whole system, which is what counts: near one there is no gap.
//!
//! On that division stand the critical manifold with its folds ([`critical_manifold`]), the slow flow with its error
//! ([`adiabatic`], [`corrected`]) and relaxation cycles ([`relaxation`]).
//! Sources: Tikhonov 1952; Fenichel 1979; Kuehn 2015.
//!
//! ```
//! use homeostat::dynamics::slow_fast::{SlowFast, adiabatic};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// ε dx/dt = −x + y, dy/dt = −x.
//! struct Linear(Names);
//! impl Law for Linear {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
//!         dx[0] = (x[1] - x[0]) / p[0];
//!         dx[1] = -x[0];
//!     }
//! }
//! let model = Linear(Names::new("linear", ["x", "y"].map(|n| Quantity::plain(n, 0.0)), [Quantity::plain("eps", 0.05)]));
//! let split = SlowFast::new(&model, &["x"])?;
//! let error = adiabatic(&model, &[0.05], &[0.0, 0.0], &split)?;
//! assert!((error.error - 0.0557280900).abs() < 1e-9); // what the reduction neglects
//! assert!((error.estimate - 0.05).abs() < 1e-12); // what it says of itself, to first order
//! # Ok::<(), homeostat::field::Error>(())
//! ```

mod adiabatic;
mod manifold;
mod relaxation;
#[cfg(test)]
mod tests;

pub use adiabatic::{Adiabatic, Corrected, adiabatic, corrected};
pub use manifold::{CriticalManifold, OnManifold, critical_manifold};
pub use relaxation::{Leg, Relaxation, relaxation};

use super::frozen::split as places;
use super::request::check_lengths;
use crate::error::{Error, Result};
use crate::field::{Field, Names, Pace, Unit};
use crate::num::linalg::eigenvalues;
use nalgebra::{Complex, DMatrix};

/// Which variables are fast and which slow, by place and by name.
#[derive(Clone, Debug, PartialEq)]
pub struct SlowFast {
    /// The places of the fast variables.
    pub fast: Vec<usize>,
    /// The places of the slow variables.
    pub slow: Vec<usize>,
    names: Vec<String>,
}

impl SlowFast {
    /// The named variables are fast, the others slow.
    ///
    /// # Errors
    /// An unknown name, one that is given twice, or nothing on one of the sides.
    pub fn new(field: &dyn Field, fast: &[&str]) -> Result<Self> {
        if fast.is_empty() {
            return Err(Error::usage("no variable is called fast", "name at least one"));
        }
        let (slow, fast) = places(field.names(), fast)?;
        let names = field.names().variables.iter().map(|q| q.name.clone()).collect();
        Ok(SlowFast { fast, slow, names })
    }
    /// The names of the fast variables.
    pub fn fast_names(&self) -> Vec<&str> {
        self.fast.iter().map(|&i| self.names[i].as_str()).collect()
    }
    /// The names of the slow variables.
    pub fn slow_names(&self) -> Vec<&str> {
        self.slow.iter().map(|&i| self.names[i].as_str()).collect()
    }
    /// The blocks of a Jacobian: ∂f/∂z, ∂f/∂y, ∂g/∂z, ∂g/∂y for fast z and slow y.
    fn blocks(&self, jacobian: &DMatrix<f64>) -> [DMatrix<f64>; 4] {
        let block = |rows: &[usize], columns: &[usize]| {
            DMatrix::from_fn(rows.len(), columns.len(), |i, j| jacobian[(rows[i], columns[j])])
        };
        [
            block(&self.fast, &self.fast),
            block(&self.fast, &self.slow),
            block(&self.slow, &self.fast),
            block(&self.slow, &self.slow),
        ]
    }
}

/// How strongly the rate of each variable follows each parameter with a pace: the mean of |∂ ln f/∂ ln p| over states
/// around `at`, one row per variable.
fn followed(field: &dyn Field, p: &[f64], at: &[f64]) -> Vec<Vec<(Pace, f64)>> {
    let names = field.names();
    let paced: Vec<(usize, Pace)> =
        names.parameters.iter().enumerate().filter_map(|(k, q)| Some((k, q.pace?))).collect();
    let mut rows = vec![paced.iter().map(|(_, pace)| (*pace, 0.0)).collect::<Vec<_>>(); at.len()];
    let looks = 5;
    for look in 0..looks {
        // Off the fixed point in every direction, by irrational steps: there rates do not vanish.
        let moved = |(i, x): (usize, &f64)| {
            let size = x.abs().max(names.variables[i].value.abs()).max(names.variables[i].unit.factor * 1e-3);
            x + size * 0.3 * (((look * at.len() + i + 1) as f64 * 0.618_033_988_75).fract() - 0.5)
        };
        let x: Vec<f64> = at.iter().enumerate().map(moved).collect();
        let mut rates = vec![0.0; at.len()];
        field.rate(&x, p, &mut rates);
        for (column, (k, _)) in paced.iter().enumerate() {
            let slopes = field.parameter_derivative(&x, p, *k);
            for (i, row) in rows.iter_mut().enumerate() {
                let share = (p[*k] * slopes[i] / rates[i]).abs();
                row[column].1 += if share.is_finite() { share / looks as f64 } else { 0.0 };
            }
        }
    }
    rows
}

/// The pace of each variable: the declared one, or that of the parameters that set its speed near `at`; of several the
/// fastest, and `None` where nothing with a pace does.
///
/// # Errors
/// Lengths that do not fit, or values that are not finite.
pub fn paces(field: &dyn Field, p: &[f64], at: &[f64]) -> Result<Vec<Option<Pace>>> {
    check_lengths(field.names(), p, at)?;
    let rows = followed(field, p, at);
    let of = |(q, row): (&crate::field::Quantity, &Vec<(Pace, f64)>)| {
        q.pace.or_else(|| row.iter().filter(|(_, share)| *share > 0.1).map(|(pace, _)| *pace).min())
    };
    Ok(field.names().variables.iter().zip(&rows).map(of).collect())
}

/// The division of a model at a pace: variables of the pace `slowest` or a slower one are slow, the others fast.
///
/// # Errors
/// A variable without a pace (it is named), or nothing on one of the sides.
pub fn split(field: &dyn Field, p: &[f64], at: &[f64], slowest: Pace) -> Result<SlowFast> {
    let paces = paces(field, p, at)?;
    let names = &field.names().variables;
    if let Some(k) = paces.iter().position(|pace| pace.is_none()) {
        let what = format!("no parameter with a pace sets the speed of `{}`", names[k].name);
        return Err(Error::usage(what, "declare the pace of a parameter or variable, or name the fast variables"));
    }
    let fast: Vec<&str> =
        names.iter().zip(&paces).filter(|(_, pace)| **pace < Some(slowest)).map(|(q, _)| q.name.as_str()).collect();
    if fast.is_empty() || fast.len() == names.len() {
        let what = format!("all variables of {} are on one side of that pace", field.names().model);
        return Err(Error::usage(what, "divide at another pace, or name the fast variables"));
    }
    SlowFast::new(field, &fast)
}

/// How far apart fast and slow are; small means far.
#[derive(Clone, Debug)]
pub struct Separation {
    /// The longest declared time constant of a fast variable over the shortest of a slow one, where both are declared.
    pub declared: Option<f64>,
    /// The fastest eigenvalue of the reduced slow flow over the slowest one of the fast subsystem (moduli).
    pub blocks: f64,
    /// The same ratio on the two sides of the gap in the spectrum of the whole system.
    pub eigenvalues: f64,
    /// That spectrum, by ascending modulus (1/s).
    pub spectrum: Vec<Complex<f64>>,
}

/// The separation of fast and slow at the fixed point `at`.
///
/// # Errors
/// Lengths that do not fit, or a fast subsystem that is singular there.
pub fn separation(field: &dyn Field, p: &[f64], at: &[f64], division: &SlowFast) -> Result<Separation> {
    check_lengths(field.names(), p, at)?;
    let jacobian = field.jacobian(at, p);
    let mut spectrum = eigenvalues(&jacobian)?;
    spectrum.sort_by(|a, b| a.norm().total_cmp(&b.norm()).then(b.im.total_cmp(&a.im)));
    let slow = division.slow.len();
    let (reduced, fast) = (adiabatic::reduced(&jacobian, division)?, division.blocks(&jacobian)[0].clone());
    let moduli = |m: &DMatrix<f64>| -> Result<Vec<f64>> { Ok(eigenvalues(m)?.iter().map(|l| l.norm()).collect()) };
    let fastest = moduli(&reduced)?.into_iter().fold(0.0, f64::max);
    let slowest = moduli(&fast)?.into_iter().fold(f64::INFINITY, f64::min);
    Ok(Separation {
        declared: declared(field.names(), p, &followed(field, p, at), division),
        blocks: fastest / slowest,
        eigenvalues: spectrum[slow - 1].norm() / spectrum[slow].norm(),
        spectrum,
    })
}

/// The ratio of declared time constants.
fn declared(names: &Names, p: &[f64], rows: &[Vec<(Pace, f64)>], division: &SlowFast) -> Option<f64> {
    let paced: Vec<usize> = (0..names.parameters.len()).filter(|&k| names.parameters[k].pace.is_some()).collect();
    let constants = |side: &[usize]| -> Vec<f64> {
        let of = |i: &usize| {
            let times = paced
                .iter()
                .zip(&rows[*i])
                .filter(|(k, (_, share))| *share > 0.1 && names.parameters[**k].unit.same_dimension(&Unit::SECOND));
            times.map(|(k, _)| p[*k]).collect::<Vec<_>>()
        };
        side.iter().flat_map(of).collect()
    };
    let longest = constants(&division.fast).into_iter().reduce(f64::max)?;
    let shortest = constants(&division.slow).into_iter().reduce(f64::min)?;
    Some(longest / shortest)
}
