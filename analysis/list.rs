//! The notebooks, in the order in which the report shows them. The command line and the tests read this list.
//!
//! *To add one*: write `analysis/NN_name.rs` with `pub fn run(nb: &mut Notebook) -> Result<()>` and give it its two
//! lines here.

use homeostat::notebook::Entry;

#[path = "03_sliding_threshold.rs"]
mod sliding_threshold;

/// All of them.
pub const NOTEBOOKS: &[Entry] = &[Entry {
    name: "03_sliding_threshold",
    source: include_str!("03_sliding_threshold.rs"),
    run: sliding_threshold::run,
}];
