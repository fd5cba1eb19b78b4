//! Lines of plugin `errors` and their transport errors (rule catalogue, appendix A.2).

use std::borrow::Cow;

use memchr::{memchr, memmem, memrchr};

use crate::lines::MAX_NAME;
use crate::signature::Signature;

/// A line of plugin `errors`, read.
#[derive(Debug)]
pub(crate) struct ErrorLine<'a> {
    pub(crate) signature: Signature,
    /// How many errors the line stands for.
    pub(crate) count: u64,
    /// Code that `CoreDNS` is about to answer; `None` in a consolidated line.
    pub(crate) rcode: Option<&'a [u8]>,
    pub(crate) name: Option<&'a [u8]>,
    pub(crate) record_type: Option<&'a [u8]>,
    /// What stands in the place of the upstream's address.
    pub(crate) server: Option<Cow<'a, [u8]>>,
    pub(crate) proto: Option<&'static str>,
}

/// Reads what follows `plugin/errors: `.
#[inline]
pub(crate) fn read(text: &[u8]) -> Option<ErrorLine<'_>> {
    let digits = memchr(b' ', text.get(..24).unwrap_or(text))?;
    let (rcode, rest) = (text.get(..digits)?, text.get(digits + 1..)?);
    if rcode.is_empty() || !rcode.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if let Some(line) = rest.strip_prefix(b"errors like '") {
        return consolidated(rcode, line);
    }
    // A blank in a name has a backslash before it, so `: ` is the end of the type.
    let colon = colon(rest)?;
    let head = rest.get(..colon)?;
    let blank = memrchr(b' ', head)?;
    let (name, record_type) = (head.get(..blank)?, head.get(blank + 1..)?);
    if name.len() > MAX_NAME || record_type.len() > MAX_NAME {
        return None;
    }
    let error = rest.get(colon + 2..).unwrap_or_default();
    let (signature, server, proto) = transport(error);
    Some(ErrorLine {
        signature,
        count: 1,
        rcode: Some(rcode),
        name: Some(name),
        record_type: Some(record_type),
        server: server.map(Cow::Borrowed),
        proto,
    })
}

/// Where `: ` stands first, or `:` at the end.
#[inline]
fn colon(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b':', text).find(|at| matches!(text.get(at + 1), None | Some(b' ')))
}

/// `<n> errors like '<regex>' occurred in last <duration>`; `rest` begins with the regex.
fn consolidated<'a>(count: &'a [u8], rest: &'a [u8]) -> Option<ErrorLine<'a>> {
    let end = memmem::rfind(rest, b"' occurred in last ")?;
    // The pattern is a regular expression over the same texts: backslashes only escape.
    let plain: Vec<u8> = rest
        .get(..end)?
        .iter()
        .copied()
        .filter(|byte| *byte != b'\\')
        .collect();
    let pattern = plain.strip_prefix(b"^").unwrap_or(&plain);
    let (signature, server, proto) = transport(pattern.strip_suffix(b"$").unwrap_or(pattern));
    Some(ErrorLine {
        signature,
        count: std::str::from_utf8(count).ok()?.parse().ok()?,
        rcode: None,
        name: None,
        record_type: None,
        server: server.map(|server| Cow::Owned(server.to_vec())),
        proto,
    })
}

type Transport<'a> = (Signature, Option<&'a [u8]>, Option<&'static str>);

/// `(read|write|dial) (udp|tcp) [<src>->]<dst>: <cause>`.
#[inline]
fn transport(error: &[u8]) -> Transport<'_> {
    let error = error
        .strip_prefix(b"unreachable backend: ")
        .unwrap_or(error);
    let signature = signature(error);
    let (b"read " | b"dial " | b"write", rest) = error.split_at_checked(5).unwrap_or_default()
    else {
        return (signature, None, None);
    };
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let (proto, rest) = match rest {
        [b'u', b'd', b'p', rest @ ..] => ("udp", rest),
        [b't', b'c', b'p', rest @ ..] => ("tcp", rest),
        _ => return (signature, None, None),
    };
    let Some(rest) = rest
        .strip_prefix(b" ")
        .or_else(|| rest.strip_prefix(b"4 "))
        .or_else(|| rest.strip_prefix(b"6 "))
    else {
        return (signature, None, None);
    };
    let addresses = colon(rest).map_or(rest, |at| rest.get(..at).unwrap_or_default());
    let arrow =
        memrchr(b'>', addresses).filter(|at| *at > 0 && addresses.get(at - 1) == Some(&b'-'));
    let server = arrow.map_or(addresses, |at| addresses.get(at + 1..).unwrap_or_default());
    (signature, Some(server), Some(proto))
}

/// The usual ends and beginnings first: nothing is searched for.
#[inline]
fn signature(error: &[u8]) -> Signature {
    const ENDS: &[(&[u8; 8], &str, Signature)] = &[
        (b" timeout", "i/o timeout", Signature::IoTimeout),
        (
            b" refused",
            "connection refused",
            Signature::ConnectionRefused,
        ),
        (b" to host", "no route to host", Signature::Unroutable),
        (b"eachable", "network is unreachable", Signature::Unroutable),
        (
            b"ermitted",
            "operation not permitted",
            Signature::NotPermitted,
        ),
        (
            b" proxies",
            "no healthy proxies",
            Signature::NoHealthyProxies,
        ),
        (b"in found", "no next plugin found", Signature::NoNextPlugin),
        (
            b" by peer",
            "connection reset by peer",
            Signature::ConnectionReset,
        ),
    ];
    if let Some(end) = error.last_chunk::<8>() {
        for (last, text, signature) in ENDS {
            if end == *last && error.ends_with(text.as_bytes()) {
                return *signature;
            }
        }
    }
    if error.starts_with(b"concurrent queries exceeded maximum") {
        return Signature::MaxConcurrent;
    }
    if error.starts_with(b"dns: overflow") {
        return Signature::MalformedAnswer;
    }
    anywhere(error)
}

/// The catalogue's texts wherever they stand; a consolidated line may have cut them.
fn anywhere(error: &[u8]) -> Signature {
    const TABLE: &[(&str, Signature)] = &[
        ("i/o timeout", Signature::IoTimeout),
        ("connection refused", Signature::ConnectionRefused),
        ("no route to host", Signature::Unroutable),
        ("network is unreachable", Signature::Unroutable),
        ("operation not permitted", Signature::NotPermitted),
        ("no healthy proxies", Signature::NoHealthyProxies),
        (
            "concurrent queries exceeded maximum",
            Signature::MaxConcurrent,
        ),
        ("no next plugin found", Signature::NoNextPlugin),
        ("overflow", Signature::MalformedAnswer),
        ("dns: bad", Signature::MalformedAnswer),
        ("dns: buffer size too small", Signature::MalformedAnswer),
        (
            "dns: too many compression pointers",
            Signature::MalformedAnswer,
        ),
        ("dns: short read", Signature::MalformedAnswer),
        ("dns: id mismatch", Signature::MalformedAnswer),
        ("x509: ", Signature::Tls),
        ("tls: ", Signature::Tls),
        ("connection reset by peer", Signature::ConnectionReset),
        ("broken pipe", Signature::ConnectionReset),
        ("closed by peer", Signature::ConnectionClosed),
    ];
    let found = TABLE
        .iter()
        .find(|(text, _)| memmem::find(error, text.as_bytes()).is_some());
    match found {
        Some((_, signature)) => *signature,
        None if error.ends_with(b"EOF") => Signature::ConnectionClosed,
        None => Signature::OtherError,
    }
}
