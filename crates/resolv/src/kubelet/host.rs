//! The node's file as the kubelet reads it.

use std::collections::BTreeMap;

use super::{PodDns, PodDnsError};

/// `parseResolvConf`: `#` comments only, no `domain`, keywords after blanks too, options of all
/// lines by name, a dot at the end of a domain taken off, the root left out.
pub(super) fn host_settings(text: &str) -> Result<PodDns, PodDnsError> {
    let mut dns = PodDns::default();
    let mut empty = 0;
    let mut places = BTreeMap::new();
    for line in text.split('\n') {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => match words.next() {
                Some(server) => dns.servers.push(server.to_owned()),
                None => empty += 1,
            },
            Some("search") => {
                dns.searches = words
                    .filter(|domain| *domain != ".")
                    .map(|domain| domain.strip_suffix('.').unwrap_or(domain).to_owned())
                    .collect();
            }
            Some("options") => {
                for option in words {
                    let name = |option: &str| {
                        let end = option.find(':').unwrap_or(option.len());
                        option.get(..end).unwrap_or_default().to_owned()
                    };
                    let this = name(option);
                    let at = *places.entry(this).or_insert(dns.options.len());
                    match dns.options.get_mut(at) {
                        Some(known) => option.clone_into(known),
                        None => dns.options.push(option.to_owned()),
                    }
                }
            }
            _ => {}
        }
    }
    if empty > 0 {
        return Err(PodDnsError::EmptyNameserver { lines: empty });
    }
    Ok(dns)
}
