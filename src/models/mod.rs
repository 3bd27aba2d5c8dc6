//! Which models are there? The catalogue: one text file per part, in the folder of its kind.
//!
//! `circuits/`, `transfer/`, `plasticity/`, `homeostasis/`, `modulation/`: **a new rule goes there**, as one file, and as one
//! line in [`CATALOGUE`]. It is then in compositions, in the lists of the command line and under the contract test.
//! `systems/` has whole models of the field: compositions with values of their own, listed in [`SYSTEMS`].
//!
//! ```
//! use homeostat::{field::Field, models};
//! let model = models::model("ei+istdp@w_ei").unwrap();
//! let variables: Vec<&str> = model.names().variables.iter().map(|v| v.name.as_str()).collect();
//! assert_eq!(variables, ["r_e", "r_i", "w_ei"]);
//! ```

use crate::error::{Error, Result};
use crate::lang::{Entity, Library, Model, ModelFile, Part, PartKind};
use std::sync::Arc;

/// A part of the catalogue: name, kind, file and text.
pub struct Listed {
    /// The name in compositions.
    pub name: &'static str,
    /// The kind, from its folder.
    pub kind: PartKind,
    /// The file, from the root of the crate.
    pub file: &'static str,
    /// The text of the file.
    pub text: &'static str,
}

macro_rules! listed {
    ($kind:ident, $folder:literal, $name:literal) => {
        Listed {
            name: $name,
            kind: PartKind::$kind,
            file: concat!("src/models/", $folder, "/", $name, ".toml"),
            text: include_str!(concat!($folder, "/", $name, ".toml")),
        }
    };
}

/// All parts.
pub const CATALOGUE: &[Listed] = &[
    listed!(Circuit, "circuits", "neuron"),
    listed!(Circuit, "circuits", "leaky"),
    listed!(Circuit, "circuits", "population"),
    listed!(Circuit, "circuits", "steady_population"),
    listed!(Circuit, "circuits", "gaussian_neuron"),
    listed!(Circuit, "circuits", "feedforward"),
    listed!(Circuit, "circuits", "patterns"),
    listed!(Circuit, "circuits", "overlap"),
    listed!(Circuit, "circuits", "ei"),
    listed!(Circuit, "circuits", "recurrent"),
    listed!(Circuit, "circuits", "mutual_inhibition"),
    listed!(Circuit, "circuits", "wilson_cowan"),
    listed!(Circuit, "circuits", "qif"),
    listed!(Circuit, "circuits", "fitzhugh_nagumo"),
    listed!(Circuit, "circuits", "morris_lecar"),
    listed!(Transfer, "transfer", "linear"),
    listed!(Transfer, "transfer", "threshold_linear"),
    listed!(Transfer, "transfer", "softplus_rate"),
    listed!(Transfer, "transfer", "sigmoid_rate"),
    listed!(Transfer, "transfer", "power_law"),
    listed!(Plasticity, "plasticity", "hebb"),
    listed!(Plasticity, "plasticity", "hebb_threshold"),
    listed!(Plasticity, "plasticity", "covariance"),
    listed!(Plasticity, "plasticity", "oja"),
    listed!(Plasticity, "plasticity", "bcm"),
    listed!(Plasticity, "plasticity", "istdp"),
    listed!(Plasticity, "plasticity", "triplet"),
    listed!(Plasticity, "plasticity", "triplet_stdp"),
    listed!(Plasticity, "plasticity", "short_term"),
    listed!(Homeostasis, "homeostasis", "scaling"),
    listed!(Homeostasis, "homeostasis", "scaling_weight"),
    listed!(Homeostasis, "homeostasis", "two_factor"),
    listed!(Homeostasis, "homeostasis", "intrinsic"),
    listed!(Homeostasis, "homeostasis", "intrinsic_sensor"),
    listed!(Homeostasis, "homeostasis", "adaptation"),
    listed!(Homeostasis, "homeostasis", "adaptation_alpha"),
    listed!(Homeostasis, "homeostasis", "gain"),
    listed!(Homeostasis, "homeostasis", "dual"),
    listed!(Homeostasis, "homeostasis", "current"),
    listed!(Homeostasis, "homeostasis", "leak"),
    listed!(Homeostasis, "homeostasis", "rate_target"),
    listed!(Homeostasis, "homeostasis", "cross"),
    listed!(Homeostasis, "homeostasis", "normalise_subtractive"),
    listed!(Homeostasis, "homeostasis", "normalise_multiplicative"),
    listed!(Homeostasis, "homeostasis", "soft_bounds"),
    listed!(Homeostasis, "homeostasis", "hard_bounds"),
    listed!(Homeostasis, "homeostasis", "sliding_threshold"),
    listed!(Homeostasis, "homeostasis", "learned_target"),
    listed!(Modulation, "modulation", "ach"),
    listed!(Modulation, "modulation", "na"),
    listed!(Modulation, "modulation", "da"),
];

/// A whole model of the catalogue: a composition of parts with values of its own.
pub struct System {
    /// The name in compositions.
    pub name: &'static str,
    /// The file, from the root of the crate.
    pub file: &'static str,
    /// The text of the file.
    pub text: &'static str,
}

macro_rules! system {
    ($name:literal) => {
        System {
            name: $name,
            file: concat!("src/models/systems/", $name, ".toml"),
            text: include_str!(concat!("systems/", $name, ".toml")),
        }
    };
}

/// The field's standard systems that are compositions of parts.
pub const SYSTEMS: &[System] = &[
    system!("ssn"),
    system!("tsodyks_markram"),
    system!("qif_sfa"),
    system!("qif_sfa_alpha"),
    system!("standard_homeostasis"),
    system!("cross_homeostasis"),
];

/// The catalogue as a library; callers add their own texts to it.
pub fn library() -> Library {
    let parts = CATALOGUE.iter().fold(Library::default(), |all, p| all.with(p.name, p.file, Some(p.kind), p.text));
    SYSTEMS.iter().fold(parts, |all, s| all.with(s.name, s.file, None, s.text))
}

/// All systems of the catalogue, read: name and file.
pub fn systems() -> Result<Vec<(&'static str, Arc<ModelFile>)>> {
    let library = library();
    let read = |s: &System| match library.get(s.name)? {
        Entity::Model(model) => Ok((s.name, model)),
        // A file without `model = "…"` below `systems/` would be a slip of ours.
        Entity::Part(part) => Err(Error::usage(format!("`{}` is a part, not a model", part.name), "write `model = `")),
    };
    SYSTEMS.iter().map(read).collect()
}

/// The model that a composition of catalogue parts describes: `model("ei+istdp@w_ei+scaling@w_ee")`.
pub fn model(text: &str) -> Result<Model> {
    Model::compose(text, &library())
}

/// All parts of the catalogue, read.
pub fn parts() -> Result<Vec<Arc<Part>>> {
    let library = library();
    CATALOGUE.iter().map(|p| library.part(p.name)).collect()
}

/// A part of the catalogue by name.
pub fn part(name: &str) -> Result<Arc<Part>> {
    library().part(name)
}

#[cfg(test)]
mod composing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod theory;
