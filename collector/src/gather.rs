//! Gathering: every source of its own, at the same time, each with its status in the manifest.

mod config;
mod counts;
mod dns;
mod inside;
mod logs;
mod metrics;
mod nodes;
mod policies;
mod redact;
mod workload;

use digpod_bundle::k8s::{Namespace, Node, Pod, Service};
use digpod_bundle::{layout, sha256};

use crate::api::{Api, CallError};
use crate::error::Failure;
use crate::progress::Progress;
use crate::sink::{Call, Sink};

pub(crate) use nodes::Which as WhichNodes;
pub(crate) use redact::pod as redact_pod;

/// What to gather.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Namespace of the failing pod.
    pub(crate) namespace: String,
    /// The failing pod.
    pub(crate) pod: Option<String>,
    /// Labels of the failing pods.
    pub(crate) selector: Option<String>,
    /// Logs no older than this, in seconds.
    pub(crate) since: Option<u64>,
    /// Bytes of all logs together.
    pub(crate) log_budget: u64,
    /// Nodes to read beside those of CoreDNS and the failing pod.
    pub(crate) nodes: WhichNodes,
    /// Whether files may be read in the failing pod.
    pub(crate) exec: bool,
}

/// What was found and is needed to plan the probes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Namespace of the cluster's DNS.
    pub(crate) dns_namespace: String,
    /// The DNS Service.
    pub(crate) service: Option<Service>,
    /// Its pods.
    pub(crate) dns_pods: Vec<Pod>,
    /// The failing pod.
    pub(crate) workload: Option<Pod>,
    /// The Corefile.
    pub(crate) corefile: Option<String>,
    /// Keys of `coredns-custom`.
    pub(crate) custom: Vec<(String, String)>,
    /// The nodes of CoreDNS and of the failing pod.
    pub(crate) nodes: Vec<Node>,
}

/// Asks the server who it is; gives its version. Fails only if no API server answers at all.
pub(crate) async fn reach(
    api: &Api,
    sink: &Sink,
    progress: &Progress,
) -> Result<Option<String>, Failure> {
    progress.step("asking the API server for its version");
    let call = Call {
        verb: "get",
        resource: "version",
        namespace: None,
        path: "/version".to_owned(),
    };
    let version = api.get::<serde_json::Value>(&call.path).await;
    if let Err(error) = &version
        && (error.is_unreachable() || error.code == 401)
    {
        return Err(unreachable(error));
    }
    sink.json_or_gap(layout::VERSION, &call, &version);
    Ok(version
        .ok()
        .and_then(|it| it["gitVersion"].as_str().map(str::to_owned)))
}

/// Gathers what matters most and what the probes need: the objects of DNS, its configuration, the
/// failing pod, the nodes of both.
pub(crate) async fn first(
    api: &Api,
    request: &Request,
    sink: &Sink,
    progress: &Progress,
    version: Option<&str>,
) -> Found {
    progress.step("finding the cluster's DNS and the failing pod");
    let (dns, (), workload) = futures::join!(
        progress.source("Service", dns::service(api, sink)),
        cluster_id(api, sink),
        progress.source("failing pod", workload::pod(api, request, sink)),
    );
    let (dns_namespace, service) = dns;

    progress.step("reading CoreDNS: pods, configuration, policies");
    let namespace = dns_namespace.as_str();
    let ((dns_pods, nodes), (corefile, custom), (), ()) = futures::join!(
        progress.source("pods and their nodes", async {
            let pods = dns::pods(api, sink, namespace, service.as_ref()).await;
            let which = &request.nodes;
            let nodes = nodes::concerned(api, sink, &pods, workload.as_ref(), which).await;
            (pods, nodes)
        }),
        progress.source("ConfigMaps", config::maps(api, sink, namespace)),
        progress.source(
            "policies",
            policies::policies(api, sink, namespace, &request.namespace)
        ),
        progress.source(
            "EndpointSlices",
            dns::endpoint_slices(api, sink, namespace, service.as_ref())
        ),
    );
    let distribution = nodes::distribution(&nodes, version);
    sink.with(|bundle| {
        bundle.edit_manifest(|manifest| {
            manifest.cluster.server_version = version.map(str::to_owned);
            manifest.cluster.distribution = distribution;
        });
    });
    Found {
        dns_namespace,
        service,
        dns_pods,
        workload,
        corefile,
        custom,
        nodes,
    }
}

/// Gathers the rest, the most telling first, while the probes ask: a run that is cut short lacks
/// the end of it.
pub(crate) async fn rest(
    api: &Api,
    request: &Request,
    found: &Found,
    sink: &Sink,
    progress: &Progress,
) {
    let (namespace, pods) = (found.dns_namespace.as_str(), found.dns_pods.as_slice());
    let wanted = logs::Wanted {
        since: request.since,
        budget: request.log_budget,
    };
    progress.step("reading CoreDNS: logs, events, usage");
    futures::join!(
        logs::logs(api, sink, namespace, pods, wanted),
        dns::events(api, sink, namespace, pods),
        dns::owner(api, sink, namespace, pods),
        metrics::usage(api, sink, namespace, found.service.as_ref()),
        inside::inside(api, request, found.workload.as_ref(), sink),
    );
    progress.step("reading a sample of the nodes, counting pods and Services");
    let concerned = found.nodes.clone();
    let nodes = nodes::sample(api, sink, concerned, &request.nodes).await;
    let listed = matches!(request.nodes, WhichNodes::Sample(1..));
    counts::counts(api, sink, listed, nodes).await;
}

/// The same cluster has the same id, which tells nothing else.
async fn cluster_id(api: &Api, sink: &Sink) {
    if let Ok(namespace) = api.get::<Namespace>("/api/v1/namespaces/kube-system").await
        && let Some(uid) = namespace.metadata.uid
    {
        let id = sha256(uid.as_bytes()).chars().take(16).collect();
        sink.with(|bundle| bundle.edit_manifest(|manifest| manifest.cluster.id = Some(id)));
    }
}

/// The error of a run that got no answer at all, or 401.
pub(crate) fn unreachable(error: &CallError) -> Failure {
    if error.code == 401 {
        return Failure::new(format!(
            "the API server does not know who asks (401): {}",
            error.reason
        ))
        .help(
            "the token, password or certificate is wrong or has ended: log in anew, or check \
             --token and the user of the context (`kubectl auth whoami`)",
        );
    }
    Failure::new(format!(
        "the API server cannot be reached: {}",
        error.reason
    ))
    .help("try `kubectl version` with the same context; --context and --kubeconfig name another")
}

/// A selector as a query parameter.
fn query(selector: &std::collections::BTreeMap<String, String>) -> String {
    let terms: Vec<String> = selector
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    encode(&terms.join(","))
}

/// Percent-encoding of a query value.
pub(crate) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
