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
mod foreign;
mod groups;
mod hints;
mod logs;
mod metrics;
mod network;
mod node_pods;
mod nodes;
mod openshift;
mod owner;
mod policies;
mod redact;
mod scrub;
mod source;
mod trail;
mod workload;

use digpod_bundle::k8s::{Namespace, Pod, Service};
use digpod_bundle::{layout, sha256};

use crate::api::{Api, CallError};
use crate::error::Failure;
use crate::progress::Progress;
use crate::sink::Sink;

use source::within;
use trail::Trail;

pub(crate) use coredns_metrics::Metrics;
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
    /// Whether the kubelets are asked for their settings.
    pub(crate) kubelet_config: bool,
}

/// What was found and is needed to plan the probes.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Namespace of the cluster's DNS.
    pub(crate) dns_namespace: String,
    /// The DNS Service.
    pub(crate) service: Option<Service>,
    /// Its pods.
    pub(crate) dns_pods: Vec<Pod>,
    /// Where their metrics are.
    pub(crate) metrics: Metrics,
    /// The failing pod.
    pub(crate) workload: Option<Pod>,
    /// The Corefile.
    pub(crate) corefile: Option<String>,
    /// Keys of `coredns-custom`.
    pub(crate) custom: Vec<(String, String)>,
    /// How all this was found.
    trail: Trail,
}

impl Found {
    /// The port on which a DNS pod answers.
    pub(crate) fn dns_port(&self, pod: &Pod) -> u16 {
        dns::port(self.service.as_ref(), pod)
    }
}

/// Asks the server who it is; gives its version. Fails only if no API server answers at all.
pub(crate) async fn reach(
    api: &Api,
    sink: &Sink,
    progress: &Progress,
) -> Result<Option<String>, Failure> {
    progress.step("asking the API server for its version");
    let call = source::get("version", None, "/version".to_owned());
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

/// Gathers what the probes wait for: the cluster's DNS, its configuration, the failing pod, nodes.
pub(crate) async fn find(
    api: &Api,
    request: &Request,
    sink: &Sink,
    progress: &Progress,
    version: Option<&str>,
) -> Found {
    progress.step("finding the cluster's DNS and the failing pod");
    let trail = Trail::default();
    let dns = async {
        let hints = hints::hints(api, sink, &trail);
        let dns = discover::service(api, sink, &trail, hints).await;
        let pods = dns::pods(api, sink, &trail, &dns).await;
        let config = config::maps(api, sink, &trail, &dns.namespace, &pods).await;
        (dns, pods, config)
    };
    let ((dns, dns_pods, config), (), workload, ()) = futures::join!(
        dns,
        cluster_id(api, sink),
        workload::pod(api, request, sink),
        async {
            nodes::nodes(api, sink).await;
            sink.with(|bundle| {
                bundle.edit_manifest(|manifest| {
                    manifest.cluster.server_version = version.map(str::to_owned);
                });
            });
        },
    );
    Found {
        dns_namespace: dns.namespace,
        service: dns.service,
        metrics: Metrics::of(&config, &dns_pods),
        dns_pods,
        workload,
        corefile: config.corefile,
        custom: config.custom,
        trail,
    }
}

/// Gathers everything else, while the probes run.
pub(crate) async fn rest(
    api: &Api,
    request: &Request,
    sink: &Sink,
    progress: &Progress,
    found: &Found,
    version: Option<&str>,
) {
    progress.step("reading CoreDNS and what is around it: logs, events, usage, policies");
    let namespace = found.dns_namespace.as_str();
    let (pods, client) = (&found.dns_pods, found.workload.as_ref());
    let dns = discover::Dns {
        namespace: namespace.to_owned(),
        service: found.service.clone(),
    };
    let groups = async {
        let groups = groups::groups(api, sink).await;
        let policies = foreign::policies(api, sink, &groups, namespace, &request.namespace);
        let operator = openshift::operator(api, sink, groups.as_ref());
        futures::join!(policies, operator);
        groups.ok()
    };
    let daemon_sets = async {
        let sets = network::daemon_sets(api, sink).await;
        network::node_local(api, sink, &found.trail, &sets).await;
        sets.unwrap_or_default()
    };
    let foreign = [
        layout::API_GROUPS,
        layout::FOREIGN_POLICIES,
        layout::DNS_FOREIGN_POLICIES,
        layout::WORKLOAD_FOREIGN_POLICIES,
        layout::DNS_OPERATOR,
    ];
    let of_owner = [
        layout::DNS_WORKLOAD,
        layout::DNS_REPLICA_SETS,
        layout::DNS_AUTOSCALER,
        layout::DNS_HORIZONTAL_POD_AUTOSCALERS,
        layout::DNS_POD_DISRUPTION_BUDGETS,
    ];
    let of_nodes = [layout::DAEMON_SETS, layout::DNS_NODE_LOCAL];
    let of_metrics = [layout::DNS_POD_METRICS, layout::NODE_METRICS];
    let of_policies = [
        layout::DNS_NETWORK_POLICIES,
        layout::WORKLOAD_NETWORK_POLICIES,
    ];
    let of_client = [layout::WORKLOAD_OWNER, layout::WORKLOAD_EVENTS];
    let ((groups, daemon_sets), ..) = futures::join!(
        async {
            futures::join!(
                within(sink, &foreign, groups),
                within(sink, &of_nodes, daemon_sets),
            )
        },
        logs::logs(api, sink, namespace, pods, request.since),
        async {
            let entries = [layout::DNS_NODE_PODS];
            let carriers = node_pods::pods(api, sink, pods, client);
            let carriers = within(sink, &entries, carriers).await;
            let caches: Vec<Pod> = carriers
                .into_iter()
                .filter(node_pods::is_node_local)
                .collect();
            logs::logs(api, sink, "kube-system", &caches, request.since).await;
        },
        within(
            sink,
            &of_metrics,
            metrics::usage(api, sink, namespace, found.service.as_ref())
        ),
        within(
            sink,
            &of_policies,
            policies::policies(api, sink, namespace, &request.namespace)
        ),
        within(
            sink,
            &[layout::DNS_ENDPOINT_SLICES],
            dns::endpoint_slices(api, sink, &dns)
        ),
        within(
            sink,
            &[layout::DNS_NAMESPACE],
            dns::namespace(api, sink, namespace)
        ),
        within(
            sink,
            &[layout::DNS_EVENTS],
            events::of_dns(api, sink, namespace, pods)
        ),
        within(sink, &of_owner, owner::owner(api, sink, namespace, pods)),
        within(
            sink,
            &[layout::DNS_SERVICE_ACCOUNT_RULES],
            accounts::rules(api, sink, namespace, pods)
        ),
        within(
            sink,
            &of_client,
            workload::around(api, sink, request, client)
        ),
        within(sink, &[layout::KUBE_PROXY], network::kube_proxy(api, sink)),
        within(sink, &[layout::COUNTS], counts::counts(api, sink)),
        configz::configz(api, sink, request.kubelet_config, pods, client),
        late_hints(api, sink, &found.trail),
    );
    let signs = distribution::Signs {
        version,
        groups: groups.as_ref(),
        daemon_sets: &daemon_sets,
    };
    if let Some(name) = distribution::name(sink, &found.trail, &signs) {
        sink.with(|bundle| {
            bundle.edit_manifest(|manifest| manifest.cluster.distribution = Some(name.to_owned()));
        });
    }
    found.trail.write(sink);
}

/// Reads CoreDNS's metrics of those pods whose metrics no probe has brought.
pub(crate) async fn metrics_by_proxy(api: &Api, sink: &Sink, found: &Found) {
    let (namespace, pods) = (&found.dns_namespace, &found.dns_pods);
    coredns_metrics::by_proxy(api, sink, namespace, pods, &found.metrics).await;
}

/// What the search for DNS did not wait for.
async fn late_hints(api: &Api, sink: &Sink, trail: &Trail) {
    let entries = [layout::KUBELET_CONFIG, layout::SERVICE_CIDRS];
    let said = |entry: &&str| sink.with(|bundle| bundle.item(entry).is_some());
    if !entries.iter().all(|entry| said(&entry)) {
        within(sink, &entries, hints::hints(api, sink, trail)).await;
    }
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
            "the API server does not know who asks: {}",
            error.reason
        ))
        .help("check the user of the context: `kubectl auth whoami`");
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
