//! How is the program run as a user runs it?

use std::path::{Path, PathBuf};
use std::process::Command;

/// What it answered.
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs it in a folder.
pub fn homeostat(folder: &Path, arguments: &[&str]) -> Answer {
    let run = Command::new(env!("CARGO_BIN_EXE_homeostat")).args(arguments).current_dir(folder).output().unwrap();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    Answer { code: run.status.code().unwrap_or(-1), out: text(&run.stdout), err: text(&run.stderr) }
}

/// An empty folder.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}
