//! Brute force on plain JSON: no types, no tables, no code of the crate.
//!
//! It follows the documentation of NetworkPolicy field by field. Addresses are integers (beside this file).

use std::collections::BTreeMap;

use serde_json::Value;

use super::address::{Ip, in_range, ip, is_link_local, pod_ip, range};

/// A question: everything as the API writes it; an endpoint is a Pod or `{"ip": "10.0.0.1"}`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) policies: Vec<Value>,
    pub(crate) namespaces: Vec<Value>,
    pub(crate) from: Value,
    pub(crate) to: Value,
    pub(crate) protocol: String,
    pub(crate) port: u16,
}

/// What the API leaves open, and what other evaluators make of clear things.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) host_network_is_selected: bool,
    pub(crate) blocks_match_pods: bool,
    pub(crate) own_node_is_always_allowed: bool,
    pub(crate) unseen_labels_match: bool,
    /// Not the API's: `NotIn` fails where the label is absent.
    pub(crate) not_in_needs_the_label: bool,
    /// Not the API's: an empty value in `matchLabels` is matched by an absent label.
    pub(crate) absent_is_empty: bool,
    /// Not the API's: a pod needs a rule to reach itself.
    pub(crate) no_way_to_itself: bool,
    /// Not the API's: a node needs a rule to reach its pods, and a pod in its network is like any.
    pub(crate) knows_no_nodes: bool,
}

pub(crate) const USUAL: World = World {
    host_network_is_selected: false,
    blocks_match_pods: true,
    own_node_is_always_allowed: false,
    unseen_labels_match: false,
    not_in_needs_the_label: false,
    absent_is_empty: false,
    no_way_to_itself: false,
    knows_no_nodes: false,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Allowed,
    Denied,
    Depends { usually_allowed: bool },
    NotEvaluated,
}

/// Tries every world in which the API leaves things open.
pub(crate) fn answer(case: &Case) -> Answer {
    for end in [&case.from, &case.to] {
        let ended = matches!(
            end["status"]["phase"].as_str(),
            Some("Succeeded" | "Failed")
        );
        if is_pod(end) && (ended || ips(end).is_empty()) {
            return Answer::NotEvaluated;
        }
    }
    let usually_allowed = allowed(case, USUAL);
    for bits in 0..16 {
        let bit = |number: u8| bits & (1 << number) != 0;
        let world = World {
            host_network_is_selected: bit(0),
            blocks_match_pods: bit(1),
            own_node_is_always_allowed: bit(2),
            unseen_labels_match: bit(3),
            ..USUAL
        };
        if allowed(case, world) != usually_allowed {
            return Answer::Depends { usually_allowed };
        }
    }
    if usually_allowed {
        Answer::Allowed
    } else {
        Answer::Denied
    }
}

pub(crate) fn allowed(case: &Case, world: World) -> bool {
    egress(case, world) && ingress(case, world)
}

pub(crate) fn egress(case: &Case, world: World) -> bool {
    let pod = &case.from;
    if !is_pod(pod) || (is_on_host(pod) && !world.host_network_is_selected) {
        return true;
    }
    if !world.no_way_to_itself && same_pod(pod, &case.to) {
        return true;
    }
    if world.own_node_is_always_allowed {
        let link_local = !is_pod(&case.to) && ips(&case.to).iter().any(|ip| is_link_local(*ip));
        if link_local || is_node_of(pod, &case.to, world) {
            return true;
        }
    }
    isolated_and_allowed(case, world, "Egress", "egress", "to", pod, &case.to)
}

pub(crate) fn ingress(case: &Case, world: World) -> bool {
    let pod = &case.to;
    if !is_pod(pod) || (is_on_host(pod) && !world.host_network_is_selected) {
        return true;
    }
    if !world.no_way_to_itself && same_pod(pod, &case.from) {
        return true;
    }
    if !world.knows_no_nodes && is_node_of(pod, &case.from, world) {
        return true;
    }
    isolated_and_allowed(case, world, "Ingress", "ingress", "from", pod, &case.from)
}

fn isolated_and_allowed(
    case: &Case,
    world: World,
    kind: &str,
    rules: &str,
    peers: &str,
    pod: &Value,
    other: &Value,
) -> bool {
    let selected: Vec<&Value> = case
        .policies
        .iter()
        .filter(|policy| {
            policy_namespace(policy) == namespace(pod)
                && types(policy).iter().any(|it| it == kind)
                && match &policy["spec"]["podSelector"] {
                    Value::Null => true,
                    selector => selects(selector, &labels(pod), None, world),
                }
        })
        .collect();
    if selected.is_empty() {
        return true;
    }
    selected.iter().any(|policy| {
        elements(&policy["spec"][rules]).iter().any(|rule| {
            ports_ok(&rule["ports"], case) && peers_ok(&rule[peers], other, policy, case, world)
        })
    })
}

fn types(policy: &Value) -> Vec<String> {
    let written = elements(&policy["spec"]["policyTypes"]);
    if !written.is_empty() {
        return written
            .iter()
            .map(|it| it.as_str().unwrap_or_default().to_owned())
            .collect();
    }
    let mut types = vec!["Ingress".to_owned()];
    if !elements(&policy["spec"]["egress"]).is_empty() {
        types.push("Egress".to_owned());
    }
    types
}

fn ports_ok(ports: &Value, case: &Case) -> bool {
    let ports = elements(ports);
    ports.is_empty()
        || ports.iter().any(|entry| {
            let protocol = entry["protocol"].as_str().unwrap_or("TCP");
            if protocol != case.protocol {
                return false;
            }
            match &entry["port"] {
                Value::Null => true,
                Value::Number(first) => {
                    let first = first.as_i64().expect("a whole number");
                    let last = entry["endPort"].as_i64().unwrap_or(first);
                    first <= i64::from(case.port) && i64::from(case.port) <= last
                }
                Value::String(name) => named_ports(&case.to, protocol)
                    .iter()
                    .any(|(it, port)| it == name && *port == i64::from(case.port)),
                _ => false,
            }
        })
}

/// Names and numbers of a pod's ports, sidecars included.
pub(crate) fn named_ports(pod: &Value, protocol: &str) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    let mut containers: Vec<&Value> = elements(&pod["spec"]["containers"]).iter().collect();
    for container in elements(&pod["spec"]["initContainers"]) {
        if container["restartPolicy"] == "Always" {
            containers.push(container);
        }
    }
    for container in containers {
        for port in elements(&container["ports"]) {
            if port["protocol"].as_str().unwrap_or("TCP") == protocol
                && let Some(name) = port["name"].as_str().filter(|name| !name.is_empty())
                && let Some(number) = port["containerPort"].as_i64()
            {
                found.push((name.to_owned(), number));
            }
        }
    }
    found
}

fn peers_ok(peers: &Value, other: &Value, policy: &Value, case: &Case, world: World) -> bool {
    let peers = elements(peers);
    peers.is_empty()
        || peers
            .iter()
            .any(|peer| peer_ok(peer, other, policy, case, world))
}

fn peer_ok(peer: &Value, other: &Value, policy: &Value, case: &Case, world: World) -> bool {
    let (block, namespaces, pods) = (
        &peer["ipBlock"],
        &peer["namespaceSelector"],
        &peer["podSelector"],
    );
    if !block.is_null() {
        let counts = !is_pod(other) || is_on_host(other) || world.blocks_match_pods;
        return counts && ips(other).iter().any(|ip| in_block(block, *ip));
    }
    if namespaces.is_null() && pods.is_null() {
        return false;
    }
    if !is_pod(other) || (is_on_host(other) && !world.host_network_is_selected) {
        return false;
    }
    let here = if namespaces.is_null() {
        namespace(other) == policy_namespace(policy)
    } else {
        let name = namespace(other);
        let object = case
            .namespaces
            .iter()
            .rfind(|it| it["metadata"]["name"] == *name);
        if let Some(object) = object {
            selects(namespaces, &labels(object), None, world)
        } else {
            let known = "kubernetes.io/metadata.name";
            let labels = [(known.to_owned(), name)].into();
            selects(namespaces, &labels, Some(known), world)
        }
    };
    here && (pods.is_null() || selects(pods, &labels(other), None, world))
}

/// `only` is the one label that is known, if the others are not.
fn selects(
    selector: &Value,
    labels: &BTreeMap<String, String>,
    only: Option<&str>,
    world: World,
) -> bool {
    let mut tests: Vec<(String, String, Vec<String>)> = Vec::new();
    for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default().to_owned();
        tests.push((key.clone(), "=".to_owned(), vec![value]));
    }
    for test in elements(&selector["matchExpressions"]) {
        let values: Vec<String> = elements(&test["values"])
            .iter()
            .map(|value| value.as_str().unwrap_or_default().to_owned())
            .collect();
        let operator = test["operator"].as_str().unwrap_or_default().to_owned();
        let valid = match operator.as_str() {
            "In" | "NotIn" => !values.is_empty(),
            "Exists" | "DoesNotExist" => values.is_empty(),
            _ => false,
        };
        if !valid {
            return false;
        }
        let key = test["key"].as_str().unwrap_or_default().to_owned();
        tests.push((key, operator, values));
    }
    tests.iter().all(|(key, operator, values)| {
        if only.is_some_and(|only| only != key) {
            return world.unseen_labels_match;
        }
        let value = labels.get(key);
        match operator.as_str() {
            "=" if world.absent_is_empty => value.map_or("", String::as_str) == values[0].as_str(),
            "=" | "In" => value.is_some_and(|value| values.contains(value)),
            "NotIn" if world.not_in_needs_the_label => {
                value.is_some_and(|value| !values.contains(value))
            }
            "NotIn" => !value.is_some_and(|value| values.contains(value)),
            "Exists" => value.is_some(),
            _ => value.is_none(),
        }
    })
}

fn elements(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn is_pod(end: &Value) -> bool {
    end["ip"].is_null()
}

fn is_on_host(pod: &Value) -> bool {
    pod["spec"]["hostNetwork"] == true
}

fn same_pod(a: &Value, b: &Value) -> bool {
    is_pod(b)
        && a["metadata"]["name"]
            .as_str()
            .is_some_and(|it| !it.is_empty())
        && a["metadata"]["name"] == b["metadata"]["name"]
        && namespace(a) == namespace(b)
}

fn is_node_of(pod: &Value, other: &Value, world: World) -> bool {
    let node_ips = list_of_ips(&pod["status"]["hostIP"], &pod["status"]["hostIPs"]);
    if !is_pod(other) {
        return ips(other).iter().any(|ip| node_ips.contains(ip));
    }
    if !is_on_host(other) || world.host_network_is_selected {
        return false;
    }
    let same_name = pod["spec"]["nodeName"]
        .as_str()
        .is_some_and(|it| !it.is_empty() && other["spec"]["nodeName"] == it);
    let others = list_of_ips(&other["status"]["hostIP"], &other["status"]["hostIPs"]);
    same_name
        || ips(other).iter().any(|ip| node_ips.contains(ip))
        || others.iter().any(|ip| node_ips.contains(ip))
}

pub(crate) fn namespace(object: &Value) -> String {
    object["metadata"]["namespace"]
        .as_str()
        .unwrap_or("default")
        .to_owned()
}

fn policy_namespace(policy: &Value) -> String {
    let namespace = namespace(policy);
    if namespace.is_empty() {
        "default".to_owned()
    } else {
        namespace
    }
}

pub(crate) fn labels(object: &Value) -> BTreeMap<String, String> {
    let labels = object["metadata"]["labels"].as_object();
    let labels = labels.into_iter().flatten();
    labels
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn ips(end: &Value) -> Vec<Ip> {
    if !is_pod(end) {
        return vec![end["ip"].as_str().and_then(ip).expect("an address")];
    }
    list_of_ips(&end["status"]["podIP"], &end["status"]["podIPs"])
}

fn list_of_ips(one: &Value, all: &Value) -> Vec<Ip> {
    let mut found: Vec<Ip> = one.as_str().and_then(pod_ip).into_iter().collect();
    for it in elements(all) {
        found.extend(it["ip"].as_str().and_then(pod_ip));
    }
    found
}

fn in_block(block: &Value, ip: Ip) -> bool {
    let Some(whole) = block["cidr"].as_str().and_then(range) else {
        return false;
    };
    let mut except = Vec::new();
    for it in elements(&block["except"]) {
        match it.as_str().and_then(range) {
            Some(range) => except.push(range),
            None => return false,
        }
    }
    in_range(whole, ip) && !except.into_iter().any(|range| in_range(range, ip))
}
