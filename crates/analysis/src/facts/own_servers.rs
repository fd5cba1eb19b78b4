//! The servers that the failing pod's own questions go to.

use digpod_probe::{NameClass, Outcome, Record, ServerRole, Target, is_unexpected};

use super::{Facts, names};

/// Whether one of them left a question of the failing pod's place without an answer, or with an
/// error or a wrong answer, however it was asked.
pub(crate) fn failed(facts: &Facts<'_>) -> bool {
    let output = facts.probes.outputs.get("workload");
    let records = output.map_or(&[][..], |it| it.records.as_slice());
    let names = &facts.bundle().manifest().symptom.names;
    let is_other = |record: &Record| {
        let expected = names::expected(names, record.class, &record.name);
        is_unexpected(expected.into_iter(), record)
    };
    let mut records = records.iter().filter(|it| is_of_pod(it));
    records.any(|it| is_failure(it) || is_other(it))
}

fn is_of_pod(record: &Record) -> bool {
    match &record.target {
        Target::OwnEach | Target::OwnWalk => true,
        Target::Server { role, .. } => matches!(
            role,
            ServerRole::Service | ServerRole::CorednsPod | ServerRole::NodeLocal
        ),
    }
}

fn is_failure(record: &Record) -> bool {
    // Most names along a search list do not exist, and names need not have every type; which size
    // of answer gets through is another matter.
    let may_be_empty = record.typed.is_some() || record.record_type != "A";
    match (record.outcome, record.class) {
        _ if record.payload.is_some() => false,
        (Outcome::Nxdomain, NameClass::Nonexistent) | (Outcome::Nodata, NameClass::Public) => false,
        (Outcome::Ok, class) => class == NameClass::Nonexistent,
        (Outcome::Nxdomain, _) => record.typed.is_none(),
        (Outcome::Nodata, _) => !may_be_empty,
        _ => true,
    }
}
