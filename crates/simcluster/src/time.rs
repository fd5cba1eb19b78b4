//! Times as the API writes them, and the shift from a scenario's clock to now.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Seconds by which the cluster's clock is ahead of the machine's. Of the whole process, as the
/// machine's clock is.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// Sets the cluster's clock.
pub(crate) fn set_ahead(ahead: SignedDuration) {
    AHEAD.store(ahead.as_secs(), Ordering::Relaxed);
}

/// Now, as the cluster sees it.
pub(crate) fn now() -> Timestamp {
    let ahead = SignedDuration::from_secs(AHEAD.load(Ordering::Relaxed));
    let now = Timestamp::now();
    now.checked_add(ahead).unwrap_or(now)
}

/// As HTTP has it in its headers.
pub(crate) fn http(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// To the second, as in objects.
pub(crate) fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// To the microsecond, as in leases and newer events.
pub(crate) fn micros(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// To the nanosecond, as in logs.
pub(crate) fn nanos(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}

/// Reads an RFC 3339 time in UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let looks = text.len() >= 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    if looks { text.parse().ok() } else { None }
}

/// Moves every time in an object by `shift`, and keeps how it is written.
pub(crate) fn shift(value: &mut Value, by: SignedDuration) {
    match value {
        Value::String(text) => {
            if let Some(time) = parse(text).and_then(|time| time.checked_add(by).ok()) {
                *text = if text.contains('.') {
                    micros(time)
                } else {
                    seconds(time)
                };
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| shift(value, by)),
        Value::Object(map) => map.values_mut().for_each(|value| shift(value, by)),
        _ => {}
    }
}

/// The age of something, as kubectl prints it.
pub(crate) fn age(created: &str, now: Timestamp) -> String {
    let Some(created) = parse(created) else {
        return "<unknown>".to_owned();
    };
    human(now.as_second() - created.as_second())
}

/// A duration, as kubectl prints it.
pub(crate) fn human(seconds: i64) -> String {
    let two = |big: i64, unit: char, small: i64, other: char| {
        if small == 0 {
            format!("{big}{unit}")
        } else {
            format!("{big}{unit}{small}{other}")
        }
    };
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let days = hours / 24;
    match seconds {
        s if s < -1 => "<invalid>".to_owned(),
        s if s < 0 => "0s".to_owned(),
        s if s < 120 => format!("{s}s"),
        _ if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        _ if minutes < 180 => format!("{minutes}m"),
        _ if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        _ if hours < 48 => format!("{hours}h"),
        _ if hours < 192 => two(days, 'd', hours % 24, 'h'),
        _ if days < 730 => format!("{days}d"),
        _ if days < 2920 => two(days / 365, 'y', days % 365, 'd'),
        _ => format!("{}y", days / 365),
    }
}
