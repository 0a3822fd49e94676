//! Catches the panics of a library that damaged input can bring to panic.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static IS_CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Calls `read` and catches a panic. `None` if it panicked.
pub fn catch_panic<T>(read: impl FnOnce() -> T) -> Option<T> {
    IS_CATCHING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(read)).ok();
    IS_CATCHING.set(false);
    outcome
}

/// Whether a panic on this thread is caught and reported as an error. A panic hook should then
/// print nothing.
pub fn is_catching_panic() -> bool {
    IS_CATCHING.get()
}
