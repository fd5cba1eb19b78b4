use digpod_probe::{NameClass, Outcome, Transport};

use crate::facts::addresses::list as words;
use crate::facts::measured::{self, Measured};
use crate::facts::names::plain;
use crate::facts::probes::cite_row;
use crate::facts::{Facts, Seen, disagreement, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// The node resolves a name that fails in pods.
    ///
    /// ## What it does
    /// Compares what a probe in the host network of a node got from the node's own resolv.conf,
    /// walked as a resolver walks it, with what a pod got through the DNS Service: the node
    /// succeeds in 90 % of its tries or more, the pod fails in 10 % or more. Names of the cluster
    /// itself are left out: nodes cannot resolve them, and need not.
    ///
    /// ## Why it matters
    /// The two ask differently. A node asks its servers in listed order and stays with the first
    /// that answers. CoreDNS takes its list when it starts, on its own node, and draws from it at
    /// random. "It works on the node" therefore proves little about the servers.
    ///
    /// ## How to fix
    /// Compare the upstreams one by one: a server that does not know the name is the cause.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    "probes/pod-fails-node-works", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let rows = facts.probes.seen(facts.bundle())?;
    let walks: Vec<&Row> = rows
        .iter()
        .filter(|row| row.is_walk() && row.vantage.starts_with("node-"))
        .filter(|row| row.transport == Transport::Udp)
        .collect();
    vantages::need_node(facts)?;
    for pod in facts.probes.through_service() {
        let outside = matches!(pod.class, NameClass::Public | NameClass::Custom);
        let measured = measured::of_row(pod);
        let node = walks.iter().find(|row| same_question(row, pod));
        if let Some(node) = node
            && outside
            && measured.tries >= 3
            && node.tries() >= 3
            && measured.percent() >= 10
            && node.count(Outcome::Ok) * 10 >= node.tries() * 9
        {
            findings.push(finding(facts, node, &measured));
        }
    }
    Ok(())
}

fn same_question(a: &Row, b: &Row) -> bool {
    a.name == b.name && a.record_type == b.record_type
}

fn finding(facts: &Facts<'_>, node: &Row, measured: &Measured<'_>) -> Finding {
    let pod = measured.row;
    let on = node.vantage.strip_prefix("node-").unwrap_or(&node.vantage);
    let message = format!(
        "{} {} resolves on node {on} and fails in {} % of the tries of a pod",
        plain(&pod.name),
        pod.record_type,
        measured.percent(),
    );
    let finding = Finding::new(
        &RULE,
        Confidence::Proven,
        Scope::Name(pod.name.clone()),
        message,
        cite_row(pod),
    )
    .because(cite_row(node))
    .explaining([Symptom::PodOnly]);
    let Some(list) = facts.serving(&pod.name) else {
        return finding.explain(
            "The node asks its own servers in listed order; the pod asks CoreDNS, which has a list of \
             its own.",
        );
    };
    finding.because(disagreement::cite_choice(list)).explain(format!(
        "The node asks its servers in listed order and stays with the first that answers. CoreDNS {} \
         {}, a list that it read when it started, on its own node.",
        list.chooses(),
        words(&list.addresses()),
    ))
}
