//! Upstream servers as plugins take them: addresses, files that list them, names of hosts
//! (github.com/coredns/coredns, plugin/pkg/parse/host.go and plugin/forward).

use super::values::{ip, is_domain_name, quote, split_host_port, transport, without_scope};
use super::version::Version;

/// A TO that is an address or a file.
pub(super) struct Upstream {
    /// As CoreDNS goes on with it: with scheme and port.
    pub(super) printed: String,
}

/// A TO that is neither.
pub(super) enum NotAnUpstream {
    /// Nothing stands behind the scheme; with CoreDNS's words.
    Empty(String),
    /// Neither an address nor, as far as we can see, a file; with CoreDNS's words.
    Unknown(String),
}

/// Reads a TO. A path is taken for a file that exists: which files CoreDNS's container has is not
/// known here.
pub(super) fn read(text: &str, version: Version) -> Result<Upstream, NotAnUpstream> {
    let (scheme, host) = transport(text);
    if host.is_empty() {
        let message = if version < Version::new(1, 11, 0) {
            "not an IP address or file: \"\"".to_owned()
        } else {
            format!("invalid address: {}", quote(text))
        };
        return Err(NotAnUpstream::Empty(message));
    }
    if scheme == "unix" {
        return Ok(upstream(text.to_owned()));
    }
    if let Ok((address, _)) = split_host_port(host) {
        if ip(without_scope(address)).is_some() {
            return Ok(upstream(text.to_owned()));
        }
        return file(host, version);
    }
    let host = host.trim_matches(['[', ']']);
    if ip(without_scope(host)).is_none() {
        return file(host, version);
    }
    let join = |port: &str| {
        if host.contains([':', '%']) {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        }
    };
    Ok(upstream(match scheme {
        "dns" => join("53"),
        "tls" => format!("tls://{}", join("853")),
        "quic" => format!("quic://{}", join("853")),
        "grpc" => format!("grpc://{}", join("443")),
        "https" => format!("https://{}", join("443")),
        // CoreDNS forgets this scheme and goes on with an empty text.
        _ => String::new(),
    }))
}

/// The number behind the address of a TO, if it is none of a port. CoreDNS looks at it only when it
/// connects.
pub(super) fn no_port(text: &str) -> Option<&str> {
    let (_, host) = transport(text);
    let (_, port) = split_host_port(host).ok()?;
    let number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let fits = port.parse::<u16>().is_ok_and(|port| port > 0);
    (number && !fits).then_some(port)
}

fn upstream(printed: String) -> Upstream {
    Upstream { printed }
}

fn file(host: &str, version: Version) -> Result<Upstream, NotAnUpstream> {
    if is_path(host) {
        // What the file lists is plain DNS.
        return Ok(upstream("0.0.0.0:53".to_owned()));
    }
    let quoted = quote(host);
    Err(NotAnUpstream::Unknown(
        if version < Version::new(1, 14, 5) {
            format!("not an IP address or file: {quoted}")
        } else {
            let why = quote(&format!("open {host}: no such file or directory"));
            format!("not an IP address or file {quoted}: failed to open file {quoted}: {why}")
        },
    ))
}

/// Whether a TO that is no address looks like a file.
pub(crate) fn is_path(text: &str) -> bool {
    (text.contains('/') && !text.contains("://")) || matches!(text, "." | "..")
}

/// Splits the TLS server name from an address: `tls://10.0.0.4%dns.example` (`splitZone`).
pub(super) fn split_zone(text: &str) -> (String, Option<String>) {
    let (scheme, host) = match text.split_once("://") {
        Some((scheme, host)) => (scheme, host),
        None => ("", text),
    };
    let Some((address, zone)) = host.rsplit_once('%') else {
        return (text.to_owned(), None);
    };
    let mut address = address.to_owned();
    if address.starts_with('[') {
        address.push(']');
    }
    let mut zone = zone;
    if let Some(colon) = zone.rfind(':') {
        address.push_str(zone.get(colon..).unwrap_or_default());
        zone = zone.get(..colon).unwrap_or_default();
        zone = zone.strip_suffix(']').unwrap_or(zone);
    }
    let address = if scheme.is_empty() {
        address
    } else {
        format!("{scheme}://{address}")
    };
    (
        address,
        Some(zone.to_owned()).filter(|zone| !zone.is_empty()),
    )
}

/// Whether `forward` takes it for the name of a host, from 1.14.4 on (`parseAsHostEntry`).
pub(super) fn is_host(text: &str, version: Version) -> bool {
    let (text, _) = split_zone(text);
    let (scheme, host) = transport(&text);
    let quic = scheme == "quic" && version >= Version::new(1, 15, 0);
    if !matches!(scheme, "dns" | "tls" | "https") && !quic {
        return false;
    }
    let name = split_host_port(host).map_or(host, |(name, _)| name);
    let name = name.trim_matches(['[', ']']);
    is_domain_name(name) && ip(name).is_none()
}
