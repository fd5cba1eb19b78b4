//! Names between their text form (RFC 1035, section 5.1) and labels of bytes.
//!
//! hickory-proto reads and writes `\DDD` as octal, where everybody else has it decimal, refuses
//! letters that honest names have (`0/25.2.0.192.in-addr.arpa.`), and shows IDNA names decoded.

use hickory_proto::rr::Name;

/// Letters that mean something in a zone file (dig escapes them too).
const SPECIAL: &[u8] = br#""$().;@\"#;

/// Reads an ASCII name; what is wrong with it otherwise.
pub(super) fn parse(text: &str) -> Result<Name, String> {
    let mut labels = Vec::new();
    let mut label = Vec::new();
    let mut bytes = text.bytes();
    if text == "." {
        bytes.next();
    }
    while let Some(byte) = bytes.next() {
        match byte {
            b'.' if label.is_empty() => return Err("it has an empty label".to_owned()),
            b'.' => labels.push(std::mem::take(&mut label)),
            b'\\' => label.push(escaped(&mut bytes)?),
            byte => label.push(byte),
        }
    }
    if !label.is_empty() {
        labels.push(label);
    }
    if let Some(long) = labels.iter().find(|label| label.len() > 63) {
        return Err(format!(
            "a label of it has {} bytes, the most is 63",
            long.len()
        ));
    }
    let length = labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1;
    if length > 255 {
        return Err(format!("it has {length} bytes, the most is 255"));
    }
    Name::from_labels(labels.iter().map(Vec::as_slice)).map_err(|err| err.to_string())
}

/// What stands behind a backslash: three decimal digits, or any other letter for itself.
fn escaped(bytes: &mut std::str::Bytes<'_>) -> Result<u8, String> {
    let first = bytes.next().ok_or("it ends in a backslash")?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let mut value = u16::from(first - b'0');
    for _ in 0..2 {
        let digit = bytes.next().filter(u8::is_ascii_digit);
        let digit = digit.ok_or("a backslash and a digit are not followed by two more digits")?;
        value = value * 10 + u16::from(digit - b'0');
    }
    u8::try_from(value).map_err(|_| format!("\\{value} is no byte"))
}

/// A name as ASCII with its final dot.
pub(super) fn show(name: &Name) -> String {
    let mut text = String::new();
    for label in name {
        for &byte in label {
            match byte {
                _ if SPECIAL.contains(&byte) => {
                    text.push('\\');
                    text.push(byte.into());
                }
                b'!'..=b'~' => text.push(byte.into()),
                _ => decimal(byte, &mut text),
            }
        }
        text.push('.');
    }
    if text.is_empty() {
        text.push('.');
    }
    text
}

/// A byte that is not shown as it is: `\027`.
pub(super) fn decimal(byte: u8, text: &mut String) {
    text.push('\\');
    for digit in [byte / 100, byte / 10 % 10, byte % 10] {
        text.push((b'0' + digit).into());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_decimal() {
        let name = parse(r"a\.b\032\\\255c.EXAMPLE").unwrap();
        let labels: Vec<&[u8]> = name.iter().collect();
        assert_eq!(labels, [b"a.b \\\xffc".as_slice(), b"EXAMPLE"]);
        assert_eq!(show(&name), r"a\.b\032\\\255c.EXAMPLE.");
        assert_eq!(show(&parse(".").unwrap()), ".");
    }

    #[test]
    fn what_is_no_name_says_why() {
        let long = "a.".repeat(127) + "a";
        let label = "a".repeat(64);
        let bad = [
            "..", "a..b", r"a\", r"a\1", r"a\1x2", r"a\256", &label, &long,
        ];
        let why: Vec<_> = bad.iter().map(|text| parse(text).unwrap_err()).collect();
        assert_eq!(
            why,
            [
                "it has an empty label",
                "it has an empty label",
                "it ends in a backslash",
                "a backslash and a digit are not followed by two more digits",
                "a backslash and a digit are not followed by two more digits",
                "\\256 is no byte",
                "a label of it has 64 bytes, the most is 63",
                "it has 257 bytes, the most is 255",
            ]
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(
            labels in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 0..12),
        ) {
            let name = Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
            let again = parse(&show(&name)).unwrap();
            prop_assert_eq!(again.iter().collect::<Vec<_>>(), name.iter().collect::<Vec<_>>());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[ -~]*|(\\\\|[0-9.]){0,30}") {
            if let Ok(name) = parse(&text) {
                prop_assert_eq!(parse(&show(&name)).unwrap(), name);
            }
        }
    }
}
