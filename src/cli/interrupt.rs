//! How is a long run ended early? Ctrl-C and SIGTERM set a flag that every long method looks at.
//!
//! A method either keeps what is done, or ends with an error; the program ends with exit code 75 in both cases.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The flag, shared with methods that keep it.
pub fn flag() -> Arc<AtomicBool> {
    FLAG.get_or_init(|| Arc::new(AtomicBool::new(false))).clone()
}

/// The flag, borrowed for ever.
pub fn flag_ref() -> &'static AtomicBool {
    FLAG.get_or_init(|| Arc::new(AtomicBool::new(false)))
}

/// Has somebody asked for the end?
pub fn asked() -> bool {
    flag_ref().load(Ordering::SeqCst)
}

/// An error where somebody has asked for the end.
pub fn check(what: &str) -> crate::field::Result<()> {
    match asked() {
        true => Err(crate::field::Error::Interrupted { what: what.into() }),
        false => Ok(()),
    }
}

/// Makes Ctrl-C and SIGTERM set the flag; a second one ends the program at once.
pub fn listen() {
    let handler = || {
        if flag_ref().swap(true, Ordering::SeqCst) {
            std::process::exit(75);
        }
    };
    if ctrlc::set_handler(handler).is_err() {
        eprintln!("warning: interrupts end the program at once here");
    }
}
