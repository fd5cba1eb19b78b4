//! What the script read, in the shape that the collector writes.

use digpod_bundle::k8s::{
    ConfigMap, EndpointSliceList, EventList, Namespace, NetworkPolicyList, NodeList,
    NodeMetricsList, Pod, PodList, PodMetricsList, Service, Workload,
};
use digpod_bundle::layout::Kind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::lines;
use crate::found::json;

/// The entry's bytes; `None` if the script makes no such entry.
pub(super) fn bytes(kind: &Kind, text: &str) -> Option<Result<Vec<u8>, String>> {
    Some(match kind {
        // As the API server writes it.
        Kind::Version => serde_json::from_str::<Value>(text)
            .map(|version| json(&version))
            .map_err(|error| error.to_string()),
        Kind::Nodes => shaped::<NodeList>(text),
        Kind::NodeMetrics => shaped::<NodeMetricsList>(text),
        Kind::DnsService | Kind::NamedService { .. } => shaped::<Service>(text),
        Kind::DnsEndpointSlices | Kind::NamedEndpointSlices { .. } => {
            shaped::<EndpointSliceList>(text)
        }
        Kind::DnsPods => shaped::<PodList>(text),
        Kind::DnsWorkload => shaped::<Workload>(text),
        Kind::DnsPodMetrics => shaped::<PodMetricsList>(text),
        Kind::DnsNetworkPolicies | Kind::WorkloadNetworkPolicies => {
            shaped::<NetworkPolicyList>(text)
        }
        Kind::WorkloadPod => shaped::<Pod>(text),
        Kind::WorkloadNamespace => shaped::<Namespace>(text),
        Kind::ConfigMap { .. } => shaped::<ConfigMap>(text),
        _ => return None,
    })
}

fn shaped<T: DeserializeOwned + Serialize>(text: &str) -> Result<Vec<u8>, String> {
    let mut value = lines::read(text);
    strip_nulls(&mut value);
    serde_json::from_value::<T>(value)
        .map(|value| json(&value))
        .map_err(|error| error.to_string())
}

/// Elements of which nothing was printed are objects without fields.
fn strip_nulls(value: &mut Value) {
    match value {
        Value::Array(list) => {
            for item in list.iter_mut() {
                if item.is_null() {
                    *item = Value::Object(serde_json::Map::new());
                }
                strip_nulls(item);
            }
        }
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(strip_nulls);
        }
        _ => {}
    }
}

/// A list that several commands gave parts of.
#[derive(Default)]
pub(super) struct List {
    pub(super) source: String,
    events: EventList,
}

impl List {
    pub(super) fn add(&mut self, command: &str, part: &Value) {
        if self.source.is_empty() {
            command.clone_into(&mut self.source);
        } else {
            self.source = format!("{} and others", self.source.trim_end_matches(" and others"));
        }
        let mut part = part.clone();
        strip_nulls(&mut part);
        if let Ok(part) = serde_json::from_value::<EventList>(part) {
            self.events.items.extend(part.items);
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        json(&self.events)
    }
}
