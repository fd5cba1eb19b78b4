use digpod_probe::NameClass;

use crate::facts::readings::Reading;
use crate::facts::working_pod::{self, Difference};
use crate::facts::{Facts, Seen, layers};
use crate::finding::{Confidence, Evidence, Finding, Findings, Scope};
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
    /// differs, the fault comes and goes, or it lies in the programs. A pod named as the one that
    /// resolves may fail as well: then what differs is not the reason.
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
    let [other, own] = ["working", "workload"].map(|vantage| {
        let classes = [NameClass::Custom, NameClass::Cluster, NameClass::Public];
        layers::through_service(facts, vantage, &classes)
    });
    let names: Vec<&str> = differences.iter().map(Difference::name).collect();
    let differ = match names.as_slice() {
        [] => "differ in nothing that bears on DNS".to_owned(),
        names => format!("differ in {}", names.join(", ")),
    };
    let fails = other.fails();
    let message = if fails {
        format!(
            "{working}, named as the pod that resolves, fails as well; it and the failing pod {differ}"
        )
    } else {
        let how = if other.works() {
            "which resolves"
        } else {
            "which is said to resolve"
        };
        format!("The failing pod and {working}, {how}, {differ}")
    };
    let mut evidence: Vec<Evidence> = other.cite().into_iter().filter(|_| fails).collect();
    let values: Vec<String> = differences.iter().map(Difference::words).collect();
    for it in differences {
        evidence.extend([it.failing, it.working]);
    }
    let mut evidence = evidence.into_iter();
    let Some(primary) = evidence.next() else {
        return Ok(());
    };
    let of = |it: &Reading<'_>| match it.tries {
        0 => "none was asked".to_owned(),
        tries => format!("{} of {tries} worked", it.good),
    };
    let measured = format!(
        "Tries through the DNS Service in this run: {} from the failing pod's place, {} from the other's.",
        of(&own),
        of(&other),
    );
    let namespace = symptom.namespace.as_deref().unwrap_or_default();
    let pod = symptom.pod.as_deref().unwrap_or_default();
    let scope = Scope::Pod(format!("{namespace}/{pod}"));
    let finding = Finding::new(&RULE, Confidence::Proven, scope, message, primary).explain(
        if values.is_empty() {
            measured
        } else {
            format!(
                "{measured} The failing pod's and the other's: {}.",
                values.join("; ")
            )
        },
    );
    findings.push(evidence.fold(finding, Finding::because));
    Ok(())
}
