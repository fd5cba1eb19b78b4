//! Which symptoms were observed, and how much each observation weighs (rule-catalogue 1.2, 1.5).

use std::collections::{BTreeMap, BTreeSet};

use digpod_dnslog::Signature;
use digpod_probe::{NameClass, Outcome, Transport};

use crate::facts::pairs::{self, Lost};
use crate::facts::transports::{self, Dead};
use crate::facts::{Facts, contrast, measured, replicas, search, search_words, watched};
use crate::finding::Scope;
use crate::matrix::Row;
use crate::symptom::Symptom;

/// Observed symptoms with their weights: seen by a probe 3, in a log 2, told by the user 1.
pub(super) type Observed = BTreeMap<Symptom, i32>;

const PROBE: i32 = 3;
const LOG: i32 = 2;
const USER: i32 = 1;

/// Gathers them all; the strongest observation of a symptom counts.
pub(super) fn observe(facts: &Facts<'_>) -> Observed {
    let mut observed = Observed::new();
    told(facts, &mut observed);
    logged(facts, &mut observed);
    probed(facts, &mut observed);
    watched(facts, &mut observed);
    compared(facts, &mut observed);
    observed
}

/// Symptoms that a probe or a log showed; what the user told is hearsay.
pub(super) fn seen(observed: &Observed) -> impl Iterator<Item = Symptom> + '_ {
    observed
        .iter()
        .filter(|(_, weight)| **weight > USER)
        .map(|(symptom, _)| *symptom)
}

fn see(observed: &mut Observed, symptom: Symptom, weight: i32) {
    let known = observed.entry(symptom).or_insert(weight);
    *known = (*known).max(weight);
}

fn told(facts: &Facts<'_>, observed: &mut Observed) {
    let symptom = &facts.bundle().manifest().symptom;
    if !symptom.names.is_empty() {
        see(observed, Symptom::Custom, USER);
    }
    let text = symptom
        .text
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let words: [(&[&str], Symptom); 5] = [
        (
            &["intermittent", "sometimes", "sporadic", "occasional"],
            Symptom::Intermittent,
        ),
        (&["timeout", "timed out", "time out"], Symptom::Timeout),
        (
            &[
                "nxdomain",
                "no such host",
                "name or service not known",
                "not found",
            ],
            Symptom::Nxdomain,
        ),
        (
            &["servfail", "server misbehaving", "temporary failure"],
            Symptom::Servfail,
        ),
        (&["slow"], Symptom::Slow),
    ];
    for (words, symptom) in words {
        if words.iter().any(|word| text.contains(word)) {
            see(observed, symptom, USER);
        }
    }
}

fn logged(facts: &Facts<'_>, observed: &mut Observed) {
    let summaries = facts.logs.logs.iter().flat_map(|log| &log.pieces);
    let mut timeouts = 0;
    for count in summaries.flat_map(|(_, summary)| &summary.counts) {
        if count.signature == Signature::IoTimeout {
            timeouts += count.count.saturating_sub(count.hinfo);
        }
    }
    if timeouts >= 5 {
        see(observed, Symptom::Timeout, LOG);
    }
}

fn probed(facts: &Facts<'_>, observed: &mut Observed) {
    let rows: Vec<&Row> = facts
        .probes
        .through_service()
        .filter(|row| row.tries() >= 3)
        .collect();
    let with_a: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.record_type == "A")
        .map(|row| row.name.as_str())
        .collect();
    // AAAA is empty for most names: it counts only where nobody asked for A.
    let rows: Vec<&Row> = rows
        .into_iter()
        .filter(|row| row.record_type == "A" || !with_a.contains(row.name.as_str()))
        .collect();
    let mut classes = BTreeMap::new();
    for row in &rows {
        let measured = measured::of_row(row);
        let failed = measured.percent();
        let dead: &mut bool = classes.entry(row.class).or_insert(true);
        *dead &= failed >= 95;
        if failed <= 5 || row.class == NameClass::Nonexistent {
            continue;
        }
        see(observed, of_class(row.class), PROBE);
        if measured.is_intermittent() {
            see(observed, Symptom::Intermittent, PROBE);
        }
        if let Some(symptom) = of_outcomes(row) {
            see(observed, symptom, PROBE);
        }
        compare(facts, row, observed);
    }
    if rows.iter().any(|row| row.median_us > 1_000_000) {
        see(observed, Symptom::Slow, PROBE);
    }
    classes.remove(&NameClass::Nonexistent);
    if classes.len() >= 2 && classes.values().all(|dead| *dead) {
        see(observed, Symptom::All, PROBE);
    }
}

/// What shows only when servers, transports, nodes or the names of a search list are compared.
fn compared(facts: &Facts<'_>, observed: &mut Observed) {
    if contrast::namespaces(facts).is_some() {
        see(observed, Symptom::Namespace, PROBE);
    }
    let bad = replicas::bad(facts);
    if bad.iter().any(|it| !it.may_be_one_draw()) {
        see(observed, Symptom::Replica, PROBE);
    }
    if bad.iter().any(|it| !it.works_from.is_empty()) {
        see(observed, Symptom::Node, PROBE);
    }
    let mut both = transports::compare(facts).into_iter();
    if both.any(|it| it.dead() == Some(Dead::Tcp)) {
        see(observed, Symptom::Tcp, PROBE);
    }
    let raced = |it: &Lost| it.one_socket.halves >= 2 && it.two_sockets.any() == 0;
    if pairs::lost(facts).iter().any(raced) {
        see(observed, Symptom::FiveSeconds, PROBE);
    }
    for walk in search::walks(facts) {
        let alone = walk.alone();
        let own = walk.record(&alone).map(|(it, _)| it.outcome);
        let elsewhere = |it| search::found_elsewhere(it, &alone).is_some();
        // Who means a name of the cluster and types it short finds it with a suffix.
        let differs = own == Some(Outcome::Ok) && walk.settled.iter().any(elsewhere);
        // A name that fails by itself is no matter of the list.
        if differs || search_words::stopped(&walk).is_some() {
            see(observed, Symptom::ShortName, PROBE);
        }
    }
}

/// Whether what a finding is about shows a symptom: one name explains no other name's answers.
pub(super) fn is_shown(facts: &Facts<'_>, scope: &Scope, symptom: Symptom) -> bool {
    let Scope::Name(name) = scope else {
        return true;
    };
    let of_one = matches!(
        symptom,
        Symptom::Timeout
            | Symptom::Servfail
            | Symptom::Nxdomain
            | Symptom::Refused
            | Symptom::Nodata
            | Symptom::Intermittent
    );
    let mut rows = facts.probes.through_service().peekable();
    let shows = |row: &Row| match symptom {
        Symptom::Intermittent => measured::of_row(row).is_intermittent(),
        symptom => of_outcomes(row) == Some(symptom),
    };
    // What was seen without a probe stays as it is.
    !of_one || rows.peek().is_none() || rows.any(|row| row.name == *name && shows(row))
}

/// Names that should resolve and got nothing in the few tries that they got (`--quick`): too few
/// for a symptom, and too bad to be told that nothing is wrong. Those that were complained of come first.
pub(super) fn failed_at_once<'a>(facts: &'a Facts<'_>) -> Vec<&'a Row> {
    let rows: Vec<&Row> = facts.probes.through_service().collect();
    let asked_for_a = |name: &str| {
        let mut rows = rows.iter();
        rows.any(|row| row.name == name && row.record_type == "A")
    };
    let failed = |row: &&&Row| {
        let counts = row.record_type == "A" || !asked_for_a(&row.name);
        let few = (1..3).contains(&row.tries());
        counts
            && few
            && row.class != NameClass::Nonexistent
            && measured::of_row(row).percent() == 100
    };
    let is_asked = |row: &&&Row| row.class == NameClass::Custom;
    let found = || rows.iter().filter(failed);
    let others = found().filter(|row| !is_asked(row));
    found().filter(is_asked).chain(others).copied().collect()
}

pub(super) fn of_class(class: NameClass) -> Symptom {
    match class {
        NameClass::Cluster => Symptom::Internal,
        NameClass::Public => Symptom::External,
        NameClass::Custom | NameClass::Nonexistent => Symptom::Custom,
    }
}

/// The failure that a row shows most often.
pub(super) fn of_outcomes(row: &Row) -> Option<Symptom> {
    let failures = row
        .outcomes
        .iter()
        .filter(|(outcome, _)| **outcome != Outcome::Ok);
    let (outcome, _) = failures.max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)))?;
    of_outcome(*outcome)
}

/// The symptom that one failed try shows.
const fn of_outcome(outcome: Outcome) -> Option<Symptom> {
    match outcome {
        Outcome::Timeout => Some(Symptom::Timeout),
        Outcome::Servfail => Some(Symptom::Servfail),
        Outcome::Nxdomain => Some(Symptom::Nxdomain),
        Outcome::Refused => Some(Symptom::Refused),
        Outcome::Nodata => Some(Symptom::Nodata),
        _ => None,
    }
}

/// What failed while it was watched; if it had not failed before, the fault comes and goes.
fn watched(facts: &Facts<'_>, observed: &mut Observed) {
    let Some(watched) = watched::read(facts.bundle()) else {
        return;
    };
    let Some(failure) = &watched.failure else {
        return;
    };
    see(observed, of_class(failure.class), PROBE);
    if watched.last_good.is_some() {
        see(observed, Symptom::Intermittent, PROBE);
    }
    if let Some(symptom) = of_outcome(failure.outcome) {
        see(observed, symptom, PROBE);
    }
}

/// A failing question seen from elsewhere: from a node, from another namespace, over TCP.
fn compare(facts: &Facts<'_>, failing: &Row, observed: &mut Observed) {
    // The same name may also be asked as one that works, without an expected address.
    let same = |row: &&Row| {
        (&row.name, &row.record_type, row.class)
            == (&failing.name, &failing.record_type, failing.class)
    };
    let udp = |row: &&Row| row.transport == Transport::Udp;
    let outside = matches!(failing.class, NameClass::Public | NameClass::Custom);
    let control_works = contrast::control_works(facts);
    for row in facts
        .probes
        .rows
        .iter()
        .filter(same)
        .filter(|row| row.tries() >= 3)
    {
        let failed = measured::of_row(row).percent();
        let of_node = row.is_walk() && row.vantage.starts_with("node-") && udp(&row) && outside;
        match failed {
            ..=10 if of_node => see(observed, Symptom::PodOnly, PROBE),
            50.. if of_node => see(observed, Symptom::NodeToo, PROBE),
            ..=5 if control_works
                && row.vantage == "control"
                && failing.vantage == "workload"
                && row.role == failing.role
                && udp(&row)
                && !measured::of_row(failing).is_intermittent() =>
            {
                see(observed, Symptom::Namespace, PROBE);
            }
            _ => {}
        }
    }
}
