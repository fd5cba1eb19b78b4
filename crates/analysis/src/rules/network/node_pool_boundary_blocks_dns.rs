use std::collections::{BTreeMap, BTreeSet};

use digpod_probe::{NameClass, ServerRole, Transport};

use crate::facts::addresses::list as words;
use crate::facts::readings::{Reading, is_node};
use crate::facts::replicas::pod_of;
use crate::facts::{Facts, Gap, Lack, Seen, pools, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// DNS is blocked between two node pools.
    ///
    /// ## What it does
    /// Groups what nodes, and a pod without policies, got from each CoreDNS pod by the pool of either
    /// side: it fires when pairs of different pools get no answer over UDP and pairs within a pool do.
    ///
    /// ## Why it matters
    /// Pools have subnets and security groups of their own. A rule between them that forgets UDP port 53
    /// cuts the pods of one pool off from CoreDNS on the other, while everything inside a pool works.
    ///
    /// ## How to fix
    /// Allow UDP and TCP port 53 (and the pod network's own traffic) between the subnets of the pools.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/azure/aks/concepts-network>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    "network/node-pool-boundary-blocks-dns", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    vantages::need_node(facts)?;
    let mut known = BTreeMap::new();
    let mut pool = |node: &str| -> Option<String> {
        let of = || pools::of_node(facts, node);
        known.entry(node.to_owned()).or_insert_with(of).clone()
    };
    let mut pairs: BTreeMap<(String, String), Vec<&Row>> = BTreeMap::new();
    for row in facts.probes.rows.iter().filter(|row| is_asked(row)) {
        let client = facts.probes.node_of(&row.vantage).and_then(&mut pool);
        let server = pod_of(facts, &row.server).and_then(|pod| pod.spec.node_name.as_deref());
        let server = server.and_then(&mut pool);
        if let (Some(client), Some(server)) = (client, server) {
            pairs.entry((client, server)).or_default().push(row);
        }
    }
    let all: BTreeSet<&str> = pairs
        .keys()
        .flat_map(|(a, b)| [a.as_str(), b.as_str()])
        .collect();
    if all.len() < 2 {
        // One pool, or a platform whose labels are not known: no boundary to look at.
        return Ok(());
    }
    let read = |within: bool| {
        let these = pairs.iter().filter(move |((a, b), _)| (a == b) == within);
        these
            .map(|(pair, rows)| (pair, Reading::of(rows.iter().copied())))
            .collect::<Vec<_>>()
    };
    let (inside, across) = (read(true), read(false));
    let blocked: Vec<_> = across.iter().filter(|(_, it)| it.is_silent()).collect();
    let works = inside.iter().find(|(_, it)| it.works());
    if inside.iter().any(|(_, it)| it.is_silent()) || blocked.is_empty() {
        return Ok(());
    }
    let Some((_, works)) = works else {
        return Err(Gap {
            lacks: Lack::Questions,
            entry: "probes/node-*/records.json".to_owned(),
            reason: "no node asked a CoreDNS pod of its own pool".to_owned(),
        });
    };
    findings.push(finding(facts, &blocked, works));
    Ok(())
}

fn finding(
    facts: &Facts<'_>,
    blocked: &[&(&(String, String), Reading<'_>)],
    works: &Reading<'_>,
) -> Finding {
    let pairs: Vec<String> = blocked
        .iter()
        .map(|((client, server), _)| format!("pool {client} to CoreDNS on pool {server}"))
        .collect();
    let message = format!(
        "no DNS answer comes from {}, within a pool they come",
        words(&pairs)
    );
    let mut evidence = blocked.iter().filter_map(|(_, it)| it.cite());
    let place = digpod_bundle::Place::whole("probes");
    let primary = evidence
        .next()
        .unwrap_or_else(|| crate::facts::cite(&place, "the probes"));
    // Two nodes that fail alike are no accident of one.
    let rows = blocked.iter().flat_map(|(_, it)| &it.rows);
    let mut nodes: Vec<&str> = Vec::new();
    for node in rows.filter_map(|row| facts.probes.node_of(&row.vantage)) {
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    let (confidence, one) = match nodes.as_slice() {
        [one] => (
            Confidence::Likely,
            format!(" Only node {one} asked: it may be that node alone."),
        ),
        _ => (Confidence::Proven, String::new()),
    };
    let finding = Finding::new(&RULE, confidence, Scope::Cluster, message, primary);
    let finding = evidence.chain(works.cite()).fold(finding, Finding::because);
    finding
        .explain(format!(
            "What differs between the pairs that work and those that do not is the pool: subnets, security \
             groups and routes between them.{one}",
        ))
        .explaining([Symptom::Node, Symptom::Timeout, Symptom::All, Symptom::Internal])
        .explaining([Symptom::External, Symptom::Custom, Symptom::Intermittent, Symptom::Replica])
        .fix(
            "Allow UDP and TCP port 53, and the pod network's own traffic, between the subnets of these \
             pools (network security groups, route tables)",
            None,
        )
}

fn is_asked(row: &Row) -> bool {
    row.role == ServerRole::CorednsPod
        && row.transport == Transport::Udp
        && row.class == NameClass::Cluster
        && (is_node(&row.vantage) || row.vantage == "control")
}
