//! What pods and nodes use: `kubectl top`.

use digpod_bundle::k8s::{NodeMetricsList, PodMetricsList, Service};
use digpod_bundle::{Status, layout};
use serde::{Serialize, de::DeserializeOwned};

use super::{encode, query};
use crate::api::Api;
use crate::sink::{Call, Sink};

/// Usage of the DNS pods and of all nodes.
pub(super) async fn usage(api: &Api, sink: &Sink, namespace: &str, service: Option<&Service>) {
    let selector = match service {
        Some(service) if !service.spec.selector.is_empty() => query(&service.spec.selector),
        _ => encode("k8s-app=kube-dns"),
    };
    let pods = Call {
        verb: "list",
        resource: "pods.metrics.k8s.io",
        namespace: Some(namespace.to_owned()),
        path: format!(
            "/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods?labelSelector={selector}"
        ),
    };
    let nodes = Call {
        verb: "list",
        resource: "nodes.metrics.k8s.io",
        namespace: None,
        path: "/apis/metrics.k8s.io/v1beta1/nodes".to_owned(),
    };
    futures::join!(
        one::<PodMetricsList>(api, sink, layout::DNS_POD_METRICS, &pods),
        one::<NodeMetricsList>(api, sink, layout::NODE_METRICS, &nodes),
    );
}

async fn one<T: DeserializeOwned + Serialize>(api: &Api, sink: &Sink, entry: &str, call: &Call) {
    match api.get::<T>(&call.path).await {
        Err(error) if error.status == Status::NotFound => sink.missing_because(
            entry,
            Status::NotApplicable,
            "the cluster has no metrics API (metrics-server is not installed)",
        ),
        result => sink.json_or_gap(entry, call, &result),
    }
}
