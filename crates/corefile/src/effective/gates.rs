//! Plugins that may refuse or drop a query: `acl`, `any`, `chaos`, `tsig`.

use super::chain::Walk;
use super::end::End;
use super::explanation::Effect;
use crate::plugin::values::{self, cidr, with_prefix};
use crate::tree::{Directive, Property, Span, Word};

/// Whether a policy of `acl` fits a query.
enum Fit {
    Yes,
    No,
    /// It depends on who asks.
    Client,
}

/// The rules in file order; in each rule the first policy that fits counts; `allow` ends the search.
pub(super) fn acl(walk: &mut Walk<'_>, rules: &[&Directive]) -> Option<End> {
    let mut last = None;
    // Whether a line above allows the query for some clients.
    let mut may_allow = false;
    for rule in rules {
        last = Some(rule.name.span);
        if walk.zone(&rule.args).is_none() {
            continue;
        }
        for policy in &rule.properties {
            let end = match policy.name.text.to_lowercase().as_str() {
                "block" => Some(End::Rcode("REFUSED".to_owned())),
                "filter" => Some(End::Answer(Vec::new())),
                "drop" => Some(End::Dropped),
                _ => None,
            };
            let span = policy.name.span;
            match (fits(walk, policy), end) {
                (Fit::No, _) => {}
                (Fit::Yes, None) => {
                    walk.passes("acl", span, "this line allows the query");
                    return None;
                }
                (Fit::Yes, Some(end)) if may_allow => {
                    let depends = "whether no line above allows the client's address";
                    walk.may_end("acl", span, depends, end);
                    return None;
                }
                (Fit::Yes, Some(end)) => return walk.ends("acl", span, end),
                (Fit::Client, Some(end)) => {
                    walk.may_end(
                        "acl",
                        span,
                        "whether the client's address is in this line",
                        end,
                    );
                }
                (Fit::Client, None) => {
                    may_allow = true;
                    let what = "may allow the query here, which depends on the client's address";
                    walk.step("acl", span, Effect::MayChange(what.to_owned()));
                }
            }
        }
    }
    if let Some(span) = last {
        walk.passes("acl", span, "no other rule fits");
    }
    None
}

fn fits(walk: &Walk<'_>, policy: &Property) -> Fit {
    let (mut types, mut nets): (Option<Vec<&Word>>, Option<Vec<&Word>>) = (None, None);
    let mut section = "";
    for word in &policy.args {
        match word.text.to_lowercase().as_str() {
            "type" => {
                section = "type";
                types.get_or_insert_default();
            }
            "net" => {
                section = "net";
                nets.get_or_insert_default();
            }
            _ if section == "type" => types.get_or_insert_default().push(word),
            _ => nets.get_or_insert_default().push(word),
        }
    }
    let of_type = types.is_none_or(|types| {
        let star = types.iter().any(|word| word.text == "*");
        star || types.iter().any(|word| word.text == walk.query.kind)
    });
    if !of_type {
        return Fit::No;
    }
    let Some(nets) = nets.filter(|nets| !nets.iter().any(|word| word.text == "*")) else {
        return Fit::Yes;
    };
    let Some(client) = walk.query.client else {
        return Fit::Client;
    };
    let inside = nets.iter().any(|word| {
        let text = with_prefix(&word.text);
        cidr(&text).is_ok_and(|network| network.contains(client))
    });
    if inside { Fit::Yes } else { Fit::No }
}

pub(super) fn any(walk: &mut Walk<'_>, span: Span) -> Option<End> {
    if walk.query.kind == "ANY" {
        let end = End::Answer(vec![
            "a HINFO record in place of all records (RFC 8482)".to_owned(),
        ]);
        return walk.ends("any", span, end);
    }
    walk.passes("any", span, "the type is not ANY");
    None
}

pub(super) fn chaos(walk: &mut Walk<'_>, span: Span) -> Option<End> {
    let names = [
        "version.bind.",
        "version.server.",
        "authors.bind.",
        "hostname.bind.",
        "id.server.",
    ];
    let asks = walk.query.class == "CH" && walk.query.kind == "TXT";
    if asks && names.contains(&walk.query.name.as_str()) {
        let end = End::Answer(vec!["facts about this CoreDNS".to_owned()]);
        return walk.ends("chaos", span, end);
    }
    walk.passes("chaos", span, "it is no question about this CoreDNS");
    None
}

pub(super) fn tsig(walk: &mut Walk<'_>, directive: &Directive) -> Option<End> {
    let span = directive.name.span;
    if walk.zone(&directive.args).is_none() {
        walk.passes("tsig", span, "the name is in none of its zones");
        return None;
    }
    let mut required = directive
        .properties
        .iter()
        .filter(|property| property.name.text == "require")
        .flat_map(|property| &property.args);
    let is_required = required.any(|word| word.text == "all" || word.text == walk.query.kind);
    if is_required && values::is_type(&walk.query.kind) {
        let end = End::Rcode("REFUSED".to_owned());
        walk.may_end(
            "tsig",
            span,
            "whether the query is signed: an unsigned one ends",
            end,
        );
    } else {
        walk.passes("tsig", span, "it requires no signature for this type");
    }
    None
}
