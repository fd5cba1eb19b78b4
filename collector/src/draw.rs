//! Draws remarks under the lines they are about, as compilers do.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::error::plain;
use crate::output;

/// How bad a remark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The program that reads this text refuses it.
    Error,
    /// It is taken, but hardly as meant.
    Warning,
}

/// A remark on a piece of a text.
#[derive(Clone, Debug)]
pub(crate) struct Remark<'a> {
    /// How bad it is.
    pub(crate) weight: Weight,
    /// The remark in one line.
    pub(crate) title: String,
    /// What the text is called.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: &'a str,
    /// The piece, in bytes of the text.
    pub(crate) span: Range<usize>,
    /// Stands beside the carets; may be empty.
    pub(crate) label: String,
    /// What to do; may be empty.
    pub(crate) help: String,
}

/// Longest line that is drawn, in characters; of longer ones the part around the piece.
const LONGEST: usize = 160;

/// How wide a tab is drawn.
const TAB: &str = "    ";

/// Draws it with a final line break.
pub(crate) fn draw(remark: &Remark<'_>, color: bool) -> String {
    let excerpt = Excerpt::of(remark.text, &remark.span);
    let annotation = AnnotationKind::Primary.span(excerpt.span.clone());
    let label = plain(&remark.label);
    let annotation = if label.is_empty() {
        annotation
    } else {
        annotation.label(label.as_str())
    };
    let path = plain(&remark.path);
    let snippet = Snippet::source(excerpt.text.as_str())
        .line_start(excerpt.line)
        .path(path.as_str())
        .fold(false)
        .annotation(annotation);
    let level = match remark.weight {
        Weight::Error => Level::ERROR,
        Weight::Warning => Level::WARNING,
    };
    let title = plain(&remark.title);
    let mut groups = vec![Group::with_title(level.primary_title(title.as_str())).element(snippet)];
    let help = plain(&remark.help);
    if !help.is_empty() {
        groups[0] = std::mem::replace(&mut groups[0], Group::with_level(Level::HELP))
            .element(Level::HELP.message(help.as_str()));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let drawn = renderer.term_width(output::width()).render(&groups);
    let mut lines: Vec<&str> = drawn.lines().map(str::trim_end).collect();
    lines.extend(["", ""]);
    lines.join("\n")
}

/// The lines of a text that a piece stands on, ready to be drawn.
struct Excerpt {
    text: String,
    line: usize,
    span: Range<usize>,
}

impl Excerpt {
    fn of(text: &str, span: &Range<usize>) -> Self {
        let start = floor(text, span.start.min(text.len()));
        let end = floor(text, span.end.clamp(start, text.len()));
        let line_start = text
            .get(..start)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |at| at + 1);
        let line_end = text
            .get(start..)
            .and_then(|rest| rest.find('\n'))
            .map_or(text.len(), |at| start + at);
        // Carets over several lines say less than those on the first.
        let end = end.min(line_end);
        let number = 1 + text.get(..line_start).unwrap_or("").matches('\n').count();
        let before = text.get(line_start..start).unwrap_or("");
        let piece = text.get(start..end).unwrap_or("");
        let after = text.get(end..line_end).unwrap_or("");
        let room = LONGEST / 2;
        let before_shown = last_characters(before, room);
        let piece_shown = first_characters(piece, LONGEST);
        let after_shown = first_characters(after, room);
        let mut out = String::new();
        if before_shown.len() < before.len() {
            out.push_str("...");
        }
        let shown = |text: &str| plain(&text.replace('\t', TAB));
        out.push_str(&shown(before_shown));
        let from = out.len();
        out.push_str(&shown(piece_shown));
        let to = out.len();
        out.push_str(&shown(after_shown));
        if after_shown.len() < after.len() || piece_shown.len() < piece.len() {
            out.push_str("...");
        }
        Self {
            text: out,
            line: number,
            span: from..to,
        }
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn first_characters(text: &str, count: usize) -> &str {
    let end = text.char_indices().nth(count).map_or(text.len(), |it| it.0);
    text.get(..end).unwrap_or(text)
}

fn last_characters(text: &str, count: usize) -> &str {
    let total = text.chars().count();
    let skip = total.saturating_sub(count);
    let start = text.char_indices().nth(skip).map_or(text.len(), |it| it.0);
    text.get(start..).unwrap_or(text)
}
