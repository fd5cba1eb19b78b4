//! Why a server that was reached answers with an error, and what to do about it.

use digpod_bundle::{Place, layout};
use digpod_probe::Outcome;

use super::addresses::{canonical_socket, describe};
use super::names::plain;
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
