use digpod_bundle::k8s::Pod;
use digpod_bundle::{Place, layout};

use crate::facts::dns_objects::{is_ready, why_not_ready};
use crate::facts::{Cited, Facts, Seen, cure};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// No CoreDNS pod is ready, or fewer than there should be.
    ///
    /// ## What it does
    /// Counts the DNS pods that are ready and not being deleted against the number that their
    /// Deployment or DaemonSet wants. None is critical, as is a Deployment that was scaled to zero;
    /// some are high; a rollout in progress, with a pod younger than a minute, is medium.
    ///
    /// ## Why it matters
    /// Without a ready pod the DNS Service has no endpoint, and no name resolves in any pod.
    ///
    /// ## How to fix
    /// Look at why the pods are not ready: `kubectl describe` and the log of the previous container.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/basic-troubleshooting-dns-resolution-problems>
    "coredns/no-ready-coredns-replica", Critical, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let pods = facts.dns.pods.as_ref().map_err(Clone::clone)?;
    let workload = facts.dns.workload.as_ref();
    let desired = workload
        .ok()
        .and_then(|workload| match workload.kind.as_str() {
            "DaemonSet" => workload.status.desired_number_scheduled,
            _ => workload.spec.replicas.or(Some(1)),
        });
    if let (Some(0), Ok(workload)) = (desired, workload) {
        let place = Place::json(layout::DNS_WORKLOAD, "/spec/replicas");
        let message = format!(
            "{} {} is scaled to zero",
            workload.kind, workload.metadata.name
        );
        let evidence = Cited::new((), place).cite("no pod is wanted");
        findings.push(finding(facts, Confidence::Proven, message, evidence));
        return Ok(());
    }
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let wanted = desired
        .and_then(|desired| usize::try_from(desired).ok())
        .unwrap_or(pods.len());
    // Without pods and without a workload that wants some, nothing says that CoreDNS should be here.
    if ready >= wanted {
        return workload.map_or_else(
            |gap| {
                if pods.is_empty() {
                    Err(gap.clone())
                } else {
                    Ok(())
                }
            },
            |_| Ok(()),
        );
    }
    let severity = match ready {
        _ if is_rolling(facts, pods) => Severity::Medium,
        0 => Severity::Critical,
        _ => Severity::High,
    };
    let message = match ready {
        0 => format!("none of {wanted} CoreDNS pods is ready"),
        _ => format!("only {ready} of {wanted} CoreDNS pods are ready"),
    };
    let mut evidence = pods
        .iter()
        .filter(|pod| !is_ready(pod))
        .map(|pod| pod.cite(why_not_ready(pod)));
    let primary = evidence.next().unwrap_or_else(|| {
        Cited::new((), Place::json(layout::DNS_PODS, "")).cite("the list of DNS pods")
    });
    let finding = finding(facts, Confidence::Proven, message, primary).severity(severity);
    let finding = evidence.fold(finding, Finding::because);
    findings.push(match ready {
        0 => finding,
        // The Service sends no client to a pod that is not ready.
        _ => Finding {
            explains: vec![Symptom::Slow, Symptom::Timeout],
            ..finding
        },
    });
    Ok(())
}

fn finding(
    facts: &Facts<'_>,
    confidence: Confidence,
    message: String,
    evidence: crate::finding::Evidence,
) -> Finding {
    let namespace = cure::namespace(facts);
    Finding::new(&RULE, confidence, Scope::Cluster, message, evidence)
        .explaining([
            Symptom::All,
            Symptom::Internal,
            Symptom::External,
            Symptom::Custom,
            Symptom::Timeout,
            Symptom::PodOnly,
        ])
        .fix(
            "Find out why the pods are not ready",
            Some(format!(
                "kubectl -n {namespace} describe pods -l k8s-app=kube-dns"
            )),
        )
}

fn is_rolling(facts: &Facts<'_>, pods: &[Cited<Pod>]) -> bool {
    let now = digpod_probe::unix_seconds(&facts.bundle().manifest().collected.started);
    let young = |pod: &&Cited<Pod>| {
        let born = pod
            .metadata
            .creation_timestamp
            .as_deref()
            .and_then(digpod_probe::unix_seconds);
        now.zip(born).is_some_and(|(now, born)| now - born < 60)
    };
    let behind =
        facts.dns.workload.as_ref().is_ok_and(|workload| {
            workload.status.observed_generation < workload.metadata.generation
        });
    behind || pods.iter().any(|pod| young(&pod))
}
