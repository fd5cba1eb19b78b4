//! Logs of containers.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::json::lock;
use crate::time;

/// Whose log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogKey {
    namespace: String,
    pod: String,
    container: String,
    previous: bool,
}

impl LogKey {
    pub(crate) fn new(namespace: &str, pod: &str, container: &str, previous: bool) -> Self {
        let (namespace, pod, container) =
            (namespace.to_owned(), pod.to_owned(), container.to_owned());
        Self {
            namespace,
            pod,
            container,
            previous,
        }
    }
}

/// A line and when it was written.
type Line = (Timestamp, String);

/// All logs.
#[derive(Debug, Default)]
pub(crate) struct Logs(Mutex<BTreeMap<LogKey, Vec<Line>>>);

/// Which part of a log is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Want {
    pub(crate) tail: Option<usize>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) timestamps: bool,
    pub(crate) limit_bytes: Option<usize>,
}

impl Logs {
    /// Takes a scenario's logs over, each line's time moved by `shift`.
    pub(crate) fn new(files: &BTreeMap<LogKey, String>, shift: SignedDuration) -> Self {
        let line = |line: &str| {
            let (stamp, text) = line.split_once(' ').unwrap_or((line, ""));
            let time = time::parse(stamp)?.checked_add(shift).ok()?;
            Some((time, text.to_owned()))
        };
        let logs = files
            .iter()
            .map(|(key, text)| (key.clone(), text.lines().filter_map(line).collect()));
        Self(Mutex::new(logs.collect()))
    }

    /// Appends what a container wrote now.
    pub(crate) fn append(&self, key: &LogKey, text: &str) {
        let now = time::now();
        let lines = text.lines().map(|line| (now, line.to_owned()));
        lock(&self.0).entry(key.clone()).or_default().extend(lines);
    }

    /// Whether there is such a log.
    pub(crate) fn has(&self, key: &LogKey) -> bool {
        lock(&self.0).contains_key(key)
    }

    /// How many lines it has.
    pub(crate) fn len(&self, key: &LogKey) -> usize {
        lock(&self.0).get(key).map_or(0, Vec::len)
    }

    /// The wanted part, from line `from` on.
    pub(crate) fn read(&self, key: &LogKey, from: usize, want: &Want) -> String {
        let logs = lock(&self.0);
        let lines = logs
            .get(key)
            .and_then(|lines| lines.get(from..))
            .unwrap_or_default();
        let lines: Vec<&Line> = lines
            .iter()
            .filter(|(at, _)| want.since.is_none_or(|since| *at >= since))
            .collect();
        let first = want.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        let mut text = String::new();
        for (at, line) in &lines[first..] {
            if want.timestamps {
                text.push_str(&time::nanos(*at));
                text.push(' ');
            }
            text.push_str(line);
            text.push('\n');
        }
        if let Some(limit) = want.limit_bytes {
            text.truncate(
                (0..=limit.min(text.len()))
                    .rev()
                    .find(|&end| text.is_char_boundary(end))
                    .unwrap_or(0),
            );
        }
        text
    }

    /// Forgets a pod's logs.
    pub(crate) fn remove(&self, namespace: &str, pod: &str) {
        lock(&self.0).retain(|key, _| key.namespace != namespace || key.pod != pod);
    }
}
