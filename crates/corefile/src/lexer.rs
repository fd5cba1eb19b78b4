//! Tokens of the Caddyfile, version 1 (github.com/coredns/caddy, caddyfile/lexer.go).

use crate::tree::{Span, Word};

/// A token with its line, which decides what belongs to a directive.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) word: Word,
    /// Line on which it begins, from 1.
    pub(crate) line: u32,
    /// Line on which it ends; differs for quoted tokens that span lines.
    pub(crate) end_line: u32,
}

impl Token {
    /// Whether it reads so. Quotes make no difference: to CoreDNS `"{"` is a brace.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.word.text == text
    }

    /// Whether this token is an argument of `before`: on the very line, in the same file. A
    /// snippet's token may stand *above* the one it follows, and then is neither argument nor new
    /// line.
    pub(crate) fn continues(&self, before: &Token) -> bool {
        self.word.span.source == before.word.span.source && self.line == before.end_line
    }

    /// Whether this token begins a line after `before`, or comes from another file.
    pub(crate) fn starts_line_after(&self, before: &Token) -> bool {
        self.word.span.source != before.word.span.source || self.line > before.end_line
    }
}

/// Splits a source into tokens.
///
/// Facts: a quote opens a token only as its first character; within quotes only `\"` is an
/// escape; `#` starts a comment at the start of a token, and inside a token it ends the token and
/// hides what follows up to white space; carriage returns outside quotes are dropped; an open
/// quote runs to the end of the file.
pub(crate) fn tokens(source: usize, text: &str) -> Vec<Token> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lexer = Lexer {
        source,
        text,
        at: text.len() - body.len(),
        line: 1,
        tokens: Vec::new(),
    };
    while lexer.next() {}
    lexer.tokens
}

struct Lexer<'a> {
    source: usize,
    text: &'a str,
    at: usize,
    line: u32,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn next(&mut self) -> bool {
        while let Some(c) = self.peek() {
            if !c.is_whitespace() {
                break;
            }
            self.bump(c);
        }
        match self.peek() {
            None => return false,
            Some('#') => self.comment(),
            Some('"') => self.quoted(),
            Some(_) => self.plain(),
        }
        true
    }

    fn comment(&mut self) {
        while let Some(c) = self.peek() {
            if c == '\n' {
                break;
            }
            self.bump(c);
        }
    }

    fn quoted(&mut self) {
        let (start, line) = (self.at, self.line);
        let mut value = String::new();
        self.bump('"');
        let (mut escaped, mut closed) = (false, false);
        while let Some(c) = self.peek() {
            self.bump(c);
            if escaped {
                if c != '"' {
                    value.push('\\');
                }
                value.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == '"' {
                closed = true;
                break;
            } else {
                value.push(c);
            }
        }
        if closed || !value.is_empty() {
            self.push(start, line, value);
        }
    }

    fn plain(&mut self) {
        let (start, line) = (self.at, self.line);
        let mut end = start;
        let mut value = String::new();
        let mut hidden = false;
        while let Some(c) = self.peek() {
            if c.is_whitespace() && c != '\r' {
                break;
            }
            hidden |= c == '#';
            self.bump(c);
            if !hidden && c != '\r' {
                value.push(c);
                end = self.at;
            }
        }
        if value.is_empty() {
            return;
        }
        let at = self.at;
        self.at = end;
        self.push(start, line, value);
        self.at = at;
    }

    fn push(&mut self, start: usize, line: u32, text: String) {
        let span = Span {
            source: self.source,
            start,
            end: self.at,
        };
        let word = Word { text, span };
        self.tokens.push(Token {
            word,
            line,
            end_line: self.line,
        });
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn bump(&mut self, c: char) {
        self.at += c.len_utf8();
        self.line += u32::from(c == '\n');
    }
}
