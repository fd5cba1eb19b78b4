//! Lines of the life of a process: starts, reloads, ends, notes (rule catalogue, appendices A.4, A.7).

use std::ops::Range;

/// A kind of line about the process itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// `plugin/reload: Running configuration …`; `detail` is `SHA512 = <hex>`, before 1.9.1
    /// `MD5 = <hex>`: the hash of the parsed tokens.
    RunningConfiguration,
    /// `Reloading`.
    Reloading,
    /// `Reloading complete`.
    ReloadComplete,
    /// `SIGTERM`, `SIGINT` or `SIGQUIT`: the process ends; `detail` names it.
    Terminated,
    /// `SIGUSR1`: reload asked for from outside.
    ReloadAsked,
    /// `plugin/health: Going into lameduck mode for …`; `detail` is the duration.
    Lameduck,
    /// `plugin/ready`: plugins that are not ready; `detail` is their list.
    NotReady,
    /// `plugin/kubernetes: waiting for Kubernetes API before starting server`.
    WaitingForApi,
    /// `No files matching import glob pattern`, benign; `detail` is the pattern.
    NoImport,
    /// `plugin/hosts: File does not exist`; `detail` is the path.
    HostsFileMissing,
    /// `plugin/forward: Unsupported CIDR notation`.
    UnsupportedCidr,
    /// `plugin/acl: … Unable to parse source address`.
    SourceUnreadable,
    /// `Failed to start metrics handler`; `detail` is the reason.
    MetricsFailed,
    /// `maxprocs: …`; `detail` is the line: it gives the CPU limit.
    CpuLimit,
    /// node-cache reads or rewrites its Corefile.
    NodeCacheCorefile,
    /// node-cache puts its interface or packet filter rules in place again.
    NodeCacheRepaired,
    /// node-cache could not set up its interface, its rules or its Corefile; `detail` is the line.
    NodeCacheFailed,
    /// node-cache ends and takes its interface away.
    NodeCacheEnds,
    /// dnsmasq of kube-dns: `Maximum number of concurrent DNS queries reached`.
    DnsmasqLimit,
}

impl EventKind {
    /// All there are, in their order.
    pub const ALL: [Self; 19] = [
        Self::RunningConfiguration,
        Self::Reloading,
        Self::ReloadComplete,
        Self::Terminated,
        Self::ReloadAsked,
        Self::Lameduck,
        Self::NotReady,
        Self::WaitingForApi,
        Self::NoImport,
        Self::HostsFileMissing,
        Self::UnsupportedCidr,
        Self::SourceUnreadable,
        Self::MetricsFailed,
        Self::CpuLimit,
        Self::NodeCacheCorefile,
        Self::NodeCacheRepaired,
        Self::NodeCacheFailed,
        Self::NodeCacheEnds,
        Self::DnsmasqLimit,
    ];

    /// What a person reads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RunningConfiguration => "running configuration",
            Self::Reloading => "reloading",
            Self::ReloadComplete => "reload complete",
            Self::Terminated => "told to end",
            Self::ReloadAsked => "told to reload",
            Self::Lameduck => "lame duck before the end",
            Self::NotReady => "plugins not ready",
            Self::WaitingForApi => "waiting for the Kubernetes API",
            Self::NoImport => "import pattern matches no file",
            Self::HostsFileMissing => "hosts file missing",
            Self::UnsupportedCidr => "unsupported CIDR",
            Self::SourceUnreadable => "source address unreadable",
            Self::MetricsFailed => "metrics not served",
            Self::CpuLimit => "CPU limit",
            Self::NodeCacheCorefile => "node-cache reads its Corefile",
            Self::NodeCacheRepaired => "node-cache repaired its set-up",
            Self::NodeCacheFailed => "node-cache set-up failed",
            Self::NodeCacheEnds => "node-cache ends",
            Self::DnsmasqLimit => "dnsmasq at its limit",
        }
    }
}

/// A line about the process itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which kind.
    pub kind: EventKind,
    /// The line without its line feed, in bytes of the whole log.
    pub span: Range<usize>,
    /// Time stamp of the line, as written.
    pub stamp: Option<String>,
    /// What the kind says of it, at most 1,024 bytes.
    pub detail: Option<String>,
}

/// How often a kind of event was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCount {
    /// Which kind.
    pub kind: EventKind,
    /// How often.
    pub count: u64,
}

/// A start of the process, from its banner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Zones it serves as the banner writes them, `.:53` or `tls://.:853 on 10.0.0.1`; at most 256.
    pub zones: Vec<String>,
    /// Version, like `1.12.1`.
    pub version: Option<String>,
    /// Platform, like `linux/amd64`.
    pub platform: Option<String>,
    /// Version of Go, like `go1.24.1`.
    pub go: Option<String>,
    /// First line of the banner that was seen, in bytes of the whole log.
    pub span: Range<usize>,
    /// Time stamp of that line, as written.
    pub stamp: Option<String>,
}

/// The error that ended a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartupError {
    /// Plugin that refused, without `plugin/`.
    pub plugin: Option<String>,
    /// File it was read from, as `CoreDNS` names it.
    pub file: Option<String>,
    /// Line in that file, from 1.
    pub line: Option<u32>,
    /// What is wrong, in `CoreDNS`'s words; lines that a quoted token goes on in are joined with `\n`.
    pub message: String,
    /// Its first line without its line feed, in bytes of the whole log.
    pub span: Range<usize>,
    /// Time stamp of the line, as written.
    pub stamp: Option<String>,
}

/// Why listing or watching the Kubernetes API failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiReason {
    /// The service account may not: RBAC.
    Forbidden,
    /// No answer in time.
    Timeout,
    /// The connection was refused.
    Refused,
    /// No route, or the network is unreachable.
    Unroutable,
    /// The certificate is not trusted, or a clock is wrong.
    Certificate,
    /// The token is not accepted.
    Unauthorized,
    /// The server does not know the kind: versions too far apart.
    UnknownKind,
    /// The API's name could not be resolved.
    NameUnresolved,
    /// Anything else, or the line does not say.
    Other,
}

/// Failures of the Kubernetes API of one kind of object and one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiFailure {
    /// Kind of object, like `EndpointSlice`; empty where the line does not say.
    pub kind: String,
    /// Why.
    pub reason: ApiReason,
    /// How often.
    pub count: u64,
}
