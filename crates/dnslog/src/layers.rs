//! What stands before CoreDNS's own line: stamps of runtimes, kubectl and old releases.

use std::borrow::Cow;

/// Longer stamps are none.
const MAX_STAMP: usize = 40;
const RFC3339: &[u8] = b"dddd-dd-ddTdd:dd:dd";

/// A time stamp as written.
type Stamp<'a> = Option<&'a [u8]>;

/// A line without its outer layers.
pub(crate) struct Peeled<'a> {
    /// CoreDNS's own line.
    pub(crate) line: Cow<'a, [u8]>,
    /// The outermost stamp.
    pub(crate) stamp: Stamp<'a>,
}

/// Takes off, each optional, in this order: Docker's JSON, kubectl's `[pod/…] `, an RFC 3339 stamp,
/// CRI's stream and tag, `[pod/…] ` again (kubectl's order changes with its flags), a stamp of
/// CoreDNS up to 1.6.2.
pub(crate) fn peel(line: &[u8]) -> Peeled<'_> {
    match docker(line) {
        None => peel_text(line),
        Some((Cow::Borrowed(inner), stamp)) => {
            let peeled = peel_text(inner);
            Peeled {
                stamp: stamp.or(peeled.stamp),
                ..peeled
            }
        }
        Some((Cow::Owned(inner), stamp)) => {
            let line = peel_text(&inner).line.into_owned();
            Peeled {
                line: Cow::Owned(line),
                stamp,
            }
        }
    }
}

fn peel_text(line: &[u8]) -> Peeled<'_> {
    let mut line = prefix(line).unwrap_or(line);
    let mut stamp = None;
    if let Some(length) = rfc3339(line) {
        stamp = line.get(..length);
        line = line.get(length + 1..).unwrap_or_default();
        for stream in [b"stdout ".as_slice(), b"stderr "] {
            if let Some(rest) = line.strip_prefix(stream) {
                // The tag, `F` or `P`, and a blank.
                line = rest.get(2..).unwrap_or_default();
            }
        }
    }
    line = prefix(line).unwrap_or(line);
    if let Some(length) = rfc3339(line).or_else(|| slashed(line)) {
        stamp = stamp.or(line.get(..length));
        line = line.get(length + 1..).unwrap_or_default();
    }
    Peeled {
        line: Cow::Borrowed(line),
        stamp,
    }
}

/// `{"log":"<line>\n","stream":"stdout","time":"<stamp>"}`: the line and the stamp.
fn docker(line: &[u8]) -> Option<(Cow<'_, [u8]>, Stamp<'_>)> {
    let rest = line.strip_prefix(b"{\"log\":\"")?;
    let mut end = rest.len();
    let mut from = 0;
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest.get(from..).unwrap_or_default()) {
        if rest.get(from + at) == Some(&b'"') {
            end = from + at;
            break;
        }
        from += at + 2;
    }
    let (text, after) = (rest.get(..end)?, rest.get(end..)?);
    let key = b"\"time\":\"";
    let stamp = memchr::memmem::find(after, key).and_then(|at| {
        let stamp = after.get(at + key.len()..)?;
        stamp.get(..memchr::memchr(b'"', stamp)?)
    });
    let text = text.strip_suffix(b"\\n").unwrap_or(text);
    Some((
        unescape(text),
        stamp.filter(|stamp| stamp.len() <= MAX_STAMP && fits(stamp, RFC3339)),
    ))
}

/// Undoes JSON's escapes. Docker writes `->` as `-\u003e`.
fn unescape(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => plain.push(b'\n'),
            Some(b't') => plain.push(b'\t'),
            Some(b'r') => plain.push(b'\r'),
            Some(b'u') => {
                let digits: Vec<u8> = bytes.by_ref().take(4).collect();
                let number = std::str::from_utf8(&digits).ok();
                let number = number.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let c = number
                    .and_then(char::from_u32)
                    .unwrap_or(char::REPLACEMENT_CHARACTER);
                plain.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => plain.extend(other),
        }
    }
    Cow::Owned(plain)
}

/// `[pod/<pod>/<container>] `.
fn prefix(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"[pod/")?;
    rest.get(memchr::memchr(b']', rest)? + 2..)
}

/// Length of an RFC 3339 stamp that a blank follows.
fn rfc3339(line: &[u8]) -> Option<usize> {
    if !fits(line, RFC3339) {
        return None;
    }
    let end = memchr::memchr(b' ', line.get(..MAX_STAMP.min(line.len()))?)?;
    let zone = line.get(RFC3339.len()..end)?;
    let plain = zone
        .iter()
        .all(|byte| byte.is_ascii_digit() || b".:+-Z".contains(byte));
    (plain && !zone.is_empty()).then_some(end)
}

/// Length of a stamp of CoreDNS up to 1.2.5.
fn slashed(line: &[u8]) -> Option<usize> {
    let shape = b"dddd/dd/dd dd:dd:dd";
    (fits(line, shape) && line.get(shape.len()) == Some(&b' ')).then_some(shape.len())
}

fn fits(line: &[u8], shape: &[u8]) -> bool {
    line.len() > shape.len()
        && line.iter().zip(shape).all(|(byte, want)| match want {
            b'd' => byte.is_ascii_digit(),
            _ => byte == want,
        })
}
