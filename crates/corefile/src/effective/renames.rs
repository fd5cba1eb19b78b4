//! Plugins that ask under another name: `rewrite`, `autopath`.

use super::chain::Walk;
use super::end::End;
use super::explanation::Effect;
use crate::plugin::regex::{Found, Regex};
use crate::plugin::values::{is_domain_name, normal};
use crate::tree::{Directive, Word};

/// What a rule does with a query.
enum Outcome {
    Ignored,
    Done(Effect),
    /// It cannot be told.
    Unknown(String),
}

/// The rules in file order; a rule that fits ends the search, unless it says `continue`.
pub(super) fn rewrite(walk: &mut Walk<'_>, rules: &[&Directive]) -> Option<End> {
    let mut fitted = false;
    for directive in rules {
        let words = words(directive);
        let (stops, words) = match words.split_first() {
            Some((mode, rest)) if mode.text.eq_ignore_ascii_case("continue") => (false, rest),
            Some((mode, rest)) if mode.text.eq_ignore_ascii_case("stop") => (true, rest),
            _ => (true, words.as_slice()),
        };
        let Some((kind, rest)) = words.split_first() else {
            continue;
        };
        let outcome = match kind.text.to_lowercase().as_str() {
            "name" => name(&walk.query.name, rest),
            "type" => changed(&walk.query.kind, rest, Effect::Retypes),
            "class" => changed(&walk.query.class, rest, Effect::Reclasses),
            "edns0" => Outcome::Done(Effect::Alters(
                "sets an EDNS option of the query".to_owned(),
            )),
            "ttl" => answers(&walk.query.name, rest, 2, "changes the TTLs of the answer"),
            "rcode" => answers(
                &walk.query.name,
                rest,
                3,
                "may change the response code of the answer",
            ),
            "cname" => Outcome::Done(Effect::Alters(
                "may follow another target where the answer has a CNAME".to_owned(),
            )),
            _ => Outcome::Ignored,
        };
        let span = directive.name.span;
        match outcome {
            Outcome::Ignored => continue,
            Outcome::Unknown(why) => {
                fitted = true;
                walk.step("rewrite", span, Effect::MayChange(why));
                continue;
            }
            Outcome::Done(effect) => {
                fitted = true;
                walk.step("rewrite", span, effect.clone());
                match effect {
                    Effect::Renames { to, .. } if !is_domain_name(&to) => {
                        let why = format!("SERVFAIL: {to} is no name");
                        return walk.ends("rewrite", span, End::Rcode(why));
                    }
                    Effect::Renames { to, .. } => walk.query.name = to,
                    Effect::Retypes(to) => walk.query.kind = to,
                    Effect::Reclasses(to) => walk.query.class = to,
                    _ => {}
                }
            }
        }
        if stops {
            return None;
        }
    }
    if let (false, Some(first)) = (fitted, rules.first()) {
        walk.passes("rewrite", first.name.span, "no rule fits");
    }
    None
}

/// The words of a rule: those of its line, and those of its block if the line has at most one.
fn words(directive: &Directive) -> Vec<&Word> {
    let mut words: Vec<&Word> = directive.args.iter().collect();
    if words.len() < 2 {
        for property in &directive.properties {
            words.push(&property.name);
            words.extend(&property.args);
        }
    }
    words
}

fn changed(now: &str, words: &[&Word], effect: fn(String) -> Effect) -> Outcome {
    match words {
        [from, to] if from.text.to_uppercase() == now => {
            Outcome::Done(effect(to.text.to_uppercase()))
        }
        _ => Outcome::Ignored,
    }
}

/// Rules that change answers: `[KIND] NAME VALUE...`.
fn answers(name: &str, words: &[&Word], plain: usize, what: &str) -> Outcome {
    let (kind, from) = match words {
        [from, ..] if words.len() == plain => ("exact".to_owned(), from),
        [kind, from, ..] if words.len() == plain + 1 => (kind.text.to_lowercase(), from),
        _ => return Outcome::Ignored,
    };
    let text = normal(&from.text);
    let fits = match kind.as_str() {
        "exact" => name == text,
        "prefix" => name.starts_with(&text),
        "suffix" => name.ends_with(&text),
        "substring" => name.contains(&text),
        _ => match Regex::new(&from.text)
            .ok()
            .and_then(|regex| regex.find(name))
        {
            None => return unknown(&from.text),
            Some(found) => found != Found::NoMatch,
        },
    };
    if fits {
        Outcome::Done(Effect::Alters(what.to_owned()))
    } else {
        Outcome::Ignored
    }
}

fn unknown(pattern: &str) -> Outcome {
    Outcome::Unknown(format!(
        "may change the query, which depends on the regular expression {pattern}"
    ))
}

fn name(now: &str, words: &[&Word]) -> Outcome {
    let (kind, from, to, options) = match words {
        [from, to] => ("exact".to_owned(), from, to, &[][..]),
        [kind, from, to, options @ ..] => (kind.text.to_lowercase(), from, to, options),
        _ => return Outcome::Ignored,
    };
    let auto = options.windows(2).any(
        |pair| matches!(pair, [answer, auto] if answer.text == "answer" && auto.text == "auto"),
    );
    let named = options.windows(2).any(
        |pair| matches!(pair, [answer, what] if answer.text == "answer" && what.text == "name"),
    );
    let (plain_from, plain_to) = (normal(&from.text), normal(&to.text));
    let (renamed, restored) = match kind.as_str() {
        "exact" => ((now == plain_from).then_some(plain_to), true),
        "prefix" => (
            now.strip_prefix(&plain_from)
                .map(|rest| format!("{plain_to}{rest}")),
            auto || named,
        ),
        "suffix" => (
            now.strip_suffix(&plain_from)
                .map(|rest| format!("{rest}{plain_to}")),
            auto || named,
        ),
        "substring" => (
            now.contains(&plain_from)
                .then(|| now.replace(&plain_from, &plain_to)),
            auto || named,
        ),
        "regex" => match Regex::new(&from.text)
            .ok()
            .and_then(|regex| regex.find(now))
        {
            None => return unknown(&from.text),
            Some(Found::NoMatch) => (None, false),
            Some(Found::Match(groups)) => {
                // A replacement may also name facts of `metadata`, which nobody knows here.
                if options.iter().any(|word| word.text == "metadata") {
                    return Outcome::Unknown(format!(
                        "asks for another name instead, which depends on metadata: {}",
                        to.text
                    ));
                }
                (Some(filled(plain_to, &groups)), auto || named)
            }
        },
        _ => (None, false),
    };
    match renamed {
        Some(to) => Outcome::Done(Effect::Renames { to, restored }),
        None => Outcome::Ignored,
    }
}

/// A replacement with `{0}`, `{1}`, … replaced, one after the other as CoreDNS does it.
fn filled(mut text: String, groups: &[Option<String>]) -> String {
    for (index, group) in groups.iter().enumerate() {
        // A name has 255 bytes; what grows beyond that is none anyway.
        if text.len() > 4096 {
            break;
        }
        let place = format!("{{{index}}}");
        text = text.replace(&place, group.as_deref().unwrap_or_default());
    }
    text
}

pub(super) fn autopath(walk: &mut Walk<'_>, directive: &Directive) {
    let span = directive.name.span;
    let Some((source, zones)) = directive.args.split_last() else {
        return;
    };
    let addresses = walk.query.kind == "A" || walk.query.kind == "AAAA";
    if !addresses || walk.zone(zones).is_none() {
        walk.passes("autopath", span, "the type or the name is not its business");
        return;
    }
    let what = format!(
        "may walk the search path for the client and answer with a CNAME, which depends on {}",
        source.text
    );
    walk.step("autopath", span, Effect::MayChange(what));
}
