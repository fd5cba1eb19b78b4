//! What stands below the causes: other findings, what could not be seen, files, versions.

use std::collections::BTreeSet;

use super::text::Text;
use crate::gaps::{self, Group};
use crate::v1::{Finding, Gap, Report};
use crate::{place, words};

/// Rules that are named beside what they could not see; more are counted.
const NAMED_RULES: usize = 2;

/// Findings that belong to no cause.
pub(super) fn findings(text: &mut Text, report: &Report) {
    let shown: BTreeSet<u32> = report
        .causes
        .iter()
        .flat_map(|cause| std::iter::once(cause.finding).chain(cause.explains.iter().copied()))
        .collect();
    let rest: Vec<&Finding> = (0..)
        .zip(&report.findings)
        .filter(|(at, _)| !shown.contains(at))
        .map(|(_, it)| it)
        .collect();
    if rest.is_empty() {
        return;
    }
    text.title("Also seen");
    for it in rest {
        finding(text, it);
    }
}

/// One finding in short.
pub(super) fn finding(text: &mut Text, finding: &Finding) {
    let at = finding.evidence.first().map(place::of);
    let at = at.map_or(String::new(), |at| format!(", {at}"));
    let line = format!(
        "{} ({}, {}{at})",
        finding.message, finding.severity, finding.confidence
    );
    text.item(2, "- ", &line);
    text.command(&format!("digpod explain {}", finding.rule), 4);
}

/// What could not be seen, and the permission that would show it; what many have in common is said
/// once.
pub(super) fn gaps(text: &mut Text, report: &Report) {
    if report.gaps.is_empty() {
        return;
    }
    text.title("What could not be seen");
    for group in gaps::groups(&report.gaps) {
        match group {
            Group::One(gap) => one_gap(text, gap),
            Group::Many(first, all) => {
                let reason = gaps::reason(first);
                let what: Vec<String> = all.iter().map(|gap| named(gap)).collect();
                text.item(
                    2,
                    "- ",
                    &format!("{} things, each of which {reason}", all.len()),
                );
                text.item(4, "", &what.join(", "));
                if let Some(permission) = gaps::permission(first) {
                    text.item(4, "missing permission: ", permission);
                }
                if let Some(rules) = not_judged(&rules(&all)) {
                    text.item(4, "", &rules);
                }
                let means = gaps::means(&all);
                if !means.is_empty() {
                    text.item(4, "so ", &means);
                }
            }
        }
    }
}

fn one_gap(text: &mut Text, gap: &Gap) {
    text.item(2, "- ", &gap_line(gap));
    if let Some(permission) = gaps::permission(gap) {
        text.item(4, "missing permission: ", permission);
    }
    if let Some(means) = &gap.means {
        text.item(4, "so ", means);
    }
}

/// Loose files: what each was taken for.
pub(super) fn inputs(text: &mut Text, report: &Report) {
    let mut files = report
        .inputs
        .iter()
        .filter_map(|input| Some((input.entry.strip_prefix("imported/")?, input)))
        .peekable();
    if files.peek().is_none() {
        return;
    }
    text.title("Files");
    for (file, input) in files {
        let line = if input.taken_for == "not recognised" {
            format!("{file}: not recognised, {}", input.why)
        } else {
            format!(
                "{file}: taken for {}, because {}",
                input.taken_for, input.why
            )
        };
        text.item(2, "- ", &line);
    }
}

/// What was analysed, when, by whom.
pub(super) fn footer(text: &mut Text, report: &Report) {
    text.gap();
    text.paragraph(0, &words::provenance(report));
}

/// Entries and questions behind a healthy verdict.
pub(super) fn looked_at(report: &Report) -> String {
    let read = words::count(report.inputs.len(), "entry");
    let rules = words::count(report.engine.rules as usize, "rule");
    if report.matrix.is_empty() {
        return format!("Looked at: {read}, {rules}; nobody asked a DNS server.");
    }
    let set = |of: fn(&crate::v1::MatrixRow) -> &str| {
        report.matrix.iter().map(of).collect::<BTreeSet<_>>().len()
    };
    let tries = report
        .matrix
        .iter()
        .map(|row| row.tries)
        .fold(0, u32::saturating_add);
    format!(
        "Looked at: {read}, {rules}; {} about {}, asked of {} from {}.",
        words::count(tries as usize, "query"),
        words::count(set(|row| &row.name), "name"),
        words::count(set(|row| &row.server), "server"),
        words::count(set(|row| &row.vantage), "vantage"),
    )
}

/// What an entry is called, by its name where nobody calls it otherwise.
fn named(gap: &Gap) -> String {
    words::entry(&gap.entry).unwrap_or_else(|| gap.entry.clone())
}

/// Rules that could not look.
fn rules<'a>(gaps: &[&'a Gap]) -> Vec<&'a str> {
    let all = gaps.iter().flat_map(|it| &it.rules).map(String::as_str);
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

fn gap_line(gap: &Gap) -> String {
    let what = words::entry(&gap.entry);
    let what = what.map_or(String::new(), |what| format!(" ({what})"));
    let rules: Vec<&str> = gap.rules.iter().map(String::as_str).collect();
    let rules = not_judged(&rules).map_or(String::new(), |it| format!("; {it}"));
    format!("{}{what}: {}{rules}", gap.entry, gaps::reason(gap))
}

fn not_judged(rules: &[&str]) -> Option<String> {
    match rules.len() {
        0 => None,
        1..=NAMED_RULES => Some(format!("not judged: {}", rules.join(", "))),
        count => Some(format!("{count} rules could not look")),
    }
}
