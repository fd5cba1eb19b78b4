//! Network policies of the DNS namespace and of the failing pod's.

use digpod_bundle::k8s::NetworkPolicy;
use digpod_bundle::layout;

use super::redact;
use crate::api::Api;
use crate::sink::{Call, Sink};

/// Reads both.
pub(super) async fn policies(api: &Api, sink: &Sink, dns_namespace: &str, namespace: &str) {
    futures::join!(
        one(api, sink, layout::DNS_NETWORK_POLICIES, dns_namespace),
        one(api, sink, layout::WORKLOAD_NETWORK_POLICIES, namespace),
    );
}

pub(super) async fn one(api: &Api, sink: &Sink, entry: &str, namespace: &str) {
    let call = Call {
        verb: "list",
        resource: "networkpolicies.networking.k8s.io",
        namespace: Some(namespace.to_owned()),
        path: format!("/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies"),
    };
    let mut list = api.list::<NetworkPolicy>(&call.path).await;
    if let Ok(list) = &mut list {
        for policy in &mut list.items {
            redact::metadata(&mut policy.metadata);
            policy.metadata.managed_fields.clear();
        }
    }
    sink.list(entry, &call, &list);
}
