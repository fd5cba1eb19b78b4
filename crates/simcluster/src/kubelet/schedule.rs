//! The scheduler: which node takes a pod.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::cluster::Cluster;
use crate::json::{at, list, text, truth};
use crate::selector::expression_fits;

/// A node for a pod, or why there is none.
pub(super) fn node_for(cluster: &Cluster, pod: &Value) -> Result<String, String> {
    let nodes = cluster.store.all("", "nodes");
    let (mut selected, mut tolerated) = (0, Vec::new());
    for node in &nodes {
        if !selects(pod, node) {
            continue;
        }
        selected += 1;
        if tolerates(pod, node) {
            tolerated.push(text(node, "metadata.name").to_owned());
        }
    }
    let total = nodes.len();
    match tolerated.get(cluster.random.below(tolerated.len())) {
        Some(node) => Ok(node.clone()),
        None => Err(format!(
            "0/{total} nodes are available: {} node(s) didn't match Pod's node affinity/selector, \
             {selected} node(s) had untolerated taint(s).",
            total - selected
        )),
    }
}

fn label<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get("metadata")?.get("labels")?.get(key)?.as_str()
}

fn selects(pod: &Value, node: &Value) -> bool {
    let selector = at(pod, "spec.nodeSelector").and_then(Value::as_object);
    let selector = selector.is_none_or(|all| {
        all.iter()
            .all(|(key, value)| label(node, key) == value.as_str())
    });
    let terms = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    let terms = list(pod, terms);
    let affine = terms.is_empty()
        || terms.iter().any(|term| {
            let name = Some(text(node, "metadata.name"));
            list(term, "matchExpressions")
                .iter()
                .all(|e| expression_fits(e, label(node, text(e, "key"))))
                && list(term, "matchFields")
                    .iter()
                    .all(|e| expression_fits(e, name))
        });
    selector && affine
}

/// Whether a node drives a pod away that was put there past the scheduler.
pub(super) fn is_driven_away(cluster: &Cluster, pod: &Value, node: &str) -> bool {
    let nodes = cluster.store.all("", "nodes");
    let node = nodes.iter().find(|it| text(it, "metadata.name") == node);
    let taints = node.map_or(&[][..], |node| list(node, "spec.taints"));
    let mut taints = taints.iter();
    taints.any(|it| text(it, "effect") == "NoExecute" && !is_tolerated(pod, it))
}

fn is_tolerated(pod: &Value, taint: &Value) -> bool {
    list(pod, "spec.tolerations").iter().any(|toleration| {
        let effect = text(toleration, "effect");
        let key = text(toleration, "key");
        let exists = text(toleration, "operator") == "Exists";
        (effect.is_empty() || effect == text(taint, "effect"))
            && ((key.is_empty() && exists) || key == text(taint, "key"))
            && (exists || text(toleration, "value") == text(taint, "value"))
    })
}

fn tolerates(pod: &Value, node: &Value) -> bool {
    let mut taints = list(node, "spec.taints")
        .iter()
        .filter(|t| text(t, "effect") != "PreferNoSchedule");
    let ready = list(node, "status.conditions")
        .iter()
        .any(|c| text(c, "type") == "Ready" && text(c, "status") == "True");
    let tolerated = taints.all(|taint| is_tolerated(pod, taint));
    ready && tolerated && !truth(node, "spec.unschedulable")
}

/// The address that a pod gets on a node: the node's with host networking, else a free one of its range.
pub(super) fn address_for(cluster: &Cluster, pod: &Value, node: &str) -> String {
    let nodes = cluster.store.all("", "nodes");
    let Some(node) = nodes.iter().find(|n| text(n, "metadata.name") == node) else {
        return String::new();
    };
    if truth(pod, "spec.hostNetwork") {
        return host_address(node).to_owned();
    }
    let range = text(node, "spec.podCIDR")
        .split('/')
        .next()
        .unwrap_or_default();
    let Ok(first) = range.parse::<Ipv4Addr>() else {
        return String::new();
    };
    let pods = cluster.store.all("", "pods");
    let used: Vec<&str> = pods.iter().map(|pod| text(pod, "status.podIP")).collect();
    let mut offset = 20 + u32::try_from(cluster.random.below(100)).unwrap_or_default();
    loop {
        let ip = Ipv4Addr::from(u32::from(first) + offset).to_string();
        if !used.contains(&ip.as_str()) {
            return ip;
        }
        offset += 1;
    }
}

/// A node's internal address.
pub(super) fn host_address(node: &Value) -> &str {
    let address = list(node, "status.addresses")
        .iter()
        .find(|a| text(a, "type") == "InternalIP");
    address.map_or("", |address| text(address, "address"))
}
