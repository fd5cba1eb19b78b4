//! The columns of pods.

use jiff::Timestamp;
use serde_json::Value;

use super::{Printer, created, name, or_none};
use crate::json::{at, list, number, text, truth};
use crate::time::age;

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        ("Name", false),
        ("Ready", false),
        ("Status", false),
        ("Restarts", false),
        ("Age", false),
        ("IP", true),
        ("Node", true),
        ("Nominated Node", true),
        ("Readiness Gates", true),
    ],
    cells: |pod, now| {
        let statuses = list(pod, "status.containerStatuses");
        let ready = statuses
            .iter()
            .filter(|status| truth(status, "ready"))
            .count();
        let total = list(pod, "spec.containers").len();
        vec![
            name(pod),
            format!("{ready}/{total}").into(),
            status(pod).into(),
            restarts(statuses, now).into(),
            created(pod, now),
            or_none(text(pod, "status.podIP")),
            or_none(text(pod, "spec.nodeName")),
            or_none(text(pod, "status.nominatedNodeName")),
            or_none(""),
        ]
    },
};

/// The word that says how a pod is.
fn status(pod: &Value) -> String {
    let mut word = match text(pod, "status.reason") {
        "" => text(pod, "status.phase"),
        reason => reason,
    }
    .to_owned();
    let mut running = false;
    for status in list(pod, "status.containerStatuses").iter().rev() {
        let waiting = text(status, "state.waiting.reason");
        let ended = text(status, "state.terminated.reason");
        if !waiting.is_empty() {
            waiting.clone_into(&mut word);
        } else if !ended.is_empty() {
            ended.clone_into(&mut word);
        } else if at(status, "state.terminated").is_some() {
            word = match number(status, "state.terminated.signal") {
                0 => format!("ExitCode:{}", number(status, "state.terminated.exitCode")),
                signal => format!("Signal:{signal}"),
            };
        } else if truth(status, "ready") && at(status, "state.running").is_some() {
            running = true;
        }
    }
    if word == "Completed" && running {
        "Running".clone_into(&mut word);
    }
    if at(pod, "metadata.deletionTimestamp").is_some() {
        "Terminating".clone_into(&mut word);
    }
    word
}

fn restarts(statuses: &[Value], now: Timestamp) -> String {
    let count: i64 = statuses
        .iter()
        .map(|status| number(status, "restartCount"))
        .sum();
    let last = statuses
        .iter()
        .map(|status| text(status, "lastState.terminated.finishedAt"))
        .max();
    match last.unwrap_or_default() {
        "" => count.to_string(),
        _ if count == 0 => count.to_string(),
        last => format!("{count} ({} ago)", age(last, now)),
    }
}
