//! Lays out JSON text anew without changing a value: order, numbers and escapes stay as they are.

/// Why a text was not laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotPretty {
    NotJson,
    TooDeep,
    TooLong,
}

/// JSON text with an indent of two spaces, as `serde_json`'s pretty printer lays it out.
///
/// Works on the text, so what was laid out this way comes back byte for byte whatever the order
/// of its keys. Depth and length are bounded as they multiply: each line repeats its indent.
pub(crate) fn pretty(text: &str, depth: usize, max_bytes: usize) -> Result<String, NotPretty> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| NotPretty::NotJson)?;
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut level = 0usize;
    let mut rest = text;
    // Whether the last token opened an object or list that is still empty.
    let mut fresh = false;
    while let Some(first) = rest.trim_ascii_start().as_bytes().first().copied() {
        rest = rest.trim_ascii_start();
        let closes = matches!(first, b'}' | b']');
        if fresh && !closes {
            new_line(&mut out, level);
        }
        let length = match first {
            b'"' => string_length(rest),
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            _ => rest
                .find([',', '}', ']', ' ', '\t', '\r', '\n'])
                .unwrap_or(rest.len()),
        };
        if closes {
            level = level.saturating_sub(1);
            if !fresh {
                new_line(&mut out, level);
            }
        }
        let (token, after) = rest.split_at_checked(length).ok_or(NotPretty::NotJson)?;
        out.push_str(token);
        rest = after;
        fresh = matches!(first, b'{' | b'[');
        match first {
            b'{' | b'[' => level += 1,
            b',' => new_line(&mut out, level),
            b':' => out.push(' '),
            _ => {}
        }
        if level > depth {
            return Err(NotPretty::TooDeep);
        }
        if out.len() > max_bytes {
            return Err(NotPretty::TooLong);
        }
    }
    Ok(out)
}

fn new_line(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}

/// Bytes of the string literal at the start of the text, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{NotPretty, pretty};

    #[test]
    fn the_layout_is_that_of_serde_json() {
        let text = r#"{"b":[1,2.50,{"c":{}}],"a":"x\"],{y","e":[],"d":null}"#;
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let theirs = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(pretty(&theirs, 9, 999), Ok(theirs.clone()));
        let ours = pretty(text, 9, 999).unwrap();
        assert!(ours.contains("2.50"), "numbers stay as they are: {ours}");
        assert_eq!(pretty(&ours, 9, 999), Ok(ours));
    }

    #[test]
    fn what_is_too_deep_or_too_long_or_no_json_is_left_alone() {
        assert_eq!(pretty("[[[]]]", 2, 999), Err(NotPretty::TooDeep));
        assert_eq!(pretty("[1,2,3]", 9, 5), Err(NotPretty::TooLong));
        assert_eq!(pretty("[1,2", 9, 999), Err(NotPretty::NotJson));
        assert_eq!(pretty("[1] 2", 9, 999), Err(NotPretty::NotJson));
    }
}
