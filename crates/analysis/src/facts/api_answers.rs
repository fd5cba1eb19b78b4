//! What CoreDNS pods say of a Service's name, against what the API says of that Service.

use std::collections::BTreeSet;

use digpod_probe::{NameClass, Outcome, unix_seconds};

use super::Facts;
use super::api_nothing;
use super::api_words::{self, Asked};
use super::named_services::{Addresses, Named, Truth, canonical};
use crate::finding::{Confidence, Evidence};
use crate::matrix::Row;
use crate::symptom::Symptom;

/// What is wrong with a name, for a finding.
pub(crate) struct Against {
    pub(crate) confidence: Confidence,
    pub(crate) message: String,
    pub(crate) explanation: String,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) explains: Vec<Symptom>,
    /// What to do, and the command that shows more.
    pub(crate) fix: (String, String),
}

/// What a CoreDNS pod says, as far as it can be judged.
enum Said {
    /// These addresses of IPv4, and perhaps more that did not fit.
    Addresses(BTreeSet<String>, bool),
    /// That there is no such name, or none with an address.
    Nothing,
}

/// Longest that an answer is commonly kept: the plugin's `ttl` is 5 s if nothing is set and 30 s in
/// kubeadm's and the clouds' Corefiles (<https://coredns.io/plugins/kubernetes/>).
const KEPT: i64 = 30;

/// Compares; `None` where the answers are right, or nobody answered.
pub(crate) fn compare(
    facts: &Facts<'_>,
    named: &Named,
    truth: &Truth,
    rows: &[&Row],
) -> Option<Against> {
    // Programs find what was typed under another name: nobody misses this one.
    let is_aside = |row: &&Row| row.class == NameClass::Nonexistent;
    if rows.iter().all(is_aside) {
        return None;
    }
    let asked = Asked { named, rows };
    match truth {
        Truth::Absent if rows.iter().all(|row| answered(row).is_empty()) => {
            let silent = asked.filter(|row| matches!(said(row), Some(Said::Nothing)));
            (!silent.is_empty()).then(|| api_nothing::absent(&asked, &silent))
        }
        Truth::Absent => {
            let wrong = asked.filter(|row| !answered(row).is_empty());
            Some(api_words::from_elsewhere(&asked, &wrong))
        }
        Truth::NoPort(ports) => {
            let silent = asked.filter(|row| matches!(said(row), Some(Said::Nothing)));
            (!silent.is_empty()).then(|| api_nothing::no_port(&asked, &silent, ports))
        }
        Truth::External(target) => {
            let failed = asked.filter(|row| row.answered() > 0 && answered(row).is_empty());
            let rows = &facts.probes.rows;
            (!failed.is_empty()).then(|| api_nothing::external(&asked, &failed, target, rows))
        }
        Truth::Address(right) => addresses_of(facts, &asked, right, false),
        Truth::Headless(right) => addresses_of(facts, &asked, right, true),
    }
}

fn addresses_of(
    facts: &Facts<'_>,
    asked: &Asked<'_, '_>,
    right: &Addresses,
    headless: bool,
) -> Option<Against> {
    let wanted: BTreeSet<String> = right
        .right
        .iter()
        .filter(|it| is_ipv4(it))
        .cloned()
        .collect();
    // Asked for is IPv4 alone.
    if wanted.is_empty() && !(headless && right.right.is_empty()) {
        return None;
    }
    let wrong = asked.filter(|row| match said(row) {
        Some(Said::Addresses(got, cut)) => {
            !got.is_subset(&wanted) || (got.len() < wanted.len() && !cut)
        }
        Some(Said::Nothing) => !wanted.is_empty(),
        None => false,
    });
    let front = asked.named.endpoint.as_deref().unwrap_or_default();
    let silent = !wrong.is_empty() && wrong.iter().all(|row| answered(row).is_empty());
    if silent && front.starts_with('_') {
        return Some(api_nothing::of_srv(asked, &wrong));
    }
    if !wrong.is_empty() {
        let age = age(facts, right, &wrong);
        return Some(api_words::wrong(asked, &wrong, right, headless, &age));
    }
    let silent = asked.filter(|row| matches!(said(row), Some(Said::Nothing)));
    (!silent.is_empty()).then(|| api_nothing::none_ready(asked, &silent, right))
}

/// Time between the last change and the question.
pub(crate) struct Age {
    pub(crate) changed: Option<String>,
    pub(crate) seconds: Option<i64>,
    /// How long the answer may be kept.
    pub(crate) ttl: i64,
}

impl Age {
    /// Whether the answer may be of before the change: kept by CoreDNS and by a cache in front of it.
    pub(crate) fn is_young(&self) -> bool {
        let longest = self.ttl.saturating_mul(2);
        self.seconds.is_some_and(|seconds| seconds < longest)
    }
}

fn age(facts: &Facts<'_>, right: &Addresses, wrong: &[&Row]) -> Age {
    let outputs = &facts.probes.outputs;
    let records = outputs.values().flat_map(|it| &it.records);
    let records = records.filter(|it| wrong.iter().any(|row| row.name == it.name));
    let ttls = records
        .flat_map(|it| &it.answers)
        .map(|it| i64::from(it.ttl));
    let started = wrong.iter().find_map(|row| {
        let started = outputs.get(&row.vantage)?.started.as_str();
        unix_seconds(started)
    });
    let started = started.or_else(|| {
        let manifest = facts.bundle().manifest();
        unix_seconds(&manifest.collected.started)
    });
    let changed = right.changed.as_deref().and_then(unix_seconds);
    Age {
        changed: right.changed.clone(),
        seconds: started
            .zip(changed)
            .map(|(now, then)| now.saturating_sub(then)),
        ttl: ttls.max().unwrap_or(KEPT).max(KEPT),
    }
}

fn is_ipv4(address: &str) -> bool {
    !address.contains(':')
}

/// Addresses among the answers, whatever was expected.
fn answered(row: &Row) -> BTreeSet<String> {
    let all = row.answers.iter().filter_map(|it| canonical(it));
    all.filter(|it| is_ipv4(it)).collect()
}

fn said(row: &Row) -> Option<Said> {
    let got = answered(row);
    if !got.is_empty() {
        return Some(Said::Addresses(got, row.truncated > 0));
    }
    let nothing = row.count(Outcome::Nxdomain) + row.count(Outcome::Nodata);
    (nothing > 0 && nothing == row.tries()).then_some(Said::Nothing)
}
