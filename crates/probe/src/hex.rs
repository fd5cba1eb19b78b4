//! Bytes as lower-case hexadecimal text.

/// `[0x0a, 0xff]` as `0aff`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .map(|nibble| DIGITS[usize::from(nibble)])
        .collect()
}
