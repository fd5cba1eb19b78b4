//! Counts of short texts of which there are few: record types, response codes, classes.

use std::collections::BTreeMap;

use crate::swar;

/// Different short texts that are told apart.
const MAX_SHORT: usize = 256 - FRONT;
const FRONT: usize = 16;
/// Different texts above eight bytes that are told apart.
const MAX_LONG: usize = 64;
/// Longer texts are none of these.
const MAX_BYTES: usize = 32;

/// Counts by text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Small {
    /// A place by hash for each of the frequent ones, so that no branch depends on which it is.
    front: [(u64, u64); FRONT],
    short: Vec<(u64, u64)>,
    long: BTreeMap<Vec<u8>, u64>,
    rest: u64,
}

/// How often a text was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The text; empty for all texts together that were too many (256) or too long to tell apart.
    pub text: String,
    /// How often.
    pub count: u64,
}

impl Small {
    #[inline]
    pub(crate) fn add(&mut self, text: &[u8], count: u64) {
        if text.len() > 8 {
            return self.add_long(text, count);
        }
        self.add_key(swar::low(swar::load_short(text), text.len()), count);
    }

    /// The same for a text of at most eight bytes, the first one lowest.
    #[inline]
    pub(crate) fn add_key(&mut self, key: u64, count: u64) {
        let place = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) as usize;
        match self.front.get_mut(place) {
            // 0 is the mark of a free place, and the empty text.
            Some((known, sum)) if *known == key && key != 0 => *sum = sum.saturating_add(count),
            _ => self.add_short(key, place, count),
        }
    }

    #[cold]
    fn add_short(&mut self, key: u64, place: usize, count: u64) {
        if key != 0
            && let Some(free @ (0, _)) = self.front.get_mut(place)
        {
            *free = (key, count);
            return;
        }
        match self.short.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.add_new(key, count),
        }
    }

    fn add_new(&mut self, key: u64, count: u64) {
        if self.short.len() < MAX_SHORT {
            self.short.push((key, count));
        } else {
            self.rest = self.rest.saturating_add(count);
        }
    }

    #[cold]
    fn add_long(&mut self, text: &[u8], count: u64) {
        if let Some(sum) = self.long.get_mut(text) {
            *sum = sum.saturating_add(count);
        } else if self.long.len() < MAX_LONG && text.len() <= MAX_BYTES {
            self.long.insert(text.to_vec(), count);
        } else {
            self.rest = self.rest.saturating_add(count);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (key, count) in other
            .front
            .iter()
            .chain(&other.short)
            .filter(|(_, count)| *count > 0)
        {
            self.add(&unpack(*key), *count);
        }
        for (text, count) in &other.long {
            self.add_long(text, *count);
        }
        self.rest = self.rest.saturating_add(other.rest);
    }

    /// The most frequent ones first, equal ones in order of their text; what was not told apart last.
    pub(crate) fn shares(&self) -> Vec<Share> {
        let short = self
            .front
            .iter()
            .chain(&self.short)
            .filter(|(_, count)| *count > 0);
        let short = short.map(|(key, count)| (unpack(*key), *count));
        let long = self.long.iter().map(|(text, count)| (text.clone(), *count));
        let mut all: Vec<Share> = short
            .chain(long)
            .map(|(text, count)| Share {
                text: String::from_utf8_lossy(&text).into_owned(),
                count,
            })
            .collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
        if self.rest > 0 {
            all.push(Share {
                text: String::new(),
                count: self.rest,
            });
        }
        all
    }
}

/// The bytes of a packed text; a zero byte ends it.
fn unpack(key: u64) -> Vec<u8> {
    let mut text = key.to_le_bytes().to_vec();
    while text.pop_if(|byte| *byte == 0).is_some() {}
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_text_is_counted_as_often_as_it_comes(
            texts in proptest::collection::vec(prop_oneof!["[A-C]{0,2}", "[A-Z]{0,9}", "TYPE[0-9]{1,5}", "[a-z]{30,40}"], 0..400), cut in 0_usize..400
        ) {
            let (mut first, mut second) = (Small::default(), Small::default());
            let mut truth = BTreeMap::<&str, u64>::new();
            for (at, text) in texts.iter().enumerate() {
                if at < cut { &mut first } else { &mut second }.add(text.as_bytes(), 1);
                *truth.entry(text).or_default() += 1;
            }
            first.merge(&second);
            let shares = first.shares();
            prop_assert_eq!(shares.iter().map(|share| share.count).sum::<u64>(), texts.len() as u64);
            for share in shares.iter().filter(|share| !share.text.is_empty()) {
                prop_assert!(share.count <= truth[share.text.as_str()]);
                prop_assert!(share.text.len() > 8 || share.count == truth[share.text.as_str()]);
            }
        }
    }

    #[test]
    fn the_empty_text_does_not_go_lost() {
        let mut small = Small::default();
        small.add(b"", 1);
        (b'A'..=b'Z').for_each(|byte| small.add(&[byte], 1));
        assert_eq!(
            small.shares().iter().map(|share| share.count).sum::<u64>(),
            27
        );
    }
}
