use digpod_netpol::{Direction, Protocol};

use crate::facts::policies::{self, Ways};
use crate::facts::policy_words::{Blocked, blocked};
use crate::facts::{Facts, Seen};
use crate::finding::{Findings, Scope, Severity};
use crate::rule::declare_rule;

declare_rule! {
    /// A NetworkPolicy of the pod's namespace does not let it ask CoreDNS.
    ///
    /// ## What it does
    /// Evaluates the NetworkPolicies that were collected for the way from the failing pod to each
    /// CoreDNS pod, on the port behind the Service, over UDP: it fires when the pod's egress is isolated
    /// and no rule lets it through. What the probes of the same place got decides how sure that is.
    ///
    /// ## Why it matters
    /// Dropped queries are not refused: each name takes the resolver's whole patience and then fails.
    /// The node, pods of other namespaces and probes without the pod's labels resolve everything.
    ///
    /// ## How to fix
    /// Add an egress rule for CoreDNS with UDP and TCP port 53.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    "network/egress-policy-blocks-dns", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let ways: Ways = policies::ways(facts)?;
    let what = Blocked {
        rule: &RULE,
        direction: Direction::Egress,
        scope: Scope::Namespace(ways.namespace.clone()),
        severity: Severity::High,
    };
    if ways.all_blocked(Protocol::Udp, Direction::Egress) {
        findings.push(blocked(facts, &ways, what));
    }
    Ok(())
}
