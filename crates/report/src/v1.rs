//! Version 1 of the report: the shape that other programs may rely on.
//!
//! Everything that is shown anywhere is in here, excerpts of the evidence included, so that each
//! renderer (terminal, Markdown, page) is a function of a [`Report`] alone. Integers only, no
//! floating point; lists have a fixed order.

mod summary;

use serde::{Deserialize, Serialize};

pub use summary::{
    Contrast, ContrastCell, ContrastFrom, ContrastNames, ContrastServer, Lookup, PairCount, Pairs,
    Search, SearchStep, Size, Watch,
};

/// A whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Version of this shape, 1.
    pub version: u32,
    /// Who analysed.
    pub engine: Engine,
    /// What was analysed.
    pub subject: Subject,
    /// `cause`, `undetermined`, `healthy`, or `no-fault-seen` where not everything could be looked at.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["cause", "undetermined", "no-fault-seen", "healthy"])))]
    pub verdict: String,
    /// The verdict in one sentence.
    pub headline: String,
    /// Symptoms that were observed, in words.
    pub symptoms: Vec<String>,
    /// Causes in rank order.
    pub causes: Vec<Cause>,
    /// Names in question that fail and that none of the causes explains, with what became of them.
    #[serde(default)]
    pub unexplained: Vec<String>,
    /// Findings in a fixed order; causes name them by index.
    pub findings: Vec<Finding>,
    /// What the probes saw at a glance.
    #[serde(default)]
    pub contrast: Contrast,
    /// What the probes saw.
    pub matrix: Vec<MatrixRow>,
    /// Names as typed, along the search list.
    #[serde(default)]
    pub search: Vec<Search>,
    /// A and AAAA in one moment.
    #[serde(default)]
    pub pairs: Vec<Pairs>,
    /// Questions that allow another size of answer.
    #[serde(default)]
    pub sizes: Vec<Size>,
    /// What came of asking until one try fails, if that was done.
    #[serde(default)]
    pub watch: Option<Watch>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// Every entry or file: what it was taken for and why.
    pub inputs: Vec<Input>,
}

/// Who analysed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Engine {
    /// `digpod`.
    pub name: String,
    /// Version of the engine.
    pub version: String,
    /// Number of rules it ran.
    pub rules: u32,
}

/// What was analysed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// When it was collected, RFC 3339; empty if nobody knows.
    pub collected: String,
    /// Why collecting ended early, if it did.
    pub interrupted: Option<String>,
    /// Name of the kubeconfig context.
    pub context: Option<String>,
    /// Version of the API server.
    pub server_version: Option<String>,
    /// Distribution.
    pub distribution: Option<String>,
    /// Namespace of the failing pod.
    pub namespace: Option<String>,
    /// The failing pod.
    pub pod: Option<String>,
    /// The failing names as typed.
    pub names: Vec<String>,
    /// The user's own words.
    pub text: Option<String>,
    /// Ticket number.
    pub ticket: Option<String>,
    /// Who collected it.
    pub collector: String,
}

/// A cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Id of the rule at the root.
    pub id: String,
    /// `proven`, `likely` or `possible`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["proven", "likely", "possible"])))]
    pub confidence: String,
    /// One sentence: what is wrong.
    pub summary: String,
    /// Why that makes names fail here, with the odds; may be empty.
    pub explanation: String,
    /// Score by which causes are ranked.
    pub score: i32,
    /// Index of the root finding.
    pub finding: u32,
    /// Indices of the findings that it explains or that support it.
    pub explains: Vec<u32>,
    /// Observed symptoms that it explains, in words.
    pub symptoms: Vec<String>,
    /// What speaks against it.
    pub contradicted_by: Vec<Evidence>,
    /// What to do, in order.
    pub fix: Vec<Step>,
    /// The check that would decide.
    pub decide: Option<Step>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// One sentence. Lines after the first are a snippet, to be shown as they are.
    pub text: String,
    /// The command, ready to paste.
    pub command: Option<String>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Id of the rule.
    pub rule: String,
    /// `critical`, `high`, `medium`, `low` or `info`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["critical", "high", "medium", "low", "info"])))]
    pub severity: String,
    /// `proven`, `likely` or `possible`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["proven", "likely", "possible"])))]
    pub confidence: String,
    /// `cluster`, `namespace shop`, `node n1`, `pod shop/web`, `name app.corp.internal.`.
    pub scope: String,
    /// One sentence: what is wrong.
    pub message: String,
    /// Why it matters here; may be empty.
    pub explanation: String,
    /// Where it can be checked; the first is the primary place.
    pub evidence: Vec<Evidence>,
    /// What to do, in order.
    pub fix: Vec<Step>,
    /// The check that would decide.
    pub decide: Option<Step>,
}

/// A place and what to notice there. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Name of the entry in the bundle.
    pub entry: String,
    /// JSON pointer of the value, for JSON entries.
    pub pointer: Option<String>,
    /// Whether lines count within the decoded string at `pointer` and not in the entry.
    pub in_value: bool,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
    /// What to notice.
    pub note: String,
    /// The lines themselves, with one before and after.
    pub excerpt: Excerpt,
}

/// Lines of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// Number of the first one.
    pub first_line: u32,
    /// The lines; control characters are shown as U+FFFD, long lines are cut.
    pub lines: Vec<String>,
}

/// What one server said to one vantage about one question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MatrixRow {
    /// From where.
    pub vantage: String,
    /// `address:port`, or `resolv.conf` for the walk of a stub resolver.
    pub server: String,
    /// `service`, `coredns-pod`, `node-local`, `upstream`, `platform` or `own`.
    pub role: String,
    /// The name asked for.
    pub name: String,
    /// `cluster`, `public`, `custom` or `nonexistent`.
    pub class: String,
    /// Record type.
    pub record_type: String,
    /// `udp` or `tcp`.
    pub transport: String,
    /// All tries.
    pub tries: u32,
    /// Tries that were answered, whatever the answer.
    #[serde(default)]
    pub answered: u32,
    /// Tries without an answer in time.
    #[serde(default)]
    pub timeouts: u32,
    /// Tries that did not give what a client needs.
    #[serde(default)]
    pub failed: u32,
    /// Fewer failures than this in a hundred tries are excluded, with 95 %.
    #[serde(default)]
    pub failed_percent_low: u32,
    /// More failures than this in a hundred tries are excluded, with 95 %.
    #[serde(default)]
    pub failed_percent_high: u32,
    /// Tries by outcome, most first.
    pub outcomes: Vec<OutcomeCount>,
    /// Different answer data, sorted.
    pub answers: Vec<String>,
    /// Median latency of answered tries, in microseconds.
    pub median_us: u64,
    /// The latency that 95 of 100 answered tries did not exceed.
    #[serde(default)]
    pub p95_us: u64,
    /// The same of 99 of 100.
    #[serde(default)]
    pub p99_us: u64,
    /// Answers that did not fit into UDP.
    #[serde(default)]
    pub truncated: u32,
    /// Tries whose answer no cache repeated, as far as TTLs tell: so many bound the share of failures
    /// where all went one way.
    #[serde(default)]
    pub news: u32,
    /// Entry of the records.
    pub entry: String,
    /// JSON pointer of the first record.
    pub pointer: String,
}

/// How often an outcome was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutcomeCount {
    /// `OK`, `NXDOMAIN`, `timeout`, …
    pub outcome: String,
    /// How often.
    pub count: u32,
}

/// Something that could not be seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The entry that would have shown it.
    pub entry: String,
    /// `forbidden`, `not-found`, …; `not-collected` where the manifest does not know it; `not-asked`
    /// and `too-few-tries` where the entry is there and lacks a question, or tries of one.
    pub status: String,
    /// Why, in words.
    pub reason: String,
    /// The permission that was missing.
    pub missing_permission: Option<String>,
    /// What cannot be excluded without it, a clause; for what was asked for and did not come.
    pub means: Option<String>,
    /// Rules that could not look because of it.
    pub rules: Vec<String>,
}

/// An entry or file and what it was taken for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Name of the entry.
    pub entry: String,
    /// What it was taken for: `Corefile in a ConfigMap`, `resolv.conf of a node`.
    pub taken_for: String,
    /// Why: the call it came from, or how it was recognised.
    pub why: String,
    /// Status in the manifest.
    pub status: String,
    /// Size, in bytes.
    pub bytes: u64,
}
