//! Work in parallel whose results are taken in order, never more than a few of them ahead.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Does `work(0)`, …, `work(count - 1)` on `jobs` threads and hands the results to `take` on the calling thread, in order.
///
/// Each thread has a state of its own, made by `state`. A thread waits before it runs more than two results a thread ahead of what
/// was taken, so that a slow one does not let the others pile up. The first error stops everything and is returned.
pub(crate) fn in_order<S, T: Send, E: Send>(
    jobs: usize,
    count: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let window = Window { ahead: 2 * jobs, count, state: Mutex::default(), changed: Condvar::new() };
    thread::scope(|scope| {
        for _ in 0..jobs.min(count) {
            scope.spawn(|| {
                // Also when the work panics: nobody waits for its result then.
                let _stop = StopOnPanic(&window);
                let mut state = state();
                while let Some(place) = window.next() {
                    window.put(place, work(&mut state, place));
                }
            });
        }
        let outcome = (0..count).try_for_each(|_| match window.take() {
            Some(result) => result.and_then(&mut take),
            None => Ok(()),
        });
        window.stop();
        outcome
    })
}

struct Window<T> {
    ahead: usize,
    count: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    /// The next piece of work that nobody has begun.
    next: usize,
    /// How many results were taken.
    taken: usize,
    /// The results from `taken` on, as far as they are there.
    ready: VecDeque<Option<T>>,
    stopped: bool,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        State { next: 0, taken: 0, ready: VecDeque::new(), stopped: false }
    }
}

impl<T> Window<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of work, when it is not too far ahead.
    fn next(&self) -> Option<usize> {
        let too_far = |state: &mut State<T>| !state.stopped && state.next < self.count && state.next >= state.taken + self.ahead;
        let mut state = self.changed.wait_while(self.lock(), too_far).unwrap_or_else(PoisonError::into_inner);
        if state.stopped || state.next >= self.count {
            return None;
        }
        state.next += 1;
        Some(state.next - 1)
    }

    fn put(&self, place: usize, result: T) {
        let mut state = self.lock();
        let slot = place - state.taken;
        if state.ready.len() <= slot {
            state.ready.resize_with(slot + 1, || None);
        }
        if let Some(ready) = state.ready.get_mut(slot) {
            *ready = Some(result);
        }
        self.changed.notify_all();
    }

    /// The next result in order; none if a thread has panicked.
    fn take(&self) -> Option<T> {
        let missing = |state: &mut State<T>| !state.stopped && !matches!(state.ready.front(), Some(Some(_)));
        let mut state = self.changed.wait_while(self.lock(), missing).unwrap_or_else(PoisonError::into_inner);
        let result = state.ready.pop_front().flatten()?;
        state.taken += 1;
        self.changed.notify_all();
        Some(result)
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }
}

struct StopOnPanic<'a, T>(&'a Window<T>);

impl<T> Drop for StopOnPanic<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        for jobs in [1, 2, 7, 300] {
            let mut taken = Vec::new();
            let outcome: Result<(), ()> = in_order(
                jobs,
                200,
                || (),
                |_, i| Ok(i * i),
                |square| {
                    taken.push(square);
                    Ok(())
                },
            );
            assert_eq!(outcome, Ok(()));
            assert_eq!(taken, (0..200).map(|i| i * i).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nobody_runs_further_ahead_than_two_results_a_thread() {
        let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |_: &mut (), _| {
            let ahead = begun.fetch_add(1, Ordering::SeqCst).saturating_sub(taken.load(Ordering::SeqCst));
            Ok::<_, ()>(ahead)
        };
        let mut furthest = 0;
        in_order(
            3,
            1000,
            || (),
            work,
            |ahead| {
                furthest = furthest.max(ahead);
                taken.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
        )
        .unwrap();
        assert!(furthest <= 6, "{furthest}");
    }

    #[test]
    fn the_first_error_in_order_stops_the_work() {
        let work = |_: &mut (), i| if i >= 10 { Err(i) } else { Ok(i) };
        assert_eq!(in_order(4, 1000, || (), work, |_| Ok(())), Err(10));
        assert_eq!(in_order(4, 1000, || (), |_, i| Ok(i), |i| if i == 3 { Err("taken") } else { Ok(()) }), Err("taken"));
    }
}
