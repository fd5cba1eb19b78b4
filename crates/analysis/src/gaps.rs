//! What could not be seen: items the manifest says are missing, and rules that could not look.

use std::collections::BTreeMap;

use digpod_bundle::{Bundle, EntryName, Kind, LogStream, Status};
use digpod_probe::Plan;

use crate::NotSeen;
use crate::facts::{Gap, Lack, missing};

/// Joins both by entry, sorted; the manifest's own words win. What is there and was asked too seldom
/// is a gap of its own.
pub(crate) fn gather(bundle: &Bundle, of_rules: &[(&'static str, Gap)]) -> Vec<NotSeen> {
    let mut gaps: BTreeMap<(String, bool), NotSeen> = BTreeMap::new();
    for item in &bundle.manifest().items {
        if is_gap(&item.entry, item.status) {
            let gap = Gap {
                entry: item.entry.clone(),
                reason: missing::reason(item),
                lacks: Lack::Entry,
            };
            let rules = Vec::new();
            gaps.insert((item.entry.clone(), false), NotSeen { gap, rules });
        }
    }
    let of_manifest: Vec<_> = gaps.keys().cloned().collect();
    for (rule, gap) in of_rules {
        let key = (gap.entry.clone(), too_seldom(gap));
        let known = gaps.entry(key.clone()).or_insert_with(|| NotSeen {
            gap: gap.clone(),
            rules: Vec::new(),
        });
        // Two rules may miss different things in one entry.
        if !of_manifest.contains(&key) && !known.gap.reason.contains(&gap.reason) {
            known.gap.reason = format!("{}; {}", known.gap.reason, gap.reason);
        }
        known.gap.lacks = match (known.gap.lacks, gap.lacks) {
            (Lack::Tries(a), Lack::Tries(b)) => Lack::Tries(a.max(b)),
            (a, b) => a.min(b),
        };
        if !known.rules.contains(rule) {
            known.rules.push(rule);
        }
    }
    let quick = gaps.values().any(|it| too_seldom(&it.gap)) && asked_once(bundle);
    let mut gaps: Vec<NotSeen> = gaps.into_values().collect();
    for gap in &mut gaps {
        gap.rules.sort_unstable();
        if quick && too_seldom(&gap.gap) {
            gap.gap.reason += "; `digpod collect` without --quick makes them";
        }
    }
    gaps
}

fn too_seldom(gap: &Gap) -> bool {
    matches!(gap.lacks, Lack::Tries(_))
}

/// Whether the probes were to ask each question once (`--quick`).
pub(crate) fn asked_once(bundle: &Bundle) -> bool {
    let plans = bundle
        .entries()
        .filter(|(name, _)| matches!(Kind::of(name), Kind::ProbePlan { .. }));
    let plans = plans.filter_map(|(_, bytes)| serde_json::from_slice::<Plan>(bytes).ok());
    let mut questions = plans.flat_map(|plan| plan.questions).peekable();
    questions.peek().is_some() && questions.all(|it| it.tries <= 1)
}

/// Whether some rule could not look because something was asked for and did not come: then nobody
/// may say that all is well. What nobody asked for (a bundle of loose files) blinds as well, but it
/// was the user's choice.
pub(crate) fn blinded(bundle: &Bundle, gaps: &[NotSeen]) -> bool {
    let in_vain = |entry: &str| {
        let items = &bundle.manifest().items;
        items
            .iter()
            .any(|item| is_refused(item.status) && is_in(&item.entry, entry))
    };
    gaps.iter()
        .any(|gap| !gap.rules.is_empty() && in_vain(&gap.gap.entry))
}

/// Whether a status means that something was asked for in vain.
pub(crate) fn is_refused(status: Status) -> bool {
    match status {
        Status::Ok
        | Status::Empty
        | Status::NotFound
        | Status::NotApplicable
        | Status::Truncated => false,
        Status::Forbidden
        | Status::Unauthorized
        | Status::TimedOut
        | Status::RefusedByAdmission
        | Status::Failed => true,
    }
}

/// Whether an entry is the one that a rule named, or one of them: `dns/logs` is a folder, and
/// `probes/node-*/records.json` any of these.
fn is_in(entry: &str, named: &str) -> bool {
    match named.split_once('*') {
        Some((start, end)) => entry.starts_with(start) && entry.ends_with(end),
        None => entry
            .strip_prefix(named)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
    }
}

/// Whether a status means that something was not seen. An optional object that is known not to
/// exist was seen: there is none.
fn is_gap(entry: &str, status: Status) -> bool {
    match status {
        Status::Ok | Status::Empty | Status::NotApplicable => false,
        Status::NotFound => !is_optional(entry),
        Status::Forbidden
        | Status::Unauthorized
        | Status::TimedOut
        | Status::Truncated
        | Status::RefusedByAdmission
        | Status::Failed => true,
    }
}

/// A container that never ended has no previous log, only `coredns` must exist of the ConfigMaps,
/// and a name in question may mean a Service that nobody has made: a rule says so.
fn is_optional(entry: &str) -> bool {
    let kind = EntryName::new(entry).map_or(Kind::Other, |name| Kind::of(&name));
    match kind {
        Kind::ConfigMap { name } => name != "coredns",
        Kind::Log { stream, .. } => stream == LogStream::Previous,
        Kind::NamedService { .. } => true,
        _ => false,
    }
}
