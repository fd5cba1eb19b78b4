//! Sentences about tests that fail.

use crate::endpoint::{Endpoint, Labels, NAMESPACE_NAME_LABEL, Protocol};
use crate::policy::{LabelSelector, PolicyPort, PortValue};
use crate::selector::{Selector, Test, TestKind};

/// Why a selector does not select the pod.
pub(crate) fn labels_differ(selector: Option<&LabelSelector>, other: &Endpoint) -> String {
    let Some((selector, pod)) = selector.zip(other.pod()) else {
        return String::new();
    };
    let wanted = failing(selector, &pod.labels);
    let has = if pod.labels.is_empty() {
        "no labels".to_owned()
    } else {
        list(&pod.labels)
    };
    format!("the podSelector asks for {wanted}; {other} has {has}")
}

/// Why a selector does not select the namespace; no labels: it was not seen.
pub(crate) fn namespace_differs(
    selector: &LabelSelector,
    namespace: &str,
    labels: Option<&Labels>,
) -> String {
    let Some(labels) = labels else {
        return format!(
            "the namespaceSelector asks for labels, and those of namespace {namespace} were not seen"
        );
    };
    let wanted = failing(selector, labels);
    let has = if labels.is_empty() {
        "no labels".to_owned()
    } else {
        list(labels)
    };
    let mut text =
        format!("the namespaceSelector asks for {wanted}; namespace {namespace} has {has}");
    let asks_for_name = selector
        .match_labels
        .iter()
        .flatten()
        .any(|(key, value)| key != NAMESPACE_NAME_LABEL && value == namespace);
    if asks_for_name && labels.contains_key(NAMESPACE_NAME_LABEL) {
        text.push_str(". Of a namespace's labels only ");
        text.push_str(NAMESPACE_NAME_LABEL);
        text.push_str(" is set by Kubernetes itself");
    }
    text
}

/// Why selectors cannot match the endpoint.
pub(crate) fn not_a_pod(other: &Endpoint) -> String {
    match other {
        Endpoint::Ip(address) if crate::decide::is_link_local(*address) => format!(
            "selectors match pods only; {address} is link-local, an address of something on the node (a DNS cache, say): it needs an ipBlock"
        ),
        Endpoint::Ip(address) => {
            format!("selectors match pods only; {address} is an address: it needs an ipBlock")
        }
        Endpoint::Pod(_) => format!(
            "{other} uses its node's network: most network plugins see only the node, which needs an ipBlock"
        ),
    }
}

/// Why the protocol is another.
pub(crate) fn wrong_protocol(entry: &PolicyPort, protocol: Protocol) -> String {
    let port = port(entry);
    match &entry.protocol {
        None => {
            let has = if port.starts_with("ports ") {
                "have"
            } else {
                "has"
            };
            format!("{port} {has} no protocol, which means TCP; {protocol} is not allowed")
        }
        Some(written) => format!("{written} is allowed on {port}, {protocol} is not"),
    }
}

/// Why the port is another.
pub(crate) fn wrong_port(
    entry: &PolicyPort,
    protocol: Protocol,
    port_of_pod: u16,
    to: &Endpoint,
) -> String {
    let allowed = port(entry);
    match (&entry.port, to) {
        (Some(PortValue::Name(name)), Endpoint::Pod(pod)) => match pod.port_named(name, protocol) {
            Some(number) => format!(
                "{allowed} is {protocol} {number} on {to}; {protocol} {port_of_pod} is asked"
            ),
            None => format!("{to} declares no {protocol} port named {name}"),
        },
        (Some(PortValue::Name(_)), Endpoint::Ip(_)) => {
            format!("{allowed} is a name, and only pods have names for ports")
        }
        (_, Endpoint::Pod(_)) if entry.port == Some(PortValue::Number(53)) => format!(
            "{allowed} is allowed, and the pod listens on {port_of_pod}: policies see the pod's port, after the Service has translated its own"
        ),
        _ => format!("{allowed} is allowed, not {port_of_pod}"),
    }
}

/// The addresses of an endpoint.
pub(crate) fn addresses(other: &Endpoint) -> String {
    match other {
        Endpoint::Ip(address) => address.to_string(),
        Endpoint::Pod(pod) => {
            let all: Vec<String> = pod.ips.iter().map(ToString::to_string).collect();
            all.join(" and ")
        }
    }
}

fn port(entry: &PolicyPort) -> String {
    match (&entry.port, entry.end_port) {
        (None, _) => "every port".to_owned(),
        (Some(PortValue::Number(first)), Some(last)) => format!("ports {first} to {last}"),
        (Some(PortValue::Number(number)), None) => format!("port {number}"),
        (Some(PortValue::Name(name)), _) => format!("the port named {name}"),
    }
}

fn failing(selector: &LabelSelector, labels: &Labels) -> String {
    let tests = match Selector::new(selector) {
        Selector::All(tests) => tests,
        Selector::Nothing => return "something invalid, which nothing matches".to_owned(),
    };
    let failing: Vec<String> = tests
        .iter()
        .filter(|test| !test.holds(labels.get(&test.key).map(String::as_str)))
        .map(describe)
        .collect();
    failing.join(" and ")
}

fn describe(test: &Test) -> String {
    let key = &test.key;
    match &test.kind {
        TestKind::Is(value) => format!("{key}={value}"),
        TestKind::In(values) => format!("{key} in ({})", values.join(", ")),
        TestKind::NotIn(values) => format!("{key} not in ({})", values.join(", ")),
        TestKind::Exists => format!("any {key}"),
        TestKind::DoesNotExist => format!("no {key}"),
    }
}

fn list(labels: &Labels) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join(", ")
}
