//! The title, what it stands for, and what it is about.

use super::Blocks;
use super::escape::{code, plain};
use crate::v1::Report;
use crate::words;

/// A short title, the verdict as the first paragraph, then whose it is.
pub(super) fn verdict(out: &mut Blocks, report: &Report) {
    let first = report.causes.first();
    let word = words::verdict(report);
    // A ticket's title is short; what it is about follows.
    match first.filter(|_| report.verdict == "cause") {
        Some(cause) => out.paragraph(&format!("## {word}: {}", plain(&words::subject(&cause.id)))),
        None => out.paragraph(&format!("## {word}")),
    }
    out.paragraph(&format!(
        "{}.",
        plain(report.headline.trim_end_matches('.'))
    ));
    let names: Vec<String> = report.subject.names.iter().map(|it| code(it)).collect();
    let mut told = Vec::new();
    if !names.is_empty() {
        told.push(format!("Failing: {}", names.join(", ")));
    }
    match (&report.subject.namespace, &report.subject.pod) {
        (Some(namespace), Some(pod)) => {
            told.push(format!("pod {}", code(&format!("{namespace}/{pod}"))));
        }
        (Some(namespace), None) => told.push(format!("namespace {}", code(namespace))),
        _ => {}
    }
    if !report.symptoms.is_empty() {
        told.push(format!("observed: {}", plain(&report.symptoms.join("; "))));
    }
    if !told.is_empty() {
        out.paragraph(&format!("{}.", told.join("; ")));
    }
    if !report.unexplained.is_empty() {
        let names: Vec<String> = report.unexplained.iter().map(|it| plain(it)).collect();
        out.paragraph(&format!(
            "Not explained by the above: {}.",
            names.join("; ")
        ));
    }
    if let Some(watch) = &report.watch {
        out.paragraph(&format!(
            "Watched until a try fails: {}.",
            plain(&watch.told)
        ));
    }
    let early = report.subject.interrupted.as_ref();
    if let Some(why) = early.filter(|why| !report.headline.contains(why.as_str())) {
        out.paragraph(&format!("Collecting ended early: {}", plain(why)));
    }
}
