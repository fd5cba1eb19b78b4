//! What the probes saw, summed up: the table at a glance and the experiments beside it.

use serde::{Deserialize, Serialize};

use super::OutcomeCount;

/// Where asked from × what was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Contrast {
    /// The columns, in the order of a query's way.
    pub servers: Vec<ContrastServer>,
    /// Each name in question, then names of the cluster, then public names.
    pub names: Vec<ContrastNames>,
}

/// A column: what was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContrastServer {
    /// As in the matrix.
    pub role: String,
    /// `address:port`, or `resolv.conf` for the asker's own list in order.
    pub server: String,
    /// The CoreDNS pod, where it is known.
    pub pod: Option<String>,
    /// Its node.
    pub node: Option<String>,
    /// The node's pool.
    pub pool: Option<String>,
}

/// A part of the rows: what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContrastNames {
    /// `custom`, `cluster` or `public`.
    pub class: String,
    /// The name, where it is one in question.
    pub name: Option<String>,
    /// What the cells that fail have in common, a clause; empty where they have nothing.
    pub reading: String,
    /// Whether some cell fails.
    pub fails: bool,
    /// The rows.
    pub from: Vec<ContrastFrom>,
}

/// A row: where asked from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContrastFrom {
    /// The vantage.
    pub vantage: String,
    /// Its node, where it is known.
    pub node: Option<String>,
    /// The node's pool.
    pub pool: Option<String>,
    /// Of the workload's probe where no pod was named: it stands for any pod of this namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// One for each column; null where it was not asked.
    pub cells: Vec<Option<ContrastCell>>,
}

/// What one server said to one vantage: to A over UDP, or else to the plainest question asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContrastCell {
    /// `good`; `apart`: not what a client needs, where no client asks; `sometimes`; `wrong`: each
    /// time an answer that does not help; `silent`: no answer.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["good", "apart", "sometimes", "wrong", "silent"])))]
    pub tone: String,
    /// The most frequent outcome that a client does not need; where there is none, `OK`, or what
    /// was said most to a question beside.
    pub outcome: String,
    /// Other outcomes that a client does not need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    /// Tries that did not give what a client needs; where there is none, all tries.
    pub count: u32,
    /// All tries of that question.
    pub tries: u32,
    /// Tries whose answer no cache repeated, as far as TTLs tell.
    #[serde(default)]
    pub news: u32,
    /// Record type of the question.
    pub record_type: String,
    /// `udp` or `tcp`.
    pub transport: String,
    /// Median latency of its answered tries, in microseconds.
    pub median_us: u64,
    /// The latency that 95 of 100 of them did not exceed.
    pub p95_us: u64,
    /// Entry of the records.
    pub entry: String,
    /// JSON pointer of one of them.
    pub pointer: String,
    /// Other questions (AAAA, TCP) that came out otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<ContrastCell>,
}

/// A name as typed, along the search list of the failing pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// As it was typed.
    pub typed: String,
    /// Whether it ends elsewhere than meant, differs between resolvers, or costs seconds.
    pub odd: bool,
    /// Of glibc, musl and Go, in this order.
    pub lookups: Vec<Lookup>,
}

/// How one resolver walks, replayed with the answers that the probe got.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Lookup {
    /// `glibc`, `musl` or `Go`.
    pub resolver: String,
    /// The names that it may try, in its order.
    pub steps: Vec<SearchStep>,
    /// The name at which it stops.
    pub stop: Option<String>,
    /// Why it stops there.
    pub why: String,
    /// Whether it has addresses.
    pub found: bool,
    /// What the program gets: addresses, or the error.
    pub result: String,
    /// How long that takes, in milliseconds.
    pub wait_ms: u64,
    /// Where one try took seconds and another did not: how many did; the slowest is told.
    #[serde(default)]
    pub slow_tries: u32,
    /// Of so many.
    #[serde(default)]
    pub tries: u32,
}

/// A name that may be tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SearchStep {
    /// The name.
    pub name: String,
    /// What the resolver makes of it.
    pub verdict: String,
    /// What the probe got for it, of A and AAAA each where resolvers tell them apart. Null where it
    /// did not ask: then the name is taken for one that does not exist.
    pub outcome: Option<String>,
    /// After so many microseconds.
    pub latency_us: u64,
    /// How long the resolver waits for this name, in milliseconds, its own timeout and attempts
    /// included.
    #[serde(default)]
    pub wait_ms: u64,
    /// Whose replies it waits for in vain, a clause each.
    #[serde(default)]
    pub silence: Vec<String>,
    /// Entry of the record.
    pub entry: Option<String>,
    /// JSON pointer of the record.
    pub pointer: Option<String>,
}

/// A and AAAA that left together from one vantage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pairs {
    /// From where.
    pub vantage: String,
    /// From one socket, as glibc sends them.
    pub one_socket: PairCount,
    /// From two sockets.
    pub two_sockets: PairCount,
    /// Entry of the records.
    pub entry: String,
    /// JSON pointer of a half that was lost; empty where none was.
    pub pointer: String,
}

/// Pairs, and what is missing of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PairCount {
    /// All pairs.
    pub pairs: u32,
    /// Pairs of which one half got no answer and the other did.
    pub halves_lost: u32,
    /// Pairs without any answer.
    pub both_lost: u32,
}

/// Questions that say of themselves how large an answer may be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Size {
    /// From where.
    pub vantage: String,
    /// `address:port`.
    pub server: String,
    /// As in the matrix.
    pub role: String,
    /// The name.
    pub name: String,
    /// Record type.
    pub record_type: String,
    /// Bytes that an answer may have by EDNS; 0 where none was sent, which allows 512.
    pub payload: u16,
    /// All tries.
    pub tries: u32,
    /// Tries by outcome.
    pub outcomes: Vec<OutcomeCount>,
    /// Answers that were cut and had to be fetched over TCP.
    pub truncated: u32,
    /// Whether it fails each time where the usual size works, and nothing else explains it.
    pub odd: bool,
    /// Where it fails and the usual size works, what else may explain that; empty where nothing
    /// does, or it does not fail.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["", "one-try", "sometimes", "several-upstreams", "other-answer"])))]
    #[serde(default)]
    pub doubt: String,
    /// Entry of the records.
    pub entry: String,
    /// JSON pointer of one of them.
    pub pointer: String,
}

/// What came of asking until one try fails (`--until-failure`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    /// When it began, RFC 3339.
    pub started: String,
    /// How long was asked, in milliseconds.
    pub lasted_ms: u64,
    /// How long would have been asked at most, in milliseconds.
    pub limit_ms: u64,
    /// Tries, the failing one included.
    pub tries: u64,
    /// `failed`, `time-over`, or `asking` where the run ended before either.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["failed", "time-over", "asking"])))]
    pub end: String,
    /// When the try that failed was sent, RFC 3339.
    pub failed_at: Option<String>,
    /// All of it in one sentence.
    pub told: String,
    /// Entry of the bundle.
    pub entry: String,
    /// JSON pointer of the try that failed, or of the number of tries.
    pub pointer: String,
}
