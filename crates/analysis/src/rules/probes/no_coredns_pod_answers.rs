use std::collections::BTreeSet;

use digpod_probe::{ServerRole, Transport};

use crate::facts::addresses::{bare, list as words};
use crate::facts::probes::cite_row;
use crate::facts::readings::{is_node, is_pod};
use crate::facts::{Facts, Gap, Lack, Seen, cure, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// No CoreDNS pod answers anybody.
    ///
    /// ## What it does
    /// Asks each CoreDNS pod by its own address, past the Service, from pods with and without policies
    /// and from nodes: it fires when nine of ten queries over UDP, or more, get no answer at all, and at
    /// least one of those who asked is under no policy of the failing pod's namespace.
    ///
    /// ## Why it matters
    /// The pods may be Running and Ready, and the Service may have its endpoints: nothing resolves all
    /// the same. Who looks at one pod, one node or one name looks in the wrong place.
    ///
    /// ## How to fix
    /// Restart CoreDNS; if that does not help, look at what stands between everybody and its nodes.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    "probes/no-coredns-pod-answers", Critical, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    let asked = facts.probes.reading(|row| {
        row.role == ServerRole::CorednsPod
            && row.transport == Transport::Udp
            && (is_pod(&row.vantage) || is_node(&row.vantage))
    });
    if asked.rows.is_empty() {
        return Err(Gap {
            lacks: Lack::Questions,
            entry: "probes/workload/records.json".to_owned(),
            reason: "no CoreDNS pod was asked by its own address".to_owned(),
        });
    }
    let from: BTreeSet<&str> = asked.rows.iter().map(|row| row.vantage.as_str()).collect();
    let unbound = |it: &&str| *it == "control" || is_node(it);
    let Some(first) = asked.rows.first() else {
        return Ok(());
    };
    if !asked.is_silent() || !from.iter().any(unbound) {
        return Ok(());
    }
    let pods: BTreeSet<String> = asked
        .rows
        .iter()
        .map(|row| bare(&row.server).to_owned())
        .collect();
    let places: Vec<String> = from.iter().map(|it| facts.place(it)).collect();
    let message = format!(
        "no CoreDNS pod answers: {} of {} queries to {} got an answer, asked from {}",
        asked.answered,
        asked.tries,
        words(&pods.into_iter().collect::<Vec<_>>()),
        words(&places),
    );
    let namespace = cure::namespace(facts);
    let finding = Finding::new(
        &RULE,
        Confidence::Proven,
        Scope::Cluster,
        message,
        cite_row(first),
    );
    let rest = asked
        .rows
        .iter()
        .filter(|row| row.vantage != first.vantage)
        .take(3);
    findings.push(
        rest.fold(finding, |finding, row| finding.because(cite_row(row)))
            .explain(
                "They were asked at their own addresses by pods and nodes alike: neither the Service nor a \
                 policy of one namespace is the reason. CoreDNS hangs or has no time, something on its side \
                 drops what comes in (a policy of its namespace, a firewall), or the pod network to its \
                 nodes is down.",
            )
            .explaining([Symptom::All, Symptom::Timeout, Symptom::Internal, Symptom::External])
            .explaining([Symptom::Custom, Symptom::PodOnly, Symptom::Slow])
            .fix("Restart CoreDNS, which helps at once where it hangs", Some(cure::restart(facts)))
            .fix(
                "If it does not help, look at its nodes: the network plugin's agent, routes and firewall, and \
                 at NetworkPolicies in its own namespace",
                Some(format!("kubectl -n {namespace} get pods,networkpolicies -o wide")),
            ),
    );
    Ok(())
}
