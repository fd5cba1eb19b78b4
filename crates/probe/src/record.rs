//! Records: every try, with what was sent and what came back.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::extras::{FetchedPage, ReadFile};
use crate::plan::{NameClass, Pair, Target, Transport};
use crate::watch::Watched;

/// Everything one probe brought back; `probes/<vantage>/records.json` in a bundle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProbeOutput {
    /// Version of this shape, 1.
    pub format: u32,
    /// From where was asked.
    pub vantage: String,
    /// Version of the probe.
    pub probe_version: String,
    /// resolv.conf as the probe found it.
    pub resolv_conf: String,
    /// Node it ran on, if it was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// When it began, RFC 3339 UTC by its own clock.
    pub started: String,
    /// Every try, in the order of `n`.
    pub records: Vec<Record>,
    /// Whether the trailer was seen and agreed: `false` means that records may be missing.
    pub complete: bool,
    /// How many records the probe says it has, if its last line arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced: Option<u32>,
    /// Whether wire bytes were left out of some records to keep the output small.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trimmed: bool,
    /// What the plan wanted and the budget did not allow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_asked: Vec<NotAsked>,
    /// What came of asking until it fails; it becomes an entry of its own.
    #[serde(skip)]
    pub watched: Option<Watched>,
    /// Pages that it fetched; they become entries of their own.
    #[serde(skip)]
    pub pages: Vec<FetchedPage>,
    /// Files that it read; they become entries of their own.
    #[serde(skip)]
    pub files: Vec<ReadFile>,
}

impl ProbeOutput {
    /// The numbers of the records that are known to be missing, as ranges in rising order.
    pub fn missing(&self) -> Vec<RangeInclusive<u32>> {
        let numbers: BTreeSet<u32> = self.records.iter().map(|record| record.n).collect();
        let mut missing = Vec::new();
        let mut next = 1;
        for n in numbers {
            if n > next {
                missing.push(next..=n - 1);
            }
            next = next.max(n.saturating_add(1));
        }
        if let Some(last) = self.announced
            && last >= next
        {
            missing.push(next..=last);
        }
        missing
    }
}

/// Tries of one question that were not sent before the budget ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotAsked {
    /// Whom the plan asked for.
    pub target: Target,
    /// `address:port` that would have been asked next.
    pub server: String,
    /// The name.
    pub name: String,
    /// Record type as a mnemonic.
    #[serde(rename = "type")]
    pub record_type: String,
    /// How it would have been asked.
    pub transport: Transport,
    /// Whether it would have been one of two that leave together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair>,
    /// What was typed, where the name was made of it with a search list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// How many tries are missing; a walk that ended half-way counts.
    pub tries: u32,
}

/// One try of one question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Number of the record, from 1 without gaps: a missing one is a known loss.
    pub n: u32,
    /// Whom the plan asked for.
    pub target: Target,
    /// `address:port` that was asked; empty where resolv.conf names nobody.
    pub server: String,
    /// The name that was asked for.
    pub name: String,
    /// Record type as a mnemonic.
    #[serde(rename = "type")]
    pub record_type: String,
    /// How it was asked.
    pub transport: Transport,
    /// Whether it was one of two that left together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair>,
    /// What EDNS said, where the plan wanted a size of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<u16>,
    /// Whether the server was asked not to validate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub checking_disabled: bool,
    /// What was typed, where the name was made of it with a search list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// What the name stands for.
    pub class: NameClass,
    /// Which try of its question, from 1.
    #[serde(rename = "try")]
    pub try_: u32,
    /// When it was sent, in microseconds from the start of the run.
    pub sent_us: u64,
    /// Until the answer or the end of waiting, in microseconds.
    pub latency_us: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Response code as a number, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rcode: Option<u16>,
    /// Flags of the answer, in the order `qr aa tc rd ra ad cd`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Answer records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// Whether a truncated UDP answer made it ask again by TCP; the record shows the TCP answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retried_over_tcp: bool,
    /// The query as sent, hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// The answer as received, hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reply: String,
    /// The code with which the server refused the query with EDNS (FORMERR 1, NOTIMP 4, BADVERS 16),
    /// where it answered the one without it; the record shows that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edns_refused: Option<u16>,
    /// The system's own words where no answer came; or what of the answer is not kept, or how it
    /// came that it was asked without EDNS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A record of an answer section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Owner name with its final dot.
    pub name: String,
    /// Record type.
    #[serde(rename = "type")]
    pub record_type: String,
    /// Time to live, in seconds.
    pub ttl: u32,
    /// Data in presentation form: an address, a name with its final dot.
    pub data: String,
}

/// What became of a try (rule-catalogue words).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// NOERROR with at least one record of the type that was asked for.
    Ok,
    /// The same, but with none of the addresses that the name should have: whoever reads records knows
    /// what was expected, a probe writes [`Outcome::Ok`].
    Unexpected,
    /// NOERROR without such a record, though an alias may lead there (RFC 2308, section 2.2).
    Nodata,
    /// The name does not exist.
    Nxdomain,
    /// The server failed.
    Servfail,
    /// The server refused.
    Refused,
    /// Another response code.
    OtherRcode,
    /// An answer came that is no DNS message, or not one to this question.
    Malformed,
    /// No answer within the time allowed.
    Timeout,
    /// The port was refused (ICMP port unreachable, TCP reset).
    ConnectionRefused,
    /// No route, or administratively prohibited.
    Unreachable,
    /// The operating system refused to send (EPERM: a local packet filter).
    NotPermitted,
    /// Anything else; the record's `error` says what.
    Error,
}

impl Outcome {
    /// Whether the server answered at all.
    pub const fn is_answer(self) -> bool {
        matches!(
            self,
            Self::Ok
                | Self::Unexpected
                | Self::Nodata
                | Self::Nxdomain
                | Self::Servfail
                | Self::Refused
                | Self::OtherRcode
        )
    }

    /// The word for a person: `NXDOMAIN`, `timeout`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Unexpected => "another address",
            Self::Nodata => "NODATA",
            Self::Nxdomain => "NXDOMAIN",
            Self::Servfail => "SERVFAIL",
            Self::Refused => "REFUSED",
            Self::OtherRcode => "other rcode",
            Self::Malformed => "malformed",
            Self::Timeout => "timeout",
            Self::ConnectionRefused => "connection refused",
            Self::Unreachable => "unreachable",
            Self::NotPermitted => "not permitted",
            Self::Error => "error",
        }
    }
}

/// What a server is in this cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerRole {
    /// The DNS Service's address.
    Service,
    /// One CoreDNS pod, past the Service.
    CorednsPod,
    /// A node-local cache.
    NodeLocal,
    /// A server that CoreDNS forwards to.
    Upstream,
    /// The cloud platform's resolver, where nothing forwards to it: asked to compare with.
    Platform,
    /// A server of the probe's own resolv.conf.
    Own,
}
