//! Smaller plugins that answer: `hosts`, `etcd`, `erratic`, `local`, `nomad`, and two old ones.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::values::{self, cidr, quote};

#[derive(Default)]
struct Hosts {
    /// Whether `fallthrough` was given, behind which no more lines of hosts may stand.
    falls: bool,
    unsupported: bool,
}

pub(super) fn hosts(setup: &mut Setup<'_>) {
    let mut last = Hosts::default();
    setup.each(
        |setup| {
            setup.tokens.args();
            Ok(())
        },
        |setup, (), name| {
            let state = &mut last;
            let known = setup.property(name).is_some();
            match name {
                "fallthrough" => {
                    // Arguments that are no zones make it none at all.
                    let args = setup.tokens.args();
                    state.falls = args.is_empty() || !setup.origins(&args).is_empty();
                    Ok(())
                }
                "fallthrough_unsupported" if known => {
                    state.unsupported = true;
                    setup.args(0, 0).map(|_| ())
                }
                "no_reverse" if known => Ok(()),
                "ttl" if known => hosts_ttl(setup),
                "reload" if known => hosts_reload(setup),
                _ if state.falls => {
                    let help = if values::ip(name).is_some() {
                        "Move the lines of hosts above `fallthrough`.".to_owned()
                    } else {
                        advice::unknown(setup.plugin, setup.version, name)
                    };
                    Err(setup.unknown().help(help))
                }
                _ => {
                    host_line(setup, name);
                    Ok(())
                }
            }
        },
        no_end,
    );
    let fine = setup.problems.iter().all(|problem| !problem.refused);
    if fine && last.unsupported && !last.falls {
        let fault = setup.err("fallthrough_unsupported requires fallthrough");
        setup.refuse(fault);
    }
}

/// A line of hosts; CoreDNS drops lines that do not begin with an address without a word.
fn host_line(setup: &mut Setup<'_>, name: &str) {
    let word = setup.tokens.word();
    let args = setup.tokens.args();
    let Some(word) = word else { return };
    if values::ip(values::without_scope(name)).is_none() {
        let message = format!("CoreDNS drops the line of '{name}': it begins with no address");
        let help = if crate::plugin::table::find(name).is_some() {
            "A plugin inside the block of `hosts`: close the block before it."
        } else {
            "Begin the line with an IP address, then the names."
        };
        setup.note(message, word, help);
    } else if args.is_empty() {
        let message = format!("CoreDNS drops the line of '{name}': it gives it no name");
        setup.note(message, word, "Write the names behind the address.");
    }
}

fn hosts_ttl(setup: &mut Setup<'_>) -> Outcome {
    let args = setup.tokens.args();
    let Some(word) = args.first() else {
        return Err(setup.err("ttl needs a time in second"));
    };
    let Ok(ttl) = values::atoi(&word.text) else {
        return Err(setup.err("ttl needs a number of second").on(word));
    };
    if !(1..=65535).contains(&ttl) {
        let help = "Write a TTL from 1 to 65535 seconds.";
        return Err(setup.err("ttl provided is invalid").on(word).help(help));
    }
    Ok(())
}

fn hosts_reload(setup: &mut Setup<'_>) -> Outcome {
    let args = setup.tokens.args();
    let [word] = args.as_slice() else {
        return Err(setup.err("reload needs a duration (zero seconds to disable)"));
    };
    let message = match values::duration(&word.text) {
        Err(_) => format!("invalid duration for reload '{}'", word.text),
        Ok(interval) if interval < 0 => {
            format!("invalid negative duration for reload '{}'", word.text)
        }
        Ok(_) => return Ok(()),
    };
    Err(setup.err(message).on(word).help(advice::DURATION))
}

pub(super) fn etcd(setup: &mut Setup<'_>) {
    setup.tokens.next();
    setup.tokens.args();
    while setup.tokens.next_block() {
        let name = setup.tokens.val();
        setup.attempt(|setup| etcd_property(setup, name));
    }
}

fn etcd_property(setup: &mut Setup<'_>, name: &str) -> Outcome {
    if setup.property(name).is_none() {
        if name == "}" {
            return Ok(());
        }
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.unknown().help(help));
    }
    match name {
        "no_apex_fallback" => setup.args(0, 0).map(|_| ()),
        "path" => setup.next_arg().map(|_| ()),
        "endpoint" => setup.args(1, usize::MAX).map(|_| ()),
        "tls" => {
            let args = setup.tokens.args();
            if args.len() > 3 {
                let message = format!(
                    "maximum of three arguments allowed for TLS config, found {}",
                    args.len()
                );
                return Err(setup.bare(message));
            }
            Ok(())
        }
        "credentials" => {
            let args = setup.args(1, usize::MAX)?;
            if args.len() != 2 {
                let message = "credentials requires 2 arguments, username and password";
                return Err(setup.err(message));
            }
            Ok(())
        }
        "min-lease-ttl" | "max-lease-ttl" => {
            let word = setup.next_arg()?;
            lease(word.text.trim()).map_err(|message| {
                let message = format!("invalid {name} value: {message}");
                setup.err(message).on(word)
            })
        }
        "fallthrough" | "upstream" => {
            setup.tokens.args();
            Ok(())
        }
        _ => Ok(()),
    }
}

fn lease(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Ok(());
    }
    let text = if values::parse_uint(text, 10, 64).is_ok() {
        format!("{text}s")
    } else {
        text.to_owned()
    };
    match values::duration(&text) {
        Err(_) => Err("invalid TTL format, use format like '30', '30s', '5m', '1h', or '2h30m'"),
        Ok(ttl) if ttl < 0 => Err("TTL must be non-negative"),
        Ok(ttl) if ttl > i64::from(u32::MAX) * 1_000_000_000 => {
            Err("TTL too large, maximum is 4294967295 seconds")
        }
        Ok(_) => Ok(()),
    }
}

pub(super) fn erratic(setup: &mut Setup<'_>) {
    setup.each(
        |_| Ok(()),
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            if name == "large" {
                return Ok(());
            }
            let args = setup.args(0, if name == "delay" { 2 } else { 1 })?;
            if let Some(word) = args.first() {
                let amount = values::parse_int(&word.text, 32)
                    .map_err(|message| setup.bare(message).on(word))?;
                if amount < 0 {
                    let message = format!("illegal amount value given {}", quote(&word.text));
                    return Err(setup.bare(message).on(word));
                }
            }
            args.get(1)
                .map_or(Ok(()), |word| setup.duration(word).map(|_| ()))
        },
        no_end,
    );
}

pub(super) fn local(setup: &mut Setup<'_>) {
    if !setup.since(14, 4) {
        return;
    }
    let has_block = setup.since(14, 4);
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.attempt(|setup| setup.args(0, 0).map(|_| ()));
        while has_block && setup.tokens.next_block() {
            let name = setup.tokens.val();
            setup.attempt(|setup| {
                if setup.property(name).is_none() {
                    let help = advice::unknown(setup.plugin, setup.version, name);
                    return Err(setup.unknown().help(help));
                }
                let args = setup.args(1, 1)?;
                match args.first() {
                    Some(word) if word.text != "on" && word.text != "off" => {
                        let quoted = quote(&word.text);
                        let message =
                            format!("localhost_prefix expects 'on' or 'off', got {quoted}");
                        Err(setup.err(message).on(word))
                    }
                    _ => Ok(()),
                }
            });
        }
    }
}

pub(super) fn nomad(setup: &mut Setup<'_>) {
    setup.tokens.next();
    setup.tokens.args();
    while setup.tokens.next_block() {
        let name = setup.tokens.val().to_lowercase();
        setup.attempt(|setup| {
            if setup.property(&name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, &name);
                return Err(setup.err(format!("unknown property '{name}'")).help(help));
            }
            let args = setup.tokens.args();
            if name == "address" {
                if args.is_empty() {
                    return Err(setup.err("at least one address is required"));
                }
                return Ok(());
            }
            let [word] = args.as_slice() else {
                let what = if name == "ttl" {
                    "ttl value"
                } else {
                    name.as_str()
                };
                return Err(setup.err(format!("exactly one {what} is required")));
            };
            if name != "ttl" {
                return Ok(());
            }
            let ttl = values::atoi(&word.text)
                .map_err(|message| setup.err(format!("error parsing ttl: {message}")).on(word))?;
            if !(0..=3600).contains(&ttl) {
                let message = format!("ttl must be in range [0, 3600]: {ttl}");
                return Err(setup.err(message).on(word));
            }
            Ok(())
        });
    }
}

pub(super) fn federation(setup: &mut Setup<'_>) {
    let mut zones = 0;
    setup.tokens.next();
    setup.tokens.args();
    while setup.tokens.next_block() {
        let name = setup.tokens.val();
        setup.attempt(|setup| {
            let args = setup.tokens.args();
            if name == "upstream" && setup.since(2, 4) {
                return Ok(());
            }
            if args.len() != 1 {
                let message = format!("need two arguments for federation, got {}", args.len());
                return Err(setup.bare(message));
            }
            zones += 1;
            Ok(())
        });
    }
    if zones == 0 && setup.problems.is_empty() {
        let fault = setup.bare("at least one name to zone federation expected");
        setup.refuse(fault);
    }
}

pub(super) fn reverse(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let args = setup.args(1, usize::MAX)?;
            match args.iter().find(|word| cidr(&word.text).is_err()) {
                Some(word) => {
                    let quoted = quote(&word.text);
                    let message = format!("network needs to be CIDR formatted: {quoted}\n");
                    Err(setup.err(message).on(word).help(advice::CIDR))
                }
                None => Ok(()),
            }
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.arg_err().help(help));
            }
            match name {
                "hostname" => setup.next_arg().map(|_| ()),
                "ttl" => {
                    let word = setup.next_arg()?;
                    setup.number(word).map(|_| ())
                }
                "fallthrough" => {
                    setup.tokens.args();
                    Ok(())
                }
                _ => Ok(()),
            }
        },
        no_end,
    );
}
