//! Which mechanisms are built in? The catalogue: one text file per part, nothing else.
