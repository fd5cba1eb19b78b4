use std::collections::BTreeSet;

use digpod_probe::{NameClass, Outcome, ServerRole};

use crate::facts::addresses::given;
use crate::facts::names::{self, plain};
use crate::facts::probes::{cite_answers, cite_row, server_words};
use crate::facts::readings;
use crate::facts::{Facts, Seen, record_words, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A name has another address than the one that was said to be right.
    ///
    /// ## What it does
    /// Where the name in question was given with its address (`digpod collect NAME=ADDRESS`), it looks whether
    /// pods get it, and whether anybody who was asked gives it.
    ///
    /// ## Why it matters
    /// Programs connect to whatever address they get: a wrong one looks like a network fault. If no
    /// server gives the right one, neither CoreDNS nor the way to it is at fault, but the record, the
    /// view of the zone that these servers have, or the expectation.
    ///
    /// ## How to fix
    /// Ask the servers of the zone itself. If they give the right address, forward the zone to them;
    /// if not, correct the record, or what is expected.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/forward/>
    /// - <https://www.rfc-editor.org/rfc/rfc8499#section-6> (views, split DNS)
    "probes/unexpected-address", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let told = &facts.bundle().manifest().symptom.names;
    if told.iter().all(|name| name.expected.is_none()) {
        return Ok(());
    }
    vantages::seen(facts)?;
    let rows = facts.probes.rows.iter();
    let custom = rows.filter(|row| row.class == NameClass::Custom);
    let questions: BTreeSet<(&str, &str)> = custom
        .filter(|row| is_wrong(row, &names::expected(told, NameClass::Custom, &row.name)))
        .map(|row| (row.name.as_str(), row.record_type.as_str()))
        .collect();
    for (name, record_type) in questions {
        let expected = names::expected(told, NameClass::Custom, name);
        if let Some(finding) = finding(facts, name, record_type, &expected) {
            findings.push(finding);
        }
    }
    Ok(())
}

fn finding(facts: &Facts<'_>, name: &str, record_type: &str, expected: &[&str]) -> Option<Finding> {
    let asked = facts.probes.rows.iter();
    // The platform's resolver stands beside to compare: nobody's query goes there.
    let asked: Vec<&Row> = asked
        .filter(|row| row.name == name && row.record_type == record_type)
        .filter(|row| row.class == NameClass::Custom && row.role != ServerRole::Platform)
        .collect();
    let wrong: Vec<&Row> = asked
        .iter()
        .filter(|row| is_wrong(row, expected))
        .copied()
        .collect();
    let first = *wrong.iter().find(|row| is_of_clients(row))?;
    let right = asked.iter().find(|row| row.count(Outcome::Ok) > 0);
    let family = |it: &&str| it.contains(':') == (record_type == "AAAA");
    let expected: Vec<&str> = expected.iter().copied().filter(family).collect();
    let (given, expected) = (given(&first.answers), expected.join(" or "));
    let of_cluster = |row: &&Row| matches!(row.role, ServerRole::Service | ServerRole::NodeLocal);
    let name_ = plain(name);
    let scope = Scope::Name(name.to_owned());
    let found = |message: String| {
        Finding::new(
            &RULE,
            Confidence::Proven,
            scope,
            message,
            cite_answers(first),
        )
    };
    let (step, command) = record_words::correct(facts, name, record_type);
    let finding = match right {
        Some(right) => found(format!(
            "{} gives {given} for {name_}, not the expected {expected}, which {}",
            server_words(first),
            if right.vantage == first.vantage {
                format!("{} gives", server_words(right))
            } else {
                format!("{} gets", facts.place(&right.vantage))
            },
        ))
        .because(cite_row(right))
        .explain(
            "Both were asked in this run: what the one asks and the other does not knows the cause.",
        )
        .explaining([Symptom::PodOnly, Symptom::Intermittent])
        .fix(
            "Look in the effective Corefile for what serves the name, and forward its zone only to \
             servers that give the expected address",
            Some(format!("digpod corefile show BUNDLE --ask {name_}")),
        ),
        None if asked.iter().all(of_cluster) => found(format!(
            "{} gives {given} for {name_}, not the expected {expected}",
            server_words(first),
        ))
        .explain(format!("Nobody else was asked for {record_type}: the answer is CoreDNS's own, or that of a server behind it."))
        .fix(step, Some(command)),
        None => found(format!(
            "nobody gives the expected {expected} for {name_}: {} {given}",
            if wrong.len() == asked.len() {
                "all that pods, nodes and CoreDNS ask give"
            } else {
                "the answer is"
            },
        ))
        .explain(
            "Whoever answered agrees about it, so that neither CoreDNS nor the way to it changes the answer: \
             the record is another one, these servers see another view of the zone, or the expectation is \
             out of date.",
        )
        .explaining([Symptom::NodeToo])
        .fix(step, Some(command)),
    };
    let others = wrong.iter().filter(|row| **row != first).take(4);
    Some(others.fold(
        finding.explaining([Symptom::Custom, Symptom::Internal]),
        |finding, row| finding.because(cite_answers(row)),
    ))
}

/// Another address than one of those that are right; or none of IPv6, where such a one was said to be.
/// Without one of IPv4 the name itself fails.
fn is_wrong(row: &Row, expected: &[&str]) -> bool {
    let none = row.record_type == "AAAA" && row.count(Outcome::Nodata) > 0;
    row.count(Outcome::Unexpected) > 0 || (none && expected.iter().any(|it| it.contains(':')))
}

/// What a program in a pod gets.
fn is_of_clients(row: &Row) -> bool {
    readings::is_pod(&row.vantage)
        && !matches!(row.role, ServerRole::Upstream | ServerRole::Platform)
}
