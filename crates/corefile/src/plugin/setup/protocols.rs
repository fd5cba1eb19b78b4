//! Plugins for the ways in which queries arrive: TLS, HTTPS, gRPC, QUIC, the PROXY protocol.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::values::{self, cidr, ip, is_domain_name, quote};
use crate::tree::Word;

/// `https`, `https3`, `grpc_server`, `quic`: limits, each given at most once in a server block.
pub(super) fn limits(setup: &mut Setup<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    setup.tokens.next();
    setup.attempt(|setup| setup.args(0, 0).map(|_| ()));
    while setup.tokens.next_block() {
        let name = setup.tokens.val();
        setup.attempt(|setup| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            let args = setup.args(1, 1)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            let number = values::atoi(&word.text).map_err(|message| {
                let message = format!("invalid {name} value '{}': {message}", word.text);
                setup.err(message).on(word)
            })?;
            let is_quic = setup.plugin.name == "quic" && name != "max_connections";
            let message = if is_quic && number <= 0 {
                format!("{name} must be a positive integer: {number}")
            } else if number < 0 {
                format!("{name} must be a non-negative integer: {number}")
            } else if setup.plugin.name == "https"
                && name == "max_streams"
                && number > i64::from(u32::MAX)
            {
                format!("max_streams must not exceed 4294967295: {number}")
            } else if seen.contains(&name) {
                format!("{name} already defined for this server block")
            } else {
                seen.push(name);
                return Ok(());
            };
            Err(setup.err(message).on(word))
        });
    }
}

pub(super) fn proxyproto(setup: &mut Setup<'_>) {
    setup.each(
        |setup| setup.args(0, 0).map(|_| ()),
        |setup, (), name| {
            if setup.property(name).is_none() {
                let message = format!("unknown option '{name}'");
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unnamed(message).help(help));
            }
            match name {
                "allow" => {
                    for word in setup.tokens.args() {
                        if let Err(message) = cidr(&word.text) {
                            let message = format!("{}: {message}", word.text);
                            return Err(setup.bare(message).on(word).help(advice::CIDR));
                        }
                    }
                    Ok(())
                }
                "default" => {
                    let args = setup.args(1, 1)?;
                    let known = ["use", "ignore", "reject", "skip"];
                    match args.first() {
                        Some(word) if !known.contains(&word.text.to_lowercase().as_str()) => {
                            Err(setup.arg_err().on(word))
                        }
                        _ => Ok(()),
                    }
                }
                "udp_session_tracking" => session(setup),
                _ => setup.args(0, 0).map(|_| ()),
            }
        },
        no_end,
    );
}

fn session(setup: &mut Setup<'_>) -> Outcome {
    let args = setup.args(1, 2)?;
    if let Some(word) = args.first() {
        values::duration(&word.text).map_err(|message| {
            let quoted = quote(&word.text);
            let message = format!("udp_session_tracking: invalid duration {quoted}: {message}");
            setup.bare(message).on(word).help(advice::DURATION)
        })?;
    }
    match args.get(1) {
        Some(word) if !values::atoi(&word.text).is_ok_and(|number| number > 0) => {
            let quoted = quote(&word.text);
            let message = format!(
                "udp_session_tracking: invalid max sessions {quoted}: must be a positive integer"
            );
            Err(setup.bare(message).on(word))
        }
        _ => Ok(()),
    }
}

#[derive(Default)]
struct Acme<'a> {
    seen: Vec<&'a str>,
    domains: Vec<&'a Word>,
    ca: Option<&'a Word>,
    resolver: Option<&'a Word>,
}

pub(super) fn tls(setup: &mut Setup<'_>) {
    while setup.tokens.next() {
        let acme = setup.attempt(|setup| {
            let args = setup.tokens.args();
            if args.is_empty() && setup.since(14, 7) {
                return Ok(true);
            }
            if !(2..=3).contains(&args.len()) {
                return setup.prefixed("tls: plugin/tls", |setup| Err(setup.arg_err()));
            }
            Ok(false)
        });
        let mut state = Acme::default();
        let mut faults = 0;
        while setup.tokens.next_block() {
            let name = setup.tokens.val();
            let fine = setup.attempt(|setup| {
                if acme == Some(true) {
                    acme_option(setup, &mut state, name)
                } else {
                    manual_option(setup, name)
                }
            });
            faults += usize::from(fine.is_none());
        }
        if acme == Some(true)
            && faults == 0
            && let Err(fault) = acme_end(setup, &state)
        {
            setup.refuse(fault);
        }
    }
}

fn manual_option(setup: &mut Setup<'_>, name: &str) -> Outcome {
    let known = matches!(name, "client_auth" | "keylog") && setup.property(name).is_some();
    if !known {
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.err(format!("unknown option '{name}'")).help(help));
    }
    let args = setup.args(1, 1)?;
    let kinds = [
        "nocert",
        "request",
        "require",
        "verify_if_given",
        "require_and_verify",
    ];
    match args.first() {
        Some(word) if name == "client_auth" && !kinds.contains(&word.text.as_str()) => {
            let message = format!("unknown authentication type '{}'", word.text);
            Err(setup.err(message).on(word))
        }
        _ => Ok(()),
    }
}

fn acme_option<'a>(setup: &mut Setup<'a>, state: &mut Acme<'a>, name: &'a str) -> Outcome {
    let args = setup.tokens.args();
    if state.seen.contains(&name) {
        let message = format!("ACME option {} can only be specified once", quote(name));
        return Err(setup.err(message));
    }
    state.seen.push(name);
    if !matches!(
        name,
        "acme" | "email" | "ca" | "storage" | "ca_root" | "resolver"
    ) {
        let message = format!("unknown ACME option {}", quote(name));
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.err(message).help(help));
    }
    if args.is_empty() || (name != "acme" && args.len() != 1) {
        return Err(setup.arg_err());
    }
    match name {
        "acme" => state.domains = args,
        "ca" => state.ca = args.first().copied(),
        "resolver" => state.resolver = args.first().copied(),
        _ => {}
    }
    Ok(())
}

fn acme_end(setup: &Setup<'_>, state: &Acme<'_>) -> Outcome {
    if state.domains.is_empty() {
        let help = "Write `tls CERT KEY`, or a block with `acme DOMAIN`.";
        return Err(setup.bare("ACME requires at least one domain").help(help));
    }
    for word in &state.domains {
        let domain = word
            .text
            .strip_suffix('.')
            .unwrap_or(&word.text)
            .to_lowercase();
        let name = domain.strip_prefix("*.").unwrap_or(&domain);
        if name.is_empty() || name.contains('*') || ip(name).is_some() || !is_domain_name(name) {
            let message = format!("invalid ACME domain {}", quote(&domain));
            return Err(setup.bare(message).on(word));
        }
    }
    if let Some(word) = state.ca {
        let host = word
            .text
            .strip_prefix("https://")
            .or_else(|| word.text.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
            let message = format!("invalid ACME CA URL {}", quote(&word.text));
            return Err(setup.bare(message).on(word));
        }
    }
    let Some(word) = state.resolver.filter(|word| !word.text.is_empty()) else {
        return Ok(());
    };
    let quoted = quote(&word.text);
    let (host, port) = values::split_host_port(&word.text).map_err(|message| {
        let message = format!("invalid ACME resolver {quoted}: {message}");
        setup.bare(message).on(word)
    })?;
    if host.is_empty() {
        let message = format!("invalid ACME resolver {quoted}: host is empty");
        return Err(setup.bare(message).on(word));
    }
    if !values::atoi(port).is_ok_and(|port| (1..=65535).contains(&port)) {
        let message = format!("invalid ACME resolver port {}", quote(port));
        return Err(setup.bare(message).on(word));
    }
    Ok(())
}
