//! The log of requests.

use serde::Serialize;

use crate::journal::Journal;

/// One request to the API, noted when it arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The API's verb, `list`.
    pub verb: String,
    /// Plural name, with a subresource as `pods/log`; empty if it is not about a resource.
    pub resource: String,
    /// Empty for cluster-wide ones.
    pub namespace: String,
    /// Empty for lists.
    pub name: String,
    /// What the client calls itself.
    pub user_agent: String,
}

/// All of them.
pub(crate) type Requests = Journal<Request>;
