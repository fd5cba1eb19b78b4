//! What stands before `CoreDNS`'s own line: stamps of runtimes, kubectl, journalctl and old releases.

use memchr::memchr;

use crate::json;
use crate::stamp::{MAX_STAMP, Stamps, short, slashed};

/// A line without its outer layers.
#[derive(Debug)]
pub(crate) struct Peeled<'a> {
    /// `CoreDNS`'s own line; `None` where it was written to the buffer.
    pub(crate) text: Option<&'a [u8]>,
    /// The outermost stamp as written and its minute since 1970.
    pub(crate) stamp: Option<(&'a [u8], i64)>,
    /// Written to standard error.
    pub(crate) stderr: bool,
    /// The line goes on in the next one of its stream.
    pub(crate) partial: bool,
}

/// Takes off, each optional, in this order: kubectl's `[pod/…] `, a stamp, CRI's stream and tag or
/// journalctl's host and unit, `[pod/…] ` again (kubectl's order changes with its flags), a stamp
/// of `CoreDNS` up to 1.6.2, a JSON object of Docker or of `CoreDNS`. What JSON holds is unescaped
/// into `buffer`, which comes empty.
pub(crate) fn peel<'a>(line: &'a [u8], stamps: &mut Stamps, buffer: &mut Vec<u8>) -> Peeled<'a> {
    let mut peeled = Peeled {
        text: None,
        stamp: None,
        stderr: false,
        partial: false,
    };
    let mut rest = pod_tag(line).unwrap_or(line);
    if let Some((length, minute)) = stamps.rfc3339(rest) {
        let (stamp, after) = rest.split_at(length);
        peeled.stamp = Some((stamp, minute));
        rest = after.get(1..).unwrap_or_default();
        if let Some(after) = cri(rest, &mut peeled) {
            rest = after;
        } else if let Some(after) = journal_tag(rest) {
            rest = after;
        }
    } else if let Some(length) = short(rest) {
        let after = rest.get(length + 1..).unwrap_or_default();
        rest = journal_tag(after).unwrap_or(rest);
    }
    rest = pod_tag(rest).unwrap_or(rest);
    if rest.first().is_some_and(u8::is_ascii_digit)
        && let Some((length, minute)) = stamps.rfc3339(rest).or_else(|| slashed(rest))
    {
        let (stamp, after) = rest.split_at(length);
        peeled.stamp.get_or_insert((stamp, minute));
        rest = after.get(1..).unwrap_or_default();
    }
    if rest.first() == Some(&b'{')
        && let Some(outer) = object(rest, buffer)
    {
        if let Some(stamp) = outer.stamp.filter(|stamp| stamp.len() <= MAX_STAMP)
            && peeled.stamp.is_none()
        {
            peeled.stamp = stamps.whole(stamp).map(|minute| (stamp, minute));
        }
        peeled.stderr |= outer.stderr;
        peeled.partial |= outer.partial;
        return peeled;
    }
    peeled.text = Some(rest);
    peeled
}

/// Docker's object, and `CoreDNS`'s own within it or alone.
fn object<'a>(line: &'a [u8], buffer: &mut Vec<u8>) -> Option<json::Outer<'a>> {
    let Some(outer) = json::docker(line, buffer) else {
        return json::slog(line, buffer);
    };
    if !outer.partial && own_object(buffer) {
        return Some(outer);
    }
    // A stamp of an old release within Docker's object: Docker's own is the better one.
    let mut stamps = Stamps::default();
    if buffer.first().is_some_and(u8::is_ascii_digit)
        && let Some((length, _)) = stamps.rfc3339(buffer).or_else(|| slashed(buffer))
    {
        buffer.drain(..=length);
    }
    Some(outer)
}

/// Turns a line in `CoreDNS`'s own format `json` into one in the format `text`.
pub(crate) fn own_object(text: &mut Vec<u8>) -> bool {
    let mut plain = Vec::new();
    let is_object = json::slog(text, &mut plain).is_some();
    if is_object {
        *text = plain;
    }
    is_object
}

/// `stdout F ` and its like; the tag may carry more after a colon.
#[inline]
fn cri<'a>(line: &'a [u8], peeled: &mut Peeled<'_>) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(b"std")?;
    let (stderr, rest) = match rest {
        [b'o', b'u', b't', b' ', rest @ ..] => (false, rest),
        [b'e', b'r', b'r', b' ', rest @ ..] => (true, rest),
        _ => return None,
    };
    peeled.stderr = stderr;
    let (tag, rest) = match rest {
        [tag @ (b'F' | b'P'), b' ', rest @ ..] => (*tag, rest),
        [tag @ (b'F' | b'P'), b':', rest @ ..] => (*tag, rest.get(memchr(b' ', rest)? + 1..)?),
        // An empty line, its last blank cut off.
        [tag @ (b'F' | b'P')] => (*tag, [].as_slice()),
        _ => return None,
    };
    peeled.partial = tag == b'P';
    Some(rest)
}

/// `[pod/<pod>/<container>] `.
#[inline]
fn pod_tag(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"[pod/")?;
    rest.get(memchr(b']', rest)? + 2..)
}

/// `<host> <unit>[<pid>]: `, the pid optional.
fn journal_tag(line: &[u8]) -> Option<&[u8]> {
    // Host names are in lower case; no line of CoreDNS's own looks like it.
    if !matches!(line.first(), Some(b'a'..=b'z' | b'0'..=b'9')) {
        return None;
    }
    let host = line.iter().take(64).position(|byte| {
        !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(byte))
    })?;
    let rest = line.get(host..)?.strip_prefix(b" ")?;
    let unit = rest
        .iter()
        .take(64)
        .position(|byte| !(byte.is_ascii_alphanumeric() || b".-_@".contains(byte)))?;
    let mut rest = rest.get(unit..)?;
    if let Some(pid) = rest.strip_prefix(b"[") {
        rest = pid.get(memchr(b']', pid.get(..16).unwrap_or(pid))? + 1..)?;
    }
    rest.strip_prefix(b": ").filter(|_| unit > 0)
}
