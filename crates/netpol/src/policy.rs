//! NetworkPolicy as the API has it (networking.k8s.io/v1), with absent and empty kept apart.
//!
//! `None` is a field that is absent or `null`; `Some` of an empty list or selector is one that is
//! written and empty. Fields that are not known are skipped. As in the API server, a `null` inside
//! a list is an element with no field set.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// A NetworkPolicy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NetworkPolicy {
    /// Name and namespace.
    #[serde(deserialize_with = "null_is_default")]
    pub metadata: Metadata,
    /// What it allows, and to whom.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: PolicySpec,
}

impl NetworkPolicy {
    /// `namespace/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace(), self.metadata.name)
    }

    /// Its namespace; `default` when the object does not say.
    pub fn namespace(&self) -> &str {
        match self.metadata.namespace.as_deref() {
            None | Some("") => "default",
            Some(namespace) => namespace,
        }
    }
}

/// Name and namespace of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Name.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// Namespace.
    pub namespace: Option<String>,
    /// Labels.
    #[serde(deserialize_with = "labels")]
    pub labels: BTreeMap<String, String>,
}

/// What a policy allows, and which pods it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicySpec {
    /// Pods of the policy's namespace that it is about; absent is the same as empty: all.
    pub pod_selector: Option<LabelSelector>,
    /// `Ingress`, `Egress`. Absent or empty: Ingress, and Egress if there is an egress rule.
    #[serde(deserialize_with = "list")]
    pub policy_types: Option<Vec<String>>,
    /// What may come in. Absent and empty mean the same: nothing.
    #[serde(deserialize_with = "list")]
    pub ingress: Option<Vec<IngressRule>>,
    /// What may go out. Absent and empty mean the same: nothing, if the policy is of type Egress.
    #[serde(deserialize_with = "list")]
    pub egress: Option<Vec<EgressRule>>,
}

/// What may come in: from any of the peers, to any of the ports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IngressRule {
    /// From whom; absent or empty: anyone.
    #[serde(deserialize_with = "list")]
    pub from: Option<Vec<Peer>>,
    /// To which ports of the pod; absent or empty: any.
    #[serde(deserialize_with = "list")]
    pub ports: Option<Vec<PolicyPort>>,
}

/// What may go out: to any of the peers, to any of their ports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EgressRule {
    /// To whom; absent or empty: anyone.
    #[serde(deserialize_with = "list")]
    pub to: Option<Vec<Peer>>,
    /// To which ports; absent or empty: any.
    #[serde(deserialize_with = "list")]
    pub ports: Option<Vec<PolicyPort>>,
}

/// Somebody who may talk to the pod, or whom the pod may talk to.
///
/// Both selectors in one peer must match; two peers are alternatives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Peer {
    /// Pods: of the policy's namespace, or of the namespaces that `namespace_selector` selects.
    pub pod_selector: Option<LabelSelector>,
    /// Namespaces.
    pub namespace_selector: Option<LabelSelector>,
    /// Addresses. The API allows no selector beside it.
    pub ip_block: Option<IpBlock>,
}

/// A range of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IpBlock {
    /// The range, like `10.0.0.0/8`.
    #[serde(deserialize_with = "null_is_default")]
    pub cidr: String,
    /// Ranges within it that do not count.
    #[serde(deserialize_with = "list")]
    pub except: Option<Vec<String>>,
}

/// Ports of one protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPort {
    /// `TCP`, `UDP` or `SCTP`; absent: TCP.
    pub protocol: Option<String>,
    /// Number or name; absent: every port.
    pub port: Option<PortValue>,
    /// Last port of a range that begins at `port`.
    pub end_port: Option<i32>,
}

/// A port by its number, or by the name that a container gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PortValue {
    /// A number; 1 to 65535 when valid.
    Number(i32),
    /// A name. A number in quotes is a name too.
    Name(String),
}

/// A selector of labels: everything in it must hold. An empty one selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// Labels that must have these values.
    #[serde(deserialize_with = "optional_labels")]
    pub match_labels: Option<BTreeMap<String, String>>,
    /// Further requirements.
    #[serde(deserialize_with = "list")]
    pub match_expressions: Option<Vec<Requirement>>,
}

/// One requirement of a selector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Requirement {
    /// Label.
    #[serde(deserialize_with = "null_is_default")]
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    #[serde(deserialize_with = "null_is_default")]
    pub operator: String,
    /// Values for `In` and `NotIn`.
    #[serde(deserialize_with = "list")]
    pub values: Option<Vec<String>>,
}

/// Reads `null` as the default.
pub(crate) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a list whose `null` elements have no field set, or no list.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let list: Option<Vec<Option<T>>> = Option::deserialize(deserializer)?;
    Ok(list.map(|list| list.into_iter().map(Option::unwrap_or_default).collect()))
}

fn optional_labels<'de, D>(deserializer: D) -> Result<Option<BTreeMap<String, String>>, D::Error>
where
    D: Deserializer<'de>,
{
    let labels: Option<BTreeMap<String, Option<String>>> = Option::deserialize(deserializer)?;
    Ok(labels.map(|labels| {
        labels
            .into_iter()
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect()
    }))
}

/// Reads labels; `null` values are empty ones, as Go reads them.
pub(crate) fn labels<'de, D>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(optional_labels(deserializer)?.unwrap_or_default())
}
