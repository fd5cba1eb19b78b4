//! Probes: short-lived pods that ask DNS from where the failing pod stands, from beside CoreDNS,
//! from a namespace without policies, and from the node.

mod admission;
mod labels;
mod leftovers;
mod objects;
mod pod;
mod questions;
mod run;
mod runner;

use digpod_bundle::{Status, layout};

use crate::api::Api;
use crate::gather::Found;
use crate::progress::Progress;
use crate::rights::Access;
use crate::sink::Sink;

pub(crate) use leftovers::{find as find_leftovers, remove as remove_leftovers};
pub(crate) use objects::Objects;
pub(crate) use questions::Asked;

use run::Vantage;

/// How to probe.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Image of the probe.
    pub(crate) image: String,
    /// Namespace without policies; `None`: one of our own.
    pub(crate) control_namespace: Option<String>,
    /// Namespace of the failing pod.
    pub(crate) namespace: String,
    /// What is asked.
    pub(crate) asked: Asked,
    /// What this user may do: what could not be read or removed again is not created.
    pub(crate) access: Access,
}

/// CoreDNS nodes on which the upstream list is looked up.
const MAX_DNS_NODES: usize = 3;

/// Runs all probes; what fails is in the manifest with its reason.
pub(crate) async fn probe(
    api: &Api,
    options: &Options,
    found: &Found,
    objects: &Objects,
    sink: &Sink,
    progress: &Progress,
) {
    progress.step("probing: preparing");
    let control = control_namespace(api, options, objects, sink, progress).await;
    // Without a namespace of our own the probes that need no policy-free place go to the pod's.
    let neutral = control.clone().unwrap_or_else(|| options.namespace.clone());
    let context = run::Context {
        api,
        options,
        objects,
        sink,
        progress,
    };

    progress.step("probing: upstream list on CoreDNS's nodes");
    let mut nodes: Vec<&str> = found
        .dns_pods
        .iter()
        .filter_map(|pod| pod.spec.node_name.as_deref())
        .collect();
    nodes.sort_unstable();
    nodes.dedup();
    let beside: Vec<Vantage> = nodes
        .iter()
        .take(MAX_DNS_NODES)
        .map(|node| Vantage::beside_coredns(node, &neutral, options))
        .collect();
    let results =
        futures::future::join_all(beside.into_iter().map(|it| run::run(&context, it))).await;
    let resolv_confs: Vec<String> = results
        .into_iter()
        .flatten()
        .map(|it| it.resolv_conf)
        .collect();

    let servers = questions::servers(found, &resolv_confs);
    progress.step(&format!(
        "probing: {} from the pod's place, a policy-free place and the node",
        match servers.upstreams.len() {
            1 => "1 upstream".to_owned(),
            n => format!("{n} upstreams"),
        }
    ));
    let mut vantages = Vec::new();
    let (pod_labels, approximate) = labels::choose(
        api,
        &options.namespace,
        &found.dns_namespace,
        found.workload.as_ref(),
    )
    .await;
    vantages.push(Vantage::workload(
        found,
        options,
        &servers,
        pod_labels,
        approximate,
    ));
    if let Some(namespace) = &control {
        vantages.push(Vantage::control(namespace, found, options, &servers));
    }
    let client_node = found
        .workload
        .as_ref()
        .and_then(|pod| pod.spec.node_name.as_deref());
    match client_node.or(nodes.first().copied()) {
        Some(node) => vantages.push(Vantage::node(node, &neutral, options, &servers)),
        None => sink.missing_because(
            &layout::probe_records("node"),
            Status::NotApplicable,
            "no node is known on which the failing pod or CoreDNS runs",
        ),
    }
    futures::future::join_all(vantages.into_iter().map(|it| run::run(&context, it))).await;
}

async fn control_namespace(
    api: &Api,
    options: &Options,
    objects: &Objects,
    sink: &Sink,
    progress: &Progress,
) -> Option<String> {
    if let Some(namespace) = &options.control_namespace {
        return Some(namespace.clone());
    }
    let denied = ["create", "get", "delete"]
        .iter()
        .find_map(|verb| options.access.lacks(verb, "namespaces", ""));
    if let Some(permission) = denied {
        sink.missing(digpod_bundle::Item {
            entry: layout::probe_records("control"),
            status: Status::Forbidden,
            reason: Some(format!(
                "no namespace of its own was created: an access review says that it is forbidden to {permission}"
            )),
            missing_permission: Some(permission),
            ..digpod_bundle::Item::default()
        });
        return None;
    }
    match objects.create_namespace(api, sink, progress).await {
        Ok(name) => Some(name),
        Err(error) => {
            sink.missing(digpod_bundle::Item {
                entry: layout::probe_records("control"),
                status: run::create_status(&error),
                reason: Some(format!(
                    "no namespace of its own could be created: {}",
                    error.reason
                )),
                missing_permission: (error.status == Status::Forbidden)
                    .then(|| "create namespaces in the cluster".to_owned()),
                ..digpod_bundle::Item::default()
            });
            None
        }
    }
}
