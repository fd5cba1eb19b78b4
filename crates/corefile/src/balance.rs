//! Which brace is to blame when braces do not match: CoreDNS names the last word it read.

use crate::lexer::{self, Token};
use crate::tree::{Corefile, Span};

/// A brace without a partner in its own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unbalanced {
    /// The brace that is most likely to blame, going by the indentation.
    pub brace: Span,
    /// Whether it is an opening one that is never closed; else it closes nothing.
    pub open: bool,
}

impl Corefile {
    /// Counts the braces of every file by itself, as an imported file ought to be balanced: the
    /// file that CoreDNS names is often not the one with the mistake.
    pub fn unbalanced(&self) -> Vec<Unbalanced> {
        let sources = self.sources().iter().enumerate();
        let found = sources
            .filter_map(|(index, source)| check(&lexer::tokens(index, &source.text), &source.text));
        found.collect()
    }
}

/// Counts the braces of one file.
pub(crate) fn check(tokens: &[Token], text: &str) -> Option<Unbalanced> {
    let mut open: Vec<(&Token, usize)> = Vec::new();
    let (mut suspect_open, mut suspect_close, mut extra) = (None, None, None);
    let mut last_line = 0;
    // Indentation of the line, or `None` unless the brace is its first token.
    let mut line_indent = 0;
    for token in tokens {
        let first = token.line != last_line;
        if first {
            line_indent = indent(text, token.start);
        }
        last_line = token.end_line;
        if token.opens() {
            // A block that begins as far left as one that is still open.
            if let Some((before, left)) = open.last()
                && *left >= line_indent
                && before.line != token.line
            {
                suspect_open.get_or_insert(**before);
            }
            open.push((token, line_indent));
        } else if token.closes() {
            match open.pop() {
                None => {
                    extra.get_or_insert(*token);
                }
                Some((brace, left)) if first => {
                    let fits_another = open.iter().any(|(_, left)| *left <= line_indent);
                    if left > line_indent && fits_another {
                        suspect_open.get_or_insert(*brace);
                    } else if left < line_indent {
                        suspect_close.get_or_insert(*token);
                    }
                }
                Some(_) => {}
            }
        }
    }
    let found = |token: Token, open| Unbalanced {
        brace: token.span(),
        open,
    };
    if let Some((last, _)) = open.last() {
        return Some(found(suspect_open.unwrap_or(**last), true));
    }
    extra.map(|extra| found(suspect_close.unwrap_or(extra), false))
}

/// White space before the first character of the line on which this byte stands.
fn indent(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit_once('\n').map_or(before, |(_, line)| line);
    line.chars().take_while(|c| c.is_whitespace()).count()
}
