//! `dns.operator.openshift.io`: how OpenShift's DNS operator is told to write its Corefile.
//! <https://docs.openshift.com/container-platform/latest/networking/networking_operators/dns-operator.html>

use serde::{Deserialize, Serialize};

use super::{Condition, ObjectMeta};

/// The object `default`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DnsOperator {
    /// Metadata.
    pub metadata: ObjectMeta,
    /// Spec.
    pub spec: DnsOperatorSpec,
    /// Status.
    pub status: DnsOperatorStatus,
}

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DnsOperatorSpec {
    /// Zones with servers of their own.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub servers: Vec<DnsOperatorServer>,
    /// Where all other names go.
    pub upstream_resolvers: DnsOperatorForward,
    /// `Managed`, `Unmanaged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub management_state: Option<String>,
    /// `Normal`, `Debug`, `Trace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<String>,
    /// Longest lives in the cache.
    pub cache: DnsOperatorCache,
}

/// Zones with servers of their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DnsOperatorServer {
    /// Name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Zones.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub zones: Vec<String>,
    /// Their servers.
    pub forward_plugin: DnsOperatorForward,
}

/// Servers that are asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DnsOperatorForward {
    /// `Random`, `RoundRobin`, `Sequential`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// `TCP` or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_strategy: Option<String>,
    /// Addresses, of a zone's servers as texts, of the resolvers as objects.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub upstreams: Vec<DnsOperatorUpstream>,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DnsOperatorUpstream {
    /// `10.0.0.1:5353`.
    Text(String),
    /// By its parts.
    Parts {
        /// `SystemResolvConf` or `Network`.
        #[serde(rename = "type")]
        type_: String,
        /// Address of a `Network` one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
        /// Port.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        port: Option<i32>,
    },
}

/// Longest lives in the cache.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DnsOperatorCache {
    /// Of answers.
    #[serde(rename = "positiveTTL", skip_serializing_if = "Option::is_none")]
    pub positive_ttl: Option<String>,
    /// Of NXDOMAIN and NODATA.
    #[serde(rename = "negativeTTL", skip_serializing_if = "Option::is_none")]
    pub negative_ttl: Option<String>,
}

/// How it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DnsOperatorStatus {
    /// Address of the DNS Service.
    #[serde(rename = "clusterIP", skip_serializing_if = "Option::is_none")]
    pub cluster_ip: Option<String>,
    /// Cluster domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_domain: Option<String>,
    /// Conditions.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub conditions: Vec<Condition>,
}
