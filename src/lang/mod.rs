//! How are equations written, checked, composed and compiled?
//!
//! A part is a TOML file with Brian2-style lines ([`part`], [`parse`]); parts compose with `+` and attach with `@`
//! ([`Composition`]), to a synapse, a population, or a parameter of another part that they drive; units are checked where
//! a part is read and again where parts meet ([`units`]). The composed equations are a graph ([`graph`]) and then a flat
//! list of operations ([`tape`]) that runs over every kind of number; the same equations are LaTeX ([`latex`]), one flat
//! file ([`flat`]) and an XPP file ([`ode`]). Nothing here touches a file: a [`Library`] asks its caller for texts.

pub mod ast;
pub mod build;
pub(crate) mod compose;
pub mod eval;
mod factor;
pub mod flat;
pub mod functions;
pub mod graph;
pub mod latex;
mod letters;
pub mod lexer;
pub mod library;
mod lift;
mod linear;
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
