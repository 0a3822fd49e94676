//! The temporary folder of a thread.

use std::cell::RefCell;
use std::path::Path;

use tempfile::TempDir;

thread_local! {
    /// The folder is made once per thread, because a fuzzer runs thousands of inputs per second.
    static ROOM: RefCell<Option<TempDir>> = const { RefCell::new(None) };
}

/// Calls `work` with the path of the folder.
pub fn with_room(work: impl FnOnce(&Path)) {
    ROOM.with_borrow_mut(|room| {
        let room = room.get_or_insert_with(|| TempDir::new().expect("a temporary folder"));
        work(room.path());
    });
}
