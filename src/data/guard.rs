//! What if a library that we call panics on a broken file? It becomes an error, and nothing is printed.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}
static HOOK: Once = Once::new();

/// What `work` returns, or what it panicked with.
///
/// The panic hook of the program is kept for everything else: it is only silent on this thread during `work`.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.with(Cell::get) {
                previous(info);
            }
        }));
    });
    QUIET.with(|quiet| quiet.set(true));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.with(|quiet| quiet.set(false));
    result.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|s| s.to_string());
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".into())
    })
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn law_a_panic_becomes_an_error_and_the_next_call_works() {
        assert_eq!(caught(|| -> i32 { panic!("page {} is broken", 3) }), Err("page 3 is broken".into()));
        assert_eq!(caught(|| 7), Ok(7));
    }
}
