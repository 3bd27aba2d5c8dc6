//! What can be read from a circuit, and for how long?
