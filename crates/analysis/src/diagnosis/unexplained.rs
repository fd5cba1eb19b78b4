//! Names that fail for a reason no cause gives.

use std::collections::BTreeSet;

use digpod_probe::NameClass;

use super::precedence::is_choice;
use super::{Cause, observe};
use crate::facts::Facts;
use crate::facts::agreement::Comparison;
use crate::facts::measured;
use crate::facts::names::plain;
use crate::facts::probes::outcome_words;
use crate::finding::{Finding, Scope};
use crate::matrix::Row;
use crate::symptom::Symptom;

/// A failing name that no cause explains.
pub(super) struct Unexplained {
    /// With its final dot.
    pub(super) name: String,
    /// With what became of it: `api.corp.internal (10 of 10 NXDOMAIN)`.
    pub(super) words: String,
}

/// Each such name.
pub(super) fn unexplained(
    facts: &Facts<'_>,
    findings: &[Finding],
    causes: &[Cause],
) -> Vec<Unexplained> {
    let causes: Vec<&Finding> = causes.iter().flat_map(|it| own(findings, it)).collect();
    if causes.is_empty() {
        return Vec::new();
    }
    let mut told = BTreeSet::new();
    let failing = facts.probes.through_service().filter(|row| fails(row));
    failing
        .filter(|row| !causes.iter().any(|cause| explains(facts, cause, row)))
        .filter(|row| told.insert(row.name.clone()))
        .map(|row| Unexplained {
            words: format!("{} ({})", plain(&row.name), outcome_words(row)),
            name: row.name.clone(),
        })
        .collect()
}

/// The finding that is the cause, and those of the same rule, be it of another name: what else is
/// nested under it was only seen beside it.
fn own<'a>(findings: &'a [Finding], cause: &Cause) -> Vec<&'a Finding> {
    let root = findings.get(cause.root);
    let same = |it: &&Finding| root.is_some_and(|root| root.rule.id == it.rule.id);
    findings.iter().filter(same).collect()
}

/// AAAA is empty for most names: what fails is the address that every name has.
fn fails(row: &Row) -> bool {
    row.class != NameClass::Nonexistent
        && row.record_type == "A"
        && row.tries() >= 3
        && measured::of_row(row).percent() > 5
}

fn explains(facts: &Facts<'_>, cause: &Finding, row: &Row) -> bool {
    if let Scope::Name(name) = &cause.scope {
        return *name == row.name;
    }
    let compared = facts.comparisons().iter();
    let mut compared = compared
        .filter(|it| it.name == row.name && it.record_type == row.record_type)
        .peekable();
    if is_choice(cause.rule.id) && compared.peek().is_some() {
        // Servers that say the same of it are no reason, whichever is chosen.
        return compared.any(Comparison::disagrees);
    }
    let class = observe::of_class(row.class);
    let symptom = observe::of_outcomes(row).unwrap_or(class);
    let ours = class == Symptom::Custom || cause.explains.contains(&class);
    ours && cause.explains.contains(&symptom)
}
