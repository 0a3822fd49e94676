//! A queue between one thread that reads and several that work. The total weight of its items, and
//! of those in work, is bounded.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::locks::lock;

/// Items with a weight, in the order in which they were added.
pub(crate) struct Queue<T> {
    most: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    items: VecDeque<(T, usize)>,
    /// The total weight of the items in the queue and in work.
    weight: usize,
    is_closed: bool,
    is_stopped: bool,
}

impl<T> Queue<T> {
    /// A queue for a total weight of `most`. A single item may be heavier.
    pub fn new(most: usize) -> Self {
        let state = State { items: VecDeque::new(), weight: 0, is_closed: false, is_stopped: false };
        Queue { most, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits for room and adds an item. Returns `false` if the queue is stopped.
    pub fn push(&self, item: T, weight: usize) -> bool {
        let is_full =
            |state: &mut State<T>| !state.is_stopped && state.weight > 0 && state.weight.saturating_add(weight) > self.most;
        let mut state = self.changed.wait_while(self.lock(), is_full).unwrap_or_else(PoisonError::into_inner);
        if state.is_stopped {
            return false;
        }
        state.items.push_back((item, weight));
        state.weight = state.weight.saturating_add(weight);
        self.changed.notify_all();
        true
    }

    /// Hands the next item to `work`. Returns `false` at the end.
    pub fn work(&self, work: impl FnOnce(T)) -> bool {
        let is_waiting = |state: &mut State<T>| state.items.is_empty() && !state.is_closed && !state.is_stopped;
        let mut state = self.changed.wait_while(self.lock(), is_waiting).unwrap_or_else(PoisonError::into_inner);
        let Some((item, weight)) = state.items.pop_front().filter(|_| !state.is_stopped) else {
            return false;
        };
        drop(state);
        work(item);
        self.lock().weight -= weight;
        self.changed.notify_all();
        true
    }

    /// A guard that stops the queue if its thread panics, so that no other thread waits for it.
    pub fn stop_on_panic(&self) -> impl Drop + '_ {
        StopOnPanic(self)
    }

    /// Ends the queue after the items that are in it.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Ends the queue at once.
    pub fn stop(&self) {
        self.lock().is_stopped = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        lock(&self.state)
    }
}

struct StopOnPanic<'a, T>(&'a Queue<T>);

impl<T> Drop for StopOnPanic<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    #[test]
    fn every_item_is_processed_and_the_bound_holds() {
        let queue = Queue::new(10);
        let (under_way, most, sum) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while queue.work(|item: usize| {
                        most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        sum.fetch_add(item, Ordering::SeqCst);
                        under_way.fetch_sub(1, Ordering::SeqCst);
                    }) {}
                });
            }
            assert!((0..1000).all(|item| queue.push(item, 5)));
            queue.close();
        });
        assert_eq!(sum.into_inner(), 499_500);
        assert!(most.into_inner() <= 2);
    }

    #[test]
    fn a_heavy_item_passes_only_without_others_and_a_stopped_queue_takes_none() {
        let queue = Queue::new(10);
        assert!(queue.push(1, 1000));
        assert!(queue.work(|item| assert_eq!(item, 1)));
        queue.stop();
        assert!(!queue.push(2, 1) && !queue.work(|_| ()));
    }
}
