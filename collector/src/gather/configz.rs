//! What the kubelets of the nodes concerned say of their own settings: only when asked for, since
//! `nodes/proxy` allows much more than this one GET.

use std::collections::BTreeSet;

use digpod_bundle::k8s::Pod;
use digpod_bundle::{Status, layout};
use serde::Deserialize;
use serde_json::Value;

use super::redact;
use super::source::{self, get};
use crate::api::Api;
use crate::sink::Sink;

/// Nodes that are asked.
const NODES: usize = 6;
/// Settings that bear on DNS.
const FIELDS: &[&str] = &["clusterDNS", "clusterDomain", "maxPods", "resolvConf"];

#[derive(Deserialize)]
struct Configz {
    kubeletconfig: Value,
}

/// Asks the nodes of the DNS pods and of the failing pod.
pub(super) async fn configz(
    api: &Api,
    sink: &Sink,
    wanted: bool,
    dns_pods: &[Pod],
    workload: Option<&Pod>,
) {
    let node = |pod: &Pod| pod.spec.node_name.clone();
    let mut nodes: BTreeSet<String> = dns_pods.iter().filter_map(node).take(NODES).collect();
    nodes.extend(workload.and_then(node));
    if !wanted {
        return sink.missing_because(
            &layout::configz("*"),
            Status::NotApplicable,
            "the kubelets' settings are read only with --kubelet-config: the permission it needs \
             (get nodes/proxy) allows far more",
        );
    }
    futures::future::join_all(nodes.iter().map(|node| one(api, sink, node))).await;
}

async fn one(api: &Api, sink: &Sink, node: &str) {
    let path = format!("/api/v1/nodes/{node}/proxy/configz");
    let call = get("nodes/proxy", None, path);
    let entry = layout::configz(node);
    match api.get::<Configz>(&call.path).await {
        Ok(config) => {
            let kept = redact::allowed(&config.kubeletconfig, FIELDS);
            source::add(sink, &entry, &call, &kept, false);
        }
        Err(error) => sink.gap(&entry, &call, &error),
    }
}
