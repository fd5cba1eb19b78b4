//! Durations and percentiles without floating point.

/// Buckets of each power of two.
const PARTS: u64 = 1 << PART_BITS;
const PART_BITS: u32 = 5;
/// Longer durations fall into the last bucket: 2^42 ns are 73 minutes.
const MAX_BITS: u32 = 42;
const BUCKETS: usize = ((MAX_BITS - PART_BITS + 1) << PART_BITS) as usize;

/// Durations in nanoseconds, counted in buckets that each are at most 1/32 (3.2 %) wide.
///
/// [`max`](Self::max) and [`sum`](Self::sum) are exact. A percentile is the upper end of its bucket
/// (or the maximum, if that is less): never below the true value and at most 1/32 above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Empty until the first duration.
    buckets: Vec<u64>,
    count: u64,
    max: u64,
    sum: u64,
}

impl Histogram {
    /// Counts a duration.
    #[inline]
    pub fn add(&mut self, nanoseconds: u64) {
        if self.buckets.is_empty() {
            self.buckets.resize(BUCKETS, 0);
        }
        if let Some(bucket) = self.buckets.get_mut(bucket(nanoseconds)) {
            *bucket += 1;
        }
        self.count += 1;
        self.max = self.max.max(nanoseconds);
        self.sum = self.sum.saturating_add(nanoseconds);
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        if self.buckets.is_empty() {
            self.buckets.clone_from(&other.buckets);
        } else {
            for (mine, its) in self.buckets.iter_mut().zip(&other.buckets) {
                *mine += its;
            }
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// How many durations.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The longest one, in nanoseconds; 0 where there is none.
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// All together, in nanoseconds.
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The duration, in nanoseconds, that `per_mille` thousandths of all do not exceed: 500 for the
    /// median, 990 for the 99th percentile. `None` where there is none.
    pub fn percentile(&self, per_mille: u16) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        // The rank, rounded up and at least 1.
        let rank = u128::from(self.count) * u128::from(per_mille.min(1_000));
        let rank = u64::try_from(rank.div_ceil(1_000))
            .unwrap_or(u64::MAX)
            .max(1);
        let mut below = 0;
        for (number, count) in self.buckets.iter().enumerate() {
            below += count;
            if below >= rank {
                return Some(last_of(number).min(self.max));
            }
        }
        Some(self.max)
    }

    /// Buckets that hold something: the longest duration of each, in nanoseconds, and how many.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        let counts = self
            .buckets
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        counts.map(|(number, count)| (last_of(number).min(self.max), *count))
    }
}

/// Values below [`PARTS`] have a bucket each; above, the first bit and the five after it choose.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "below the number of buckets"
)]
fn bucket(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros();
    if bits <= PART_BITS {
        return value as usize;
    }
    let shift = bits - PART_BITS - 1;
    let number = u64::from(shift) * PARTS + (value >> shift);
    (number as usize).min(BUCKETS - 1)
}

fn last_of(bucket: usize) -> u64 {
    if bucket == BUCKETS - 1 {
        return u64::MAX;
    }
    let bucket = bucket as u64;
    if bucket < 2 * PARTS {
        return bucket;
    }
    let shift = bucket / PARTS - 1;
    let first = (bucket % PARTS + PARTS) << shift;
    first + (1 << shift) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_percentile_is_at_most_a_32nd_above_the_true_value(
            mut values in proptest::collection::vec(prop_oneof![0_u64..200, 0_u64..10_000_000_000], 1..300),
            per_mille in 0_u16..=1_000,
        ) {
            let mut histogram = Histogram::default();
            for value in &values {
                histogram.add(*value);
            }
            values.sort_unstable();
            let rank = (values.len() * usize::from(per_mille)).div_ceil(1_000).max(1);
            let truth = values[rank - 1];
            let said = histogram.percentile(per_mille).expect("values");
            prop_assert!(truth <= said && said <= truth + truth / 32, "{} for {}", said, truth);
            prop_assert_eq!(histogram.percentile(1_000), values.last().copied());
            prop_assert_eq!(histogram.buckets().map(|(_, count)| count).sum::<u64>(), values.len() as u64);
        }
    }

    #[test]
    fn a_duration_beyond_all_buckets_is_still_the_maximum() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(500), None);
        histogram.add(u64::MAX);
        assert_eq!(
            (histogram.percentile(500), histogram.max()),
            (Some(u64::MAX), u64::MAX)
        );
    }
}
