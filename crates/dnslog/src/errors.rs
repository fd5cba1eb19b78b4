//! Lines of plugin `errors` and their transport errors (rule catalogue, appendix A.2).

use crate::lines::MAX_NAME;
use crate::signature::Signature;

/// A line of plugin `errors`, read.
#[derive(Default)]
pub(crate) struct ErrorLine {
    pub(crate) signature: Option<Signature>,
    pub(crate) count: u64,
    pub(crate) name: Option<String>,
    pub(crate) record_type: Option<String>,
    pub(crate) server: Option<String>,
    pub(crate) proto: Option<String>,
}

/// Reads what follows `plugin/errors: `.
pub(crate) fn read(text: &str) -> Option<ErrorLine> {
    if let Some(line) = consolidated(text) {
        return Some(line);
    }
    let mut words = text.splitn(4, ' ');
    let rcode = words.next()?;
    let name = words.next()?;
    let record_type = words.next()?.strip_suffix(':')?;
    let error = words.next().unwrap_or_default();
    if rcode.is_empty() || !rcode.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if name.len() > MAX_NAME || record_type.len() > MAX_NAME {
        return None;
    }
    let mut line = transport(error);
    line.count = 1;
    line.name = Some(name.to_owned());
    line.record_type = Some(record_type.to_owned());
    Some(line)
}

/// `<n> errors like '<regex>' occurred in last <duration>`.
fn consolidated(text: &str) -> Option<ErrorLine> {
    let (count, rest) = text.split_once(" errors like '")?;
    let (pattern, _) = rest.rsplit_once("' occurred in last ")?;
    // The pattern is a regular expression over the same texts: backslashes only escape.
    let mut line = transport(&pattern.replace('\\', ""));
    line.count = count.parse().ok()?;
    Some(line)
}

/// `(read|write|dial) (udp|tcp) [<src>->]<dst>: <cause>`.
fn transport(error: &str) -> ErrorLine {
    let error = error.strip_prefix("unreachable backend: ").unwrap_or(error);
    let mut line = ErrorLine {
        signature: Some(signature(error)),
        ..ErrorLine::default()
    };
    let mut words = error.trim_start_matches('^').splitn(3, ' ');
    let (operation, proto, rest) = (words.next(), words.next(), words.next());
    let (Some("read" | "write" | "dial"), Some(proto), Some(rest)) = (operation, proto, rest)
    else {
        return line;
    };
    let proto = proto.trim_end_matches(['4', '6']);
    if !matches!(proto, "udp" | "tcp") {
        return line;
    }
    line.proto = Some(proto.to_owned());
    let addresses = rest.split(": ").next().unwrap_or_default();
    let server = addresses.rsplit("->").next().unwrap_or_default();
    // In a consolidated line the place of the address may be taken by a pattern.
    let is_address = server.parse::<std::net::SocketAddr>().is_ok();
    line.server = is_address.then(|| server.to_owned());
    line
}

fn signature(error: &str) -> Signature {
    const TABLE: &[(&str, Signature)] = &[
        ("i/o timeout", Signature::IoTimeout),
        ("connection refused", Signature::ConnectionRefused),
        ("no route to host", Signature::Unroutable),
        ("network is unreachable", Signature::Unroutable),
        ("operation not permitted", Signature::Unroutable),
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
    ];
    TABLE
        .iter()
        .find(|(text, _)| error.contains(text))
        .map_or(Signature::OtherError, |(_, signature)| *signature)
}
