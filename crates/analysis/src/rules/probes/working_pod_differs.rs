use digpod_probe::NameClass;

use crate::facts::{Facts, Seen, layers, working_pod};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;

declare_rule! {
    /// The failing pod and one that resolves differ in what bears on DNS.
    ///
    /// ## What it does
    /// Compares the failing pod with the one of `--working-pod`: namespace, node, network, dnsPolicy,
    /// dnsConfig, the labels by which policies of the namespace select, resolv.conf and, with `--exec`,
    /// the resolver of their images. Other labels, images and settings are left out.
    ///
    /// ## Why it matters
    /// Why one pod resolves what another does not is among what differs between them. Where nothing
    /// differs, the fault comes and goes, or it lies in the programs.
    ///
    /// ## How to fix
    /// Take one difference away at a time, beginning with the node, and try again.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    /// - <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
    "probes/working-pod-differs", Info, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let Some(differences) = working_pod::differences(facts.bundle())? else {
        return Ok(());
    };
    let symptom = &facts.bundle().manifest().symptom;
    let working = symptom.working_pod.as_deref().unwrap_or_default();
    let mut differences = differences.into_iter();
    let Some(first) = differences.next() else {
        return Ok(());
    };
    let rest: Vec<_> = differences.collect();
    let what = std::iter::once(&first).chain(&rest);
    let what: Vec<&str> = what
        .map(|it| it.what.split(',').next().unwrap_or_default())
        .collect();
    let message = format!(
        "The failing pod and {working}, which resolves, differ in {}",
        what.join(", ")
    );
    let namespace = symptom.namespace.as_deref().unwrap_or_default();
    let pod = symptom.pod.as_deref().unwrap_or_default();
    let scope = Scope::Pod(format!("{namespace}/{pod}"));
    let finding = Finding::new(&RULE, Confidence::Proven, scope, message, first.failing)
        .because(first.working)
        .explain(measured(facts));
    findings.push(rest.into_iter().fold(finding, |finding, it| {
        finding.because(it.failing).because(it.working)
    }));
    Ok(())
}

/// What this run got from both places.
fn measured(facts: &Facts<'_>) -> String {
    let from = |vantage: &str| {
        let classes = [NameClass::Custom, NameClass::Cluster, NameClass::Public];
        let reading = layers::through_service(facts, vantage, &classes);
        format!("{} of {}", reading.good, reading.tries)
    };
    format!(
        "In this run {} tries through the DNS Service worked from the failing pod's place and {} from \
         that of the pod that resolves.",
        from("workload"),
        from("working")
    )
}
