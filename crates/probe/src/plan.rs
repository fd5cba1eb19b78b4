//! The plan: who is asked what, how often, within which limits.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::extras::{File, Page};
use crate::record::ServerRole;
use crate::watch::Watch;

/// Everything one probe is to ask. It travels to the probe as one JSON argument.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Plan {
    /// Version of this shape, 1.
    pub format: u32,
    /// From where is asked: `workload`, `control`, `node-<node>`, `default-<node>`.
    pub vantage: String,
    /// The questions; they run at the same time, within the limits.
    pub questions: Vec<Question>,
    /// How long one try waits for its answer, in milliseconds.
    pub timeout_ms: u32,
    /// The end of the whole run, in milliseconds from its start: what is not asked by then is not asked.
    pub budget_ms: u32,
    /// Most questions a second to one server; 0 sets no limit.
    pub rate_per_server: u32,
    /// Asked before the questions until one try fails; its time is no part of the budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
    /// Pages to fetch over HTTP, beside the questions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Page>,
    /// Files to read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
}

/// Nameservers in the resolv.conf of a pod at most: the kubelet leaves out the others
/// (kubernetes/kubernetes, pkg/apis/core/validation, `MaxDNSNameservers`).
pub const MAX_OWN_SERVERS: u32 = 3;
/// Names that one typed name becomes at most: itself, and with each suffix of a search list. The
/// kubelet lets a pod have 32 suffixes; more than a few are rare, and each costs two queries.
pub const MAX_CANDIDATES: u32 = 8;
/// Most tries that one plan may ask for.
pub const MAX_TRIES: u64 = 10_000;
/// Largest UDP answer that a question may allow, in bytes: what is read of one, and little enough for
/// 512 at once.
pub(crate) const MAX_PAYLOAD: u16 = 8_192;
/// Longest that a plan may ask until something fails: a day.
const MAX_WATCH_MS: u64 = 24 * 60 * 60 * 1_000;
/// Most pages and most files of one plan.
const MAX_EXTRAS: usize = 256;

impl Plan {
    /// Reads and checks a plan.
    ///
    /// ```
    /// let err = digpod_probe::Plan::from_json("{}").unwrap_err();
    /// assert_eq!(err.to_string(), "plan has format 0, this probe reads format 1");
    /// ```
    pub fn from_json(text: &str) -> Result<Self, BadPlan> {
        let plan: Self = serde_json::from_str(text)?;
        plan.check()?;
        Ok(plan)
    }

    /// Queries that it makes at most, those of its watch included; what comes back truncated is asked again over TCP beside these,
    /// and what is refused for its EDNS without that.
    pub fn most_queries(&self) -> u32 {
        let all = self.questions.iter().map(Question::most_queries);
        let watched = self.watch.as_ref().map_or(0, Watch::most_queries);
        all.fold(watched, u32::saturating_add)
    }

    /// Whether the probe can carry this plan out. It looks at shape and limits; a name that cannot
    /// be asked for becomes a record that says so.
    pub fn check(&self) -> Result<(), BadPlan> {
        if self.format != 1 {
            return Err(BadPlan::Format(self.format));
        }
        if self.timeout_ms == 0 {
            return Err(BadPlan::Zero("timeoutMs"));
        }
        if self.budget_ms == 0 {
            return Err(BadPlan::Zero("budgetMs"));
        }
        let tries = self.questions.iter().map(|q| u64::from(q.tries)).sum();
        if tries > MAX_TRIES {
            return Err(BadPlan::TooManyTries(tries));
        }
        let watched = self.watch.as_ref();
        if watched.is_some_and(|it| it.limit_ms() > MAX_WATCH_MS) {
            return Err(BadPlan::TooLong);
        }
        let watched = watched.into_iter().flat_map(|it| &it.questions);
        for question in self.questions.iter().chain(watched) {
            if let Target::Server { address, .. } = &question.target
                && address.parse::<SocketAddr>().is_err()
            {
                return Err(BadPlan::Address(address.clone()));
            }
            if let Some(payload) = question.payload.filter(|it| *it > MAX_PAYLOAD) {
                return Err(BadPlan::Payload(payload));
            }
        }
        for page in &self.pages {
            if page.address.parse::<SocketAddr>().is_err() {
                return Err(BadPlan::Address(page.address.clone()));
            }
        }
        if self.pages.len().max(self.files.len()) > MAX_EXTRAS {
            return Err(BadPlan::TooManyExtras);
        }
        Ok(())
    }
}

/// Why a plan cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum BadPlan {
    /// No JSON, or not of this shape.
    #[error("plan is not readable: {0}")]
    Json(#[from] serde_json::Error),
    /// A version that this probe does not know.
    #[error("plan has format {0}, this probe reads format 1")]
    Format(u32),
    /// A limit of nothing.
    #[error("plan's {0} is 0 or missing")]
    Zero(&'static str),
    /// More than [`MAX_TRIES`].
    #[error("plan asks for {0} tries, the most is {MAX_TRIES}")]
    TooManyTries(u64),
    /// A server that is no `address:port`.
    #[error("plan names the server {0:?}, which is no address:port")]
    Address(String),
    /// Larger answers than are read whole.
    #[error("plan allows UDP answers of {0} bytes, the most is {MAX_PAYLOAD}")]
    Payload(u16),
    /// More than [`MAX_WATCH_MS`].
    #[error("plan asks for longer than a day until something fails")]
    TooLong,
    /// More than [`MAX_EXTRAS`].
    #[error("plan wants more than {MAX_EXTRAS} pages or files")]
    TooManyExtras,
}

impl BadPlan {
    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Json(_) => "pass the plan as one JSON argument: --plan '{\"format\":1, ...}'",
            Self::Format(_) => "use the probe image of the same release as digpod",
            Self::Zero(_) => "give every plan a timeout and a budget in milliseconds",
            Self::TooManyTries(_) => "ask fewer names, fewer servers or fewer tries",
            Self::Payload(_) => "ask for larger answers over TCP",
            Self::TooLong => "watch for a day at most",
            Self::TooManyExtras => "split it into several plans",
            Self::Address(_) => "write servers as 10.0.0.10:53 or [fd00::a]:53",
        }
    }
}

/// One question, asked `tries` times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// Whom to ask.
    pub target: Target,
    /// The name, fully qualified with its final dot, unless `search` says that it was typed.
    pub name: String,
    /// Record type as a mnemonic: `A`, `AAAA`, `PTR`.
    #[serde(rename = "type")]
    pub record_type: String,
    /// UDP or TCP.
    pub transport: Transport,
    /// What the name stands for in the diagnosis.
    pub class: NameClass,
    /// How often it is asked.
    pub tries: u32,
    /// Pause between the starts of two tries, in milliseconds.
    pub interval_ms: u32,
    /// Whether AAAA is asked in the same moment, as glibc does; a try is then two records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair>,
    /// What EDNS says a UDP answer may weigh, in bytes; 0 sends no EDNS, as glibc does by default.
    /// Without it 1,232 bytes, which pass every usual path in one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<u16>,
    /// Whether the server is asked not to validate with DNSSEC (the CD bit, RFC 4035, section 3.2.2):
    /// what it then answers and otherwise fails, it fails because of a signature.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub checking_disabled: bool,
    /// Whether `name` is as somebody typed it: asked are the names that a resolver would make of it
    /// with the search list of the probe's own resolv.conf, [`MAX_CANDIDATES`] at most, each for
    /// its type and for AAAA.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub search: bool,
}

/// How A and AAAA leave together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pair {
    /// From one socket, one right after the other: the two can meet in the node's connection
    /// tracking before either is known there, and one of them is then dropped (glibc and musl do so).
    OneSocket,
    /// From two sockets (glibc with `single-request-reopen`): the same load without that danger.
    TwoSockets,
}

impl Question {
    /// Asked once over UDP, with everything else as it is usual.
    pub fn once(target: Target, name: impl Into<String>, record_type: impl Into<String>) -> Self {
        Self {
            target,
            name: name.into(),
            record_type: record_type.into(),
            transport: Transport::Udp,
            class: NameClass::Custom,
            tries: 1,
            interval_ms: 0,
            pair: None,
            payload: None,
            checking_disabled: false,
            search: false,
        }
    }

    /// Queries that one server gets at most: one a try, times the names that a typed one may become
    /// and the two of a pair.
    pub const fn most_to_one_server(&self) -> u32 {
        let names = match (self.search, self.pair) {
            (true, _) => 2 * MAX_CANDIDATES,
            (false, Some(_)) => 2,
            (false, None) => 1,
        };
        self.tries.saturating_mul(names)
    }

    /// Queries that it makes at most: one a try, times the servers of an own list, the names that a
    /// typed one may become and the two of a pair.
    pub const fn most_queries(&self) -> u32 {
        let servers = match self.target {
            Target::Server { .. } => 1,
            Target::OwnEach | Target::OwnWalk => MAX_OWN_SERVERS,
        };
        self.most_to_one_server().saturating_mul(servers)
    }
}

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Target {
    /// A server that the planner knows.
    Server {
        /// `address:port`, IPv6 in brackets.
        address: String,
        /// What it is in this cluster.
        role: ServerRole,
    },
    /// Each nameserver of the probe's own resolv.conf, one by one, but for those that the plan asks
    /// the same by their address.
    OwnEach,
    /// The nameservers of the probe's own resolv.conf in listed order, the first three at most, as
    /// a stub resolver walks them: the next one only on a timeout, SERVFAIL, NOTIMP or REFUSED, or
    /// where no message of DNS came back at all. Each step is a record of the same try.
    OwnWalk,
}

/// How a question travels.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// UDP, by TCP again when the answer is truncated.
    #[default]
    Udp,
    /// TCP.
    Tcp,
}

/// What a name stands for in the diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameClass {
    /// A name of the cluster itself: needs no upstream.
    Cluster,
    /// A public name that every upstream should know.
    Public,
    /// A name the user says fails.
    Custom,
    /// A name that cannot exist: anything but NXDOMAIN is somebody's invention.
    Nonexistent,
}
