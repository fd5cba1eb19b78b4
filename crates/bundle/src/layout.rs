//! Where everything stands in a bundle: the names of format 1's entries.
//!
//! A name decides what an entry is, so a folder of files needs no list to be understood and a
//! gap in the manifest can name what it would have been.

mod details;
mod services;

use crate::entry::EntryName;

pub use details::*;
pub use services::*;

/// The one entry every bundle has.
pub const MANIFEST: &str = "manifest.json";
/// Answer of the API server's `/version`.
pub const VERSION: &str = "cluster/version.json";
/// What the user who collected may do, as access reviews said.
pub const ACCESS: &str = "cluster/access.json";
/// `NodeList`, pruned.
pub const NODES: &str = "cluster/nodes.json";
/// Stands in a manifest only, where the list of nodes could not be read from which
/// [`NODES`] gets a sample beside the nodes that matter.
pub const NODE_SAMPLE: &str = "cluster/node-sample.json";
/// How many nodes (by pool), pods, Services there are.
pub const COUNTS: &str = "cluster/counts.json";
/// How far the API server's clock is ahead of the collecting machine's.
pub const CLOCK: &str = "cluster/clock.json";
/// `NodeMetricsList` of metrics.k8s.io, what `kubectl top nodes` shows.
pub const NODE_METRICS: &str = "cluster/node-metrics.json";
/// The DNS `Service`.
pub const DNS_SERVICE: &str = "dns/service.json";
/// `EndpointSliceList` of the DNS Service.
pub const DNS_ENDPOINT_SLICES: &str = "dns/endpointslices.json";
/// `PodList` of the pods behind the DNS Service.
pub const DNS_PODS: &str = "dns/pods.json";
/// The Deployment or `DaemonSet` that owns the DNS pods.
pub const DNS_WORKLOAD: &str = "dns/workload.json";
/// `EventList` about the DNS objects.
pub const DNS_EVENTS: &str = "dns/events.json";
/// `PodMetricsList` of the DNS pods, what `kubectl top pods` shows.
pub const DNS_POD_METRICS: &str = "dns/pod-metrics.json";
/// `NetworkPolicyList` of the DNS pods' namespace.
pub const DNS_NETWORK_POLICIES: &str = "dns/networkpolicies.json";
/// The failing `Pod`, pruned.
pub const WORKLOAD_POD: &str = "workload/pod.json";
/// `NetworkPolicyList` of the failing pod's namespace.
pub const WORKLOAD_NETWORK_POLICIES: &str = "workload/networkpolicies.json";
/// The `Namespace` of the failing pod.
pub const WORKLOAD_NAMESPACE: &str = "workload/namespace.json";
/// resolv.conf of the failing pod itself.
pub const WORKLOAD_RESOLV_CONF: &str = "workload/resolv.conf";
/// Which C libraries the failing pod's program has mapped, and which resolver that makes.
pub const WORKLOAD_PROCESS: &str = "workload/process.json";

/// What a kubelet says of its settings, as far as they bear on DNS: `nodes/<node>/configz.json`.
pub fn configz(node: &str) -> String {
    format!("nodes/{node}/configz.json")
}

/// One piece of the log of a pod that is no DNS server but carries DNS (kube-proxy, konnectivity):
/// `network/logs/<pod>/<container>/<stream>-<piece>.log`.
pub fn network_log(pod: &str, container: &str, stream: LogStream, piece: u32) -> String {
    format!(
        "network/logs/{pod}/{container}/{}-{piece:03}.log",
        stream.as_str()
    )
}

/// A ConfigMap of the DNS namespace: `dns/configmaps/<name>.json`. The one CoreDNS reads is
/// `coredns` and the one it imports `coredns-custom`, whatever a distribution calls them.
pub fn config_map(name: &str) -> String {
    format!("dns/configmaps/{name}.json")
}

/// One piece of a DNS container's log: `dns/logs/<pod>/<container>/<stream>-<piece>.log`.
/// Pieces hold about 4 MiB of text each, split at line ends, counted from 0.
pub fn log(pod: &str, container: &str, stream: LogStream, piece: u32) -> String {
    format!(
        "dns/logs/{pod}/{container}/{}-{piece:03}.log",
        stream.as_str()
    )
}

/// The resolv.conf that the kubelet of a node reads: `nodes/<node>/resolv.conf`.
pub fn node_resolv_conf(node: &str) -> String {
    format!("nodes/{node}/resolv.conf")
}

/// Metrics of a DNS pod in Prometheus' text format, those that bear on DNS: `dns/metrics/<pod>.prom`.
pub fn metrics(pod: &str) -> String {
    format!("dns/metrics/{pod}.prom")
}

/// Another file or counter of a node that bears on DNS: `nodes/<node>/<name>`.
pub fn node_file(node: &str, name: &str) -> String {
    format!("nodes/{node}/{name}")
}

/// The resolv.conf that the container runtime gave to the sandbox of a DNS pod:
/// `nodes/<node>/sandboxes/<pod>/resolv.conf`.
pub fn sandbox_resolv_conf(node: &str, pod: &str) -> String {
    format!("nodes/{node}/sandboxes/{pod}/resolv.conf")
}

/// The plan a probe was given: `probes/<vantage>/plan.json`.
pub fn probe_plan(vantage: &str) -> String {
    format!("probes/{vantage}/plan.json")
}

/// What a probe brought back: `probes/<vantage>/records.json`.
pub fn probe_records(vantage: &str) -> String {
    format!("probes/{vantage}/records.json")
}

/// resolv.conf as the probe found it: `probes/<vantage>/resolv.conf`.
pub fn probe_resolv_conf(vantage: &str) -> String {
    format!("probes/{vantage}/resolv.conf")
}

/// The probe's `Pod` as the API server stored it: `probes/<vantage>/pod.json`.
pub fn probe_pod(vantage: &str) -> String {
    format!("probes/{vantage}/pod.json")
}

/// What admission made of a probe's pod, or of the run's own namespace (`namespace`):
/// `probes/<vantage>/admission.json`.
pub fn probe_admission(vantage: &str) -> String {
    format!("probes/{vantage}/admission.json")
}

/// What came of asking until a try failed: `probes/<vantage>/watch.json`.
pub fn probe_watch(vantage: &str) -> String {
    format!("probes/{vantage}/watch.json")
}

/// Output of a DNS tool (host, nslookup, dig) as a ticket holds it: `outputs/<name>`.
pub fn tool_output(name: &str) -> String {
    format!("outputs/{name}")
}

/// A file as the user gave it, kept whole beside what was made of it: `imported/<name>`.
pub fn imported(name: &str) -> String {
    format!("imported/{name}")
}

/// Which run of a container a log is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogStream {
    /// The container that runs now.
    Current,
    /// The one before it, `kubectl logs --previous`.
    Previous,
}

impl LogStream {
    /// The word in the entry's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }
}

/// What an entry is, told from its name alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "each variant is the constant or function of the same name above"
)]
pub enum Kind {
    Manifest,
    Version,
    Access,
    Nodes,
    NodeMetrics,
    DnsService,
    DnsEndpointSlices,
    DnsPods,
    DnsWorkload,
    DnsEvents,
    DnsPodMetrics,
    DnsNetworkPolicies,
    WorkloadPod,
    WorkloadNetworkPolicies,
    WorkloadNamespace,
    WorkloadResolvConf,
    WorkloadProcess,
    NamedService {
        namespace: String,
        name: String,
    },
    NamedEndpointSlices {
        namespace: String,
        name: String,
    },
    ConfigMap {
        name: String,
    },
    Log {
        pod: String,
        container: String,
        stream: LogStream,
        piece: u32,
    },
    /// Of what carries DNS between pods and servers.
    NetworkLog {
        pod: String,
    },
    Metrics {
        pod: String,
    },
    /// An entry that is kept for people and for later engines; the text says what it is.
    Detail(&'static str),
    NodeResolvConf {
        node: String,
    },
    Configz {
        node: String,
    },
    ProbePlan {
        vantage: String,
    },
    ProbeRecords {
        vantage: String,
    },
    ProbeResolvConf {
        vantage: String,
    },
    ProbePod {
        vantage: String,
    },
    ProbeAdmission {
        vantage: String,
    },
    ProbeWatch {
        vantage: String,
    },
    ToolOutput {
        name: String,
    },
    Imported {
        name: String,
    },
    /// An entry this engine has no use for: of a newer collector, or somebody's own.
    Other,
}

impl Kind {
    /// Tells what an entry is.
    pub fn of(name: &EntryName) -> Self {
        let path = name.as_str();
        let parts: Vec<&str> = path.split('/').collect();
        match (path, parts.as_slice()) {
            (MANIFEST, _) => Self::Manifest,
            (VERSION, _) => Self::Version,
            (ACCESS, _) => Self::Access,
            (NODES, _) => Self::Nodes,
            (NODE_METRICS, _) => Self::NodeMetrics,
            (DNS_SERVICE, _) => Self::DnsService,
            (DNS_ENDPOINT_SLICES, _) => Self::DnsEndpointSlices,
            (DNS_PODS, _) => Self::DnsPods,
            (DNS_WORKLOAD, _) => Self::DnsWorkload,
            (DNS_EVENTS, _) => Self::DnsEvents,
            (DNS_POD_METRICS, _) => Self::DnsPodMetrics,
            (DNS_NETWORK_POLICIES, _) => Self::DnsNetworkPolicies,
            (WORKLOAD_POD, _) => Self::WorkloadPod,
            (WORKLOAD_NETWORK_POLICIES, _) => Self::WorkloadNetworkPolicies,
            (WORKLOAD_NAMESPACE, _) => Self::WorkloadNamespace,
            (WORKLOAD_RESOLV_CONF, _) => Self::WorkloadResolvConf,
            (WORKLOAD_PROCESS, _) => Self::WorkloadProcess,
            (_, ["workload", "services", namespace, name, file]) => {
                services::of(namespace, name, file)
            }
            (_, ["dns", "configmaps", file]) => match file.strip_suffix(".json") {
                Some(name) => Self::ConfigMap {
                    name: name.to_owned(),
                },
                None => Self::Other,
            },
            (_, ["dns", "logs", pod, container, file]) => match parse_log_file(file) {
                Some((stream, piece)) => Self::Log {
                    pod: (*pod).to_owned(),
                    container: (*container).to_owned(),
                    stream,
                    piece,
                },
                None => Self::Other,
            },
            (_, ["network", "logs", pod, _, _]) => Self::NetworkLog {
                pod: (*pod).to_owned(),
            },
            (_, ["dns", "metrics", file]) => match file.strip_suffix(".prom") {
                Some(pod) => Self::Metrics {
                    pod: pod.to_owned(),
                },
                None => Self::Other,
            },
            (_, ["nodes", node, "configz.json"]) => Self::Configz {
                node: (*node).to_owned(),
            },
            (_, ["nodes", node, "resolv.conf"]) => Self::NodeResolvConf {
                node: (*node).to_owned(),
            },
            (_, ["probes", vantage, file]) => {
                let vantage = (*vantage).to_owned();
                match *file {
                    "plan.json" => Self::ProbePlan { vantage },
                    "records.json" => Self::ProbeRecords { vantage },
                    "resolv.conf" => Self::ProbeResolvConf { vantage },
                    "pod.json" => Self::ProbePod { vantage },
                    "admission.json" => Self::ProbeAdmission { vantage },
                    "watch.json" => Self::ProbeWatch { vantage },
                    _ => Self::Other,
                }
            }
            (_, ["outputs", name]) => Self::ToolOutput {
                name: (*name).to_owned(),
            },
            (_, ["imported", ..]) => Self::Imported {
                name: parts[1..].join("/"),
            },
            _ => details::OTHERS
                .iter()
                .find(|(entry, _)| *entry == path)
                .map_or(Self::Other, |(_, what)| Self::Detail(what)),
        }
    }
}

fn parse_log_file(file: &str) -> Option<(LogStream, u32)> {
    let (stream, piece) = file.strip_suffix(".log")?.split_once('-')?;
    let stream = match stream {
        "current" => LogStream::Current,
        "previous" => LogStream::Previous,
        _ => return None,
    };
    Some((stream, piece.parse().ok()?))
}
