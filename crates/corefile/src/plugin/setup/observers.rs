//! Plugins that look on: logs, metrics, traces, taps, metadata.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::regex::Regex;
use crate::plugin::values::{self, quote};

pub(super) fn errors(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let args = setup.args(0, 1)?;
            match args.first() {
                Some(word) if word.text != "stdout" => {
                    let message = format!("invalid log file: {}", word.text);
                    Err(setup.err(message).on(word).help("Write `errors` alone."))
                }
                _ => Ok(()),
            }
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let expected = if setup.since(9, 3) {
                    format!("Unknown field {name}")
                } else {
                    "consolidate".to_owned()
                };
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.syntax(&expected).help(help));
            }
            if name == "stacktrace" {
                return Ok(());
            }
            consolidate(setup)
        },
        no_end,
    );
}

fn consolidate(setup: &mut Setup<'_>) -> Outcome {
    let most = if setup.since(14, 0) {
        4
    } else if setup.since(8, 5) {
        3
    } else {
        2
    };
    let args = setup.args(2, most)?;
    let (Some(period), Some(pattern)) = (args.first(), args.get(1)) else {
        return Ok(());
    };
    values::duration(&period.text)
        .map_err(|message| setup.err(message).on(period).help(advice::DURATION))?;
    if pattern.text.len() > 10_000 && setup.since(14, 0) {
        let message = format!("regex pattern too long: {} > 10000", pattern.text.len());
        return Err(setup.err(message).on(pattern));
    }
    Regex::new(&pattern.text)
        .map_err(|message| setup.err(message).on(pattern).help(advice::REGEX))?;
    let (mut level, mut first) = (false, false);
    for word in args.get(2..).unwrap_or_default() {
        let message = match word.text.as_str() {
            "warning" | "error" | "info" | "debug" if level => {
                "multiple log levels specified in consolidate".to_owned()
            }
            "warning" | "error" | "info" | "debug" if first => {
                "log level must come before show_first in consolidate".to_owned()
            }
            "warning" | "error" | "info" | "debug" => {
                level = true;
                continue;
            }
            "show_first" if setup.since(14, 0) => {
                first = true;
                continue;
            }
            other if setup.since(14, 0) => format!("unknown option in consolidate: {other}"),
            other => format!("unknown log level argument in consolidate: {other}"),
        };
        return Err(setup.err(message).on(word));
    }
    Ok(())
}

pub(super) fn log(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            setup.tokens.args();
            Ok(())
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                let fault = if setup.since(14, 4) {
                    setup.unknown()
                } else {
                    setup.arg_err()
                };
                return Err(fault.help(help));
            }
            let args = setup.args(1, usize::MAX)?;
            let known = ["all", "success", "denial", "error"];
            match args
                .iter()
                .find(|word| !known.contains(&word.text.as_str()))
            {
                Some(word) => {
                    let message = format!("invalid Class: {}", word.text);
                    let help = "Write `success`, `denial`, `error` or `all`.";
                    Err(setup.bare(message).on(word).help(help))
                }
                None => Ok(()),
            }
        },
        no_end,
    );
}

pub(super) fn prometheus(setup: &mut Setup<'_>) {
    let has_block = setup.since(14, 3);
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.attempt(|setup| {
            let args = setup.args(0, 1)?;
            args.first().map_or(Ok(()), |word| setup.host_port(word))
        });
        let mut tls = false;
        while has_block && setup.tokens.next_block() {
            let name = setup.tokens.val();
            setup.attempt(|setup| match name {
                "runtime_metrics" => setup.args(0, 0).map(|_| ()),
                "tls" if tls => Err(setup.err("tls block already specified")),
                "tls" => {
                    let args = setup.args(1, 1)?;
                    tls = args.first().is_some_and(|word| !word.text.is_empty());
                    Ok(())
                }
                other => {
                    let help = advice::unknown(setup.plugin, setup.version, other);
                    Err(setup.err(format!("unknown option: {other}")).help(help))
                }
            });
        }
    }
}

pub(super) fn metadata(setup: &mut Setup<'_>) {
    setup.tokens.next();
    setup.tokens.args();
    setup.attempt(|setup| {
        if setup.tokens.next_block() || setup.tokens.next() {
            return Err(setup.arg_err());
        }
        Ok(())
    });
}

pub(super) fn geoip(setup: &mut Setup<'_>) {
    let has_block = setup.since(9, 2);
    let (mut uses, mut has_path) = (0, false);
    while setup.next_use(&mut uses) {
        setup.attempt(|setup| {
            let path = setup.next_arg()?;
            if has_path {
                let message = "configuring multiple databases is not supported";
                return Err(setup.err(message));
            }
            has_path = !path.text.is_empty();
            setup.args(0, 0).map(|_| ())
        });
        while has_block && setup.tokens.next_block() {
            setup.attempt(|setup| {
                let name = setup.tokens.val();
                if name == "edns-subnet" {
                    return Ok(());
                }
                let message = format!("unknown property {}", quote(name));
                let help = advice::unknown(setup.plugin, setup.version, name);
                Err(setup.err(message).help(help))
            });
        }
    }
}

pub(super) fn dnstap(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let args = setup.args(1, usize::MAX)?;
            let listens = args.first().is_some_and(|word| word.text == "listen");
            let listens = listens && setup.since(14, 4);
            if listens && args.len() < 2 {
                let message = "dnstap listen requires an endpoint argument";
                return Err(setup.err(message));
            }
            if !setup.since(13, 0) {
                return Ok(listens);
            }
            let args = args.get(usize::from(listens)..).unwrap_or_default();
            let limits = [
                (2, "MultipleTcpWriteBuf", 1024, "MiB units"),
                (3, "MultipleQueue", 4096, "x10k messages"),
            ];
            for (at, name, most, unit) in limits {
                let Some(word) = args.get(at) else { continue };
                let number = values::atoi(&word.text).map_err(|message| {
                    let quoted = quote(&word.text);
                    let message = format!("dnstap: invalid {name} {quoted}: {message}");
                    setup.err(message).on(word)
                })?;
                if !(1..=most).contains(&number) {
                    let message =
                        format!("dnstap: {name} must be between 1 and {most} ({unit}): {number}");
                    return Err(setup.err(message).on(word));
                }
            }
            Ok(listens)
        },
        |setup, listens, name| {
            if setup.property(name).is_none() {
                if !setup.since(14, 4) {
                    setup.drop_unknown();
                    return Ok(());
                }
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            match name {
                "identity" | "version" | "extra" => setup.next_arg().map(|_| ()),
                "tls" => {
                    if !*listens {
                        return Err(setup.err("tls directive only valid for listeners"));
                    }
                    if setup.tokens.args().len() < 2 {
                        return Err(setup.err("tls requires cert and key file paths"));
                    }
                    Ok(())
                }
                _ => Ok(()),
            }
        },
        no_end,
    );
}

pub(super) fn trace(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let args = setup.args(0, 2)?;
            let (Some(kind), Some(_)) = (args.first(), args.get(1)) else {
                return Ok(());
            };
            let lower = kind.text.to_lowercase();
            if lower != "zipkin" && lower != "datadog" {
                let message = format!("tracing endpoint type '{lower}' is not supported");
                return Err(setup
                    .bare(message)
                    .on(kind)
                    .help("Write `zipkin` or `datadog`."));
            }
            Ok(())
        },
        trace_property,
        no_end,
    );
}

fn trace_property(setup: &mut Setup<'_>, _: &mut (), name: &str) -> Outcome {
    if setup.property(name).is_none() {
        if !setup.since(14, 4) {
            setup.drop_unknown();
            return Ok(());
        }
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.unknown().help(help));
    }
    let least = usize::from(!matches!(name, "client_server" | "datadog_analytics_rate"));
    let args = setup.args(least, 1)?;
    let Some(word) = args.first() else {
        return Ok(());
    };
    let text = word.text.as_str();
    let read = match name {
        "every" => values::parse_uint(text, 10, 64).map(|_| ()),
        "client_server" => values::parse_bool(text).map(|_| ()),
        "zipkin_max_backlog_size" | "zipkin_max_batch_size" => values::atoi(text).map(|_| ()),
        "zipkin_max_batch_interval" => values::duration(text).map(|_| ()),
        "datadog_analytics_rate" => values::parse_fraction(text).and_then(|rate| {
            if rate.is_negative || rate.is_above_one {
                return Err(format!(
                    "datadog analytics rate must be between 0 and 1, '{}' is not supported",
                    rate.printed
                ));
            }
            Ok(())
        }),
        _ => Ok(()),
    };
    read.map_err(|message| setup.bare(message).on(word))
}
