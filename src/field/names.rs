//! What are the variables and parameters of a model called, and in which units are they?

use super::{Error, Result, Unit, nearest};
use crate::error::{by_distance, elided};

/// On which time scale does a variable move, or a time constant act?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// Rates and currents: milliseconds.
    Neural,
    /// Synaptic plasticity: seconds to hours.
    Plastic,
    /// Homeostasis: hours to days.
    Homeostatic,
}

/// A named quantity: a variable with its usual start, a parameter with its default, or a readout.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The name, in the paper's letters.
    pub name: String,
    /// The unit it is shown in; values inside the program are in the coherent unit of the same dimension.
    pub unit: Unit,
    /// Start of a variable, default of a parameter (coherent unit).
    pub value: f64,
    /// The declared range (coherent unit), if there is one.
    pub range: Option<(f64, f64)>,
    /// The declared time scale, if there is one.
    pub pace: Option<Pace>,
    /// One line of explanation.
    pub about: String,
}

impl Quantity {
    /// A dimensionless quantity without a range.
    pub fn plain(name: &str, value: f64) -> Self {
        Quantity { name: name.into(), unit: Unit::NONE, value, range: None, pace: None, about: String::new() }
    }
}

/// The names of a field, in the order of its vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// What the model is called: `ei+istdp@w_ei`.
    pub model: String,
    /// The state variables.
    pub variables: Vec<Quantity>,
    /// The parameters.
    pub parameters: Vec<Quantity>,
    /// Quantities defined by algebra, for reading.
    pub readouts: Vec<Quantity>,
    /// The independent white-noise sources.
    pub noises: Vec<String>,
}

impl Names {
    /// Names of a field without readouts and noise.
    pub fn new(
        model: &str,
        variables: impl IntoIterator<Item = Quantity>,
        parameters: impl IntoIterator<Item = Quantity>,
    ) -> Self {
        Names {
            model: model.into(),
            variables: variables.into_iter().collect(),
            parameters: parameters.into_iter().collect(),
            ..Names::default()
        }
    }
    /// The place of a variable, or an error that names what is near.
    pub fn variable(&self, name: &str) -> Result<usize> {
        find(&self.variables, "variable", name)
    }
    /// The place of a parameter, or an error that names what is near.
    pub fn parameter(&self, name: &str) -> Result<usize> {
        find(&self.parameters, "parameter", name)
    }
    /// The place of a readout, or an error that names what is near.
    pub fn readout(&self, name: &str) -> Result<usize> {
        find(&self.readouts, "readout", name)
    }
    /// The default parameters (coherent units).
    pub fn defaults(&self) -> Vec<f64> {
        self.parameters.iter().map(|q| q.value).collect()
    }
    /// The usual start (coherent units).
    pub fn start(&self) -> Vec<f64> {
        self.variables.iter().map(|q| q.value).collect()
    }
}

fn find(among: &[Quantity], kind: &'static str, name: &str) -> Result<usize> {
    among.iter().position(|q| q.name == name).ok_or_else(|| unknown(kind, name, among.iter().map(|q| q.name.as_str())))
}

/// Quantities with their values (coherent units), in words: name = value with unit.
pub(crate) fn stated<'a>(all: impl IntoIterator<Item = (&'a Quantity, f64)>) -> String {
    let words: Vec<String> = all.into_iter().map(|(q, v)| format!("{} = {}", q.name, q.unit.rounded(v))).collect();
    elided(&words)
}

/// A name that is not among these: the near ones, or else which there are.
pub(crate) fn unknown<'a>(kind: &'static str, name: &str, among: impl IntoIterator<Item = &'a str> + Clone) -> Error {
    let near = nearest(name, among.clone());
    if !near.is_empty() {
        return Error::unknown(kind, name, near);
    }
    let all: Vec<String> = by_distance(name, among).iter().map(|other| format!("`{other}`")).collect();
    let help = match all.is_empty() {
        true => format!("it has no {kind}s"),
        false => format!("there are {}", elided(&all)),
    };
    Error::usage(format!("there is no {kind} `{name}`"), help)
}
