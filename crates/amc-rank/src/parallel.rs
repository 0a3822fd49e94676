//! Work on several threads.

use std::thread;

/// Applies `work` to all items on `jobs` threads. The results are in the order of the items.
pub fn in_order<T: Sync, R: Send>(jobs: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let jobs = jobs.clamp(1, items.len().max(1));
    if jobs == 1 {
        return items.iter().map(work).collect();
    }
    let share = items.len().div_ceil(jobs);
    let work = &work;
    thread::scope(|scope| {
        let start = |part| scope.spawn(move || items_of(part, work));
        let running: Vec<_> = items.chunks(share).map(start).collect();
        let results = running.into_iter().map(|thread| thread.join());
        // A panic on a thread is a fault of the program: it goes on here.
        results.flat_map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

fn items_of<T, R>(part: &[T], work: &impl Fn(&T) -> R) -> Vec<R> {
    part.iter().map(work).collect()
}
