use digpod_bundle::{Place, layout};

use crate::facts::addresses::list as words;
use crate::facts::missing::{too_few, unasked};
use crate::facts::pairs::{self, Lost};
use crate::facts::{Facts, Seen, cite, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// One of two queries that leave a socket together is lost: lookups take five seconds.
    ///
    /// ## What it does
    /// Asks the DNS Service for A and AAAA at once from one socket, as glibc and musl do, and as often
    /// from two sockets: it fires when of the first one answer of a pair is missing twice or more and of
    /// the second none is. A counter `insert_failed` of the node's connection tracking supports it.
    ///
    /// ## Why it matters
    /// Both packets need the same entry in the node's connection tracking; when they arrive together, one
    /// finds it taken and is dropped. The program waits for its resolver's time, 5 s with glibc, and
    /// tries again: most lookups are quick, and some take 5 or 10 s.
    ///
    /// ## How to fix
    /// A DNS cache on each node (its queries need no such entry), a newer kernel, or for glibc
    /// `options single-request-reopen` in the pod's dnsConfig.
    ///
    /// ## Sources
    /// - <https://github.com/kubernetes/kubernetes/issues/56903>
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/>
    "network/conntrack-race-five-second-delays", High, since "0.1.0"
}

/// Pairs of which a lost one says something.
const PAIRS: u32 = 10;
/// A single loss happens in any network.
const LOSSES: u32 = 2;

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    let all = pairs::lost(facts);
    let hit = |it: &&Lost| {
        it.one_socket.pairs >= PAIRS && it.one_socket.halves >= LOSSES && it.two_sockets.any() == 0
    };
    let found: Vec<&Lost> = all.iter().filter(hit).collect();
    if let Some(first) = found.first() {
        findings.push(finding(facts, first, &found));
    }
    let most = all.iter().map(|it| it.one_socket.pairs).max().unwrap_or(0);
    if most >= PAIRS {
        return Ok(());
    }
    let entry = layout::probe_records("workload");
    if most == 0 {
        return Err(unasked(
            &entry,
            "A and AAAA were not asked at once from one socket".to_owned(),
        ));
    }
    Err(too_few(
        &entry,
        "A and AAAA were asked at once from one socket",
        most,
        PAIRS,
    ))
}

fn finding(facts: &Facts<'_>, first: &Lost, found: &[&Lost]) -> Finding {
    let sent: u32 = found.iter().map(|it| it.one_socket.pairs).sum();
    let lost: u32 = found.iter().map(|it| it.one_socket.halves).sum();
    let apart: u32 = found.iter().map(|it| it.two_sockets.pairs).sum();
    let from = words(
        &found
            .iter()
            .map(|it| facts.place(&it.vantage))
            .collect::<Vec<_>>(),
    );
    let message = format!(
        "of A and AAAA sent from one socket one is lost in {lost} of {sent} tries from {from}, from two \
         sockets in none of {apart}"
    );
    let node = facts.probes.node_of(&first.vantage).map(str::to_owned);
    let failed = node.as_deref().and_then(|node| insert_failed(facts, node));
    let confidence = if failed.is_some() {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    let scope = node.map_or(Scope::Cluster, Scope::Node);
    let half = "this half of a pair got no answer, the other one did";
    let primary = cite(&first.example, half);
    let finding = Finding::new(&RULE, confidence, scope, message, primary);
    let finding = failed.into_iter().fold(finding, |finding, (count, place)| {
        finding.because(cite(
            &place,
            format!("connection tracking dropped {count} packets (insert_failed)"),
        ))
    });
    finding
        .explain(
            "The two packets race for one entry in the node's connection tracking, and the loser is \
             dropped. A program waits for its resolver's time, 5 s with glibc and 2.5 s with musl, before \
             it asks again.",
        )
        .explaining([Symptom::FiveSeconds, Symptom::Slow, Symptom::Intermittent, Symptom::Timeout])
        .fix(
            "Run a DNS cache on each node (NodeLocal DNSCache, AKS LocalDNS): queries to it need no \
             translation",
            None,
        )
        .fix(
            "For glibc pods until then: dnsConfig.options with single-request-reopen",
            None,
        )
}

/// What the node counted, if it counted any: the sum over its processors.
fn insert_failed(facts: &Facts<'_>, node: &str) -> Option<(u64, Place)> {
    let entry = layout::node_file(node, "conntrack.txt");
    let text = std::str::from_utf8(facts.bundle().get(&entry)?).ok()?;
    let count = pairs::insert_failed(text)?;
    (count > 0).then(|| (count, Place::text(&entry, 0..text.len())))
}
