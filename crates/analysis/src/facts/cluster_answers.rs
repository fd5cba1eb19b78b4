//! What CoreDNS pods say of names within the cluster's domain, and what is odd about it.

use std::collections::BTreeSet;

use digpod_bundle::Place;
use digpod_bundle::k8s::ServiceCidrList;
use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

use super::addresses::{self, holds};
use super::names::qualify;
use super::{Facts, missing};
use crate::matrix::Row;

/// What is odd about the answers for one name.
pub(crate) enum Odd<'a> {
    /// Pods that keep to their answers give different ones.
    Differ(&'a Row, &'a Row),
    /// The API server's Service lies in none of the ranges.
    Outside(&'a Row, Vec<String>, Place),
    /// No pod knows a name in question: Service and namespace, and what each pod said.
    Absent(String, String, Vec<&'a Row>),
}

/// Names within the cluster's domain whose answers are odd, each with why.
pub(crate) fn odd<'a>(facts: &'a Facts<'_>) -> Vec<(&'a str, Odd<'a>)> {
    let domain = facts.cluster_domain();
    let domain = domain.unwrap_or_else(|| "cluster.local".to_owned());
    let suffix = format!(".{}", qualify(&domain));
    let within = |row: &&Row| {
        row.role == ServerRole::CorednsPod
            && row.transport == Transport::Udp
            && row.record_type == "A"
            && qualify(&row.name).ends_with(&suffix)
    };
    let rows: Vec<&'a Row> = facts.probes.rows.iter().filter(within).collect();
    let mut names: Vec<&'a str> = rows.iter().map(|row| row.name.as_str()).collect();
    names.dedup();
    let of = |name: &'a str| {
        let rows: Vec<&'a Row> = rows
            .iter()
            .copied()
            .filter(|row| row.name == name)
            .collect();
        let found = differ(&rows).or_else(|| outside(facts, name, &rows));
        Some((name, found.or_else(|| absent(name, &suffix, &rows))?))
    };
    names.into_iter().filter_map(of).collect()
}

fn differ<'a>(rows: &[&'a Row]) -> Option<Odd<'a>> {
    let sure = rows
        .iter()
        .filter(|row| row.count(Outcome::Ok) == row.tries());
    let sure: Vec<&'a Row> = sure.copied().collect();
    let first = sure.first()?;
    let other = sure
        .iter()
        .find(|row| row.answers != first.answers && row.server != first.server)?;
    Some(Odd::Differ(first, other))
}

fn outside<'a>(facts: &Facts<'_>, name: &str, rows: &[&'a Row]) -> Option<Odd<'a>> {
    if !name.starts_with("kubernetes.default.svc.") {
        return None;
    }
    let entry = "cluster/servicecidrs.json";
    let list: ServiceCidrList = missing::read(facts.bundle(), entry).ok()?;
    let ranges: BTreeSet<String> = list
        .items
        .into_iter()
        .flat_map(|it| it.spec.cidrs)
        .collect();
    let row = rows.iter().find(|row| {
        let mut addresses = row.answers.iter().filter_map(|it| addresses::parse(it));
        addresses.any(|ip| {
            // Ranges of the other family say nothing.
            let mut alike = ranges.iter().filter(|it| it.contains(':') == ip.is_ipv6());
            alike.clone().next().is_some() && !alike.any(|range| holds(range, ip))
        })
    })?;
    let place = Place::whole(entry);
    Some(Odd::Outside(row, ranges.into_iter().collect(), place))
}

fn absent<'a>(name: &str, suffix: &str, rows: &[&'a Row]) -> Option<Odd<'a>> {
    let asked = rows.iter().any(|row| row.class == NameClass::Custom);
    let denied = |row: &&Row| row.count(Outcome::Nxdomain) == row.tries();
    if !asked || !rows.iter().all(denied) {
        return None;
    }
    let full = qualify(name);
    let inner: Vec<&str> = full.strip_suffix(suffix)?.split('.').collect();
    let [.., service, namespace, "svc"] = inner.as_slice() else {
        return None;
    };
    Some(Odd::Absent(
        (*service).to_owned(),
        (*namespace).to_owned(),
        rows.to_vec(),
    ))
}
