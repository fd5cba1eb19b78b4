//! Kinds of lines other than those of plugin `errors` (rule catalogue, appendices A.3 to A.6).

use crate::signature::Signature;

/// All levels there are.
pub(crate) const LEVELS: [&[u8]; 5] = [b"DEBUG", b"INFO", b"WARNING", b"ERROR", b"FATAL"];
/// Longer names and versions are none.
pub(crate) const MAX_NAME: usize = 1_024;

/// A line without level.
pub(crate) enum Bare {
    /// Known, and nothing to count.
    Known,
    /// Version of the start banner.
    Version(String),
    /// Counts.
    Hit(Signature),
    /// None that CoreDNS writes.
    Unknown,
}

/// What a line without level is.
pub(crate) fn bare(line: &str) -> Bare {
    if line.is_empty() || is_zone(line) {
        return Bare::Known;
    }
    if let Some(version) = line.strip_prefix("CoreDNS-") {
        let version = version.split_whitespace().next().unwrap_or_default();
        if (1..=MAX_NAME).contains(&version.len()) {
            return Bare::Version(version.to_owned());
        }
        return Bare::Unknown;
    }
    if line.starts_with("linux/") || line.starts_with("maxprocs: ") {
        return Bare::Known;
    }
    if line.starts_with("panic: ") || line.starts_with("fatal error: ") {
        return Bare::Hit(Signature::Panic);
    }
    if is_klog(line) {
        return if api_failed(line) {
            Bare::Hit(Signature::ApiListWatch)
        } else {
            Bare::Known
        };
    }
    if is_startup_error(line) {
        return Bare::Hit(Signature::StartupError);
    }
    Bare::Unknown
}

/// What the message of a plugin other than `errors` means.
pub(crate) fn of_plugin(level: &[u8], text: &str) -> Option<Signature> {
    if level == b"FATAL" && text.starts_with("plugin/loop: Loop (") {
        return Some(Signature::Loop);
    }
    if let Some(rest) = text.strip_prefix("plugin/kubernetes: ") {
        if rest.starts_with("starting server with unsynced") {
            return Some(Signature::UnsyncedApi);
        }
        return api_failed(rest).then_some(Signature::ApiListWatch);
    }
    if text.starts_with("plugin/reload: Corefile parse failed")
        || text.starts_with("plugin/reload: Corefile changed but reload failed")
        || text.starts_with("Restart failed")
    {
        return Some(Signature::ReloadFailed);
    }
    if text.starts_with("plugin/health: Local health request") {
        return Some(Signature::Unhealthy);
    }
    text.starts_with("Recovered from panic")
        .then_some(Signature::Panic)
}

/// The zone that a line of plugin `loop` names.
pub(crate) fn loop_zone(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("detected for zone \"")?;
    let (zone, _) = rest.split_once('"')?;
    (zone.len() <= MAX_NAME).then(|| zone.to_owned())
}

/// A line of plugin `log`: `<ip>:<port> - <id> "<type> <class> <name> …`.
pub(crate) fn is_query(message: &[u8]) -> bool {
    let Some(dash) = memchr::memmem::find(message.get(..64).unwrap_or(message), b" - ") else {
        return false;
    };
    let after = message.get(dash + 3..).unwrap_or_default();
    let digits = after
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    digits > 0 && after.get(digits..digits + 2) == Some(b" \"")
}

/// client-go's reflector could not list or watch.
fn api_failed(text: &str) -> bool {
    text.contains("ailed to list")
        || text.contains("ailed to watch")
        || text.contains("Unhandled Error")
        || text.starts_with("Kubernetes API connection failure")
}

/// `.:53`, `contoso.com.:53`, `tls://.:853 on 10.0.0.1` of the start banner.
fn is_zone(line: &str) -> bool {
    let (key, rest) = line.split_once(' ').unwrap_or((line, "on "));
    rest.starts_with("on ")
        && key.rsplit_once(".:").is_some_and(|(_, port)| {
            !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// `E0225 14:25:57.689877 …`.
fn is_klog(line: &str) -> bool {
    let mut bytes = line.bytes();
    bytes.next().is_some_and(|level| b"IWEF".contains(&level))
        && bytes.by_ref().take(4).filter(u8::is_ascii_digit).count() == 4
        && bytes.next() == Some(b' ')
}

/// CoreDNS prints the error that ends its start without a level.
fn is_startup_error(line: &str) -> bool {
    line.contains(" - Error during parsing: ")
        || line.contains(" - Syntax error: ")
        || line.starts_with("plugin/")
        || line.starts_with("Listen: ")
        || line.starts_with("cannot serve ")
}
