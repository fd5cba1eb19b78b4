//! Texts with a number each: a table of bounded size, the same on every machine.

use crate::swar;

/// Steps from a key's own place; a table that is at most a quarter full needs one, nearly always.
const STEPS: usize = 128;
const FIRST_SLOTS: usize = 64;

/// Keys in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// The highest 16 bits of the key's hash, and its number plus one; 0 is free.
    slots: Vec<u32>,
    entries: Vec<Entry>,
    text: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    start: u32,
    length: u32,
    /// What the owner counts of the key: beside it, so that it is in the cache already.
    counts: [u64; 2],
}

impl Keys {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of all keys.
    pub(crate) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// The key with this number.
    pub(crate) fn get(&self, number: usize) -> &[u8] {
        self.entries
            .get(number)
            .map_or(&[], |entry| self.key(*entry))
    }

    pub(crate) fn hash_of(&self, number: usize) -> u64 {
        self.entries.get(number).map_or(0, |entry| entry.hash)
    }

    /// The counts of the key with this number.
    #[inline]
    pub(crate) fn counts(&self, number: usize) -> [u64; 2] {
        self.entries
            .get(number)
            .map_or([0; 2], |entry| entry.counts)
    }

    #[inline]
    pub(crate) fn counts_mut(&mut self, number: usize) -> Option<&mut [u64; 2]> {
        self.entries.get_mut(number).map(|entry| &mut entry.counts)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "two calls for each line of a log")]
    pub(crate) fn find(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = place(hash);
        for _ in 0..STEPS {
            let slot = *self.slots.get(at & mask)?;
            if slot == 0 {
                return None;
            }
            if slot >> 16 == tag(hash) {
                let number = number(slot);
                let entry = *self.entries.get(number)?;
                if swar::same(self.key(entry), key) {
                    return Some(number);
                }
            }
            at = at.wrapping_add(1);
        }
        None
    }

    /// Adds a key that is not there yet. `None` where too many keys crowd its place.
    pub(crate) fn insert(&mut self, hash: u64, key: &[u8]) -> Option<usize> {
        if self.entries.len() * 4 >= self.slots.len() {
            self.grow();
        }
        let number = self.entries.len();
        self.take_slot(hash, number)?;
        self.entries.push(Entry {
            hash,
            start: u32::try_from(self.text.len()).ok()?,
            length: u32::try_from(key.len()).ok()?,
            counts: [0; 2],
        });
        self.text.extend_from_slice(key);
        Some(number)
    }

    /// The same as [`find`](Self::find) and, failing that, [`insert`](Self::insert).
    pub(crate) fn find_or_insert(&mut self, key: &[u8]) -> Option<usize> {
        let hash = swar::hash(key);
        self.find(hash, key).or_else(|| self.insert(hash, key))
    }

    #[inline]
    fn key(&self, entry: Entry) -> &[u8] {
        let start = entry.start as usize;
        self.text
            .get(start..start + entry.length as usize)
            .unwrap_or_default()
    }

    fn take_slot(&mut self, hash: u64, number: usize) -> Option<()> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = place(hash);
        for _ in 0..STEPS {
            let slot = self.slots.get_mut(at & mask)?;
            if *slot == 0 {
                *slot = tag(hash) << 16 | u32::from(u16::try_from(number + 1).ok()?);
                return Some(());
            }
            at = at.wrapping_add(1);
        }
        None
    }

    #[cold]
    fn grow(&mut self) {
        let slots = (self.slots.len() * 2).max(FIRST_SLOTS);
        self.slots.clear();
        self.slots.resize(slots, 0);
        for number in 0..self.entries.len() {
            // A place that was found in a smaller table is found in a larger one, or the key is
            // forgotten by the table and found no more; it stays in the list.
            let _ = self.take_slot(self.hash_of(number), number);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "any bits will do, and the low ones are the same everywhere"
)]
const fn place(hash: u64) -> usize {
    hash as u32 as usize
}

/// Bits that [`place`] does not use.
#[inline]
const fn tag(hash: u64) -> u32 {
    (hash >> 48) as u32
}

#[inline]
const fn number(slot: u32) -> usize {
    (slot & 0xffff).wrapping_sub(1) as usize
}
