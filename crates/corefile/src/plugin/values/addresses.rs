//! Addresses, networks, and what stands before and behind them (package net, plugin/pkg/parse).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `net.ParseIP`.
pub(crate) fn ip(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// The text without the zone of a scoped address, which starts at the last `%`.
pub(crate) fn without_scope(text: &str) -> &str {
    text.rsplit_once('%').map_or(text, |(address, _)| address)
}

/// A network: its address with the host's bits cleared, and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) address: IpAddr,
    pub(crate) prefix: u32,
}

impl Network {
    /// Whether an address lies in it.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let mask = |bits: u32, width: u32| u128::MAX.checked_shl(width - bits).unwrap_or(0);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = mask(self.prefix, 32);
                u128::from(u32::from(network)) & mask == u128::from(u32::from(address)) & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = mask(self.prefix, 128);
                u128::from(network) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

/// `net.ParseCIDR`.
pub(crate) fn cidr(text: &str) -> Result<Network, String> {
    let invalid = || format!("invalid CIDR address: {text}");
    let (address, prefix) = text.split_once('/').ok_or_else(invalid)?;
    let address: IpAddr = address.parse().map_err(|_| invalid())?;
    if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    let width = if address.is_ipv4() { 32 } else { 128 };
    let prefix: u32 = prefix.parse().map_err(|_| invalid())?;
    if prefix > width {
        return Err(invalid());
    }
    let mask = u128::MAX.checked_shl(width - prefix).unwrap_or(0);
    let address = match address {
        IpAddr::V4(address) => {
            let masked = u128::from(u32::from(address)) & mask;
            IpAddr::V4(Ipv4Addr::from(u32::try_from(masked).unwrap_or(0)))
        }
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask)),
    };
    Ok(Network { address, prefix })
}

/// `net.SplitHostPort`.
pub(crate) fn split_host_port(text: &str) -> Result<(&str, &str), String> {
    let error = |why: &str| {
        if text.is_empty() {
            why.to_owned()
        } else {
            format!("address {text}: {why}")
        }
    };
    let Some((before, port)) = text.rsplit_once(':') else {
        return Err(error("missing port in address"));
    };
    let (host, inner, after) = if let Some(inner) = text.strip_prefix('[') {
        let Some((host, after)) = inner.split_once(']') else {
            return Err(error("missing ']' in address"));
        };
        // The port follows the bracket, and nothing else does.
        match after.strip_prefix(':') {
            Some(rest) if rest == port => {}
            Some(_) => return Err(error("too many colons in address")),
            None => return Err(error("missing port in address")),
        }
        (host, inner, after)
    } else {
        if before.contains(':') {
            return Err(error("too many colons in address"));
        }
        (before, text, text)
    };
    if inner.contains('[') {
        return Err(error("unexpected '[' in address"));
    }
    if after.contains(']') {
        return Err(error("unexpected ']' in address"));
    }
    Ok((host, port))
}

const TRANSPORTS: &[&str] = &["tls", "dns", "quic", "grpc", "https3", "https", "unix"];

/// The scheme of an address and the rest; `dns` is assumed (`parse.Transport`).
pub(crate) fn transport(text: &str) -> (&'static str, &str) {
    TRANSPORTS
        .iter()
        .find_map(|scheme| {
            let rest = text.strip_prefix(scheme)?.strip_prefix("://")?;
            Some((*scheme, rest))
        })
        .unwrap_or(("dns", text))
}

/// A single address with the length of its prefix.
pub(crate) fn with_prefix(text: &str) -> String {
    if text.contains('/') {
        text.to_owned()
    } else if text.contains(':') {
        format!("{text}/128")
    } else {
        format!("{text}/32")
    }
}
