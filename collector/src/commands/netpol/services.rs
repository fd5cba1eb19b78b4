//! Services: an address in front of pods.

use std::net::IpAddr;

use digpod_bundle::k8s;
use digpod_netpol::{Pod, Protocol};
use serde_json::Value;

/// A Service with an address of its own.
#[derive(Debug)]
pub(super) struct Service {
    namespace: String,
    name: String,
    addresses: Vec<IpAddr>,
    spec: k8s::ServiceSpec,
}

impl Service {
    /// From the API's object; `None` for one without pods or without an address (headless).
    pub(super) fn read(service: k8s::Service, namespace: &str) -> Option<Self> {
        let spec = service.spec;
        let all = spec.cluster_ip.iter().chain(&spec.cluster_ips);
        let mut addresses: Vec<IpAddr> = all.filter_map(|text| text.parse().ok()).collect();
        addresses.dedup();
        (!addresses.is_empty() && !spec.selector.is_empty()).then(|| Self {
            namespace: service
                .metadata
                .namespace
                .unwrap_or_else(|| namespace.to_owned()),
            name: service.metadata.name,
            addresses,
            spec,
        })
    }

    /// `namespace/name`.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Its first address.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.addresses.first().copied()
    }

    /// Whether the address is one of its own.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address)
    }

    /// Whether the pod stands behind it.
    pub(super) fn selects(&self, pod: &Pod) -> bool {
        pod.namespace == self.namespace
            && !pod.finished
            && self
                .spec
                .selector
                .iter()
                .all(|(key, value)| pod.labels.get(key) == Some(value))
    }

    /// Port that the pod listens on where the Service is asked on `port`.
    pub(super) fn target(&self, port: u16, protocol: Protocol, pod: &Pod) -> Option<u16> {
        let found = self.spec.ports.iter().find(|it| {
            it.port == i32::from(port)
                && it.protocol.as_deref().unwrap_or("TCP") == protocol.as_str()
        })?;
        match &found.target_port {
            None => Some(port),
            Some(Value::String(name)) => pod.port_named(name, protocol),
            Some(number) => u16::try_from(number.as_u64()?).ok(),
        }
    }
}
