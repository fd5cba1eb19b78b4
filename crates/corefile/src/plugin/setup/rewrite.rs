//! `rewrite`.

use super::{Fault, Outcome, Setup};
use crate::plugin::advice;
use crate::plugin::regex::Regex;
use crate::plugin::values::{self, is_class, is_rcode, is_type, normal, quote};
use crate::tree::Word;

pub(super) fn rewrite(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        let mut args = setup.tokens.args();
        if args.len() < 2 {
            // In a block every word is read, wherever lines end.
            while setup.tokens.next_block() {
                args.extend(setup.tokens.word());
            }
        }
        if let Err(fault) = rule(setup, &args) {
            setup.refuse(fault);
        }
    }
}

/// A refusal: none of them has file and line.
pub(super) fn no(setup: &Setup<'_>, message: impl Into<String>, word: Option<&&Word>) -> Fault {
    let fault = setup.bare(message);
    match word {
        Some(word) => fault.on(word),
        None => fault,
    }
}

fn rule(setup: &Setup<'_>, args: &[&Word]) -> Outcome {
    let Some(first) = args.first() else {
        return Err(no(setup, "no rule type specified for rewrite", None));
    };
    let lower = first.text.to_lowercase();
    let has_mode = lower == "continue" || lower == "stop";
    let (kind, rest) = if has_mode {
        let Some(kind) = args.get(1) else {
            let message = format!("{lower} rule must begin with a rule type");
            return Err(no(setup, message, Some(first)));
        };
        (kind, args.get(2..).unwrap_or_default())
    } else {
        (first, args.get(1..).unwrap_or_default())
    };
    let kind = kind.text.to_lowercase();
    match kind.as_str() {
        "answer" => {
            let message = "response rewrites must begin with a name rule";
            Err(no(setup, message, Some(first)))
        }
        "name" => name(setup, rest),
        "class" | "type" => {
            let [from, to] = rest else {
                let message = format!("{kind} rules must have exactly two arguments");
                return Err(no(setup, message, Some(first)));
            };
            for word in [from, to] {
                let upper = word.text.to_uppercase();
                let known = if kind == "class" {
                    is_class(&upper)
                } else {
                    is_type(&upper)
                };
                if !known {
                    let message = format!("invalid {kind} {}", quote(&upper));
                    return Err(no(setup, message, Some(word)).help(advice::TYPE));
                }
            }
            Ok(())
        }
        "edns0" => super::edns0::edns0(setup, rest),
        "ttl" if setup.since(2, 3) => ttl(setup, rest),
        "cname" if setup.since(11, 0) => cname(setup, rest),
        "rcode" if setup.since(11, 2) => rcode(setup, rest),
        _ => {
            let message = format!("invalid rule type {}", quote(&first.text));
            let help = "Write what to rewrite: `name`, `type`, `class`, `edns0`, `ttl`, `cname` or `rcode`.";
            Err(no(setup, message, Some(first)).help(help))
        }
    }
}

fn too_long(setup: &Setup<'_>, word: &Word, of: &str) -> Outcome {
    if word.text.len() > 10_000 && setup.since(14, 0) {
        let message = format!("regex pattern too long{of}: {} > 10000", word.text.len());
        return Err(setup.bare(message).on(word));
    }
    Ok(())
}

fn name(setup: &Setup<'_>, args: &[&Word]) -> Outcome {
    let (kind, from, to) = match args {
        [from, to] => ("exact".to_owned(), from, to),
        [kind, from, to, ..] => (kind.text.to_lowercase(), from, to),
        _ => {
            let message = "too few arguments for a name rule";
            return Err(no(setup, message, args.last()));
        }
    };
    let metadata = setup.since(15, 0) && args.get(3).is_some_and(|word| word.text == "metadata");
    if metadata && kind != "regex" {
        let message = "metadata is only supported for regex name rules";
        return Err(no(setup, message, args.get(3)));
    }
    let answers = args.get(3 + usize::from(metadata)..).unwrap_or_default();
    if !answers.is_empty() {
        answer(setup, &kind, answers)?;
    }
    match kind.as_str() {
        // It takes the target for a pattern and the source for its replacement.
        "exact" => pattern(setup, &normal(&to.text), &normal(&from.text), to).map(|_| ()),
        "prefix" | "suffix" | "substring" => Ok(()),
        "regex" if metadata => {
            let regex = pattern(setup, &from.text, "", from)?;
            replacement(&values::fqdn(&to.text), regex.groups)
                .map_err(|message| no(setup, message, Some(to)))
        }
        "regex" => pattern(setup, &from.text, &to.text, from).map(|_| ()),
        other => {
            let message = format!(
                "name rule supports only exact, prefix, suffix, substring, and regex name matching, received: {other}"
            );
            Err(no(setup, message, args.first()))
        }
    }
}

/// A pattern whose groups suffice for its replacement.
fn pattern(setup: &Setup<'_>, from: &str, to: &str, word: &Word) -> Outcome<Regex> {
    too_long(setup, word, "")?;
    let regex = Regex::new(from).map_err(|_| {
        let message = format!("invalid regex matching pattern: {from}");
        setup.bare(message).on(word).help(advice::REGEX)
    })?;
    let used = (0..=100)
        .filter(|group| to.contains(&format!("{{{group}}}")))
        .count();
    if used > regex.groups && setup.since(2, 5) {
        let message = format!(
            "the rewrite regex pattern ({to}) uses more subexpressions than its corresponding matching regex pattern ({from})"
        );
        let help = "Put each part that `{1}`, `{2}` stand for in parentheses.";
        return Err(setup.bare(message).on(word).help(help));
    }
    Ok(regex)
}

/// The parts in braces of a replacement that takes metadata.
fn replacement(text: &str, groups: usize) -> Result<(), String> {
    let mut rest = text;
    loop {
        let (before, after) = match rest.split_once('{') {
            Some((before, after)) => (before, Some(after)),
            None => (rest, None),
        };
        if before.contains('}') {
            return Err("unmatched closing brace in metadata name replacement".to_owned());
        }
        let Some(after) = after else { return Ok(()) };
        let Some((label, next)) = after.split_once('}') else {
            return Err("unclosed placeholder in metadata name replacement".to_owned());
        };
        if let Ok(group) = values::atoi(label) {
            if usize::try_from(group).map_or(true, |group| group > groups) {
                return Err(format!(
                    "capture group {label} does not exist in name matching pattern"
                ));
            }
        } else if !is_label(label) || label.contains(['{', '}']) {
            return Err(format!(
                "invalid metadata label {} in name replacement",
                quote(label)
            ));
        }
        rest = next;
    }
}

/// `PLUGIN/NAME`
pub(super) fn is_label(text: &str) -> bool {
    text.find('/')
        .is_some_and(|at| at > 0 && at + 1 < text.len())
}

/// `answer auto`, `answer name FROM TO`, `answer value FROM TO`, one after another.
fn answer(setup: &Setup<'_>, kind: &str, args: &[&Word]) -> Outcome {
    if args.len() < 2 {
        let message = format!("invalid arguments for {kind} rule");
        return Err(no(setup, message, args.first()));
    }
    let (mut at, mut last, mut auto, mut names) = (0, "", false, 0);
    while let Some(word) = args.get(at) {
        if last.is_empty() && word.text != "answer" {
            let message = format!(
                "exceeded the number of arguments for a non-answer rule argument for {kind} rule"
            );
            return Err(no(setup, message, Some(word)));
        }
        if word.text == "answer" {
            at += 1;
        }
        let Some(what) = args.get(at) else {
            let message = format!("type missing for answer rule for {kind} rule");
            return Err(no(setup, message, Some(word)));
        };
        last = &what.text;
        at += 1;
        match last {
            "auto" if setup.since(8, 4) => auto = true,
            "name" | "value" if last == "name" || setup.since(8, 4) => {
                let (Some(from), Some(to)) = (args.get(at), args.get(at + 1)) else {
                    let message =
                        format!("{last} answer rule for {kind} rule: 2 arguments required");
                    return Err(no(setup, message, Some(what)));
                };
                pattern(setup, &from.text, &to.text, from).map_err(|fault| {
                    fault.within(&format!("{last} answer rule for {kind} rule: "))
                })?;
                names += usize::from(last == "name");
                at += 2;
            }
            other => {
                let quoted = quote(other);
                let message = format!("invalid type {quoted} for answer rule for {kind} rule");
                return Err(no(setup, message, Some(what)));
            }
        }
    }
    if auto && names > 0 {
        let message = "auto name answer rule cannot be combined with explicit name anwer rules";
        return Err(no(setup, message, args.first()));
    }
    Ok(())
}

fn matching(setup: &Setup<'_>, kind: &Word, from: &Word, what: &str) -> Outcome {
    match kind.text.to_lowercase().as_str() {
        "exact" | "prefix" | "suffix" | "substring" => Ok(()),
        "regex" => {
            too_long(setup, from, &format!(" in a {what} rule"))?;
            Regex::new(&from.text).map(|_| ()).map_err(|_| {
                let message = format!("invalid regex pattern in a {what} rule: {}", from.text);
                setup.bare(message).on(from).help(advice::REGEX)
            })
        }
        _ => {
            let message = format!(
                "{what} rule supports only exact, prefix, suffix, substring, and regex name matching"
            );
            Err(setup.bare(message).on(kind))
        }
    }
}

fn ttl(setup: &Setup<'_>, args: &[&Word]) -> Outcome {
    let value = match args {
        [_, value] | [_, _, value] => Some(value),
        [] | [_] => {
            let message = format!("too few ({}) arguments for a ttl rule", args.len());
            return Err(no(setup, message, args.last()));
        }
        _ => None,
    };
    let text = value.map_or("", |word| word.text.as_str());
    if !is_ttl(text, setup.since(8, 4)) {
        let message = format!("invalid TTL '{text}' for a ttl rule");
        let help = "Write seconds, or a range of seconds: `30`, `30-300`.";
        return Err(no(setup, message, value.or(args.last())).help(help));
    }
    match args {
        [kind, from, _] => matching(setup, kind, from, "ttl"),
        _ => Ok(()),
    }
}

fn is_ttl(text: &str, ranges: bool) -> bool {
    let number = |text: &str| values::parse_uint(text, 10, 32).ok();
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [one] => number(one).is_some(),
        ["", ""] => false,
        [low, high] if ranges => {
            let low = if low.is_empty() { Some(0) } else { number(low) };
            let high = if high.is_empty() {
                Some(2_147_483_647)
            } else {
                number(high)
            };
            matches!((low, high), (Some(low), Some(high)) if low <= high)
        }
        _ => false,
    }
}

fn rcode(setup: &Setup<'_>, args: &[&Word]) -> Outcome {
    let (old, new) = match args {
        [_, old, new] | [_, _, old, new] => (Some(old), Some(new)),
        _ if args.len() < 3 => {
            let message = format!("too few ({}) arguments for a rcode rule", args.len());
            return Err(no(setup, message, args.last()));
        }
        _ => (None, None),
    };
    for (word, what) in [(old, "matching"), (new, "replacement")] {
        let text = word.map_or("", |word| word.text.as_str());
        let number = values::parse_uint(text, 10, 32).is_ok_and(|code| code <= 23);
        if !number && !is_rcode(&text.to_uppercase()) {
            let message = format!("invalid {what} RCODE '{text}' for a rcode rule");
            return Err(no(setup, message, word.or(args.last())).help(advice::RCODE));
        }
    }
    match args {
        [kind, from, _, _] => matching(setup, kind, from, "rcode"),
        _ => Ok(()),
    }
}

fn cname(setup: &Setup<'_>, args: &[&Word]) -> Outcome {
    match args {
        [_, _] => Ok(()),
        [kind, from, _] => match kind.text.to_lowercase().as_str() {
            "exact" | "prefix" | "suffix" | "substring" => Ok(()),
            "regex" => {
                too_long(setup, from, " in a cname rule")?;
                Regex::new(&from.text.to_lowercase())
                    .map(|_| ())
                    .map_err(|why| {
                        let message = format!("invalid cname rewrite regex pattern: {why}");
                        setup.bare(message).on(from).help(advice::REGEX)
                    })
            }
            other => {
                let message = format!("unknown cname rewrite type: {other}");
                Err(no(setup, message, Some(kind)))
            }
        },
        _ => {
            let message = format!("too few ({}) arguments for a cname rule", args.len());
            Err(no(setup, message, args.last()))
        }
    }
}
