//! Choices from a seed.

use crate::reference::generate::Source;

/// Numbers from a seed (`SplitMix64`).
pub(crate) struct Seeded(pub u64);

impl Source for Seeded {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let below = (x ^ (x >> 31)) % u64::try_from(n).expect("a number");
        usize::try_from(below).expect("below a usize")
    }
}
