use std::collections::BTreeMap;

use crate::facts::addresses::{describe, list as words};
use crate::facts::readings::is_near_coredns;
use crate::facts::transports::{self, Both, Dead};
use crate::facts::upstreams::{Upstream, UpstreamList};
use crate::facts::{Facts, Gap, Lack, Seen, cite, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// An upstream answers over UDP and not over TCP.
    ///
    /// ## What it does
    /// Asks each upstream over both, from nodes, from pods with CoreDNS's list, and from pods: it fires
    /// when nine of ten tries over UDP are answered and one of ten or fewer over TCP.
    ///
    /// ## Why it matters
    /// An answer that does not fit into a datagram comes truncated and is asked for again over TCP:
    /// names with many or long records fail, the others do not, and nothing in the server's small
    /// answers shows it. With `force_tcp`, and behind node-local caches, everything goes over TCP.
    ///
    /// ## How to fix
    /// Open TCP port 53 from CoreDNS's nodes to the server, and let the server listen there.
    ///
    /// ## Sources
    /// - <https://www.rfc-editor.org/rfc/rfc7766>
    /// - <https://coredns.io/plugins/forward/>
    "upstreams/upstream-tcp-blocked", Medium, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lists = facts.upstream_lists()?;
    vantages::seen(facts)?;
    let all = transports::compare(facts);
    let mut servers: BTreeMap<&str, (&UpstreamList, &Upstream)> = BTreeMap::new();
    for list in lists {
        for server in &list.servers {
            servers.entry(&server.socket).or_insert((list, server));
        }
    }
    let mut unasked = None;
    for (socket, (list, server)) in servers {
        let asked: Vec<&Both<'_>> = all.iter().filter(|it| it.server == socket).collect();
        // What stops one pod need not stop CoreDNS: those near it decide where there are such.
        let near = |it: &&&Both<'_>| is_near_coredns(it.vantage);
        let of_near: Vec<&Both<'_>> = asked.iter().filter(near).copied().collect();
        let judged = if of_near.is_empty() { asked } else { of_near };
        let dead: Vec<&Both<'_>> = judged
            .into_iter()
            .filter(|it| it.dead() == Some(Dead::Tcp))
            .collect();
        let both = all.iter().any(|it| it.server == socket);
        if let Some(first) = dead.first() {
            findings.push(finding(facts, list, server, first, &dead));
        } else if !both {
            unasked = Some(server);
        }
    }
    match unasked {
        Some(server) => Err(Gap {
            lacks: Lack::Questions,
            entry: "probes/workload/records.json".to_owned(),
            reason: format!("nobody asked {} over TCP", describe(&server.address)),
        }),
        None => Ok(()),
    }
}

fn finding(
    facts: &Facts<'_>,
    list: &UpstreamList,
    server: &Upstream,
    first: &Both<'_>,
    dead: &[&Both<'_>],
) -> Finding {
    let from = words(
        &dead
            .iter()
            .map(|it| facts.place(it.vantage))
            .collect::<Vec<_>>(),
    );
    let message = format!(
        "upstream {} answers over UDP and not over TCP, asked from {from}",
        describe(&server.address),
    );
    let cut = dead.iter().find(|it| it.needs_tcp());
    let evidence = dead
        .iter()
        .take(3)
        .flat_map(|it| [it.tcp.cite(), it.udp.cite()]);
    let mut evidence = evidence.flatten();
    let primary = first
        .tcp
        .cite()
        .or_else(|| cut.and_then(|it| it.udp.cite()));
    let primary = primary.or_else(|| evidence.next());
    let primary = primary.unwrap_or_else(|| cite(&server.place, "the server is listed here"));
    let mut finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary);
    for evidence in evidence {
        if !finding.evidence.contains(&evidence) {
            finding = finding.because(evidence);
        }
    }
    finding = finding.because(cite(&server.place, "the server is listed here"));
    let all = dead.iter().all(|it| it.tcp.answered == 0);
    let severity = if cut.is_some() {
        Severity::High
    } else {
        Severity::Medium
    };
    let finding = finding.severity(severity).explaining([Symptom::Tcp]);
    let finding = if cut.is_some() {
        finding
            .explaining([
                Symptom::Custom,
                Symptom::External,
                Symptom::Timeout,
                Symptom::NodeToo,
            ])
            .explaining([Symptom::Servfail, Symptom::Slow])
    } else {
        finding
    };
    finding
        .explain(format!(
            "{} It is one of {} servers that `forward` of zone {} asks.{}",
            if cut.is_some() {
                "An answer that was asked for does not fit into UDP and cannot be fetched."
            } else {
                "The answers that were asked for fit into UDP: names with larger ones fail."
            },
            list.servers.len(),
            list.zones,
            if all { "" } else { " Some tries over TCP were answered." },
        ))
        .fix(
            "Open TCP port 53 from the nodes of CoreDNS to the server, and let its service listen on TCP",
            None,
        )
}
