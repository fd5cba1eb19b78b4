//! Evidence as source lines with carets.
//!
//! Pieces of one text share an excerpt; what lies between them is left out.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::paint::Paint;
use super::pick::same_text;
use super::text::wrap;
use crate::place;
use crate::v1::Evidence;

/// Lines between two pieces of one text beyond which they are drawn apart.
const FAR: u32 = 10_000;
/// Columns that a note needs beside its caret; with less it stands below.
const NARROW: usize = 32;
/// Stands where a long line is cut.
const CUT: &str = "...";

/// Draws pieces of evidence; the first is the primary one.
pub(super) fn draw(evidence: &[&Evidence], paint: Paint, width: usize) -> Vec<String> {
    // As the renderer does it: digits of the largest line number, then ` | `.
    let numbers = evidence.iter().map(|piece| last_line(piece)).max();
    let gutter = numbers.unwrap_or(1).to_string().len();
    let room = width.saturating_sub(gutter + 3);
    let sources: Vec<Source<'_>> = sources(evidence, room);
    let labels: Vec<Vec<String>> = sources
        .iter()
        .map(|source| source.labels(gutter, width))
        .collect();
    let paths: Vec<String> = sources.iter().map(Source::path).collect();
    let mut group = Group::with_level(Level::NOTE);
    for (at, source) in sources.iter().enumerate() {
        let mut snippet = Snippet::source(source.text.as_str())
            .line_start(source.first_line as usize)
            .fold(true);
        if let Some(path) = paths.get(at) {
            snippet = snippet.path(path.as_str());
        }
        for (index, piece) in source.pieces.iter().enumerate() {
            let primary = at == 0 && index == 0;
            let kind = if primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let label = labels.get(at).and_then(|labels| labels.get(index));
            let annotation = kind.span(source.span(piece));
            snippet = snippet.annotation(match label {
                Some(label) => annotation.label(label.as_str()),
                None => annotation,
            });
        }
        group = group.element(snippet);
    }
    let renderer = if paint.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let drawn = renderer.term_width(width).render(&[group]);
    drawn.lines().map(str::to_owned).collect()
}

fn last_line(piece: &Evidence) -> u32 {
    let lines = u32::try_from(piece.excerpt.lines.len()).unwrap_or(u32::MAX);
    piece
        .excerpt
        .first_line
        .saturating_add(lines.saturating_sub(1))
}

/// One text and the pieces in it.
struct Source<'a> {
    pieces: Vec<&'a Evidence>,
    first_line: u32,
    /// The known lines; empty lines stand for the ones between.
    lines: Vec<Line>,
    text: String,
}

/// A line as it is drawn.
#[derive(Default)]
struct Line {
    text: String,
    /// Characters of the original that were cut from its start.
    cut: usize,
}

impl Source<'_> {
    fn path(&self) -> String {
        self.pieces
            .first()
            .map(|piece| place::text(piece))
            .unwrap_or_default()
    }

    /// The piece in bytes of the text; of several lines the first, for carets over several lines
    /// say less than one.
    fn span(&self, piece: &Evidence) -> Range<usize> {
        let skip = piece.line.saturating_sub(self.first_line) as usize;
        let before = self.lines.iter().take(skip);
        let start: usize = before.map(|line| line.text.len() + 1).sum();
        let Some(line) = self.lines.get(skip) else {
            return 0..0;
        };
        let mark = if line.cut > 0 { CUT.len() } else { 0 };
        let byte = |column: u32| {
            let column = (column as usize).saturating_sub(1 + line.cut) + mark;
            let found = line.text.char_indices().nth(column);
            start + found.map_or(line.text.len(), |(at, _)| at)
        };
        let from = byte(piece.column);
        let to = if piece.end_line > piece.line {
            start + line.text.len()
        } else {
            byte(piece.end_column)
        };
        from..to.max(from)
    }

    /// The notes, wrapped. What a note adds after its first clause is not said twice.
    fn labels(&self, gutter: usize, width: usize) -> Vec<String> {
        let mut said = Vec::new();
        let mut labels = Vec::new();
        let by_line = |at: &usize| self.pieces.get(*at).map(|piece| piece.line);
        let mut order: Vec<usize> = (0..self.pieces.len()).collect();
        order.sort_by_key(by_line);
        for at in order {
            let Some(piece) = self.pieces.get(at) else {
                continue;
            };
            let (clause, tail) = piece.note.split_once(", ").unwrap_or((&piece.note, ""));
            let note = if said.contains(&tail) && !tail.is_empty() {
                clause
            } else {
                &piece.note
            };
            said.push(tail);
            labels.push((at, label(note, self.end(piece), gutter, width)));
        }
        labels.sort_by_key(|(at, _)| *at);
        labels.into_iter().map(|(_, label)| label).collect()
    }

    /// The column after a piece as it is drawn, from 0; nothing has a caret, too.
    fn end(&self, piece: &Evidence) -> usize {
        let span = self.span(piece);
        let before = |end: usize| {
            let text = self.text.get(..end).unwrap_or_default();
            text.rsplit('\n').next().unwrap_or_default().chars().count()
        };
        before(span.end).max(before(span.start) + 1)
    }
}

fn sources<'a>(evidence: &[&'a Evidence], room: usize) -> Vec<Source<'a>> {
    let mut groups: Vec<Vec<&'a Evidence>> = Vec::new();
    for piece in evidence {
        let near =
            |other: &&Evidence| same_text(other, piece) && other.line.abs_diff(piece.line) <= FAR;
        match groups.iter_mut().find(|group| group.iter().all(near)) {
            Some(group) => group.push(piece),
            None => groups.push(vec![piece]),
        }
    }
    groups
        .into_iter()
        .map(|pieces| source(pieces, room))
        .collect()
}

fn source(pieces: Vec<&Evidence>, room: usize) -> Source<'_> {
    let mut known: BTreeMap<u32, &str> = BTreeMap::new();
    for piece in &pieces {
        let numbers = piece.excerpt.first_line.max(1)..;
        known.extend(numbers.zip(piece.excerpt.lines.iter().map(String::as_str)));
    }
    let first_line = known.keys().next().copied().unwrap_or(1);
    let last_line = known.keys().next_back().copied().unwrap_or(1);
    let lines: Vec<Line> = (first_line..=last_line)
        .map(|number| {
            let of_line = pieces.iter().filter(|piece| piece.line == number);
            let column = of_line
                .map(|piece| piece.column as usize)
                .min()
                .unwrap_or(1);
            known
                .get(&number)
                .map(|line| clipped(line, column, room))
                .unwrap_or_default()
        })
        .collect();
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    Source {
        pieces,
        first_line,
        text: text.join("\n"),
        lines,
    }
}

/// A line that fits, with the column that matters in it.
fn clipped(line: &str, column: usize, room: usize) -> Line {
    let length = line.chars().count();
    if length <= room {
        return Line {
            text: line.to_owned(),
            cut: 0,
        };
    }
    // A third of the room for what stands before, where the column would not be seen otherwise.
    let cut = if column + room / 3 > room {
        column.saturating_sub(room / 3)
    } else {
        0
    };
    let cut = cut.min(length.saturating_sub(room / 2));
    let start = if cut > 0 { CUT } else { "" };
    let rest: String = line.chars().skip(cut).collect();
    let space = room.saturating_sub(start.len());
    if rest.chars().count() <= space {
        return Line {
            text: format!("{start}{rest}"),
            cut,
        };
    }
    let shown: String = rest.chars().take(space.saturating_sub(CUT.len())).collect();
    Line {
        text: format!("{start}{shown}{CUT}"),
        cut,
    }
}

/// The note, wrapped; the renderer itself does not, so that further lines bring their own margin.
fn label(note: &str, end: usize, gutter: usize, width: usize) -> String {
    let margin = gutter + 3;
    // One blank stands before the note.
    let beside = margin + end + 1;
    if beside + note.chars().count() <= width {
        return note.to_owned();
    }
    let (below, indent) = if beside + NARROW <= width {
        (false, beside)
    } else {
        (true, margin + 2)
    };
    let lines = wrap(note, width.saturating_sub(indent));
    let start = format!("{:gutter$} |{:rest$}", "", "", rest = indent - gutter - 2);
    let text = lines.join(&format!("\n{start}"));
    if below {
        format!("\n{start}{text}")
    } else {
        text
    }
}
