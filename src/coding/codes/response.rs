//! What does a circuit answer to a stimulus while its slow state is held?
//!
//! The fast variables x solve f(x; slow, s) = 0; Newton's method starts from the neighbouring stimulus, and every answer
//! counts only if each of its eigenvalues decays. Where Newton's method does not arrive, the flow itself is followed from
//! the adapted state. Slopes are exact: dx/dθ = −A⁻¹ ∂f/∂θ, carried through the readouts by dual numbers.

use super::{Code, Noise};
use crate::coding::checks;
use crate::dynamics::{Frozen, frozen, linear_noise, settle};
use crate::error::{Error, Result, nearest};
use crate::field::{Field, Quantity};
use crate::num::Dual;
use crate::num::linalg::{Factored, eigenvalues};
use nalgebra::{DMatrix, DVector};

/// A code on a field, all names resolved.
pub struct Coder<'a> {
    pub(super) code: Code,
    pub(super) field: &'a dyn Field,
    pub(super) stimulus: usize,
    /// Places of what is read: variables, then readouts.
    pub(super) read: Vec<usize>,
    pub(super) held: Vec<usize>,
    moving: Vec<usize>,
    /// The field with its slow variables held; `None` where no variable is fast.
    fast: Option<Frozen<'a>>,
    /// Noisy parameters and their variances.
    inputs: Vec<(usize, f64)>,
    /// Variance added to each quantity that is read.
    output: Vec<f64>,
    /// The counting window, if counts are read.
    pub(super) window: Option<f64>,
    white: bool,
}

/// The answer to one stimulus.
#[derive(Clone, Debug)]
pub(super) struct Response {
    /// The whole state.
    pub state: Vec<f64>,
    /// What is read on average: rates, or counts per window.
    pub mean: Vec<f64>,
    /// Its derivative by the stimulus.
    pub slope: Vec<f64>,
    /// The covariance of what is read, without the variance of counting.
    pub covariance: DMatrix<f64>,
}

impl Response {
    /// The covariance with the Poisson variance of counting, where counts are read.
    pub fn total(&self, counts: bool) -> DMatrix<f64> {
        let mut total = self.covariance.clone();
        if counts {
            self.mean.iter().enumerate().for_each(|(i, m)| total[(i, i)] += m);
        }
        total
    }
}

impl<'a> Coder<'a> {
    pub(super) fn new(
        code: Code,
        field: &'a dyn Field,
        stimulus: usize,
        read: Vec<usize>,
        held: Vec<usize>,
    ) -> Result<Self> {
        let names = field.names();
        let moving: Vec<usize> = (0..names.variables.len()).filter(|i| !held.contains(i)).collect();
        let slow: Vec<&str> = held.iter().map(|&i| names.variables[i].name.as_str()).collect();
        let fast = if moving.is_empty() { None } else { Some(frozen(field, &slow)?) };
        let mut coder = Coder {
            output: vec![0.0; read.len()],
            inputs: Vec::new(),
            window: None,
            white: false,
            code,
            field,
            stimulus,
            read,
            held,
            moving,
            fast,
        };
        for noise in coder.code.noise.clone() {
            coder.hear(&noise)?;
        }
        Ok(coder)
    }
    /// Takes in one noise.
    fn hear(&mut self, noise: &Noise) -> Result<()> {
        let names = self.field.names();
        match noise {
            Noise::Field => {
                if names.noises.is_empty() || self.fast.is_none() {
                    let what = format!("{} has no white noise in its fast variables", names.model);
                    return Err(Error::usage(what, "give the noise of a quantity, or add `xi` to an equation"));
                }
                self.white = true;
            }
            Noise::On { quantity, sd } => {
                let variance = checks::not_negative(&format!("the noise of `{quantity}`"), *sd)?.powi(2);
                if let Ok(k) = names.parameter(quantity) {
                    self.inputs.push((k, variance));
                } else if let Some(i) = self.code.read.iter().position(|name| name == quantity) {
                    self.output[i] += variance;
                } else {
                    let known = names.parameters.iter().map(|q| q.name.as_str());
                    let near = nearest(quantity, known.chain(self.code.read.iter().map(String::as_str)));
                    return Err(Error::unknown("parameter or quantity that is read", quantity, near));
                }
            }
            Noise::Counts { window } => {
                checks::positive("the counting window", *window)?;
                if self.window.replace(*window).is_some() {
                    return Err(Error::usage("two counting windows", "give one"));
                }
            }
        }
        Ok(())
    }
    /// The field that the code is on.
    pub fn field(&self) -> &'a dyn Field {
        self.field
    }
    /// The code.
    pub fn code(&self) -> &Code {
        &self.code
    }
    /// The quantities that are read.
    pub fn quantities(&self) -> Vec<&Quantity> {
        let names = self.field.names();
        let n = names.variables.len();
        self.read.iter().map(|&i| if i < n { &names.variables[i] } else { &names.readouts[i - n] }).collect()
    }
    /// The variables that are held while a stimulus is shown.
    pub fn held_names(&self) -> Vec<&str> {
        self.held.iter().map(|&i| self.field.names().variables[i].name.as_str()).collect()
    }
    /// The parameters with the stimulus at its mean.
    pub fn at_mean(&self, p: &[f64]) -> Vec<f64> {
        self.with_stimulus(p, self.code.distribution.mean())
    }
    pub(super) fn with_stimulus(&self, p: &[f64], s: f64) -> Vec<f64> {
        let mut p = p.to_vec();
        p[self.stimulus] = s;
        p
    }
    pub(super) fn is_noiseless(&self) -> bool {
        !self.white
            && self.window.is_none()
            && self.output.iter().chain(self.inputs.iter().map(|(_, v)| v)).all(|v| *v == 0.0)
    }
    pub(super) fn is_white(&self) -> bool {
        self.white
    }
    /// Is Poisson counting the only noise?
    pub(super) fn only_counts(&self) -> bool {
        self.window.is_some()
            && !self.white
            && self.output.iter().chain(self.inputs.iter().map(|(_, v)| v)).all(|v| *v == 0.0)
    }
    /// The state in which the circuit rests under the mean stimulus, coming from `start`: after learning.
    ///
    /// # Errors
    /// Those of [`settle`]: no rest, an unstable one, a blow-up.
    pub fn adapted(&self, p: &[f64], start: &[f64]) -> Result<Vec<f64>> {
        if start.is_empty() {
            return Ok(Vec::new());
        }
        Ok(settle(self.field, &self.at_mean(p), start)?.at)
    }
    /// The parameters of the fast field: those of the whole one and the held variables.
    fn fast_parameters(&self, p: &[f64], state: &[f64]) -> Vec<f64> {
        p.iter().copied().chain(self.held.iter().map(|&i| state[i])).collect()
    }
    /// The answer to stimulus `s`, with the slow variables of `state` held and the fast ones sought from there; where that
    /// does not arrive, the flow is followed from `adapted`.
    pub(super) fn respond(&self, p: &[f64], s: f64, state: &[f64], adapted: &[f64]) -> Result<Response> {
        let p = self.with_stimulus(p, s);
        let state = self.rest(&p, s, state, adapted)?;
        let along = |k: usize| self.sensitivity(&p, &state, k);
        let (mut mean, mut slope) = along(self.stimulus)?;
        let d = self.read.len();
        let mut covariance = DMatrix::from_diagonal(&DVector::from_column_slice(&self.output));
        for &(k, variance) in &self.inputs {
            let g = DVector::from_vec(along(k)?.1);
            covariance += &g * g.transpose() * variance;
        }
        if let (true, Some(fast)) = (self.white, &self.fast) {
            let at: Vec<f64> = self.moving.iter().map(|&i| state[i]).collect();
            let noise = linear_noise(fast, &self.fast_parameters(&p, &state), &at)?;
            for i in 0..d {
                for j in 0..d {
                    covariance[(i, j)] += noise.covariance(&self.code.read[i], &self.code.read[j])?;
                }
            }
        }
        if let Some(window) = self.window {
            if let Some(i) = mean.iter().position(|r| r.is_nan() || *r < 0.0) {
                let name = &self.code.read[i];
                let why =
                    format!("`{name}` is {:.6} Hz at {} = {s}: there are no such counts", mean[i], self.code.stimulus);
                return Err(Error::domain(
                    "counts",
                    why,
                    "add a transfer function such as `threshold_linear`, or move the stimulus",
                ));
            }
            mean.iter_mut().chain(&mut slope).for_each(|r| *r *= window);
            covariance *= window * window;
        }
        let numbers = mean.iter().chain(&slope).chain(covariance.iter());
        if numbers.clone().any(|v| !v.is_finite()) {
            let why = format!("the response is not a finite number at {} = {s}", self.code.stimulus);
            return Err(Error::domain("tuning curve", why, "narrow the stimulus distribution"));
        }
        Ok(Response { state, mean, slope, covariance })
    }
    /// What is read and its derivative by parameter `k` as the fast variables follow it.
    fn sensitivity(&self, p: &[f64], state: &[f64], k: usize) -> Result<(Vec<f64>, Vec<f64>)> {
        let mut x: Vec<Dual> = state.iter().map(|&v| Dual::fixed(v)).collect();
        let mut pd: Vec<Dual> = p.iter().map(|&v| Dual::fixed(v)).collect();
        pd[k].d = 1.0;
        if let Some(fast) = &self.fast {
            let at: Vec<f64> = self.moving.iter().map(|&i| state[i]).collect();
            let all = self.fast_parameters(p, state);
            let drive = DVector::from_vec(fast.parameter_derivative(&at, &all, k));
            let moved = Factored::new(&fast.jacobian(&at, &all))?.solve(&drive);
            self.moving.iter().zip(moved.iter()).for_each(|(&i, d)| x[i].d = -d);
        }
        let names = self.field.names();
        let mut out = vec![Dual::fixed(0.0); names.readouts.len()];
        self.field.read_push(&x, &pd, &mut out);
        let all: Vec<Dual> = x.into_iter().chain(out).collect();
        Ok(self.read.iter().map(|&i| (all[i].v, all[i].d)).unzip())
    }
    /// The state with its fast variables at rest.
    fn rest(&self, p: &[f64], s: f64, state: &[f64], adapted: &[f64]) -> Result<Vec<f64>> {
        let Some(fast) = &self.fast else { return Ok(state.to_vec()) };
        let all = self.fast_parameters(p, state);
        let pick = |state: &[f64]| self.moving.iter().map(|&i| state[i]).collect::<Vec<f64>>();
        let at = match newton(fast, &all, &pick(state)) {
            Some(at) => at,
            None => {
                let rest = settle(fast, &all, &pick(adapted)).map_err(|e| {
                    let why = format!("the fast variables do not come to rest at {} = {s}: {e}", self.code.stimulus);
                    Error::domain("tuning curve", why, "read this circuit where its fast variables are stable")
                })?;
                if !rest.isolated {
                    let why =
                        format!("the fast variables rest on no isolated stable point at {} = {s}", self.code.stimulus);
                    return Err(Error::domain(
                        "tuning curve",
                        why,
                        "read this circuit where its fast variables are stable",
                    ));
                }
                rest.at
            }
        };
        let mut whole = state.to_vec();
        self.moving.iter().zip(at).for_each(|(&i, v)| whole[i] = v);
        Ok(whole)
    }
}

/// The stable fixed point that Newton's method finds from `start`, checked again where it arrives.
fn newton(field: &dyn Field, p: &[f64], start: &[f64]) -> Option<Vec<f64>> {
    let (mut at, mut rates) = (DVector::from_column_slice(start), DVector::zeros(start.len()));
    let small = |step: &DVector<f64>, at: &DVector<f64>, by: f64| {
        step.iter().zip(at.iter()).all(|(d, x)| d.abs() <= by * x.abs().max(1e-3))
    };
    for _ in 0..40 {
        field.rate(at.as_slice(), p, rates.as_mut_slice());
        let step = Factored::new(&field.jacobian(at.as_slice(), p)).ok()?.solve(&rates);
        if step.iter().any(|d| !d.is_finite()) {
            return None;
        }
        at -= &step;
        if small(&step, &at, 1e-13) {
            field.rate(at.as_slice(), p, rates.as_mut_slice());
            let jacobian = field.jacobian(at.as_slice(), p);
            let left = Factored::new(&jacobian).ok()?.solve(&rates);
            let decays = eigenvalues(&jacobian).ok()?.iter().all(|l| l.re < 0.0);
            return (decays && small(&left, &at, 1e-11)).then(|| at.as_slice().to_vec());
        }
    }
    None
}
