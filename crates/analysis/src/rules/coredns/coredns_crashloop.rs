use digpod_bundle::k8s::Pod;

use crate::facts::crashes::{crashes, last_words};
use crate::facts::{Cited, Facts, Seen, cure};
use crate::finding::{Confidence, Evidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// CoreDNS pods crash again and again.
    ///
    /// ## What it does
    /// Reports DNS containers that wait in `CrashLoopBackOff`, and those that were restarted three
    /// times or more with the last end within the hour before collection. The log of the previous
    /// container says why, where it was collected.
    ///
    /// ## Why it matters
    /// A pod that crashes leaves the DNS Service. If all do, no name resolves.
    ///
    /// ## How to fix
    /// Read the log of the previous container. After a change of the Corefile or of
    /// `coredns-custom`, take the change back and restart CoreDNS.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    /// - <https://learn.microsoft.com/azure/aks/coredns-custom>
    /// - <https://coredns.io/plugins/loop/#troubleshooting>
    "coredns/coredns-crashloop", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let pods = facts.dns.pods.as_ref().map_err(Clone::clone)?;
    let crashing: Vec<(&Cited<Pod>, Evidence)> = pods
        .iter()
        .filter_map(|pod| Some((pod, crashes(facts, pod)?)))
        .collect();
    let Some((first, primary)) = crashing.first() else {
        return Ok(());
    };
    let names: Vec<String> = crashing
        .iter()
        .map(|(pod, _)| pod.metadata.name.clone())
        .collect();
    let all = crashing.len() == pods.len();
    let message = format!(
        "{} of {} CoreDNS pods crash again and again: {}",
        crashing.len(),
        pods.len(),
        crate::facts::addresses::list(&names),
    );
    let finding = Finding::new(
        &RULE,
        Confidence::Proven,
        Scope::Cluster,
        message,
        primary.clone(),
    );
    let mut finding = finding.severity(if all {
        Severity::Critical
    } else {
        Severity::High
    });
    for (_, evidence) in crashing.iter().skip(1) {
        finding = finding.because(evidence.clone());
    }
    let lasts: Vec<Evidence> = names
        .iter()
        .filter_map(|pod| last_words(facts, pod))
        .collect();
    let explanation = if lasts.is_empty() {
        "The logs of the containers that crashed do not say why, or were not collected."
    } else {
        "The log of the container that crashed says why."
    };
    finding = lasts.into_iter().fold(finding, Finding::because);
    let symptoms: &[Symptom] = if all {
        &[
            Symptom::All,
            Symptom::Internal,
            Symptom::External,
            Symptom::Custom,
            Symptom::Timeout,
        ]
    } else {
        &[Symptom::Timeout, Symptom::Slow]
    };
    let namespace = cure::namespace(facts);
    let pod = cure::word(&first.metadata.name, "POD");
    findings.push(
        finding
            .explain(explanation)
            .explaining(symptoms.iter().copied())
            .fix(
                "Read why the previous container ended",
                Some(format!("kubectl -n {namespace} logs {pod} --previous")),
            )
            .fix(
                "Take back the last change of the Corefile or of coredns-custom, then restart CoreDNS",
                Some(cure::restart(facts)),
            ),
    );
    Ok(())
}
