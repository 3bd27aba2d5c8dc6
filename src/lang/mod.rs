//! How are equations written, checked, composed and compiled?

pub mod ast;
mod letters;
pub mod lexer;
mod literal;
pub mod parse;
mod print;
mod source;

pub use source::Source;
