//! Finds where a value stands in a JSON text.

use std::ops::Range;

/// Byte span of the value that an RFC 6901 pointer names; `None` if there is none.
///
/// Of equal keys in one object the last counts, as for `serde_json`.
pub fn span_of(text: &str, pointer: &str) -> Option<Range<usize>> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
    };
    scanner.skip_space();
    if pointer.is_empty() {
        let start = scanner.at;
        scanner.skip_value(0)?;
        return Some(start..scanner.at);
    }
    let steps: Vec<String> = pointer
        .strip_prefix('/')?
        .split('/')
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect();
    scanner.find(&steps, text)
}

/// Writes one step of a pointer: `~` and `/` escaped.
pub fn escape_step(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// Deepest nesting that is followed; deeper documents are refused when they are read.
const MAX_DEPTH: usize = 128;

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn find(&mut self, steps: &[String], text: &str) -> Option<Range<usize>> {
        self.skip_space();
        let Some((step, rest)) = steps.split_first() else {
            let start = self.at;
            self.skip_value(0)?;
            return Some(start..self.at);
        };
        match self.peek()? {
            b'{' => self.find_key(step, rest, text),
            b'[' => self.find_index(step.parse().ok()?, rest, text),
            _ => None,
        }
    }

    fn find_key(&mut self, key: &str, rest: &[String], text: &str) -> Option<Range<usize>> {
        self.at += 1;
        let mut found = None;
        loop {
            self.skip_space();
            match self.peek()? {
                b'}' => return found,
                b',' => self.at += 1,
                b'"' => {
                    let start = self.at;
                    self.skip_string()?;
                    let here: String = serde_json::from_str(text.get(start..self.at)?).ok()?;
                    self.skip_space();
                    if self.peek()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    self.skip_space();
                    if here == key {
                        let value = self.at;
                        found = self.find(rest, text);
                        self.at = value;
                    }
                    self.skip_value(0)?;
                }
                _ => return None,
            }
        }
    }

    fn find_index(&mut self, index: usize, rest: &[String], text: &str) -> Option<Range<usize>> {
        self.at += 1;
        let mut here = 0;
        loop {
            self.skip_space();
            match self.peek()? {
                b']' => return None,
                b',' => self.at += 1,
                _ if here == index => return self.find(rest, text),
                _ => {
                    self.skip_value(0)?;
                    here += 1;
                }
            }
        }
    }

    fn skip_value(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.peek()? {
            b'"' => self.skip_string(),
            open @ (b'{' | b'[') => {
                let close = if open == b'{' { b'}' } else { b']' };
                self.at += 1;
                loop {
                    self.skip_space();
                    match self.peek()? {
                        byte if byte == close => {
                            self.at += 1;
                            return Some(());
                        }
                        b',' | b':' => self.at += 1,
                        _ => self.skip_value(depth + 1)?,
                    }
                }
            }
            _ => {
                let start = self.at;
                while self.peek().is_some_and(|b| !b",]}: \t\r\n".contains(&b)) {
                    self.at += 1;
                }
                (self.at > start).then_some(())
            }
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::span_of;

    #[test]
    fn a_pointer_finds_its_value() {
        let text = r#"{"a": [1, {"b/c": "x\"y"}], "d": null, "a": [true, {"b/c": "z"}]}"#;
        let at = |pointer: &str| span_of(text, pointer).map(|span| &text[span]);
        assert_eq!(at("/a/0"), Some("true"));
        assert_eq!(at("/a/1/b~1c"), Some("\"z\""));
        assert_eq!(at("/d"), Some("null"));
        assert_eq!(at("/nope"), None);
        assert_eq!(at(""), Some(text));
    }
}
