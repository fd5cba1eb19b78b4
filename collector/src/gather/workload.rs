//! The failing pod and its namespace.

use digpod_bundle::k8s::{Namespace, Pod, PodList, Workload};
use digpod_bundle::{Status, layout};

use super::{Request, encode, events, owner, redact};
use crate::api::Api;
use crate::error::Failure;
use crate::sink::{Call, Sink};

/// Finds the failing pod. Fails if the server says that there is none, or no such namespace.
pub(super) async fn pod(api: &Api, request: &Request, sink: &Sink) -> Result<Option<Pod>, Failure> {
    let (pod, there) = futures::join!(find(api, request, sink), namespace(api, request, sink));
    if !there {
        let name = &request.namespace;
        return Err(Failure::new(format!("there is no namespace {name}"))
            .help("`kubectl get namespaces` lists them; -A looks for a pod in all of them"));
    }
    let Some(pod) = pod? else {
        return Ok(None);
    };
    let name = pod.metadata.name.clone();
    sink.with(|bundle| bundle.edit_manifest(|manifest| manifest.symptom.pod = Some(name)));
    Ok(Some(pod))
}

async fn find(api: &Api, request: &Request, sink: &Sink) -> Result<Option<Pod>, Failure> {
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
            return Ok(None);
        }
    };
    let selector = request.selector.as_deref().unwrap_or_default();
    match found {
        Ok(Some(mut pod)) => {
            redact::pod(&mut pod, false);
            sink.json(layout::WORKLOAD_POD, &format!("GET {}", call.path), &pod);
            Ok(Some(pod))
        }
        Ok(None) => Err(none_with(selector, &request.namespace)),
        Err(error) => match &request.pod {
            Some(name) if error.status == Status::NotFound => {
                Err(no_such(api, &request.namespace, name, WITHOUT).await)
            }
            // Only a selector can be malformed.
            None if error.code == 400 => {
                Err(Failure::usage(format!("-l {selector}: {}", error.reason))
                    .help("write it as kubectl takes it, like app=web,tier!=cache"))
            }
            _ => {
                sink.gap(layout::WORKLOAD_POD, &call, &error);
                Ok(None)
            }
        },
    }
}

/// What a run does that names no pod.
const WITHOUT: &str = "without --pod the namespace alone is looked at";
/// Pods of the namespace looked at for a name that was meant.
const LOOKED_AT: u32 = 250;
/// Names told.
const TOLD: usize = 3;

/// That there is no such pod, and which may have been meant: the name of a Deployment is typed as
/// easily. This list is read only then.
pub(super) async fn no_such(api: &Api, namespace: &str, name: &str, without: &str) -> Failure {
    let path = format!("/api/v1/namespaces/{namespace}/pods?limit={LOOKED_AT}");
    let there = api.get::<PodList>(&path).await.unwrap_or_default().items;
    let there = there.into_iter().map(|pod| pod.metadata.name);
    let alike: Vec<String> = there
        .filter(|it| it.contains(name) || name.starts_with(it.as_str()))
        .take(TOLD)
        .collect();
    let help = if alike.is_empty() {
        format!("`kubectl get pods -n {namespace}` lists them; {without}")
    } else {
        format!("there is {}", alike.join(", "))
    };
    Failure::new(format!("there is no pod {name} in namespace {namespace}")).help(help)
}

/// That no pod has these labels.
fn none_with(selector: &str, namespace: &str) -> Failure {
    Failure::new(format!(
        "no pod in namespace {namespace} has the labels {selector}"
    ))
    .help(format!(
        "`kubectl get pods -n {namespace} --show-labels` shows them"
    ))
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

/// Reads the namespace's labels; gives false if the server says that there is none.
async fn namespace(api: &Api, request: &Request, sink: &Sink) -> bool {
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
    !matches!(namespace, Err(error) if error.status == Status::NotFound)
}
