//! A scenario folder as it lies on disk: `scenario.yaml`, `objects/`, `logs/`, and those of its base.

mod files;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::fleet::Scale;
use crate::logs::LogKey;

/// `scenario.yaml`, with its base's underneath.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    /// Name of the context, the cluster and the file's user entry in the kubeconfig.
    pub(crate) context: String,
    /// Who the client is to the API.
    pub(crate) user: String,
    /// Version of Kubernetes, as `v1.33.5`.
    pub(crate) server_version: String,
    /// The moment that the objects and logs were taken at; at the start it becomes "now".
    pub(crate) clock: String,
    #[serde(default = "cluster_domain")]
    pub(crate) cluster_domain: String,
    /// The address that the kubelets write into pods' resolv.conf.
    pub(crate) cluster_dns: IpAddr,
    /// Containers whose image contains this text run the probe.
    #[serde(default = "probe_image")]
    pub(crate) probe_image: String,
    pub(crate) coredns: CoreDnsSettings,
    /// resolv.conf files of nodes; `default` stands for those not named.
    pub(crate) nodes: BTreeMap<String, NodeSettings>,
    /// Zones that servers may know.
    #[serde(default)]
    pub(crate) zones: BTreeMap<String, Vec<String>>,
    /// The DNS servers around the cluster.
    #[serde(default)]
    pub(crate) servers: Vec<ServerSettings>,
    /// What addresses mean from where, before the cluster's own meaning; the first that fits counts.
    #[serde(default)]
    pub(crate) routes: Vec<RouteSettings>,
    /// Files in pods, for `cat` to find: `namespace/pod` or the beginning of it, path, text.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, BTreeMap<String, String>>,
    /// Parts of the names of images that have a shell.
    #[serde(default)]
    pub(crate) shells: Vec<String>,
    /// What the user may not do.
    #[serde(default)]
    pub(crate) deny: Vec<Denial>,
    /// Objects that are made up beside those of the folder.
    #[serde(default)]
    pub(crate) scale: Option<Scale>,
}

/// Which pods are CoreDNS and where they read their configuration.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CoreDnsSettings {
    pub(crate) namespace: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) config_map: String,
    pub(crate) custom_config_map: Option<String>,
    /// Where they answer, which on OpenShift is 5353.
    #[serde(default = "dns_port")]
    pub(crate) port: u16,
    /// What they do, for servers of another kind that have no Corefile (kube-dns); it counts only
    /// where there is no such ConfigMap.
    #[serde(default)]
    pub(crate) corefile: String,
}

/// A node's files.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NodeSettings {
    /// The resolv.conf that the kubelet reads.
    pub(crate) resolv_conf: String,
    /// Files that pods may mount, by path.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
}

/// A DNS server outside the cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServerSettings {
    pub(crate) address: IpAddr,
    pub(crate) kind: ServerKind,
    /// Zones that it is an authority for.
    #[serde(default)]
    pub(crate) zones: Vec<String>,
    /// Zones that it has from elsewhere.
    #[serde(default)]
    pub(crate) resolves: Vec<String>,
    /// Its answer to all other names.
    #[serde(default)]
    pub(crate) otherwise: Option<Otherwise>,
    /// How long it thinks.
    #[serde(default)]
    pub(crate) delay_ms: u64,
}

/// What kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ServerKind {
    /// Knows its zones; refuses other names unless told otherwise.
    Authoritative,
    /// Resolves for its clients; what it does not know does not exist.
    ForwardLike,
    /// Takes queries and never answers.
    Silent,
}

/// An answer to names that a server does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Otherwise {
    Nxdomain,
    Refused,
    Servfail,
}

/// What an address means from somewhere.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RouteSettings {
    #[serde(default)]
    pub(crate) from: FromSettings,
    /// Address, or address and port.
    pub(crate) to: Destination,
    pub(crate) action: Action,
}

/// From where; what is not said fits everything.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FromSettings {
    pub(crate) namespace: Option<String>,
    pub(crate) node: Option<String>,
    pub(crate) host_network: Option<bool>,
}

/// An address, or an address and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Destination {
    Socket(SocketAddr),
    Ip(IpAddr),
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// Nothing comes back.
    Drop,
    /// ICMP says that the address cannot be reached.
    Unreachable,
    /// The port is closed.
    Refuse,
    /// It goes to this address instead.
    To(SocketAddr),
}

/// Something the user may not do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Denial {
    /// Verbs; `*` is any.
    pub(crate) verbs: Vec<String>,
    /// Plural names, with subresources as `pods/log`; `*` is any.
    pub(crate) resources: Vec<String>,
    /// Only there; nowhere named is everywhere.
    #[serde(default)]
    pub(crate) namespaces: Vec<String>,
}

fn cluster_domain() -> String {
    "cluster.local".to_owned()
}

fn dns_port() -> u16 {
    53
}

fn probe_image() -> String {
    "digpod-probe".to_owned()
}

/// Everything that a folder holds.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) settings: Settings,
    /// Objects, times as in the files.
    pub(crate) objects: Vec<Value>,
    /// Logs, lines as in the files.
    pub(crate) logs: BTreeMap<LogKey, String>,
}

impl Scenario {
    /// Reads a folder and those under it.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let read = files::read(folder)?;
        let settings = serde_json::from_value(read.settings)
            .with_context(|| format!("{}: scenario.yaml", folder.display()))?;
        Ok(Self {
            settings,
            objects: read.objects,
            logs: read.logs,
        })
    }
}
