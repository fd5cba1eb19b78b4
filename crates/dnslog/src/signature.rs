//! What is counted.

use std::ops::Range;

/// A kind of line that means something for a diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signature {
    /// `plugin/errors`: an upstream did not answer in time.
    IoTimeout,
    /// `plugin/errors`: an upstream's port is closed.
    ConnectionRefused,
    /// `plugin/errors`: no route to host, network unreachable.
    Unroutable,
    /// `[FATAL] plugin/loop`: CoreDNS saw its own query; it exits.
    Loop,
    /// `plugin/errors`: every upstream is marked down.
    NoHealthyProxies,
    /// `plugin/errors`: `max_concurrent` of `forward` was reached.
    MaxConcurrent,
    /// `plugin/reload`: the changed Corefile was refused; the old one serves. Where the restart was
    /// tried, the server and the plugin say so in a line each.
    ReloadFailed,
    /// `plugin/kubernetes` or client-go: listing or watching the API failed.
    ApiListWatch,
    /// A bare error at start: CoreDNS exits.
    StartupError,
    /// A panic.
    Panic,
    /// `plugin/kubernetes`: the server started before the API was read.
    UnsyncedApi,
    /// `plugin/errors`: no plugin answered for the name.
    NoNextPlugin,
    /// `plugin/errors`: an answer could not be read.
    MalformedAnswer,
    /// `plugin/health`: CoreDNS's question to itself was slow or failed.
    Unhealthy,
    /// `plugin/errors`: anything else.
    OtherError,
    /// `plugin/errors`: the kernel of `CoreDNS`'s own node did not let the packet out: a packet
    /// filter, a network policy, a full connection table.
    NotPermitted,
    /// `plugin/errors`: the upstream broke an established TCP connection.
    ConnectionReset,
    /// `plugin/errors`: the upstream ended a connection before it answered (`EOF`).
    ConnectionClosed,
    /// `plugin/errors`: TLS to the upstream failed: certificate, name, or no TLS at all.
    Tls,
}

impl Signature {
    /// All there are, in their order.
    pub const ALL: [Self; 19] = [
        Self::IoTimeout,
        Self::ConnectionRefused,
        Self::Unroutable,
        Self::Loop,
        Self::NoHealthyProxies,
        Self::MaxConcurrent,
        Self::ReloadFailed,
        Self::ApiListWatch,
        Self::StartupError,
        Self::Panic,
        Self::UnsyncedApi,
        Self::NoNextPlugin,
        Self::MalformedAnswer,
        Self::Unhealthy,
        Self::OtherError,
        Self::NotPermitted,
        Self::ConnectionReset,
        Self::ConnectionClosed,
        Self::Tls,
    ];

    /// What a person reads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IoTimeout => "upstream i/o timeout",
            Self::ConnectionRefused => "upstream refused the connection",
            Self::Unroutable => "no route to upstream",
            Self::Loop => "forwarding loop",
            Self::NoHealthyProxies => "no healthy upstream",
            Self::MaxConcurrent => "max_concurrent reached",
            Self::ReloadFailed => "reload failed",
            Self::ApiListWatch => "Kubernetes API list or watch failed",
            Self::StartupError => "start-up error",
            Self::Panic => "panic",
            Self::UnsyncedApi => "started without the Kubernetes API",
            Self::NoNextPlugin => "no plugin answers the name",
            Self::MalformedAnswer => "unreadable answer",
            Self::Unhealthy => "slow to answer itself",
            Self::OtherError => "other error",
            Self::NotPermitted => "packet to upstream not permitted",
            Self::ConnectionReset => "upstream reset the connection",
            Self::ConnectionClosed => "upstream closed the connection",
            Self::Tls => "TLS to upstream failed",
        }
    }
}

/// A line that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which kind.
    pub signature: Signature,
    /// The line without its line feed, in bytes of the whole log.
    pub span: Range<usize>,
    /// Server it is about, `address:port`.
    pub server: Option<String>,
    /// `udp` or `tcp`.
    pub proto: Option<String>,
    /// Name that was asked for.
    pub name: Option<String>,
    /// Record type that was asked for.
    pub record_type: Option<String>,
    /// Zone of a loop.
    pub zone: Option<String>,
    /// Time stamp of the line, as written.
    pub stamp: Option<String>,
}

/// How often a kind of line was seen about a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Which kind.
    pub signature: Signature,
    /// Server it is about.
    pub server: Option<String>,
    /// How often; a consolidated line counts as often as it says.
    pub count: u64,
    /// How many of them were `HINFO` queries: the loop plugin's own test at start.
    pub hinfo: u64,
    /// How many of them were over TCP; the others over UDP, or the line does not say.
    pub tcp: u64,
}
