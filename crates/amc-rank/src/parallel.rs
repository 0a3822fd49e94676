//! Work on several threads.

use std::panic::resume_unwind;
use std::thread;

/// Applies `work` to all items on `jobs` threads. The results are in the order of the items.
pub fn in_order<T: Sync, R: Send>(jobs: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if jobs == 1 || items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let parts = items.chunks(items.len().div_ceil(jobs));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<R>>())).collect();
        // A panic on a thread is a fault of the program: it goes on here.
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}
