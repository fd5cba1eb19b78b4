use digpod_resolv::Field;

use crate::facts::addresses::list as words;
use crate::facts::resolv_confs::ResolvFile;
use crate::facts::{Facts, Seen, cite, pod_scope};
use crate::finding::{Confidence, Finding, Findings, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A pod that should ask cluster DNS has other nameservers.
    ///
    /// ## What it does
    /// Compares the nameservers in the pod's resolv.conf with the addresses of the DNS Service and
    /// of node-local DNS (NodeLocal DNSCache, AKS LocalDNS, GKE Cloud DNS). Pods with
    /// `dnsPolicy` `Default` or `None`, and pods in the host network without
    /// `ClusterFirstWithHostNet`, are meant to have others and are left out. It is high instead of
    /// critical where cluster DNS is there and other servers stand beside it.
    ///
    /// ## Why it matters
    /// Another server knows no cluster name, and whatever is measured or repaired in CoreDNS changes
    /// nothing for this pod. Extra servers are asked when cluster DNS is slow; musl asks all of them
    /// at once and takes the first answer.
    ///
    /// ## How to fix
    /// A pod that is older than a change of the cluster's DNS address is to be recreated. Otherwise
    /// look at the kubelet's `clusterDNS` and at the pod's `dnsPolicy` and `dnsConfig`.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy>
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/>
    /// - <https://learn.microsoft.com/azure/aks/localdns-custom>
    "resolv-conf/pod-nameserver-is-not-cluster-dns", Critical, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let file = facts.resolv.of_pod(facts.bundle())?;
    if !facts.is_cluster_first(file) {
        return Ok(());
    }
    let services = facts.dns.service_addresses()?;
    let (right, wrong): (Vec<&Field>, Vec<&Field>) = file
        .conf
        .nameservers
        .iter()
        .partition(|field| facts.is_cluster_dns(&field.text).unwrap_or(true));
    let expected: Vec<String> = services.iter().map(|ip| ip.value.clone()).collect();
    let Some(first_wrong) = wrong.first() else {
        if right.is_empty() {
            findings.push(no_nameserver(facts, file, &expected));
        }
        return Ok(());
    };
    let found: Vec<String> = wrong.iter().map(|field| field.text.clone()).collect();
    let (severity, message) = if right.is_empty() {
        (
            Severity::Critical,
            format!(
                "{} asks {} and not cluster DNS ({})",
                file.whose(),
                words(&found),
                words(&expected)
            ),
        )
    } else {
        (
            Severity::High,
            format!(
                "{} has {} beside cluster DNS ({})",
                file.whose(),
                words(&found),
                words(&expected)
            ),
        )
    };
    let place = file.place_of(first_wrong);
    let mut finding = Finding::new(
        &RULE,
        Confidence::Proven,
        pod_scope(facts, file),
        message,
        cite(&place, "this nameserver is not cluster DNS"),
    )
    .severity(severity);
    for service in &services {
        finding = finding.because(service.cite("the address of the DNS Service"));
    }
    findings.push(with_words(finding, severity));
    Ok(())
}

fn with_words(finding: Finding, severity: Severity) -> Finding {
    let (explanation, symptoms): (_, &[Symptom]) = match severity {
        Severity::Critical => (
            "Names of the cluster do not exist for these servers, and the pod never asks CoreDNS.",
            &[Symptom::Internal, Symptom::Nxdomain, Symptom::ShortName],
        ),
        _ => (
            "glibc asks the further servers when cluster DNS is slow, musl asks all at once: names of \
             the cluster fail when another server answers first.",
            &[Symptom::Internal, Symptom::Intermittent, Symptom::Musl],
        ),
    };
    finding
        .explain(explanation)
        .explaining(symptoms.iter().copied())
        .fix("Recreate the pod if it is older than the last change of cluster DNS", None)
        .fix(
            "Otherwise compare the kubelet's clusterDNS with the DNS Service, and look at the pod's \
             dnsPolicy and dnsConfig",
            Some("kubectl get --raw /api/v1/nodes/NODE/proxy/configz".to_owned()),
        )
}

fn no_nameserver(facts: &Facts<'_>, file: &ResolvFile, expected: &[String]) -> Finding {
    let message = format!(
        "the resolv.conf of {} names no nameserver, not even {}",
        file.whose(),
        words(expected)
    );
    let evidence = cite(&file.place, "no `nameserver` line");
    let finding = Finding::new(
        &RULE,
        Confidence::Proven,
        pod_scope(facts, file),
        message,
        evidence,
    );
    with_words(finding, Severity::Critical)
}
