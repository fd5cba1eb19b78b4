//! The table itself. Whoever adds a call adds its row: a test compares the requests of whole runs
//! with what follows from here.

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
const NETWORKING: &str = "networking.k8s.io";
const POLICY: &str = "policy";

const OWNERS: &str = "whatever selects pods there must not take the probe for its own";
const OWNERS_LOST: &str =
    "the probe goes without the failing pod's labels, so policies may treat it otherwise";

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
