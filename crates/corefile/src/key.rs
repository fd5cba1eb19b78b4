//! Keys of server blocks: `[scheme://]zone[:port]`
//! (github.com/coredns/coredns, plugin/normalize.go and core/dnsserver/register.go).

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::help;
use crate::plugin::values::quote;
use crate::problem::{Problem, Said, Stage};
use crate::reverse;
use crate::tree::{ServerBlock, Span, Word};

/// What a server block serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `dns`, `tls`, `quic`, `grpc`, `https` or `https3`.
    pub scheme: String,
    /// The zone, lower case with a final dot; `.` is the root.
    pub zone: String,
    /// The port.
    pub port: u16,
    /// As it was written.
    pub word: Word,
}

const SCHEMES: &[(&str, u16)] = &[
    ("dns", 53),
    ("tls", 853),
    ("quic", 853),
    ("grpc", 443),
    ("https", 443),
    ("https3", 443),
];

/// A key's text without the comma that says that another key follows.
pub(crate) fn text(word: &Word) -> &str {
    word.text.strip_suffix(',').unwrap_or(&word.text)
}

/// What is wrong about a key.
pub(crate) enum Trouble {
    /// CoreDNS refuses it when it reads the keys.
    Zone(String, &'static str),
    /// CoreDNS refuses it when it makes the servers.
    Port(String),
    /// CoreDNS takes it for something else.
    Misread(String, Cow<'static, str>),
}

impl Trouble {
    pub(crate) fn at(self, span: Span) -> Problem {
        match self {
            Self::Zone(message, help) => {
                Problem::refused(Stage::Zones, Said::Inspecting, message, span).with_help(help)
            }
            Self::Port(message) => {
                Problem::refused(Stage::Serve, Said::Bare, message, span).with_help(help::KEY_PORT)
            }
            Self::Misread(message, help) => Problem::silent(message, span).with_help(help),
        }
    }
}

/// The keys that one word stands for: a network in CIDR notation stands for its reverse zones.
/// With what is wrong about it.
pub(crate) fn keys(word: &Word) -> (Vec<Key>, Option<Trouble>) {
    let (scheme, rest, default_port) = transport(text(word));
    let (zone, port) = split_port(rest);
    let valid = check(rest, zone);
    let number = port.map_or(Some(default_port), |port| u16::try_from(port).ok());
    let trouble = match (&valid, number) {
        (Err((message, help)), _) => Some(Trouble::Zone(message.clone(), help)),
        (Ok(()), None) => {
            let port = port.unwrap_or_default();
            Some(Trouble::Port(format!("address {port}: invalid port")))
        }
        (Ok(()), Some(_)) => misread(text(word), zone),
    };
    let zones = if valid.is_ok() {
        zones_of(zone)
    } else {
        vec![normal(zone)]
    };
    let keys = zones.into_iter().map(|zone| Key {
        scheme: scheme.to_owned(),
        zone,
        port: number.unwrap_or(default_port),
        word: word.clone(),
    });
    (keys.collect(), trouble)
}

/// The zones that an argument of a plugin stands for.
pub(crate) fn zones(text: &str) -> Vec<String> {
    let (_, rest, _) = transport(text);
    zones_of(split_port(rest).0)
}

/// Keys that two blocks have, where neither `view` nor `bind` tells them apart.
pub(crate) fn repeated(blocks: &[ServerBlock]) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for block in blocks {
        if block.directive("view").is_some() || block.directive("bind").is_some() {
            continue;
        }
        for Key {
            scheme,
            zone,
            port,
            word,
        } in &block.keys
        {
            if !seen.insert((scheme, zone, port)) {
                let message =
                    format!("cannot serve {scheme}://{zone}:{port} - it is already defined");
                let problem = Problem::refused(Stage::Serve, Said::Bare, message, word.span);
                problems.push(problem.with_help(help::REPEATED));
            }
        }
    }
    problems
}

/// A name in lower case with a final dot.
pub(crate) fn normal(name: &str) -> String {
    let mut name = name.to_ascii_lowercase();
    if !name.ends_with('.') {
        name.push('.');
    }
    name
}

/// Whether `name` is `zone` or below it; both normal.
pub(crate) fn in_zone(name: &str, zone: &str) -> bool {
    zone == "."
        || name == zone
        || name
            .strip_suffix(zone)
            .is_some_and(|labels| labels.ends_with('.'))
}

fn zones_of(zone: &str) -> Vec<String> {
    reverse::zones(zone).unwrap_or_else(|| vec![normal(zone)])
}

/// What CoreDNS takes for a zone although it was meant for something else.
fn misread(text: &str, zone: &str) -> Option<Trouble> {
    if text == "}" {
        let message = "'}' closes nothing: CoreDNS takes it for a zone".to_owned();
        return Some(Trouble::Misread(message, help::KEY_CLOSE.into()));
    }
    if text.ends_with('{') {
        let message =
            format!("'{text}' has no blank before its brace: CoreDNS takes it for a zone");
        return Some(Trouble::Misread(message, help::KEY_BRACE.into()));
    }
    if zone.split('.').any(|label| label == "*") {
        let message = format!(
            "'*' is no wildcard in the key '{text}': CoreDNS serves only names that have a '*' themselves"
        );
        let plain: Vec<&str> = zone.split('.').filter(|label| *label != "*").collect();
        let plain = plain.join(".");
        let plain = if plain.is_empty() { "." } else { &plain };
        let help = format!("Write `{plain}`: a zone holds every name below it.");
        return Some(Trouble::Misread(message, help.into()));
    }
    None
}

fn transport(text: &str) -> (&'static str, &str, u16) {
    SCHEMES
        .iter()
        .find_map(|(scheme, port)| {
            text.strip_prefix(scheme)?
                .strip_prefix("://")
                .map(|rest| (*scheme, rest, *port))
        })
        .unwrap_or(("dns", text, 53))
}

/// Text after the last colon that is no number belongs to the zone.
fn split_port(text: &str) -> (&str, Option<i64>) {
    text.rsplit_once(':')
        .and_then(|(zone, port)| Some((zone, Some(port.parse().ok()?))))
        .unwrap_or((text, None))
}

/// What `plugin.SplitHostPort` says of a key, and of its zone with a final dot.
fn check(whole: &str, zone: &str) -> Result<(), (String, &'static str)> {
    if whole.is_empty() || whole.ends_with(':') {
        let message = format!("expecting data after last colon: {}", quote(whole));
        return Err((message, help::KEY_PORT));
    }
    let length = if zone.len() > 255 {
        zone.len()
    } else {
        normal(zone).len()
    };
    if length > 255 {
        let message = format!("specified zone is too long: {length} > 255");
        return Err((message, help::KEY_NAME));
    }
    if !is_domain_name(zone) {
        let message = format!("zone is not a valid domain name: {zone}");
        return Err((message, help::KEY_NAME));
    }
    let odd = zone.starts_with(':') || (zone.starts_with('0') && zone.contains(':'));
    if odd && reverse::zones(zone).is_some() {
        return Err((format!("invalid CIDR {zone}"), help::KEY_NAME));
    }
    Ok(())
}

/// Labels that are not empty and at most 63 bytes, where `\.` and `\DDD` are one byte.
fn is_domain_name(name: &str) -> bool {
    if name == "." {
        return true;
    }
    let is_full = name.ends_with('.') && !name.ends_with("\\.");
    let mut bytes = name.bytes().take(name.len() - usize::from(is_full));
    let mut label = 0;
    while let Some(byte) = bytes.next() {
        if byte == b'.' {
            if label == 0 {
                return false;
            }
            label = 0;
            continue;
        }
        label += 1;
        if label > 63 {
            return false;
        }
        if byte == b'\\' {
            let digits = bytes.clone().take_while(u8::is_ascii_digit).take(3).count();
            let skipped = if digits == 3 {
                bytes.nth(2)
            } else {
                bytes.next()
            };
            if skipped.is_none() {
                return false;
            }
        }
    }
    label > 0
}
