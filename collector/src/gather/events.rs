//! Events: of the DNS objects, and of the failing pod.

use std::collections::BTreeSet;

use digpod_bundle::k8s::{Event, Pod};
use digpod_bundle::layout;

use super::source::{items, list};
use super::{encode, redact};
use crate::api::{Api, CallError, Listed};
use crate::sink::Sink;

/// Events about the DNS pods, their owners and ConfigMaps.
pub(super) async fn of_dns(api: &Api, sink: &Sink, namespace: &str, pods: &[Pod]) {
    let call = list(
        "events",
        Some(namespace),
        format!("/api/v1/namespaces/{namespace}/events"),
    );
    let names = names(pods);
    let mut list = items::<Event>(api, &call, |event| concerns(event, &names)).await;
    clean(&mut list);
    sink.list(layout::DNS_EVENTS, &call, &list);
}

/// Events about one pod.
pub(super) async fn of_pod(api: &Api, sink: &Sink, entry: &str, namespace: &str, pod: &str) {
    let selector = encode(&format!("involvedObject.name={pod}"));
    let call = list(
        "events",
        Some(namespace),
        format!("/api/v1/namespaces/{namespace}/events?fieldSelector={selector}"),
    );
    let mut list = api.list::<Event>(&call.path).await;
    clean(&mut list);
    sink.list(entry, &call, &list);
}

fn clean(list: &mut Result<Listed<Event>, CallError>) {
    let events = list.iter_mut().flat_map(|it| &mut it.items);
    events.for_each(redact::event);
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
    names.contains(object) || object.contains("coredns") || object.contains("dns")
}
