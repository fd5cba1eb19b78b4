use digpod_probe::{NameClass, Transport};

use crate::facts::addresses::{canonical_socket, describe};
use crate::facts::measured;
use crate::facts::missing::{too_few, unasked};
use crate::facts::pace::{self, MEDIAN_US};
use crate::facts::probes::cite_row;
use crate::facts::readings::is_near_coredns;
use crate::facts::upstreams::{Upstream, each_once};
use crate::facts::{Facts, Seen, cite, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::small;
use crate::symptom::Symptom;

declare_rule! {
    /// An upstream takes long to answer.
    ///
    /// ## What it does
    /// Takes the tries at each upstream over UDP, from nodes and beside CoreDNS where there are such,
    /// ten at least: it fires when the median is over 200 ms or the slowest twentieth over one second,
    /// and the same probe gets quicker answers from another server.
    ///
    /// ## Why it matters
    /// Every name that is not in the cache waits so long. From two seconds on CoreDNS gives the try up
    /// itself and counts it as a timeout.
    ///
    /// ## How to fix
    /// Use a nearer server, or let one near the cluster keep the answers; `cache` with `prefetch` or
    /// `serve_stale` hides it for names that are asked often.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/cache/>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/basic-troubleshooting-dns-resolution-problems>
    "upstreams/upstream-slow", Medium, since "0.1.0"
}

/// Tries below which a percentile says nothing.
const TRIES: u32 = 10;
const P95_US: u64 = 1_000_000;

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lists = facts.upstream_lists()?;
    vantages::seen(facts)?;
    let mut few = None;
    for server in each_once(lists) {
        let mut rows = rows(facts, server);
        let tries: u32 = rows.iter().map(|row| row.tries()).sum();
        // Where a probe waits as long for everybody, it is the probe's machine that is slow.
        rows.retain(|row| !pace::is_slow_place(facts, row));
        let answered: u32 = rows.iter().map(|row| row.answered()).sum();
        if tries < TRIES {
            few = Some((server, tries));
        }
        if answered < TRIES {
            continue;
        }
        // Rows have few tries each: the slowest of them stands for the tail, the middle one for all.
        let mut medians: Vec<(u64, u32)> = rows
            .iter()
            .map(|it| (it.median_us, it.answered()))
            .collect();
        small::sort_by(&mut medians, Ord::cmp);
        let median = measured::weighted_median(&medians, answered);
        let slow = rows.iter().filter(|row| row.p95_us > P95_US);
        let slow: u32 = slow.map(|row| row.answered()).sum();
        if median > MEDIAN_US || slow * 20 > answered.saturating_mul(10) {
            findings.push(finding(server, &rows, median, answered));
        }
    }
    let Some((server, tries)) = few else {
        return Ok(());
    };
    let (entry, address) = ("probes/workload/records.json", describe(&server.address));
    Err(match tries {
        0 => unasked(
            entry,
            format!("no answer of {address} tells how long it takes"),
        ),
        _ => too_few(
            entry,
            &format!("how long {address} takes was measured"),
            tries,
            TRIES,
        ),
    })
}

fn rows<'a>(facts: &'a Facts<'_>, server: &Upstream) -> Vec<&'a Row> {
    let asked = |row: &&Row| {
        canonical_socket(&row.server) == server.socket
            && row.transport == Transport::Udp
            && row.class != NameClass::Cluster
            && !row.is_walk()
    };
    let all: Vec<&Row> = facts.probes.rows.iter().filter(asked).collect();
    let near = |row: &&Row| is_near_coredns(&row.vantage);
    let of_near: Vec<&Row> = all.iter().copied().filter(near).collect();
    if of_near.is_empty() { all } else { of_near }
}

fn finding(server: &Upstream, rows: &[&Row], median: u64, answered: u32) -> Finding {
    let worst = rows
        .iter()
        .max_by_key(|row| (row.p95_us, std::cmp::Reverse(&row.vantage)));
    let p95 = worst.map_or(0, |row| row.p95_us);
    let message = format!(
        "upstream {} is slow: {} ms in the middle and up to {} ms in {answered} answers",
        describe(&server.address),
        median / 1000,
        p95 / 1000,
    );
    let primary = worst.map(|row| cite_row(row));
    let place = cite(&server.place, "the server is listed here");
    let finding = match primary {
        Some(primary) => {
            Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary).because(place)
        }
        None => Finding::new(&RULE, Confidence::Possible, Scope::Cluster, message, place),
    };
    let severity = if p95 >= 2_000_000 {
        Severity::High
    } else {
        Severity::Medium
    };
    finding
        .severity(severity)
        .explain(
            "Each name that is not in CoreDNS's cache waits so long. Tries over two seconds are lost: \
             CoreDNS gives them up.",
        )
        .explaining([Symptom::Slow, Symptom::Timeout, Symptom::NodeToo])
        .fix("Use a server nearer to the cluster, or let a cache stand between", None)
}
