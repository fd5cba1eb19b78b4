//! Addresses and ranges as integers.

/// An address: version and number.
pub(crate) type Ip = (u8, u128);

/// A status never has leading zeros; where one does, it is no address.
pub(crate) fn pod_ip(text: &str) -> Option<Ip> {
    text.parse::<std::net::IpAddr>().ok()?;
    ip(text)
}

pub(crate) fn is_link_local((version, number): Ip) -> bool {
    match version {
        4 => number >> 16 == 0xa9fe,
        _ => number >> 118 == 0xfe80 >> 6,
    }
}

/// Version, number and length of the prefix.
pub(crate) fn in_range((version, number, prefix): (u8, u128, u32), ip: Ip) -> bool {
    let bits = if version == 4 { 32 } else { 128 };
    let shift = bits - prefix;
    version == ip.0 && (shift == 128 || number >> shift == ip.1 >> shift)
}

pub(crate) fn range(text: &str) -> Option<(u8, u128, u32)> {
    let (address, prefix) = text.split_once('/')?;
    let prefix = number(prefix, 10, 128)?;
    let prefix = u32::try_from(prefix).ok()?;
    if let Some(v4) = v4(address) {
        return (prefix <= 32).then_some((4, v4, prefix));
    }
    let v6 = v6(address)?;
    if v6 >> 32 == 0xffff && prefix >= 96 {
        return Some((4, v6 & 0xffff_ffff, prefix - 96));
    }
    Some((6, v6, prefix))
}

pub(crate) fn ip(text: &str) -> Option<Ip> {
    if let Some(v4) = v4(text) {
        return Some((4, v4));
    }
    let v6 = v6(text)?;
    Some(if v6 >> 32 == 0xffff {
        (4, v6 & 0xffff_ffff)
    } else {
        (6, v6)
    })
}

fn number(text: &str, base: u32, most: u128) -> Option<u128> {
    if text.is_empty() {
        return None;
    }
    let mut value = 0_u128;
    for digit in text.chars() {
        value = value * u128::from(base) + u128::from(digit.to_digit(base)?);
        if value > most {
            return None;
        }
    }
    Some(value)
}

fn v4(text: &str) -> Option<u128> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 4 {
        return None;
    }
    parts
        .iter()
        .try_fold(0, |value, part| Some(value << 8 | number(part, 10, 255)?))
}

fn v6(text: &str) -> Option<u128> {
    let groups = |text: &str| -> Option<Vec<u128>> {
        let mut groups = Vec::new();
        if text.is_empty() {
            return Some(groups);
        }
        let parts: Vec<&str> = text.split(':').collect();
        for (index, part) in parts.iter().enumerate() {
            if part.contains('.') && index + 1 == parts.len() {
                let tail = v4(part)?;
                groups.extend([tail >> 16, tail & 0xffff]);
            } else {
                groups.push(number(part, 16, 0xffff)?);
            }
        }
        Some(groups)
    };
    let all = match text.split_once("::") {
        Some((head, tail)) => {
            let (mut head, tail) = (groups(head)?, groups(tail)?);
            if text.starts_with(":::") || tail.len() + head.len() > 7 {
                return None;
            }
            head.resize(8 - tail.len(), 0);
            head.extend(tail);
            head
        }
        None => groups(text)?,
    };
    (all.len() == 8).then(|| all.iter().fold(0, |value, group| value << 16 | group))
}
