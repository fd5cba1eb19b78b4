//! Containers of DNS pods that crash, and what they said last.

use digpod_bundle::k8s::{ContainerStatus, Pod};
use digpod_bundle::{LogStream, Place, layout};
use digpod_dnslog::Signature;

use super::logs::ContainerLog;
use super::{Cited, Facts, cite};
use crate::finding::Evidence;

/// How long before collection a restart still counts, in seconds.
const WINDOW: i64 = 3600;

/// Points at the container that crashes, if one does.
pub(crate) fn crashes(facts: &Facts<'_>, pod: &Cited<Pod>) -> Option<Evidence> {
    let now = digpod_probe::unix_seconds(&facts.bundle().manifest().collected.started);
    let statuses = pod.status.container_statuses.iter().enumerate();
    statuses.into_iter().find_map(|(at, status)| {
        let waits = status
            .state
            .waiting
            .as_ref()
            .and_then(|waiting| waiting.reason.as_deref())
            == Some("CrashLoopBackOff");
        let restarts = status.restart_count >= 3 && ended_recently(status, now);
        if !waits && !restarts {
            return None;
        }
        let ended = status
            .last_state
            .terminated
            .as_ref()
            .or(status.state.terminated.as_ref());
        let how = ended.map_or(String::new(), |ended| {
            let reason = ended.reason.as_deref().unwrap_or("no reason");
            format!(", last end: {reason}, exit code {}", ended.exit_code)
        });
        let place = Place::json(
            layout::DNS_PODS,
            match &pod.place.at {
                digpod_bundle::At::Json { pointer, .. } => {
                    format!("{pointer}/status/containerStatuses/{at}")
                }
                _ => String::new(),
            },
        );
        Some(cite(
            &place,
            format!(
                "{}: {} restarts{how}",
                pod.metadata.name, status.restart_count
            ),
        ))
    })
}

fn ended_recently(status: &ContainerStatus, now: Option<i64>) -> bool {
    let ended = status.last_state.terminated.as_ref();
    let at = ended
        .and_then(|ended| ended.finished_at.as_deref())
        .and_then(digpod_probe::unix_seconds);
    now.zip(at).is_some_and(|(now, at)| now - at <= WINDOW)
}

/// The last fatal line of a pod's previous container.
pub(crate) fn last_words(facts: &Facts<'_>, pod: &str) -> Option<Evidence> {
    let previous = |log: &&ContainerLog| log.pod == pod && log.stream == LogStream::Previous;
    let current = |log: &&ContainerLog| log.pod == pod && log.stream == LogStream::Current;
    let logs = &facts.logs.logs;
    let of = |log: &ContainerLog| {
        let fatal = [Signature::Loop, Signature::StartupError, Signature::Panic];
        let hits = log.hits().filter(|(hit, _)| fatal.contains(&hit.signature));
        hits.last()
            .map(|(_, place)| cite(&place, format!("the last words of {pod}")))
    };
    let found = logs.iter().find(previous).and_then(of);
    found.or_else(|| logs.iter().find(current).and_then(of))
}
