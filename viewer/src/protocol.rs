//! What the page and its worker say to each other.

use serde::{Deserialize, Serialize};

/// A text in the bundle: an entry, or the decoded string at a JSON pointer in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Name of the entry.
    pub entry: String,
    /// The pointer, where the text is a string within a JSON entry.
    pub value_at: Option<String>,
}

/// The page asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Open what comes with the message: a file, or text in Base64.
    Open {
        /// Name of the file, to be shown.
        name: String,
    },
    /// Some lines of a text.
    Lines {
        /// Comes back with the answer.
        id: u32,
        /// Which text.
        source: Source,
        /// First line, counted from 0.
        first: u32,
        /// How many.
        count: u32,
    },
    /// Lines of a text, beginning near a place.
    Place {
        /// Comes back with the answer.
        id: u32,
        /// Which text.
        source: Source,
        /// The value whose place is meant.
        pointer: Option<String>,
        /// The line that is meant, counted from 1; 0 where only the pointer tells.
        line: u32,
    },
    /// Lines that hold some words.
    Find {
        /// Comes back with the answer.
        id: u32,
        /// Which text.
        source: Source,
        /// The words; capitals do not matter.
        words: String,
    },
}

/// The worker answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The bundle is open; the bytes of its JSON report come with the message.
    Opened {
        /// Name of the file.
        name: String,
        /// The report as Markdown.
        markdown: String,
    },
    /// The bundle cannot be opened.
    Failed {
        /// Name of the file.
        name: String,
        /// Why.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// Lines of a text.
    Lines(Piece),
    /// There is no such text.
    Missing {
        /// Of the request.
        id: u32,
    },
    /// Lines that hold the words.
    Found {
        /// Of the request.
        id: u32,
        /// Their numbers, counted from 1.
        lines: Vec<u32>,
        /// Whether there are more.
        more: bool,
    },
    /// The worker has a bug.
    Bug {
        /// What it says of it.
        text: String,
    },
}

/// Lines of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Of the request.
    pub id: u32,
    /// Lines of the whole text.
    pub total: u32,
    /// Bytes of the whole text.
    pub bytes: u32,
    /// First line of the piece, counted from 0.
    pub first: u32,
    /// The lines; long ones are cut.
    pub lines: Vec<String>,
    /// First and last line of the place that was asked for, counted from 1.
    pub place: Option<(u32, u32)>,
}
