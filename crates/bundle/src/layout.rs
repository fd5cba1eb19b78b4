//! Where everything stands in a bundle: the names of format 1's entries.
//!
//! A name decides what an entry is, so a folder of files needs no list to be understood and a
//! gap in the manifest can name what it would have been.

use crate::entry::EntryName;

/// The one entry every bundle has.
pub const MANIFEST: &str = "manifest.json";
/// Answer of the API server's `/version`.
pub const VERSION: &str = "cluster/version.json";
/// `NodeList`, pruned.
pub const NODES: &str = "cluster/nodes.json";
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

/// How cluster DNS was found: what was tried, what it showed, what was chosen.
pub const DNS_DISCOVERY: &str = "dns/discovery.json";
/// `ServiceList` of every Service that looks like cluster DNS.
pub const DNS_SERVICES: &str = "dns/services.json";
/// The `Namespace` of the DNS pods.
pub const DNS_NAMESPACE: &str = "dns/namespace.json";
/// `ReplicaSetList` of the Deployment behind the DNS pods: its roll-outs.
pub const DNS_REPLICA_SETS: &str = "dns/replicasets.json";
/// Deployments of the DNS namespace that scale DNS (cluster-proportional-autoscaler).
pub const DNS_AUTOSCALER: &str = "dns/autoscaler.json";
/// `HorizontalPodAutoscalerList` of what scales the DNS workload.
pub const DNS_HORIZONTAL_POD_AUTOSCALERS: &str = "dns/horizontalpodautoscalers.json";
/// `PodDisruptionBudgetList` of those that select the DNS pods.
pub const DNS_POD_DISRUPTION_BUDGETS: &str = "dns/poddisruptionbudgets.json";
/// What the DNS pods' ServiceAccount may do, and by which bindings.
pub const DNS_SERVICE_ACCOUNT_RULES: &str = "dns/serviceaccount-rules.json";
/// OpenShift's `dns.operator.openshift.io` `default`.
pub const DNS_OPERATOR: &str = "dns/operator.json";
/// The node-local layer: its DaemonSet, addresses, or what else stands for it.
pub const DNS_NODE_LOCAL: &str = "dns/node-local.json";
/// `PodList` of node-local-dns, konnectivity-agent and kube-proxy on the nodes concerned.
pub const DNS_NODE_PODS: &str = "dns/node-pods.json";
/// Policies of other kinds in the DNS pods' namespace: present, not evaluated.
pub const DNS_FOREIGN_POLICIES: &str = "dns/foreign-policies.json";
/// The same in the failing pod's namespace.
pub const WORKLOAD_FOREIGN_POLICIES: &str = "workload/foreign-policies.json";
/// The same for the whole cluster, with the number of all there are.
pub const FOREIGN_POLICIES: &str = "cluster/foreign-policies.json";
/// What controls the failing pod.
pub const WORKLOAD_OWNER: &str = "workload/owner.json";
/// `EventList` about the failing pod.
pub const WORKLOAD_EVENTS: &str = "workload/events.json";
/// API groups and versions that are served.
pub const API_GROUPS: &str = "cluster/api-groups.json";
/// How many pods, Services and namespaces there are.
pub const COUNTS: &str = "cluster/counts.json";
/// `DaemonSetList` of kube-system: network plugin, kube-proxy, node-local DNS.
pub const DAEMON_SETS: &str = "cluster/daemonsets.json";
/// kube-proxy's settings that bear on DNS: mode, ranges, conntrack.
pub const KUBE_PROXY: &str = "cluster/kube-proxy.json";
/// The kubelets' settings that bear on DNS, as kubeadm keeps them in ConfigMap `kubelet-config`.
pub const KUBELET_CONFIG: &str = "cluster/kubelet-config.json";
/// `ServiceCIDRList`: ranges of Service addresses.
pub const SERVICE_CIDRS: &str = "cluster/servicecidrs.json";
/// The API server's clock against ours.
pub const CLOCK: &str = "cluster/clock.json";

/// What a person calls the entries above that no rule reads by name.
const OTHERS: &[(&str, &str)] = &[
    (API_GROUPS, "API groups"),
    (CLOCK, "clock of the API server"),
    (COUNTS, "counts of objects"),
    (DAEMON_SETS, "DaemonSets of kube-system"),
    (FOREIGN_POLICIES, "policies of other kinds"),
    (KUBE_PROXY, "settings of kube-proxy"),
    (KUBELET_CONFIG, "settings of the kubelets"),
    (SERVICE_CIDRS, "ranges of Service addresses"),
    (DNS_AUTOSCALER, "autoscaler of the cluster DNS"),
    (DNS_DISCOVERY, "search for the cluster DNS"),
    (
        DNS_FOREIGN_POLICIES,
        "policies of other kinds around the DNS pods",
    ),
    (
        DNS_HORIZONTAL_POD_AUTOSCALERS,
        "HorizontalPodAutoscalers of the cluster DNS",
    ),
    (DNS_NAMESPACE, "namespace of the DNS pods"),
    (DNS_NODE_LOCAL, "node-local DNS"),
    (DNS_NODE_PODS, "DNS and network pods of the nodes concerned"),
    (DNS_OPERATOR, "settings of the DNS operator"),
    (
        DNS_POD_DISRUPTION_BUDGETS,
        "PodDisruptionBudgets of the DNS pods",
    ),
    (DNS_REPLICA_SETS, "ReplicaSets of the cluster DNS"),
    (
        DNS_SERVICE_ACCOUNT_RULES,
        "permissions of the DNS ServiceAccount",
    ),
    (DNS_SERVICES, "Services that look like cluster DNS"),
    (WORKLOAD_EVENTS, "events of the failing pod"),
    (
        WORKLOAD_FOREIGN_POLICIES,
        "policies of other kinds around the failing pod",
    ),
    (WORKLOAD_OWNER, "owner of the failing pod"),
];

/// Metrics of a DNS pod in Prometheus' text format, those that bear on DNS: `dns/metrics/<pod>.prom`.
pub fn metrics(pod: &str) -> String {
    format!("dns/metrics/{pod}.prom")
}

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
                    _ => Self::Other,
                }
            }
            (_, ["outputs", name]) => Self::ToolOutput {
                name: (*name).to_owned(),
            },
            (_, ["imported", ..]) => Self::Imported {
                name: parts[1..].join("/"),
            },
            _ => OTHERS
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
