//! Values as Go reads them: numbers, durations, addresses, names; with Go's words for what is
//! wrong with them (packages strconv, time, net; github.com/miekg/dns).

mod addresses;
mod durations;
mod names;

pub(crate) use addresses::{cidr, ip, split_host_port, transport, with_prefix, without_scope};
pub(crate) use durations::{duration, show_duration};
pub(crate) use names::{
    fqdn, is_class, is_domain_name, is_opcode, is_rcode, is_type, normal, zones,
};

/// A text in double quotes, as `%q` prints it.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            c if is_printed(c) => quoted.push(c),
            c => {
                let code = u32::from(c);
                quoted += match code {
                    0..0x80 => format!("\\x{code:02x}"),
                    0x80..0x1_0000 => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                }
                .as_str();
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Whether Go prints a character as it is (`strconv.IsPrint`). Rust escapes the same ones behind
/// another character.
fn is_printed(c: char) -> bool {
    !String::from_iter(['a', c])
        .escape_debug()
        .to_string()
        .contains("\\u{")
}

/// `strconv.Atoi`.
pub(crate) fn atoi(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(number("Atoi", text, "invalid syntax"));
    }
    text.strip_prefix('+')
        .unwrap_or(text)
        .parse()
        .map_err(|_| number("Atoi", text, "value out of range"))
}

/// `strconv.ParseInt` in base ten.
pub(crate) fn parse_int(text: &str, bits: u32) -> Result<i64, String> {
    let value = atoi(text).map_err(|message| message.replacen("Atoi", "ParseInt", 1))?;
    if bits == 32 && i32::try_from(value).is_err() {
        return Err(number("ParseInt", text, "value out of range"));
    }
    Ok(value)
}

/// `strconv.ParseUint`; base 0 takes `0x`, `0o`, `0b` and underscores.
pub(crate) fn parse_uint(text: &str, base: u32, bits: u32) -> Result<u64, String> {
    let syntax = || number("ParseUint", text, "invalid syntax");
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match base {
        0 => match lower.get(..2) {
            Some("0x") => (16, lower.get(2..)),
            Some("0b") => (2, lower.get(2..)),
            Some("0o") => (8, lower.get(2..)),
            _ if lower.starts_with('0') && lower.len() > 1 => (8, lower.get(1..)),
            _ => (10, Some(lower.as_str())),
        },
        base => (base, Some(lower.as_str())),
    };
    let mut digits = digits.unwrap_or_default().to_owned();
    if base == 0 && digits.contains('_') {
        let is_plain = radix == 10;
        if (is_plain && digits.starts_with('_')) || digits.ends_with('_') || digits.contains("__") {
            return Err(syntax());
        }
        digits = digits.replace('_', "");
    }
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(syntax());
    }
    let value = u64::from_str_radix(&digits, radix).ok();
    let limit = if bits >= 64 {
        u64::MAX
    } else {
        (1 << bits) - 1
    };
    value
        .filter(|value| *value <= limit)
        .ok_or_else(|| number("ParseUint", text, "value out of range"))
}

fn number(function: &str, text: &str, what: &str) -> String {
    format!("strconv.{function}: parsing {}: {what}", quote(text))
}

/// The sign of a number with a fraction, and whether it is above 1 (`strconv.ParseFloat`).
pub(crate) struct Fraction {
    pub(crate) is_negative: bool,
    pub(crate) is_above_one: bool,
    /// As `%f` prints it.
    pub(crate) printed: String,
}

/// `strconv.ParseFloat` of decimal numbers, `inf` and `nan`.
pub(crate) fn parse_fraction(text: &str) -> Result<Fraction, String> {
    let value: f64 = text
        .parse()
        .map_err(|_| number("ParseFloat", text, "invalid syntax"))?;
    Ok(Fraction {
        is_negative: value < 0.0,
        is_above_one: value > 1.0,
        printed: format!("{value:.6}"),
    })
}

/// `strconv.ParseBool`.
pub(crate) fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(number("ParseBool", text, "invalid syntax")),
    }
}
