//! Logs of the DNS pods, and of what carries queries to them: the container that runs and the one
//! before it, their newest parts.
//!
//! The API gives the newest file of a container only (10 MiB by the kubelet's default): what was
//! rotated away before is not to be had this way (kubernetes/kubernetes#59902).

use std::fmt::Write as _;
use std::time::Duration;

use digpod_bundle::k8s::Pod;
use digpod_bundle::{Item, LogStream, Status, layout};
use futures::StreamExt as _;
use jiff::Timestamp;

use super::scrub;
use crate::api::{Api, Tail, TailLimits};
use crate::sink::{Call, Sink};

/// Newest lines asked for of each container of a DNS pod.
const DNS_LINES: usize = 50_000;
/// The same of what only carries queries: it tells of trouble in a few lines, or at length of nothing.
const NETWORK_LINES: usize = 2_000;
/// Most bytes kept of each.
const MAX_KEPT: usize = 8 << 20;
/// Fewest, however many containers there are.
const MIN_KEPT: usize = 128 << 10;
/// Most bytes read of each: lines may be of any length, and a log may grow faster than it is read.
const MAX_READ: u64 = 64 << 20;
/// Longest that one may take.
const MAX_TIME: Duration = Duration::from_secs(15);
/// Logs read at once.
const AT_ONCE: usize = 8;
/// Seconds between a container's start and its first line; after more the beginning is gone.
const FIRST_LINE: i64 = 120;

/// What is wanted of logs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// No older than this, in seconds.
    since: Option<u64>,
    /// Bytes for all of them together.
    budget: u64,
    /// Newest lines of each.
    lines: usize,
    /// Whether older lines are missed.
    all: bool,
    /// Where they go: by pod, container, stream and piece.
    entry: fn(&str, &str, LogStream, u32) -> String,
}

impl Wanted {
    /// Logs of DNS servers and caches.
    pub(super) fn of_dns(since: Option<u64>, budget: u64) -> Self {
        Self {
            since,
            budget,
            lines: DNS_LINES,
            all: true,
            entry: layout::log,
        }
    }

    /// Logs of kube-proxy and konnectivity, of which the newest lines are enough.
    pub(super) fn of_network(since: Option<u64>, budget: u64) -> Self {
        Self {
            since,
            budget,
            lines: NETWORK_LINES,
            all: false,
            entry: layout::network_log,
        }
    }
}

/// Reads them all.
pub(super) async fn logs(api: &Api, sink: &Sink, namespace: &str, pods: &[Pod], wanted: Wanted) {
    let mut reads = Vec::new();
    for pod in pods {
        for container in &pod.spec.containers {
            let status = pod
                .status
                .container_statuses
                .iter()
                .find(|it| it.name == container.name);
            let restarted =
                status.is_some_and(|it| it.restart_count > 0 || it.last_state.terminated.is_some());
            let started = status
                .and_then(|it| it.state.running.as_ref())
                .and_then(|it| it.started_at.as_deref())
                .and_then(|at| at.parse::<Timestamp>().ok());
            let mut read = |stream, started| {
                reads.push(Read {
                    namespace: namespace.to_owned(),
                    pod: pod.metadata.name.clone(),
                    container: container.name.clone(),
                    stream,
                    started,
                    wanted,
                    keep: 0,
                });
            };
            read(LogStream::Current, started);
            if restarted {
                read(LogStream::Previous, None);
            }
        }
    }
    let share = wanted.budget / (reads.len().max(1) as u64);
    let keep = usize::try_from(share).unwrap_or(MAX_KEPT);
    for read in &mut reads {
        read.keep = keep.clamp(MIN_KEPT, MAX_KEPT);
        sink.pending(&read.entry());
    }
    futures::stream::iter(reads)
        .for_each_concurrent(AT_ONCE, |read| one(api, sink, read))
        .await;
}

/// One log to read.
struct Read {
    namespace: String,
    pod: String,
    container: String,
    stream: LogStream,
    /// When the container started.
    started: Option<Timestamp>,
    wanted: Wanted,
    /// Bytes kept.
    keep: usize,
}

impl Read {
    /// Where the first piece goes.
    fn entry(&self) -> String {
        (self.wanted.entry)(&self.pod, &self.container, self.stream, 0)
    }
}

async fn one(api: &Api, sink: &Sink, read: Read) {
    let (namespace, pod, container) = (&read.namespace, &read.pod, &read.container);
    let (wanted, entry) = (read.wanted, read.entry());
    let lines = wanted.lines;
    let mut path = format!(
        "/api/v1/namespaces/{namespace}/pods/{pod}/log?container={container}&timestamps=true&tailLines={lines}"
    );
    if let Some(seconds) = wanted.since {
        let _ = write!(path, "&sinceSeconds={seconds}");
    }
    if read.stream == LogStream::Previous {
        path.push_str("&previous=true");
    }
    let call = Call {
        verb: "get",
        resource: "pods/log",
        namespace: Some(namespace.clone()),
        path,
    };
    let limits = TailLimits {
        keep: read.keep,
        read: MAX_READ,
        time: MAX_TIME,
    };
    match api.tail(&call.path, limits).await {
        Ok(tail) => {
            let (status, reason) = told(&tail, &read);
            let item = Item {
                status,
                reason,
                source: Some(call.source()),
                ..Item::default()
            };
            // Millions of characters: not where other answers wait to be read.
            let clean = tokio::task::spawn_blocking(move || {
                let clean = scrub::bytes(&tail.text);
                clean.unwrap_or((tail.text, 0))
            });
            match clean.await {
                Ok((text, removed)) => {
                    let name = |piece| (wanted.entry)(pod, container, read.stream, piece);
                    sink.log(name, &text, &item);
                    sink.redacted(&entry, "secrets in logs", removed);
                }
                // A log that nobody has looked through does not leave the cluster.
                Err(error) => sink.missing_because(
                    &entry,
                    Status::Failed,
                    format!("looking for secrets in it failed: {error}"),
                ),
            }
        }
        Err(error) => sink.gap(&entry, &call, &error),
    }
}

/// What is missing of a log, with the time that the rest covers.
fn told(tail: &Tail, read: &Read) -> (Status, Option<String>) {
    let text = tail.text.as_slice();
    let size = match text.len() {
        small if small < 1 << 20 => format!("{} KiB", small >> 10),
        large => format!("{} MiB", large >> 20),
    };
    let lines = text.split(|byte| *byte == b'\n').count();
    let older = tail.read > text.len() as u64;
    let first = text.split(|byte| *byte == b'\n').find_map(time);
    let last = text.rsplit(|byte| *byte == b'\n').find_map(time);
    let window = match (first, last) {
        (Some(first), Some(last)) => format!(", {first:.0} to {last:.0}"),
        _ => String::new(),
    };
    if let Some(why) = &tail.early {
        let part = if older { "the newest " } else { "" };
        let reason = format!("{why}; {part}{size} of what came until then are kept{window}");
        return (Status::Truncated, Some(reason));
    }
    if older {
        let reason = format!("only the newest {size} are kept{window}; older lines were left out");
        return (Status::Truncated, Some(reason));
    }
    // One more than there are line ends.
    let most = read.wanted.lines;
    if lines > most {
        let (status, verb) = if read.wanted.all {
            (Status::Truncated, "read")
        } else {
            (Status::Ok, "wanted")
        };
        let reason = format!("only the newest {most} lines were {verb}{window}");
        return (status, Some(reason));
    }
    if text.is_empty() {
        return (Status::Empty, None);
    }
    // Nothing that could be read is missing, yet a reader must know where the log begins.
    let rotated = match (read.started, first) {
        (Some(started), Some(first)) if read.wanted.since.is_none() => {
            first.as_second() - started.as_second() > FIRST_LINE
        }
        _ => false,
    };
    let reason = rotated.then(|| {
        format!(
            "begins long after the container's start{window}: the kubelet rotates logs, and the API gives the newest file only"
        )
    });
    (Status::Ok, reason)
}

/// The time at the beginning of a line.
fn time(line: &[u8]) -> Option<Timestamp> {
    let stamp = line.split(|byte| *byte == b' ').next()?;
    // No time is longer; a line may be.
    let stamp = stamp.get(..stamp.len().min(40))?;
    std::str::from_utf8(stamp).ok()?.parse().ok()
}
