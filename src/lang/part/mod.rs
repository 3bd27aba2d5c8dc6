//! What is a part? One TOML file: a circuit, or a mechanism that attaches to one.
//!
//! Every part has the same paragraphs in the same order: title and sources, story, equations, ports, parameters, facts.
//! Its equations are written for *one* synapse or *one* population; composition broadcasts them over families.
//!
//! ```
//! use homeostat::lang::Part;
//! let part = Part::read("decay", "decay.toml", r#"
//! title = "Passive decay"
//! kind = "plasticity"
//! sources = []
//! about = "The weight forgets."
//! equations = "dw/dt += -w/tau_d : 1"
//! [ports]
//! w = { about = "synaptic weight" }
//! [parameters]
//! tau_d = { value = "20 min", about = "time constant of forgetting" }
//! "#).unwrap();
//! assert_eq!(part.parameters[0].name, "tau_d");
//! ```

mod check;
pub(crate) mod claim;
mod matrix;
pub(crate) mod modulated;
mod places;
mod quantities;
mod read;
pub(crate) mod tree;
pub(crate) mod value;

pub(super) use check::reserved;
pub(crate) use read::{LARGEST_SIZE, read_entity};
pub use value::Given;

use super::Source;
use super::ast::{Equation, Expr, Span};
use crate::field::{Pace, Unit};

/// What a part is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// Populations, synapses, inputs.
    Circuit,
    /// A population's gain function `phi`.
    Transfer,
    /// A rule that moves a synapse.
    Plasticity,
    /// A mechanism that holds something.
    Homeostasis,
    /// A level that maps onto parameters of the other parts.
    Modulation,
}

impl PartKind {
    /// All kinds, in canonical order.
    pub const ALL: [PartKind; 5] =
        [PartKind::Circuit, PartKind::Transfer, PartKind::Plasticity, PartKind::Homeostasis, PartKind::Modulation];
    /// The word in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            PartKind::Circuit => "circuit",
            PartKind::Transfer => "transfer",
            PartKind::Plasticity => "plasticity",
            PartKind::Homeostasis => "homeostasis",
            PartKind::Modulation => "modulation",
        }
    }
    /// The kind that is called `word`.
    pub fn from_word(word: &str) -> Option<PartKind> {
        PartKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What a part expects to find where it is attached.
#[derive(Clone, Debug)]
pub struct Port {
    /// The name in the part's equations.
    pub name: String,
    /// The unit that what is bound there must have.
    pub unit: Option<Unit>,
    /// One line of explanation.
    pub about: String,
    /// Where it is declared, in bytes of the file.
    pub at: usize,
}

/// A parameter with its default.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name, in the paper's letters.
    pub name: String,
    /// The default, to be evaluated once the sizes are known.
    pub given: Given,
    /// The unit.
    pub unit: Unit,
    /// The declared range (coherent unit).
    pub range: Option<(f64, f64)>,
    /// The time scale on which it acts.
    pub pace: Option<Pace>,
    /// One line of explanation.
    pub about: String,
    /// Where it is declared, in bytes of the file.
    pub at: usize,
}

/// What a part says about one of its variables: usual start, range, pace, and whether there is one per synapse.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The usual start (coherent unit).
    pub start: Option<Given>,
    /// The range in which to look for it (coherent unit).
    pub range: Option<(f64, f64)>,
    /// Hard bounds: where it stands at one, the outward part of its rate is left away.
    pub bounds: Option<(Expr, Expr)>,
    /// Its time scale.
    pub pace: Option<Pace>,
    /// `w`, `pre` or `post`: one per synapse, presynaptic or postsynaptic unit, where the equations leave it open.
    pub per: Option<String>,
    /// One line of explanation.
    pub about: String,
    /// Where it is declared, in bytes of the file.
    pub at: usize,
}

/// A population of a circuit: what the ports `r`, `theta`, `gain`, … mean there.
#[derive(Clone, Debug)]
pub struct Population {
    /// The name: `e`.
    pub name: String,
    /// Port name and the circuit's quantity, in file order; `r` comes first.
    pub quantities: Vec<(String, Expr)>,
    /// The function by which the circuit's equations call this population's transfer function.
    pub phi: Option<String>,
    /// Where it is declared, in bytes of the file.
    pub at: usize,
}

/// A synapse of a circuit.
#[derive(Clone, Debug)]
pub struct Synapse {
    /// The name: `w_ei`.
    pub name: String,
    /// The presynaptic population, possibly with its own index: `n[j]`.
    pub pre: Expr,
    /// The postsynaptic population.
    pub post: Expr,
    /// The quantity that is the weight: `W[i, j]`.
    pub weight: Expr,
    /// +1 excitatory, −1 inhibitory.
    pub sign: f64,
    /// Where it is declared, in bytes of the file.
    pub at: usize,
}

/// What `mean(…)` means on a circuit.
#[derive(Clone, Debug)]
pub enum Ensemble {
    /// A weighted sum over patterns: the running index, and the quantity with the weights.
    Patterns {
        /// The running index.
        index: String,
        /// The quantity with the probability of each pattern.
        weights: String,
    },
    /// Given moments: products of random quantities and what they average to.
    Moments(Vec<(Expr, Expr)>),
}

/// A size of families.
#[derive(Clone, Debug)]
pub struct Size {
    /// Its name: `K`.
    pub name: String,
    /// Its default; `None` in a part that takes it from where it is attached.
    pub value: Option<usize>,
    /// The indices that run over it.
    pub indices: Vec<String>,
    /// Where it is declared, in bytes of the file.
    pub at: usize,
}

/// A closed form that holds for a model.
#[derive(Clone, Debug)]
pub struct FactText {
    /// In words.
    pub says: String,
    /// `every point`, `fixed point`, `fixed point with w > 0`.
    pub at: String,
    /// `post == y0`, `stable iff tau_theta < tau_w`.
    pub claim: String,
    /// The composition for which it holds; the part's example if it says nothing.
    pub on: Option<String>,
    /// Where it stands, in bytes of the file.
    pub place: usize,
    /// Where and what, taken apart.
    pub(crate) claim_read: claim::Claim,
}

/// What a modulation makes of a parameter of the other parts: `gain*(1 + kg*m)`.
#[derive(Clone, Debug)]
pub struct Modulated {
    /// The parameter.
    pub name: String,
    /// What it becomes.
    pub right: Expr,
    /// Where that stands.
    pub source: Source,
}

/// One part as its file declares it, checked as far as a part can be checked alone.
#[derive(Clone, Debug)]
pub struct Part {
    /// The name by which it is composed: the file's stem.
    pub name: String,
    /// What it is for.
    pub kind: PartKind,
    /// A line for lists.
    pub title: String,
    /// Keys of `references.bib`.
    pub sources: Vec<String>,
    /// The story: Markdown with LaTeX.
    pub about: String,
    /// A composition that shows it at work.
    pub example: Option<String>,
    /// The lines.
    pub equations: Vec<Equation>,
    /// Where the lines stand.
    pub source: Source,
    /// What it expects where it is attached.
    pub ports: Vec<Port>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What it says of its variables.
    pub variables: Vec<Variable>,
    /// Sizes of its families.
    pub sizes: Vec<Size>,
    /// The populations of a circuit.
    pub populations: Vec<Population>,
    /// The synapses of a circuit.
    pub synapses: Vec<Synapse>,
    /// What `mean` means on a circuit.
    pub ensemble: Option<Ensemble>,
    /// Parameters of other parts and what a modulation makes of them.
    pub modulates: Vec<Modulated>,
    /// Closed forms.
    pub facts: Vec<FactText>,
    /// Are all its quantities pure numbers?
    pub dimensionless: bool,
    /// The name of its file.
    pub file: String,
    /// The whole text of its file.
    pub text: String,
}

impl Part {
    /// An error that points at a byte of the file.
    pub(crate) fn error(&self, at: usize, cause: impl Into<String>, help: impl Into<String>) -> crate::error::Error {
        tree::File { name: &self.file, text: &self.text }.error(at, cause, help)
    }
    /// An error that points into the equations.
    pub(crate) fn equation_error(
        &self,
        span: Span,
        cause: impl Into<String>,
        help: impl Into<String>,
    ) -> crate::error::Error {
        self.source.error(span, cause, help)
    }
    /// The parameter called `name`.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.name == name)
    }
    /// The port called `name`.
    pub fn port(&self, name: &str) -> Option<&Port> {
        self.ports.iter().find(|p| p.name == name)
    }
    /// What is said of the variable called `name`.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|v| v.name == name)
    }
}
