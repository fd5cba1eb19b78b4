//! Plugins that shape the server: listeners, health, readiness, reload, timeouts, views.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::values::{self, quote};
use crate::tree::Word;

const SECOND: i64 = 1_000_000_000;

pub(super) fn bind(setup: &mut Setup<'_>) {
    let has_blocks = setup.since(8, 4);
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        // Of several `except` the last counts.
        let (mut hosts, mut excepted) = (Vec::new(), Vec::new());
        setup.attempt(|setup| {
            hosts = setup.tokens.args();
            if hosts.is_empty() {
                let message = "at least one address or interface name is expected";
                return Err(setup.bare(message));
            }
            Ok(())
        });
        while has_blocks && setup.tokens.next_block() {
            setup.attempt(|setup| {
                let name = setup.tokens.val();
                if name != "except" {
                    let message = format!("invalid option {}", quote(name));
                    let help = advice::unknown(setup.plugin, setup.version, name);
                    return Err(setup.bare(message).help(help));
                }
                excepted = setup.tokens.args();
                if excepted.is_empty() {
                    let message =
                        "at least one address or interface must be given to except subdirective";
                    return Err(setup.bare(message));
                }
                Ok(())
            });
        }
        for word in hosts.into_iter().chain(excepted) {
            listen_host(setup, word);
        }
    }
}

/// An address, or the name of an interface, of which we cannot know whether it exists.
fn listen_host(setup: &mut Setup<'_>, word: &Word) {
    let text = word.text.as_str();
    if values::ip(text).is_some() {
        return;
    }
    let is_name = !text.is_empty()
        && text.len() < 16
        && !text.contains(['/', ':'])
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && text.parse::<i64>().is_err()
        && !text
            .bytes()
            .all(|byte| byte == b'.' || byte.is_ascii_digit());
    if is_name {
        let message =
            format!("CoreDNS refuses to start unless the node has an interface named '{text}'");
        setup.note(
            message,
            word,
            "Write an address, or check the name with `ip link`.",
        );
        return;
    }
    let message = format!("not a valid IP address or interface name: {}", quote(text));
    let fault = setup
        .bare(message)
        .on(word)
        .help("Write an address without a port: the port stands in the server block's key.");
    setup.refuse(fault);
}

pub(super) fn debug(setup: &mut Setup<'_>) {
    while setup.tokens.next() {
        setup.attempt(Setup::no_more);
    }
}

pub(super) fn root(setup: &mut Setup<'_>) {
    while setup.tokens.next() {
        setup.attempt(|setup| setup.next_arg().map(|_| ()));
    }
}

pub(super) fn health(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let args = setup.args(0, 1)?;
            args.first().map_or(Ok(()), |word| setup.host_port(word))
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
            let args = setup.args(1, 1)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            values::duration(&word.text).map(|_| ()).map_err(|message| {
                let message = format!(
                    "unable to parse lameduck duration value: '{}' : {message}",
                    word.text
                );
                setup.bare(message).on(word).help(advice::DURATION)
            })
        },
        no_end,
    );
}

pub(super) fn ready(setup: &mut Setup<'_>) {
    let has_block = setup.since(12, 2);
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.attempt(|setup| {
            let args = setup.args(0, 1)?;
            args.first().map_or(Ok(()), |word| setup.host_port(word))
        });
        while has_block && setup.tokens.next_block() {
            setup.attempt(|setup| {
                let name = setup.tokens.val();
                if name != "monitor" {
                    let help = advice::unknown(setup.plugin, setup.version, name);
                    return Err(setup.unknown().help(help));
                }
                let args = setup.args(1, 1)?;
                match args.first() {
                    Some(word) if !matches!(word.text.as_str(), "until-ready" | "continuously") => {
                        let message = format!("monitor type '{}' not supported", word.text);
                        Err(setup.err(message).on(word))
                    }
                    _ => Ok(()),
                }
            });
        }
    }
}

pub(super) fn multisocket(setup: &mut Setup<'_>) {
    setup.tokens.next();
    setup.attempt(|setup| {
        let args = setup.tokens.args();
        if args.len() > 1 || setup.tokens.next() {
            return Err(setup.arg_err());
        }
        let Some(word) = args.first() else {
            return Ok(());
        };
        let number = values::atoi(&word.text).map_err(|message| {
            let message = format!("invalid num sockets: {message}");
            setup.bare(message).on(word)
        })?;
        let message = if number < 1 {
            format!("num sockets can not be zero or negative: {number}")
        } else if number > 1024 && setup.since(13, 2) {
            format!("num sockets exceeds maximum (1024): {number}")
        } else {
            return Ok(());
        };
        Err(setup.bare(message).on(word))
    });
}

pub(super) fn pprof(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let args = setup.tokens.args();
            if args.len() > 1 {
                return Err(setup.arg_err());
            }
            let Some(word) = args.first() else {
                return Ok(());
            };
            match values::split_host_port(&word.text) {
                Ok(_) => Ok(()),
                Err(message) if setup.since(9, 1) => {
                    Err(setup.err(message).on(word).help(advice::HOST_PORT))
                }
                Err(message) => Err(setup.bare(message).on(word).help(advice::HOST_PORT)),
            }
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            let args = setup.args(0, 1)?;
            match args.first() {
                Some(word) if values::atoi(&word.text).is_err() => {
                    let message = format!("property 'block' invalid integer value '{}'", word.text);
                    Err(setup.err(message).on(word))
                }
                _ => Ok(()),
            }
        },
        no_end,
    );
}

pub(super) fn reload(setup: &mut Setup<'_>) {
    setup.tokens.next();
    setup.attempt(|setup| {
        let args = setup.args(0, 2)?;
        let interval = args.first().map(|word| setup.duration(word)).transpose()?;
        if let (Some(interval), Some(word)) = (interval, args.first())
            && interval < 2 * SECOND
        {
            let message = "interval value must be greater or equal to 2s";
            let help = "Write at least `2s`. To reload nothing, leave `reload` out.";
            return Err(setup.bare(message).on(word).help(help));
        }
        let Some(word) = args.get(1) else {
            return Ok(());
        };
        let jitter = setup.duration(word)?;
        if jitter < SECOND && !(jitter == 0 && setup.since(14, 2)) {
            let message = if setup.since(14, 2) {
                "jitter value must be 0 or greater or equal to 1s"
            } else {
                "jitter value must be greater or equal to 1s"
            };
            return Err(setup.bare(message).on(word));
        }
        Ok(())
    });
}

pub(super) fn timeouts(setup: &mut Setup<'_>) {
    while setup.tokens.next() {
        setup.attempt(|setup| {
            setup.prefixed("timeouts: plugin/timeouts", |setup| {
                setup.args(0, 0).map(|_| ())
            })
        });
        let mut count = 0;
        while setup.tokens.next_block() {
            let name = setup.tokens.val();
            count += 1;
            setup.attempt(|setup| timeout(setup, name));
        }
        if count == 0 {
            let fault = setup.prefixed("timeouts: plugin/timeouts", |setup| {
                Err::<(), _>(setup.err("timeouts block with no timeouts specified"))
            });
            if let Err(fault) = fault {
                setup.refuse(fault);
            }
        }
    }
}

fn timeout(setup: &mut Setup<'_>, name: &str) -> Outcome {
    let args = setup.args(1, 1)?;
    let Some(word) = args.first() else {
        return Ok(());
    };
    if name == "maxtcpqueries" && setup.property(name).is_some() {
        let number = values::atoi(&word.text).map_err(|message| {
            let message = format!("invalid value for maxtcpqueries '{}': {message}", word.text);
            setup.err(message).on(word)
        })?;
        if number == 0 || number < -1 {
            let message = format!(
                "maxtcpqueries provided '{number}' needs to be -1 (unlimited) or a positive integer"
            );
            return Err(setup.err(message).on(word));
        }
        return Ok(());
    }
    let text = if values::atoi(&word.text).is_ok() {
        format!("{}s", word.text)
    } else {
        word.text.clone()
    };
    let timeout = values::duration(&text).map_err(|_| {
        let message = format!("failed to parse duration '{text}'");
        setup.err(message).on(word).help(advice::DURATION)
    })?;
    if !(SECOND..=24 * 3600 * SECOND).contains(&timeout) {
        let shown = values::show_duration(timeout);
        let message =
            format!("timeout provided '{shown}' needs to be between 1 second and 24 hours");
        return Err(setup.err(message).on(word));
    }
    if setup.property(name).is_none() {
        let message = format!("unknown option: '{name}'");
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.err(message).help(help));
    }
    Ok(())
}

pub(super) fn view(setup: &mut Setup<'_>) {
    setup.each(
        |setup| setup.args(1, 1).map(|_| ()),
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            if setup.tokens.args().is_empty() {
                let help = "Write an expression: `expr incidr(client_ip(), '10.0.0.0/8')`.";
                return Err(setup.bare("unexpected token EOF").help(help));
            }
            Ok(())
        },
        no_end,
    );
}
