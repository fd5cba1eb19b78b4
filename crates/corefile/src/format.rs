//! Canonical formatting. It never changes the tokens, nor which of them share a line, nor
//! comments; so CoreDNS reads the same before and after.

use std::ops::Range;

use crate::document::{Document, Piece};
use crate::lexer::PieceKind;

/// One step of indentation, as in the documents of CoreDNS.
const STEP: &str = "    ";

/// A text that was formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The text. It ends in one line feed, unless it is empty or ends in an open quote.
    pub bytes: Vec<u8>,
    /// Lines of the given text that were left as they were, because their braces do not match;
    /// from 1, the end not included.
    pub left: Vec<Range<u32>>,
}

/// Formats a Corefile, or a file that one imports.
///
/// - Four blanks a level; one blank between words; none at the end of a line.
/// - One empty line between blocks, at most one elsewhere, none at the start or end of a block.
/// - No byte-order mark and no carriage returns, but within quotes.
/// - Comments and quotes stay as they are, and so does every line that is part of a block whose
///   braces do not match.
///
/// Formatting twice is formatting once. As no line ends in white space, a ConfigMap that holds
/// the text shows it as lines (`|`) and not as one long string.
///
/// ```
/// let text = b".:53 {\n  errors\n\n\n\tcache   30 # s\n}\ncorp.internal {\n}";
/// let formatted = digpod_corefile::format(text);
/// assert_eq!(
///     String::from_utf8(formatted.bytes).unwrap(),
///     ".:53 {\n    errors\n\n    cache 30 # s\n}\n\ncorp.internal {\n}\n"
/// );
/// assert!(formatted.left.is_empty());
/// ```
pub fn format(bytes: &[u8]) -> Formatted {
    let document = Document::read(bytes);
    let lines = lines(document.pieces());
    let mut printer = Printer::default();
    let mut at = 0;
    while let Some(rest) = lines.get(at..).filter(|rest| !rest.is_empty()) {
        let item = Item::of(rest);
        let taken = rest.get(..item.length).unwrap_or_default();
        printer.item(item.kind, taken);
        at += item.length.max(1);
    }
    printer.end()
}

/// The pieces of a line without blanks, breaks and byte-order mark. A quoted token may make it
/// more than one line.
struct Line<'a> {
    /// Everything but the break.
    all: &'a [Piece],
    has_break: bool,
    number: u32,
}

impl<'a> Line<'a> {
    fn words(&self) -> impl DoubleEndedIterator<Item = &'a Piece> + use<'a> {
        self.all
            .iter()
            .filter(|piece| !matches!(piece.kind(), PieceKind::Blank | PieceKind::Mark))
    }

    fn tokens(&self) -> impl Iterator<Item = &'a Piece> + use<'a> {
        self.words().filter(|piece| piece.kind().is_token())
    }

    fn is_empty(&self) -> bool {
        self.words().next().is_none()
    }

    fn is_comment(&self) -> bool {
        !self.is_empty() && self.tokens().next().is_none()
    }
}

fn lines(pieces: &[Piece]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut rest = pieces;
    while let Some(first) = rest.first() {
        let length = rest
            .iter()
            .position(|piece| piece.kind() == PieceKind::Break);
        let (all, after) = rest.split_at(length.unwrap_or(rest.len()));
        lines.push(Line {
            all,
            has_break: length.is_some(),
            number: first.line(),
        });
        rest = after.get(1..).unwrap_or_default();
    }
    lines
}

/// The brace that a token is.
fn brace(piece: &Piece) -> Option<bool> {
    match piece.bytes() {
        b"{" | b"\"{\"" => Some(true),
        b"}" | b"\"}\"" => Some(false),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ItemKind {
    /// Lines without tokens and without comments.
    Empty,
    /// Comments.
    Comment,
    /// A line outside blocks.
    Line,
    /// A block.
    Block,
    /// Lines whose braces do not match.
    Broken,
}

/// What stands at the outermost level, and how many lines it has.
struct Item {
    kind: ItemKind,
    length: usize,
}

impl Item {
    fn of(lines: &[Line<'_>]) -> Self {
        let empty = lines.iter().take_while(|line| line.is_empty()).count();
        if empty > 0 {
            return Self {
                kind: ItemKind::Empty,
                length: empty,
            };
        }
        let comments = lines.iter().take_while(|line| line.is_comment()).count();
        if comments > 0 {
            return Self {
                kind: ItemKind::Comment,
                length: comments,
            };
        }
        let (mut depth, mut kind) = (0_usize, ItemKind::Line);
        for (index, line) in lines.iter().enumerate() {
            let mut before = None;
            for token in line.tokens() {
                match brace(token) {
                    Some(true) => {
                        // CoreDNS wants words before it on its line, but for a server block's.
                        if depth > 0 && before.is_none()
                            || depth == 0 && index == 0 && before.is_none()
                        {
                            kind = ItemKind::Broken;
                        } else if kind == ItemKind::Line {
                            kind = ItemKind::Block;
                        }
                        depth += 1;
                    }
                    Some(false) if depth == 0 => kind = ItemKind::Broken,
                    Some(false) => {
                        depth -= 1;
                        // A directive's line has no brace of its own to close.
                        if depth == 0 && before.is_some_and(|before| brace(before).is_none()) {
                            kind = ItemKind::Broken;
                        }
                    }
                    None => {}
                }
                before = Some(token);
            }
            // The brace of a server block may stand on the next line.
            let goes_on = depth == 0
                && kind == ItemKind::Line
                && lines.get(index + 1).is_some_and(|next| {
                    next.tokens()
                        .next()
                        .is_some_and(|it| brace(it) == Some(true))
                });
            if depth == 0 && !goes_on {
                return Self {
                    kind,
                    length: index + 1,
                };
            }
        }
        // It never ends.
        Self {
            kind: ItemKind::Broken,
            length: lines.len(),
        }
    }
}

#[derive(Default)]
struct Printer {
    out: Vec<u8>,
    left: Vec<Range<u32>>,
    /// Whether empty lines were given since the last item.
    gap: bool,
    /// Kind of the item before.
    before: Option<ItemKind>,
    /// Comments that may belong to the block after them.
    comments: Option<Vec<u8>>,
    /// Whether there was a gap before those comments.
    comment_gap: bool,
}

impl Printer {
    fn item(&mut self, kind: ItemKind, lines: &[Line<'_>]) {
        match kind {
            ItemKind::Empty => {
                self.flush_comments();
                self.gap = true;
            }
            ItemKind::Comment => {
                let mut text = Vec::new();
                for line in lines {
                    print_line(&mut text, 0, line);
                }
                self.comment_gap = self.gap;
                self.gap = false;
                self.comments = Some(text);
            }
            ItemKind::Line | ItemKind::Block => {
                let comments = self.comments.take();
                if comments.is_some() {
                    self.gap = self.comment_gap;
                }
                self.separate(kind);
                self.out.extend(comments.unwrap_or_default());
                self.block(lines);
                self.before = Some(kind);
            }
            ItemKind::Broken => {
                let comments = self.comments.take();
                if comments.is_some() {
                    self.gap = self.comment_gap;
                }
                self.separate(kind);
                self.out.extend(comments.unwrap_or_default());
                self.verbatim(lines);
                self.before = Some(kind);
            }
        }
    }

    /// Puts an empty line before an item, if it is due.
    fn separate(&mut self, kind: ItemKind) {
        let between_blocks = kind == ItemKind::Block && self.before == Some(ItemKind::Block);
        if !self.out.is_empty() && (self.gap || between_blocks) {
            self.out.push(b'\n');
        }
        self.gap = false;
    }

    fn flush_comments(&mut self) {
        if let Some(comments) = self.comments.take() {
            self.gap = self.comment_gap;
            self.separate(ItemKind::Comment);
            self.out.extend(comments);
            self.before = Some(ItemKind::Comment);
        }
    }

    fn block(&mut self, lines: &[Line<'_>]) {
        let mut depth = 0_usize;
        // Whether an empty line is due, which is never after an opening brace.
        let (mut gap, mut opened) = (false, true);
        for line in lines {
            if line.is_empty() {
                gap = !opened;
                continue;
            }
            let closing = line
                .tokens()
                .take_while(|token| brace(token) == Some(false))
                .count();
            if gap && closing == 0 {
                self.out.push(b'\n');
            }
            gap = false;
            print_line(&mut self.out, depth.saturating_sub(closing), line);
            for token in line.tokens() {
                match brace(token) {
                    Some(true) => depth += 1,
                    Some(false) => depth = depth.saturating_sub(1),
                    None => {}
                }
            }
            let last = line.tokens().last().and_then(brace);
            opened = last == Some(true) || (opened && line.is_comment() && depth == 0);
        }
    }

    fn verbatim(&mut self, lines: &[Line<'_>]) {
        let first = lines.first().map_or(1, |line| line.number);
        let mut end = first;
        for line in lines {
            // Quoted tokens may span lines.
            let mut breaks = 1;
            for piece in line.all.iter().filter(|it| it.kind() != PieceKind::Mark) {
                self.out.extend_from_slice(piece.bytes());
                breaks += piece.bytes().split(|byte| *byte == b'\n').count() - 1;
            }
            if line.has_break {
                self.out.push(b'\n');
            }
            end = line
                .number
                .saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        }
        self.left.push(first..end);
    }

    fn end(mut self) -> Formatted {
        self.flush_comments();
        // A character that would be taken for a byte-order mark needs one before it.
        if self.out.starts_with("\u{feff}".as_bytes()) {
            self.out.splice(0..0, "\u{feff}".bytes());
        }
        Formatted {
            bytes: self.out,
            left: self.left,
        }
    }
}

fn print_line(out: &mut Vec<u8>, depth: usize, line: &Line<'_>) {
    let start = out.len();
    for piece in line.words() {
        // What is stuck to a word stays so.
        if out.len() > start && piece.kind() != PieceKind::Hidden {
            out.push(b' ');
        } else if out.len() == start {
            out.extend(STEP.bytes().cycle().take(STEP.len() * depth));
        }
        match piece.kind() {
            // Without the carriage returns, bytes that are not UTF-8 might become UTF-8.
            PieceKind::Word | PieceKind::Hidden if std::str::from_utf8(piece.bytes()).is_ok() => {
                out.extend(piece.bytes().iter().filter(|byte| **byte != b'\r'));
            }
            PieceKind::Comment => out.extend_from_slice(trimmed(piece.bytes())),
            _ => out.extend_from_slice(piece.bytes()),
        }
    }
    let open = line.words().next_back().is_some_and(|last| {
        matches!(last.kind(), PieceKind::Quoted | PieceKind::Dangling) && !line.has_break
    });
    // An open quote would take the line feed in.
    if !open {
        out.push(b'\n');
    }
}

/// A comment without white space at its end.
fn trimmed(comment: &[u8]) -> &[u8] {
    let text = String::from_utf8_lossy(comment);
    let kept = text.trim_end();
    if text.len() == comment.len() {
        comment.get(..kept.len()).unwrap_or(comment)
    } else {
        comment.trim_ascii_end()
    }
}
