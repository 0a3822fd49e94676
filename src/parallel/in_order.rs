//! Work on several threads whose results are taken in order.

use std::sync::mpsc::sync_channel;
use std::thread;

/// Does `work(0)`, …, `work(count - 1)` on `jobs` threads, and hands the results to `take` on the
/// calling thread, in order.
///
/// Each thread has its own state, which `state` makes. A thread is at most two results ahead of
/// `take`: one that waits in its channel, and one that it works on. So results do not pile up
/// behind a slow one. The first error stops everything and is returned.
pub(crate) fn in_order<S, T: Send, E: Send>(
    jobs: usize,
    count: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let jobs = jobs.clamp(1, count.max(1));
    let (state, work) = (&state, &work);
    thread::scope(|scope| {
        let start = |thread: usize| {
            let (sender, results) = sync_channel(1);
            scope.spawn(move || {
                let mut state = state();
                for place in (thread..count).step_by(jobs) {
                    if sender.send(work(&mut state, place)).is_err() {
                        // Nobody takes results after an error.
                        break;
                    }
                }
            });
            results
        };
        let threads: Vec<_> = (0..jobs).map(start).collect();
        for results in threads.iter().cycle().take(count) {
            // If a thread has panicked, the scope passes the panic on.
            let Ok(result) = results.recv() else { break };
            take(result?)?;
        }
        Ok(())
    })
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
    fn no_thread_is_more_than_two_results_ahead() {
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

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_of_a_thread_is_passed_on() {
        let work = |_: &mut (), i| if i == 5 { panic!("number 5") } else { Ok::<_, ()>(i) };
        let _ = in_order(3, 100, || (), work, |_| Ok(()));
    }
}
