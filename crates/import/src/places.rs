//! Where the values of an object stand in a file.

use std::collections::BTreeSet;

use digpod_bundle::DerivedValue;
use serde_json::Value;

use crate::found::value;

/// More places than this and only those of whole objects are kept: a manifest is no index.
const MOST: usize = 2000;

/// A value seen in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// RFC 6901 pointer from the document's root.
    pub(crate) pointer: String,
    /// Line of the section on which it begins, from 1.
    pub(crate) line: usize,
    /// Characters before it on that line.
    pub(crate) column: usize,
    /// For a text written as a YAML block: its first line and its indent.
    pub(crate) block: Option<(usize, usize)>,
}

/// Places of an object that now stands at `to` in an entry holding `entry`; `seen` is relative
/// to the object.
///
/// Of a text of several lines that does not stand in the file line by line (JSON escapes, quoted
/// YAML) no place is given, nor of what it is part of: then evidence shows the decoded text.
pub(crate) fn values(seen: &[Seen], to: &str, entry: &Value, lines: &[&str]) -> Vec<DerivedValue> {
    let mut unclear = BTreeSet::new();
    let mut values = Vec::new();
    for seen in seen {
        let pointer = format!("{to}{}", seen.pointer);
        let Some(there) = entry.pointer(&pointer) else {
            continue;
        };
        let text = there.as_str().filter(|text| text.contains('\n'));
        match (text, seen.block) {
            (None, _) => values.push(value(pointer, seen.line, seen.column)),
            (Some(text), Some((line, indent))) if stands_at(text, lines, line, indent) => {
                values.push(value(pointer, line, indent));
            }
            (Some(_), _) => {
                unclear.extend(
                    pointer
                        .match_indices('/')
                        .filter_map(|(at, _)| pointer.get(..at))
                        .map(str::to_owned),
                );
            }
        }
    }
    values.retain(|value| !unclear.contains(&value.pointer));
    if values.len() > MOST {
        values.retain(|value| value.pointer == to);
    }
    values
}

/// Whether each line of the text stands in the file, indented.
fn stands_at(text: &str, lines: &[&str], first: usize, indent: usize) -> bool {
    text.trim_end().lines().enumerate().all(|(number, line)| {
        let there = lines
            .get(first - 1 + number)
            .map_or("", |line| line.trim_end_matches('\r'));
        match there.split_at_checked(indent) {
            Some((space, rest)) => space.trim().is_empty() && rest == line,
            None => line.is_empty() && there.trim().is_empty(),
        }
    })
}
