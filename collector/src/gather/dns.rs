//! The cluster's DNS: Service, EndpointSlices, pods, their owner, events.

use std::collections::BTreeSet;

use digpod_bundle::k8s::{EndpointSliceList, Event, Pod, PodList, Service, Workload};
use digpod_bundle::{Status, layout};
use serde::Deserialize;

use super::{encode, query, redact};
use crate::api::{Api, Bounds, CallError};
use crate::sink::{Call, Sink};

/// Where to look for the DNS Service, best first: namespace, and a selector or a name
/// (rule catalogue 0.1).
const PLACES: &[(&str, Place)] = &[
    ("kube-system", Place::Label("k8s-app=kube-dns")),
    ("openshift-dns", Place::Name("dns-default")),
    ("kube-system", Place::Name("rke2-coredns-rke2-coredns")),
    ("kube-system", Place::Label("k8s-app=coredns")),
    ("kube-system", Place::Name("coredns")),
];

#[derive(Clone, Copy)]
enum Place {
    Label(&'static str),
    Name(&'static str),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceList {
    items: Vec<Service>,
}

/// Finds the DNS Service; gives its namespace, or the usual one.
pub(super) async fn service(api: &Api, sink: &Sink) -> (String, Option<Service>) {
    let mut failure: Option<(Call, CallError)> = None;
    for (namespace, place) in PLACES {
        let base = format!("/api/v1/namespaces/{namespace}/services");
        let (verb, path) = match place {
            Place::Label(selector) => (
                "list",
                format!("{base}?labelSelector={}&limit=50", encode(selector)),
            ),
            Place::Name(name) => ("get", format!("{base}/{name}")),
        };
        let call = Call {
            verb,
            resource: "services",
            namespace: Some((*namespace).to_owned()),
            path,
        };
        let found = match place {
            Place::Label(_) => api.get::<ServiceList>(&call.path).await.map(|list| {
                // A headless Service beside it (metrics of an operator) is not what pods ask.
                let with_address =
                    |it: &Service| it.spec.cluster_ip.as_deref().is_some_and(|ip| ip != "None");
                list.items.into_iter().find(with_address)
            }),
            Place::Name(_) => api.get::<Service>(&call.path).await.map(Some),
        };
        match found {
            Ok(Some(mut service)) => {
                redact::metadata(&mut service.metadata);
                sink.json(layout::DNS_SERVICE, &format!("GET {}", call.path), &service);
                return ((*namespace).to_owned(), Some(service));
            }
            Ok(None) => {}
            Err(error) if error.status == Status::NotFound => {}
            Err(error) => failure = failure.or(Some((call, error))),
        }
    }
    match failure {
        Some((call, error)) => sink.gap(layout::DNS_SERVICE, &call, &error),
        None => sink.missing_because(
            layout::DNS_SERVICE,
            Status::NotFound,
            "no Service of a known name or label (k8s-app=kube-dns) in kube-system or openshift-dns",
        ),
    }
    ("kube-system".to_owned(), None)
}

/// The pods behind the Service.
pub(super) async fn pods(
    api: &Api,
    sink: &Sink,
    namespace: &str,
    service: Option<&Service>,
) -> Vec<Pod> {
    let call = Call {
        verb: "list",
        resource: "pods",
        namespace: Some(namespace.to_owned()),
        path: format!(
            "/api/v1/namespaces/{namespace}/pods?labelSelector={}&limit=200",
            selector(service)
        ),
    };
    let mut list = api.get::<PodList>(&call.path).await;
    if let Ok(list) = &mut list {
        list.items.iter_mut().for_each(|pod| redact::pod(pod, true));
    }
    sink.json_or_gap(layout::DNS_PODS, &call, &list);
    list.map(|list| list.items).unwrap_or_default()
}

/// The Service's EndpointSlices.
pub(super) async fn endpoint_slices(
    api: &Api,
    sink: &Sink,
    namespace: &str,
    service: Option<&Service>,
) {
    let name = service.map_or("kube-dns", |service| service.metadata.name.as_str());
    let call = Call {
        verb: "list",
        resource: "endpointslices.discovery.k8s.io",
        namespace: Some(namespace.to_owned()),
        path: format!(
            "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices?labelSelector={}&limit=200",
            encode(&format!("kubernetes.io/service-name={name}"))
        ),
    };
    let mut list = api.get::<EndpointSliceList>(&call.path).await;
    if let Ok(list) = &mut list {
        list.items
            .iter_mut()
            .for_each(|slice| redact::metadata(&mut slice.metadata));
    }
    sink.json_or_gap(layout::DNS_ENDPOINT_SLICES, &call, &list);
}

/// The Deployment or DaemonSet that owns the pods.
pub(super) async fn owner(api: &Api, sink: &Sink, namespace: &str, pods: &[Pod]) {
    let owner = pods
        .iter()
        .flat_map(|pod| &pod.metadata.owner_references)
        .find(|owner| owner.controller == Some(true));
    let (kind, resource, plural, name) = match owner {
        Some(owner) if owner.kind == "DaemonSet" => (
            "DaemonSet",
            "daemonsets.apps",
            "daemonsets",
            owner.name.clone(),
        ),
        Some(owner) if owner.kind == "ReplicaSet" => {
            // A ReplicaSet of a Deployment is named after it and the hash of its template.
            let hash = pods
                .iter()
                .find_map(|pod| pod.metadata.labels.get("pod-template-hash"));
            let suffix = hash.map(|hash| format!("-{hash}")).unwrap_or_default();
            let name = owner.name.strip_suffix(&suffix).unwrap_or(&owner.name);
            (
                "Deployment",
                "deployments.apps",
                "deployments",
                name.to_owned(),
            )
        }
        _ => (
            "Deployment",
            "deployments.apps",
            "deployments",
            "coredns".to_owned(),
        ),
    };
    let call = Call {
        verb: "get",
        resource,
        namespace: Some(namespace.to_owned()),
        path: format!("/apis/apps/v1/namespaces/{namespace}/{plural}/{name}"),
    };
    let mut workload = api.get::<Workload>(&call.path).await;
    if let Ok(workload) = &mut workload {
        kind.clone_into(&mut workload.kind);
        redact::metadata(&mut workload.metadata);
        redact::metadata(&mut workload.spec.template.metadata);
    }
    sink.json_or_gap(layout::DNS_WORKLOAD, &call, &workload);
}

/// Events about the DNS pods, their owners and ConfigMaps.
pub(super) async fn events(api: &Api, sink: &Sink, namespace: &str, pods: &[Pod]) {
    let call = Call {
        verb: "list",
        resource: "events",
        namespace: Some(namespace.to_owned()),
        path: format!("/api/v1/namespaces/{namespace}/events"),
    };
    let names = names(pods);
    let mut events = Vec::new();
    let end = api
        .each(&call.path, Bounds::default(), |mut event: Event| {
            if concerns(&event, &names) {
                event.metadata.annotations.clear();
                events.push(event);
            }
        })
        .await;
    match end {
        Ok(end) => sink.items(layout::DNS_EVENTS, &call, &events, &end),
        Err(error) => sink.gap(layout::DNS_EVENTS, &call, &error),
    }
}

fn names(pods: &[Pod]) -> BTreeSet<&str> {
    let owners = pods.iter().flat_map(|pod| &pod.metadata.owner_references);
    pods.iter()
        .map(|pod| pod.metadata.name.as_str())
        .chain(owners.map(|owner| owner.name.as_str()))
        .collect()
}

fn concerns(event: &Event, names: &BTreeSet<&str>) -> bool {
    let object = event.involved_object.name.as_str();
    names.contains(object) || object.contains("coredns") || object.contains("kube-dns")
}

fn selector(service: Option<&Service>) -> String {
    match service {
        Some(service) if !service.spec.selector.is_empty() => query(&service.spec.selector),
        _ => encode("k8s-app=kube-dns"),
    }
}
