//! Classes that have names: `\\d`, `[:alpha:]`.

use super::Set;

pub(super) fn perl_class(c: char) -> Option<Set> {
    let ranges = match c.to_ascii_lowercase() {
        'd' => vec![(0x30, 0x39)],
        's' => vec![(0x9, 0xA), (0xC, 0xD), (0x20, 0x20)],
        'w' => vec![(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
        _ => return None,
    };
    let set = Set { ranges };
    Some(if c.is_ascii_uppercase() {
        set.negated()
    } else {
        set
    })
}

pub(super) fn posix_class(name: &str) -> Option<Set> {
    let plain = name.strip_prefix('^').unwrap_or(name);
    let ranges = match plain {
        "alnum" => vec![(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        "alpha" => vec![(0x41, 0x5A), (0x61, 0x7A)],
        "ascii" => vec![(0, 0x7F)],
        "blank" => vec![(0x9, 0x9), (0x20, 0x20)],
        "cntrl" => vec![(0, 0x1F), (0x7F, 0x7F)],
        "digit" => vec![(0x30, 0x39)],
        "graph" => vec![(0x21, 0x7E)],
        "lower" => vec![(0x61, 0x7A)],
        "print" => vec![(0x20, 0x7E)],
        "punct" => vec![(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        "space" => vec![(0x9, 0xD), (0x20, 0x20)],
        "upper" => vec![(0x41, 0x5A)],
        "word" => vec![(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
        "xdigit" => vec![(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return None,
    };
    let set = Set { ranges };
    Some(if name.starts_with('^') {
        set.negated()
    } else {
        set
    })
}
