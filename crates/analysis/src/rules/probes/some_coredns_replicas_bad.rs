use std::collections::BTreeSet;

use crate::facts::addresses::list as words;
use crate::facts::probes::cite_row;
use crate::facts::replicas::{self, Bad};
use crate::facts::{Facts, Seen, cite, replica_nodes, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// Some CoreDNS pods fail where others work.
    ///
    /// ## What it does
    /// Asks each CoreDNS pod by its own address, for the same names from the same place: it fires when
    /// one pod gives a good answer in half of the tries or fewer and another one in nine of ten.
    ///
    /// ## Why it matters
    /// The Service spreads clients over all pods, so that as many queries fail as pods are bad. Who
    /// asks which pod is drawn for each socket: the same program works and fails by turns.
    ///
    /// ## How to fix
    /// Deleting the bad pod helps at once where the fault is its own. Then mend what sets it apart: its
    /// node, the way to it, the upstreams that it took when it started.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/basic-troubleshooting-dns-resolution-problems>
    "probes/some-coredns-replicas-bad", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    let bad = replicas::bad(facts);
    if !bad.is_empty() {
        findings.push(finding(facts, &bad));
    }
    Ok(())
}

fn finding(facts: &Facts<'_>, bad: &[Bad<'_>]) -> Finding {
    let replicas = replicas::replicas(facts);
    let all = replicas.len();
    let apart = replica_nodes::apart(facts, bad, &replicas);
    let from: BTreeSet<&str> = bad.iter().flat_map(|it| it.from.iter().copied()).collect();
    let works: BTreeSet<&str> = bad
        .iter()
        .flat_map(|it| it.works_from.iter().copied())
        .collect();
    let places =
        |all: &BTreeSet<&str>| words(&all.iter().map(|it| facts.place(it)).collect::<Vec<_>>());
    let pods: Vec<String> = bad.iter().map(|it| it.replica.words()).collect();
    let one_draw = apart.is_none() && bad.iter().all(Bad::may_be_one_draw);
    let verb = match (one_draw, bad.len()) {
        (false, 1) => "fails where the others answer",
        (false, n) if n == all => "fail, each where another answers",
        (false, _) => "fail where the others answer",
        (true, 1) => "gives another answer than the others",
        (true, _) => "give another answer than the others",
    };
    let elsewhere = if works.is_empty() {
        String::new()
    } else {
        format!(", and works from {}", places(&works))
    };
    let message = format!(
        "{} of {all} CoreDNS pods {verb}: {}, asked from {}{elsewhere}",
        bad.len(),
        words(&pods),
        places(&from),
    );
    let nodes: BTreeSet<&str> = from
        .iter()
        .filter_map(|it| facts.probes.node_of(it))
        .collect();
    let client = nodes
        .iter()
        .next()
        .filter(|_| nodes.len() == 1 && !works.is_empty());
    let scope = scope(bad, client.copied());
    let mut evidence = bad.iter().flat_map(|it| {
        let pairs = it.failing.iter().zip(&it.beside).take(3);
        pairs.flat_map(|(bad, good)| [cite_row(bad), cite_row(good)])
    });
    // `bad` names only pods with rows that fail.
    let whole = digpod_bundle::Place::whole("probes");
    let primary = evidence
        .next()
        .unwrap_or_else(|| cite(&whole, "the probes"));
    let confidence = if one_draw {
        Confidence::Possible
    } else {
        Confidence::Proven
    };
    let mut finding = Finding::new(&RULE, confidence, scope, message, primary);
    for evidence in evidence {
        if !finding.evidence.contains(&evidence) {
            finding = finding.because(evidence);
        }
    }
    let pods = bad.iter().filter_map(|it| it.replica.pod);
    let names: Vec<&str> = pods.map(|pod| pod.metadata.name.as_str()).collect();
    let namespace = bad
        .first()
        .and_then(|it| it.replica.pod?.metadata.namespace.as_deref());
    if let Some(apart) = &apart {
        finding = finding.because(cite_row(apart.row));
    }
    let delete = format!(
        "kubectl -n {} delete pod {}",
        namespace.unwrap_or("kube-system"),
        names.join(" ")
    );
    let explanation = replicas::explanation(facts, bad, all, client.is_some(), one_draw);
    let (why, step) = match (&apart, client) {
        (Some(apart), _) => (format!("{} {explanation}", apart.words), apart.fix.as_str()),
        (None, Some(_)) => (
            explanation,
            "Mend the way from that node to the pod (routes, overlay, security groups, policies of \
             the network plugin); the pod itself works from elsewhere",
        ),
        (None, None) => (
            explanation,
            "Replace the pod, which helps at once where the fault is its own, and mend what sets it \
             apart",
        ),
    };
    let replace = client.is_none() && apart.as_ref().is_none_or(|it| it.replace);
    finding
        .explain(why)
        .explaining([Symptom::Intermittent, Symptom::Replica, Symptom::PodOnly])
        .explaining(bad.iter().flat_map(Bad::symptoms))
        .explaining(client.map(|_| Symptom::Node))
        .explaining(apart.as_ref().map(|_| Symptom::NodeToo))
        .fix(step, (replace && !names.is_empty()).then_some(delete))
}

/// The node that cannot reach them, or the first of the pods.
fn scope(bad: &[Bad<'_>], client: Option<&str>) -> Scope {
    match (client, bad.first().and_then(|it| it.replica.pod)) {
        (Some(node), _) => Scope::Node(node.to_owned()),
        (None, Some(pod)) => {
            let namespace = pod.metadata.namespace.as_deref().unwrap_or("kube-system");
            Scope::Pod(format!("{namespace}/{}", pod.metadata.name))
        }
        (None, None) => Scope::Cluster,
    }
}
