//! A `forward` directive, read.

use crate::key::{in_zone, normal, zones};
use crate::tree::{Directive, Word};

/// How `forward` chooses among its upstreams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Draws anew for each query; CoreDNS's default.
    Random,
    /// One after another.
    RoundRobin,
    /// In listed order.
    Sequential,
    /// A word CoreDNS does not know and refuses.
    Unknown,
}

/// A `forward` directive, read.
#[derive(Clone, Debug)]
pub struct Forward<'a> {
    /// The directive.
    pub directive: &'a Directive,
    /// Names below this are forwarded.
    pub from: &'a Word,
    /// The upstreams: addresses, or files that list them.
    pub to: Vec<&'a Word>,
    /// How one is chosen.
    pub policy: Policy,
    /// Where the policy is set; `None` for the default.
    pub policy_word: Option<&'a Word>,
    /// Names below these are not forwarded.
    pub except: Vec<&'a Word>,
    /// Where queries are always sent by TCP (`force_tcp`); wins over `prefer_udp`.
    pub force_tcp: Option<&'a Word>,
    /// Where queries are tried by UDP first, whatever the client used (`prefer_udp`).
    pub prefer_udp: Option<&'a Word>,
    /// The files of `tls`: certificate, key, authority.
    pub tls: Option<&'a [Word]>,
    /// The name that the certificates of upstreams must have (`tls_servername`).
    pub tls_servername: Option<&'a Word>,
    /// Failed health checks after which an upstream counts as down (`max_fails`); 0 for never.
    /// `None` for the default, 2.
    pub max_fails: Option<&'a Word>,
    /// Time between health checks of a failed upstream, and options (`health_check`); 0.5 s.
    pub health_check: Option<&'a [Word]>,
    /// How long an idle connection is kept (`expire`); 10 s.
    pub expire: Option<&'a Word>,
    /// Queries under way beyond which further ones are refused (`max_concurrent`); no limit, also
    /// for 0.
    pub max_concurrent: Option<&'a Word>,
    /// Upstreams tried at most for a query (`max_connect_attempts`).
    pub max_connect_attempts: Option<&'a Word>,
    /// Response codes upon which the next upstream is asked (`failover`).
    pub failover: Vec<&'a Word>,
    /// Response codes upon which the next `forward` is asked (`next`).
    pub next: Vec<&'a Word>,
    /// Whether the next `forward` is asked for names that have no record of the type
    /// (`next_on_nodata`).
    pub next_on_nodata: Option<&'a Word>,
    /// Whether a query fails at once while all upstreams are down, instead of trying one
    /// (`failfast_all_unhealthy_upstreams`).
    pub failfast: Option<&'a Word>,
    /// Servers that are asked for the names of upstreams (`resolver`).
    pub resolver: Vec<&'a Word>,
}

impl<'a> Forward<'a> {
    pub(super) fn read(directive: &'a Directive) -> Option<Self> {
        let (from, to) = directive.args.split_first()?;
        // The last of several lines of a property counts.
        let last = |name: &str| {
            let mut properties = directive.properties.iter().rev();
            properties.find(|property| property.name.text == name)
        };
        let value = |name: &str| last(name).and_then(|property| property.args.first());
        let flag = |name: &str| last(name).map(|property| &property.name);
        let values = |name: &str| last(name).map(|property| property.args.as_slice());
        // The lines of these add up.
        let all = |name: &str| -> Vec<&'a Word> {
            let properties = directive.properties.iter();
            properties
                .filter(|property| property.name.text == name)
                .flat_map(|property| &property.args)
                .collect()
        };
        let policy_word = value("policy");
        let policy = match policy_word.map(|word| word.text.as_str()) {
            None | Some("random") => Policy::Random,
            Some("round_robin") => Policy::RoundRobin,
            Some("sequential") => Policy::Sequential,
            Some(_) => Policy::Unknown,
        };
        Some(Self {
            directive,
            from,
            to: to.iter().collect(),
            policy,
            policy_word,
            except: all("except"),
            force_tcp: flag("force_tcp"),
            prefer_udp: flag("prefer_udp"),
            tls: values("tls"),
            tls_servername: value("tls_servername"),
            max_fails: value("max_fails"),
            health_check: values("health_check"),
            expire: value("expire"),
            max_concurrent: value("max_concurrent"),
            max_connect_attempts: value("max_connect_attempts"),
            failover: all("failover"),
            next: all("next"),
            next_on_nodata: flag("next_on_nodata"),
            failfast: flag("failfast_all_unhealthy_upstreams"),
            resolver: values("resolver").into_iter().flatten().collect(),
        })
    }

    /// Whether it takes a name (`forward.match` in plugin/forward): `name` is below FROM, and not
    /// below an exception unless it equals FROM.
    pub fn takes(&self, name: &str) -> bool {
        let name = normal(name);
        let excepted = || {
            self.except
                .iter()
                .flat_map(|zone| zones(&zone.text))
                .any(|zone| in_zone(&name, &zone))
        };
        // A network between two labels stands for several zones; `forward` takes the first.
        zones(&self.from.text)
            .into_iter()
            .next()
            .is_some_and(|from| in_zone(&name, &from) && (name == from || !excepted()))
    }

    /// Whether only an exception keeps it from taking a name.
    pub(super) fn takes_but_for_exceptions(&self, name: &str) -> bool {
        let from = zones(&self.from.text).into_iter().next();
        !self.takes(name) && from.is_some_and(|from| in_zone(&normal(name), &from))
    }
}
