//! Why a server that was reached answers with an error, and what to do about it.

use digpod_bundle::{Place, layout};
use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

use super::addresses::{canonical_socket, describe};
use super::names::plain;
use super::readings::ENOUGH;
use super::upstreams::{Upstream, UpstreamList};
use super::{Facts, cite};
use crate::finding::Evidence;
use crate::matrix::Row;

/// What an error comes from.
#[derive(Clone, Debug)]
pub(crate) enum Reason {
    /// Its access list, or it does not recurse.
    Refused,
    /// A signature: without validation it answers.
    Validation(Evidence),
    /// Something that it depends on, be it a signature or not.
    Behind {
        /// Whether it failed without validation as well.
        unchecked: bool,
    },
}

impl Reason {
    /// Of a row whose tries ended in error codes.
    pub(crate) fn of(facts: &Facts<'_>, row: &Row) -> Self {
        if row.count(Outcome::Refused) * 2 > row.tries() {
            return Self::Refused;
        }
        match unchecked(facts, row) {
            Some((Outcome::Ok, evidence)) => Self::Validation(evidence),
            other => Self::Behind {
                unchecked: other.is_some(),
            },
        }
    }

    /// What it means.
    pub(crate) const fn explanation(&self) -> &'static str {
        match self {
            Self::Refused => {
                "REFUSED: the server does not resolve for the address that asked it (its access list), or \
                 does not recurse at all. CoreDNS passes the answer on."
            }
            Self::Validation(_) => {
                "SERVFAIL, and an answer as soon as it is asked not to validate (CD): a signature of the \
                 zone does not hold for this server, or the zone is private and the public parent zone says \
                 that it must be signed. CoreDNS passes the answer on."
            }
            Self::Behind { unchecked: true } => {
                "SERVFAIL, without validation (CD) as well: the server was reached, and what it depends on \
                 failed: its own forwarder, or the zone's servers. CoreDNS passes the answer on."
            }
            Self::Behind { unchecked: false } => {
                "SERVFAIL: the server was reached, and what it depends on failed: its own forwarder, the \
                 zone's servers, or DNSSEC validation. CoreDNS passes the answer on."
            }
        }
    }

    /// What to do.
    pub(crate) const fn fix(&self) -> &'static str {
        match self {
            Self::Refused => {
                "Let the server resolve for the addresses of CoreDNS's nodes and pods (allow-recursion, \
                 access-control), or take it out of the list"
            }
            Self::Validation(_) => {
                "Mend the zone's signatures, or except a private zone from validation on that server \
                 (validate-except in BIND, domain-insecure in Unbound)"
            }
            Self::Behind { .. } => {
                "Mend the server's own forwarder for this zone, or take the server out of the list"
            }
        }
    }
}

/// What a server was asked over UDP that servers outside of the cluster should know.
pub(crate) fn asked<'a>(facts: &'a Facts<'_>, server: &Upstream) -> Vec<&'a Row> {
    let asked = |row: &&Row| {
        canonical_socket(&row.server) == server.socket
            && row.transport == Transport::Udp
            && !row.is_walk()
            && matches!(row.class, NameClass::Custom | NameClass::Public)
    };
    facts.probes.rows.iter().filter(asked).collect()
}

/// Tries that ended in an error code.
pub(crate) fn errors(row: &Row) -> u32 {
    let all = [Outcome::Servfail, Outcome::Refused, Outcome::OtherRcode];
    all.into_iter().map(|outcome| row.count(outcome)).sum()
}

/// Whether each server of the list answers names in question and public ones alike with errors, half
/// of the time or more: then it is no matter of what it forwards where.
pub(crate) fn is_broken(facts: &Facts<'_>, list: &UpstreamList) -> bool {
    let errs = |rows: &[&Row], class: NameClass| {
        let of_class = rows.iter().filter(|row| row.class == class);
        let (bad, all) = of_class.fold((0, 0), |(bad, all), row| {
            (bad + errors(row), all + row.tries())
        });
        all >= ENOUGH && bad * 2 >= all
    };
    let mut servers = list.servers.iter().map(|it| asked(facts, it));
    !list.servers.is_empty()
        && servers.all(|rows| errs(&rows, NameClass::Custom) && errs(&rows, NameClass::Public))
}

/// Another server that says something of the name. A name that is broken everywhere is nobody's fault
/// here.
pub(crate) fn answered_elsewhere<'a>(
    facts: &'a Facts<'_>,
    server: &Upstream,
    row: &Row,
) -> Option<&'a Row> {
    facts.probes.rows.iter().find(|other| {
        let says = other.count(Outcome::Ok)
            + other.count(Outcome::Nxdomain)
            + other.count(Outcome::Nodata);
        other.name == row.name
            && other.record_type == row.record_type
            && matches!(other.role, ServerRole::Upstream | ServerRole::Own)
            && canonical_socket(&other.server) != server.socket
            && says * 2 > other.tries()
    })
}

/// What the server said of the name when it was asked not to validate.
fn unchecked(facts: &Facts<'_>, row: &Row) -> Option<(Outcome, Evidence)> {
    let server = canonical_socket(&row.server);
    facts.probes.outputs.iter().find_map(|(vantage, output)| {
        let at = output.records.iter().position(|it| {
            it.checking_disabled
                && it.name == row.name
                && it.record_type == row.record_type
                && canonical_socket(&it.server) == server
        })?;
        let outcome = output.records.get(at)?.outcome;
        let place = Place::json(
            &layout::probe_records(vantage),
            format!("/records/{at}/outcome"),
        );
        let bare = super::addresses::bare(&row.server);
        let note = format!(
            "{vantage} asks {} for {} {} without validation: {}",
            describe(bare),
            plain(&row.name),
            row.record_type,
            outcome.as_str(),
        );
        Some((outcome, cite(&place, note)))
    })
}
