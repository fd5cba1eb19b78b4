//! Zones that clouds host: `route53`, `azure`, `clouddns`.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::values::{self, quote};
use crate::tree::Word;

/// Arguments of so many parts between colons, none empty, none twice.
fn specifications(setup: &mut Setup<'_>, parts: usize, invalid: &str, twice: &str) -> Outcome {
    let mut seen: Vec<&Word> = Vec::new();
    for word in setup.tokens.args() {
        let pieces: Vec<&str> = word.text.splitn(parts, ':').collect();
        let quoted = quote(&word.text);
        if pieces.len() != parts || pieces.iter().any(|piece| piece.is_empty()) {
            return Err(setup.err(format!("{invalid} {quoted}")).on(word));
        }
        if seen.iter().any(|before| before.text == word.text) {
            return Err(setup.err(format!("{twice} {quoted}")).on(word));
        }
        seen.push(word);
    }
    Ok(())
}

/// `refresh DURATION`, seconds if it has no unit.
fn refresh(setup: &mut Setup<'_>, unable: &str) -> Outcome {
    let word = setup.next_arg()?;
    let text = if values::atoi(&word.text).is_ok() {
        format!("{}s", word.text)
    } else {
        word.text.clone()
    };
    let interval = values::duration(&text).map_err(|message| {
        let message = format!("{unable}: {message}");
        setup.err(message).on(word).help(advice::DURATION)
    })?;
    if interval <= 0 {
        let message = format!("refresh interval must be greater than 0: {}", quote(&text));
        return Err(setup.err(message).on(word));
    }
    Ok(())
}

pub(super) fn route53(setup: &mut Setup<'_>) {
    setup.each(
        |setup| specifications(setup, 2, "invalid zone", "conflict zone"),
        |setup, (), name| {
            if setup.property(name).is_none() {
                let message = format!("unknown property {}", quote(name));
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.err(message).help(help));
            }
            match name {
                "aws_access_key" => {
                    let args = setup.tokens.args();
                    if args.len() < 2 {
                        let list: Vec<&str> = args.iter().map(|word| word.text.as_str()).collect();
                        let message = format!("invalid access key: '[{}]'", list.join(" "));
                        return Err(setup.err(message));
                    }
                    Ok(())
                }
                "aws_endpoint" => setup.next_arg().map(|_| ()),
                "credentials" => {
                    if !setup.tokens.next_arg() {
                        let val = setup.tokens.val();
                        let message =
                            format!("Wrong argument count or unexpected line ending after '{val}'");
                        return Err(setup.unnamed(message));
                    }
                    setup.tokens.next_arg();
                    Ok(())
                }
                "refresh" => refresh(setup, "Unable to parse duration"),
                _ => {
                    setup.tokens.args();
                    Ok(())
                }
            }
        },
        no_end,
    );
}

pub(super) fn clouddns(setup: &mut Setup<'_>) {
    setup.each(
        |setup| specifications(setup, 3, "invalid zone", "conflict zone"),
        |setup, (), name| {
            if setup.property(name).is_none() {
                let message = format!("unknown property {}", quote(name));
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.err(message).help(help));
            }
            match name {
                "credentials" | "endpoint" => setup.next_arg().map(|_| ()),
                "refresh" => refresh(setup, "unable to parse duration"),
                _ => {
                    setup.tokens.args();
                    Ok(())
                }
            }
        },
        no_end,
    );
}

pub(super) fn azure(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            specifications(
                setup,
                2,
                "invalid resource group/zone:",
                "conflicting zone:",
            )
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let message = format!("unknown property: {}", quote(name));
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.err(message).help(help));
            }
            match name {
                "fallthrough" => {
                    setup.tokens.args();
                    Ok(())
                }
                "refresh" => refresh(setup, "unable to parse duration"),
                "access" => {
                    let word = setup.next_arg()?;
                    if word.text != "public" && word.text != "private" {
                        let message = format!(
                            "invalid access value: can be public/private, found: {}",
                            word.text
                        );
                        return Err(setup.err(message).on(word));
                    }
                    Ok(())
                }
                "environment" => {
                    let word = setup.next_arg()?;
                    let known = [
                        "AZURECHINACLOUD",
                        "AZUREGERMANCLOUD",
                        "AZURECLOUD",
                        "AZUREPUBLICCLOUD",
                        "AZUREUSGOVERNMENT",
                        "AZUREUSGOVERNMENTCLOUD",
                        "AZURESTACKCLOUD",
                    ];
                    if !known.contains(&word.text.to_uppercase().as_str()) {
                        let why = format!(
                            "autorest/azure: There is no cloud environment matching the name {}",
                            quote(&word.text.to_uppercase())
                        );
                        let message = format!("cannot set azure environment: {}", quote(&why));
                        return Err(setup.err(message).on(word));
                    }
                    Ok(())
                }
                _ => setup.next_arg().map(|_| ()),
            }
        },
        no_end,
    );
}
