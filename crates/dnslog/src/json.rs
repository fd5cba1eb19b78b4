//! Lines that are JSON objects: Docker's log driver and `CoreDNS`'s own format `json` (from 1.15).

use memchr::{memchr, memchr2, memmem};

use crate::stamp::MAX_STAMP;

/// What one of these objects says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outer<'a> {
    /// Its time stamp as written.
    pub(crate) stamp: Option<&'a [u8]>,
    /// Written to standard error (Docker).
    pub(crate) stderr: bool,
    /// The line goes on in the next object (Docker cuts at 16 KiB).
    pub(crate) partial: bool,
}

/// `{"log":"<line>\n","stream":"stdout","time":"<stamp>"}`; the line is appended to `text`.
pub(crate) fn docker<'a>(line: &'a [u8], text: &mut Vec<u8>) -> Option<Outer<'a>> {
    let rest = line.strip_prefix(b"{\"log\":\"")?;
    let (after, closed) = unescape(rest, text);
    let mut outer = Outer {
        stamp: None,
        stderr: false,
        partial: closed && text.pop_if(|byte| *byte == b'\n').is_none(),
    };
    if let Some(stamp) = usual_members(after) {
        outer.stamp = Some(stamp);
        return Some(outer);
    }
    for (key, value) in members(after) {
        match key {
            b"time" => outer.stamp = Some(value),
            b"stream" => outer.stderr = value == b"stderr",
            _ => {}
        }
    }
    Some(outer)
}

/// `{"time":"…","level":"INFO","msg":"…","plugin":"log",…}`; the same line in the format `text` is
/// appended to `text`. The fields that plugin `log` adds repeat its message.
pub(crate) fn slog<'a>(line: &'a [u8], text: &mut Vec<u8>) -> Option<Outer<'a>> {
    let rest = line.strip_prefix(b"{\"time\":\"")?;
    let (stamp, rest) = rest.split_at_checked(memchr(b'"', rest)?)?;
    let rest = rest.strip_prefix(b"\",\"level\":\"")?;
    let (level, rest) = rest.split_at_checked(memchr(b'"', rest)?)?;
    let rest = rest.strip_prefix(b"\",\"msg\":\"")?;
    let from = text.len();
    let (after, _) = unescape(rest, text);
    let plugin = after.strip_prefix(b",\"plugin\":\"");
    let plugin = plugin.and_then(|it| it.get(..memchr(b'"', it)?));
    let level = if level == b"WARN" { b"WARNING" } else { level };
    let head: Vec<u8> = match plugin {
        // A line of caddy has its level in its text; the error that ends a start is bare.
        None if text.get(from) == Some(&b'[') || level == b"FATAL" => Vec::new(),
        None | Some(b"log") => [b"[", level, b"] "].concat(),
        Some(plugin) => [b"[", level, b"] plugin/", plugin, b": "].concat(),
    };
    text.splice(from..from, head);
    Some(Outer {
        stamp: Some(stamp),
        stderr: false,
        partial: false,
    })
}

/// Undoes JSON's escapes up to the closing quote. Returns what follows it, and whether it was there.
fn unescape<'a>(text: &'a [u8], plain: &mut Vec<u8>) -> (&'a [u8], bool) {
    let mut rest = text;
    loop {
        let Some(at) = memchr2(b'"', b'\\', rest) else {
            plain.extend_from_slice(rest);
            return (&[], false);
        };
        let (before, from) = rest.split_at(at);
        plain.extend_from_slice(before);
        let length = match from {
            [b'"', after @ ..] => return (after, true),
            [_, b'n', ..] => push(plain, b'\n'),
            [_, b't', ..] => push(plain, b'\t'),
            [_, b'r', ..] => push(plain, b'\r'),
            [_, b'u', digits @ ..] => {
                let digits = digits.get(..4).unwrap_or(digits);
                let number = std::str::from_utf8(digits).ok();
                let number = number.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let c = number
                    .and_then(char::from_u32)
                    .unwrap_or(char::REPLACEMENT_CHARACTER);
                plain.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                2 + digits.len()
            }
            [_, other, ..] => push(plain, *other),
            _ => 1,
        };
        rest = from.get(length..).unwrap_or_default();
    }
}

fn push(plain: &mut Vec<u8>, byte: u8) -> usize {
    plain.push(byte);
    2
}

/// The stamp of `,"stream":"stdout","time":"<stamp>"}`, what nearly every line ends with.
#[inline]
fn usual_members(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b",\"stream\":\"stdout\",\"time\":\"")?;
    let stamp = rest.strip_suffix(b"\"}")?;
    (stamp.len() <= MAX_STAMP && !stamp.contains(&b'"')).then_some(stamp)
}

/// `,"key":"value"` again and again; values with escapes end the list.
fn members(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.strip_prefix(b",\"")?;
        let (key, after) = start.split_at_checked(memmem::find(start, b"\":\"")?)?;
        let after = after.get(3..)?;
        let (value, after) = after.split_at_checked(memchr(b'"', after)?)?;
        rest = after.get(1..)?;
        Some((key, value))
    })
}
