//! Pods that carry DNS on the nodes concerned: node-local DNS, konnectivity agents, kube-proxy.

use std::collections::BTreeSet;

use digpod_bundle::k8s::{Pod, PodList};
use digpod_bundle::{Status, layout};

use super::dns::is_dns_image;
use super::source::{self, Unread, items, list};
use super::{encode, redact};
use crate::api::Api;
use crate::sink::Sink;

/// Nodes that are looked at.
const NODES: usize = 6;

/// Finds them by node, whatever their labels: the nodes of the DNS pods and the failing pod's.
pub(super) async fn pods(
    api: &Api,
    sink: &Sink,
    dns_pods: &[Pod],
    workload: Option<&Pod>,
) -> Vec<Pod> {
    let entry = layout::DNS_NODE_PODS;
    let node = |pod: &Pod| pod.spec.node_name.clone();
    let mut nodes: BTreeSet<String> = dns_pods.iter().filter_map(node).take(NODES).collect();
    nodes.extend(workload.and_then(node));
    if nodes.is_empty() {
        for entry in [entry, layout::NETWORK_LOGS] {
            let why = "no node is known to be concerned";
            sink.missing_because(entry, Status::NotApplicable, why);
        }
        return Vec::new();
    }
    let calls: Vec<_> = nodes
        .iter()
        .map(|node| {
            let selector = encode(&format!("spec.nodeName={node}"));
            list(
                "pods",
                Some("kube-system"),
                format!("/api/v1/namespaces/kube-system/pods?fieldSelector={selector}"),
            )
        })
        .collect();
    let reads = calls.iter().map(|call| items::<Pod>(api, call, carries));
    let found = futures::future::join_all(reads).await;
    let mut all = PodList::default();
    let mut unread = Unread::default();
    let mut failure = None;
    let mut read = 0;
    for (call, found) in calls.iter().zip(found) {
        match found {
            Ok(pods) => {
                read += 1;
                all.items.extend(pods.items);
                unread.cut(call, &pods.end);
            }
            Err(error) => {
                unread.failed(call, &error);
                failure = failure.or(Some((call, error)));
            }
        }
    }
    match &failure {
        _ if !all.items.iter().all(is_node_local) => {}
        Some((call, error)) => sink.gap(layout::NETWORK_LOGS, call, error),
        None => sink.missing_because(
            layout::NETWORK_LOGS,
            Status::NotApplicable,
            "no pod of kube-proxy or konnectivity-agent in kube-system on the nodes concerned",
        ),
    }
    if let Some((call, error)) = failure.filter(|_| read == 0) {
        sink.gap(entry, call, &error);
        return Vec::new();
    }
    for pod in &mut all.items {
        let is_dns = is_node_local(pod);
        redact::pod(pod, is_dns);
    }
    if let Some(call) = calls.first() {
        source::add_partly(sink, entry, call, &all, all.items.is_empty(), &unread);
    }
    all.items
}

fn carries(pod: &Pod) -> bool {
    let name = pod.metadata.name.as_str();
    is_node_local(pod) || name.starts_with("kube-proxy") || name.contains("konnectivity-agent")
}

/// Whether it is a DNS cache of its node.
pub(super) fn is_node_local(pod: &Pod) -> bool {
    let mut containers = pod.spec.containers.iter();
    containers.any(|it| {
        let image = it.image.as_deref().unwrap_or_default();
        is_dns_image(image) && image.contains("node-cache")
    }) || pod.metadata.name.starts_with("node-local-dns")
        || pod.metadata.name.starts_with("nodelocaldns")
}
