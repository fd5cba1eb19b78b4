//! Rules of `rewrite` for EDNS options.

use super::rewrite::{is_label, no};
use super::{Fault, Outcome, Setup};
use crate::plugin::values::{self, quote};
use crate::tree::Word;

pub(super) fn edns0(setup: &Setup<'_>, args: &[&Word]) -> Outcome {
    let [kind, action, ..] = args else {
        let message = "too few arguments for an EDNS0 rule";
        return Err(no(setup, message, args.last()));
    };
    let (rule, act) = (kind.text.to_lowercase(), action.text.to_lowercase());
    let unset = act == "unset" && setup.since(12, 3);
    if !unset && !matches!(act.as_str(), "append" | "replace" | "set") {
        let message = format!("invalid action: {}", quote(&act));
        return Err(no(setup, message, Some(action)));
    }
    if unset {
        let (count, words) = match rule.as_str() {
            "local" => (3, "exactly two arguments"),
            "nsid" | "subnet" => (2, "exactly one argument"),
            _ => return Err(invalid_edns0(setup, &rule, kind)),
        };
        if args.len() != count {
            let message = format!("{rule} unset action requires {words}");
            return Err(no(setup, message, Some(action)));
        }
        return match args.get(2) {
            Some(code) => option_code(setup, code),
            None => Ok(()),
        };
    }
    let reverts = setup.since(11, 4) && args.last().is_some_and(|word| word.text == "revert");
    let args = if reverts {
        args.split_last().map_or(args, |(_, rest)| rest)
    } else {
        args
    };
    match rule.as_str() {
        "local" => {
            let [_, _, code, data] = args else {
                return Err(no(setup, wrong_count(setup, "local"), Some(kind)));
            };
            option_code(setup, code)?;
            option_data(setup, data)
        }
        "nsid" if args.len() == 2 => Ok(()),
        "nsid" => {
            let message = "EDNS0 NSID rules can accept no more than one arg";
            Err(no(setup, message, Some(kind)))
        }
        "subnet" => {
            let [_, _, v4, v6] = args else {
                return Err(no(setup, wrong_count(setup, "subnet"), Some(kind)));
            };
            for (word, most, family) in [(v4, 32, "IPv4"), (v6, 128, "IPv6")] {
                let length = values::parse_uint(&word.text, 0, 16)
                    .map_err(|message| no(setup, message, Some(word)))?;
                if length > most {
                    let message = format!("invalid {family} bit mask length {length}");
                    return Err(no(setup, message, Some(word)));
                }
            }
            Ok(())
        }
        _ => Err(invalid_edns0(setup, &rule, kind)),
    }
}

fn wrong_count(setup: &Setup<'_>, kind: &str) -> String {
    let count = if setup.since(11, 4) {
        "three or four"
    } else {
        "exactly three"
    };
    format!("EDNS0 {kind} rules require {count} args")
}

fn invalid_edns0(setup: &Setup<'_>, rule: &str, word: &Word) -> Fault {
    let message = format!("invalid rule type {}", quote(rule));
    setup
        .bare(message)
        .on(word)
        .help("Write `local`, `nsid` or `subnet`.")
}

fn option_code(setup: &Setup<'_>, word: &Word) -> Outcome {
    values::parse_uint(&word.text, 0, 16)
        .map(|_| ())
        .map_err(|message| setup.bare(message).on(word))
}

fn option_data(setup: &Setup<'_>, word: &Word) -> Outcome {
    let text = word.text.as_str();
    if let Some(name) = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
    {
        let known = [
            "qname",
            "qtype",
            "client_ip",
            "client_port",
            "protocol",
            "server_ip",
            "server_port",
        ];
        if known.contains(&name) || is_label(name) {
            return Ok(());
        }
        let message = format!("unsupported variable name {}", quote(text));
        return Err(setup.bare(message).on(word));
    }
    let Some(hex) = text.strip_prefix("0x") else {
        return Ok(());
    };
    if let Some(byte) = hex.bytes().find(|byte| !byte.is_ascii_hexdigit()) {
        let shown = if byte.is_ascii_graphic() {
            format!("U+{byte:04X} '{}'", char::from(byte))
        } else {
            format!("U+{byte:04X}")
        };
        let message = format!("encoding/hex: invalid byte: {shown}");
        return Err(setup.bare(message).on(word));
    }
    if hex.len() % 2 == 1 {
        let message = "encoding/hex: odd length hex string";
        return Err(setup.bare(message).on(word));
    }
    Ok(())
}
