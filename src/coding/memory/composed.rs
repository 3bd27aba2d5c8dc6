//! How long does a pattern last in the weights of a circuit that goes on learning and regulating?
//!
//! Storing a pattern displaces some variables of a stable fixed point by δ. With A the Jacobian of the whole circuit and
//! the readout along the pattern, the trace is s(t) = δᵀe^(At)δ/|δ|, a sum of modes c_j e^(λ_j t) with
//! c_j = (δᵀq_j)(p̄_jᵀδ)/|δ|; the noise that gathers since the storage is V(t) = C − e^(At)Ce^(Aᵀt) with AC + CAᵀ + BBᵀ = 0,
//! and SNR(t) = s(t)/√(δᵀVδ/|δ|² + σ²) with readout noise σ. It is exact for linear equations with additive noise; in
//! others the simulation of [`simulated_trace`] shows the difference.
//! Sources: Toyoizumi et al. 2014 (decay against scaling); Gardiner 2009, section 4.5.
//!
//! ```
//! use homeostat::coding::memory::pattern_trace;
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//! /// A weight that decays within 100 s and diffuses.
//! struct Weight(Names);
//! impl Law for Weight {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, w: &[S], _: &[S], dw: &mut [S]) { dw[0] = -w[0] / 100.0; }
//! }
//! let weight = Weight(Names::new("weight", [Quantity::plain("w", 0.0)], []));
//! let trace = pattern_trace(&weight, &[], &[0.0], &[("w", 2.0)], 0.1)?;
//! assert!((trace.signal(100.0)? - 2.0 * (-1f64).exp()).abs() < 1e-12);
//! assert!((trace.lifetime(1.0, 1e6)?.unwrap() - 100.0 * 20f64.ln()).abs() < 1e-6);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::dynamics::{Ensemble, Integration, Record, ensemble, integrate};
use crate::error::{Error, Result};
use crate::field::Field;
use crate::num::Estimate;
use crate::num::linalg::{eigen, expm, lyapunov, solve};
use nalgebra::{Complex, DMatrix, DVector};

/// A stored pattern in a circuit near a stable fixed point.
#[derive(Clone, Debug)]
pub struct PatternTrace {
    /// The decay rates λ (1/s) and how much of the trace goes with each, slowest first; empty where the Jacobian has too
    /// few eigenvectors.
    pub modes: Vec<(Complex<f64>, Complex<f64>)>,
    jacobian: DMatrix<f64>,
    covariance: DMatrix<f64>,
    direction: DVector<f64>,
    size: f64,
    readout: f64,
}

/// The trace of `pattern` (variables and displacements, coherent units) stored at the fixed point `at`, read with noise
/// of standard deviation `readout` in the unit of the displacements.
///
/// # Errors
/// Unknown variables or none, a pattern of size zero, variables of different units, a state that is not a stable fixed
/// point.
pub fn pattern_trace(
    field: &dyn Field,
    p: &[f64],
    at: &[f64],
    pattern: &[(&str, f64)],
    readout: f64,
) -> Result<PatternTrace> {
    let names = field.names();
    checks::not_negative("the readout noise", readout)?;
    let stored = displacement(field, pattern)?;
    let (n, m) = (at.len(), names.noises.len());
    checks::same_length("state", n, names.variables.len())?;
    let jacobian = field.jacobian(at, p);
    let mut rates = DVector::zeros(n);
    field.rate(at, p, rates.as_mut_slice());
    let values = crate::num::linalg::eigenvalues(&jacobian)?;
    if let Some(slowest) = values.first().filter(|l| l.re >= 0.0) {
        let why = format!("the fixed point is not stable: the eigenvalue {slowest:.6} 1/s does not decay");
        return Err(Error::domain(
            "trace of a stored pattern",
            why,
            "add a mechanism that holds the weights, or simulate",
        ));
    }
    let step = solve(&jacobian, &rates)?;
    for (i, q) in names.variables.iter().enumerate() {
        if step[i].abs() > 1e-6 * at[i].abs().max(stored.norm()) {
            let why = format!("`{}` is about {:.3e} away from the fixed point", q.name, step[i].abs());
            return Err(Error::domain("trace of a stored pattern", why, "let the circuit come to rest first"));
        }
    }
    let mut g = vec![0.0; n * m];
    field.noise(at, p, &mut g);
    let noise = DMatrix::from_row_slice(n, m, &g);
    let covariance = if m == 0 { DMatrix::zeros(n, n) } else { lyapunov(&jacobian, &(&noise * noise.transpose()))? };
    let size = stored.norm();
    let direction = &stored / size;
    let pairs = eigen(&jacobian)?;
    let whole = pairs.condition.iter().all(|c| c.is_finite());
    let complex = direction.map(Complex::from);
    let share = |j: usize| {
        let reading: Complex<f64> = complex.iter().zip(pairs.right.column(j).iter()).map(|(d, q)| d * q).sum();
        reading * pairs.left.column(j).dotc(&complex) * size
    };
    let modes = if whole { (0..n).map(|j| (pairs.values[j], share(j))).collect() } else { Vec::new() };
    Ok(PatternTrace { modes, jacobian, covariance, direction, size, readout })
}

/// The displacement of all variables.
fn displacement(field: &dyn Field, pattern: &[(&str, f64)]) -> Result<DVector<f64>> {
    let names = field.names();
    let mut stored = DVector::zeros(names.variables.len());
    let mut unit = None;
    for (name, by) in pattern {
        let i = names.variable(name)?;
        stored[i] += checks::finite(&format!("the displacement of `{name}`"), *by)?;
        let own = &names.variables[i].unit;
        if unit.get_or_insert(own).exponents != own.exponents {
            let quantity = format!("the displacement of `{name}`");
            return Err(Error::Units {
                quantity,
                expected: unit.map_or(String::new(), ToString::to_string),
                got: own.to_string(),
            });
        }
    }
    match stored.norm() > 0.0 {
        true => Ok(stored),
        false => Err(Error::usage("the pattern displaces nothing", "give at least one variable a displacement")),
    }
}

impl PatternTrace {
    /// The trace s(t) along the pattern (unit of the displacements).
    pub fn signal(&self, t: f64) -> Result<f64> {
        Ok(self.direction.dot(&(self.grown(t)? * &self.direction)) * self.size)
    }
    /// The standard deviation of what is read at time t: the noise since the storage and the readout noise.
    pub fn noise(&self, t: f64) -> Result<f64> {
        let back = self.grown(t)?.transpose() * &self.direction;
        let of = |v: &DVector<f64>| v.dot(&(&self.covariance * v));
        let gathered = (of(&self.direction) - of(&back)).max(0.0);
        Ok((gathered + self.readout * self.readout).sqrt())
    }
    /// The signal-to-noise ratio at time t; infinite where nothing is noisy.
    pub fn snr(&self, t: f64) -> Result<f64> {
        Ok(self.signal(t)? / self.noise(t)?)
    }
    /// The last time (s) at which the SNR passes below `threshold`, among 400 times up to `longest`, located to rounding;
    /// `None` where it never reaches it.
    ///
    /// # Errors
    /// No noise at all, or an SNR still above the threshold at `longest`.
    pub fn lifetime(&self, threshold: f64, longest: f64) -> Result<Option<f64>> {
        checks::positive("the threshold", threshold)?;
        checks::positive("the longest time", longest)?;
        if self.noise(longest)? == 0.0 {
            return Err(Error::domain("the lifetime", "there is no noise: it never ends", "give readout noise"));
        }
        let above = |t: f64| Ok::<bool, Error>(self.snr(t)? >= threshold);
        if above(longest)? {
            let why = format!("the SNR is still {} after {longest} s", self.snr(longest)?);
            return Err(Error::domain("the lifetime", why, "look further"));
        }
        self.last(longest, &above)
    }
    /// The last time at which the trace is half of what was stored (s), up to `longest`.
    pub fn half_life(&self, longest: f64) -> Result<Option<f64>> {
        self.last(longest, &|t| Ok(self.signal(t)? >= 0.5 * self.size))
    }
    /// The last passage from true to false on a grid that is finer towards 0, then bisected.
    fn last(&self, longest: f64, above: &dyn Fn(f64) -> Result<bool>) -> Result<Option<f64>> {
        let grid = |k: usize| longest * 1e-9f64.powf(1.0 - k as f64 / 400.0);
        let mut found = None;
        let mut before = (0.0, above(0.0)?);
        for k in 0..=400 {
            let here = (grid(k), above(grid(k))?);
            if before.1 && !here.1 {
                found = Some((before.0, here.0));
            }
            before = here;
        }
        let Some((mut lo, mut hi)) = found else { return Ok(None) };
        for _ in 0..80 {
            let middle = 0.5 * (lo + hi);
            if middle <= lo || middle >= hi {
                break;
            }
            if above(middle)? { lo = middle } else { hi = middle }
        }
        Ok(Some(lo))
    }
    /// The slowest decay time of the circuit (s).
    pub fn slowest(&self) -> f64 {
        let slowest = self.modes.iter().map(|(l, _)| -1.0 / l.re).fold(0.0, f64::max);
        if slowest > 0.0 { slowest } else { 1.0 / self.jacobian.norm() }
    }
    fn grown(&self, t: f64) -> Result<DMatrix<f64>> {
        checks::not_negative("the age of the memory", t)?;
        // Halved until it is short, then squared back: everything decays, so squaring loses nothing.
        let halvings = (self.jacobian.norm() * t).max(1.0).log2().ceil().min(1000.0) as i32;
        let mut grown = expm(&(&self.jacobian * (t / 2f64.powi(halvings))))?;
        (0..halvings).for_each(|_| grown = &grown * &grown);
        Ok(grown)
    }
}

/// The trace along the pattern by simulation, at increasing `times` (s): one deterministic run without noise sources,
/// otherwise the mean over an ensemble, with its standard error.
///
/// # Errors
/// Those of the trace's pattern and of the simulation; members that were lost.
pub fn simulated_trace(
    field: &dyn Field,
    p: &[f64],
    at: &[f64],
    pattern: &[(&str, f64)],
    times: &[f64],
    options: &Ensemble,
) -> Result<Vec<Estimate>> {
    let names = field.names();
    let stored = displacement(field, pattern)?;
    let direction = &stored / stored.norm();
    let start: Vec<f64> = at.iter().zip(stored.iter()).map(|(x, d)| x + d).collect();
    let along = |x: &dyn Fn(usize) -> f64| (0..at.len()).map(|i| direction[i] * (x(i) - at[i])).sum::<f64>();
    let Some(&until) = times.last() else { return Ok(Vec::new()) };
    if names.noises.is_empty() {
        let settings = Integration { record: Record::At(times.to_vec()), dense: false, ..Integration::default() };
        let run = integrate(field, p, &start, until, &settings)?;
        let exact = |x: &Vec<f64>| Estimate::new(along(&|i| x[i]), "", 0.0, 1, "integration without noise");
        return Ok(run.x.iter().map(exact).collect());
    }
    let run = ensemble(field, p, &start, until, options)?;
    if let Some(lost) = run.lost.first() {
        let why = format!("member {} left the finite numbers at {} s in `{}`", lost.member, lost.t, lost.variable);
        return Err(Error::domain("simulated trace", why, "store a smaller pattern or take smaller steps"));
    }
    let kept =
        |t: f64| run.t.iter().enumerate().min_by(|a, b| (a.1 - t).abs().total_cmp(&(b.1 - t).abs())).map_or(0, |k| k.0);
    let mut all = Vec::with_capacity(times.len());
    for &t in times {
        let k = kept(t);
        let columns = names.variables.iter().map(|q| run.samples(&q.name, k)).collect::<Result<Vec<&[f64]>>>()?;
        let each: Vec<f64> = (0..run.members).map(|m| along(&|i| columns[i][m])).collect();
        let n = each.len() as f64;
        let mean = each.iter().sum::<f64>() / n;
        let variance = each.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        all.push(Estimate::new(
            mean,
            "",
            (variance / n).sqrt(),
            each.len(),
            format!("ensemble mean at {} s", run.t[k]),
        ));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use crate::coding::memory::ScaledTrace;
    use crate::field::{Law, Names, Quantity};
    use crate::num::Scalar;

    /// Two weights that decay to 1 and diffuse; a gain holds their sum at a target with strength k.
    struct Held(Names);
    impl Held {
        fn new(k: f64, sources: usize) -> Self {
            let variables = [Quantity::plain("w_0", 1.0), Quantity::plain("w_1", 1.0)];
            let mut names = Names::new("held", variables, [Quantity::plain("k", k), Quantity::plain("si", 0.5)]);
            names.noises = (0..sources).map(|i| format!("xi{i}")).collect();
            Held(names)
        }
    }
    impl Law for Held {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, w: &[S], p: &[S], dw: &mut [S]) {
            let error = (w[0] + w[1] - S::constant(2.0)) * p[0];
            for i in 0..2 {
                dw[i] = (S::constant(1.0) - w[i]) / 100.0 - error;
            }
        }
        fn diffusion<S: Scalar>(&self, _: &[S], p: &[S], g: &mut [S]) {
            // Stationary variance si² at a decay of 1/100 s.
            g.fill(S::constant(0.0));
            if g.len() == 4 {
                g[0] = p[1] * 0.02f64.sqrt();
                g[3] = p[1] * 0.02f64.sqrt();
            }
        }
    }

    #[test]
    fn theory_c15_decay_and_noise_without_homeostasis() {
        let field = Held::new(0.0, 2);
        let trace = pattern_trace(&field, &[0.0, 0.5], &[1.0, 1.0], &[("w_0", 10.0)], 1.0).unwrap();
        let closed = ScaledTrace { strength: 10.0, synaptic_noise: 0.5, readout_noise: 1.0, tau: 100.0 };
        for t in [0.0, 10.0, 60.0, 300.0] {
            close(trace.snr(t).unwrap(), closed.frozen_snr(t).unwrap(), 1e-11);
        }
        printed(trace.snr(60.0).unwrap(), 5.063601956);
        printed(trace.lifetime(1.0, 1e4).unwrap().unwrap(), 219.2261757);
    }

    #[test]
    fn theory_homeostasis_erases_the_sum_and_keeps_the_difference() {
        let field = Held::new(0.5, 0);
        let at = |pattern: &[(&str, f64)]| pattern_trace(&field, &[0.5, 0.5], &[1.0, 1.0], pattern, 0.1).unwrap();
        let (sum, difference) = (at(&[("w_0", 1.0), ("w_1", 1.0)]), at(&[("w_0", 1.0), ("w_1", -1.0)]));
        for t in [0.0, 1.0, 5.0] {
            close(sum.signal(t).unwrap(), 2f64.sqrt() * (-1.01 * t).exp(), 1e-12);
            close(difference.signal(t).unwrap(), 2f64.sqrt() * (-0.01 * t).exp(), 1e-12);
        }
        // A single weight is half of either: modes of weight ½ each.
        let one = at(&[("w_0", 1.0)]);
        for (value, share) in &one.modes {
            close(share.re, 0.5, 1e-12);
            assert!((value.re + 0.01).abs() < 1e-12 || (value.re + 1.01).abs() < 1e-12);
        }
        close(difference.half_life(1e4).unwrap().unwrap(), 100.0 * 2f64.ln(), 1e-9);
        assert!(sum.half_life(1e4).unwrap().unwrap() < 0.7);
    }

    #[test]
    fn theory_simulation_agrees_with_the_linearisation() {
        let field = Held::new(0.02, 2);
        let (p, at, pattern) = ([0.02, 0.5], [1.0, 1.0], [("w_0", 2.0), ("w_1", 0.5)]);
        let trace = pattern_trace(&field, &p, &at, &pattern, 0.0).unwrap();
        let options = Ensemble { members: 400, dt: 0.5, record_every: 10.0, seed: 4, ..Ensemble::default() };
        let times = [10.0, 40.0, 100.0];
        let found = simulated_trace(&field, &p, &at, &pattern, &times, &options).unwrap();
        for (t, e) in times.iter().zip(&found) {
            // Four standard errors, and Euler's step error of order dt.
            assert!((e.value - trace.signal(*t).unwrap()).abs() < 4.0 * e.se + 0.02, "{t} s: {e:?}");
            let sd = e.se * (e.n as f64).sqrt();
            close(sd, trace.noise(*t).unwrap(), 0.2);
        }
        let quiet = Held::new(0.02, 0);
        let found = simulated_trace(&quiet, &p, &at, &pattern, &times, &options).unwrap();
        for (t, e) in times.iter().zip(&found) {
            close(e.value, trace.signal(*t).unwrap(), 1e-7);
        }
    }

    #[test]
    fn law_bad_patterns_are_refused() {
        let field = Held::new(0.0, 0);
        let at = |at: &[f64], pattern: &[(&str, f64)]| pattern_trace(&field, &[0.0, 0.5], at, pattern, 0.0);
        assert!(at(&[1.0, 1.0], &[("v", 1.0)]).is_err());
        assert!(at(&[1.0, 1.0], &[("w_0", 0.0)]).is_err());
        assert!(at(&[1.0, 1.0], &[("w_0", f64::NAN)]).is_err());
        let away = at(&[2.0, 1.0], &[("w_0", 0.1)]).unwrap_err().to_string();
        assert!(away.contains("away from the fixed point"), "{away}");
        let grows = Held::new(-1.0, 0);
        let why = pattern_trace(&grows, &[-1.0, 0.5], &[1.0, 1.0], &[("w_0", 1.0)], 0.0).unwrap_err().to_string();
        assert!(why.contains("not stable"), "{why}");
        let endless = at(&[1.0, 1.0], &[("w_0", 1.0)]).unwrap().lifetime(1.0, 1e3).unwrap_err().to_string();
        assert!(endless.contains("never ends"), "{endless}");
    }
}
