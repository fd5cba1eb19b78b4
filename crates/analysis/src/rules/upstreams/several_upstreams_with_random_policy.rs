use digpod_corefile::Policy;

use crate::facts::addresses::{describe, list};
use crate::facts::agreement::Comparison;
use crate::facts::upstreams::UpstreamList;
use crate::facts::{Facts, Seen, cite, disagreement};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// CoreDNS chooses among several upstreams by chance or by turns.
    ///
    /// ## What it does
    /// Reports each `forward` with two or more different upstreams. With policy `random` (the
    /// default) or `round_robin` it is medium when the upstreams were seen to disagree, info when
    /// they were seen to agree or no failing name is served by them, low when nobody asked them.
    /// With `sequential` it is info.
    ///
    /// ## Why it matters
    /// The resolver of a node asks its servers in listed order and stays with the first one that
    /// answers. CoreDNS draws one for each query, and takes any answer as final. The same list of
    /// servers can work on every node and fail in every pod.
    ///
    /// ## How to fix
    /// All servers of one list must know the same names. Give zones that only some servers know a
    /// server block of their own. `policy sequential` helps only while the first server knows
    /// everything and answers.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/forward/>
    /// - <https://learn.microsoft.com/azure/aks/coredns-custom>
    "upstreams/several-upstreams-with-random-policy", Medium, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lists = facts.upstream_lists()?;
    for list in lists.iter().filter(|list| list.servers.len() > 1) {
        findings.push(match list.policy {
            Policy::Sequential => in_order(list),
            Policy::Random | Policy::RoundRobin | Policy::Unknown => drawn(facts, list),
        });
    }
    match lists.iter().find_map(|list| list.unknown.clone()) {
        Some(gap) => Err(gap),
        None => Ok(()),
    }
}

fn in_order(list: &UpstreamList) -> Finding {
    finding(
        list,
        Confidence::Proven,
        format!(
            "CoreDNS asks the {} upstreams of zone {} in listed order",
            list.servers.len(),
            list.zones
        ),
    )
    .severity(Severity::Info)
    .explain(
        "The next server is asked only when one does not answer at all, never after NXDOMAIN or \
         SERVFAIL.",
    )
}

fn drawn(facts: &Facts<'_>, list: &UpstreamList) -> Finding {
    let compared: Vec<&Comparison> = facts
        .comparisons()
        .iter()
        .filter(|it| it.list.forward == list.forward)
        .collect();
    let disagree = compared.iter().any(|it| it.disagrees());
    let served_elsewhere = !facts.failing.is_empty()
        && facts.failing.iter().all(|failing| {
            facts
                .serving(&failing.name)
                .is_some_and(|serving| serving.forward != list.forward)
        });
    let (severity, confidence, seen) = match (disagree, compared.is_empty()) {
        (true, _) => (
            Severity::Medium,
            Confidence::Proven,
            "they do not say the same",
        ),
        (false, false) => (
            Severity::Info,
            Confidence::Proven,
            "they say the same of every name asked",
        ),
        _ if served_elsewhere => (
            Severity::Info,
            Confidence::Possible,
            "the failing names are served by another block",
        ),
        _ => (
            Severity::Low,
            Confidence::Possible,
            "nobody compared what they say",
        ),
    };
    let servers: Vec<String> = list
        .servers
        .iter()
        .map(|it| describe(&it.address))
        .collect();
    let message = format!(
        "CoreDNS {} {} upstreams for zone {} ({}); {seen}",
        list.chooses(),
        servers.len(),
        list.zones,
        self::list(&servers),
    );
    let finding = finding(list, confidence, message).severity(severity).explain(
        "A node asks the same servers in listed order and stays with the first that answers; CoreDNS \
         takes whichever it draws, and any answer of it is final.",
    );
    if severity == Severity::Info {
        return finding;
    }
    let finding = finding.fix("Let every server of the list know the same names", None);
    if disagree {
        finding.explaining([Symptom::Intermittent, Symptom::PodOnly, Symptom::Burst])
    } else {
        finding.decide(
            "Ask every upstream for a name that fails",
            Some("digpod collect NAME".to_owned()),
        )
    }
}

fn finding(list: &UpstreamList, confidence: Confidence, message: String) -> Finding {
    let finding = Finding::new(
        &RULE,
        confidence,
        Scope::Cluster,
        message,
        disagreement::cite_choice(list),
    );
    list.servers.iter().fold(finding, |finding, server| {
        finding.because(cite(
            &server.place,
            format!("upstream {}", describe(&server.address)),
        ))
    })
}
