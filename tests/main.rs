//! What must hold of the crate as a whole, seen from outside?

mod bad_data;
mod bad_models;
mod contract;
mod readme;
mod systems;
mod tidy;
mod time_window;
