//! How far the API server's clock is ahead, told from the `Date` of its answers.
//!
//! Stamps in a bundle are the cluster's, "now" would be this machine's: where the two differ, an
//! age that is computed from both is wrong.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The best measurement so far: the one whose answer came fastest is the most exact.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Option<(Duration, i64)>>);

impl Clock {
    /// Takes note of an answer that came after `took`.
    pub(super) fn note(&self, headers: &HeaderMap, took: Duration) {
        static PARSER: DateTimeParser = DateTimeParser::new();
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| PARSER.parse_timestamp(date).ok()) else {
            return;
        };
        let mut best = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if best.is_none_or(|(least, _)| took < least) {
            let ahead = date.as_second() - Timestamp::now().as_second();
            *best = Some((took, ahead));
        }
    }

    /// Seconds by which the server's clock is ahead.
    pub(super) fn ahead(&self) -> Option<i64> {
        let best = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        best.map(|(_, ahead)| ahead)
    }
}
