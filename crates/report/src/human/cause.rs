//! The verdict and the causes.

use super::text::{Text, wrap};
use super::{excerpt, pick, rest};
use crate::v1::{Cause, Evidence, Finding, Report};
use crate::{place, words};

/// Pieces of evidence that are drawn; of more the places are named.
const DRAWN: usize = 4;

/// What does not explain a name.
fn known(report: &Report) -> &'static str {
    match report.causes.len() {
        1 => "it",
        _ => "any of them",
    }
}

/// The verdict in one sentence.
pub(super) fn verdict(text: &mut Text, report: &Report) {
    let first = report.causes.first();
    let word = words::verdict(report);
    let headline = format!("{word}: {}", sentence(&report.headline));
    for (at, line) in wrap(&headline, text.width).iter().enumerate() {
        let line = match line.strip_prefix(word.as_str()).filter(|_| at == 0) {
            Some(rest) => {
                let word = match report.verdict.as_str() {
                    "healthy" | "no-fault-seen" => text.paint.good(&word),
                    "cause" => text.paint.bad(&word),
                    _ => text.paint.warn(&word),
                };
                format!("{word}{}", text.paint.strong(rest))
            }
            None => text.paint.strong(line),
        };
        text.line(&line);
    }
    // The headline of a run that saw nothing has it already.
    let early = report.subject.interrupted.as_ref();
    if let Some(why) = early.filter(|why| !report.headline.contains(why.as_str())) {
        text.paragraph(0, &sentence_about("Collecting ended early", why));
    }
    if !report.symptoms.is_empty() {
        text.paragraph(0, &format!("Observed: {}.", report.symptoms.join("; ")));
    }
    if !report.unexplained.is_empty() {
        let names = report.unexplained.join("; ");
        text.paragraph(0, &format!("Not explained by {}: {names}.", known(report)));
    }
    let fix = first.and_then(|cause| cause.fix.split_first());
    if let Some((step, more)) = fix.filter(|_| report.verdict == "cause") {
        let (told, snippet) = words::snippet(&step.text);
        let told = told
            .strip_suffix(':')
            .filter(|_| !snippet.is_empty())
            .unwrap_or(told);
        let more = match (more.len(), snippet.is_empty()) {
            (0, true) => String::new(),
            (0, false) => " The lines are below.".to_owned(),
            (count, _) => format!(" {} below.", words::count(count, "more step")),
        };
        text.paragraph(0, &format!("Fix: {}{more}", sentence(told)));
    }
    if let Some(watch) = &report.watch {
        text.paragraph(0, &format!("Watch: {}", sentence(&watch.told)));
    }
    if matches!(report.verdict.as_str(), "healthy" | "no-fault-seen") {
        text.paragraph(0, &rest::looked_at(report));
    }
}

/// The first cause: why, evidence, fix.
pub(super) fn first(text: &mut Text, report: &Report, cause: &Cause) {
    if report.verdict != "cause" {
        text.title(&format!("First suspicion ({})", cause.confidence));
        // The headline of an undetermined verdict has the sentence already where it has room.
        if !report.headline.contains(&cause.summary) {
            text.paragraph(2, &sentence(&cause.summary));
        }
    }
    text.title("Why");
    if !cause.explanation.is_empty() {
        text.paragraph(2, &cause.explanation);
    }
    text.command(&format!("digpod explain {}", cause.id), 4);
    let root = report.findings.get(cause.finding as usize);
    evidence(text, root.map_or(&[], |root| root.evidence.as_slice()));
    if !cause.contradicted_by.is_empty() {
        text.title("What speaks against it");
        for piece in &cause.contradicted_by {
            text.item(2, "- ", &format!("{} ({})", piece.note, place::of(piece)));
        }
    }
    // One step without a command stands whole below the verdict.
    let told = report.verdict == "cause"
        && matches!(cause.fix.as_slice(), [step] if step.command.is_none() && !step.text.contains('\n'));
    if !cause.fix.is_empty() && !told {
        text.title("Fix");
        text.steps(&cause.fix);
    }
    explains(text, report, cause);
}

/// What would settle it, where it is not settled.
pub(super) fn decide(text: &mut Text, report: &Report, cause: &Cause) {
    let second = report.causes.get(1);
    let proven = cause.confidence == "proven";
    let Some(step) = cause
        .decide
        .as_ref()
        .or(second.and_then(|it| it.decide.as_ref()))
    else {
        return;
    };
    match (report.verdict.as_str(), second) {
        ("undetermined", Some(_)) => {
            text.title("What would decide between the first two causes");
        }
        _ if proven => return,
        _ => text.title("What would prove it"),
    }
    text.steps(std::slice::from_ref(step));
}

/// The other causes in short.
pub(super) fn others(text: &mut Text, causes: &[Cause]) {
    if causes.is_empty() {
        return;
    }
    text.title("Other possible causes, in order");
    for cause in causes {
        text.item(
            2,
            "- ",
            &format!("{} ({})", cause.summary, cause.confidence),
        );
        text.command(&format!("digpod explain {}", cause.id), 4);
    }
}

fn evidence(text: &mut Text, evidence: &[Evidence]) {
    let (drawn, named) = pick::pick(evidence, DRAWN);
    if drawn.is_empty() {
        return;
    }
    text.title("Evidence");
    for line in excerpt::draw(&drawn, text.paint, text.width) {
        text.line(&line);
    }
    if !named.is_empty() {
        let places: Vec<String> = named.iter().map(|piece| place::of(piece)).collect();
        text.paragraph(2, &format!("also: {}", places.join(", ")));
    }
}

fn explains(text: &mut Text, report: &Report, cause: &Cause) {
    let explained: Vec<&Finding> = cause
        .explains
        .iter()
        .filter_map(|at| report.findings.get(*at as usize))
        .collect();
    if explained.is_empty() {
        return;
    }
    text.title("It explains");
    for finding in explained {
        if finding.message == cause.summary {
            text.item(2, "- ", "the same, seen by another rule");
            text.command(&format!("digpod explain {}", finding.rule), 4);
        } else {
            rest::finding(text, finding);
        }
    }
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let end = if clause.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{clause}{end}")
}

fn sentence_about(what: &str, why: &str) -> String {
    if why.is_empty() {
        format!("{what}.")
    } else {
        sentence(&format!("{what}: {why}"))
    }
}
