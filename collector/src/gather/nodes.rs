//! Nodes: those that matter, and of the others a sample.
//!
//! [`concerned`] reads the nodes of CoreDNS and of the failing pod, one by one, before anything is
//! asked of them. [`sample`] reads the list of all as it streams and keeps some of each pool; it
//! comes last, since it is the largest list that is read and tells the least.

mod sample;

use std::collections::BTreeSet;

use digpod_bundle::k8s::{Node, Pod};
use digpod_bundle::{Item, Status, layout};
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::redact;
use crate::api::{Api, Bounds, CallError};
use crate::error::Failure;
use crate::sink::{Call, Sink};
use sample::Sample;

pub(crate) use sample::Which;

/// Nodes read one by one: replicas of CoreDNS may be hundreds.
const MAX_SINGLE: usize = 40;
/// Nodes of a list; 5,000 are as many as Kubernetes supports.
const MAX_LISTED: u64 = 20_000;
/// A page: a node has 10 kB and more, so that these come in a second even from afar.
const PAGE: u64 = 500;

/// Fails if the server says that a node that was named is not there: another was meant. Whatever
/// else it says, [`concerned`] records.
pub(super) async fn named(api: &Api, which: &Which) -> Result<(), Failure> {
    let Which::Named(names) = which else {
        return Ok(());
    };
    let names: Vec<String> = names.iter().take(MAX_SINGLE).cloned().collect();
    let reads = names.into_iter().map(|name| async move {
        let node = api.get::<Node>(&format!("/api/v1/nodes/{name}")).await;
        matches!(node, Err(error) if error.status == Status::NotFound).then_some(name)
    });
    let missing: Vec<String> = futures::stream::iter(reads)
        .buffered(MAX_SINGLE)
        .filter_map(futures::future::ready)
        .collect()
        .await;
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("there is no node {}", missing.join(" and no node "));
    Err(Failure::new(message).help("`kubectl get nodes` lists them"))
}

/// Reads the nodes of CoreDNS and of the clients, the failing pod first, and those that were named.
pub(super) async fn concerned(
    api: &Api,
    sink: &Sink,
    dns_pods: &[Pod],
    clients: &[&Pod],
    which: &Which,
) -> Vec<Node> {
    // The failing pod's first, then those that the user named: the limit cuts at the end.
    let on = |pod: &Pod| pod.spec.node_name.clone();
    let asked = match which {
        Which::Named(names) => names.clone(),
        Which::Sample(_) => Vec::new(),
    };
    let dns: BTreeSet<String> = dns_pods.iter().filter_map(on).collect();
    let mut all: Vec<String> = Vec::new();
    let of_clients = clients.iter().filter_map(|pod| on(pod));
    for name in of_clients.chain(asked).chain(dns) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let left_out = all.len().saturating_sub(MAX_SINGLE);
    all.truncate(MAX_SINGLE);
    let reads = all.into_iter().map(|name| async move {
        let call = Call {
            verb: "get",
            resource: "nodes",
            namespace: None,
            path: format!("/api/v1/nodes/{name}"),
        };
        let node = api.get::<Node>(&call.path).await;
        (name, call, node)
    });
    let reads: Vec<_> = futures::stream::iter(reads)
        .buffered(MAX_SINGLE)
        .collect()
        .await;
    let mut nodes = Vec::new();
    let mut failure: Option<(Call, CallError)> = None;
    let mut missing = Vec::new();
    for (name, call, node) in reads {
        match node {
            Ok(mut node) => {
                prune(&mut node);
                nodes.push(node);
            }
            Err(error) => {
                missing.push(name);
                failure = failure.or(Some((call, error)));
            }
        }
    }
    nodes.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    let mut reasons = Vec::new();
    if left_out > 0 {
        reasons.push(format!("{left_out} more nodes of CoreDNS were not read"));
    }
    match failure {
        Some((call, error)) if nodes.is_empty() => {
            sink.gap(layout::NODES, &call, &error);
            return nodes;
        }
        Some((_, error)) => {
            reasons.push(format!(
                "{} could not be read: {}",
                missing.join(", "),
                error.reason
            ));
        }
        None => {}
    }
    if !nodes.is_empty() {
        let source = "GET /api/v1/nodes/NAME of CoreDNS's nodes and the failing pod's";
        keep(sink, &nodes, source, &reasons, None);
    }
    nodes
}

/// Reads the list of all nodes and keeps `which` of them beside those that are `concerned`.
/// Gives what is to be said of their number and pools, if the list could be read.
pub(super) async fn sample(
    api: &Api,
    sink: &Sink,
    concerned: Vec<Node>,
    which: &Which,
) -> Option<Value> {
    let Which::Sample(most @ 1..) = which else {
        return None;
    };
    let call = Call {
        verb: "list",
        resource: "nodes",
        namespace: None,
        path: "/api/v1/nodes".to_owned(),
    };
    let bounds = Bounds {
        page: PAGE,
        most: MAX_LISTED,
    };
    let mut sample = Sample::new(*most, concerned);
    let end = api
        .each(&call.path, bounds, |mut node: Node| {
            prune(&mut node);
            sample.add(node);
        })
        .await;
    let end = match end {
        Ok(end) => end,
        Err(error) => {
            // Those that matter most may have been read nevertheless.
            sink.gap(layout::NODE_SAMPLE, &call, &error);
            return None;
        }
    };
    let missing: Vec<String> = end.missing().into_iter().collect();
    let read = sample.read();
    let pools = sample.shrink();
    let (nodes, kept) = (sample.nodes(), sample.kept());
    let sampled = (kept < read).then(|| {
        let pools = match pools.len() {
            1 => "1 pool".to_owned(),
            n => format!("each of {n} pools"),
        };
        format!(
            "{kept} of {read} nodes are in the bundle: CoreDNS's, the failing pod's and a sample of {pools} (--nodes {most})"
        )
    });
    keep(sink, &nodes, &call.source(), &missing, sampled);
    let total = read + end.remaining + end.too_large + end.unreadable;
    Some(json!({"total": total, "inBundle": kept, "pools": pools}))
}

/// A sample is what was asked for, so nothing is missing in it; how much of the cluster it covers is
/// said all the same.
fn keep(sink: &Sink, nodes: &[Node], source: &str, missing: &[String], sampled: Option<String>) {
    let reasons: Vec<String> = missing.iter().cloned().chain(sampled).collect();
    let item = Item {
        source: Some(source.to_owned()),
        status: if missing.is_empty() {
            Status::Ok
        } else {
            Status::Truncated
        },
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        ..Item::default()
    };
    let list = json!({"metadata": {}, "items": nodes});
    sink.with(|bundle| drop(bundle.add_json(layout::NODES, &list, item)));
}

fn prune(node: &mut Node) {
    redact::metadata(&mut node.metadata);
    node.metadata.managed_fields.clear();
    for condition in &mut node.status.conditions {
        redact::message(&mut condition.message);
    }
}
