//! `dynupdate`.

use super::{Outcome, Setup};
use crate::plugin::advice;
use crate::plugin::values::{self, is_domain_name, quote};

pub(super) fn dynupdate(setup: &mut Setup<'_>) {
    setup.tokens.next();
    let origin = setup.attempt(origin);
    let mut seen: Vec<&str> = Vec::new();
    let (mut has_file, mut has_allow) = (false, false);
    while setup.tokens.next_block() {
        let name = setup.tokens.val();
        setup.attempt(|setup| {
            if name != "allow" && seen.contains(&name) {
                return Err(setup.err(format!("{name} specified more than once")));
            }
            seen.push(name);
            if setup.property(name).is_none() {
                let message = format!("unknown property {}", quote(name));
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.err(message).help(help));
            }
            match name {
                "allow" => {
                    has_allow = true;
                    permission(setup, origin.as_deref())
                }
                "file" => {
                    has_file = true;
                    setup.args(1, 1).map(|_| ())
                }
                "database" => {
                    let args = setup.args(1, 1)?;
                    match args.first() {
                        Some(word) if word.text.is_empty() => Err(setup.arg_err().on(word)),
                        _ => Ok(()),
                    }
                }
                _ => {
                    let args = setup.args(1, 1)?;
                    match args.first() {
                        Some(word) if !values::atoi(&word.text).is_ok_and(|count| count > 0) => {
                            let message = format!("{name} requires a positive integer");
                            Err(setup.err(message).on(word))
                        }
                        _ => Ok(()),
                    }
                }
            }
        });
    }
    if setup.tokens.next() {
        setup.refuse_second();
    } else if setup.problems.iter().any(|problem| problem.refused) {
    } else if !has_file {
        let fault = setup.err("file is required");
        setup.refuse(fault);
    } else if !has_allow {
        let fault = setup.err("at least one allow rule is required");
        setup.refuse(fault);
    }
}

fn origin(setup: &mut Setup<'_>) -> Outcome<String> {
    let args = setup.tokens.args();
    let (token, word) = match args.as_slice() {
        [] => {
            let mut zones: Vec<&str> = setup.block.zones().collect();
            zones.sort_unstable();
            zones.dedup();
            let [zone] = zones.as_slice() else {
                let message =
                    "zone is required when the server block does not define exactly one zone";
                return Err(setup.bare(message));
            };
            ((*zone).to_owned(), None)
        }
        [word] => (word.text.clone(), Some(*word)),
        _ => return Err(setup.bare("exactly one zone is allowed")),
    };
    let mut zones = values::zones(&token);
    if let (Some(zone), true) = (zones.pop(), zones.is_empty()) {
        return Ok(zone);
    }
    let fault = setup.bare(format!("invalid zone {}", quote(&token)));
    Err(match word {
        Some(word) => fault.on(word),
        None => fault,
    })
}

/// `allow KEY NAME TYPE...`
fn permission(setup: &mut Setup<'_>, origin: Option<&str>) -> Outcome {
    let args = setup.tokens.args();
    let [key, name, types @ ..] = args.as_slice() else {
        let message = "allow requires KEY NAME and at least one RR type";
        return Err(setup.bare(message));
    };
    if types.is_empty() {
        let message = "allow requires KEY NAME and at least one RR type";
        return Err(setup.bare(message));
    }
    let blank = key.text.trim().is_empty() || key.text == "*" || key.text == "@";
    if blank || !is_domain_name(&key.text) {
        let message = format!("invalid TSIG key {}", quote(&key.text));
        return Err(setup.bare(message).on(key));
    }
    if let (false, Some(origin)) = (name.text == "*" || name.text == "@", origin) {
        let full = values::normal(&name.text);
        if !is_domain_name(&full) || !crate::key::in_zone(&full, origin) {
            let message = format!(
                "allow name {} is outside zone {}",
                quote(&name.text),
                quote(origin)
            );
            return Err(setup.bare(message).on(name));
        }
    }
    for word in types {
        if word.text == "*" {
            if types.len() != 1 {
                let message = "wildcard RR type must be the only type in an allow rule";
                return Err(setup.bare(message).on(word));
            }
            continue;
        }
        if !is_policy_type(&word.text.to_uppercase()) {
            let message = format!("invalid RR type {} in allow rule", quote(&word.text));
            return Err(setup.bare(message).on(word).help(advice::TYPE));
        }
    }
    Ok(())
}

fn is_policy_type(name: &str) -> bool {
    let meta = [
        "AXFR", "IXFR", "MAILA", "MAILB", "OPT", "TKEY", "TSIG", "NONE", "RESERVED", "UNSPEC",
        "ATMA", "NXNAME",
    ];
    if let Some(number) = name.strip_prefix("TYPE") {
        return number
            .parse::<u16>()
            .is_ok_and(|number| number > 0 && number < 65535);
    }
    values::is_type(name) && !meta.contains(&name)
}
