//! Times as bundles hold them: RFC 3339, UTC, whole seconds.

use jiff::Timestamp;

/// Now.
pub(crate) fn now() -> String {
    format(Timestamp::now())
}

/// In so many seconds.
pub(crate) fn in_seconds(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let later = Timestamp::now().as_second().saturating_add(seconds);
    Timestamp::from_second(later).map_or_else(|_| now(), format)
}

/// A time so many seconds later; one that cannot be read stays as it is.
pub(crate) fn shifted(time: &str, seconds: i64) -> String {
    let later = time
        .parse::<Timestamp>()
        .ok()
        .and_then(|time| Timestamp::from_second(time.as_second().saturating_add(seconds)).ok());
    later.map_or_else(|| time.to_owned(), format)
}

/// Whether a time has passed; one that cannot be read has.
pub(crate) fn is_past(time: &str) -> bool {
    time.parse::<Timestamp>()
        .map_or(true, |time| time <= Timestamp::now())
}

fn format(time: Timestamp) -> String {
    format!("{time:.0}")
}
