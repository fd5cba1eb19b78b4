//! What CoreDNS pods say of names within the cluster's domain, and what is odd about it.

use std::collections::BTreeSet;

use digpod_bundle::Place;
use digpod_bundle::k8s::ServiceCidrList;
use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

use super::addresses::{self, holds};
use super::api_answers::{self, Against};
use super::named_services::Named;
use super::names::qualify;
use super::{Facts, Gap, missing};
use crate::matrix::Row;

/// What is odd about the answers for one name.
pub(crate) enum Odd<'a> {
    /// They are not what the API says of the Service, or it says why there is nothing.
    Against(Against),
    /// Pods that keep to their answers give different ones.
    Differ(&'a Row, &'a Row),
    /// The API server's Service lies in none of the ranges.
    Outside(&'a Row, Vec<String>, Place),
    /// No pod knows a name in question: Service and namespace, and what each pod said.
    Absent(String, String, Vec<&'a Row>),
}

/// Names within the cluster's domain whose answers are odd, each with why; and whose Service, if it
/// is in question, was not read: then its answers are compared with each other only.
pub(crate) fn odd<'a>(facts: &'a Facts<'_>) -> (Vec<(&'a str, Odd<'a>)>, Vec<Gap>) {
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
    let mut all: Vec<&'a str> = rows.iter().map(|row| row.name.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    let (mut found, mut gaps) = (Vec::new(), Vec::new());
    for name in all {
        let of_name = rows.iter().copied().filter(|row| row.name == name);
        let rows: Vec<&'a Row> = of_name.collect();
        // Of a name in question, or one whose Service was read all the same.
        let asked = rows.iter().any(|row| row.class == NameClass::Custom);
        let service = Named::of(name, &domain);
        let service = service.filter(|it| asked || it.was_wanted(facts.bundle()));
        let truth = service.as_ref().map(|it| it.truth(facts.bundle()));
        let odd = match (&service, truth) {
            (Some(service), Some(Ok(truth))) => {
                let against = api_answers::compare(facts, service, &truth, &rows);
                against
                    .map(Odd::Against)
                    .or_else(|| outside(facts, name, &rows))
            }
            (_, truth) => {
                gaps.extend(truth.and_then(Result::err));
                let found = differ(&rows).or_else(|| outside(facts, name, &rows));
                found.or_else(|| absent(service?, &rows))
            }
        };
        found.extend(odd.map(|odd| (name, odd)));
    }
    (found, gaps)
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

fn absent<'a>(named: Named, rows: &[&'a Row]) -> Option<Odd<'a>> {
    let denied = |row: &&Row| row.count(Outcome::Nxdomain) == row.tries();
    let all = rows.iter().all(denied);
    all.then(|| Odd::Absent(named.service, named.namespace, rows.to_vec()))
}
