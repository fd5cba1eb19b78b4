//! What the worker does, without a browser: opens a bundle, analyses it, hands out its texts.

use std::borrow::Cow;

use digpod_bundle::{Bundle, Limits, json, layout};

use crate::protocol::{Piece, Reply, Request, Source};
use crate::window::MAX_ROWS;

/// Longest line that is shown, in characters.
const MAX_COLUMNS: usize = 2_000;
/// Most lines that a search gives.
const MAX_FOUND: usize = 5_000;

/// An opened bundle and the text that was asked for last.
pub struct Desk {
    bundle: Bundle,
    text: Option<Text>,
}

/// What opening a bundle gives: the desk, and its report as JSON and as Markdown.
pub struct Opened {
    /// For further questions.
    pub desk: Desk,
    /// The JSON report, byte for byte what the command line writes.
    pub json: String,
    /// For a ticket.
    pub markdown: String,
}

impl Desk {
    /// Opens and analyses a bundle. What cannot be opened is a [`Reply::Failed`].
    pub fn open(name: &str, bytes: &[u8]) -> Result<Opened, Reply> {
        let bundle = Bundle::open_bytes(bytes, &Limits::default()).map_err(|error| {
            let mut message = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                message = format!("{message}: {cause}");
                source = cause.source();
            }
            Reply::Failed {
                name: name.to_owned(),
                message,
                help: error.help(),
            }
        })?;
        let analysis = digpod_analysis::analyse(&bundle);
        let report = digpod_report::report(&bundle, &analysis);
        Ok(Opened {
            json: digpod_report::json(&report),
            markdown: digpod_report::markdown(&report),
            desk: Self { bundle, text: None },
        })
    }

    /// Answers a question about a text.
    pub fn answer(&mut self, request: &Request) -> Option<Reply> {
        let (id, source) = match request {
            Request::Open { .. } => return None,
            Request::Lines { id, source, .. }
            | Request::Place { id, source, .. }
            | Request::Find { id, source, .. } => (*id, source),
        };
        let Some(text) = self.text(source) else {
            return Some(Reply::Missing { id });
        };
        Some(match request {
            Request::Lines { first, count, .. } => {
                Reply::Lines(text.piece(id, *first, (*count).min(MAX_ROWS)))
            }
            Request::Place { pointer, line, .. } => {
                let place = text.place(pointer.as_deref(), *line);
                let middle = place.map_or(0, |(first, _)| first - 1);
                let first = middle.saturating_sub(MAX_ROWS / 2);
                Reply::Lines(Piece {
                    place,
                    ..text.piece(id, first, MAX_ROWS)
                })
            }
            Request::Find { words, .. } => {
                let mut lines = text.find(words);
                let more = lines.len() > MAX_FOUND;
                lines.truncate(MAX_FOUND);
                Reply::Found { id, lines, more }
            }
            Request::Open { .. } => return None,
        })
    }

    fn text(&mut self, source: &Source) -> Option<&Text> {
        if self.text.as_ref().is_none_or(|text| text.source != *source) {
            self.text = Some(Text::new(source.clone(), self.read(source)?));
        }
        self.text.as_ref()
    }

    fn read(&self, source: &Source) -> Option<String> {
        let text = if source.entry == layout::MANIFEST {
            let mut text = serde_json::to_string_pretty(self.bundle.manifest()).ok()?;
            text.push('\n');
            Cow::Owned(text)
        } else {
            self.bundle.text(&source.entry)?
        };
        let Some(pointer) = &source.value_at else {
            return Some(text.into_owned());
        };
        let span = json::span_of(&text, pointer)?;
        serde_json::from_str(text.get(span)?).ok()
    }
}

/// A text and where its lines begin.
struct Text {
    source: Source,
    content: String,
    starts: Vec<usize>,
}

impl Text {
    fn new(source: Source, content: String) -> Self {
        let mut starts: Vec<usize> = std::iter::once(0)
            .chain(content.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        // A line end at the end does not begin another line.
        starts.retain(|&start| start < content.len() || start == 0);
        Self {
            source,
            content,
            starts,
        }
    }

    fn total(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    fn line(&self, index: usize) -> &str {
        let start = self
            .starts
            .get(index)
            .copied()
            .unwrap_or(self.content.len());
        let end = self
            .starts
            .get(index + 1)
            .copied()
            .unwrap_or(self.content.len());
        self.content
            .get(start..end)
            .unwrap_or("")
            .trim_end_matches(['\n', '\r'])
    }

    fn piece(&self, id: u32, first: u32, count: u32) -> Piece {
        let total = self.total();
        let first = first.min(total);
        let last = first.saturating_add(count).min(total);
        Piece {
            id,
            total,
            bytes: u32::try_from(self.content.len()).unwrap_or(u32::MAX),
            first,
            lines: (first..last)
                .map(|index| shown(self.line(index as usize)))
                .collect(),
            place: None,
        }
    }

    fn place(&self, pointer: Option<&str>, line: u32) -> Option<(u32, u32)> {
        if line > 0 {
            let line = line.min(self.total());
            return Some((line, line));
        }
        let span = json::span_of(&self.content, pointer?)?;
        Some((self.line_of(span.start), self.line_of(span.end)))
    }

    fn line_of(&self, offset: usize) -> u32 {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Numbers of the lines that hold the words, one more than are wanted at most.
    fn find(&self, words: &str) -> Vec<u32> {
        let words = words.to_lowercase();
        if words.is_empty() {
            return Vec::new();
        }
        (0..self.starts.len())
            .filter(|&index| self.line(index).to_lowercase().contains(&words))
            .filter_map(|index| u32::try_from(index + 1).ok())
            .take(MAX_FOUND + 1)
            .collect()
    }
}

/// A line as it is shown: control characters visible, the end of a long one cut.
fn shown(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for (column, c) in line.chars().enumerate() {
        if column == MAX_COLUMNS {
            out.push_str(" \u{2026} (cut)");
            break;
        }
        out.push(match c {
            '\t' => c,
            c if c.is_control() || is_direction(c) => '\u{FFFD}',
            c => c,
        });
    }
    out
}

/// Characters that turn the direction of a line and so make it read as something else.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::Desk;
    use crate::protocol::{Piece, Reply, Request, Source};
    use digpod_bundle::{Bundle, Manifest, write_document};

    const JSON: &str =
        "{\n  \"data\": {\n    \"Corefile\": \".:53 {\\n  forward . 10.1.0.4\\n}\\n\"\n  }\n}\n";

    fn desk() -> Desk {
        let mut bundle = Bundle::new(Manifest::default());
        bundle.add("dns/configmaps/coredns.json", JSON, "").unwrap();
        bundle
            .add("outputs/a", "one\r\ntwo\u{202E}\u{1B}[31m\n", "")
            .unwrap();
        let long: Vec<String> = (1..=1_000).map(|n| format!("line {n}")).collect();
        bundle.add("outputs/long", long.join("\n"), "").unwrap();
        let document = write_document(&bundle);
        Desk::open("test.json", document.as_bytes())
            .map_err(|_| "refused")
            .unwrap()
            .desk
    }

    fn source(entry: &str, value_at: Option<&str>) -> Source {
        Source {
            entry: entry.to_owned(),
            value_at: value_at.map(str::to_owned),
        }
    }

    fn piece(reply: Option<Reply>) -> Piece {
        match reply {
            Some(Reply::Lines(piece)) => piece,
            other => panic!("not lines: {other:?}"),
        }
    }

    #[test]
    fn a_pointer_leads_to_its_lines_in_the_entry() {
        let source = source("dns/configmaps/coredns.json", None);
        let pointer = Some("/data".to_owned());
        let piece = piece(desk().answer(&Request::Place {
            id: 1,
            source,
            pointer,
            line: 0,
        }));
        assert_eq!((piece.place, piece.total), (Some((2, 4)), 5));
    }

    #[test]
    fn a_string_in_json_is_shown_decoded() {
        let source = source("dns/configmaps/coredns.json", Some("/data/Corefile"));
        let piece = piece(desk().answer(&Request::Place {
            id: 1,
            source,
            pointer: None,
            line: 2,
        }));
        assert_eq!(piece.lines, [".:53 {", "  forward . 10.1.0.4", "}"]);
        assert_eq!(piece.place, Some((2, 2)));
    }

    #[test]
    fn control_characters_and_line_ends_of_windows_do_no_harm() {
        let source = source("outputs/a", None);
        let piece = piece(desk().answer(&Request::Lines {
            id: 1,
            source,
            first: 0,
            count: 9,
        }));
        assert_eq!(piece.lines, ["one", "two\u{FFFD}\u{FFFD}[31m"]);
    }

    #[test]
    fn a_piece_begins_before_the_line_that_is_meant_and_never_holds_more_than_a_window() {
        let source = source("outputs/long", None);
        let piece = piece(desk().answer(&Request::Place {
            id: 1,
            source,
            pointer: None,
            line: 500,
        }));
        assert_eq!(
            (piece.first, piece.lines.len(), piece.total),
            (399, 200, 1_000)
        );
        assert_eq!(piece.lines.first().map(String::as_str), Some("line 400"));
    }

    #[test]
    fn words_are_found_whatever_their_capitals() {
        let words = "LINE 99".to_owned();
        let found = desk().answer(&Request::Find {
            id: 1,
            source: source("outputs/long", None),
            words,
        });
        let Some(Reply::Found { lines, more, .. }) = found else {
            panic!("nothing found")
        };
        assert_eq!((lines.len(), lines.first(), more), (11, Some(&99), false));
    }

    #[test]
    fn what_is_no_text_of_the_bundle_is_missing() {
        for (entry, at) in [
            ("nope", None),
            ("outputs/a", Some("/x")),
            ("dns/configmaps/coredns.json", Some("/data")),
        ] {
            let request = Request::Lines {
                id: 7,
                source: source(entry, at),
                first: 0,
                count: 1,
            };
            assert_eq!(
                desk().answer(&request),
                Some(Reply::Missing { id: 7 }),
                "{entry}"
            );
        }
    }

    #[test]
    fn a_file_that_is_no_bundle_fails_with_a_reason_and_help() {
        let Err(Reply::Failed { message, help, .. }) = Desk::open("x.png", b"\x89PNG") else {
            panic!("it opened");
        };
        assert_eq!(message, "this is not a bundle but a PNG image");
        assert!(help.is_some());
    }
}
