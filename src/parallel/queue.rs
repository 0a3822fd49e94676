//! A queue between one thread that reads and several that work, bounded by what lies in it and in their hands.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Items of some weight each, in the order in which they were put in.
pub(crate) struct Queue<T> {
    most: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    items: VecDeque<(T, usize)>,
    /// The weight of the items in the queue and of those that are being worked on.
    weight: usize,
    is_closed: bool,
    is_stopped: bool,
}

impl<T> Queue<T> {
    /// A queue for items that weigh `most` together; a single one may weigh more.
    pub fn new(most: usize) -> Self {
        let state = State { items: VecDeque::new(), weight: 0, is_closed: false, is_stopped: false };
        Queue { most, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Puts an item in once there is room for it; `false` if nobody wants any more.
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

    /// Hands the next item to `work`; `false` at the end.
    pub fn work(&self, work: impl FnOnce(T)) -> bool {
        let is_waiting = |state: &mut State<T>| state.items.is_empty() && !state.is_closed && !state.is_stopped;
        let mut state = self.changed.wait_while(self.lock(), is_waiting).unwrap_or_else(PoisonError::into_inner);
        let Some((item, weight)) = state.items.pop_front().filter(|_| !state.is_stopped) else { return false };
        drop(state);
        work(item);
        self.lock().weight -= weight;
        self.changed.notify_all();
        true
    }

    /// Stops everything when it is dropped while its thread panics: nobody waits for that thread then.
    pub fn stop_on_panic(&self) -> impl Drop + '_ {
        StopOnPanic(self)
    }

    /// Nothing more will be put in.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Nothing more is taken out.
    pub fn stop(&self) {
        self.lock().is_stopped = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn every_item_is_worked_on_and_no_more_than_the_bound_are_under_way() {
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
    fn a_heavy_item_passes_alone_and_a_stopped_queue_takes_nothing() {
        let queue = Queue::new(10);
        assert!(queue.push(1, 1000));
        assert!(queue.work(|item| assert_eq!(item, 1)));
        queue.stop();
        assert!(!queue.push(2, 1) && !queue.work(|_| ()));
    }
}
