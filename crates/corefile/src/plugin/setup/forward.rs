//! `forward`.

use super::{Outcome, Setup};
use crate::key::in_zone;
use crate::plugin::advice;
use crate::plugin::upstream::{self, NotAnUpstream};
use crate::plugin::values::{self, quote, transport};
use crate::tree::Word;

/// Most upstreams of a stanza.
pub(super) const MAX_UPSTREAMS: usize = 15;
const SECOND: i64 = 1_000_000_000;

#[derive(Default)]
struct Stanza<'a> {
    to: Vec<&'a Word>,
    expire: i64,
    max_age: i64,
    server_name: Option<&'a str>,
    has_resolver: bool,
}

pub(super) fn forward(setup: &mut Setup<'_>) {
    // Before 1.14.4 the upstreams are read before the properties, after that behind them.
    let late = setup.since(14, 4);
    let mut counts = Vec::new();
    setup.each(
        |setup| {
            let mut stanza = Stanza {
                expire: 10 * SECOND,
                ..Stanza::default()
            };
            stanza.to = from_and_to(setup)?;
            if !late {
                upstreams(setup, &stanza)?;
            }
            Ok(stanza)
        },
        property,
        |setup, stanza| {
            if stanza.max_age > 0 && stanza.max_age < stanza.expire {
                let (age, expire) = (
                    values::show_duration(stanza.max_age),
                    values::show_duration(stanza.expire),
                );
                let message = format!("max_age ({age}) must not be less than expire ({expire})");
                return Err(setup.bare(message));
            }
            if late {
                upstreams(setup, stanza)?;
            }
            counts.push((stanza.to.len(), stanza.to.get(MAX_UPSTREAMS).copied()));
            Ok(())
        },
    );
    for (count, first_too_many) in counts {
        too_many(setup, count, first_too_many);
    }
    never_asked(setup);
}

/// Stanzas whose names an earlier one takes: odd, and accepted.
fn never_asked(setup: &mut Setup<'_>) {
    let block = setup.block;
    let stanzas = block.forwards();
    for (index, stanza) in stanzas.iter().enumerate() {
        let earlier = stanzas.get(..index).unwrap_or_default();
        let Some(from) = values::zones(&stanza.from.text).into_iter().next() else {
            continue;
        };
        let hidden = earlier.iter().any(|before| {
            let hands_on = !before.next.is_empty() || before.next_on_nodata.is_some();
            let covers = |word: &Word, zone: &str| {
                let zones = values::zones(&word.text).into_iter();
                zones.take(1).any(|of| in_zone(zone, &of))
            };
            let excepts = before.except.iter().any(|word| {
                let zones = values::zones(&word.text);
                zones
                    .iter()
                    .any(|zone| in_zone(zone, &from) || in_zone(&from, zone))
            });
            covers(before.from, &from) && !excepts && !hands_on
        });
        if hidden {
            let message = format!(
                "CoreDNS never asks this `forward`: an earlier one of the block takes all names of '{}'",
                stanza.from.text
            );
            setup.note(message, stanza.from, advice::NEVER_ASKED);
        }
    }
}

pub(super) fn too_many(setup: &mut Setup<'_>, count: usize, first_too_many: Option<&Word>) {
    if let Some(word) = first_too_many {
        let message = format!("more than {MAX_UPSTREAMS} TOs configured: {count}");
        let fault = setup.bare(message).on(word).help(advice::TOO_MANY);
        setup.refuse(fault);
    }
}

/// FROM, which must be a zone, and at least one TO.
pub(super) fn from_and_to<'a>(setup: &mut Setup<'a>) -> Outcome<Vec<&'a Word>> {
    let from = setup.next_arg()?;
    let zones = values::zones(&from.text);
    if let (Some(first), true) = (zones.first(), zones.len() > 1) {
        let message = format!(
            "'{}' stands for {} zones, and CoreDNS takes only {first} of them",
            from.text,
            zones.len()
        );
        let help =
            "Write one line for each network whose prefix ends between two labels: /8, /16, /24.";
        setup.note(message, from, help);
    }
    if setup.since(9, 1) && zones.is_empty() {
        let message = format!("unable to normalize '{}'", from.text);
        let help = "Write the zone to forward, `.` for all names.";
        return Err(setup.bare(message).on(from).help(help));
    }
    setup.args(1, usize::MAX)
}

fn upstreams(setup: &mut Setup<'_>, stanza: &Stanza<'_>) -> Outcome {
    let named = setup.since(14, 4);
    if setup.since(14, 5) {
        let with_path = stanza.to.iter().find(|word| {
            let (scheme, rest) = transport(&word.text);
            scheme == "https" && rest.contains('/')
        });
        if let Some(word) = with_path {
            let message = format!(
                "paths are not allowed in HTTPS upstream addresses (the /dns-query path is used by default): {}",
                word.text
            );
            return Err(setup.bare(message).on(word));
        }
    }
    let mut hosts = Vec::new();
    for word in &stanza.to {
        match upstream::read(&word.text, setup.version) {
            Ok(upstream) => {
                if let Some(port) = upstream::no_port(&word.text) {
                    let message = format!(
                        "CoreDNS takes '{}' and can never reach it: there is no port {port}",
                        word.text
                    );
                    setup.note(message, word, advice::PORT);
                }
                hosts.push((*word, upstream.printed));
            }
            Err(NotAnUpstream::Empty(message)) => return Err(setup.bare(message).on(word)),
            Err(NotAnUpstream::Unknown(message)) => {
                if !named {
                    let fault = setup.bare(message).on(word);
                    return Err(fault.help(advice::HOST_NAME));
                }
                if !upstream::is_host(&word.text, setup.version) {
                    let message = format!(
                        "not an IP address, file, or valid domain: {}",
                        quote(&word.text)
                    );
                    return Err(setup.bare(message).on(word).help(advice::HOST_NAME));
                }
                let by = if stanza.has_resolver {
                    "the servers of `resolver`"
                } else {
                    "the servers of its resolv.conf"
                };
                let message = format!(
                    "CoreDNS asks {by} for '{}' when it starts, and refuses to start if they do not know it",
                    word.text
                );
                setup.note(message, word, advice::RESOLVED);
            }
        }
    }
    for (word, printed) in hosts {
        protocol(setup, stanza, word, &printed)?;
    }
    Ok(())
}

fn protocol(setup: &Setup<'_>, stanza: &Stanza<'_>, word: &Word, printed: &str) -> Outcome {
    let (host, server_name) = if setup.since(13, 2) {
        upstream::split_zone(printed)
    } else {
        (printed.to_owned(), None)
    };
    let (scheme, _) = transport(&host);
    let allowed = match scheme {
        "dns" | "tls" => true,
        "https" => setup.since(14, 5),
        "quic" => setup.since(15, 0),
        _ => false,
    };
    if !allowed {
        let message =
            format!("'{scheme}' is not supported as a destination protocol in forward: {host}");
        return Err(setup.bare(message).on(word));
    }
    let named = scheme == "tls" || scheme == "quic";
    if let (Some(of_stanza), Some(of_host), true) = (stanza.server_name, server_name, named) {
        let message = format!(
            "both forward ('{of_stanza}') and proxy level ('{of_host}') TLS servernames are set for upstream proxy '{host}'"
        );
        return Err(setup.bare(message).on(word));
    }
    Ok(())
}

fn property<'a>(setup: &mut Setup<'a>, stanza: &mut Stanza<'a>, name: &str) -> Outcome {
    if setup.property(name).is_none() {
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.unknown().help(help));
    }
    match name {
        "except" => setup.args(1, usize::MAX).map(|_| ()),
        "max_fails" | "max_connect_attempts" => {
            let word = setup.next_arg()?;
            values::parse_uint(&word.text, 10, 32)
                .map(|_| ())
                .map_err(|message| setup.bare(message).on(word))
        }
        "health_check" => health_check(setup),
        "force_tcp" | "prefer_udp" | "next_on_nodata" => setup.no_more(),
        "failfast_all_unhealthy_upstreams" => setup.args(0, 0).map(|_| ()),
        "tls" => setup.args(0, 3).map(|_| ()),
        "tls_servername" => {
            stanza.server_name = Some(&setup.next_arg()?.text);
            Ok(())
        }
        "expire" => {
            stanza.expire = positive(setup, "expire")?;
            Ok(())
        }
        "max_age" => {
            stanza.max_age = positive(setup, "max_age")?;
            Ok(())
        }
        "read_timeout" => {
            let word = setup.next_arg()?;
            let timeout = setup.duration(word)?;
            if timeout <= 0 {
                let shown = values::show_duration(timeout);
                let message = format!("read_timeout must be positive: {shown}");
                return Err(setup.bare(message).on(word));
            }
            Ok(())
        }
        "max_concurrent" | "max_idle_conns" => {
            let word = setup.next_arg()?;
            let number = setup.number(word)?;
            if number < 0 {
                let message = format!("{name} can't be negative: {number}");
                return Err(setup.bare(message).on(word));
            }
            Ok(())
        }
        "doh_method" => {
            let word = setup.next_arg()?;
            if word.text != "POST" && word.text != "GET" {
                let message = "doh_method must be either POST or GET";
                return Err(setup.bare(message).on(word));
            }
            Ok(())
        }
        "policy" => policy(setup),
        "next" | "failover" => rcodes(setup, name),
        "resolver" => {
            stanza.has_resolver = true;
            let args = setup.args(1, usize::MAX)?;
            for word in args {
                let host =
                    values::split_host_port(&word.text).map_or(word.text.as_str(), |pair| pair.0);
                if values::ip(host).is_none() {
                    let message = format!(
                        "resolver must be an IP address or IP:port: {}",
                        quote(&word.text)
                    );
                    return Err(setup.bare(message).on(word));
                }
            }
            Ok(())
        }
        "source_address" => {
            let word = setup.next_arg()?;
            if values::ip(&word.text).is_none() {
                let message = format!("invalid IP address: {}", word.text);
                return Err(setup.err(message).on(word));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn positive(setup: &mut Setup<'_>, name: &str) -> Outcome<i64> {
    let word = setup.next_arg()?;
    let duration = setup.duration(word)?;
    if duration < 0 {
        let shown = values::show_duration(duration);
        let message = format!("{name} can't be negative: {shown}");
        return Err(setup.bare(message).on(word));
    }
    Ok(duration)
}

pub(super) fn policy(setup: &mut Setup<'_>) -> Outcome {
    let word = setup.next_arg()?;
    let is_known = match word.text.as_str() {
        "random" | "round_robin" => true,
        "sequential" => setup.since(1, 2),
        _ => false,
    };
    if is_known {
        return Ok(());
    }
    let message = format!("unknown policy '{}'", word.text);
    Err(setup
        .err(message)
        .on(word)
        .help("Write `random`, `round_robin` or `sequential`."))
}

fn health_check(setup: &mut Setup<'_>) -> Outcome {
    let word = setup.next_arg()?;
    let interval = setup.duration(word)?;
    if interval < 0 {
        let message = format!("health_check can't be negative: {interval}");
        return Err(setup.bare(message).on(word));
    }
    if !setup.since(6, 9) {
        return Ok(());
    }
    while setup.tokens.next_arg() {
        let Some(option) = setup.tokens.word() else {
            return Ok(());
        };
        match option.text.as_str() {
            "no_rec" => {}
            "domain" if setup.since(9, 2) => {
                let domain = setup.next_arg()?;
                if !values::is_domain_name(&domain.text) {
                    let message = format!("health_check: invalid domain name {}", domain.text);
                    return Err(setup.bare(message).on(domain));
                }
            }
            other => {
                let message = format!("health_check: unknown option {other}");
                return Err(setup.bare(message).on(option));
            }
        }
    }
    Ok(())
}

fn rcodes(setup: &mut Setup<'_>, name: &str) -> Outcome {
    let args = setup.args(1, usize::MAX)?;
    for word in args {
        let rcode = word.text.to_uppercase();
        if !values::is_rcode(&rcode) {
            let message = format!("{} is not a valid rcode", word.text);
            return Err(setup.bare(message).on(word).help(advice::RCODE));
        }
        if name == "failover" && rcode == "NOERROR" {
            let message = "NoError cannot be used in failover";
            return Err(setup.bare(message).on(word));
        }
    }
    Ok(())
}
