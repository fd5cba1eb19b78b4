//! The tokens of one directive as a setup walks through them
//! (github.com/coredns/caddy, caddyfile/dispenser.go).

use super::version::Version;
use crate::tree::{Source, Word};

/// A word with the line on which it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) word: &'a Word,
    line: usize,
}

/// Where each line of each source begins.
pub(super) struct Lines {
    starts: Vec<Vec<usize>>,
}

impl Lines {
    pub(super) fn new(sources: &[Source]) -> Self {
        let starts = sources.iter().map(|source| {
            let breaks = source.text.bytes().enumerate();
            breaks
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(at, _)| at)
                .collect()
        });
        Self {
            starts: starts.collect(),
        }
    }

    /// Where the block of a directive opens, if that is on a line below its own: no setup takes it
    /// for the directive's block then.
    pub(super) fn late_brace(&self, words: &[Word]) -> Option<usize> {
        let at = words.iter().position(|word| word.text == "{")?;
        let before = words.get(at.checked_sub(1)?)?;
        let (before, brace) = (self.token(before), self.token(words.get(at)?));
        let end = before.line + before.word.text.matches('\n').count();
        let same_file = before.word.span.source == brace.word.span.source;
        (same_file && brace.line > end).then_some(at)
    }

    pub(super) fn token<'a>(&self, word: &'a Word) -> Token<'a> {
        let breaks = self.starts.get(word.span.source);
        let line = breaks.map_or(0, |breaks| {
            breaks.partition_point(|at| *at < word.span.start)
        });
        Token { word, line }
    }
}

/// Walks through the tokens of all uses of a directive in a server block, the first use first.
///
/// What it takes for arguments and blocks decides what a setup sees, oddities included: a token
/// left over after a block counts as another use of the directive, whatever it says.
pub(super) struct Tokens<'a> {
    all: Vec<Token<'a>>,
    /// One more than the index of the current token.
    cursor: usize,
    nesting: usize,
    /// Whether properties may have blocks of their own.
    nests: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(tokens: Vec<Token<'a>>, version: Version) -> Self {
        Self {
            all: tokens,
            cursor: 0,
            nesting: 0,
            nests: version >= Version::new(1, 15, 0),
        }
    }

    /// The current token.
    pub(super) fn word(&self) -> Option<&'a Word> {
        let at = self.cursor.checked_sub(1)?;
        self.all.get(at).map(|token| token.word)
    }

    /// Text of the current token.
    pub(super) fn val(&self) -> &'a str {
        self.word().map_or("", |word| word.text.as_str())
    }

    /// Goes to the next token, if there is one.
    pub(super) fn next(&mut self) -> bool {
        let more = self.cursor < self.all.len();
        self.cursor += usize::from(more);
        more
    }

    /// Goes to the next token, if it is on the line of the current one.
    pub(super) fn next_arg(&mut self) -> bool {
        let same_line = match self.cursor.checked_sub(1) {
            None => true,
            Some(at) => match (self.all.get(at), self.all.get(self.cursor)) {
                (Some(here), Some(next)) => {
                    let end = here.line + here.word.text.matches('\n').count();
                    here.word.span.source == next.word.span.source && end == next.line
                }
                _ => false,
            },
        };
        same_line && self.next()
    }

    /// The tokens up to the end of the line or a `{`.
    pub(super) fn args(&mut self) -> Vec<&'a Word> {
        let mut args = Vec::new();
        while self.next_arg() {
            if self.val() == "{" {
                self.cursor -= 1;
                break;
            }
            args.extend(self.word());
        }
        args
    }

    /// Goes to the next property of the block that is open or opens here.
    ///
    /// From 1.15.0 on a property may open a block of its own, whose properties then follow as if
    /// they stood in the outer one.
    pub(super) fn next_block(&mut self) -> bool {
        if self.nesting > 0 {
            let more = self.next();
            if self.val() == "}" {
                self.nesting -= 1;
                return false;
            }
            if !(more && self.nests && self.val() == "{") {
                return more;
            }
            self.cursor -= 1;
        }
        if !self.next_arg() {
            return false;
        }
        if self.val() != "{" {
            self.cursor -= 1;
            return false;
        }
        if !self.next() || self.val() == "}" {
            return false;
        }
        self.nesting += 1;
        true
    }

    /// Leaves the rest of the line unread, up to a brace.
    pub(super) fn skip_line(&mut self) {
        while self.next_arg() {
            if matches!(self.val(), "{" | "}") {
                self.cursor -= 1;
                break;
            }
        }
    }
}
