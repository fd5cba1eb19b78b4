//! What a recogniser found in a text.

use digpod_bundle::DerivedValue;

/// What a text is and what is made of it.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) taken_for: String,
    pub(crate) why: String,
    pub(crate) outputs: Vec<Output>,
}

/// An entry made of a text.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) entry: Name,
    pub(crate) bytes: Vec<u8>,
    /// Where its values stand; lines count from 1 within the section.
    pub(crate) values: Vec<DerivedValue>,
}

/// The name an entry shall have.
#[derive(Debug)]
pub(crate) enum Name {
    /// There is one entry of this kind in a bundle; a second one is reported, not added.
    Only(String),
    /// There may be many; a taken name gets a number: before, number, after.
    Numbered(String, String),
}

impl Found {
    pub(crate) fn new(taken_for: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            taken_for: taken_for.into(),
            why: why.into(),
            outputs: Vec::new(),
        }
    }

    /// The same text under another name, line by line.
    pub(crate) fn with_text(mut self, entry: Name, text: &str) -> Self {
        self.outputs.push(Output {
            entry,
            bytes: text.as_bytes().to_vec(),
            values: vec![value("", 1, 0)],
        });
        self
    }
}

/// Where a value stands.
pub(crate) fn value(pointer: impl Into<String>, line: usize, indent: usize) -> DerivedValue {
    DerivedValue {
        pointer: pointer.into(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        indent: u32::try_from(indent).unwrap_or(u32::MAX),
    }
}

/// JSON as every entry is laid out.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
