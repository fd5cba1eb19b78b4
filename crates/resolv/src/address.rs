//! Addresses as the resolvers read them: `inet_aton` is wider than what people write.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 as `inet_aton` of glibc and musl takes it: one to four numbers, decimal, octal (`0…`) or
/// hexadecimal (`0x…`), the last one filling the bytes that are left. `10.1` is 10.0.0.1.
pub(crate) fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = text.split('.').collect();
    let (last, leading) = parts.split_last()?;
    if leading.len() > 3 {
        return None;
    }
    let mut value: u64 = 0;
    for part in leading {
        let byte = number(part).filter(|byte| *byte <= 0xff)?;
        value = value << 8 | byte;
    }
    let free_bits = 8 * (4 - u32::try_from(leading.len()).ok()?);
    let last = number(last).filter(|last| *last < 1 << free_bits)?;
    let value = value << free_bits | last;
    u32::try_from(value).ok().map(Ipv4Addr::from)
}

/// `strtoul` with base 0, of a word that must begin with a digit and be used up.
fn number(text: &str) -> Option<u64> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (digits, base) = if let Some(hex) = text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        (hex, 16)
    } else if text.len() > 1 && text.starts_with('0') {
        (text.get(1..)?, 8)
    } else {
        (text, 10)
    };
    // `from_str_radix` would take a sign.
    digits
        .chars()
        .all(|c| c.is_digit(base))
        .then(|| u64::from_str_radix(digits, base).ok())?
}

/// An address literal as libc takes it (`inet_aton`, else IPv6 with an optional `%scope`).
pub(crate) fn libc_literal(text: &str) -> Option<(IpAddr, Option<String>)> {
    if let Some(v4) = inet_aton(text) {
        return Some((IpAddr::V4(v4), None));
    }
    let (address, scope) = match text.split_once('%') {
        Some((address, scope)) => (address, Some(scope.to_owned())),
        None => (text, None),
    };
    let v6: Ipv6Addr = address.parse().ok()?;
    Some((IpAddr::V6(v6), scope))
}

/// An address literal as Go's `netip.ParseAddr` takes it: no short forms, no octal, a zone that
/// is not empty and never one after IPv4 or IPv4 in IPv6 notation without it.
pub(crate) fn go_literal(text: &str) -> Option<(IpAddr, Option<String>)> {
    if let Ok(v4) = text.parse::<Ipv4Addr>() {
        return Some((IpAddr::V4(v4), None));
    }
    let (address, zone) = match text.split_once('%') {
        Some((_, "")) => return None,
        Some((address, zone)) => (address, Some(zone.to_owned())),
        None => (text, None),
    };
    let v6: Ipv6Addr = address.parse().ok()?;
    Some((IpAddr::V6(v6), zone))
}

/// Whether it is `fe80::/10` or a link-local multicast address, which may have a named scope.
pub(crate) fn is_link_local(address: IpAddr) -> bool {
    let IpAddr::V6(v6) = address else {
        return false;
    };
    let [first, second, ..] = v6.octets();
    (first == 0xfe && second & 0xc0 == 0x80) || (first == 0xff && second & 0x0f == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inet_aton_takes_short_octal_and_hexadecimal_forms() {
        let shown = |text| inet_aton(text).map(|it: Ipv4Addr| it.to_string());
        assert_eq!(shown("10.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(shown("10.0.010.0x0a").as_deref(), Some("10.0.8.10"));
        assert_eq!(shown("2130706433").as_deref(), Some("127.0.0.1"));
        for wrong in [
            "",
            ".",
            "1.",
            "1.2.3.4.",
            "1.2.3.4.5",
            "08",
            "0x",
            "256.1.1.1",
            "1.2.3.256",
            "+1",
            "-1",
            "1.2.3.4\r",
        ] {
            assert_eq!(shown(wrong), None, "{wrong:?}");
        }
    }
}
