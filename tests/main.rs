//! What must hold of the crate as a whole, seen from outside?

mod bad_corpus;
mod bad_data;
mod bad_models;
mod contract;
mod cycles;
mod information;
mod interrupt;
mod language;
mod laws;
mod one_file;
mod program;
mod readme;
mod shown_zero;
mod sums;
mod systems;
mod tidy;
mod time_window;
mod xpp;
