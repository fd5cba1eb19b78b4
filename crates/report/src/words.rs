//! Words for kinds, scopes and roles.

use std::fmt::Write as _;

use digpod_analysis::Scope;
use digpod_bundle::{EntryName, Kind, LogStream, layout};
use digpod_probe::{NameClass, ServerRole, Transport};

use crate::reading;
use crate::v1::{Report, Subject};

/// `Cause (proven)`, `Healthy`.
pub(crate) fn verdict(report: &Report) -> String {
    match (report.verdict.as_str(), report.causes.first()) {
        ("healthy", _) => "Healthy".to_owned(),
        ("no-fault-seen", _) => "No fault seen".to_owned(),
        ("cause", Some(cause)) => format!("Cause ({})", cause.confidence),
        _ => "Undetermined".to_owned(),
    }
}

pub(crate) fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Cluster => "cluster".to_owned(),
        Scope::Namespace(name) => format!("namespace {name}"),
        Scope::Node(name) => format!("node {name}"),
        Scope::Pod(name) => format!("pod {name}"),
        Scope::Name(name) => format!("name {name}"),
    }
}

pub(crate) fn role(role: ServerRole) -> &'static str {
    match role {
        ServerRole::Service => "service",
        ServerRole::CorednsPod => "coredns-pod",
        ServerRole::NodeLocal => "node-local",
        ServerRole::Upstream => "upstream",
        ServerRole::Platform => "platform",
        ServerRole::Own => "own",
    }
}

pub(crate) fn class(class: NameClass) -> &'static str {
    match class {
        NameClass::Cluster => "cluster",
        NameClass::Public => "public",
        NameClass::Custom => "custom",
        NameClass::Nonexistent => "nonexistent",
    }
}

pub(crate) fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    }
}

/// What an entry is, for a person.
pub(crate) fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Manifest => "manifest".to_owned(),
        Kind::Version => "version of the API server".to_owned(),
        Kind::Access => "what the user may do".to_owned(),
        Kind::Nodes => "nodes".to_owned(),
        Kind::NodeMetrics => "usage of nodes (top)".to_owned(),
        Kind::DnsService => "Service of the cluster DNS".to_owned(),
        Kind::DnsEndpointSlices => "EndpointSlices of the cluster DNS".to_owned(),
        Kind::DnsPods => "CoreDNS pods".to_owned(),
        Kind::DnsWorkload => "owner of the CoreDNS pods".to_owned(),
        Kind::DnsEvents => "events of the DNS namespace".to_owned(),
        Kind::DnsPodMetrics => "usage of CoreDNS pods (top)".to_owned(),
        Kind::DnsNetworkPolicies => "NetworkPolicies of the DNS namespace".to_owned(),
        Kind::WorkloadPod => "the failing pod".to_owned(),
        Kind::WorkloadNetworkPolicies => {
            "NetworkPolicies of the failing pod's namespace".to_owned()
        }
        Kind::WorkloadNamespace => "namespace of the failing pod".to_owned(),
        Kind::WorkloadResolvConf => "resolv.conf of a pod".to_owned(),
        Kind::WorkloadProcess => "resolver of the failing pod's program".to_owned(),
        Kind::NamedService { namespace, name } => format!("Service {namespace}/{name}"),
        Kind::NamedEndpointSlices { namespace, name } => {
            format!("EndpointSlices of Service {namespace}/{name}")
        }
        Kind::ConfigMap { name } => format!("ConfigMap {name}"),
        Kind::Log { pod, stream, .. } => match stream {
            LogStream::Current => format!("log of {pod}"),
            LogStream::Previous => format!("log of {pod} before its restart"),
        },
        Kind::NetworkLog { pod } => format!("log of {pod}"),
        Kind::Metrics { pod } => format!("metrics of {pod}"),
        Kind::Configz { node } => format!("kubelet settings of {}", of_nodes(node)),
        Kind::Detail(what) => (*what).to_owned(),
        Kind::NodeResolvConf { node } if node == "unknown" => "resolv.conf of a node".to_owned(),
        Kind::NodeResolvConf { node } => format!("resolv.conf of {}", of_nodes(node)),
        Kind::ProbeRecords { vantage } if vantage == "node-*" => {
            "answers to the probes on every node's network".to_owned()
        }
        Kind::ProbeRecords { vantage } if vantage == "default-*" => {
            "answers to the probes with every node's resolv.conf".to_owned()
        }
        Kind::ProbePlan { vantage } => format!("questions of probe {vantage}"),
        Kind::ProbeRecords { vantage } => format!("answers to probe {vantage}"),
        Kind::ProbeResolvConf { vantage } => format!("resolv.conf of probe {vantage}"),
        Kind::ProbePod { vantage } => format!("pod of probe {vantage}"),
        Kind::ProbeAdmission { vantage } => format!("what admission made of probe {vantage}"),
        Kind::ProbeWatch { vantage } => format!("what probe {vantage} saw until a try failed"),
        Kind::ToolOutput { .. } => "output of a DNS tool".to_owned(),
        Kind::Imported { .. } => "file as given".to_owned(),
        Kind::Other => "not used".to_owned(),
    }
}

fn of_nodes(node: &str) -> String {
    match node {
        "*" => "every node".to_owned(),
        _ => format!("node {node}"),
    }
}

/// What an entry is, told from its name; nothing for an entry this engine does not know.
pub(crate) fn entry(name: &str) -> Option<String> {
    match EntryName::new(name).map(|name| Kind::of(&name)) {
        Ok(Kind::Other) | Err(_) => None,
        Ok(known) => Some(kind(&known)),
    }
}

/// What cannot be excluded where an entry did not come.
pub(crate) fn not_excluded(entry: &str) -> &'static str {
    let kind = EntryName::new(entry).map_or(Kind::Other, |name| Kind::of(&name));
    match kind {
        Kind::Version => "what depends on the version of Kubernetes is not judged",
        Kind::Access => "whatever else this user may not do shows as it comes, not before",
        Kind::Nodes => "a node that is not ready or under pressure is not excluded",
        Kind::NodeMetrics => "an overloaded node is not excluded",
        Kind::DnsService => {
            "a wrong address in the pods, or a Service that leads nowhere, is not excluded"
        }
        Kind::DnsEndpointSlices => "a DNS Service without ready endpoints is not excluded",
        Kind::DnsPods => "CoreDNS that is down, restarting or not ready is not excluded",
        Kind::DnsWorkload => "too few replicas of CoreDNS are not excluded",
        Kind::DnsEvents => "CoreDNS that was killed, moved or could not start is not excluded",
        Kind::DnsPodMetrics => "an overloaded CoreDNS is not excluded",
        Kind::DnsNetworkPolicies => "a policy that keeps queries from CoreDNS is not excluded",
        Kind::WorkloadPod => "DNS settings of the pod's own that are wrong are not excluded",
        Kind::WorkloadNetworkPolicies => "a policy that keeps the pod from DNS is not excluded",
        Kind::WorkloadNamespace => "a policy that selects on the namespace's labels is not judged",
        Kind::WorkloadResolvConf => "a wrong resolv.conf in the pod is not excluded",
        Kind::WorkloadProcess => "which names the pod's resolver asks for is not certain",
        Kind::NamedService { .. } | Kind::NamedEndpointSlices { .. } => {
            "an answer that differs from what the API says of this Service is not excluded"
        }
        Kind::NetworkLog { .. } => "what carries queries between pods and servers is not looked at",
        Kind::Metrics { .. } => {
            "which servers CoreDNS really asks, and how they answer, is not known"
        }
        Kind::Configz { .. } => {
            "settings of the kubelet that differ from the cluster's are not seen"
        }
        Kind::ConfigMap { name } if name == "coredns" => {
            "a wrong upstream, zone or plugin in the Corefile is not excluded"
        }
        Kind::ConfigMap { .. } => {
            "settings in it that change what the Corefile says are not excluded"
        }
        Kind::Log {
            stream: LogStream::Current,
            ..
        } => "time-outs, loops and errors that CoreDNS logged are not excluded",
        Kind::Log { .. } => "why the container ended before is not known",
        Kind::NodeResolvConf { .. } | Kind::ProbeResolvConf { .. } => {
            "a wrong list of servers in it is not excluded"
        }
        Kind::ProbePlan { vantage } | Kind::ProbeRecords { vantage } => not_asked(&vantage),
        Kind::ProbePod { .. } | Kind::ProbeAdmission { .. } => {
            "a probe that differs from what was meant is not excluded"
        }
        Kind::ProbeWatch { .. } => "whether it failed while it was watched is not known",
        Kind::Detail(_) => detail_not_seen(entry),
        Kind::Manifest | Kind::ToolOutput { .. } | Kind::Imported { .. } | Kind::Other => UNKNOWN,
    }
}

/// Of what was asked too seldom.
pub(crate) const SELDOM: &str = "what fails or takes long at few of many tries is not excluded";
/// Of what nothing better can be said.
pub(crate) const UNKNOWN: &str = "what it would have shown is not excluded";

/// The same for what stands around DNS.
fn detail_not_seen(entry: &str) -> &'static str {
    match entry {
        layout::API_GROUPS => "which kinds of policy and which distribution there are is not known",
        layout::COUNTS => "how large the cluster is is not known",
        layout::DAEMON_SETS | layout::DNS_NODE_PODS | layout::DNS_NODE_LOCAL => {
            "a DNS cache on the nodes, and what carries queries there, is not seen"
        }
        layout::FOREIGN_POLICIES
        | layout::DNS_FOREIGN_POLICIES
        | layout::WORKLOAD_FOREIGN_POLICIES => {
            "a policy of another kind than NetworkPolicy that blocks DNS is not excluded"
        }
        layout::KUBE_PROXY => "how Services are carried on the nodes is not known",
        layout::KUBELET_CONFIG => "which DNS the kubelets hand out is not known",
        layout::SERVICE_CIDRS | layout::DNS_DISCOVERY | layout::DNS_SERVICES => {
            "a second DNS Service beside the one that was found is not excluded"
        }
        layout::DNS_AUTOSCALER | layout::DNS_HORIZONTAL_POD_AUTOSCALERS => {
            "what changes the number of CoreDNS's replicas is not known"
        }
        layout::DNS_NAMESPACE => "a policy that selects on that namespace's labels is not judged",
        layout::DNS_OPERATOR => "upstreams and placement that an operator sets are not known",
        layout::DNS_POD_DISRUPTION_BUDGETS => {
            "that all replicas of CoreDNS are drained at once is not excluded"
        }
        layout::DNS_REPLICA_SETS => "a rollout of CoreDNS that is stuck is not excluded",
        layout::DNS_SERVICE_ACCOUNT_RULES => {
            "CoreDNS that may not read Services and EndpointSlices is not excluded"
        }
        layout::NETWORK_LOGS => "errors of what carries queries on the nodes are not excluded",
        layout::WORKLOAD_EVENTS => "why the failing pod restarts or cannot start is not known",
        layout::WORKING_POD
        | layout::WORKING_PROCESS
        | layout::WORKING_RESOLV_CONF
        | layout::WORKING_NAMESPACE
        | layout::WORKING_NETWORK_POLICIES => {
            "a difference to the pod that resolves is not excluded"
        }
        layout::WORKLOAD_OWNER => "how many such pods there should be is not known",
        _ => UNKNOWN,
    }
}

/// The same for a probe that brought nothing back.
fn not_asked(vantage: &str) -> &'static str {
    if vantage.starts_with("default-") {
        return "other servers than the Corefile seems to have are not excluded: what CoreDNS's node would give it was not read";
    }
    if vantage.starts_with("node-") || vantage == "node" {
        return "whether the node resolves what the pod does not is not known";
    }
    match vantage {
        "working" => "whether names resolve from the place of the working pod is not known",
        "workload" => "whether names resolve from the failing pod's place is not known",
        "control" => "a policy cannot be told from a fault that all namespaces have",
        _ => "what was asked from there is not known",
    }
}

/// A vantage, for a person, with its word in entries and options.
pub(crate) fn vantage(vantage: &str, subject: &Subject) -> String {
    match reading::vantage(vantage, subject) {
        words if vantage.contains('-') => words,
        words if words.is_empty() => vantage.to_owned(),
        words => format!("{vantage} ({words})"),
    }
}

/// What a rule is about, from its id: `upstreams/cloud-dns-mixed-with-custom-dns` is about
/// `cloud DNS mixed with custom DNS`.
pub(crate) fn subject(rule: &str) -> String {
    let bare = rule.rsplit_once('/').map_or(rule, |(_, name)| name);
    let word = |word: &str| match word {
        "dns" | "ip" | "tcp" | "udp" => word.to_uppercase(),
        "coredns" => "CoreDNS".to_owned(),
        other => other.to_owned(),
    };
    bare.split('-').map(word).collect::<Vec<_>>().join(" ")
}

/// The sentence of a step, and the lines below it that are shown as they are.
pub(crate) fn snippet(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// `1 query`, `2 queries`.
pub(crate) fn count(count: usize, thing: &str) -> String {
    match (count, thing.strip_suffix('y')) {
        (1, _) => format!("1 {thing}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {thing}s"),
    }
}

/// Who analysed what, collected when and by whom.
pub(crate) fn provenance(report: &Report) -> String {
    let (engine, subject) = (&report.engine, &report.subject);
    let rules = count(engine.rules as usize, "rule");
    let mut parts = vec![format!("{} {}, {rules}", engine.name, engine.version)];
    let mut collected = String::new();
    if !subject.collected.is_empty() {
        collected = format!("collected {}", subject.collected);
        if !subject.collector.is_empty() {
            let _ = write!(collected, " by {}", subject.collector);
        }
    }
    parts.push(collected);
    let context = subject.context.as_ref().map(|it| format!("context {it}"));
    parts.push(context.unwrap_or_default());
    let version = subject
        .server_version
        .as_ref()
        .map(|version| match &subject.distribution {
            Some(distribution) => format!("Kubernetes {version} ({distribution})"),
            None => format!("Kubernetes {version}"),
        });
    parts.push(version.unwrap_or_default());
    let ticket = subject.ticket.as_ref().map(|it| format!("ticket {it}"));
    parts.push(ticket.unwrap_or_default());
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}
