use std::collections::BTreeMap;

use digpod_probe::{ServerRole, Transport};

use crate::facts::addresses::{bare, canonical_socket, describe, list as words};
use crate::facts::layers::CLIENTS;
use crate::facts::probes::cite_row;
use crate::facts::readings::{Reading, is_node};
use crate::facts::{Facts, Seen, timeouts, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// An upstream does not answer a pod and answers its node.
    ///
    /// ## What it does
    /// Asks each upstream from the sibling of the failing pod, from a pod without policies and from
    /// nodes: it fires when nine of ten tries of a pod get no answer and a node gets one in nine of ten.
    ///
    /// ## Why it matters
    /// By itself it is no fault: programs ask CoreDNS, not its upstreams, and a policy may well allow
    /// nothing else. CoreDNS however is a pod, too: where its log has timeouts to the same server, what
    /// stops this pod may stop CoreDNS; where pods beside CoreDNS get no answer either, it does.
    ///
    /// ## How to fix
    /// Only if CoreDNS is concerned: allow its way out (policies of its namespace, routes, the address
    /// that the pod network translates to).
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/basic-troubleshooting-dns-resolution-problems>
    /// - <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
    "probes/direct-upstream-fails-from-pod", Medium, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    let mut servers: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    let asked = |row: &&Row| row.role == ServerRole::Upstream && row.transport == Transport::Udp;
    for row in facts.probes.rows.iter().filter(asked) {
        servers
            .entry(canonical_socket(&row.server))
            .or_default()
            .push(row);
    }
    let logged = timeouts::by_server(&facts.logs.logs);
    let mut found = Vec::new();
    for (server, rows) in &servers {
        let from = |fits: &dyn Fn(&str) -> bool| {
            Reading::of(rows.iter().copied().filter(|row| fits(&row.vantage)))
        };
        let on_nodes = from(&is_node);
        let silent = CLIENTS
            .into_iter()
            .filter(|it| from(&|vantage| vantage == *it).is_silent());
        let silent: Vec<&str> = silent.collect();
        if on_nodes.works() && !silent.is_empty() {
            found.push((server, silent, rows, on_nodes));
        }
    }
    let Some((_, silent, rows, on_nodes)) = found.first() else {
        return vantages::need_node(facts);
    };
    let row = rows
        .iter()
        .find(|row| silent.contains(&row.vantage.as_str()));
    let (Some(row), Some(node)) = (row, on_nodes.cite()) else {
        return Ok(());
    };
    let names: Vec<String> = found
        .iter()
        .map(|(server, ..)| describe(bare(server)))
        .collect();
    let from = words(&silent.iter().map(|it| facts.place(it)).collect::<Vec<_>>());
    let message = match names.as_slice() {
        [name] => format!("{name} answers nodes and does not answer {from}"),
        _ => format!("{} answer nodes and do not answer {from}", words(&names)),
    };
    let concerned = found
        .iter()
        .any(|(server, ..)| logged.contains_key(*server));
    // Pods beside CoreDNS stand where CoreDNS does.
    let beside = found.iter().all(|(server, ..)| {
        let near = facts.probes.reading(|row| {
            row.vantage.starts_with("default-")
                && row.transport == Transport::Udp
                && canonical_socket(&row.server) == **server
        });
        near.is_silent()
    });
    // A policy of the failing pod's namespace has nothing to do with CoreDNS.
    let severity = match (beside, concerned, silent.contains(&"control")) {
        (true, _, true) => Severity::High,
        (_, true, true) => Severity::Medium,
        (_, true, false) => Severity::Low,
        (_, false, _) => Severity::Info,
    };
    let finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, cite_row(row))
        .severity(severity)
        .because(node)
        .explain(if severity == Severity::High {
            "Pods beside CoreDNS get no answer either, and CoreDNS is a pod as well: what stops them is \
             between the pods' network and these servers."
        } else if concerned {
            "CoreDNS's log has timeouts to the same server: what stops the pod may stop CoreDNS, which is a \
             pod as well."
        } else {
            "No fault by itself: programs ask CoreDNS, and its log has no complaint about these servers."
        })
        .fix(
            if severity == Severity::High {
                "Open the way from pods to these servers: address translation of pods, routes back to their \
                 network, firewalls that know nodes alone, egress policies of CoreDNS's namespace"
            } else {
                "If CoreDNS is concerned, allow its way to these servers: egress policies of its namespace, \
                 routes, address translation"
            },
            None,
        );
    let finding = match severity {
        Severity::High => finding.explaining([Symptom::Timeout, Symptom::Servfail]),
        _ => finding,
    };
    findings.push(if severity >= Severity::Medium {
        finding.explaining([Symptom::External, Symptom::Custom, Symptom::PodOnly])
    } else {
        finding
    });
    vantages::need_node(facts)
}
