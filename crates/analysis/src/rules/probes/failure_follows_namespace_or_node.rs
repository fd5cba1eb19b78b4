use std::collections::BTreeSet;

use crate::facts::addresses::list as words;
use crate::facts::probes::cite_row;
use crate::facts::readings::Reading;
use crate::facts::{Facts, Seen, contrast, policy_verdict, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// Whether DNS works depends on the namespace, or on the node, of whoever asks.
    ///
    /// ## What it does
    /// Compares the sibling of the failing pod with a pod of the same node in a namespace without
    /// policies, and the nodes with each other: same names, same servers. It fires when one side fails
    /// in half of the tries or more and the other works in nine of ten.
    ///
    /// ## Why it matters
    /// It takes whole groups of causes away: with the namespace go policies and the pod's labels, with
    /// the node go its network, kube-proxy and firewall. CoreDNS and its upstreams serve both.
    ///
    /// ## How to fix
    /// Namespace: look at the NetworkPolicies that select the pod. Node: look at the way from that node
    /// to the nodes of CoreDNS.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    /// - <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
    "probes/failure-follows-namespace-or-node", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    by_namespace(facts, findings);
    by_node(facts, findings);
    vantages::need(facts, "workload")?;
    vantages::need(facts, "control")?;
    vantages::need_node(facts)
}

/// The sibling fails, the pod without policies works.
fn by_namespace(facts: &Facts<'_>, findings: &mut Findings) {
    let Some((workload, control)) = contrast::namespaces(facts) else {
        return;
    };
    let (Some(bad), Some(good)) = (workload.rows.first(), control.rows.first()) else {
        return;
    };
    let namespace = facts.bundle().manifest().symptom.namespace.clone();
    let named = namespace.as_deref().unwrap_or("the failing pod's");
    let node = facts.probes.node_of("workload").unwrap_or("its node");
    let silent = workload.is_silent();
    let message = format!(
        "pods like the failing one in namespace {named} {}, a pod on the same node where no policy applies \
         gets answers",
        if silent {
            "get no answer from DNS"
        } else {
            "fail"
        },
    );
    let scope = namespace.clone().map_or(Scope::Cluster, Scope::Namespace);
    let differs = policy_verdict::what_differs(facts, named);
    let finding = Finding::new(&RULE, Confidence::Proven, scope, message, cite_row(bad));
    findings.push(
        differs
            .against
            .into_iter()
            .take(4)
            .fold(finding, Finding::contradicted)
            .because(cite_row(good))
            .explain(format!(
                "{} of {} tries worked in the one and {} of {} in the other, at the same servers, both on {node}: \
                 neither CoreDNS nor the node's network is the reason. {}",
                workload.good, workload.tries, control.good, control.tries, differs.words,
            ))
            .explaining([Symptom::Namespace, Symptom::All, Symptom::Timeout, Symptom::Internal])
            .explaining([Symptom::External, Symptom::Custom, Symptom::PodOnly])
            .fix(differs.step, Some(differs.command))
            .decide(
                "Ask which policy stops it",
                Some(format!(
                    "digpod netpol can-reach {named}/POD dns -f BUNDLE"
                )),
            ),
    );
}

/// Clients on some nodes fail with every CoreDNS pod, those on others work.
fn by_node(facts: &Facts<'_>, findings: &mut Findings) {
    let (bad, good) = contrast::nodes(facts);
    let (Some((node, reading)), Some((_, works))) = (bad.first(), good.first()) else {
        return;
    };
    let (Some(primary), Some(beside)) = (reading.cite(), works.cite()) else {
        return;
    };
    let nodes = |all: &[(&str, Reading<'_>)]| {
        let all: BTreeSet<String> = all.iter().map(|(node, _)| (*node).to_owned()).collect();
        all.into_iter().collect::<Vec<_>>()
    };
    let (failing, working) = (nodes(&bad), nodes(&good));
    let dns = facts.dns.nodes();
    let only_beside = !dns.is_empty()
        && working.iter().all(|node| dns.contains_key(node))
        && failing.iter().all(|node| !dns.contains_key(node));
    let message = format!(
        "no CoreDNS pod answers node{} {}, and {} {} answers",
        if failing.len() == 1 { "" } else { "s" },
        words(&failing),
        words(&working),
        if working.len() == 1 { "gets" } else { "get" },
    );
    let finding = Finding::new(
        &RULE,
        Confidence::Proven,
        Scope::Node((*node).to_owned()),
        message,
        primary,
    )
    .because(beside);
    let rest = bad.iter().skip(1).chain(good.iter().skip(1));
    let finding = rest
        .filter_map(|(_, it)| it.cite())
        .take(4)
        .fold(finding, Finding::because);
    findings.push(
        finding
            .explain(if only_beside {
                "Only nodes that run CoreDNS get answers: what goes from node to node is lost, which is \
                 the pod network itself (its overlay's port, a route, checksums)."
            } else {
                "The same pods answer other nodes, so that CoreDNS is well; what is broken is the way \
                 from those nodes."
            })
            .explaining([Symptom::Node, Symptom::All, Symptom::Timeout, Symptom::Internal])
            .explaining([Symptom::External, Symptom::Custom])
            .fix(
                "Look at the way from these nodes to CoreDNS's: security groups and routes between their \
                 subnets, the overlay's UDP port (8472, 4789 or 6081), the network plugin's agent",
                Some(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={node}")),
            ),
    );
}
