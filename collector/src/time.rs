//! Times as bundles hold them: RFC 3339, UTC, whole seconds.

use std::fmt::Write as _;

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

/// A duration as people type it: `90s`, `10m`, `1h30m`, `100h`.
pub(crate) fn typed(seconds: u64) -> String {
    if seconds <= 120 {
        return format!("{seconds}s");
    }
    let parts = [
        (seconds / 3_600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let mut text = String::new();
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        let _ = write!(text, "{count}{unit}");
    }
    text
}

fn format(time: Timestamp) -> String {
    format!("{time:.0}")
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn durations_are_shown_as_they_are_typed() {
        for (seconds, text) in [
            (0, "0s"),
            (90, "90s"),
            (120, "120s"),
            (150, "2m30s"),
            (600, "10m"),
            (5_400, "1h30m"),
            (3_601, "1h1s"),
            (360_000, "100h"),
        ] {
            assert_eq!(typed(seconds), text);
        }
    }
}
