//! What does a circuit tell about its input, before, during and after it learns?
//!
//! A [`Code`] says which parameter carries the stimulus s and how s is distributed, which quantities are read, and which
//! noise they have. A stimulus is shorter than learning: while it is shown the slow state (plastic and homeostatic
//! variables) is held, and the fast variables come to rest, which makes the tuning curve f(s). Between stimuli the slow
//! state follows the mean stimulus. Then, with slopes f' and noise covariance Σ at the mean stimulus,
//!
//! * Fisher information J = f'ᵀΣ⁻¹f', discriminability d' = Δs √J;
//! * mutual information ½ log₂(1 + σ_s²J) where tuning is straight and the noise does not depend on s, which is checked
//!   along the tuning curve; otherwise from the curve itself, by quadrature with an error bound (one quantity), exact
//!   sums (counts) or sampling with its standard error (several quantities).
//!
//! The covariance of noise on a quantity θ reaches the responses through (dy/dθ)(dy/dθ)ᵀσ²; white noise of the field
//! through the linear noise approximation of the fast variables; readout noise and spike counts are added last.
//! Sources: Cover & Thomas 2006; Seung & Sompolinsky 1993; ledger C1 to C7, C29, C30.
//!
//! ```
//! use homeostat::coding::codes::{Code, Distribution, Noise};
//! use homeostat::models::model;
//! // A unit with gain 1, input noise of 0.5 Hz and output noise of 1 Hz, for a stimulus of 1 Hz about 10 Hz.
//! let unit = model("neuron")?.with("w", "1")?;
//! let code = Code::new("x", Distribution::Gaussian { mean: 10.0, sd: 1.0 }, &["r"])
//!     .noise(Noise::On { quantity: "x".into(), sd: 0.5 })
//!     .noise(Noise::On { quantity: "r".into(), sd: 1.0 });
//! let p = homeostat::field::Field::names(&unit).defaults();
//! let reading = code.on(&unit)?.at(&p, &[])?;
//! assert!((reading.information.value - 0.4239984533).abs() < 1e-10); // exact: ½ log₂(1 + 1/1.25)
//! # Ok::<(), homeostat::field::Error>(())
//! ```
//!
//! A code is evaluated at a state ([`Coder::at`]), after learning ([`Coder::adapted`]), through learning
//! ([`Coder::through`]), around a perturbation ([`Coder::perturbed`]), along a parameter ([`Coder::along`]) or a branch of
//! fixed points ([`Coder::along_branch`]).

mod course;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod ledger_tests;
mod measure;
mod nodes;
mod reading;
mod response;
mod sweep;

pub use course::{Course, Moment, Perturbation};
pub use nodes::Distribution;
pub use reading::{Measured, Reading, Trust};
pub use response::Coder;
pub use sweep::{Place, Sweep};

use crate::coding::checks;
use crate::error::nearest;
use crate::field::{Error, Field, Names, Pace, Result};

/// What makes a code unreliable.
#[derive(Clone, Debug, PartialEq)]
pub enum Noise {
    /// The white noise of the field itself, in the linear noise approximation of the fast variables.
    Field,
    /// Gaussian noise with this standard deviation (coherent unit), drawn anew for every stimulus. On a parameter it
    /// enters where the parameter does (the stimulus itself included); on a quantity that is read it is readout noise.
    On {
        /// A parameter, or a quantity that is read.
        quantity: String,
        /// Standard deviation, in the coherent unit of the quantity.
        sd: f64,
    },
    /// What is read are Poisson counts of spikes in a window (s): all quantities that are read are rates.
    Counts {
        /// The window (s).
        window: f64,
    },
}

/// A code: stimulus, what is read, and noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// The parameter that carries the stimulus.
    pub stimulus: String,
    /// How it is distributed (coherent unit).
    pub distribution: Distribution,
    /// The variables or readouts that are read.
    pub read: Vec<String>,
    /// The noise.
    pub noise: Vec<Noise>,
    /// The variables that are held while a stimulus is shown; `None`: those of plastic or homeostatic pace.
    pub held: Option<Vec<String>>,
    /// The distance Δs of two stimuli for d' (coherent unit); `None`: the standard deviation of the stimulus.
    pub difference: Option<f64>,
    /// Seed of the samples, where sampling is the only way.
    pub seed: u64,
}

impl Code {
    /// A code without noise yet.
    pub fn new(stimulus: &str, distribution: Distribution, read: &[&str]) -> Self {
        Code {
            stimulus: stimulus.into(),
            distribution,
            read: read.iter().map(|name| name.to_string()).collect(),
            noise: Vec::new(),
            held: None,
            difference: None,
            seed: 1,
        }
    }
    /// This code with one more noise.
    pub fn noise(mut self, noise: Noise) -> Self {
        self.noise.push(noise);
        self
    }
    /// This code on a field, all names resolved.
    ///
    /// # Errors
    /// Unknown quantities (with those that are near), a negative width or window, nothing to read, a quantity that is held
    /// while the stimulus is shown, white noise asked of a field that has none among its fast variables.
    pub fn on<'a>(&self, field: &'a dyn Field) -> Result<Coder<'a>> {
        let names = field.names();
        self.distribution.check()?;
        let stimulus = names.parameter(&self.stimulus).map_err(|e| self.not_a_stimulus(names, e))?;
        let held = self.held_in(names)?;
        if self.read.is_empty() {
            return Err(Error::usage("nothing is read", "name at least one variable or readout"));
        }
        let read = self.read.iter().map(|name| quantity(names, name, &held)).collect::<Result<Vec<_>>>()?;
        if let Some(twice) = (1..read.len()).find(|&i| read[..i].contains(&read[i])) {
            return Err(Error::usage(format!("`{}` is read twice", self.read[twice]), "name each quantity once"));
        }
        if let Some(difference) = self.difference {
            checks::positive("the difference of two stimuli", difference)?;
        }
        Coder::new(self.clone(), field, stimulus, read, held)
    }
    fn not_a_stimulus(&self, names: &Names, unknown: Error) -> Error {
        let name = self.stimulus.as_str();
        if names.variable(name).is_ok() || names.readout(name).is_ok() {
            let help = "give a parameter: an input such as the presynaptic rate";
            return Error::usage(format!("`{name}` is not a parameter of {}: it moves by itself", names.model), help);
        }
        unknown
    }
    /// The places of the variables that are held while a stimulus is shown.
    fn held_in(&self, names: &Names) -> Result<Vec<usize>> {
        match &self.held {
            Some(held) => held.iter().map(|name| names.variable(name)).collect(),
            None => {
                let slow = |p: Option<Pace>| matches!(p, Some(Pace::Plastic | Pace::Homeostatic));
                Ok((0..names.variables.len()).filter(|&i| slow(names.variables[i].pace)).collect())
            }
        }
    }
}

/// A quantity that is read: the place of a variable, or of a readout after the variables.
fn quantity(names: &Names, name: &str, held: &[usize]) -> Result<usize> {
    let n = names.variables.len();
    if let Ok(i) = names.readout(name) {
        return Ok(n + i);
    }
    let all = names.variables.iter().chain(&names.readouts).map(|q| q.name.as_str());
    let i = names.variable(name).map_err(|_| {
        if names.parameter(name).is_ok() {
            let help = format!("read one of {}", all.clone().collect::<Vec<_>>().join(", "));
            return Error::usage(format!("`{name}` is a parameter: nothing is read from it"), help);
        }
        Error::unknown("variable or readout", name, nearest(name, all.clone()))
    })?;
    match held.contains(&i) {
        false => Ok(i),
        true => Err(Error::usage(
            format!("`{name}` is held while a stimulus is shown: it does not answer"),
            "read a fast variable or a readout, or say which variables are held",
        )),
    }
}
