use digpod_probe::{NameClass, Outcome};

use crate::facts::layers::{self, CLIENTS};
use crate::facts::{Facts, Seen, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// The cluster's own names resolve, public names do not.
    ///
    /// ## What it does
    /// Compares what a pod gets through the DNS Service: it fires when names of the cluster work in 95 %
    /// of the tries or more and public names in 80 % or fewer.
    ///
    /// ## Why it matters
    /// The way to CoreDNS and CoreDNS itself are well. What fails is what it forwards: its upstreams, its
    /// way to them, or a limit on forwarding.
    ///
    /// ## How to fix
    /// Ask each upstream directly, from a pod and from a node: the answers tell which of the three it is.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    /// - <https://coredns.io/plugins/forward/>
    "probes/only-external-names-fail", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    if let Some((vantage, fails, works)) =
        layers::only_one_fails(facts, NameClass::Public, NameClass::Cluster)
        && let (Some(bad), Some(good)) = (fails.cite(), works.cite())
    {
        let most = [
            Outcome::Timeout,
            Outcome::Servfail,
            Outcome::Refused,
            Outcome::Nxdomain,
        ];
        let most = most
            .into_iter()
            .max_by_key(|it| (fails.count(*it), std::cmp::Reverse(*it)));
        let hint = match most {
            Some(Outcome::Refused) => {
                "REFUSED: a limit of CoreDNS (`max_concurrent`), an `acl`, or an upstream that does not \
                 serve this network."
            }
            Some(Outcome::Nxdomain) => {
                "NXDOMAIN: a server that claims to know all names, or a `template` in the Corefile."
            }
            _ => {
                "Timeouts and SERVFAIL: the upstreams are silent, or CoreDNS's way to them is closed."
            }
        };
        let message = format!(
            "public names fail from {} ({} of {} tries), names of the cluster work",
            facts.place(vantage),
            fails.tries - fails.good,
            fails.tries,
        );
        findings.push(
            Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, bad)
                .because(good)
                .explain(hint)
                .explaining([Symptom::External, Symptom::Timeout, Symptom::Servfail])
                .explaining([Symptom::Refused, Symptom::Nxdomain])
                .fix(
                    "Ask each upstream from CoreDNS's nodes, and mend the one that fails",
                    None,
                ),
        );
    }
    vantages::need(facts, CLIENTS[0])
}
