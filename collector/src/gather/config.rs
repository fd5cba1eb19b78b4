//! ConfigMaps `coredns` and `coredns-custom`.

use digpod_bundle::k8s::ConfigMap;
use digpod_bundle::{Status, layout};

use super::redact;
use crate::api::Api;
use crate::sink::{Call, Sink};

/// Names under which distributions keep the Corefile (rule catalogue 0.1).
const COREFILES: &[&str] = &["coredns", "rke2-coredns-rke2-coredns", "dns-default"];

/// Gives the Corefile and the keys of `coredns-custom`.
pub(super) async fn maps(
    api: &Api,
    sink: &Sink,
    namespace: &str,
) -> (Option<String>, Vec<(String, String)>) {
    let (corefile, custom) =
        futures::join!(corefile(api, sink, namespace), custom(api, sink, namespace));
    (corefile, custom)
}

async fn corefile(api: &Api, sink: &Sink, namespace: &str) -> Option<String> {
    let mut first = None;
    for name in COREFILES {
        let call = call(namespace, name);
        match get(api, &call).await {
            Ok(map) => {
                sink.json(
                    &layout::config_map("coredns"),
                    &format!("GET {}", call.path),
                    &map,
                );
                return map.data.get("Corefile").cloned();
            }
            Err(error) => {
                let denied = error.status != Status::NotFound;
                first = first.or(Some((call, error)));
                if denied {
                    break;
                }
            }
        }
    }
    if let Some((call, error)) = first {
        sink.gap(&layout::config_map("coredns"), &call, &error);
    }
    None
}

async fn custom(api: &Api, sink: &Sink, namespace: &str) -> Vec<(String, String)> {
    let call = call(namespace, "coredns-custom");
    let map = get(api, &call).await;
    let entry = layout::config_map("coredns-custom");
    match map {
        // Most clusters have none, and that is fine.
        Err(error) if error.status == Status::NotFound => {
            sink.missing_because(
                &entry,
                Status::NotApplicable,
                "this cluster has no ConfigMap coredns-custom",
            );
            Vec::new()
        }
        map => {
            sink.json_or_gap(&entry, &call, &map);
            map.map(|map| map.data.into_iter().collect())
                .unwrap_or_default()
        }
    }
}

async fn get(api: &Api, call: &Call) -> Result<ConfigMap, crate::api::CallError> {
    let mut map = api.get::<ConfigMap>(&call.path).await?;
    redact::metadata(&mut map.metadata);
    Ok(map)
}

fn call(namespace: &str, name: &str) -> Call {
    Call {
        verb: "get",
        resource: "configmaps",
        namespace: Some(namespace.to_owned()),
        path: format!("/api/v1/namespaces/{namespace}/configmaps/{name}"),
    }
}
