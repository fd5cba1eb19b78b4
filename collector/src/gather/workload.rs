//! The failing pod and its namespace.

use digpod_bundle::k8s::{Namespace, Pod, PodList};
use digpod_bundle::{Status, layout};

use super::{Request, encode, redact};
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
