//! CoreDNS pods asked one by one: which of them answer, and from where.

use std::collections::{BTreeMap, BTreeSet};

use digpod_bundle::k8s::Pod;
use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

use super::addresses::{bare, canonical_socket};
use super::agreement::percent;
use super::names::plain;
use super::readings::{ENOUGH, Reading};
use super::{Facts, measured};
use crate::matrix::Row;
use crate::symptom::Symptom;

/// A vantage and a name.
type Key = (String, String);

/// One CoreDNS pod as the probes saw it, over UDP.
#[derive(Clone, Debug)]
pub(crate) struct Replica<'a> {
    /// `address:port`.
    pub(crate) server: String,
    /// The pod, where it is known.
    pub(crate) pod: Option<&'a Pod>,
    /// What each vantage got, by vantage and name.
    pub(crate) readings: BTreeMap<Key, Reading<'a>>,
}

impl Replica<'_> {
    /// `coredns-a (10.244.1.4) on n1`.
    pub(crate) fn words(&self) -> String {
        let address = bare(&self.server);
        match self.pod {
            Some(pod) => match &pod.spec.node_name {
                Some(node) => format!("{} ({address}) on {node}", pod.metadata.name),
                None => format!("{} ({address})", pod.metadata.name),
            },
            None => address.to_owned(),
        }
    }

    /// Node on which it runs.
    pub(crate) fn node(&self) -> Option<&str> {
        self.pod.and_then(|pod| pod.spec.node_name.as_deref())
    }
}

/// A pod that fails where another one works: same vantage, same name.
#[derive(Clone, Debug)]
pub(crate) struct Bad<'a> {
    /// The pod.
    pub(crate) replica: Replica<'a>,
    /// Rows that fail.
    pub(crate) failing: Vec<&'a Row>,
    /// For each, a row of another pod that works.
    pub(crate) beside: Vec<&'a Row>,
    /// Vantages from which it fails.
    pub(crate) from: BTreeSet<&'a str>,
    /// Vantages from which the same pod works for a name that fails elsewhere.
    pub(crate) works_from: BTreeSet<&'a str>,
}

impl Bad<'_> {
    /// Which names fail with it, and how.
    pub(crate) fn symptoms(&self) -> impl Iterator<Item = Symptom> {
        let of = |class| self.failing.iter().any(|row| row.class == class);
        let most = |outcome| {
            self.failing
                .iter()
                .any(|row| row.count(outcome) * 2 > row.tries())
        };
        let all = [
            (Symptom::Internal, of(NameClass::Cluster)),
            (Symptom::External, of(NameClass::Public)),
            (Symptom::Custom, of(NameClass::Custom)),
            (Symptom::Timeout, most(Outcome::Timeout)),
            (Symptom::Servfail, most(Outcome::Servfail)),
            (Symptom::Nxdomain, most(Outcome::Nxdomain)),
            (Symptom::Refused, most(Outcome::Refused)),
            (Symptom::Nodata, most(Outcome::Nodata)),
        ];
        all.into_iter().filter(|it| it.1).map(|it| it.0)
    }

    /// Whether all that is wrong with it is an answer that its cache may hold: each pod draws an
    /// upstream for itself and keeps what that said, for up to half an hour if it is a denial
    /// (<https://coredns.io/plugins/cache/>).
    pub(crate) fn may_be_one_draw(&self) -> bool {
        self.failing.iter().all(|row| {
            let kept = [Outcome::Nxdomain, Outcome::Nodata, Outcome::Unexpected];
            let kept: u32 = kept.into_iter().map(|outcome| row.count(outcome)).sum();
            row.class != NameClass::Cluster && kept == row.tries() && row.news <= 1
        })
    }
}

/// All CoreDNS pods that were asked.
pub(crate) fn replicas<'a>(facts: &'a Facts<'_>) -> Vec<Replica<'a>> {
    let mut rows: BTreeMap<String, BTreeMap<Key, Vec<&Row>>> = BTreeMap::new();
    for row in facts.probes.rows.iter().filter(|row| is_asked(row)) {
        rows.entry(canonical_socket(&row.server))
            .or_default()
            .entry((row.vantage.clone(), row.name.clone()))
            .or_default()
            .push(row);
    }
    let with = |(server, readings): (String, BTreeMap<_, Vec<&'a Row>>)| Replica {
        pod: pod_of(facts, &server),
        server,
        readings: readings
            .into_iter()
            .map(|(key, rows)| (key, Reading::of(rows)))
            .collect(),
    };
    rows.into_iter().map(with).collect()
}

/// Pods that fail where another pod works.
pub(crate) fn bad<'a>(facts: &'a Facts<'_>) -> Vec<Bad<'a>> {
    let all = replicas(facts);
    // What works, by vantage and name: of two pods one is another.
    let mut works: BTreeMap<&Key, Vec<(&str, &'a Row)>> = BTreeMap::new();
    for replica in &all {
        for (key, reading) in &replica.readings {
            let known = works.entry(key).or_default();
            if let Some(row) = reading.rows.first()
                && reading.works()
                && known.len() < 2
            {
                known.push((&replica.server, row));
            }
        }
    }
    let mut found = Vec::new();
    for replica in &all {
        let mut bad = Bad {
            replica: replica.clone(),
            failing: Vec::new(),
            beside: Vec::new(),
            from: BTreeSet::new(),
            works_from: BTreeSet::new(),
        };
        let mut names = BTreeSet::new();
        for (key, reading) in replica.readings.iter().filter(|(_, it)| it.fails()) {
            let mut known = works.get(key).into_iter().flatten();
            let beside = known
                .find(|(server, _)| *server != replica.server)
                .map(|(_, row)| *row);
            let (Some(beside), Some(row)) = (beside, reading.rows.first()) else {
                continue;
            };
            bad.from.insert(&row.vantage);
            names.insert(&key.1);
            bad.failing.push(row);
            bad.beside.push(beside);
        }
        for ((_, name), reading) in &replica.readings {
            if let Some(row) = reading.rows.first()
                && reading.works()
                && names.contains(name)
            {
                bad.works_from.insert(&row.vantage);
            }
        }
        if !bad.failing.is_empty() {
            found.push(bad);
        }
    }
    found
}

/// Answers that every pod should give; those of public names may differ from moment to moment.
fn is_asked(row: &Row) -> bool {
    row.role == ServerRole::CorednsPod
        && row.transport == Transport::Udp
        && row.record_type == "A"
        && row.class != NameClass::Nonexistent
        && row.tries() >= ENOUGH
}

/// The pod behind an `address:port`.
pub(crate) fn pod_of<'a>(facts: &'a Facts<'_>, server: &str) -> Option<&'a Pod> {
    let address = server.rsplit_once(':')?.0.trim_matches(['[', ']']);
    let pods = facts.dns.pods.as_ref().ok()?;
    let has = |pod: &Pod| pod.status.pod_ip.as_deref() == Some(address);
    pods.iter().map(|pod| &pod.value).find(|pod| has(pod))
}

/// The odds, and what sets the bad pods apart.
pub(crate) fn explanation(
    facts: &Facts<'_>,
    bad: &[Bad<'_>],
    all: usize,
    by_way: bool,
    one_draw: bool,
) -> String {
    let mut said = Vec::new();
    if one_draw {
        said.push(
            "A cache keeps what was drawn once: the pods may differ for no other reason than that one of \
             them asked another upstream. Asked again when the answer has run out, it may be the other way \
             round."
                .to_owned(),
        );
    }
    said.push(format!(
        "The Service sends about {} % of the clients there to {}.",
        percent(bad.len(), all),
        if bad.len() == 1 {
            "the bad pod"
        } else {
            "a bad pod"
        },
    ));
    let through = facts.probes.through_service();
    let of_class = |class| matches!(class, NameClass::Custom | NameClass::Cluster);
    let mut measured = through.filter(|row| of_class(row.class) && row.role == ServerRole::Service);
    let fails = |row: &&Row| {
        row.record_type == "A" && row.tries() >= ENOUGH && measured::of_row(row).failed > 0
    };
    if let Some(row) = measured.find(fails) {
        said.push(format!(
            "Measured for {}: {}.",
            plain(&row.name),
            measured::of_row(row).words()
        ));
    }
    let nodes: BTreeSet<&str> = bad.iter().filter_map(|it| it.replica.node()).collect();
    let node = nodes.iter().next().filter(|_| nodes.len() == 1);
    if let Some(node) = node.filter(|_| !one_draw) {
        let others = replicas(facts);
        let mut others = others
            .iter()
            .filter(|it| !bad.iter().any(|bad| bad.replica.server == it.server));
        if !others.any(|it| it.node() == Some(*node)) {
            said.push(format!(
                "The bad pods are those on node {node}; no good one is there."
            ));
        }
    }
    if by_way {
        said.push("It works from elsewhere: the fault lies on the way, not in the pod.".to_owned());
    }
    said.join(" ")
}
