//! The Services that the names in question mean: what their answers are to be compared with.

use std::collections::BTreeSet;

use digpod_bundle::k8s::{EndpointSlice, Service};
use digpod_bundle::{Status, layout};

use super::source::{get, list, timed};
use super::{encode, redact};
use crate::api::Api;
use crate::progress::Progress;
use crate::sink::Sink;

/// Reads each, by namespace and name, at the time at which DNS is asked for it.
pub(crate) async fn services(
    api: &Api,
    meant: &BTreeSet<(String, String)>,
    sink: &Sink,
    progress: &Progress,
) {
    if meant.is_empty() {
        return;
    }
    let api = &timed(api);
    let all = meant
        .iter()
        .map(|(namespace, name)| one(api, namespace, name, sink));
    progress
        .source("Services in question", futures::future::join_all(all))
        .await;
}

async fn one(api: &Api, namespace: &str, name: &str, sink: &Sink) {
    let path = format!("/api/v1/namespaces/{namespace}/services/{name}");
    let call = get("services", Some(namespace), path);
    let mut service = api.get::<Service>(&call.path).await;
    if let Ok(service) = &mut service {
        redact::metadata(&mut service.metadata);
    }
    let entry = layout::named_service(namespace, name);
    sink.json_or_gap(&entry, &call, &service);
    let entry = layout::named_endpoint_slices(namespace, name);
    if service.is_err_and(|error| error.status == Status::NotFound) {
        let why = "there is no such Service";
        return sink.missing_because(&entry, Status::NotApplicable, why);
    }
    let selector = encode(&format!("kubernetes.io/service-name={name}"));
    let call = list(
        "endpointslices.discovery.k8s.io",
        Some(namespace),
        format!(
            "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices?labelSelector={selector}"
        ),
    );
    let mut slices = api.list::<EndpointSlice>(&call.path).await;
    for slice in slices.iter_mut().flat_map(|it| &mut it.items) {
        redact::metadata(&mut slice.metadata);
    }
    sink.list(&entry, &call, &slices);
}
