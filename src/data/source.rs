//! What does a model file say? Its text, if it is one.

use crate::field::{Error, Place, Result};
use std::path::Path;

/// The largest model file that is read: 4 MiB.
const LARGEST: u64 = 4 << 20;

/// The text of a model file (part, model or XPP).
///
/// Errors: a file that cannot be read, is larger than 4 MiB, or is not UTF-8 (with line and column).
pub fn read_source(path: &Path) -> Result<String> {
    let file = path.display().to_string();
    let io = |e: std::io::Error| Error::Input {
        place: Place { file: file.clone(), ..Place::default() },
        cause: format!("the file cannot be read: {e}"),
        help: "check the name; parts of the catalogue have no ending: homeostat models".into(),
    };
    let size = std::fs::metadata(path).map_err(io)?.len();
    let whole = |cause: String, help: &str| Error::Input {
        place: Place { file: file.clone(), ..Place::default() },
        cause,
        help: help.into(),
    };
    if size > LARGEST {
        return Err(whole(
            format!("the file has {size} bytes, more than {LARGEST}"),
            "a model is a text of a few pages",
        ));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    String::from_utf8(bytes).map_err(|e| {
        let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |k| k + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        Error::Input {
            place: Place { file: file.clone(), line, column, text: String::new() },
            cause: "the text is not UTF-8".into(),
            help: "save the file as UTF-8".into(),
        }
    })
}
