//! Every notebook as tests: each claim is one. `BLESS=1` rewrites the report.

mod list;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    homeostat::notebook::tests(list::NOTEBOOKS, &root.join("analysis"), &root.join("reports"), &scratch)
}
