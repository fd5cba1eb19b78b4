//! Items of policies as YAML.

use crate::endpoint::Direction;
use crate::policy::{LabelSelector, Peer, PolicyPort, PortValue};

/// A list item with the port.
pub(crate) fn port(port: &PolicyPort) -> String {
    let mut fields = Vec::new();
    if let Some(protocol) = &port.protocol {
        fields.push(format!("protocol: {}", scalar(protocol)));
    }
    match &port.port {
        Some(PortValue::Number(number)) => fields.push(format!("port: {number}")),
        Some(PortValue::Name(name)) => fields.push(format!("port: {}", scalar(name))),
        None => {}
    }
    if let Some(last) = port.end_port {
        fields.push(format!("endPort: {last}"));
    }
    item(&fields)
}

/// A list item with the peer.
pub(crate) fn peer(peer: &Peer) -> String {
    let mut fields = Vec::new();
    for (name, selector) in [
        ("namespaceSelector", &peer.namespace_selector),
        ("podSelector", &peer.pod_selector),
    ] {
        if let Some(selector) = selector {
            fields.push(labels(name, selector));
        }
    }
    if let Some(block) = &peer.ip_block {
        fields.push(format!("ipBlock:\n  cidr: {}", scalar(&block.cidr)));
    }
    item(&fields)
}

/// A list item with the rule.
pub(crate) fn rule(direction: Direction, peers: &[Peer], ports: &[PolicyPort]) -> String {
    let list = |name: &str, items: Vec<String>| {
        let items = items.concat();
        format!("{name}:\n{}", indent(items.trim_end()))
    };
    let mut fields = Vec::new();
    if !peers.is_empty() {
        let peers = peers.iter().map(peer).collect();
        fields.push(list(direction.peers_field(), peers));
    }
    if !ports.is_empty() {
        fields.push(list("ports", ports.iter().map(port).collect()));
    }
    item(&fields)
}

fn labels(name: &str, selector: &LabelSelector) -> String {
    let labels: Vec<String> = selector
        .match_labels
        .iter()
        .flatten()
        .map(|(key, value)| format!("    {}: {}", scalar(key), scalar(value)))
        .collect();
    if labels.is_empty() {
        format!("{name}: {{}}")
    } else {
        format!("{name}:\n  matchLabels:\n{}", labels.join("\n"))
    }
}

fn item(fields: &[String]) -> String {
    if fields.is_empty() {
        return "- {}\n".to_owned();
    }
    let text = indent(&fields.join("\n"));
    format!("- {}\n", text.trim_start())
}

fn indent(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// Plain where every YAML reads it as this text, else in quotes.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    let address = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'/'))
        && text.contains('/');
    if plain || address {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}
