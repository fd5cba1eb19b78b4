//! kube-dns, the server before CoreDNS, which GKE still has: which servers it asks.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use digpod_bundle::k8s::ConfigMap;
use serde::de::DeserializeOwned;

/// Its settings in the words of a Corefile, by which probes are planned: servers of stub domains,
/// and for all other names `upstreamNameservers`, or those of the node's resolv.conf
/// (<https://github.com/kubernetes/dns/blob/master/docs/kube-dns/README.md>).
pub(super) fn as_corefile(map: Option<&ConfigMap>) -> String {
    let stubs: BTreeMap<String, Vec<String>> = setting(map, "stubDomains");
    let upstreams: Vec<String> = setting(map, "upstreamNameservers");
    let mut servers: Vec<&str> = addresses(stubs.values().flatten());
    let others = addresses(upstreams.iter());
    if others.is_empty() {
        servers.push("/etc/resolv.conf");
    }
    servers.extend(others);
    format!(".:53 {{\n    forward . {}\n}}\n", servers.join(" "))
}

/// A key whose value is JSON; kube-dns leaves one out that it cannot read.
fn setting<T: DeserializeOwned + Default>(map: Option<&ConfigMap>, key: &str) -> T {
    let text = map.and_then(|map| map.data.get(key));
    let read = text.and_then(|text| serde_json::from_str(text).ok());
    read.unwrap_or_default()
}

fn addresses<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let plain = |text: &&str| text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok();
    texts.map(String::as_str).filter(plain).collect()
}

#[cfg(test)]
mod tests {
    use digpod_bundle::k8s::ConfigMap;
    use serde_json::json;

    use super::as_corefile;

    #[test]
    fn what_it_asks_is_read_from_its_config_map() {
        let of = |data: serde_json::Value| {
            let map: ConfigMap = serde_json::from_value(json!({"data": data})).unwrap_or_default();
            let text = as_corefile(Some(&map));
            let line = text.lines().nth(1).unwrap_or_default();
            line.trim().trim_start_matches("forward . ").to_owned()
        };
        assert_eq!(of(json!({})), "/etc/resolv.conf");
        let stubs = r#"{"corp.internal": ["10.1.0.4", "10.1.0.5:5353"], "x": ["ns } {"]}"#;
        let stubs = json!({"stubDomains": stubs});
        assert_eq!(of(stubs), "10.1.0.4 10.1.0.5:5353 /etc/resolv.conf");
        let both = json!({"stubDomains": "no JSON", "upstreamNameservers": r#"["192.0.2.53"]"#});
        assert_eq!(of(both), "192.0.2.53");
        assert!(as_corefile(None).contains("/etc/resolv.conf"));
    }
}
