//! Ranges of addresses, read as the API server reads them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// A range as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cidr {
    /// The address before the slash.
    pub(crate) address: IpAddr,
    /// The range, with the bits behind the prefix cleared.
    pub(crate) net: IpNet,
    /// The length of the prefix as written: of 128 bits for IPv4 written as IPv6.
    pub(crate) bits: u8,
    /// A number is written with leading zeros: decimal all the same, and deprecated.
    pub(crate) odd: bool,
}

/// Reads `10.0.0.0/8` or `2001:db8::/32` as the API server does: numbers may have leading zeros
/// (they are decimal), bits may be set behind the prefix, and an IPv4 address written as IPv6
/// (`::ffff:10.0.0.0/104`) is an IPv4 address.
pub(crate) fn parse(text: &str) -> Option<Cidr> {
    let (address, prefix) = text.split_once('/')?;
    let bits = u8::try_from(decimal(prefix)?).ok()?;
    let mut odd = prefix.len() > 1 && prefix.starts_with('0');
    if let Some((address, zeros)) = v4(address) {
        let net = Ipv4Net::new(address, bits).ok()?;
        return Some(Cidr {
            address: address.into(),
            net: net.trunc().into(),
            bits,
            odd: odd || zeros,
        });
    }
    let (address, zeros) = v6(address)?;
    odd |= zeros;
    let net = Ipv6Net::new(address, bits).ok()?.trunc();
    let (address, net) = match (address.to_ipv4_mapped(), bits.checked_sub(96)) {
        (Some(address), Some(v4_bits)) => (
            address.into(),
            Ipv4Net::new(address, v4_bits).ok()?.trunc().into(),
        ),
        _ => (address.into(), net.into()),
    };
    Some(Cidr {
        address,
        net,
        bits,
        odd,
    })
}

/// The address as policies see it: IPv4 written as IPv6 is IPv4.
pub(crate) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn decimal(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = text.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    // More digits than an address or a prefix can have.
    (digits.len() <= 7).then(|| digits.parse().ok()).flatten()
}

/// The address, and whether a number has leading zeros.
fn v4(text: &str) -> Option<(Ipv4Addr, bool)> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    let mut odd = false;
    for octet in &mut octets {
        let part = parts.next()?;
        odd |= part.len() > 1 && part.starts_with('0');
        *octet = u8::try_from(decimal(part)?).ok()?;
    }
    parts.next().is_none().then(|| (octets.into(), odd))
}

/// The address, and whether its IPv4 tail has leading zeros.
fn v6(text: &str) -> Option<(Ipv6Addr, bool)> {
    let mut plain = String::with_capacity(text.len());
    let mut odd = false;
    for (index, part) in text.split(':').enumerate() {
        if index > 0 {
            plain.push(':');
        }
        if part.contains('.') {
            let (tail, zeros) = v4(part)?;
            odd |= zeros;
            plain.push_str(&tail.to_string());
        } else if !part.is_empty() {
            let digits = part.trim_start_matches('0');
            odd |= part.len() > 4;
            plain.push_str(if digits.is_empty() { "0" } else { digits });
        }
    }
    Some((plain.parse().ok()?, odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Option<String> {
        parse(text).map(|cidr| cidr.net.to_string())
    }

    #[test]
    fn reads_what_the_api_server_reads() {
        for (text, expected) in [
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("010.001.0.0/016", Some("10.1.0.0/16")),
            ("0.0.0.0/0", Some("0.0.0.0/0")),
            ("10.0.0.0/33", None),
            ("10.0.0.0/", None),
            ("10.0.0.0/-1", None),
            ("10.0.0.0", None),
            ("10.0.0/8", None),
            ("256.0.0.0/8", None),
            ("2001:db8::1/32", Some("2001:db8::/32")),
            ("::/0", Some("::/0")),
            ("::ffff:10.1.2.3/104", Some("10.0.0.0/8")),
            ("::ffff:10.1.2.3/64", Some("::/64")),
            ("fe80::1%eth0/64", None),
            ("/8", None),
            ("", None),
        ] {
            assert_eq!(net(text).as_deref(), expected, "{text}");
        }
    }
}
