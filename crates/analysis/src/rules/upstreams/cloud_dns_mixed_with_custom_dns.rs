use crate::facts::disagreement::{self, Disagreement};
use crate::facts::mixture::Mixture;
use crate::facts::suspicion::{self, Suspicion};
use crate::facts::upstreams::UpstreamList;
use crate::facts::{Facts, Seen, mixture_fix, names};
use crate::finding::{Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;

declare_rule! {
    /// The cloud's own resolver stands in one list with custom DNS servers.
    ///
    /// ## What it does
    /// Looks for a platform resolver (Azure DNS 168.63.129.16, the Amazon resolver 169.254.169.253,
    /// Google Cloud's 169.254.169.254) beside any other server in the upstreams of a `forward`, or
    /// for a public resolver beside private ones. Where the Corefile is not known it looks at the
    /// nodes' resolv.conf. It is proven when the cloud's resolver says NXDOMAIN for a name that
    /// another server of the list knows.
    ///
    /// ## Why it matters
    /// The cloud's resolver does not know the names that only the custom servers hold. It answers
    /// NXDOMAIN, and that is final. A node works, because its resolver starts with the first server
    /// of the list; CoreDNS draws at random, so that pods fail for a share of their queries.
    ///
    /// ## How to fix
    /// Keep only the custom servers in the network's DNS setting, and make the cloud's resolver
    /// *their* forwarder. Then let the nodes and CoreDNS take the new list. Until then, a server
    /// block in `coredns-custom` sends the custom zone to the custom servers only.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    /// - <https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances>
    /// - <https://coredns.io/plugins/forward/>
    "upstreams/cloud-dns-mixed-with-custom-dns", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lists = match facts.upstream_lists() {
        Ok(lists) => lists,
        Err(gap) => {
            let (mixture, list, suspicion) = suspicion::of_nodes(facts).ok_or(gap)?;
            findings.push(on_list(facts, &list, &mixture, suspicion));
            return Ok(());
        }
    };
    let disagreements = disagreement::all(facts);
    for list in lists {
        let Some(mixture) = Mixture::of(&list.addresses()) else {
            continue;
        };
        let proof = disagreements
            .iter()
            .find(|it| it.list().forward == list.forward && mixture.is_denied_by_cloud(it.first()));
        findings.push(if let Some(proof) = proof {
            proven(facts, list, &mixture, proof)
        } else {
            let suspicion = suspicion::of_list(facts, list, &mixture);
            on_list(facts, list, &mixture, suspicion)
        });
    }
    lists
        .iter()
        .find_map(|list| list.unknown.clone())
        .map_or(Ok(()), Err)
}

fn proven(
    facts: &Facts<'_>,
    list: &UpstreamList,
    mixture: &Mixture,
    proof: &Disagreement<'_>,
) -> Finding {
    let mut evidence = proof.evidence().into_iter();
    let primary = evidence
        .next()
        .unwrap_or_else(|| disagreement::cite_choice(list));
    let finding = Finding::new(
        &RULE,
        proof.confidence(facts),
        proof.scope(),
        proof.message(),
        primary,
    )
    .explain(proof.explanation())
    .explaining(proof.symptoms());
    let finding = proof.contradictions(evidence.fold(finding, Finding::because));
    mixture_fix::add(
        finding,
        facts,
        list,
        mixture,
        Some((&proof.first().name, &proof.good())),
    )
}

/// A mixed list that nobody has proven guilty.
fn suspected(suspicion: Suspicion) -> Finding {
    let Suspicion {
        severity,
        confidence,
        message,
        primary,
        others,
        against,
        symptoms,
    } = suspicion;
    let finding = Finding::new(&RULE, confidence, Scope::Cluster, message, primary)
        .severity(severity)
        .explaining(symptoms);
    let finding = others.into_iter().fold(finding, Finding::because);
    against.into_iter().fold(finding, Finding::contradicted)
}

fn on_list(
    facts: &Facts<'_>,
    list: &UpstreamList,
    mixture: &Mixture,
    suspicion: Suspicion,
) -> Finding {
    let finding = suspected(suspicion);
    if finding.severity < Severity::High {
        return finding;
    }
    let finding = finding.explain(mixture.risk(list));
    let name = failing(facts);
    let block = name.map(|name| (name, mixture.custom.as_slice()));
    let finding = mixture_fix::add(finding, facts, list, mixture, block);
    mixture_fix::decide(finding, mixture, name)
}

fn failing<'a>(facts: &'a Facts<'_>) -> Option<&'a str> {
    facts
        .failing
        .first()
        .map(|failing| names::plain(&failing.name))
}
