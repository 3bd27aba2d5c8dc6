//! How do the fluctuations grow on the way to an instability? The linear noise approximation along a branch.
//!
//! At every stable point of a branch the stationary covariance C solves A C + C Aᵀ + D = 0 ([`linear_noise`]). From it come
//! the measures that are known as early warnings: the standard deviation, the autocorrelation at a fixed lag, and the
//! recovery rate −Re λ₁ of the slowest mode. Towards a fold at the distance δ the rate falls as δ^(1/2) and the variance
//! grows as δ^(−1/2); towards a Hopf point as δ and δ^(−1) (Wiesenfeld 1985; Scheffer et al. 2009; Kuehn 2011).
//!
//! *When is that valid?* The fluctuations themselves shift the mean by δm = −½ A⁻¹ f″:C and the Jacobian by
//! δA = f″ δm + ½ f‴:C. [`Fluctuations::strain`] is the shift of the slowest eigenvalue over its real part,
//! |p* δA q| / |Re λ₁|. Near a fold it is twice the squared ratio of the standard deviation to the distance of the saddle; at
//! a strain of 0.2 the fluctuations reach a third of the way to the saddle. Beyond [`AlongOptions::strain`] a point is
//! listed but not called valid.
//!
//! ```
//! use homeostat::dynamics::continuation::{Options, Vary, follow};
//! use homeostat::dynamics::{AlongOptions, noise_along};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// The normal form of a fold: dx = (μ − x²) dt + s dW.
//! struct Fold(Names);
//! impl Law for Fold {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[0] - x[0].square(); }
//!     fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) { g[0] = p[1]; }
//! }
//! let names = Names::new("fold", [Quantity::plain("x", 1.0)], [Quantity::plain("mu", 1.0), Quantity::plain("s", 0.1)]);
//! let fold = Fold(Names { noises: vec!["xi".into()], ..names });
//! let branch = follow(&fold, &[1.0, 0.1], &[1.0], &Vary::new(0, (0.0001, 1.0)), &Options::default())?;
//! let noise = noise_along(&fold, &[1.0, 0.1], 0, &branch, &AlongOptions::default())?;
//! for point in &noise.points {
//!     let Ok(found) = &point.fluctuations else { continue };
//!     let theory = 0.01 / (4.0 * point.parameter.sqrt()); // s²/(4 √μ)
//!     assert!((found.deviations[0].powi(2) / theory - 1.0).abs() < 1e-9);
//! }
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::continuation::Branch;
use super::noise::{LinearNoise, linear_noise};
use crate::error::{Error, Result};
use crate::field::{Field, Table, Unit};
use crate::num::Jet;
use crate::num::linalg::{eigen, solve};
use nalgebra::{Complex, DMatrix, DVector, SymmetricEigen};

/// What to look at along a branch.
#[derive(Clone, Debug)]
pub struct AlongOptions {
    /// The lag of the autocorrelation (s); without one, the inverse of the recovery rate at the most stable point.
    pub lag: Option<f64>,
    /// The largest strain at which the linearisation counts as valid.
    pub strain: f64,
}

impl Default for AlongOptions {
    fn default() -> Self {
        AlongOptions { lag: None, strain: 0.2 }
    }
}

/// The fluctuations around a stable fixed point, in a few numbers.
#[derive(Clone, Debug)]
pub struct Fluctuations {
    /// The standard deviation of each variable, then of each readout (coherent units).
    pub deviations: Vec<f64>,
    /// The autocorrelation of the same quantities at the lag.
    pub autocorrelations: Vec<f64>,
    /// −Re λ of the slowest mode (1/s).
    pub recovery: f64,
    /// The frequency at which the slowest mode rings (Hz); zero if it does not.
    pub frequency: f64,
    /// π f/recovery: about how many radians the slowest mode rings in its lifetime, halved; zero if it does not ring.
    pub quality: f64,
    /// By how much the fluctuations shift the slowest eigenvalue, over its real part; NaN for a field without jets.
    pub strain: f64,
}

/// A point of a branch with its fluctuations.
#[derive(Clone, Debug)]
pub struct NoisyPoint {
    /// The parameter (coherent unit).
    pub parameter: f64,
    /// How far the parameter is from the nearest verified event of the branch (coherent unit); infinite without one.
    pub distance: f64,
    /// The fluctuations, or why there are none.
    pub fluctuations: std::result::Result<Fluctuations, String>,
    /// Is the linearisation valid here: stable, and strained by no more than the limit?
    pub valid: bool,
}

/// The fluctuations along a branch.
#[derive(Clone, Debug)]
pub struct NoiseAlong {
    /// The parameter's name and unit.
    pub parameter: (String, Unit),
    /// Names and units of the quantities: variables, then readouts.
    pub quantities: Vec<(String, Unit)>,
    /// The points, in the order of the branch.
    pub points: Vec<NoisyPoint>,
    /// The lag of the autocorrelations (s).
    pub lag: f64,
    /// The largest strain that counts as valid.
    pub strain: f64,
}

/// The fluctuations of `field` at the points of `branch`, which was followed in the parameter at `place` with the others at
/// `p` (coherent units).
///
/// # Errors
/// A field without noise, a branch of another parameter, a lag or strain that is not positive, or no stable point at all.
pub fn noise_along(
    field: &dyn Field,
    p: &[f64],
    place: usize,
    branch: &Branch,
    options: &AlongOptions,
) -> Result<NoiseAlong> {
    check(field, place, branch)?;
    let names = field.names();
    for (what, value) in [("lag", options.lag.unwrap_or(1.0)), ("strain", options.strain)] {
        if !(value > 0.0 && value.is_finite()) {
            return Err(Error::domain(
                format!("the {what}"),
                format!("{value} is not positive"),
                "give a positive one",
            ));
        }
    }
    let at = |parameter: f64| {
        let mut p = p.to_vec();
        p[place] = parameter;
        p
    };
    let recovery = branch.points.iter().map(|q| -q.eigenvalues.first().map_or(0.0, |l| l.re)).fold(0.0, f64::max);
    if recovery <= 0.0 {
        let why = "no point of the branch is stable";
        return Err(Error::domain("linear noise approximation", why, "follow a stable branch"));
    }
    let lag = options.lag.unwrap_or(1.0 / recovery);
    let events: Vec<f64> = branch.events.iter().filter(|e| e.check.is_some()).map(|e| e.parameter).collect();
    let points = branch.points.iter().map(|point| {
        let found = fluctuations(field, &at(point.parameter), &point.at, lag).map_err(|e| first_line(&e));
        NoisyPoint {
            parameter: point.parameter,
            distance: events.iter().map(|e| (e - point.parameter).abs()).fold(f64::INFINITY, f64::min),
            valid: found.as_ref().is_ok_and(|f| f.strain <= options.strain),
            fluctuations: found,
        }
    });
    let quantities = names.variables.iter().chain(&names.readouts).map(|q| (q.name.clone(), q.unit.clone())).collect();
    Ok(NoiseAlong {
        parameter: branch.parameter.clone(),
        quantities,
        points: points.collect(),
        lag,
        strain: options.strain,
    })
}

/// The spectrum of a variable or readout (coherent unit squared per Hz, two-sided) at every point of a branch; `None` where
/// the fixed point is not stable. One value per frequency (Hz).
///
/// # Errors
/// Those of [`noise_along`], an unknown name, or a frequency that is not finite.
pub fn spectra_along(
    field: &dyn Field,
    p: &[f64],
    place: usize,
    branch: &Branch,
    quantity: &str,
    frequencies: &[f64],
) -> Result<Vec<Option<Vec<f64>>>> {
    check(field, place, branch)?;
    let one = |parameter: f64, at: &[f64]| -> Result<Option<Vec<f64>>> {
        let mut p = p.to_vec();
        p[place] = parameter;
        let Ok(noise) = linear_noise(field, &p, at) else { return Ok(None) };
        frequencies.iter().map(|f| noise.spectrum(quantity, *f)).collect::<Result<Vec<_>>>().map(Some)
    };
    branch.points.iter().map(|q| one(q.parameter, &q.at)).collect()
}

/// The fluctuations around the stable fixed point `at` at the parameters `p`; autocorrelations at `lag` (s).
///
/// # Errors
/// Those of [`linear_noise`].
pub fn fluctuations(field: &dyn Field, p: &[f64], at: &[f64], lag: f64) -> Result<Fluctuations> {
    let noise = linear_noise(field, p, at)?;
    let quantities = field.names().variables.iter().chain(&field.names().readouts);
    let names: Vec<&str> = quantities.map(|q| q.name.as_str()).collect();
    let deviations = names.iter().map(|n| Ok(noise.covariance(n, n)?.max(0.0).sqrt())).collect::<Result<Vec<_>>>()?;
    let autocorrelations = names.iter().map(|n| noise.autocorrelation(n, lag)).collect::<Result<Vec<_>>>()?;
    let (recovery, frequency) = (-noise.abscissa(), noise.critical_frequency());
    Ok(Fluctuations {
        deviations,
        autocorrelations,
        recovery,
        frequency,
        quality: std::f64::consts::PI * frequency / recovery,
        strain: strain(field, p, &noise)?,
    })
}

/// Is there noise, and was the branch followed in that parameter?
fn check(field: &dyn Field, place: usize, branch: &Branch) -> Result<()> {
    let names = field.names();
    if names.noises.is_empty() {
        let what = format!("{} has no noise", names.model);
        return Err(Error::usage(what, "add a noise term (`xi`) to one of its equations"));
    }
    if names.parameters.get(place).is_none_or(|q| q.name != branch.parameter.0) {
        let what = format!("the branch was followed in `{}`, not in parameter {place}", branch.parameter.0);
        return Err(Error::usage(what, "give the place of the parameter that was varied"));
    }
    Ok(())
}

fn first_line(e: &Error) -> String {
    e.to_string().lines().next().unwrap_or_default().to_string()
}

/// |p* δA q|/|Re λ₁| with δA = f″ δm + ½ f‴:C and δm = −½ A⁻¹ f″:C.
fn strain(field: &dyn Field, p: &[f64], noise: &LinearNoise) -> Result<f64> {
    let n = noise.at.len();
    let series = |u: &DVector<f64>| -> [DVector<f64>; 2] {
        let x: Vec<Jet> = noise.at.iter().zip(u.iter()).map(|(x, u)| Jet::line(*x, *u)).collect();
        let p: Vec<Jet> = p.iter().map(|v| Jet::line(*v, 0.0)).collect();
        let mut out = vec![Jet([0.0; 4]); n];
        field.jet(&x, &p, &mut out);
        [DVector::from_fn(n, |i, _| 2.0 * out[i].0[2]), DVector::from_fn(n, |i, _| 6.0 * out[i].0[3])]
    };
    // C = Σ e eᵀ; the directions are found from the correlations, so that units do not matter.
    let c = &noise.state_covariance;
    let sd: Vec<f64> = (0..n).map(|i| c[(i, i)].max(0.0).sqrt()).collect();
    let ratio = |i: usize, j: usize| if sd[i] * sd[j] > 0.0 { c[(i, j)] / (sd[i] * sd[j]) } else { 0.0 };
    let correlations = SymmetricEigen::new(DMatrix::from_fn(n, n, ratio));
    let directions: Vec<DVector<f64>> = (0..n)
        .map(|k| {
            DVector::from_fn(n, |i, _| {
                sd[i] * correlations.eigenvectors[(i, k)] * correlations.eigenvalues[k].max(0.0).sqrt()
            })
        })
        .collect();
    let curved = directions.iter().fold(DVector::zeros(n), |sum, e| sum + &series(e)[0]);
    if curved.iter().any(|v| !v.is_finite()) {
        return Ok(f64::NAN);
    }
    let shift = solve(&noise.jacobian, &(curved * -0.5))?;
    let modes = eigen(&noise.jacobian)?;
    let slowest = (0..n).max_by(|&a, &b| modes.values[a].re.total_cmp(&modes.values[b].re)).unwrap_or(0);
    // δA q for a real direction q, by polarisation of directions of one length, so that nothing cancels.
    let along = |v: &DVector<f64>, size: f64| if v.norm() > 0.0 { v * (size / v.norm()) } else { v.clone() };
    let moved = |q: DVector<f64>| -> DVector<f64> {
        let size = q.norm();
        if size == 0.0 {
            return DVector::zeros(n);
        }
        let u = along(&shift, size);
        let second = (&series(&(&u + &q))[0] - &series(&(&u - &q))[0]) * (0.25 * shift.norm() / size);
        let alone = &series(&q)[1] * 2.0;
        directions.iter().fold(second, |sum, e| {
            let u = along(e, size);
            let both = &series(&(&q + &u))[1] + &series(&(&q - &u))[1];
            sum + (both - &alone) * (0.5 / 6.0 * (e.norm() / size).powi(2))
        })
    };
    let q = modes.right.column(slowest);
    let (re, im) = (moved(q.map(|c| c.re)), moved(q.map(|c| c.im)));
    let product: Complex<f64> = (0..n).map(|i| modes.left[(i, slowest)].conj() * Complex::new(re[i], im[i])).sum();
    Ok(product.norm() / noise.abscissa().abs())
}

impl NoiseAlong {
    /// The exponent a in (what) ∝ (distance to `event`)^a between the two valid points nearest to `event` whose distance is
    /// at least `beyond`: a finite difference of logarithms. `what` reads a number off the fluctuations.
    ///
    /// # Errors
    /// Fewer than two such points.
    pub fn exponent(&self, event: f64, beyond: f64, what: impl Fn(&Fluctuations) -> f64) -> Result<f64> {
        let mut near: Vec<(f64, f64)> = self
            .points
            .iter()
            .filter(|q| q.valid && (q.parameter - event).abs() >= beyond)
            .filter_map(|q| Some(((q.parameter - event).abs(), what(q.fluctuations.as_ref().ok()?))))
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.dedup_by(|a, b| a.0 == b.0);
        match near.as_slice() {
            [a, b, ..] => Ok((b.1 / a.1).ln() / (b.0 / a.0).ln()),
            _ => Err(Error::domain(
                "scaling exponent",
                "fewer than two valid points at that distance",
                "take smaller steps along the branch",
            )),
        }
    }
    /// One row per point, in shown units: the parameter, its distance to the nearest event, recovery rate, frequency and
    /// quality of the slowest mode, strain, whether the linearisation is valid, then `sd NAME` and `ac NAME` for every
    /// quantity. NaN where the fixed point is not stable.
    pub fn table(&self) -> Table {
        let (name, unit) = &self.parameter;
        let of = |f: &dyn Fn(&Fluctuations) -> f64| -> Vec<f64> {
            self.points.iter().map(|q| q.fluctuations.as_ref().map_or(f64::NAN, f)).collect()
        };
        let mut table = Table::new()
            .number(name, unit.clone(), self.points.iter().map(|q| q.parameter / unit.factor).collect())
            .number("distance", unit.clone(), self.points.iter().map(|q| q.distance / unit.factor).collect())
            .number("recovery", Unit::HERTZ, of(&|f| f.recovery))
            .number("frequency", Unit::HERTZ, of(&|f| f.frequency))
            .number("quality", Unit::NONE, of(&|f| f.quality))
            .number("strain", Unit::NONE, of(&|f| f.strain))
            .flag("valid", self.points.iter().map(|q| q.valid).collect());
        for (k, (name, unit)) in self.quantities.iter().enumerate() {
            table = table.number(&format!("sd {name}"), unit.clone(), of(&|f| f.deviations[k] / unit.factor)).number(
                &format!("ac {name}"),
                Unit::NONE,
                of(&|f| f.autocorrelations[k]),
            );
        }
        table
    }
}
