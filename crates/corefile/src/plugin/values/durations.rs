//! Durations (package time).

const SECOND: i64 = 1_000_000_000;
const UNITS: &[(&str, i64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3600 * SECOND),
];

/// A text in double quotes, as package time prints it: by bytes, where it is not ASCII.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if c < ' ' || !c.is_ascii() {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                quoted += format!("\\x{byte:02x}").as_str();
            }
        } else {
            if c == '"' || c == '\\' {
                quoted.push('\\');
            }
            quoted.push(c);
        }
    }
    quoted.push('"');
    quoted
}

/// `time.ParseDuration`, in nanoseconds.
pub(crate) fn duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_negative = text.starts_with('-');
    if unsigned == "0" {
        return Ok(0);
    }
    if unsigned.is_empty() {
        return Err(invalid());
    }
    let mut rest = unsigned;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let end = after
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote(text)));
        }
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let (unit, text) = (quote(unit), quote(text));
            return Err(format!("time: unknown unit {unit} in duration {text}"));
        };
        let scale = scale.unsigned_abs();
        let whole: u64 = if whole.is_empty() {
            Ok(0)
        } else {
            whole.parse()
        }
        .map_err(|_| invalid())?;
        let whole = whole.checked_mul(scale).ok_or_else(invalid)?;
        total = total
            .checked_add(whole)
            .and_then(|total| total.checked_add(part(fraction, scale)))
            .filter(|total| *total <= 1 << 63)
            .ok_or_else(invalid)?;
        rest = after;
    }
    if is_negative {
        // The smallest number has no positive twin.
        return Ok(i64::try_from(total).map_or(i64::MIN, |total| -total));
    }
    i64::try_from(total).map_err(|_| invalid())
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// A decimal fraction of a unit.
fn part(fraction: &str, scale: u64) -> u64 {
    let (mut value, mut power) = (0_u128, 1_u128);
    for digit in fraction.bytes().take(18) {
        value = value * 10 + u128::from(digit - b'0');
        power *= 10;
    }
    u64::try_from(value * u128::from(scale) / power).unwrap_or(u64::MAX)
}

/// A duration as Go prints it: `1h0m0s`, `1.5s`, `100ms`.
pub(crate) fn show_duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    let with_fraction = |unit: u64, digits: usize, name: &str| {
        let (whole, rest) = (total / unit, total % unit);
        let fraction = format!("{rest:0digits$}");
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() || rest == 0 {
            format!("{sign}{whole}{name}")
        } else {
            format!("{sign}{whole}.{fraction}{name}")
        }
    };
    match total {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{total}ns"),
        1_000..1_000_000 => with_fraction(1_000, 3, "\u{b5}s"),
        1_000_000..1_000_000_000 => with_fraction(1_000_000, 6, "ms"),
        _ => {
            let seconds = total / 1_000_000_000;
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            let fraction = format!("{:09}", total % 1_000_000_000);
            let fraction = fraction.trim_end_matches('0');
            let larger = match (hours, seconds) {
                (0, 0..60) => String::new(),
                (0, _) => format!("{minutes}m"),
                _ => format!("{hours}h{minutes}m"),
            };
            let dot = if fraction.is_empty() { "" } else { "." };
            format!("{sign}{larger}{}{dot}{fraction}s", seconds % 60)
        }
    }
}
