//! How does a notebook become a test and a page?
