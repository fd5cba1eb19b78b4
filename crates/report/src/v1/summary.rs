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
    /// One for each column; null where it was not asked.
    pub cells: Vec<Option<ContrastCell>>,
}

/// The worst that one server said to one vantage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContrastCell {
    /// `good`; `apart`: not what a client needs, where no client asks; `sometimes`; `wrong`: each
    /// time an answer that does not help; `silent`: no answer.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["good", "apart", "sometimes", "wrong", "silent"])))]
    pub tone: String,
    /// The most frequent outcome that a client does not need; `OK` where there is none.
    pub outcome: String,
    /// Tries with that outcome.
    pub count: u32,
    /// All tries: of the worst question, or of all of them where all is well.
    pub tries: u32,
    /// Record type of that question.
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
    /// What the probe got for it, if it asked.
    pub outcome: Option<String>,
    /// After so many microseconds.
    pub latency_us: u64,
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
    /// Whether it fails where the usual size works.
    pub odd: bool,
    /// Entry of the records.
    pub entry: String,
    /// JSON pointer of one of them.
    pub pointer: String,
}
