//! Whether an upstream answers at all.

use std::collections::BTreeSet;

use digpod_dnslog::Signature;
use digpod_probe::{NameClass, Outcome, Transport};

use super::addresses::canonical_socket;
use super::logs::ContainerLog;
use super::probes::cite_row;
use super::readings::{is_near_coredns, is_node};
use super::upstreams::Upstream;
use super::{Facts, cite};
use crate::finding::{Confidence, Evidence};
use crate::matrix::Row;

/// A server that does not answer.
#[derive(Debug)]
pub(crate) struct Dead<'a> {
    /// The server.
    pub(crate) server: &'a Upstream,
    /// How sure that is.
    pub(crate) confidence: Confidence,
    /// Who asked it in vain.
    pub(crate) evidence: Vec<Evidence>,
}

/// Judges a server by the vantages nearest to CoreDNS and by CoreDNS's own errors.
pub(crate) fn judge<'a>(facts: &Facts<'_>, server: &'a Upstream) -> Option<Dead<'a>> {
    let rows = rows_of(facts, server);
    let near: Vec<&Row> = rows
        .iter()
        .filter(|row| is_near_coredns(&row.vantage))
        .copied()
        .collect();
    let (rows, near) = if near.is_empty() {
        (rows, false)
    } else {
        (near, true)
    };
    let tries: u32 = rows.iter().map(|row| row.tries()).sum();
    let silent: u32 = rows.iter().map(|row| unanswered(row)).sum();
    let logged = logged(facts, server);
    if tries == 0 {
        let confidence = Confidence::Likely;
        return (logged.len() >= 5).then(|| Dead {
            server,
            confidence,
            evidence: few(logged),
        });
    }
    if silent * 10 < tries * 8 || tries < 2 {
        return None;
    }
    let names = rows
        .iter()
        .filter(|row| unanswered(row) > 0)
        .map(|row| row.name.as_str());
    let names: BTreeSet<_> = names.collect();
    // A pod's way to the server may be closed where CoreDNS's is open, and a server may ignore
    // one name only.
    let certain = (near && names.len() > 1) || !logged.is_empty();
    let evidence = rows
        .iter()
        .map(|row| cite_row(row))
        .chain(few(logged))
        .collect();
    let confidence = if certain {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    Some(Dead {
        server,
        confidence,
        evidence,
    })
}

/// Whether probes asked the server, and none of them from a node's own network.
pub(crate) fn is_judged_by_pods(facts: &Facts<'_>, server: &Upstream) -> bool {
    let rows = rows_of(facts, server);
    !rows.is_empty() && !rows.iter().any(|row| is_node(&row.vantage))
}

/// Whether any probe asked the server.
pub(crate) fn was_asked(facts: &Facts<'_>, server: &Upstream) -> bool {
    !rows_of(facts, server).is_empty()
}

/// Evidence that the server answered probes, nearly always.
pub(crate) fn answers(facts: &Facts<'_>, server: &Upstream) -> Option<Evidence> {
    let rows = rows_of(facts, server);
    let tries: u32 = rows.iter().map(|row| row.tries()).sum();
    let answered: u32 = rows.iter().map(|row| row.answered()).sum();
    let row = rows
        .first()
        .filter(|_| tries >= 3 && answered * 100 >= tries * 95)?;
    Some(cite_row(row))
}

fn few(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.truncate(3);
    evidence
}

fn rows_of<'a>(facts: &'a Facts<'_>, server: &Upstream) -> Vec<&'a Row> {
    let asked = |row: &&Row| {
        canonical_socket(&row.server) == server.socket
            && row.transport == Transport::Udp
            && row.class != NameClass::Cluster
    };
    facts.probes.rows.iter().filter(asked).collect()
}

fn unanswered(row: &Row) -> u32 {
    let silent = [
        Outcome::Timeout,
        Outcome::ConnectionRefused,
        Outcome::Unreachable,
    ];
    silent.into_iter().map(|outcome| row.count(outcome)).sum()
}

/// Errors in the logs that name the server.
fn logged(facts: &Facts<'_>, server: &Upstream) -> Vec<Evidence> {
    let transport = [
        Signature::IoTimeout,
        Signature::ConnectionRefused,
        Signature::Unroutable,
        Signature::NotPermitted,
    ];
    let hits = facts.logs.logs.iter().flat_map(ContainerLog::hits);
    hits.filter(|(hit, _)| transport.contains(&hit.signature))
        .filter(|(hit, _)| {
            hit.server
                .as_deref()
                .is_some_and(|to| canonical_socket(to) == server.socket)
        })
        .map(|(_, place)| {
            cite(
                &place,
                format!("CoreDNS got no answer from {}", server.address),
            )
        })
        .collect()
}
