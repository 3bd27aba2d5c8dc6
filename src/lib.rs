//! How do fast synaptic change and slow homeostasis together keep neural information reliable?
//!
//! A theorist writes a mechanism once, as equations, and everything else follows.
//! This is the map; each module opens with the question that it answers.
//!
//! | to … | start at |
//! |---|---|
//! | write or compose a model | [`models::model`], [`lang::Model`], [`lang`] for the language |
//! | ask a model of your own in Rust | [`field::Law`], [`field::Field`] |
//! | find every fixed point, with proof | [`dynamics::fixed_points`], [`dynamics::stability_map`] |
//! | follow one along a parameter, with its bifurcations and cycles | [`dynamics::continuation`], [`dynamics::cycles`] |
//! | separate fast from slow | [`dynamics::frozen`], [`dynamics::slaved`] |
//! | simulate, with and without noise | [`dynamics::integrate`], [`dynamics::ensemble`], [`dynamics::linear_noise`] |
//! | measure information, discriminability, memory | [`coding`] |
//! | read a recording and judge it | [`data::read`], [`validate::judge`] |
//! | draw it | [`figures::Figure`] |
//! | write a notebook that is a test and a page | [`notebook`] |
//! | know how far a number can be trusted | [`num::Tol`], [`num::Estimate`], [`num::Interval`] |
//!
//! Imports go downwards only: `num` and `field`, then `lang`, then `models`, `dynamics` and `meanfield`, then `coding` and
//! `data`, then `validate` and `figures`, then `notebook`, then `cli`. ARCHITECTURE.md says why.

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
