//! `manifest.json` of format 1: what was collected, when, how, and what was not.

use serde::{Deserialize, Serialize};

/// Newest format version this crate reads and the one it writes.
pub const FORMAT: u32 = 1;

/// What a bundle says about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manifest {
    /// Version of the bundle format, 1.
    pub format: u32,
    /// Who wrote it.
    pub tool: Tool,
    /// When it was collected.
    pub collected: Collected,
    /// From which cluster.
    pub cluster: Cluster,
    /// The complaint as the user told it.
    pub symptom: Symptom,
    /// The earlier bundle whose questions were asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub like: Option<Like>,
    /// Everything that was asked for, in the order of the entries' names.
    pub items: Vec<Item>,
    /// What was taken out and by which rule.
    pub redactions: Vec<Redaction>,
}

impl Manifest {
    /// A name for the bundle that no other has: the manifest holds the digest of every entry.
    pub fn id(&self) -> String {
        crate::bundle::sha256(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// An earlier bundle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Like {
    /// Its [`Manifest::id`].
    pub id: String,
    /// When it was collected.
    pub collected: String,
}

/// Who wrote a bundle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tool {
    /// `digpod collect`, `digpod analyze` and so on.
    pub name: String,
    /// Version of the tool.
    pub version: String,
    /// Its arguments, without the values of tokens.
    pub arguments: Vec<String>,
}

/// When a bundle was collected; times are RFC 3339 in UTC, `2026-11-25T04:56:38Z`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Collected {
    /// The start; this is "now" for every rule. Empty where nobody knows (loose files).
    pub started: String,
    /// The end.
    pub finished: String,
    /// Why the run ended before it was done; `None` when it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
}

/// The cluster a bundle is from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cluster {
    /// Digest of the UID of namespace kube-system: the same cluster has the same id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name of the kubeconfig context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// `gitVersion` of the API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_version: Option<String>,
    /// `aks`, `eks`, `gke`, `k3s`, `rke2`, `kubeadm`, `openshift`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution: Option<String>,
}

/// The complaint as the user told it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Symptom {
    /// Names that fail, as typed.
    pub names: Vec<FailingName>,
    /// Namespace of the failing pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The failing pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// One that resolves, to compare with: `NAMESPACE/NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_pod: Option<String>,
    /// Since when, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// In the user's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Number of the support ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// A name that fails.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FailingName {
    /// The name as typed.
    pub name: String,
    /// The address it should have, when the user said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// One thing that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Item {
    /// Name of the entry, whether it is there or not.
    pub entry: String,
    /// What became of it.
    pub status: Status,
    /// Why the status is not `ok`, in words for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The permission that was missing, like `list pods in namespace kube-system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_permission: Option<String>,
    /// The call it came from (`GET /api/v1/...`), or what an imported file was taken for and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Size of the entry, in bytes.
    pub bytes: u64,
    /// SHA-256 of the entry, lower-case hexadecimal; empty where there is none.
    pub sha256: String,
    /// The entry it was made from, for entries that `import` made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derived>,
}

impl Item {
    /// What an imported file was taken for and why, if `source` says so.
    pub fn taken_for(&self) -> Option<(&str, &str)> {
        self.source
            .as_deref()?
            .strip_prefix(TAKEN_FOR)?
            .split_once(BECAUSE)
    }

    /// The `source` of an imported file: `taken for: <what> because <why>`.
    pub fn taken_for_source(taken_for: &str, why: &str) -> String {
        let taken_for = taken_for.replace(BECAUSE, ", since ");
        format!("{TAKEN_FOR}{taken_for}{BECAUSE}{why}")
    }
}

const TAKEN_FOR: &str = "taken for: ";
const BECAUSE: &str = " because ";

/// What became of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Collected whole.
    #[default]
    Ok,
    /// Asked for and empty: an empty log, a list without items.
    Empty,
    /// The API server refused: the permission is missing (403).
    Forbidden,
    /// The API server does not know who asks (401).
    Unauthorized,
    /// There is no such object or API.
    NotFound,
    /// No answer within the time allowed.
    TimedOut,
    /// Collected in part; `reason` says which part is missing.
    Truncated,
    /// Does not apply to this cluster or was not asked for.
    NotApplicable,
    /// Admission refused the object that was to be created.
    RefusedByAdmission,
    /// Anything else went wrong; `reason` says what.
    Failed,
}

impl Status {
    /// Whether there is (at least part of) an entry to read.
    pub const fn has_content(self) -> bool {
        matches!(self, Self::Ok | Self::Empty | Self::Truncated)
    }

    /// The word used in manifests, on screen and on the page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Empty => "empty",
            Self::Forbidden => "forbidden",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not-found",
            Self::TimedOut => "timed-out",
            Self::Truncated => "truncated",
            Self::NotApplicable => "not-applicable",
            Self::RefusedByAdmission => "refused-by-admission",
            Self::Failed => "failed",
        }
    }
}

/// Where the values of a derived entry stand in the file it was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Derived {
    /// The entry that holds the file as it was given.
    pub from: String,
    /// The values whose place is known.
    pub values: Vec<DerivedValue>,
}

/// One value of a derived entry and its place in the original.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DerivedValue {
    /// JSON pointer (RFC 6901) of the value in the derived entry; it and all below it. Empty: the whole.
    pub pointer: String,
    /// Line of the original on which the value's first line stands, from 1.
    pub line: u32,
    /// Columns by which each of its lines is indented there, in characters.
    pub indent: u32,
}

/// Something that was taken out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Redaction {
    /// Which rule took it out.
    pub rule: String,
    /// From which entry.
    pub entry: String,
    /// How often.
    pub count: u64,
}
