//! What an implementation really uses of a resolv.conf, and what it leaves out.

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use crate::Implementation;

/// A value that counts, and where it was written; no place means that it is a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<T> {
    /// The value as it is used.
    pub value: T,
    /// The bytes of the text that set it; `None` for a default or one from the environment.
    pub span: Option<Range<usize>>,
}

impl<T> Value<T> {
    pub(crate) fn default_of(value: T) -> Self {
        Self { value, span: None }
    }

    pub(crate) fn written(value: T, span: Range<usize>) -> Self {
        Self {
            value,
            span: Some(span),
        }
    }
}

/// A server that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its address; port 53.
    pub address: IpAddr,
    /// What stands after `%` of an IPv6 address: the interface.
    pub scope: Option<String>,
    /// Where it was written; `None` for the default, loopback.
    pub span: Option<Range<usize>>,
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.address)?;
        match &self.scope {
            Some(scope) => write!(out, "%{scope}"),
            None => Ok(()),
        }
    }
}

/// What the resolver reads besides the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Environment<'a> {
    /// The host's name; glibc and Go search its domain when the file names none.
    pub hostname: Option<&'a str>,
    /// `LOCALDOMAIN`, which replaces the search list for glibc.
    pub localdomain: Option<&'a str>,
    /// `RES_OPTIONS`, which adds options for glibc.
    pub res_options: Option<&'a str>,
}

/// What one implementation uses of a resolv.conf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who reads.
    pub implementation: Implementation,
    /// The servers that are asked, in the order of the file; never empty.
    pub servers: Vec<Server>,
    /// The domains that are appended, in order, as written.
    pub search: Vec<Value<String>>,
    /// Dots that a name needs to be tried as it is first.
    pub ndots: Value<u32>,
    /// Time for the first server, in milliseconds (glibc, Go); time for one name (musl).
    pub timeout_ms: Value<u64>,
    /// Rounds over all servers (glibc, Go); times that a question is sent in `timeout_ms` (musl).
    pub attempts: Value<u32>,
    /// Start each question at another server.
    pub rotate: Value<bool>,
    /// Send A and AAAA one after the other.
    pub single_request: Value<bool>,
    /// … and the second from a new socket.
    pub single_request_reopen: Value<bool>,
    /// Ask by TCP only.
    pub use_vc: Value<bool>,
    /// Send an OPT record (RFC 6891).
    pub edns0: Value<bool>,
    /// Never ask for AAAA.
    pub no_aaaa: Value<bool>,
    /// Never ask for a name without dots as it is.
    pub no_tld_query: Value<bool>,
    /// Ask for, and believe, the AD flag.
    pub trust_ad: Value<bool>,
    /// An error for one type makes it ask the next server for both (glibc from 2.41 on).
    pub strict_error: Value<bool>,
    /// What was left out or read otherwise than it looks, in the order of the text.
    pub observations: Vec<Observation>,
}

impl Settings {
    pub(crate) fn defaults(implementation: Implementation) -> Self {
        let go = matches!(implementation, Implementation::Go(_));
        Self {
            implementation,
            servers: Vec::new(),
            search: Vec::new(),
            ndots: Value::default_of(1),
            timeout_ms: Value::default_of(5000),
            attempts: Value::default_of(2),
            rotate: Value::default_of(false),
            single_request: Value::default_of(false),
            single_request_reopen: Value::default_of(false),
            use_vc: Value::default_of(false),
            edns0: Value::default_of(go),
            no_aaaa: Value::default_of(false),
            no_tld_query: Value::default_of(false),
            trust_ad: Value::default_of(false),
            strict_error: Value::default_of(false),
            observations: Vec::new(),
        }
    }

    pub(crate) fn observe(&mut self, seen: Seen, text: &str, span: Range<usize>) {
        self.observations.push(Observation {
            seen,
            text: text.to_owned(),
            span: Some(span),
            used: None,
        });
    }

    /// About an option whose value counts as `used`.
    pub(crate) fn observe_used(&mut self, seen: Seen, text: &str, span: Range<usize>, used: u32) {
        self.observations.push(Observation {
            seen,
            text: text.to_owned(),
            span: Some(span),
            used: Some(used),
        });
    }

    pub(crate) fn observe_default(&mut self, seen: Seen, text: &str) {
        self.observations.push(Observation {
            seen,
            text: text.to_owned(),
            span: None,
            used: None,
        });
    }
}

/// Something in the file that does not work as it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What.
    pub seen: Seen,
    /// The words it is about.
    pub text: String,
    /// Where they stand; `None` where something is absent.
    pub span: Option<Range<usize>>,
    /// For an option's number: the one that counts instead.
    pub used: Option<u32>,
}

/// Kinds of [`Observation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// A server after the third.
    ServerBeyondLimit,
    /// A server that is no address, or one with a scope that is not known.
    ServerUnreadable,
    /// No server is named: loopback is asked.
    NoServer,
    /// A domain beyond six, or beyond 255 characters (glibc up to 2.25).
    DomainBeyondLimit,
    /// A domain cut in the middle, where 255 characters end (glibc up to 2.25).
    DomainCut,
    /// A `search` or `domain` line that a later one replaces.
    SearchReplaced,
    /// An empty `search` line that glibc skips: the earlier list stays.
    EmptySearchSkipped,
    /// A `domain` line with more than one word; musl searches all of them, glibc and Go the first.
    DomainWithMoreWords,
    /// The root as a domain to search.
    RootInSearch,
    /// A search list that comes from the host's name.
    SearchFromHostname,
    /// A search list or options that the environment gives.
    FromEnvironment,
    /// A word that looks like a comment but is searched.
    CommentInSearch,
    /// A domain that is too long for glibc's old buffer, after little else: the process aborts.
    SearchAborts,
    /// A `sortlist` line that glibc never gets to the end of.
    SortlistHangs,
    /// A search list on a musl without search (before 1.1.13).
    SearchNotSupported,
    /// A line too long for musl's buffer of 256 bytes: it is skipped as a whole.
    LineTooLong,
    /// A keyword that does not begin its line, or has no blank after it.
    KeywordNotSeen,
    /// A line that is not understood.
    LineUnknown,
    /// A carriage return that becomes part of the value.
    CarriageReturn,
    /// A carriage return after an option, which counts all the same.
    CarriageReturnSkipped,
    /// An option that this implementation does not know.
    OptionIgnored,
    /// An option's value above the limit; the limit counts.
    OptionCapped,
    /// An option's value that is no number, or one that is taken for another.
    OptionMisread,
    /// `attempts` of 0 or less: nothing is asked (glibc), the process dies (musl).
    NoAttempts,
    /// `timeout:0`: nothing is asked (musl).
    NoTime,
    /// Something that makes Go hand the lookup to libc where the program is built with cgo.
    HandsToLibc,
}

impl Observation {
    /// What to do about it; `None` where the file may be as it should.
    pub fn help(&self) -> Option<&'static str> {
        if self.text.ends_with('\r') {
            return Some("the file has Windows line ends: convert it, as dos2unix does");
        }
        Some(match self.seen {
            Seen::ServerBeyondLimit => "keep three nameserver lines",
            Seen::ServerUnreadable => "write one IPv4 or IPv6 address after nameserver",
            Seen::SearchReplaced => "write all domains on one search line",
            Seen::EmptySearchSkipped => "remove the line",
            Seen::DomainWithMoreWords => "write search instead of domain",
            Seen::CommentInSearch => "put the comment on a line of its own",
            Seen::SearchAborts => "shorten the search list",
            Seen::SortlistHangs => "remove the line, or write addresses: sortlist 10.0.0.0/8",
            Seen::LineTooLong => "shorten the line",
            Seen::KeywordNotSeen => "begin the line with the keyword",
            Seen::NoAttempts => "write attempts:1 or more",
            Seen::NoTime => "write timeout:1 or more",
            _ => return None,
        })
    }
}

/// Most characters of the file that a sentence repeats.
const MOST_SHOWN: usize = 80;

/// The text without carriage returns at its end, cut where it is too long for a sentence.
fn short(text: &str) -> String {
    let text = text.trim_end_matches('\r');
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &short(&self.text);
        match self.seen {
            Seen::ServerBeyondLimit => {
                write!(
                    out,
                    "{text} is never asked: only the first three servers count"
                )
            }
            Seen::ServerUnreadable => {
                write!(out, "{text:?} is no usable address: the line is skipped")
            }
            Seen::NoServer => write!(out, "no usable server is named, so {text} is asked"),
            Seen::DomainBeyondLimit => write!(
                out,
                "{text} is not searched: this version keeps 6 domains and 255 characters"
            ),
            Seen::DomainCut => write!(
                out,
                "{text} is what is left of a domain that is cut after 255 characters"
            ),
            Seen::SearchReplaced => {
                write!(out, "{text:?} does not count: a later line replaces it")
            }
            Seen::EmptySearchSkipped => {
                write!(
                    out,
                    "an empty {text:?} line is skipped: an earlier list stays"
                )
            }
            Seen::DomainWithMoreWords => match text.split_whitespace().next() {
                Some("domain") => {
                    write!(out, "{text:?}: every word is searched, not only the first")
                }
                _ => write!(out, "{text:?} stands after the domain and is not read"),
            },
            Seen::RootInSearch => write!(out, "the root {text:?} stands in the search list"),
            Seen::SearchFromHostname => {
                write!(
                    out,
                    "no search list is given, so the host's domain {text:?} is searched"
                )
            }
            Seen::FromEnvironment => write!(out, "{text} of the environment counts"),
            Seen::CommentInSearch => write!(
                out,
                "{text:?} is searched as a domain: comments stand on lines of their own"
            ),
            Seen::SearchAborts => write!(
                out,
                "{text} is too long for glibc: every program that looks a name up aborts"
            ),
            Seen::SortlistHangs => write!(
                out,
                "{text:?} makes glibc loop for ever: every program that looks a name up hangs"
            ),
            Seen::SearchNotSupported => {
                write!(
                    out,
                    "{text:?} is not read: musl has a search list from 1.1.13 on"
                )
            }
            Seen::LineTooLong => write!(
                out,
                "the line has 255 bytes or more and is skipped as a whole: {text}"
            ),
            Seen::KeywordNotSeen => write!(
                out,
                "{text:?} is not seen: the keyword must begin the line and a blank follow it"
            ),
            Seen::LineUnknown => write!(out, "{text:?} is not understood and skipped"),
            Seen::CarriageReturn => write!(
                out,
                "the line ends with a carriage return, which becomes part of {text:?}"
            ),
            Seen::OptionIgnored => write!(out, "option {text} is not known here and ignored"),
            Seen::CarriageReturnSkipped => write!(
                out,
                "the line ends with a carriage return; option {text} counts all the same"
            ),
            Seen::OptionCapped => match self.used {
                Some(used) => write!(out, "option {text} is above the limit: {used} counts"),
                None => write!(out, "option {text} is above the limit; the limit counts"),
            },
            Seen::OptionMisread => match self.used {
                Some(used) => write!(out, "option {text} is not read as it looks: {used} counts"),
                None => write!(out, "option {text} is not read as it looks"),
            },
            Seen::NoAttempts => write!(out, "with {text} no question is sent, or the process dies"),
            Seen::NoTime => write!(out, "with {text} no question is sent"),
            Seen::HandsToLibc => write!(
                out,
                "{text:?} makes a Go program that is built with cgo use libc instead"
            ),
        }
    }
}
