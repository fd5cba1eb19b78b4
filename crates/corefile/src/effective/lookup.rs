//! Plugins that answer from the Corefile, from memory or from upstreams: `cache`, `template`,
//! `hosts`, `forward`.

use super::chain::Walk;
use super::end::{Delivery, End, Hop, Odds};
use super::explanation::Effect;
use super::forward::{Forward, Policy};
use crate::plugin::Version;
use crate::plugin::regex::{Found, Regex};
use crate::plugin::upstream::is_path;
use crate::plugin::values::{atoi, ip, transport, without_scope};
use crate::tree::{Directive, Property, Span, Word};

pub(super) fn cache(walk: &mut Walk<'_>, directive: &Directive) {
    let span = directive.name.span;
    let ttl = directive
        .args
        .first()
        .and_then(|word| atoi(&word.text).ok());
    let zones = directive
        .args
        .get(usize::from(ttl.is_some())..)
        .unwrap_or_default();
    if walk.zone(zones).is_none() {
        walk.passes("cache", span, "the name is in none of its zones");
        return;
    }
    // The property counts more than the argument.
    let limit = |name: &str, default: i64| {
        let properties = directive.properties.iter().rev();
        let mut found = properties.filter(|property| property.name.text == name);
        let own = found.find_map(|property| property.args.get(1));
        own.and_then(|word| atoi(&word.text).ok())
            .or(ttl)
            .unwrap_or(default)
    };
    let off = |kind: &str| disables(walk, directive, kind);
    let kept = match (off("success"), off("denial")) {
        (true, true) => {
            walk.passes("cache", span, "caching is disabled for the name");
            return;
        }
        (true, false) => format!("denials for at most {} s", limit("denial", 1800)),
        (false, true) => format!("answers for at most {} s", limit("success", 3600)),
        (false, false) => format!(
            "answers for at most {} s and denials for at most {} s",
            limit("success", 3600),
            limit("denial", 1800)
        ),
    };
    let depends = "whether it was asked before";
    let end = End::Data(format!("answers from what it keeps: {kept}"));
    walk.may_end("cache", span, depends, end);
}

/// `disable success|denial [ZONES...]`
fn disables(walk: &Walk<'_>, directive: &Directive, kind: &str) -> bool {
    let mut disabled = directive
        .properties
        .iter()
        .filter(|property| property.name.text == "disable");
    disabled.any(|property| match property.args.split_first() {
        Some((what, zones)) if what.text == kind => {
            let zones: Vec<String> = zones
                .iter()
                .map(|word| crate::key::normal(&word.text))
                .collect();
            zones.is_empty() || walk.zone_among(&zones).is_some()
        }
        _ => false,
    })
}

/// The templates in file order. A template of the query's zone, class and type that no regular
/// expression fits answers SERVFAIL, unless `fallthrough` covers the name.
pub(super) fn template(walk: &mut Walk<'_>, templates: &[&Directive]) -> Option<End> {
    let mut last = None;
    for directive in templates {
        let [class, kind, zones @ ..] = directive.args.as_slice() else {
            continue;
        };
        let span = directive.name.span;
        last = Some(span);
        let is = |wanted: &Word, asked: &str| {
            wanted.text == "ANY" || asked == "ANY" || wanted.text == asked
        };
        let concerns = walk.zone(zones).is_some()
            && is(class, &walk.query.class)
            && is(kind, &walk.query.kind);
        if !concerns {
            continue;
        }
        let (fit, at) = matches(walk, directive);
        let conditions = directive
            .properties
            .iter()
            .any(|property| matches!(property.name.text.as_str(), "expr" | "var"));
        let falls = walk.falls(directive);
        match fit {
            Some(true) if !conditions => {
                let end = answer(directive);
                return walk.ends("template", at.unwrap_or(span), end);
            }
            Some(false) if falls.is_some() => {
                let why = "no regular expression fits, and fallthrough covers the name";
                walk.passes("template", span, why);
            }
            Some(false) => {
                let why =
                    "SERVFAIL: no regular expression fits, and fallthrough does not cover the name";
                return walk.ends("template", span, End::Rcode(why.to_owned()));
            }
            _ => {
                let on = if conditions {
                    "its expressions"
                } else {
                    "its regular expressions"
                };
                walk.may_end("template", at.unwrap_or(span), on, answer(directive));
                if falls.is_none() {
                    let why = "SERVFAIL if they do not fit: fallthrough does not cover the name";
                    return walk.ends("template", span, End::Rcode(why.to_owned()));
                }
            }
        }
    }
    if let Some(span) = last {
        walk.passes("template", span, "no other template concerns the query");
    }
    None
}

/// Whether a `match` fits, and which; `None` where that cannot be told.
fn matches(walk: &Walk<'_>, directive: &Directive) -> (Option<bool>, Option<Span>) {
    let mut patterns = directive
        .properties
        .iter()
        .filter(|property| property.name.text == "match")
        .flat_map(|property| &property.args)
        .peekable();
    if patterns.peek().is_none() {
        return (Some(true), None);
    }
    let mut undecided = None;
    for word in patterns {
        match Regex::new(&word.text)
            .ok()
            .and_then(|regex| regex.find(&walk.query.name))
        {
            Some(Found::Match(_)) => return (Some(true), Some(word.span)),
            Some(Found::NoMatch) => {}
            None => undecided = undecided.or(Some(word.span)),
        }
    }
    match undecided {
        Some(span) => (None, Some(span)),
        None => (Some(false), None),
    }
}

fn answer(directive: &Directive) -> End {
    let words = |name: &str| -> Vec<String> {
        let properties = directive.properties.iter();
        properties
            .filter(|property| property.name.text == name)
            .flat_map(|property| &property.args)
            .map(|word| word.text.clone())
            .collect()
    };
    let rcode = words("rcode").pop();
    match rcode {
        Some(rcode) if rcode != "NOERROR" => End::Rcode(rcode),
        _ => End::Answer(words("answer")),
    }
}

pub(super) fn hosts(walk: &mut Walk<'_>, directive: &Directive) -> Option<End> {
    let span = directive.name.span;
    let (file, zones) = match directive.args.split_first() {
        Some((file, zones)) => (file.text.as_str(), zones),
        None => ("/etc/hosts", &[][..]),
    };
    let in_zone = walk.zone(zones).is_some();
    if walk.query.kind == "PTR" {
        let end = End::Data(format!(
            "answers with the names of the address in {file} or below"
        ));
        walk.may_end("hosts", span, "whether the address is listed", end);
        return None;
    }
    if !in_zone {
        walk.passes("hosts", span, "the name is in none of its zones");
        return None;
    }
    let mut listed: Vec<(&Property, bool)> = Vec::new();
    for line in &directive.properties {
        let Some(address) = ip(without_scope(&line.name.text)) else {
            continue;
        };
        let names = line.args.iter();
        if names
            .map(|word| crate::key::normal(&word.text))
            .any(|name| name == walk.query.name)
        {
            listed.push((line, address.is_ipv4()));
        }
    }
    let wants_v4 = walk.query.kind == "A";
    let wants_v6 = walk.query.kind == "AAAA";
    let of_type: Vec<&(&Property, bool)> = listed
        .iter()
        .filter(|(_, v4)| (*v4 && wants_v4) || (!*v4 && wants_v6))
        .collect();
    if let Some((line, _)) = of_type.first() {
        let addresses = of_type.iter().map(|(line, _)| line.name.text.clone());
        let end = End::Answer(addresses.collect());
        return walk.ends("hosts", line.name.span, end);
    }
    if let Some((line, _)) = listed.first() {
        return walk.ends("hosts", line.name.span, End::Answer(Vec::new()));
    }
    let end = End::Data(format!("answers with what {file} says"));
    walk.may_end("hosts", span, format!("whether {file} lists the name"), end);
    if walk.falls(directive).is_some() {
        return None;
    }
    let why = "SERVFAIL: it does not list the name, and fallthrough does not cover it";
    walk.ends("hosts", span, End::Rcode(why.to_owned()))
}

/// The stanzas in file order; the first that takes the name ends the way.
pub(super) fn forward(walk: &mut Walk<'_>, directives: &[&Directive]) -> Option<End> {
    let stanzas: Vec<Forward<'_>> = directives
        .iter()
        .filter_map(|directive| Forward::read(directive))
        .collect();
    for (index, stanza) in stanzas.iter().enumerate() {
        let span = stanza.directive.name.span;
        if !stanza.takes(&walk.query.name) {
            let why = if stanza.takes_but_for_exceptions(&walk.query.name) {
                "the name is below an exception"
            } else {
                "the name is not below its FROM"
            };
            walk.passes("forward", span, why);
            continue;
        }
        let later = stanzas.get(index + 1..).unwrap_or_default();
        let has_next = later.iter().any(|stanza| stanza.takes(&walk.query.name));
        let end = forwarded(stanza, has_next, walk.version);
        return walk.ends("forward", span, end);
    }
    None
}

fn forwarded(stanza: &Forward<'_>, has_next: bool, version: Version) -> End {
    let is_file = |text: &str| {
        let (_, host) = transport(text);
        is_path(host)
    };
    let files = stanza.to.iter().any(|word| is_file(&word.text));
    let count = u32::try_from(stanza.to.len()).unwrap_or(u32::MAX);
    let hops = stanza.to.iter().enumerate().map(|(index, word)| {
        let odds = match stanza.policy {
            _ if files => None,
            Policy::Sequential => Some(Odds {
                of: u32::from(index == 0),
                among: 1,
            }),
            Policy::Random | Policy::RoundRobin => Some(Odds {
                of: 1,
                among: count,
            }),
            Policy::Unknown => None,
        };
        let delivery = match transport(&word.text).0 {
            "tls" => Delivery::Tls,
            "https" => Delivery::Https,
            "quic" => Delivery::Quic,
            _ if stanza.force_tcp.is_some() => Delivery::Tcp,
            _ if stanza.prefer_udp.is_some() => Delivery::UdpFirst,
            _ => Delivery::AsAsked,
        };
        Hop {
            to: word.text.clone(),
            span: word.span,
            is_file: is_file(&word.text),
            odds,
            delivery,
        }
    });
    let codes = |words: &[&Word]| words.iter().map(|word| word.text.to_uppercase()).collect();
    let mut next: Vec<String> = Vec::new();
    if has_next && version >= Version::new(1, 11, 4) {
        next = codes(&stanza.next);
        if stanza.next_on_nodata.is_some() {
            next.push("NODATA".to_owned());
        }
    }
    let limit = stanza
        .max_concurrent
        .and_then(|word| word.text.parse().ok());
    End::Forwarded {
        policy: stanza.policy,
        hops: hops.collect(),
        max_concurrent: limit.filter(|limit| *limit > 0),
        failover: codes(&stanza.failover),
        next,
    }
}

/// `grpc` and the old `proxy`.
pub(super) fn other_upstreams(
    walk: &mut Walk<'_>,
    plugin: &'static str,
    directives: &[&Directive],
) -> Option<End> {
    for directive in directives {
        let Some(stanza) = Forward::read(directive) else {
            continue;
        };
        let span = directive.name.span;
        if !stanza.takes(&walk.query.name) {
            walk.passes(
                plugin,
                span,
                "the name is not below its FROM, or below an exception",
            );
            continue;
        }
        let list: Vec<&str> = stanza.to.iter().map(|word| word.text.as_str()).collect();
        let end = End::Data(format!("asks {}", list.join(", ")));
        match walk.falls(directive) {
            Some(falls) => {
                let effect = Effect::MayEnd {
                    depends: "whether the upstream knows the name, as fallthrough covers it"
                        .to_owned(),
                    end,
                };
                walk.step(plugin, falls, effect);
            }
            None => return walk.ends(plugin, span, end),
        }
    }
    None
}
