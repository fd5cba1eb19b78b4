//! What is in a bundle, by part: how much, and what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use digpod_bundle::layout::Kind;
use digpod_bundle::{EntryName, Item, Manifest, Status};

/// A part of a bundle, in the order in which parts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Dns,
    Config,
    Logs,
    Pod,
    Policies,
    Nodes,
    Usage,
    Probes,
    Others,
}

#[derive(Default)]
struct Sum {
    bytes: u64,
    there: usize,
    pods: BTreeSet<String>,
    /// What is missing: how often, by status.
    missing: BTreeMap<&'static str, usize>,
    /// How much of the cluster the nodes are.
    coverage: Option<String>,
}

/// A line a part: `logs       2 pods        1.2 MB   1 forbidden`. Why something is missing, the
/// report above it says, once.
pub(super) fn table(manifest: &Manifest) -> String {
    let mut sums: BTreeMap<Part, Sum> = BTreeMap::new();
    for item in &manifest.items {
        let Some((part, pod)) = part(item) else {
            continue;
        };
        let sum = sums.entry(part).or_default();
        if super::finish::is_gap(item) {
            *sum.missing.entry(item.status.as_str()).or_default() += 1;
        }
        if part == Part::Nodes && item.status == Status::Ok {
            sum.coverage = sum.coverage.take().or_else(|| item.reason.clone());
        }
        if item.status.has_content() {
            sum.there += 1;
            sum.bytes = sum.bytes.saturating_add(item.bytes);
            sum.pods.extend(pod);
        }
    }
    let mut text = String::new();
    for (part, sum) in sums {
        if sum.there > 0 || !sum.missing.is_empty() {
            let _ = writeln!(text, "  {:<10} {}", part.name(), said(part, &sum));
        }
    }
    text
}

fn said(part: Part, sum: &Sum) -> String {
    let what = match part {
        Part::Logs => counted(sum.pods.len(), "pod"),
        Part::Probes => counted(sum.pods.len(), "vantage"),
        _ => counted(sum.there, "item"),
    };
    let mut parts = Vec::new();
    if sum.there > 0 {
        parts.push(format!("{what:<11} {:>8}", size(sum.bytes)));
    }
    for (status, count) in &sum.missing {
        parts.push(match count {
            1 => format!("1 {status}"),
            count => format!("{count} {status}"),
        });
    }
    parts.extend(sum.coverage.clone());
    parts.join("   ")
}

fn counted(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

/// `812 B`, `34 kB`, `1.2 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// Where an item belongs, and the pod or vantage it is of.
fn part(item: &Item) -> Option<(Part, Option<String>)> {
    let name = EntryName::new(&item.entry).ok()?;
    let part = match Kind::of(&name) {
        Kind::Manifest => return None,
        Kind::Log { pod, .. } | Kind::NetworkLog { pod } => return Some((Part::Logs, Some(pod))),
        Kind::ProbePlan { vantage }
        | Kind::ProbeRecords { vantage }
        | Kind::ProbeResolvConf { vantage }
        | Kind::ProbePod { vantage } => return Some((Part::Probes, Some(vantage))),
        Kind::ConfigMap { .. } => Part::Config,
        Kind::DnsNetworkPolicies | Kind::WorkloadNetworkPolicies => Part::Policies,
        Kind::NodeMetrics | Kind::DnsPodMetrics => Part::Usage,
        Kind::Nodes | Kind::NodeResolvConf { .. } => Part::Nodes,
        Kind::WorkloadPod
        | Kind::WorkloadNamespace
        | Kind::WorkloadResolvConf
        | Kind::WorkloadProcess => Part::Pod,
        _ if item.entry.starts_with("dns/") => Part::Dns,
        _ if item.entry.starts_with("nodes/") => Part::Nodes,
        _ if item.entry.starts_with("probes/") => Part::Probes,
        _ if item.entry.starts_with("working/") => Part::Pod,
        _ if item.entry.starts_with("workload/") => Part::Pod,
        _ => Part::Others,
    };
    Some((part, None))
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Dns => "DNS",
            Self::Config => "ConfigMaps",
            Self::Logs => "logs",
            Self::Pod => "pod",
            Self::Policies => "policies",
            Self::Nodes => "nodes",
            Self::Usage => "usage",
            Self::Probes => "probes",
            Self::Others => "others",
        }
    }
}

#[cfg(test)]
mod tests {
    use digpod_bundle::{Item, Manifest, Status};

    use super::table;

    #[test]
    fn a_line_a_part_with_what_is_missing() {
        let item = |entry: &str, status, bytes| Item {
            entry: entry.to_owned(),
            status,
            bytes,
            ..Item::default()
        };
        let mut forbidden = item("dns/networkpolicies.json", Status::Forbidden, 0);
        forbidden.missing_permission = Some("list networkpolicies in namespace kube-system".into());
        let manifest = Manifest {
            items: vec![
                item("dns/logs/a/coredns/current-000.log", Status::Ok, 1_000_000),
                item("dns/logs/a/coredns/current-001.log", Status::Ok, 200_000),
                item("dns/logs/b/coredns/current-000.log", Status::Ok, 30_000),
                item("dns/logs/c/coredns/current-000.log", Status::TimedOut, 0),
                item("cluster/nodes.json", Status::Ok, 999),
                item(
                    "dns/configmaps/coredns-custom.json",
                    Status::NotApplicable,
                    0,
                ),
                forbidden,
            ],
            ..Manifest::default()
        };
        assert_eq!(
            table(&manifest),
            "  logs       2 pods        1.2 MB   1 timed-out\n  \
               policies   1 forbidden\n  \
               nodes      1 item         999 B\n"
        );
    }
}
