//! Times by how long they were, in the buckets of a histogram of Prometheus.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::pool::clock::Nanos;

/// Upper bounds of the buckets, in nanoseconds: those that OpenTelemetry's conventions advise for times of database
/// clients. One more bucket takes what is longer.
pub(crate) const BOUNDS: [Nanos; 9] = [
    1_000_000,
    5_000_000,
    10_000_000,
    50_000_000,
    100_000_000,
    500_000_000,
    1_000_000_000,
    5_000_000_000,
    10_000_000_000,
];

const BUCKETS: usize = BOUNDS.len() + 1;

/// Times that were taken.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Distribution {
    /// How many times there are in each bucket alone; the last is of those above all bounds.
    pub(crate) buckets: [u64; BUCKETS],
    /// All of them together, in nanoseconds.
    pub(crate) sum: Nanos,
}

impl Histogram {
    /// Takes one more time in.
    pub(crate) fn observe(&self, time: Nanos) {
        let at = BOUNDS.iter().position(|bound| time <= *bound).unwrap_or(BOUNDS.len());
        if let Some(bucket) = self.buckets.get(at) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(time, Ordering::Relaxed);
    }

    /// What it holds. Times that are taken in meanwhile may be in some of the numbers and not in others.
    pub(crate) fn read(&self) -> Distribution {
        Distribution {
            buckets: std::array::from_fn(|at| {
                self.buckets.get(at).map_or(0, |bucket| bucket.load(Ordering::Relaxed))
            }),
            sum: self.sum.load(Ordering::Relaxed),
        }
    }
}

impl Distribution {
    /// How many times there are.
    pub(crate) fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The same with `more` times of no length.
    pub(crate) fn with_zeros(mut self, more: u64) -> Distribution {
        if let Some(first) = self.buckets.first_mut() {
            *first += more;
        }
        self
    }

    /// For each bound, how many times are not above it.
    pub(crate) fn cumulative(&self) -> impl Iterator<Item = (Nanos, u64)> {
        let buckets = self.buckets;
        BOUNDS.into_iter().enumerate().map(move |(at, bound)| (bound, buckets.iter().take(at + 1).sum()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_on_a_bound_is_below_it_and_one_above_all_is_only_counted() {
        let histogram = Histogram::default();
        for time in [0, 1_000_000, 1_000_001, 10_000_000_000, 10_000_000_001] {
            histogram.observe(time);
        }
        let read = histogram.read();
        assert_eq!(read.buckets, [2, 1, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!((read.count(), read.sum), (5, 20_002_000_002));
        assert_eq!(
            read.with_zeros(7).cumulative().map(|(_, count)| count).collect::<Vec<_>>(),
            [9, 10, 10, 10, 10, 10, 10, 10, 11]
        );
    }

    #[test]
    fn the_bounds_rise() {
        assert!(BOUNDS.is_sorted());
    }
}
