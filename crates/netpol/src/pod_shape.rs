//! Pods and namespaces as the API writes them.

use std::net::IpAddr;

use serde::Deserialize;

use crate::endpoint::{ContainerPort, Namespace, Pod, Protocol};
use crate::policy::{Metadata, list, null_is_default};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ApiNamespace {
    #[serde(deserialize_with = "null_is_default")]
    metadata: Metadata,
}

impl From<ApiNamespace> for Namespace {
    fn from(api: ApiNamespace) -> Self {
        Self {
            name: api.metadata.name,
            labels: api.metadata.labels,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ApiPod {
    #[serde(deserialize_with = "null_is_default")]
    metadata: Metadata,
    #[serde(deserialize_with = "null_is_default")]
    spec: ApiPodSpec,
    #[serde(deserialize_with = "null_is_default")]
    status: ApiPodStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApiPodSpec {
    node_name: Option<String>,
    host_network: Option<bool>,
    #[serde(deserialize_with = "list")]
    containers: Option<Vec<ApiContainer>>,
    #[serde(deserialize_with = "list")]
    init_containers: Option<Vec<ApiContainer>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApiContainer {
    #[serde(deserialize_with = "list")]
    ports: Option<Vec<ApiPort>>,
    restart_policy: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApiPort {
    name: Option<String>,
    protocol: Option<String>,
    container_port: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(non_snake_case, reason = "names of the API")]
struct ApiPodStatus {
    phase: Option<String>,
    podIP: Option<String>,
    #[serde(deserialize_with = "list")]
    podIPs: Option<Vec<ApiIp>>,
    hostIP: Option<String>,
    #[serde(deserialize_with = "list")]
    hostIPs: Option<Vec<ApiIp>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ApiIp {
    ip: Option<String>,
}

impl From<ApiPod> for Pod {
    fn from(api: ApiPod) -> Self {
        let ApiPod {
            metadata,
            spec,
            status,
        } = api;
        // An init container that restarts always is a sidecar: its ports count.
        let sidecars = spec
            .init_containers
            .unwrap_or_default()
            .into_iter()
            .filter(|container| container.restart_policy.as_deref() == Some("Always"));
        let ports = spec
            .containers
            .unwrap_or_default()
            .into_iter()
            .chain(sidecars)
            .flat_map(|container| container.ports.unwrap_or_default())
            .filter_map(port)
            .collect();
        Self {
            namespace: metadata.namespace.unwrap_or_else(|| "default".to_owned()),
            name: metadata.name,
            labels: metadata.labels,
            ips: addresses(status.podIP, status.podIPs),
            node: spec.node_name.filter(|name| !name.is_empty()),
            host_ips: addresses(status.hostIP, status.hostIPs),
            host_network: spec.host_network.unwrap_or_default(),
            ports,
            finished: matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")),
        }
    }
}

fn port(port: ApiPort) -> Option<ContainerPort> {
    Some(ContainerPort {
        name: port.name.filter(|name| !name.is_empty()),
        protocol: Protocol::from_api(port.protocol.as_deref().unwrap_or("TCP"))?,
        port: u16::try_from(port.container_port?).ok()?,
    })
}

fn addresses(one: Option<String>, all: Option<Vec<ApiIp>>) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    let all = all.unwrap_or_default().into_iter().filter_map(|it| it.ip);
    for text in one.into_iter().chain(all) {
        if let Ok(address) = text.parse()
            && !addresses.contains(&address)
        {
            addresses.push(address);
        }
    }
    addresses
}
