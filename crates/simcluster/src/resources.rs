//! The resources that the API serves.

use serde_json::Value;

use crate::json::text;

/// One resource type.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) short: &'static [&'static str],
    pub(crate) namespaced: bool,
    pub(crate) readonly: bool,
    /// Served only where there is an object of its group.
    pub(crate) custom: bool,
    pub(crate) subresources: &'static [&'static str],
}

impl Resource {
    /// `v1`, `apps/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `pods`, `deployments.apps`: how errors name it.
    pub(crate) fn qualified(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// Verbs that clients may use on it.
    pub(crate) fn verbs(&self) -> &'static [&'static str] {
        if self.readonly {
            &["get", "list"]
        } else {
            &[
                "create",
                "delete",
                "deletecollection",
                "get",
                "list",
                "patch",
                "update",
                "watch",
            ]
        }
    }
}

const fn core(
    plural: &'static str,
    kind: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> Resource {
    grouped("", "v1", plural, kind, short, namespaced)
}

const fn grouped(
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    kind: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> Resource {
    let subresources: &[&str] = &[];
    Resource {
        group,
        version,
        plural,
        kind,
        short,
        namespaced,
        readonly: false,
        custom: false,
        subresources,
    }
}

/// A custom resource: served where the scenario has an object of its group.
const fn custom(
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    kind: &'static str,
    namespaced: bool,
) -> Resource {
    let mut resource = grouped(group, version, plural, kind, &[], namespaced);
    resource.custom = true;
    resource
}

const fn with(mut resource: Resource, subresources: &'static [&'static str]) -> Resource {
    resource.subresources = subresources;
    resource
}

const fn measured(plural: &'static str, kind: &'static str, namespaced: bool) -> Resource {
    let mut resource = grouped("metrics.k8s.io", "v1beta1", plural, kind, &[], namespaced);
    resource.readonly = true;
    resource
}

/// All of them, in the order in which discovery lists them.
pub(crate) static RESOURCES: &[Resource] = &[
    core("configmaps", "ConfigMap", &["cm"], true),
    core("endpoints", "Endpoints", &["ep"], true),
    core("events", "Event", &["ev"], true),
    core("limitranges", "LimitRange", &["limits"], true),
    with(core("namespaces", "Namespace", &["ns"], false), &["status"]),
    with(core("nodes", "Node", &["no"], false), &["status"]),
    core(
        "persistentvolumeclaims",
        "PersistentVolumeClaim",
        &["pvc"],
        true,
    ),
    with(
        core("pods", "Pod", &["po"], true),
        &["exec", "log", "proxy", "status"],
    ),
    core(
        "replicationcontrollers",
        "ReplicationController",
        &["rc"],
        true,
    ),
    core("resourcequotas", "ResourceQuota", &["quota"], true),
    core("secrets", "Secret", &[], true),
    core("serviceaccounts", "ServiceAccount", &["sa"], true),
    with(core("services", "Service", &["svc"], true), &["status"]),
    grouped("apps", "v1", "daemonsets", "DaemonSet", &["ds"], true),
    grouped("apps", "v1", "deployments", "Deployment", &["deploy"], true),
    grouped("apps", "v1", "replicasets", "ReplicaSet", &["rs"], true),
    grouped("apps", "v1", "statefulsets", "StatefulSet", &["sts"], true),
    grouped(
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        &["hpa"],
        true,
    ),
    grouped("batch", "v1", "cronjobs", "CronJob", &["cj"], true),
    grouped("batch", "v1", "jobs", "Job", &[], true),
    grouped("coordination.k8s.io", "v1", "leases", "Lease", &[], true),
    grouped(
        "discovery.k8s.io",
        "v1",
        "endpointslices",
        "EndpointSlice",
        &[],
        true,
    ),
    measured("nodes", "NodeMetrics", false),
    measured("pods", "PodMetrics", true),
    grouped(
        "networking.k8s.io",
        "v1",
        "networkpolicies",
        "NetworkPolicy",
        &["netpol"],
        true,
    ),
    grouped(
        "policy",
        "v1",
        "poddisruptionbudgets",
        "PodDisruptionBudget",
        &["pdb"],
        true,
    ),
    grouped(
        RBAC,
        "v1",
        "clusterrolebindings",
        "ClusterRoleBinding",
        &[],
        false,
    ),
    grouped(RBAC, "v1", "clusterroles", "ClusterRole", &[], false),
    grouped(RBAC, "v1", "rolebindings", "RoleBinding", &[], true),
    grouped(RBAC, "v1", "roles", "Role", &[], true),
    grouped(
        "networking.k8s.io",
        "v1",
        "servicecidrs",
        "ServiceCIDR",
        &[],
        false,
    ),
    custom(
        "cilium.io",
        "v2",
        "ciliumnetworkpolicies",
        "CiliumNetworkPolicy",
        true,
    ),
    custom(
        "cilium.io",
        "v2",
        "ciliumclusterwidenetworkpolicies",
        "CiliumClusterwideNetworkPolicy",
        false,
    ),
    custom(
        "crd.projectcalico.org",
        "v1",
        "globalnetworkpolicies",
        "GlobalNetworkPolicy",
        false,
    ),
    custom(
        "crd.projectcalico.org",
        "v1",
        "networkpolicies",
        "NetworkPolicy",
        true,
    ),
    custom("operator.openshift.io", "v1", "dnses", "DNS", false),
    custom(
        "policy.networking.k8s.io",
        "v1alpha1",
        "adminnetworkpolicies",
        "AdminNetworkPolicy",
        false,
    ),
];

const RBAC: &str = "rbac.authorization.k8s.io";

/// Reviews: posted, answered, never kept.
pub(crate) static REVIEWS: &[(&str, &str, &str)] = &[
    (
        "authentication.k8s.io",
        "selfsubjectreviews",
        "SelfSubjectReview",
    ),
    (
        "authorization.k8s.io",
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
    ),
    (
        "authorization.k8s.io",
        "selfsubjectrulesreviews",
        "SelfSubjectRulesReview",
    ),
];

/// The resource of this group, version and plural name.
pub(crate) fn find(group: &str, version: &str, plural: &str) -> Option<&'static Resource> {
    RESOURCES
        .iter()
        .find(|r| r.group == group && r.version == version && r.plural == plural)
}

/// A resource that is certainly served.
pub(crate) fn named(group: &str, plural: &str) -> &'static Resource {
    let found = RESOURCES
        .iter()
        .find(|r| r.group == group && r.plural == plural);
    found.unwrap_or(&RESOURCES[0])
}

/// The resource of an object, by its apiVersion and kind.
pub(crate) fn of(object: &Value) -> Option<&'static Resource> {
    let (version, kind) = (text(object, "apiVersion"), text(object, "kind"));
    RESOURCES
        .iter()
        .find(|r| r.kind == kind && r.api_version() == version)
}

/// Groups and their versions, in order, without the core group.
pub(crate) fn groups() -> Vec<(&'static str, &'static str)> {
    let mut groups: Vec<_> = RESOURCES
        .iter()
        .filter(|r| !r.group.is_empty())
        .map(|r| (r.group, r.version))
        .chain(REVIEWS.iter().map(|(group, _, _)| (*group, "v1")))
        .collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}
