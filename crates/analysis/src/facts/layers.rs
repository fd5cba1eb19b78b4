//! The layers that a name passes: CoreDNS for the cluster's names, CoreDNS for others, each upstream
//! asked directly (rule-catalogue 1.3).

use digpod_probe::{NameClass, ServerRole, Transport};

use super::Facts;
use super::readings::{ENOUGH, Reading};
use crate::matrix::Row;

/// What clients get through the DNS Service for names of these classes, over UDP.
pub(crate) fn through_service<'a>(
    facts: &'a Facts<'_>,
    vantage: &str,
    classes: &[NameClass],
) -> Reading<'a> {
    facts.probes.reading(|row| {
        row.vantage == vantage
            && classes.contains(&row.class)
            && row.transport == Transport::Udp
            && row.record_type == "A"
            && matches!(row.role, ServerRole::Service | ServerRole::NodeLocal)
    })
}

/// Vantages that ask as applications do, the failing pod's sibling first.
pub(crate) const CLIENTS: [&str; 2] = ["workload", "control"];

/// What one vantage got for one name from each upstream, over UDP.
pub(crate) fn from_upstreams<'a>(facts: &'a Facts<'_>, vantage: &str, name: &str) -> Vec<&'a Row> {
    let rows = facts.probes.rows.iter();
    rows.filter(|row| {
        row.vantage == vantage
            && row.name == name
            && row.record_type == "A"
            && row.transport == Transport::Udp
            && row.role == ServerRole::Upstream
    })
    .collect()
}

/// From the first client for which names of one class work (95 % and more) and names of the other do
/// not (80 % and less): from where, what fails, what works.
pub(crate) fn only_one_fails<'a>(
    facts: &'a Facts<'_>,
    fails: NameClass,
    works: NameClass,
) -> Option<(&'static str, Reading<'a>, Reading<'a>)> {
    CLIENTS.into_iter().find_map(|vantage| {
        let bad = through_service(facts, vantage, &[fails]);
        let good = through_service(facts, vantage, &[works]);
        let enough = bad.tries >= ENOUGH && good.tries >= ENOUGH;
        let split = good.good * 100 >= good.tries * 95 && bad.good * 100 <= bad.tries * 80;
        (enough && split).then_some((vantage, bad, good))
    })
}
