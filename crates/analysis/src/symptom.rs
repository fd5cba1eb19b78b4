//! Symptoms: classes of observed failure (rule-catalogue 1.2).

/// A class of failure that was observed, or that the user reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "the catalogue's classes, described by `as_str`'s words"
)]
pub enum Symptom {
    All,
    Internal,
    External,
    Custom,
    Intermittent,
    Timeout,
    Servfail,
    Nxdomain,
    Refused,
    Nodata,
    Slow,
    FiveSeconds,
    Tcp,
    Namespace,
    Node,
    Replica,
    PodOnly,
    NodeToo,
    Startup,
    Burst,
    ShortName,
    Musl,
}

impl Symptom {
    /// What a person reads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "every name fails",
            Self::Internal => "cluster names fail",
            Self::External => "public names fail",
            Self::Custom => "the names in question fail",
            Self::Intermittent => "it fails only some of the time",
            Self::Timeout => "queries time out",
            Self::Servfail => "answers are SERVFAIL",
            Self::Nxdomain => "answers are NXDOMAIN",
            Self::Refused => "answers are REFUSED",
            Self::Nodata => "answers are empty",
            Self::Slow => "answers are slow",
            Self::FiveSeconds => "answers come in steps of five seconds",
            Self::Tcp => "only TCP or large answers fail",
            Self::Namespace => "only some namespaces fail",
            Self::Node => "only some nodes fail",
            Self::Replica => "one CoreDNS pod fails",
            Self::PodOnly => "the pod fails and the node works",
            Self::NodeToo => "the node fails as well",
            Self::Startup => "only the first seconds of a pod fail",
            Self::Burst => "failures come in bursts",
            Self::ShortName => "names fail as typed",
            Self::Musl => "only musl images fail",
        }
    }
}
