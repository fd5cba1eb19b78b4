//! How `--timeout` is shared, and what the clocks say.

use std::sync::Arc;
use std::time::Duration;

use digpod_bundle::layout;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::api::{Api, Deadline};
use crate::progress::Progress;
use crate::sink::Sink;

/// The time of a run: the most of it for asking, the end for removing what was created.
#[derive(Clone)]
pub(super) struct Time {
    /// When what is allowed begins, at the latest: watching until something fails comes before.
    begin: Arc<watch::Sender<Instant>>,
    allowed: Duration,
}

/// Longest that is kept for the end.
const END: Duration = Duration::from_secs(30);
/// How long calls that have ended may take to be put down before they are cut off.
const GRACE: Duration = Duration::from_millis(300);

impl Time {
    /// A run that begins now, or after so many seconds at the latest.
    pub(super) fn new(seconds: u64, before: u64) -> Self {
        let before = Duration::from_secs(before.min(1 << 30));
        Self {
            begin: Arc::new(watch::Sender::new(Instant::now() + before)),
            // Beyond that clocks overflow, and nobody waits.
            allowed: Duration::from_secs(seconds.min(1 << 30)),
        }
    }

    /// What comes before is over.
    pub(super) fn begin(&self) {
        let now = Instant::now();
        self.begin.send_if_modified(|begin| {
            let earlier = now < *begin;
            *begin = now.min(*begin);
            earlier
        });
    }

    fn begins(&self) -> Instant {
        *self.begin.borrow()
    }

    /// Waits until whatever still goes on is to be cut off.
    pub(super) async fn stopped(&self) {
        let mut changes = self.begin.subscribe();
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(self.stopping()) => return,
                // It is a part of this, so it is there.
                _ = changes.changed() => {}
            }
        }
    }

    /// Until when the cluster is asked. Each call ends then, and what it gave is kept.
    pub(super) fn asking(&self) -> Deadline {
        let end = (self.allowed / 4).min(END);
        Deadline {
            at: self.begins() + self.allowed - end,
            why: self.why(),
        }
    }

    /// When whatever still goes on is cut off.
    fn stopping(&self) -> Instant {
        self.asking().at + GRACE.min(self.allowed / 20)
    }

    /// Until when what was created is removed: a little before the end, since the bundle is still
    /// to be written.
    pub(super) fn removing(&self) -> Deadline {
        let end = (self.allowed / 20).min(Duration::from_secs(3));
        Deadline {
            at: self.begins() + self.allowed - end,
            why: format!("{}: too little time was left for removing", self.why()),
        }
    }

    /// Whether the time for asking has passed.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.asking().at
    }

    /// In the user's words.
    pub(super) fn why(&self) -> String {
        let allowed = crate::time::typed(self.allowed.as_secs());
        format!("the time allowed (--timeout {allowed}) is over")
    }
}

/// Differences below this may be the way to the server and the rounding of its `Date`.
const NOTABLE: u64 = 5;

/// Puts down how far the server's clock is ahead, and says so where that misleads. What a bundle
/// calls "now" is the server's time then, as all stamps in it are.
pub(super) fn clock(api: &Api, sink: &Sink, progress: &Progress) {
    let Some(ahead) = api.clock_ahead() else {
        return;
    };
    let value = json!({"serverAheadSeconds": ahead});
    sink.json(layout::CLOCK, "Date of the API server's answers", &value);
    if ahead.unsigned_abs() < NOTABLE {
        return;
    }
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    progress.note(&format!(
        "the API server's clock is {} s {way} this machine's; times in the bundle are the server's",
        ahead.unsigned_abs()
    ));
    sink.with(|bundle| {
        bundle.edit_manifest(|manifest| {
            let started = &mut manifest.collected.started;
            *started = crate::time::shifted(started, ahead);
        });
    });
}
