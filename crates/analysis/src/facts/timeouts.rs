//! Timeouts of upstreams in CoreDNS's logs: how many, how dense, where.

use std::collections::BTreeMap;

use digpod_bundle::Place;
use digpod_dnslog::{Hit, Signature};

use super::cite;
use super::logs::ContainerLog;
use crate::finding::Evidence;

/// So many within [`WINDOW`] are more than single events.
const ENOUGH: u64 = 5;
/// In seconds.
const WINDOW: i64 = 300;
/// So many are no single events, however long the log is.
const MANY: u64 = 50;

/// Timeouts by the server they name (`address:port`), where there are enough of them. The `loop`
/// plugin's own HINFO questions are not counted.
pub(crate) fn by_server(logs: &[ContainerLog]) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (_, summary) in logs.iter().flat_map(|log| &log.pieces) {
        for count in &summary.counts {
            if count.signature == Signature::IoTimeout
                && let Some(server) = &count.server
            {
                let real = count.count.saturating_sub(count.hinfo);
                *counts.entry(server.clone()).or_default() += real;
            }
        }
    }
    counts.retain(|server, count| *count >= ENOUGH && is_dense(logs, server, *count));
    counts
}

/// Whether they came close together, as far as the lines have stamps: some five in a row, or all of
/// them on average.
fn is_dense(logs: &[ContainerLog], server: &str, count: u64) -> bool {
    let stamps = |log: &ContainerLog| -> Vec<i64> {
        let stamps = hits(log, server)
            .filter_map(|(hit, _)| digpod_probe::unix_seconds(hit.stamp.as_deref()?));
        stamps.collect()
    };
    let of_logs: Vec<Vec<i64>> = logs.iter().map(stamps).collect();
    let all = of_logs.iter().flatten();
    let (Some(first), Some(last)) = (all.clone().min(), all.max()) else {
        return true;
    };
    let in_a_row = |stamps: &Vec<i64>| {
        stamps.windows(5).any(|five| match five {
            [first, .., last] => last - first <= WINDOW,
            _ => false,
        })
    };
    let average = i64::try_from(count)
        .unwrap_or(i64::MAX)
        .saturating_mul(WINDOW)
        >= 5 * (last - first);
    count >= MANY || average || of_logs.iter().any(in_a_row)
}

/// Evidence: the first and the last line that name a server.
pub(crate) fn lines(logs: &[ContainerLog], server: &str) -> Vec<Evidence> {
    let mut found = logs.iter().flat_map(|log| {
        hits(log, server)
            .map(|(_, place)| (log.pod.clone(), place))
            .collect::<Vec<_>>()
    });
    let first = found.next();
    let last = found.last();
    let one = |found: Option<(String, Place)>, what: &str| {
        found.map(|(pod, place)| {
            cite(
                &place,
                format!("{what} timeout of {server} in the log of {pod}"),
            )
        })
    };
    one(first, "the first")
        .into_iter()
        .chain(one(last, "the last"))
        .collect()
}

fn hits<'a>(log: &'a ContainerLog, server: &str) -> impl Iterator<Item = (&'a Hit, Place)> {
    log.hits().filter(move |(hit, _)| {
        hit.signature == Signature::IoTimeout
            && hit.server.as_deref() == Some(server)
            && hit.record_type.as_deref() != Some("HINFO")
    })
}
