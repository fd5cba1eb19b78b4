//! What each resolver takes for a name, and what is wrong with what it does not take.

use std::fmt;

/// Why a text is no name of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameFault {
    /// Nothing, or a dot alone.
    Empty,
    /// Two dots in a row, or one at the start.
    EmptyLabel,
    /// A label of more than 63 bytes.
    LongLabel,
    /// More than 253 bytes.
    TooLong,
    /// A `-` where none may stand.
    Hyphen,
    /// A character beyond letters, digits, `-`, `_` and `.`.
    Character,
    /// Digits and dots alone, and yet no address.
    NoLetter,
}

impl fmt::Display for NameFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Empty => "it is empty",
            Self::EmptyLabel => "two dots follow each other, or one is first",
            Self::LongLabel => "a label is longer than 63 bytes",
            Self::TooLong => "it is longer than 253 bytes",
            Self::Hyphen => "a hyphen stands at the start or end of a label",
            Self::Character => "it has characters beyond letters, digits, \"-\", \"_\" and \".\"",
            Self::NoLetter => "it is made of digits and dots, and no address",
        })
    }
}

/// What is wrong with a name that a resolver did not take, the plainest fault first.
pub(crate) fn fault(name: &str) -> NameFault {
    let bare = name.strip_suffix('.').unwrap_or(name);
    let character = |byte: u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.');
    if bare.is_empty() {
        NameFault::Empty
    } else if bare.split('.').any(str::is_empty) {
        NameFault::EmptyLabel
    } else if bare.split('.').any(|label| label.len() > MAX_LABEL) {
        NameFault::LongLabel
    } else if bare.len() + 2 > MAX_WIRE {
        NameFault::TooLong
    } else if bare.bytes().any(character) {
        NameFault::Character
    } else if is_digits_and_dots(bare) {
        NameFault::NoLetter
    } else {
        NameFault::Hyphen
    }
}

/// Bytes of a name on the wire, with its lengths and the root.
const MAX_WIRE: usize = 255;
/// Bytes of a label.
const MAX_LABEL: usize = 63;

/// `__nss_hostname_digits_dots`.
pub(crate) fn is_digits_and_dots(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && !name.ends_with('.')
}

/// Whether the name can be put on the wire: labels of 1 to 63 bytes, 255 in all; a dot at the end
/// is fine.
pub(crate) fn is_wire_name(name: &str) -> bool {
    let bare = name.strip_suffix('.').unwrap_or(name);
    if bare.is_empty() {
        return name == ".";
    }
    bare.len() + 2 <= MAX_WIRE
        && bare
            .split('.')
            .all(|label| (1..=MAX_LABEL).contains(&label.len()))
}

/// `__res_mkquery` of musl, which counts 253 bytes without the last dot.
pub(crate) fn is_musl_name(name: &str) -> bool {
    let bare = name.strip_suffix('.').unwrap_or(name);
    bare.len() <= 253
        && bare
            .split('.')
            .all(|label| (1..=MAX_LABEL).contains(&label.len()))
}

/// `res_hnok`: letters, digits, `-` and `_`, and no `-` at the start.
pub(crate) fn is_glibc_hostname(name: &str) -> bool {
    is_wire_name(name)
        && !name.starts_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// `isDomainName` of Go: letters somewhere, and no `-` at the ends of labels.
pub(crate) fn is_go_domain(name: &str) -> bool {
    if name == "." {
        return true;
    }
    let bare = name.strip_suffix('.').unwrap_or(name);
    let labels_fit = bare.split('.').all(|label| {
        (1..=MAX_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    });
    let not_a_number = name
        .bytes()
        .any(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    bare.len() <= 253 && labels_fit && not_a_number
}

pub(crate) fn is_onion(name: &str) -> bool {
    let bare = name.strip_suffix('.').unwrap_or(name);
    let tail = bare.len().checked_sub(".onion".len());
    tail.and_then(|at| bare.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(".onion"))
}
