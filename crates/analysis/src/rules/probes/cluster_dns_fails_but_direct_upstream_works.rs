use digpod_probe::{NameClass, Outcome, ServerRole};

use crate::facts::addresses::{bare, list as words};
use crate::facts::layers::{self, CLIENTS};
use crate::facts::names::plain;
use crate::facts::probes::{cite_row, outcome_words};
use crate::facts::readings::Reading;
use crate::facts::{Facts, Seen, disagreement, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A name fails through cluster DNS, and an upstream that is asked directly knows it.
    ///
    /// ## What it does
    /// Asks the DNS Service and each upstream for the same name from the same pod: it fires when half
    /// of the tries or more fail through the Service, where the cluster's own names work, and an
    /// upstream gives a good answer in nine of ten.
    ///
    /// ## Why it matters
    /// The servers know the name and the pod's network reaches CoreDNS. What remains is CoreDNS itself:
    /// which server it asks, what its Corefile does with the name, a limit that it has reached, or its
    /// own way to the servers.
    ///
    /// ## How to fix
    /// In this order: the custom configuration, the list of servers that CoreDNS took when it started,
    /// the policy that it draws by, policies and routes on CoreDNS's own way out.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    /// - <https://coredns.io/plugins/forward/>
    "probes/cluster-dns-fails-but-direct-upstream-works", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    for row in facts.probes.through_service() {
        let outside = matches!(row.class, NameClass::Public | NameClass::Custom);
        if !outside || row.record_type != "A" || !Reading::of([row]).fails() {
            continue;
        }
        if !layers::through_service(facts, &row.vantage, &[NameClass::Cluster]).works() {
            continue;
        }
        let servers = layers::from_upstreams(facts, &row.vantage, &row.name);
        let knows = servers.into_iter().filter(|it| Reading::of([*it]).works());
        let knows: Vec<&Row> = knows.collect();
        if let Some(first) = knows.first() {
            findings.push(finding(facts, row, first, &knows));
        }
    }
    vantages::need(facts, CLIENTS[0])
}

fn finding(facts: &Facts<'_>, row: &Row, first: &Row, knows: &[&Row]) -> Finding {
    let servers: Vec<String> = knows.iter().map(|it| bare(&it.server).to_owned()).collect();
    let message = format!(
        "{} fails through cluster DNS ({}), and {} asked directly from the same pod {} it",
        plain(&row.name),
        outcome_words(row),
        words(&servers),
        if servers.len() == 1 { "knows" } else { "know" },
    );
    let scope = Scope::Name(row.name.clone());
    let mut finding = Finding::new(&RULE, Confidence::Proven, scope, message, cite_row(row))
        .because(cite_row(first));
    let list = facts.serving(&row.name);
    let asked = list.map(|list| {
        let asked = knows
            .iter()
            .any(|it| list.servers.iter().any(|server| server.socket == it.server));
        (list, asked)
    });
    let mut said =
        vec!["The cluster's own names work, so that the way to CoreDNS is open.".to_owned()];
    if let Some((list, asked)) = asked {
        finding = finding.because(disagreement::cite_choice(list));
        said.push(if asked {
            format!(
                "CoreDNS {} {} for it.",
                list.chooses(),
                words(&list.addresses())
            )
        } else {
            format!(
                "CoreDNS asks {} for it, which is none of those that know it.",
                words(&list.addresses())
            )
        });
    }
    if row.count(Outcome::Refused) * 2 > row.tries() {
        said.push(
            "REFUSED comes from CoreDNS itself when no server block takes the name, an `acl` blocks it, or \
             `max_concurrent` of a `forward` is reached."
                .to_owned(),
        );
    }
    let pods = facts.probes.reading(|it| {
        it.vantage == row.vantage && it.name == row.name && it.role == ServerRole::CorednsPod
    });
    finding = pods
        .rows
        .iter()
        .take(3)
        .fold(finding, |finding, row| finding.because(cite_row(row)));
    finding
        .explain(said.join(" "))
        .explaining([Symptom::External, Symptom::Custom, Symptom::PodOnly, Symptom::Nxdomain])
        .explaining([Symptom::Servfail, Symptom::Refused, Symptom::Timeout, Symptom::Intermittent])
        .fix(
            "Follow the name through the Corefile, then compare the servers that CoreDNS really asks with \
             its node's list",
            Some(format!("digpod corefile show BUNDLE --ask {}", plain(&row.name))),
        )
        .decide(
            "Ask CoreDNS's own metrics which server answers what",
            Some("digpod collect NAME".to_owned()),
        )
}
