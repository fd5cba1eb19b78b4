//! Bytes that need not be UTF-8.

use proptest::prelude::*;

use super::common::soup;

/// A soup with bytes that are not UTF-8 in it.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let soup = (
        soup(),
        proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    );
    let spoilt = soup.prop_map(|(text, spots)| {
        let mut bytes = text.into_bytes();
        for (spot, byte) in spots {
            let at = spot.index(bytes.len() + 1);
            bytes.insert(at, byte);
        }
        bytes
    });
    prop_oneof![4 => spoilt, 1 => proptest::collection::vec(any::<u8>(), 0..60)]
}
