//! Bytes as text in an HTML element, a quarter longer than they are (base64: a third).
//!
//! As Ascii85, but of letters that mean nothing to HTML: from `(` to `|`, and `~` for `<`.
//! `boot.js` reads it.

/// Four bytes become five letters; the last `n` bytes, if fewer, `n + 1`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(4) * 5);
    for group in bytes.chunks(4) {
        let mut padded = [0; 4];
        padded[..group.len()].copy_from_slice(group);
        let number = u32::from_be_bytes(padded);
        let letters = [52_200_625, 614_125, 7_225, 85, 1].map(|place| letter(number / place % 85));
        text.extend(letters.iter().take(group.len() + 1));
    }
    text
}

fn letter(digit: u32) -> char {
    match char::from_u32(u32::from('(') + digit) {
        Some('<') | None => '~',
        Some(letter) => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn letters_are_those_that_the_page_reads() {
        // The whole page is read by the browser tests; these are the ends of groups.
        assert_eq!(encode(b""), "");
        assert_eq!(encode(&[0]), "((");
        assert_eq!(encode(&[0, 0, 0, 1]), "(((()");
        assert_eq!(encode(&[0, 0, 0, 20]), "((((~");
        assert_eq!(encode(&[255; 4]).len(), 5);
        assert_eq!(encode(&[7; 6]).len(), 5 + 3);
    }

    #[test]
    fn html_takes_no_letter_for_its_own() {
        let all: Vec<u8> = (0..=255).flat_map(|a| [a, 0, 255 - a, a]).collect();
        assert!(!encode(&all).contains(['<', '&', '"', '\'']));
    }
}
