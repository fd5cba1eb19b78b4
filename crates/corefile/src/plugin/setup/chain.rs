//! Plugins that change, refuse or drop queries and answers.

use super::{Fault, Outcome, Setup};
use crate::plugin::advice;
use crate::plugin::values::{self, cidr, quote};
use crate::tree::Word;

pub(super) fn any(setup: &mut Setup<'_>) {
    // Before that it took whatever it was given.
    if !setup.since(14, 4) {
        return;
    }
    setup.tokens.next();
    setup.attempt(|setup| {
        setup.no_more()?;
        if setup.tokens.next_block() {
            return Err(setup.unknown());
        }
        Ok(())
    });
}

pub(super) fn autopath(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.attempt(|setup| {
            let args = setup.tokens.args();
            let Some(source) = args.last() else {
                let help = "Write `autopath @kubernetes`, or name a file in place of it.";
                return Err(setup.bare("no resolv-conf specified").help(help));
            };
            let Some(plugin) = source.text.strip_prefix('@') else {
                return Ok(());
            };
            if !matches!(plugin, "kubernetes" | "erratic") {
                let message = format!(
                    "CoreDNS stops when it starts if '{plugin}' is in the block, and does nothing if not: it gives no search path"
                );
                setup.note(message, source, "Write `autopath @kubernetes`.");
            }
            Ok(())
        });
    }
}

pub(super) fn bufsize(setup: &mut Setup<'_>) {
    setup.tokens.next();
    setup.attempt(|setup| {
        setup.prefixed("bufsize: plugin/bufsize", |setup| {
            let args = setup.args(0, 1)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            match values::atoi(&word.text) {
                Ok(512..=4096) => Ok(()),
                _ => Err(setup
                    .arg_err()
                    .on(word)
                    .help("Write a size from 512 to 4096 bytes.")),
            }
        })
    });
}

pub(super) fn cancel(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.attempt(|setup| {
            let args = setup.args(0, 1)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            let quoted = quote(&word.text);
            let message = match values::duration(&word.text) {
                Err(_) => format!("invalid duration: {quoted}"),
                Ok(timeout) if timeout <= 0 => format!("invalid negative duration: {quoted}"),
                Ok(_) => return Ok(()),
            };
            Err(setup.bare(message).on(word).help(advice::DURATION))
        });
    }
}

pub(super) fn chaos(setup: &mut Setup<'_>) {
    if !setup.since(14, 4) {
        return;
    }
    setup.tokens.next();
    setup.tokens.args();
    setup.attempt(|setup| {
        if setup.tokens.next_block() {
            return Err(setup.unknown());
        }
        Ok(())
    });
}

pub(super) fn header(setup: &mut Setup<'_>) {
    let mut uses = 0;
    let mut rules = false;
    while setup.next_use(&mut uses) {
        while setup.tokens.next_block() {
            let name = setup.tokens.val().to_lowercase();
            rules |= setup.attempt(|setup| flags(setup, &name)).is_some();
        }
        if rules {
            // CoreDNS reads the first use that has rules, and no other.
            return;
        }
    }
    if setup.problems.iter().all(|problem| !problem.refused) {
        let fault = setup.arg_err();
        setup.refuse(fault);
    }
}

fn flags(setup: &mut Setup<'_>, selector: &str) -> Outcome {
    if setup.property(selector).is_none() {
        let message =
            format!("setting up rule: invalid selector={selector} should be query or response");
        let help = advice::unknown(setup.plugin, setup.version, selector);
        return Err(setup.bare(message).help(help));
    }
    let action = if matches!(selector, "set" | "clear") {
        selector.to_owned()
    } else if setup.tokens.next_arg() {
        setup.tokens.val().to_owned()
    } else {
        String::new()
    };
    let args = setup.tokens.args();
    let rule = |message: &str| format!("setting up rule: {message}");
    if action.is_empty() {
        return Err(setup.bare(rule("no flag action provided")));
    }
    if args.is_empty() {
        let message = "invalid length for flags, at least one should be provided";
        return Err(setup.bare(rule(message)));
    }
    let lower = action.to_lowercase();
    if lower != "set" && lower != "clear" {
        let message = format!("unknown flag action={lower}, should be set or clear");
        return Err(setup.bare(rule(&message)));
    }
    for word in args {
        let flag = word.text.to_lowercase();
        if !matches!(flag.as_str(), "aa" | "ra" | "rd") {
            let message = rule(&format!("unknown/unsupported flag={flag}"));
            return Err(setup
                .bare(message)
                .on(word)
                .help("Write `aa`, `ra` or `rd`."));
        }
    }
    Ok(())
}

pub(super) fn loadbalance(setup: &mut Setup<'_>) {
    if !setup.since(10, 1) {
        old_loadbalance(setup);
        return;
    }
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        let weighted = setup.attempt(balance);
        let blocks = setup.since(12, 4) || weighted == Some(true);
        while blocks && setup.tokens.next_block() {
            let name = setup.tokens.val();
            setup.attempt(|setup| balance_property(setup, weighted == Some(true), name));
        }
        if !setup.since(12, 4) {
            return;
        }
    }
}

/// Before 1.10.1 the first use with at most one argument decides, whatever the others say.
fn old_loadbalance(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        match setup.tokens.args().as_slice() {
            [] => return,
            [policy] => {
                if policy.text != "round_robin" {
                    let fault = unknown_balance(setup, policy);
                    setup.refuse(fault);
                }
                return;
            }
            _ => {}
        }
    }
    let fault = setup.arg_err();
    setup.refuse(fault);
}

fn unknown_balance(setup: &Setup<'_>, policy: &Word) -> Fault {
    let message = format!("unknown policy: {}", policy.text);
    let help = if setup.since(10, 1) {
        "Write `round_robin`, or `weighted` and a file of weights."
    } else {
        "Write `round_robin`."
    };
    setup.bare(message).on(policy).help(help)
}

fn balance(setup: &mut Setup<'_>) -> Outcome<bool> {
    let args = setup.tokens.args();
    let Some(policy) = args.first() else {
        return Ok(false);
    };
    match (policy.text.as_str(), args.len()) {
        ("round_robin", 1) | ("weighted", 2) => Ok(policy.text == "weighted"),
        ("round_robin", _) => Err(setup.err("unknown property for round_robin").on(policy)),
        ("weighted", 1) => Err(setup.err("missing weight file argument")),
        ("weighted", _) => Err(setup.err("unexpected argument(s)")),
        _ => Err(unknown_balance(setup, policy)),
    }
}

fn balance_property(setup: &mut Setup<'_>, weighted: bool, name: &str) -> Outcome {
    let known = match name {
        "reload" => weighted,
        "prefer" => !weighted && setup.property(name).is_some(),
        _ => false,
    };
    if !known {
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.unknown().help(help));
    }
    let args = setup.tokens.args();
    if name == "reload" {
        return match args.as_slice() {
            [] => Err(setup.err("reload duration value is missing")),
            [word] => values::duration(&word.text).map(|_| ()).map_err(|_| {
                let message = format!("invalid reload duration '{}'", word.text);
                setup.err(message).on(word).help(advice::DURATION)
            }),
            _ => Err(setup.err("unexpected argument")),
        };
    }
    for word in args {
        if let Err(message) = cidr(&word.text) {
            let message = format!("invalid CIDR {}: {message}", quote(&word.text));
            return Err(setup.err(message).on(word).help(advice::CIDR));
        }
    }
    Ok(())
}

pub(super) fn loop_(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.attempt(Setup::no_more);
    }
}

pub(super) fn no_argument(setup: &mut Setup<'_>) {
    setup.tokens.next();
    setup.attempt(Setup::no_more);
}

pub(super) fn nsid(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.tokens.args();
    }
}

pub(super) fn shed(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        setup.attempt(|setup| {
            setup.args(0, 0)?;
            if setup.tokens.next_block() {
                return Err(setup.err("shed takes no options"));
            }
            Ok(())
        });
    }
    if let Some(key) = setup.block.keys.iter().find(|key| key.scheme != "dns") {
        let shown = quote(&format!("{}://{}:{}", key.scheme, key.zone, key.port));
        let message = format!(
            "only plain DNS server blocks are supported; {shown} uses transport {}",
            quote(&key.scheme)
        );
        let fault = setup.err(message).on(&key.word);
        setup.refuse(fault);
    }
}
