//! How are equations written, checked, composed and compiled?

pub mod ast;
pub mod build;
pub mod eval;
pub mod functions;
pub mod graph;
pub mod latex;
mod letters;
pub mod lexer;
mod literal;
pub mod parse;
mod print;
mod source;
pub mod tape;
pub mod units;

pub use source::Source;
