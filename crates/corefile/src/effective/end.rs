//! How the way of a query ends.

use super::forward::Policy;
use crate::tree::Span;

/// How likely an upstream is to be asked first: so many of so many queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Odds {
    /// Queries that go to it first.
    pub of: u32,
    /// Of this many.
    pub among: u32,
}

/// How a query is sent to an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// As the client sent it: by UDP or by TCP.
    AsAsked,
    /// By UDP; again by TCP if the answer is truncated.
    UdpFirst,
    /// By TCP.
    Tcp,
    /// By TCP and TLS.
    Tls,
    /// By HTTPS.
    Https,
    /// By QUIC.
    Quic,
}

/// An upstream that a query may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The address, or the path of the file that lists addresses.
    pub to: String,
    /// Where it stands.
    pub span: Span,
    /// Whether it is a file: it may list none, one or several.
    pub is_file: bool,
    /// How likely it is asked first; `None` where a file of unknown length is among the upstreams.
    pub odds: Option<Odds>,
    /// How the query is sent.
    pub delivery: Delivery,
}

/// How the way of a query ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// No server block serves the name here: REFUSED.
    NoBlock,
    /// The block serves the zone and has no plugin that handles queries: REFUSED.
    EmptyBlock,
    /// The class is not IN, and no plugin of this listener takes others: REFUSED.
    Class,
    /// No plugin is left to ask: SERVFAIL, `no next plugin found`.
    NoNextPlugin,
    /// A plugin answers with a response code of its own: `REFUSED`, `SERVFAIL`, `NXDOMAIN`; with no
    /// records.
    Rcode(String),
    /// A plugin drops the query: no answer at all.
    Dropped,
    /// A plugin answers with what the Corefile says: records, or none of this type.
    Answer(Vec<String>),
    /// A plugin answers with what it holds, which is not in the Corefile.
    Data(String),
    /// Upstreams are asked.
    Forwarded {
        /// How they are chosen.
        policy: Policy,
        /// In listed order.
        hops: Vec<Hop>,
        /// Queries under way beyond which this one gets REFUSED (SERVFAIL before 1.8.1).
        max_concurrent: Option<u64>,
        /// Response codes upon which the next upstream is asked.
        failover: Vec<String>,
        /// Response codes upon which the next `forward` of the block that takes the name is asked.
        next: Vec<String>,
    },
}

impl End {
    /// One sentence without its subject: `gets REFUSED: no server block serves the name`.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoBlock => "REFUSED: no server block serves the name".to_owned(),
            Self::EmptyBlock => {
                "REFUSED: the server block has no plugin that handles queries".to_owned()
            }
            Self::Class => "REFUSED: only queries of class IN are taken here".to_owned(),
            Self::NoNextPlugin => "SERVFAIL: no next plugin found".to_owned(),
            Self::Rcode(rcode) => rcode.clone(),
            Self::Dropped => "no answer: the query is dropped".to_owned(),
            Self::Answer(records) if records.is_empty() => "NOERROR without records".to_owned(),
            Self::Answer(records) => format!("answers {}", records.join(", ")),
            Self::Data(what) => what.clone(),
            Self::Forwarded {
                policy,
                hops,
                max_concurrent,
                failover,
                next,
            } => {
                let mut parts = vec![upstreams(*policy, hops)];
                if let Some(limit) = max_concurrent {
                    parts.push(format!(
                        "refused while {limit} queries are under way already"
                    ));
                }
                if !failover.is_empty() {
                    let list = failover.join(", ");
                    parts.push(format!("the next upstream is asked after {list}"));
                }
                if !next.is_empty() {
                    let list = next.join(", ");
                    parts.push(format!("the next forward is asked after {list}"));
                }
                parts.join("; ")
            }
        }
    }
}

fn upstreams(policy: Policy, hops: &[Hop]) -> String {
    let list: Vec<String> = hops
        .iter()
        .map(|hop| {
            let mut text = if hop.is_file {
                format!("the servers in {}", hop.to)
            } else {
                hop.to.clone()
            };
            match hop.delivery {
                Delivery::AsAsked => {}
                Delivery::UdpFirst => text.push_str(" (UDP first)"),
                Delivery::Tcp => text.push_str(" (TCP)"),
                Delivery::Tls => text.push_str(" (TLS)"),
                Delivery::Https => text.push_str(" (HTTPS)"),
                Delivery::Quic => text.push_str(" (QUIC)"),
            }
            text
        })
        .collect();
    let one = matches!(hops, [hop] if !hop.is_file);
    let list = list.join(", ");
    let how = match policy {
        _ if one => "asks",
        Policy::Random => "asks in random order",
        Policy::RoundRobin => "asks, each query beginning with another one,",
        Policy::Sequential => "asks in this order",
        Policy::Unknown => "asks in an order that CoreDNS does not know",
    };
    format!("{how} {list}; the first answer counts, whatever its response code")
}
