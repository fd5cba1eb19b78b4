//! Faults that a run is told to have.

mod spec;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::SignedDuration;

/// One fault, as written after `--fault`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `forbid:VERB:RESOURCE[:NAMESPACE]`: 403. `*` is any verb or resource.
    Forbid {
        /// Verb of the API, `list`.
        verb: String,
        /// Plural name, with a subresource as `pods/log`; of one API group only as
        /// `pods.metrics.k8s.io`, or `pods.` for the core group.
        resource: String,
        /// Only there.
        namespace: Option<String>,
    },
    /// Does something to requests whose path and query contain a text.
    Path {
        /// The text.
        part: String,
        /// What is done.
        harm: Harm,
        /// How often; `None` is always.
        times: Option<u32>,
    },
    /// `slow:MS`: every answer comes later.
    Slow(Duration),
    /// `refuse-create:RESOURCE[:hostNetwork]`: admission says no.
    RefuseCreate {
        /// Plural name.
        resource: String,
        /// Only pods in their node's network.
        host_network: bool,
    },
    /// `silent:ADDRESS`, `truncate:ADDRESS`: a DNS server that receives and never answers, or whose
    /// answers over UDP are all cut short.
    Server {
        /// Of the scenario: a CoreDNS pod's or an upstream's.
        address: IpAddr,
        /// What is done.
        harm: ServerHarm,
    },
    /// `inject-sidecar:NAMESPACE`: a webhook gives each new pod there a second container, which runs on.
    InjectSidecar(String),
    /// `image-pull`: the probe image cannot be pulled.
    ImagePull,
    /// `clock:+7200s`: the cluster's clock is so far from this machine's.
    Clock(SignedDuration),
}

/// What is done to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// `hang:PART[:TIMES]`: it is read and never answered.
    Hang,
    /// `status:PART:CODE[:TIMES]`: this status instead of an answer.
    Status(u16),
    /// `cut:PART[:TIMES]`: the connection ends in the middle of the body.
    Cut,
    /// `not-json:PART[:TIMES]`: a page of a proxy instead of an answer.
    NotJson,
    /// `expire:PART[:TIMES]`: the continue token of a list has expired, 410; the answer offers one
    /// for the rest as it is now.
    Expire,
    /// `expire-all:PART[:TIMES]`: the same, and nothing is offered.
    ExpireAll,
    /// `endless-log:PART[:TIMES]`: a log that never ends, as fast as it is read.
    EndlessLog,
    /// `huge-object:PART:MB[:TIMES]`: the object, or the first of the list, has so many MB.
    Huge(usize),
}

/// What a DNS server does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerHarm {
    /// It never answers.
    Silent,
    /// Its answers over UDP are truncated.
    Truncate,
    /// `refuses-edns:ADDRESS`: FORMERR to every query with EDNS.
    RefusesEdns,
    /// `validates:ZONE:ADDRESS`: SERVFAIL to queries without CD for a zone whose signatures do not hold.
    Validates(String),
    /// `fails-after:N:ADDRESS`: it answers so many queries, and SERVFAIL from then on.
    FailsAfter(u32),
}

/// A resource, with its subresource, and its API group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) resource: &'a str,
    pub(crate) group: &'a str,
}

impl Named<'_> {
    /// Whether a pattern means it: `*`, the name in any group, or `NAME.GROUP[/SUBRESOURCE]`.
    pub(crate) fn is(self, pattern: &str) -> bool {
        let (plural, slash, subresource) = match self.resource.split_once('/') {
            Some((plural, subresource)) => (plural, "/", subresource),
            None => (self.resource, "", ""),
        };
        let full = format!("{plural}.{}{slash}{subresource}", self.group);
        pattern == "*" || pattern == self.resource || pattern == full
    }
}

/// The faults of a run.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Fault, AtomicU32)>);

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self(
            faults
                .into_iter()
                .map(|fault| (fault, AtomicU32::new(0)))
                .collect(),
        )
    }

    /// How far the cluster's clock is ahead, if a fault says so.
    pub(crate) fn clock(faults: &[Fault]) -> Option<SignedDuration> {
        faults.iter().find_map(|fault| match fault {
            Fault::Clock(ahead) => Some(*ahead),
            _ => None,
        })
    }

    /// How long every answer waits.
    pub(crate) fn delay(&self) -> Duration {
        let delays = self.0.iter().map(|(fault, _)| match fault {
            Fault::Slow(delay) => *delay,
            _ => Duration::ZERO,
        });
        delays.sum()
    }

    /// What is done to a request of this path and query; counts it.
    pub(crate) fn harm(&self, target: &str) -> Option<Harm> {
        self.0.iter().find_map(|(fault, count)| match fault {
            Fault::Path { part, harm, times } if target.contains(part.as_str()) => {
                let before = count.fetch_add(1, Ordering::Relaxed);
                times.is_none_or(|times| before < times).then_some(*harm)
            }
            _ => None,
        })
    }

    /// Whether a verb on a resource is forbidden in a namespace (`None`: cluster-wide, which one
    /// forbidden namespace is enough to forbid).
    pub(crate) fn forbids(&self, verb: &str, resource: Named<'_>, namespace: Option<&str>) -> bool {
        self.0.iter().any(|(fault, _)| match fault {
            Fault::Forbid {
                verb: v,
                resource: r,
                namespace: n,
            } => {
                (v == "*" || v == verb)
                    && resource.is(r)
                    && (n.is_none() || namespace.is_none() || n.as_deref() == namespace)
            }
            _ => false,
        })
    }

    /// Whether a resource is forbidden by its own name, not by `*`.
    pub(crate) fn forbids_by_name(&self, resource: &str) -> bool {
        self.0
            .iter()
            .any(|(fault, _)| matches!(fault, Fault::Forbid { resource: r, .. } if r == resource))
    }

    /// Whether admission refuses new objects of a resource, all or (`in_host_network`) pods in their
    /// node's network.
    pub(crate) fn refuses_create(&self, resource: &str, in_host_network: bool) -> bool {
        self.0.iter().any(|(fault, _)| match fault {
            Fault::RefuseCreate {
                resource: r,
                host_network,
            } => r == resource && *host_network == in_host_network,
            _ => false,
        })
    }

    /// Whether a webhook gives new pods of a namespace a sidecar.
    pub(crate) fn injects_sidecar(&self, namespace: &str) -> bool {
        let mut all = self.0.iter();
        all.any(|(fault, _)| matches!(fault, Fault::InjectSidecar(there) if there == namespace))
    }

    /// What a DNS server does wrong.
    pub(crate) fn of_server(&self, of: IpAddr) -> Option<ServerHarm> {
        self.0.iter().find_map(|(fault, _)| match fault {
            Fault::Server { address, harm } if *address == of => Some(harm.clone()),
            _ => None,
        })
    }

    /// Whether the probe image cannot be pulled.
    pub(crate) fn image_pull(&self) -> bool {
        self.0.iter().any(|(fault, _)| *fault == Fault::ImagePull)
    }
}
