//! Go's own resolver: `net/dnsconfig_unix.go`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Line, Word, lines};
use crate::settings::Value;
use crate::{Environment, Seen, Server, Settings, address};

/// Go's numbers end here (`big` of net/parse.go).
const BIG: u32 = 0x00ff_ffff;

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\r' | '\t' | '\n')
}

pub(super) fn read(text: &str, environment: &Environment<'_>, settings: &mut Settings) {
    let mut search_line: Option<Line<'_>> = None;
    for line in lines(text) {
        if line.text.starts_with([';', '#']) {
            continue;
        }
        let words = line.words(0, is_blank);
        let Some((keyword, rest)) = words.split_first() else {
            continue;
        };
        match keyword.text {
            "nameserver" => nameserver(rest, settings),
            "domain" if rest.is_empty() => {}
            "domain" | "search" => {
                if let Some(earlier) = search_line.replace(line) {
                    settings.observe(Seen::SearchReplaced, earlier.text, earlier.span());
                }
                search(keyword.text, rest, settings);
            }
            "options" => options(rest, settings),
            "lookup" => {}
            _ => settings.observe(Seen::HandsToLibc, line.text, line.span()),
        }
    }
    if settings.servers.is_empty() {
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        settings.servers.extend(loopback.map(|address| Server {
            address,
            scope: None,
            span: None,
        }));
        settings.observe_default(Seen::NoServer, "127.0.0.1, then ::1,");
    }
    if settings.search.is_empty() {
        let domain = environment
            .hostname
            .and_then(|hostname| hostname.split_once('.'))
            .filter(|(_, domain)| !domain.is_empty());
        if let Some((_, domain)) = domain {
            settings.search.push(Value::default_of(domain.to_owned()));
            settings.observe_default(Seen::SearchFromHostname, domain);
        }
    }
}

fn nameserver(rest: &[Word<'_>], settings: &mut Settings) {
    let Some(word) = rest.first() else { return };
    if settings.servers.len() == crate::MAX_NAMESERVERS {
        settings.observe(Seen::ServerBeyondLimit, word.text, word.span.clone());
        return;
    }
    match address::go_literal(word.text) {
        Some((address, scope)) => settings.servers.push(Server {
            address,
            scope,
            span: Some(word.span.clone()),
        }),
        None => settings.observe(Seen::ServerUnreadable, word.text, word.span.clone()),
    }
}

fn search(keyword: &str, rest: &[Word<'_>], settings: &mut Settings) {
    settings.search.clear();
    let is_domain = keyword == "domain";
    if let Some(second) = rest.get(1).filter(|_| is_domain) {
        settings.observe(Seen::DomainWithMoreWords, second.text, second.span.clone());
    }
    let used = if is_domain { 1 } else { rest.len() };
    for word in rest.iter().take(used) {
        if word.text == "." && !is_domain {
            settings.observe(Seen::RootInSearch, word.text, word.span.clone());
            continue;
        }
        if word.text.starts_with(['#', ';']) {
            settings.observe(Seen::CommentInSearch, word.text, word.span.clone());
        }
        settings
            .search
            .push(Value::written(word.text.to_owned(), word.span.clone()));
    }
}

fn options(words: &[Word<'_>], settings: &mut Settings) {
    for word in words {
        let span = word.span.clone();
        if let Some(value) = word.text.strip_prefix("ndots:") {
            let used = number(word, value, 0, 15, settings);
            settings.ndots = Value::written(used, span);
        } else if let Some(value) = word.text.strip_prefix("timeout:") {
            let used = number(word, value, 1, BIG, settings);
            settings.timeout_ms = Value::written(u64::from(used) * 1000, span);
        } else if let Some(value) = word.text.strip_prefix("attempts:") {
            let used = number(word, value, 1, BIG, settings);
            settings.attempts = Value::written(used, span);
        } else {
            match word.text {
                "rotate" => settings.rotate = Value::written(true, span),
                // A new socket is what it always uses.
                "single-request" | "single-request-reopen" => {
                    settings.single_request = Value::written(true, span);
                }
                "use-vc" | "usevc" | "tcp" => settings.use_vc = Value::written(true, span),
                "trust-ad" => settings.trust_ad = Value::written(true, span),
                // EDNS0 is sent anyway.
                "edns0" | "no-reload" => {}
                _ => settings.observe(Seen::HandsToLibc, word.text, span),
            }
        }
    }
}

/// The digits at the start of the value, within the limits; 0 where there are none.
fn number(word: &Word<'_>, value: &str, least: u32, most: u32, settings: &mut Settings) -> u32 {
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    let digits = value.get(..end).unwrap_or_default();
    let number = digits.bytes().fold(0_u32, |number, digit| {
        (number
            .saturating_mul(10)
            .saturating_add(u32::from(digit - b'0')))
        .min(BIG)
    });
    let used = number.clamp(least, most);
    if number > used {
        settings.observe_used(Seen::OptionCapped, word.text, word.span.clone(), used);
    } else if number < used || end == 0 || end < value.len() {
        settings.observe_used(Seen::OptionMisread, word.text, word.span.clone(), used);
    }
    used
}
