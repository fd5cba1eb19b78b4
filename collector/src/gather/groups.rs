//! API groups: which kinds of policy, which distribution.

use digpod_bundle::layout;
use serde::{Deserialize, Serialize};

use super::source::get;
use crate::api::{Api, CallError};
use crate::sink::Sink;

/// What the API server serves.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Groups {
    pub(super) groups: Vec<Group>,
}

/// A group with its versions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) preferred_version: Version,
}

/// A version.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Version {
    pub(super) group_version: String,
    pub(super) version: String,
}

impl Groups {
    /// The group of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }
}

/// Reads the list of groups, which everybody who is known may read.
pub(super) async fn groups(api: &Api, sink: &Sink) -> Result<Groups, CallError> {
    let call = get("apis", None, "/apis".to_owned());
    let mut groups = api.get::<Groups>(&call.path).await;
    if let Ok(groups) = &mut groups {
        groups.groups.sort_by(|a, b| a.name.cmp(&b.name));
    }
    sink.json_or_gap(layout::API_GROUPS, &call, &groups);
    groups
}
