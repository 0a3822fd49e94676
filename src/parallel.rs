//! Work on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

mod in_order;
mod locks;
mod queue;

pub(crate) use in_order::in_order;
pub(crate) use locks::lock;
pub(crate) use queue::Queue;

/// The results of `work` for each item, in the order of the items. Up to `jobs` threads work,
/// including the calling thread.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let walk = || {
        let mut mine = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(i) else { break };
            mine.push((i, work(item)));
        }
        lock(&done).extend(mine);
    };
    thread::scope(|scope| {
        for _ in 1..jobs.min(items.len()) {
            // If the system provides no thread, fewer threads do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, walk);
        }
        walk();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_the_order_of_the_items() {
        let items: Vec<u64> = (0..1000).collect();
        assert_eq!(in_parallel(&items, 5, |i| i * 2), items.iter().map(|i| i * 2).collect::<Vec<_>>());
        assert_eq!(in_parallel(&[] as &[u64], 5, |i| i * 2), Vec::<u64>::new());
    }
}
