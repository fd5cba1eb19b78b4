//! Which reads are repeated, and when.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};

/// Repeats of one read.
pub(super) const MOST: u32 = 4;

/// How long to wait before a read is repeated that was answered with this status.
pub(super) fn after_status(code: StatusCode, headers: &HeaderMap, tries: u32) -> Option<Duration> {
    // 504 and 503 come from whatever stands before the API server, too; 429 from its own
    // priority and fairness, with Retry-After.
    matches!(code.as_u16(), 429 | 503 | 504)
        .then(|| wished(headers).unwrap_or_else(|| pause(tries)))
}

/// How long to wait before a read is repeated that got no answer: `None` unless the connection
/// broke after it was made, which a server that restarts does.
pub(super) fn after_break(error: &(dyn Error + 'static), tries: u32) -> Option<Duration> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let kind = error
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind);
        let reset = matches!(
            kind,
            Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
        );
        // The words of hyper, which tells this in no other way to those who do not link it.
        if reset
            || error
                .to_string()
                .contains("closed before message completed")
        {
            return Some(pause(tries));
        }
        cause = error.source();
    }
    None
}

/// `Retry-After` in seconds; the API server never sends a date.
fn wished(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

/// 0.25 s, 0.5 s, 1 s, 2 s.
fn pause(tries: u32) -> Duration {
    Duration::from_millis(250 << tries.min(3))
}
