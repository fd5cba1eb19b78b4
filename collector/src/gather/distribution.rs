//! Which distribution a cluster is (rule catalogue, appendix G), from whatever may be read.

use digpod_bundle::k8s::{Node, NodeList, Workload};
use digpod_bundle::layout;

use super::groups::Groups;
use super::trail::Trail;
use crate::sink::Sink;

/// Labels that a distribution puts on its nodes.
const LABELS: &[(&str, &str)] = &[
    ("kubernetes.azure.com/cluster", "aks"),
    ("kubernetes.azure.com/agentpool", "aks"),
    ("eks.amazonaws.com/nodegroup", "eks"),
    ("eks.amazonaws.com/compute-type", "eks"),
    ("cloud.google.com/gke-nodepool", "gke"),
    ("node.openshift.io/os_id", "openshift"),
];
/// What distributions add to the version of the API server or kubelet.
const VERSIONS: &[(&str, &str)] = &[
    ("-eks-", "eks"),
    ("-gke.", "gke"),
    ("+k3s", "k3s"),
    ("+rke2", "rke2"),
];
/// API groups that only one distribution has.
const GROUPS: &[(&str, &str)] = &[
    ("config.openshift.io", "openshift"),
    ("vpcresources.k8s.aws", "eks"),
    ("auto.gke.io", "gke"),
    ("nodemanagement.gke.io", "gke"),
];
/// DaemonSets of kube-system that only one has.
const DAEMON_SETS: &[(&str, &str)] = &[
    ("azure-ip-masq-agent", "aks"),
    ("cloud-node-manager", "aks"),
    ("gke-metadata-server", "gke"),
    ("eks-pod-identity-agent", "eks"),
];

/// What is looked at.
pub(super) struct Signs<'a> {
    /// `gitVersion` of the API server.
    pub(super) version: Option<&'a str>,
    pub(super) groups: Option<&'a Groups>,
    pub(super) daemon_sets: &'a [Workload],
}

/// Names it, with the reason in the trail.
pub(super) fn name(sink: &Sink, trail: &Trail, signs: &Signs<'_>) -> Option<&'static str> {
    let nodes = sink.with(|bundle| {
        let bytes = bundle.get(layout::NODES)?;
        serde_json::from_slice::<NodeList>(bytes).ok()
    });
    let nodes = nodes.map(|list| list.items).unwrap_or_default();
    // kubeadm is what many others are built on: it is asked last.
    let (name, because) = by_nodes(&nodes)
        .or_else(|| by_cluster(signs))
        .or_else(|| by_kubeadm(sink))?;
    trail.choose("distribution", name, because);
    Some(name)
}

fn by_nodes(nodes: &[Node]) -> Option<(&'static str, String)> {
    for (label, name) in LABELS {
        if nodes
            .iter()
            .any(|it| it.metadata.labels.contains_key(*label))
        {
            return Some((name, format!("label {label} of the nodes")));
        }
    }
    nodes.iter().find_map(|node| {
        let version = node.status.node_info.kubelet_version.as_str();
        by_version(version).map(|name| (name, format!("kubelet version {version}")))
    })
}

fn by_version(version: &str) -> Option<&'static str> {
    let found = VERSIONS.iter().find(|(part, _)| version.contains(part));
    found.map(|(_, name)| *name)
}

fn by_cluster(signs: &Signs<'_>) -> Option<(&'static str, String)> {
    if let Some(version) = signs.version
        && let Some(name) = by_version(version)
    {
        return Some((name, format!("version {version} of the API server")));
    }
    let served = |group: &str| signs.groups.is_some_and(|it| it.named(group).is_some());
    if let Some((group, name)) = GROUPS.iter().find(|(group, _)| served(group)) {
        return Some((name, format!("API group {group}")));
    }
    let there = |name: &str| signs.daemon_sets.iter().any(|it| it.metadata.name == name);
    let found = DAEMON_SETS.iter().find(|(set, _)| there(set));
    found.map(|(set, name)| (*name, format!("DaemonSet kube-system/{set}")))
}

/// kubeadm keeps the kubelets' settings in a ConfigMap; nothing else marks it.
fn by_kubeadm(sink: &Sink) -> Option<(&'static str, String)> {
    let kept = sink.with(|bundle| bundle.get(layout::KUBELET_CONFIG).is_some());
    kept.then(|| ("kubeadm", "ConfigMap kube-system/kubelet-config".to_owned()))
}
