//! Reads a resolv.conf as a given implementation does.

mod glibc;
mod go;
mod musl;

use std::ops::Range;

use crate::{Environment, Implementation, Settings};

/// What `implementation` really uses of `text`, the content of `/etc/resolv.conf`.
///
/// Never fails: what the implementation skips is skipped, and said in
/// [`Settings::observations`].
///
/// ```
/// use digpod_resolv::{Environment, Implementation, Seen, read_as};
///
/// let text = "nameserver 10.0.0.10\noptions ndots:5 rotate\n";
/// let musl = read_as(text, Implementation::MUSL, &Environment::default());
/// assert_eq!(musl.ndots.value, 5);
/// assert_eq!(musl.observations[0].seen, Seen::OptionIgnored);
/// assert_eq!(musl.observations[0].text, "rotate");
/// ```
pub fn read_as(
    text: &str,
    implementation: Implementation,
    environment: &Environment<'_>,
) -> Settings {
    let mut settings = Settings::defaults(implementation);
    match implementation {
        Implementation::Glibc(_) => glibc::read(text, environment, &mut settings),
        Implementation::Musl(_) => musl::read(text, &mut settings),
        Implementation::Go(_) => go::read(text, environment, &mut settings),
    }
    settings
        .observations
        .sort_by_key(|seen| seen.span.as_ref().map_or(usize::MAX, |span| span.start));
    settings
}

/// A line of the text and where it starts.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// Without its newline.
    text: &'a str,
    start: usize,
    /// Whether a newline ends it.
    ended: bool,
}

impl<'a> Line<'a> {
    fn span(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// The words between `is_blank` characters, from byte `from` of the line.
    fn words(self, from: usize, is_blank: fn(char) -> bool) -> Vec<Word<'a>> {
        let mut words = Vec::new();
        let mut at = from;
        for piece in self.text.get(from..).unwrap_or_default().split(is_blank) {
            if !piece.is_empty() {
                let start = self.start + at;
                words.push(Word {
                    text: piece,
                    span: start..start + piece.len(),
                });
            }
            // Every blank is one byte.
            at += piece.len() + 1;
        }
        words
    }
}

/// A word and where it stands.
struct Word<'a> {
    text: &'a str,
    span: Range<usize>,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |whole| {
        let line = whole.strip_suffix('\n');
        let this = Line {
            text: line.unwrap_or(whole),
            start,
            ended: line.is_some(),
        };
        start += whole.len();
        this
    })
}

/// `isspace` of C.
fn is_c_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// Whether the text has a word that all resolvers have as a keyword, in the wrong place.
fn hidden_keyword(text: &str) -> bool {
    matches!(
        text.split_whitespace().next(),
        Some("nameserver" | "search" | "domain" | "options")
    )
}
