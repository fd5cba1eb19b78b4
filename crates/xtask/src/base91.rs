//! Bytes as text in an HTML element, less than a quarter longer than they are (base64: a third).
//!
//! 13 bits are two letters of 91: all of ASCII that is visible but `"`, `&` and `<`, which mean
//! something to HTML. `boot.js` reads it.

const BITS: u32 = 13;

/// The last group is filled up with zeros; it may add a byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 5 / 4 + 2);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        if bits >= BITS {
            bits -= BITS;
            text.extend(letters(held >> bits));
            held &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        text.extend(letters(held << (BITS - bits)));
    }
    text
}

fn letters(group: u32) -> [char; 2] {
    [group / 91, group % 91].map(|digit| {
        let mut visible = ('!'..='~').filter(|letter| !matches!(letter, '"' | '&' | '<'));
        visible.nth(digit as usize).unwrap_or('~')
    })
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn letters_are_those_that_the_page_reads() {
        // The whole page is read by the browser tests; these are the ends of groups.
        assert_eq!(encode(b""), "");
        assert_eq!(encode(&[0]), "!!");
        assert_eq!(encode(&[0, 0]), "!!!!");
        assert_eq!(encode(&[0, 8]), "!#!!");
        assert_eq!(encode(&[255; 13]).len(), 16);
        // 8191 is 90 × 91 + 1.
        assert_eq!(&encode(&[255; 13])[..2], "~#");
    }

    #[test]
    fn html_takes_no_letter_for_its_own() {
        let all: Vec<u8> = (0..=255).flat_map(|a| [a, 0, 255 - a, a]).collect();
        let text = encode(&all);
        assert!(text.is_ascii() && !text.contains(['<', '&', '"', ' ']));
    }
}
