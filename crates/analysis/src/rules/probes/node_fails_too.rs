use digpod_probe::{NameClass, Transport};

use crate::facts::addresses::list as words;
use crate::facts::names::plain;
use crate::facts::no_address::{self, NoAddress};
use crate::facts::probes::cite_row;
use crate::facts::readings::{Reading, is_node};
use crate::facts::{Facts, Seen, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// Nodes themselves cannot resolve a name that fails in pods.
    ///
    /// ## What it does
    /// Walks the resolv.conf of nodes as their own programs do, for public names and those in question:
    /// it fires when half of the tries or more fail on a node.
    ///
    /// ## Why it matters
    /// It rules CoreDNS, its Corefile and NetworkPolicies out: the servers behind them, or the way to
    /// them, are at fault. With public names gone, nodes cannot pull images either.
    ///
    /// ## How to fix
    /// All nodes: look at the servers and the network to them. Some nodes: compare their lists and their
    /// routes with those of the others.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/basic-troubleshooting-dns-resolution-problems>
    "probes/node-fails-too", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    vantages::need_node(facts)?;
    let walk = |row: &&Row| {
        row.is_walk()
            && is_node(&row.vantage)
            && row.transport == Transport::Udp
            && matches!(row.class, NameClass::Public | NameClass::Custom)
    };
    let walks: Vec<&Row> = facts.probes.rows.iter().filter(walk).collect();
    let mut names: Vec<&str> = walks.iter().map(|row| row.name.as_str()).collect();
    names.dedup();
    for name in names {
        let of_name: Vec<&Row> = walks
            .iter()
            .copied()
            .filter(|row| row.name == name)
            .collect();
        let fails = of_name
            .iter()
            .copied()
            .filter(|row| Reading::of([*row]).fails());
        let fails: Vec<&Row> = fails.collect();
        if let Some(first) = fails.first() {
            findings.push(match no_address::of(facts, name) {
                Some(it) => nowhere(name, it, first, &of_name),
                None => finding(name, first, &fails, &of_name),
            });
        }
    }
    Ok(())
}

fn finding(name: &str, first: &Row, fails: &[&Row], all: &[&Row]) -> Finding {
    let node = |row: &Row| {
        row.vantage
            .strip_prefix("node-")
            .unwrap_or(&row.vantage)
            .to_owned()
    };
    let nodes: Vec<String> = fails.iter().map(|row| node(row)).collect();
    let every = fails.len() == all.len();
    let message = format!(
        "{} fails on {} {} as well",
        plain(name),
        if nodes.len() == 1 { "node" } else { "nodes" },
        words(&nodes),
    );
    let scope = Scope::Name(name.to_owned());
    let finding = Finding::new(&RULE, Confidence::Proven, scope, message, cite_row(first));
    let rest = all.iter().filter(|row| **row != first).take(4);
    let finding = rest.fold(finding, |finding, row| finding.because(cite_row(row)));
    let finding = finding.explaining([Symptom::NodeToo, Symptom::Custom]);
    let finding = if first.class == NameClass::Public {
        finding.explaining([Symptom::External])
    } else {
        finding
    };
    finding
        .explaining([Symptom::Nxdomain, Symptom::Timeout, Symptom::Servfail, Symptom::Refused])
        .explain(if every {
            "Every node that was asked fails: the servers of the network, or the way to them, and not \
             CoreDNS."
        } else {
            "Other nodes resolve it: compare the lists and the routes of the two."
        })
        .fix(
            "Ask each server of the node's list for the name, and mend the one that is wrong or silent",
            None,
        )
}

fn nowhere(name: &str, it: NoAddress<'_>, first: &Row, all: &[&Row]) -> Finding {
    let scope = Scope::Name(name.to_owned());
    let finding = Finding::new(
        &RULE,
        Confidence::Proven,
        scope,
        it.message,
        cite_row(first),
    );
    let rest = all.iter().copied().filter(|row| *row != first).take(4);
    rest.chain(it.beside)
        .fold(finding, |finding, row| finding.because(cite_row(row)))
        .explaining([Symptom::NodeToo, it.shows])
        .explaining([match first.class {
            NameClass::Public => Symptom::External,
            _ => Symptom::Custom,
        }])
        .explain(it.explanation)
        .fix(it.fix, None)
}
