//! What an address is: a platform's resolver, a public resolver, one of the user's own.

use std::net::IpAddr;

/// Whose resolver an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// The cloud platform's resolver; it knows public names and the platform's private zones.
    Platform(&'static str),
    /// A public resolver; it knows public names only.
    Public(&'static str),
    /// An address nobody else could own: the user's own servers.
    Custom,
    /// A loopback address.
    Loopback,
    /// Another global address: somebody's server, whose is not known.
    Unknown,
}

const KNOWN: [(&str, Owner); 19] = [
    ("168.63.129.16", Owner::Platform("Azure DNS")),
    ("169.254.169.253", Owner::Platform("the Amazon resolver")),
    ("fd00:ec2::253", Owner::Platform("the Amazon resolver")),
    (
        "169.254.169.254",
        Owner::Platform("the Google Cloud resolver"),
    ),
    ("8.8.8.8", Owner::Public("Google Public DNS")),
    ("8.8.4.4", Owner::Public("Google Public DNS")),
    ("2001:4860:4860::8888", Owner::Public("Google Public DNS")),
    ("2001:4860:4860::8844", Owner::Public("Google Public DNS")),
    ("1.1.1.1", Owner::Public("Cloudflare's public DNS")),
    ("1.0.0.1", Owner::Public("Cloudflare's public DNS")),
    (
        "2606:4700:4700::1111",
        Owner::Public("Cloudflare's public DNS"),
    ),
    (
        "2606:4700:4700::1001",
        Owner::Public("Cloudflare's public DNS"),
    ),
    ("9.9.9.9", Owner::Public("Quad9")),
    ("149.112.112.112", Owner::Public("Quad9")),
    ("2620:fe::fe", Owner::Public("Quad9")),
    ("208.67.222.222", Owner::Public("OpenDNS")),
    ("208.67.220.220", Owner::Public("OpenDNS")),
    ("94.140.14.14", Owner::Public("AdGuard DNS")),
    ("94.140.15.15", Owner::Public("AdGuard DNS")),
];

/// Tells whose resolver an address is.
pub(crate) fn owner(address: &str) -> Owner {
    let Some(ip) = parse(address) else {
        return Owner::Unknown;
    };
    let known = KNOWN.iter().find(|(known, _)| parse(known) == Some(ip));
    match (known, ip) {
        (Some((_, owner)), _) => *owner,
        (None, ip) if ip.is_loopback() => Owner::Loopback,
        (None, IpAddr::V4(ip)) if ip.is_private() || ip.is_link_local() => Owner::Custom,
        // 100.64.0.0/10, shared address space: carrier or cloud internal, never public.
        (None, IpAddr::V4(ip)) if ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64 => {
            Owner::Custom
        }
        (None, IpAddr::V6(ip)) if ip.is_unique_local() || ip.is_unicast_link_local() => {
            Owner::Custom
        }
        _ => Owner::Unknown,
    }
}

/// An address with its owner's name where it has one: `Azure DNS (168.63.129.16)`.
pub(crate) fn describe(address: &str) -> String {
    match owner(address) {
        Owner::Platform(name) | Owner::Public(name) => format!("{name} ({address})"),
        Owner::Custom | Owner::Loopback | Owner::Unknown => address.to_owned(),
    }
}

/// Reads an address; a zone (`fe80::1%eth0`) is left out.
pub(crate) fn parse(address: &str) -> Option<IpAddr> {
    let bare = address.split('%').next().unwrap_or(address);
    bare.trim_matches(['[', ']']).parse().ok()
}

/// The `address:port` that probe records use, IPv6 in brackets, in canonical form.
pub(crate) fn socket(address: &str, port: u16) -> String {
    match parse(address) {
        Some(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
        Some(IpAddr::V4(ip)) => format!("{ip}:{port}"),
        None => format!("{address}:{port}"),
    }
}

/// The same in canonical form, for `address:port` as a record has it.
pub(crate) fn canonical_socket(server: &str) -> String {
    match server.rsplit_once(':') {
        Some((address, port)) => match port.parse() {
            Ok(port) => socket(address, port),
            Err(_) => server.to_owned(),
        },
        None => server.to_owned(),
    }
}

/// An `address:port` without the usual port.
pub(crate) fn bare(server: &str) -> &str {
    server.strip_suffix(":53").unwrap_or(server)
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The addresses among answers, without the aliases that lead to them.
pub(crate) fn given(answers: &[String]) -> String {
    let addresses = answers.iter().filter(|it| parse(it).is_some());
    match list(&addresses.cloned().collect::<Vec<_>>()) {
        none if none.is_empty() => "no address".to_owned(),
        words => words,
    }
}

/// Whether a range holds an address.
pub(crate) fn holds(range: &str, ip: IpAddr) -> bool {
    let Some((network, length)) = range.split_once('/') else {
        return false;
    };
    let (Some(network), Ok(length)) = (parse(network), length.parse::<u32>()) else {
        return false;
    };
    match (network, ip) {
        (IpAddr::V4(network), IpAddr::V4(ip)) => {
            let off = 32_u32.saturating_sub(length);
            (network.to_bits() ^ ip.to_bits())
                .checked_shr(off)
                .unwrap_or(0)
                == 0
        }
        (IpAddr::V6(network), IpAddr::V6(ip)) => {
            let off = 128_u32.saturating_sub(length);
            (network.to_bits() ^ ip.to_bits())
                .checked_shr(off)
                .unwrap_or(0)
                == 0
        }
        _ => false,
    }
}
