//! Plugins that serve, fetch, sign and hand on zones: `file`, `auto`, `secondary`, `transfer`, `sign`.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::regex::Regex;
use crate::plugin::values::{self, ip, quote, split_host_port, without_scope};
use crate::tree::Word;

/// `reload DURATION`
fn reload(setup: &mut Setup<'_>, least: i64) -> Outcome {
    let args = setup.tokens.args();
    let Some(word) = args.first() else {
        return Err(setup.bare("reload duration value is expected"));
    };
    let twice = if setup.plugin.name == "auto" {
        "auto: plugin/file"
    } else {
        "file: plugin/file"
    };
    setup.prefixed(twice, |setup| {
        let interval = setup.duration(word)?;
        if interval < least {
            return Err(setup.bare("invalid duration").on(word));
        }
        Ok(())
    })
}

pub(super) fn file(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            setup.next_arg()?;
            setup.tokens.args();
            Ok(())
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            match name {
                "reload" => reload(setup, i64::MIN),
                "reload_by_mtime" | "no_reload" => Ok(()),
                _ => {
                    setup.tokens.args();
                    Ok(())
                }
            }
        },
        no_end,
    );
}

pub(super) fn auto(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            setup.tokens.args();
            Ok(())
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            match name {
                "directory" => directory(setup),
                "reload" => reload(setup, 0),
                "no_reload" => Ok(()),
                _ => {
                    setup.tokens.args();
                    Ok(())
                }
            }
        },
        no_end,
    );
}

/// `directory DIR [REGEXP ORIGIN_TEMPLATE]`
fn directory(setup: &mut Setup<'_>) -> Outcome {
    setup.next_arg()?;
    if setup.tokens.next_arg()
        && let Some(word) = setup.tokens.word()
    {
        if word.text.len() > 10_000 && setup.since(13, 2) {
            return Err(setup.err("regexp too large").on(word));
        }
        let regex = Regex::new(&word.text)
            .map_err(|message| setup.bare(message).on(word).help(advice::REGEX))?;
        if regex.groups == 0 {
            let help = "Put the part of the file's name that is the zone in parentheses.";
            return Err(setup
                .err("Need at least one sub expression")
                .on(word)
                .help(help));
        }
        setup.next_arg()?;
    }
    setup.no_more()
}

/// An address with or without a port (`parse.HostPort`).
fn address(setup: &Setup<'_>, word: &Word) -> Outcome {
    let text = word.text.as_str();
    let host = split_host_port(text).map_or(text, |pair| pair.0);
    if ip(without_scope(host)).is_none() {
        let message = format!("must specify an IP address: `{host}'");
        return Err(setup.bare(message).on(word));
    }
    Ok(())
}

pub(super) fn secondary(setup: &mut Setup<'_>) {
    let needs_transfer = setup.since(12, 2);
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        if setup.tokens.val() != "secondary" {
            continue;
        }
        setup.tokens.args();
        let (mut has_transfer, mut faults) = (false, 0);
        while setup.tokens.next_block() {
            let name = setup.tokens.val();
            let fine = setup.attempt(|setup| {
                if setup.property(name).is_none() {
                    let help = advice::unknown(setup.plugin, setup.version, name);
                    return Err(setup.unknown().help(help));
                }
                match name {
                    "transfer" => {
                        transfer_from(setup)?;
                        has_transfer = true;
                        Ok(())
                    }
                    "catalog" => {
                        let args = setup.tokens.args();
                        let bad = args
                            .iter()
                            .find(|word| values::zones(&word.text).is_empty());
                        match bad {
                            Some(word) => {
                                let quoted = quote(&word.text);
                                let message = format!("invalid catalog member zone {quoted}");
                                Err(setup.bare(message).on(word))
                            }
                            None => Ok(()),
                        }
                    }
                    _ => {
                        setup.tokens.args();
                        Ok(())
                    }
                }
            });
            faults += usize::from(fine.is_none());
        }
        if needs_transfer && !has_transfer && faults == 0 {
            let message = "secondary zones require a transfer from property";
            let fault = setup.err(message).help("Add `transfer from ADDRESS`.");
            setup.refuse(fault);
        }
    }
}

fn transfer_from(setup: &mut Setup<'_>) -> Outcome {
    let way = setup.next_arg()?;
    if way.text == "to" && !setup.since(8, 0) {
        setup.tokens.args();
        return Ok(());
    }
    if way.text != "from" {
        let message = format!("unknown property {}", way.text);
        return Err(setup
            .err(message)
            .on(way)
            .help("Write `transfer from ADDRESS`."));
    }
    for word in setup.args(1, usize::MAX)? {
        if word.text == "*" {
            return Err(setup.bare("can't use '*' in transfer from").on(word));
        }
        address(setup, word)?;
    }
    Ok(())
}

const TRANSFER_TWICE: &str = "transfer: plugin/transfer";

pub(super) fn transfer(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.tokens.args();
        let (mut to, mut faults, mut source) = (0, 0, false);
        while setup.tokens.next_block() {
            let name = setup.tokens.val();
            let fine = setup.attempt(|setup| {
                if setup.property(name).is_none() {
                    let help = advice::unknown(setup.plugin, setup.version, name);
                    return setup.prefixed(TRANSFER_TWICE, |setup| {
                        let message = format!("unknown property {}", quote(name));
                        Err(setup.err(message).help(help))
                    });
                }
                if name == "source" {
                    return transfer_source(setup, &mut source);
                }
                for word in setup.args(1, usize::MAX)? {
                    to += 1;
                    if word.text != "*" {
                        address(setup, word)?;
                    }
                }
                Ok(())
            });
            faults += usize::from(fine.is_none());
        }
        if to == 0 && faults == 0 {
            let fault = setup.prefixed(TRANSFER_TWICE, |setup| {
                Err::<(), _>(
                    setup
                        .err("'to' is required")
                        .help("Add `to ADDRESS` or `to *`."),
                )
            });
            if let Err(fault) = fault {
                setup.refuse(fault);
            }
        }
    }
}

fn transfer_source(setup: &mut Setup<'_>, seen: &mut bool) -> Outcome {
    let args = setup.args(1, 1)?;
    setup.prefixed(TRANSFER_TWICE, |setup| {
        if *seen {
            return Err(setup.err("source already specified"));
        }
        *seen = true;
        match args.first() {
            Some(word) if ip(&word.text).is_none() => {
                let message = format!("invalid source address {}", quote(&word.text));
                Err(setup.err(message).on(word))
            }
            _ => Ok(()),
        }
    })
}

pub(super) fn sign(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let file = setup.next_arg()?;
            if file.text.contains('\u{fffd}') {
                let message = format!("dbfile {} contains invalid characters", quote(&file.text));
                return Err(setup.bare(message).on(file));
            }
            setup.tokens.args();
            Ok(())
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            if name == "directory" {
                if setup.tokens.args().len() != 1 {
                    let message = "can only be one argument after \"directory\"";
                    return Err(setup.bare(message));
                }
                return Ok(());
            }
            let kind = setup.next_arg()?;
            match kind.text.as_str() {
                "file" => setup.args(1, usize::MAX).map(|_| ()),
                "directory" => Err(setup.bare("directory: not implemented").on(kind)),
                _ => Ok(()),
            }
        },
        no_end,
    );
}
