//! Gathering: every source of its own, at the same time, each with its status in the manifest.

mod accounts;
mod config;
mod configz;
mod coredns_metrics;
mod corefile_secrets;
mod counts;
mod discover;
mod distribution;
mod dns;
mod events;
mod expected;
mod foreign;
mod groups;
mod hints;
mod inside;
mod kube_dns;
mod logs;
mod metrics;
mod network;
mod node_pods;
mod nodes;
mod on_nodes;
mod openshift;
mod owner;
mod policies;
mod redact;
mod request;
mod rest;
mod scrub;
mod services;
mod source;
mod trail;
mod working;
mod workload;

use std::time::Duration;

use digpod_bundle::k8s::{Namespace, Node, Pod, Service, Workload};
use digpod_bundle::{layout, sha256};

use crate::api::{Api, CallError};
use crate::error::Failure;
use crate::progress::Progress;
use crate::sink::Sink;

use source::timed;
use trail::Trail;

pub(crate) use coredns_metrics::Metrics;
pub(crate) use expected::cut_short;
pub(crate) use foreign::KNOWN as FOREIGN_KINDS;
pub(crate) use nodes::Which as WhichNodes;
pub(crate) use on_nodes::seen_by_probes;
pub(crate) use redact::pod as redact_pod;
pub(crate) use request::Request;
pub(crate) use rest::rest;
pub(crate) use scrub::clean as scrub;
pub(crate) use services::services;
pub(crate) use working::WorkingPod;

/// What was found and is needed to plan the probes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Namespace of the cluster's DNS.
    pub(crate) dns_namespace: String,
    /// The DNS Service.
    pub(crate) service: Option<Service>,
    /// Its pods.
    pub(crate) dns_pods: Vec<Pod>,
    /// Where their metrics are, and the upstreams that these name.
    pub(crate) metrics: Metrics,
    /// The failing pod.
    pub(crate) workload: Option<Pod>,
    /// The one that resolves.
    pub(crate) working: Option<Pod>,
    /// The Corefile, or what stands for one where DNS is kube-dns.
    pub(crate) corefile: Option<String>,
    /// Keys of `coredns-custom`.
    pub(crate) custom: Vec<(String, String)>,
    /// The nodes of CoreDNS and of the failing pod.
    pub(crate) nodes: Vec<Node>,
    /// `gitVersion` of the API server.
    version: Option<String>,
    /// How all this was found.
    trail: Trail,
}

impl Found {
    /// The port on which a DNS pod answers.
    pub(crate) fn dns_port(&self, pod: &Pod) -> u16 {
        dns::port(self.service.as_ref(), pod)
    }
}

/// What the probes wait for may take so long: a cluster where DNS cannot be found is probed as well.
const FIND: Duration = Duration::from_secs(30);

/// What a run knows before it creates anything.
pub(crate) struct Begun {
    /// `gitVersion` of the API server.
    version: Option<String>,
    /// The failing pod.
    workload: Option<Pod>,
    /// The one that resolves.
    working: Option<Pod>,
}

/// Asks the server who it is, and for the failing pod. Fails only if no API server answers at all,
/// or if it says that there is no such pod, namespace or node: then something else was meant.
pub(crate) async fn begin(
    api: &Api,
    request: &Request,
    sink: &Sink,
    progress: &Progress,
) -> Result<Begun, Failure> {
    progress.step("asking the API server for its version and the failing pod");
    let call = source::get("version", None, "/version".to_owned());
    let found = api.for_at_most(FIND);
    let (version, workload, working, nodes) = futures::join!(
        api.get::<serde_json::Value>(&call.path),
        progress.source("failing pod", workload::pod(&found, request, sink)),
        working::pod(&found, request.working_pod.as_ref(), sink),
        nodes::named(&found, &request.nodes),
    );
    if let Err(error) = &version
        && (error.is_unreachable() || error.code == 401)
    {
        return Err(unreachable(error));
    }
    sink.json_or_gap(layout::VERSION, &call, &version);
    nodes?;
    let version = version.ok();
    let version = version.and_then(|it| it["gitVersion"].as_str().map(str::to_owned));
    Ok(Begun {
        version,
        workload: workload?,
        working: working?,
    })
}

/// Gathers what matters most and what the probes need: the objects of DNS, its configuration, the
/// nodes of its pods and of the failing pod.
pub(crate) async fn first(
    api: &Api,
    request: &Request,
    begun: Begun,
    sink: &Sink,
    progress: &Progress,
) -> Found {
    let api = &api.for_at_most(FIND);
    let Begun {
        version,
        workload,
        working,
    } = begun;
    let clients: Vec<&Pod> = workload.iter().chain(&working).collect();
    progress.step("finding the cluster's DNS");
    let trail = Trail::default();
    let dns = async {
        let hints = hints::hints(api, sink, &trail);
        let dns = Box::pin(discover::service(api, sink, &trail, hints)).await;
        let pods = dns::pods(api, sink, &trail, &dns).await;
        (dns, pods)
    };
    let ((dns, dns_pods), ()) = futures::join!(
        progress.source("Service and pods of DNS", dns),
        cluster_id(api, sink),
    );

    progress.step("reading CoreDNS: nodes, configuration, metrics");
    let namespace = dns.namespace.as_str();
    let (nodes, (config, metrics)) = futures::join!(
        progress.source(
            "nodes",
            nodes::concerned(api, sink, &dns_pods, &clients, &request.nodes)
        ),
        progress.source("ConfigMaps and metrics", async {
            let config = config::maps(api, sink, &trail, namespace, &dns_pods).await;
            let mut metrics = Metrics::of(&config, &dns_pods);
            metrics.look(api, sink, namespace, &dns_pods).await;
            (config, metrics)
        }),
    );
    let found = Found {
        dns_namespace: dns.namespace,
        service: dns.service,
        dns_pods,
        metrics,
        workload,
        working,
        corefile: config.corefile,
        custom: config.custom,
        nodes,
        version,
        trail,
    };
    found.say(sink, None, &[]);
    found
}

impl Found {
    /// Puts down how DNS was found, and the name of the distribution as far as it is known by now.
    fn say(&self, sink: &Sink, groups: Option<&groups::Groups>, daemon_sets: &[Workload]) {
        let signs = distribution::Signs {
            version: self.version.as_deref(),
            groups,
            daemon_sets,
        };
        let distribution = distribution::name(sink, &self.trail, &signs);
        sink.with(|bundle| {
            bundle.edit_manifest(|manifest| {
                manifest.cluster.server_version.clone_from(&self.version);
                manifest.cluster.distribution = distribution.map(str::to_owned);
            });
        });
        self.trail.write(sink);
    }
}

/// Reads CoreDNS's metrics of those pods whose metrics nobody has brought or been refused.
pub(crate) async fn metrics_by_proxy(api: &Api, sink: &Sink, found: &Found) {
    let (namespace, pods) = (&found.dns_namespace, &found.dns_pods);
    coredns_metrics::by_proxy(&timed(api), sink, namespace, pods, &found.metrics).await;
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

/// Addresses of a Service; a headless one has none.
pub(crate) fn addresses(service: &Service) -> Vec<String> {
    let spec = &service.spec;
    let mut all = spec.cluster_ips.clone();
    all.extend(
        spec.cluster_ip
            .iter()
            .filter(|ip| !spec.cluster_ips.contains(ip))
            .cloned(),
    );
    all.retain(|ip| !ip.is_empty() && ip != "None");
    all
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
