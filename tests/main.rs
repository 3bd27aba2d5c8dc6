//! What must hold of the crate as a whole, seen from outside?

mod tidy;
