use crate::facts::addresses::{describe, list as words};
use crate::facts::error_words::{self, Reason, errors};
use crate::facts::names::plain;
use crate::facts::probes::{cite_row, outcome_words};
use crate::facts::readings::Reading;
use crate::facts::upstreams::{Upstream, UpstreamList, each_once};
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
    let (broken, lists): (Vec<_>, Vec<_>) = lists
        .iter()
        .partition(|list| error_words::is_broken(facts, list));
    for list in broken {
        everywhere(facts, list, findings);
    }
    let mut unasked = None;
    for server in each_once(lists) {
        let asked = error_words::asked(facts, server);
        if asked.is_empty() {
            unasked = Some(server);
        }
        let errs = |row: &&&Row| errors(row) * 2 >= row.tries() && Reading::of([**row]).fails();
        let bad = asked.iter().filter(errs).find_map(|row| {
            let other = error_words::answered_elsewhere(facts, server, row);
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

/// No server of the list is left that answers.
fn everywhere(facts: &Facts<'_>, list: &UpstreamList, findings: &mut Findings) {
    let rows = list.servers.iter().filter_map(|server| {
        let mut asked = error_words::asked(facts, server).into_iter();
        asked.find(|row| errors(row) > 0)
    });
    let rows: Vec<&Row> = rows.collect();
    let Some(first) = rows.first() else { return };
    let reason = Reason::of(facts, first);
    let (of, s) = match list.servers.len() {
        1 => ("the only upstream", "s"),
        _ => ("all upstreams", ""),
    };
    let message = format!(
        "{}, {of} of zone {}, answer{s} names in question and public ones alike with errors",
        words(&list.addresses()),
        list.zones,
    );
    let (sure, scope) = (Confidence::Proven, Scope::Cluster);
    let finding = Finding::new(&RULE, sure, scope, message, cite_row(first));
    let rest = rows.iter().skip(1).take(3);
    let finding = rest.fold(finding, |finding, row| finding.because(cite_row(row)));
    let fix = match reason {
        Reason::Refused => reason.fix(),
        _ => "Mend what these servers ask themselves: their forwarders, and the way to them",
    };
    findings.push(explained(finding, &reason, fix));
}

fn explained(finding: Finding, reason: &Reason, fix: &str) -> Finding {
    finding
        .explain(reason.explanation())
        .explaining([Symptom::Custom, Symptom::Servfail, Symptom::Refused])
        .explaining([Symptom::Intermittent, Symptom::External, Symptom::NodeToo])
        .fix(fix, None)
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
    let finding = other
        .map(cite_row)
        .into_iter()
        .fold(finding, Finding::because)
        .because(cite(&server.place, "the server is listed here"));
    explained(finding, reason, reason.fix())
}
