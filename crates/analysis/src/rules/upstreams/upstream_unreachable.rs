use crate::facts::addresses::{describe, list as words};
use crate::facts::dns_objects::node_local;
use crate::facts::reach::{self, Dead};
use crate::facts::upstreams::{Upstream, UpstreamList};
use crate::facts::{Facts, Gap, Lack, Seen, cite};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A server that CoreDNS forwards to does not answer.
    ///
    /// ## What it does
    /// Looks at the probes that asked each upstream, from the node or the network of CoreDNS where
    /// there is such a vantage, else from a pod: it fires when 80 % or more of the tries over all
    /// names ended in a timeout, a refused port or no route. Errors of CoreDNS that name the server
    /// count as well.
    ///
    /// ## Why it matters
    /// Each query that draws the dead server waits about two seconds before CoreDNS tries another
    /// one, until its health check has marked the server down. With no server left, every name that
    /// is not the cluster's own fails.
    ///
    /// ## How to fix
    /// Open UDP and TCP port 53 from the nodes to the server, start its service, or take it out of
    /// the list. 168.63.129.16 must never be blocked on Azure.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/forward/>
    /// - <https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16>
    /// - <https://learn.microsoft.com/azure/aks/outbound-rules-control-egress>
    "upstreams/upstream-unreachable", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lists = facts.upstream_lists()?;
    for list in lists {
        let dead: Vec<Dead<'_>> = list
            .servers
            .iter()
            .filter_map(|server| reach::judge(facts, server))
            .collect();
        if !dead.is_empty() {
            findings.push(finding(facts, list, &dead));
        }
    }
    if let Some(gap) = lists.iter().find_map(|list| list.unknown.clone()) {
        return Err(gap);
    }
    let asked = |server: &Upstream| reach::was_asked(facts, server);
    match lists
        .iter()
        .flat_map(|list| &list.servers)
        .find(|server| !asked(server))
    {
        Some(server) if facts.logs.seen().is_err() => Err(Gap {
            lacks: Lack::Questions,
            entry: "probes/workload/records.json".to_owned(),
            reason: format!(
                "nobody asked {} and there is no log",
                describe(&server.address)
            ),
        }),
        _ => Ok(()),
    }
}

/// What no answer is (`readTimeout` of CoreDNS's `plugin/pkg/proxy`).
const LATE: &str =
    "A server that takes more than two seconds looks the same, to CoreDNS too: it gives up then.";

fn finding(facts: &Facts<'_>, list: &UpstreamList, dead: &[Dead<'_>]) -> Finding {
    let all = dead.len() == list.servers.len();
    let servers: Vec<String> = dead
        .iter()
        .map(|dead| match node_local(&dead.server.address) {
            Some(product) => format!("{product} ({})", dead.server.address),
            None => describe(&dead.server.address),
        })
        .collect();
    let local = dead
        .iter()
        .all(|it| node_local(&it.server.address).is_some());
    let of = match (all, list.servers.len()) {
        (true, 1) => "the only upstream".to_owned(),
        (true, n) => format!("all {n} upstreams"),
        (false, n) => format!("{} of {n} upstreams", dead.len()),
    };
    let verb = if dead.len() == 1 { "does" } else { "do" };
    let message = format!(
        "{} {verb} not answer: {of} of zone {}",
        words(&servers),
        list.zones
    );
    let mut evidence = dead.iter().flat_map(|dead| dead.evidence.clone());
    let primary = evidence
        .next()
        .unwrap_or_else(|| cite(&dead[0].server.place, "this server"));
    let confidence = dead
        .iter()
        .map(|dead| dead.confidence)
        .max()
        .unwrap_or(Confidence::Likely);
    let finding =
        Finding::new(&RULE, confidence, Scope::Cluster, message, primary).severity(if all {
            Severity::Critical
        } else {
            Severity::High
        });
    let finding = evidence.fold(finding, Finding::because);
    let finding = dead.iter().fold(finding, |finding, dead| {
        finding.because(cite(&dead.server.place, "the server is listed here"))
    });
    let by_pods = dead
        .iter()
        .all(|it| reach::is_judged_by_pods(facts, it.server));
    let whose = if by_pods {
        " No node's own network asked: what stops it may be on the way of pods alone."
    } else {
        ""
    };
    let finding = if all {
        finding
            .explain(format!(
                "No server of this list is left: every name that it serves fails. {LATE}{whose}"
            ))
            .explaining([Symptom::External, Symptom::Custom, Symptom::Servfail])
    } else {
        finding
    .explain(format!(
        "Queries that draw a dead server wait about two seconds before CoreDNS tries the next \
         one; clients that do not wait so long see a timeout. {LATE}{whose}",
    ))
    .explaining([Symptom::External, Symptom::Custom, Symptom::Intermittent])
    };
    finding
        .explaining([Symptom::Timeout, Symptom::Slow, Symptom::NodeToo])
        .fix(
            if local {
                "Look on the nodes of CoreDNS whether it runs, and whether the servers that it forwards to \
                 answer: it listens on the node itself"
            } else {
                "Open UDP and TCP port 53 from the nodes of CoreDNS to the server, start its service, or \
                 take it out of the list"
            },
            None,
        )
        .decide("Ask the server from a node and from a pod", Some("digpod collect NAME".to_owned()))
}
