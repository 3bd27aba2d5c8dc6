//! Where does a circuit rest, is it stable, how does it move, and what changes that?
