//! What a lookup ends with.

use std::fmt;
use std::net::IpAddr;

use crate::Implementation;

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It gave addresses.
    Found,
    /// It does not exist.
    NoSuchName,
    /// It exists, without addresses.
    NoData,
    /// It is an alias, and the reply had no address for it.
    AliasOnly,
    /// The servers failed (SERVFAIL).
    ServFail,
    /// The servers gave another error, REFUSED for example.
    OtherError,
    /// No reply in time.
    TimedOut,
    /// Nobody listens on any server.
    Closed,
    /// No question could be made of it.
    Broken,
    /// It was not reached.
    NotTried,
}

/// Where the walk over the candidates ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The candidate, as index in [`crate::Plan::candidates`]; `None` if none was asked for.
    pub candidate: Option<usize>,
    /// The rule.
    pub rule: StopRule,
}

/// Rules that end the walk over the candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopRule {
    /// There were addresses.
    Found,
    /// All candidates were tried.
    Exhausted,
    /// musl: a name that exists without addresses ends the walk.
    NoDataEnds,
    /// musl: anything but "no such name" ends the walk.
    FailureEnds,
    /// glibc: an alias without address ends the walk.
    AliasEnds,
    /// glibc: nobody listens on any server.
    NobodyListens,
    /// musl up to 1.2.3: a candidate that is no valid name ends the walk.
    BrokenEnds,
    /// A TCP reply never comes, and glibc waits for it without a limit.
    NeverEnds,
    /// Nothing was asked.
    NothingAsked,
    /// musl: `attempts:0` or `timeout:0` leave no time to ask.
    NoTime,
}

/// What the program gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Addresses, those of A first; programs see them sorted by RFC 6724.
    Addresses(Vec<IpAddr>),
    /// An error.
    Failed(LookupError),
}

/// Errors of a lookup, as `getaddrinfo` and Go's `net` name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// `EAI_NONAME`: the name does not exist.
    NoName,
    /// `EAI_NODATA`: it exists without addresses.
    NoData,
    /// `EAI_AGAIN`: no server gave an answer.
    Again,
    /// `EAI_FAIL`: a server gave an error that does not pass.
    Fail,
    /// musl with `attempts:0` divides by 0: the process dies (SIGFPE).
    DividesByZero,
    /// glibc fails an assertion about its search list: the process dies (SIGABRT).
    Aborts,
    /// glibc waits for a TCP reply, or reads a `sortlist` line, for ever.
    NeverReturns,
    /// Go's error, and the server that it names.
    Go(GoError, Option<IpAddr>),
}

/// Kinds of Go's `DNSError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GoError {
    /// `no such host`; `IsNotFound`.
    NoSuchHost,
    /// `server misbehaving` after SERVFAIL; `IsTemporary`.
    ServerFailure,
    /// `server misbehaving` after another error.
    ServerMisbehaving,
    /// `lame referral`.
    LameReferral,
    /// `i/o timeout`; `IsTimeout`.
    Timeout,
    /// `connection refused`.
    ConnectionRefused,
    /// `cannot marshal DNS message`: the candidate is no valid name.
    CannotMarshal,
    /// `invalid DNS response`, by TCP.
    InvalidResponse,
    /// `no suitable address found`: an `AddrError`, for names that are never asked for.
    NoAddress,
}

impl GoError {
    /// The words in the error's text.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoSuchHost => "no such host",
            Self::ServerFailure | Self::ServerMisbehaving => "server misbehaving",
            Self::LameReferral => "lame referral",
            Self::Timeout => "i/o timeout",
            Self::ConnectionRefused => "connection refused",
            Self::CannotMarshal => "cannot marshal DNS message",
            Self::InvalidResponse => "invalid DNS response",
            Self::NoAddress => "no suitable address found",
        }
    }
}

impl LookupError {
    /// The code of `getaddrinfo`, or `DNSError`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoName => "EAI_NONAME",
            Self::NoData => "EAI_NODATA",
            Self::Again => "EAI_AGAIN",
            Self::Fail => "EAI_FAIL",
            Self::NeverReturns => "no return",
            Self::DividesByZero => "SIGFPE",
            Self::Aborts => "SIGABRT",
            Self::Go(..) => "DNSError",
        }
    }

    /// What the program prints (`gai_strerror`, `DNSError.Error`).
    pub fn message(self, implementation: Implementation, name: &str) -> String {
        if let Self::Go(error, server) = self {
            let on = server.map_or(String::new(), |it| {
                format!(" on {}", std::net::SocketAddr::new(it, 53))
            });
            return format!("lookup {name}{on}: {}", error.text());
        }
        let musl = matches!(implementation, Implementation::Musl(_));
        let text = match self {
            Self::NoName if musl => "Name does not resolve",
            Self::NoName => "Name or service not known",
            Self::NoData if musl => "Name has no usable address",
            Self::NoData => "No address associated with hostname",
            Self::Again if musl => "Try again",
            Self::Again => "Temporary failure in name resolution",
            Self::Fail if musl => "Non-recoverable error",
            Self::Fail => "Non-recoverable failure in name resolution",
            Self::DividesByZero => "(the process dies of a division by zero)",
            Self::Aborts => "(the process dies of a failed assertion)",
            Self::NeverReturns | Self::Go(..) => "(the call never returns)",
        };
        text.to_owned()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Found => "found",
            Self::NoSuchName => "no such name",
            Self::NoData => "exists, without addresses",
            Self::AliasOnly => "an alias without address",
            Self::ServFail => "the servers failed (SERVFAIL)",
            Self::OtherError => "the servers gave an error",
            Self::TimedOut => "no reply in time",
            Self::Closed => "nobody listens on any server",
            Self::Broken => "no valid name, not asked for",
            Self::NotTried => "not tried",
        })
    }
}

impl fmt::Display for StopRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Found => "there are addresses, so nothing more is asked",
            Self::Exhausted => "no candidate is left",
            Self::NoDataEnds => {
                "musl ends the walk at a name that exists without addresses, even if a later candidate has some"
            }
            Self::FailureEnds => {
                "musl ends the walk at anything but \"no such name\": no reply, SERVFAIL or another error"
            }
            Self::AliasEnds => "glibc ends the walk at an alias without address",
            Self::NobodyListens => "nobody listens on any server, so glibc gives up at once",
            Self::BrokenEnds => "musl ends the walk at a candidate that is no valid name",
            Self::NeverEnds => "glibc waits for a TCP reply without a limit",
            Self::NothingAsked => "no question is sent",
            Self::NoTime => "the options leave musl no time to ask",
        })
    }
}
