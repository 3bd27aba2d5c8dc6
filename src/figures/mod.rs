//! How does a result look in a paper? Results in, SVG out; nothing is computed here.
