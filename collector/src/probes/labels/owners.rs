//! What selects pods of a namespace and would be disturbed by one more.

use digpod_bundle::k8s::LabelSelector;
use serde::Deserialize;

use crate::api::Api;

/// Something that selects pods.
pub(super) struct Owner {
    /// Kind and name.
    pub(super) name: String,
    pub(super) selector: LabelSelector,
    /// What it would do to a probe, or a probe to it; `None` where that is only untidy.
    pub(super) harm: Option<&'static str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct List {
    items: Vec<Object>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    metadata: digpod_bundle::k8s::ObjectMeta,
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    selector: Option<serde_json::Value>,
    publish_not_ready_addresses: bool,
    min_available: Option<serde_json::Value>,
}

impl Spec {
    /// `maxUnavailable` and percentages are counted from the sizes of the pods' controllers.
    fn is_in_whole_pods(&self) -> bool {
        self.min_available
            .as_ref()
            .is_some_and(serde_json::Value::is_number)
    }
}

/// What selects pods: kind, group and version, plural name, and what it would do.
const KINDS: &[(&str, &str, &str, &str)] = &[
    (
        "Service",
        "/api/v1",
        "services",
        "it publishes pods that are not ready",
    ),
    ("ReplicaSet", "/apis/apps/v1", "replicasets", ADOPTS),
    ("DaemonSet", "/apis/apps/v1", "daemonsets", ADOPTS),
    ("StatefulSet", "/apis/apps/v1", "statefulsets", ADOPTS),
    ("Job", "/apis/batch/v1", "jobs", ADOPTS),
    (
        "ReplicationController",
        "/api/v1",
        "replicationcontrollers",
        ADOPTS,
    ),
    (
        "PodDisruptionBudget",
        "/apis/policy/v1",
        "poddisruptionbudgets",
        "its budget cannot be computed with a pod that no controller owns, which blocks drains",
    ),
];

const ADOPTS: &str = "it adopts pods with its labels and then removes one too many";

/// Everything of the namespace that selects pods and that a probe could disturb.
pub(super) async fn owners(api: &Api, namespace: &str) -> Result<Vec<Owner>, String> {
    let lists = KINDS.iter().map(|(kind, group, plural, harm)| async move {
        let path = format!("{group}/namespaces/{namespace}/{plural}?limit=500");
        match api.get::<List>(&path).await {
            Ok(list) => Ok((*kind, *harm, list)),
            // An API that the cluster does not serve selects nothing.
            Err(error) if error.code == 404 => Ok((*kind, *harm, List::default())),
            Err(error) => Err(format!(
                "{plural} could not be read ({})",
                error.status.as_str()
            )),
        }
    });
    let mut owners = Vec::new();
    for list in futures::future::join_all(lists).await {
        let (kind, harm, list) = list?;
        for object in list.items {
            let in_whole_pods = object.spec.is_in_whole_pods();
            let Some(value) = object.spec.selector else {
                continue;
            };
            // The probe is never ready, so a Service sends it nothing unless it does so to all.
            if kind == "Service" && !object.spec.publish_not_ready_addresses {
                continue;
            }
            // Of a budget in whole pods only those count that are ready, which a probe never is.
            let harm = if kind == "PodDisruptionBudget" && in_whole_pods {
                None
            } else {
                Some(harm)
            };
            let name = format!("{kind} {}", object.metadata.name);
            let selector = match kind {
                "Service" | "ReplicationController" => LabelSelector {
                    match_labels: serde_json::from_value(value).unwrap_or_default(),
                    ..LabelSelector::default()
                },
                _ => serde_json::from_value(value).unwrap_or_default(),
            };
            let empty = selector.match_labels.is_empty() && selector.match_expressions.is_empty();
            // A Service without a selector selects nothing; a budget without one selects all.
            if !empty || kind == "PodDisruptionBudget" {
                owners.push(Owner {
                    name,
                    selector,
                    harm,
                });
            }
        }
    }
    Ok(owners)
}
