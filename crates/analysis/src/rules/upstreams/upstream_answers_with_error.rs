use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

use crate::facts::addresses::{canonical_socket, describe};
use crate::facts::error_words::Reason;
use crate::facts::names::plain;
use crate::facts::probes::{cite_row, outcome_words};
use crate::facts::readings::Reading;
use crate::facts::upstreams::Upstream;
use crate::facts::{Facts, Gap, Lack, Seen, cite, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// An upstream answers with an error where another server answers the name.
    ///
    /// ## What it does
    /// Asks each upstream directly: it fires when half of the tries or more for a name end in SERVFAIL,
    /// REFUSED or another error code, and some other server answers the same name, be it that it does
    /// not exist. Asked once more without validation (the CD bit), a server that then answers has shown
    /// that DNSSEC is the reason.
    ///
    /// ## Why it matters
    /// CoreDNS passes such an answer on as it is; no second server is asked. REFUSED means that the
    /// server does not serve this network, SERVFAIL that its own forwarder failed or that a signature
    /// does not hold.
    ///
    /// ## How to fix
    /// On that server: allow recursion for the addresses that CoreDNS asks from, mend its forwarder, or
    /// mend the signatures (or except the private zone from validation).
    ///
    /// ## Sources
    /// - <https://www.rfc-editor.org/rfc/rfc1035#section-4.1.1>
    /// - <https://www.rfc-editor.org/rfc/rfc4035#section-3.2.2> (CD)
    /// - <https://coredns.io/plugins/forward/>
    "upstreams/upstream-answers-with-error", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lists = facts.upstream_lists()?;
    vantages::seen(facts)?;
    let mut seen: Vec<&str> = Vec::new();
    let mut unasked = None;
    for server in lists.iter().flat_map(|list| &list.servers) {
        if seen.contains(&server.socket.as_str()) {
            continue;
        }
        seen.push(&server.socket);
        let asked = rows(facts, server);
        if asked.is_empty() {
            unasked = Some(server);
        }
        let errs = |row: &&&Row| errors(row) * 2 >= row.tries() && Reading::of([**row]).fails();
        let bad = asked.iter().filter(errs).find_map(|row| {
            let other = answered_elsewhere(facts, server, row);
            let reason = Reason::of(facts, row);
            let known = other.is_some() || matches!(reason, Reason::Validation(_));
            known.then_some((*row, reason, other))
        });
        if let Some((row, reason, other)) = bad {
            findings.push(finding(server, row, &reason, other));
        }
    }
    unasked.map_or(Ok(()), |server| {
        Err(Gap {
            lacks: Lack::Questions,
            entry: "probes/workload/records.json".to_owned(),
            reason: format!("nobody asked {}", describe(&server.address)),
        })
    })
}

fn rows<'a>(facts: &'a Facts<'_>, server: &Upstream) -> Vec<&'a Row> {
    let asked = |row: &&Row| {
        canonical_socket(&row.server) == server.socket
            && row.transport == Transport::Udp
            && !row.is_walk()
            && matches!(row.class, NameClass::Custom | NameClass::Public)
    };
    facts.probes.rows.iter().filter(asked).collect()
}

/// Tries that ended in an error code.
fn errors(row: &Row) -> u32 {
    let all = [Outcome::Servfail, Outcome::Refused, Outcome::OtherRcode];
    all.into_iter().map(|outcome| row.count(outcome)).sum()
}

/// Another server that says something of the name. A name that is broken everywhere is nobody's fault
/// here.
fn answered_elsewhere<'a>(facts: &'a Facts<'_>, server: &Upstream, row: &Row) -> Option<&'a Row> {
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

fn finding(server: &Upstream, row: &Row, reason: &Reason, other: Option<&Row>) -> Finding {
    let (address, name) = (describe(&server.address), plain(&row.name));
    let said = outcome_words(row);
    let message = match reason {
        Reason::Validation(_) => {
            format!(
                "upstream {address} answers {name} only when it is asked not to validate it ({said})"
            )
        }
        Reason::Refused | Reason::Behind { .. } => format!(
            "upstream {address} answers {name} with an error ({said}), another server answers it"
        ),
    };
    let scope = Scope::Name(row.name.clone());
    let mut finding = Finding::new(&RULE, Confidence::Proven, scope, message, cite_row(row));
    if let Reason::Validation(evidence) = reason {
        finding = finding.because(evidence.clone());
    }
    other
        .map(cite_row)
        .into_iter()
        .fold(finding, Finding::because)
        .because(cite(&server.place, "the server is listed here"))
        .explain(reason.explanation())
        .explaining([
            Symptom::Custom,
            Symptom::Servfail,
            Symptom::Refused,
            Symptom::Intermittent,
        ])
        .explaining([Symptom::External, Symptom::NodeToo])
        .fix(reason.fix(), None)
}
