//! The table itself. Whoever adds a call adds its row: tests run with the printed role alone, and
//! without each permission that a run was seen to use.

use super::need::Scope;

/// A thing that a run may do.
pub(super) struct Row {
    pub(super) verbs: &'static [&'static str],
    pub(super) group: &'static str,
    pub(super) resource: &'static str,
    pub(super) place: Place,
    /// Only objects of these names; with `name_of` none: any.
    pub(super) names: &'static [&'static str],
    /// A name that the flags give.
    pub(super) name_of: fn(&Scope) -> Option<String>,
    pub(super) when: fn(&Scope) -> bool,
    pub(super) purpose: &'static str,
    pub(super) loss: &'static str,
    pub(super) weight: Weight,
}

/// How much a need matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Every run with these flags does it.
    Needed,
    /// Done in some clusters only: in the role, but its lack is a loss only where it is met.
    Sometimes,
}

/// Where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Cluster-wide resources, or all namespaces.
    Cluster,
    /// Namespace of the cluster's DNS.
    Dns,
    /// Namespace of the failing pod.
    Client,
    /// `kube-system`, which every cluster has.
    KubeSystem,
    /// A namespace of this name.
    In(&'static str),
    /// The control probe's namespace: `--probe-namespace`, or one that does not exist yet.
    Probes,
}

const fn row(
    verbs: &'static [&'static str],
    group: &'static str,
    resource: &'static str,
    place: Place,
    purpose: &'static str,
    loss: &'static str,
) -> Row {
    Row {
        verbs,
        group,
        resource,
        place,
        names: &[],
        name_of: |_| None,
        when: |_| true,
        purpose,
        loss,
        weight: Weight::Needed,
    }
}

impl Row {
    const fn named(mut self, names: &'static [&'static str]) -> Self {
        self.names = names;
        self
    }

    const fn named_by(mut self, name_of: fn(&Scope) -> Option<String>) -> Self {
        self.name_of = name_of;
        self
    }

    const fn when(mut self, when: fn(&Scope) -> bool) -> Self {
        self.when = when;
        self
    }

    const fn sometimes(mut self) -> Self {
        self.weight = Weight::Sometimes;
        self
    }
}

const GET: &[&str] = &["get"];
const LIST: &[&str] = &["list"];
/// What becomes of an object that a run creates.
const LIFE: &[&str] = &["create", "get", "delete"];
/// Being told of changes; where that is refused the objects are looked at again and again.
const WATCH: &[&str] = &["watch"];

const APPS: &str = "apps";
const BATCH: &str = "batch";
const DISCOVERY: &str = "discovery.k8s.io";
const METRICS: &str = "metrics.k8s.io";
const AUTOSCALING: &str = "autoscaling";
const RBAC: &str = "rbac.authorization.k8s.io";
const NETWORKING: &str = "networking.k8s.io";
const POLICY: &str = "policy";

const OWNERS: &str = "whatever selects pods there must not take the probe for its own";
const OWNERS_LOST: &str =
    "the probe goes without the failing pod's labels, so policies may treat it otherwise";

const SEARCH_LOST: &str = "DNS that stands elsewhere than usual is harder to find";
const ACCOUNT_LOST: &str =
    "that CoreDNS may not read Services and EndpointSlices, so knows none, is not seen";
const OWNER: &str = "what the failing pod belongs to";
const OWNER_LOST: &str = "how many such pods there should be is not known";

fn names_a_pod(scope: &Scope) -> bool {
    scope.pod.is_some() || scope.selector.is_some()
}

/// Policies of another kind, of the whole cluster; `gather/foreign/kinds.rs` has the same.
const fn wide(resource: &'static str, group: &'static str) -> Row {
    narrow(resource, group, Place::Cluster)
}

/// Policies of another kind in a namespace.
const fn narrow(resource: &'static str, group: &'static str, place: Place) -> Row {
    row(
        LIST,
        group,
        resource,
        place,
        "policies of other kinds than NetworkPolicy, where the cluster has such",
        "a policy of another kind than NetworkPolicy that blocks DNS is not seen",
    )
    .sometimes()
}

const SIZE: &str = "requests and limits of the probes that fit there";
const SIZE_LOST: &str = "a probe may be refused for its size";

fn named_namespace(scope: &Scope) -> bool {
    scope.probes && scope.probe_namespace.is_some()
}

fn own_namespace(scope: &Scope) -> bool {
    scope.probes && scope.probe_namespace.is_none()
}

fn probes(scope: &Scope) -> bool {
    scope.probes
}

/// Everything that digpod may do. How large the cluster is (`gather/counts.rs`) is counted only by
/// who may list everything anyway: no rule depends on it, and no role should grant so much for it.
pub(super) const TABLE: &[Row] = &[
    // The cluster.
    row(
        &["get", "list"],
        "",
        "nodes",
        Place::Cluster,
        "conditions, versions and pools of the nodes; the distribution",
        "a node that is not ready or overloaded is not seen, nor where CoreDNS runs",
    ),
    row(
        LIST,
        METRICS,
        "nodes",
        Place::Cluster,
        "usage of the nodes, as kubectl top shows it",
        "an overloaded node is not seen",
    ),
    row(
        GET,
        "",
        "namespaces",
        Place::KubeSystem,
        "its uid tells this cluster from others (a digest of it is kept)",
        "bundles of the same cluster cannot be told to be of the same",
    )
    .named(&["kube-system"]),
    row(
        LIST,
        "",
        "namespaces",
        Place::Cluster,
        "those that an interrupted run left (by digpod's label)",
        "what an interrupted run left is not found",
    )
    .when(probes),
    // Its DNS.
    row(
        LIST,
        "",
        "services",
        Place::Dns,
        "the DNS Service: the address that pods ask",
        "the address that pods should ask is not known, so the Service is not probed",
    ),
    row(
        GET,
        "",
        "services",
        Place::Dns,
        "the DNS Service where it lacks the usual label",
        "the address that pods should ask is not known, so the Service is not probed",
    )
    .named(&["coredns", "dns-default", "rke2-coredns-rke2-coredns"])
    .sometimes(),
    row(
        GET,
        "",
        "services",
        Place::In("default"),
        "the API's own Service, whose address tells the range of all Services' addresses",
        SEARCH_LOST,
    )
    .named(&["kubernetes"])
    .sometimes(),
    row(
        LIST,
        NETWORKING,
        "servicecidrs",
        Place::Cluster,
        "the range of all Services' addresses, to find DNS in it",
        SEARCH_LOST,
    ),
    row(
        LIST,
        DISCOVERY,
        "endpointslices",
        Place::Dns,
        "the endpoints behind the DNS Service",
        "a DNS Service without ready endpoints is not seen",
    ),
    row(
        LIST,
        "",
        "pods",
        Place::Dns,
        "the CoreDNS pods: ready, restarted, on which nodes",
        "CoreDNS that is down or crashing is not seen; its pods, logs and upstream lists are not looked at",
    ),
    row(
        GET,
        "",
        "pods/log",
        Place::Dns,
        "CoreDNS's logs, of the container that runs and the one before",
        "time-outs, loops and refused configuration in CoreDNS's logs are not seen",
    ),
    row(
        GET,
        APPS,
        "deployments",
        Place::Dns,
        "the Deployment of CoreDNS: replicas wanted, strategy",
        "how many replicas there should be is not known",
    ),
    row(
        GET,
        APPS,
        "daemonsets",
        Place::Dns,
        "the DaemonSet of CoreDNS, where it is one",
        "how many replicas there should be is not known where CoreDNS is a DaemonSet",
    )
    .sometimes(),
    row(
        LIST,
        APPS,
        "deployments",
        Place::Dns,
        "the autoscaler of CoreDNS",
        "what changes the number of CoreDNS's replicas is not known",
    ),
    row(
        LIST,
        APPS,
        "replicasets",
        Place::Dns,
        "rollouts of CoreDNS: which template is new, which old",
        "a rollout that is stuck half way is not seen",
    ),
    row(
        LIST,
        AUTOSCALING,
        "horizontalpodautoscalers",
        Place::Dns,
        "what scales CoreDNS",
        "what changes the number of CoreDNS's replicas is not known",
    ),
    row(
        LIST,
        POLICY,
        "poddisruptionbudgets",
        Place::Dns,
        "how many CoreDNS pods may be away at once",
        "that all replicas may be drained at once is not seen",
    ),
    row(
        GET,
        "",
        "namespaces",
        Place::Dns,
        "labels of the namespace of DNS, which policies select on",
        "policies that select on that namespace's labels cannot be judged",
    )
    .named_by(|scope| Some(scope.dns_namespace.clone())),
    row(
        LIST,
        RBAC,
        "clusterrolebindings",
        Place::Cluster,
        "what CoreDNS's ServiceAccount may do",
        ACCOUNT_LOST,
    ),
    row(
        LIST,
        RBAC,
        "rolebindings",
        Place::Dns,
        "what CoreDNS's ServiceAccount may do",
        ACCOUNT_LOST,
    ),
    row(
        GET,
        RBAC,
        "clusterroles",
        Place::Cluster,
        "what CoreDNS's ServiceAccount may do",
        ACCOUNT_LOST,
    ),
    row(
        GET,
        RBAC,
        "roles",
        Place::Dns,
        "what CoreDNS's ServiceAccount may do",
        ACCOUNT_LOST,
    )
    .sometimes(),
    row(
        GET,
        "",
        "pods/proxy",
        Place::Dns,
        "CoreDNS's metrics: which servers it really asks, and how they answer",
        "which servers CoreDNS really asks is not known from its metrics",
    ),
    row(
        LIST,
        APPS,
        "daemonsets",
        Place::KubeSystem,
        "NodeLocal DNSCache and the network plugin",
        "a DNS cache on the nodes, and which network plugin there is, is not seen",
    ),
    row(
        LIST,
        "",
        "pods",
        Place::KubeSystem,
        "pods of kube-proxy, the network plugin and DNS caches on the nodes concerned",
        "what carries queries on the nodes concerned is not seen",
    ),
    row(
        GET,
        "",
        "pods/log",
        Place::KubeSystem,
        "logs of DNS caches, kube-proxy and konnectivity agents on the nodes concerned",
        "errors of what carries queries on the nodes are not seen",
    )
    .sometimes(),
    row(
        GET,
        "",
        "configmaps",
        Place::KubeSystem,
        "settings of kubelets, of kube-proxy, and of DNS caches on the nodes",
        "which DNS the kubelets hand out, and how Services are carried, is not known",
    )
    .named(&["kubelet-config", "kube-proxy", "node-local-dns"]),
    row(
        GET,
        "operator.openshift.io",
        "dnses",
        Place::Cluster,
        "what OpenShift's operator makes of CoreDNS",
        "upstreams and placement that OpenShift's operator sets are not known",
    )
    .named(&["default"])
    .sometimes(),
    row(
        GET,
        "",
        "nodes/proxy",
        Place::Cluster,
        "the kubelets' own settings (--kubelet-config)",
        "settings of a kubelet that differ from the cluster's are not seen",
    )
    .when(|scope| scope.kubelet_config),
    wide("adminnetworkpolicies", "policy.networking.k8s.io"),
    wide("baselineadminnetworkpolicies", "policy.networking.k8s.io"),
    wide("clusternetworkpolicies", "policy.networking.k8s.io"),
    wide("ciliumclusterwidenetworkpolicies", "cilium.io"),
    wide("globalnetworkpolicies", "crd.projectcalico.org"),
    wide("stagedglobalnetworkpolicies", "crd.projectcalico.org"),
    wide("globalnetworkpolicies", "projectcalico.org"),
    wide("clusternetworkpolicies", "crd.antrea.io"),
    wide("clusternetworkpolicies", "networking.k8s.aws"),
    narrow("ciliumnetworkpolicies", "cilium.io", Place::Dns),
    narrow("ciliumnetworkpolicies", "cilium.io", Place::Client),
    narrow("networkpolicies", "crd.projectcalico.org", Place::Dns),
    narrow("networkpolicies", "crd.projectcalico.org", Place::Client),
    narrow("networkpolicies", "projectcalico.org", Place::Dns),
    narrow("networkpolicies", "projectcalico.org", Place::Client),
    narrow("networkpolicies", "crd.antrea.io", Place::Dns),
    narrow("networkpolicies", "crd.antrea.io", Place::Client),
    narrow("applicationnetworkpolicies", "networking.k8s.aws", Place::Dns),
    narrow("applicationnetworkpolicies", "networking.k8s.aws", Place::Client),
    narrow("fqdnnetworkpolicies", "networking.gke.io", Place::Dns),
    narrow("fqdnnetworkpolicies", "networking.gke.io", Place::Client),
    narrow("egressfirewalls", "k8s.ovn.org", Place::Dns),
    narrow("egressfirewalls", "k8s.ovn.org", Place::Client),
    narrow("authorizationpolicies", "security.istio.io", Place::Dns),
    narrow("authorizationpolicies", "security.istio.io", Place::Client),
    row(
        GET,
        "",
        "configmaps",
        Place::Dns,
        "the Corefile and what is imported into it",
        "no upstream, zone or plugin of the configuration is known, so none of them is judged",
    )
    .named(&[
        "coredns",
        "coredns-custom",
        "dns-default",
        "rke2-coredns-rke2-coredns",
        "kube-dns",
        "node-local-dns",
        "coredns-autoscaler",
        "kube-dns-autoscaler",
        "dns-autoscaler",
    ]),
    row(
        LIST,
        "",
        "events",
        Place::Dns,
        "events of CoreDNS: failed mounts, probes, scheduling",
        "why CoreDNS's pods fail or restart is not seen",
    ),
    row(
        LIST,
        METRICS,
        "pods",
        Place::Dns,
        "usage of the CoreDNS pods, as kubectl top shows it",
        "an overloaded CoreDNS is not seen",
    ),
    row(
        LIST,
        NETWORKING,
        "networkpolicies",
        Place::Dns,
        "policies that may keep queries from CoreDNS",
        "a policy that keeps queries from CoreDNS is not seen",
    ),
    // The failing pod.
    row(
        GET,
        "",
        "namespaces",
        Place::Client,
        "labels of the failing pod's namespace, which policies select on",
        "policies that select on the namespace's labels cannot be judged",
    )
    .named_by(|scope| Some(scope.namespace.clone())),
    row(
        GET,
        "",
        "pods",
        Place::Client,
        "the failing pod: dnsPolicy, dnsConfig, node, labels",
        "the probe does not stand where the failing pod stands, and its DNS settings are not judged",
    )
    .named_by(|scope| scope.pod.clone())
    .when(|scope| scope.pod.is_some()),
    row(
        LIST,
        "",
        "pods",
        Place::Client,
        "the failing pod, found by its labels (-l)",
        "the probe does not stand where the failing pod stands, and its DNS settings are not judged",
    )
    .when(|scope| scope.pod.is_none() && scope.selector.is_some()),
    row(
        LIST,
        "",
        "events",
        Place::Client,
        "events of the failing pod",
        "why the failing pod restarts or cannot start is not seen",
    ),
    row(GET, APPS, "deployments", Place::Client, OWNER, OWNER_LOST).when(names_a_pod),
    row(GET, APPS, "replicasets", Place::Client, OWNER, OWNER_LOST)
        .when(names_a_pod)
        .sometimes(),
    row(GET, APPS, "statefulsets", Place::Client, OWNER, OWNER_LOST)
        .when(names_a_pod)
        .sometimes(),
    row(GET, APPS, "daemonsets", Place::Client, OWNER, OWNER_LOST)
        .when(names_a_pod)
        .sometimes(),
    row(GET, BATCH, "jobs", Place::Client, OWNER, OWNER_LOST)
        .when(names_a_pod)
        .sometimes(),
    row(
        &["get", "create"],
        "",
        "pods/exec",
        Place::Client,
        "`cat` in the failing pod: its own resolv.conf and its resolver (--exec)",
        "what the failing pod's own resolv.conf says is not known",
    )
    .when(|scope| scope.exec),
    row(
        LIST,
        NETWORKING,
        "networkpolicies",
        Place::Client,
        "policies that may keep the failing pod from DNS",
        "a policy that keeps the failing pod from DNS is not seen",
    ),
    // Probes.
    row(
        LIFE,
        "",
        "pods",
        Place::Client,
        "the probe beside the failing pod; removed at the end",
        "nobody asks DNS from the failing pod's place",
    )
    .when(probes),
    row(
        GET,
        "",
        "pods/log",
        Place::Client,
        "what the probe beside the failing pod brought back",
        "nobody asks DNS from the failing pod's place",
    )
    .when(probes),
    row(LIST, "", "services", Place::Client, OWNERS, OWNERS_LOST).when(probes),
    row(
        LIST,
        "",
        "replicationcontrollers",
        Place::Client,
        OWNERS,
        OWNERS_LOST,
    )
    .when(probes),
    row(LIST, APPS, "replicasets", Place::Client, OWNERS, OWNERS_LOST).when(probes),
    row(LIST, APPS, "daemonsets", Place::Client, OWNERS, OWNERS_LOST).when(probes),
    row(LIST, APPS, "statefulsets", Place::Client, OWNERS, OWNERS_LOST).when(probes),
    row(LIST, BATCH, "jobs", Place::Client, OWNERS, OWNERS_LOST).when(probes),
    row(
        LIST,
        POLICY,
        "poddisruptionbudgets",
        Place::Client,
        OWNERS,
        OWNERS_LOST,
    )
    .when(probes),
    row(
        LIFE,
        "",
        "namespaces",
        Place::Cluster,
        "a namespace of the run's own, without policies; removed at the end (--probe-namespace names one instead)",
        "nobody asks DNS from a place without policies, so a policy cannot be told from another fault",
    )
    .when(own_namespace),
    row(
        LIFE,
        "",
        "pods",
        Place::Probes,
        "the probes in the namespace without policies and on nodes; removed at the end",
        "nobody asks DNS from a place without policies, nor from beside CoreDNS, nor from a node",
    )
    .when(probes),
    row(
        GET,
        "",
        "pods/log",
        Place::Probes,
        "what those probes brought back",
        "nobody asks DNS from a place without policies, nor from beside CoreDNS, nor from a node",
    )
    .when(probes),
    row(
        LIST,
        "",
        "pods",
        Place::Client,
        "pods that an interrupted run left there (by digpod's label)",
        "what an interrupted run left is not found",
    )
    .when(probes),
    row(
        WATCH,
        "",
        "pods",
        Place::Client,
        "to be told when the probe has begun, ended and gone",
        "the API server is asked more often",
    )
    .when(probes)
    .sometimes(),
    row(
        WATCH,
        "",
        "pods",
        Place::Probes,
        "to be told when the probes have begun, ended and gone",
        "the API server is asked more often",
    )
    .when(probes)
    .sometimes(),
    row(
        WATCH,
        "",
        "namespaces",
        Place::Cluster,
        "to be told when the run's own namespace is gone",
        "the API server is asked more often",
    )
    .when(own_namespace)
    .sometimes(),
    row(LIST, "", "limitranges", Place::Client, SIZE, SIZE_LOST).when(probes),
    row(LIST, "", "resourcequotas", Place::Client, SIZE, SIZE_LOST).when(probes),
    row(LIST, "", "limitranges", Place::Probes, SIZE, SIZE_LOST)
        .when(named_namespace)
        .sometimes(),
    row(LIST, "", "resourcequotas", Place::Probes, SIZE, SIZE_LOST)
        .when(named_namespace)
        .sometimes(),
    row(
        LIST,
        "",
        "events",
        Place::Probes,
        "which files a node lacks (--node-access files)",
        "a probe that mounts a file which a node lacks does not start",
    )
    .when(|scope| scope.probes && scope.files)
    .sometimes(),
];
