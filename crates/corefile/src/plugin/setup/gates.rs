//! Plugins that refuse or drop queries: `acl`, `tsig`.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::values::{self, cidr, quote, with_prefix};
use crate::tree::Word;

pub(super) fn acl(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            setup.tokens.args();
            Ok(())
        },
        |setup, (), name| {
            if setup.property(&name.to_lowercase()).is_none() {
                let known = if setup.since(10, 1) {
                    "'allow', 'block', 'filter' or 'drop'"
                } else if setup.since(8, 3) {
                    "'allow', 'block', or 'filter'"
                } else {
                    "'allow' or 'block'"
                };
                let message = format!("unexpected token {}; expect {known}", quote(name));
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.err(message).help(help));
            }
            policy(setup)
        },
        no_end,
    );
}

fn is_section(word: &Word) -> bool {
    word.text.eq_ignore_ascii_case("type") || word.text.eq_ignore_ascii_case("net")
}

/// `[type TYPE...] [net SOURCE...]`
fn policy(setup: &mut Setup<'_>) -> Outcome {
    let args = setup.tokens.args();
    let mut rest = args.as_slice();
    while let Some((section, after)) = rest.split_first() {
        if !is_section(section) {
            let message = format!(
                "unexpected token {}; expect 'type | net'",
                quote(&section.text)
            );
            return Err(setup.err(message).on(section));
        }
        let name = section.text.to_lowercase();
        let end = after
            .iter()
            .position(|word| is_section(word))
            .unwrap_or(after.len());
        let (values, next) = after.split_at(end);
        rest = next;
        if values.is_empty() {
            let message = format!("no token specified in {} section", quote(&name));
            return Err(setup.err(message).on(section));
        }
        for word in values {
            // What follows a star is not read.
            if word.text == "*" {
                break;
            }
            if name == "type" && !values::is_type(&word.text) {
                let message = format!("unexpected token {}; expect legal QTYPE", quote(&word.text));
                return Err(setup.err(message).on(word).help(advice::TYPE));
            }
            if name == "net" {
                let network = with_prefix(&word.text);
                if cidr(&network).is_err() {
                    let message = format!("illegal CIDR notation {}", quote(&network));
                    return Err(setup.err(message).on(word).help(advice::CIDR));
                }
            }
        }
    }
    Ok(())
}

pub(super) fn tsig(setup: &mut Setup<'_>) {
    let mut secrets: Vec<String> = Vec::new();
    let mut uses = 0;
    while setup.tokens.next() {
        uses += 1;
        if uses > 1 {
            // It words every refusal as a wrong count of arguments.
            let fault = setup.arg_err();
            let help = advice::second(setup.plugin, setup.version, setup.tokens.val());
            setup.refuse(fault.help(help));
            return;
        }
        setup.tokens.args();
        while setup.tokens.next_block() {
            let name = setup.tokens.val();
            setup.attempt(|setup| {
                let known = setup.property(name).is_some();
                if !known {
                    let help = advice::unknown(setup.plugin, setup.version, name);
                    return Err(setup.arg_err().help(help));
                }
                tsig_property(setup, &mut secrets, name)
            });
        }
    }
}

fn tsig_property(setup: &mut Setup<'_>, secrets: &mut Vec<String>, name: &str) -> Outcome {
    match name {
        "secret" => {
            let args = setup.args(2, 2)?;
            if let Some(word) = args.first() {
                let key = values::normal(&word.text);
                if secrets.contains(&key) {
                    let help = "Give each key one secret.";
                    return Err(setup.arg_err().on(word).help(help));
                }
                secrets.push(key);
            }
            Ok(())
        }
        "secrets" => setup.args(1, 1).map(|_| ()),
        _ => {
            let args = setup.args(1, usize::MAX)?;
            if args
                .first()
                .is_some_and(|word| word.text == "all" || word.text == "none")
            {
                return Ok(());
            }
            let known = |word: &&&Word| {
                if name == "require" {
                    values::is_type(&word.text)
                } else {
                    values::is_opcode(&word.text)
                }
            };
            match args.iter().find(|word| !known(word)) {
                Some(word) => Err(setup.arg_err().on(word).help(advice::TYPE)),
                None => Ok(()),
            }
        }
    }
}
