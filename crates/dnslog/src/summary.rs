//! What a log says.

use crate::event::{ApiFailure, Event, EventCount, Start, StartupError};
use crate::minutes::Minutes;
use crate::signature::{Count, Hit};
use crate::stats::{ErrorStats, QueryStats};

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSummary {
    /// Bytes.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// Lines of plugin `log`.
    pub query_lines: u64,
    /// Lines of plugin `errors`.
    pub error_lines: u64,
    /// Lines of Kubernetes' own logger.
    pub klog_lines: u64,
    /// Lines of no known kind.
    pub unrecognised: u64,
    /// Lines that only `CoreDNS` or node-cache writes; see [`confidence`](Self::confidence).
    pub telling: u64,
    /// First and last time stamp, as written; `None` where lines have none.
    pub first_stamp: Option<String>,
    /// The last one.
    pub last_stamp: Option<String>,
    /// For each signature and server the first five lines and the last one, in order.
    pub hits: Vec<Hit>,
    /// Counts by signature and server, in that order.
    pub counts: Vec<Count>,
    /// Version in the last start banner, like `1.12.1`.
    pub banner_version: Option<String>,
    /// Starts: the first 16 and the last one.
    pub starts: Vec<Start>,
    /// Errors that ended a start: the first 16 and the last one.
    pub startup_errors: Vec<StartupError>,
    /// For each kind of event the first five and the last one, in order.
    pub events: Vec<Event>,
    /// Counts by kind of event, in that order.
    pub event_counts: Vec<EventCount>,
    /// Failures of the Kubernetes API by kind of object and reason, in that order; at most 64 kinds
    /// are told apart.
    pub api_failures: Vec<ApiFailure>,
    /// Counts over time; empty where lines have no stamps with a year.
    pub minutes: Minutes,
    /// Query lines, field by field; `None` for [`Detail::Signatures`](crate::Detail::Signatures).
    pub queries: Option<QueryStats>,
    /// Lines of plugin `errors`, field by field; `None` for
    /// [`Detail::Signatures`](crate::Detail::Signatures).
    pub errors: Option<ErrorStats>,
}

impl LogSummary {
    /// How sure it is that this is a log of `CoreDNS` (or node-cache), in thousandths.
    ///
    /// 0 where no line is one that only these programs write. Otherwise 500 and, for the share of
    /// lines of known kinds, up to 500 more.
    pub fn confidence(&self) -> u16 {
        if self.telling == 0 {
            return 0;
        }
        let known = self.lines.saturating_sub(self.unrecognised);
        let share = u128::from(known) * 500 / u128::from(self.lines.max(1));
        500 + u16::try_from(share).unwrap_or(500)
    }
}
