//! Asking until one try fails (`--until-failure`).

use digpod_probe::WatchEnd;

use crate::facts::{Facts, watched};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// When it began, RFC 3339 UTC by the probe's clock.
    pub started: String,
    /// How long was asked, in milliseconds.
    pub lasted_ms: u64,
    /// How long would have been asked at most, in milliseconds.
    pub limit_ms: u64,
    /// Tries, the failing one included.
    pub tries: u64,
    /// How it ended.
    pub end: WatchEnd,
    /// When the try that failed was sent.
    pub failed_at: Option<String>,
    /// All of it in one sentence.
    pub told: String,
    /// Entry and JSON pointer of the try that failed, or of the number of tries.
    pub record: (String, String),
}

pub(super) fn watch(facts: &Facts<'_>) -> Option<Watch> {
    let watched = watched::read(facts.bundle())?;
    Some(Watch {
        record: super::link(&watched.place),
        failed_at: watched.failed_at(),
        told: watched.told(),
        end: watched.end,
        started: watched.started.clone(),
        lasted_ms: watched.lasted_ms,
        limit_ms: watched.limit_ms,
        tries: watched.tries,
    })
}
