//! Kinds of metrics.k8s.io.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ListMeta, ObjectMeta};

/// What a pod uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodMetrics {
    /// Metadata.
    pub metadata: ObjectMeta,
    /// RFC 3339.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub timestamp: String,
    /// Over how long.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub window: String,
    /// By container.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub containers: Vec<ContainerMetrics>,
}

/// What a container uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerMetrics {
    /// Container.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `cpu` and `memory` as quantities.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub usage: BTreeMap<String, String>,
}

/// What a node uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeMetrics {
    /// Metadata.
    pub metadata: ObjectMeta,
    /// RFC 3339.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub timestamp: String,
    /// Over how long.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub window: String,
    /// `cpu` and `memory` as quantities.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub usage: BTreeMap<String, String>,
}

/// A list of `PodMetrics` objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodMetricsList {
    /// Metadata.
    pub metadata: ListMeta,
    /// The objects.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub items: Vec<PodMetrics>,
}

/// A list of `NodeMetrics` objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeMetricsList {
    /// Metadata.
    pub metadata: ListMeta,
    /// The objects.
    #[serde(
        deserialize_with = "super::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub items: Vec<NodeMetrics>,
}
