//! What of its node sets a CoreDNS pod apart: the servers that the node lists, or the way to them.

use digpod_probe::{NameClass, Transport};

use super::Facts;
use super::addresses::{bare, list as words};
use super::readings::{Reading, is_near_coredns};
use super::replicas::{Bad, Replica};
use super::resolv_confs::ResolvFile;
use crate::matrix::Row;

/// Why pods on one node fail where those on others work.
pub(crate) struct Apart<'a> {
    /// A sentence.
    pub(crate) words: String,
    /// What to do.
    pub(crate) fix: String,
    /// Whether a new pod is needed after that, or would help at all.
    pub(crate) replace: bool,
    /// A server that does not give the answer to that node.
    pub(crate) row: &'a Row,
}

/// What sets bad pods apart that are all on one node, where a server that this node lists was seen to
/// give the same bad answer to the node itself.
pub(crate) fn apart<'a>(
    facts: &'a Facts<'_>,
    bad: &[Bad<'_>],
    all: &[Replica<'_>],
) -> Option<Apart<'a>> {
    // A list of the Corefile is the same for all.
    let from_file =
        |lists: &[super::upstreams::UpstreamList]| lists.iter().any(|it| it.inferred.is_some());
    if !facts.upstream_lists().is_ok_and(from_file) {
        return None;
    }
    let node = bad.first()?.replica.node()?;
    let mut others = all
        .iter()
        .filter_map(Replica::node)
        .filter(|it| *it != node);
    // What fails for names of the cluster, or not from everywhere, fails before any upstream is asked.
    let of_upstreams = |it: &Bad<'_>| {
        let cluster = it.failing.iter().any(|row| row.class == NameClass::Cluster);
        it.replica.node() == Some(node) && it.works_from.is_empty() && !cluster
    };
    if !bad.iter().all(of_upstreams) {
        return None;
    }
    let failing: Vec<&Row> = bad
        .iter()
        .flat_map(|it| it.failing.iter().copied())
        .collect();
    let of = |node: &str| {
        facts
            .resolv
            .of_node(Some(node))
            .map(ResolvFile::nameservers)
    };
    let (own, (other, theirs)) = (of(node)?, others.find_map(|it| Some((it, of(it)?)))?);
    let near = |row: &&Row, on: &str| {
        is_near_coredns(&row.vantage)
            && facts.probes.node_of(&row.vantage) == Some(on)
            && row.transport == Transport::Udp
            && row.record_type == "A"
            && failing.iter().any(|it| it.name == row.name)
    };
    let rows = &facts.probes.rows;
    for row in rows
        .iter()
        .filter(|row| near(row, node) && Reading::of([*row]).fails())
    {
        let server = bare(&row.server).to_owned();
        if !own.contains(&server) {
            continue;
        }
        if !theirs.contains(&server) {
            let theirs = words(&theirs);
            return Some(Apart {
                words: format!(
                    "A CoreDNS pod asks what its own node lists: node {node} lists {}, node {other} {theirs}.",
                    words(&own),
                ),
                fix: format!(
                    "Give node {node} the list of the others ({theirs}), and then replace the pod"
                ),
                replace: true,
                row,
            });
        }
        let same = |it: &&Row| near(it, other) && it.server == row.server && it.name == row.name;
        if rows.iter().filter(same).any(|it| Reading::of([it]).works()) {
            return Some(Apart {
                words: format!("{server} answers node {other} and not node {node}."),
                fix: format!(
                    "Mend the way from node {node} to {server} (routes, firewall, security groups); a new \
                     pod there would fail the same way"
                ),
                replace: false,
                row,
            });
        }
    }
    None
}
