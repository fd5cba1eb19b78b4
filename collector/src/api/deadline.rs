//! The moment after which a run asks nothing more.

use std::time::Duration;

use digpod_bundle::Status;
use tokio::time::Instant;

use super::CallError;

/// A moment, and why it ends the run.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    /// The moment.
    pub(crate) at: Instant,
    /// In words, like `the time allowed (--timeout 60s) is over`.
    pub(crate) why: String,
}

/// Until when one call may go on, and what its end means.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) at: Instant,
    why: String,
}

impl Limit {
    /// So long from now, or less if the run ends before.
    pub(super) fn new(limit: Duration, deadline: Option<&Deadline>) -> Self {
        let at = Instant::now() + limit;
        match deadline {
            Some(deadline) if deadline.at < at => Self {
                at: deadline.at,
                why: deadline.why.clone(),
            },
            _ => Self {
                at,
                why: format!("no answer within {} s", limit.as_secs()),
            },
        }
    }

    /// Waits for something, not longer than the limit.
    pub(super) async fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, CallError> {
        // A limit that has passed must not let what is ready at once slip through: it would be sent.
        if Instant::now() >= self.at {
            return Err(self.over());
        }
        tokio::time::timeout_at(self.at, work)
            .await
            .map_err(|_| self.over())
    }

    fn over(&self) -> CallError {
        CallError {
            status: Status::TimedOut,
            code: 0,
            reason: self.why.clone(),
        }
    }
}
