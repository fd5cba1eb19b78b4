//! Places in a bundle: what evidence points at, and how it is shown to a person.

use std::ops::Range;

use crate::bundle::Bundle;
use crate::json;

/// A place in a bundle, as a fact remembers it. Lines and columns come only when it is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Name of the entry.
    pub entry: String,
    /// Where in it.
    pub at: At,
}

/// Where in an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// The entry as a whole (shown as its first line).
    Whole,
    /// Bytes of a text entry.
    Text {
        /// First byte.
        start: usize,
        /// Byte after the last.
        end: usize,
    },
    /// A value of a JSON entry.
    Json {
        /// RFC 6901 pointer of the value.
        pointer: String,
        /// For a string value that is a text itself (a Corefile in a ConfigMap): bytes of the
        /// decoded string.
        inner: Option<(usize, usize)>,
    },
}

impl Place {
    /// The entry as a whole.
    pub fn whole(entry: &str) -> Self {
        Self {
            entry: entry.to_owned(),
            at: At::Whole,
        }
    }

    /// Bytes of a text entry.
    pub fn text(entry: &str, span: Range<usize>) -> Self {
        Self {
            entry: entry.to_owned(),
            at: At::Text {
                start: span.start,
                end: span.end,
            },
        }
    }

    /// A value of a JSON entry.
    pub fn json(entry: &str, pointer: impl Into<String>) -> Self {
        Self {
            entry: entry.to_owned(),
            at: At::Json {
                pointer: pointer.into(),
                inner: None,
            },
        }
    }

    /// The same place, narrowed to bytes of the text that stands there: of a decoded string
    /// value, or of a text entry (then the span counts from the place's start).
    #[must_use]
    pub fn within(&self, span: Range<usize>) -> Self {
        let at = match &self.at {
            At::Whole => At::Text {
                start: span.start,
                end: span.end,
            },
            At::Text { start, .. } => At::Text {
                start: start.saturating_add(span.start),
                end: start.saturating_add(span.end),
            },
            At::Json { pointer, .. } => At::Json {
                pointer: pointer.clone(),
                inner: Some((span.start, span.end)),
            },
        };
        Self {
            entry: self.entry.clone(),
            at,
        }
    }
}

/// A place made visible: lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The entry in which the lines count: the original file for what `import` derived.
    pub entry: String,
    /// JSON pointer of the value that is meant, if the entry is JSON.
    pub pointer: Option<String>,
    /// Whether lines count within the decoded string at `pointer` and not in the entry.
    pub in_value: bool,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character, on `end_line`.
    pub end_column: u32,
    /// Number of the first line in `lines`.
    pub first_line: u32,
    /// The lines themselves with a little of their surroundings; long ones are cut.
    pub lines: Vec<String>,
}

/// Longest line in an excerpt, in characters; what is longer is cut at the end.
pub const MAX_EXCERPT_COLUMNS: usize = 240;
/// Most lines of the place itself in an excerpt.
const MAX_EXCERPT_LINES: u32 = 8;

impl Bundle {
    /// Makes a place visible, with `context` lines before and after it. A place that is not there
    /// (an entry that was never collected) is shown as line 1 of nothing, so that this never fails.
    pub fn locate(&self, place: &Place, context: u32) -> Located {
        let text = self.text(&place.entry).unwrap_or_default();
        if let Some(found) = self.in_original(place, &text, context) {
            return found;
        }
        let mut pointer = None;
        let mut in_value = false;
        let mut located = match &place.at {
            At::Whole => excerpt(&text, &(0..line_end(&text, 0)), context),
            At::Text { start, end } => excerpt(&text, &(*start..*end), context),
            At::Json { pointer: at, inner } => {
                pointer = Some(at.clone());
                let value = inner.and_then(|span| Some((span, string_at(&text, at)?)));
                if let Some(((start, end), value)) = value {
                    in_value = true;
                    excerpt(&value, &(start..end), context)
                } else {
                    let span = json::span_of(&text, at).unwrap_or(0..0);
                    excerpt(&text, &span, context)
                }
            }
        };
        located.entry.clone_from(&place.entry);
        located.pointer = pointer;
        located.in_value = in_value;
        located
    }

    /// The place in the file that the user gave, if the entry was derived from one.
    fn in_original(&self, place: &Place, text: &str, context: u32) -> Option<Located> {
        let derived = self.derived(&place.entry)?;
        let original = self.text(&derived.from)?;
        let wanted = match &place.at {
            At::Json { pointer, .. } => pointer.as_str(),
            At::Whole | At::Text { .. } => "",
        };
        let map = derived
            .values
            .iter()
            .filter(|value| {
                wanted
                    .strip_prefix(value.pointer.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
            .max_by_key(|value| value.pointer.len())?;
        let first = map.line.max(1) - 1;
        // Lines within the value count only if it is the value itself that is mapped; of what
        // stands below a mapped value no more than the line of that value is known.
        let within = match &place.at {
            At::Text { start, end } => Some(excerpt(text, &(*start..*end), 0)),
            At::Json {
                inner: Some((start, end)),
                ..
            } if map.pointer == wanted => {
                Some(excerpt(&string_at(text, wanted)?, &(*start..*end), 0))
            }
            At::Whole | At::Json { .. } => None,
        };
        let offset = |line: u32, column: u32| {
            let line = first.saturating_add(line);
            offset_of(&original, line, column.saturating_add(map.indent))
        };
        let start = offset(1, 1);
        let span = within.map_or(start..line_end(&original, start), |at| {
            offset(at.line, at.column)..offset(at.end_line, at.end_column)
        });
        let mut located = excerpt(&original, &span, context);
        located.entry.clone_from(&derived.from);
        Some(located)
    }
}

fn string_at(text: &str, pointer: &str) -> Option<String> {
    serde_json::from_str(text.get(json::span_of(text, pointer)?)?).ok()
}

/// Where the line ends that `from` is on, without its line end.
fn line_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    from + rest.lines().next().map_or(0, str::len)
}

/// Byte offset of a line and column; the nearest one that exists.
fn offset_of(text: &str, line: u32, column: u32) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(length) => start += length + 1,
            None => return text.len(),
        }
    }
    let end = line_end(text, start);
    text.get(start..end)
        .and_then(|line| line.char_indices().nth(column.max(1) as usize - 1))
        .map_or(end, |(offset, _)| start + offset)
}

fn excerpt(text: &str, span: &Range<usize>, context: u32) -> Located {
    let start = floor_boundary(text, span.start);
    let end = floor_boundary(text, span.end.max(start));
    let (line, column) = line_and_column(text, start);
    let (end_line, end_column) = line_and_column(text, end);
    let first_line = line.saturating_sub(context).max(1);
    let last_line = end_line
        .min(line.saturating_add(MAX_EXCERPT_LINES - 1))
        .saturating_add(context);
    let lines = text
        .lines()
        .skip(first_line as usize - 1)
        .take((last_line - first_line) as usize + 1)
        .map(|line| line.chars().take(MAX_EXCERPT_COLUMNS).collect())
        .collect();
    Located {
        entry: String::new(),
        pointer: None,
        in_value: false,
        line,
        column,
        end_line,
        end_column,
        first_line,
        lines,
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn line_and_column(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}
