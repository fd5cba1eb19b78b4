//! Events: of the DNS objects, and of the failing pod.

use std::collections::BTreeSet;

use digpod_bundle::k8s::{Event, EventList, Pod};
use digpod_bundle::layout;

use super::source::{self, list};
use super::{encode, redact};
use crate::api::Api;
use crate::sink::Sink;

/// Events about the DNS pods, their owners and ConfigMaps.
pub(super) async fn of_dns(api: &Api, sink: &Sink, namespace: &str, pods: &[Pod]) {
    let call = list(
        "events",
        Some(namespace),
        format!("/api/v1/namespaces/{namespace}/events?limit=1000"),
    );
    let mut list = api.get::<EventList>(&call.path).await;
    if let Ok(list) = &mut list {
        let names = names(pods);
        list.items.retain(|event| concerns(event, &names));
        list.items.iter_mut().for_each(redact::event);
    }
    sink.json_or_gap(layout::DNS_EVENTS, &call, &list);
}

/// Events about one pod.
pub(super) async fn of_pod(api: &Api, sink: &Sink, entry: &str, namespace: &str, pod: &str) {
    let selector = encode(&format!("involvedObject.name={pod}"));
    let call = list(
        "events",
        Some(namespace),
        format!("/api/v1/namespaces/{namespace}/events?fieldSelector={selector}&limit=200"),
    );
    match api.get::<EventList>(&call.path).await {
        Ok(mut list) => {
            list.items.iter_mut().for_each(redact::event);
            let empty = list.items.is_empty();
            source::add(sink, entry, &call, &list, empty);
        }
        Err(error) => sink.gap(entry, &call, &error),
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
    names.contains(object) || object.contains("coredns") || object.contains("dns")
}
