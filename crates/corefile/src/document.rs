//! A text in pieces that lose nothing: what comes out is what went in, also bytes that are not
//! UTF-8, and a token can be changed without touching anything else.

use std::borrow::Cow;

use crate::lexer::{self, PieceKind};

/// A piece of a text: a token, or what stands between tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    kind: PieceKind,
    bytes: Box<[u8]>,
    line: u32,
}

impl Piece {
    /// What it is.
    pub fn kind(&self) -> PieceKind {
        self.kind
    }

    /// Its bytes, quotes included.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The line on which it begins, from 1, in the text that was read.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// What CoreDNS makes of it: the value of a token, without quotes. `None` if it is no token.
    pub fn value(&self) -> Option<String> {
        lexer::value(self.kind, &decode(&self.bytes))
    }
}

/// Why a token cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no piece of this number, or it is no token.
    #[error("piece {0} is not a token")]
    NotAToken(usize),
    /// A Caddyfile cannot spell this value.
    #[error("a Corefile cannot spell this value")]
    Unwritable,
    /// The value needs quotes, and behind quotes the `#` stuck to the word would hide its line.
    #[error("the word has a '#' stuck to it, and the new value needs quotes")]
    BeforeHidden,
}

impl EditError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotAToken(_) => "Choose a piece whose kind is a word or a quoted word.",
            Self::Unwritable => {
                "Choose a value that does not end in a backslash and has no backslash before a quote."
            }
            Self::BeforeHidden => "Put a blank before the '#' first.",
        }
    }
}

/// A text in pieces. Their bytes, one after the other, are the text.
///
/// ```
/// use digpod_corefile::Document;
///
/// let mut document = Document::read(b".:53 {\r\n\tforward . 10.1.0.4 # hub\r\n}\r\n");
/// let upstream = document.find("10.1.0.4").unwrap();
/// document.set(upstream, "10.1.0.5").unwrap();
/// assert_eq!(document.to_bytes(), b".:53 {\r\n\tforward . 10.1.0.5 # hub\r\n}\r\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pieces: Vec<Piece>,
}

impl Document {
    /// Splits bytes into pieces.
    pub fn read(bytes: &[u8]) -> Self {
        let text = decode(bytes);
        let mut pieces = Vec::new();
        let mut rest = bytes;
        lexer::pieces(&text, |kind, start, end, line, _| {
            let piece = text.get(start..end).unwrap_or_default();
            let (taken, after) = rest.split_at(length_in(rest, piece));
            rest = after;
            pieces.push(Piece {
                kind,
                bytes: taken.into(),
                line,
            });
        });
        Self { pieces }
    }

    /// The pieces in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text again.
    pub fn to_bytes(&self) -> Vec<u8> {
        let length = self.pieces.iter().map(|piece| piece.bytes.len()).sum();
        let mut bytes = Vec::with_capacity(length);
        for piece in &self.pieces {
            bytes.extend_from_slice(&piece.bytes);
        }
        bytes
    }

    /// The number of the first token with this value.
    pub fn find(&self, value: &str) -> Option<usize> {
        self.pieces
            .iter()
            .position(|piece| piece.value().as_deref() == Some(value))
    }

    /// Gives a token another value, in quotes if it needs them or had them.
    ///
    /// # Errors
    ///
    /// If it is no token, or if the value cannot be written in its place.
    pub fn set(&mut self, number: usize, value: &str) -> Result<(), EditError> {
        let piece = self.pieces.get(number).filter(|it| it.kind.is_token());
        let piece = piece.ok_or(EditError::NotAToken(number))?;
        let quoted = piece.kind == PieceKind::Quoted || needs_quotes(value);
        let bytes = if quoted {
            spell(value).ok_or(EditError::Unwritable)?
        } else {
            value.to_owned()
        };
        // Carriage returns may stand between a word and the `#` that is stuck to it.
        let next = self
            .pieces
            .iter()
            .skip(number + 1)
            .find(|it| it.bytes.iter().any(|byte| *byte != b'\r'));
        let before_hidden = next.is_some_and(|next| next.kind == PieceKind::Hidden);
        if quoted && before_hidden {
            return Err(EditError::BeforeHidden);
        }
        if let Some(piece) = self.pieces.get_mut(number) {
            piece.bytes = bytes.into_bytes().into();
            piece.kind = if quoted {
                PieceKind::Quoted
            } else {
                PieceKind::Word
            };
        }
        Ok(())
    }
}

/// Whether a value must be written in quotes.
fn needs_quotes(value: &str) -> bool {
    value.is_empty()
        || value.starts_with(['"', '\u{feff}'])
        || value.contains(|c: char| c.is_whitespace() || c == '#')
}

/// A value in quotes.
fn spell(value: &str) -> Option<String> {
    if value.ends_with('\\') && trailing_backslashes(value) % 2 == 1 {
        return None;
    }
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        if c == '"' {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    // Backslashes before a quote come in pairs when they are read, so not every value comes back.
    let mut back = None;
    let mut count = 0;
    lexer::pieces(&text, |_, _, _, _, token| {
        count += 1;
        back = token.map(|token| token.value(&text).into_owned());
    });
    (count == 1 && back.as_deref() == Some(value)).then_some(text)
}

fn trailing_backslashes(value: &str) -> usize {
    value
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'\\')
        .count()
}

/// Bytes as the text that CoreDNS sees: each byte that is not UTF-8 becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text)
}

/// How many bytes stand for this beginning of their text.
fn length_in(bytes: &[u8], text: &str) -> usize {
    if bytes.starts_with(text.as_bytes()) && !text.contains(char::REPLACEMENT_CHARACTER) {
        return text.len();
    }
    let mut at = 0;
    for c in text.chars() {
        let mut buffer = [0; 4];
        let encoded = c.encode_utf8(&mut buffer).as_bytes();
        let rest = bytes.get(at..).unwrap_or_default();
        at += if rest.starts_with(encoded) {
            encoded.len()
        } else {
            1
        };
    }
    at.min(bytes.len())
}
