//! On which nodes probes stand: the clients', CoreDNS's, and one of every pool.

use std::collections::{BTreeMap, BTreeSet};

use digpod_bundle::k8s::Node;

use crate::gather::Found;

/// CoreDNS nodes and others asked from at most; more would only make the run longer.
const MAX_DNS_NODES: usize = 8;
const MAX_NODES: usize = 12;

/// Labels by which clouds name a node's pool.
const POOLS: &[&str] = &[
    "kubernetes.azure.com/agentpool",
    "agentpool",
    "eks.amazonaws.com/nodegroup",
    "karpenter.sh/nodepool",
    "cloud.google.com/gke-nodepool",
    "node.kubernetes.io/instancegroup",
    "machineconfiguration.openshift.io/role",
];

/// The nodes to stand on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Those of CoreDNS.
    pub(super) dns: Vec<String>,
    /// The client's, CoreDNS's, and a sample.
    pub(super) all: Vec<String>,
    /// Those that are left out, and why.
    pub(super) left_out: BTreeMap<String, String>,
}

/// Chooses them.
pub(super) fn choose(found: &Found) -> Standing {
    let mut standing = Standing::default();
    let client = found.workload.as_ref();
    let client = client.and_then(|pod| pod.spec.node_name.as_deref());
    let of_dns: BTreeSet<&str> = found
        .dns_pods
        .iter()
        .filter_map(|pod| pod.spec.node_name.as_deref())
        .collect();
    let of_dns: Vec<&str> = of_dns.into_iter().collect();
    for (n, name) in of_dns.iter().enumerate() {
        let why = if n < MAX_DNS_NODES {
            unfit(found, name)
        } else {
            Some(format!(
                "only {MAX_DNS_NODES} of CoreDNS's nodes are asked from"
            ))
        };
        match why {
            Some(why) => drop(standing.left_out.insert((*name).to_owned(), why)),
            None => standing.dns.push((*name).to_owned()),
        }
    }
    let working = found.working.as_ref();
    let working = working.and_then(|pod| pod.spec.node_name.as_deref());
    for name in client.into_iter().chain(working) {
        match unfit(found, name) {
            Some(why) => drop(standing.left_out.insert(name.to_owned(), why)),
            None => standing.all.push(name.to_owned()),
        }
    }
    standing.all.extend(standing.dns.iter().cloned());
    let mut pools: BTreeSet<&str> = BTreeSet::new();
    let known = |name: &str| found.nodes.iter().find(|it| it.metadata.name == name);
    pools.extend(standing.all.iter().filter_map(|name| pool(known(name)?)));
    let mut nodes: Vec<&Node> = found.nodes.iter().collect();
    nodes.sort_unstable_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    for node in nodes {
        let name = &node.metadata.name;
        let is_new = pool(node).is_some_and(|pool| !pools.contains(pool));
        if is_new && standing.all.len() < MAX_NODES && unfit(found, name).is_none() {
            pools.extend(pool(node));
            standing.all.push(name.clone());
        }
    }
    let mut seen = BTreeSet::new();
    standing.all.retain(|name| seen.insert(name.clone()));
    standing
}

fn pool(node: &Node) -> Option<&str> {
    let labels = &node.metadata.labels;
    POOLS
        .iter()
        .find_map(|key| labels.get(*key))
        .map(String::as_str)
}

/// Why no probe can run on a node. One that could not be read is tried.
pub(super) fn unfit(found: &Found, name: &str) -> Option<String> {
    let node = found.nodes.iter().find(|node| node.metadata.name == name)?;
    let labels = &node.metadata.labels;
    let is = |key: &str, value: &str| labels.get(key).is_some_and(|it| it == value);
    if is("kubernetes.io/os", "windows") || node.status.node_info.operating_system == "windows" {
        return Some(format!("{name} is a Windows node, on which no probe runs"));
    }
    if is("type", "virtual-kubelet") {
        return Some(format!("{name} is a virtual node, on which no probe runs"));
    }
    let ready = node.status.conditions.iter().find(|it| it.type_ == "Ready");
    match ready {
        Some(ready) if ready.status != "True" => Some(format!(
            "{name} is not ready ({}), so that no probe would start there",
            ready.reason.as_deref().unwrap_or("no reason given")
        )),
        _ => None,
    }
}
