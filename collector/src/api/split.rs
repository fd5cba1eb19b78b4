//! Cuts a list into its objects while its bytes arrive.
//!
//! A list is one JSON object whose `items` hold nearly all of it. Each item is handed out as soon
//! as its last byte is there; what stands around the items is small and is kept.

/// Most bytes of one object. etcd holds none of more than 1.5 MiB; the rest is for how JSON
/// writes what is stored as protobuf.
pub(super) const MOST_ITEM: usize = 4 << 20;
/// Most bytes around the items.
const MOST_AROUND: usize = 1 << 20;

/// An item, or word of one that was too large to keep.
pub(super) enum Piece<'a> {
    /// Its JSON text.
    Item(&'a [u8]),
    /// It had more than [`MOST_ITEM`] bytes.
    TooLarge,
}

/// Reads one list.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the state of a scanner: each is asked for by itself"
)]
pub(super) struct Splitter {
    /// Everything but the items.
    around: Vec<u8>,
    /// The item that has begun.
    item: Vec<u8>,
    /// Whether one has begun, and whether it is too large already.
    begun: bool,
    too_large: bool,
    /// Open brackets.
    depth: u32,
    in_items: bool,
    in_string: bool,
    escaped: bool,
    /// The last string directly in the list's object: a key when a colon follows.
    word: Vec<u8>,
    is_items: bool,
    done: bool,
}

impl Splitter {
    /// Takes the next bytes and hands out the items that end in them.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut give: impl FnMut(Piece<'_>),
    ) -> Result<(), String> {
        // Where the part of the item begins that these bytes hold.
        let mut from = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            if !self.in_items {
                self.outside(byte)?;
                from = at + 1;
                continue;
            }
            if self.in_string {
                self.in_string(byte);
                continue;
            }
            let between = self.depth == 2;
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
            if between && matches!(byte, b',' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                // An item that is no object ends here.
                self.end(bytes.get(from..at).unwrap_or_default(), &mut give);
                from = at + 1;
                if byte == b']' {
                    self.in_items = false;
                    self.is_items = false;
                    self.around.push(byte);
                }
                continue;
            }
            self.begun = true;
            if self.depth == 2 && matches!(byte, b'}' | b']') {
                self.end(bytes.get(from..=at).unwrap_or_default(), &mut give);
                from = at + 1;
            }
        }
        if self.in_items && self.begun {
            self.keep(bytes.get(from..).unwrap_or_default());
        }
        Ok(())
    }

    /// What stands around the items, which are left empty; an error if the list has not ended.
    pub(super) fn finish(self) -> Result<Vec<u8>, String> {
        if self.done {
            Ok(self.around)
        } else {
            Err("it ends in the middle".to_owned())
        }
    }

    fn outside(&mut self, byte: u8) -> Result<(), String> {
        if self.done {
            return if byte.is_ascii_whitespace() {
                Ok(())
            } else {
                Err("something follows after its end".to_owned())
            };
        }
        if self.depth == 0 && byte != b'{' {
            return if byte.is_ascii_whitespace() && self.around.is_empty() {
                Ok(())
            } else {
                Err(format!("it begins with {:?}", char::from(byte)))
            };
        }
        if self.around.len() >= MOST_AROUND {
            return Err(format!("it has over {MOST_AROUND} bytes around its items"));
        }
        self.around.push(byte);
        if self.in_string {
            let inside = self.in_string(byte);
            if inside && self.depth == 1 {
                self.word.push(byte);
            }
            return Ok(());
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.word.clear();
            }
            b':' if self.depth == 1 => self.is_items = self.word == b"items",
            b',' if self.depth == 1 => self.is_items = false,
            b'[' if self.depth == 1 && self.is_items => {
                self.depth = 2;
                self.in_items = true;
                return Ok(());
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                self.done = self.depth == 0;
            }
            _ => {}
        }
        Ok(())
    }

    /// Follows a string; whether the byte is part of its text.
    fn in_string(&mut self, byte: u8) -> bool {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.in_string = false;
            return false;
        }
        true
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.item.len() + bytes.len() > MOST_ITEM {
            self.too_large = true;
            self.item = Vec::new();
        }
        if !self.too_large {
            self.item.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, last: &[u8], give: &mut impl FnMut(Piece<'_>)) {
        if !self.begun {
            return;
        }
        if self.item.is_empty() && !self.too_large && last.len() <= MOST_ITEM {
            // The usual case: all of it arrived at once.
            give(Piece::Item(last));
        } else {
            self.keep(last);
            give(if self.too_large {
                Piece::TooLarge
            } else {
                Piece::Item(&self.item)
            });
            self.item.clear();
        }
        self.begun = false;
        self.too_large = false;
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_ITEM, Piece, Splitter};

    /// Items and what is around them, of a list that arrives in parts of this size.
    fn split(list: &str, size: usize) -> Result<(Vec<String>, String), String> {
        let mut splitter = Splitter::default();
        let mut items = Vec::new();
        for part in list.as_bytes().chunks(size) {
            splitter.push(part, |piece| {
                items.push(match piece {
                    Piece::Item(item) => String::from_utf8_lossy(item).into_owned(),
                    Piece::TooLarge => "too large".to_owned(),
                });
            })?;
        }
        let around = splitter.finish()?;
        Ok((items, String::from_utf8_lossy(&around).into_owned()))
    }

    #[test]
    fn items_are_the_same_however_the_bytes_arrive() {
        let list = r#" {"kind":"PodList","metadata":{"items":[1],"continue":"}]\"items\":["},"items" : [
            {"a":"}],\\\"{[","b":[[],{}]} ,{"items":[{}]},{},3,"x" ], "more":[{"items":[4]}]} "#;
        let (items, around) = split(list, list.len()).unwrap();
        let expected = [
            r#"{"a":"}],\\\"{[","b":[[],{}]}"#,
            r#"{"items":[{}]}"#,
            "{}",
            "3",
            r#""x""#,
        ];
        assert_eq!(items, expected);
        let around: serde_json::Value = serde_json::from_str(&around).unwrap();
        assert_eq!(around["items"], serde_json::json!([]));
        assert_eq!(around["more"][0]["items"][0], 4);
        for size in 1..list.len() {
            assert_eq!(split(list, size).unwrap().0, expected, "{size}");
        }
    }

    #[test]
    fn lists_without_items_have_none() {
        for list in [
            r#"{"items":null}"#,
            r#"{"items":[]}"#,
            r#"{"items":[ ]}"#,
            "{}",
        ] {
            assert_eq!(split(list, 3).unwrap().0, [""; 0], "{list}");
        }
    }

    #[test]
    fn what_is_no_list_is_told() {
        for (text, why) in [
            ("<html>", "it begins with '<'"),
            ("", "it ends in the middle"),
            (r#"{"items":[{"a":1},{"b"#, "it ends in the middle"),
            ("{}{}", "something follows after its end"),
        ] {
            assert_eq!(split(text, 2).unwrap_err(), why);
        }
    }

    #[test]
    fn an_object_that_is_too_large_costs_itself_only() {
        let large = "x".repeat(MOST_ITEM + 1);
        let list = format!(r#"{{"items":[{{"a":1}},{{"b":"{large}"}},{{"c":1}}]}}"#);
        for size in [1 << 14, list.len()] {
            let (items, _) = split(&list, size).unwrap();
            assert_eq!(items, [r#"{"a":1}"#, "too large", r#"{"c":1}"#]);
        }
    }
}
