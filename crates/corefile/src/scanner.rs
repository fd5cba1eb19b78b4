//! Takes words, quotes, comments and blanks off a text, byte by byte.

use crate::lexer::{CLOSED, ODD, QUOTED, Token, VARIABLE};

const ORDINARY: u8 = 0;
pub(crate) const BLANK: u8 = 1;
pub(crate) const BREAK: u8 = 2;
pub(crate) const RETURN: u8 = 3;
pub(crate) const HASH: u8 = 4;
const OPEN: u8 = 5;
pub(crate) const WIDE: u8 = 6;

/// What a byte means within a plain word.
static CLASS: [u8; 256] = {
    let mut table = [ORDINARY; 256];
    let mut byte = 0x80;
    while byte < 256 {
        table[byte] = WIDE;
        byte += 1;
    }
    table[b' ' as usize] = BLANK;
    table[b'\t' as usize] = BLANK;
    table[0x0b] = BLANK;
    table[0x0c] = BLANK;
    table[b'\n' as usize] = BREAK;
    table[b'\r' as usize] = RETURN;
    table[b'#' as usize] = HASH;
    table[b'{' as usize] = OPEN;
    table
};

#[expect(clippy::indexing_slicing, reason = "a byte is always within the table")]
#[inline]
pub(crate) fn class(byte: u8) -> u8 {
    CLASS[byte as usize]
}

/// Walks through a text. Whoever calls looks at the next byte and says what to take.
pub(crate) struct Scanner<'a> {
    source: u32,
    text: &'a str,
    bytes: &'a [u8],
    /// The next byte.
    pub(crate) at: usize,
    /// Its line, from 1.
    pub(crate) line: u32,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(source: usize, text: &'a str) -> Self {
        Self {
            source: u32::try_from(source).unwrap_or(u32::MAX),
            text,
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    #[inline]
    pub(crate) fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn wide(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    pub(crate) fn mark(&mut self) -> bool {
        let found = self.text.starts_with('\u{feff}');
        self.at += if found { 3 } else { 0 };
        found
    }

    /// Skips white space other than line feeds; whether there was any.
    pub(crate) fn blank(&mut self) -> bool {
        let start = self.at;
        while let Some(byte) = self.byte() {
            match class(byte) {
                BLANK | RETURN => self.at += 1,
                WIDE => match self.wide(self.at) {
                    Some(c) if c.is_whitespace() => self.at += c.len_utf8(),
                    _ => break,
                },
                _ => break,
            }
        }
        self.at > start
    }

    pub(crate) fn comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n');
        self.at += length.unwrap_or(rest.len());
    }

    /// Skips what a `#` inside a word hides; carriage returns before it belong to the word.
    pub(crate) fn hidden(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let returns = rest.iter().take_while(|byte| **byte == b'\r').count();
        if rest.get(returns) != Some(&b'#') {
            return;
        }
        self.at += returns;
        while let Some(byte) = self.byte() {
            match class(byte) {
                BLANK | BREAK => break,
                WIDE => match self.wide(self.at) {
                    Some(c) if !c.is_whitespace() => self.at += c.len_utf8(),
                    _ => break,
                },
                _ => self.at += 1,
            }
        }
    }

    #[inline]
    pub(crate) fn word(&mut self) -> Token {
        let start = self.at;
        let mut end = start;
        let mut flags = 0;
        while let Some(byte) = self.bytes.get(end).copied() {
            match class(byte) {
                ORDINARY => end += 1,
                OPEN => {
                    if matches!(self.bytes.get(end + 1), Some(b'$' | b'%')) {
                        flags |= VARIABLE;
                    }
                    end += 1;
                }
                WIDE => match self.wide(end) {
                    Some(c) if !c.is_whitespace() => end += c.len_utf8(),
                    _ => break,
                },
                RETURN => {
                    let rest = self.bytes.get(end..).unwrap_or_default();
                    let returns = rest.iter().take_while(|byte| **byte == b'\r').count();
                    if !self.goes_on(end + returns) {
                        break;
                    }
                    // `{` and `$` may have carriage returns between them.
                    flags |= ODD | VARIABLE;
                    end += returns;
                }
                _ => break,
            }
        }
        self.at = end;
        let brace = match self.bytes.get(start) {
            Some(byte @ (b'{' | b'}')) if end == start + 1 => *byte,
            _ => 0,
        };
        Token {
            start,
            end,
            source: self.source,
            line: self.line,
            end_line: self.line,
            flags,
            brace,
        }
    }

    /// Whether a word goes on at this byte, after carriage returns.
    fn goes_on(&self, at: usize) -> bool {
        self.bytes.get(at).is_some_and(|byte| match class(*byte) {
            BLANK | BREAK | HASH => false,
            WIDE => self.wide(at).is_some_and(|c| !c.is_whitespace()),
            _ => true,
        })
    }

    /// Takes a quoted token. An open quote with nothing behind it is none.
    pub(crate) fn quoted(&mut self) -> Option<Token> {
        let (start, line) = (self.at, self.line);
        self.at += 1;
        let mut flags = QUOTED;
        while let Some(byte) = self.byte() {
            self.at += 1;
            match byte {
                b'"' => {
                    flags |= CLOSED;
                    break;
                }
                b'\\' => {
                    let next = self.byte();
                    if matches!(next, None | Some(b'"')) {
                        flags |= ODD;
                    }
                    self.line += u32::from(next == Some(b'\n'));
                    // The rest of a wide character does no harm, nor does a second backslash.
                    self.at += usize::from(next.is_some());
                }
                b'\n' => self.line += 1,
                b'{' if matches!(self.byte(), Some(b'$' | b'%')) => flags |= VARIABLE,
                _ => {}
            }
        }
        let closed = flags & CLOSED != 0;
        let inner = self.bytes.get(start + 1..self.at - usize::from(closed));
        let inner = inner.unwrap_or_default();
        if !closed && matches!(inner, b"" | b"\\") {
            return None;
        }
        let brace = match inner {
            [byte @ (b'{' | b'}')] => *byte,
            _ => 0,
        };
        Some(Token {
            start,
            end: self.at,
            source: self.source,
            line,
            end_line: self.line,
            flags,
            brace,
        })
    }
}
