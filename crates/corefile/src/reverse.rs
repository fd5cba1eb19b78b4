//! Networks in CIDR notation as reverse zones (github.com/coredns/coredns, plugin/pkg/cidr).

use std::net::{Ipv4Addr, Ipv6Addr};

/// The reverse zones of a network; a prefix between two labels stands for several zones.
pub(crate) fn zones(text: &str) -> Option<Vec<String>> {
    let (address, prefix) = text.split_once('/')?;
    if !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let prefix: u32 = prefix.parse().ok()?;
    if let Ok(address) = address.parse::<Ipv4Addr>() {
        let family = Family {
            width: 32,
            step: 8,
            suffix: "in-addr.arpa.",
        };
        return family.zones(u128::from(u32::from(address)), prefix);
    }
    let address: Ipv6Addr = address.parse().ok()?;
    let family = Family {
        width: 128,
        step: 4,
        suffix: "ip6.arpa.",
    };
    family.zones(u128::from(address), prefix)
}

struct Family {
    /// Bits of an address.
    width: u32,
    /// Bits of a label.
    step: u32,
    suffix: &'static str,
}

impl Family {
    fn zones(&self, address: u128, prefix: u32) -> Option<Vec<String>> {
        let host = self.width.checked_sub(prefix)?;
        let base = address & !power(host).wrapping_sub(1);
        let labels = prefix.div_ceil(self.step);
        let below = self.width - labels * self.step;
        let networks = 0..power(labels * self.step - prefix);
        let zones = networks.map(|n| self.zone(base | n.wrapping_mul(power(below)), labels));
        Some(zones.collect())
    }

    fn zone(&self, network: u128, labels: u32) -> String {
        let mut zone = String::new();
        for label in (1..=labels).rev() {
            let value = (network >> (self.width - label * self.step)) & (power(self.step) - 1);
            let text = if self.step == 4 {
                format!("{value:x}.")
            } else {
                format!("{value}.")
            };
            zone.push_str(&text);
        }
        zone + self.suffix
    }
}

/// 2 to the power of `bits`; 0 where that does not fit.
fn power(bits: u32) -> u128 {
    1_u128.checked_shl(bits).unwrap_or(0)
}
