//! The table itself. Whoever adds a call adds its row: tests run with the printed role alone, and
//! without each permission that a run was seen to use.

mod around;
mod client;
mod cluster;
mod config;
mod dns;
mod foreign;
mod named;
mod probes;
mod working;

use std::sync::LazyLock;

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
    /// Namespace of the pod of `--working-pod`.
    Working,
    /// Namespaces of the Services that the names in question mean.
    Named,
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

const SEARCH_LOST: &str = "DNS that stands elsewhere than usual is harder to find";

fn with_probes(scope: &Scope) -> bool {
    scope.probes
}

/// Everything that digpod may do. How large the cluster is (`gather/counts.rs`) is counted only by
/// who may list everything anyway: no rule depends on it, and no role should grant so much for it.
const BEFORE: [&[Row]; 3] = [cluster::ROWS, dns::ROWS, around::ROWS];
static FOREIGN: LazyLock<Vec<Row>> = LazyLock::new(foreign::rows);
const AFTER: [&[Row]; 5] = [
    config::ROWS,
    client::ROWS,
    named::ROWS,
    probes::ROWS,
    working::ROWS,
];

/// All rows, in the order of the printed role.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    let before = BEFORE.into_iter().flatten();
    before
        .chain(FOREIGN.iter())
        .chain(AFTER.into_iter().flatten())
}
