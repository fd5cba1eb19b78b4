//! Bytes taken eight at a time: blanks found, digits read, keys mixed, without branches on each byte.

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW7: u64 = 0x7f7f_7f7f_7f7f_7f7f;
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Eight bytes at `at`, the first one lowest.
#[inline]
pub(crate) fn load(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..)?
        .first_chunk::<8>()
        .map(|bytes| u64::from_le_bytes(*bytes))
}

/// Up to eight bytes at the front of `text`, zeros behind them.
#[inline]
pub(crate) fn load_short(text: &[u8]) -> u64 {
    if let Some(bytes) = text.first_chunk::<8>() {
        return u64::from_le_bytes(*bytes);
    }
    // Two halves that may overlap: no loop, so no branch that is guessed wrong.
    let half = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(first), Some(last)) => half(first) | half(last) << (8 * (text.len() - 4)),
        _ => text
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// The bytes before the first `byte` of eight; all of them where there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    word: u64,
    /// The top bit of the byte that was found; 0 where none was.
    found: u64,
}

impl Head {
    #[inline]
    pub(crate) const fn to(word: u64, byte: u8) -> Self {
        let diff = word ^ (ONES * byte as u64);
        // The lowest bit is exact; bits above it may be set too much.
        let high = diff.wrapping_sub(ONES) & !diff & !LOW7;
        Self {
            word,
            found: high & high.wrapping_neg(),
        }
    }

    #[inline]
    pub(crate) const fn to_blank(word: u64) -> Self {
        Self::to(word, b' ')
    }

    #[inline]
    const fn bits(self) -> u32 {
        self.found.trailing_zeros() & 0x78
    }

    /// How many they are.
    #[inline]
    pub(crate) const fn length(self) -> usize {
        self.bits() as usize / 8
    }

    /// They, the first one lowest, zeros behind.
    #[inline]
    pub(crate) const fn bytes(self) -> u64 {
        self.word & (self.found >> 7).wrapping_sub(1)
    }

    #[inline]
    pub(crate) const fn digits(self) -> Digits {
        let bits = self.bits();
        Digits {
            values: (self.word ^ ZEROS) << (bits.wrapping_neg() & 63),
            empty: bits == 0,
        }
    }
}

/// The bytes behind the last `byte` of eight; all of them where there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail {
    word: u64,
    bits: u32,
}

impl Tail {
    #[inline]
    pub(crate) const fn behind(word: u64, byte: u8) -> Self {
        let diff = word ^ (ONES * byte as u64);
        let high = !(((diff & LOW7) + LOW7) | diff | LOW7);
        Self {
            word,
            bits: high.leading_zeros(),
        }
    }

    /// The last one to eight of eight bytes.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "eight at most")]
    pub(crate) const fn of(word: u64, length: usize) -> Self {
        Self {
            word,
            bits: 8 * length as u32,
        }
    }

    /// They, the first one lowest, zeros behind.
    #[inline]
    pub(crate) const fn bytes(self) -> u64 {
        if self.bits == 0 {
            0
        } else {
            self.word >> (self.bits.wrapping_neg() & 63)
        }
    }

    /// How many they are.
    #[inline]
    pub(crate) const fn length(self) -> usize {
        self.bits as usize / 8
    }

    #[inline]
    pub(crate) const fn digits(self) -> Digits {
        Digits {
            values: (self.word ^ ZEROS) & (u64::MAX << (self.bits.wrapping_neg() & 63)),
            empty: self.bits == 0,
        }
    }
}

/// What should be one to eight digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digits {
    /// What each digit stands for, the last one highest, zeros before them.
    values: u64,
    empty: bool,
}

impl Digits {
    /// 0 where all of them are digits. Asked for many numbers at once, as a branch for each costs more.
    #[inline]
    pub(crate) const fn wrong(self) -> u64 {
        (self.values | self.values.wrapping_add(ONES * 6)) & (ONES * 0xf0) | self.empty as u64
    }

    /// 0 where they write a number below 65,536.
    #[inline]
    pub(crate) const fn wrong_16_bits(self) -> u64 {
        // In the order of bytes from the highest they compare as the numbers do.
        const LIMIT: u64 = 0x06_05_05_03_05;
        self.wrong() | (self.values.swap_bytes() > LIMIT) as u64
    }

    /// The number.
    #[inline]
    pub(crate) const fn value(self) -> u64 {
        eight_values(self.values)
    }
}

/// The lowest `length` bytes.
#[inline]
pub(crate) const fn low(word: u64, length: usize) -> u64 {
    if length >= 8 {
        word
    } else {
        word & ((1 << (8 * length)) - 1)
    }
}

/// Does one of eight bytes equal `byte`?
#[inline]
pub(crate) const fn contains(word: u64, byte: u8) -> bool {
    let diff = word ^ (ONES * byte as u64);
    diff.wrapping_sub(ONES) & !diff & !LOW7 != 0
}

/// Are the texts equal? Names are short and of many lengths: a call for each costs more.
#[inline]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (Some(last_a), Some(last_b)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) else {
        return load_short(a) == load_short(b);
    };
    let (words_a, words_b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let mut diff = u64::from_le_bytes(*last_a) ^ u64::from_le_bytes(*last_b);
    for (a, b) in words_a.iter().zip(words_b) {
        diff |= u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
    }
    diff == 0
}

/// All bytes of a text of eight to 64 bytes, as most names are. Words overlap or come again where the
/// text is shorter: so no branch, which would often be guessed wrong, depends on its length.
#[inline]
fn eight_words(text: &[u8]) -> Option<[u64; 8]> {
    let last = text.len().checked_sub(8).filter(|last| *last <= 56)?;
    let mut words = [0; 8];
    for (number, word) in words.iter_mut().enumerate() {
        *word = load(text, (8 * number).min(last))?;
    }
    Some(words)
}

/// The number that eight bytes write; `None` where one is no digit.
#[inline]
pub(crate) fn eight_digits(word: u64) -> Option<u64> {
    let digits = Digits {
        values: word ^ ZEROS,
        empty: false,
    };
    (digits.wrong() == 0).then(|| digits.value())
}

#[inline]
const fn eight_values(values: u64) -> u64 {
    let pairs = (values.wrapping_mul(10)).wrapping_add(values >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100)).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000)).wrapping_add(fours >> 32) & 0xffff_ffff
}

/// The number in `text[start..end]`, which must be one to 18 digits.
#[inline]
pub(crate) fn number(text: &[u8], start: usize, end: usize) -> Option<u64> {
    if end < 8 || end.wrapping_sub(start) > 8 {
        return slow_number(text.get(start..end)?);
    }
    let bits = u32::try_from(8 * (end - start)).ok()?;
    let word = load(text, end - 8)?;
    let digits = Tail { word, bits }.digits();
    (digits.wrong() == 0).then(|| digits.value())
}

#[cold]
fn slow_number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })
}

/// Mixes a key eight bytes at a time: the same number on every machine and in WebAssembly.
#[derive(Clone, Copy, Debug)]
struct Mix {
    /// Takes the next word; the two take turns, so that neither waits for the other.
    next: u64,
    other: u64,
}

impl Mix {
    const START: Self = Self {
        next: 0x243f_6a88_85a3_08d3,
        other: 0x1319_8a2e_0370_7344,
    };

    #[inline]
    const fn take(self, word: u64) -> Self {
        Self {
            next: self.other,
            other: (self.next.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }

    #[inline]
    const fn end(self, length: usize) -> u64 {
        // A product carries upwards only: the high bits, where most is mixed, come down before and after.
        let mixed = self.next ^ self.other.rotate_left(32) ^ length as u64;
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ mixed >> 32
    }
}

/// The hash of a key.
#[inline]
pub(crate) fn hash(key: &[u8]) -> u64 {
    let mix = if let Some(words) = eight_words(key) {
        words.into_iter().fold(Mix::START, Mix::take)
    } else {
        let (words, rest) = key.as_chunks::<8>();
        let mix = words
            .iter()
            .fold(Mix::START, |mix, word| mix.take(u64::from_le_bytes(*word)));
        mix.take(load_short(rest))
    };
    mix.end(key.len())
}

/// Another hash, for keys of nearly always eight to 16 bytes, as IPv4 addresses mostly are: no branch
/// depends on how many they are.
#[inline]
pub(crate) fn hash_address(key: &[u8]) -> u64 {
    match (key.first_chunk::<8>(), key.last_chunk::<8>()) {
        (Some(first), Some(last)) if key.len() <= 16 => Mix::START
            .take(u64::from_le_bytes(*first))
            .take(u64::from_le_bytes(*last))
            .end(key.len()),
        _ => hash(key),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn blanks_are_where_the_text_has_them(bytes in proptest::collection::vec(prop_oneof![Just(b' '), any::<u8>()], 8)) {
            let word = load_short(&bytes);
            let first = bytes.iter().position(|byte| *byte == b' ').unwrap_or(8);
            let behind = bytes.iter().rev().position(|byte| *byte == b' ').unwrap_or(8);
            let head = Head::to_blank(word);
            prop_assert_eq!((head.length(), Tail::behind(word, b' ').length()), (first, behind));
            prop_assert_eq!(head.bytes(), load_short(&bytes[..first]));
            prop_assert_eq!(contains(word, bytes[3]), true);
            prop_assert_eq!(contains(word, b'x'), bytes.contains(&b'x'));
        }

        #[test]
        fn digits_of_both_ends_are_what_the_standard_library_reads(bytes in proptest::collection::vec(prop_oneof![1 => Just(b' '), 8 => b'0'..=b'9', 1 => any::<u8>()], 8)) {
            let word = load_short(&bytes);
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            let head = text.split(' ').next().unwrap_or_default();
            let tail = text.rsplit(' ').next().unwrap_or_default();
            for (text, digits) in [(head, Head::to_blank(word).digits()), (tail, Tail::behind(word, b' ').digits())] {
                let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let number: Option<u64> = plain.then(|| text.parse().ok()).flatten();
                prop_assert_eq!((digits.wrong() == 0).then(|| digits.value()), number);
                prop_assert_eq!(digits.wrong_16_bits() == 0, number.is_some_and(|number| number < 65_536));
            }
        }

        #[test]
        fn texts_are_the_same_where_all_bytes_are(a in proptest::collection::vec(0_u8..3, 0..40), b in proptest::collection::vec(0_u8..3, 0..40), at in 0_usize..40) {
            prop_assert_eq!(same(&a, &b), a == b);
            let mut c = a.clone();
            prop_assert!(same(&a, &c));
            if let Some(byte) = c.get_mut(at) {
                *byte ^= 1;
                prop_assert!(!same(&a, &c));
            }
        }

        #[test]
        fn numbers_are_what_the_standard_library_reads(before in "[ -~]{0,12}", word in "[0-9]{1,9}|[0-9a:/;]{0,12}", after in "[ -~]{0,9}") {
            let text = format!("{before}{word}{after}");
            let read = number(text.as_bytes(), before.len(), before.len() + word.len());
            let plain = word.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(read, plain.then(|| word.parse().ok()).flatten());
        }

        #[test]
        fn a_short_word_is_its_bytes(text in proptest::collection::vec(any::<u8>(), 0..8)) {
            let mut bytes = [0; 8];
            bytes[..text.len()].copy_from_slice(&text);
            prop_assert_eq!(load_short(&text), u64::from_le_bytes(bytes));
        }
    }
}
