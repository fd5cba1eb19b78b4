//! Entries that no rule reads by name: kept for people and for later engines.

use super::{CLOCK, COUNTS};

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
/// Stands in a manifest only, where there is no pod whose log [`network_log`](super::network_log)
/// would be, or where it is not known.
pub const NETWORK_LOGS: &str = "network/logs";
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
/// A `Pod` that resolves what the failing one does not (`--working-pod`), pruned.
pub const WORKING_POD: &str = "working/pod.json";
/// Its `Namespace`, where that is not the failing pod's.
pub const WORKING_NAMESPACE: &str = "working/namespace.json";
/// `NetworkPolicyList` of its namespace, where that is not the failing pod's.
pub const WORKING_NETWORK_POLICIES: &str = "working/networkpolicies.json";
/// resolv.conf of it.
pub const WORKING_RESOLV_CONF: &str = "working/resolv.conf";
/// Which C libraries its program has mapped, and which resolver that makes.
pub const WORKING_PROCESS: &str = "working/process.json";
/// API groups and versions that are served.
pub const API_GROUPS: &str = "cluster/api-groups.json";
/// `DaemonSetList` of kube-system: network plugin, kube-proxy, node-local DNS.
pub const DAEMON_SETS: &str = "cluster/daemonsets.json";
/// kube-proxy's settings that bear on DNS: mode, ranges, conntrack.
pub const KUBE_PROXY: &str = "cluster/kube-proxy.json";
/// The kubelets' settings that bear on DNS, as kubeadm keeps them in ConfigMap `kubelet-config`.
pub const KUBELET_CONFIG: &str = "cluster/kubelet-config.json";
/// `ServiceCIDRList`: ranges of Service addresses.
pub const SERVICE_CIDRS: &str = "cluster/servicecidrs.json";

/// What a person calls these entries.
pub(super) const OTHERS: &[(&str, &str)] = &[
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
    (NETWORK_LOGS, "logs of kube-proxy and konnectivity"),
    (WORKLOAD_EVENTS, "events of the failing pod"),
    (
        WORKLOAD_FOREIGN_POLICIES,
        "policies of other kinds around the failing pod",
    ),
    (WORKLOAD_OWNER, "owner of the failing pod"),
    (WORKING_NAMESPACE, "namespace of the pod that resolves"),
    (
        WORKING_NETWORK_POLICIES,
        "policies around the pod that resolves",
    ),
    (WORKING_POD, "pod that resolves"),
    (WORKING_PROCESS, "resolver of the pod that resolves"),
    (WORKING_RESOLV_CONF, "resolv.conf of the pod that resolves"),
];
