//! Pieces and tokens of the Caddyfile, version 1 (github.com/coredns/caddy, caddyfile/lexer.go).
//!
//! Facts: a quote opens a token only as its first character; within quotes only `\"` is an
//! escape; `#` starts a comment at the start of a token, and inside a token it ends the token and
//! hides what follows up to white space; carriage returns outside quotes are dropped; an open
//! quote runs to the end of the text; a byte-order mark counts only as the first character.

use std::borrow::Cow;

use crate::scanner::{self, Scanner};
use crate::tree::Span;

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PieceKind {
    /// The byte-order mark at the start of the text.
    Mark,
    /// White space other than line feeds.
    Blank,
    /// One line feed.
    Break,
    /// `#` and what follows on its line.
    Comment,
    /// A token without quotes.
    Word,
    /// A token in quotes; it may span lines, and may lack its closing quote at the end of the text.
    Quoted,
    /// `#` stuck to a word, with what it hides up to white space.
    Hidden,
    /// A quote at the end of the text that opens nothing.
    Dangling,
}

impl PieceKind {
    /// Whether CoreDNS makes a token of it.
    pub fn is_token(self) -> bool {
        matches!(self, Self::Word | Self::Quoted)
    }
}

/// It is in quotes.
pub(crate) const QUOTED: u8 = 1;
/// Its closing quote is there.
pub(crate) const CLOSED: u8 = 2;
/// Its value is more than a slice of the text.
pub(crate) const ODD: u8 = 4;
/// It may refer to environment variables.
pub(crate) const VARIABLE: u8 = 8;

/// A token where it stands. Its text is taken from its source when it is needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) source: u32,
    /// Line on which it begins, from 1.
    pub(crate) line: u32,
    /// Line on which it ends; differs for quoted tokens that span lines.
    pub(crate) end_line: u32,
    pub(crate) flags: u8,
    /// The brace that is its whole value, or 0. Quotes make no difference.
    pub(crate) brace: u8,
}

impl Token {
    pub(crate) fn span(&self) -> Span {
        Span {
            source: self.source as usize,
            start: self.start,
            end: self.end,
        }
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether it may refer to environment variables.
    pub(crate) fn is_variable(&self) -> bool {
        self.has(VARIABLE)
    }

    /// The quote that opens it, if none closes it.
    pub(crate) fn unclosed(&self) -> Option<Span> {
        let open = self.has(QUOTED) && !self.has(CLOSED);
        open.then(|| Span {
            end: self.start + 1,
            ..self.span()
        })
    }

    pub(crate) fn opens(&self) -> bool {
        self.brace == b'{'
    }

    pub(crate) fn closes(&self) -> bool {
        self.brace == b'}'
    }

    pub(crate) fn is_brace(&self) -> bool {
        self.brace != 0
    }

    /// Its value before environment variables are put in.
    pub(crate) fn value<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let (start, end) = if self.has(QUOTED) {
            (self.start + 1, self.end - usize::from(self.has(CLOSED)))
        } else {
            (self.start, self.end)
        };
        let raw = text.get(start..end).unwrap_or_default();
        match (self.has(ODD), self.has(QUOTED)) {
            (false, _) => Cow::Borrowed(raw),
            (true, true) => Cow::Owned(unescape(raw)),
            (true, false) => Cow::Owned(raw.replace('\r', "")),
        }
    }

    /// Whether this token is an argument of `before`: on the very line, in the same file. A
    /// snippet's token may stand *above* the one it follows, and then is neither argument nor new
    /// line.
    pub(crate) fn continues(&self, before: &Token) -> bool {
        self.source == before.source && self.line == before.end_line
    }

    /// Whether this token begins a line after `before`, or comes from another file.
    pub(crate) fn starts_line_after(&self, before: &Token) -> bool {
        self.source != before.source || self.line > before.end_line
    }
}

fn unescape(raw: &str) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            // A backslash at the end of the text is dropped.
            None => {}
            Some('"') => value.push('"'),
            Some(c) => value.extend(['\\', c]),
        }
    }
    value
}

/// Splits a source into tokens.
pub(crate) fn tokens(source: usize, text: &str) -> Vec<Token> {
    let mut scanner = Scanner::new(source, text);
    // Lines of a Corefile are about six bytes a token.
    let mut tokens = Vec::with_capacity(text.len() / 7);
    scanner.mark();
    while let Some(byte) = scanner.byte() {
        match scanner::class(byte) {
            scanner::BLANK | scanner::RETURN => scanner.at += 1,
            scanner::BREAK => {
                scanner.at += 1;
                scanner.line += 1;
            }
            scanner::HASH => scanner.comment(),
            scanner::WIDE if scanner.blank() => {}
            _ if byte == b'"' => tokens.extend(scanner.quoted()),
            _ => {
                tokens.push(scanner.word());
                scanner.hidden();
            }
        }
    }
    tokens
}

/// Splits a text into all its pieces, calling `piece` with kind, start, end and line of each; the
/// token, if it is one, comes too.
pub(crate) fn pieces(
    text: &str,
    mut piece: impl FnMut(PieceKind, usize, usize, u32, Option<Token>),
) {
    let mut scanner = Scanner::new(0, text);
    if scanner.mark() {
        piece(PieceKind::Mark, 0, scanner.at, 1, None);
    }
    // Whether a word has just ended, to which a `#` would be stuck.
    let mut stuck = false;
    while let Some(byte) = scanner.byte() {
        let (start, line) = (scanner.at, scanner.line);
        let mut token = None;
        let kind = match scanner::class(byte) {
            scanner::BREAK => {
                scanner.at += 1;
                scanner.line += 1;
                PieceKind::Break
            }
            scanner::HASH if stuck => {
                scanner.hidden();
                PieceKind::Hidden
            }
            scanner::HASH => {
                scanner.comment();
                PieceKind::Comment
            }
            _ if scanner.blank() => PieceKind::Blank,
            _ if byte == b'"' => {
                token = scanner.quoted();
                if token.is_some() {
                    PieceKind::Quoted
                } else {
                    PieceKind::Dangling
                }
            }
            _ => {
                token = Some(scanner.word());
                PieceKind::Word
            }
        };
        let returns = || {
            text.get(start..scanner.at)
                .is_some_and(|it| it.bytes().all(|b| b == b'\r'))
        };
        stuck = kind == PieceKind::Word || (stuck && kind == PieceKind::Blank && returns());
        piece(kind, start, scanner.at, line, token);
    }
}

/// The value of a token of this kind with this text.
pub(crate) fn value(kind: PieceKind, text: &str) -> Option<String> {
    match kind {
        PieceKind::Word => Some(text.replace('\r', "")),
        PieceKind::Quoted => {
            let token = Scanner::new(0, text).quoted()?;
            Some(token.value(text).into_owned())
        }
        _ => None,
    }
}
