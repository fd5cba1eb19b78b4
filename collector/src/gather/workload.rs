//! The failing pod and its namespace.

use digpod_bundle::k8s::{Namespace, Pod, PodList, Workload};
use digpod_bundle::{Status, layout};

use super::{Request, encode, events, owner, redact};
use crate::api::Api;
use crate::sink::{Call, Sink};

/// Finds the failing pod.
pub(super) async fn pod(api: &Api, request: &Request, sink: &Sink) -> Option<Pod> {
    let (pod, ()) = futures::join!(find(api, request, sink), namespace(api, request, sink));
    let pod = pod?;
    let name = pod.metadata.name.clone();
    sink.with(|bundle| bundle.edit_manifest(|manifest| manifest.symptom.pod = Some(name)));
    Some(pod)
}

async fn find(api: &Api, request: &Request, sink: &Sink) -> Option<Pod> {
    let base = format!("/api/v1/namespaces/{}/pods", request.namespace);
    let namespace = Some(request.namespace.clone());
    let (call, found) = match (&request.pod, &request.selector) {
        (Some(name), _) => {
            let call = Call {
                verb: "get",
                resource: "pods",
                namespace,
                path: format!("{base}/{name}"),
            };
            let found = api.get::<Pod>(&call.path).await.map(Some);
            (call, found)
        }
        (None, Some(selector)) => {
            let path = format!("{base}?labelSelector={}&limit=50", encode(selector));
            let call = Call {
                verb: "list",
                resource: "pods",
                namespace,
                path,
            };
            let running = |pod: &Pod| pod.status.phase.as_deref() == Some("Running");
            let found = api.get::<PodList>(&call.path).await.map(|mut list| {
                let at = list.items.iter().position(running).unwrap_or(0);
                (at < list.items.len()).then(|| list.items.swap_remove(at))
            });
            (call, found)
        }
        (None, None) => {
            sink.missing_because(
                layout::WORKLOAD_POD,
                Status::NotApplicable,
                "no pod was named (--pod or -l)",
            );
            return None;
        }
    };
    match found {
        Ok(Some(mut pod)) => {
            redact::pod(&mut pod, false);
            sink.json(layout::WORKLOAD_POD, &format!("GET {}", call.path), &pod);
            Some(pod)
        }
        Ok(None) => {
            sink.missing_because(
                layout::WORKLOAD_POD,
                Status::NotFound,
                "no pod has these labels",
            );
            None
        }
        Err(error) => {
            sink.gap(layout::WORKLOAD_POD, &call, &error);
            None
        }
    }
}

/// What controls the failing pod, and what happened to it.
pub(super) async fn around(api: &Api, sink: &Sink, request: &Request, pod: Option<&Pod>) {
    let Some(pod) = pod else {
        let why = "no failing pod was named or read";
        for entry in [layout::WORKLOAD_OWNER, layout::WORKLOAD_EVENTS] {
            sink.missing_because(entry, Status::NotApplicable, why);
        }
        return;
    };
    let name = pod.metadata.name.as_str();
    futures::join!(
        events::of_pod(api, sink, layout::WORKLOAD_EVENTS, &request.namespace, name),
        owner(api, sink, &request.namespace, pod),
    );
}

/// Deployment, DaemonSet, StatefulSet or ReplicaSet; of the others the reference in the pod says all.
async fn owner(api: &Api, sink: &Sink, namespace: &str, pod: &Pod) {
    let entry = layout::WORKLOAD_OWNER;
    let mut owners = pod.metadata.owner_references.iter();
    let controller = owners.find(|it| it.controller == Some(true));
    let (kind, name) = match controller.map(|it| it.kind.as_str()) {
        None => {
            let why = "the failing pod has no controller";
            return sink.missing_because(entry, Status::NotApplicable, why);
        }
        Some("StatefulSet") => ("StatefulSet", controller.map(|it| it.name.clone())),
        Some("ReplicaSet" | "DaemonSet") => {
            let (kind, name) = owner::of(std::slice::from_ref(pod));
            (kind, Some(name))
        }
        Some(kind) => {
            let why = format!("the failing pod belongs to a {kind}, which is not read");
            return sink.missing_because(entry, Status::NotApplicable, why);
        }
    };
    let call = owner::call(kind, namespace, &name.unwrap_or_default());
    let mut found = api.get::<Workload>(&call.path).await;
    if let Ok(workload) = &mut found {
        redact::workload(workload, kind, false);
    }
    match found {
        // A ReplicaSet that belongs to nobody has no Deployment of its name.
        Err(error) if error.status == Status::NotFound => sink.missing_because(
            entry,
            Status::NotApplicable,
            "the failing pod's controller belongs to nobody, or is gone",
        ),
        found => sink.json_or_gap(entry, &call, &found),
    }
}

async fn namespace(api: &Api, request: &Request, sink: &Sink) {
    let call = Call {
        verb: "get",
        resource: "namespaces",
        namespace: None,
        path: format!("/api/v1/namespaces/{}", request.namespace),
    };
    let mut namespace = api.get::<Namespace>(&call.path).await;
    if let Ok(namespace) = &mut namespace {
        redact::metadata(&mut namespace.metadata);
    }
    sink.json_or_gap(layout::WORKLOAD_NAMESPACE, &call, &namespace);
}
