//! How are equations written, checked, composed and compiled?

pub mod ast;
pub mod build;
pub(crate) mod compose;
pub mod eval;
pub mod flat;
pub mod functions;
pub mod graph;
pub mod latex;
mod letters;
pub mod lexer;
pub mod library;
mod literal;
mod model;
pub mod ode;
pub mod parse;
pub mod part;
mod print;
mod source;
pub mod tape;
pub mod units;

pub use compose::facts::{Comparison, Fact, Sign, Where};
pub use compose::text::{Composition, Item};
pub use library::{Entity, Library, ModelFile};
pub use model::Model;
pub use part::{Given, Part, PartKind};
pub use source::Source;
