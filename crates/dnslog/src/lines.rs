//! Kinds of lines other than those of plugins `errors` and `log` (rule catalogue, appendices A.4 to A.7).

use memchr::{memchr, memmem, memrchr};

use crate::api::Finders;
use crate::event::{ApiReason, EventKind};
use crate::signature::Signature;
use crate::swar;

/// Longer names and versions are none.
pub(crate) const MAX_NAME: usize = 1_024;

/// A line without level.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Bare<'a> {
    /// Known, and nothing to count.
    Known,
    /// A zone of the start banner.
    Zone(&'a [u8]),
    /// Version of the start banner.
    Version(&'a [u8]),
    /// Platform and version of Go of the start banner.
    Platform(&'a [u8], &'a [u8]),
    /// About the process.
    Event(EventKind, &'a [u8]),
    /// A line of Kubernetes' own logger: its message.
    Klog(&'a [u8]),
    /// The error that ends a start.
    Startup,
    /// A panic that ends the process, or a fatal error of Go.
    Panic,
    /// None that `CoreDNS` writes.
    Unknown,
}

/// What a line without level is.
pub(crate) fn bare(line: &[u8]) -> Bare<'_> {
    if let Some(message) = klog(line) {
        return Bare::Klog(message);
    }
    if line.is_empty() {
        return Bare::Known;
    }
    if is_zone(line) {
        return Bare::Zone(line);
    }
    if let Some(version) = line.strip_prefix(b"CoreDNS-") {
        let version = version
            .split(u8::is_ascii_whitespace)
            .next()
            .unwrap_or_default();
        let named = (1..=MAX_NAME).contains(&version.len());
        return if named {
            Bare::Version(version)
        } else {
            Bare::Unknown
        };
    }
    if let Some(platform) = platform(line) {
        return platform;
    }
    if line.starts_with(b"maxprocs: ") {
        return Bare::Event(EventKind::CpuLimit, line);
    }
    if line.starts_with(b"panic: ") || line.starts_with(b"fatal error: ") {
        return Bare::Panic;
    }
    if is_startup_error(line) {
        return Bare::Startup;
    }
    if let Some(kind) = node_cache(line) {
        return Bare::Event(kind, line);
    }
    let known = line.starts_with(b"Warning: Domain \"") || line.starts_with(b"Trace[");
    if known { Bare::Known } else { Bare::Unknown }
}

/// What a line with a level means that is not of plugin `errors` and not a query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    /// Something wrong.
    Hit(Signature),
    /// About the process.
    Event(EventKind, &'a [u8]),
    /// The Kubernetes API failed: kind of object and reason.
    Api(&'a [u8], ApiReason),
    /// Anything else.
    Other,
}

/// What the text after a level means.
pub(crate) fn message<'a>(finders: &Finders, level: &[u8], text: &'a [u8]) -> Message<'a> {
    let Some(rest) = text.strip_prefix(b"plugin/") else {
        return of_server(text);
    };
    let Some(colon) = memchr(b':', rest) else {
        return Message::Other;
    };
    let (plugin, rest) = rest.split_at(colon);
    of_plugin(finders, level, plugin, rest.get(2..).unwrap_or_default())
}

fn of_plugin<'a>(finders: &Finders, level: &[u8], plugin: &[u8], text: &'a [u8]) -> Message<'a> {
    let event = |kind, start: &[u8]| {
        text.strip_prefix(start)
            .map(|rest| Message::Event(kind, rest))
    };
    let hit = |signature, start: &[u8]| text.starts_with(start).then_some(Message::Hit(signature));
    let found = match plugin {
        b"loop" if level == b"FATAL" => hit(Signature::Loop, b"Loop ("),
        b"reload" => event(EventKind::RunningConfiguration, b"Running configuration ")
            .or_else(|| hit(Signature::ReloadFailed, b"Corefile parse failed"))
            .or_else(|| {
                hit(
                    Signature::ReloadFailed,
                    b"Corefile changed but reload failed",
                )
            }),
        b"health" => event(EventKind::Lameduck, b"Going into lameduck mode for ")
            .or_else(|| hit(Signature::Unhealthy, b"Local health request")),
        b"ready" => event(EventKind::NotReady, b"Plugins not ready: ")
            .or_else(|| event(EventKind::NotReady, b"Still waiting on: ")),
        b"kubernetes" => event(
            EventKind::WaitingForApi,
            b"waiting for Kubernetes API before starting server",
        )
        .or_else(|| hit(Signature::UnsyncedApi, b"starting server with unsynced"))
        .or_else(|| {
            finders
                .api_failure(text)
                .map(|(kind, reason)| Message::Api(kind, reason))
        }),
        b"hosts" => event(EventKind::HostsFileMissing, b"File does not exist: "),
        b"forward" => event(EventKind::UnsupportedCidr, b"Unsupported CIDR notation: "),
        b"acl" => memmem::find(text, b"Unable to parse source address")
            .map(|_| Message::Event(EventKind::SourceUnreadable, text)),
        _ => None,
    };
    found.unwrap_or(Message::Other)
}

fn of_server(text: &[u8]) -> Message<'_> {
    const EVENTS: &[(&[u8], EventKind)] = &[
        (b"Reloading complete", EventKind::ReloadComplete),
        (b"Reloading", EventKind::Reloading),
        (b"SIGUSR1: Reloading", EventKind::ReloadAsked),
        (
            b"No files matching import glob pattern: ",
            EventKind::NoImport,
        ),
        (
            b"Failed to start metrics handler: ",
            EventKind::MetricsFailed,
        ),
        (b"maxprocs: ", EventKind::CpuLimit),
    ];
    const HITS: &[(&[u8], Signature)] = &[
        (b"Restart failed", Signature::ReloadFailed),
        (b"SIGUSR1: ", Signature::ReloadFailed),
        (b"Recovered from panic", Signature::Panic),
        (b"Restart: ", Signature::Panic),
    ];
    for (start, kind) in EVENTS {
        if let Some(rest) = text.strip_prefix(*start) {
            return Message::Event(*kind, rest);
        }
    }
    for signal in [b"SIGTERM".as_slice(), b"SIGINT", b"SIGQUIT"] {
        if text.starts_with(signal) {
            return Message::Event(
                EventKind::Terminated,
                text.get(..signal.len()).unwrap_or_default(),
            );
        }
    }
    for (start, signature) in HITS {
        if text.starts_with(start) {
            return Message::Hit(*signature);
        }
    }
    match node_cache(text) {
        Some(kind) => Message::Event(kind, text),
        None => Message::Other,
    }
}

/// Lines of node-cache and of kube-dns' dnsmasq.
fn node_cache(text: &[u8]) -> Option<EventKind> {
    const TABLE: &[(&[u8], EventKind)] = &[
        (b"Using Corefile ", EventKind::NodeCacheCorefile),
        (b"Updated Corefile ", EventKind::NodeCacheCorefile),
        (
            b"Added back nodelocaldns rule",
            EventKind::NodeCacheRepaired,
        ),
        (b"Added interface", EventKind::NodeCacheRepaired),
        (
            b"Error checking/adding iptables rule",
            EventKind::NodeCacheFailed,
        ),
        (b"Error adding iptables rule", EventKind::NodeCacheFailed),
        (
            b"Failed to add non-existent interface",
            EventKind::NodeCacheFailed,
        ),
        (
            b"Failed to read node-cache coreFile",
            EventKind::NodeCacheFailed,
        ),
        (b"Invalid config: ", EventKind::NodeCacheFailed),
        (b"Tearing down", EventKind::NodeCacheEnds),
        (
            b"Maximum number of concurrent DNS queries reached",
            EventKind::DnsmasqLimit,
        ),
    ];
    // dnsmasq puts its name and process id first.
    let text = match text.strip_prefix(b"dnsmasq[") {
        Some(rest) => rest.get(memmem::find(rest, b": ")? + 2..)?,
        None => text,
    };
    TABLE
        .iter()
        .find(|(start, _)| text.starts_with(start))
        .map(|(_, kind)| *kind)
}

/// Where and for which zone a loop was seen: the zone.
pub(crate) fn loop_zone(text: &[u8]) -> Option<&[u8]> {
    let key = b"detected for zone \"";
    let rest = text.get(memmem::find(text, key)? + key.len()..)?;
    let zone = rest.get(..memchr(b'"', rest)?)?;
    (zone.len() <= MAX_NAME).then_some(zone)
}

/// A line of plugin `log`: `<ip>:<port> - <id> "…`, or with a date in the place of ` - <id>`.
///
/// Where its client ends.
#[inline]
pub(crate) fn query(message: &[u8]) -> Option<usize> {
    let (b'0'..=b'9' | b'[' | b':' | b'a'..=b'f' | b'A'..=b'F') = *message.first()? else {
        return None;
    };
    let blank = client_end(message);
    let [b' ', b'-', b' ', b'0'..=b'9' | b'[', ..] = message.get(blank..)? else {
        return None;
    };
    Some(blank)
}

/// The first blank, which ends the client, or a number that is too large.
#[inline]
pub(crate) fn client_end(message: &[u8]) -> usize {
    // `10.0.0.1:5` has ten bytes, `255.255.255.255:65535` 21.
    let mut blank = 0;
    for word in message.get(..64).unwrap_or(message).as_chunks::<8>().0 {
        let here = swar::Head::to_blank(u64::from_le_bytes(*word)).length();
        blank += here;
        if here < 8 {
            return blank;
        }
    }
    usize::MAX
}

/// `.:53`, `contoso.com.:53`, `tls://.:853 on 10.0.0.1` of the start banner.
fn is_zone(line: &[u8]) -> bool {
    let end = memchr(b' ', line).unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let dotted = memmem::rfind(key, b".:").and_then(|dot| key.get(dot + 2..));
    dotted.is_some_and(|port| !port.is_empty() && port.iter().all(u8::is_ascii_digit))
        && (rest.is_empty() || rest.starts_with(b" on "))
}

/// `linux/amd64, go1.24.1, 707c7c1`.
fn platform(line: &[u8]) -> Option<Bare<'_>> {
    let known = [b"linux/".as_slice(), b"windows/", b"darwin/", b"freebsd/"];
    if !known.iter().any(|system| line.starts_with(system)) {
        return None;
    }
    let comma = memmem::find(line, b", ")?;
    let (platform, rest) = (line.get(..comma)?, line.get(comma + 2..)?);
    let go = rest.get(..memchr(b',', rest).unwrap_or(rest.len()))?;
    (line.len() <= MAX_NAME && go.starts_with(b"go")).then_some(Bare::Platform(platform, go))
}

/// Message of a line like `E0225 14:25:57.689877       1 reflector.go:138] …`.
#[inline]
fn klog(line: &[u8]) -> Option<&[u8]> {
    let [
        b'I' | b'W' | b'E' | b'F',
        a,
        b,
        c,
        d,
        b' ',
        _,
        _,
        b':',
        _,
        _,
        b':',
        ..,
    ] = line
    else {
        return None;
    };
    if ![a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let end = memchr(b']', line)?;
    line.get(end + 2..)
}

/// `CoreDNS` prints the error that ends its start without a level.
fn is_startup_error(line: &[u8]) -> bool {
    line.starts_with(b"plugin/")
        || line.starts_with(b"Listen: ")
        || line.starts_with(b"cannot serve ")
        || memmem::find(line, b" - Error during parsing: ").is_some()
        || memmem::find(line, b" - Syntax error: ").is_some()
}

/// The parts of an error that ends a start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StartupParts<'a> {
    pub(crate) plugin: Option<&'a [u8]>,
    pub(crate) file: Option<&'a [u8]>,
    pub(crate) line: Option<u32>,
    pub(crate) message: &'a [u8],
}

/// `[plugin/<name>: ][<file>:<line> - ](Error during parsing|Syntax error): <message>`.
pub(crate) fn startup(line: &[u8]) -> StartupParts<'_> {
    let mut parts = StartupParts {
        plugin: None,
        file: None,
        line: None,
        message: line,
    };
    if let Some(rest) = line.strip_prefix(b"plugin/")
        && let Some(colon) = memmem::find(rest, b": ")
    {
        parts.plugin = rest.get(..colon);
        parts.message = rest.get(colon + 2..).unwrap_or_default();
    }
    for key in [
        b" - Error during parsing: ".as_slice(),
        b" - Syntax error: ",
    ] {
        let Some(at) = memmem::find(parts.message, key) else {
            continue;
        };
        let (place, rest) = parts.message.split_at(at);
        let number = memrchr(b':', place).and_then(|colon| {
            let number = std::str::from_utf8(place.get(colon + 1..)?)
                .ok()?
                .parse()
                .ok()?;
            Some((place.get(..colon)?, number))
        });
        if let Some((file, number)) = number {
            parts.file = Some(file);
            parts.line = Some(number);
            parts.message = rest.get(key.len()..).unwrap_or_default();
            break;
        }
    }
    parts
}
