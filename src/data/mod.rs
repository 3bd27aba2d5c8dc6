//! How do tables and recordings come in and go out? The only reader and writer of data files.
