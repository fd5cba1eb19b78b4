use digpod_netpol::{Direction, Protocol};

use crate::facts::policies::{self, Ways};
use crate::facts::policy_words::{Blocked, blocked};
use crate::facts::{Facts, Seen};
use crate::finding::{Findings, Scope, Severity};
use crate::rule::declare_rule;

declare_rule! {
    /// A NetworkPolicy of CoreDNS's namespace does not let the pod in.
    ///
    /// ## What it does
    /// Evaluates the NetworkPolicies that were collected for the way from the failing pod to each
    /// CoreDNS pod, on the port behind the Service, over UDP: it fires when ingress of CoreDNS is
    /// isolated and no rule admits the pod.
    ///
    /// ## Why it matters
    /// Such a policy cuts every namespace off that it does not name: often all but its own. Nodes still
    /// resolve, since they do not ask CoreDNS.
    ///
    /// ## How to fix
    /// Admit UDP and TCP port 53 from all namespaces.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    "network/ingress-policy-blocks-coredns", Critical, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let ways: Ways = policies::ways(facts)?;
    let what = Blocked {
        rule: &RULE,
        direction: Direction::Ingress,
        scope: Scope::Cluster,
        severity: Severity::Critical,
    };
    if ways.all_blocked(Protocol::Udp, Direction::Ingress) {
        findings.push(blocked(facts, &ways, what));
    }
    Ok(())
}
