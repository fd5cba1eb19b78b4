use digpod_probe::{NameClass, Outcome, ServerRole};

use crate::facts::layers::{self, CLIENTS};
use crate::facts::{Facts, Seen, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// Public names resolve, the cluster's own do not.
    ///
    /// ## What it does
    /// Compares what a pod gets through the DNS Service: it fires when public names work in 95 % of the
    /// tries or more and `kubernetes.default.svc` of the cluster's domain in 80 % or fewer.
    ///
    /// ## Why it matters
    /// CoreDNS is reached and forwards. What fails is the `kubernetes` plugin: it has no copy of the
    /// API's Services (SERVFAIL), serves another domain, or another server block takes its zone
    /// (NXDOMAIN).
    ///
    /// ## How to fix
    /// SERVFAIL: look at CoreDNS's log for lines about the API and at its rights. NXDOMAIN: compare the
    /// domain in the Corefile with the search list of a pod.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/kubernetes/>
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    "probes/only-cluster-names-fail", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    if let Some((vantage, fails, works)) =
        layers::only_one_fails(facts, NameClass::Cluster, NameClass::Public)
        // Pods that give the same names at their own addresses have the plugin's data: it is the way to them.
        && !facts.probes.path(vantage, ServerRole::CorednsPod).works()
        && let (Some(bad), Some(good)) = (fails.cite(), works.cite())
    {
        let hint = if fails.count(Outcome::Nxdomain) > fails.count(Outcome::Servfail) {
            "NXDOMAIN: the `kubernetes` plugin serves another domain than the pods search in, or another \
             server block owns the zone."
        } else {
            "SERVFAIL and timeouts: the `kubernetes` plugin has no copy of the API's objects; its log says \
             why it cannot list or watch them."
        };
        let message = format!(
            "names of the cluster fail from {} ({} of {} tries), public names work",
            facts.place(vantage),
            fails.tries - fails.good,
            fails.tries,
        );
        findings.push(
            Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, bad)
                .because(good)
                .explain(hint)
                .explaining([Symptom::Internal, Symptom::Servfail, Symptom::Nxdomain, Symptom::Timeout])
                .fix(
                    "Look for lines about the API in CoreDNS's log, and compare its domain with the pods' \
                     search list",
                    Some("kubectl -n kube-system logs -l k8s-app=kube-dns --tail=100".to_owned()),
                ),
        );
    }
    vantages::need(facts, CLIENTS[0])
}
