//! Work on several threads, with results in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::network::fused_bridge;

/// Does the work of each index below `count`, on `workers` threads, and passes on the results in the order of the indices.
///
/// Work is begun in this order too. Once a result `ends` everything, no more work is begun, and what was begun is finished.
/// With one worker everything happens on the calling thread.
pub(super) fn in_order<T: Send>(
    count: usize,
    workers: usize,
    work: impl Fn(usize) -> T + Sync,
    ends: impl Fn(&T) -> bool + Sync,
    mut on_result: impl FnMut(T),
) {
    if workers <= 1 {
        for index in 0..count {
            let result = work(index);
            let is_last = ends(&result);
            on_result(result);
            if is_last {
                return;
            }
        }
        return;
    }

    let (next, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let do_work = |sender: mpsc::Sender<(usize, T)>| {
        while !ended.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let result = work(index);
            if ends(&result) {
                ended.store(true, Ordering::Relaxed);
            }
            if sender.send((index, result)).is_err() {
                return;
            }
        }
    };

    // The workers share the processor's threads, so that no more threads compute than there are.
    let threads = (fused_bridge::thread_count() / workers).max(1);
    thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..workers {
            let sender = sender.clone();
            scope.spawn(|| fused_bridge::with_threads(threads, || do_work(sender)));
        }
        drop(sender); // the channel closes when the last worker ends

        let (mut early, mut due) = (BTreeMap::new(), 0);
        for (index, result) in results {
            early.insert(index, result);
            while let Some(result) = early.remove(&due) {
                on_result(result);
                due += 1;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The results that arrive, with work that ends everything at index `end`.
    fn results(workers: usize, end: usize) -> Vec<usize> {
        let mut results = Vec::new();
        let work = |index: usize| {
            // Later work is finished earlier.
            thread::sleep(Duration::from_millis(3 * (4 - index as u64 % 4)));
            index
        };
        in_order(12, workers, work, |index| *index == end, |index| results.push(index));
        results
    }

    #[test]
    fn results_arrive_in_order_and_without_gaps() {
        let all: Vec<usize> = (0..12).collect();
        for workers in [1, 3, 20] {
            assert_eq!(results(workers, 99), all);
        }
        assert_eq!(results(1, 5), all[..6]);
        // What the other workers had begun is finished.
        let ended = results(3, 5);
        assert!(ended.len() < 12 && ended.len() >= 6 && all.starts_with(&ended), "{ended:?}");
    }
}
