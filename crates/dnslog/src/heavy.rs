//! The most frequent texts of a stream, in bounded memory.

use crate::keys::Keys;
use crate::swar;

/// Keys of together more bytes make room early.
const MAX_TEXT: usize = 2 << 20;

/// Counts texts after Misra and Gries: where the table is full, the median count is taken off all
/// and the lower half leaves, so that an addition costs the same on average whatever comes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heavy {
    keys: Keys,
    total: u64,
    error: u64,
}

/// The most frequent texts of a log.
///
/// A text that is listed was seen at least `count` times and at most `count + max_error` times; one
/// that is not listed was seen at most `max_error` times or less often than the last one listed.
/// `max_error` is 0 as long as the log has no more different texts than the table holds (8,192).
/// Beyond that it is at most a 4,096th of `total`, unless the names are absurdly long or made to
/// collide; it is always the bound that was really reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Top {
    /// The most frequent ones, the first one most; equal ones in order of their bytes.
    pub entries: Vec<TopEntry>,
    /// All that was counted, listed or not.
    pub total: u64,
    /// How far any count may be too low.
    pub max_error: u64,
    /// Different texts that were told apart at the end; all there were if `max_error` is 0.
    pub tracked: u64,
}

/// One of the most frequent texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopEntry {
    /// The text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// How often it was seen, at least.
    pub count: u64,
    /// How often the answer was NXDOMAIN, at least.
    pub nxdomain: u64,
}

impl Heavy {
    /// Texts that are told apart.
    const CAPACITY: usize = 8_192;

    #[inline]
    pub(crate) fn add(&mut self, hash: u64, key: &[u8], nxdomain: bool) {
        self.total += 1;
        let other = u64::from(nxdomain);
        let number = self.keys.find(hash, key);
        match number.and_then(|number| self.keys.counts_mut(number)) {
            Some([count, sum]) => {
                *count += 1;
                *sum += other;
            }
            None => self.insert(hash, key, [1, other]),
        }
    }

    fn insert(&mut self, hash: u64, key: &[u8], counts: [u64; 2]) {
        while self.keys.len() >= Self::CAPACITY || self.keys.text_bytes() + key.len() > MAX_TEXT {
            self.make_room();
        }
        let number = self.keys.insert(hash, key);
        match number.and_then(|number| self.keys.counts_mut(number)) {
            Some(mine) => *mine = counts,
            None => self.error = self.error.saturating_add(counts[0]),
        }
    }

    #[cold]
    fn make_room(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        let mut counts: Vec<u64> = (0..keys.len())
            .map(|number| keys.counts(number)[0])
            .collect();
        let middle = counts.len() / 2;
        let (_, median, _) = counts.select_nth_unstable(middle);
        let median = *median;
        self.error = self.error.saturating_add(median);
        for number in 0..keys.len() {
            let [count, other] = keys.counts(number);
            let count = count.saturating_sub(median);
            if count > 0 {
                self.insert(
                    keys.hash_of(number),
                    keys.get(number),
                    [count, other.min(count)],
                );
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.total = self.total.saturating_add(other.total);
        self.error = self.error.saturating_add(other.error);
        for number in 0..other.keys.len() {
            let (hash, key) = (other.keys.hash_of(number), other.keys.get(number));
            let counts = other.keys.counts(number);
            let mine = self.keys.find(hash, key);
            match mine.and_then(|number| self.keys.counts_mut(number)) {
                Some(mine) => {
                    mine[0] += counts[0];
                    mine[1] += counts[1];
                }
                None => self.insert(hash, key, counts),
            }
        }
    }

    pub(crate) fn top(&self, wanted: usize) -> Top {
        let listed = |number| {
            let [count, other] = self.keys.counts(number);
            (count, self.keys.get(number), other)
        };
        let mut order: Vec<(u64, &[u8], u64)> = (0..self.keys.len()).map(listed).collect();
        order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        order.truncate(wanted);
        let entry = |(count, key, nxdomain): (u64, &[u8], u64)| TopEntry {
            text: String::from_utf8_lossy(key).into_owned(),
            count,
            nxdomain,
        };
        Top {
            entries: order.into_iter().map(entry).collect(),
            total: self.total,
            max_error: self.error,
            tracked: self.keys.len() as u64,
        }
    }
}

/// The same for a text that was not hashed yet.
pub(crate) fn add(heavy: &mut Heavy, key: &[u8]) {
    heavy.add(swar::hash(key), key, false);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// A few texts often and a tail of many that each come once or twice.
    fn stream(seed: u64, length: usize) -> impl Iterator<Item = u64> {
        let mut state = seed | 1;
        (0..length).map(move |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if state.is_multiple_of(3) {
                state % 50
            } else {
                state % 200_000
            }
        })
    }

    fn check(heavy: &Heavy, truth: &BTreeMap<u64, u64>) {
        let top = heavy.top(100);
        assert_eq!(top.total, truth.values().sum::<u64>());
        for entry in &top.entries {
            let real = truth[&entry.text.parse::<u64>().expect("a number")];
            assert!(
                entry.count <= real && real <= entry.count + top.max_error,
                "{entry:?} {real}"
            );
        }
        for (key, real) in truth {
            let listed = top
                .entries
                .iter()
                .any(|entry| entry.text == key.to_string());
            let last = top.entries.last().map_or(0, |entry| entry.count);
            assert!(listed || *real <= last + top.max_error);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4))]
        #[test]
        fn counts_are_within_the_stated_error(seed in any::<u64>(), length in 0_usize..60_000, cut in 0_usize..60_000) {
            let (mut whole, mut first, mut second) = (Heavy::default(), Heavy::default(), Heavy::default());
            let mut truth = BTreeMap::new();
            for (at, key) in stream(seed, length).enumerate() {
                *truth.entry(key).or_default() += 1;
                let key = key.to_string();
                add(&mut whole, key.as_bytes());
                add(if at < cut { &mut first } else { &mut second }, key.as_bytes());
            }
            check(&whole, &truth);
            prop_assert!(whole.error <= whole.total / 4_096 + 1);
            first.merge(&second);
            check(&first, &truth);
        }
    }

    #[test]
    fn few_texts_are_counted_exactly() {
        let mut heavy = Heavy::default();
        for _ in 0..3 {
            for key in 0..8_192_u32 {
                add(&mut heavy, &key.to_be_bytes());
            }
        }
        let top = heavy.top(3);
        assert_eq!(
            (top.max_error, top.tracked, top.entries[0].count),
            (0, 8_192, 3)
        );
    }
}
