use std::collections::BTreeMap;

use crate::facts::addresses::{describe, list as words};
use crate::facts::{Facts, Seen, cite, reach, timeouts};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// CoreDNS waits for upstreams that do not answer.
    ///
    /// ## What it does
    /// Counts the `i/o timeout` errors in the logs of all DNS pods by the server they name;
    /// consolidated lines count as often as they say. Five or more of one server within five minutes
    /// are a finding, as far as the lines have stamps. The `loop` plugin's own HINFO questions, which
    /// fail while a node is starting, are left out. It is medium when the probes got answers from
    /// the server since.
    ///
    /// ## Why it matters
    /// Each such query waited two seconds at least, and ended in SERVFAIL when no other upstream
    /// answered.
    ///
    /// ## How to fix
    /// Ask the server from a node and from a pod, over UDP and TCP. What fails from both is the
    /// server's or the network's fault, what fails from the pod alone is a policy's.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/errors/>
    /// - <https://coredns.io/plugins/forward/>
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    "logs/upstream-io-timeout", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let logs = facts.logs.seen()?;
    let counts = timeouts::by_server(logs);
    if !counts.is_empty() {
        findings.push(finding(facts, &counts));
    }
    facts.logs.gaps.first().cloned().map_or(Ok(()), Err)
}

fn finding(facts: &Facts<'_>, counts: &BTreeMap<String, u64>) -> Finding {
    let counted =
        |(server, count): (&String, &u64)| format!("{} ({count} times)", describe(bare(server)));
    let servers: Vec<String> = counts.iter().map(counted).collect();
    let message = format!("CoreDNS got no answer in time from {}", words(&servers));
    let mut evidence = counts
        .keys()
        .flat_map(|server| timeouts::lines(&facts.logs.logs, server));
    let primary = evidence
        .next()
        .unwrap_or_else(|| cite(&digpod_bundle::Place::whole("dns/logs"), "the log"));
    let finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary);
    let mut finding = evidence.fold(finding, Finding::because);
    let lists = facts.upstream_lists().unwrap_or_default();
    let named: Vec<_> = lists
        .iter()
        .flat_map(|list| &list.servers)
        .filter(|server| counts.contains_key(&server.socket))
        .collect();
    let listed: usize = lists.iter().map(|list| list.servers.len()).sum();
    let all = !named.is_empty() && named.len() == listed;
    // What the log holds may be over: the probes are younger.
    let answers: Vec<_> = named
        .iter()
        .filter_map(|server| reach::answers(facts, server))
        .collect();
    if !named.is_empty() && answers.len() == named.len() {
        finding = finding.severity(Severity::Medium);
    }
    answers
        .into_iter()
        .fold(finding, Finding::contradicted)
        .explain(if all {
            "Every upstream is concerned: look at what leaves CoreDNS's node (policies, security \
             groups, routes) before the servers themselves."
        } else {
            "Other upstreams are not concerned: look at this server and at the way to it."
        })
        .explaining([
            Symptom::External,
            Symptom::Custom,
            Symptom::Timeout,
            Symptom::Servfail,
            Symptom::Slow,
        ])
        .fix(
            "Open UDP and TCP port 53 from CoreDNS's nodes to the server, or take it out of the list",
            None,
        )
        .decide("Ask the server from a node and from a pod", Some("digpod collect NAME".to_owned()))
}

/// Without the port.
fn bare(server: &str) -> &str {
    let address = server
        .rsplit_once(':')
        .map_or(server, |(address, _)| address);
    address.trim_matches(['[', ']'])
}
