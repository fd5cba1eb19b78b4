//! Who talks to whom: pods, addresses, namespaces and flows between them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::Deserialize;

use crate::pod_shape::{ApiNamespace, ApiPod};

/// Labels of a pod or a namespace.
pub type Labels = BTreeMap<String, String>;

/// The label that holds a namespace's own name. The API server sets it since Kubernetes 1.21.
pub const NAMESPACE_NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// One end of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A pod of the cluster.
    Pod(Pod),
    /// An address that is not a pod's: outside the cluster, a node, or a Service as a plugin sees
    /// it that looks before translation.
    Ip(IpAddr),
}

impl Endpoint {
    /// The pod, if it is one.
    pub fn pod(&self) -> Option<&Pod> {
        match self {
            Self::Pod(pod) => Some(pod),
            Self::Ip(_) => None,
        }
    }
}

impl From<Pod> for Endpoint {
    fn from(pod: Pod) -> Self {
        Self::Pod(pod)
    }
}

impl From<IpAddr> for Endpoint {
    fn from(address: IpAddr) -> Self {
        Self::Ip(address)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod(pod) if pod.name.is_empty() => {
                let labels: Vec<String> = pod
                    .labels
                    .iter()
                    .map(|(key, value)| format!("{key}={value}"))
                    .collect();
                write!(out, "a pod {} in {}", labels.join(","), pod.namespace)
            }
            Self::Pod(pod) => write!(out, "pod {}/{}", pod.namespace, pod.name),
            Self::Ip(address) => write!(out, "address {address}"),
        }
    }
}

/// A pod, as far as policies see it. Reads the API's JSON of a Pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "ApiPod")]
pub struct Pod {
    /// Namespace.
    pub namespace: String,
    /// Name; may be empty for a pod that is only imagined.
    pub name: String,
    /// Labels.
    pub labels: Labels,
    /// Its addresses. A block of addresses matches a pod when it holds any of them; keep one to ask
    /// about one family.
    pub ips: Vec<IpAddr>,
    /// Name of its node.
    pub node: Option<String>,
    /// Addresses of its node.
    pub host_ips: Vec<IpAddr>,
    /// Shares the node's network: its addresses are the node's.
    pub host_network: bool,
    /// Ports that containers declare.
    pub ports: Vec<ContainerPort>,
    /// Ended (phase `Succeeded` or `Failed`): its addresses may be another pod's by now.
    pub finished: bool,
}

impl Pod {
    /// Number of the port that its containers call `name`, for `protocol`.
    pub fn port_named(&self, name: &str, protocol: Protocol) -> Option<u16> {
        self.ports
            .iter()
            .find(|port| port.protocol == protocol && port.name.as_deref() == Some(name))
            .map(|port| port.port)
    }

    /// Whether both are the same pod of the cluster.
    pub(crate) fn is(&self, other: &Self) -> bool {
        !self.name.is_empty() && self.name == other.name && self.namespace == other.namespace
    }

    /// Whether it runs on the node with this name or one of these addresses.
    pub(crate) fn runs_on(&self, node: Option<&str>, addresses: &[IpAddr]) -> bool {
        (node.is_some() && self.node.as_deref() == node)
            || addresses
                .iter()
                .any(|address| self.host_ips.contains(address))
    }
}

/// A port that a container declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerPort {
    /// Name.
    pub name: Option<String>,
    /// Protocol.
    pub protocol: Protocol,
    /// Number.
    pub port: u16,
}

/// A namespace and its labels. Reads the API's JSON of a Namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "ApiNamespace")]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// Labels, with `kubernetes.io/metadata.name` where the API server set it.
    pub labels: Labels,
}

impl Namespace {
    /// A namespace with the one label that the API server sets.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            labels: [(NAMESPACE_NAME_LABEL.to_owned(), name.to_owned())].into(),
        }
    }
}

/// Protocols that policies know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP, what a policy means when it names none.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// Reads `TCP`, `UDP` or `SCTP`, as written in the API.
    pub fn from_api(name: &str) -> Option<Self> {
        match name {
            "TCP" => Some(Self::Tcp),
            "UDP" => Some(Self::Udp),
            "SCTP" => Some(Self::Sctp),
            _ => None,
        }
    }

    /// Its name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The two directions of a policy, seen from the pod that it selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// What the sending pod may send.
    Egress,
    /// What the receiving pod may receive.
    Ingress,
}

impl Direction {
    /// The field of the spec that has the rules.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Egress => "egress",
            Self::Ingress => "ingress",
        }
    }

    /// The field of a rule that has the peers.
    pub const fn peers_field(self) -> &'static str {
        match self {
            Self::Egress => "to",
            Self::Ingress => "from",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.field())
    }
}

/// A first packet: from one end to a port of the other. Answers are allowed by connection tracking.
#[derive(Clone, Copy, Debug)]
pub struct Flow<'a> {
    /// Who opens it.
    pub from: &'a Endpoint,
    /// Who is asked. For a Service: the pod behind it, see [`crate::PolicySet::service`].
    pub to: &'a Endpoint,
    /// Protocol.
    pub protocol: Protocol,
    /// Port of the pod that listens: the Service's target port, not its own.
    pub port: u16,
}
