//! What controls the DNS pods: workload, roll-outs, autoscalers, disruption budgets.

use digpod_bundle::k8s::{HorizontalPodAutoscaler, Pod, PodDisruptionBudget, Workload};
use digpod_bundle::layout;

use super::dns::fits;
use super::source::{get, items, list};
use super::{query, redact};
use crate::api::Api;
use crate::sink::{Call, Sink};

/// Kind and name of the workload that owns the pods: a ReplicaSet of a Deployment is named after it
/// and the hash of its template.
pub(super) fn of(pods: &[Pod]) -> (&'static str, String) {
    let owner = pods
        .iter()
        .flat_map(|pod| &pod.metadata.owner_references)
        .find(|owner| owner.controller == Some(true));
    match owner {
        Some(owner) if owner.kind == "DaemonSet" => ("DaemonSet", owner.name.clone()),
        Some(owner) if owner.kind == "ReplicaSet" => {
            let hash = pods
                .iter()
                .find_map(|pod| pod.metadata.labels.get("pod-template-hash"));
            let suffix = hash.map(|hash| format!("-{hash}")).unwrap_or_default();
            let name = owner.name.strip_suffix(&suffix).unwrap_or(&owner.name);
            ("Deployment", name.to_owned())
        }
        _ => ("Deployment", "coredns".to_owned()),
    }
}

/// A call for a Deployment or DaemonSet.
pub(super) fn call(kind: &str, namespace: &str, name: &str) -> Call {
    let (resource, plural) = match kind {
        "DaemonSet" => ("daemonsets.apps", "daemonsets"),
        "ReplicaSet" => ("replicasets.apps", "replicasets"),
        "StatefulSet" => ("statefulsets.apps", "statefulsets"),
        _ => ("deployments.apps", "deployments"),
    };
    let path = format!("/apis/apps/v1/namespaces/{namespace}/{plural}/{name}");
    get(resource, Some(namespace), path)
}

/// All of it.
pub(super) async fn owner(api: &Api, sink: &Sink, namespace: &str, pods: &[Pod]) {
    let (kind, name) = of(pods);
    let (workload, (), ()) = futures::join!(
        workload(api, sink, namespace, kind, &name),
        autoscalers(api, sink, namespace, &name),
        budgets(api, sink, namespace, pods),
    );
    replica_sets(api, sink, namespace, kind, &name, workload.as_ref()).await;
}

async fn workload(
    api: &Api,
    sink: &Sink,
    namespace: &str,
    kind: &str,
    name: &str,
) -> Option<Workload> {
    let call = call(kind, namespace, name);
    let mut workload = api.get::<Workload>(&call.path).await;
    if let Ok(workload) = &mut workload {
        redact::workload(workload, kind, true);
    }
    sink.json_or_gap(layout::DNS_WORKLOAD, &call, &workload);
    workload.ok()
}

/// Roll-outs of the Deployment: the newest pods are not always those that were asked for.
async fn replica_sets(
    api: &Api,
    sink: &Sink,
    namespace: &str,
    kind: &str,
    name: &str,
    workload: Option<&Workload>,
) {
    let entry = layout::DNS_REPLICA_SETS;
    let labels = workload.map(|it| &it.spec.selector.match_labels);
    let (true, Some(labels)) = (kind == "Deployment", labels.filter(|it| !it.is_empty())) else {
        let why = format!("{kind} {name} has no ReplicaSets, or was not read");
        return sink.missing_because(entry, digpod_bundle::Status::NotApplicable, why);
    };
    let path = format!(
        "/apis/apps/v1/namespaces/{namespace}/replicasets?labelSelector={}",
        query(labels)
    );
    let call = list("replicasets.apps", Some(namespace), path);
    let owned = |set: &Workload| {
        let owners = &set.metadata.owner_references;
        owners.iter().any(|owner| owner.name == name)
            || set.metadata.name.starts_with(&format!("{name}-"))
    };
    let mut sets = items(api, &call, owned).await;
    for set in sets.iter_mut().flat_map(|it| &mut it.items) {
        redact::workload(set, "ReplicaSet", true);
    }
    sink.list(entry, &call, &sets);
}

/// What scales it: HorizontalPodAutoscalers that name it, and a Deployment of the cluster
/// proportional autoscaler beside it (appendix G).
async fn autoscalers(api: &Api, sink: &Sink, namespace: &str, name: &str) {
    let path = format!("/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers");
    let hpas = list(
        "horizontalpodautoscalers.autoscaling",
        Some(namespace),
        path,
    );
    let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
    let deployments = list("deployments.apps", Some(namespace), path);
    futures::join!(
        async {
            let entry = layout::DNS_HORIZONTAL_POD_AUTOSCALERS;
            let of_dns = |it: &HorizontalPodAutoscaler| it.spec.scale_target_ref.name == name;
            let mut found = items(api, &hpas, of_dns).await;
            for hpa in found.iter_mut().flat_map(|it| &mut it.items) {
                redact::metadata(&mut hpa.metadata);
                for condition in &mut hpa.status.conditions {
                    redact::message(&mut condition.message);
                }
            }
            sink.list(entry, &hpas, &found);
        },
        async {
            let entry = layout::DNS_AUTOSCALER;
            let scales_dns = |it: &Workload| {
                let name = it.metadata.name.as_str();
                name.contains("dns") && name.contains("autoscaler")
            };
            let mut found = items(api, &deployments, scales_dns).await;
            for workload in found.iter_mut().flat_map(|it| &mut it.items) {
                redact::workload(workload, "Deployment", false);
            }
            sink.list(entry, &deployments, &found);
        },
    );
}

async fn budgets(api: &Api, sink: &Sink, namespace: &str, pods: &[Pod]) {
    let path = format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets");
    let call = list("poddisruptionbudgets.policy", Some(namespace), path);
    let entry = layout::DNS_POD_DISRUPTION_BUDGETS;
    let of_dns = |it: &PodDisruptionBudget| {
        let selector = it.spec.selector.clone().unwrap_or_default();
        pods.iter().any(|pod| fits(&selector.match_labels, pod))
            || !selector.match_expressions.is_empty()
    };
    let mut found = items(api, &call, of_dns).await;
    for budget in found.iter_mut().flat_map(|it| &mut it.items) {
        redact::metadata(&mut budget.metadata);
    }
    sink.list(entry, &call, &found);
}
