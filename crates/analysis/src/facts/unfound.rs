//! Whether a program in the failing pod finds what was typed, whatever other names were asked for it.

use digpod_bundle::FailingName;
use digpod_probe::{NameClass, Outcome, ProbeOutput, ServerRole, Transport};
use digpod_resolv::{Outcome as Result, Simulation};

use super::search::{self, Walk};
use super::{Facts, names};
use crate::matrix::Row;

/// A typed name that programs in the pod do not find, though it exists.
pub(crate) struct Unfound<'a> {
    /// Resolvers that find nothing, in any try.
    pub(crate) who: Vec<String>,
    /// What the first of them says.
    pub(crate) result: String,
    /// The name that exists, asked through the DNS Service.
    pub(crate) whole: &'a Row,
}

/// Of a walk; nothing where one try finds an address, or where the name does not exist at all.
pub(crate) fn unfound<'a>(facts: &'a Facts<'_>, walk: &Walk<'_>) -> Option<Unfound<'a>> {
    let fails = |at: usize| {
        let again = walk.again.iter().filter_map(|tries| tries.get(at));
        let mut all = walk.lookups.get(at).into_iter().chain(again);
        all.all(|it| matches!(it.outcome, Result::Failed(_)))
    };
    let whole = facts.probes.rows.iter().find(|row| {
        row.vantage == "workload"
            && row.transport == Transport::Udp
            && row.record_type == "A"
            && matches!(row.role, ServerRole::Service | ServerRole::NodeLocal)
            && names::means(walk.typed, &row.name)
            && row.count(Outcome::Ok) == row.tries()
    })?;
    // Who asks the right server for the right name and fails all the same is on the right way: it is
    // the server that says now this and now that.
    let gets_there = |it: &Simulation| {
        it.asked.iter().any(|asked| {
            let candidate = it.plan.candidates.get(asked.candidate);
            candidate.is_some_and(|it| it.name.eq_ignore_ascii_case(&whole.name))
                && search::is_of(&whole.server, asked.address)
        })
    };
    let lookups = walk.lookups.iter().enumerate();
    let failed = lookups.filter(|(at, it)| fails(*at) && !gets_there(it));
    let failed: Vec<&Simulation> = failed.map(|(_, it)| it).collect();
    let who = failed
        .iter()
        .map(|it| search::implementation(it).to_owned());
    Some(Unfound {
        who: who.collect(),
        result: failed.first()?.result(),
        whole,
    })
}

/// Where every resolver finds what was typed under one name, that another does not exist is right:
/// `web.shop` is no name of the world, and resolves in every pod.
pub(crate) fn set_aside(output: &ProbeOutput, names: &[FailingName], rows: &mut Vec<Row>) {
    if search::is_overlong(output) {
        return;
    }
    let names = names.iter().take(search::MOST_NAMES);
    for typed in names.map(|it| it.name.trim()) {
        let walk = search::walk(output, typed);
        let lookups = || walk.lookups.iter().chain(walk.again.iter().flatten());
        let found = |it: &Simulation| matches!(it.outcome, Result::Addresses(_));
        if walk.lookups.is_empty() || !lookups().all(found) {
            continue;
        }
        let ends = |name: &str| {
            lookups().any(|it| search::found_at(it).is_some_and(|at| at.eq_ignore_ascii_case(name)))
        };
        let is_other = |row: &Row| {
            row.class == NameClass::Custom
                && names::means(typed, &row.name)
                && row.count(Outcome::Nxdomain) == row.tries()
                && !ends(&row.name)
        };
        let mut others: Vec<Row> = rows.iter().filter(|row| is_other(row)).cloned().collect();
        rows.retain(|row| !is_other(row));
        for row in &mut others {
            row.class = NameClass::Nonexistent;
        }
        // Rows are sorted by class, and this is the last one.
        rows.append(&mut others);
    }
}
