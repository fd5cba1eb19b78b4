//! What a probe brings back beside its records: pages that it fetched and files that it read.

use serde::{Deserialize, Serialize};

/// A page to fetch with one GET.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Page {
    /// What the planner calls it.
    pub id: String,
    /// `address:port`, IPv6 in brackets.
    pub address: String,
    /// Path and query.
    pub path: String,
    /// Which lines of it travel back.
    pub keep: Keep,
}

/// Which lines of a page travel back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// All of them.
    #[default]
    All,
    /// Samples that tell of `CoreDNS` and its process, in Prometheus' text format.
    CorednsMetrics,
}

/// A page that was fetched, or why it was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FetchedPage {
    /// Of its [`Page`].
    pub id: String,
    /// HTTP status, 0 without an answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub status: u16,
    /// The lines that were to be kept.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Whether the page was longer than may travel.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// The system's own words where no page came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A file or folder to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct File {
    /// What the planner calls it.
    pub id: String,
    /// Where it is.
    pub path: String,
    /// How it is read.
    pub kind: FileKind,
}

/// How a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is")]
pub enum FileKind {
    /// A text, whole.
    #[default]
    Text,
    /// A folder of DHCP leases: only the lines that name DNS servers and domains.
    DhcpLeases,
    /// A folder of a container runtime's sandboxes: the resolv.conf of those whose host name is
    /// in the list; of several the newest.
    Sandboxes {
        /// Host names, which are pod names unless the pod says otherwise.
        hostnames: Vec<String>,
        /// Folder within a sandbox's own that holds `hostname` and `resolv.conf`.
        #[serde(default)]
        within: String,
    },
}

/// A file that was read, or why it was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadFile {
    /// Of its [`File`]; of a sandbox with `/` and the host name behind it.
    pub id: String,
    /// Path as it was read.
    pub path: String,
    /// What became of it.
    pub status: ReadStatus,
    /// The text, or the part of it that may travel.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// When it was last written, RFC 3339 UTC by the node's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The system's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of reading a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadStatus {
    /// Read whole.
    #[default]
    Ok,
    /// Only its beginning was read.
    Truncated,
    /// There is none.
    NotFound,
    /// The probe's user may not read it.
    Forbidden,
    /// Anything else.
    Failed,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(number: &u16) -> bool {
    *number == 0
}
