//! Which rate does a spiking population have, and how does it answer?
