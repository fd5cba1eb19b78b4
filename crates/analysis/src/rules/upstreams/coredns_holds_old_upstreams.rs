use std::collections::BTreeSet;

use crate::facts::addresses::{bare, describe, list as words};
use crate::facts::stale::{self, Stale};
use crate::facts::{Facts, Seen, cite};
use crate::finding::{Confidence, Evidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// CoreDNS still asks servers that are no longer in its node's list.
    ///
    /// ## What it does
    /// Where `forward` takes its servers from `/etc/resolv.conf`, compares what each CoreDNS pod took
    /// when it started (its sandbox's resolv.conf, or the servers that its metrics name) with the list
    /// that a new pod would get on the same node today.
    ///
    /// ## Why it matters
    /// The kubelet writes that file once, when the pod is made. A change of the network's DNS servers
    /// reaches nodes and new pods and never a CoreDNS that runs: the node resolves by the new list, pods
    /// by the old one.
    ///
    /// ## How to fix
    /// Make the CoreDNS pods anew, after the nodes' own lists are right. A rolling restart keeps DNS up.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/forward/>
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    "upstreams/coredns-holds-old-upstreams", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let (found, unknown) = stale::stale(facts)?;
    if !found.is_empty() {
        findings.push(finding(&found));
    }
    unknown.map_or(Ok(()), Err)
}

fn finding(found: &[Stale<'_>]) -> Finding {
    let gone: BTreeSet<&str> = found
        .iter()
        .flat_map(|it| it.gone.iter().map(|(server, _)| bare(server)))
        .collect();
    let new: BTreeSet<&str> = found
        .iter()
        .flat_map(|it| it.new.iter().map(|it| bare(it)))
        .collect();
    let list = |all: &BTreeSet<&str>| words(&all.iter().map(|it| describe(it)).collect::<Vec<_>>());
    let pods: Vec<String> = found.iter().map(|it| it.held.pod.clone()).collect();
    let node = found
        .first()
        .and_then(|it| it.held.node.clone())
        .unwrap_or_default();
    let message = match (gone.is_empty(), new.is_empty()) {
        (false, _) => format!(
            "CoreDNS ({}) still asks {}, which is not in the list of node {node} any more",
            words(&pods),
            list(&gone),
        ),
        (true, _) => format!(
            "CoreDNS ({}) does not ask {}, which was added to the list of node {node} after it started",
            words(&pods),
            list(&new),
        ),
    };
    let mut evidence = found
        .iter()
        .flat_map(|it| it.gone.iter().map(|(_, it)| it.clone()));
    let today = found.iter().map(|it| {
        let servers = words(&it.file.nameservers());
        cite(
            &it.file.place,
            format!("{} lists {servers} today", it.file.whose()),
        )
    });
    let today: Vec<Evidence> = today.collect();
    let primary = evidence.next().or_else(|| today.first().cloned());
    let place = digpod_bundle::Place::whole("dns/pods.json");
    let primary = primary.unwrap_or_else(|| cite(&place, "the DNS pods"));
    let finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary);
    evidence
        .chain(today)
        .fold(finding, Finding::because)
        .explain(
            "`forward . /etc/resolv.conf` reads the file of CoreDNS's own pod, which the kubelet wrote from \
             the node's list when it made the pod. `reload` watches the Corefile and not this file.",
        )
        .explaining([Symptom::Custom, Symptom::PodOnly, Symptom::Nxdomain, Symptom::Intermittent])
        .explaining([Symptom::Timeout, Symptom::Servfail, Symptom::External, Symptom::Replica])
        .explaining([Symptom::Burst])
        .fix(
            "Make the CoreDNS pods anew, so that each takes today's list of its node",
            Some("kubectl -n kube-system rollout restart deployment coredns".to_owned()),
        )
}
