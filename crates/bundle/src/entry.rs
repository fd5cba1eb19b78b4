//! Names of entries: relative, plain, the same on every system.

use std::fmt;

/// Name of an entry in a bundle, like `dns/service.json`.
///
/// Relative, `/` between parts, no empty part, no `.` or `..`, no backslash, no control
/// character, no drive letter, at most 512 bytes: safe to use as a path below a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName(String);

impl EntryName {
    /// Longest name, in bytes.
    pub const MAX_BYTES: usize = 512;

    /// Takes a name if it is a safe one.
    pub fn new(name: impl Into<String>) -> Result<Self, BadName> {
        let name = name.into();
        match fault(&name) {
            None => Ok(Self(name)),
            Some(why) => Err(BadName { name, why }),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes any text into one part of a name: what is not a plain character becomes `_`.
    pub fn sanitize_part(text: &str) -> String {
        let plain: String = text
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "._-+=@".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .take(200)
            .collect();
        match plain.as_str() {
            "" | "." | ".." => "_".to_owned(),
            _ => plain,
        }
    }
}

impl std::borrow::Borrow<str> for EntryName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that no bundle may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} {why}")]
pub struct BadName {
    /// The name as it was found.
    pub name: String,
    /// What is wrong with it.
    pub why: &'static str,
}

fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("is empty");
    }
    if name.len() > EntryName::MAX_BYTES {
        return Some("is longer than 512 bytes");
    }
    if name.starts_with('/') || name.as_bytes().get(1) == Some(&b':') {
        return Some("is an absolute path");
    }
    if name.contains('\\') {
        return Some("has a backslash");
    }
    if name.chars().any(char::is_control) {
        return Some("has a control character");
    }
    for part in name.split('/') {
        match part {
            "" => return Some("has an empty part"),
            "." | ".." => return Some("leaves its folder"),
            _ => {}
        }
    }
    None
}
