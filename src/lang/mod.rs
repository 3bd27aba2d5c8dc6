//! How are equations written, checked, composed and compiled?

pub mod ast;
