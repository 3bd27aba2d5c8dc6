//! How do fast synaptic change and slow homeostasis together keep neural information reliable?
//!
//! A theorist writes a mechanism once, as equations, and everything else follows.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod cli;
pub mod coding;
pub mod data;
pub mod dynamics;
pub mod error;
pub mod field;
pub mod figures;
pub mod lang;
pub mod meanfield;
pub mod models;
pub mod notebook;
pub mod num;
pub mod validate;

pub use error::{Error, Result};
